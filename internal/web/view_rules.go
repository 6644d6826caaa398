package web

import (
	"time"

	"causeway/internal/access"
)

// RulesPage shows the rules in force and the sets that were made on this node.
type RulesPage struct {
	Frame
	Number  string // of the set in force, "0" for the pack's own
	Stale   bool   // the pack's own rules have changed since it was made
	Sets    []RuleSetRow
	Rules   []access.Ground
	Propose bool // the reader may propose others now
}

// RuleSetRow is one set of rules that was made here.
type RuleSetRow struct {
	Number  string
	Href    string
	State   string // words "rulestate.<State>"
	By      string
	At      time.Time
	Decider string // who put it in force or took it back
	Decided time.Time
	Stale   bool
}

// RulesPropose is the page on which rules are written.
type RulesPropose struct {
	Frame
	Form     Form     // rules_text
	Problems []string // what keeps the text from being rules
	Own      bool     // other rules than the pack's own are in force
}

// RulesProposal shows what a proposal would change.
type RulesProposal struct {
	Frame
	Form                  Form // puts it in force
	Set                   RuleSetRow
	InForce               string // number of the set it is compared with
	Gains, Losses         []RightsOf
	Added, Removed, Other []access.Ground
	Own                   bool // the reader proposed it
	Waits                 bool
	CanActivate, CanDrop  bool
}

// RightsOf is what one role gains or loses.
type RightsOf struct {
	Role  string // words "role.<Role>"
	Lines []RightLine
}

// RightLine is one act, and in which standing to a child it changes.
type RightLine struct {
	Act           string
	Standings     []string // words "standing.<Standing>", "" for what is about no child
	Before, After string   // words "level.<Before>"
}
