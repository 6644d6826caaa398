package match_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/match"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// TestCapsHold: under requests at once, a start and a restore, no more is asked of a day, of an
// officer and of a child than the agreement says.
func TestCapsHold(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		x := ready(t, a, b, func(f *match.Proposal) { f.PerDay, f.PerOfficer, f.UrgentPerDay = 6, 4, 2 })
		f := match.Asking{Agreement: x.id, Why: "family", Reason: sealed.NewText("Why.")}
		of, worker := a.led(x.asked[0])
		ok(t, a.room.Ask(ctx, worker, command(), of, f))
		wantCode(t, "the same child", a.room.Ask(ctx, worker, command(), of, f), "match-child-asked")
		var wg sync.WaitGroup
		codes := make(chan string, 12)
		for range 12 {
			of, worker := a.led(x.asked[1])
			wg.Go(func() { codes <- fault.CodeOf(a.room.Ask(ctx, worker, command(), of, f)) })
		}
		wg.Wait()
		close(codes)
		asked := 0
		for code := range codes {
			switch code {
			case "":
				asked++
			case "match-day-full", "changed-meanwhile":
			default:
				t.Errorf("refused with %s", code)
			}
		}
		a.starts()
		for asked < 5 { // whoever lost a race asks again
			of, worker := a.led(x.asked[1])
			ok(t, a.room.Ask(ctx, worker, command(), of, f))
			asked++
		}
		of, worker = a.led(x.asked[2])
		wantCode(t, "one more", a.room.Ask(ctx, worker, command(), of, f), "match-day-full")
		if asked != 5 {
			t.Errorf("%d were asked beside the first, want 5", asked)
		}
		x.until(t, 1)
		ok(t, a.DB.Write(ctx, func(tx *store.Tx) error { return match.CloseDay(ctx, tx) }))
		wantCode(t, "after a restore", a.room.Ask(ctx, worker, command(), of, f), "match-day-closed")
		x.until(t, 2)
		x.until(t, 1)
		ok(t, a.room.Ask(ctx, worker, command(), of, f))
	})
}

// TestOneOfficerAsksSoOften: and the urgent ones of a day are counted too.
func TestOneOfficerAsksSoOften(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		x := ready(t, a, b, func(f *match.Proposal) { f.PerOfficer, f.UrgentPerDay = 2, 1 })
		f := match.Asking{Agreement: x.id, Why: "missing", Reason: sealed.NewText("Why."), Urgent: true}
		of, _ := a.led(x.asked[0])
		ok(t, a.room.Ask(ctx, a.head, command(), of, f))
		other, _ := a.led(x.asked[1])
		wantCode(t, "a second urgent one", a.room.Ask(ctx, a.head, command(), other, f), "match-urgent-full")
		f.Urgent = false
		ok(t, a.room.Ask(ctx, a.head, command(), other, f))
		third, worker := a.led(x.asked[2])
		wantCode(t, "a third of one officer", a.room.Ask(ctx, a.head, command(), third, f), "match-officer-full")
		ok(t, a.room.Ask(ctx, worker, command(), third, f))
	})
}

// TestUrgentQuestionStartsAClock: it leaves as soon as the second officer agrees, and whoever
// is asked has an hour; the answer goes with the letter of the day all the same.
func TestUrgentQuestionStartsAClock(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		x := ready(t, a, b)
		x.asks(t, x.asked[x.findable(t)], true)
		a.carry()
		b.tends()
		task := x.hit(t)
		if !task.Urgent || len(b.due) != 1 || b.due[0] != time.Hour {
			t.Fatalf("the clock is %v, %+v", b.due, task)
		}
		ok(t, b.did(b.room.Decide(ctx, b.focal, command(), task.Case, task.ID, match.Deciding{Choice: match.AAnswered, Contact: "Duty desk"})))
		b.tends()
		if len(b.posted) != 0 {
			t.Error("the answer left at once")
		}
	})
}

// TestRightsOfQuestions: nobody agrees to their own question, and whoever has nothing to do
// with a case neither asks nor decides.
func TestRightsOfQuestions(t *testing.T) {
	a, b := pair(t, accesstest.New(t), accesstest.New(t))
	x := ready(t, a, b)
	of, worker := a.led(x.asked[0])
	f := match.Asking{Agreement: x.id, Why: "family", Reason: sealed.NewText("Why.")}
	stranger := a.Person("case_worker", a.Head)
	wantCode(t, "a stranger asks", a.room.Ask(ctx, stranger, command(), of, f), "no-such-page")
	wantCode(t, "the operator asks", a.room.Ask(ctx, a.operator, command(), of, f), "no-such-page")
	ok(t, a.room.Ask(ctx, a.head, command(), of, f))
	q := x.known(t, worker, of).Questions[0].ID
	wantCode(t, "the asker agrees", a.room.Second(ctx, a.head, command(), of, q, true), "no-such-page")
	wantCode(t, "a worker agrees", a.room.Second(ctx, worker, command(), of, q, true), "no-such-page")
	if _, _, _, err := a.room.Tasks(ctx, worker); fault.CodeOf(err) != "no-such-page" {
		t.Errorf("a worker sees what waits: %v", err)
	}
	if _, _, err := a.room.Hits(ctx, stranger, of); fault.CodeOf(err) != "no-such-page" {
		t.Errorf("a stranger sees what agrees: %v", err)
	}
	wantCode(t, "the auditor decides", a.room.Decide(ctx, a.auditor, command(), of, match.HitID{1}, match.Deciding{Choice: match.ASilent}), "no-such-page")
	wantCode(t, "a stranger goes on", a.room.Accept(ctx, stranger, command(), of, q, true), "no-such-page")
}

// TestALetterIsTakenOnce: the letter of a day, and the answers of one, come once; one with a
// point that is none, or the identity, is refused as a whole.
func TestALetterIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		x := ready(t, a, b)
		x.asks(t, x.asked[x.findable(t)], false)
		now := a.Clock.Now()
		a.Clock.Set(time.Date(now.Year(), now.Month(), now.Day()+1, 19, 0, 0, 0, time.UTC))
		b.Clock.Set(a.Clock.Now())
		a.tends()
		if len(a.posted) != 1 || a.posted[0].Type != cx.MatchQuestion {
			t.Fatalf("%d letters", len(a.posted))
		}
		letter := a.posted[0]
		for name, point := range map[string]mask.Point{"the identity": {}, "no canonical spelling": badPoint()} {
			bad := letter
			bad.Payload = swapPoint(t, letter.Payload, point)
			if got := b.takes(&bad); got != cx.BadFormat {
				t.Errorf("%s: %q", name, got)
			}
		}
		b.tends()
		if tasks, _, _, err := b.room.Tasks(ctx, b.focal); err != nil || len(tasks) != 0 {
			t.Errorf("of a letter that was refused %d are found, %v", len(tasks), err)
		}
		if got := b.takes(&letter); got != "" {
			t.Fatalf("refused with %q", got)
		}
		if got := b.takes(&letter); got != cx.Conflict {
			t.Errorf("a second time: %q", got)
		}
		a.tends()
		if len(a.posted) != 1 {
			t.Error("the letter of a day left twice")
		}
		b.tends()
		b.tends()
		x.hit(t)
	})
}

func badPoint() (p mask.Point) {
	for i := range p {
		p[i] = 0xff
	}
	return p
}

// swapPoint puts another point into a letter, whatever its own package says of it.
func swapPoint(t *testing.T, payload []byte, p mask.Point) []byte {
	t.Helper()
	var q matching.Question
	ok(t, json.Unmarshal(payload, &q))
	copy(q.Slots[len(q.Slots)-mask.PointSize:], p[:])
	out, err := json.Marshal(&q)
	ok(t, err)
	return out
}

// TestAStartBetweenAnyTwoSteps: wherever the holder and the asker are stopped, once they are
// back the question left once, was found once, and is answered once.
func TestAStartBetweenAnyTwoSteps(t *testing.T) {
	for after := range 6 {
		a, b := pair(t, accesstest.New(t), accesstest.New(t))
		x := ready(t, a, b)
		i := x.findable(t)
		of, worker, _ := x.asks(t, x.asked[i], false)
		now := a.Clock.Now()
		a.Clock.Set(time.Date(now.Year(), now.Month(), now.Day()+1, 19, 0, 0, 0, time.UTC))
		b.Clock.Set(a.Clock.Now())
		for _, s := range []*side{a, b} {
			cut, cancel := context.WithCancel(ctx)
			s.stopAfter(after, cancel)
			_ = s.did(s.room.Tend(cut)) // it was stopped, or not
			s.stop = nil
			cancel()
			s.starts()
		}
		x.tick()
		x.tick()
		task := x.hit(t)
		ok(t, b.did(b.room.Decide(ctx, b.focal, command(), task.Case, task.ID, match.Deciding{Choice: match.AAnswered, Contact: "Desk"})))
		b.starts()
		x.until(t, 7)
		x.tick()
		got := x.known(t, worker, of).Questions
		if len(got) != 1 || got[0].State != match.QSent || got[0].Answer == nil {
			t.Errorf("stopped after %d steps: %+v", after, got[0])
		}
		if n := count(a.told, match.KindSent); n != 1 {
			t.Errorf("stopped after %d steps it left %d times", after, n)
		}
	}
}

func count(all []string, want string) (n int) {
	for _, s := range all {
		if s == want {
			n++
		}
	}
	return n
}

// TestCountsOfAMonth: both sides count alike, and a difference shows on both.
func TestCountsOfAMonth(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		x := ready(t, a, b)
		for range 3 {
			x.until(t, 7)
			x.until(t, 19)
		}
		// The other side is told of one letter more than came.
		ok(t, b.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM match_letter WHERE way = 'question' AND day = (SELECT MIN(day) FROM match_letter WHERE way = 'question')`)
			return err
		}))
		now := a.Clock.Now()
		a.Clock.Set(time.Date(now.Year(), now.Month()+1, 6, 3, 0, 0, 0, time.UTC))
		b.Clock.Set(a.Clock.Now())
		x.tick()
		for _, s := range []*side{a, b} {
			_, months, _, err := s.room.Tasks(ctx, s.focal)
			ok(t, err)
			if len(months) != 1 || months[0].Ours.Questions == months[0].Theirs.Questions || months[0].Ours.Letters != months[0].Theirs.Letters {
				t.Errorf("%s shows %+v", s.node, months)
			}
		}
	})
}
