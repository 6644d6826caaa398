package web

import (
	"net/http"
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
	Name string
	As   string // what it was taken for, in words; "" where it was only kept
	Text string
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
			view.Rows = append(view.Rows, row)
		}
		return v.write(http.StatusOK, view)
	}
	return fault.New(fault.NotFound, "no-such-page")
}
