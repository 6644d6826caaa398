package referral

import (
	"context"
	"strconv"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/facts"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/handover"
)

// threadCodes is the part of the pack this room asks for referrals.
type threadCodes interface {
	Valid(list, code string) bool
	Clock(name pack.ClockName) pack.Clock
}

// Houses knows the units of this node.
type Houses interface {
	// Receives reports whether somebody works in a unit who can take a referral, or,
	// with whole, who can answer for a case.
	Receives(ctx context.Context, unit ident.Unit, whole bool) (bool, error)
	// Agencies returns of every unit to which agency it belongs.
	Agencies(ctx context.Context) (map[ident.Unit]Agency, error)
}

// Agency is whose a unit is, and its sector.
type Agency struct {
	ID     ident.Agency
	Sector string // code list sector, "" for not known
}

// Notifier has people told, without any content, that something waits for them, in the
// transaction of what waits. The page shows it anyway; this is for those who are not
// looking at one.
type Notifier interface {
	// Notify tells who took it in hand or, where nobody did or they have left, the unit.
	Notify(ctx context.Context, tx *store.Tx, unit ident.Unit, who ident.Staff, urgent bool) error
}

// Room keeps referrals and transfers.
type Room struct {
	gate     *access.Gate
	cases    *casework.Room
	codes    threadCodes
	houses   Houses
	services Services // nil: no directory
	clk      clock.Clock
	notify   Notifier // may be nil
	flows    facts.Kept[Flows]

	post     Post // nil: no other country is reached
	partners Partners
	abroad   abroadCodes
	tracker  Tracker   // nil: nothing is said of what is stuck
	names    *[32]byte // of threads with other nodes; nil: they are random
	files    Files     // nil: no document goes along
}

// New returns the room. All its parts are required.
func New(gate *access.Gate, cases *casework.Room, codes threadCodes, houses Houses, clk clock.Clock) *Room {
	return &Room{gate: gate, cases: cases, codes: codes, houses: houses, clk: clk}
}

// Tells names who tells people that something waits for them. It is called once,
// before the room is used.
func (r *Room) Tells(n Notifier) { r.notify = n }

const (
	purposeCare = casework.PurposeCare // of the sender
	purposeHelp = "referral"           // of the receiver: what was asked of them

	mostSaid = 2_000
	mostLaw  = 300

	basisConsent = "consent"

	outcomeMet     = "met"             // code list need_outcome
	reasonNotThere = "child_not_there" // code list referral_end
)

// text refuses a text that is too long or hides something.
func text(c *fault.Check, field string, t sealed.Text, most int) {
	if code := casework.TextFault(t, most); code != "" {
		c.Reject(field, code)
	}
}

// answerClock is the pack's clock until a receiver answers.
func answerClock(urgency string) pack.ClockName { return pack.ClockName("referral_answer_" + urgency) }

// due returns by when whose turn it is must act.
func (r *Room) due(t *Thread, now time.Time) time.Time {
	if t.NotThere() {
		return now // and no clock ends it: somebody looks for the child
	}
	name := pack.ReferralReport
	switch t.State {
	case handover.Offered:
		return t.RespondBy
	case handover.NeedsInfo:
		name = pack.ReferralTurn
	case handover.Accepted, handover.Released:
		if !t.until.IsZero() {
			return t.until
		}
		name = pack.ReferralStart
	case handover.None:
		name = pack.ReferralTurn // a second person looks at it first
	case handover.Completed, handover.Failed, handover.HandedBack:
		name = pack.ReferralLapse
	case handover.Declined, handover.Expired:
		name = pack.ReferralTurn
	case handover.Withdrawn, handover.Retracted, handover.Closed:
		return time.Time{}
	}
	due := r.codes.Clock(name).After(now)
	if t.State == handover.NeedsInfo && t.RespondBy.Before(due) {
		return t.RespondBy // the receiver's clock goes on
	}
	return due
}

// settle brings everything that follows from a thread's state in line with it: its
// day, the deadlines of the case, who reaches what, and what is counted.
func (r *Room) settle(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread) error {
	t.Due = r.due(t, p.Now())
	if err := r.await(ctx, p, row, t); err != nil {
		return err
	}
	if err := t.write(ctx, p); err != nil {
		return err
	}
	if t.State.Final() {
		for _, unit := range []ident.Unit{t.To, t.From} {
			if err := leave(ctx, p, unit); err != nil {
				return err
			}
		}
	}
	return r.count(ctx, p, row, t)
}

// await keeps the deadline of the case's own side. Of a transfer that was assumed the
// sender's side is the other one, and answers for nothing any more.
func (r *Room) await(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread) error {
	if t.Received() { // the case is the receiver's, whose turn is this side's
		due := t.Due
		if t.WaitsFor() != handover.Receiver {
			due = time.Time{}
		}
		return r.cases.Await(ctx, p, row, casework.DueReferralTurn, [16]byte(t.ID), due)
	}
	kind, due := casework.DueReferralAnswer, t.Due
	if t.WaitsFor() == handover.Sender {
		kind = casework.DueReferralTurn
		if now := r.codes.Clock(pack.ReferralTurn).After(p.Now()); !t.State.Final() && now.Before(due) {
			due = now // a report is looked at soon; that it counts as confirmed comes later
		}
	}
	if t.Assumed {
		due = time.Time{}
	}
	return r.cases.Await(ctx, p, row, kind, [16]byte(t.ID), due)
}

// leave ends the reach of a receiver to whom nothing of the pass's case is handed any
// more.
func leave(ctx context.Context, p *access.Pass, unit ident.Unit) error {
	if isOffice(unit) { // it reaches nothing here
		return nil
	}
	all, err := readThreads(ctx, p, sqlSelectThreads, p.Case())
	if err != nil {
		return err
	}
	for _, t := range all {
		if !t.State.Final() && (t.To == unit || t.From == unit && t.Assumed) {
			return nil
		}
	}
	return p.EndReachOf(ctx, access.RelationReceiver, [16]byte(unit))
}

// factReferral is the kind of fact that a thread leaves.
const factReferral = "referral"

func (r *Room) count(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	return facts.Put(ctx, p.Tx(), s, facts.Fact{
		Kind: factReferral, Record: t.ID[:], Month: t.OfferedAt, Area: row.Region, Codes: map[string]string{
			"kind": string(t.Kind), "service": t.Service, "urgency": t.Urgency, "state": string(t.State), "reason": t.Reason,
			"outcome": t.Outcome, "sex": t.Sex, "age": t.AgeBand, "answered": t.hours(),
		},
	})
}

// hours is after how many hours the receiver answered, "" before.
func (t *Thread) hours() string {
	if t.Answered.IsZero() {
		return ""
	}
	return strconv.Itoa(int(t.Answered.Sub(t.OfferedAt).Hours()))
}

// urgent is the code of what cannot wait.
const urgent = "at_once"

// tell has the other side of a step told; of what the clock did, both.
func (r *Room) tell(ctx context.Context, p *access.Pass, t *Thread, by handover.Party) error {
	if by != handover.Receiver {
		if err := r.tellUnit(ctx, p, t.To, t.ToStaff, t.Urgency == urgent); err != nil {
			return err
		}
	}
	if by != handover.Sender {
		return r.tellUnit(ctx, p, t.From, t.FromStaff, t.Urgency == urgent)
	}
	return nil
}

// tellUnit has a unit told, or the one of it who has something in hand.
func (r *Room) tellUnit(ctx context.Context, p *access.Pass, unit ident.Unit, who ident.Staff, urgently bool) error {
	if r.notify == nil || isOffice(unit) {
		return nil
	}
	return r.notify.Notify(ctx, p.Tx(), unit, who, urgently)
}
