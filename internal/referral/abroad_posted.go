package referral

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
)

// Undelivered ends what was asked of the other node in a message that never reached anybody
// there: an offer is taken back, another step can be written anew.
const Undelivered handover.Event = "undelivered"

// Posted is a message of ours in a thread that is not done.
type Posted struct {
	ID    cx.ID
	Type  cx.Type // "" where it cannot be told
	At    time.Time
	What  string   // what is wrong with it, as the post office says; "": it is on its way
	Code  cx.Code  // why; "": nobody said
	Unmet []string // labels that the other node does not honour
	Over  bool     // nothing more happens to it
}

// Tracker knows how far messages have come; the post office does.
type Tracker interface {
	Posted(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) ([]Posted, error)
}

// Follows names who knows how far messages have come, once, before the room is used.
// Without it a page says nothing of what is stuck.
func (r *Room) Follows(t Tracker) { r.tracker = t }

// posted reads what of ours in a thread did not go through.
func (r *Room) posted(ctx context.Context, tx *store.Tx, a *Abroad) ([]Posted, error) {
	if r.tracker == nil || a == nil || a.SentAt.IsZero() {
		return nil, nil
	}
	all, err := r.tracker.Posted(ctx, tx, a.Peer, a.Wire)
	if err != nil {
		return nil, fmt.Errorf("how far messages have come: %w", err)
	}
	return slices.DeleteFunc(all, func(m Posted) bool { return m.What == "" }), nil
}

// undelivered reports whether the command that waits for an answer never reached anybody.
func (a *Abroad) undelivered(all []Posted) bool {
	return a != nil && a.Side == sideSent && a.Asked != "" &&
		slices.ContainsFunc(all, func(m Posted) bool { return m.Over && m.ID == a.AskedID })
}

// Abandon ends what was asked in a message that never reached anybody at the other node. An
// offer is taken back: nobody there knows of it. After another step the thread is as it was
// before it, and the step can be taken again. Where the message may still arrive it is a
// Conflict.
func (r *Room) Abandon(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID) error {
	return r.onAbroad(ctx, c, cmd, of, id, "referral.withdraw", func(p *access.Pass, row *casework.Case, t *Thread, a *Abroad) (*casework.Event, error) {
		all, err := r.posted(ctx, p.Tx(), a)
		if err != nil {
			return nil, err
		}
		if !a.undelivered(all) {
			return nil, fault.New(fault.Conflict, "referral-moved")
		}
		s := Step{Event: Undelivered, Code: a.Asked}
		if a.Asked == string(handover.Offer) {
			next, err := t.Step(handover.Retract, handover.Sender)
			if err != nil {
				return nil, fault.New(fault.Conflict, "referral-moved")
			}
			t.Thread, t.Answered = next, p.Now()
		}
		a.Asked, a.AskedID = "", cx.ID{}
		e := t.event(Undelivered, sealed.Text{})
		return e, r.store(ctx, p, row, t, a, &s)
	})
}

// Stuck returns which of some threads have a message that did not go through. It opens
// nothing and makes no entry: the caller has read the threads.
func (r *Room) Stuck(ctx context.Context, c *access.Caller, threads []*Thread) (map[ThreadID]bool, error) {
	out := map[ThreadID]bool{}
	if r.tracker == nil {
		return out, nil
	}
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		clear(out)
		for _, t := range threads {
			a, err := readAbroad(ctx, p, t)
			if err != nil {
				return err
			}
			all, err := r.posted(ctx, p.Tx(), a)
			if err != nil {
				return err
			}
			if len(all) > 0 {
				out[t.ID] = true
			}
		}
		return nil
	})
	return out, err
}

// Behind returns the threads behind some exchanges with a node, of the cases that the caller
// sees: for whoever looks after what is stuck. Of the others nothing is said.
func (r *Room) Behind(ctx context.Context, c *access.Caller, with identity.NodeID, wires []cx.Thread) (map[cx.Thread]Line, error) {
	out := map[cx.Thread]Line{}
	if len(wires) == 0 || !r.gate.May(c, "referral.list") {
		return out, nil
	}
	of := map[ThreadID]cx.Thread{}
	found, err := r.list(ctx, c, purposeCare, func(p *access.Pass) (all []*Thread, err error) {
		clear(of)
		for _, w := range wires[:min(len(wires), fetchMost)] {
			some, err := readThreads(ctx, p, sqlBehind, w[:], string(with))
			if err != nil {
				return nil, err
			}
			for _, t := range some {
				of[t.ID] = w
			}
			all = append(all, some...)
		}
		return all, nil
	}, true)
	if err != nil {
		return nil, err
	}
	for _, l := range found.Lines {
		out[of[l.ID]] = l
	}
	return out, nil
}
