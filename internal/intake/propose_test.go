package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/intake"
	"causeway/internal/intake/sheet"
)

var update = flag.Bool("update", false, "write the golden files anew")

func printTo(w io.Writer, format string, v any) { fmt.Fprintf(w, format, v) }

// Every file in testdata/guess has what is proposed for it beside it.
func TestProposals(t *testing.T) {
	files, err := filepath.Glob("testdata/guess/*.[ct]sv")
	if err != nil || len(files) == 0 {
		t.Fatal("no files to guess")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p, err := intake.Propose(context.Background(), bytes.NewReader(b), codes(t), sheet.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", struct {
				Mapping   intake.Mapping
				Encodings []sheet.Choice
				Questions []intake.Question
			}{p.Mapping, p.Guess.Encodings[:1], p.Questions})
		})
	}
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(got), string(want)); d != "" {
		t.Errorf("got, want: %s", d)
	}
}

func TestMappingRoundTrip(t *testing.T) {
	m := propose(t, "prénom;né le\nMina;03/04/2011\n").Mapping
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := intake.ReadMapping(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(back, m); d != "" {
		t.Errorf("got, want: %s", d)
	}
	for name, text := range map[string]string{
		"unknown field": `{"version":1,"colums":[]}`, "two values": `{"version":1}{}`, "not JSON": `x`,
		"too big": strings.Repeat(" ", 1<<20+1), "other version": `{"version":2}`,
	} {
		if _, err := intake.ReadMapping(strings.NewReader(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want an invalid mapping", name, err)
		}
	}
}

func FuzzMapping(f *testing.F) {
	f.Add([]byte(`{"version":1,"sheet":{"format":"csv"},"header_row":1,"columns":[{"header":"a","field":"full_name"}],"defaults":{"risk":"low","basis":"consent"}}`), []byte("a\nb\n"))
	f.Add([]byte(`{"version":1,"sheet":{"format":"csv"},"columns":[{"field":"birth_date","order":"dmy"},{"field":"given_name","group":3}]}`), []byte("03/04/2011,x\n"))
	f.Fuzz(func(t *testing.T, mapping, text []byte) {
		m, err := intake.ReadMapping(bytes.NewReader(mapping))
		if err != nil {
			return
		}
		table, err := intake.OpenTable(bytes.NewReader(text), &m, codes(t), sheet.DefaultLimits(), today)
		if err != nil {
			return
		}
		defer table.Close()
		if _, err := intake.DryRun(context.Background(), table, nil); err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("not a fault of the input: %v", err)
		}
	})
}

func FuzzPropose(f *testing.F) {
	f.Add([]byte("name,date of birth,sex\nMina,03/04/2011,f\n"))
	f.Add([]byte("الاسم;تاريخ الميلاد\nسلمى;١٧ أيار ٢٠١١\n"))
	c := codes(f)
	basis := c.Codes("legal_basis")[0]
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := intake.Propose(context.Background(), bytes.NewReader(text), c, sheet.DefaultLimits())
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("not a fault of the input: %v", err)
			}
			return
		}
		p.Mapping.Defaults = map[intake.Field]string{intake.Risk: "low", intake.Basis: basis}
		table, err := intake.OpenTable(bytes.NewReader(text), &p.Mapping, c, sheet.DefaultLimits(), today)
		if err != nil {
			return
		}
		defer table.Close()
		rep, err := intake.DryRun(context.Background(), table, nil)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("not a fault of the input: %v", err)
		}
		if rep.Ready+rep.Stopped != rep.Rows {
			t.Fatalf("%d ready and %d stopped of %d rows", rep.Ready, rep.Stopped, rep.Rows)
		}
	})
}

// TestOpenQuestions: what a mapping answers is not asked again.
func TestOpenQuestions(t *testing.T) {
	propose := func(text string) *intake.Proposal {
		t.Helper()
		p, err := intake.Propose(t.Context(), bytes.NewReader([]byte(text)), codes(t), sheet.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := propose("name,born\nMina,01/02/2012\nIlo,03/04/2011\n")
	for _, c := range []struct {
		what   string
		change func(*intake.Mapping)
		chosen bool
		want   string
	}{
		{"as proposed", func(*intake.Mapping) {}, false, "order-unknown choose-risk choose-basis"},
		{"a risk for all", func(m *intake.Mapping) { m.Defaults[intake.Risk] = "low" }, false, "order-unknown choose-basis"},
		{"a column of risks", func(m *intake.Mapping) { m.Columns[1].Field = intake.Risk }, true, "choose-basis"},
		{"a mapping of a person", func(*intake.Mapping) {}, true, "choose-risk choose-basis"},
		{"a mapping without a name", func(m *intake.Mapping) { m.Columns[0].Field = intake.Keep }, true, "choose-risk choose-basis"},
		{"a basis and a risk", func(m *intake.Mapping) {
			m.Defaults[intake.Risk], m.Defaults[intake.Basis] = "low", "consent"
		}, true, ""},
	} {
		m := p.Mapping
		m.Columns, m.Defaults = slices.Clone(m.Columns), map[intake.Field]string{}
		c.change(&m)
		var got []string
		for _, q := range p.Open(m, c.chosen) {
			got = append(got, q.Code)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: asks %q, want %q", c.what, got, c.want)
		}
	}
	unnamed := propose("colour,size\ngreen,4\n")
	m := unnamed.Mapping
	if len(unnamed.Open(m, true)) != 3 {
		t.Errorf("no column holds a name: asks %v, want for a name, risk and basis", unnamed.Open(m, true))
	}
	m.Columns = slices.Clone(m.Columns)
	m.Columns[0].Field = intake.FullName
	if len(unnamed.Open(m, true)) != 2 {
		t.Errorf("a column holds the name: asks %v, want for risk and basis", unnamed.Open(m, true))
	}
}
