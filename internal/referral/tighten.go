package referral

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
)

// Tightened is that the sender made the conditions stricter under which it sent something
// (label.update). Looser they become only by what is sent anew.
const Tightened handover.Event = "tightened"

// errLooser is an update of labels that would make one of them looser.
var errLooser = errors.New("a label would become looser")

// Stricter is what is made stricter; what is zero stays as it is.
type Stricter struct {
	Handling cx.Handling
	Onward   cx.Onward
	Court    cx.Court
	Flags    []cx.Flag // to be added
	Until    time.Time // an earlier day
}

func (s *Stricter) body(about cx.ID) *cx.LabelUpdateBody {
	u := &cx.LabelUpdateBody{ID: about.String(), Handling: s.Handling, Onward: s.Onward, Court: s.Court}
	for _, f := range cx.Flags() { // in their order, each once
		if slices.Contains(s.Flags, f) {
			u.Flags = append(u.Flags, f)
		}
	}
	if !s.Until.IsZero() {
		u.Until = s.Until.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	return u
}

// labels are the conditions as labels, as far as they can be made stricter.
func (m *Term) labels() cx.Labels {
	return cx.Labels{Handling: m.Handling, Onward: m.Onward, Nodes: m.Nodes, Court: m.Court, Flags: m.Flags, RetainUntil: m.Until}
}

// tighten makes the conditions stricter, and returns in codes what changed.
func (m *Term) tighten(u *cx.LabelUpdateBody) (changed []string, err error) {
	before := m.labels()
	after, err := u.Tighten(before)
	if err != nil {
		return nil, errLooser
	}
	say := func(when bool, code string) {
		if when {
			changed = append(changed, code)
		}
	}
	say(after.Handling != before.Handling, "handling_"+string(after.Handling))
	say(after.Onward != before.Onward, "onward_"+string(after.Onward))
	say(after.Court != before.Court, "court_"+string(after.Court))
	for _, f := range after.Flags {
		say(!before.Has(f), string(f))
	}
	say(!after.RetainUntil.Equal(before.RetainUntil), "until")
	m.Handling, m.Onward, m.Nodes, m.Court, m.Flags, m.Until = after.Handling, after.Onward, after.Nodes, after.Court, after.Flags, after.RetainUntil
	return changed, nil
}

// Tighten makes the conditions stricter under which a thread was sent: here at once, at the
// other node when it reads of it. One that would become looser is Invalid ("label-looser"),
// where nothing would change "label-same".
func (r *Room) Tighten(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, s Stricter) error {
	return r.onAbroad(ctx, c, cmd, of, id, "referral.recall", func(p *access.Pass, row *casework.Case, t *Thread, a *Abroad) (*casework.Event, error) {
		m, err := checkedTerm(ctx, p, t)
		if err != nil {
			return nil, err
		}
		if !t.Sent() || m == nil || a.Outcome == outcomeErased {
			return nil, fault.New(fault.Conflict, "referral-moved")
		}
		about, err := r.post.Began(ctx, p.Tx(), a.Peer, a.Wire, true)
		if err != nil {
			return nil, err
		}
		u := s.body(about)
		changed, err := m.tighten(u)
		switch {
		case err != nil:
			return nil, fault.New(fault.Invalid, "label-looser")
		case len(changed) == 0:
			return nil, fault.New(fault.Invalid, "label-same")
		}
		wire, err := cx.EncodeBody(u)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "label-looser", err)
		}
		d := r.draft(p, t, a, cx.Cmd, cx.LabelUpdate, cx.SchemaLabelUpdate, wire)
		if _, err := r.dispatch(ctx, p, row, leaving{a, t, Tightened, false}, d); err != nil {
			return nil, err
		}
		return r.tightened(ctx, p, t, a, m, changed)
	})
}

// tightenCame takes over what the sender made stricter.
func (r *Room) tightenCame(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *cx.Message) (*casework.Event, error) {
	u, err := cx.DecodeBody[cx.LabelUpdateBody](m.Payload)
	if err != nil || !t.Received() {
		return nil, errUnfit
	}
	began, err := r.post.Began(ctx, p.Tx(), a.Peer, a.Wire, false)
	if err != nil {
		return nil, err
	}
	kept, err := checkedTerm(ctx, p, t)
	if err != nil {
		return nil, err
	}
	if kept == nil || u.ID != began.String() {
		return nil, errUnfit
	}
	changed, err := kept.tighten(u)
	if err != nil {
		return nil, err
	}
	if err := r.tell(ctx, p, t, handover.Sender); err != nil {
		return nil, err
	}
	return r.tightened(ctx, p, t, a, kept, changed)
}

// tightened writes what changed, on either side.
func (r *Room) tightened(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *Term, changed []string) (*casework.Event, error) {
	e := t.event(Tightened, sealed.Text{})
	e.Reasons = changed
	if slices.Contains(changed, "until") {
		if err := r.post.Shorten(ctx, p.Tx(), a.Peer, a.Wire, m.Until); err != nil {
			return nil, fmt.Errorf("keep it for less long: %w", err)
		}
		e.Due = m.Until.UnixMicro()
	}
	s := Step{Event: Tightened, Said: Said{When: e.Due}}
	return e, errors.Join(m.write(ctx, p), s.write(ctx, p, t))
}
