package match_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"causeway/internal/access/accesstest"
	"causeway/internal/match"
	"causeway/internal/match/ask"
	"causeway/internal/sealed"
)

// TestFromQuestionToReferral: an officer asks, a second one agrees, the letter of the day goes,
// the holder's officer answers, the asker's officer goes on, both learn which exact values
// agree, and nobody learned a name.
func TestFromQuestionToReferral(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		x := ready(t, a, b)
		i := x.findable(t)
		of, worker, _ := x.asks(t, x.asked[i], false)
		if len(a.posted) != 0 {
			t.Fatal("a question left before its hour")
		}
		x.until(t, 19)
		task := x.hit(t)
		if task.Case != x.cases[i] || task.Urgent {
			t.Fatalf("another child waits: %+v", task)
		}
		hits, _, err := b.room.Hits(ctx, b.focal, task.Case)
		ok(t, err)
		if len(hits) != 1 || !hits[0].Decides || len(hits[0].Kinds) == 0 || hits[0].Why != "family" || !hits[0].Agreed {
			t.Fatalf("the officer sees %+v", hits)
		}
		ok(t, b.did(b.room.Decide(ctx, b.focal, command(), task.Case, task.ID, match.Deciding{Choice: match.AAnswered, Contact: "Focal point, +999 123"})))
		if len(b.posted) != 0 {
			t.Fatal("an answer left before its day")
		}
		x.until(t, 7)
		q := x.known(t, worker, of).Questions[0]
		if q.Answer == nil || q.Answer.State != match.CCame || q.Answer.Contact != "Focal point, +999 123" {
			t.Fatalf("the asker has %+v", q.Answer)
		}
		ok(t, a.did(a.room.Accept(ctx, worker, command(), of, q.ID, true)))
		a.carry()
		q = x.known(t, worker, of).Questions[0]
		hits, _, err = b.room.Hits(ctx, b.focal, task.Case)
		ok(t, err)
		if q.Answer.State != match.CComparedIt || hits[0].Answer.State != match.CComparedIt || !slices.Equal(q.Answer.Agreed, hits[0].Answer.Agreed) {
			t.Errorf("they compared %+v and %+v", q.Answer, hits[0].Answer)
		}
		if want := sameExact(&x.asked[i], &x.written[i]); !slices.Equal(q.Answer.Agreed, want) {
			t.Errorf("exact values that agree: %v, in the clear %v", q.Answer.Agreed, want)
		}
	})
}

// sameExact compares exact values in the clear.
func sameExact(x, y *ask.Child) (out []string) {
	few := func(s []string) []string { return s[:min(3, len(s))] }
	common := func(p, q []string) bool {
		return slices.ContainsFunc(few(p), func(v string) bool { return slices.Contains(few(q), v) })
	}
	for _, k := range []struct {
		kind string
		is   bool
	}{{"date", x.Date != "" && x.Date == y.Date}, {"mother", common(x.Mother, y.Mother)}, {"region", x.Region != "" && x.Region == y.Region}, {"family", common(x.Family, y.Family)}} {
		if k.is {
			out = append(out, k.kind)
		}
	}
	return out
}

// transcript is what of a holder's letters an asker can see: when they came, of which type,
// and what was in them.
func transcript(from *side) (out []string) {
	for i := range from.posted {
		m := &from.posted[i]
		out = append(out, fmt.Sprint(from.Clock.Now().UTC(), m.Type, m.Schema, m.Officer, len(m.Payload), string(m.Payload)))
	}
	return out
}

// TestAskersTranscriptIsEqual: for no match, for a match that was declined and for one that
// nobody decided, what the asker receives, and when, is equal in every byte.
func TestAskersTranscriptIsEqual(t *testing.T) {
	var want []string
	for _, how := range []string{"no match", "declined", "pending", "guardian"} {
		a, b := pair(t, accesstest.New(t), accesstest.New(t))
		x := ready(t, a, b)
		about := x.asked[55] // nobody of the table
		if how != "no match" {
			about = x.asked[x.findable(t)]
		}
		x.asks(t, about, false)
		var got []string
		for day := range 3 {
			for _, hour := range []int{7, 19} {
				now := a.Clock.Now()
				at := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 1, 0, time.UTC)
				if !at.After(now) {
					at = at.AddDate(0, 0, 1)
				}
				a.Clock.Set(at)
				b.Clock.Set(at)
				a.tends()
				a.carryTo()
				b.tends()
				got = append(got, transcript(b)...)
				a.carry()
				b.renew()
			}
			if day == 0 && (how == "declined" || how == "guardian") {
				choice := map[string]string{"declined": match.ASilent, "guardian": match.AGuardian}[how]
				task := x.hit(t)
				ok(t, b.did(b.room.Decide(ctx, b.focal, command(), task.Case, task.ID, match.Deciding{Choice: choice})))
			}
		}
		if len(got) != 3 {
			t.Fatalf("%s: %d letters in three days", how, len(got))
		}
		for i := range got {
			got[i] = string(bytes.ReplaceAll([]byte(got[i]), fmt.Appendf(nil, "%x", x.id[:]), []byte("agreement")))
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the asker sees something else", how)
		}
	}
}

// carryTo brings only what this side sent.
func (s *side) carryTo() {
	all := s.posted
	s.posted = nil
	for i := range all {
		s.other.takes(&all[i])
	}
}

// TestNothingIsAskedWithoutTheGate: a child without consent, with a block for that country or
// without the protection check enters no question: not when it is asked, not when the second
// officer agrees, and not when the letter goes.
func TestNothingIsAskedWithoutTheGate(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		x := ready(t, a, b)
		for _, code := range []string{"no-consent-for-country", "hidden-from-country", "protection-first"} {
			of, worker := a.led(x.asked[0])
			f := match.Asking{Agreement: x.id, Why: "family", Reason: sealed.NewText("Why."), Urgent: true}
			a.unmet[of] = []string{code}
			wantCode(t, "asked", a.did(a.room.Ask(ctx, worker, command(), of, f)), code)
			delete(a.unmet, of)
			ok(t, a.did(a.room.Ask(ctx, worker, command(), of, f)))
			a.unmet[of] = []string{code}
			q := x.known(t, worker, of).Questions[0].ID
			wantCode(t, "agreed to", a.did(a.room.Second(ctx, a.head, command(), of, q, true)), code)
			if len(a.posted) != 0 {
				t.Fatalf("%s: something left", code)
			}
		}
		of, worker, _ := x.asks(t, x.asked[x.findable(t)], false)
		a.unmet[of] = []string{"no-consent-for-country"}
		x.until(t, 19)
		if got := x.known(t, worker, of).Questions[0].State; got != match.QStopped {
			t.Errorf("a question whose consent was taken back is %s", got)
		}
		if tasks, _, _, err := b.room.Tasks(ctx, b.focal); err != nil || len(tasks) != 0 {
			t.Errorf("the other side found %d, %v", len(tasks), err)
		}
	})
}

// TestAnAnswerStaysWhenItMayNotLeaveAnyMore: what permits it is looked at again when the
// letter goes. To the asker it is as if nobody had been found.
func TestAnAnswerStaysWhenItMayNotLeaveAnyMore(t *testing.T) {
	for _, taken := range []bool{false, true} {
		a, b := pair(t, accesstest.New(t), accesstest.New(t))
		x := ready(t, a, b)
		of, worker, _ := x.asks(t, x.asked[x.findable(t)], false)
		x.until(t, 19)
		task := x.hit(t)
		ok(t, b.did(b.room.Decide(ctx, b.focal, command(), task.Case, task.ID, match.Deciding{Choice: match.AAnswered, Contact: "The desk, +383 38 000 000"})))
		if taken {
			b.unmet[task.Case] = []string{"no-consent-for-country"}
		}
		x.until(t, 7)
		if came := x.known(t, worker, of).Questions[0].Answer != nil; came == taken {
			t.Errorf("the consent was taken back: %t; an answer came: %t", taken, came)
		}
	}
}
