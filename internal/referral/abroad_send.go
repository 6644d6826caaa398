package referral

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// Outgoing is what is to be sent to an office of another country.
type Outgoing struct {
	To       identity.NodeID
	Purpose  string // of abroad.csv
	Service  string // code list service; "" none in particular
	Urgency  string // code list referral_urgency
	Language string // code list language: in which the child speaks
	Basis    string // code list legal_basis
	Norm     sealed.Text
	Reason   sealed.Text      // read after acceptance
	Written  string           // code list language: in which the reason and the record are written
	Parts    []string         // code list disclosure_part
	View     string           // code list abroad_view: what the child thinks of it
	Words    sealed.Text      // the child's own
	Care     string           // code list care_arrangement: of a placement that is meant; "" none
	Safety   []string         // warnings that the other office must honour: cx.Flags
	Parallel bool             // the same is asked of somebody else too
	Files    []ident.Document // that go along; none unless somebody chose them

	// Again says that the child was shown what leaves and agreed a second time. Where the
	// basis is consent, nothing leaves without it.
	Again bool
	Seen  int64 // the version of the case in the preview
}

// abroadPurpose is under which purpose of consent something is told to another country.
const abroadPurpose = "abroad"

func (f *Outgoing) check(r *Room, about *pack.Abroad) error {
	var c fault.Check
	c.Require(about.Kind == pack.AbroadReferral || about.Kind == pack.AbroadTransfer, "abroad_purpose", "abroad-reserved")
	c.Require(f.Service == "" || r.codes.Valid(pack.Services, f.Service), "service", "not-in-list")
	c.Require(r.codes.Valid(pack.ReferralUrgencies, f.Urgency), "referral_urgency", "required")
	c.Require(r.codes.Valid(pack.Languages, f.Language), "language", "required")
	c.Require(r.codes.Valid(pack.Languages, f.Written), "written_language", "required")
	c.Require(r.codes.Valid(pack.LegalBases, f.Basis), "legal_basis", "required")
	c.Require(f.Basis == "" || f.Basis == basisConsent || !f.Norm.IsZero(), "norm", "required")
	c.Require(!f.Reason.IsZero(), "reason", "required")
	c.Require(r.codes.Valid(pack.AbroadView, f.View), "abroad_view", "required")
	c.Require(f.Care == "" || r.codes.Valid(pack.CareArrangements, f.Care), "care_arrangement", "not-in-list")
	text(&c, "reason", f.Reason, mostSaid)
	text(&c, "norm", f.Norm, mostLaw)
	text(&c, "child_words", f.Words, mostSaid)
	for _, flag := range f.Safety {
		c.Require(slices.Contains(cx.Flags(), cx.Flag(flag)), "abroad_safety", "not-in-list")
	}
	c.Require(len(f.Parts) <= mostParts, "disclosure_part", "too-many")
	for i, part := range f.Parts {
		known := r.codes.Valid(pack.DisclosureParts, part) && !slices.Contains(f.Parts[:i], part)
		c.Require(known, "disclosure_part", "not-in-list")
		c.Require(part != pack.PartCareNotes, "disclosure_part", "care-notes-wall")
	}
	c.Require(len(f.Files) <= mostFiles, "abroad_file", "too-many")
	for _, part := range about.Parts {
		c.Require(slices.Contains(f.Parts, part), "disclosure_part", "least-missing")
	}
	return c.Err()
}

// Leaving is exactly what would leave, and what stands in its way.
type Leaving struct {
	Payload *payload.Payload     // as it will be read there
	Show    Package              // the same, as it is shown here
	Files   []casework.Enclosure // that go along
	Seen    int64
	Case    casework.Case
	Partner Partner
	About   pack.Abroad
	Origin  bool     // the child comes, or may come, from there
	First   bool     // nothing was ever sent there
	Missing []string // codes of what must be there before it can be sent
	Second  string   // "", or when a second person looks: pack.SecondFirst, SecondAlways, SecondAfter

	wire []byte
}

// about finds partner and purpose of a letter.
func (r *Room) about(ctx context.Context, f *Outgoing) (*Partner, *pack.Abroad, error) {
	if !r.Joined() {
		return nil, nil, fault.New(fault.Invalid, "abroad-not-joined")
	}
	n, err := r.partner(ctx, f.To)
	if err != nil {
		return nil, nil, err
	}
	a, ok := r.abroad.Abroad(f.Purpose)
	if !ok || !n.takes(f.Purpose) {
		return nil, nil, fault.InvalidField("abroad_purpose", "not-agreed")
	}
	return n, &a, f.check(r, &a)
}

// PreviewAbroad composes what a letter would carry, says what stands in its way, and
// stores nothing.
func (r *Room) PreviewAbroad(ctx context.Context, c *access.Caller, of ident.Case, f Outgoing) (*Leaving, error) {
	n, a, err := r.about(ctx, &f)
	if err != nil {
		return nil, err
	}
	out := &Leaving{Partner: *n, About: *a}
	err = r.gate.View(ctx, c, access.Act{Action: "referral.preview", Purpose: purposeCare, Case: of}, func(p *access.Pass) error {
		show, err := Composer{Cases: r.cases}.Compose(ctx, p, f.Parts)
		if err != nil {
			return err
		}
		who, err := Composer{Cases: r.cases}.Compose(ctx, p, []string{"identity"})
		if err != nil {
			return err
		}
		row, err := r.cases.Head(ctx, p)
		if err != nil {
			return err
		}
		out.Show, out.Seen, out.Case = show, show.of, *row
		out.Origin = comesFrom(n.Country, nationalities(who.Parts))
		if out.Files, err = r.chosen(ctx, p, f.Files); err != nil {
			return err
		}
		if err := out.compose(&f); err != nil {
			return err
		}
		return r.standsInTheWay(ctx, p, &f, out)
	})
	return out, err
}

func nationalities(parts []casework.Part) (out []string) {
	for i := range parts {
		for j := range parts[i].Shown {
			if s := &parts[i].Shown[j]; s.Field == "nationality" {
				out = append(out, s.Code)
			}
		}
	}
	return out
}

// compose makes the bytes that leave.
func (l *Leaving) compose(f *Outgoing) (err error) {
	p := payload.New()
	p.Card = &payload.Card{
		Purpose: f.Purpose, Service: f.Service, Urgency: f.Urgency, Language: f.Language, Sex: l.Case.Sex, AgeBand: l.Case.AgeBand,
		Basis: f.Basis, Norm: f.Norm.Reveal(), Safety: f.Safety, Parts: f.Parts, Answer: l.About.Answer,
		Respond: int64(l.About.Within / time.Second), Care: f.Care, Parallel: f.Parallel,
	}
	p.Package = &payload.Package{
		Reason: wireText(f.Reason, f.Written), View: &payload.View{Code: f.View, Words: wireText(f.Words, f.Language)},
		Parts: wireParts(l.Show.Parts, f.Written), Files: wireFiles(l.Files, f.Written),
	}
	l.Payload = p
	if l.wire, err = payload.Encode(payload.SchemaOffer, p); err != nil {
		return fault.Wrap(fault.Invalid, "abroad-too-large", err)
	}
	return nil
}

// standsInTheWay names what is missing, for the page; [Room.mayLeave] decides.
func (r *Room) standsInTheWay(ctx context.Context, p *access.Pass, f *Outgoing, out *Leaving) error {
	if out.Origin || out.About.Protect == pack.ProtectAlways {
		x, err := protection(ctx, p, out.Partner.Country)
		if err != nil {
			return err
		}
		if !x.Passes() {
			out.Missing = append(out.Missing, "protection-first")
		}
	}
	var sent int
	if err := p.Tx().QueryRow(ctx, sqlKnownPeer, string(f.To)).Scan(&sent); err != nil {
		return err
	}
	out.First, out.Second = sent == 0, out.About.Second
	if out.Second == pack.SecondFirst && !out.First {
		out.Second = ""
	}
	return nil
}

// SendAbroad asks an office of another country. It leaves at once, or waits for a second
// person, as the pack says; which of the two it was, the thread shows.
func (r *Room) SendAbroad(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, f Outgoing) (ThreadID, error) {
	if f.Seen <= 0 {
		return ThreadID{}, fault.New(fault.Invalid, "not-previewed")
	}
	if f.Basis == basisConsent && !f.Again {
		return ThreadID{}, fault.InvalidField("child_again", "required")
	}
	ready, err := r.PreviewAbroad(ctx, c, of, f)
	if err != nil {
		return ThreadID{}, err
	}
	files, err := r.pack(ctx, c, of, ready.Files)
	if err != nil {
		return ThreadID{}, err
	}
	went := false
	act := access.Act{Action: "referral.send", Purpose: purposeCare, Case: of, Command: cmd}
	out, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		went = true
		if ready.Seen != f.Seen {
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		}
		id := ident.New[ThreadID]()
		return id.String(), r.cases.Tell(ctx, p, f.Seen, func(row *casework.Case) (*casework.Event, error) {
			return r.propose(ctx, p, row, &f, id, ready, files)
		})
	})
	if err != nil || !went { // it was sent before, with files of its own
		r.drop(files)
	}
	if err != nil {
		return ThreadID{}, err
	}
	return ident.Parse[ThreadID](out)
}

// propose writes a thread to another country, and sends it where nobody has to look at it
// first.
func (r *Room) propose(ctx context.Context, p *access.Pass, row *casework.Case, f *Outgoing, id ThreadID, l *Leaving, files []File) (*casework.Event, error) {
	if row.Closed() {
		return nil, fault.New(fault.Invalid, "case-closed")
	}
	if just, err := r.cases.JustChecked(ctx, p); err != nil || just {
		return nil, errors.Join(err, fault.New(fault.Invalid, "case-not-registered"))
	}
	kind := handover.Referral
	if l.About.Kind == pack.AbroadTransfer {
		kind = handover.Transfer
	}
	t := &Thread{
		ID: id, Case: p.Case(), Thread: handover.Thread{Kind: kind}, From: row.Unit, FromStaff: p.Caller().Staff(), To: Office(f.To),
		Purpose: abroadPurpose, Basis: f.Basis, Service: f.Service, Urgency: f.Urgency, Language: f.Language, Sex: row.Sex, AgeBand: row.AgeBand,
		OfferedAt: p.Now(), RespondBy: p.Now().Add(l.About.Within),
	}
	a := &Abroad{
		ID: id, Wire: r.thread(p.Case()), Peer: f.To, Country: l.Partner.Country, Side: sideSent, Purpose: f.Purpose, Care: f.Care,
		Origin: l.Origin, Asker: p.Caller().Staff(),
	}
	if err := r.mayLeave(ctx, p, row, leaving{a, t, handover.Offer, true}); err != nil {
		return nil, err
	}
	s := Step{Event: Proposed, Said: Said{Text: f.Reason, Norm: f.Norm, Show: &l.Show, Wire: l.wire, Language: f.Written, View: f.View, Flags: f.Safety, Files: files}}
	first := l.Second == pack.SecondFirst || l.Second == pack.SecondAlways
	if first {
		return r.waits(ctx, p, row, t, a, &s)
	}
	e, err := r.offerAbroad(ctx, p, row, t, a, &s.Said)
	if err != nil {
		return nil, err
	}
	if l.Second == pack.SecondAfter {
		a.ConfirmBy = p.Now().Add(l.About.Confirm)
		if err := r.cases.AwaitSecond(ctx, p, row, [16]byte(a.ID), a.ConfirmBy); err != nil {
			return nil, err
		}
	}
	s.Event = handover.Offer
	return e, r.store(ctx, p, row, t, a, &s)
}

// waits stores what a second person looks at before it leaves.
func (r *Room) waits(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, s *Step) (*casework.Event, error) {
	t.Due = r.codes.Clock(pack.ApprovalHigh).After(p.Now())
	if err := t.write(ctx, p); err != nil {
		return nil, err
	}
	if err := a.write(ctx, p); err != nil {
		return nil, err
	}
	if err := s.write(ctx, p, t); err != nil {
		return nil, err
	}
	bosses, err := r.cases.Supervisors(ctx, t.From)
	if err != nil {
		return nil, err
	}
	p.Tell(tellSecond, bosses)
	e := t.event(Proposed, sealed.Text{})
	e.Reasons = []string{a.Purpose}
	return e, r.cases.AwaitSecond(ctx, p, row, [16]byte(a.ID), t.Due)
}

// store writes a thread that moved, with everything that follows from it.
func (r *Room) store(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, s *Step) error {
	if err := r.settle(ctx, p, row, t); err != nil {
		return err
	}
	if err := a.write(ctx, p); err != nil {
		return err
	}
	return s.write(ctx, p, t)
}

// offerAbroad sends the offer of a thread: it is offered from now on.
func (r *Room) offerAbroad(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, said *Said) (*casework.Event, error) {
	next, err := t.Step(handover.Offer, handover.Sender)
	if err != nil {
		return nil, fault.New(fault.Conflict, "referral-moved")
	}
	t.Thread, t.OfferedAt = next, p.Now()
	about, _ := r.abroad.Abroad(a.Purpose) // there: mayLeave looks at it
	t.RespondBy = p.Now().Add(about.Within)
	d := &cx.Draft{
		To: a.Peer, Thread: a.Wire, Stream: cx.Cmd, Type: offerType(&about), Schema: payload.SchemaOffer, Payload: said.Wire,
		Labels:  labels(a, t.Basis, said.Norm.Reveal(), r.jurisdiction(), said.View, slices.Clone(said.Flags), p.Now()),
		Officer: officer(a.Asker),
	}
	if d.Attachments, err = attachments(said.Files); err != nil {
		return nil, err
	}
	id, err := r.dispatch(ctx, p, row, leaving{a, t, handover.Offer, true}, d)
	if err != nil {
		return nil, err
	}
	a.Asked, a.AskedID, a.SentAt = string(handover.Offer), id, p.Now()
	if err := termFrom(&d.Labels, t.ID).begin(ctx, p, false); err != nil {
		return nil, err
	}
	e := t.event(handover.Offer, sealed.Text{})
	e.Reasons = []string{a.Purpose}
	return e, nil
}

// jurisdiction is under whose law something was recorded.
func (r *Room) jurisdiction() string {
	if c := r.partners.Own().Country(); c != "" {
		return c
	}
	return "int"
}

// offerType is the type of the message that begins a thread.
func offerType(about *pack.Abroad) cx.Type {
	switch {
	case about.Kind == pack.AbroadTransfer:
		return cx.TransferOffer
	case about.Answer == pack.AnswerReceipt:
		return cx.Notice
	case about.Answer == pack.AnswerStatus:
		return cx.ReferralOffer
	}
	return cx.Request
}

// dispatch is the one place from which anything about a child leaves this node for
// another.
func (r *Room) dispatch(ctx context.Context, p *access.Pass, row *casework.Case, l leaving, d *cx.Draft) (cx.ID, error) {
	if !r.Joined() {
		return cx.ID{}, fault.New(fault.Invalid, "abroad-not-joined")
	}
	if err := r.mayLeave(ctx, p, row, l); err != nil {
		return cx.ID{}, err
	}
	return r.post.Send(ctx, p.Tx(), d)
}
