package web

import (
	"time"

	"causeway/internal/locale"
)

// Consents is what is permitted about a child, and how that came about.
type Consents struct {
	Frame
	Child    Child
	Circle   bool // the reader is of the child's circle: codes and days only
	Unsafe   []Option
	Waiting  []ConsentLine
	Purposes []ConsentPurpose
	History  []ConsentLine
	// Where things are recorded, "" for whoever may not.
	Record, Withdraw, Basis, Override, Passed string
	Notes                                     string // the reader's own privileged notes
}

// ConsentPurpose is what stands about one purpose.
type ConsentPurpose struct {
	Code, Label string
	Answers     []ConsentLine // the newest about each recipient
	Bases       []ConsentLine // that ask nobody
	Open        bool          // something permits it now
	Continues   bool          // consent was withdrawn, and something else permits it
	Tell        []ConsentTell // who received something on a consent that was withdrawn
	Ask         string        // where it is asked for
	Withdraw    string        // where it is withdrawn, "" where nothing was given
}

// ConsentLine is one record in words; what is not there is empty.
type ConsentLine struct {
	Kind, State string // words "consentkind.<Kind>", "consentstate.<State>"
	Tone        string
	Purpose     string
	To          string // "" everybody whom it concerns
	Basis       string
	Until       locale.Day
	Expired     bool // Until is over
	Lost        bool // given, and not in force all the same
	At          time.Time
	By          string
	On          locale.Day
	Lines       []Line
	Words       string
	Present     []string
	End, Decide string
}

// ConsentTell is one recipient to be told of a withdrawal.
type ConsentTell struct {
	To, What  string
	On        locale.Day // when it was received
	Withdrawn locale.Day
	Told      *ConsentLine
	Href      string
}

// ConsentForm records something about consent. Its words are "consentform.<Step>" and
// "consentlead.<Step>".
type ConsentForm struct {
	Frame
	Child        Child
	Form         Form
	Step         string
	Back         string
	Circle       bool
	Unsafe       []Option
	Override     string // where the child's best interests are put instead of asking
	Line         *ConsentLine
	Continues    []ConsentLine
	Purposes     []Option
	Recipients   []Option
	States       []Option
	Who          []Option
	Doubts       []Option
	Assents      []Option
	Languages    []Option
	Interpreters []Option
	Present      []Option
	Bases        []Option
	Decisions    []Option
	Told         string // whom it is told to
}
