package web

import (
	"encoding/csv"
	"io"
	"strconv"
)

// importParts is what the entries of sub-forms become, in the order in which a report
// counts them.
var importParts = []string{"person", "need", "note", "followup"}

// bringsShown is on how many rows the page of a report says what comes with them.
const bringsShown = 20

// brings says what comes with the rows of a file, nil where nothing does.
func (v *visit) brings(rows []RowBrings, at string) *Brings {
	if len(rows) == 0 {
		return nil
	}
	all := make([]int64, len(importParts))
	out := &Brings{More: max(len(rows)-bringsShown, 0), File: at + "/brings.csv"}
	for i, row := range rows {
		for j, n := range row.Counts[:min(len(row.Counts), len(all))] {
			all[j] += n
		}
		if i < bringsShown {
			out.Rows = append(out.Rows, BringsRow{Row: row.Row, What: v.bringsWords(row.Counts)})
		}
	}
	out.All = v.bringsWords(all)
	return out
}

func (v *visit) bringsWords(counts []int64) []string {
	var out []string
	for i, n := range counts[:min(len(counts), len(importParts))] {
		if n > 0 {
			out = append(out, v.l.T("brings."+importParts[i], "n", int(n)))
		}
	}
	return out
}

// importBrings sends what comes with each row as a file for a spreadsheet: numbers
// only.
func (s *Server) importBrings(v *visit) error {
	if err := v.mayImport(); err != nil {
		return err
	}
	im, err := s.Import.Get(v.r.Context(), v.caller, v.importID())
	if err != nil {
		return err
	}
	out := &download{w: v.w, name: "what-comes-with-each-row.csv", kind: "text/csv; charset=utf-8"}
	if _, err := io.WriteString(out, "\ufeff"); err != nil { // so that spreadsheets read the letters right
		return nil
	}
	table := csv.NewWriter(out)
	head := []string{v.l.T("problems.row")}
	for _, part := range importParts {
		head = append(head, v.l.Word("importpart", part))
	}
	_ = table.Write(head) // what cannot be sent has nobody to tell
	for _, row := range im.Brings {
		line := []string{strconv.Itoa(row.Row)}
		for _, n := range row.Counts {
			line = append(line, strconv.FormatInt(n, 10))
		}
		_ = table.Write(line)
	}
	table.Flush()
	return nil
}
