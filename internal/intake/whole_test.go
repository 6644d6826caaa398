package intake_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/forms"
	"causeway/internal/intake"
	"causeway/internal/intake/sheet"
	"causeway/internal/sealed"
)

// shelf holds the forms of the neutral pack.
type shelf map[string]*forms.Form

func (s shelf) Form(id string, _ int) *forms.Form { return s[id] }

var packForms = sync.OnceValue(func() shelf {
	p, err := defaultPack()
	if err != nil {
		panic(err)
	}
	s := shelf{}
	for _, name := range p.Forms() {
		f, err := forms.Parse(p.Form(name), p)
		if err != nil {
			panic(err)
		}
		s[name] = f
	}
	return s
})

func book(t testing.TB) intake.Book { return intake.Book{Codes: codes(t), Forms: packForms()} }

// wholes reads a file and returns the cases it describes.
func wholes(t testing.TB, content []byte) (*intake.Mapping, []*intake.Row) {
	t.Helper()
	p, err := intake.Propose(context.Background(), bytes.NewReader(content), book(t), sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	answer(t, &p.Mapping)
	table, err := intake.OpenTable(bytes.NewReader(content), &p.Mapping, book(t), sheet.DefaultLimits(), today)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	var rows []*intake.Row
	for {
		row, err := table.Next()
		if err != nil {
			return &p.Mapping, rows
		}
		rows = append(rows, row)
	}
}

func writer(t testing.TB, profile string) *intake.Writer {
	t.Helper()
	w, err := intake.NewWriter(profile, book(t), codes(t).Aliases)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func htcdsFile(t testing.TB) ([]byte, [][]string) {
	t.Helper()
	b, err := os.ReadFile("testdata/htcds_all.csv")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return b, records
}

// All 84 fields, every code of every list, and a column of somebody's own come
// back as they were.
func TestHTCDSComesBackAsItWas(t *testing.T) {
	content, want := htcdsFile(t)
	m, rows := wholes(t, content)
	if m.Profile != intake.HTCDS {
		t.Fatalf("profile = %q", m.Profile)
	}
	var cases []*intake.Whole
	for _, r := range rows {
		w, err := r.Whole()
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, w)
	}
	header, got := writer(t, intake.HTCDS).Table(cases)
	if diff := cmp.Diff(want, append([][]string{header}, got...)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// What HTCDS has a field for and we have a question for is an answer, not a text
// beside the case.
func TestHTCDSBecomesAnswers(t *testing.T) {
	content, _ := htcdsFile(t)
	_, rows := wholes(t, content)
	a := rows[0].Answers["full_assessment"]
	if got := a["controlled_how"].Codes; !slices.Equal(got, []string{"physical_threats", "threats_law"}) {
		t.Errorf("methods of control = %v", got)
	}
	if a["age_started"].Number != 8 || a["events"].Groups[0]["part"].Code != "recruitment" {
		t.Errorf("age %v, part %v", a["age_started"].Number, a["events"].Groups)
	}
	if got := rows[0].Answers["registration"]["may_store"].Code; got != forms.Yes {
		t.Errorf("consent = %q", got)
	}
	if got := rows[0].Answers["plan"]["goals"].Groups[0]["area"].Code; got != "education" {
		t.Errorf("area of the plan = %q", got)
	}
	// The trap of the standard: a method of control that its list forgot.
	found := false
	for _, r := range rows {
		found = found || slices.Contains(r.Answers["full_assessment"]["controlled_how"].Codes, "restricts_movement")
	}
	if !found {
		t.Error("nobody's movement was restricted")
	}
}

func TestWhatChangedIsWrittenAnew(t *testing.T) {
	content, before := htcdsFile(t)
	_, rows := wholes(t, content)
	c, err := rows[0].Whole()
	if err != nil {
		t.Fatal(err)
	}
	c.Stage = "closed"
	c.Answers["full_assessment"]["controlled_how"] = forms.Answer{State: forms.Given, Codes: []string{"debt", "drugs"}}
	c.Answers["plan"]["aim"] = forms.Answer{State: forms.Given, Text: sealed.NewText("School near the aunt")}
	header, got := writer(t, intake.HTCDS).Table([]*intake.Whole{c})
	want := slices.Clone(before[1])
	for name, text := range map[string]string{
		"cas_Status": "Closed", "vic_MethodsOfControl": "DebtBondage;PsychoactiveSubstance", "spl_Objectives": "School near the aunt",
	} {
		want[slices.Index(header, name)] = text
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

const primeroFile = `[{"id":"c1","data":{"case_id":"af-1","name_first":"Amara","name_last":"Diallo","sex":"female","age":12,
 "risk_level":"high","nationality":["Mali"],"registration_date":"2026-01-05","consent_for_services":true,"religion":null,
 "family_details_section":[{"relation_name":"B. Diallo","relation":"aunt"}],"assessment_due_date":"2026-02-01"}}]`

func TestPrimeroComesBackAsItWas(t *testing.T) {
	m, rows := wholes(t, []byte(primeroFile))
	if m.Profile != intake.Primero || len(rows) != 1 {
		t.Fatalf("profile %q, %d rows", m.Profile, len(rows))
	}
	r := rows[0]
	if r.Names[0].Text != "Amara Diallo" || r.SexRecorded != "female" || r.Risk != "high" || !slices.Equal(r.Nationalities, []string{"MLI"}) {
		t.Errorf("row = %v %v %v %v", r.Names, r.SexRecorded, r.Risk, r.Nationalities)
	}
	c, err := r.Whole()
	if err != nil {
		t.Fatal(err)
	}
	out := func() map[string]any {
		b := writer(t, intake.Primero).Record(c, "")
		var one map[string]any
		if err := json.Unmarshal(b, &one); err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		return one
	}
	var in []struct {
		ID   string         `json:"id"`
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(primeroFile), &in); err != nil {
		t.Fatal(err)
	}
	want := in[0].Data
	want["id"] = "c1"
	delete(want, "religion") // said nothing
	if diff := cmp.Diff(want, out()); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	c.Risk, c.Person.Nationalities = "low", []string{"MLI", "NER"}
	got := out()
	if got["risk_level"] != "low" || !cmp.Equal(got["nationality"], []any{"MLI", "NER"}) {
		t.Errorf("after a change: risk %v, nationality %v", got["risk_level"], got["nationality"])
	}
}

func BenchmarkHTCDSTable(b *testing.B) {
	content, _ := htcdsFile(b)
	_, rows := wholes(b, content)
	var cases []*intake.Whole
	for _, r := range rows {
		w, err := r.Whole()
		if err != nil {
			b.Fatal(err)
		}
		cases = append(cases, w)
	}
	w := writer(b, intake.HTCDS)
	for b.Loop() {
		w.Table(cases)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(cases)), "µs/case")
}
