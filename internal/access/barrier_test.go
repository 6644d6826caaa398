package access_test

import (
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/ident"
	"causeway/internal/journal"
)

// TestBarriers: whatever a policy permits, who works for another purpose than care
// never does anything with the live case, and who looks at flows never with one child.
func TestBarriers(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	var err error
	if o.Gate, err = access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, parse(t, "test", everything), o); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		roles, actions, want string
	}{
		{"investigator prosecutor judge", "case.open case.list case.search case.print case.export case.note record.save document.read team.view case.wholooked check.register", "floor-care-wall"},
		{"coordinator rapporteur", "case.open case.list check.receipt check.result document.open record.save capture.open team.view", "floor-no-single-child"},
		{"auditor", "case.open check.result document.open", "floor-auditor-no-case"},
		{"node_operator", "case.open case.wholooked check.result", "floor-operator-no-case"},
	} {
		for role := range strings.FieldsSeq(tt.roles) {
			for action := range strings.FieldsSeq(tt.actions) {
				c := o.As(access.Signed{Staff: worker.Staff(), Role: role, Unit: o.North})
				refused(t, action+" by "+role, does(o, c, action, id))
				if h := last(t, o, 1)[0]; h.Reason != tt.want || h.What != action {
					t.Errorf("%s by a %s: entry of %s says %q, want %q", action, role, h.What, h.Reason, tt.want)
				}
				wait(o)
			}
		}
	}
	for _, sector := range []string{"police", "border", "labour_inspection", "migration", "justice", "prosecution", "court"} {
		c := o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.North, Sector: sector})
		refused(t, "the worker, moved to "+sector, does(o, c, "case.open", id))
		if h := last(t, o, 1)[0]; h.Reason != "floor-care-wall" {
			t.Errorf("%s: entry says %q, want the wall", sector, h.Reason)
		}
		wait(o)
	}
	told := access.Act{Action: "case.happened", Purpose: access.PurposeEmergency, Case: id}
	if _, err := o.Gate.Do(ctx, o.Person(access.RoleInvestigator, o.North), told, nothing); err != nil {
		t.Errorf("telling of an emergency, which reads nothing: %v", err)
	}
	if err := does(o, o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.North}), "case.open", id); err != nil {
		t.Errorf("the worker: %v", err)
	}
}

// TestNobodyLetsThemselvesIn: a policy that lets people assign any case, and a room
// that would give its caller reach, let nobody in.
func TestNobodyLetsThemselvesIn(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	var err error
	if o.Gate, err = access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, parse(t, "test", everything), o); err != nil {
		t.Fatal(err)
	}
	stranger := o.Person(access.RoleSupervisor, o.South)
	refused(t, "assigning a case out of reach", does(o, stranger, "case.assign", id))
	wait(o)
	let := func(c *access.Caller, action string, whom ident.Staff) error {
		_, err := o.Gate.Do(ctx, c, access.Act{Action: action, Purpose: "case-work", Case: id}, func(p *access.Pass) (string, error) {
			return "", p.Reach(ctx, access.RelationHelper, [16]byte(whom))
		})
		return err
	}
	refused(t, "reach for oneself", let(stranger, "case.note", stranger.Staff()))
	equal(t, "reasons", reasons(t, o), []string{"floor-no-self-grant", "floor-no-self-grant"})
	if err := let(worker, "case.note", stranger.Staff()); err != nil {
		t.Errorf("letting a colleague help: %v", err)
	}
	if err := let(o.Person(access.RoleSupervisor, o.South), "check.accept", stranger.Staff()); err != nil {
		t.Errorf("taking over what waits for anybody: %v", err)
	}
}

// TestPoliciesThatLiftTheFloor: each is refused by name, with the rule it would lift.
func TestPoliciesThatLiftTheFloor(t *testing.T) {
	const seen = ` && !resource.withheld`
	policy := func(scope, when string) string {
		return `@id("lifts") @says("It lifts the floor.") permit (principal is Staff, ` + scope + `) when { principal.active && ` + when + ` };`
	}
	open := `action == Action::"case.open", resource is Case`
	for _, tt := range []struct{ name, text, want string }{
		{"everything", everything, "floor-"},
		{"the operator", policy(open, `principal.role == "node_operator"`+seen), "floor-operator-no-case (node_operator)"},
		{"the operator of one unit, in a list", policy(open, `["case_worker", "node_operator"].contains(principal.role) && principal.unit == "x"`+seen), "floor-operator-no-case (node_operator)"},
		{"anybody", policy(open, `resource.relation == "lead"`+seen), "floor-operator-no-case (node_operator)"},
		{"anybody but one", policy(open, `principal.role != "case_worker"`+seen), "floor-operator-no-case"},
		{"an auditor", policy(`action == Action::"check.result", resource is Case`, `principal.role == "auditor"`+seen), "floor-auditor-no-case (auditor)"},
		{"a prosecutor with a permit", policy(open, `principal.role == "prosecutor" && resource.permits.contains("court")`+seen), "floor-care-wall (prosecutor)"},
		{"a judge who lists", policy(`action == Action::"case.list", resource is Node`, `principal.role == "judge"`), "floor-care-wall (judge)"},
		{"an investigator who reopens in an emergency", policy(`action == Action::"case.reopen", resource is Case`, `principal.role == "investigator" && context.emergency`+seen), "floor-care-wall (investigator)"},
		{"a coordinator", policy(`action == Action::"check.duty", resource is Node`, `principal.role == "coordinator"`), "floor-no-single-child (coordinator)"},
		{"one who may, of a walled sector", policy(open, `["police", "health"].contains(principal.sector) && principal.role == "case_worker"`+seen), "floor-care-wall (police)"},
		{"what is withheld", policy(open, `principal.role == "supervisor"`), "floor-withheld"},
		{"nobody signed in", `@id("lifts") @says("It lifts the floor.") permit (principal is Staff, ` + open + `) when { principal.role == "supervisor"` + seen + ` };`, "floor-no-caller"},
		{"assigning at will", policy(`action == Action::"case.assign", resource is Case`, `principal.role == "supervisor"`+seen), "floor-no-self-grant"},
	} {
		_, err := access.ParsePolicies("test", []byte(tt.text), purposes)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `policy "lifts"`) && tt.text != everything {
			t.Errorf("%s: error = %v, want it to name the policy and %s", tt.name, err, tt.want)
		}
	}
	for name, text := range map[string]string{
		"a worker":                        policy(open, `principal.role == "case_worker" && ["lead"].contains(resource.relation)`+seen),
		"a worker, either way":            policy(open, `(principal.role == "case_worker" && resource.relation == "lead" || principal.role == "supervisor" && resource.relation == "unit")`+seen),
		"an auditor who looked":           policy(`action == Action::"case.wholooked", resource is Case`, `principal.role == "auditor"`+seen),
		"a prosecutor who offers nothing": policy(`action == Action::"staff.list", resource is Node`, `principal.role == "prosecutor"`),
		"anybody on duty":                 policy(`action == Action::"case.happened", resource is Case`, `["first_responder", "investigator"].contains(principal.role) && context.emergency`+seen),
	} {
		if _, err := access.ParsePolicies("test", []byte(text), purposes); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestQuestionsThatAreNotPut: what is asked incompletely, for a purpose that there
// is not, or of a policy that cannot be evaluated, is denied, and the journal names
// the reason.
func TestQuestionsThatAreNotPut(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		boss := o.Person(access.RoleSupervisor, o.North)
		id := register(t, o, worker)
		broken, err := access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, parse(t, "test",
			everything+`@id("odd") @says("Odd.") permit (principal, action == Action::"case.note", resource) when { resource.colour == "red" };`), o)
		if err != nil {
			t.Fatal(err)
		}
		lacking := func(s access.Signed, via string) *access.Caller {
			s.Staff, s.Session, s.Unit = worker.Staff(), ident.New[ident.Session](), o.North
			return o.Gate.Person(s, via, "inside")
		}
		note := access.Act{Action: "case.note", Purpose: "case-work", Case: id}
		for _, tt := range []struct {
			name string
			gate *access.Gate
			c    *access.Caller
			a    access.Act
			want string
		}{
			{"a purpose that there is not", o.Gate, worker, access.Act{Action: "case.note", Purpose: "curiosity", Case: id}, "unknown-purpose"},
			{"a job's purpose that there is not", o.Gate, o.Gate.Job("rewrap"), access.Act{Action: "job.rewrap", Purpose: "curiosity"}, "unknown-purpose"},
			{"no purpose", o.Gate, worker, access.Act{Action: "case.note", Case: id}, "missing-attribute"},
			{"no role", o.Gate, lacking(access.Signed{Strength: "passkey"}, "web"), note, "missing-attribute"},
			{"no strength", o.Gate, lacking(access.Signed{Role: access.RoleCaseWorker}, "web"), note, "missing-attribute"},
			{"no door", o.Gate, lacking(access.Signed{Role: access.RoleCaseWorker, Strength: "passkey"}, ""), note, "missing-attribute"},
			{"an approval of nobody's", o.Gate, boss, access.Act{Action: "case.approve", Purpose: "supervision", Case: id}, "missing-attribute"},
			{"a policy that cannot be evaluated", broken, worker, note, "policy-error"},
		} {
			_, err := tt.gate.Do(ctx, tt.c, tt.a, nothing)
			refused(t, tt.name, err)
			h := last(t, o, 1)[0]
			if h.Outcome != journal.Denied || h.Reason != tt.want || h.What != tt.a.Action {
				t.Errorf("%s: entry %s %s %q, want a denial of %s for %q", tt.name, h.Outcome, h.What, h.Reason, tt.a.Action, tt.want)
			}
			wait(o)
		}
	})
}
