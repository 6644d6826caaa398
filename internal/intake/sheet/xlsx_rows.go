package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"causeway/internal/fault"
)

// sheetReader reads the rows of one sheet as they come out of the archive.
type sheetReader struct {
	book   *book
	part   *part
	number int64
	cells  []string
	ended  bool
}

// read returns the next row element. A sheet that stops without closing is
// damaged: taking it for a short one would lose children without a word.
func (s *sheetReader) read() (Row, error) {
	for !s.ended {
		t, err := s.part.token()
		if errors.Is(err, io.EOF) {
			return Row{}, at("damaged-file", s.number+1, 0)
		}
		if err != nil {
			return Row{}, s.place(err, 0)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local == "row" {
				return s.row(e)
			}
		case xml.EndElement:
			s.ended = e.Name.Local == "sheetData"
		}
	}
	return Row{}, io.EOF
}

// place adds the row to a fault that does not know it.
func (s *sheetReader) place(err error, column int) error {
	if code := fault.CodeOf(err); code != "" {
		return at(code, max(s.number, 1), column)
	}
	return err
}

func (s *sheetReader) row(e xml.StartElement) (Row, error) {
	number := s.number + 1
	if r := attr(e, "r"); r != "" {
		n, err := strconv.ParseInt(r, 10, 64)
		if err != nil || n < number {
			return Row{}, at("damaged-file", number, 0)
		}
		number = n
	}
	s.number = number
	if s.number > s.book.lim.Rows {
		return Row{}, at("too-many-rows", s.number, 0)
	}
	s.cells = s.cells[:0]
	for {
		t, err := s.part.token()
		if errors.Is(err, io.EOF) {
			return Row{}, at("damaged-file", s.number, 0)
		}
		if err != nil {
			return Row{}, s.place(err, len(s.cells)+1)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local == "c" {
				if err := s.cell(e); err != nil {
					return Row{}, err
				}
			}
		case xml.EndElement:
			if e.Name.Local == "row" {
				return Row{Number: s.number, Cells: s.cells}, nil
			}
		}
	}
}

// cell reads one cell into its column; columns left out are empty.
func (s *sheetReader) cell(e xml.StartElement) error {
	column := len(s.cells)
	if r := attr(e, "r"); r != "" {
		column = columnOf(r)
	}
	if column < len(s.cells) { // backwards, or no reference at all
		return at("damaged-file", s.number, len(s.cells)+1)
	}
	if column >= s.book.lim.Columns {
		return at("too-many-columns", s.number, 0)
	}
	for len(s.cells) < column {
		s.cells = append(s.cells, "")
	}
	text, err := s.content(e)
	if err != nil {
		return err
	}
	s.cells = append(s.cells, text)
	return nil
}

// content reads up to the end of a cell.
func (s *sheetReader) content(e xml.StartElement) (string, error) {
	kind, style := attr(e, "t"), -1
	if v := attr(e, "s"); v != "" {
		style, _ = strconv.Atoi(v) // a broken number is a cell without style
	}
	column := len(s.cells) + 1
	var text []byte
	element, hints := "", 0
	for {
		t, err := s.part.token()
		if errors.Is(err, io.EOF) {
			return "", at("damaged-file", s.number, column)
		}
		if err != nil {
			return "", s.place(err, column)
		}
		switch e := t.(type) {
		case xml.StartElement:
			element = e.Name.Local
			if element == "rPh" {
				hints++
			}
		case xml.CharData:
			if hints == 0 && (element == "v" && kind != "inlineStr" || element == "t" && kind == "inlineStr") {
				text = append(text, e...)
			}
		case xml.EndElement:
			element = ""
			switch e.Name.Local {
			case "rPh":
				hints--
			case "c":
				return s.value(kind, style, string(text), column)
			}
		}
		if len(text) > s.book.lim.CellBytes {
			return "", at("cell-too-long", s.number, column)
		}
	}
}

// value turns what is stored in a cell into text.
func (s *sheetReader) value(kind string, style int, text string, column int) (string, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(text)
		shared, ok := s.book.texts.get(i)
		if err != nil || !ok {
			return "", at("damaged-file", s.number, column)
		}
		if len(shared) > s.book.lim.CellBytes {
			return "", at("cell-too-long", s.number, column)
		}
		return unescape(shared), nil
	case "b":
		if text == "1" {
			return "true", nil
		}
		return "false", nil
	case "", "n":
		if text != "" {
			return s.book.number(text, style), nil
		}
	}
	return unescape(text), nil // texts, ISO dates, and errors such as #REF!
}

// unescape turns _x000D_ into the character it stands for: XML cannot hold
// control characters, so workbooks write them this way (ECMA-376 part 1, 22.4.2.4).
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if i+7 <= len(text) && text[i:i+2] == "_x" && text[i+6] == '_' {
			if c, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil {
				out.WriteRune(rune(c))
				i += 6
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// columnOf returns the column of a reference such as "AB12", counted from 0, or
// -1 when there is none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A'+1)
	}
	return n - 1
}
