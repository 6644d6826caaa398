package pack

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits that no honest pack comes near.
const (
	maxFile   = 4 << 20 // bytes
	maxCell   = 400     // characters
	maxFaults = 50      // reported at once
)

// Error is one fault in a pack: where it is, and what is wrong there. It never
// repeats what the file says.
type Error struct {
	File         string
	Line, Column int // 1-based; 0 when the whole file is meant
	Problem      string
}

// Error returns "file:line:column: problem".
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Problem)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// loader carries one load from folder to folder.
type loader struct {
	pack   *Pack
	folder fs.FS // the folder being read
	hash   hash.Hash
	faults []error
}

func (l *loader) fault(file string, line, column int, problem string) {
	if len(l.faults) < maxFaults {
		l.faults = append(l.faults, &Error{file, line, column, problem})
	}
}

func (l *loader) faultAt(c cell, problem string) { l.fault(c.file, c.line, c.column, problem) }

// exists reports whether the folder has the file; a required one that is
// missing is a fault.
func (l *loader) exists(name string, required bool) bool {
	_, err := fs.Stat(l.folder, name)
	if err != nil && (required || !errors.Is(err, fs.ErrNotExist)) {
		l.fault(name, 0, 0, "cannot be read")
	}
	return err == nil
}

// read returns a file's bytes and adds name, length and bytes to the digest.
func (l *loader) read(name string) ([]byte, bool) {
	f, err := l.folder.Open(name)
	if err != nil {
		l.fault(name, 0, 0, "cannot be read")
		return nil, false
	}
	defer func() { _ = f.Close() }() // reading only: nothing can be lost
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		l.fault(name, 0, 0, "cannot be read")
	case len(b) > maxFile:
		l.fault(name, 0, 0, "is longer than 4 MB")
	default:
		for _, part := range [][]byte{[]byte(name), b} {
			_ = binary.Write(l.hash, binary.BigEndian, uint64(len(part))) // a hash never fails
			l.hash.Write(part)
		}
		return b, true
	}
	return nil, false
}

// cell is one field of a CSV file and where it stands.
type cell struct {
	file         string
	line, column int
	text         string
}

// row is one record; a column the file does not have reads as empty.
type row struct {
	first  cell
	fields map[string]cell
}

func (r row) at(column string) cell {
	if c, ok := r.fields[column]; ok {
		return c
	}
	return cell{file: r.first.file, line: r.first.line, column: r.first.column}
}

// rows reads a CSV file whose first line names its columns: all of must, and
// any of may. Every field is checked to be plain, visible text.
func (l *loader) rows(file string, must, may []string) ([]row, bool) {
	b, ok := l.read(file)
	if !ok {
		return nil, false
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff")) // spreadsheets write a byte-order mark
	r := csv.NewReader(bytes.NewReader(b))
	r.ReuseRecord = true
	header, ok := l.header(r, file, must, may)
	if !ok {
		return nil, false
	}
	var out []row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, true
		}
		if err != nil {
			l.csvFault(file, err)
			return out, false
		}
		fields := make(map[string]cell, len(record))
		for i, text := range record {
			line, column := r.FieldPos(i)
			c := cell{file, line, column, text}
			if problem := badText(text); problem != "" {
				l.faultAt(c, problem)
			}
			fields[header[i]] = c
		}
		out = append(out, row{first: fields[header[0]], fields: fields})
	}
}

func (l *loader) header(r *csv.Reader, file string, must, may []string) ([]string, bool) {
	record, err := r.Read()
	if err != nil {
		l.csvFault(file, err)
		return nil, false
	}
	ok := true
	header := slices.Clone(record)
	for i, name := range header {
		line, column := r.FieldPos(i)
		switch {
		case slices.Index(header, name) < i:
			l.fault(file, line, column, "column stands there twice")
			ok = false
		case !slices.Contains(must, name) && !slices.Contains(may, name):
			l.fault(file, line, column, "unknown column")
			ok = false
		}
	}
	for _, name := range must {
		if !slices.Contains(header, name) {
			l.fault(file, 1, 1, "must have a column "+name)
			ok = false
		}
	}
	return header, ok
}

func (l *loader) csvFault(file string, err error) {
	var p *csv.ParseError
	switch {
	case errors.As(err, &p):
		l.fault(file, p.Line, p.Column, p.Err.Error())
	case errors.Is(err, io.EOF):
		l.fault(file, 1, 1, "is empty")
	default:
		l.fault(file, 0, 0, "cannot be read as CSV")
	}
}

// badText says what is wrong with a field, "" when nothing is. Direction marks
// and invisible characters could make a label read as something it is not.
func badText(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not UTF-8"
	case utf8.RuneCountInString(s) > maxCell:
		return "is too long"
	case s != strings.TrimSpace(s):
		return "has space at an end"
	}
	for _, r := range s {
		// Cf holds the direction marks; the zero-width joiners in it are part
		// of how Persian, Hindi and others are written.
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' {
			return "has an invisible character"
		}
	}
	return ""
}

// validCode reports whether s can be stored and compared as a code.
func validCode(s string) bool {
	if s == "" || len(s) > 40 || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-' && r != '+' {
			return false
		}
	}
	return true
}
