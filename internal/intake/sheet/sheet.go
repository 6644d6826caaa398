// Package sheet reads tables of text out of files that other programs wrote:
// CSV in any usual encoding, CSV packed with gzip, XLSX workbooks, and lists of
// JSON records.
//
// It must never hold a whole file in memory, write plain content to disk, or
// put what a cell holds into an error. Every limit is checked while reading, so
// a file made to be hostile costs no more than an honest one.
//
// Start at [Inspect], which guesses how a file is written, and [Open], which
// reads its rows.
package sheet

import (
	"errors"
	"fmt"
	"io"

	"causeway/internal/fault"
)

// Source is a file that can be read from any place: an open file, or a sealed
// spool that opens piece by piece.
type Source interface {
	io.ReaderAt
	Size() int64
}

// The formats a file can have.
const (
	CSV  = "csv"
	XLSX = "xlsx"
	JSON = "json" // a list of records, as Primero exports them
)

// Limits bounds what one file may cost.
type Limits struct {
	FileBytes  int64 // size of the file as it was sent
	PlainBytes int64 // size after unpacking
	TextBytes  int64 // shared texts of a workbook, which have to be in memory
	Rows       int64 // rows, the header included
	Columns    int   // cells in one row
	CellBytes  int   // bytes of text in one cell
}

// DefaultLimits returns the limits of a node: a million rows, and cells as long
// as a spreadsheet program lets them be.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:  256 << 20,
		PlainBytes: 1 << 30,
		TextBytes:  64 << 20,
		Rows:       1_000_001,
		Columns:    400,
		CellBytes:  64 << 10,
	}
}

// Options says how a file is to be read. Fields that do not concern the format
// stay empty.
type Options struct {
	Format    string `json:"format"`              // CSV, XLSX or JSON
	Encoding  string `json:"encoding,omitempty"`  // one of Encodings
	Delimiter string `json:"delimiter,omitempty"` // one character between cells
	Quote     string `json:"quote,omitempty"`     // one character around cells, "none" for no quotes
	Sheet     string `json:"sheet,omitempty"`     // name of the sheet, "" for the first one shown
}

// Row is one row that holds something.
type Row struct {
	Number int64    // as a spreadsheet program counts it: the first row is 1
	Cells  []string // may hold bytes that are no text; valid until the next row is read
	Raw    []string // of JSON: each value as it is written there, compact; nil in other formats
}

// Place is where in a file reading stopped. It is the cause inside a fault, so
// that a message can say the row and column.
type Place struct {
	Row    int64
	Column int // 1 is the first; 0 when the whole row is meant
}

// Error returns the place in words for a log.
func (p Place) Error() string {
	if p.Column == 0 {
		return fmt.Sprintf("row %d", p.Row)
	}
	return fmt.Sprintf("row %d, column %d", p.Row, p.Column)
}

// Reader reads the rows of one table in order.
type Reader struct {
	rows  rowReader
	close func() error
}

// rowReader is what the formats have in common. read returns io.EOF after
// the last row; rows without any text are returned too.
type rowReader interface {
	read() (Row, error)
}

// Open starts to read the table in src. The options must name a format; see
// [Inspect] for a guess.
func Open(src Source, opts Options, lim Limits) (*Reader, error) {
	if src.Size() > lim.FileBytes {
		return nil, fault.New(fault.Invalid, "file-too-big")
	}
	if opts.Format == XLSX {
		book, err := openBook(src, lim)
		if err != nil {
			return nil, err
		}
		return book.openSheet(opts.Sheet)
	}
	if opts.Format == JSON {
		rows, err := newJSON(src, lim)
		if err != nil {
			return nil, err
		}
		return &Reader{rows: rows, close: func() error { return nil }}, nil
	}
	if opts.Format != CSV {
		return nil, fault.InvalidField("format", "choose-one")
	}
	plain, err := plainText(src, lim)
	if err != nil {
		return nil, err
	}
	text, err := decoded(plain, opts.Encoding)
	if err != nil {
		return nil, err
	}
	rows, err := newCSV(text, opts, lim)
	if err != nil {
		return nil, err
	}
	return &Reader{rows: rows, close: func() error { return nil }}, nil
}

// Next returns the next row that holds any text, and io.EOF after the last.
func (r *Reader) Next() (Row, error) {
	for {
		row, err := r.rows.read()
		if err != nil {
			return Row{}, err
		}
		for _, c := range row.Cells {
			if c != "" {
				return row, nil
			}
		}
	}
}

// Close ends reading. It may be called at any row.
func (r *Reader) Close() error { return r.close() }

// previewBytes bounds what a preview holds in memory.
const previewBytes = 4 << 20

// Preview returns the first rows that hold anything, at most n and not much more
// than 4 MiB of text, copied.
func Preview(src Source, opts Options, lim Limits, n int) ([]Row, error) {
	r, err := Open(src, opts, lim)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var rows []Row
	for size := 0; len(rows) < n && size < previewBytes; {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, Row{Number: row.Number, Cells: append([]string(nil), row.Cells...)})
		for _, c := range row.Cells {
			size += len(c) + 16
		}
	}
	return rows, nil
}

// at is a fault about the file with the place it was found at.
func at(code string, row int64, column int) error {
	return fault.Wrap(fault.Invalid, code, Place{row, column})
}
