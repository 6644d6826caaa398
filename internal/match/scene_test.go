package match_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/match"
	"causeway/internal/match/ask"
	"causeway/internal/sealed"
	"causeway/protocol/identity"
)

// Tell implements match.Cases: the rows are written, the timeline is the node's.
func (s *side) Tell(_ context.Context, _ *access.Pass, kind string, _ [16]byte, do func() error) error {
	err := do()
	if err == nil {
		s.mu.Lock()
		s.told = append(s.told, kind)
		s.mu.Unlock()
	}
	return err
}

// Due implements match.Cases.
func (s *side) Due(_ context.Context, p *access.Pass, _ [16]byte, by time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due = append(s.due, by.Sub(p.Now()))
	return nil
}

// Met implements match.Cases.
func (s *side) Met(context.Context, *access.Pass, [16]byte) error { return nil }

// Agreed implements match.Cases.
func (s *side) Agreed(context.Context, *access.Pass, identity.NodeID) (bool, error) { return true, nil }

// led adds a child whose case a worker of the node leads, in the supervisor's unit.
func (s *side) led(c ask.Child) (ident.Case, *access.Caller) {
	s.t.Helper()
	of := ident.New[ident.Case]()
	worker := s.Person("case_worker", s.Head)
	act := access.Act{Action: "case.register", Purpose: "maintenance", Case: of, NewCase: true}
	_, err := s.Gate.Do(ctx, s.Gate.Job("seed"), act, func(p *access.Pass) (string, error) {
		if _, err := p.NewSubject(ctx, "case"); err != nil {
			return "", err
		}
		if err := p.Reach(ctx, "lead", worker.Staff()); err != nil {
			return "", err
		}
		return "", p.Reach(ctx, "unit", s.Head)
	})
	ok(s.t, err)
	s.children[of] = c
	return of, worker
}

// scene is an asker and a holder with a table, and the hour is that of no letter.
type scene struct {
	a, b    *side
	id      match.AgreementID
	cases   []ident.Case
	asked   []ask.Child
	written []ask.Child
}

func ready(t testing.TB, a, b *side, change ...func(*match.Proposal)) *scene {
	t.Helper()
	written, asked := people(t, 60)
	x := &scene{a: a, b: b, asked: asked, written: written}
	x.id = agrees(t, a, b, change...)
	for i := range 40 {
		x.cases = append(x.cases, b.child(written[i]))
	}
	x.until(t, 23)
	return x
}

// until lets both clocks come to an hour, UTC, and both nodes do what is due then.
func (x *scene) until(t testing.TB, hour int) {
	t.Helper()
	now := x.a.Clock.Now()
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 1, 0, time.UTC)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	x.a.Clock.Set(at)
	x.b.Clock.Set(at)
	x.tick()
}

func (x *scene) tick() {
	for range 2 {
		x.a.tends()
		x.b.tends()
		x.a.carry()
	}
	x.a.renew()
	x.b.renew()
}

// asks asks about a child, with two officers, and returns the question.
func (x *scene) asks(t testing.TB, c ask.Child, urgent bool) (ident.Case, *access.Caller, match.QuestionID) {
	t.Helper()
	of, worker := x.a.led(c)
	ok(t, x.a.did(x.a.room.Ask(ctx, worker, command(), of, match.Asking{
		Agreement: x.id, Why: "family", Urgent: urgent, Reason: sealed.NewText("Her aunt lived there."),
	})))
	q := x.known(t, worker, of).Questions[0].ID
	ok(t, x.a.did(x.a.room.Second(ctx, x.a.head, command(), of, q, true)))
	return of, worker, q
}

func (x *scene) known(t testing.TB, c *access.Caller, of ident.Case) *match.Known {
	t.Helper()
	k, err := x.a.room.Known(ctx, c, of)
	ok(t, x.a.did(err))
	return k
}

// hit returns the question that waits at the holder.
func (x *scene) hit(t testing.TB) match.Task {
	t.Helper()
	tasks, _, _, err := x.b.room.Tasks(ctx, x.b.focal)
	ok(t, x.b.did(err))
	if len(tasks) != 1 {
		t.Fatalf("%d questions wait, want 1", len(tasks))
	}
	return tasks[0]
}

// findable returns a child of the world whom its table finds.
func (x *scene) findable(t testing.TB) int {
	t.Helper()
	for i := range 40 {
		got, _, err := match.LookUp(x.b.room, ctx, x.b.the(x.id), 1, question(t, x.a, x.b, x.id, 1, &x.asked[i]))
		ok(t, err)
		if len(got) == 1 && got[0].Case == x.cases[i] {
			return i
		}
	}
	t.Fatal("nobody is found")
	return 0
}
