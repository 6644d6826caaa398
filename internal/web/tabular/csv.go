package tabular

import (
	"encoding/csv"
	"io"
)

// NewCSV writes text with commas, as UTF-8 with the mark by which spreadsheet
// programs know it.
func NewCSV(w io.Writer) (Writer, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true // RFC 4180
	return csvWriter{c}, nil
}

type csvWriter struct{ w *csv.Writer }

func (c csvWriter) Row(cells []string) error {
	out := make([]string, len(cells))
	for i, s := range cells {
		out[i] = Harmless(s)
	}
	return c.w.Write(out)
}

func (c csvWriter) Close() error {
	c.w.Flush()
	return c.w.Error()
}
