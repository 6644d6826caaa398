package web

import "time"

// Withheld is what is withheld of a child's case, for those who may know.
type Withheld struct {
	Frame
	Child Child
	Whole []WithheldRow
	Parts []WithheldRow
	Past  []WithheldRow // each decision: who made it, and why
	// Where something is withheld, "" for whoever may not.
	Person, Part string
}

// WithheldRow is one withholding.
type WithheldRow struct {
	What    string // of a part: form, section and question in words
	From    string
	Since   time.Time
	Decided string
	Why     string
	By      string
	Altered bool
	Safety  bool   // of a decision: it keeps the child safe
	Kind    string // of a decision: see the kinds of events
	Asked   bool   // somebody (By) asked to lift it, and why
	Lift    string // what the reader may do to lift it, "" for nothing
	Href    string // where they do
}

// LiftForm lifts a withholding, or asks somebody else to.
type LiftForm struct {
	Frame
	Child Child
	Form  Form
	Row   WithheldRow
}

// WithholdForm withholds a case, or a part of its record.
type WithholdForm struct {
	Frame
	Child  Child
	Form   Form
	Part   bool // a part; else the whole case
	People []Option
	Units  []Option
	Roles  []Option
	Parts  []Option
	Safety []Option
}
