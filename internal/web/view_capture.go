package web

import "time"

// Capture is the page on which forms are filled in without a network. The shell is
// the same page without anybody's name, for when there is none.
type Capture struct {
	Frame
	Key    string // public key of the node with its number, base64; "" in the shell
	Ticket string // "" where the reader may only send
	Until  int64  // when the ticket runs out, in milliseconds
	Who    string // names the reader's drafts on this phone, and nobody outside
	Idle   int    // seconds without a touch until it locks itself
	Ways   []NavItem
}

// Blank is what the page knows of the forms, in one language.
type Blank struct {
	Lang   string                 `json:"lang"`
	Words  map[string]string      `json:"words"`
	Urgent map[string][2]string   `json:"urgent"`
	Lists  map[string][][2]string `json:"lists"`
	Cards  int                    `json:"cards"`
	Forms  []BlankForm            `json:"forms"`
}

// BlankForm is one form without answers.
type BlankForm struct {
	Kind    string       `json:"kind"`
	Title   string       `json:"title"`
	Hint    string       `json:"hint,omitempty"`
	Number  bool         `json:"number,omitempty"` // it is about a case
	Help    bool         `json:"help,omitempty"`   // its answers so far can ask for help
	Fields  []BlankField `json:"fields"`
	Version string       `json:"version,omitempty"` // of a form of the pack
	Cards   []BlankCard  `json:"cards,omitempty"`
}

// BlankField is one question.
type BlankField struct {
	Name  string `json:"n"`
	Label string `json:"l"`
	Hint  string `json:"h,omitempty"`
	Type  string `json:"t"` // text, area, date, digits, list, pick, many
	List  string `json:"o,omitempty"`
	Must  bool   `json:"r,omitempty"`

	If     []BlankIf         `json:"if,omitempty"` // all of them; none: always
	Urgent map[string]string `json:"u,omitempty"`  // answer, what it opens
}

// BlankIf shows a question when another has one of some answers.
type BlankIf struct {
	Name  string   `json:"n"`
	Codes []string `json:"is"`
}

// BlankCard is a question of a check, asked at some ages and places.
type BlankCard struct {
	Code   string   `json:"c"`
	Label  string   `json:"l"`
	Ages   []string `json:"a,omitempty"`
	Places []string `json:"p,omitempty"`
	First  bool     `json:"first,omitempty"`
	Always bool     `json:"always,omitempty"`
	On     string   `json:"on,omitempty"`
	Urgent []string `json:"u,omitempty"`
}

// CaptureWaiting lists what could not be filed.
type CaptureWaiting struct {
	Frame
	Rows []CaptureRow
}

// CaptureRow is one form that could not be filed.
type CaptureRow struct {
	Href     string
	Kind     string // words "capturekind.<Kind>"
	Reason   string // error code
	By, Sent string
	Received time.Time
}

// CaptureOpen is one form that could not be filed, with what was written.
type CaptureOpen struct {
	Frame
	Row    CaptureRow
	At     time.Time
	Number string
	Lines  []Line // Label is the question in words
	Fill   Form   // number: files it with the ordinary form
	Form   Form   // reason: discards it
}

// CarriedFrom says of an event that it was written earlier, without a network.
type CarriedFrom struct {
	At       time.Time
	By, Sent string
}
