package referral

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// When a case is erased, the other nodes that were told of the child hear of it: whoever got
// something from here is asked to destroy it too (a recall), and whoever sent something is told
// that it is destroyed here. What they answer has no case any more in which it could stand; it
// is kept apart, in codes ([Gone]).

// Wire names a thread of the exchange in which a case was spoken of.
type Wire struct {
	Peer   identity.NodeID
	Thread cx.Thread
	Side   string

	sent     bool // the offer left this node, or came
	outcome  string
	revision int64
	state    string
}

// Wires returns the threads of the exchange in which a case was spoken of. It works without
// the key of the case, also in a restored database before it opens.
func Wires(ctx context.Context, tx *store.Tx, of ident.Case) (out []Wire, err error) {
	err = eachStored(ctx, tx, func(scan func(...any) error) error {
		var w Wire
		var peer string
		var wire []byte
		if err := scan(&peer, &wire, &w.Side, &w.sent, &w.outcome, &w.revision, &w.state); err != nil {
			return err
		}
		w.Peer, w.Thread = identity.NodeID(peer), cx.Thread(wire)
		out = append(out, w)
		return nil
	}, sqlCaseWires, of)
	if err != nil {
		return nil, fmt.Errorf("read threads abroad: %w", err)
	}
	return out, nil
}

// What became of telling another node that a case was erased, beside the answers of code list
// abroad_recalled.
const (
	goneTold   = "told"   // it had sent the record itself: there is nothing to answer
	goneUntold = "untold" // there is no way to tell it
	goneNone   = ""       // it has not answered yet
)

// recallRetention is why a case that is erased here is called back (code list abroad_recall).
const recallRetention = "retention"

// TellErased tells the other node of a thread that the case is erased here, within the
// transaction of the tombstone, and keeps that it did. That another node cannot be told stops
// no erasure: people see it.
func (r *Room) TellErased(ctx context.Context, tx *store.Tx, w Wire) error {
	if w.Side == sideReceived {
		err := tx.Put(ctx, sqlInsertOverOnce, tx.Micros(), w.revision, w.Thread[:], string(w.Peer), w.state)
		if err != nil {
			return fmt.Errorf("keep how it ended: %w", err)
		}
	}
	if !w.sent || w.outcome == outcomeErased || r.post == nil {
		return nil
	}
	id, outcome := cx.ID{}, goneTold
	var err error
	if w.Side == sideSent {
		outcome = goneNone
		id, err = r.askToErase(ctx, tx, w)
	} else {
		id, err = r.post.TellDue(ctx, tx, w.Peer, w.Thread, cx.RetentionDueBody{Done: "erased"})
	}
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Internal:
		return err
	default:
		outcome = goneUntold
	}
	answered := int64(0)
	if outcome != goneNone {
		answered = tx.Micros()
	}
	err = tx.Put(ctx, sqlInsertGone, tx.Micros(), answered, w.Thread[:], id[:], string(w.Peer), w.Side, outcome)
	if err != nil {
		return fmt.Errorf("keep who was told: %w", err)
	}
	return nil
}

// askToErase sends the recall of all that a thread carried. It travels in the lane that this
// side does not use otherwise: nothing that is given up can hold it up.
func (r *Room) askToErase(ctx context.Context, tx *store.Tx, w Wire) (cx.ID, error) {
	said := payload.New()
	said.Recall = &payload.Recall{Reason: recallRetention, Scope: scopeThread}
	wire, err := payload.Encode(payload.SchemaRecall, said)
	if err != nil {
		return cx.ID{}, err
	}
	labels := cx.OfficeLabels(r.jurisdiction())
	return r.post.Send(ctx, tx, &cx.Draft{
		To: w.Peer, Thread: w.Thread, Stream: cx.Status, Type: cx.Recall, Schema: payload.SchemaRecall, Payload: wire, Labels: labels,
		Officer: officer(ident.Staff{}),
	})
}

// goneSaid takes what the other node still says in a thread whose case was erased here. Done
// is false where this node knows of no such thread.
func (r *Room) goneSaid(ctx context.Context, p *access.Pass, m *cx.Message) (done bool, err error) {
	var n int64
	if err := p.Tx().QueryRow(ctx, sqlOneGone, string(m.From), m.Thread[:]).Scan(&n); err != nil || n == 0 {
		return false, err
	}
	if m.Type == cx.RecallOutcome {
		said, err := payload.Decode(m.Schema, m.Payload) // Handle has read it
		if err != nil || said.Outcome == nil {
			return true, errors.Join(err, errUnfit)
		}
		_, err = p.Tx().Exec(ctx, sqlAnswerGone, string(m.From), m.Thread[:], sideSent, p.Now().UnixMicro(), said.Outcome.Code)
		if err != nil {
			return true, fmt.Errorf("keep an answer: %w", err)
		}
	}
	return true, nil
}

// Gone is what another node was asked or told because a case was erased here, and what it
// answered. Nothing leads to the child.
type Gone struct {
	At       time.Time
	Peer     identity.NodeID
	Name     string // of its office, "" of one that is no partner any more
	Asked    bool   // to destroy what it had got; else it was told that what it had sent is destroyed
	Untold   bool   // there was no way to tell it
	Answered time.Time
	Outcome  string // code list abroad_recalled; "" it has not answered
}

// goneMost is how many of them a page shows.
const goneMost = 100

// Gone returns whom this node told that a case was erased, newest first, for whoever looks
// after erasures.
func (r *Room) Gone(ctx context.Context, c *access.Caller) (out []Gone, err error) {
	offices, err := r.Offices(ctx)
	if err != nil {
		return nil, err
	}
	act := access.Act{Action: "erasure.list", Purpose: casework.PurposeOversight}
	err = r.gate.View(ctx, c, act, func(p *access.Pass) error {
		out = nil
		return eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
			var at, answered int64
			var wire, asked []byte
			var peer, side, outcome string
			if err := scan(&at, &answered, &wire, &asked, &peer, &side, &outcome); err != nil {
				return err
			}
			g := Gone{At: clock.FromMicros(at), Peer: identity.NodeID(peer), Asked: side == sideSent, Untold: outcome == goneUntold}
			if answered != 0 && g.Asked && !g.Untold {
				g.Answered, g.Outcome = clock.FromMicros(answered), outcome
			}
			for i := range offices {
				if offices[i].Node == g.Peer {
					g.Name = offices[i].Name
				}
			}
			out = append(out, g)
			return nil
		}, sqlSelectGone, int64(goneMost))
	})
	return out, err
}
