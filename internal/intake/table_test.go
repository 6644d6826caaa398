package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/intake"
	"causeway/internal/intake/calendar"
	"causeway/internal/intake/sheet"
	"causeway/internal/pack"
)

var today = calendar.Day{Year: 2026, Month: 11, Day: 3}

var defaultPack = sync.OnceValues(func() (*pack.Pack, error) { return pack.Default() })

// codes returns the neutral pack.
func codes(t testing.TB) *pack.Pack {
	t.Helper()
	p, err := defaultPack()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// propose looks at a file and answers what it asks about risk and basis.
func propose(t testing.TB, text string) *intake.Proposal {
	t.Helper()
	p, err := intake.Propose(context.Background(), strings.NewReader(text), codes(t), sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	answer(t, &p.Mapping)
	return p
}

func answer(t testing.TB, m *intake.Mapping) {
	t.Helper()
	m.Defaults = map[intake.Field]string{intake.Risk: "medium", intake.Basis: codes(t).Codes("legal_basis")[0]}
}

// read returns every row of a file as a mapping reads it.
func read(t testing.TB, text string, m *intake.Mapping) []*intake.Row {
	t.Helper()
	table, err := intake.OpenTable(bytes.NewReader([]byte(text)), m, codes(t), sheet.DefaultLimits(), today)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	var rows []*intake.Row
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

// only reads a file of one row under its header.
func only(t testing.TB, text string) *intake.Row {
	t.Helper()
	rows := read(t, text, &propose(t, text).Mapping)
	if len(rows) != 1 {
		t.Fatalf("got %d rows, want 1", len(rows))
	}
	return rows[0]
}

func day(s string) calendar.Day {
	return calendar.Parse(s, calendar.YMD, calendar.Bounds{First: calendar.Day{Year: 1900, Month: 1, Day: 1}, Last: calendar.Day{Year: 2099, Month: 1, Day: 1}}).From
}

// problems lists the codes of a row's problems.
func problems(r *intake.Row) string {
	var list []string
	for _, p := range r.Problems {
		code := p.Code
		if p.Stop {
			code += "!"
		}
		list = append(list, code)
	}
	return strings.Join(list, " ")
}

func TestHTCDSRow(t *testing.T) {
	row := only(t, "prs_FirstName,prs_MiddleName,prs_SecondName,prs_Birthdate,prs_Gender,prs_Citizenship,prs_PrimaryLanguage,"+
		"prs_IdentityNumber,prs_MobilePhone,cas_Status,vic_MethodsOfControl,cco_CaseComment\n"+
		"Amara,Binta,Diallo,2011-05-17,TransgenderFeminine,ML;SN,bam,X-4471,+223 70 00 00 01,FollowUp,DebtBondage;TakesEarnings,came with an aunt\n")
	want := &intake.Row{
		Number: 2, Names: []intake.Name{{Text: "Amara Binta Diallo", Script: "Latn"}},
		Birth:      intake.Birth{Earliest: day("2011-05-17"), Latest: day("2011-05-17")},
		GenderTold: "transgender_feminine", Nationalities: []string{"MLI", "SEN"}, Languages: []string{"bm"},
		Identifiers: []intake.Identifier{{Kind: "national_id", Value: "X-4471"}, {Kind: "phone", Value: "+223 70 00 00 01"}},
		Stage:       "followup", Risk: "medium", Basis: codes(t).Codes("legal_basis")[0],
		Note:    intake.Note{Text: "came with an aunt"},
		Kept:    []intake.Kept{{Header: "vic_MethodsOfControl", Text: "DebtBondage;TakesEarnings"}},
		Profile: intake.HTCDS, AgesOn: today,
	}
	if len(row.Source) != 12 || row.Source[10].Text != "DebtBondage;TakesEarnings" {
		t.Errorf("%d cells are kept as they stood, want all 12", len(row.Source))
	}
	row.Source = nil
	compare(t, row, want)
}

func TestArabicRow(t *testing.T) {
	row := only(t, "رقم الملف;الاسم الأول;اسم الأب;اللقب;تاريخ الميلاد;الجنس;الجنسية;العمر;مستوى الخطر\n"+
		"١٢٣/أ;\u200fسلمى;كريم;الحداد;١٧ أيار ٢٠١١;أنثى;سورية;١٥;عالي\n")
	want := &intake.Row{
		Number: 2, Reference: "١٢٣/أ", Names: []intake.Name{{Text: "سلمى كريم الحداد", Script: "Arab"}},
		Birth:       intake.Birth{Earliest: day("2011-05-17"), Latest: day("2011-05-17")},
		SexRecorded: "female", Nationalities: []string{"SYR"},
		Identifiers: []intake.Identifier{{Kind: "other_case_number", Value: "١٢٣/أ"}},
		Risk:        "high", Basis: codes(t).Codes("legal_basis")[0],
	}
	compare(t, row, want)
}

func TestFrenchRow(t *testing.T) {
	row := only(t, "Nom;Prénom;Né(e) le;Sexe;Nationalité;Langues parlées;Ville;Date d'ouverture;Prochain suivi;Surnom;Observations\n"+
		"OUÉDRAOGO;Aïcha;14 févr. 2012;fille;burkinabè;français, moore;Tampouy;03/11/2025;15/11/2026;Titi;dort peu\n")
	want := &intake.Row{
		Number: 2, Names: []intake.Name{{Text: "Aïcha OUÉDRAOGO", Script: "Latn"}, {Text: "Titi", Kind: "nickname", Script: "Latn"}},
		Birth:       intake.Birth{Earliest: day("2012-02-14"), Latest: day("2012-02-14")},
		SexRecorded: "female", Nationalities: []string{"BFA"}, Languages: []string{"fr"},
		Place: "Tampouy", Risk: "medium", Basis: codes(t).Codes("legal_basis")[0], NextContact: day("2026-11-15"), Opened: day("2025-11-03"),
		Note: intake.Note{Seen: "dort peu"},
		Kept: []intake.Kept{{Header: "Langues parlées", Text: "moore", Code: intake.NotInList}},
	}
	row.Problems = nil
	compare(t, row, want)
}

func compare(t *testing.T, got, want *intake.Row) {
	t.Helper()
	got.Mark = intake.Mark{}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("got, want: %s", d)
	}
}

// Each line is one row under the header "reference,name,date of birth,age,sex,nationality".
func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, line, problems, birth string }{
		{"clean", "A1,Mina Karo,2011-05-17,15,f,KEN", "", "2011-05-17..2011-05-17"},
		{"no such day", "A2,Mina Karo,20110231,,f,KEN", "no-such-date", ".."},
		{"no such day but an age", "A2,Mina Karo,20110231,15,f,KEN", "no-such-date", "2010-11-04..2011-11-03"},
		{"year only", "A3,Mina Karo,2011,,f,KEN", "partial-date", "2011-01-01..2011-12-31"},
		{"year and age", "A3,Mina Karo,2011,15,f,KEN", "partial-date", "2011-01-01..2011-11-03"},
		{"age differs", "A4,Mina Karo,2011-05-17,9,f,KEN", "age-differs", "2011-05-17..2011-05-17"},
		{"future", "A5,Mina Karo,2031-05-17,,f,KEN", "in-the-future", ".."},
		{"other calendar", "A6,Mina Karo,1432-06-14,,f,KEN", "other-calendar", ".."},
		{"no name", "A7,,2011-05-17,,f,KEN", "no-name!", "2011-05-17..2011-05-17"},
		{"name not known", "A8,inconnue,2011-05-17,,f,KEN", "no-name!", "2011-05-17..2011-05-17"},
		{"a name that looks like a word", "A9,Na,2011-05-17,,f,KEN", "", "2011-05-17..2011-05-17"},
		{"sex nobody knows", "A10,Mina Karo,2011-05-17,,?,KEN", "", "2011-05-17..2011-05-17"},
		{"sex not in the list", "A11,Mina Karo,2011-05-17,,zz,KEN", "not-in-list", "2011-05-17..2011-05-17"},
		{"nationality or nothing", "A12,Mina Karo,2011-05-17,,f,NA", "not-in-list", "2011-05-17..2011-05-17"},
		{"nothing known", "A13,Mina Karo,99/99/9999,??,n/a,n/a", "", ".."},
		{"control character", "A14,Mi\x07na Karo,2011-05-17,,f,KEN", "control-characters", "2011-05-17..2011-05-17"},
		{"override", "A15,\u202eoraK aniM,2011-05-17,,f,KEN", "direction-override", "2011-05-17..2011-05-17"},
		{"unreadable", "A16,Mina \xff,2011-05-17,,f,KEN", "not-text", "2011-05-17..2011-05-17"},
		{"broken formula", "A17,Mina Karo,#REF!,,f,KEN", "formula-error", ".."},
		{"adult", "A18,Mina Karo,1990-05-17,,f,KEN", "adult", "1990-05-17..1990-05-17"},
		{"long name", "A19," + strings.Repeat("ab ", 80) + ",2011-05-17,,f,KEN", "too-long no-name!", "2011-05-17..2011-05-17"},
		{"same reference", "A0,Mina Karo,2011-05-17,,f,KEN", "same-reference!", "2011-05-17..2011-05-17"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "reference,name,date of birth,age,sex,nationality\nA0,Ilo Tarn,2010-01-01,,m,GHA\n" + c.line + "\n"
			m := propose(t, text).Mapping
			m.Sheet.Encoding = sheet.UTF8
			row := read(t, text, &m)[1]
			if got := problems(row); got != c.problems {
				t.Errorf("problems: got %q, want %q", got, c.problems)
			}
			if got := row.Birth.Earliest.String() + ".." + row.Birth.Latest.String(); got != c.birth {
				t.Errorf("birth: got %s, want %s", got, c.birth)
			}
			for _, n := range row.Names {
				if strings.ContainsAny(n.Text, "\x07\u202e") || !utf8.ValidString(n.Text) {
					t.Errorf("the name still hides something")
				}
			}
		})
	}
}

// A value that was not understood is kept with the case, word for word.
func TestNothingIsDropped(t *testing.T) {
	text := "name,date of birth,age,sex,nationality,opened,favourite colour,\n" +
		"Mina Karo,20110231,abc,zz,Utopia;KE,31/31/2025,green,beyond\n"
	row := only(t, text)
	var kept []string
	for _, k := range row.Kept {
		kept = append(kept, k.Text)
	}
	for _, want := range []string{"20110231", "abc", "zz", "Utopia", "31/31/2025", "green", "beyond"} {
		if !strings.Contains(strings.Join(kept, "|"), want) {
			t.Errorf("%s is lost; kept %v", want, kept)
		}
	}
}

func TestRowsDoNotPrint(t *testing.T) {
	row := only(t, "name,date of birth\nMina Karo,20110231\n")
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, v := range []any{row, *row, row.Problems, row.Problems[0]} {
			var b bytes.Buffer
			printTo(&b, format, v)
			if strings.Contains(b.String(), "Karo") || strings.Contains(b.String(), "0231") {
				t.Errorf("%s prints %s", format, b.String())
			}
		}
	}
	if _, err := row.MarshalJSON(); err == nil {
		t.Error("a row encodes itself")
	}
}

func TestSavedMapping(t *testing.T) {
	const first = "name;born;sex\nMina Karo;2011-05-17;f\n"
	m := propose(t, first).Mapping
	t.Run("columns in another order", func(t *testing.T) {
		rows := read(t, "sex;extra;born;name\nf;x;2011-05-17;Mina Karo\n", &m)
		if rows[0].SexRecorded != "female" || rows[0].Names[0].Text != "Mina Karo" || rows[0].Kept[0].Text != "x" {
			t.Error("the columns were not found by their headers")
		}
	})
	t.Run("a column is missing", func(t *testing.T) {
		table, err := intake.OpenTable(strings.NewReader("name;sex\nMina Karo;f\n"), &m, codes(t), sheet.DefaultLimits(), today)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.Next(); len(fault.FieldsOf(err)) == 0 || fault.FieldsOf(err)[0].Code != "column-missing" {
			t.Errorf("got %v, want column-missing", err)
		}
	})
	t.Run("what a text means", func(t *testing.T) {
		m := m
		m.Values = map[intake.Field]map[string]string{intake.Sex: {"2": "female"}}
		if rows := read(t, "name;born;sex\nMina Karo;2011-05-17;2\n", &m); rows[0].SexRecorded != "female" {
			t.Errorf("got %q", rows[0].SexRecorded)
		}
	})
}

func TestMappingFaults(t *testing.T) {
	good := propose(t, "name,born,sex,risk\nMina Karo,2011-05-17,f,low\n").Mapping
	for _, c := range []struct {
		name   string
		change func(*intake.Mapping)
		field  string
		code   string
	}{
		{"as it should be", func(*intake.Mapping) {}, "", ""},
		{"unknown field", func(m *intake.Mapping) { m.Columns[2].Field = "shoe" }, "column_2", "choose-one"},
		{"field twice", func(m *intake.Mapping) { m.Columns[2].Field = intake.BirthDate }, "column_2", "column-twice"},
		{"no name", func(m *intake.Mapping) { m.Columns[0].Field = intake.Keep }, "columns", "no-name-column"},
		{"kind of number", func(m *intake.Mapping) { m.Columns[2].Field = intake.IdentifierOf }, "column_2", "choose-one"},
		{"unknown order", func(m *intake.Mapping) { m.Columns[1].Order = "dym" }, "column_1_order", "choose-one"},
		{"no basis", func(m *intake.Mapping) { delete(m.Defaults, intake.Basis) }, "default_basis", "required"},
		{"no risk", func(m *intake.Mapping) { m.Columns[3].Field = intake.Skip; delete(m.Defaults, intake.Risk) }, "default_risk", "required"},
		{"risk not in the list", func(m *intake.Mapping) { m.Defaults[intake.Risk] = "dire" }, "default_risk", "not-in-list"},
		{"value not in the list", func(m *intake.Mapping) {
			m.Values = map[intake.Field]map[string]string{intake.Sex: {"2": "woman"}}
		}, "values", "not-in-list"},
		{"ages on no day", func(m *intake.Mapping) { m.AgesOn = "2026" }, "ages_on", "date"},
		{"month without year", func(m *intake.Mapping) { m.Columns[2].Field = intake.BirthMonth }, "columns", "no-year-column"},
		{"group out of range", func(m *intake.Mapping) { m.Columns[0].Group = 10 }, "column_0_group", "out-of-range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := good
			m.Columns = append([]intake.Column(nil), good.Columns...)
			m.Defaults = map[intake.Field]string{intake.Risk: "low", intake.Basis: good.Defaults[intake.Basis]}
			c.change(&m)
			fields := fault.FieldsOf(m.Check(codes(t)))
			if c.field == "" && len(fields) == 0 {
				return
			}
			if len(fields) == 0 || fields[0] != (fault.Field{Name: c.field, Code: c.code}) {
				t.Errorf("got %v, want %s %s", fields, c.field, c.code)
			}
		})
	}
}
