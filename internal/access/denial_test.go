package access_test

import (
	"errors"
	"sync"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store/storetest"
)

// TestUnknownAndForbiddenAreTheSame: the same answer, the same steps in the
// database, and entries that differ in nothing but the case named.
func TestUnknownAndForbiddenAreTheSame(t *testing.T) {
	var mu sync.Mutex
	var steps []string
	trace := func(op string) error {
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, op)
		return nil
	}
	taken := func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := steps
		steps = nil
		return out
	}
	o := officeWith(t, hook(trace))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	for _, role := range []string{access.RoleCaseWorker, access.RoleSupervisor, access.RoleNodeOperator, access.RoleAuditor} {
		for _, how := range []struct {
			name string
			try  func(c *access.Caller, id ident.Case) error
		}{
			{"command", func(c *access.Caller, id ident.Case) error {
				_, err := o.Gate.Do(ctx, c, access.Act{Action: "case.note", Purpose: "case-work", Case: id, Command: command()}, nothing)
				return err
			}},
			{"look", func(c *access.Caller, id ident.Case) error {
				return o.Gate.View(ctx, c, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(*access.Pass) error { return nil })
			}},
		} {
			c := o.Person(role, o.South)
			_ = how.try(c, id) // prepares the statements
			taken()
			forbidden := how.try(c, id)
			one := taken()
			unknown := how.try(c, ident.New[ident.Case]())
			two := taken()
			refused(t, how.name+" of a forbidden case", forbidden)
			refused(t, how.name+" of an unknown case", unknown)
			if forbidden.Error() != unknown.Error() {
				t.Errorf("%s by a %s: %q and %q", how.name, role, forbidden, unknown)
			}
			equal(t, how.name+" by a "+role+": steps of an unknown case", two, one)
			h := last(t, o, 2)
			a, b := *h[0], *h[1]
			for _, x := range []*journal.Header{&a, &b} {
				x.ID, x.Salt, x.At, x.Subjects, x.Command = nil, nil, 0, nil, nil
			}
			if a.Reason != b.Reason || a.What != b.What || a.Outcome != journal.Denied || b.Outcome != journal.Denied || a.Basis != b.Basis {
				t.Errorf("%s by a %s: entries %+v and %+v", how.name, role, a, b)
			}
		}
	}
}

// hook is a store's fault hook that never fails.
type hook func(op string) error

func (h hook) Hook(op string) error { return h(op) }

// TestDenialsAreSummed: the first twenty of a person are entries of their own,
// then fifty are one; after ten minutes it begins anew. Each waits longer for
// its answer than others do.
func TestDenialsAreSummed(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	curious := o.Person(access.RoleCaseWorker, o.South)
	denied := func() (out []int64) {
		for _, h := range o.Entries(t) {
			if h.Outcome == journal.Denied {
				out = append(out, h.Count)
			}
		}
		return out
	}
	for range 20 {
		refused(t, "one of the first", does(o, curious, "case.note", id))
	}
	if got := denied(); len(got) != 20 || got[0] != 1 || got[19] != 1 {
		t.Fatalf("entries of the first twenty = %v, want each its own", got)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { refused(t, "one of many", does(o, curious, "case.note", id)) })
	}
	// Somebody else is served while these wait.
	if err := does(o, worker, "case.note", id); err != nil {
		t.Errorf("the worker meanwhile: %v", err)
	}
	wg.Wait()
	if got := denied(); len(got) != 21 || got[20] != 50 {
		t.Errorf("entries = %v, want one more that sums up fifty", got)
	}
	wait(o)
	refused(t, "later", does(o, curious, "case.note", id))
	if got := denied(); len(got) != 22 || got[21] != 1 {
		t.Errorf("entries = %v, want the count to begin anew", got)
	}
}

// TestSummedDenialsAreNotLost: what was counted but not entered yet comes with
// the next entry.
func TestSummedDenialsAreNotLost(t *testing.T) {
	o := accesstest.New(t)
	curious := o.Person(access.RoleCaseWorker, o.South)
	for range 23 {
		refused(t, "denial", does(o, curious, "case.note", ident.New[ident.Case]()))
	}
	wait(o)
	refused(t, "later", does(o, curious, "case.note", ident.New[ident.Case]()))
	var total int64
	for _, h := range o.Entries(t) {
		total += h.Count
	}
	if total != 24 {
		t.Errorf("denials entered = %d, want 24", total)
	}
}

// TestDenialsAreEnteredAtTheEnd: what was counted and not entered yet is entered
// when the node is closed, once, and is not lost when that fails.
func TestDenialsAreEnteredAtTheEnd(t *testing.T) {
	faults := &storetest.Faults{}
	o := officeWith(t, faults)
	people := []*access.Caller{o.Person(access.RoleCaseWorker, o.South), o.Person(access.RoleAuditor, o.South)}
	for _, c := range people {
		for range 23 {
			refused(t, "denial", does(o, c, "case.note", ident.New[ident.Case]()))
		}
	}
	entered := func() map[ident.Staff]int64 {
		total := map[ident.Staff]int64{}
		for _, h := range o.Entries(t) {
			total[ident.Staff(h.Actor)] += h.Count
			if h.Outcome != journal.Denied || h.What != "case.note" || h.Reason == "" {
				t.Errorf("entry = %+v, want a denial of a note", h)
			}
		}
		return total
	}
	expect := func(when string, want int64) {
		t.Helper()
		got := entered()
		for _, c := range people {
			if got[c.Staff()] != want {
				t.Errorf("%s: denials entered = %d, want %d", when, got[c.Staff()], want)
			}
		}
	}
	expect("before", 20)
	faults.Add("commit", errors.New("disk broken"))
	if err := o.Gate.EnterDenials(ctx); err == nil {
		t.Error("a commit that failed: no error")
	}
	expect("after a failure", 20)
	for range 2 {
		if err := o.Gate.EnterDenials(ctx); err != nil {
			t.Fatal(err)
		}
		expect("at the end", 23)
	}
}

// TestBlindAnswersAreTries: whoever asks what nobody answers counts as if refused,
// so that numbers are not tried for long; a journal of refusals holds none of it.
func TestBlindAnswersAreTries(t *testing.T) {
	o := accesstest.New(t)
	curious := o.Person(access.RoleCaseWorker, o.South)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := o.Gate.Blind(ctx, curious, func() error { return nil }); err != nil {
				t.Errorf("a blind answer: %v", err)
			}
		})
	}
	wg.Wait()
	n := len(o.Entries(t))
	refused(t, "afterwards", does(o, curious, "case.note", ident.New[ident.Case]()))
	if after := len(o.Entries(t)); after != n || n != 0 {
		t.Errorf("entries = %d and then %d, want the refusal held back and summed", n, after)
	}
	fails := errors.New("nothing written")
	if err := o.Gate.Blind(ctx, o.Person(access.RoleCaseWorker, o.North), func() error { return fails }); !errors.Is(err, fails) {
		t.Errorf("a failure is told as %v", err)
	}
}
