package web

import "causeway/internal/locale"

// SamePairs lists pairs of cases that may be of one child, or of one family.
type SamePairs struct {
	Frame
	Family bool // those of one family are shown
	More   bool // others wait behind these
	Rows   []SamePair
}

// SamePair is one pair of the list.
type SamePair struct {
	A, B Child
	Like string // what the two may be to each other
	Href string
}

// SameReview is two cases side by side.
type SameReview struct {
	Frame
	Form    Form // same_answer, reason
	A, B    SameSide
	Like    string // what the two may be to each other; "" the program does not think so
	Why     []SameWhy
	Answers []Option // what the reader may say; none where somebody has, or the reader may not
	Said    string   // what somebody said, "" nothing
	By      string
	On      locale.Day
	Reason  string
}

// SameSide is one of the two.
type SameSide struct {
	Child     Child
	Names     []string
	Born      string
	Sex       string
	Countries []string
	Numbers   []string
	Opened    locale.Day
}

// SameWhy is what one field says.
type SameWhy struct {
	Field, Level, Says string
	Agrees             bool
}
