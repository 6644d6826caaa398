package casework_test

import (
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
)

// events counts the events of a kind.
func (o *office) events(t *testing.T, c *access.Caller, id ident.Case, kind string) (n int) {
	t.Helper()
	for _, e := range o.people(t, c, id).Events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func TestOneVisitIsWrittenForSeveralChildren(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		a, b := o.brothers(t, worker)
		if err := o.room.JoinGroup(ctx, worker, command(), a, "siblings", nil, o.number(t, worker, b)); err != nil {
			t.Fatal(err)
		}
		visit := casework.Note{
			Kind: "home_visit", Question: sealed.NewText("How is it here?"), Words: sealed.NewText("Cold."), Seen: sealed.NewText("One bed for two."),
			Interpreter: "trained_here", InterpreterName: sealed.NewText("Sami R."), Present: []string{"carer"},
		}
		cmd := command()
		for range 2 { // sent twice
			if err := o.room.AddNotes(ctx, worker, cmd, a, []ident.Case{b}, visit); err != nil {
				t.Fatal(err)
			}
		}
		first, second := o.people(t, worker, a).Events[0], o.people(t, worker, b).Events[0]
		if first.Words.Reveal() != "Cold." || first.Together != 1 || first.InterpreterName.Reveal() != "Sami R." || first.Present[0] != "carer" {
			t.Errorf("first = %+v", first)
		}
		if !second.Words.IsZero() || !second.Question.IsZero() || second.Seen.Reveal() != "One bed for two." || second.Interpreter != "trained_here" {
			t.Errorf("second: want what was seen and not what the first child said")
		}
		for _, id := range []ident.Case{a, b} {
			if n := o.events(t, worker, id, casework.KindNote); n != 1 {
				t.Errorf("notes = %d, want 1", n)
			}
		}
		visit.Seen = sealed.Text{}
		if err := o.room.AddNotes(ctx, worker, command(), a, []ident.Case{b}, visit); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("nothing to write for the second child: %v", err)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestAVisitForSeveralIsForAllOrNone(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		a, b := o.brothers(t, worker)
		stranger := o.register(t, worker)
		if err := o.room.JoinGroup(ctx, worker, command(), a, "siblings", []ident.Case{b}, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		visit := casework.Note{Kind: "home_visit", Seen: sealed.NewText("Asleep.")}
		if err := o.room.AddNotes(ctx, worker, command(), a, []ident.Case{stranger}, visit); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("a child who is not in the group: %v", err)
		}
		o.assign(t, b, o.South)
		if err := o.room.AddNotes(ctx, worker, command(), a, []ident.Case{b}, visit); !fault.Is(err, fault.NotFound) {
			t.Errorf("a child out of reach: %v", err)
		}
		if n := o.events(t, worker, a, casework.KindNote); n != 0 {
			t.Errorf("%d notes in the first case, want none", n)
		}
		if !slices.ContainsFunc(o.Entries(t), func(h *journal.Header) bool { return h.What == "case.note" && h.Outcome == journal.Denied }) {
			t.Error("the refusal is not in the journal")
		}
	})
}

func TestSeparationNeedsAReasonAndIsInEveryCase(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		a, b := o.brothers(t, worker)
		c := o.register(t, worker)
		if err := o.room.JoinGroup(ctx, worker, command(), a, "siblings", []ident.Case{b}, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.JoinGroup(ctx, worker, command(), c, "siblings", []ident.Case{a}, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		if g := o.people(t, worker, b).Group; g == nil || len(g.Members) != 2 {
			t.Fatalf("group = %+v, want three children", g)
		}
		if err := o.room.LeaveGroup(ctx, worker, command(), a, sealed.Text{}); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("separated without a reason: %v", err)
		}
		cmd := command()
		for range 2 {
			if err := o.room.LeaveGroup(ctx, worker, cmd, a, sealed.NewText("He is not their brother.")); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []ident.Case{a, b, c} {
			if n := o.events(t, worker, id, casework.KindGroupSeparated); n != 1 {
				t.Errorf("separations told in a case = %d, want 1", n)
			}
		}
		if o.people(t, worker, a).Group != nil || len(o.people(t, worker, b).Group.Members) != 1 {
			t.Error("the child is still in the group, or the others are not")
		}
		if err := o.room.LeaveGroup(ctx, worker, command(), b, sealed.NewText("Each has a family.")); err != nil {
			t.Fatal(err)
		}
		if o.people(t, worker, c).Group != nil {
			t.Error("a group of one is left")
		}
		if err := o.room.JoinGroup(ctx, worker, command(), a, "mother_baby", []ident.Case{c}, sealed.Text{}); err != nil {
			t.Errorf("a new group after the old one: %v", err)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestWhoDoesNotReachAllDoesNotSeparate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		a, b := o.brothers(t, worker)
		if err := o.room.JoinGroup(ctx, worker, command(), a, "siblings", []ident.Case{b}, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		o.assign(t, b, o.South)
		if g := o.people(t, worker, a).Group; g == nil || len(g.Members) != 0 || !g.Elsewhere {
			t.Fatalf("group = %+v, want somebody out of reach and no name", g)
		}
		err := o.room.LeaveGroup(ctx, worker, command(), a, sealed.NewText("moved"))
		if fault.CodeOf(err) != "group-out-of-reach" {
			t.Errorf("separated a group that is not reached whole: %v", err)
		}
		boss := o.Person(access.RoleSupervisor, o.Head)
		if err := o.room.LeaveGroup(ctx, boss, command(), a, sealed.NewText("moved")); err != nil {
			t.Errorf("who reaches all: %v", err)
		}
	})
}

func TestTwoGroupsAreNotMadeOne(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	a, b := o.brothers(t, worker)
	c, d := o.brothers(t, worker)
	for _, pair := range [][2]ident.Case{{a, b}, {c, d}} {
		if err := o.room.JoinGroup(ctx, worker, command(), pair[0], "siblings", []ident.Case{pair[1]}, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.room.JoinGroup(ctx, worker, command(), a, "siblings", []ident.Case{c}, sealed.Text{}); fault.CodeOf(err) != "in-another-group" {
		t.Errorf("two groups joined: %v", err)
	}
}
