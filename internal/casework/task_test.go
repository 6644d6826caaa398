package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// dues returns the open deadlines of a case of one kind.
func (o *office) duesOf(t *testing.T, c *access.Caller, id ident.Case, kind string) []deadline.Deadline {
	t.Helper()
	var out []deadline.Deadline
	err := o.Gate.View(ctx, c, access.Act{Action: "case.open", Purpose: casework.PurposeCare, Case: id}, func(p *access.Pass) error {
		all, err := deadline.Of(ctx, p)
		for _, d := range all {
			if d.Kind == kind && d.State == deadline.Open {
				out = append(out, d)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (o *office) child(t *testing.T, c *access.Caller, id ident.Case) *casework.Child {
	t.Helper()
	child, err := o.room.Open(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return child
}

func (o *office) in(days int) time.Time { return o.Clock.Now().AddDate(0, 0, days) }

func TestFlagStandsUntilItIsResolved(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		flag := casework.Flag{Reason: "danger", Text: sealed.NewText("A man asked for her."), Day: o.in(3)}
		cmd := command()
		for range 2 { // the same form twice is one flag
			if err := o.room.PutFlag(ctx, worker, cmd, id, flag); err != nil {
				t.Fatal(err)
			}
		}
		child := o.child(t, worker, id)
		if len(child.Flags) != 1 || !child.Flags[0].Open() || child.Flags[0].Text.Reveal() != "A man asked for her." || child.Flags[0].Kind != "danger" {
			t.Fatalf("flags = %+v, want the one", child.Flags)
		}
		due := o.duesOf(t, worker, id, "flag")
		if len(due) != 1 || due[0].Owner != worker.Staff() || !due[0].Due.Equal(flag.Day) || due[0].About != [16]byte(child.Flags[0].ID) {
			t.Errorf("due = %+v, want the flag's day for the lead worker", due)
		}
		if err := o.room.ResolveFlag(ctx, worker, command(), id, child.Flags[0].ID, sealed.Text{}); fault.CodeOf(err) == "" || fault.FieldsOf(err)[0].Name != "reason" {
			t.Errorf("resolved without a word = %v, want refused", err)
		}
		if err := o.room.ResolveFlag(ctx, worker, command(), id, child.Flags[0].ID, sealed.NewText("Police took him away.")); err != nil {
			t.Fatal(err)
		}
		if err := o.room.ResolveFlag(ctx, worker, command(), id, child.Flags[0].ID, sealed.NewText("Again.")); !fault.Is(err, fault.Conflict) {
			t.Errorf("resolved twice = %v, want a conflict", err)
		}
		child = o.child(t, worker, id)
		if child.Flags[0].State != casework.FlagResolved || len(o.duesOf(t, worker, id, "flag")) != 0 {
			t.Errorf("afterwards: state %s, due %v", child.Flags[0].State, o.duesOf(t, worker, id, "flag"))
		}
		if e := child.Events[0]; e.Kind != casework.KindResolved || e.Text.Reveal() != "Police took him away." || string(e.Of) != string(child.Flags[0].ID[:]) {
			t.Errorf("newest event = %s about %x", e.Kind, e.Of)
		}
		if r := o.reconcile(t); r.Exit != journal.Sound {
			t.Errorf("reconciliation = %+v", r)
		}
	})
}

func TestTasksAndWhoDoesThem(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		boss := o.Person(access.RoleSupervisor, o.North)
		stranger := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		for _, task := range []casework.Task{
			{Text: sealed.NewText("Ask the school."), For: casework.ForLead, Day: o.in(2)},
			{Text: sealed.NewText("Sign the paper."), For: casework.ForSupervisor, Day: o.in(1)},
		} {
			if err := o.room.SetTask(ctx, worker, command(), id, task); err != nil {
				t.Fatal(err)
			}
		}
		err := o.room.SetTask(ctx, worker, command(), id, casework.Task{Text: sealed.NewText("Read this."), For: casework.ForHelper, Helper: stranger.Staff(), Day: o.in(1)})
		if f := fault.FieldsOf(err); len(f) != 1 || f[0].Name != "task_for" {
			t.Errorf("a task for somebody who does not work on the case = %v, want refused at task_for", err)
		}
		child := o.child(t, worker, id)
		if len(child.Tasks) != 2 || child.Tasks[0].Text.Reveal() != "Sign the paper." || !child.Tasks[0].Owner.IsZero() || child.Tasks[1].Owner != worker.Staff() {
			t.Fatalf("tasks = %+v, want the supervisor's first", child.Tasks)
		}
		if err := o.room.EndTask(ctx, worker, command(), id, child.Tasks[1].ID, false, sealed.Text{}); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("not possible without a reason = %v, want refused", err)
		}
		if err := o.room.EndTask(ctx, boss, command(), id, child.Tasks[0].ID, true, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.EndTask(ctx, worker, command(), id, child.Tasks[1].ID, false, sealed.NewText("No place there.")); err != nil {
			t.Fatal(err)
		}
		child = o.child(t, worker, id)
		states := map[string]bool{}
		for _, i := range child.Tasks {
			states[i.State] = true
		}
		if !states[casework.TaskDone] || !states[casework.TaskImpossible] || len(o.duesOf(t, worker, id, "task")) != 0 {
			t.Errorf("states = %v, due %v", states, o.duesOf(t, worker, id, "task"))
		}
		if r := o.reconcile(t); r.Exit != journal.Sound {
			t.Errorf("reconciliation = %+v", r)
		}
	})
}

// TestWhoMayNotTouchFlagsAndTasks: whoever does not reach the case changes
// nothing, and an item of another case is not found.
func TestWhoMayNotTouchFlagsAndTasks(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id, other := o.register(t, worker), o.register(t, worker)
		flag := casework.Flag{Reason: "health", Text: sealed.NewText("Allergy.")}
		if err := o.room.PutFlag(ctx, worker, command(), other, flag); err != nil {
			t.Fatal(err)
		}
		of := o.child(t, worker, other).Flags[0].ID
		if err := o.room.ResolveFlag(ctx, worker, command(), id, of, sealed.NewText("x")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a flag of another case = %v, want not found", err)
		}
		task := casework.Task{Text: sealed.NewText("x"), For: casework.ForLead, Day: o.in(1)}
		for name, c := range map[string]*access.Caller{
			"a colleague": o.Person(access.RoleCaseWorker, o.North), "another unit": o.Person(access.RoleSupervisor, o.South),
			"the auditor": o.Person(access.RoleAuditor, o.Head), "the operator": o.Person(access.RoleNodeOperator, o.Head), "nobody": nil,
		} {
			for what, err := range map[string]error{
				"flag":    o.room.PutFlag(ctx, c, command(), other, flag),
				"resolve": o.room.ResolveFlag(ctx, c, command(), other, of, sealed.NewText("x")),
				"task":    o.room.SetTask(ctx, c, command(), other, task),
				"end":     o.room.EndTask(ctx, c, command(), other, of, true, sealed.Text{}),
			} {
				if !fault.Is(err, fault.NotFound) {
					t.Errorf("%s by %s = %v, want not found", what, name, err)
				}
			}
		}
	})
}

func TestAForgedFlagIsSeen(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		if err := o.room.PutFlag(ctx, worker, command(), id, casework.Flag{Reason: "danger", Text: sealed.NewText("Careful.")}); err != nil {
			t.Fatal(err)
		}
		o.exec(t, `UPDATE casework_flag SET state = 'resolved' WHERE case_id = $1`, id)
		if _, err := o.room.Open(ctx, worker, id); fault.CodeOf(err) != "record-altered" {
			t.Errorf("opened = %v, want record-altered", err)
		}
	})
}

func (o *office) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := o.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, query, args...); return err }); err != nil {
		t.Fatal(err)
	}
}
