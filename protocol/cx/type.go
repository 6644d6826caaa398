package cx

import "slices"

// Stream is one of the two lines of numbered messages that each side of a thread
// writes. Its messages are numbered from 1 without a gap.
type Stream string

// The streams of a thread.
const (
	Cmd    Stream = "cmd"    // what is asked or told: each message waits for its answer
	Status Stream = "status" // what the clerk of the thread answers
)

// Valid reports whether s is a stream.
func (s Stream) Valid() bool { return s == Cmd || s == Status }

// Class is all that the outside of an envelope tells of what is in it.
type Class string

// The classes of messages.
const (
	ClassCase  Class = "case"  // about a child: referrals, transfers, requests, notices
	ClassDir   Class = "dir"   // about nodes and their keys
	ClassMatch Class = "match" // matching across borders, which has a specification of its own
	ClassTest  Class = "test"  // a trial between two nodes; it never reaches a record
)

// Valid reports whether c is a class.
func (c Class) Valid() bool {
	return c == ClassCase || c == ClassDir || c == ClassMatch || c == ClassTest
}

// Type says what a message is.
type Type string

// The types of messages.
const (
	ReferralOffer Type = "referral.offer" // do something for a child; the sender keeps the case
	TransferOffer Type = "transfer.offer" // take over a case
	Info          Type = "info"           // the answer to what the receiver asked
	Withdraw      Type = "withdraw"       // it is not needed any more
	Retract       Type = "retract"        // it was a mistake: wrong child, wrong receiver
	Release       Type = "release"        // the sender of a transfer lets go
	Confirm       Type = "confirm"        // the sender agrees with the outcome
	Dispute       Type = "dispute"        // the sender does not
	Request       Type = "request"        // asks for something that is no referral, such as a tracing
	Notice        Type = "notice"         // tells of a missing child or of danger
	StatusReport  Type = "status"         // the clerk's answer to one command, or a change of its own
	Note          Type = "note"           // words, from either side; changes no state

	Recall        Type = "recall"         // please delete what was sent
	RecallOutcome Type = "recall.outcome" // what became of it
	LabelUpdate   Type = "label.update"   // stricter labels for what was sent
	RetentionDue  Type = "retention.due"  // what became of a message whose time had come
	Void          Type = "void"           // fills a number that nobody holds after a restore

	ScheduleNote Type = "schedule" // the keys of a node, signed by its recovery pair
	RevokeNote   Type = "revoke"   // a key or a node that is not to be believed any more
	PairNote     Type = "pair"     // what two nodes agreed on

	MatchAgree    Type = "match.agree"      // an agreement to match: proposed, agreed to, ended (see protocol/matching)
	MatchTable    Type = "match.table"      // a part of a holder's table, raised once
	MatchBack     Type = "match.table.back" // the same part, raised by the asker too
	MatchQuestion Type = "match.question"   // a day's questions
	MatchAnswer   Type = "match.answer"     // a day's answers
	MatchAccept   Type = "match.accept"     // the asker's side wants to go on
	MatchCount    Type = "match.count"      // how much passed in a month

	Trial Type = "trial" // a trial message of class test
)

// rule is where a type may stand.
type rule struct {
	class   Class
	streams []Stream
}

var types = map[Type]rule{
	ReferralOffer: {ClassCase, []Stream{Cmd}},
	TransferOffer: {ClassCase, []Stream{Cmd}},
	Info:          {ClassCase, []Stream{Cmd}},
	Withdraw:      {ClassCase, []Stream{Cmd}},
	Retract:       {ClassCase, []Stream{Cmd}},
	Release:       {ClassCase, []Stream{Cmd}},
	Confirm:       {ClassCase, []Stream{Cmd}},
	Dispute:       {ClassCase, []Stream{Cmd}},
	Request:       {ClassCase, []Stream{Cmd}},
	Notice:        {ClassCase, []Stream{Cmd}},
	StatusReport:  {ClassCase, []Stream{Status}},
	Note:          {ClassCase, []Stream{Cmd, Status}},
	Recall:        {ClassCase, []Stream{Cmd, Status}},
	RecallOutcome: {ClassCase, []Stream{Cmd, Status}},
	LabelUpdate:   {ClassCase, []Stream{Cmd, Status}},
	RetentionDue:  {ClassCase, []Stream{Cmd, Status}},
	Void:          {ClassCase, []Stream{Cmd, Status}},
	ScheduleNote:  {ClassDir, []Stream{Cmd}},
	RevokeNote:    {ClassDir, []Stream{Cmd}},
	PairNote:      {ClassDir, []Stream{Cmd}},
	MatchAgree:    {ClassMatch, []Stream{Cmd}},
	MatchTable:    {ClassMatch, []Stream{Cmd}},
	MatchBack:     {ClassMatch, []Stream{Cmd}},
	MatchAccept:   {ClassMatch, []Stream{Cmd}},
	MatchCount:    {ClassMatch, []Stream{Cmd}},
	MatchQuestion: {ClassMatch, []Stream{Cmd}},
	MatchAnswer:   {ClassMatch, []Stream{Status}},
	Trial:         {ClassTest, []Stream{Cmd, Status}},
}

// Types returns every type, in alphabetical order.
func Types() []Type {
	all := make([]Type, 0, len(types))
	for t := range types {
		all = append(all, t)
	}
	slices.Sort(all)
	return all
}

// Valid reports whether t is a type of CX/1.
func (t Type) Valid() bool { _, ok := types[t]; return ok }

// Class returns the class of a type, "" for an unknown one.
func (t Type) Class() Class { return types[t].class }

// In reports whether a message of type t may stand in a stream.
func (t Type) In(s Stream) bool { return slices.Contains(types[t].streams, s) }

// Asks reports whether a message of type t is done only when it was answered: the
// answer names it. Others are done when the receiver holds them.
func (t Type) Asks() bool {
	switch t {
	case ReferralOffer, TransferOffer, Info, Withdraw, Retract, Release, Confirm, Dispute, Request, Notice, Recall,
		MatchQuestion:
		return true
	}
	return false
}
