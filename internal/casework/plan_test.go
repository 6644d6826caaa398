package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

func (o *office) plan(t testing.TB, c *access.Caller, id ident.Case) *casework.PlanView {
	t.Helper()
	view, err := o.room.Plan(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func TestAPlanIsAgreedAndFollowed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		if v := o.plan(t, worker, id); v.Plan != nil {
			t.Fatal("there is a plan before anybody made one")
		}
		record := o.finishForm(t, worker, id, "plan", ident.Record{}, 0, planned())
		v := o.plan(t, worker, id)
		if len(v.Goals) != 2 || len(v.Steps) != 2 || v.Goals[0].What.Reveal() != "I go to school." || v.Steps[0].Who.Reveal() != "Hana" ||
			v.Steps[0].State() != "open" || v.Agreed != nil || v.Approval == nil || !v.Approval.Waits() {
			t.Fatalf("plan = %+v", v)
		}
		agree := casework.Agreement{Record: record, Revision: 1, Answer: "partly", Alone: "yes", Copy: "no"}
		if f := fault.FieldsOf(o.room.AgreePlan(ctx, worker, command(), id, agree)); len(f) != 1 || f[0].Name != "plan_words" {
			t.Errorf("agreed in part, without the child's words: %+v", f)
		}
		agree.Words = sealed.NewText("School yes. But not the old telephone.")
		if err := o.room.AgreePlan(ctx, worker, command(), id, agree); err != nil {
			t.Fatal(err)
		}
		if err := o.room.StepProgress(ctx, worker, command(), id, casework.Progress{Record: record, Key: v.Steps[0].Key, State: "done"}); err != nil {
			t.Fatal(err)
		}
		impossible := casework.Progress{Record: record, Key: v.Steps[1].Key, State: "impossible"}
		if f := fault.FieldsOf(o.room.StepProgress(ctx, worker, command(), id, impossible)); len(f) != 1 || f[0].Name != "plan_note" {
			t.Errorf("not possible, without saying why: %+v", f)
		}
		impossible.Note = sealed.NewText("There is no money for a new one.")
		if err := o.room.StepProgress(ctx, worker, command(), id, impossible); err != nil {
			t.Fatal(err)
		}
		if err := o.room.GoalOpinion(ctx, worker, command(), id, casework.Opinion{
			Record: record, Key: v.Goals[0].Key, View: "wants", Words: sealed.NewText("I want to read."), Alone: "yes",
		}); err != nil {
			t.Fatal(err)
		}
		v = o.plan(t, boss, id)
		if !v.AgreedAsIs() || v.Agreed.To != "partly" || v.Agreed.Author != worker.Staff() {
			t.Errorf("agreed = %+v, want the worker's signature", v.Agreed)
		}
		if v.Steps[0].State() != "done" || v.Steps[1].State() != "impossible" || v.Steps[1].Now.Text.Reveal() != "There is no money for a new one." {
			t.Errorf("steps = %s, %s", v.Steps[0].State(), v.Steps[1].State())
		}
		if v.Goals[0].View == nil || v.Goals[0].View.Words.Reveal() != "I want to read." || v.Goals[1].View != nil {
			t.Errorf("views = %+v, %+v", v.Goals[0].View, v.Goals[1].View)
		}
		// Another sentence is another step: what was done of the old one does not count for
		// it, and what the child agreed to is not this plan any more.
		steps := planned()["steps"]
		steps.Groups[0]["step"] = written("Ask two schools for a place.")
		o.finishForm(t, worker, id, "plan", record, 1, forms.Answers{"steps": steps})
		v = o.plan(t, worker, id)
		if v.AgreedAsIs() || v.Agreed == nil || v.Steps[0].State() != "open" || v.Steps[1].State() != "impossible" {
			t.Errorf("after a change: agreed %v, steps %s, %s", v.AgreedAsIs(), v.Steps[0].State(), v.Steps[1].State())
		}
		agree.Answer = "yes"
		if err := o.room.AgreePlan(ctx, worker, command(), id, agree); fault.CodeOf(err) != "changed-meanwhile" {
			t.Errorf("agreed to the plan before: %v, want changed-meanwhile", err)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestAReturnedPlanIsNotAgreed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		record := o.finishForm(t, worker, id, "plan", ident.Record{}, 0, planned())
		answer := casework.Answer{Comment: sealed.NewText("Who pays the bus?")}
		if err := o.room.Decide(ctx, boss, command(), id, o.approvals(t, boss, id)[0].ID, answer); err != nil {
			t.Fatal(err)
		}
		v := o.plan(t, worker, id)
		if v.Approval == nil || v.Approval.State != casework.ApprovalReturned || v.Approval.Comment.Reveal() != "Who pays the bus?" {
			t.Errorf("approval = %+v, want it returned with the comment", v.Approval)
		}
		err := o.room.AgreePlan(ctx, worker, command(), id, casework.Agreement{Record: record, Revision: 1, Answer: "yes", Alone: "yes", Copy: "no"})
		if fault.CodeOf(err) != "plan-returned" {
			t.Errorf("agreed: %v, want plan-returned", err)
		}
	})
}

func TestWhoMayNotFollowAPlan(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record := o.finishForm(t, worker, id, "plan", ident.Record{}, 0, planned())
		key := o.plan(t, worker, id).Steps[0].Key
		for name, c := range map[string]*access.Caller{
			"a colleague": o.Person(access.RoleCaseWorker, o.North), "another supervisor": o.Person(access.RoleSupervisor, o.South),
			"an operator": o.Person(access.RoleNodeOperator, o.Head), "nobody": nil,
		} {
			if err := o.room.StepProgress(ctx, c, command(), id, casework.Progress{Record: record, Key: key, State: "done"}); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v, want refused", name, err)
			}
			if _, err := o.room.PrintPlan(ctx, c, id); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s prints: %v, want refused", name, err)
			}
		}
	})
}

// TestAPlanIsLookedAtAgain: the day agreed on is a deadline; a plan made anew is that
// look, a correction is none.
func TestAPlanIsLookedAtAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		reviews := func() (open, done int) {
			for _, s := range o.dueOf(t, id, "plan_review") {
				switch s {
				case "open":
					open++
				case "done":
					done++
				}
			}
			return open, done
		}
		record := o.finishForm(t, worker, id, "plan", ident.Record{}, 0, planned())
		o.finishForm(t, worker, id, "plan", record, 1, forms.Answers{"plan_review_on": dated("2026-07-01")})
		if open, done := reviews(); open != 1 || done != 0 {
			t.Errorf("after a correction: %d open, %d done", open, done)
		}
		o.finishForm(t, worker, id, "plan", ident.Record{}, 0, planned())
		if open, done := reviews(); open != 1 || done != 1 {
			t.Errorf("after a new plan: %d open, %d done, want one of each", open, done)
		}
	})
}
