package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
)

// SourcePage shows what another program's file said of a child, as it stood there.
type SourcePage struct {
	Frame
	Child   Child
	Profile string // code, words "profile.<Profile>"
	At      time.Time
	Rows    []SourceRow
	Hidden  bool // the reader's role may not read all of it
}

// SourceRow is one field of the file.
type SourceRow struct {
	Name    string
	As      string // what it was taken for, in words; "" where it was only kept
	Text    string
	Entries []SourceEntry // of a sub-form, in place of Text
}

// SourceEntry is one entry of a sub-form in the file.
type SourceEntry struct {
	Number int
	As     string // what it became, in words; "" where it was only kept
	Fields []SourceRow
	Text   string // of an item without fields
}

// source is the page of what was imported.
func (s *Server) source(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := SourcePage{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details)}
	view.Stamp = v.stamp(c.Entry)
	for i := range c.Events {
		e := &c.Events[i]
		if e.Kind != casework.KindImported || e.Source == nil {
			continue
		}
		view.Profile, view.At, view.Hidden = e.Source.Profile, e.At.In(s.Zone), e.Source.Hidden
		for j, name := range e.Source.Names {
			choice := e.Source.For(j)
			row := SourceRow{Name: name, Text: e.Source.Values[j].Reveal()}
			if choice != "keep" && choice != "skip" {
				row.As = v.choiceWords(choice)
			}
			if strings.HasPrefix(choice, "entries/") {
				row.Entries = sourceEntries(row, e.Source.Profile, c.Events)
			}
			view.Rows = append(view.Rows, row)
		}
		return v.write(http.StatusOK, view)
	}
	return fault.New(fault.NotFound, "no-such-page")
}

// sourceEntries takes a sub-form apart, nil where it cannot be. An entry that became
// something has an event that says so.
func sourceEntries(row SourceRow, profile string, events []casework.Event) []SourceEntry {
	var items []json.RawMessage
	if json.Unmarshal([]byte(row.Text), &items) != nil {
		items = []json.RawMessage{json.RawMessage(row.Text)}
	}
	became := map[int64]bool{}
	for i := range events {
		if o := events[i].Origin; o != nil && o.Profile == profile && o.Form == row.Name {
			became[o.Place] = true
		}
	}
	var out []SourceEntry
	for i, item := range items {
		one := SourceEntry{Number: i + 1, Text: string(item), Fields: fieldsOfItem(item)}
		if became[int64(i+1)] {
			one.As = row.As
		}
		out = append(out, one)
	}
	return out
}

// fieldsOfItem returns the fields of a JSON object in their order, none for anything
// else. Texts stand without their quotes, other values as they were written.
func fieldsOfItem(item json.RawMessage) (out []SourceRow) {
	d := json.NewDecoder(bytes.NewReader(item))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return nil
		}
		row := SourceRow{Name: name, Text: string(value)}
		var text string
		if json.Unmarshal(value, &text) == nil {
			row.Text = text
		}
		out = append(out, row)
	}
	return out
}
