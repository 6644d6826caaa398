// Package handover is the life of one referral or transfer of a child between two
// bodies: its states, who may move it from one to the next, and who answers for
// the child meanwhile. It is the same inside one node and between two.
//
// It is pure code: it reads no clock, stores nothing and knows no child.
//
// A referral asks somebody to do something for a child; whoever asks keeps the
// case. A transfer hands the case itself over, in two phases: the receiver accepts
// (that is an intent), the sender releases, the receiver assumes; only that last
// step moves the responsibility. At every moment exactly one party answers for the
// child.
//
// The receiver is the only clerk: a state is what the receiver wrote. The sender
// asks, and shows what it holds of the receiver's answers.
//
// Start at [Next], the table of all legal steps, and [Thread], which also knows who
// answers.
package handover

import "errors"

// Kind tells a referral from a transfer.
type Kind string

// The kinds of a handover.
const (
	Referral Kind = "referral" // the sender keeps the case
	Transfer Kind = "transfer" // the responsibility for the case moves
)

// Party is one who has a part in a handover.
type Party string

// The parties of a handover.
const (
	Nobody   Party = ""
	Sender   Party = "sender"
	Receiver Party = "receiver"
	Clock    Party = "clock" // the receiver's clock
)

// State is where a handover stands. None is a handover that was not offered yet.
type State string

// The states of a handover.
const (
	None       State = ""
	Offered    State = "offered"
	NeedsInfo  State = "needs_info" // the receiver asked something
	Accepted   State = "accepted"   // of a transfer: the intent
	Released   State = "released"   // a transfer that waits only for the receiver
	Active     State = "active"     // the work has begun; of a transfer: it was assumed
	OnHold     State = "on_hold"
	Stopping   State = "stopping"  // the sender withdrew after the work began: stop safely
	Completed  State = "completed" // delivered
	Failed     State = "failed"
	HandedBack State = "handed_back"
	Declined   State = "declined"
	Withdrawn  State = "withdrawn"
	Expired    State = "expired" // nobody answered in time
	Retracted  State = "retracted"
	Closed     State = "closed"
)

// Event is what moves a handover.
type Event string

// The events of a handover.
const (
	Offer    Event = "offer"
	Accept   Event = "accept"
	Decline  Event = "decline"
	AskInfo  Event = "ask_info"
	Info     Event = "info"     // the answer to it
	Withdraw Event = "withdraw" // it is not needed any more
	Retract  Event = "retract"  // it was a mistake: wrong child, wrong receiver
	Expire   Event = "expire"   // the time to answer has passed
	Start    Event = "start"
	Release  Event = "release"
	Assume   Event = "assume"
	HandBack Event = "handback"
	Hold     Event = "hold"
	Resume   Event = "resume"
	Complete Event = "complete"
	Fail     Event = "fail"
	Confirm  Event = "confirm"
	Dispute  Event = "dispute"
	Lapse    Event = "lapse" // the time to confirm or dispute has passed
)

// ErrIllegal is the answer to a step that is not in the table: the state stays.
var ErrIllegal = errors.New("handover: no such step from this state")

// step is what the table knows a step by.
type step struct {
	from  State
	event Event
}

// move is one legal step.
type move struct {
	by   Party
	to   State
	only Kind // "" for both kinds
}

// moves is every legal step there is.
var moves = map[step]move{
	{None, Offer}: {by: Sender, to: Offered},

	{Offered, Accept}:   {by: Receiver, to: Accepted},
	{Offered, Decline}:  {by: Receiver, to: Declined},
	{Offered, AskInfo}:  {by: Receiver, to: NeedsInfo},
	{Offered, Withdraw}: {by: Sender, to: Withdrawn},
	{Offered, Retract}:  {by: Sender, to: Retracted},
	{Offered, Expire}:   {by: Clock, to: Expired},

	{NeedsInfo, Info}:     {by: Sender, to: Offered},
	{NeedsInfo, Decline}:  {by: Receiver, to: Declined},
	{NeedsInfo, Withdraw}: {by: Sender, to: Withdrawn},
	{NeedsInfo, Retract}:  {by: Sender, to: Retracted},
	{NeedsInfo, Expire}:   {by: Clock, to: Expired},

	{Accepted, Start}:    {by: Receiver, to: Active, only: Referral},
	{Accepted, Release}:  {by: Sender, to: Released, only: Transfer},
	{Accepted, HandBack}: {by: Receiver, to: HandedBack},
	{Accepted, Withdraw}: {by: Sender, to: Withdrawn},

	{Released, Assume}:   {by: Receiver, to: Active, only: Transfer},
	{Released, HandBack}: {by: Receiver, to: HandedBack, only: Transfer},
	{Released, Withdraw}: {by: Sender, to: Withdrawn, only: Transfer},

	// After a transfer was assumed there is no way back but a new transfer.
	{Active, Hold}:     {by: Receiver, to: OnHold},
	{Active, Complete}: {by: Receiver, to: Completed},
	{Active, Fail}:     {by: Receiver, to: Failed, only: Referral},
	{Active, HandBack}: {by: Receiver, to: HandedBack, only: Referral},
	{Active, Withdraw}: {by: Sender, to: Stopping, only: Referral},

	{OnHold, Resume}:   {by: Receiver, to: Active},
	{OnHold, Fail}:     {by: Receiver, to: Failed, only: Referral},
	{OnHold, HandBack}: {by: Receiver, to: HandedBack, only: Referral},
	{OnHold, Withdraw}: {by: Sender, to: Stopping, only: Referral},

	{Stopping, Complete}: {by: Receiver, to: Completed, only: Referral},
	{Stopping, Fail}:     {by: Receiver, to: Failed, only: Referral},
	{Stopping, HandBack}: {by: Receiver, to: HandedBack, only: Referral},

	{Completed, Confirm}: {by: Sender, to: Closed},
	{Completed, Dispute}: {by: Sender, to: Active},
	{Completed, Lapse}:   {by: Clock, to: Closed},

	{Failed, Confirm}: {by: Sender, to: Closed, only: Referral},
	{Failed, Dispute}: {by: Sender, to: Active, only: Referral},
	{Failed, Lapse}:   {by: Clock, to: Closed, only: Referral},

	{HandedBack, Confirm}: {by: Sender, to: Closed},
	{HandedBack, Lapse}:   {by: Clock, to: Closed},
}

// Next returns the state after an event, or [ErrIllegal] and the state as it was
// when that party may not do that there.
func Next(from State, event Event, by Party, kind Kind) (State, error) {
	m, ok := moves[step{from, event}]
	if !ok || m.by != by || m.only != "" && m.only != kind || kind != Referral && kind != Transfer {
		return from, ErrIllegal
	}
	return m.to, nil
}

// May returns what a party may do in a state, in the order of [Events].
func May(in State, by Party, kind Kind) []Event {
	var out []Event
	for _, e := range Events() {
		if _, err := Next(in, e, by, kind); err == nil {
			out = append(out, e)
		}
	}
	return out
}

// Final reports whether nothing moves a handover any more.
func (s State) Final() bool {
	switch s {
	case Declined, Withdrawn, Expired, Retracted, Closed:
		return true
	}
	return false
}

// WaitsFor returns whose turn it is in a state: who must act before its day.
// [Nobody] where it is over.
func WaitsFor(in State, kind Kind) Party {
	switch in {
	case None, NeedsInfo, Completed, Failed, HandedBack:
		return Sender
	case Accepted:
		if kind == Transfer {
			return Sender
		}
		return Receiver
	case Offered, Released, Active, OnHold, Stopping:
		return Receiver
	}
	return Nobody
}

// States returns every state, in the order of a handover's life.
func States() []State {
	return []State{
		None, Offered, NeedsInfo, Accepted, Released, Active, OnHold, Stopping, Completed, Failed, HandedBack,
		Declined, Withdrawn, Expired, Retracted, Closed,
	}
}

// Events returns every event.
func Events() []Event {
	return []Event{
		Offer, Accept, AskInfo, Info, Decline, Start, Release, Assume, Hold, Resume, Complete, Fail, HandBack,
		Confirm, Dispute, Withdraw, Retract, Expire, Lapse,
	}
}
