package web

import (
	"time"

	"causeway/internal/locale"
)

// Referrals is what a unit was asked for, and what went out of the cases in the
// reader's care.
type Referrals struct {
	Frame
	In, Out         []ReferralRow
	MoreIn, MoreOut bool
	Sends           bool       // the reader has cases of their own
	Claims          []ClaimRow // who asks for the cases in the reader's care
	Claimed         []ClaimRow // what the reader asked for, and was answered
	Abroad          string     // the desk of other countries, "" where there are none
	Claim           string     // where a case is asked for, "" for whoever may not
}

// ReferralRow is one referral or transfer, in codes and dates.
type ReferralRow struct {
	Href     string
	Kind     string // words "referralkind.<Kind>"
	State    string // words "referralstate.<State>"
	Tone     string // of the state's tag
	About    string // for what an office abroad is asked, in words; "" between units
	Service  string // in words; "" none in particular
	Urgency  string // in words
	Other    string // the unit on the other side
	Age      string // band, in words; "" in lists of the own team
	Sex      string // in words
	Tongue   string // in words
	Due      time.Time
	Late     bool
	Turn     bool   // it waits for the reader's side
	NotThere bool   // the child did not come, or left
	Stuck    bool   // a message of ours did not go through
	Number   string // of the case, for its own team
	Offered  locale.Day
}

// ChildReferrals is what one child was referred for.
type ChildReferrals struct {
	Frame
	Number string
	Back   string
	Rows   []ReferralRow
	Refer  string // where somebody is asked, "" for whoever may not
	Claims []ClaimRow
	Book   string // where an interpreter is booked, "" for whoever may not
	Abroad string // where another country is asked, "" for whoever may not
}

// ReferralOffer asks a unit to help, or to take the case over.
type ReferralOffer struct {
	Frame
	Child     Child
	Form      Form
	Kinds     []Option
	Units     []Option
	Services  []Option
	Urgencies []Option
	Languages []Option
	Purposes  []Option
	Bases     []Option
	Parts     []Option
	Needs     []Option    // what the child needs and does not have
	Doctor    []Option    // the one answer that a doctor is needed
	Service   *ServiceRow // that was chosen; nil: a unit is asked
	Find      string      // where services are searched, "" for whoever may not
	Claim     *ClaimRow   // whose request this accepts; nil: of nobody
	Chosen    string      // where the form comes back with another service, or none
}

// ReferralFind is the choice of a service for a child.
type ReferralFind struct {
	Frame
	Child    Child
	Form     Form // service, within, service_free, with everything typed so far
	Chosen   string
	Services []Option
	Near     []Option
	Free     []Option
	Rows     []ServiceChoice
	Total    int
}

// ServiceChoice is a service that may be chosen.
type ServiceChoice struct {
	ServiceRow
	ID    string
	Asked bool // its people work with this program, in another unit
	Own   bool // of the reader's own unit
}

// ServiceRefer is the choice of a child for a service.
type ServiceRefer struct {
	Frame
	Service  ServiceRow
	ID       string
	Children []Child
	More     bool
}

// ArrivalRow is a child on the way to a service: codes, no name.
type ArrivalRow struct {
	Row      ReferralRow
	Expected time.Time // zero: nobody said
	Late     bool
	Doctor   bool
}

// ReferralPreview shows exactly what the other side will see, before anything is sent.
type ReferralPreview struct {
	Frame
	Href   string // of the child
	Form   Form   // everything that was chosen, hidden
	To     string
	Card   []Line
	Parts  []SharedPart
	Change string // where it is changed
}

// SharedPart is a part of a record as it is shared.
type SharedPart struct {
	Title string
	Lines []SharedLine
}

// SharedLine is one thing that is known.
type SharedLine struct{ Label, Text string }

// ReferralPage is one referral or transfer as one of its sides sees it.
type ReferralPage struct {
	Frame
	Row      ReferralRow
	Sends    bool // the reader speaks for the sender
	Opened   bool // what the offer carried is shown
	Facts    []Line
	Parts    []SharedPart
	Steps    []ReferralStep
	Main     *ReferralAct // what is to be done next
	Acts     []ReferralAct
	Case     string      // of the child's page, for its own team
	Minimal  bool        // the receiver has not accepted yet
	Closed   bool        // to the receiver, because a consent was withdrawn
	Booked   bool        // the booking of an interpreter
	NotThere bool        // the child did not come, or left: the sender looks for it
	Missing  string      // where the child is reported missing
	Abroad   *AbroadPart // nil: it is between units of this node
}

// ReferralStep is one step that was taken.
type ReferralStep struct {
	Event string // words "referralstep.<Event>"
	At    time.Time
	By    string
	Code  string // in words
	Text  string
	Lang  string    // of Text: from another country; "" not said
	When  time.Time // of a step of a journey; zero: not said
}

// ReferralAct is one thing the reader can do; its words are "referralact.<Event>".
type ReferralAct struct{ Event, Href string }

// ReferralAnswer takes one step.
type ReferralAnswer struct {
	Frame
	Row      ReferralRow
	Form     Form
	Event    string // words "referralact.<Event>", "referrallead.<Event>"
	List     string // of Reasons
	Reasons  []Option
	Outcomes []Option
	Units    []Option // whom the receiver may suggest
	Words    bool     // something must be written
	Outcome  string   // of what is confirmed, in words
	Follows  []Option // the one answer that the need ended so too
	Met      bool     // it ends by itself
	// Of a booking: what the interpreter signed, another time, whether it is right.
	Booked      bool
	Undertaking []Option
	Proposes    bool
	Agrees      []Option
	Abroad      *AbroadAnswer // nil: it is between units of this node
}
