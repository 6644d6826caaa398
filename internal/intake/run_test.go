package intake_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake"
)

// stumbling is the real register, failing as it is told.
type stumbling struct {
	intake.Cases
	batch int
	fail  func(batch int) error
}

func (s *stumbling) Register(ctx context.Context, c *access.Caller, rows []*intake.Row, done func(context.Context, *access.Pass) error) error {
	s.batch++
	return s.Cases.Register(ctx, c, rows, func(ctx context.Context, p *access.Pass) error {
		if err := done(ctx, p); err != nil {
			return err
		}
		return s.fail(s.batch) // at the last moment: everything of this batch must go
	})
}

func TestResume(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, children(700))
		first := o.restart(&stumbling{Cases: o.cases, fail: func(batch int) error {
			if batch == 3 {
				return fault.New(fault.Unavailable, "disk-full")
			}
			return nil
		}})
		im, err := first.Run(ctx, o.boss, im.ID, nil)
		if fault.CodeOf(err) != "disk-full" || im.State != intake.Paused || im.Failure != "disk-full" {
			t.Fatalf("got %v, %+v", err, im)
		}
		if n := o.count(t); int64(n) != im.Registered || n == 0 || n == 700 {
			t.Fatalf("%d cases, %d registered: a batch was half kept", n, im.Registered)
		}
		var last intake.Progress
		im, err = o.restart(&o.cases).Run(ctx, o.boss, im.ID, func(p intake.Progress) { last = p })
		if err != nil {
			t.Fatal(err)
		}
		if o.count(t) != 700 || im.Registered != 700 || im.State != intake.Done || last.Registered != 700 || last.Total != 700 {
			t.Errorf("%d cases, %d registered, %s, %+v", o.count(t), im.Registered, im.State, last)
		}
	})
}

// A process that dies says nothing: the import stays "running" until it has been
// silent for a while, and can be taken up then.
func TestTakenUpAfterACrash(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, children(300))
		died := errors.New("killed")
		func() {
			defer func() { _ = recover() }() // the process is gone: nothing is written at the end
			crashing := o.restart(&stumbling{Cases: o.cases, fail: func(batch int) error {
				if batch == 2 {
					panic(died)
				}
				return nil
			}})
			_, _ = crashing.Run(ctx, o.boss, im.ID, nil)
		}()
		if im, err := o.imports.Get(ctx, o.boss, im.ID); err != nil || im.State != intake.Running {
			t.Fatalf("got %v, %v; want running", im, err)
		}
		if _, err := o.imports.Run(ctx, o.boss, im.ID, nil); !fault.Is(err, fault.Conflict) {
			t.Fatalf("got %v, want a conflict while it may still run", err)
		}
		o.Clock.Advance(2 * time.Minute)
		if im, err := o.imports.Get(ctx, o.boss, im.ID); err != nil || im.State != intake.Paused {
			t.Fatalf("got %v, %v; want paused", im, err)
		}
		if _, err := o.imports.Run(ctx, o.boss, im.ID, nil); err != nil {
			t.Fatal(err)
		}
		if n := o.count(t); n != 300 {
			t.Errorf("%d cases, want 300", n)
		}
	})
}

func TestRefusedRowIsFound(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, children(120))
		refusing := o.restart(&refuser{Cases: o.cases, names: map[string]bool{"R7": true, "R90": true}})
		im, err := refusing.Run(ctx, o.boss, im.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if o.count(t) != 118 || im.Registered != 118 || im.Refused != 2 {
			t.Errorf("%d cases, %d registered, %d refused; want 118, 118, 2", o.count(t), im.Registered, im.Refused)
		}
		list, _, err := o.imports.Problems(ctx, o.boss, im.ID, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 2 || list[0].Row != 9 || list[1].Row != 92 || list[0].Code != intake.Refused {
			t.Errorf("got %v", list)
		}
	})
}

// refuser refuses the rows with these references.
type refuser struct {
	intake.Cases
	names map[string]bool
}

func (r *refuser) Register(ctx context.Context, c *access.Caller, rows []*intake.Row, done func(context.Context, *access.Pass) error) error {
	for _, row := range rows {
		if r.names[row.Reference] {
			return fault.InvalidField("identifier", "exists")
		}
	}
	return r.Cases.Register(ctx, c, rows, done)
}

// waiting is the real register, stopped before a batch.
type waiting struct {
	intake.Cases
	batch  int
	before func(batch int)
}

func (w *waiting) Register(ctx context.Context, c *access.Caller, rows []*intake.Row, done func(context.Context, *access.Pass) error) error {
	w.batch++
	w.before(w.batch)
	return w.Cases.Register(ctx, c, rows, done)
}

func TestBackgroundAndPause(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, children(600))
		reached, proceed := make(chan struct{}), make(chan struct{})
		s := o.restart(&waiting{Cases: o.cases, before: func(batch int) {
			if batch == 2 {
				close(reached)
				<-proceed
			}
		}})
		if err := s.Begin(ctx, o.boss, ident.New[ident.Command](), im.ID); err != nil {
			t.Fatal(err)
		}
		<-reached
		if err := s.Begin(ctx, o.boss, ident.New[ident.Command](), im.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("begun twice: %v", err)
		}
		if err := s.Pause(ctx, o.boss, ident.New[ident.Command](), im.ID); err != nil {
			t.Fatal(err)
		}
		close(proceed)
		s.Close()
		got, err := o.imports.Get(ctx, o.boss, im.ID)
		if err != nil || got.State != intake.Paused {
			t.Fatalf("got %+v, %v; want paused", got, err)
		}
		if n := o.count(t); int64(n) != got.Registered {
			t.Errorf("%d cases, %d registered", n, got.Registered)
		}
		if err := s.Begin(ctx, o.boss, ident.New[ident.Command](), im.ID); !fault.Is(err, fault.Unavailable) {
			t.Errorf("begun after closing: %v", err)
		}
		if _, err := o.imports.Run(ctx, o.boss, im.ID, nil); err != nil || o.count(t) != 600 {
			t.Errorf("%d cases, %v; want 600", o.count(t), err)
		}
	})
}
