package staff

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"causeway/internal/fault"
)

// ReadPlaces reads a file of places: CSV in UTF-8, with commas, semicolons or tabs.
// Either each row is one place, under the columns code, parent, name and, if it has
// one, level; or each row is a place of the lowest level with those it lies in, under
// HXL hashtags (#adm1+code, #adm1+name, #adm2+code and so on; of names in several
// languages the first counts). The row of hashtags may stand below a row of titles.
//
// A file that is no such table is Invalid with the field "file".
func ReadPlaces(body []byte) ([]PlaceRow, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) {
		return nil, fault.InvalidField("file", "not-utf8")
	}
	r := csv.NewReader(bytes.NewReader(body))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = delimiter(body), -1, true
	var columns placeColumns
	var out []PlaceRow
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.InvalidField("file", "not-a-table")
		}
		row, _ := r.FieldPos(0)
		if row <= headRows {
			if found := columnsOf(cells); found != nil {
				columns, out = found, nil // a row of hashtags counts for more than the titles above it
				continue
			}
		}
		if columns != nil {
			out = append(out, columns.places(cells, row)...)
		}
	}
	if columns == nil {
		return nil, fault.InvalidField("file", "no-place-columns")
	}
	if len(out) == 0 {
		return nil, fault.InvalidField("file", "required")
	}
	return out, nil
}

// headRows is how many rows may hold titles.
const headRows = 10

// delimiter guesses what stands between cells from the first line.
func delimiter(body []byte) rune {
	first, _, _ := bytes.Cut(body, []byte("\n"))
	best, most := ',', 0
	for _, d := range ",;\t" {
		if n := bytes.Count(first, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}

// placeColumns says where in a row one place stands, from the top down. In a list of
// one place a row there is one.
type placeColumns []placeColumn

type placeColumn struct {
	code, name, parent, level int // index of the cell, -1 without one
	depth                     int // of a hashtag: the number behind #adm
}

// columnsOf reads a row of titles or hashtags, nil for a row of neither.
func columnsOf(cells []string) placeColumns {
	if tagged := taggedColumns(cells); tagged != nil {
		return tagged
	}
	c := placeColumn{-1, -1, -1, -1, 0}
	for i, cell := range cells {
		switch strings.ToLower(strings.TrimSpace(cell)) {
		case "code":
			c.code = i
		case "name":
			c.name = i
		case "parent":
			c.parent = i
		case "level":
			c.level = i
		}
	}
	if c.code < 0 || c.name < 0 {
		return nil
	}
	return placeColumns{c}
}

func taggedColumns(cells []string) placeColumns {
	levels := map[int]*placeColumn{}
	for i, cell := range cells {
		tag, attributes, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(cell), " ", "")), "+")
		digits, ok := strings.CutPrefix(tag, "#adm")
		if tag == "#country" {
			digits, ok = "0", true
		}
		depth, err := strconv.Atoi(digits)
		if !ok || err != nil || depth < 0 || depth > placeLevelMost {
			continue
		}
		c := levels[depth]
		if c == nil {
			c = &placeColumn{-1, -1, -1, -1, depth}
			levels[depth] = c
		}
		switch has := strings.Split(attributes, "+"); {
		case slices.Contains(has, "code"):
			c.code = i
		case c.name < 0:
			c.name = i
		}
	}
	var out placeColumns
	for depth := range placeLevelMost + 1 {
		if c := levels[depth]; c != nil && c.code >= 0 && c.name >= 0 {
			out = append(out, *c)
		}
	}
	return out
}

// places returns the places that a row names.
func (columns placeColumns) places(cells []string, row int) (out []PlaceRow) {
	at := func(i int) string {
		if i < 0 || i >= len(cells) {
			return ""
		}
		return strings.TrimSpace(cells[i])
	}
	parent := ""
	for _, c := range columns {
		p := PlaceRow{Place{at(c.code), parent, c.depth, at(c.name)}, row}
		if c.parent >= 0 {
			p.Parent = at(c.parent)
		}
		if level, err := strconv.Atoi(at(c.level)); err == nil {
			p.Level = level
		} else if c.depth == 0 && len(columns) == 1 && c.level < 0 {
			p.Level = 1
		}
		if p.Code == "" && p.Name == "" {
			continue // a row of a higher level
		}
		out = append(out, p)
		parent = p.Code
	}
	return out
}
