package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/intake/sheet"
	"causeway/internal/intake/xlsform"
	"causeway/internal/web"
	"causeway/internal/web/tabular"
)

// workbookDesk lets the staff pages turn forms into XLSForm workbooks and back:
// doors do not know each other.
type workbookDesk struct{ n *Node }

// Write implements web.WorkbookDesk.
func (d workbookDesk) Write(w io.Writer, f *forms.Form) ([]web.Lost, error) {
	book, lost := xlsform.Export(f, d.n.Pack)
	out := tabular.NewBook(w, "", false)
	var last tabular.Writer
	for _, s := range book.Sheets() {
		page, err := out.Sheet(s.Name)
		if err != nil {
			return nil, err
		}
		for _, row := range s.Rows {
			if err := page.Row(row); err != nil {
				return nil, err
			}
		}
		last = page
	}
	return lostWords(lost), last.Close()
}

// formLimits bound a workbook that somebody brings in as a form.
var formLimits = sheet.Limits{FileBytes: 1 << 20, PlainBytes: 16 << 20, TextBytes: 8 << 20, Rows: 5000, Columns: 200, CellBytes: 32 << 10}

// Read implements web.WorkbookDesk.
func (d workbookDesk) Read(ctx context.Context, b []byte) (forms.Plain, []web.Lost, error) {
	src := bytes.NewReader(b)
	guess, err := sheet.Inspect(ctx, src, formLimits)
	if err != nil {
		return forms.Plain{}, nil, err
	}
	if guess.Options.Format != sheet.XLSX {
		return forms.Plain{}, nil, fault.New(fault.Invalid, "no-xlsform")
	}
	var book xlsform.Book
	for name, rows := range map[string]*[][]string{"survey": &book.Survey, "choices": &book.Choices, "settings": &book.Settings} {
		i := slices.IndexFunc(guess.Sheets, func(s string) bool { return strings.EqualFold(s, name) })
		if i < 0 {
			continue
		}
		if *rows, err = readSheet(src, guess.Sheets[i]); err != nil {
			return forms.Plain{}, nil, err
		}
	}
	p, lost, err := xlsform.Import(book, d.n.Pack)
	return p, lostWords(lost), err
}

func readSheet(src sheet.Source, name string) ([][]string, error) {
	r, err := sheet.Open(src, sheet.Options{Format: sheet.XLSX, Sheet: name}, formLimits)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out [][]string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, slices.Clone(row.Cells))
	}
}

func lostWords(list []xlsform.Lost) []web.Lost {
	out := make([]web.Lost, len(list))
	for i, l := range list {
		out[i] = web.Lost(l)
	}
	return out
}
