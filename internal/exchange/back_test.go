package exchange_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"causeway/internal/exchange"
	"causeway/internal/store"
	"causeway/protocol/cx"
)

// record is a room that is told what came back after a restore.
type record struct {
	*end
	fails int // so often before it takes note
	told  []*cx.Message
	left  []cx.ID // commands that it has to answer anew
}

// Regained implements exchange.Regained.
func (r *record) Regained(ctx context.Context, m *cx.Message, _, left []cx.ID, told exchange.Told) error {
	if r.fails > 0 {
		r.fails--
		return errors.New("the record is not to be had now")
	}
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		for _, id := range left {
			if _, err := r.room.Send(ctx, tx, draft(m.To, m.Thread, cx.StatusReport, id)); err != nil {
				return err
			}
		}
		return told(ctx, tx)
	})
	if err != nil {
		return err
	}
	r.told, r.left = append(r.told, m), append(r.left, left...)
	return nil
}

func types(list []*cx.Message) (out []cx.Type) {
	for _, m := range list {
		out = append(out, m.Type)
	}
	return out
}

// restsInTheEnd is rests for a side whose room fails at first.
func restsInTheEnd(a, b *end) {
	a.meets(b)
	b.meets(a)
	for range 4 {
		_, _ = a.room.Work(ctx) // it fails, and is asked again
		_, _ = b.room.Work(ctx)
	}
	rests(a, b)
}

// TestRecordIsTold: what a restore took of ours is told to its room, once and in order,
// before what the peer says again; the commands that it answers are given again as
// answered; and nobody is put under watch.
func TestRecordIsTold(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		before := b.dump()
		a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		a.says(b, thread, cx.Info)
		rests(a, b)
		b.restore(before)
		book := &record{end: b, fails: 2}
		b.got = nil
		b.starts()
		b.room.Tells(book)
		restsInTheEnd(a, b)
		if got, want := types(book.told), []cx.Type{cx.StatusReport, cx.StatusReport}; !slices.Equal(got, want) {
			t.Errorf("the receiver's record was told %v, want %v", got, want)
		}
		if book.told[0].To != a.country.node || book.told[0].Seq >= book.told[1].Seq {
			t.Errorf("told %+v, then %+v", book.told[0], book.told[1])
		}
		if got, want := types(b.got), []cx.Type{cx.ReferralOffer, cx.Info}; !slices.Equal(got, want) {
			t.Fatalf("what came again: %v, want %v", got, want)
		}
		for _, m := range b.got {
			if !m.Answered {
				t.Errorf("%s is to be answered a second time", m.Type)
			}
		}
		if len(a.got) != 2 {
			t.Errorf("%d answers, want the two from before", len(a.got))
		}
		if p := a.peerOf(b); p.State != exchange.OK {
			t.Errorf("the peer sees state %s", p.State)
		}
		if p := b.peerOf(a); p.State != exchange.OK {
			t.Errorf("a peer that gave back what it should is in state %s because of %q", p.State, p.Why)
		}
		a.says(b, thread, cx.Withdraw)
		rests(a, b)
		if len(b.got) != 3 || b.got[2].Answered || len(a.got) != 3 {
			t.Errorf("afterwards %d commands and %d answers", len(b.got), len(a.got))
		}
	})
}

// TestLeftCommandIsAnsweredAnew: a clerk that was put back and does not know it acts on a command.
// What came back takes its answer out; the room answers that command anew, once, when all of the
// lane is told, and whoever asked has it.
func TestLeftCommandIsAnsweredAnew(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		before := b.dump()
		for range 2 { // of its own accord
			ok(t, b.DB.Write(ctx, func(tx *store.Tx) error {
				_, err := b.room.Send(ctx, tx, draft(a.country.node, thread, cx.StatusReport, cx.ID{}))
				return err
			}))
		}
		rests(a, b)
		b.restore(before)
		asked := a.says(b, thread, cx.Info)
		a.carries(b)
		if len(b.got) != 1 || b.got[0].ID != asked {
			t.Fatalf("the clerk acted on %v", types(b.got))
		}
		book := &record{end: b}
		b.starts()
		b.room.Tells(book)
		rests(a, b)
		if got, want := types(book.told), []cx.Type{cx.StatusReport, cx.StatusReport}; !slices.Equal(got, want) {
			t.Fatalf("the record was told %v, want %v", got, want)
		}
		if !slices.Equal(book.left, []cx.ID{asked}) {
			t.Errorf("to answer anew: %v, want %v", book.left, asked)
		}
		if len(a.got) != 3 || a.got[2].Answers != asked || a.got[2].Seq != 3 {
			t.Errorf("whoever asked heard %v", types(a.got))
		}
		if ladder := a.rungs(b, thread); !ladder[len(ladder)-1].Answered && !ladder[0].Answered {
			t.Errorf("the command waits for ever: %+v", ladder)
		}
	})
}

// TestWordsOvertakeNothing: words of a clerk that come back leave what people did meanwhile.
func TestWordsOvertakeNothing(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		before := b.dump()
		ok(t, b.DB.Write(ctx, func(tx *store.Tx) error {
			d := draft(a.country.node, thread, cx.Note, cx.ID{})
			d.Stream = cx.Status
			_, err := b.room.Send(ctx, tx, d)
			return err
		}))
		rests(a, b)
		b.restore(before)
		asked := a.says(b, thread, cx.Info)
		a.carries(b)
		book := &record{end: b}
		b.starts()
		b.room.Tells(book)
		rests(a, b)
		if len(book.told) != 1 || len(book.left) != 0 {
			t.Errorf("told %v, to answer anew %v", types(book.told), book.left)
		}
		if len(a.got) != 2 || a.got[1].Answers != asked {
			t.Errorf("whoever asked heard %v", types(a.got))
		}
	})
}

// TestSenderIsTold: the sender's record is told the commands that a restore took, and hears
// the answers as every answer.
func TestSenderIsTold(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		before := a.dump()
		a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		a.restore(before)
		book := &record{end: a}
		a.got, b.got = nil, nil
		a.starts()
		a.room.Tells(book)
		rests(a, b)
		if got, want := types(book.told), []cx.Type{cx.ReferralOffer}; !slices.Equal(got, want) {
			t.Errorf("the sender's record was told %v, want %v", got, want)
		}
		if got, want := types(a.got), []cx.Type{cx.StatusReport}; !slices.Equal(got, want) || len(b.got) != 0 {
			t.Errorf("the sender heard %v, want %v; the receiver was asked %d times again", got, want, len(b.got))
		}
	})
}

// TestOnlyItsPlaceCameBack: of what the peer has erased the room hears that it was there.
func TestOnlyItsPlaceCameBack(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		before := a.dump()
		id := a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		ok(t, b.DB.Write(ctx, func(tx *store.Tx) error { return b.room.Erase(ctx, tx, a.country.node, thread) }))
		a.restore(before)
		book := &record{end: a}
		a.starts()
		a.room.Tells(book)
		rests(a, b)
		if len(book.told) != 1 || book.told[0].ID != id || book.told[0].Type != "" || book.told[0].Thread != thread {
			t.Errorf("told %+v", book.told)
		}
	})
}
