package referral

import (
	"context"
	"errors"
	"slices"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// Offer is a referral or transfer to be made.
type Offer struct {
	Kind        handover.Kind
	To          ident.Unit
	Service     string      // code list service: what is asked for; that of the need, where there is one
	Urgency     string      // code list referral_urgency
	Language    string      // code list language: in which the child speaks
	Purpose     string      // code list consent_purpose
	Basis       string      // code list legal_basis
	Norm        sealed.Text // of the law, where the basis is not consent
	Reason      sealed.Text // why, in words; read after acceptance
	Parts       []string    // code list disclosure_part: what is shown after acceptance
	Parallel    ThreadID    // an offer for the same that nobody has answered; none
	Destination Destination
	Claim       ClaimID // a request of the receiver that a transfer accepts; none
	// Seen is the version of the case in the preview that the sender has seen; an
	// offer without one is refused.
	Seen int64
}

// mostParts is how many parts one offer shows.
const mostParts = 20

func (f *Offer) check(ctx context.Context, r *Room) error {
	var c fault.Check
	whole := f.Kind == handover.Transfer
	takes, err := r.houses.Receives(ctx, f.To, whole)
	if err != nil {
		return err
	}
	c.Require(f.Kind == handover.Referral || whole, "referral_kind", "required")
	c.Require(takes, "referral_unit", "required")
	c.Require(r.codes.Valid(pack.Services, f.Service) || !f.Destination.Need.IsZero(), "service", "required")
	c.Require(r.codes.Valid(pack.ReferralUrgencies, f.Urgency), "referral_urgency", "required")
	c.Require(r.codes.Valid(pack.Languages, f.Language), "language", "required")
	c.Require(r.codes.Valid(pack.ConsentPurposes, f.Purpose), "consent_purpose", "required")
	c.Require(r.codes.Valid(pack.LegalBases, f.Basis), "legal_basis", "required")
	c.Require(f.Basis == "" || f.Basis == basisConsent || !f.Norm.IsZero(), "norm", "required")
	c.Require(!f.Reason.IsZero(), "reason", "required")
	text(&c, "reason", f.Reason, mostSaid)
	text(&c, "norm", f.Norm, mostLaw)
	f.Destination.check(&c, f.Kind, r.clk.Now())
	c.Require(len(f.Parts) > 0 && len(f.Parts) <= mostParts, "disclosure_part", "required")
	for i, part := range f.Parts {
		known := r.codes.Valid(pack.DisclosureParts, part) && !slices.Contains(f.Parts[:i], part)
		c.Require(known, "disclosure_part", "not-in-list")
		// Care notes never leave with a referral, to whomever: a transfer brings them with
		// the case itself.
		c.Require(part != pack.PartCareNotes, "disclosure_part", "care-notes-wall")
	}
	return c.Err()
}

// Preview is exactly what would be seen, and of which version of the case.
type Preview struct {
	Show    Package
	Seen    int64
	Case    casework.Case // of the card: age band, sex
	Service string        // code list service: what is asked for
}

// Preview composes what an offer would show, and stores nothing.
func (r *Room) Preview(ctx context.Context, c *access.Caller, of ident.Case, f Offer) (*Preview, error) {
	if err := f.check(ctx, r); err != nil {
		return nil, err
	}
	return r.preview(ctx, c, of, f)
}

func (r *Room) preview(ctx context.Context, c *access.Caller, of ident.Case, f Offer) (*Preview, error) {
	var out Preview
	a := access.Act{Action: "referral.preview", Purpose: purposeCare, Case: of}
	err := r.gate.View(ctx, c, a, func(p *access.Pass) error {
		if err := r.aim(ctx, p, &f, r.cases.NeedService); err != nil {
			return err
		}
		show, err := Composer{Cases: r.cases}.Compose(ctx, p, f.Parts)
		if err != nil {
			return err
		}
		row, err := r.cases.Head(ctx, p)
		if err != nil {
			return err
		}
		out = Preview{Show: show, Seen: show.of, Case: *row, Service: f.Service}
		return nil
	})
	return &out, err
}

// Offer asks a unit to help a child, or to take the case over. They see a card of
// codes; what the preview showed they see when they accept.
func (r *Room) Offer(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, f Offer) (ThreadID, error) {
	if err := f.check(ctx, r); err != nil {
		return ThreadID{}, err
	}
	if f.Seen <= 0 {
		return ThreadID{}, fault.New(fault.Invalid, "not-previewed")
	}
	ready, err := r.preview(ctx, c, of, f)
	if err != nil {
		return ThreadID{}, err
	}
	a := access.Act{Action: "referral.offer", Purpose: purposeCare, Case: of, Command: cmd}
	out, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		if ready.Seen != f.Seen {
			return "", fault.New(fault.Conflict, "changed-meanwhile") // unless the command was carried out before
		}
		id := ident.New[ThreadID]()
		return id.String(), r.cases.Tell(ctx, p, f.Seen, func(row *casework.Case) (*casework.Event, error) {
			return r.begin(ctx, p, row, &f, id, &ready.Show)
		})
	})
	if err != nil {
		return ThreadID{}, err
	}
	return ident.Parse[ThreadID](out)
}

// begin writes a new thread and lets its receiver reach the card.
func (r *Room) begin(ctx context.Context, p *access.Pass, row *casework.Case, f *Offer, id ThreadID, show *Package) (*casework.Event, error) {
	if row.Closed() {
		return nil, fault.New(fault.Invalid, "case-closed")
	}
	if just, err := r.cases.JustChecked(ctx, p); err != nil || just { // it is taken over from the duty list
		return nil, errors.Join(err, fault.New(fault.Invalid, "case-not-registered"))
	}
	referred := func(ctx context.Context, p *access.Pass, id ident.Need) (string, error) {
		return r.cases.NeedReferred(ctx, p, row, id)
	}
	if err := r.aim(ctx, p, f, referred); err != nil {
		return nil, err
	}
	if err := r.mayOffer(ctx, p, f); err != nil {
		return nil, err
	}
	start, err := handover.Thread{Kind: f.Kind}.Step(handover.Offer, handover.Sender)
	if err != nil {
		return nil, err
	}
	t := &Thread{
		ID: id, Case: p.Case(), Thread: start, From: row.Unit, FromStaff: p.Caller().Staff(), To: f.To,
		Purpose: f.Purpose, Basis: f.Basis, Service: f.Service, Urgency: f.Urgency, Language: f.Language, Sex: row.Sex, AgeBand: row.AgeBand,
		OfferedAt: p.Now(), RespondBy: r.codes.Clock(answerClock(f.Urgency)).After(p.Now()), Parallel: f.Parallel,
	}
	if err := r.settle(ctx, p, row, t); err != nil {
		return nil, err
	}
	if err := f.Destination.write(ctx, p, id); err != nil {
		return nil, err
	}
	if err := r.acceptClaim(ctx, p, row, f, id); err != nil {
		return nil, err
	}
	s := Step{Event: handover.Offer, Said: Said{Text: f.Reason, Norm: f.Norm, Show: show}}
	if err := s.write(ctx, p, t); err != nil {
		return nil, err
	}
	if err := r.tell(ctx, p, t, handover.Sender); err != nil {
		return nil, err
	}
	e := t.event(handover.Offer, f.Reason)
	e.Reasons = f.Parts
	return e, p.Reach(ctx, access.RelationReceiver, [16]byte(f.To))
}

// mayOffer refuses a receiver who must not know of the case or has it already, a
// consent that is not there, and a second transfer beside one that is under way.
func (r *Room) mayOffer(ctx context.Context, p *access.Pass, f *Offer) error {
	if away, err := p.IsWithheld(ctx, [16]byte(f.To)); err != nil || away {
		return errors.Join(err, fault.InvalidField("referral_unit", "withheld-from"))
	}
	asked := Thread{Basis: f.Basis, Purpose: f.Purpose, To: f.To}
	if there, err := asked.consented(ctx, p); err != nil || !there {
		return orInvalid(err, "legal_basis", "no-consent")
	}
	reached, err := p.Reached(ctx)
	if err != nil {
		return err
	}
	for _, h := range reached {
		if h.Holder == [16]byte(f.To) && h.Relation == access.RelationUnit {
			return fault.InvalidField("referral_unit", "has-it-already")
		}
	}
	all, err := readThreads(ctx, p, sqlSelectThreads, p.Case())
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.State.Final() {
			continue
		}
		if f.Kind == handover.Transfer && t.Kind == handover.Transfer && !t.Assumed {
			return fault.InvalidField("referral_kind", "transfer-under-way")
		}
		if t.To == f.To && t.Service == f.Service && t.Kind == f.Kind {
			return fault.InvalidField("referral_unit", "offered-already")
		}
	}
	return nil
}

// event is what the case's timeline says of a step.
func (t *Thread) event(what handover.Event, said sealed.Text) *casework.Event {
	return &casework.Event{Kind: casework.KindReferral, Content: casework.Content{
		From: string(t.Kind), To: string(what), Of: t.ID[:], Who: t.To[:], Service: t.Service, Text: said,
	}}
}
