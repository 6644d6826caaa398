package casework_test

import (
	"fmt"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
)

// TestTheCaseAsItWasOnADay: the case row, the person, flags and events as they
// stood, and nothing that was learned later.
func TestTheCaseAsItWasOnADay(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		begin := o.Clock.Now()
		id := o.register(t, worker)
		first := o.child(t, worker, id)
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		o.Clock.Advance(48 * time.Hour)
		ok(o.room.PutFlag(ctx, worker, command(), id, casework.Flag{Reason: "danger", Text: sealed.NewText("A van.")}))
		o.Clock.Advance(48 * time.Hour)
		changed := girl().Person
		changed.SexRecorded, changed.Names = "male", append(changed.Names, changed.Names[0])
		changed.Names[1].Text = sealed.NewText("Ilar Tesh")
		ok(o.room.UpdatePerson(ctx, worker, command(), id, 1, changed))
		ok(o.room.ChangeRisk(ctx, worker, command(), id, casework.Decision{To: "low", Reasons: []string{"other"}, Seen: o.child(t, worker, id).Case.Version}))
		ok(o.room.ResolveFlag(ctx, worker, command(), id, o.child(t, worker, id).Flags[0].ID, sealed.NewText("Gone.")))
		other := o.Person(access.RoleCaseWorker, o.North)
		ok(o.room.Assign(ctx, boss, command(), id, other.Staff(), o.North, sealed.NewText("Leave."), o.child(t, worker, id).Case.Version))

		then, err := o.room.OpenPast(ctx, boss, id, begin.Add(72*time.Hour))
		ok(err)
		c := then.Case
		if c.Risk != "high" || c.Sex != "female" || c.Worker != worker.Staff() || c.PersonVersion != 1 || !c.NextContact.Equal(first.Case.NextContact) {
			t.Errorf("the case then = %+v", c)
		}
		if n := len(then.Person.Details.Names); n != 1 || then.Person.Version != 1 {
			t.Errorf("the person then has %d names at version %d", n, then.Person.Version)
		}
		if len(then.Events) != 2 || len(then.Flags) != 1 || !then.Flags[0].Open() || then.May["case.note"] {
			t.Errorf("then: %d events, flags %+v, may %v", len(then.Events), then.Flags, then.May)
		}
		if early, err := o.room.OpenPast(ctx, boss, id, begin.Add(time.Hour)); err != nil || len(early.Flags) != 0 || early.Unknown {
			t.Errorf("an hour after the registration = %+v, %v", early, err)
		}
		before, err := o.room.OpenPast(ctx, boss, id, begin.Add(-time.Hour))
		if err != nil || !before.Unknown || len(before.Events) != 0 || len(before.Person.Details.Names) != 0 {
			t.Errorf("before the registration = %+v, %v, want that nothing was known", before, err)
		}
		now, err := o.room.OpenPast(ctx, boss, id, o.Clock.Now().Add(time.Hour))
		ok(err)
		if now.Case.Risk != "low" || now.Case.Worker != other.Staff() || now.Person.Version != 2 || now.Flags[0].Open() {
			t.Errorf("the case now = %+v", now.Case)
		}
		// Whoever lost the case does not read its past either.
		if _, err := o.room.OpenPast(ctx, worker, id, begin.Add(72*time.Hour)); !fault.Is(err, fault.NotFound) {
			t.Errorf("by the lead worker of then = %v, want not found", err)
		}

		h, err := o.room.History(ctx, boss, id)
		ok(err)
		if len(h.Versions) != 2 || h.Versions[0].Details.SexRecorded != "male" || h.Versions[1].Details.SexRecorded != "female" {
			t.Fatalf("history = %+v", h.Versions)
		}
		if h.Versions[0].Author != worker.Staff() || h.Versions[1].Author != worker.Staff() || !h.Versions[1].At.Equal(begin.UTC().Truncate(time.Microsecond)) {
			t.Errorf("written by %v, %v at %v", h.Versions[0].Author, h.Versions[1].Author, h.Versions[1].At)
		}
		if r := o.reconcile(t); r.Exit != journal.Sound {
			t.Errorf("reconciliation = %+v", r)
		}
	})
}

// TestAVersionTakenAwayIsSeen: by the history, and by the reconciliation.
func TestAVersionTakenAwayIsSeen(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		for v := range int64(2) {
			if err := o.room.UpdatePerson(ctx, worker, command(), id, v+1, girl().Person); err != nil {
				t.Fatal(err)
			}
		}
		o.exec(t, `DELETE FROM person_former WHERE version = 1`)
		if _, err := o.room.History(ctx, worker, id); fault.CodeOf(err) != "record-altered" {
			t.Errorf("history = %v, want record-altered", err)
		}
		if r := o.reconcile(t); r.Exit == journal.Sound {
			t.Error("the reconciliation misses nothing")
		}
	})
}

func TestACorrectionStandsBesideTheNote(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id, other := o.register(t, worker), o.register(t, worker)
		note := casework.Note{Kind: "conversation", Words: sealed.NewText("I was in Rask."), Interpreter: "not_needed"}
		if err := o.room.AddNote(ctx, worker, command(), id, note); err != nil {
			t.Fatal(err)
		}
		child := o.child(t, worker, id)
		of, next := child.Events[0].ID, child.Case.NextContact
		o.Clock.Advance(time.Hour)
		better := casework.Note{Words: sealed.NewText("I was in Rusk.")}
		if err := o.room.CorrectNote(ctx, worker, command(), id, of, better, sealed.NewText("Misheard.")); err != nil {
			t.Fatal(err)
		}
		child = o.child(t, worker, id)
		if e := child.Events[0]; e.Kind != casework.KindCorrected || string(e.Of) != string(of[:]) || e.Words.Reveal() != "I was in Rusk." || e.Text.Reveal() != "Misheard." {
			t.Errorf("correction = %+v", e)
		}
		if child.Events[1].Words.Reveal() != "I was in Rask." || !child.Case.NextContact.Equal(next) {
			t.Error("the note or the next contact has changed")
		}
		for name, err := range map[string]error{
			"without a reason":        o.room.CorrectNote(ctx, worker, command(), id, of, better, sealed.Text{}),
			"without words":           o.room.CorrectNote(ctx, worker, command(), id, of, casework.Note{}, sealed.NewText("x")),
			"what is no note":         o.room.CorrectNote(ctx, worker, command(), id, child.Events[2].ID, better, sealed.NewText("x")),
			"a note of another case":  o.room.CorrectNote(ctx, worker, command(), other, of, better, sealed.NewText("x")),
			"by a colleague":          o.room.CorrectNote(ctx, o.Person(access.RoleCaseWorker, o.North), command(), id, of, better, sealed.NewText("x")),
			"a note that there isn't": o.room.CorrectNote(ctx, worker, command(), id, ident.New[ident.Event](), better, sealed.NewText("x")),
		} {
			if err == nil {
				t.Errorf("corrected %s", name)
			}
		}
	})
}

// TestTimelineByKindAndPeriod pages through a long case.
func TestTimelineByKindAndPeriod(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		const notes = 120
		var day time.Time
		for i := range notes {
			o.Clock.Advance(time.Hour)
			if i == 60 {
				day = o.Clock.Now()
			}
			if err := o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText(fmt.Sprint("Seen ", i))}); err != nil {
				t.Fatal(err)
			}
		}
		seen, pages := 0, 0
		for s := (casework.Slice{}); ; pages++ {
			page, err := o.room.ReadTimeline(ctx, worker, id, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				if want := int64(notes + 1 - seen); e.Seq != want {
					t.Fatalf("event %d, want %d", e.Seq, want)
				}
				seen++
			}
			if page.Next == 0 {
				break
			}
			s.Before = page.Next
		}
		if seen != notes+1 || pages != 2 {
			t.Errorf("%d events on %d pages", seen, pages+1)
		}
		part, err := o.room.ReadTimeline(ctx, worker, id, casework.Slice{Kind: "note", From: day, To: day.Add(3 * time.Hour)})
		if err != nil || len(part.Events) != 3 || part.Events[2].Seen.Reveal() != "Seen 60" || part.Next != 0 {
			t.Errorf("a period = %d events, %v", len(part.Events), err)
		}
		if first, err := o.room.ReadTimeline(ctx, worker, id, casework.Slice{Kind: "registered"}); err != nil || len(first.Events) != 1 || len(first.Kinds) != 2 {
			t.Errorf("a kind = %d events of kinds %v, %v", len(first.Events), first.Kinds, err)
		}
		if _, err := o.room.ReadTimeline(ctx, o.Person(access.RoleCaseWorker, o.North), id, casework.Slice{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("by a colleague = %v, want not found", err)
		}
		o.exec(t, `DELETE FROM casework_event WHERE seq = 100`)
		if _, err := o.room.ReadTimeline(ctx, worker, id, casework.Slice{}); fault.CodeOf(err) != "record-altered" {
			t.Errorf("with an event taken away = %v, want record-altered", err)
		}
	})
}

// BenchmarkTimeline reads a page of a case with many events.
func BenchmarkTimeline(b *testing.B) {
	for _, n := range []int{50, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			o := open(b, accesstest.New(b))
			worker := o.Person(access.RoleCaseWorker, o.North)
			id := o.register(b, worker)
			for range n {
				if err := o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("Seen.")}); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if _, err := o.room.ReadTimeline(ctx, worker, id, casework.Slice{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
