package web

import "causeway/internal/locale"

// Needs is what a child needs and received.
type Needs struct {
	Frame
	Child Child
	Open  []NeedRow // needed, requested or given
	Unmet []NeedRow
	Ended []NeedRow
	Add   string // where a need is added, "" for whoever may not
}

// NeedRow is one need.
type NeedRow struct {
	Service string // in words
	State   string // code, words "needstate.<State>"
	Ending  string // outcome or reason, in words
	By      string // who gives it
	Asked   locale.Day
	Waits   int  // days the child has waited for it, -1 when it does not wait
	Due     *Due // by when it is to be there
	Note    string
	Words   string
	Find    string     // where a service for it is looked for, "" for who may not
	Next    *NeedStep  // what is to be done now
	Steps   []NeedStep // what else can be done
}

// NeedStep is one step that can be taken with a need; its words are "needstep.<Step>".
type NeedStep struct{ Step, Href string }

// NeedNew adds a need.
type NeedNew struct {
	Frame
	Child    Child
	Form     Form // service, need_words, need_note
	Services []Option
}

// NeedForm takes a step with a need.
type NeedForm struct {
	Frame
	Child    Child
	Form     Form   // by the step
	Step     string // words "needtitle.<Step>", "needlead.<Step>"
	Service  string // in words
	Staff    []Option
	Outcomes []Option
	Reasons  []Option
}
