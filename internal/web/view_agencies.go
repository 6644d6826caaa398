package web

import "time"

// Agencies lists the agencies whose people work here.
type Agencies struct {
	Frame
	Form    Form // agency_name, sector, mandate
	Rows    []AgencyRow
	Sectors []Option
	CanAdd  bool
}

// AgencyRow is one agency.
type AgencyRow struct {
	Href   string
	Name   string
	Sector string // in the reader's words
	Own    bool   // the node's own organisation
	Units  int
	People int
}

// AgencyPage is one agency: what it is, and which units are its own.
type AgencyPage struct {
	Frame
	Agency  AgencyRow
	Mandate string
	Form    Form // agency_name, sector, mandate
	Place   Form // unit
	Duty    Form // duty_of, duty_unit
	Units   []UnitRow
	Others  []Option // units at the top of other agencies
	Own     []Option // its units
	Takes   []Option // units that can take checks over
	Sectors []Option
	CanEdit bool
}

// ProfileForm asks for somebody's languages and whether they are there.
type ProfileForm struct {
	Frame
	Form      Form   // speaks_0 …, presence, presence_until
	Name      string // "" for one's own
	Back      string
	Slots     []int
	Languages []Option
	Presences []Option
}

// ConductPage is the code of conduct, to sign it or to read it again.
type ConductPage struct {
	Frame
	Form   Form // version, read, next
	Title  string
	Rules  []string
	Next   string
	Signed time.Time // zero: not yet
}
