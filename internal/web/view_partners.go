package web

import "time"

// Partners is page 33: with whom this system exchanges, and who it is to them.
type Partners struct {
	Frame
	Off  bool   // this system has no partners: nothing to show
	Own  string // its id
	Keys bool   // it has keys
	Code []string
	Ends time.Time // when its keys must be renewed
	Tone string    // "", "due", "late"
	Rows []PartnerRow
	Add  bool // the reader may add one
}

// PartnerRow is one partner.
type PartnerRow struct {
	Href, Node, Name, Country string
	State, Tone               string   // how its exchange stands
	Code                      []string // nil while it waits for the second officer
	Ends                      time.Time
	EndsTone                  string
	Purposes                  []string
	Next                      string // what to do next: words "partnernext.<Next>"
	Why                       string // words "partnerwhy.<Why>", "" where there is nothing to say
}

// PartnerPage is one partner with all that is known of it.
type PartnerPage struct {
	Frame
	PartnerRow
	Authority, Contact, Emergency, Called string
	Types                                 []string
	Limits                                string // of the pair, as a sentence
	From, Until                           time.Time
	Proposed                              *PartnerTerms
	Keys                                  []PartnerKey
	Prepared, Confirmed                   PartnerAct
	Pair                                  string // how the pair note stands: words "partnerpair.<Pair>", "" where there can be none
	PairFile                              bool   // it can be fetched
	Ways, PairWays                        []Way
	Post                                  *PartnerPost // nil where nothing passes
	Match                                 string       // where looking for children together is agreed on, "" for whoever may not see it
}

// PartnerPost is what does not go well with one partner, and what can be done by hand.
type PartnerPost struct {
	Waiting int
	Rows    []TroubleRow
	More    bool   // not all are listed
	Export  string // where a bundle is made, "" for whoever may not
	Import  string
	Form    Form // a command for the export
}

// TroubleRow is messages of one kind with which the same is wrong, for the same reason.
type TroubleRow struct {
	What  string // words "troublewhat.<What>"
	Kind  string // what they are, in words
	Why   string // words "troublewhy.<Why>"
	Do    string // words "troubledo.<Do>"
	Since time.Time
	Count int
	Tone  string
	Unmet string        // conditions that are not honoured, in words
	Cases []TroubleCase // those that the reader sees
	Other int           // how many are of cases that the reader does not see
	Again *Form         // tries them at once, nil where it is of no use
	Seen  *Form         // puts them aside
}

// TroubleCase is a case that the reader sees.
type TroubleCase struct{ Href, Number string }

// PartnerTerms is what waits for the second officer.
type PartnerTerms struct {
	Purposes, Types   []string
	Emergency, Called string
	Limits            string
	Until             time.Time
}

// PartnerKey is one key of a partner that holds now or later.
type PartnerKey struct {
	Role        string // words "keyrole.<Role>"
	From, Until time.Time
	Tone        string
}

// PartnerAct is who did something, and when.
type PartnerAct struct {
	Name string
	At   time.Time // zero: nobody yet
}

// PartnerAdd takes the card of a partner in.
type PartnerAdd struct {
	Frame
	Form            Form // card, file, peer_purposes, peer_types, peer_emergency, peer_called, peer_until, peer_payload, peer_blob, peer_envelope
	Purposes, Types []Option
	Max             int64
}

// PartnerStep is one step with a partner.
type PartnerStep struct {
	Frame
	Step     string // words "partnerstep.<Step>", "partnertext.<Step>", "partnerdo.<Step>"
	Row      PartnerRow
	Terms    *PartnerTerms // of what is confirmed
	Officers []string      // ours, to be read to the partner
	Form     Form
	Stops    bool // the button stops something
}

// BundleIn takes a part of a bundle in.
type BundleIn struct {
	Frame
	Row  PartnerRow
	Form Form // file
	Max  int64
}

// BundlePage is what a bundle carries out, or what came of one that was taken in.
type BundlePage struct {
	Frame
	Row               PartnerRow
	In                bool
	Parts             []BundlePart
	Received, Damaged int
	Broken            bool // the file ended too early
	Refused           []BundleRefused
	Form              Form // makes the bundle for the way back
	Back              bool
	Next              string // where another part is taken in
}

// BundlePart is one part of a bundle.
type BundlePart struct {
	BundleSlip
	Href string // where it is fetched, "" of one that came
}

// BundleRefused is how much was not taken, and why: words "troublewhy.<Why>".
type BundleRefused struct {
	Why   string
	Count int
}
