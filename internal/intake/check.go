package intake

import (
	"context"
	"errors"
	"io"
	"slices"
)

// Report is what a dry run found. It holds counts and codes only; the problems of
// single rows go to the function given to [DryRun].
type Report struct {
	Rows    int64            `json:"rows"`
	Ready   int64            `json:"ready"`   // can be registered
	Noted   int64            `json:"noted"`   // of them, with something to tell
	Stopped int64            `json:"stopped"` // cannot be registered
	Again   int64            `json:"again"`   // of them, those that came before
	Codes   map[string]int64 `json:"codes"`   // rows with this problem
	Columns []ColumnReport   `json:"columns"`
	Brings  map[string]int64 `json:"brings,omitempty"` // by what entries of sub-forms become: how many, of all ready rows
	Cases   []CaseReport     `json:"cases,omitempty"`  // ready rows with such entries, the first [mostTold]
}

// CaseReport is how many entries of sub-forms become something with one case, in the
// order of [Parts].
type CaseReport struct {
	Row    int64   `json:"row"`
	Counts []int64 `json:"counts"`
}

// ColumnReport is what a dry run found in one column.
type ColumnReport struct {
	Header string           `json:"header"`
	Field  Field            `json:"field"`
	Filled int64            `json:"filled"` // cells with text
	Codes  map[string]int64 `json:"codes,omitempty"`
}

// DryRun reads a table to its end and writes nothing. each is called for every
// row, nil for no call; its error ends the run.
func DryRun(ctx context.Context, t *Table, each func(*Row) error) (Report, error) {
	rep := Report{Codes: map[string]int64{}}
	var columns []map[string]int64
	for {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return rep, err
		}
		for len(columns) < len(t.columns) {
			columns = append(columns, map[string]int64{})
		}
		rep.count(row, columns)
		if each != nil {
			if err := each(row); err != nil {
				return rep, err
			}
		}
	}
	for i, c := range t.columns {
		r := ColumnReport{Header: c.Header, Field: c.Field, Filled: t.filled[i]}
		if i < len(columns) && len(columns[i]) > 0 {
			r.Codes = columns[i]
		}
		rep.Columns = append(rep.Columns, r)
	}
	return rep, nil
}

func (rep *Report) count(row *Row, columns []map[string]int64) {
	rep.Rows++
	switch {
	case row.Stopped():
		rep.Stopped++
		if row.again() {
			rep.Again++
		}
	case len(row.Problems) > 0:
		rep.Ready++
		rep.Noted++
	default:
		rep.Ready++
	}
	rep.brings(row)
	for i, p := range row.Problems {
		again := false
		for _, before := range row.Problems[:i] {
			again = again || before.Code == p.Code
		}
		if !again {
			rep.Codes[p.Code]++
		}
		if p.Column > 0 && p.Column <= len(columns) {
			columns[p.Column-1][p.Code]++
		}
	}
}

// brings counts what comes with a row that can be registered.
func (rep *Report) brings(row *Row) {
	if len(row.Parts) == 0 || row.Stopped() {
		return
	}
	kinds := Parts()
	one := CaseReport{Row: row.Number, Counts: make([]int64, len(kinds))}
	for _, p := range row.Parts {
		one.Counts[slices.Index(kinds, p.What)]++
	}
	if rep.Brings == nil {
		rep.Brings = map[string]int64{}
	}
	for i, n := range one.Counts {
		rep.Brings[kinds[i]] += n
	}
	if len(rep.Cases) < mostTold {
		rep.Cases = append(rep.Cases, one)
	}
}
