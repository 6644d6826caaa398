package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// basis gives the basis of an act: a decision of a court on it.
func (o *office) basis(t testing.TB, c *access.Caller, id ident.Case, kind string) {
	t.Helper()
	if err := o.status(c, id, kind); err != nil {
		t.Fatalf("decision on %s: %v", kind, err)
	}
}

func (o *office) planAct(c *access.Caller, id ident.Case, kind string) error {
	return o.room.PlanAct(ctx, c, command(), id, kind, sealed.NewText("Agreed with the child."), 0)
}

func (o *office) done(c *access.Caller, id ident.Case, kind string, change ...func(*casework.Done)) error {
	d := casework.Done{Kind: kind, Happened: o.Clock.Now(), Text: sealed.NewText("Taken to the house by the lake.")}
	for _, f := range change {
		f(&d)
	}
	return o.room.RecordAct(ctx, c, command(), id, d)
}

// under says that an act was done under an authorisation.
func under(id casework.ActID) func(*casework.Done) {
	return func(d *casework.Done) { d.Planned = id }
}

func inEmergency(d *casework.Done) { d.Emergency = true }

// reviews counts the open deadlines of reviews of acts.
func (o *office) reviews(t *testing.T, id ident.Case) (n int) {
	t.Helper()
	o.deadlines(t, id, func(d *deadline.Deadline) {
		if d.Kind == "breach_review" && d.State == deadline.Open {
			n++
		}
	})
	return n
}

func TestAnActNeedsItsBasis(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		for _, kind := range o.Pack.Codes(pack.ActKinds) {
			code(t, kind+" without a basis", o.planAct(worker, id, kind), "gate-needs")
		}
		o.basis(t, worker, id, "placement")
		code(t, "a decision on something else", o.planAct(worker, id, "removal"), "gate-needs")
		none(t, "with its basis", o.planAct(worker, id, "placement"))
		if n := len(o.open(t, worker, id).Acts); n != 1 {
			t.Fatalf("%d acts, want the one that has its basis", n)
		}
		act := o.open(t, worker, id).Acts[0]
		if act.Waits() || !act.Open() {
			t.Fatal("an act that a second person has to approve is authorised already")
		}
		o.approveAll(t, boss, id)
		child := o.open(t, worker, id)
		act = child.Acts[0]
		if !act.Waits() || act.Basis != child.Standing.Decided("placement").ID {
			t.Errorf("approved: authorised %v, basis %v", act.Waits(), act.Basis)
		}
		none(t, "done as authorised", o.done(worker, id, "placement", under(act.ID)))
		if act = o.open(t, worker, id).Acts[0]; act.Breach || act.Happened.IsZero() || o.reviews(t, id) != 0 {
			t.Errorf("done as authorised: breach %v, reviews %d", act.Breach, o.reviews(t, id))
		}
		code(t, "done twice", o.done(worker, id, "placement", under(act.ID)), "changed-meanwhile")
	})
}

func TestNobodyIsSentBackWhileSomethingStandsAgainstIt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		o.basis(t, worker, id, "return")
		none(t, "reflection", o.status(worker, id, "reflection_granted"))
		code(t, "return while the child reflects", o.planAct(worker, id, "return"), "gate-shut")
		o.Clock.Advance(31 * 24 * time.Hour)
		worker, boss = o.again(worker), o.again(boss)
		none(t, "return afterwards", o.planAct(worker, id, "return"))
		none(t, "an appeal", o.status(worker, id, "identification_appealed"))
		for _, a := range o.approvals(t, boss, id) {
			code(t, "approved against an appeal", o.room.Decide(ctx, boss, command(), id, a.ID, casework.Answer{Approve: true}), "gate-shut")
		}
		act := o.open(t, worker, id).Acts[0]
		none(t, "it happened all the same", o.done(worker, id, "return", under(act.ID)))
		if act = o.open(t, worker, id).Acts[0]; !act.Unreviewed() || o.reviews(t, id) != 1 {
			t.Errorf("unreviewed %v, reviews %d, want a review", act.Unreviewed(), o.reviews(t, id))
		}
	})
}

// again is the same person, signed in anew.
func (o *office) again(c *access.Caller) *access.Caller {
	return o.As(access.Signed{Staff: c.Staff(), Role: c.Role(), Unit: c.Unit()})
}

func TestAnActWithoutABasisIsRecordedAndReviewed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss, head := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.Head)
		id := o.register(t, worker)
		none(t, "recorded", o.done(boss, id, "removal"))
		act := o.open(t, boss, id).Acts[0]
		if !act.Unreviewed() || o.reviews(t, id) != 1 {
			t.Fatalf("unreviewed %v, reviews %d", act.Unreviewed(), o.reviews(t, id))
		}
		review := func(c *access.Caller) error {
			return o.room.ReviewBreach(ctx, c, command(), id, act.ID, "mended", sealed.NewText("The court is asked today."))
		}
		for name, c := range map[string]*access.Caller{
			"the worker": worker, "who wrote it down": boss, "another unit": o.Person(access.RoleSupervisor, o.South),
			"the operator": o.Person(access.RoleNodeOperator, o.North), "nobody": nil,
		} {
			if err := review(c); !fault.Is(err, fault.NotFound) {
				t.Errorf("reviewed by %s: %v, want refused", name, err)
			}
		}
		h := o.Entries(t)
		found := false
		for _, e := range h {
			found = found || e.What == "case.review" && e.Reason == "floor-not-oneself"
		}
		if !found {
			t.Error("the floor did not refuse the review of one's own act")
		}
		none(t, "reviewed by another", review(head))
		act = o.open(t, boss, id).Acts[0]
		if act.Unreviewed() || act.Reviewer != head.Staff() || o.reviews(t, id) != 0 {
			t.Errorf("afterwards: unreviewed %v, reviews %d", act.Unreviewed(), o.reviews(t, id))
		}
		code(t, "reviewed twice", review(head), "changed-meanwhile")
		// What happened is recorded of a closed case too.
		none(t, "closed", o.room.Close(ctx, boss, command(), id, casework.Closing{Decision: casework.Decision{To: "error"}}))
		none(t, "recorded of a closed case", o.done(boss, id, "separation"))
		if o.reviews(t, id) != 1 {
			t.Error("no review of an act of a closed case")
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestWhoAuthorisedDoesNotReview(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker, boss, head := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.Head)
	id := o.register(t, worker)
	o.basis(t, worker, id, "removal")
	none(t, "planned", o.planAct(boss, id, "removal"))
	act := o.open(t, boss, id).Acts[0]
	none(t, "done before anybody approved it", o.done(worker, id, "removal", under(act.ID)))
	review := func(c *access.Caller) error {
		return o.room.ReviewBreach(ctx, c, command(), id, act.ID, "stands", sealed.NewText("x"))
	}
	code(t, "reviewed by who planned it", review(boss), "own-act")
	none(t, "reviewed by another", review(head))
	for _, a := range o.approvals(t, head, id) {
		if a.Waits() {
			t.Error("an act that was done still waits to be approved")
		}
	}
}

func TestAnybodyOnDutyActsInAnEmergency(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		for name, c := range map[string]*access.Caller{"a colleague": o.Person(access.RoleCaseWorker, o.South), "a responder": o.Person(access.RoleFirstResponder, o.South)} {
			if err := o.done(c, id, "placement"); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s without an emergency: %v, want refused", name, err)
			}
			none(t, name+" in an emergency", o.done(c, id, "placement", inEmergency))
			if _, err := o.room.Open(ctx, c, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s opens the case by it: %v", name, err)
			}
		}
		for name, c := range map[string]*access.Caller{"an auditor": o.Person(access.RoleAuditor, o.North), "the operator": o.Person(access.RoleNodeOperator, o.North)} {
			if err := o.done(c, id, "placement", inEmergency); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want refused", name, err)
			}
		}
		due := map[string]time.Time{}
		o.deadlines(t, id, func(d *deadline.Deadline) { due[d.Kind] = d.Due })
		start := o.Clock.Now()
		if !due["emergency_confirm"].Equal(start.Add(24*time.Hour)) || !due["emergency_assessment"].Equal(start.Add(72*time.Hour)) {
			t.Errorf("deadlines = %v, want a confirmation in 24 and an assessment in 72 hours", due)
		}
		acts := o.open(t, boss, id).Unreviewed()
		if len(acts) != 2 || !acts[0].Emergency {
			t.Fatalf("%d acts wait, want both", len(acts))
		}
		open := func() (n int) {
			o.deadlines(t, id, func(d *deadline.Deadline) {
				if d.Kind == "emergency_confirm" && d.State == deadline.Open {
					n++
				}
			})
			return n
		}
		for i, a := range acts {
			none(t, "reviewed", o.room.ReviewBreach(ctx, boss, command(), id, a.ID, "stands", sealed.NewText("Right.")))
			if want := 1 - i; open() != want {
				t.Errorf("after %d reviews %d confirmations are due, want %d", i+1, open(), want)
			}
		}
	})
}

func TestWhoMayAuthorise(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	for name, c := range map[string]*access.Caller{
		"a colleague": o.Person(access.RoleCaseWorker, o.North), "a responder": o.responder(), "an auditor": o.Person(access.RoleAuditor, o.Head),
		"the operator": o.Person(access.RoleNodeOperator, o.Head), "another unit": o.Person(access.RoleSupervisor, o.South), "nobody": nil,
	} {
		for what, err := range map[string]error{
			"plans an act":     o.planAct(c, id, "placement"),
			"records a status": o.status(c, id, "plan"),
			"records an act":   o.done(c, id, "placement"),
			"reports missing":  o.room.ReportMissing(ctx, c, command(), id, casework.Report{Since: o.Clock.Now(), Text: sealed.NewText("x")}),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s %s: %v, want refused", name, what, err)
			}
		}
	}
}
