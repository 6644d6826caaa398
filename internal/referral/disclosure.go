package referral

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// The identifiers of this room.
type (
	disclosureKind struct{}
	// DisclosureID names one disclosure.
	DisclosureID = ident.ID[disclosureKind]
	memberKind   struct{}
	// MemberID names one person's time in a child's circle.
	MemberID    = ident.ID[memberKind]
	requestKind struct{}
	// RequestID names what somebody asked to be told.
	RequestID = ident.ID[requestKind]
)

// purposeShared is for what people of the circle do with their part.
const purposeShared = "shared-work"

const (
	mostText   = 2_000
	mostReport = 10_000
	mostNorm   = 300
	tellMost   = 366 * 24 * time.Hour // how far off the day may be on which a child is told
)

// Codes is the part of the pack this room asks.
type Codes interface {
	Valid(list, code string) bool
	Codes(list string) []string
}

// Known is what is known of somebody who may be told something.
type Known struct {
	Role   string // "" of a unit
	Sector string // code list sector; "" where nobody said
	Active bool
}

// Staff knows the people and units of this node.
type Staff interface {
	// Known returns what is known of a person or a unit; ok is false for none.
	Known(ctx context.Context, who [16]byte, unit bool) (k Known, ok bool, err error)
}

// Circle keeps the disclosures of cases, the people of the children's circles, and
// what police and prosecution ask for.
type Circle struct {
	gate  *access.Gate
	cases *casework.Room
	codes Codes
	staff Staff
	clk   clock.Clock
}

// NewCircle returns the room. All its parts are required.
func NewCircle(gate *access.Gate, cases *casework.Room, codes Codes, staff Staff, clk clock.Clock) *Circle {
	return &Circle{gate: gate, cases: cases, codes: codes, staff: staff, clk: clk}
}

// NewDisclosure is a disclosure to be made.
type NewDisclosure struct {
	To      [16]byte // a person or, with Unit, a unit
	Unit    bool
	Purpose string // code list consent_purpose
	Basis   string // code list legal_basis
	Norm    sealed.Text
	Parts   []string    // code list disclosure_part
	Ask     sealed.Text // what is asked of whoever receives it
	// Told says that the child was told. Else TellBy is until when that will be, by the
	// pack's clock where nobody says; a later day needs a reason, Untold.
	Told   bool
	Untold sealed.Text
	TellBy time.Time
	// Request is what this answers; none: nobody asked.
	Request RequestID
	// Seen is the version of the case in the preview that the author has seen; a
	// disclosure without one is refused.
	Seen int64

	role string // of a person; [NewDisclosure.check] fills it in
}

// check validates what does not depend on the case.
func (n *NewDisclosure) check(ctx context.Context, r *Circle) error {
	var c fault.Check
	known, ok, err := r.staff.Known(ctx, n.To, n.Unit)
	if err != nil {
		return err
	}
	n.role = known.Role
	c.Require(ok && known.Active, "share_to", "required")
	c.Require(r.codes.Valid(pack.ConsentPurposes, n.Purpose), "share_purpose", "required")
	c.Require(r.codes.Valid(pack.LegalBases, n.Basis), "share_basis", "required")
	c.Require(n.Basis == "" || n.Basis == basisConsent || !n.Norm.IsZero(), "share_norm", "required")
	c.Require(len(n.Parts) > 0 && len(n.Parts) <= mostParts, "disclosure_part", "required")
	for i, part := range n.Parts {
		c.Require(r.codes.Valid(pack.DisclosureParts, part) && !slices.Contains(n.Parts[:i], part), "disclosure_part", "not-in-list")
	}
	if ok && slices.Contains(n.Parts, pack.PartCareNotes) && access.Walled(known.Role, known.Sector) {
		c.Reject("disclosure_part", "care-notes-wall")
	}
	if !n.Told && n.TellBy.IsZero() {
		n.TellBy = r.cases.TellBy()
	}
	return errOr(c.Err(), n.checkTelling(r.clk.Now(), r.cases.TellBy()), checkTexts(map[string]sealed.Text{"share_ask": n.Ask, "untold": n.Untold}, mostText),
		checkTexts(map[string]sealed.Text{"share_norm": n.Norm}, mostNorm))
}

// checkTelling refuses a disclosure of which nobody says when the child learns of it.
func (n *NewDisclosure) checkTelling(now, clock time.Time) error {
	var c fault.Check
	if n.Told {
		n.Untold, n.TellBy = sealed.Text{}, time.Time{}
		return nil
	}
	c.Require(!n.Untold.IsZero() || !n.TellBy.After(clock), "untold", "required")
	c.Require(n.TellBy.After(now) && n.TellBy.Before(now.Add(tellMost)), "tell_by", "out-of-range")
	return c.Err()
}

// checkTexts refuses texts that are too long or hide something.
func checkTexts(texts map[string]sealed.Text, most int) error {
	var c fault.Check
	for field, t := range texts {
		if code := casework.TextFault(t, most); code != "" {
			c.Reject(field, code)
		}
	}
	return c.Err()
}

// errOr joins the fields of several checks into one error.
func errOr(errs ...error) error {
	var c fault.Check
	for _, err := range errs {
		for _, f := range fault.FieldsOf(err) {
			c.Reject(f.Name, f.Code)
		}
	}
	return c.Err()
}

// Foreseen is what would be seen, and of which version of the case.
type Foreseen struct {
	Package Package
	Seen    int64
}

// Preview composes exactly what a disclosure would show, and stores nothing.
func (r *Circle) Preview(ctx context.Context, c *access.Caller, of ident.Case, n NewDisclosure) (*Foreseen, error) {
	if err := n.check(ctx, r); err != nil {
		return nil, err
	}
	return r.preview(ctx, c, of, &n)
}

func (r *Circle) preview(ctx context.Context, c *access.Caller, of ident.Case, n *NewDisclosure) (*Foreseen, error) {
	var out Foreseen
	a := access.Act{Action: "circle.preview", Purpose: purposeCare, Case: of}
	err := r.gate.View(ctx, c, a, func(p *access.Pass) (err error) {
		out.Package, err = Composer{Cases: r.cases, To: n.To, Role: n.role}.Compose(ctx, p, n.Parts)
		out.Seen = out.Package.of
		return err
	})
	return &out, err
}

// Disclose gives somebody a copy of parts of a case. What they may see of the child is
// this and nothing else, until it is ended.
func (r *Circle) Disclose(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, n NewDisclosure) (DisclosureID, error) {
	if err := n.check(ctx, r); err != nil {
		return DisclosureID{}, err
	}
	if n.Seen <= 0 {
		return DisclosureID{}, fault.New(fault.Invalid, "not-previewed")
	}
	ready, err := r.preview(ctx, c, of, &n)
	if err != nil {
		return DisclosureID{}, err
	}
	a := access.Act{Action: "circle.disclose", Purpose: n.Purpose, Case: of, Command: cmd}
	out, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		if ready.Seen != n.Seen {
			return "", fault.New(fault.Conflict, "changed-meanwhile") // unless the command was carried out before
		}
		d := Disclosure{
			ID: ident.New[DisclosureID](), At: p.Now(), Author: c.Staff(), To: n.To, Unit: n.Unit, Purpose: n.Purpose, Basis: n.Basis,
			Notes: slices.Contains(n.Parts, pack.PartCareNotes), TellBy: n.TellBy, Request: n.Request,
			Body: Body{Package: ready.Package, Norm: n.Norm, Ask: n.Ask, Untold: n.Untold},
		}
		err := r.cases.Tell(ctx, p, n.Seen, func(row *casework.Case) (*casework.Event, error) {
			if err := r.mayGive(ctx, p, &d); err != nil {
				return nil, err
			}
			if err := r.mustTell(ctx, p, row, &d, d.TellBy); err != nil {
				return nil, err
			}
			if err := r.answer(ctx, p, n.Request, requestGranted, ""); err != nil {
				return nil, err
			}
			e := &casework.Event{Kind: casework.KindDisclosed, Content: casework.Content{
				To: n.Purpose, Who: n.To[:], Of: d.ID[:], Reasons: n.Parts, Text: n.Ask,
			}}
			if d.Untold() {
				e.Due = d.TellBy.UnixMicro()
			}
			return e, d.write(ctx, p)
		})
		return d.ID.String(), err
	})
	if err != nil {
		return DisclosureID{}, err
	}
	return ident.Parse[DisclosureID](out)
}

// mayGive refuses a recipient who must not know of the case or knows it already, and a
// consent that is not there; then it lets the recipient reach their part.
func (r *Circle) mayGive(ctx context.Context, p *access.Pass, d *Disclosure) error {
	if away, err := p.IsWithheld(ctx, d.To); err != nil || away {
		return orInvalid(err, "share_to", "withheld-from")
	}
	if d.Basis == basisConsent {
		if there, err := d.consented(ctx, p); err != nil || !there {
			return orInvalid(err, "share_basis", "no-consent")
		}
	}
	reached, err := p.Reached(ctx)
	if err != nil {
		return err
	}
	for _, h := range reached {
		if h.Holder == d.To && h.Relation != access.RelationCircle && h.Relation != access.RelationReceiver {
			return fault.InvalidField("share_to", "on-the-team")
		}
	}
	return p.Reach(ctx, d.relation(), d.To)
}

// orInvalid returns err, or a fault about a field where there is none.
func orInvalid(err error, field, code string) error {
	if err != nil {
		return err
	}
	return fault.InvalidField(field, code)
}

// relation is how the recipient of a disclosure reaches the case.
func (d *Disclosure) relation() string {
	if d.Unit {
		return access.RelationReceiver
	}
	return access.RelationCircle
}

// Recall ends a disclosure: from now on nobody it was given to reads it. What was read
// before was read, and the journal says when.
func (r *Circle) Recall(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id DisclosureID, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	if err := errOr(chk.Err(), checkTexts(map[string]sealed.Text{"reason": why}, mostText)); err != nil {
		return err
	}
	return r.onDisclosure(ctx, c, cmd, of, id, "circle.recall", func(p *access.Pass, _ *casework.Case, d *Disclosure) (*casework.Event, error) {
		if !d.Ended.IsZero() {
			return nil, fault.New(fault.Invalid, "disclosure-over")
		}
		if err := d.mark(ctx, p, markEnded); err != nil {
			return nil, err
		}
		return &casework.Event{Kind: casework.KindDisclosureEnded, Content: casework.Content{
			To: d.Purpose, Who: d.To[:], Of: d.ID[:], Text: why,
		}}, r.leave(ctx, p, d.To, d.Unit)
	})
}

// leave ends the reach of somebody of whom nothing in the case is left.
func (r *Circle) leave(ctx context.Context, p *access.Pass, who [16]byte, unit bool) error {
	all, err := disclosuresOf(ctx, p)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].To == who && all[i].Ended.IsZero() {
			return nil
		}
	}
	if unit {
		return p.EndReachOf(ctx, access.RelationReceiver, who)
	}
	members, err := membersOf(ctx, p)
	if err != nil {
		return err
	}
	for i := range members {
		if [16]byte(members[i].Staff) == who && members[i].Until.IsZero() {
			return nil
		}
	}
	return p.EndReachOf(ctx, access.RelationCircle, who)
}

// mustTell starts the clock of a disclosure of which the child is still to be told.
func (r *Circle) mustTell(ctx context.Context, p *access.Pass, row *casework.Case, d *Disclosure, due time.Time) error {
	if !d.Untold() {
		return nil
	}
	return r.cases.MustTell(ctx, p, row, d.ID, due)
}

// ToldChild records that the child was told of a disclosure (to whom, what, when, why),
// how that was done, and what the child said.
func (r *Circle) ToldChild(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id DisclosureID, how, words sealed.Text) error {
	var chk fault.Check
	chk.Require(!how.IsZero(), "told_how", "required")
	if err := errOr(chk.Err(), checkTexts(map[string]sealed.Text{"told_how": how, "circle_words": words}, mostText)); err != nil {
		return err
	}
	return r.onDisclosure(ctx, c, cmd, of, id, "circle.told", func(p *access.Pass, row *casework.Case, d *Disclosure) (*casework.Event, error) {
		if !d.Untold() {
			return nil, fault.New(fault.Invalid, "told-already")
		}
		if err := r.mustTell(ctx, p, row, d, time.Time{}); err != nil {
			return nil, err
		}
		return &casework.Event{Kind: casework.KindDisclosureTold, Content: casework.Content{
			To: d.Purpose, Who: d.To[:], Of: d.ID[:], Told: how, Words: words,
		}}, d.mark(ctx, p, markTold)
	})
}

// PostponeTelling moves the day by which the child is told of a disclosure, with the
// reason.
func (r *Circle) PostponeTelling(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id DisclosureID, until time.Time, why sealed.Text) error {
	var chk fault.Check
	now := r.clk.Now()
	chk.Require(!until.IsZero(), "tell_by", "required")
	chk.Require(until.IsZero() || until.After(now) && until.Before(now.Add(tellMost)), "tell_by", "out-of-range")
	chk.Require(!why.IsZero(), "reason", "required")
	if err := errOr(chk.Err(), checkTexts(map[string]sealed.Text{"reason": why}, mostText)); err != nil {
		return err
	}
	return r.onDisclosure(ctx, c, cmd, of, id, "circle.told", func(p *access.Pass, row *casework.Case, d *Disclosure) (*casework.Event, error) {
		if !d.Untold() {
			return nil, fault.New(fault.Invalid, "told-already")
		}
		return &casework.Event{Kind: casework.KindTellingPostponed, Content: casework.Content{
			To: d.Purpose, Who: d.To[:], Of: d.ID[:], Text: why, Due: until.UnixMicro(),
		}}, r.mustTell(ctx, p, row, d, until)
	})
}

// onDisclosure is the frame of the commands on one disclosure.
func (r *Circle) onDisclosure(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id DisclosureID, action string,
	do func(*access.Pass, *casework.Case, *Disclosure) (*casework.Event, error),
) error {
	a := access.Act{Action: action, Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			all, err := disclosuresOf(ctx, p)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(all, func(d Disclosure) bool { return d.ID == id })
			if i < 0 {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return do(p, row, &all[i])
		})
	})
	return err
}

// Told returns who received something of a case for a purpose (consent.Teller): when a
// consent is withdrawn, each of them is told. It opens nothing.
func (r *Circle) Told(ctx context.Context, p *access.Pass, of ident.Case, purpose string) ([]consent.Receipt, error) {
	all, err := fetchDisclosures(ctx, p.Tx(), of)
	var out []consent.Receipt
	for i := range all {
		if d := &all[i]; d.Purpose == purpose {
			out = append(out, consent.Receipt{ID: consent.ID(d.ID), To: consent.Recipient(d.To), Basis: d.Basis, Purpose: purpose, At: d.At})
		}
	}
	return out, err
}
