package casework_test

import (
	"errors"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/sealed"
)

func day(t *testing.T, s string) sealed.Date {
	t.Helper()
	d, err := sealed.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestNoteKeepsItsDay writes a note with the day of the contact and whether the
// child was seen alone, and one with neither, as older notes are.
func TestNoteKeepsItsDay(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		on := accesstest.Start.AddDate(0, 0, -3).Format(time.DateOnly)
		for _, n := range []casework.Note{
			{Kind: "conversation", Seen: sealed.NewText("Calm.")},
			{Kind: "home_visit", On: day(t, on), Alone: "yes", Seen: sealed.NewText("Laughed.")},
		} {
			if err := o.room.AddNote(ctx, worker, command(), id, n); err != nil {
				t.Fatal(err)
			}
		}
		child, err := o.room.Open(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if e := child.Events[0]; e.On.Reveal() != on || e.Alone != "yes" {
			t.Errorf("the note is of %q, alone %q, want %q, yes", e.On.Reveal(), e.Alone, on)
		}
		if e := child.Events[1]; !e.On.IsZero() || e.Alone != "" || e.Seen.Reveal() != "Calm." {
			t.Errorf("a note without them is of %q, alone %q, %q", e.On.Reveal(), e.Alone, e.Seen.Reveal())
		}
	})
}

// TestNextContactCountsFromTheDayOfTheContact: a contact written down late counts
// from its own day, and never brings nearer what a later contact has set.
func TestNextContactCountsFromTheDayOfTheContact(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker) // high risk: a contact every 7 days
		start := accesstest.Start
		noon := func(days int) time.Time {
			return start.Truncate(24*time.Hour).AddDate(0, 0, days).Add(12 * time.Hour)
		}
		for _, c := range []struct {
			what string
			days int // from today
			want time.Time
		}{
			{"the day before yesterday", -2, noon(5)},
			{"today", 0, start.AddDate(0, 0, 7)},
			{"a week ago, written down after it", -7, start.AddDate(0, 0, 7)},
		} {
			err := o.room.AddNote(ctx, worker, command(), id, casework.Note{
				Kind: "conversation", On: day(t, start.AddDate(0, 0, c.days).Format(time.DateOnly)), Seen: sealed.NewText("Calm."),
			})
			if err != nil {
				t.Fatal(err)
			}
			child, err := o.room.Open(ctx, worker, id)
			if err != nil {
				t.Fatal(err)
			}
			if got := child.Case.NextContact; !got.Equal(c.want) {
				t.Errorf("after a contact %s: next %v, want %v", c.what, got, c.want)
			}
		}
	})
}

func TestNoteOfAnImpossibleDayIsRefused(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		soon := accesstest.Start.AddDate(0, 0, 2).Format(time.DateOnly)
		for _, c := range []struct {
			field, code string
			note        casework.Note
		}{
			{"contact_on", "in-the-future", casework.Note{On: day(t, soon)}},
			{"contact_on", "bad-date", casework.Note{On: day(t, "2026-03")}},
			{"contact_on", "out-of-range", casework.Note{On: day(t, "1905-01-01")}},
			{"seen_alone", "not-in-list", casework.Note{Alone: "perhaps"}},
		} {
			c.note.Kind, c.note.Seen = "conversation", sealed.NewText("Calm.")
			err := o.room.AddNote(ctx, worker, command(), id, c.note)
			fields := fault.FieldsOf(err)
			if len(fields) != 1 || fields[0].Name != c.field || fields[0].Code != c.code {
				t.Errorf("%s: %v, want %s at it", c.field, errors.Unwrap(err), c.code)
			}
		}
	})
}
