package sheet

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"causeway/internal/fault"
)

// recordBytes bounds one record of a JSON file: the one part of a file that has to
// be in memory as a whole.
const recordBytes = 8 << 20

// isJSON reports whether a file begins like a list of records, or like an answer
// that holds one.
func isJSON(head []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) == 0 || text[0] != '[' && text[0] != '{' {
		return false
	}
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	return text[0] == '[' && len(rest) > 0 && (rest[0] == '{' || rest[0] == ']') ||
		text[0] == '{' && len(rest) > 0 && (rest[0] == '"' || rest[0] == '}')
}

// jsonReader reads records as rows: the first row holds the names of all fields
// of all records, in the order in which they are first met. Two passes over the
// file, so that a name that only the last record has gets its column too.
type jsonReader struct {
	lim     Limits
	records *records
	columns map[string]int
	header  []string // nil once it was read
	number  int64
}

func newJSON(src Source, lim Limits) (*jsonReader, error) {
	r := &jsonReader{lim: lim, columns: map[string]int{}}
	first, err := openRecords(src, lim)
	if err != nil {
		return nil, err
	}
	for number := int64(2); ; number++ {
		fields, err := first.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, r.place(err, number)
		}
		for _, f := range fields {
			if _, known := r.columns[f.name]; !known {
				r.columns[f.name] = len(r.header)
				r.header = append(r.header, f.name)
			}
		}
		if len(r.header) > lim.Columns {
			return nil, at("too-many-columns", number, 0)
		}
	}
	if len(r.header) == 0 {
		return nil, fault.New(fault.Invalid, "empty-file")
	}
	r.records, err = openRecords(src, lim)
	return r, err
}

// place says at which record reading stopped.
func (r *jsonReader) place(err error, number int64) error {
	if code := fault.CodeOf(err); code != "" && fault.KindOf(err) == fault.Invalid {
		return at(code, number, 0)
	}
	return err
}

// read implements rowReader.
func (r *jsonReader) read() (Row, error) {
	r.number++
	if r.number > r.lim.Rows {
		return Row{}, at("too-many-rows", r.number, 0)
	}
	if r.header != nil {
		row := Row{Number: 1, Cells: r.header}
		r.header = nil
		return row, nil
	}
	fields, err := r.records.next()
	if err != nil {
		return Row{}, r.place(err, r.number)
	}
	row := Row{Number: r.number, Cells: make([]string, len(r.columns)), Raw: make([]string, len(r.columns))}
	for _, f := range fields {
		i := r.columns[f.name]
		if row.Cells[i], err = cellOf(f.value); err != nil {
			return Row{}, at("damaged-file", r.number, i+1)
		}
		if len(row.Cells[i]) > r.lim.CellBytes {
			if !deep(f.value) {
				return Row{}, at("cell-too-long", r.number, i+1)
			}
			row.Cells[i] = "{}" // it stands in Raw, and no field takes it
		}
		row.Raw[i] = string(f.value)
	}
	return row, nil
}

// cellOf is a value as a cell would hold it: texts and numbers as they are, a list
// of such with semicolons between, anything deeper as JSON.
func cellOf(value json.RawMessage) (string, error) {
	switch value[0] {
	case '"':
		var s string
		err := json.Unmarshal(value, &s)
		return s, err
	case 'n':
		return "", nil
	case '{':
		return string(value), nil
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(value, &items); err != nil {
			return "", err
		}
		parts := make([]string, len(items))
		for i, item := range items {
			if item = bytes.TrimSpace(item); item[0] == '{' || item[0] == '[' {
				return string(value), nil
			}
			var err error
			if parts[i], err = cellOf(item); err != nil {
				return "", err
			}
		}
		return strings.Join(parts, "; "), nil
	}
	return string(value), nil
}

// deep reports whether a value holds more than one text or number.
func deep(value json.RawMessage) bool { return value[0] == '{' || value[0] == '[' }

// named is one field of a record.
type named struct {
	name  string
	value json.RawMessage // compact
}

// records yields the records of a file one by one.
type records struct {
	in      *allowance
	decoder *json.Decoder
	one     bool // the file is one record
}

// openRecords finds the records: the file is a list of them, or an object whose
// "data" is such a list, as answers of Primero's API are, or one record.
func openRecords(src Source, lim Limits) (*records, error) {
	plain, err := plainText(src, lim)
	if err != nil {
		return nil, err
	}
	in := &allowance{r: &skipMark{r: plain}}
	in.left = recordBytes
	r := &records{in: in, decoder: json.NewDecoder(in)}
	r.decoder.UseNumber()
	start, err := r.decoder.Token()
	if err != nil {
		return nil, damaged(err)
	}
	if start == json.Delim('[') {
		return r, nil
	}
	if start != json.Delim('{') {
		return nil, fault.New(fault.Invalid, "not-a-table")
	}
	for r.decoder.More() {
		key, err := r.decoder.Token()
		if err != nil {
			return nil, damaged(err)
		}
		if key == "data" {
			if start, err = r.decoder.Token(); err == nil && start == json.Delim('[') {
				return r, nil
			}
			break
		}
		var skip json.RawMessage
		if err := r.decoder.Decode(&skip); err != nil {
			return nil, damaged(err)
		}
	}
	// One record: read again from its beginning.
	if plain, err = plainText(src, lim); err != nil {
		return nil, err
	}
	in = &allowance{r: &skipMark{r: plain}, left: recordBytes}
	return &records{in: in, decoder: json.NewDecoder(in), one: true}, nil
}

// next returns the fields of the next record, io.EOF after the last.
func (r *records) next() ([]named, error) {
	if !r.one && !r.decoder.More() {
		if _, err := r.decoder.Token(); err != nil { // a file cut short lacks the end of its list
			return nil, damaged(err)
		}
		return nil, io.EOF
	}
	r.in.left = recordBytes
	var raw json.RawMessage
	if err := r.decoder.Decode(&raw); err != nil {
		if r.one && errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, damaged(err)
	}
	if !utf8.Valid(raw) {
		return nil, fault.New(fault.Invalid, "damaged-file")
	}
	return flatten(raw)
}

// flatten returns the fields of a record. What a program keeps beside the fields
// of a case, with those in an object "data", stands beside them here too.
func flatten(raw json.RawMessage) ([]named, error) {
	fields, err := fieldsOf(raw)
	if err != nil {
		return nil, err
	}
	out := fields[:0:0]
	for _, f := range fields {
		if f.name != "data" || f.value[0] != '{' {
			out = append(out, f)
			continue
		}
		inner, err := fieldsOf(f.value)
		if err != nil {
			return nil, err
		}
		out = append(out, inner...)
	}
	seen := map[string]bool{}
	for i := range out { // "id" outside and inside: the outer one tells where it stands
		for seen[out[i].name] {
			out[i].name = "data." + out[i].name
		}
		seen[out[i].name] = true
	}
	return out, nil
}

// fieldsOf returns the fields of one object in their order.
func fieldsOf(raw json.RawMessage) ([]named, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, fault.New(fault.Invalid, "not-a-table")
	}
	var out []named
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return nil, damaged(err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, damaged(err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			return nil, damaged(err)
		}
		out = append(out, named{name, compact.Bytes()})
	}
	return out, nil
}

// damaged is a fault without what the file says: the cause may quote it.
func damaged(err error) error {
	if fault.KindOf(err) == fault.Invalid {
		return err
	}
	return fault.New(fault.Invalid, "damaged-file")
}

// allowance refuses to read more than is allowed for one record.
type allowance struct {
	r    io.Reader
	left int64 // set anew for each record
}

// Read implements io.Reader.
func (a *allowance) Read(b []byte) (int, error) {
	if a.left <= 0 {
		return 0, fault.New(fault.Invalid, "record-too-big")
	}
	n, err := a.r.Read(b[:min(int64(len(b)), a.left)])
	a.left -= int64(n)
	return n, err
}

// CellText is a compact JSON value as a cell holds it, "" for what is none.
func CellText(raw string) string {
	if !json.Valid([]byte(raw)) {
		return ""
	}
	text, err := cellOf(json.RawMessage(raw))
	if err != nil {
		return ""
	}
	return text
}
