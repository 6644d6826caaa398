package intake_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/casework"
	"causeway/internal/intake"
)

// primeroCases returns the file of several cases with sub-forms, and the cases in
// it. All of them are invented.
func primeroCases(t testing.TB) ([]byte, []map[string]json.RawMessage) {
	t.Helper()
	b, err := os.ReadFile("testdata/primero_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	return b, flatCases(t, b)
}

// flatCases returns the fields of the cases of a file, those of its "data" beside
// the others, without those that say nothing.
func flatCases(t testing.TB, b []byte) []map[string]json.RawMessage {
	t.Helper()
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		var inner map[string]json.RawMessage
		if data, ok := one["data"]; ok {
			if err := json.Unmarshal(data, &inner); err != nil {
				t.Fatal(err)
			}
			delete(one, "data")
		}
		for name, value := range inner {
			one[name] = value
		}
		for name, value := range one {
			if one[name] = compacted(t, value); string(one[name]) == "[]" || string(one[name]) == "null" {
				delete(one, name)
			}
		}
	}
	return list
}

func compacted(t testing.TB, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var v json.RawMessage
	b, err := json.Marshal(raw) // compacts, and leaves the order of the fields
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// told is what the report says of a row: code and place.
func told(r *intake.Row, from string) (out []string) {
	for _, p := range r.Problems {
		if strings.HasPrefix(p.Code, from) {
			out = append(out, p.Code+" "+p.Value)
		}
	}
	return out
}

func TestSubFormsAreRead(t *testing.T) {
	content, _ := primeroCases(t)
	_, rows := wholes(t, content)
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range []map[string]int{
		{intake.PersonPart: 3, intake.NeedPart: 5, intake.NotePart: 5, intake.FollowupPart: 2},
		{intake.PersonPart: 1, intake.NeedPart: 1, intake.NotePart: 2},
		{intake.NeedPart: 1},
	} {
		got := map[string]int{}
		for _, p := range rows[i].Parts {
			got[p.What]++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("row %d: want -, got +\n%s", i+1, diff)
		}
		if rows[i].Stopped() {
			t.Errorf("row %d is stopped", i+1)
		}
	}
	want := []string{
		"entry-no-name 3", "entry-code 4 relation", "entry-code 4 service_type", "entry-twice 5", "entry-date 2 note_date",
		"entry-date 2 followup_date", "entry-code 1 intervention_service_to_be_provided",
	}
	got := told(rows[0], "entry-")
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if got := told(rows[1], "entry-"); !slices.Equal(got, []string{"entry-empty 2", "entry-date 3 note_date", "entry-empty 4"}) {
		t.Errorf("second row: %v", got)
	}
	if s := fmt.Sprintf("%v %+v %#v", rows[0].Parts[0], rows[0].Parts[0].Said, rows[0].Parts); strings.Contains(s, "Sela") {
		t.Errorf("a part prints what was said: %s", s)
	}
}

// part returns what the nth entry of a sub-form says.
func part(t *testing.T, r *intake.Row, form string, place int) intake.Said {
	t.Helper()
	for _, p := range r.Parts {
		if p.Form == form && p.Place == place {
			return p.Said
		}
	}
	t.Fatalf("entry %d of %s is not taken", place, form)
	return nil
}

func TestEntriesInTheWordsOfThePack(t *testing.T) {
	content, _ := primeroCases(t)
	_, rows := wholes(t, content)
	for _, c := range []struct {
		form  string
		place int
		want  intake.Said
	}{
		{"family_details_section", 1, intake.Said{
			"name": "Sela Karo", "relation": "mother", "safe": "unknown",
			"note": "relation_age: 41\nrelation_is_caregiver: false\nrelation_is_alive: dead\nrelation_death_details: Fever, two years ago",
		}},
		{"family_details_section", 2, intake.Said{
			"name": "Oda Karo", "relation": "aunt_uncle", "safe": "unknown", "phone": "+000 555 0101", "language": "en",
			"address": "Blue house behind the mill",
			"note":    "relation_is_caregiver: true\nrelation_is_alive: alive\nrelation_language: language1; english",
		}},
		{"family_details_section", 4, intake.Said{"name": "Tarn the ferryman", "relation": "other", "safe": "unknown", "note": "relation: ferryman"}},
		{"services_section", 1, intake.Said{
			"service": "general_health", "asked": "2026-01-06", "due": "2026-01-09", "provider": "Clinic by the Mill", "referred": "yes", "done": "yes",
			"delivered": "2026-01-10",
			"note":      "Burn on the left hand.\nservice_response_type: service_provision\nnote_on_referral_from_provider: Seen twice.",
		}},
		{"notes_section", 1, intake.Said{
			"on": "2026-01-08", "kind": "other", "by": "worker_one", "seen": "First visit\nShe drew a boat.\nShe asked for her aunt.",
		}},
		{"notes_section", 2, intake.Said{"kind": "other", "by": "worker_two", "seen": "Phone rang, nobody spoke.\nnote_date: last winter"}},
		{"cp_case_plan_subform_case_plan_interventions", 1, intake.Said{
			"service": "other", "due": "2026-01-31", "provider": "Harbour house", "done": "yes",
			"note": "Sleep without fear\nintervention_service_to_be_provided: A bed of her own",
		}},
		{"protection_concern_detail_subform_section", 1, intake.Said{
			"kind": "safety", "seen": "Was promised work in a kitchen.\nprotection_concern_type: trafficked_smuggled\ndate_concern_identified: registration",
		}},
	} {
		if diff := cmp.Diff(map[string]string(c.want), map[string]string(part(t, rows[0], c.form, c.place))); diff != "" {
			t.Errorf("%s %d: want -, got +\n%s", c.form, c.place, diff)
		}
	}
}

// records writes cases as a file and returns the fields of each.
func records(t testing.TB, cases ...*intake.Whole) ([]byte, []map[string]json.RawMessage) {
	t.Helper()
	w := writer(t, intake.Primero)
	var out []string
	for _, c := range cases {
		out = append(out, string(w.Record(c, "")))
	}
	b := []byte("[" + strings.Join(out, ",") + "]")
	return b, flatCases(t, b)
}

func TestSubFormsComeBackAsTheyWere(t *testing.T) {
	content, want := primeroCases(t)
	_, rows := wholes(t, content)
	var cases []*intake.Whole
	for _, r := range rows {
		c, err := r.Whole()
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	_, got := records(t, cases...)
	if diff := cmp.Diff(plainCases(want), plainCases(got)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// plainCases makes the bytes of cases readable in a comparison.
func plainCases(list []map[string]json.RawMessage) []map[string]string {
	out := make([]map[string]string, len(list))
	for i, one := range list {
		out[i] = map[string]string{}
		for name, raw := range one {
			out[i][name] = string(raw)
		}
	}
	return out
}

// Every row of the table leads somewhere: a sub-form that a column can be, a field
// that is read, names that are its own.
func TestTableOfSubForms(t *testing.T) {
	known := map[string]bool{}
	for _, r := range readTable(t, "synonyms.csv") {
		if r[0] == "entries" {
			what, form, _ := strings.Cut(r[1], ".")
			if !slices.Contains(intake.Parts(), what) {
				t.Errorf("%s becomes nothing there is", r[1])
			}
			known[form] = true
		}
	}
	names := map[string]bool{}
	for _, r := range readTable(t, "subforms.csv") {
		if !known[r[0]] {
			t.Errorf("no column is taken for %s", r[0])
		}
		for name := range strings.SplitSeq(r[5], "|") {
			if names[r[0]+"/"+name] {
				t.Errorf("%s stands twice in %s", name, r[0])
			}
			names[r[0]+"/"+name] = true
		}
		if list := map[string]string{"relation": "relation", "service": "service", "kind": "note_kind"}[r[1]]; list != "" && !codes(t).Valid(list, r[3]) {
			t.Errorf("%s of %s: the pack has no code %q", r[1], r[0], r[3])
		}
		if r[1] == "safe" && !slices.Contains(casework.SafeAnswers(), r[3]) {
			t.Errorf("safe of %s: %q", r[0], r[3])
		}
	}
	for _, r := range readTable(t, "values.csv") {
		if (r[0] == "relation" || r[0] == "service") && !codes(t).Valid(r[0], r[1]) {
			t.Errorf("the pack has no code %s in %s", r[1], r[0])
		}
	}
}

// A sub-form of another name is taken for one of ours by the mapping alone, and goes
// out under its own name.
func TestASubFormOfAnotherName(t *testing.T) {
	file := []byte(`[{"case_id":"o-1","name_first":"Mina","name_last":"Karo","risk_level":"low","our_services":[{"service_type":"food_service"}]}]`)
	p := propose(t, string(file))
	m := p.Mapping
	answer(t, &m)
	at := slices.IndexFunc(m.Columns, func(c intake.Column) bool { return c.Header == "our_services" })
	m.Columns[at].Field, m.Columns[at].Kind = intake.Entries, "need.no_such_section"
	if err := m.Check(book(t)); err == nil {
		t.Error("a sub-form that nobody knows is taken")
	}
	m.Columns[at].Kind = "need.services_section"
	row := read(t, string(file), &m)[0]
	if len(row.Parts) != 1 || row.Parts[0].Said["service"] != "food" {
		t.Fatalf("%d parts", len(row.Parts))
	}
	c, err := row.Whole()
	if err != nil {
		t.Fatal(err)
	}
	c.Pieces = append(c.Pieces, intake.Piece{What: intake.NeedPart, ID: "n-1", Now: intake.Said{"service": "water"}})
	_, got := records(t, c)
	if _, there := got[0]["services_section"]; there || len(items(t, got[0], "our_services")) != 2 {
		t.Errorf("our_services goes out as %s", got[0]["our_services"])
	}
}
