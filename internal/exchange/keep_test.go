package exchange_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
)

// papers counts what says what was said in a thread.
func (e *end) papers(thread cx.Thread) int64 {
	e.t.Helper()
	var n int64
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(DISTINCT p.id) FROM exchange_paper p JOIN exchange_item i ON i.node = p.node AND i.id = p.id
			WHERE i.thread = $1 AND p.kind IN ('draft', 'letter', 'envelope')`, thread[:]).Scan(&n)
	}))
	return n
}

func (e *end) erases(o *end, thread cx.Thread) {
	e.t.Helper()
	ok(e.t, e.DB.Write(ctx, func(tx *store.Tx) error { return e.room.Erase(ctx, tx, o.country.node, thread) }))
}

// TestErasureLetsTheLastWordOut: what only tells the peer where a thread stands is delivered
// after the erasure, and destroyed then, as is what the peer still says.
func TestErasureLetsTheLastWordOut(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		var noted []exchange.Gone
		b.room.NotesUnsaid(func(thread cx.Thread, id cx.ID) { noted = append(noted, exchange.Gone{Thread: thread, ID: id}) })
		a.says(b, thread, cx.ReferralOffer)
		a.carries(b) // b has acted: its status waits
		a.says(b, thread, cx.Info)
		b.erases(a, thread)
		if len(noted) != 1 || noted[0] != (exchange.Gone{Thread: thread}) {
			t.Errorf("noted for a restore: %v", noted)
		}
		if n := b.papers(thread); n != 0 {
			t.Errorf("%d messages are left after the erasure", n)
		}
		ok(t, b.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := b.room.TellDue(ctx, tx, a.country.node, thread, cx.RetentionDueBody{Done: "erased"})
			return err
		}))
		rests(a, b)
		var told []cx.Type
		for _, m := range a.got {
			told = append(told, m.Type)
		}
		if len(a.got) != 3 { // the statuses of offer and question, and the erasure
			t.Errorf("the peer heard %v", told)
		}
		if n := b.papers(thread); n == 0 {
			t.Error("what was delivered since is gone before anybody swept")
		}
		done, err := b.room.Sweep(ctx)
		ok(t, err)
		if n := b.papers(thread); n != 0 || done == 0 {
			t.Errorf("%d messages are left after sweeping %d", n, done)
		}
		if done, err = b.room.Sweep(ctx); done != 0 || err != nil {
			t.Errorf("swept again: %d, %v", done, err)
		}
	})
}

// TestTermOfALabel: the content of a message is destroyed on both sides when the day of its
// label has come, not before; number, digest and receipt stay, and a thread goes on.
func TestTermOfALabel(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread, other := cx.NewThread(), cx.NewThread()
		until := a.Clock.Now().Add(10 * 24 * time.Hour).Truncate(time.Second)
		a.sends(b, thread, cx.ReferralOffer, func(l *cx.Labels) { l.RetainRule, l.RetainUntil = "", until })
		parcel := a.due(b)[0]
		first, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(parcel.Body))
		ok(t, err)
		a.says(b, other, cx.ReferralOffer)
		rests(a, b)
		for _, e := range []*end{a, b} {
			if due, err := e.room.DueTerms(ctx, 10); len(due) != 0 || err != nil {
				t.Errorf("due before its day: %v, %v", due, err)
			}
			e.Clock.Advance(11 * 24 * time.Hour)
			due, err := e.room.DueTerms(ctx, 10)
			if err != nil || len(due) != 1 || due[0].Thread != thread || !due[0].Until.Equal(until) || due[0].Expiry != cx.Erase {
				t.Fatalf("due on its day: %v, %v", due, err)
			}
			if n, since, err := e.room.Overkept(ctx); n != 1 || !since.Equal(until) || err != nil {
				t.Errorf("the health page says %d since %s, %v", n, since, err)
			}
			e.unsays(t, due[0])
			if n := e.papers(thread); n != 0 {
				t.Errorf("%d messages are left", n)
			}
			if n := e.papers(other); n == 0 {
				t.Error("another thread is gone too")
			}
			if due, err := e.room.DueTerms(ctx, 10); len(due) != 0 || err != nil {
				t.Errorf("due again: %v, %v", due, err)
			}
		}
		again, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(parcel.Body))
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("the same envelope after its time: %v, the same receipt %v", err, bytes.Equal(first, again))
		}
		a.says(b, thread, cx.Withdraw)
		got := len(b.got)
		rests(a, b)
		if len(b.got) != got+1 {
			t.Error("the thread does not go on")
		}
	})
}

// unsays destroys what was said in a thread, as the room does whose case it is about.
func (e *end) unsays(t *testing.T, due exchange.Term) {
	t.Helper()
	act := access.Act{Action: "post.step", Purpose: exchange.Purpose, Command: ident.New[ident.Command]()}
	_, err := e.Gate.Do(ctx, e.Gate.Job(exchange.JobPost), act, func(p *access.Pass) (string, error) {
		_, err := e.room.Unsay(ctx, p, due.Peer, due.Thread)
		return "", err
	})
	ok(t, err)
}

// TestRefusedContentIsNotKept: what nobody acted on is kept for people to look into, and not
// for good.
func TestRefusedContentIsNotKept(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		b.room.HonoursBy(func(*cx.Labels) []string { return []string{"roles"} })
		id := a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		if n := b.papers(thread); n != 1 {
			t.Fatalf("%d messages are kept, want the one that was refused", n)
		}
		b.Clock.Advance(91 * 24 * time.Hour)
		due, err := b.room.DueTerms(ctx, 10)
		if err != nil || len(due) != 1 || due[0].ID != id || due[0].Side != delivery.Theirs {
			t.Fatalf("due: %v, %v", due, err)
		}
		ok(t, b.room.Expire(ctx, due[0]))
		if n := b.papers(thread); n != 0 {
			t.Errorf("%d messages are left", n)
		}
		gone, err := b.room.AllGone(ctx)
		if err != nil || len(gone) != 1 || gone[0].ID != id {
			t.Errorf("what a restore must destroy again: %v, %v", gone, err)
		}
	})
}

// TestDestroyedAgainAfterARestore: an older copy of the database loses what was destroyed
// since, before its node starts; a peer that gives back a message of an erased thread brings
// nothing back.
func TestDestroyedAgainAfterARestore(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread, kept := cx.NewThread(), cx.NewThread()
		older := b.dump()
		a.says(b, thread, cx.ReferralOffer)
		id := a.says(b, kept, cx.ReferralOffer)
		a.says(b, kept, cx.Info)
		rests(a, b)
		before := b.dump()
		b.erases(a, thread)
		ok(t, b.room.Expire(ctx, exchange.Term{Peer: a.country.node, Side: delivery.Theirs, Thread: kept, ID: id}))
		gone := []exchange.Gone{{Thread: thread}, {Thread: kept, ID: id}}
		again := func() {
			ok(t, b.DB.Write(ctx, func(tx *store.Tx) error {
				for _, g := range gone {
					if err := exchange.UnsayAgain(ctx, tx, g.Thread, g.ID); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		b.restore(before)
		if b.papers(thread) == 0 {
			t.Fatal("the backup does not have it")
		}
		again()
		again() // a restore that was interrupted goes on
		if n := b.papers(thread); n != 0 {
			t.Errorf("%d messages of the erased thread came back", n)
		}
		if n := count(t, b, "SELECT COUNT(*) FROM exchange_paper WHERE kind IN ('letter', 'envelope') AND id = $1", id.String()); n != 0 {
			t.Error("the message whose time was over came back")
		}
		if n := b.papers(kept); n == 0 {
			t.Error("more came off than was destroyed")
		}
		b.restore(older) // it never knew of them: the peer gives back what this node said
		again()
		b.starts()
		rests(a, b)
		_, err := b.room.Sweep(ctx)
		ok(t, err)
		if n := b.papers(thread); n != 0 {
			t.Errorf("%d messages of the erased thread came back from the peer", n)
		}
	})
}

// TestKilledWhileItDestroys: killed in the middle, nothing was destroyed and nobody was told
// that it was; done again, all of it is.
func TestKilledWhileItDestroys(t *testing.T) {
	killed := errors.New("killed")
	ends(t, func(t *testing.T, a, b *end) {
		erased, over := cx.NewThread(), cx.NewThread()
		noted := 0
		b.room.NotesUnsaid(func(cx.Thread, cx.ID) { noted++ })
		for _, thread := range []cx.Thread{erased, over} {
			a.sends(b, thread, cx.ReferralOffer, func(l *cx.Labels) {
				l.RetainRule, l.RetainUntil = "", b.Clock.Now().Add(time.Hour).Truncate(time.Second)
			})
		}
		rests(a, b)
		b.Clock.Advance(2 * time.Hour)
		before := [2]int64{b.papers(erased), b.papers(over)}
		erase := func(then error) error {
			return b.DB.Write(ctx, func(tx *store.Tx) error {
				ok(t, b.room.Erase(ctx, tx, a.country.node, erased))
				return then
			})
		}
		unsay := func(then error) error {
			act := access.Act{Action: "post.step", Purpose: exchange.Purpose, Command: ident.New[ident.Command]()}
			_, err := b.Gate.Do(ctx, b.Gate.Job(exchange.JobPost), act, func(p *access.Pass) (string, error) {
				_, err := b.room.Unsay(ctx, p, a.country.node, over)
				ok(t, err)
				return "", then
			})
			return err
		}
		for name, do := range map[string]func(error) error{"erasure": erase, "a day that came": unsay} {
			if err := do(killed); !errors.Is(err, killed) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got := [2]int64{b.papers(erased), b.papers(over)}; got != before || noted != 0 {
			t.Errorf("after the kill %v are left of %v, and %d were noted", got, before, noted)
		}
		if gone, err := b.room.AllGone(ctx); err != nil || len(gone) != 0 {
			t.Errorf("a restore would destroy %v, %v", gone, err)
		}
		ok(t, erase(nil))
		ok(t, unsay(nil))
		if b.papers(erased) != 0 || b.papers(over) != 0 || noted < 2 {
			t.Errorf("done again: %d and %d are left, %d noted", b.papers(erased), b.papers(over), noted)
		}
	})
}
