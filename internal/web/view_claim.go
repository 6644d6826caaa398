package web

import "time"

// ClaimForm asks for a case by its number, or takes that back.
type ClaimForm struct {
	Frame
	Form      Form // claim_number, claim_reason
	Withdraws bool
}

// ClaimRow is a request to take a case over.
type ClaimRow struct {
	Unit   string
	By     string
	At     time.Time
	Why    string // "" for whoever asked
	Number string
	State  string // words "claimstate.<State>"
	Reason string // words "claimrefusal.<Reason>", "" for none
	Accept string
	Refuse string
}

// ClaimRefuse answers one with no.
type ClaimRefuse struct {
	Frame
	Row     ClaimRow
	Form    Form // claim_refusal, reason
	Reasons []Option
	Back    string
}
