package exchange

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Told ends the telling of what came back, in the transaction in which the room took note
// of it. It succeeds once; a second time is a Conflict, and the room's transaction with it.
type Told func(ctx context.Context, tx *store.Tx) error

// Regained is told what came back of our own after a restore, one message after the other,
// in the order of each lane and before anything of the peer is opened: the record is to say
// what m says. Where nobody holds the content any more, m has its place and no type. Dropped
// are messages that people wrote meanwhile, which are not sent. Left are commands of the peer
// that only such messages answered: the room acted on them, and answers each anew, by what the
// record says now, in the transaction of told. They come with the last message of their lane.
// An error means that it was not told, and is to be told again.
//
// Commands of the peer that such a message answers come again to the [Handler], with
// Answered set.
type Regained interface {
	Regained(ctx context.Context, m *cx.Message, dropped, left []cx.ID, told Told) error
}

// Tells names who is told what came back after a restore.
func (r *Room) Tells(h Regained) { r.regained = h }

// overtaken is what people wrote and is not sent, and which commands it answered.
type overtaken struct {
	dropped []delivery.ID
	asked   []byte // ids, one behind the other
}

// words tells of what came back which only tells something: it moves no record and answers
// nothing. Of what nobody can read any more that is not known.
func (r *Room) words(ctx context.Context, tx *store.Tx, from identity.NodeID, back []delivery.Item) (map[delivery.ID]bool, error) {
	out := map[delivery.ID]bool{}
	for _, it := range back {
		l, err := r.letter(ctx, tx, from, delivery.Ours, cx.ID(it.ID))
		if err != nil {
			return nil, err
		}
		if l == nil {
			continue
		}
		switch l.Content.Type {
		case cx.Note, cx.Recall, cx.LabelUpdate, cx.RetentionDue:
			out[it.ID] = true
		}
	}
	return out, nil
}

// askedBy returns the commands that drafts answer, one behind the other.
func (r *Room) askedBy(ctx context.Context, tx *store.Tx, to identity.NodeID, drafts []delivery.ID) (out []byte, err error) {
	for _, id := range drafts {
		d, err := r.draft(ctx, tx, to, cx.ID(id))
		if err != nil {
			return nil, err
		}
		if !d.Answers.IsZero() {
			out = append(out, d.Answers[:]...)
		}
	}
	return out, nil
}

// keepBack notes what the room is to be told, in the transaction in which it came back.
func (r *Room) keepBack(ctx context.Context, tx *store.Tx, from identity.NodeID, back []delivery.Item, placed []delivery.ID, not overtaken) error {
	for _, it := range back {
		gone, err := r.erased(ctx, tx, cx.Thread(it.Thread))
		if err != nil {
			return err
		}
		if gone { // with its record: nobody is to hear of it again
			continue
		}
		if it.Void || slices.Contains(placed, it.ID) || cx.Thread(it.Thread) == keysThread(r.node, from) {
			continue // the record knows of it, or it is about no record
		}
		dropped := []byte{}
		for _, id := range not.dropped {
			dropped = append(dropped, id[:]...)
		}
		if err := tx.Put(ctx, sqlKeepBack, string(from), it.ID[:], dropped, not.asked); err != nil {
			return fmt.Errorf("keep what came back: %w", err)
		}
		not = overtaken{}
	}
	return nil
}

// returned is what the room is told next.
type returned struct {
	message       *cx.Message
	dropped, left []cx.ID
	later         []byte // the message of the same lane that is told after it, nil for none
	asked         []byte // the commands that are answered anew after that
}

// tellBack tells the room what came back of ours from a peer. It reports whether there was
// anything.
func (r *Room) tellBack(ctx context.Context, from identity.NodeID) (any bool, err error) {
	for r.regained != nil {
		var b *returned
		err := r.read(ctx, func(tx *store.Tx) (err error) {
			b, err = r.nextBack(ctx, tx, from)
			return err
		})
		if err != nil || b == nil {
			return any, err
		}
		err = r.regained.Regained(ctx, b.message, b.dropped, b.left, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.Exec(ctx, sqlDeleteBack, string(from), b.message.ID[:])
			if err == nil && n != 1 {
				err = fault.New(fault.Conflict, "exchange-settled")
			}
			if err == nil && b.later != nil {
				err = tx.Put(ctx, sqlPassBack, string(from), b.later, b.asked)
			}
			return err
		})
		if err != nil {
			return any, fmt.Errorf("tell what came back: %w", err)
		}
		any = true
	}
	return any, nil
}

// nextBack reads what the room is to be told next, nil for nothing.
func (r *Room) nextBack(ctx context.Context, tx *store.Tx, from identity.NodeID) (*returned, error) {
	var id, dropped, asked []byte
	err := tx.QueryRow(ctx, sqlNextBack, string(from)).Scan(&id, &dropped, &asked)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	peer, err := r.Peer(ctx, tx, from)
	if err != nil {
		return nil, err
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return nil, err
	}
	it, err := d.Rows.Find(delivery.Ours, delivery.ID(id))
	if err != nil {
		return nil, err
	}
	b := &returned{dropped: ids[cx.ID](dropped)}
	if b.message, err = r.own(ctx, tx, from, cx.ID(id)); err != nil {
		return nil, err
	}
	if b.message == nil {
		b.message = &cx.Message{From: r.node, To: from, ID: cx.ID(id), Thread: cx.Thread(it.Thread), Stream: cx.Stream(it.Stream), Seq: it.Seq}
	}
	return b, r.leave(ctx, tx, d, it, b, asked)
}

// leave works out which commands are answered anew with a message, or after one of its lane
// that is told later: before that the record does not say what it will.
func (r *Room) leave(ctx context.Context, tx *store.Tx, d *delivery.Desk, it delivery.Item, b *returned, asked []byte) error {
	var more []byte
	err := tx.QueryRow(ctx, sqlLaterBack, string(b.message.To), it.ID[:], it.Thread[:], string(it.Stream)).Scan(&b.later, &more)
	if err == nil {
		b.asked = append(asked, more...)
		return nil
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	left, err := d.Unanswered(ids[delivery.ID](asked))
	for _, id := range left {
		b.left = append(b.left, cx.ID(id))
	}
	return err
}

// ids reads ids that stand one behind the other.
func ids[T ~[16]byte](from []byte) (out []T) {
	for ; len(from) >= len(T{}); from = from[len(T{}):] {
		out = append(out, T(from[:len(T{})]))
	}
	return out
}

// erased reports whether a thread was erased here.
func (r *Room) erased(ctx context.Context, tx *store.Tx, thread cx.Thread) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, sqlIsErased, thread[:]).Scan(&n)
	return n > 0, err
}

// takesNote reports whether a command of a peer, which one of our own that came back answers, is
// given to its room once more: it is to take note of it, and nothing else.
func (r *Room) takesNote(ctx context.Context, tx *store.Tx, m *cx.Message) (bool, error) {
	if !m.Answered || r.regained == nil || m.Type.Class() != cx.ClassCase {
		return false, nil
	}
	gone, err := r.erased(ctx, tx, m.Thread)
	return !gone, err
}
