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
}

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
