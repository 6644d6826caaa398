package casework_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/sealed"
)

var origin = casework.Origin{Profile: "primero", Form: "services_section", Place: 1, By: sealed.NewText("worker_one")}

// What another program kept is written down with its own days; what has passed starts
// no clock, moves no contact, and says where it comes from.
func TestWhatAnotherProgramKept(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		now := o.Clock.Now()
		before := o.open(t, worker, id).Case.NextContact
		at := func(days int) int64 { return now.AddDate(0, 0, days).UnixMicro() }
		from := o.room.From(origin)
		for _, past := range []casework.PastNeed{
			{State: casework.NeedDelivered, Asked: at(-40), Due: at(-35), Delivered: at(-30), Provider: sealed.NewText("The clinic")},
			{State: casework.NeedDelivered},
			{State: casework.NeedRequested, Asked: at(-20), Due: at(-10), Provider: sealed.NewText("The school")},
			{State: casework.NeedUnmet, Unmet: "no_place", Ended: at(-5)},
		} {
			if err := from.AddNeed(ctx, worker, command(), id, casework.NewNeed{Service: "food", Note: sealed.NewText("Twice."), Past: &past}); err != nil {
				t.Fatal(err)
			}
		}
		if got := dues(t, o, id); len(got) != 0 {
			t.Errorf("deadlines = %v, want none", got)
		}
		ahead := casework.PastNeed{State: casework.NeedRequested, Asked: at(-1), Due: at(9), Provider: sealed.NewText("The clinic")}
		if err := from.AddNeed(ctx, worker, command(), id, casework.NewNeed{Service: "school", Past: &ahead}); err != nil {
			t.Fatal(err)
		}
		if got, want := dues(t, o, id), []string{"service open"}; !cmp.Equal(got, want) {
			t.Errorf("deadlines = %v, want %v", got, want)
		}
		note := casework.Note{Kind: "home_visit", Seen: sealed.NewText("A quiet house.")}
		if err := from.AddNote(ctx, worker, command(), id, note); err != nil {
			t.Fatal(err)
		}
		child := o.open(t, worker, id)
		if !child.Case.NextContact.Equal(before) {
			t.Error("a visit of long ago moved the next contact")
		}
		for _, e := range child.Events[:6] {
			if e.Origin == nil || e.Origin.Form != "services_section" || e.Origin.By.Reveal() != "worker_one" {
				t.Errorf("%s does not say where it comes from", e.Kind)
			}
		}
		first := o.needs(t, worker, id)[0]
		if first.State != casework.NeedDelivered || first.Delivered.Sub(first.Asked) != 10*24*time.Hour || first.Provider.Reveal() != "The clinic" {
			t.Errorf("the first need: %s, asked %v, there %v, %q", first.State, first.Asked, first.Delivered, first.Provider.Reveal())
		}
		waited := map[string]int{}
		for _, f := range o.facts(t) {
			waited[f.Codes["state"]+f.Codes["waited"]]++
		}
		if diff := cmp.Diff(map[string]int{"delivered10": 1, "delivered": 1, "requested": 2, "unmet": 1}, waited); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestPastNeedsThatAreRefused(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		for field, past := range map[string]casework.PastNeed{
			"need_state":   {State: "dreamt"},
			"need_outcome": {State: casework.NeedEnded},
			"unmet_reason": {State: casework.NeedUnmet, Unmet: "no_reason_there_is"},
			"need_when":    {State: casework.NeedDelivered, Delivered: o.Clock.Now().AddDate(0, 0, 3).UnixMicro()},
		} {
			err := o.room.From(origin).AddNeed(ctx, worker, command(), id, casework.NewNeed{Service: "food", Past: &past})
			if f := fault.FieldsOf(err); len(f) != 1 || f[0].Name != field {
				t.Errorf("%s: got %v", field, err)
			}
		}
		// Where an entry comes from opens no door.
		stranger, past := o.Person(access.RoleCaseWorker, o.South), casework.PastNeed{State: casework.NeedNeeded}
		from := o.room.From(origin)
		for what, err := range map[string]error{
			"need":   from.AddNeed(ctx, stranger, command(), id, casework.NewNeed{Service: "food", Past: &past}),
			"note":   from.AddNote(ctx, stranger, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("x")}),
			"person": from.AddOther(ctx, stranger, command(), id, casework.Other{Name: sealed.NewText("Oda"), Relation: "other", Safe: "unknown"}),
		} {
			if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s by a stranger: %v", what, err)
			}
		}
		if _, err := o.room.Whole(ctx, stranger, id); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
			t.Errorf("the whole case to a stranger: %v", err)
		}
		if _, err := o.room.Whole(ctx, o.Person(access.RoleSupervisor, o.North), id); err != nil {
			t.Errorf("the whole case to who may export it: %v", err)
		}
	})
}
