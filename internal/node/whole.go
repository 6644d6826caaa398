package node

import (
	"causeway/internal/casework"
	"causeway/internal/intake"
	"causeway/internal/web"
)

// wholeDesk lets the staff pages ask package intake for whole cases in the words
// of another program: doors do not know each other.
type wholeDesk struct{ n *Node }

// Begin implements web.WholeDesk.
func (d wholeDesk) Begin(format, mark string) (web.WholeFile, error) {
	profile := map[string]string{"htcds": intake.HTCDS, "htcds_xlsx": intake.HTCDS, "primero": intake.Primero}[format]
	w, err := intake.NewWriter(profile, d.n.book(), d.n.Pack.Aliases)
	if err != nil {
		return nil, err
	}
	return &wholeFile{w: w, profile: profile, mark: mark}, nil
}

// book is the pack's codes with the forms in force.
func (n *Node) book() intake.Book { return intake.Book{Codes: n.Pack, Forms: n.Forms.Library()} }

type wholeFile struct {
	w             *intake.Writer
	profile, mark string
	cases         []*intake.Whole // of a table
}

// Add implements web.WholeFile.
func (f *wholeFile) Add(l *casework.RecordList) ([]byte, error) {
	c := intake.WholeOf(l, f.profile)
	if f.profile == intake.Primero {
		return f.w.Record(c, f.mark), nil
	}
	f.cases = append(f.cases, c)
	return nil, nil
}

// Table implements web.WholeFile.
func (f *wholeFile) Table() (header []string, rows [][]string) {
	header, rows = f.w.Table(f.cases)
	for i := range rows {
		rows[i] = append(rows[i], f.mark)
	}
	return append(header, intake.MarkName), rows
}
