package web

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
	Units   []UnitRow
	Others  []Option // units at the top of other agencies
	Sectors []Option
	CanEdit bool
}
