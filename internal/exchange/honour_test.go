package exchange_test

import (
	"testing"
	"time"

	"causeway/internal/store"
	"causeway/protocol/cx"
)

// sends queues a message with changes to its labels.
func (e *end) sends(o *end, thread cx.Thread, what cx.Type, change func(*cx.Labels)) cx.ID {
	e.t.Helper()
	d := draft(o.country.node, thread, what, cx.ID{})
	change(&d.Labels)
	var id cx.ID
	ok(e.t, e.DB.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = e.room.Send(ctx, tx, d)
		return err
	}))
	return id
}

// TestLabelThatNobodyKnows: a mandatory label that this node does not know stops its
// message, kept sealed and shown to both sides, and nothing after it.
func TestLabelThatNobodyKnows(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.sends(b, thread, cx.ReferralOffer, func(l *cx.Labels) {
			l.Extra, l.Crit = []cx.Extra{{Name: "sealed-by-court", Value: "yes"}}, []string{"sealed-by-court"}
		})
		a.says(b, thread, cx.Info)
		rests(a, b)
		if len(b.got) != 1 || b.got[0].Type != cx.Info {
			t.Fatalf("%d acted on, want only what came after", len(b.got))
		}
		got := a.rungs(b, thread)
		if got[0].ID != id || got[0].Stage != cx.Refused || got[0].Code != cx.LabelRefused || len(got[0].Unmet) != 1 || got[0].Unmet[0] != "sealed-by-court" {
			t.Errorf("the sender knows %+v", got[0])
		}
		stuck, err := b.room.Stuck(ctx)
		if err != nil || len(stuck) != 1 || stuck[0].ID != id || stuck[0].Code != cx.LabelRefused {
			t.Errorf("shown at the receiver: %+v, %v", stuck, err)
		}
		if n := count(t, b, "SELECT COUNT(*) FROM exchange_paper WHERE side = 'theirs' AND kind = 'envelope' AND id = $1", id.String()); n != 1 {
			t.Error("the sealed message is not kept")
		}
		if n := count(t, b, "SELECT COUNT(*) FROM exchange_paper WHERE side = 'theirs' AND kind = 'letter' AND id = $1", id.String()); n != 0 {
			t.Error("its content is kept in the open")
		}
		late, err := a.room.Overdue(ctx)
		if err != nil || len(late) != 1 || !late[0].Stopped || late[0].Code != cx.LabelRefused {
			t.Errorf("shown at the sender: %+v, %v", late, err)
		}
	})
}

// TestPurposeThatWasNotAgreed: what is sent for criminal justice is not taken where people
// agreed on protection, whatever the sender's terms say.
func TestPurposeThatWasNotAgreed(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		b.room.HonoursBy(func(l *cx.Labels) []string {
			if l.Purpose == cx.CriminalJustice {
				return []string{"court"}
			}
			return nil
		})
		a.sends(b, thread, cx.Info, func(l *cx.Labels) { l.Purpose = cx.CriminalJustice })
		a.says(b, thread, cx.Info)
		rests(a, b)
		if len(b.got) != 1 || b.got[0].Labels.Purpose != cx.Protection {
			t.Fatalf("%d acted on, want the one for protection", len(b.got))
		}
		if got := a.rungs(b, thread)[0]; got.Stage != cx.Refused || len(got.Unmet) != 1 || got.Unmet[0] != "court" {
			t.Errorf("the sender knows %+v", got)
		}
		p := b.peerOf(a)
		if got := p.Allows(cx.CriminalJustice, cx.ReferralOffer, b.Clock.Now()); got != cx.LabelRefused {
			t.Errorf("an offer for criminal justice is %q", got)
		}
	})
}

// TestFinalRefusalHoldsNothingUp: of a message that the peer will never take, the place is
// filled, and what comes after it arrives.
func TestFinalRefusalHoldsNothingUp(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		a.says(b, thread, cx.Info)
		due := a.due(b)
		ok(t, a.room.Refused(ctx, "xb.moi", due[0].ID, cx.TooLarge, time.Time{}))
		a.says(b, thread, cx.Withdraw)
		rests(a, b)
		if len(b.got) != 2 || b.got[0].Type != cx.Info || b.got[1].Type != cx.Withdraw {
			t.Fatalf("%d arrived, want the two after it", len(b.got))
		}
		if n := count(t, a, "SELECT COUNT(*) FROM exchange_frozen") + count(t, b, "SELECT COUNT(*) FROM exchange_frozen"); n != 0 {
			t.Error("the thread is frozen")
		}
		late, err := a.room.Overdue(ctx)
		if err != nil || len(late) != 1 || late[0].ID != id || !late[0].Stopped || late[0].Code != cx.TooLarge {
			t.Errorf("shown to people: %+v, %v", late, err)
		}
		ok(t, a.DB.Write(ctx, func(tx *store.Tx) error { return a.room.Erase(ctx, tx, "xb.moi", thread) }))
		if n := count(t, a, "SELECT COUNT(*) FROM exchange_paper WHERE kind IN ('draft', 'letter', 'envelope') AND id = $1", id.String()); n != 0 {
			t.Error("what nobody took is still readable after the erasure")
		}
	})
}
