package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/pack"
)

func book(t testing.TB, o *accesstest.Office, g *access.Gate) (*access.Rulebook, error) {
	t.Helper()
	return access.OpenRulebook(ctx, g, access.RulebookConfig{
		Key: o.Ring.Derive("access/policy"), Pack: o.Pack.Policies(), Version: o.Pack.Version(),
		Purposes: o.Pack.Codes(pack.Purposes), Check: pack.CheckPolicies,
	})
}

// instance is another instance on the same database.
func instance(t testing.TB, o *accesstest.Office) *access.Gate {
	t.Helper()
	g, err := access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, parse(t, "pack", string(o.Pack.Policies())), o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// edited are the pack's rules without closing by case workers, and with a right of the
// auditor's more.
func edited(o *accesstest.Office) string {
	text := strings.Replace(string(o.Pack.Policies()), `[Action::"case.close", Action::"case.print",`, `[Action::"case.print",`, 1)
	return text + `
@id("auditor-sees-health")
@basis("a test")
@says("An auditor may see the health of the node.")
permit (principal is Staff, action == Action::"health.view", resource is Node)
when { principal.active && principal.role == "auditor" };`
}

// TestRulesAreChangedByTwo: rules are proposed by one person and put in force by
// another who is not the operator, who saw what changes, after a fresh check; every
// instance follows, and the journal has it all.
func TestRulesAreChangedByTwo(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		b, err := book(t, o, o.Gate)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := instance(t, o)
		other, err := book(t, o, elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		operator, head, second := o.Person(access.RoleNodeOperator, o.North), o.Person(access.RoleSupervisor, o.Head), o.Person(access.RoleSupervisor, o.Head)
		deny := func(what string, err error, reason string) {
			t.Helper()
			refused(t, what, err)
			if h := last(t, o, 1)[0]; h.Outcome != journal.Denied || h.Reason != reason {
				t.Errorf("%s: entry %s %q, want a denial for %q", what, h.Outcome, h.Reason, reason)
			}
			wait(o)
		}
		deny("a worker proposes", b.Propose(ctx, worker, command(), []byte(edited(o))), "no-policy")
		if err := b.Propose(ctx, o.Person(access.RoleSupervisor, o.North), command(), []byte(edited(o))); !fault.Is(err, fault.Denied) {
			t.Errorf("the supervisor of one unit proposes: %v, want denied", err)
		}
		if err := b.Propose(ctx, head, command(), []byte(everything)); fault.CodeOf(err) != "invalid" && len(fault.FieldsOf(err)) != 1 {
			t.Errorf("rules that lift the floor: %v, want refused", err)
		}
		if err := b.Propose(ctx, head, command(), []byte(edited(o))); err != nil {
			t.Fatal(err)
		}
		if err := b.Propose(ctx, operator, command(), []byte(edited(o))); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second proposal: %v, want a conflict", err)
		}
		if err := does(o, worker, "case.close", id); err != nil {
			t.Errorf("closing, while it is only proposed: %v", err)
		}

		p, err := b.Compare(ctx, second, 1)
		if err != nil {
			t.Fatal(err)
		}
		checkDifference(t, p.Difference)

		fresh := func(c *access.Caller) *access.Caller {
			return o.As(access.Signed{Staff: c.Staff(), Role: c.Role(), Unit: c.Unit()})
		}
		deny("who proposed puts in force", b.Activate(ctx, fresh(head), command(), 1, 1, 0), "floor-not-oneself")
		deny("the operator puts in force", b.Activate(ctx, fresh(operator), command(), 1, 1, 0), "floor-operator-no-policy")
		stale := o.As(access.Signed{Staff: second.Staff(), Role: access.RoleSupervisor, Unit: o.Head, FreshAt: o.Clock.Now().Add(-time.Hour)})
		if err := b.Activate(ctx, stale, command(), 1, 1, 0); fault.CodeOf(err) != "fresh-check" {
			t.Errorf("without a fresh check: %v", err)
		}
		if err := b.Activate(ctx, fresh(second), command(), 1, 1, 7); !fault.Is(err, fault.Conflict) {
			t.Errorf("compared with other rules: %v, want a conflict", err)
		}
		if err := b.Activate(ctx, fresh(second), command(), 1, 1, 0); err != nil {
			t.Fatal(err)
		}
		h := last(t, o, 1)[0]
		if h.What != "policy.activate" || h.Action != journal.Configure || ident.Staff(h.Actor) != second.Staff() || len(h.Rows) != 1 || h.Rows[0].Table != "access_policy" {
			t.Errorf("entry = %+v, want that rules were put in force", h)
		}

		deny("closing, here at once", does(o, worker, "case.close", id), "no-policy")
		here := o.Gate
		o.Gate = elsewhere
		if err := does(o, worker, "case.close", id); err != nil {
			t.Errorf("closing elsewhere, not refreshed yet: %v", err)
		}
		if err := other.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		deny("closing elsewhere, refreshed", does(o, worker, "case.close", id), "no-policy")
		o.Gate = here

		// Back to the pack's own, proposed by the operator this time.
		if err := b.Propose(ctx, operator, command(), o.Pack.Policies()); err != nil {
			t.Fatal(err)
		}
		if err := b.Activate(ctx, fresh(head), command(), 2, 1, 1); err != nil {
			t.Fatal(err)
		}
		if err := does(o, worker, "case.close", id); err != nil {
			t.Errorf("closing after the way back: %v", err)
		}
		if err := b.Propose(ctx, operator, command(), []byte(edited(o))); err != nil {
			t.Fatal(err)
		}
		if err := b.Drop(ctx, head, command(), 3, 1); err != nil {
			t.Fatal(err)
		}
		shown, err := b.Show(ctx, o.Person(access.RoleAuditor, o.Head))
		if err != nil || shown.Number != 2 {
			t.Errorf("in force = %d, %v; want 2", shown.Number, err)
		}
		var states []string
		for _, s := range shown.Sets {
			states = append(states, s.State)
		}
		equal(t, "states", states, []string{access.RulesDropped, access.RulesActive, access.RulesFormer})

		exec(t, o, `UPDATE access_policy SET proposer = $1 WHERE version = 2`, ident.New[ident.Staff]())
		if _, err := book(t, o, instance(t, o)); fault.CodeOf(err) != "record-altered" {
			t.Errorf("rules that were altered behind the program's back: %v, want refused", err)
		}
	})
}

// checkDifference compares with what the edited rules are.
func checkDifference(t *testing.T, d access.Difference) {
	t.Helper()
	var got []string
	for _, c := range d.Changes {
		sign := "loses"
		if c.Gains() {
			sign = "gains"
		}
		got = append(got, c.Role+" "+c.Relation+" "+sign+" "+c.Action)
	}
	slices.Sort(got)
	equal(t, "difference", got, []string{
		"auditor  gains health.view", "case_worker deputy loses case.close", "case_worker lead loses case.close",
	})
	if len(d.Added) != 1 || d.Added[0].ID != "auditor-sees-health" || len(d.Removed) != 0 || len(d.Other) != 1 || d.Other[0].ID != "case-worker-answers-for-own-case" {
		t.Errorf("rules added %v, removed %v, changed %v", d.Added, d.Removed, d.Other)
	}
}
