package access_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestCommandIsEntered: what was done, by whom, in which role, why and by which
// rule; what the command wrote; and nothing when it fails.
func TestCommandIsEntered(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		first := last(t, o, 1)[0]
		if len(first.Commitments) != 1 || first.Action != journal.Create || !first.Chained || first.Prev != nil {
			t.Errorf("registration = %+v, want the new key's commitment and the beginning of a chain", first)
		}
		cmd, row := command(), make([]byte, 16)
		_, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.risk", Purpose: "case-work", Case: id, Command: cmd},
			func(p *access.Pass) (string, error) {
				p.Wrote("casework_event", row, 1, row)
				p.Payload([]byte("sealed"))
				return "made", nil
			})
		if err != nil {
			t.Fatal(err)
		}
		h := last(t, o, 1)[0]
		staff, session, unit := worker.Staff(), worker.Session(), worker.Unit()
		got := []string{
			h.Action, h.What, h.Purpose, h.Outcome, h.Role, h.Via, h.Zone, h.Strength, string(h.Actor), string(h.Session),
			string(h.Unit), string(h.Command), string(h.Subjects[0]),
		}
		want := []string{
			journal.Decide, "case.risk", "case-work", journal.OK, access.RoleCaseWorker, "web", "inside", "passkey",
			string(staff[:]), string(session[:]), string(unit[:]), string(cmd[:]), string(id[:]),
		}
		equal(t, "entry", got, want)
		if h.Basis == "" || len(h.Rows) != 1 || h.Rows[0].Table != "casework_event" || h.Payload == nil || h.Prev == nil {
			t.Errorf("entry = %+v", h)
		}
		before := len(o.Entries(t))
		broken := errors.New("broken")
		if _, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.note", Purpose: "case-work", Case: id},
			func(p *access.Pass) (string, error) { return "", errors.Join(p.Permit(ctx, "x", "y"), broken) }); !errors.Is(err, broken) {
			t.Errorf("error = %v, want the function's", err)
		}
		if after := len(o.Entries(t)); after != before {
			t.Errorf("a command that failed made %d entries", after-before)
		}
	})
}

// TestCommandTwice: a form sent twice does its work once, and nobody else can
// fetch its result.
func TestCommandTwice(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		runs := 0
		a := access.Act{Action: "case.note", Purpose: "case-work", Case: id, Command: command()}
		run := func(c *access.Caller, a access.Act) (string, error) {
			return o.Gate.Do(ctx, c, a, func(*access.Pass) (string, error) {
				runs++
				return "first result", nil
			})
		}
		for range 3 {
			if got, err := run(worker, a); err != nil || got != "first result" {
				t.Errorf("result = %q, %v, want the first", got, err)
			}
		}
		if n := len(last(t, o, 2)); n != 2 || len(o.Entries(t)) != 2 {
			t.Errorf("entries = %d, want the registration and one note", len(o.Entries(t)))
		}
		// The same person in another session, later.
		wait(o)
		again := o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.North})
		if got, err := run(again, a); err != nil || got != "first result" {
			t.Errorf("in another session = %q, %v", got, err)
		}
		// The case has gone out of reach: the answer stays, nothing is done.
		boss := o.Person(access.RoleSupervisor, o.North)
		if _, err := run(boss, a); !fault.Is(err, fault.NotFound) {
			t.Errorf("by somebody else = %v, want refused", err)
		}
		other := a
		other.Action = "case.close"
		if _, err := run(worker, other); !fault.Is(err, fault.NotFound) {
			t.Errorf("as another action = %v, want refused", err)
		}
		equal(t, "reasons", reasons(t, o), []string{"command-of-another", "command-of-another"})
	})
}

// TestCommandsAtOnce sends one form many times at the same moment.
func TestCommandsAtOnce(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		a := access.Act{Action: "case.note", Purpose: "case-work", Case: id, Command: command()}
		var wg sync.WaitGroup
		results := make([]string, 12)
		for i := range results {
			wg.Go(func() {
				mine := ident.New[ident.Event]().String()
				got, err := o.Gate.Do(ctx, worker, a, func(*access.Pass) (string, error) { return mine, nil })
				if err != nil {
					t.Errorf("command = %v", err)
				}
				results[i] = got
			})
		}
		wg.Wait()
		slices.Sort(results)
		if results[0] == "" || len(slices.Compact(results)) != 1 {
			t.Errorf("results = %q, want one for all", results)
		}
		if n := len(o.Entries(t)); n != 2 {
			t.Errorf("entries = %d, want the registration and one note", n)
		}
	})
}

// looks counts the entries of looks at a case.
func looks(t testing.TB, o *accesstest.Office) int {
	t.Helper()
	n := 0
	for _, h := range o.Entries(t) {
		if h.Action == journal.Read || h.Action == journal.Print {
			n++
		}
	}
	return n
}

// TestLookIsEnteredFirst: the entry is committed before the function runs.
func TestLookIsEnteredFirst(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		o.Entries(t)
		err := o.Gate.View(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(p *access.Pass) error {
			line, err := o.Journal.Find(ctx, p.Tx(), p.Entry())
			if err != nil {
				return err
			}
			if h := line.Header; h.Action != journal.Read || string(h.Subjects[0]) != string(id[:]) || h.Purpose != "case-work" {
				t.Errorf("entry before the look = %+v", h)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestRepeatedLook: within ten minutes one session's looks at one case for one
// purpose are one entry; anything else is another.
func TestRepeatedLook(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id, other := register(t, o, worker), register(t, o, worker)
		look := func(c *access.Caller, action, purpose string, id ident.Case) {
			t.Helper()
			if err := o.Gate.View(ctx, c, access.Act{Action: action, Purpose: purpose, Case: id}, func(*access.Pass) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		elsewhere := o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.North})
		steps := []struct {
			name string
			do   func()
			more int
		}{
			{"the first look", func() { look(worker, "case.open", "case-work", id) }, 1},
			{"at once again", func() { look(worker, "case.open", "case-work", id) }, 0},
			{"nine minutes later", func() { o.Clock.Advance(9 * time.Minute); look(worker, "case.open", "case-work", id) }, 0},
			{"another case", func() { look(worker, "case.open", "case-work", other) }, 1},
			{"another purpose", func() { look(worker, "case.open", "child-request", id) }, 1},
			{"another action", func() { look(worker, "case.wholooked", "case-work", id) }, 1},
			{"another session", func() { look(elsewhere, "case.open", "case-work", id) }, 1},
			{"ten minutes after the first", func() { o.Clock.Advance(time.Minute); look(worker, "case.open", "case-work", id) }, 1},
			{"after signing out", func() { o.Gate.SignedOut(worker.Session()); look(worker, "case.open", "case-work", id) }, 1},
			{"signing out elsewhere", func() { o.Gate.SignedOut(ident.New[ident.Session]()); look(worker, "case.open", "case-work", id) }, 0},
			{"the clock set back", func() { o.Clock.Advance(-5 * time.Minute); look(worker, "case.open", "case-work", id) }, 1},
			{"paper", func() { look(worker, "case.print", "case-work", id) }, 1},
			{"paper once more", func() { look(worker, "case.print", "case-work", id) }, 1},
		}
		seen := 0
		for _, s := range steps {
			s.do()
			seen += s.more
			if got := looks(t, o); got != seen {
				t.Errorf("%s: entries = %d, want %d", s.name, got, seen)
				seen = got
			}
		}
	})
}

// TestNoLookWithoutEntry: when the entry cannot be written, nothing is opened.
func TestNoLookWithoutEntry(t *testing.T) {
	faults := &storetest.Faults{}
	o := officeWith(t, faults)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	for _, op := range []string{"batch", "commit"} {
		faults.Add(op, errors.New("disk broken"))
		err := o.Gate.View(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(*access.Pass) error {
			t.Errorf("%s failed, and the function ran", op)
			return nil
		})
		if err == nil {
			t.Errorf("%s failed: no error", op)
		}
	}
	if err := o.Gate.View(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(*access.Pass) error { return nil }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if got := looks(t, o); got != 1 {
		t.Errorf("looks entered = %d, want the one that happened", got)
	}
}

// TestNothingWrittenWithoutEntry: a command whose entry or commit fails leaves no
// change.
func TestNothingWrittenWithoutEntry(t *testing.T) {
	faults := &storetest.Faults{}
	o := officeWith(t, faults)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	for _, op := range []string{"batch", "commit"} {
		faults.Add(op, errors.New("disk broken"))
		_, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.note", Purpose: "case-work", Case: id, Command: command()},
			func(p *access.Pass) (string, error) { return "", p.Permit(ctx, "sharing", op) })
		if err == nil {
			t.Errorf("%s failed: no error", op)
		}
	}
	var permits int64
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM access_permit`).Scan(&permits)
	})
	if err != nil || permits != 0 {
		t.Errorf("permits = %d, %v, want none", permits, err)
	}
	if n := len(o.Entries(t)); n != 1 {
		t.Errorf("entries = %d, want the registration alone", n)
	}
}

// TestList: the page's cases are one entry, committed before any is opened; a row
// that was not allowed cannot be shown.
func TestList(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker, other := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.North)
		a, b, hidden := register(t, o, worker), register(t, o, worker), register(t, o, other)
		act := access.Act{Action: "case.list", Purpose: "case-work"}
		err := o.Gate.List(ctx, worker, act, func(p *access.Pass) ([]ident.Case, error) {
			visible, err := p.Visible(ctx, []ident.Case{a, hidden, b, ident.New[ident.Case]()})
			if !slices.Equal(visible, []bool{true, false, true, false}) {
				t.Errorf("visible = %v", visible)
			}
			if _, err := p.Opener(a); !fault.Is(err, fault.Denied) {
				t.Errorf("an opener before the entry = %v, want denied", err)
			}
			return []ident.Case{a, b}, err
		}, func(p *access.Pass) error {
			line, err := o.Journal.Find(ctx, p.Tx(), p.Entry())
			if err != nil {
				return err
			}
			h := line.Header
			if h.Action != journal.List || len(h.Subjects) != 2 || h.Payload != nil || h.Chained {
				t.Errorf("entry = %+v, want a list of two cases", h)
			}
			for id, want := range map[ident.Case]bool{a: true, b: true, hidden: false} {
				if _, err := p.Opener(id); (err == nil) != want {
					t.Errorf("opener = %v, want allowed %v", err, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, pick := range map[string]func(p *access.Pass) ([]ident.Case, error){
			"a row that was refused": func(p *access.Pass) ([]ident.Case, error) {
				_, err := p.Visible(ctx, []ident.Case{hidden})
				return []ident.Case{hidden}, err
			},
			"a row nobody asked about": func(*access.Pass) ([]ident.Case, error) { return []ident.Case{a}, nil },
		} {
			err := o.Gate.List(ctx, worker, act, pick, func(*access.Pass) error {
				t.Errorf("%s was shown", name)
				return nil
			})
			if !fault.Is(err, fault.Internal) {
				t.Errorf("%s: %v, want a fault of the program", name, err)
			}
		}
		before := len(o.Entries(t))
		err = o.Gate.List(ctx, worker, act, func(*access.Pass) ([]ident.Case, error) { return nil, nil }, func(*access.Pass) error { return nil })
		if err != nil || len(o.Entries(t)) != before+1 {
			t.Errorf("an empty list: %v, entries +%d, want one", err, len(o.Entries(t))-before)
		}
		err = o.Gate.List(ctx, o.Person(access.RoleAuditor, o.Head), act, func(*access.Pass) ([]ident.Case, error) {
			t.Error("an auditor could pick")
			return nil, nil
		}, nil)
		refused(t, "an auditor's list", err)
	})
}

// TestWorkOfJobs: a job that keeps running is entered once an hour; a person
// cannot run it.
func TestWorkOfJobs(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		job, act := o.Gate.Job("search-index"), access.Act{Action: "job.searchindex", Purpose: "maintenance"}
		runs := 0
		work := func(c *access.Caller, a access.Act) error {
			return o.Gate.Work(ctx, c, a, func(*access.Pass) error { runs++; return nil })
		}
		for range 3 {
			if err := work(job, act); err != nil {
				t.Fatal(err)
			}
			o.Clock.Advance(25 * time.Minute)
		}
		if err := work(job, act); err != nil {
			t.Fatal(err)
		}
		if n := len(o.Entries(t)); n != 2 || runs != 4 {
			t.Errorf("entries = %d of %d runs, want 2 of 4", n, runs)
		}
		refused(t, "a person", work(o.Person(access.RoleSupervisor, o.North), act))
		refused(t, "another job", work(o.Gate.Job("rewrap"), act))
		refused(t, "nobody", work(nil, act))
		if runs != 4 {
			t.Error("a refused job ran")
		}
	})
}

// TestOwn lets a person see what is their own, and no job or stranger.
func TestOwn(t *testing.T) {
	o := accesstest.New(t)
	ran := false
	own := func(c *access.Caller) error {
		return o.Gate.Own(ctx, c, func(p *access.Pass) error {
			ran = true
			if _, err := p.Opener(ident.New[ident.Case]()); !fault.Is(err, fault.Denied) {
				t.Errorf("an opener for one's own = %v, want denied", err)
			}
			return nil
		})
	}
	if err := own(o.Person(access.RoleCaseWorker, o.North)); err != nil || !ran {
		t.Errorf("own = %v", err)
	}
	ran = false
	refused(t, "nobody", own(nil))
	refused(t, "a job", own(o.Gate.Job("rewrap")))
	if ran {
		t.Error("what was refused ran")
	}
}

// TestFullDisk: nothing new is written, a record can still be read.
func TestFullDisk(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	o.Gate.Full(true)
	if err := does(o, worker, "case.note", id); fault.CodeOf(err) != "disk-full" {
		t.Errorf("a command on a full disk = %v, want disk-full", err)
	}
	if err := o.Gate.Group(ctx, func(*access.Gate) error { return nil }); fault.CodeOf(err) != "disk-full" {
		t.Errorf("a group on a full disk = %v, want disk-full", err)
	}
	if err := o.Gate.View(ctx, worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(*access.Pass) error { return nil }); err != nil {
		t.Errorf("a look on a full disk = %v", err)
	}
	o.Gate.Full(false)
	if err := does(o, worker, "case.note", id); err != nil {
		t.Errorf("with space again = %v", err)
	}
}
