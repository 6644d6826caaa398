package intake

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Table returns cases as a table of a profile: the columns of the standard, then
// those that only the sources of some cases have. Cells that a spreadsheet program
// would take for a formula are the caller's to neutralise.
func (w *Writer) Table(cases []*Whole) (header []string, rows [][]string) {
	header = slices.Clone(w.names)
	at := make(map[string]int, len(header))
	for i, name := range header {
		at[name] = i
	}
	for _, c := range cases {
		row := make([]string, len(header))
		for _, f := range w.fields(c) {
			i, known := at[f.name]
			if !known {
				i = len(header)
				at[f.name], header = i, append(header, f.name)
			}
			for len(row) <= i {
				row = append(row, "")
			}
			row[i] = f.text
		}
		rows = append(rows, row)
	}
	for i := range rows {
		for len(rows[i]) < len(header) {
			rows[i] = append(rows[i], "")
		}
	}
	return header, rows
}

// MarkName is the column, or field, in which a file says with each case who took it
// out, when and why. An import passes it over.
const MarkName = "causeway_mark"

// Record returns a case as one JSON record, as Primero exports them. What a source
// held in sub-forms is written as it stood there. mark stands in it, "" for none.
func (w *Writer) Record(c *Whole, mark string) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	list := w.fields(c)
	if mark != "" {
		list = append(list, written{name: MarkName, text: mark})
	}
	n := 0
	for _, f := range list {
		value := f.raw
		if value == "" {
			if f.text == "" {
				continue
			}
			value = w.value(f)
		}
		if n++; n > 1 {
			b.WriteByte(',')
		}
		b.Write(quoted(f.name))
		b.WriteByte(':')
		b.WriteString(value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// value is a text as JSON: a list where the field holds several codes.
func (w *Writer) value(f written) string {
	if fields[columnOf(f.name, w.codes).Field].list == "" || !fields[columnOf(f.name, w.codes).Field].many {
		return string(quoted(f.text))
	}
	parts := strings.Split(f.text, ";")
	for i := range parts {
		parts[i] = string(quoted(strings.TrimSpace(parts[i])))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// quoted is a text as a JSON string.
func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil { // a string always is
		return []byte(`""`)
	}
	return b
}
