package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// fillPack gives a room the forms of the pack.
func fillPack(t testing.TB, o *office) {
	t.Helper()
	lib, err := forms.NewLibrary(o.Pack)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DB.Write(ctx, func(tx *store.Tx) error { return lib.Install(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
	o.room.Fill(forms.New(lib))
}

// planned is what a finished plan holds at least.
func planned() forms.Answers {
	return forms.Answers{
		"child_wish": written("I want to go to school."), "aim": written("A safe place, and school."),
		"goals": {State: forms.Given, Groups: []forms.Answers{
			{"goal": written("I go to school."), "area": given("education"), "goal_on": dated("2026-09-01")},
			{"goal": written("Nobody finds me."), "area": given("safety")},
		}},
		"steps": {State: forms.Given, Groups: []forms.Answers{
			{"step": written("Ask the school for a place."), "step_by": written("Hana"), "step_on": dated("2026-04-01")},
			{"step": written("Change the telephone."), "step_by": written("Ilara"), "step_on": dated("2026-03-15")},
		}},
		"safety_made": given("no"), "child_agrees": given("yes"), "plan_review_on": dated("2026-06-01"),
		"child_heard": given("yes"), "heard_on": dated("2026-03-01"), "heard_by": written("Hana, case worker"), "heard_alone": given("yes"),
		"interpreter": given("not_needed"), "after_18": written("Later."),
	}
}

// finish saves and finishes a form of the pack.
func (o *office) finishForm(t testing.TB, c *access.Caller, id ident.Case, form string, record ident.Record, base int64, as forms.Answers) ident.Record {
	t.Helper()
	record, err := o.room.SaveRecord(ctx, c, command(), id, casework.RecordInput{Form: form, Record: record, Base: base, Answers: as, Finish: true})
	if err != nil {
		t.Fatalf("finish %s: %v %v", form, err, fault.FieldsOf(err))
	}
	return record
}

func (o *office) approvals(t testing.TB, c *access.Caller, id ident.Case) []*casework.Approval {
	t.Helper()
	list, err := o.room.Approvals(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return list.Approvals
}

func TestAPlanAtHighRiskWaitsForASupervisor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		elsewhere := o.Person(access.RoleSupervisor, o.South)
		id := o.register(t, worker) // at high risk
		record := o.finishForm(t, worker, id, "plan", ident.Record{}, 0, planned())
		list := o.approvals(t, worker, id)
		if len(list) != 1 || !list[0].Waits() || list[0].Code != "plan" || list[0].About != [16]byte(record) || list[0].Asker != worker.Staff() ||
			!list[0].Due.Equal(o.Clock.Now().Add(24*time.Hour)) {
			t.Fatalf("approvals = %+v, want the plan's, by tomorrow", list)
		}
		first := list[0].ID
		for name, c := range map[string]*access.Caller{
			"who finished it": worker, "a colleague": o.Person(access.RoleCaseWorker, o.North), "another supervisor": elsewhere,
			"an auditor": o.Person(access.RoleAuditor, o.Head), "nobody": nil,
		} {
			if err := o.room.Decide(ctx, c, command(), id, first, casework.Answer{Approve: true}); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s approves: %v, want refused", name, err)
			}
		}
		if f := fault.FieldsOf(o.room.Decide(ctx, boss, command(), id, first, casework.Answer{})); len(f) != 1 || f[0].Name != "comment" {
			t.Errorf("returned without a comment: %+v", f)
		}
		today := func(c *access.Caller) (ours, mine int) {
			day, err := o.room.Today(ctx, c, o.Clock.Now().AddDate(0, 0, 7))
			if err != nil {
				t.Fatal(err)
			}
			return len(day.Approvals), len(day.Asked)
		}
		for name, tt := range map[string]struct {
			c          *access.Caller
			ours, mine int
		}{"the worker": {worker, 0, 1}, "the supervisor": {boss, 1, 0}, "another supervisor": {elsewhere, 0, 0}} {
			if ours, mine := today(tt.c); ours != tt.ours || mine != tt.mine {
				t.Errorf("%s sees %d to approve and %d asked for, want %d and %d", name, ours, mine, tt.ours, tt.mine)
			}
		}
		if err := o.room.Decide(ctx, boss, command(), id, first, casework.Answer{Comment: sealed.NewText("Who pays the bus?")}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.Decide(ctx, boss, command(), id, first, casework.Answer{Approve: true}); fault.CodeOf(err) != "approval-over" {
			t.Errorf("decided twice: %v, want approval-over", err)
		}
		list = o.approvals(t, worker, id)
		if list[0].State != casework.ApprovalReturned || list[0].Comment.Reveal() != "Who pays the bus?" || list[0].Decider != boss.Staff() {
			t.Errorf("returned = %+v, comment %q", list[0], list[0].Comment.Reveal())
		}
		if ours, mine := today(worker); ours != 0 || mine != 1 {
			t.Errorf("the worker sees %d and %d, want the returned plan", ours, mine)
		}
		o.finishForm(t, worker, id, "plan", record, 1, forms.Answers{"aim": written("A safe place, school, and the bus.")})
		list = o.approvals(t, worker, id)
		if len(list) != 1 || !list[0].Waits() || list[0].ID == first {
			t.Fatalf("approvals = %+v, want one that waits anew", list)
		}
		if err := o.room.Decide(ctx, boss, command(), id, first, casework.Answer{Approve: true}); fault.CodeOf(err) != "approval-over" {
			t.Errorf("the one that was replaced: %v, want approval-over", err)
		}
		if err := o.room.Decide(ctx, boss, command(), id, list[0].ID, casework.Answer{Approve: true}); err != nil {
			t.Fatal(err)
		}
		if ours, mine := today(worker); ours != 0 || mine != 0 {
			t.Errorf("after the approval the worker sees %d and %d", ours, mine)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestASupervisorDoesNotApproveTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		boss, head := o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.Head)
		id := o.register(t, boss)
		o.finishForm(t, boss, id, "plan", ident.Record{}, 0, planned())
		approval := o.approvals(t, boss, id)[0].ID
		if err := o.room.Decide(ctx, boss, command(), id, approval, casework.Answer{Approve: true}); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
			t.Errorf("their own: %v, want refused", err)
		}
		h := o.Entries(t)
		if last := h[len(h)-1]; last.What != "case.approve" || last.Reason != "floor-not-oneself" {
			t.Errorf("entry = %s, %s, want the floor's refusal", last.What, last.Reason)
		}
		if err := o.room.Decide(ctx, head, command(), id, approval, casework.Answer{Approve: true}); err != nil {
			t.Errorf("the supervisor above: %v", err)
		}
	})
}

// TestTheSampleIsDeterministic: at low risk about one plan in five is looked at, always
// the same ones, and a plan that was looked at once is looked at again.
func TestTheSampleIsDeterministic(t *testing.T) {
	o := open(t, accesstest.New(t))
	fillPack(t, o)
	worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
	g := girl()
	g.Risk = "low"
	asked := 0
	const plans = 60
	for range plans {
		id, err := o.room.Register(ctx, worker, command(), g)
		if err != nil {
			t.Fatal(err)
		}
		record := o.finishForm(t, worker, id, "plan", ident.Record{}, 0, planned())
		before := o.approvals(t, worker, id)
		o.finishForm(t, worker, id, "plan", record, 1, forms.Answers{"aim": written("Something else.")})
		if after := o.approvals(t, worker, id); len(after) != len(before) {
			t.Fatalf("the same record: %d then %d", len(before), len(after))
		}
		if len(before) == 1 {
			asked++
			if day, err := o.room.Today(ctx, boss, o.Clock.Now()); err != nil || len(day.Approvals) != asked {
				t.Fatalf("today: %d, %v, want %d", len(day.Approvals), err, asked)
			}
		}
	}
	if asked == 0 || asked > plans/2 { // one in a hundred thousand runs
		t.Errorf("asked for %d of %d plans, want about a fifth", asked, plans)
	}
}
