package sheet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/intake/sheet"

	"github.com/google/go-cmp/cmp"
)

func jsonRows(text string, lim sheet.Limits) ([]sheet.Row, error) {
	r, err := sheet.Open(bytes.NewReader([]byte(text)), sheet.Options{Format: sheet.JSON}, lim)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []sheet.Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, row)
	}
}

func TestJSONRecordsAreRows(t *testing.T) {
	header := func(cells ...string) sheet.Row { return sheet.Row{Number: 1, Cells: cells} }
	for name, c := range map[string]struct {
		text string
		want []sheet.Row
	}{
		"list":                {`[{"a":"x","b":2}]`, []sheet.Row{header("a", "b"), {Number: 2, Cells: []string{"x", "2"}, Raw: []string{`"x"`, "2"}}}},
		"answer of an API":    {`{"metadata":{"total":1},"data":[{"a":true}]}`, []sheet.Row{header("a"), {Number: 2, Cells: []string{"true"}, Raw: []string{"true"}}}},
		"one record":          {"\xef\xbb\xbf" + `{"a":"x"}`, []sheet.Row{header("a"), {Number: 2, Cells: []string{"x"}, Raw: []string{`"x"`}}}},
		"fields in data":      {`[{"id":"1","data":{"id":"2","name":"y"}}]`, []sheet.Row{header("id", "data.id", "name"), {Number: 2, Cells: []string{"1", "2", "y"}, Raw: []string{`"1"`, `"2"`, `"y"`}}}},
		"a later name":        {`[{"a":"x"},{"b":"y"}]`, []sheet.Row{header("a", "b"), {Number: 2, Cells: []string{"x", ""}, Raw: []string{`"x"`, ""}}, {Number: 3, Cells: []string{"", "y"}, Raw: []string{"", `"y"`}}}},
		"lists and sub-forms": {`[{"l":["p", "q"],"s":[{"k":1}]}]`, []sheet.Row{header("l", "s"), {Number: 2, Cells: []string{"p; q", `[{"k":1}]`}, Raw: []string{`["p","q"]`, `[{"k":1}]`}}}},
	} {
		got, err := jsonRows(c.text, sheet.DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: want -, got +\n%s", name, diff)
		}
		if g, err := sheet.Inspect(context.Background(), bytes.NewReader([]byte(c.text)), sheet.DefaultLimits()); err != nil || g.Options.Format != sheet.JSON {
			t.Errorf("%s: taken for %q, %v", name, g.Options.Format, err)
		}
	}
}

func TestJSONThatIsRefused(t *testing.T) {
	lim := sheet.DefaultLimits()
	lim.Rows, lim.Columns, lim.CellBytes = 3, 2, 10
	for name, c := range map[string]struct{ text, code string }{
		"cut short":        {`[{"a":"x"},{"a":`, "damaged-file"},
		"no end":           {`[{"a":"x"}`, "damaged-file"},
		"no records":       {`[1,2]`, "not-a-table"},
		"nothing":          {`[]`, "empty-file"},
		"many columns":     {`[{"a":1,"b":2,"c":3}]`, "too-many-columns"},
		"many rows":        {`[{"a":1},{"a":1},{"a":1}]`, "too-many-rows"},
		"long text":        {`[{"a":"0123456789x"}]`, "cell-too-long"},
		"a record too big": {`[{"a":"` + strings.Repeat("x", 9<<20) + `"}]`, "record-too-big"},
		"bytes no text":    {"[{\"a\":\"\xff\"}]", "damaged-file"},
	} {
		if _, err := jsonRows(c.text, lim); fault.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
	if rows, err := jsonRows(`[{"s":[{"k":"0123456789"}]}]`, lim); err != nil || rows[1].Raw[0] != `[{"k":"0123456789"}]` {
		t.Errorf("a long sub-form is not kept whole: %v, %v", rows, err)
	}
}

func TestEntries(t *testing.T) {
	list, ok := sheet.Entries(`[{"unique_id":"a","n":1,"l":["x","y"],"no":null},"a line",7,{}]`)
	want := []sheet.Entry{
		{Raw: `{"unique_id":"a","n":1,"l":["x","y"],"no":null}`, Fields: []sheet.EntryField{
			{Name: "unique_id", Raw: `"a"`, Text: "a"}, {Name: "n", Raw: "1", Text: "1"}, {Name: "l", Raw: `["x","y"]`, Text: "x; y"}, {Name: "no", Raw: "null"},
		}},
		{Raw: `"a line"`},
		{Raw: "7"},
		{Raw: "{}"},
	}
	if diff := cmp.Diff(want, list); !ok || diff != "" {
		t.Errorf("ok %v, want -, got +\n%s", ok, diff)
	}
	if list, ok := sheet.Entries(`{"n":1}`); !ok || len(list) != 1 {
		t.Errorf("one object: %v, %v", list, ok)
	}
	for _, raw := range []string{"", "null", "7", `"text"`, "[", `[{"a":]`} {
		if _, ok := sheet.Entries(raw); ok {
			t.Errorf("%q is taken for entries", raw)
		}
	}
}

func FuzzEntries(f *testing.F) {
	for _, s := range []string{`[{"a":"x","b":[1,2]},3]`, `{"data":[{"a":null}]}`, `[]`, `null`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		list, ok := sheet.Entries(raw)
		if !ok && len(list) > 0 {
			t.Error("entries of what is none")
		}
		for _, e := range list {
			if !json.Valid([]byte(e.Raw)) {
				t.Error("an entry that is no JSON")
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`[{"a":"x","b":[1,2]}]`, `{"data":[{"a":null}]}`, `{"a":{"data":{}}}`, `[{"data":{"a":1}}`} {
		f.Add([]byte(s))
	}
	lim := sheet.DefaultLimits()
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := jsonRows(string(b), lim)
		if err == nil && len(rows) > 1 && len(rows[1].Cells) != len(rows[0].Cells) {
			t.Error("a row is not as wide as its header")
		}
	})
}
