package web

import (
	"time"

	"causeway/internal/locale"
)

// GateNeed is one thing a gate asks for.
type GateNeed struct {
	Label string
	Href  string // the page that gives it, "" for none the reader may open
}

// Gate is one stage that may follow, or one act, with what it needs.
type Gate struct {
	Code  string
	Label string
	Open  bool
	Needs []GateNeed // one of them is enough
	Has   string     // what is there, in words
	Shut  []string   // what keeps it shut, in words
	From  string     // where the rule comes from
	Sure  string     // code, words "confidence.<Sure>"
}

// StatusLine is one fact of where the child stands.
type StatusLine struct {
	Kind, State         string // in words
	From, Until, Appeal locale.Day
	Body, Grounds       string
	Method, Doubt       string // Doubt: words "answer.<Doubt>"
	Paper, By           string
	At                  time.Time
}

// StandingKind is one kind of status, with what is in force.
type StandingKind struct {
	Label string
	Now   []StatusLine
	Href  string // where a new one is written down, "" if the reader may not
}

// Statuses is where the child stands with courts, authorities and the law.
type Statuses struct {
	Frame
	Child      Child
	Kinds      []StandingKind
	Before     []StatusLine // everything that was written down, newest first
	ChildRules bool
}

// StatusForm writes one fact down.
type StatusForm struct {
	Frame
	Child                        Child
	Kind                         string // in words
	Form                         Form   // status_state, status_from, status_until, body, grounds …
	States                       []Option
	Methods, Doubts              []Option // of an age assessment
	Ends, Appeals, Body, Grounds bool     // which fields this kind has
	Least                        *Number  // the shortest time the law allows, nil for none
}

// Number is one number of the pack, with what it rests on.
type Number struct {
	Label string
	Value string
	From  string
	Sure  string
}

// Acts are the acts of a case with their gates.
type Acts struct {
	Frame
	Child        Child
	Gates        []Gate
	Acts         []ActLine
	Plan, Record bool
}

// ActLine is one act.
type ActLine struct {
	Kind     string // in words
	State    string // words "actstate.<State>"
	Tone     string // class of its tag
	Planned  time.Time
	Planner  string
	Basis    string
	Happened time.Time
	Recorder string
	Reviewed time.Time
	Reviewer string
	Review   string // address of the review, "" if there is none for this reader
	Drop     string
	Record   string
}

// ActPlan authorises an act.
type ActPlan struct {
	Frame
	Child Child
	Form  Form // act_kind, reason
	Kinds []Option
	Shut  []Gate
}

// ActRecord writes down that an act happened.
type ActRecord struct {
	Frame
	Child     Child
	Form      Form // act_kind, planned_act, happened, what_happened, place, words, emergency_act
	Kinds     []Option
	Planned   []Option
	Emergency []Option // the one box
}

// ActReview is a supervisor's look at an act without a basis.
type ActReview struct {
	Frame
	Child    Child
	Form     Form // review_outcome, reason
	Act      ActLine
	What     *Event
	Outcomes []Option
}

// ActDrop takes an authorisation back.
type ActDrop struct {
	Frame
	Child Child
	Form  Form // reason
	Act   ActLine
}

// Missing is the page of a child who is missing, was, or may be.
type Missing struct {
	Frame
	Child   Child
	Now     *MissingLine
	TalkDue bool
	Before  []MissingLine
	May     bool
}

// MissingLine is one time that the child was missing.
type MissingLine struct {
	Since, Told, Reviewed, Found, Talked time.Time
}

// MissingForm is one step of it.
type MissingForm struct {
	Frame
	Child     Child
	Form      Form
	Step      string // "report", "told", "search", "found" or "talk"
	Languages []Option
	Alone     []Option
}
