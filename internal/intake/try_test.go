package intake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake"
)

// asked is the real register that tells when the dry run asks for a worker.
type asked struct {
	intake.Cases
	on map[string]func()
}

func (a *asked) Worker(ctx context.Context, signIn string) bool {
	if do := a.on[signIn]; do != nil {
		do()
	}
	return a.Cases.Worker(ctx, signIn)
}

// led is a file of n children, each with a worker of their own: w1, w2 and so on.
func led(n int) string {
	var b strings.Builder
	b.WriteString("name,worker\n")
	for i := range n {
		fmt.Fprintf(&b, "Mina Karo%c,w%d\n", 'a'+i%26, i+1)
	}
	return b.String()
}

// received takes a file in and returns it with what its columns are taken for.
func (o *office) received(t testing.TB, text string) (ident.Import, intake.Mapping) {
	t.Helper()
	id, err := o.imports.Receive(ctx, o.boss, ident.Command{}, "children.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.imports.Look(ctx, o.boss, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer(t, &p.Mapping)
	return id, p.Mapping
}

func (o *office) get(t testing.TB, s *intake.Imports, id ident.Import) *intake.Import {
	t.Helper()
	im, err := s.Get(ctx, o.boss, id)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// settled waits until nothing runs for an import any more.
func (o *office) settled(t testing.TB, s *intake.Imports, id ident.Import) *intake.Import {
	t.Helper()
	for {
		im := o.get(t, s, id)
		if im.State != intake.Checking && im.State != intake.Running {
			return im
		}
		time.Sleep(time.Millisecond)
	}
}

func command() ident.Command { return ident.New[ident.Command]() }

// TestCheckInBackground looks at a dry run on its way: it says how far it is, and
// cannot be overtaken by the registration.
func TestCheckInBackground(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, m := o.received(t, led(600))
		reached, proceed := make(chan struct{}), make(chan struct{})
		s := o.restart(&asked{o.cases, map[string]func(){
			"w250": func() { o.Clock.Advance(2 * time.Second) },
			"w350": func() { close(reached); <-proceed },
		}})
		cmd := command()
		if err := s.BeginCheck(ctx, o.boss, cmd, id, &m); err != nil {
			t.Fatal(err)
		}
		<-reached
		im := o.get(t, o.imports, id)
		if im.State != intake.Checking || im.LastRow != 300 || im.Total < 300 {
			t.Errorf("got %s, %d rows of %d, want checking, 300 of about 600", im.State, im.LastRow, im.Total)
		}
		if err := s.Begin(ctx, o.boss, command(), id); !fault.Is(err, fault.Conflict) {
			t.Errorf("registering during the dry run: %v, want a conflict", err)
		}
		if err := s.BeginCheck(ctx, o.boss, cmd, id, &m); err != nil { // the same form again
			t.Errorf("the same form again: %v", err)
		}
		close(proceed)
		if im = o.settled(t, s, id); im.State != intake.Checked || im.Total != 600 || im.Ready != 600 || im.LastRow != 0 || o.count(t) != 0 {
			t.Errorf("got %s, %d ready of %d, %d cases; want checked, 600 of 600, none", im.State, im.Ready, im.Total, o.count(t))
		}
	})
}

// TestCheckIsStopped stops a dry run; it begins again from the start when asked.
func TestCheckIsStopped(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, m := o.received(t, led(300))
		reached, proceed := make(chan struct{}), make(chan struct{})
		s := o.restart(&asked{o.cases, map[string]func(){"w50": func() { close(reached); <-proceed }}})
		if err := s.BeginCheck(ctx, o.boss, command(), id, &m); err != nil {
			t.Fatal(err)
		}
		<-reached
		if err := s.Pause(ctx, o.boss, command(), id); err != nil {
			t.Fatal(err)
		}
		close(proceed)
		s.Close()
		if im := o.get(t, s, id); im.State != intake.Mapped || im.Failure != "" || im.Report != nil || im.Total != 0 {
			t.Errorf("got %s %q, %d rows; want mapped and nothing else", im.State, im.Failure, im.Total)
		}
		again := o.restart(&o.cases)
		if err := again.BeginCheck(ctx, o.boss, command(), id, nil); err != nil {
			t.Fatal(err)
		}
		again.Close()
		if im := o.get(t, again, id); im.State == intake.Checking || im.Failure != "" {
			t.Errorf("begun again: %s %q", im.State, im.Failure)
		}
		if im, err := o.imports.Check(ctx, o.boss, id, nil); err != nil || im.State != intake.Checked || im.Ready != 300 {
			t.Errorf("tried again: %+v, %v", im, err)
		}
	})
}

// TestCheckAfterACrash: a process that dies says nothing. The import is "checking"
// until it has been silent for a while, and then waits for somebody to try again;
// trying again at once is no harm.
func TestCheckAfterACrash(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, m := o.received(t, led(120))
		die := func() {
			defer func() { _ = recover() }() // nothing is written at the end
			s := o.restart(&asked{o.cases, map[string]func(){"w100": func() { panic(errors.New("killed")) }}})
			if err := s.Map(ctx, o.boss, id, m); err != nil {
				t.Fatal(err)
			}
			_, _ = s.Check(ctx, o.boss, id, nil)
		}
		die()
		if im := o.get(t, o.imports, id); im.State != intake.Checking {
			t.Fatalf("just after it: %s, want checking", im.State)
		}
		if im, err := o.imports.Check(ctx, o.boss, id, nil); err != nil || im.Ready != 120 {
			t.Fatalf("tried again at once: %v", err)
		}
		die()
		o.Clock.Advance(2 * time.Minute)
		if im := o.get(t, o.imports, id); im.State != intake.Mapped || im.Failure != "import-broken-off" {
			t.Fatalf("after two silent minutes: %s %q, want mapped, broken off", im.State, im.Failure)
		}
		if _, err := o.imports.Run(ctx, o.boss, id, nil); fault.CodeOf(err) != "import-not-checked" {
			t.Errorf("registering then: %v, want it refused", err)
		}
		if im, err := o.imports.Check(ctx, o.boss, id, nil); err != nil || im.State != intake.Checked || im.Failure != "" {
			t.Fatalf("tried again: %+v, %v", im, err)
		}
		if im, err := o.imports.Run(ctx, o.boss, id, nil); err != nil || im.Registered != 120 || o.count(t) != 120 {
			t.Errorf("registered: %d cases, %v", o.count(t), err)
		}
	})
}

// TestChosenAnewDuringTheCheck: the dry run of an earlier choice stops, and its
// report never stands under the later one.
func TestChosenAnewDuringTheCheck(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, m := o.received(t, led(300))
		reached, proceed := make(chan struct{}), make(chan struct{})
		s := o.restart(&asked{o.cases, map[string]func(){"w50": func() { close(reached); <-proceed }}})
		if err := s.BeginCheck(ctx, o.boss, command(), id, &m); err != nil {
			t.Fatal(err)
		}
		<-reached
		m.Columns[1].Field = intake.Skip // the workers: nobody is asked any more
		if err := s.BeginCheck(ctx, o.boss, command(), id, &m); err != nil {
			t.Fatal(err)
		}
		close(proceed)
		im := o.settled(t, s, id)
		if im.State != intake.Checked || im.Mapping.Columns[1].Field != intake.Skip || im.Report.Columns[1].Field != intake.Skip {
			t.Errorf("got %s %q, columns %v: want the report of the later choice", im.State, im.Failure, im.Mapping.Columns)
		}
	})
}

func TestCheckThatFailsSaysWhy(t *testing.T) {
	o := open(t, accesstest.New(t))
	id, m := o.received(t, led(3))
	files, err := filepath.Glob(filepath.Join(o.dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files in the spool, want 1", len(files))
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	if err := o.imports.BeginCheck(ctx, o.boss, command(), id, &m); err != nil {
		t.Fatal(err)
	}
	o.imports.Close()
	if im := o.get(t, o.imports, id); im.State != intake.Mapped || im.Failure != "file-gone" {
		t.Errorf("got %s %q, want mapped, file-gone", im.State, im.Failure)
	}
}

// TestFormsSentTwice: each step under one command is done once, and its repeat
// answers as the first did.
func TestFormsSentTwice(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		cmd := command()
		first, err := o.imports.Receive(ctx, o.boss, cmd, "a.csv", strings.NewReader(children(120)))
		if err != nil {
			t.Fatal(err)
		}
		again, err := o.imports.Receive(ctx, o.boss, cmd, "a.csv", strings.NewReader(children(120)))
		if err != nil || again != first {
			t.Errorf("the file again: %v, %v; want the first import", again, err)
		}
		if list, err := o.imports.List(ctx, o.boss); err != nil || len(list) != 1 {
			t.Errorf("%d imports, %v; want 1", len(list), err)
		}
		if files, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(files) != 1 {
			t.Errorf("%d files in the spool, want 1", len(files))
		}
		im := o.checked(t, children(600))
		reached, proceed := make(chan struct{}), make(chan struct{})
		s := o.restart(&waiting{Cases: o.cases, before: func(batch int) {
			if batch == 2 {
				close(reached)
				<-proceed
			}
		}})
		start, pause := command(), command()
		if err := s.Begin(ctx, o.boss, start, im.ID); err != nil {
			t.Fatal(err)
		}
		<-reached
		for range 2 {
			if err := s.Begin(ctx, o.boss, start, im.ID); err != nil {
				t.Errorf("the start again, while it runs: %v", err)
			}
		}
		if err := s.Pause(ctx, o.boss, pause, im.ID); err != nil {
			t.Fatal(err)
		}
		close(proceed)
		s.Close()
		s = o.restart(&o.cases)
		if err := s.Begin(ctx, o.boss, start, im.ID); err != nil || o.get(t, s, im.ID).State != intake.Paused {
			t.Errorf("the start again, when it is paused: %v, %s; want nothing to happen", err, o.get(t, s, im.ID).State)
		}
		if err := s.Begin(ctx, o.boss, command(), im.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.Pause(ctx, o.boss, pause, im.ID); err != nil {
			t.Errorf("the pause again: %v", err)
		}
		o.settled(t, s, im.ID)
		if err := o.imports.Begin(ctx, o.boss, start, im.ID); err != nil {
			t.Errorf("the start again, when it is done: %v", err)
		}
		s.Close()
		if done := o.get(t, s, im.ID); done.State != intake.Done || done.Registered != 600 || o.count(t) != 600 {
			t.Errorf("%s, %d registered, %d cases; want done, 600, 600", done.State, done.Registered, o.count(t))
		}
		away := command()
		for range 2 {
			if err := o.imports.Discard(ctx, o.boss, away, im.ID); err != nil {
				t.Errorf("discard: %v", err)
			}
		}
		if err := o.imports.Discard(ctx, o.boss, command(), im.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another discard: %v, want nothing there", err)
		}
	})
}
