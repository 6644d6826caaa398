package web

import "time"

// Glass is the page on which somebody opens a case by break-glass.
type Glass struct {
	Frame
	Form    Form // number, glass_reason, why_at_once
	Reasons []Option
	Most    int // cases one person may open within a day
	Hours   int // how long each stays open
	Open    []GlassOpen
}

// GlassOpen is a case that the reader opened and may still open.
type GlassOpen struct {
	Href   string
	Number string
	Until  time.Time
}

// GlassReviews is what waits for its review, and what was reviewed.
type GlassReviews struct {
	Frame
	Waiting []GlassRow
	Done    []GlassRow
	Figures string // where the numbers are
}

// GlassRow is one time that somebody opened a case. It shows nothing of the child.
type GlassRow struct {
	Href     string // where it is reviewed; "" for who may not
	Number   string
	Who      string
	Unit     string
	Lead     string
	Reason   string
	Why      string
	At       time.Time
	By       time.Time // until when it is reviewed
	Late     bool
	Reviewed time.Time
	Reviewer string
	Outcome  string
	Review   string
}

// GlassReview is the form of one review.
type GlassReview struct {
	Frame
	Form     Form // glass_outcome, reason
	Row      GlassRow
	Outcomes []Option
}

// GlassFigures is how often it happened: numbers of nobody.
type GlassFigures struct {
	Frame
	Back     string
	Opened   int
	All      int // children's pages opened in the same time
	Waiting  int
	Due      int
	InTime   int
	Outcomes []GlassCount
}

// GlassCount is one of the numbers.
type GlassCount struct {
	Label string
	N     int
}
