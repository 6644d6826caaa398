package access_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/ident"
)

// caseActions says who may do what with a case, as role:relation. Everything
// that is not written here must be refused.
var caseActions = map[string]string{
	"case.list":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.search":     "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.alike":      "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.same":       "case_worker:lead case_worker:deputy supervisor:unit supervisor:above supervisor:lead",
	"case.open":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.note":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.update":     "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.contact":    "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.risk":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.stage":      "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.assign":     "supervisor:unit supervisor:above supervisor:lead",
	"case.withhold":   "case_worker:lead case_worker:deputy supervisor:unit supervisor:above supervisor:lead",
	"case.close":      "case_worker:lead case_worker:deputy supervisor:unit supervisor:above supervisor:lead",
	"case.reopen":     "supervisor:unit supervisor:above supervisor:lead",
	"case.print":      "case_worker:lead case_worker:deputy supervisor:unit supervisor:above supervisor:lead",
	"case.flag":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.task":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.confer":     "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.approve":    "supervisor:unit supervisor:above supervisor:lead",
	"case.plan":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"case.need":       "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"referral.offer":  "case_worker:lead case_worker:deputy supervisor:unit supervisor:above supervisor:lead",
	"referral.open":   "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead",
	"referral.accept": "",
	"referral.assume": "",
	"case.wholooked":  "case_worker:lead case_worker:deputy case_worker:helper supervisor:unit supervisor:above supervisor:lead auditor:none auditor:lead",
}

// nodeActions says which roles may do what is about no case.
var nodeActions = map[string]string{
	"case.register":   "case_worker supervisor",
	"case.list":       "case_worker supervisor",
	"case.search":     "case_worker supervisor",
	"case.alike":      "case_worker supervisor",
	"view.save":       "case_worker supervisor",
	"view.share":      "supervisor",
	"view.unshare":    "case_worker supervisor",
	"view.list":       "case_worker supervisor",
	"import.run":      "supervisor",
	"staff.list":      "supervisor node_operator auditor",
	"staff.invite":    "supervisor node_operator",
	"staff.reinvite":  "supervisor",
	"staff.update":    "supervisor",
	"staff.present":   "supervisor",
	"staff.disable":   "supervisor node_operator",
	"unit.update":     "node_operator",
	"agency.update":   "node_operator",
	"group.update":    "node_operator",
	"place.try":       "node_operator",
	"place.bring":     "node_operator",
	"deputy.set":      "supervisor",
	"journal.view":    "auditor",
	"journal.verify":  "auditor",
	"journal.export":  "auditor",
	"health.view":     "node_operator",
	"backup.run":      "node_operator",
	"job.rewrap":      "",
	"job.searchindex": "",
	"job.seed":        "",
	"job.reconcile":   "",
}

// TestWhoMayDoWhatWithACase tries every action with every role and relation
// against the policies of the pack.
func TestWhoMayDoWhatWithACase(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	helper := o.Person(access.RoleCaseWorker, o.South)
	auditor := o.Person(access.RoleAuditor, o.Head)
	id := register(t, o, worker, helper.Staff())
	bossOfCase := o.Person(access.RoleSupervisor, o.South)
	led := register(t, o, bossOfCase)
	ledByAuditor := register(t, o, worker, auditor.Staff())
	stranger := func(role string) access.Signed {
		return access.Signed{Staff: ident.New[ident.Staff](), Role: role, Unit: o.South}
	}
	who := map[string]struct {
		s  access.Signed
		id ident.Case
	}{
		"case_worker:lead":   {access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.North}, id},
		"case_worker:deputy": {access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleCaseWorker, Unit: o.North, DeputyFor: []ident.Staff{worker.Staff()}}, id},
		"case_worker:helper": {access.Signed{Staff: helper.Staff(), Role: access.RoleCaseWorker, Unit: o.South}, id},
		// Somebody of the same unit is a stranger; and standing in for a helper
		// is not helping.
		"case_worker:colleague":      {access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleCaseWorker, Unit: o.North}, id},
		"case_worker:helpers-deputy": {access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleCaseWorker, Unit: o.South, DeputyFor: []ident.Staff{helper.Staff()}}, id},
		"case_worker:none":           {stranger(access.RoleCaseWorker), id},
		"supervisor:unit":            {access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleSupervisor, Unit: o.North}, id},
		"supervisor:above":           {access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleSupervisor, Unit: o.Head}, id},
		"supervisor:lead":            {access.Signed{Staff: bossOfCase.Staff(), Role: access.RoleSupervisor, Unit: o.South}, led},
		"supervisor:none":            {stranger(access.RoleSupervisor), id},
		"node_operator:none":         {stranger(access.RoleNodeOperator), id},
		"node_operator:lead":         {access.Signed{Staff: worker.Staff(), Role: access.RoleNodeOperator, Unit: o.North}, id},
		"auditor:none":               {stranger(access.RoleAuditor), id},
		"auditor:lead":               {access.Signed{Staff: auditor.Staff(), Role: access.RoleAuditor, Unit: o.Head}, ledByAuditor},
		"captain:lead":               {access.Signed{Staff: worker.Staff(), Role: "captain", Unit: o.North}, id},
	}
	for action, allowed := range caseActions {
		for name, w := range who {
			wait(o) // so that no denial waits for its answer
			c := o.As(w.s)
			want := slices.Contains(strings.Fields(allowed), name)
			if err := does(o, c, action, w.id); (err == nil) != want {
				t.Errorf("%s by %s: %v, want allowed %v", action, name, err, want)
			} else if err != nil {
				refused(t, action+" by "+name, err)
			}
			wait(o)
			refused(t, action+" by "+name+" of an unknown case", orElse(does(o, o.As(w.s), action, ident.New[ident.Case]()), name, action))
		}
	}
}

// orElse lets the auditor ask who looked at whatever they name: whether there is
// such a case is then for the room to say.
func orElse(err error, name, action string) error {
	if err == nil && action == "case.wholooked" && strings.HasPrefix(name, "auditor:") {
		return errNotFound
	}
	return err
}

// TestNoPurposeNoCase: work on a case names its purpose.
func TestNoPurposeNoCase(t *testing.T) {
	o := accesstest.New(t)
	for _, role := range []string{access.RoleCaseWorker, access.RoleSupervisor} {
		c := o.Person(role, o.North)
		id := register(t, o, c)
		for action := range caseActions {
			if action == "case.wholooked" {
				continue
			}
			wait(o)
			_, err := o.Gate.Do(ctx, o.As(access.Signed{Staff: c.Staff(), Role: role, Unit: o.North}), access.Act{Action: action, Case: id}, nothing)
			refused(t, fmt.Sprintf("%s by a %s without a purpose", action, role), err)
		}
	}
}

func TestWhoMayDoWhatOnTheNode(t *testing.T) {
	o := accesstest.New(t)
	roles := []string{access.RoleCaseWorker, access.RoleSupervisor, access.RoleNodeOperator, access.RoleAuditor, "captain", ""}
	for _, action := range slices.Sorted(maps.Keys(nodeActions)) {
		for _, role := range roles {
			wait(o)
			a := access.Act{Action: action, Purpose: "administration", Staff: ident.New[ident.Staff]()}
			if action == "case.register" {
				a.Case, a.NewCase = ident.New[ident.Case](), true
			}
			_, err := o.Gate.Do(ctx, o.Person(role, o.North), a, nothing)
			want := slices.Contains(strings.Fields(nodeActions[action]), role)
			if (err == nil) != want {
				t.Errorf("%s by %q: %v, want allowed %v", action, role, err, want)
			} else if err != nil {
				refused(t, action+" by "+role, err)
			}
		}
	}
}

// TestEveryEntryNamesItsRule: what was permitted says by which policy.
func TestEveryEntryNamesItsRule(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	if err := does(o, worker, "case.note", id); err != nil {
		t.Fatal(err)
	}
	policies := parse(t, "x", string(o.Pack.Policies()))
	for _, h := range last(t, o, 2) {
		if policies.Says(h.Basis) == "" {
			t.Errorf("%s rests on %q, which says nothing", h.What, h.Basis)
		}
	}
	if policies.Says("no-such-rule") != "" {
		t.Error("a rule that is not there says something")
	}
}

// purposes are those of the tests.
var purposes = []string{"case-work", "supervision", "administration", "audit", "maintenance", "emergency", "menu"}

// parse reads policies without holding them against the floor, as if somebody had
// put them there past the program: what the floor forbids must be denied all the same.
func parse(t testing.TB, version, text string) *access.Policies {
	t.Helper()
	p, err := access.ParseUnchecked(version, []byte(text), purposes)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const everything = `@id("all") @says("Everybody may do everything.") permit (principal, action, resource);`

// TestPoliciesDeny: a forbid wins, an error denies, and a policy that permits
// everything does not lift the floor.
func TestPoliciesDeny(t *testing.T) {
	tests := []struct {
		name, text string
		allowed    bool
	}{
		{"everything permitted", everything, true},
		{"a forbid beside it", everything + `@id("not") @says("No.") forbid (principal, action == Action::"case.note", resource);`, false},
		{"an attribute that there is not", everything + `@id("odd") @says("Odd.") permit (principal, action, resource) when { resource.colour == "red" };`, false},
		{"a forbid that cannot be evaluated", everything + `@id("odd") @says("Odd.") forbid (principal, action, resource) when { context.colour == "red" };`, false},
		{"a type error", everything + `@id("odd") @says("Odd.") permit (principal, action, resource) when { principal.role > 3 };`, false},
		{"a policy about other actions", `@id("one") @says("One.") permit (principal, action == Action::"case.open", resource);`, false},
		{"a policy about several actions", `@id("some") @says("Some.") permit (principal, action in [Action::"case.open", Action::"case.note"], resource);`, true},
		{"a policy about somebody else", `@id("he") @says("He.") permit (principal == Staff::"x", action, resource);`, false},
		{"a condition that does not hold", `@id("c") @says("C.") permit (principal, action, resource) when { resource.permits.contains("gone") };`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := accesstest.New(t)
			worker := o.Person(access.RoleCaseWorker, o.North)
			id := register(t, o, worker)
			var err error
			if o.Gate, err = access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, parse(t, "test", tt.text), o); err != nil {
				t.Fatal(err)
			}
			if err := does(o, worker, "case.note", id); (err == nil) != tt.allowed {
				t.Errorf("case.note = %v, want allowed %v", err, tt.allowed)
			}
			refused(t, "the node operator", does(o, o.Person(access.RoleNodeOperator, o.North), "case.note", id))
		})
	}
}

// TestPermitsReachThePolicies: a lawful basis in force is an attribute of the
// case; one that has ended is not.
func TestPermitsReachThePolicies(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		text := `@id("consent") @says("With consent.") permit (principal, action, resource is Case) when { resource.permits.contains("sharing") };` +
			`@id("grant") @says("Giving it.") permit (principal, action == Action::"case.update", resource);`
		var err error
		if o.Gate, err = access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, parse(t, "test", text), o); err != nil {
			t.Fatal(err)
		}
		refused(t, "before", does(o, worker, "case.note", id))
		_, err = o.Gate.Do(ctx, worker, access.Act{Action: "case.update", Purpose: "case-work", Case: id},
			func(p *access.Pass) (string, error) { return "", p.Permit(ctx, "sharing", "consent") })
		if err != nil {
			t.Fatal(err)
		}
		if err := does(o, worker, "case.note", id); err != nil {
			t.Errorf("with the permit: %v", err)
		}
		exec(t, o, `UPDATE access_permit SET until_at = $1`, o.Clock.Now().UnixMicro())
		refused(t, "after it has ended", does(o, worker, "case.note", id))
	})
}

// TestSectorsReachThePolicies: what a rule says of one sector holds for nobody else, not
// for a caller of no known sector either.
func TestSectorsReachThePolicies(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	text := `@id("shelters") @says("Shelters.") permit (principal, action, resource is Case) when { principal.sector == "shelter" };`
	var err error
	if o.Gate, err = access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, parse(t, "test", text), o); err != nil {
		t.Fatal(err)
	}
	of := func(sector string) *access.Caller {
		return o.Gate.Person(access.Signed{
			Staff: worker.Staff(), Session: ident.New[ident.Session](), Role: worker.Role(), Unit: o.North, Sector: sector, Strength: "passkey",
		}, "web", "inside")
	}
	for _, sector := range []string{"police", "", "shelter", "child_protection", "shelter"} {
		wait(o)
		if err := does(o, of(sector), "case.note", id); (err == nil) != (sector == "shelter") {
			t.Errorf("somebody of sector %q: %v", sector, err)
		}
	}
}

func TestParsePoliciesRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":      "",
		"a comment":    "// nothing",
		"not cedar":    "let everybody in",
		"no id":        `@says("x") permit (principal, action, resource);`,
		"no sentence":  `@id("x") permit (principal, action, resource);`,
		"the same id":  everything + everything,
		"cut in half":  everything[:40],
		"empty id":     `@id("") @says("x") permit (principal, action, resource);`,
		"an odd scope": `@id("x") @says("x") permit (principal, action like "case.*", resource);`,
	} {
		if _, err := access.ParsePolicies("test", []byte(text), purposes); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestGateNeedsAllItsParts(t *testing.T) {
	o := accesstest.New(t)
	p := parse(t, "x", everything)
	if _, err := access.NewGate(nil, o.Clock, o.Journal, o.Custody, p, o); err == nil {
		t.Error("no database: accepted")
	}
	if _, err := access.NewGate(o.DB, nil, o.Journal, o.Custody, p, o); err == nil {
		t.Error("no clock: accepted")
	}
	if _, err := access.NewGate(o.DB, o.Clock, nil, o.Custody, p, o); err == nil {
		t.Error("no journal: accepted")
	}
	if _, err := access.NewGate(o.DB, o.Clock, o.Journal, nil, p, o); err == nil {
		t.Error("no keys: accepted")
	}
	if _, err := access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, nil, o); err == nil {
		t.Error("no policies: accepted")
	}
	if _, err := access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, p, nil); err == nil {
		t.Error("no units: accepted")
	}
}
