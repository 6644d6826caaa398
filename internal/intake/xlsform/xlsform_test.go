package xlsform_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/intake/xlsform"
	"causeway/internal/pack"
)

func neutral(t testing.TB) *pack.Pack {
	t.Helper()
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every form of the neutral pack goes out and comes back as it was.
func TestFormsComeBackAsTheyWere(t *testing.T) {
	p := neutral(t)
	for _, name := range p.Forms() {
		f, err := forms.Parse(p.Form(name), p)
		if err != nil {
			t.Fatal(err)
		}
		book, lost := xlsform.Export(f, p)
		back, missing, err := xlsform.Import(book, p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(f.Plain(), back); diff != "" {
			t.Errorf("%s: went out -, came back +\n%s", name, diff)
		}
		if len(missing) > 0 {
			t.Errorf("%s: lost on the way back: %v", name, missing)
		}
		if !slices.ContainsFunc(lost, func(l xlsform.Lost) bool { return l.Code == xlsform.LostStates }) {
			t.Errorf("%s: nobody is told that others know no reasons for a blank", name)
		}
	}
}

// What other programs see of a form is in the columns of the standard.
func TestOthersSeeConditionsAndBounds(t *testing.T) {
	p := neutral(t)
	body := `{"form": "t", "version": 3, "title": {"en": "T", "fr": "T", "ar": "ت"}, "source": "s", "confidence": "house choice", "sections": [
	 {"id": "a", "title": {"en": "A", "fr": "A", "ar": "أ"}, "fields": [
	  {"id": "safe", "kind": "answer", "label": {"en": "Safe?", "fr": "?", "ar": "؟"}, "need": "save", "urgent": {"no": "danger"}},
	  {"id": "why", "kind": "words", "label": {"en": "Why", "fr": "P", "ar": "ل"}, "show": "safe == \"no\" || !given(safe) && age < 12"},
	  {"id": "kin", "kind": "group", "label": {"en": "Kin", "fr": "F", "ar": "أ"}, "fields": [
	   {"id": "years_old", "kind": "number", "label": {"en": "Age", "fr": "Â", "ar": "س"}, "min": 0, "max": 120}]},
	  {"id": "total", "kind": "calculated", "label": {"en": "Sum", "fr": "S", "ar": "م"}, "value": "sum(kin, \"years_old\") / count(kin)"},
	  {"id": "more", "kind": "text", "label": {"en": "M", "fr": "M", "ar": "م"}, "show": "total >= 3 && safe != \"no\""}]}]}`
	f, err := forms.Parse([]byte(body), p)
	if err != nil {
		t.Fatal(err)
	}
	book, lost := xlsform.Export(f, p)
	at := func(name, column string) string {
		i := slices.Index(book.Survey[0], column)
		for _, line := range book.Survey[1:] {
			if line[1] == name && !strings.HasPrefix(line[0], "end") {
				return line[i]
			}
		}
		return "no such row"
	}
	for _, c := range [][3]string{
		{"safe", "type", "select_one yes_no"},
		{"safe", "required", "yes"},
		{"safe", "label::Français (fr)", "?"},
		{"why", "relevant", ""}, // age is known here only
		{"why", "appearance", "multiline"},
		{"years_old", "constraint", ". >= 0 and . <= 120"},
		{"total", "calculation", "sum(${years_old}) div count(${kin})"},
		{"more", "relevant", "${total} >= 3 and ${safe} != 'no'"},
	} {
		if got := at(c[0], c[1]); got != c[2] {
			t.Errorf("%s of %s = %q, want %q", c[1], c[0], got, c[2])
		}
	}
	want := []xlsform.Lost{{0, "why", xlsform.LostCondition, "age"}, {0, "", xlsform.LostStates, ""}, {0, "safe", xlsform.LostUrgent, ""}}
	if diff := cmp.Diff(want, lost); diff != "" {
		t.Errorf("lost: want -, got +\n%s", diff)
	}
}

// A workbook that somebody else made is read as far as there is a place for it,
// and what there is none for is named.
func TestWorkbookOfSomebodyElse(t *testing.T) {
	p := neutral(t)
	book := xlsform.Book{
		Survey: [][]string{
			{"type", "name", "label::English (en)", "label::Français (fr)", "hint", "required", "relevant", "calculation", "constraint", "default", "media::image", "choice_filter"},
			{"start", "start"},
			{"begin group", "Child Details", "Child", "Enfant"},
			{"text", "First Name", "First name", "Prénom", "as told", "yes"},
			{"integer", "age", "Age", "Âge", "", "", "", "", ". >= 0 and . <= 17", "12"},
			{"select_one sex", "sex", "Sex", "Sexe"},
			{"select_one yesno", "school", "At school?", "École ?", "", "", "${age} >= 6 and selected(${sex}, 'f')"},
			{"begin group", "inner", "Inner", "Dedans", "", "", "${school} = 'yes'"},
			{"text", "which", "Which?", "Laquelle ?", "", "", "not(${sex} = 'm')"},
			{"end group"},
			{"end group"},
			{"begin repeat", "kin", "Kin", "Famille"},
			{"decimal", "height", "Height", "Taille", "", "", "", "", "regex(., '[0-9]+')"},
			{"end repeat"},
			{"calculate", "tall", "", "", "", "", "", "sum(${height})"},
			{"calculate", "odd", "", "", "", "", "", "once(random())"},
			{"geopoint", "where", "Where", "Où", "", "", "", "", "", "", "map.png"},
			{"select_one_from_file towns.csv", "town", "Town", "Ville"},
		},
		Choices: [][]string{
			{"list_name", "name", "label::English (en)", "label::Français (fr)"},
			{"sex", "f", "Girl", "Fille"},
			{"sex", "m", "Boy", "Garçon"},
			{"yesno", "yes", "Yes", "Oui"},
			{"yesno", "no", "No", "Non"},
		},
		Settings: [][]string{{"form_title", "form_id"}, {"Intake", "Intake 2026"}},
	}
	plain, lost, err := xlsform.Import(book, p)
	if err != nil {
		t.Fatal(err)
	}
	body, err := plain.JSON()
	if err != nil {
		t.Fatal(err)
	}
	f, err := forms.Parse(body, p)
	if err != nil {
		t.Fatalf("%v\n%s", forms.Faults(err), body)
	}
	if f.ID != "intake_2026" || len(f.Sections) != 2 {
		t.Errorf("form %s with %d sections, want intake_2026 with 2", f.ID, len(f.Sections))
	}
	for name, want := range map[string][2]string{
		"first_name": {"text", ""}, "age_q": {"number", ""}, "sex": {"choice", ""},
		"school": {"answer", `age_q >= 6 && has(sex, "f")`}, "which": {"text", `(school == "yes") && (!(sex == "m"))`},
		"kin": {"group", ""}, "kin.height": {"decimal", ""}, "tall": {"calculated", ""}, "where": {"place", ""},
	} {
		q := f.Field(name)
		if q == nil {
			t.Errorf("there is no question %s", name)
			continue
		}
		if q.Kind != want[0] || q.Show.String() != want[1] {
			t.Errorf("%s is a %s shown when %q, want a %s when %q", name, q.Kind, q.Show, want[0], want[1])
		}
	}
	if got := f.Field("tall").Value.String(); got != `sum(kin, "height")` {
		t.Errorf("value of tall = %q", got)
	}
	want := []xlsform.Lost{
		{17, "", xlsform.LostColumn, "media"},
		{16, "", xlsform.LostCondition, "once"},
		{13, "", xlsform.LostConstraint, ""},
		{5, "", xlsform.LostDefault, ""},
		{18, "", xlsform.LostExternal, "select_one_from_file"},
		{8, "", xlsform.LostGroup, "inner"},
		{0, "", xlsform.LostLanguage, "ar"},
		{0, "", xlsform.LostLanguage, "en"}, // the hint is in no language
		{0, "", xlsform.LostLanguage, "fr"},
		{2, "", xlsform.LostType, "start"},
		{17, "", xlsform.LostType, "geopoint"},
	}
	if diff := cmp.Diff(want, lost); diff != "" {
		t.Errorf("lost: want -, got +\n%s", diff)
	}
}

func TestNoXLSForm(t *testing.T) {
	for name, b := range map[string]xlsform.Book{
		"nothing":   {},
		"a list":    {Survey: [][]string{{"name", "age"}, {"Mina", "12"}}},
		"no fields": {Survey: [][]string{{"type", "name"}, {"start", "start"}}},
	} {
		if _, _, err := xlsform.Import(b, neutral(t)); fault.CodeOf(err) != "no-xlsform" {
			t.Errorf("%s: %v, want no-xlsform", name, err)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add("text", "a", "${b} = 'x' and not(selected(${c}, 'd'))", ". >= 1")
	f.Add("begin_repeat", "r", "int((today() - ${d}) div 365.25) < 18", "string-length(.) <= 5")
	f.Add("select_one l", "s", "((((${a}", "")
	p := neutral(f)
	f.Fuzz(func(t *testing.T, typ, name, relevant, constraint string) {
		b := xlsform.Book{
			Survey:  [][]string{{"type", "name", "label", "relevant", "constraint"}, {typ, name, name, relevant, constraint}, {"text", "b", "B"}},
			Choices: [][]string{{"list_name", "name", "label"}, {"l", name, name}},
		}
		plain, _, err := xlsform.Import(b, p)
		if err != nil {
			return
		}
		body, err := plain.JSON()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = forms.Parse(body, p) // judged, never a panic
	})
}
