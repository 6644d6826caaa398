package referral

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// moreTurns are the actions of what is done with a thread between two nodes beside the
// steps of a handover.
var moreTurns = map[handover.Event]string{
	Proposed: "referral.approve", Confirmed: "referral.approve", TakeNote: "referral.accept", Journey: "referral.note",
	Reported: "referral.note", Recall: "referral.recall", Recalled: "referral.recalled", Undelivered: "referral.withdraw", FileAway: "document.add",
	Tightened: "referral.recall",
}

// action is the action under which an event of a thread is done.
func (t *Thread) action(e handover.Event) string {
	switch {
	case t.Received() && e == handover.Start:
		return "referral.assume" // the child is taken on by it
	case t.Sent() || t.Received():
		if a := moreTurns[e]; a != "" {
			return a
		}
	}
	return turns[e].action
}

// action is that of the thread; what is done where a restore took something depends on what
// it took.
func (v *View) action(e handover.Event) string {
	switch {
	case e != TakeUp:
		return v.Thread.action(e)
	case v.Back != nil && v.Back.Taken:
		return "referral.assume"
	}
	return "referral.answer"
}

// mayAbroad are the events beside the steps of a handover that can happen now.
func (v *View) mayAbroad() (out []handover.Event) {
	a := v.Abroad
	if a == nil {
		return nil
	}
	add := func(when bool, e handover.Event) {
		if when {
			out = append(out, e)
		}
	}
	sent := v.Sent() && !a.SentAt.IsZero()
	going := v.Accepted && !v.State.Final()
	add(v.Sent() && a.SentAt.IsZero() && v.State == handover.None, Proposed)
	add(sent && !a.ConfirmBy.IsZero() && a.Approved.IsZero(), Confirmed)
	add(sent && a.Recalled.IsZero(), Recall)
	add(a.undelivered(v.Posted), Undelivered)
	add(v.Unfiled > 0, FileAway)
	add(sent && v.Term != nil && a.Outcome != outcomeErased, Tightened)
	add(v.Received() && v.State == handover.Offered && v.asksReceipt(), TakeNote)
	add(going && (sent || v.Received()), Journey)
	add(v.Received() && !a.Taken.IsZero() || sent && v.Accepted, Reported)
	add(v.Received() && !a.Recalled.IsZero() && a.Outcome == "", Recalled)
	add(v.Back != nil, TakeUp)
	return out
}

func (v *View) asksReceipt() bool {
	return v.Payload != nil && v.Payload.Card.Answer == pack.AnswerReceipt
}

// carried reads of the first step what the offer carried: the card for everybody, the
// package for whoever may read the whole.
func (v *View) carried(s *Step, whole bool) {
	if v.Abroad == nil || s.Event != handover.Offer && s.Event != Proposed || len(s.Wire) == 0 {
		return
	}
	p, err := payload.Decode(payload.SchemaOffer, s.Wire)
	if err != nil {
		return // it was checked when it came
	}
	if !whole {
		p.Package = nil
	}
	v.Payload = p
	if p.Package != nil && (v.Received() || s.Show == nil) { // ours too, where it came back from the other node
		v.Show = &Package{Parts: shownParts(p.Package.Parts)}
	}
}

// known fills in who the other node is, and which codes are in no list here.
func (r *Room) known(ctx context.Context, v *View) error {
	if v.Abroad == nil {
		return nil
	}
	v.Node = Partner{Node: v.Abroad.Peer, Country: v.Abroad.Country, Name: string(v.Abroad.Peer)}
	all, err := r.Offices(ctx)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(n Partner) bool { return n.Node == v.Abroad.Peer }); i >= 0 {
		v.Node = all[i]
	}
	if v.Payload != nil {
		v.Unknown = v.Payload.Unknown(func(list, code string) bool {
			if list == payload.ListPurpose {
				_, ok := r.abroad.Abroad(code)
				return ok
			}
			return r.codes.Valid(list, code)
		})
	}
	return nil
}

// Protections returns the protection checks of a case, newest first.
func (r *Room) Protections(ctx context.Context, c *access.Caller, of ident.Case) (out []Protection, may map[string]bool, err error) {
	err = r.gate.Open(ctx, c, access.Act{Action: "referral.sent", Purpose: purposeCare, Case: of}, func(p *access.Pass) error {
		out = nil
		return eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
			out = append(out, Protection{})
			return out[len(out)-1].scan(scan)
		}, sqlSelectProtections, of)
	}, func(p *access.Pass) error {
		for i := range out {
			x := &out[i]
			if err := protectionLedger.Show(p, x.ID[:], &x.stamp, x.blob, &x.ProtectionBody, x.columns()); err != nil {
				return err
			}
		}
		slices.Reverse(out)
		may, err = p.May(ctx, "referral.protect", "referral.send")
		return err
	})
	return out, may, err
}

// AbroadList is what the caller's unit has with other countries: what came and waits, and
// what went out.
type AbroadList struct {
	In, Out Lines
	Back    Lines  // a restore took something of them, and somebody has to deal with that
	Missing []Back // of which nothing else is left here
}

// Abroad returns what came to the caller's unit from other countries, and what went out of
// the cases in their care.
func (r *Room) Abroad(ctx context.Context, c *access.Caller) (*AbroadList, error) {
	in, err := r.Inbox(ctx, c)
	if err != nil {
		return nil, err
	}
	back, err := r.list(ctx, c, purposeHelp, func(p *access.Pass) ([]*Thread, error) {
		return readThreads(ctx, p, sqlBackThreads, c.Unit(), fetchMost)
	}, false)
	if err != nil {
		return nil, err
	}
	out := &AbroadList{In: *in, Back: *back}
	if out.Missing, err = r.Missing(ctx, c); err != nil {
		return nil, err
	}
	out.In.Lines = slices.DeleteFunc(out.In.Lines, func(l Line) bool { return !l.Received() })
	if !r.gate.May(c, "case.list") {
		return out, nil
	}
	sent, err := r.Outbox(ctx, c)
	if err != nil {
		return nil, err
	}
	out.Out = *sent
	out.Out.Lines = slices.DeleteFunc(out.Out.Lines, func(l Line) bool { return !l.Sent() })
	return out, nil
}
