package web

import "causeway/internal/locale"

// Reintegration is what follows a durable solution.
type Reintegration struct {
	Frame
	Child    Child
	Way      string // the solution that was chosen, in words; "" for none yet
	Decided  locale.Day
	Solution string   // where its form is read or begun
	Begin    string   // where a follow-up is begun, "" for whoever may not
	Warnings []string // signs of the newest follow-up, in words
	Act      *Due     // by when somebody looks after them; nil when somebody has
	Risk     string   // where the risk is scored, "" for whoever may not
	Visits   []Due
	Columns  []FollowupColumn // oldest first
	Sides    []FollowupSide
	Chart    *Chart // nil below two follow-ups
}

// FollowupColumn is one follow-up.
type FollowupColumn struct {
	On   locale.Day
	Href string
	Sign bool // it found a warning sign
}

// FollowupSide is one side of a life, with the scores of each follow-up.
type FollowupSide struct {
	Side  string // words "side.<Side>"
	Marks []FollowupMark
}

// FollowupMark is one score by the worker and by the child, 0 for none. Worse: the child
// sees it worse.
type FollowupMark struct {
	Work, Child int
	Worse       bool
}

// Chart draws the mean of the scores over time. The table beside it says the same.
type Chart struct {
	Work, Child string // points of the lines, in a box of 320 by 120
	Marks       []ChartMark
}

// ChartMark is one point.
type ChartMark struct {
	X, Y int
	Who  string // "work" or "child"
}
