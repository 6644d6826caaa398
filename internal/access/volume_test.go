package access_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// heard takes note of what people are told.
type heard struct{ told []access.Told }

func (w *heard) Tell(_ context.Context, _ *store.Tx, t access.Told) error {
	w.told = append(w.told, t)
	return nil
}

// measured sets small limits: six opens a day, three an hour.
func measured(o *accesstest.Office) *heard {
	w := &heard{}
	o.Gate.Notify(w)
	o.Gate.Measure(access.VolumeLimits{Opens: 6, Searches: 6, Exports: 2, Denials: 4, Times: 3, HourShare: 2})
	return w
}

// opens opens cases of the caller's, each for the first time in its session.
func opens(t *testing.T, o *accesstest.Office, c *access.Caller, ids ...ident.Case) error {
	t.Helper()
	for _, id := range ids {
		err := o.Gate.View(ctx, c, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(*access.Pass) error { return nil })
		if err != nil {
			return err
		}
	}
	return nil
}

func anew(o *accesstest.Office, c *access.Caller) *access.Caller {
	return o.As(access.Signed{Staff: c.Staff(), Role: c.Role(), Unit: c.Unit()})
}

// TestVolumeAsksForAFreshCheck: who opens far more than usual goes on reading only
// after a fresh check, may go on helping all the while, and others are told.
func TestVolumeAsksForAFreshCheck(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		w := measured(o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		var ids []ident.Case
		for range 6 {
			ids = append(ids, register(t, o, worker))
		}
		if err := opens(t, o, worker, ids[:3]...); err != nil {
			t.Fatalf("within the hour's bound: %v", err)
		}
		if len(w.told) != 0 {
			t.Fatalf("told %+v within the bound", w.told)
		}
		if err := opens(t, o, worker, ids[3]); err != nil {
			t.Fatalf("the one that raises the alarm: %v", err)
		}
		if len(w.told) != 1 || w.told[0].Kind != "volume" || w.told[0].Above != worker.Staff() || !slices.Contains(w.told[0].Roles, access.RoleAuditor) {
			t.Fatalf("told %+v, want the supervisor and who oversees", w.told)
		}
		h := last(t, o, 1)[0]
		if h.What != "volume.alarm" || h.Reason != "volume" || h.Outcome != journal.Denied || h.Count != 4 {
			t.Errorf("entry = %s %s %q of %d", h.What, h.Outcome, h.Reason, h.Count)
		}
		if err := opens(t, o, worker, ids[4]); fault.CodeOf(err) != "fresh-check" {
			t.Errorf("the next: %v, want a fresh check asked for", err)
		}
		equal(t, "reasons", reasons(t, o), []string{"volume", "volume"})
		if err := opens(t, o, worker, ids[0]); fault.CodeOf(err) != "fresh-check" {
			t.Errorf("one that was open: %v, want a fresh check asked for", err)
		}
		for _, action := range []string{"case.note", "case.risk"} {
			if err := does(o, worker, action, ids[0]); err != nil {
				t.Errorf("%s meanwhile: %v", action, err)
			}
		}
		register(t, o, worker)
		o.Clock.Advance(time.Second)
		if err := opens(t, o, anew(o, worker), ids[4]); err != nil {
			t.Errorf("after a fresh check: %v", err)
		}
		if err := opens(t, o, o.Person(access.RoleCaseWorker, o.North), ids[4]); fault.CodeOf(err) == "fresh-check" {
			t.Error("somebody else is asked for a fresh check")
		}
		if len(w.told) != 1 {
			t.Errorf("told %d times, want once a day", len(w.told))
		}
	})
}

// TestVolumeOfRefusals: refusals count, and those of the alarm itself do not.
func TestVolumeOfRefusals(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		w := measured(o)
		worker, other := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		id := register(t, o, worker)
		for range 3 {
			if err := opens(t, o, other, id); !fault.Is(err, fault.NotFound) {
				t.Fatalf("refused: %v", err)
			}
		}
		if len(w.told) != 1 {
			t.Fatalf("told %d times, want once", len(w.told))
		}
		alarms := storedAlarms(t, o)
		equal(t, "alarms", alarms, []string{"denial hour 3 2"})
	})
}

func storedAlarms(t *testing.T, o *accesstest.Office) (out []string) {
	t.Helper()
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT kind || ' ' || span || ' ' || counted || ' ' || bound FROM access_alarm ORDER BY at, id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			out = append(out, line)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestVolumeAgainstTheUsual: what is usual for a person, and how many cases are in
// their care, raise what they may open; what they did earlier in the day counts.
func TestVolumeAgainstTheUsual(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		w := measured(o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		var ids []ident.Case
		for range 8 { // three times eight cases: 24 a day, twelve an hour
			ids = append(ids, register(t, o, worker))
		}
		if err := opens(t, o, worker, ids[0]); err != nil {
			t.Fatal(err)
		}
		if err := o.Gate.KeepVolume(ctx); err != nil {
			t.Fatal(err)
		}
		if err := opens(t, o, worker, ids...); err != nil || len(w.told) != 0 {
			t.Fatalf("eight in an hour: %v, told %d", err, len(w.told))
		}
		var hours, sum int
		if err := o.Gate.KeepVolume(ctx); err != nil {
			t.Fatal(err)
		}
		err := o.DB.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT COUNT(*), CAST(SUM(opens) AS BIGINT) FROM access_volume").Scan(&hours, &sum)
		})
		if err != nil || hours != 1 || sum != 8 { // the first of them was open already
			t.Errorf("stored %d opens in %d hours, %v", sum, hours, err)
		}
		for i := range 3 { // the day's bound, over hours: the 25th raises the alarm, the 26th waits
			o.Clock.Advance(time.Hour)
			worker = anew(o, worker)
			if err := opens(t, o, worker, ids...); i < 2 && err != nil || i == 2 && fault.CodeOf(err) != "fresh-check" {
				t.Fatalf("hour %d: %v", i, err)
			}
			if err := o.Gate.KeepVolume(ctx); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "alarms", storedAlarms(t, o), []string{"open day 25 24"})
	})
}

// TestVolumeOfAnotherInstance: an alarm holds in every instance, and after a start.
func TestVolumeOfAnotherInstance(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		measured(o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		var ids []ident.Case
		for range 5 {
			ids = append(ids, register(t, o, worker))
		}
		if err := opens(t, o, worker, ids[:4]...); err != nil {
			t.Fatal(err)
		}
		o.Gate.Measure(access.VolumeLimits{Opens: 100, Searches: 100, Exports: 100, Denials: 100, Times: 3, HourShare: 2}) // it begins anew
		if err := opens(t, o, worker, ids[4]); err != nil {
			t.Fatalf("before it has read the alarms: %v", err)
		}
		if err := o.Gate.KeepVolume(ctx); err != nil {
			t.Fatal(err)
		}
		if err := opens(t, o, worker, ids[0]); fault.CodeOf(err) != "fresh-check" {
			t.Errorf("afterwards: %v, want a fresh check asked for", err)
		}
	})
}

// BenchmarkDecisionWithVolume measures what counting adds to a look that was entered
// before: one decision, with and without.
func BenchmarkDecisionWithVolume(b *testing.B) {
	for name, measure := range map[string]bool{"without": false, "with": true} {
		b.Run(name, func(b *testing.B) {
			o := accesstest.New(b)
			if measure {
				o.Gate.Measure(access.VolumeLimits{Opens: 1 << 30, Searches: 1 << 30, Exports: 1 << 30, Denials: 1 << 30, Times: 3, HourShare: 2})
			}
			worker := o.Person(access.RoleCaseWorker, o.North)
			id := register(b, o, worker)
			act := access.Act{Action: "case.open", Purpose: "case-work", Case: id}
			look := func() {
				if err := o.Gate.View(ctx, worker, act, func(*access.Pass) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			look()
			for b.Loop() {
				look()
			}
		})
	}
}

// TestWhoSettlesAnAlarm: whoever supervises the person sees it and says what was
// found, and who oversees; nobody about themselves, and nobody twice.
func TestWhoSettlesAnAlarm(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		worker := h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		h.employ(t, "rima", staff.Supervisor, h.south, ident.Staff{})
		h.employ(t, "omar", staff.Auditor, h.north, ident.Staff{})
		amal, samira, rima, omar := h.signIn(t, "amal"), h.signIn(t, "samira"), h.signIn(t, "rima"), h.signIn(t, "omar")
		alarm := func(who ident.Staff) ident.Alarm {
			t.Helper()
			id := ident.New[ident.Alarm]()
			h.write(t, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO access_alarm (id, at, staff, kind, span, counted, bound, median, caseload, settled_at, outcome)
					VALUES ($1, $2, $3, 'open', 'hour', 61, 60, 9, 30, 0, '')`, id, h.Clock.Now().UnixMicro(), who)
				return err
			})
			return id
		}
		of, own := alarm(worker), alarm(boss)
		sees := func(c *signed, want int) {
			t.Helper()
			if all, err := h.people.Alarms(ctx, c.Caller); err != nil || len(all) != want {
				t.Errorf("a %s sees %d alarms, %v, want %d", c.Role(), len(all), err, want)
			}
		}
		sees(samira, 2)
		sees(rima, 0)
		sees(omar, 2)
		_, err := h.people.Alarms(ctx, amal.Caller)
		refused(t, "a case worker listing alarms", err)
		settle := func(c *signed, id ident.Alarm) error {
			return h.people.SettleAlarm(ctx, c.Caller, command(), id, "explained")
		}
		refused(t, "a case worker", settle(amal, of))
		refused(t, "a supervisor of another unit", settle(rima, of))
		refused(t, "about oneself", settle(samira, own))
		refused(t, "one that there is not", settle(omar, ident.New[ident.Alarm]()))
		equal(t, "reasons", reasons(t, o), []string{"no-policy", "no-policy", "floor-other-unit", "floor-not-oneself", "no-such-alarm"})
		if err := settle(samira, of); err != nil {
			t.Fatal(err)
		}
		if err := settle(omar, of); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second time: %v, want a conflict", err)
		}
		if err := settle(omar, own); err != nil {
			t.Errorf("by an auditor: %v", err)
		}
		all, err := h.people.Alarms(ctx, omar.Caller)
		if err != nil || len(all) != 2 || all[0].Outcome != "explained" || all[0].By.IsZero() || all[0].Settled.IsZero() {
			t.Errorf("afterwards: %+v, %v", all, err)
		}
	})
}
