package directory

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// MostRows is how many services one file may bring.
const MostRows = 100_000

// File is a file of services that was read: its rows, and what is wrong with its form.
type File struct {
	columns  []column
	rows     []fileRow
	problems []Problem
}

type fileRow struct {
	number int // as a spreadsheet counts
	cells  []string
	again  bool // its code stood in a row before
}

// ReadCSV reads a file of services: text in UTF-8 with commas, semicolons or tabs, the
// names of [Columns] in the first row, in any order. A row of HXL tags below it is
// passed over. What cannot be read at all is a fault; what is wrong with single rows
// is found by [Room.Import].
func ReadCSV(from io.Reader) (*File, error) {
	body, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(string(body), "\ufeff")
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, fault.InvalidField("file", "text")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = delimiter(text)
	header, err := r.Read()
	if err != nil {
		return nil, fault.InvalidField("file", "text")
	}
	f := &File{}
	for _, name := range header {
		f.columns = append(f.columns, f.column(name))
	}
	if !slices.ContainsFunc(f.columns, func(c column) bool { return c.name == "name" }) {
		return nil, fault.InvalidField("file", "no-such-column")
	}
	code := slices.IndexFunc(f.columns, func(c column) bool { return c.name == "code" })
	seen, within := map[string]bool{}, 0
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, fault.InvalidField("file", "text")
		}
		line, _ := r.FieldPos(0)
		number := line - within // lines inside of cells are not rows
		within += strings.Count(strings.Join(cells, ""), "\n")
		switch {
		case len(f.rows) == 0 && hxl(cells), strings.TrimSpace(strings.Join(cells, "")) == "":
			continue
		case len(f.rows) == MostRows:
			return nil, fault.InvalidField("file", "too-many")
		}
		row := fileRow{number: number, cells: cells}
		if code >= 0 && code < len(cells) && strings.TrimSpace(cells[code]) != "" {
			row.again, seen[strings.TrimSpace(cells[code])] = seen[strings.TrimSpace(cells[code])], true
		}
		f.rows = append(f.rows, row)
	}
}

// delimiter guesses what stands between the columns, from the first line.
func delimiter(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	best, most := ',', strings.Count(first, ",")
	for _, d := range []rune{';', '\t'} {
		if n := strings.Count(first, string(d)); n > most {
			best, most = d, n
		}
	}
	return best
}

// hxl reports whether a row holds HXL tags (hxlstandard.org) and nothing else.
func hxl(cells []string) bool {
	tags := 0
	for _, c := range cells {
		if c = strings.TrimSpace(c); strings.HasPrefix(c, "#") {
			tags++
		} else if c != "" {
			return false
		}
	}
	return tags > 0
}

// column finds a column by its name; one that is not known is a problem of the file.
func (f *File) column(name string) column {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, c := range columns {
		if c.name == name {
			if slices.ContainsFunc(f.columns, func(o column) bool { return o.name == name }) {
				f.problems = append(f.problems, Problem{1, name, "twice"})
			}
			return c
		}
	}
	if name != "" {
		f.problems = append(f.problems, Problem{1, name, "no-such-column"})
	}
	return column{read: func(*reading, *Service, string) {}}
}

// reading is one row on its way to a service.
type reading struct {
	room     *Room
	names    map[ident.Unit]string
	row      int
	at       string // the column
	problems []Problem
}

func (r *reading) reject(code string) {
	r.problems = append(r.problems, Problem{r.row, r.at, code})
}

// codes reads several codes of a list, by code, alias or label.
func (r *reading) codes(list, cell string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.ReplaceAll(cell, "|", ";"), ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		code, ok := r.room.codes.Resolve(list, part)
		if !ok && list == pack.Regions {
			code, ok = r.room.codes.Resolve(pack.Nationalities, part)
		}
		if !ok {
			r.reject("not-in-list")
			return nil
		}
		out = append(out, code)
	}
	return out
}

// unit finds a unit by its name.
func (r *reading) unit(cell string) ident.Unit {
	var found []ident.Unit
	for id, name := range r.names {
		if strings.EqualFold(name, cell) {
			found = append(found, id)
		}
	}
	if cell != "" && len(found) != 1 {
		r.reject("not-in-list")
	}
	if len(found) != 1 {
		return ident.Unit{}
	}
	return found[0]
}

// service reads a row.
func (f *File) service(room *Room, names map[ident.Unit]string, row *fileRow) (*Service, []Problem) {
	s := &Service{AgeTo: 17, Places: NoPlaces()}
	r := &reading{room: room, names: names, row: row.number}
	for i, cell := range row.cells {
		if i >= len(f.columns) {
			break
		}
		r.at = f.columns[i].name
		f.columns[i].read(r, s, unquoted(strings.TrimSpace(cell)))
	}
	s.clean()
	for _, field := range fault.FieldsOf(s.check(room.codes)) {
		name := columnOf(field.Name)
		if !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Column == name }) {
			r.problems = append(r.problems, Problem{row.number, name, field.Code})
		}
	}
	if r.at = "code"; row.again {
		r.reject("twice")
	}
	return s, r.problems
}

// unquoted takes away the apostrophe that keeps a cell from being a formula.
func unquoted(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && strings.ContainsAny(rest[:min(1, len(rest))], "=+-@") {
		return rest
	}
	return cell
}
