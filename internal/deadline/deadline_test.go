package deadline_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

const day = 24 * time.Hour

// rig is one case and its room.
type rig struct {
	*accesstest.Office
	t      *testing.T
	room   *deadline.Room
	worker *access.Caller
	id     ident.Case
	began  time.Time
}

func newRig(t *testing.T, o *accesstest.Office) *rig {
	r := &rig{
		Office: o, t: t, began: o.Clock.Now(), id: ident.New[ident.Case](), worker: o.Person(access.RoleCaseWorker, o.North),
		room: deadline.New(o.Pack, deadline.Rules{Remind: day, Escalate: day}),
	}
	a := access.Act{Action: "case.register", Purpose: "case-work", Case: r.id, NewCase: true}
	_, err := o.Gate.Do(t.Context(), r.worker, a, func(p *access.Pass) (string, error) {
		if _, err := p.NewSubject(t.Context(), "case"); err != nil {
			return "", err
		}
		return "", p.Reach(t.Context(), access.RelationLead, [16]byte(r.worker.Staff()))
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// do runs fn as a command of the worker on the case.
func (r *rig) do(fn func(ctx context.Context, p *access.Pass) error) {
	r.t.Helper()
	a := access.Act{Action: "case.update", Purpose: "case-work", Case: r.id}
	_, err := r.Gate.Do(r.t.Context(), r.worker, a, func(p *access.Pass) (string, error) { return "", fn(r.t.Context(), p) })
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) set(kind string, in time.Duration) (id deadline.ID) {
	r.t.Helper()
	r.do(func(ctx context.Context, p *access.Pass) (err error) {
		id, err = r.room.Set(ctx, p, deadline.What{Kind: kind, Owner: r.worker.Staff(), Unit: r.North, Due: p.Now().Add(in)})
		return err
	})
	return id
}

// states returns the state of each deadline by its kind and place in time.
func (r *rig) states() (out []string) {
	r.t.Helper()
	r.do(func(ctx context.Context, p *access.Pass) error {
		all, err := deadline.Of(ctx, p)
		out = nil
		for _, d := range all {
			out = append(out, d.Kind+" "+d.State)
		}
		return err
	})
	return out
}

func (r *rig) steps() (out []string) {
	r.t.Helper()
	r.do(func(ctx context.Context, p *access.Pass) error {
		all, err := deadline.Steps(ctx, p)
		out = nil
		for _, s := range all {
			out = append(out, s.Step+" "+s.Planned.Sub(r.began).String())
		}
		return err
	})
	return out
}

func wants(t *testing.T, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestSettingAgainMoves(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		r := newRig(t, o)
		first := r.set("next_contact", 7*day)
		if again := r.set("next_contact", 7*day); again != first {
			t.Error("the same deadline was set twice")
		}
		r.set("next_contact", 14*day)
		r.set("plan", 3*day)
		wants(t, r.states(), []string{"plan open", "next_contact cancelled", "next_contact open"})
	})
}

func TestMeetAndCancel(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		r := newRig(t, o)
		one, two := [16]byte(ident.New[ident.Record]()), [16]byte(ident.New[ident.Record]())
		r.do(func(ctx context.Context, p *access.Pass) error {
			for i, about := range [][16]byte{one, two} {
				due := p.Now().Add(time.Duration(i+1) * day)
				if _, err := r.room.Set(ctx, p, deadline.What{Kind: "approval", About: about, Unit: r.North, Due: due}); err != nil {
					return err
				}
			}
			return nil
		})
		r.set("plan", 3*day)
		r.set("review", 4*day)
		r.do(func(ctx context.Context, p *access.Pass) error {
			if n, err := r.room.MeetOne(ctx, p, "approval", one); err != nil || n != 1 {
				t.Errorf("meet one approval: %d, %v", n, err)
			}
			if n, err := r.room.Meet(ctx, p, "plan", "guardian"); err != nil || n != 1 {
				t.Errorf("meet the plan: %d, %v", n, err)
			}
			return nil
		})
		wants(t, r.states(), []string{"approval done", "approval open", "plan done", "review open"})
		r.do(func(ctx context.Context, p *access.Pass) error {
			n, err := r.room.Cancel(ctx, p)
			if n != 2 {
				t.Errorf("cancelled %d, want 2", n)
			}
			return err
		})
		wants(t, r.states(), []string{"approval done", "approval cancelled", "plan done", "review cancelled"})
	})
}

func TestStepsOnceInOrder(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		r := newRig(t, o)
		id := r.set("plan", 7*day)
		chain := []ident.Unit{o.North, o.Head}
		advance := func() (took bool) {
			r.do(func(ctx context.Context, p *access.Pass) error {
				s, _, err := r.room.Advance(ctx, p, id, chain)
				took = s != nil
				return err
			})
			return took
		}
		if advance() {
			t.Error("a step was taken before its time")
		}
		o.Clock.Advance(6 * day)
		if !advance() || advance() {
			t.Error("the reminder was not sent once")
		}
		o.Clock.Advance(30 * day) // the node stood still
		for advance() {
		}
		wants(t, r.steps(), []string{"remind 144h0m0s", "alert 168h0m0s", "escalate.1 192h0m0s", "escalate.2 216h0m0s"})
		r.do(func(ctx context.Context, p *access.Pass) error { _, err := r.room.Meet(ctx, p, "plan"); return err })
		if advance() {
			t.Error("a deadline that was met took a step")
		}
	})
}

func TestHandedOverOnce(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		r := newRig(t, o)
		id := r.set("plan", 7*day)
		deputy, boss := ident.New[ident.Staff](), ident.New[ident.Staff]()
		hand := func(to ident.Staff, keep bool) (took bool) {
			r.do(func(ctx context.Context, p *access.Pass) error {
				s, _, err := r.room.Hand(ctx, p, id, to, keep)
				took = s != nil
				return err
			})
			return took
		}
		if !hand(deputy, true) || hand(deputy, true) {
			t.Error("the deputy was not told once")
		}
		if !hand(boss, false) || hand(boss, false) {
			t.Error("the supervisor did not take over once")
		}
		r.do(func(ctx context.Context, p *access.Pass) error {
			open, err := r.room.Opened(ctx, p, "plan")
			if len(open) != 1 || open[0].Owner != boss {
				t.Errorf("the supervisor does not own the deadline: %v", open)
			}
			return err
		})
	})
}

func TestAlteredRowStops(t *testing.T) {
	o := accesstest.New(t)
	r := newRig(t, o)
	r.set("plan", 7*day)
	a := access.Act{Action: "case.update", Purpose: "case-work", Case: r.id}
	_, err := o.Gate.Do(t.Context(), r.worker, a, func(p *access.Pass) (string, error) {
		if _, err := p.Tx().Exec(t.Context(), `UPDATE deadline_due SET due = due + 1`); err != nil {
			return "", err
		}
		_, err := r.room.Meet(t.Context(), p, "plan")
		return "", err
	})
	if fault.CodeOf(err) != "record-altered" {
		t.Errorf("got %v, want record-altered", err)
	}
}

func TestUnknownKindRefused(t *testing.T) {
	o := accesstest.New(t)
	r := newRig(t, o)
	a := access.Act{Action: "case.update", Purpose: "case-work", Case: r.id}
	_, err := o.Gate.Do(t.Context(), r.worker, a, func(p *access.Pass) (string, error) {
		_, err := r.room.Set(t.Context(), p, deadline.What{Kind: "someday", Unit: o.North, Due: p.Now()})
		return "", err
	})
	if !fault.Is(err, fault.Internal) {
		t.Errorf("got %v, want a refusal", err)
	}
}
