package casework_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// people is an invented roster.
type people struct {
	gone    []ident.Staff
	deputy  map[ident.Staff]ident.Staff
	heir    map[ident.Staff]ident.Staff
	boss    map[ident.Staff]ident.Staff
	above   map[ident.Unit][]casework.Post
	team    map[ident.Unit][]ident.Staff
	duty    map[ident.Unit]ident.Unit
	deputed func() // called at each question for a deputy
}

func (p *people) Works(s ident.Staff) bool { return !slices.Contains(p.gone, s) }
func (p *people) Gone() []ident.Staff      { return p.gone }
func (p *people) Deputy(s ident.Staff) (ident.Staff, bool) {
	if p.deputed != nil {
		p.deputed()
	}
	d, ok := p.deputy[s]
	return d, ok
}
func (p *people) Heir(s ident.Staff) (ident.Staff, bool)       { h, ok := p.heir[s]; return h, ok }
func (p *people) Supervisor(s ident.Staff) (ident.Staff, bool) { b, ok := p.boss[s]; return b, ok }
func (p *people) Above(u ident.Unit) []casework.Post           { return p.above[u] }

// Duty returns the unit named for another, or that one.
func (p *people) Duty(u ident.Unit) ident.Unit {
	if d, ok := p.duty[u]; ok {
		return d
	}
	return u
}

// Team returns the units below some units, with the people of team.
func (p *people) Team(units ...ident.Unit) (out []casework.Post) {
	for unit, above := range p.above {
		if slices.ContainsFunc(above, func(a casework.Post) bool { return slices.Contains(units, a.Unit) }) {
			out = append(out, casework.Post{Unit: unit, Staff: p.team[unit]})
		}
	}
	return out
}

// staffed gives the office a roster: a supervisor for North and one for Head.
func (o *office) staffed() (p *people, north, head *access.Caller) {
	north, head = o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.Head)
	top := casework.Post{Unit: o.Head, Staff: []ident.Staff{head.Staff()}}
	p = &people{
		deputy: map[ident.Staff]ident.Staff{}, boss: map[ident.Staff]ident.Staff{},
		above: map[ident.Unit][]casework.Post{
			o.North: {{Unit: o.North, Staff: []ident.Staff{north.Staff()}}, top},
			o.South: {{Unit: o.South}, top}, o.Head: {top},
		},
	}
	o.room.Staffed(func(context.Context) (casework.Roster, error) { return p, nil })
	return p, north, head
}

// tick lets time pass and the clock act, and returns in how many cases it did.
func (o *office) tick(t testing.TB, d time.Duration) int {
	t.Helper()
	o.Clock.Advance(d)
	n, err := o.room.StepDeadlines(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// taken returns the steps of a case as its timeline tells them, oldest first.
func (o *office) taken(t testing.TB, c *access.Caller, id ident.Case) (out []string) {
	t.Helper()
	child, err := o.room.Open(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(child.Events) - 1; i >= 0; i-- {
		for _, s := range child.Events[i].Taken {
			out = append(out, s.Kind+" "+s.Step)
		}
	}
	return out
}

func TestTheClockActs(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, _, head := o.staffed()
		c, began := o.Person(access.RoleCaseWorker, o.North), o.Clock.Now()
		id := register(t, o, c) // first contact within 24 hours
		if n := o.tick(t, 11*time.Hour); n != 0 {
			t.Errorf("%d cases stepped before half the time was over", n)
		}
		if n := o.tick(t, time.Hour); n != 1 {
			t.Errorf("%d cases reminded, want 1", n)
		}
		for range 3 { // again and again: nothing more
			if n := o.tick(t, time.Hour); n != 0 {
				t.Errorf("stepped twice")
			}
		}
		want(t, o.taken(t, c, id), "first_contact remind")
		o.tick(t, 9*time.Hour)
		o.tick(t, 12*time.Hour)
		want(t, o.taken(t, c, id), "first_contact remind", "first_contact alert", "first_contact escalate")
		ok(t, o.room.AddNote(ctx, c, command(), id, casework.Note{Kind: "home_visit", Seen: sealed.NewText("calm")}))
		o.tick(t, 24*time.Hour)
		want(t, o.taken(t, c, id), "first_contact remind", "first_contact alert", "first_contact escalate")
		if rows, err := o.room.Open(ctx, head, id); err != nil || rows.Case.UpdatedAt.After(began.Add(37*time.Hour)) {
			t.Errorf("the clock counted as work on the case: %v", err)
		}
	})
}

func TestANodeThatStoodStillTakesEveryStepOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c)
		o.tick(t, 60*24*time.Hour)
		o.tick(t, 0)
		got := o.taken(t, c, id)
		slices.Sort(got)
		want(t, got, "assessment alert", "assessment escalate", "assessment escalate", "assessment remind",
			"first_contact alert", "first_contact escalate", "first_contact escalate", "first_contact remind")
	})
}

func TestUnitWithoutSupervisorIsPassedOver(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.staffed()
		c := o.Person(access.RoleCaseWorker, o.South)
		id := register(t, o, c)
		o.tick(t, 60*24*time.Hour)
		child, err := o.room.Open(ctx, c, id)
		ok(t, err)
		n := 0
		for _, e := range child.Events {
			for _, s := range e.Taken {
				if s.Step == deadline.StepEscalate {
					n++
					if ident.Unit(s.Unit) != o.Head {
						t.Error("escalated to a unit in which nobody supervises")
					}
				}
			}
		}
		if n != 2 {
			t.Errorf("%d escalations, want one for each of two deadlines", n)
		}
	})
}

func TestDeputyIsToldAndOwnerStays(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, _, _ := o.staffed()
		c, deputy := o.Person(access.RoleCaseWorker, o.North), ident.New[ident.Staff]()
		id := register(t, o, c)
		p.deputy[c.Staff()] = deputy
		o.tick(t, 12*time.Hour)
		o.tick(t, 12*time.Hour)
		want(t, o.taken(t, c, id), "first_contact remind", "first_contact hand", "first_contact alert")
		o.deadlines(t, id, func(d *deadline.Deadline) {
			if d.Owner != c.Staff() {
				t.Error("the deputy owns the deadline")
			}
		})
	})
}

func TestWhatSomebodyLeavesBehindGoesToTheSupervisor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, north, head := o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		id, closed := register(t, o, c), register(t, o, c, func(g *casework.Registration) { g.Stage = casework.StageClosed })
		kept := register(t, o, c)
		ok(t, o.room.Withhold(ctx, c, command(), kept, north.Staff(), sealed.NewText("a relative of the child")))
		p.gone = append(p.gone, c.Staff())
		if n := o.tick(t, time.Minute); n != 2 {
			t.Errorf("%d cases changed hands, want the two open ones", n)
		}
		if n := o.tick(t, time.Minute); n != 0 {
			t.Error("they changed hands twice")
		}
		leads := func(id ident.Case, want *access.Caller) {
			t.Helper()
			child, err := o.room.Open(ctx, head, id)
			ok(t, err)
			if child.Case.Worker != want.Staff() {
				t.Error("somebody else leads the case")
			}
		}
		leads(id, north)
		leads(kept, head) // withheld from the one below
		leads(closed, c)
		o.deadlines(t, id, func(d *deadline.Deadline) {
			if d.Owner != north.Staff() {
				t.Errorf("%s was left behind", d.Kind)
			}
		})
		if _, err := o.room.Open(ctx, c, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("the one who left still reaches the case: %v", err)
		}
	})
}

// TestWhatSomebodyLeavesBehindGoesToWhoWasNamed: no open case and nothing due stays with
// somebody who left. What is withheld from the one named goes to the supervisor, and
// where they have gone as well, so does the rest.
func TestWhatSomebodyLeavesBehindGoesToWhoWasNamed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, north, head := o.staffed()
		c, heir := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.North)
		id, kept := register(t, o, c), register(t, o, c)
		ok(t, o.room.SetTask(ctx, c, command(), id, casework.Task{Text: sealed.NewText("call"), Day: o.Clock.Now().AddDate(0, 0, 3), For: casework.ForLead}))
		ok(t, o.room.Withhold(ctx, north, command(), kept, heir.Staff(), sealed.NewText("a relative of the child")))
		p.gone, p.heir = append(p.gone, c.Staff()), map[ident.Staff]ident.Staff{c.Staff(): heir.Staff()}
		o.tick(t, time.Minute)
		for id, want := range map[ident.Case]ident.Staff{id: heir.Staff(), kept: north.Staff()} {
			child, err := o.room.Open(ctx, head, id)
			ok(t, err)
			if child.Case.Worker != want {
				t.Error("somebody else leads the case")
			}
			o.deadlines(t, id, func(d *deadline.Deadline) {
				if d.Owner != want {
					t.Errorf("%s was left behind", d.Kind)
				}
			})
		}
		if left, err := o.room.Carries(ctx, head, c.Staff()); err != nil || len(left.Rows) != 0 {
			t.Errorf("%d cases are led by somebody who left, %v", len(left.Rows), err)
		}
		p.gone = append(p.gone, heir.Staff())
		o.tick(t, time.Minute)
		if child, err := o.room.Open(ctx, head, id); err != nil || child.Case.Worker != north.Staff() {
			t.Errorf("after the one named has left too: %v", err)
		}
	})
}

// TestKilledClock cancels the clock at every point at which it asks, and starts it
// again: every step is taken once.
func TestKilledClock(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, _, head := o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		var ids []ident.Case
		for range 5 {
			ids = append(ids, register(t, o, c))
		}
		o.Clock.Advance(24 * time.Hour)
		killed := 0
		for at := 1; ; at++ {
			life, kill := context.WithCancel(ctx)
			n := 0
			p.deputed = func() {
				if n++; n == at {
					kill()
				}
			}
			_, err := o.room.StepDeadlines(life)
			kill()
			if err == nil && n < at {
				break
			}
			killed++
		}
		if killed == 0 {
			t.Error("nothing was killed")
		}
		p.deputed = nil
		o.tick(t, 0)
		for _, id := range ids {
			want(t, o.taken(t, head, id), "first_contact remind", "first_contact alert")
		}
	})
}

func TestAnAlteredCaseDoesNotHoldUpTheOthers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		bad, good := register(t, o, c), register(t, o, c)
		err := o.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE deadline_due SET level = 0, due = due + 1 WHERE case_id = $1`, bad)
			return err
		})
		ok(t, err)
		o.Clock.Advance(24 * time.Hour)
		n, err := o.room.StepDeadlines(ctx)
		if n != 1 || fault.CodeOf(err) != "record-altered" {
			t.Errorf("stepped %d cases, %v; want the sound one, and the other reported", n, err)
		}
		want(t, o.taken(t, c, good), "first_contact remind", "first_contact alert")
	})
}

// TestTheClockMayNothingElse: the job has its two actions, and no person has them.
func TestTheClockMayNothingElse(t *testing.T) {
	o := open(t, accesstest.New(t))
	c := o.Person(access.RoleSupervisor, o.Head)
	id := register(t, o, c)
	for _, who := range []*access.Caller{c, o.Person(access.RoleCaseWorker, o.North), o.Gate.Job("expire-checks")} {
		_, err := o.Gate.Do(ctx, who, access.Act{Action: "deadline.step", Purpose: "supervision", Case: id},
			func(*access.Pass) (string, error) { return "", errors.New("ran") })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else moved the clock: %v", err)
		}
	}
	for _, action := range []string{"case.assign", "case.note", "case.risk", "case.close", "case.open"} {
		_, err := o.Gate.Do(ctx, o.Gate.Job("deadlines"), access.Act{Action: action, Purpose: "supervision", Case: id},
			func(*access.Pass) (string, error) { return "", errors.New("ran") })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("the clock may do %s: %v", action, err)
		}
	}
}
