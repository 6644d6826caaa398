package web

import "time"

// KnownPage is what a child's page shows of questions to other countries: whether the child
// is known there.
type KnownPage struct {
	Frame
	Child     Child
	Ask       string // where a question begins; "" where none may be asked
	Ways      []KnownWay
	Questions []KnownQuestion
	Hits      []KnownHit
}

// KnownWay is a country that may be asked, and what is missing before it is.
type KnownWay struct {
	Office string
	Unmet  []string // words "knownunmet.<code>"; none: it may be asked
}

// KnownQuestion is a question of ours.
type KnownQuestion struct {
	Office, Why, Reason string
	State, Tone         string // words "knownstate.<State>"
	Urgent              bool
	Asked, Sent         time.Time
	By, Second          string
	Look                string // where the second officer decides; "" for others
	Contact             string // of an answer
	Answer              string // words "knownanswer.<Answer>", "" while none came
	Go                  string // where somebody decides whether to go on
	Agreed              []string
	Compared            bool
	Refer               string // where a request abroad begins, once exact values were compared
}

// KnownHit is a question of another country that may be about a child of ours.
type KnownHit struct {
	Office, Why      string
	State, Tone      string // words "hitstate.<State>"
	Urgent, Consent  bool
	At, Due          time.Time
	Kinds            []string // words "keykind.<code>"
	Officer          string
	Decide           string
	Contact          string
	Agreed           []string
	Compared, Answer bool
}

// KnownAsk is the form of a question.
type KnownAsk struct {
	Frame
	Child     Child
	Form      Form
	Countries []Option
	Whys      []Option
	Urgent    []Option
}

// KnownStep is the form in which somebody decides: the second officer, whoever goes on with
// an answer, and the officer of a child who was found.
type KnownStep struct {
	Frame
	Form     Form
	Step     string // "second", "accept" or "decide"
	Choices  []Option
	Question *KnownQuestion
	Hit      *KnownHit
	Back     string
}

// KnownDesk lists what waits for an officer, and where the two sides count differently.
type KnownDesk struct {
	Frame
	Tasks  []KnownTask
	Months []KnownMonth
}

// KnownTask is a question that waits. It names no child.
type KnownTask struct {
	Href, Office string
	Urgent, Late bool
	At, Due      time.Time
}

// KnownMonth is a month in which the two sides counted differently.
type KnownMonth struct {
	Office, Month string
	Rows          []KnownCount
}

// KnownCount is one number of both sides.
type KnownCount struct {
	What         string // words "knowncount.<What>"
	Ours, Theirs int64
}
