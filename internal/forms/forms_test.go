package forms_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/sealed"

	"github.com/google/go-cmp/cmp"
)

// lists is a pack of two code lists.
type lists struct{}

var known = map[string][]string{
	"risk": {"high", "medium", "low"}, "certainty": {"certain", "estimated"},
	"language": {"en", "fr", "ar"}, "region": {"XA-01"},
}

func (lists) Valid(list, code string) bool { return slices.Contains(known[list], code) }
func (lists) Codes(list string) []string   { return known[list] }
func (lists) Languages() []string          { return []string{"en", "fr"} }

func small(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parse(t testing.TB, source string) *forms.Form {
	t.Helper()
	f, err := forms.Parse([]byte(source), lists{})
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return f
}

var today = forms.Env{Today: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)}

func code(c string) forms.Answer       { return forms.Answer{State: forms.Given, Code: c} }
func words(s string) forms.Answer      { return forms.Answer{State: forms.Given, Text: sealed.NewText(s)} }
func state(s forms.State) forms.Answer { return forms.Answer{State: s} }
func number(n float64) forms.Answer {
	return forms.Answer{State: forms.Given, Number: n, HasNumber: true}
}
func group(a ...forms.Answers) forms.Answer { return forms.Answer{State: forms.Given, Groups: a} }

func day(t testing.TB, s string) forms.Answer {
	t.Helper()
	d, err := sealed.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return forms.Answer{State: forms.Given, Date: d}
}

// TestFaults changes one place of a good form and expects the fault there.
func TestFaults(t *testing.T) {
	good := small(t)
	for name, c := range map[string]struct{ old, new, path, problem string }{
		"no JSON":             {`"version": 1,`, `"version": 1`, "", "cannot be read as JSON"},
		"unknown key":         {`"version": 1,`, `"version": 1, "colour": "red",`, "", "key that is not known"},
		"unknown step":        {`"version": 1,`, `"version": 1, "step": "stairs",`, "step", "must be one of begin"},
		"key twice":           {`"version": 1,`, `"version": 1, "version": 2,`, "", "key stands there twice"},
		"no version":          {`"version": 1,`, ``, "version", "is missing"},
		"confidence":          {`"house choice"`, `"sure"`, "confidence", "must be one of law"},
		"language missing":    {`{"en": "Small", "fr": "Petit"}`, `{"en": "Small"}`, "title.fr", "is missing"},
		"hidden character":    {`"en": "Small"`, `"en": "Sm\u202eall"`, "title.en", "invisible"},
		"name twice":          {`"id": "at"`, `"id": "on"`, "sections[2].fields[3].id", "stands there twice"},
		"bad name":            {`"id": "at"`, `"id": "At"`, "sections[2].fields[3].id", "small letters"},
		"reserved name":       {`"id": "at"`, `"id": "age"`, "sections[2].fields[3].id", "no word of the expressions"},
		"unknown kind":        {`"kind": "phone"`, `"kind": "fax"`, "sections[2].fields[2].kind", "must be one of text, words"},
		"unknown list":        {`"list": "risk"`, `"list": "danger"`, "sections[2].fields[1].list", "no list of this name"},
		"list and options":    {`"list": "risk"`, `"list": "risk", "options": [{"code": "a", "label": {"en": "A", "fr": "A"}}]`, "sections[2].fields[1]", "either a list or options"},
		"option twice":        {`"code": "afraid"`, `"code": "hurt"`, "sections[0].fields[5].options[1].code", "twice"},
		"urgent answer":       {`"urgent": {"no": "danger"}`, `"urgent": {"maybe": "danger"}`, "sections[0].fields[1].urgent", "answer that the field does not have"},
		"urgent action":       {`"urgent": {"no": "danger"}`, `"urgent": {"no": "panic"}`, "sections[0].fields[1].urgent", "action that is not known"},
		"part of other kind":  {`"kind": "phone"`, `"kind": "phone", "min": 3`, "sections[2].fields[2].min", "has none"},
		"need":                {`"need": "save"`, `"need": "always"`, "sections[0].fields[0].need", "must be one of save, finish"},
		"write without read":  {`"write": ["supervisor"]`, `"write": ["case_worker"]`, "sections[2].write", "may not read"},
		"min over max":        {`"min": 0`, `"min": 130`, "sections[1].fields[0].fields[1].min", "more than the largest"},
		"syntax":              {`safe_now == \"no\"`, `safe_now ==`, "sections[0].fields[2].show", "cannot be read as an expression"},
		"unknown field":       {`safe_now == \"no\"`, `unsafe == \"no\"`, "sections[0].fields[2].show", "no field is called unsafe"},
		"unknown answer":      {`safe_now == \"no\"`, `safe_now == \"maybe\"`, "sections[0].fields[2].show", "no answer of this code"},
		"unknown state":       {`safe_now == \"no\"`, `state(safe_now) == \"odd\"`, "sections[0].fields[2].show", "no answer of this code"},
		"wrong types":         {`safe_now == \"no\"`, `safe_now > 3`, "sections[0].fields[2].show", "compares a text with a number"},
		"no condition":        {`safe_now == \"no\"`, `today`, "sections[0].fields[2].show", "no condition"},
		"call":                {`safe_now == \"no\"`, `os.Exit(1) == 1`, "sections[0].fields[2].show", "calls something"},
		"function literal":    {`safe_now == \"no\"`, `func() bool { return true }()`, "sections[0].fields[2].show", "calls something"},
		"operator":            {`safe_now == \"no\"`, `1 << 3 == 8`, "sections[0].fields[2].show", "operator <<"},
		"index":               {`safe_now == \"no\"`, `signs[0] == \"hurt\"`, "sections[0].fields[2].show", "may not be used"},
		"no date":             {`safe_now == \"no\"`, `on == \"soon\"`, "sections[0].fields[2].show", "text that is none"},
		"decides itself":      {`safe_now == \"no\"`, `given(why)`, "sections[0].fields[2]", "why → why"},
		"cycle":               {`"label": {"en": "Safe?"`, `"show": "given(why)", "label": {"en": "Safe?"`, "sections[0].fields[1]", "safe_now → why → safe_now"},
		"cycle over section":  {`!given(safe_now)`, `total > 3`, "sections[1]", "family → total → family"},
		"cycle over value":    {`today - event`, `days + 1`, "sections[0].fields[4]", "days → days"},
		"hidden from readers": {`safe_now == \"no\"`, `given(opinion)`, "sections[0].fields[2].show", "may not be read by everybody"},
		"sum of no group":     {`sum(members, \"years_old\")`, `sum(on, \"years_old\")`, "sections[1].fields[1].value", "no field is called on.years_old"},
		"sum of no number":    {`sum(members, \"years_old\")`, `sum(members, \"who\")`, "sections[1].fields[1].value", "sum adds up numbers"},
		"has no choice":       {`today - event`, `has(on, \"x\")`, "sections[0].fields[4].value", "has asks about a choice"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatal("the good form has no such place")
			}
			_, err := forms.Parse([]byte(strings.Replace(good, c.old, c.new, 1)), lists{})
			if !fault.Is(err, fault.Invalid) || fault.CodeOf(err) != "form-wrong" {
				t.Fatalf("error = %v, want Invalid, form-wrong", err)
			}
			for _, f := range forms.Faults(err) {
				if f.Path == c.path && strings.Contains(f.Error(), c.problem) {
					return
				}
			}
			t.Errorf("faults = %v, want one at %q with %q", err, c.path, c.problem)
		})
	}
}

func TestEveryFaultIsNamed(t *testing.T) {
	s := strings.NewReplacer(`"kind": "phone"`, `"kind": "fax"`, `"list": "risk"`, `"list": "r"`).Replace(small(t))
	_, err := forms.Parse([]byte(s), lists{})
	if got := len(forms.Faults(err)); got != 2 {
		t.Errorf("%d faults, want 2: %v", got, err)
	}
}

func TestLook(t *testing.T) {
	f := parse(t, small(t))
	v := f.Look(forms.Answers{"safe_now": code("no"), "event": day(t, "2026-03-03"), "signs": {Codes: []string{"hurt"}}}, today)
	if !v.Shown("why") || v.Shown("family") || v.Shown("members") {
		t.Error("not safe: why is asked, the family is not")
	}
	if diff := cmp.Diff([]string{"on"}, v.MissingToSave); diff != "" {
		t.Errorf("missing to save: %s", diff)
	}
	if diff := cmp.Diff([]string{"on", "why"}, v.MissingToFinish); diff != "" {
		t.Errorf("missing to finish: %s", diff)
	}
	if diff := cmp.Diff([]string{"danger", "medical"}, v.Urgent); diff != "" {
		t.Errorf("urgent: %s", diff)
	}
	if got := v.Answers["days"]; got.Number != 7 || got.State != forms.Given {
		t.Errorf("days = %v %v, want 7, given", got.Number, got.State)
	}
	v = f.Look(forms.Answers{"event": day(t, "2026")}, today)
	if got := v.Answers["days"].State; got != forms.Blank {
		t.Errorf("days since some day of a year are %q, want blank", got)
	}
}

func TestLookGroup(t *testing.T) {
	f := parse(t, small(t))
	v := f.Look(forms.Answers{"on": day(t, "2026-03-01"), "safe_now": state(forms.Refused), "members": group(
		forms.Answers{"years_old": number(9)}, forms.Answers{}, forms.Answers{"years_old": number(40), "school": code("no")},
	)}, forms.Env{Today: today.Today, Youngest: 8, Oldest: 10, AgeKnown: true})
	if !v.Shown("family") || !v.Shown("members.0.school") || v.Shown("members.2.school") {
		t.Error("a child under 12 has the family asked, and school of the child only")
	}
	if diff := cmp.Diff([]string{"members.0.who", "members.2.who"}, v.MissingToFinish); diff != "" {
		t.Errorf("missing to finish: %s", diff)
	}
	if got := v.Answers["total"].Number; got != 49 {
		t.Errorf("total = %v, want 49", got)
	}
	if _, kept := v.Finished()["members"].Groups[1]["school"]; kept {
		t.Error("a finished form kept an answer that is not shown")
	}
}

// TestConditions asks a condition about answers: what is not known is never true.
func TestConditions(t *testing.T) {
	base := small(t)
	given := forms.Answers{
		"on": day(t, "2026-03-01"), "safe_now": code("yes"), "event": day(t, "2026-02"),
		"signs": {State: forms.Given, Codes: []string{"hurt"}}, "at": words("08:30"), "risk": code("low"),
		"opinion": words("good"), "phone": state(forms.Refused), "members": group(forms.Answers{"years_old": number(3)}, forms.Answers{}),
	}
	for condition, want := range map[string]bool{
		`safe_now`: true, `!safe_now`: false, `safe_now == "yes"`: true, `safe_now != "yes"`: false, `safe_now == true`: true,
		`"yes" == safe_now`: true, `risk == "low" && at < "09:00"`: true, `at >= "08:30"`: true, `at == "08:31"`: false,
		`has(signs, "hurt")`: true, `has(signs, "afraid")`: false, `!has(signs, "afraid")`: true,
		`given(phone)`: false, `!given(phone)`: true, `state(phone) == "refused"`: true, `state(why) == "blank"`: true,
		`phone == "1"`: false, `phone != "1"`: false, `!(phone == "1")`: false, `phone == "1" || true`: true,
		`true || phone == "1"`: true, `false && phone == "1"`: false, `!(false && phone == "1")`: true, `!(true && phone == "1")`: false,
		`age < 18`: false, `age >= 18`: false, `!(age < 18)`: false, `age < 12 || age >= 12`: false,
		`on == "2026-03-01"`: true, `on < today`: true, `today - on == 9`: true, `on + 9 == today`: true, `on > "2026"`: false,
		`event < on`: true, `event == "2026-02-10"`: false, `event != "2026-02-10"`: false, `event < "2026-02-10"`: false,
		`years(on) == 0`: true, `count(members) == 1`: true, `sum(members, "years_old") == 3`: true,
		`(1 + 2) * 3 == 9`: true, `1 / 0 == 1`: false, `1 / 0 != 1`: false, `-1 < 0`: true, `7 / 2 == 3.5`: true,
		`opinion == "good"`: true, `days == 10`: false, `days >= 10`: false, `total == 3`: true,
	} {
		t.Run(condition, func(t *testing.T) {
			field := `{"id": "asked", "kind": "text", "label": {"en": "x", "fr": "x"}, "show": ` + quote(condition) + `},`
			f := parse(t, strings.Replace(base, `{"id": "opinion"`, field+`{"id": "opinion"`, 1))
			if got := f.Look(given, today).Shown("asked"); got != want {
				t.Errorf("shown = %v, want %v", got, want)
			}
		})
	}
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

func TestCheck(t *testing.T) {
	f := parse(t, small(t))
	on := day(t, "2026-03-01")
	for name, c := range map[string]struct {
		answers forms.Answers
		want    []fault.Field
	}{
		"good": {forms.Answers{
			"on": on, "safe_now": code("yes"), "why": words("a\nb"), "phone": words("+99 (1) 234"), "at": words("23:59"), "risk": code("low"),
			"members": group(forms.Answers{"who": {Person: &forms.Link{Name: sealed.NewText("Noor"), Safe: "no"}}, "years_old": number(0)}),
		}, nil},
		"needed":         {forms.Answers{"on": state(forms.Unknown)}, []fault.Field{{Name: "on", Code: "required"}}},
		"partial date":   {forms.Answers{"on": day(t, "2026-03")}, []fault.Field{{Name: "on", Code: "bad-date"}}},
		"far date":       {forms.Answers{"on": day(t, "1026-03-01")}, []fault.Field{{Name: "on", Code: "out-of-range"}}},
		"not in form":    {forms.Answers{"on": on, "shoe": words("x")}, []fault.Field{{Name: "form", Code: "not-in-form"}}},
		"inner outside":  {forms.Answers{"on": on, "members.who": words("x")}, []fault.Field{{Name: "form", Code: "not-in-form"}}},
		"not an answer":  {forms.Answers{"on": on, "safe_now": code("maybe")}, []fault.Field{{Name: "safe_now", Code: "not-in-list"}}},
		"not in list":    {forms.Answers{"on": on, "risk": code("huge")}, []fault.Field{{Name: "risk", Code: "not-in-list"}}},
		"choice twice":   {forms.Answers{"on": on, "signs": {Codes: []string{"hurt", "hurt"}}}, []fault.Field{{Name: "signs", Code: "not-in-list"}}},
		"state and more": {forms.Answers{"on": on, "risk": {State: forms.Refused, Code: "low"}}, []fault.Field{{Name: "risk", Code: "answer-and-state"}}},
		"no state":       {forms.Answers{"on": on, "risk": state("perhaps")}, []fault.Field{{Name: "risk", Code: "not-in-list"}}},
		"wrong kind":     {forms.Answers{"on": on, "risk": number(3)}, []fault.Field{{Name: "risk", Code: "wrong-kind"}}},
		"too long":       {forms.Answers{"on": on, "why": words(strings.Repeat("é", 21))}, []fault.Field{{Name: "why", Code: "too-long"}}},
		"hidden":         {forms.Answers{"on": on, "opinion": words("a\u202eb")}, []fault.Field{{Name: "opinion", Code: "direction-override"}}},
		"control":        {forms.Answers{"on": on, "opinion": words("a\x00b")}, []fault.Field{{Name: "opinion", Code: "control-characters"}}},
		"phone":          {forms.Answers{"on": on, "phone": words("call me")}, []fault.Field{{Name: "phone", Code: "bad-phone"}}},
		"time":           {forms.Answers{"on": on, "at": words("24:00")}, []fault.Field{{Name: "at", Code: "bad-time"}}},
		"in a group": {
			forms.Answers{"on": on, "members": group(forms.Answers{"years_old": number(121)}, forms.Answers{"years_old": number(1.5)})},
			[]fault.Field{{Name: "members.0.years_old", Code: "out-of-range"}, {Name: "members.1.years_old", Code: "not-a-number"}},
		},
		"too many": {forms.Answers{"on": on, "members": group(make([]forms.Answers, 4)...)}, []fault.Field{{Name: "members", Code: "too-many"}}},
		"safe":     {forms.Answers{"on": on, "members": group(forms.Answers{"who": {Person: &forms.Link{Safe: "perhaps"}}})}, []fault.Field{{Name: "members.0.who", Code: "not-in-list"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, fault.FieldsOf(f.Check(c.answers, today))); diff != "" {
				t.Errorf("faults: %s", diff)
			}
		})
	}
}
