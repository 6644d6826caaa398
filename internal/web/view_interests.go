package web

// BestInterests is what was found out and decided about what is best for a child.
type BestInterests struct {
	Frame
	Child    Child
	Title    string // of the report's form; "" where there is none
	Href     string // the report
	Finished bool
	Question string
	Said     []ReadLine // how the child was heard, and what the child said
	Options  []string   // the names of the options
	Factors  []Factor
	Agenda   []AgendaPoint // of the panel
	Panel    []SeatRow
	Small    bool // fewer members than the pack asks for may decide
	Few      bool // they come from fewer sectors than the pack asks for
	// Sectors are those of the members who may decide, SectorsLeast what the pack asks.
	Sectors, SectorsLeast int
	Decided               []ReadLine
	Dissents              []Dissent
	Review                *Due
	Begin                 []Option // forms that can be begun: Value is the address
}

// Factor is one line of the comparison: what it is, and what it says of each option.
type Factor struct {
	Label string
	Cells []Cell
}

// Cell is what a factor says of one option.
type Cell struct {
	Option string
	Text   string
	Lang   string
}

// SeatRow is one member of the panel.
type SeatRow struct {
	Name, From  string
	Sector      string
	Undertaking string // words "answer.<Undertaking>", "" for not recorded
	Interest    string
	Agrees      string
	Chair       string // what the chair decided, in words
	Href        string // the undertaking, "" for none
	Sits        bool
}

// Dissent is somebody who disagreed.
type Dissent struct {
	Who, Why string
}
