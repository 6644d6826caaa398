package casework_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/deadline"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// A year of an office in steps of half a day: children are registered, visited,
// forgotten, reassessed, closed and opened again; people leave and stand in; the
// node stands still for two weeks. Afterwards every deadline is compared with what
// its days say by themselves, worked out here a second time.

const (
	yearCases = 1000
	yearTick  = 12 * time.Hour
)

type year struct {
	*office
	t       *testing.T
	rnd     *rand.Rand
	people  *people
	head    *access.Caller
	workers []*access.Caller
	cases   []*yearCase
	ran     []time.Time // when the clock acted
}

type yearCase struct {
	id     ident.Case
	visit  time.Time // when somebody next looks after the child, due or not
	stage  string
	risk   string
	closed bool
}

func TestAYearOfDeadlines(t *testing.T) {
	if testing.Short() {
		t.Skip("a year takes some seconds")
	}
	o := open(t, accesstest.New(t))
	y := &year{office: o, t: t, rnd: rand.New(rand.NewPCG(2026, 3))}
	y.people, _, y.head = o.staffed()
	for range 20 {
		y.workers = append(y.workers, o.Person(access.RoleCaseWorker, o.North))
	}
	for tick := range 365 * 2 {
		o.Clock.Advance(yearTick)
		if tick < 300 || tick >= 328 { // two weeks without a node's clock
			if _, err := o.room.StepDeadlines(ctx); err != nil {
				t.Fatal(err)
			}
			y.ran = append(y.ran, o.Clock.Now())
		}
		y.work(tick)
		if tick%100 == 99 {
			y.responsible()
		}
	}
	o.Clock.Advance(time.Minute)
	if _, err := o.room.StepDeadlines(ctx); err != nil {
		t.Fatal(err)
	}
	y.ran = append(y.ran, o.Clock.Now())
	y.responsible()
	y.compare()
	y.visible()
	rep, err := y.reconcile()
	ok(t, err)
	if rep.Exit != journal.Sound {
		t.Errorf("the journal does not vouch for the rows: %v", rep.Findings[:min(3, len(rep.Findings))])
	}
}

// work is what people do in half a day, in one commit.
func (y *year) work(tick int) {
	y.t.Helper()
	now := y.Clock.Now()
	switch tick {
	case 200, 500: // somebody leaves
		y.people.gone = append(y.people.gone, y.workers[0].Staff())
		y.workers = y.workers[1:]
	case 250: // and somebody is away
		y.people.deputy[y.workers[0].Staff()] = y.workers[1].Staff()
	}
	job := y.Gate.Job("seed")
	err := y.Gate.Group(ctx, func(g *access.Gate) error {
		room := y.room.In(g)
		n := 0
		for n < 450 && len(y.cases) < yearCases && len(y.cases) < 20*(tick+1) {
			g := girl()
			g.Person.Identifiers = nil
			g.Risk = []string{"high", "medium", "low", "low", "low"}[y.rnd.IntN(5)]
			g.Worker, g.Unit = y.workers[y.rnd.IntN(len(y.workers))].Staff(), y.North
			g.Stage = []string{"registered", "assessed", "planned", "in_services", "followup"}[y.rnd.IntN(5)]
			id, err := room.Register(ctx, job, ident.Command{}, g)
			if err != nil {
				return err
			}
			y.cases = append(y.cases, &yearCase{id: id, risk: g.Risk, stage: g.Stage, visit: y.later(now, 1, 60)})
			n++
		}
		for _, c := range y.cases {
			if n >= 450 || c.visit.After(now) {
				continue
			}
			n++
			if err := y.visit(room, job, c); err != nil {
				return fmt.Errorf("case at %s: %w", c.stage, err)
			}
			c.visit = y.later(now, 5, 110)
		}
		return nil
	})
	ok(y.t, err)
}

func (y *year) later(now time.Time, least, most int) time.Time {
	return now.Add(time.Duration(least+y.rnd.IntN(most-least)) * 24 * time.Hour)
}

// yearWays are the stages to which a case may go without a record.
var yearWays = map[string][]string{
	"assessed": {"registered"}, "planned": {"assessed", "in_services"}, "in_services": {"assessed", "followup"},
	"followup": {"in_services"},
}

// visit is one act on a case.
func (y *year) visit(room *casework.Room, job *access.Caller, c *yearCase) error {
	switch roll := y.rnd.IntN(20); {
	case c.closed:
		c.closed, c.stage = false, casework.StageRegistered
		return room.Reopen(ctx, job, ident.Command{}, c.id, casework.Decision{To: "other", Text: sealed.NewText("she called")})
	case roll == 0:
		c.closed = true
		return room.Close(ctx, job, ident.Command{}, c.id, casework.Closing{Decision: casework.Decision{To: "error", Text: sealed.NewText("twice")}})
	case roll <= 2:
		c.risk = []string{"high", "medium", "low"}[y.rnd.IntN(3)]
		return room.ChangeRisk(ctx, job, ident.Command{}, c.id, casework.Decision{To: c.risk, Reasons: []string{"threats"}})
	case roll <= 7 && len(yearWays[c.stage]) > 0:
		ways := yearWays[c.stage]
		c.stage = ways[y.rnd.IntN(len(ways))]
		return room.ChangeStage(ctx, job, ident.Command{}, c.id, casework.Decision{To: c.stage})
	case roll == 8:
		to := y.workers[y.rnd.IntN(len(y.workers))]
		return room.Assign(ctx, job, ident.Command{}, c.id, to.Staff(), y.North, sealed.Text{}, 0)
	}
	return room.AddNote(ctx, job, ident.Command{}, c.id, casework.Note{Kind: "home_visit", Seen: sealed.NewText("calm")})
}

// responsible: every open case has a lead worker who works here, from the moment the
// clock has acted.
func (y *year) responsible() {
	y.t.Helper()
	alone := 0
	y.rows(`SELECT worker_id FROM casework_case WHERE stage <> 'closed'`, func(scan func(...any) error) error {
		var who ident.Staff
		err := scan(&who)
		if !y.people.Works(who) {
			alone++
		}
		return err
	})
	if alone > 0 {
		y.t.Errorf("%d open cases are nobody's", alone)
	}
}

func (y *year) rows(query string, fn func(scan func(...any) error) error) {
	y.t.Helper()
	err := y.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := fn(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	ok(y.t, err)
}

// yearStep is a step as it must have been taken.
type yearStep struct {
	name        string
	planned, at time.Time
}

// expected returns the steps of a deadline by its days alone: at most until it ended,
// each at the first time after its own at which the clock acted.
func (y *year) expected(set, due, ended time.Time) (out []yearStep) {
	day := y.Pack.Clock(pack.DeadlineRemind).Duration()
	half := max(due.Sub(set), 0) / 2
	late := max(min(y.Pack.Clock(pack.DeadlineEscalate).Duration(), half), 15*time.Minute)
	for _, s := range []yearStep{
		{name: "remind", planned: due.Add(-min(day, half))},
		{name: "alert", planned: due},
		{name: "escalate.1", planned: due.Add(late)},
		{name: "escalate.2", planned: due.Add(2 * late)},
	} {
		from := s.planned
		if from.Before(set) || from.Equal(set) { // what is set after the clock has acted waits for its next turn
			from = set.Add(time.Microsecond)
		}
		i, _ := slices.BinarySearchFunc(y.ran, from, time.Time.Compare)
		if i == len(y.ran) || !ended.IsZero() && y.ran[i].After(ended) {
			continue
		}
		s.at = y.ran[i]
		out = append(out, s)
	}
	return out
}

// compare holds every deadline of the year against its days.
func (y *year) compare() {
	y.t.Helper()
	took := map[deadline.ID][]yearStep{}
	y.rows(`SELECT deadline_id, step, planned, at FROM deadline_step WHERE step NOT LIKE 'hand.%' ORDER BY deadline_id, planned, step`,
		func(scan func(...any) error) error {
			var id deadline.ID
			var s yearStep
			var planned, at int64
			err := scan(&id, &s.name, &planned, &at)
			s.planned, s.at = clock.FromMicros(planned), clock.FromMicros(at)
			took[id] = append(took[id], s)
			return err
		})
	all, steps, wrong := 0, 0, 0
	y.rows(`SELECT id, set_at, due, ended_at, state, level, next_at FROM deadline_due`, func(scan func(...any) error) error {
		var id deadline.ID
		var set, due, level int64
		var ended, next *int64
		var state string
		if err := scan(&id, &set, &due, &ended, &state, &level, &next); err != nil {
			return err
		}
		var end time.Time
		if ended != nil {
			end = clock.FromMicros(*ended)
		}
		all++
		want := y.expected(clock.FromMicros(set), clock.FromMicros(due), end)
		steps += len(want)
		if !slices.Equal(took[id], want) || int(level) != len(want) {
			if wrong++; wrong < 4 {
				y.t.Errorf("a deadline due %s, %s, took %v, want %v", clock.FromMicros(due), state, took[id], want)
			}
		}
		if (state == deadline.Open) == (ended != nil) || (next == nil) != (state != deadline.Open || level == 4) {
			y.t.Errorf("a deadline is lost: %s at level %d", state, level)
		}
		delete(took, id)
		return nil
	})
	if len(took) != 0 || wrong > 0 || all < 5*yearCases || steps < 2*all {
		y.t.Errorf("%d deadlines, %d steps, %d wrong, steps of %d unknown ones", all, steps, wrong, len(took))
	}
	y.t.Logf("%d deadlines took %d steps", all, steps)
	// No open case without a next contact and a next step, no closed one with either.
	y.rows(`SELECT c.id, c.stage, c.next_contact,
		(SELECT MIN(due) FROM deadline_due d WHERE d.case_id = c.id AND d.state = 'open' AND d.kind LIKE '%_contact'),
		(SELECT COUNT(*) FROM deadline_due d WHERE d.case_id = c.id AND d.state = 'open' AND d.kind LIKE '%_contact'),
		(SELECT COUNT(*) FROM deadline_due d WHERE d.case_id = c.id AND d.state = 'open' AND d.kind IN ('assessment', 'plan', 'review'))
		FROM casework_case c`, func(scan func(...any) error) error {
		var id ident.Case
		var stage string
		var next, due *int64
		var contacts, steps int
		if err := scan(&id, &stage, &next, &due, &contacts, &steps); err != nil {
			return err
		}
		one := 1
		if stage == casework.StageClosed {
			one = 0
		}
		if contacts != one || steps != one || one == 1 && *next != *due {
			y.t.Errorf("a case at %s has %d deadlines of a contact and %d of a step", stage, contacts, steps)
		}
		return nil
	})
}

// visible: what is late is counted on the team's page.
func (y *year) visible() {
	y.t.Helper()
	staff := slices.Clone(y.people.gone)
	for _, w := range y.workers {
		staff = append(staff, w.Staff())
	}
	north := y.people.above[y.North][0].Staff[0]
	y.people.team = map[ident.Unit][]ident.Staff{y.North: append(staff, north)}
	team, err := y.room.Team(ctx, y.head, y.North)
	ok(y.t, err)
	late, up, cases := 0, 0, 0
	y.rows(`SELECT level FROM deadline_due WHERE state = 'open' AND level >= 2`, func(scan func(...any) error) error {
		var level int
		err := scan(&level)
		late++
		if level >= 3 {
			up++
		}
		return err
	})
	for _, w := range team.Workers {
		late, up, cases = late-w.Late, up-w.Escalated, cases+w.Open
		if w.Gone {
			y.t.Error("somebody who left still carries cases")
		}
	}
	if late != 0 || up != 0 || cases == 0 {
		y.t.Errorf("%d late deadlines and %d that went up are on nobody's line", late, up)
	}
	if d := y.day(y.t, y.head); len(d.Escalated) == 0 {
		y.t.Error("the head of the agency sees nothing of what went up twice")
	}
}

func (y *year) reconcile() (rep *journal.Reconciliation, err error) {
	err = y.DB.Read(ctx, func(tx *store.Tx) (err error) {
		rep, err = journal.Reconcile(ctx, tx, journal.ReconcileOptions{
			Keys: y.Custody, Rooms: []journal.Rows{access.Reconciled{}, casework.Reconciled{}, deadline.Reconciled{}}, Clock: y.Clock,
		})
		return err
	})
	return rep, err
}
