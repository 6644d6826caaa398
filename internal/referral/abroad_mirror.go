package referral

import (
	"context"
	"errors"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// mirror takes over what the clerk says of a thread that this side sent.
func (r *Room) mirror(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, m *cx.Message, st *payload.Status) (*casework.Event, error) {
	if !t.Sent() || st == nil || !knownState(st.State) || st.Revision <= a.Revision || t.Assumed && !st.Assumed || st.Assumed && t.Kind != handover.Transfer {
		return nil, errUnfit
	}
	if st.Assumed && !t.Assumed && t.State != handover.Released {
		return nil, errUnfit // nobody takes a child over whom this side has not released
	}
	before, answered := t.State, t.Assumed
	a.Revision = st.Revision
	if !m.Answers.IsZero() && m.Answers == a.AskedID {
		a.Asked, a.AskedID = "", cx.ID{}
	}
	if !st.Refused {
		t.Thread = handover.Thread{Kind: t.Kind, State: handover.State(st.State), Accepted: st.Accepted, Assumed: st.Assumed}
	}
	r.says(t, a, st, p.Now())
	said := Said{Text: fromText(st.Text), Wire: m.Payload}
	if st.Text != nil {
		said.Language = st.Text.Language
	}
	if ans := st.Answer; ans != nil {
		said.Reply = ans.Code
		if !ans.Text.None() {
			said.Text, said.Language = fromText(ans.Text), ans.Text.Language
		}
	}
	event := handover.Event(st.Cause)
	switch {
	case st.Refused:
		event = Refused
	case event == handover.Offer:
		event = Stored
	}
	s := Step{Event: event, Code: st.Code, Said: said}
	if err := r.store(ctx, p, row, t, a, &s); err != nil {
		return nil, err
	}
	if t.Assumed && !answered {
		if err := r.handedOver(ctx, p, row, t, m.Created); err != nil {
			return nil, err
		}
	}
	if t.State != before || said.Reply != "" || !said.Text.IsZero() {
		if err := r.tell(ctx, p, t, handover.Receiver); err != nil {
			return nil, err
		}
	}
	e := t.event(event, said.Text)
	e.Language = said.Language
	for _, code := range []string{st.Code, said.Reply} {
		if code != "" {
			e.Reasons = append(e.Reasons, code)
		}
	}
	return e, nil
}

// handedOver does in the case of a sender what follows from the other office answering for
// the child since a time: care here ends, the case is to be closed, and reports are waited for.
func (r *Room) handedOver(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, since time.Time) error {
	if just, err := r.cases.JustChecked(ctx, p); err != nil || just {
		return err // a child without a record: when somebody takes the child up
	}
	return errors.Join(r.cases.HandedAbroad(ctx, p, row), r.cases.Reports(ctx, p, row, casework.DueReportAwaited, [16]byte(t.ID), since))
}

// says keeps in the thread what a status says in codes.
func (r *Room) says(t *Thread, a *Abroad, st *payload.Status, now time.Time) {
	if st.Due != 0 && (t.State == handover.Offered || t.State == handover.NeedsInfo) {
		t.RespondBy = clock.FromMicros(st.Due)
	}
	if t.Answered.IsZero() && t.State != handover.Offered {
		t.Answered = now
	}
	if st.Refused {
		return
	}
	switch handover.Event(st.Cause) {
	case handover.Decline, handover.Fail, handover.HandBack:
		t.Reason = st.Code
	case handover.Complete:
		t.Outcome, t.Reason = st.Code, ""
	case handover.Dispute:
		t.Outcome, t.Reason = "", ""
	}
	if st.Answer != nil {
		a.Reply = st.Answer.Code
	}
}
