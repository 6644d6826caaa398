package access_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
)

// TestFloorDenies has one case for each rule that is compiled in. Each is an
// entry with the rule's code; the caller learns nothing but "not found".
func TestFloorDenies(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		boss := o.Person(access.RoleSupervisor, o.North)
		kept := o.Person(access.RoleSupervisor, o.North)
		id := register(t, o, worker)
		if _, err := o.Gate.Do(ctx, boss, access.Act{Action: "case.withhold", Purpose: "supervision", Case: id},
			func(p *access.Pass) (string, error) { return "", p.Withhold(ctx, [16]byte(kept.Staff())) }); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name string
			c    *access.Caller
			a    access.Act
			want string
		}{
			{"nobody", nil, access.Act{Action: "case.note", Purpose: "case-work", Case: id}, "floor-no-caller"},
			{"a caller that the gate did not make", new(access.Caller), access.Act{Action: "case.note", Purpose: "case-work", Case: id}, "floor-no-caller"},
			{
				"a session of nobody", o.Gate.Person(access.Signed{Role: access.RoleSupervisor, Unit: o.North}, "web", "inside"),
				access.Act{Action: "case.note", Purpose: "case-work", Case: id},
				"floor-no-caller",
			},
			{"an action that there is not", worker, access.Act{Action: "case.burn", Purpose: "case-work", Case: id}, "floor-unknown-action"},
			{"an action without a name", worker, access.Act{Purpose: "case-work", Case: id}, "floor-unknown-action"},
			{"a job nobody named", o.Gate.Job("cleaner"), access.Act{Action: "case.note", Case: id}, "floor-job"},
			{"a job outside its task", o.Gate.Job("rewrap"), access.Act{Action: "case.note", Case: id}, "floor-job"},
			{"a job that would open", o.Gate.Job("seed"), access.Act{Action: "case.open", Case: id}, "floor-job"},
			{"a person doing a job's work", boss, access.Act{Action: "job.rewrap"}, "floor-job"},
			{"a person reconciling", o.Person(access.RoleAuditor, o.Head), access.Act{Action: "job.reconcile"}, "floor-job"},
			{"the node operator", o.Person(access.RoleNodeOperator, o.Head), access.Act{Action: "case.open", Purpose: "case-work", Case: id}, "floor-operator-no-case"},
			{"the node operator looking who looked", o.Person(access.RoleNodeOperator, o.Head), access.Act{Action: "case.wholooked", Case: id}, "floor-operator-no-case"},
			{"the node operator registering", o.Person(access.RoleNodeOperator, o.Head), access.Act{Action: "case.register", Case: ident.New[ident.Case](), NewCase: true}, "floor-operator-no-case"},
			{"the auditor", o.Person(access.RoleAuditor, o.Head), access.Act{Action: "case.open", Purpose: "audit", Case: id}, "floor-auditor-no-case"},
			{"the auditor listing", o.Person(access.RoleAuditor, o.Head), access.Act{Action: "case.list", Purpose: "audit"}, "floor-auditor-no-case"},
			{"a supervisor from whom it is withheld", kept, access.Act{Action: "case.open", Purpose: "supervision", Case: id}, "floor-withheld"},
			{"the same, looking who looked", kept, access.Act{Action: "case.wholooked", Purpose: "supervision", Case: id}, "floor-withheld"},
			{"a supervisor reading a lawyer's notes", boss, access.Act{Action: "consent.notes", Purpose: "child-request", Case: id}, "floor-privileged"},
			{"a guardian reading them", o.Person(access.RoleGuardian, o.Head), access.Act{Action: "consent.notes", Purpose: "child-request", Case: id}, "floor-privileged"},
			{"a judge reading them", o.Person(access.RoleJudge, o.Head), access.Act{Action: "consent.notes", Purpose: "child-request", Case: id}, "floor-privileged"},
			{"a worker writing one", worker, access.Act{Action: "consent.note", Purpose: "child-request", Case: id}, "floor-privileged"},
			{"one's own credentials", boss, access.Act{Action: "staff.reinvite", Staff: boss.Staff()}, "floor-not-oneself"},
			{"one's own role", boss, access.Act{Action: "staff.update", Staff: boss.Staff()}, "floor-not-oneself"},
			{"one's own account", boss, access.Act{Action: "staff.disable", Staff: boss.Staff()}, "floor-not-oneself"},
		}
		for _, tt := range tests {
			_, err := o.Gate.Do(ctx, tt.c, tt.a, func(*access.Pass) (string, error) {
				t.Errorf("%s: the function ran", tt.name)
				return "", nil
			})
			refused(t, tt.name, err)
			h := last(t, o, 1)[0]
			if h.Outcome != journal.Denied || h.Reason != tt.want || h.What != tt.a.Action {
				t.Errorf("%s: entry %s %s %q, want a denial of %q for %s", tt.name, h.Outcome, h.What, h.Reason, tt.a.Action, tt.want)
			}
			wait(o)
		}
	})
}

// TestWithholdingOutlastsReach: whoever is let in again by a later assignment is
// still kept out.
func TestWithholdingOutlastsReach(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		other := o.Person(access.RoleCaseWorker, o.North)
		for _, grant := range []func(p *access.Pass) error{
			func(p *access.Pass) error { return p.Withhold(ctx, [16]byte(other.Staff())) },
			func(p *access.Pass) error { return p.Reach(ctx, access.RelationHelper, [16]byte(other.Staff())) },
		} {
			_, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.withhold", Purpose: "case-work", Case: id},
				func(p *access.Pass) (string, error) { return "", grant(p) })
			if err != nil {
				t.Fatal(err)
			}
		}
		refused(t, "a helper from whom it is withheld", does(o, other, "case.note", id))
		equal(t, "reasons", reasons(t, o), []string{"floor-withheld"})
	})
}

// TestWithheldFromAUnit keeps a whole unit's supervisor out.
func TestWithheldFromAUnit(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	boss := o.Person(access.RoleSupervisor, o.North)
	if err := does(o, boss, "case.note", id); err != nil {
		t.Fatal(err)
	}
	_, err := o.Gate.Do(ctx, worker, access.Act{Action: "case.withhold", Purpose: "case-work", Case: id},
		func(p *access.Pass) (string, error) { return "", p.Withhold(ctx, [16]byte(o.North)) })
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "the unit's supervisor", does(o, boss, "case.note", id))
	if err := does(o, o.Person(access.RoleSupervisor, o.Head), "case.note", id); err != nil {
		t.Errorf("the unit above: %v", err)
	}
}

// TestFreshCheck: acts that need a fresh proof of who this is ask for one, and
// only when everything else permits them.
func TestFreshCheck(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		as := func(role string, age time.Duration) *access.Caller {
			return o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: role, Unit: o.Head, FreshAt: o.Clock.Now().Add(-age)})
		}
		other := ident.New[ident.Staff]()
		for action, role := range map[string]string{
			"staff.invite": access.RoleSupervisor, "staff.reinvite": access.RoleSupervisor, "staff.update": access.RoleSupervisor,
			"staff.disable": access.RoleSupervisor, "unit.update": access.RoleNodeOperator, "agency.update": access.RoleNodeOperator,
			"journal.export": access.RoleAuditor, "backup.run": access.RoleNodeOperator,
		} {
			try := func(c *access.Caller) error {
				_, err := o.Gate.Do(ctx, c, access.Act{Action: action, Purpose: access.PurposeAccounts, Staff: other}, nothing)
				return err
			}
			if !access.NeedsFresh(action) {
				t.Errorf("%s: does not say that it needs a fresh check", action)
			}
			if err := try(as(role, 4*time.Minute+59*time.Second)); err != nil {
				t.Errorf("%s after a check: %v", action, err)
			}
			before := len(o.Entries(t))
			if err := try(as(role, 5*time.Minute)); !fault.Is(err, fault.Expired) || fault.CodeOf(err) != "fresh-check" {
				t.Errorf("%s without a fresh check: %v, want expired, fresh-check", action, err)
			}
			if after := len(o.Entries(t)); after != before {
				t.Errorf("%s: asking for a check made %d entries", action, after-before)
			}
			refused(t, action+" by a case worker", try(as(access.RoleCaseWorker, time.Hour)))
		}
		for _, action := range []string{"case.open", "case.note", "staff.list", "health.view"} {
			if access.NeedsFresh(action) {
				t.Errorf("%s needs a fresh check", action)
			}
		}
	})
}

// The wall around care notes, by role and by sector: whoever looks as both is walled.
func TestWalled(t *testing.T) {
	for _, tt := range []struct {
		role, sector string
		want         bool
	}{
		{access.RoleGuardian, "guardian", false},
		{access.RoleLawyer, "legal_aid", false},
		{access.RoleProvider, "health", false},
		{access.RoleProvider, "", false},
		{access.RoleCaseWorker, "child_protection", false},
		{access.RoleFirstResponder, "school", false},
		{"", "shelter", false}, // a unit of a shelter
		{access.RoleInvestigator, "", true},
		{access.RoleInvestigator, "child_protection", true},
		{access.RoleProsecutor, "prosecution", true},
		{access.RoleJudge, "court", true},
		{access.RoleCoordinator, "ngo", true},
		{access.RoleRapporteur, "ombudsperson", true},
		{access.RoleGuardian, "police", true},
		{access.RoleProvider, "migration", true},
		{access.RoleCaseWorker, "labour_inspection", true},
		{access.RoleFirstResponder, "border", true},
		{access.RoleFirstResponder, "justice", true},
		{access.RoleFirstResponder, "", true},
		{"", "", true},
		{"", "police", true}, // of whom nobody knows enough
	} {
		if got := access.Walled(tt.role, tt.sector); got != tt.want {
			t.Errorf("%q of %q: walled %v, want %v", tt.role, tt.sector, got, tt.want)
		}
	}
}
