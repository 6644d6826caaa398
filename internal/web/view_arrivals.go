package web

import "causeway/internal/locale"

// IntakeStart takes a group of children in: the event, and how many.
type IntakeStart struct {
	Frame
	Form    Form // intake_count, intake_label, intake_place, intake_on, intake_hour, intake_found_by, region, risk, basis
	Regions []Option
	Risks   []Option
	Basis   []Option
}

// Arrivals is the table of a group of children who were taken in.
type Arrivals struct {
	Frame
	Form      Form // child_name_0, age_0, sex_0, language_0, urgent_0, bed_0, transport_0, family_0 …; workers
	Place     string
	On        locale.Day
	Hour      string
	FoundBy   string
	Progress  []Progress
	Rows      []ArrivalLine
	Sexes     []Option
	Languages []Option
	Families  []Option
	Workers   []Option // whom the children can be given to; none: the reader cannot
}

// Progress is how far something has come; its words are "arrivals.<Key>".
type Progress struct {
	Key      string
	Done, Of int
}

// ArrivalLine is one child of the table.
type ArrivalLine struct {
	N      int // number in the names of the fields
	Child  Child
	Label  string
	Named  bool
	Urgent string
	Bed    string
	Case   string // hidden fields
	Seen   string
	Open   bool // the fields are shown at once
}
