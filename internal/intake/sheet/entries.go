package sheet

import (
	"bytes"
	"encoding/json"
)

// Entry is one item of a list inside a record, as sub-forms are.
type Entry struct {
	Raw    string // as it was written
	Fields []EntryField
}

// EntryField is one field of an entry.
type EntryField struct {
	Name string
	Raw  string // as it was written
	Text string // as a cell would hold it
}

// Entries returns the items of a compact JSON list in their order, or of one object
// the object; an item that is no object has no fields. ok is false for anything else.
func Entries(raw string) (out []Entry, ok bool) {
	var items []json.RawMessage
	switch {
	case !json.Valid([]byte(raw)):
		return nil, false
	case raw[0] == '{':
		items = []json.RawMessage{json.RawMessage(raw)}
	case json.Unmarshal([]byte(raw), &items) != nil || items == nil:
		return nil, false
	}
	for _, item := range items {
		item = bytes.TrimSpace(item)
		e := Entry{Raw: string(item)}
		fields, err := fieldsOf(item)
		if err != nil && e.Raw[0] == '{' {
			return nil, false
		}
		for _, f := range fields {
			text, err := cellOf(f.value)
			if err != nil {
				return nil, false
			}
			e.Fields = append(e.Fields, EntryField{Name: f.name, Raw: string(f.value), Text: text})
		}
		out = append(out, e)
	}
	return out, true
}
