package web

import "time"

// MatchPage is what was agreed on with one partner about looking for the same child.
type MatchPage struct {
	Frame
	Row     PartnerRow
	Rows    []MatchRow
	Propose string // "" for whoever may not
}

// MatchRow is one agreement.
type MatchRow struct {
	Href    string
	State   string // words "matchstate.<State>"
	Tone    string
	Next    string // what to do next: words "matchnext.<Next>"
	Terms   MatchTerms
	First   PartnerAct // of ours; the zero value for nobody yet
	Second  PartnerAct
	From    time.Time // of what is in force
	Ended   time.Time
	EndedBy string // words "matchended.<EndedBy>"
	Tables  []MatchTable
	Ways    []Way // words "matchstep.<Step>"
}

// MatchTerms are the terms of an agreement, in words.
type MatchTerms struct {
	Purpose, Side, Basis string
	Size                 int
	Day, Officer, Urgent int
	Epoch                int // days

	Asks bool // we ask; otherwise the table is ours
}

// MatchTable is how far the table of an epoch is.
type MatchTable struct {
	Epoch    int
	State    string // words "matchtable.<State>"
	Tone     string
	Children int
	Done, Of int // parts, or keys that are masked
	Changed  time.Time
}

// MatchForm is the form in which an agreement is proposed.
type MatchForm struct {
	Frame
	Row      PartnerRow
	Form     Form
	Purposes []Option
	Sides    []Option
	Sizes    []Option
}

// MatchStep is one step with an agreement.
type MatchStep struct {
	Frame
	Row   PartnerRow
	Step  string // words "matchstep.<Step>", "matchtext.<Step>"
	Terms MatchTerms
	Form  Form
	Stops bool
}
