package web

import (
	"time"

	"causeway/internal/locale"
)

// CareHistory is where a child lives and has lived.
type CareHistory struct {
	Frame
	Child Child
	Rows  []CareRow // latest first
	Can   bool
}

// CareRow is one place, or a gap between two.
type CareRow struct {
	Gap     bool
	Kind    string // in words
	Unsafe  bool
	Now     bool
	From    locale.Day // of a gap: the last day that is known
	Until   locale.Day // zero: not known, or it goes on
	Where   string
	Decided string
	Note    string
	By      string
	At      time.Time
	Href    string // to correct it
}

// CareForm records or corrects a place.
type CareForm struct {
	Frame
	Child  Child
	Form   Form // care_kind, care_from, care_until, care_where, care_decided, care_note
	Change bool
	Kinds  []Option
}

// UnsafeChild is a child who lives where a child is not safe.
type UnsafeChild struct {
	Child
	Place string // in words
	Since time.Time
}
