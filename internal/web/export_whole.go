package web

import (
	"io"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/web/tabular"
)

// WholeDesk puts whole cases into the words of another program; package node gives
// the one of package intake.
type WholeDesk interface {
	// Begin starts a file in one of casework.WholeFormats. mark stands in it with
	// each case.
	Begin(format, mark string) (WholeFile, error)
}

// WholeFile takes cases one by one.
type WholeFile interface {
	// Add takes a case, and returns it as one record where the format is a list of
	// records; nil where it is a table.
	Add(l *casework.RecordList) ([]byte, error)
	// Table returns the cases as a table: its columns are known at the end only.
	Table() (header []string, rows [][]string)
}

// endingOf is the ending of a file's name.
func endingOf(format string) string {
	switch format {
	case "htcds":
		return "csv"
	case "htcds_xlsx":
		return "xlsx"
	case "primero":
		return "json"
	}
	return format
}

// wholeCases writes whole cases: a list of records as they come, a table at the
// end.
type wholeCases struct {
	w       io.Writer
	file    WholeFile
	marks   []string
	records bool
	book    bool
	n       int
}

func newWholeCases(v *visit, w io.Writer, format string, marks []string) (*wholeCases, error) {
	if v.s.Whole == nil {
		return nil, fault.New(fault.Unavailable, "export-over")
	}
	file, err := v.s.Whole.Begin(format, strings.Join(marks[1:], " "))
	return &wholeCases{w: w, file: file, marks: marks, records: format == "primero", book: endingOf(format) == "xlsx"}, err
}

func (c *wholeCases) add(l *casework.RecordList) error {
	record, err := c.file.Add(l)
	if err != nil || !c.records {
		return err
	}
	sep := ",\n"
	if c.n++; c.n == 1 {
		sep = "[\n"
	}
	if _, err := io.WriteString(c.w, sep); err != nil {
		return err
	}
	_, err = c.w.Write(record)
	return err
}

func (c *wholeCases) close() error {
	if c.records {
		_, err := io.WriteString(c.w, "\n]\n")
		return err
	}
	var table tabular.Writer
	var err error
	if c.book {
		table, err = tabular.NewBook(c.w, strings.Join(c.marks[:2], " "), false).Sheet("HTCDS 2.0")
	} else {
		table, err = tabular.NewCSV(c.w)
	}
	if err != nil {
		return err
	}
	header, rows := c.file.Table()
	for _, row := range append([][]string{header}, rows...) {
		if err := table.Row(row); err != nil {
			return err
		}
	}
	return table.Close()
}

// Whole implements [casework.WholeSink].
func (x *exporter) Whole(l *casework.RecordList) error { return x.whole.add(l) }
