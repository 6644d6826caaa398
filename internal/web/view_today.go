package web

// DueChild is a child with what is to be done for it.
type DueChild struct {
	Child
	Dues []DueItem
}

// DueItem is one thing to be done, and where.
type DueItem struct {
	Kind string // code list deadline_kind
	Due  *Due
	Late bool
	Who  string // whose it is, where it is not the reader's own
	Href string // where it is done
	Spoken
}

// Spoken is what the clock said about it.
type Spoken struct{ Reminded, Escalated bool }

// Team is who carries what.
type Team struct {
	Frame
	Most    int
	Workers []TeamWorker
	Units   []TeamUnit // those that are not on this page
	Up      string     // the whole team, where the page shows a part of it
	Nobody  []DueChild
	More    bool // further ones that nobody owns
	Open    int
	Late    int

	Referrals bool // what waits in referrals has a page
}

// TeamUnit is a unit with a page of its own.
type TeamUnit struct{ Name, Href string }

// TeamWorker is what one person carries.
type TeamWorker struct {
	Name      string
	Unit      string
	Href      string
	Gone      bool
	Open      int
	Points    int
	Late      int
	Escalated int
	Full      int // of a hundred; above it is too much
}

// TeamCases are the children in somebody's care, to be given to others.
type TeamCases struct {
	Frame
	Name    string
	Gone    bool
	Form    Form // case, worker, reason
	Rows    []TeamCase
	Workers []Option
	More    bool
}

// TeamCase is one of them.
type TeamCase struct {
	Child
	ID string
}

// TeamMoved says what became of each child that was given to somebody.
type TeamMoved struct {
	Frame
	Name string
	Rows []TeamResult
	Away int // further ones that the reader does not see any more
}

// TeamResult is one of them.
type TeamResult struct {
	Child
	Moved bool
}
