package web

import (
	"time"

	"causeway/internal/locale"
)

// EventLink leads to another event.
type EventLink struct {
	At   time.Time
	By   string
	Href string // "" where it is not on the page
}

// PastDay says that a page shows what was known on a day.
type PastDay struct {
	On      locale.Day
	Unknown bool   // the child was not known here yet
	Today   string // the page as it is now
}

// Timeline is one page of what happened in a case.
type Timeline struct {
	Frame
	Child      Child
	Events     []Event
	Kinds      []Option // kinds of events there are
	Kind       string   // the one asked for, "" for all
	From       string   // days as a date field has them
	Until      string
	Begin, End string // between which days something can be asked for
	Prev, Next string
}

// History is what was known of a child, change by change, newest first.
type History struct {
	Frame
	Child   Child
	Changes []Change
	First   time.Time // when the oldest version was written
	FirstBy string
}

// Change is what one person changed at once.
type Change struct {
	At     time.Time
	By     string
	Fields []FieldChange
}

// FieldChange is one field that changed; Label gives the words "field.<Label>".
type FieldChange struct{ Label, From, To string }

// Correct corrects a note.
type Correct struct {
	Frame
	Child     Child
	Form      Form // question, words, language, seen, thought, reason
	Note      Event
	Languages []Option
}
