package access_test

import (
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
)

// TestWhy: who may asks, is told the rule; who may not, the rule of the floor or
// what is missing; and nobody learns of a case that they do not reach.
func TestWhy(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		worker := h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		h.employ(t, "bilal", staff.CaseWorker, h.south, h.employ(t, "karim", staff.Supervisor, h.south, ident.Staff{}))
		h.employ(t, "omar", staff.NodeOperator, h.north, ident.Staff{})
		h.employ(t, "layla", staff.Auditor, h.north, ident.Staff{})
		amal, bilal, samira, karim := h.signIn(t, "amal"), h.signIn(t, "bilal"), h.signIn(t, "samira"), h.signIn(t, "karim")
		omar, layla := h.signIn(t, "omar"), h.signIn(t, "layla")
		id := register(t, o, amal.Caller)
		kept := register(t, o, amal.Caller)
		if err := change(o, amal.Caller, kept, func(p *access.Pass) error { return p.Withhold(ctx, [16]byte(bilal.Staff())) }); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name   string
			c      *signed
			q      access.Asked
			answer string
			reason string
			by     string
		}{
			{"the lead", amal, access.Asked{Action: "case.open", Case: id}, access.WhyYes, "", "case-worker-works-on-own-case"},
			{"who may register", amal, access.Asked{Action: "case.register"}, access.WhyYes, "", "case-worker-registers"},
			{"after a fresh check", samira, access.Asked{Action: "staff.invite"}, access.WhyFresh, "", "supervisor-manages-own-staff"},
			{"in an emergency", amal, access.Asked{Action: "case.reopen", Case: id}, access.WhyEmergency, "", "case-worker-reopens-in-emergency"},
			{"a stranger", bilal, access.Asked{Action: "case.open", Case: id}, access.WhyNo, "no-policy", ""},
			{"a case withheld from oneself", bilal, access.Asked{Action: "case.open", Case: kept}, access.WhyNo, "no-policy", ""},
			{"a case that is not there", bilal, access.Asked{Action: "case.open", Case: ident.New[ident.Case]()}, access.WhyNo, "no-policy", ""},
			{"the operator", omar, access.Asked{Action: "case.open", Case: id}, access.WhyNo, "floor-operator-no-case", ""},
			{"a colleague's", samira, access.Asked{Action: "case.open", Case: id, Staff: worker}, access.WhyYes, "", "case-worker-works-on-own-case"},
			{"a colleague's, by the auditor", layla, access.Asked{Action: "case.open", Case: kept, Staff: bilal.Staff()}, access.WhyNo, "floor-withheld", ""},
		} {
			h.Clock.Advance(freshFor)
			h.again(t, tt.c)
			w, err := h.people.Why(ctx, tt.c.Caller, tt.q)
			if err != nil || w.Answer != tt.answer || w.Reason != tt.reason || w.By.ID != tt.by {
				t.Errorf("%s: %s %s by %q, %v; want %s %s by %q", tt.name, w.Answer, w.Reason, w.By.ID, err, tt.answer, tt.reason, tt.by)
			}
			if w.Answer == access.WhyNo && w.Reason == "no-policy" && (!slices.Contains(w.With, access.RelationHelper) || !slices.Contains(w.Roles, access.RoleSupervisor) || len(w.Rules) == 0) {
				t.Errorf("%s: it is not said what is missing: %+v", tt.name, w)
			}
		}
		if h := last(t, o, 1)[0]; h.What != "why.colleague" || h.Action != journal.Read || ident.Staff(h.Actor) != layla.Staff() {
			t.Errorf("entry = %+v, want the auditor's question", h)
		}
		// The three that must look the same do so in everything.
		var first access.Why
		for i, c := range []ident.Case{id, kept, ident.New[ident.Case]()} {
			w, err := h.people.Why(ctx, bilal.Caller, access.Asked{Action: "case.open", Case: c})
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = w
			}
			if w.Relation != first.Relation || w.Reason != first.Reason || !slices.Equal(w.With, first.With) || !slices.Equal(w.Roles, first.Roles) {
				t.Errorf("case %d: %+v, want as of any other: %+v", i, w, first)
			}
		}
		for name, ask := range map[string]func() error{
			"a worker about a colleague": func() error {
				_, err := h.people.Why(ctx, amal.Caller, access.Asked{Action: "case.open", Case: id, Staff: boss})
				return err
			},
			"the operator about a colleague": func() error {
				_, err := h.people.Why(ctx, omar.Caller, access.Asked{Action: "case.list", Staff: boss})
				return err
			},
			"a supervisor about another unit": func() error {
				_, err := h.people.Why(ctx, samira.Caller, access.Asked{Action: "case.list", Staff: bilal.Staff()})
				return err
			},
			"a supervisor about a case out of reach": func() error {
				_, err := h.people.Why(ctx, karim.Caller, access.Asked{Action: "case.open", Case: id, Staff: bilal.Staff()})
				return err
			},
			"an act that there is not": func() error {
				_, err := h.people.Why(ctx, amal.Caller, access.Asked{Action: "case.burn"})
				return err
			},
			"nobody": func() error {
				_, err := h.people.Why(ctx, nil, access.Asked{Action: "case.open"})
				return err
			},
		} {
			wait(o)
			if err := ask(); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want not found", name, err)
			}
		}
	})
}
