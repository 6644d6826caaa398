package intake_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"causeway/internal/forms"
	"causeway/internal/intake"
)

func readTable(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records[1:]
}

// Every header in the table is recognised, leads to a field there is, and names a
// kind of number that the pack has.
func TestSynonyms(t *testing.T) {
	for _, r := range readTable(t, "synonyms.csv") {
		if !slices.Contains(intake.Fields(), intake.Field(r[0])) {
			t.Errorf("there is no field %s", r[0])
		}
		if r[0] == "answer" {
			form, field, _ := strings.Cut(r[1], ".")
			if f := packForms()[form]; f == nil || f.Field(field) == nil {
				t.Errorf("the pack has no question %s", r[1])
			}
			continue
		}
		if r[0] != "entries" && r[1] != "" && !codes(t).Valid("identifier_kind", r[1]) {
			t.Errorf("the pack has no kind of number %s", r[1])
		}
		for h := range strings.SplitSeq(r[3], "|") {
			p := propose(t, "\""+h+"\",birthday,nickname\nx,2012-05-17,Mi\n")
			if p.Columns[0].Source == "" {
				t.Errorf("%q is not recognised", h)
			}
		}
	}
}

// Every text in the table of values is understood in a column of its list, as the
// code that the table says or as the pack itself says.
func TestValues(t *testing.T) {
	columns := map[string]string{"sex_recorded": "sexe", "gender_told": "gender identity", "stage": "stage", "risk": "risk", "nationality": "nationality"}
	for _, r := range readTable(t, "values.csv") {
		if form, field, dotted := strings.Cut(r[0], "."); dotted {
			optionThere(t, form, field, r[1])
			continue
		}
		header, ok := columns[r[0]]
		if !ok {
			continue // words for "not known"
		}
		if !codes(t).Valid(r[0], r[1]) {
			t.Errorf("the pack has no code %s in %s", r[1], r[0])
		}
		for text := range strings.SplitSeq(r[3], "|") {
			file := "name," + header + "\nMina Karo,\"" + text + "\"\n"
			m := propose(t, file).Mapping
			m.Columns[1].Field = map[string]intake.Field{"gender identity": intake.Gender}[header]
			if m.Columns[1].Field == "" {
				m.Columns[1].Field = intake.Field(strings.Replace(header, "sexe", "sex", 1))
			}
			if row := read(t, file, &m)[0]; len(row.Problems) > 0 {
				t.Errorf("%s: %q is not understood: %s", r[0], text, problems(row))
			}
		}
	}
}

// optionThere demands that a question of the pack has an answer of this code.
func optionThere(t *testing.T, form, field, code string) {
	t.Helper()
	f := packForms()[form]
	if f == nil || f.Field(field) == nil {
		t.Errorf("the pack has no question %s of %s", field, form)
		return
	}
	q := f.Field(field)
	if q.List != "" && codes(t).Valid(q.List, code) {
		return
	}
	if !slices.ContainsFunc(q.Options, func(o forms.Option) bool { return o.Code == code }) {
		t.Errorf("question %s of %s has no answer %s", field, form, code)
	}
}

// Every field of HTCDS 2.0 is known by name, if the list is beside the checkout.
func TestEveryFieldOfHTCDS(t *testing.T) {
	dir := os.Getenv("CAUSEWAY_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	name := filepath.Join(dir, "htcds-fields.csv")
	if _, err := os.Stat(name); err != nil {
		t.Skip("htcds-fields.csv is not beside the checkout: set CAUSEWAY_DATA")
	}
	var headers []string
	for _, r := range readTable(t, name) {
		headers = append(headers, r[2])
	}
	p := propose(t, strings.Join(headers, ",")+"\n"+strings.Repeat("x,", len(headers)-1)+"x\n")
	for i, c := range p.Columns {
		if c.Source != "HTCDS 2.0" {
			t.Errorf("%s is taken for a name of %q", headers[i], c.Source)
		}
	}
}
