package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/intake/calendar"
	"causeway/internal/intake/sheet"
)

// The days between which a file can lie. Births before 1900 are beyond what a
// record holds.
var (
	firstDay = calendar.Day{Year: 1900, Month: 1, Day: 1}
	lastDay  = calendar.Day{Year: 2099, Month: 12, Day: 31}
)

// Table yields the rows of a file as a mapping reads them. The same file and
// mapping always give the same rows, so that an import can be taken up again.
type Table struct {
	r       *sheet.Reader
	m       *Mapping
	codes   Codes
	today   calendar.Day
	columns []Column
	agesOn  calendar.Day
	known   map[Field]map[string]string // texts resolved before

	// Earlier reports whether an earlier import registered the row with this mark.
	// It is set before the first row, nil for no earlier import.
	Earlier func(Mark) bool
	// Worker reports whether somebody signs in under a name, nil to believe it.
	Worker func(signIn string) bool

	seen    map[uint64]struct{} // rows of this file before, by their marks
	content []byte              // what a mark is made of, kept for its room
	filled  []int64             // cells with text, by column
	started bool
}

// Mark recognises a row that comes again: the same reference, or the same cells.
// It is a plain digest and never stored; see marks.
type Mark [sha256.Size]byte

// OpenTable starts to read a file. today bounds births and is the day of ages
// for which no other day is known.
func OpenTable(src sheet.Source, m *Mapping, codes Codes, lim sheet.Limits, today calendar.Day) (*Table, error) {
	if err := m.Check(codes); err != nil {
		return nil, err
	}
	r, err := sheet.Open(src, m.Sheet, lim)
	if err != nil {
		return nil, err
	}
	t := &Table{r: r, m: m, codes: codes, today: today, agesOn: today, known: map[Field]map[string]string{}, seen: map[uint64]struct{}{}}
	if m.AgesOn != "" {
		t.agesOn = calendar.Parse(m.AgesOn, calendar.YMD, calendar.Bounds{First: firstDay, Last: lastDay}).From
	}
	return t, nil
}

// Close ends reading. It may be called at any row.
func (t *Table) Close() error { return t.r.Close() }

// Columns returns what each column of the file is taken for, in the file's order.
// It is known once a row has been read.
func (t *Table) Columns() []Column { return t.columns }

// Next returns the next row, io.EOF after the last. The row is the caller's.
func (t *Table) Next() (*Row, error) {
	for {
		raw, err := t.r.Next()
		if err != nil {
			if errors.Is(err, io.EOF) && !t.started && t.m.HeaderRow > 0 {
				return nil, fault.InvalidField("header_row", "no-header-row")
			}
			return nil, err
		}
		if raw.Number < t.m.HeaderRow {
			continue // titles above the table
		}
		if !t.started {
			if t.m.HeaderRow > 0 && raw.Number > t.m.HeaderRow {
				return nil, fault.InvalidField("header_row", "no-header-row")
			}
			t.started = true
			if t.columns, err = t.m.arrange(raw.Cells); err != nil {
				return nil, err
			}
			t.filled = make([]int64, len(t.columns))
			if t.m.HeaderRow > 0 {
				continue
			}
		}
		return t.row(raw), nil
	}
}

// row reads one row.
func (t *Table) row(raw sheet.Row) *Row {
	b := builder{t: t, row: &Row{Number: raw.Number, Profile: t.m.Profile}}
	for i, cell := range raw.Cells {
		if cell = unguarded(cell); cell == "" {
			continue
		}
		col := Column{Field: Keep} // a cell beyond the last header
		if i < len(t.columns) {
			col = t.columns[i]
			t.filled[i]++
		}
		written := ""
		if raw.Raw != nil {
			written = raw.Raw[i]
		}
		if t.m.Profile != "" {
			b.row.AgesOn = t.agesOn
			b.row.Source = append(b.row.Source, Cell{Name: col.Header, Text: cell, Raw: written, As: col})
		}
		b.cell(i, col, cell, written)
	}
	b.finish()
	t.repeated(b.row, raw)
	return b.row
}

// repeated stops a row that came before, in this file or in an earlier import:
// the same reference, or without one the same content in every cell. Programs
// that export sub-forms write a case several times, and people bring in a file
// again after they corrected it.
func (t *Table) repeated(row *Row, raw sheet.Row) {
	code, column := SameRow, 0
	t.content = t.content[:0]
	if row.Reference != "" {
		code = SameReference
		t.content = append(append(t.content, "reference:"...), row.Reference...)
		for i, c := range t.columns {
			if c.Field == Reference {
				column = i + 1
			}
		}
	} else {
		for _, c := range raw.Cells {
			t.content = append(strconv.AppendInt(append(t.content, "cell:"...), int64(len(c)), 10), ':')
			t.content = append(t.content, c...)
		}
	}
	row.Mark = sha256.Sum256(t.content)
	short := binary.BigEndian.Uint64(row.Mark[:])
	_, again := t.seen[short]
	t.seen[short] = struct{}{}
	if !again && t.Earlier != nil && t.Earlier(row.Mark) {
		code, again = AlreadyIn, true
	}
	if again {
		row.Problems = append(row.Problems, Problem{Row: row.Number, Column: column, Code: code, Stop: true, Value: row.Reference})
	}
}

// lookup returns the code a text means in the list of a field. Answers are
// remembered, because columns repeat few values.
func (t *Table) lookup(f Field, text string) (string, bool) {
	if code, ok := t.known[f][text]; ok {
		return code, code != ""
	}
	code, ok := t.m.Values[f][text]
	if !ok {
		code, ok = resolve(t.codes, fields[f].list, text)
		// A text that also says "not known", such as NA, may be either.
		if ok && code != "unknown" && saysUnknown(anyField, text) {
			code, ok = "", false
		}
	}
	if t.known[f] == nil {
		t.known[f] = map[string]string{}
	}
	if len(t.known[f]) < 10_000 {
		t.known[f][strings.Clone(text)] = code
	}
	return code, ok && code != ""
}
