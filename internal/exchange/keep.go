package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Term is until when the content of one message is kept.
type Term struct {
	Peer   identity.NodeID
	Side   delivery.Side
	Thread cx.Thread
	ID     cx.ID
	Until  time.Time
	Expiry cx.OnExpiry
}

// keepRefused is how long the content of a message that was not acted on is kept for people
// to look into: as long as the expiry that its sender may give it.
const keepRefused = 90 * 24 * time.Hour

// keepTerm notes until when a message is kept: until the day that its label names, and, where
// it was not acted on, not longer than [keepRefused].
func (r *Room) keepTerm(ctx context.Context, tx *store.Tx, t Term, l *cx.Labels, refused bool) error {
	if l.RetainUntil.IsZero() && !refused {
		return nil // by a rule: with the case
	}
	t.Until, t.Expiry = l.RetainUntil, cx.Erase
	if l.OnExpiry == cx.Anonymise && !refused {
		t.Expiry = cx.Anonymise
	}
	if last := tx.Now().Add(keepRefused); refused && (t.Until.IsZero() || t.Until.After(last)) {
		t.Until = last
	}
	if err := tx.Put(ctx, sqlKeepTerm, micros(t.Until), string(t.Peer), string(t.Side), t.Thread[:], t.ID[:], string(t.Expiry)); err != nil {
		return fmt.Errorf("keep term: %w", err)
	}
	return nil
}

// termOf notes until when a letter is kept.
func (r *Room) termOf(ctx context.Context, tx *store.Tx, with identity.NodeID, side delivery.Side, l *cx.Letter, refused bool) error {
	labels, err := cx.ReadLabels(l.Labels())
	if err != nil {
		return err
	}
	return r.keepTerm(ctx, tx, Term{Peer: with, Side: side, Thread: l.Content.Thread, ID: l.Content.ID}, labels, refused)
}

// DueTerms returns messages whose time is over and whose content is still here, those that
// are over longest first.
func (r *Room) DueTerms(ctx context.Context, most int) (out []Term, err error) {
	err = r.read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, sqlDueTerms, tx.Micros(), int64(most))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var until int64
			var node, side, expiry string
			var thread, id []byte
			if err := rows.Scan(&until, &node, &side, &thread, &id, &expiry); err != nil {
				return err
			}
			out = append(out, Term{identity.NodeID(node), delivery.Side(side), cx.Thread(thread), cx.ID(id), fromMicros(until), cx.OnExpiry(expiry)})
		}
		return rows.Err()
	})
	return out, err
}

// Overkept returns how many messages are kept although their time is over, and since when
// the oldest is: for the health page.
func (r *Room) Overkept(ctx context.Context) (n int, since time.Time, err error) {
	err = r.read(ctx, func(tx *store.Tx) error {
		var count, oldest int64
		err := tx.QueryRow(ctx, sqlCountDue, tx.Micros()).Scan(&count, &oldest)
		n, since = int(count), fromMicros(oldest)
		return err
	})
	return n, since, err
}

// Unsay destroys, within a command's transaction, what was said in a thread and was handled,
// on both sides, and returns how many messages that were. The thread goes on: what is said
// later has a time of its own.
func (r *Room) Unsay(ctx context.Context, p *access.Pass, with identity.NodeID, thread cx.Thread) (int, error) {
	all, err := saids(ctx, p.Tx(), sqlSaid, string(with), thread[:])
	if err != nil {
		return 0, err
	}
	for i := range all {
		if err := all[i].destroy(ctx, p.Tx()); err != nil {
			return 0, err
		}
		all[i].destroyed(p)
		r.note(p.Tx(), thread, all[i].id)
	}
	return len(all), nil
}

// Delay keeps a thread for longer, within the transaction of whoever says why.
func (r *Room) Delay(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread, until time.Time) error {
	_, err := tx.Exec(ctx, sqlDelay, string(with), thread[:], micros(until))
	return err
}

// Shorten keeps a thread for less long: its sender made that label stricter.
func (r *Room) Shorten(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread, until time.Time) error {
	_, err := tx.Exec(ctx, sqlShorten, string(with), thread[:], micros(until))
	return err
}

// Expire destroys the content of one message whose time is over and of which no room knows a
// thread, such as one that was refused. One that is on its way still is given up first.
func (r *Room) Expire(ctx context.Context, t Term) error {
	err := r.step(ctx, func(p *access.Pass) error {
		tx := p.Tx()
		s := said{node: t.Peer, side: t.Side, thread: t.Thread, id: t.ID}
		peer, err := r.Peer(ctx, tx, t.Peer)
		if err != nil {
			return err
		}
		it, err := r.rowsOf(ctx, tx, peer).Find(t.Side, delivery.ID(t.ID))
		if err != nil {
			return err
		}
		s.content = it.Content[:]
		if err := s.destroy(ctx, tx); err != nil {
			return err
		}
		s.destroyed(p)
		r.note(tx, t.Thread, t.ID)
		return nil
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return err
}

// Gone is what was destroyed here: a message, or with the zero id all of a thread for good.
type Gone struct {
	Thread cx.Thread
	ID     cx.ID
}

// AllGone returns everything that was destroyed, for the comparison with what a restore does
// again.
func (r *Room) AllGone(ctx context.Context) (out []Gone, err error) {
	if r.node == "" {
		return nil, nil
	}
	err = r.read(ctx, func(tx *store.Tx) error {
		whole, err := gone(ctx, tx, sqlErased)
		if err != nil {
			return err
		}
		some, err := gone(ctx, tx, sqlEnded)
		out = append(whole, some...)
		return err
	})
	return out, err
}

func gone(ctx context.Context, tx *store.Tx, query string) (out []Gone, err error) {
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var thread, id []byte
		if err := rows.Scan(&thread, &id); err != nil {
			return nil, err
		}
		g := Gone{Thread: cx.Thread(thread)}
		copy(g.ID[:], id)
		out = append(out, g)
	}
	return out, rows.Err()
}

// TellDue tells the sender of what began a thread what became of it here (retention.due). It
// travels in the stream that the receiver of an offer does not use otherwise, so that nothing
// holds it up. A thread that the peer did not begin is NotFound.
func (r *Room) TellDue(ctx context.Context, tx *store.Tx, to identity.NodeID, thread cx.Thread, what cx.RetentionDueBody) (cx.ID, error) {
	began, err := r.Began(ctx, tx, to, thread, false)
	if err != nil {
		return cx.ID{}, err
	}
	what.ID = began.String()
	body, err := cx.EncodeBody(&what)
	if err != nil {
		return cx.ID{}, fault.Wrap(fault.Internal, "exchange-draft", err)
	}
	return r.Send(ctx, tx, &cx.Draft{
		To: to, Thread: thread, Stream: cx.Cmd, Type: cx.RetentionDue, Schema: cx.SchemaRetentionDue, Payload: body, Officer: "exchange",
		Labels: cx.OfficeLabels(officeLaw(r.node)),
	})
}

// Began returns the message that began a thread with a peer: one of ours, also before it was
// placed, or one of theirs. None is NotFound.
func (r *Room) Began(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread, ours bool) (cx.ID, error) {
	peer, err := r.Peer(ctx, tx, with)
	if err != nil {
		return cx.ID{}, err
	}
	lane := delivery.Lane{Side: delivery.Theirs, Thread: delivery.Thread(thread), Stream: delivery.Commands}
	if ours {
		lane.Side = delivery.Ours
	}
	first, err := r.rowsOf(ctx, tx, peer).Item(lane, 1)
	if err != nil || first.Seq != 0 {
		return cx.ID(first.ID), err
	}
	if ours {
		waiting, err := r.laneQueue(ctx, tx, with, lane)
		if err != nil {
			return cx.ID{}, err
		}
		if len(waiting) > 0 {
			return cx.ID(waiting[0]), nil
		}
	}
	return cx.ID{}, fault.New(fault.NotFound, "no-such-thread")
}
