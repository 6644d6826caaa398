package access_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/ident"
)

// TestEmergencyWidensReopeningOnly: stating an emergency lets the lead worker and
// the deputy reopen, and nobody do anything else; the entry says so.
func TestEmergencyWidensReopeningOnly(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		helper, kept := ident.New[ident.Staff](), o.Person(access.RoleCaseWorker, o.North)
		lead, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := register(t, o, lead, helper)
		if err := change(o, lead, id, func(p *access.Pass) error { return p.Withhold(ctx, kept.Staff()) }); err != nil {
			t.Fatal(err)
		}
		as := func(who ident.Staff, role string) *access.Caller {
			return o.As(access.Signed{Staff: who, Role: role, Unit: o.North})
		}
		deputy := o.As(access.Signed{
			Staff: ident.New[ident.Staff](), Role: access.RoleCaseWorker, Unit: o.South,
			DeputyFor: []ident.Staff{lead.Staff()},
		})
		const emergency = access.PurposeEmergency
		tests := []struct {
			name            string
			who             *access.Caller
			action, purpose string
			basis           string // "" is refused
			widened         bool
		}{
			{"the lead", lead, "case.reopen", emergency, "case-worker-reopens-in-emergency", true},
			{"the deputy", deputy, "case.reopen", emergency, "case-worker-reopens-in-emergency", true},
			{"the lead without an emergency", lead, "case.reopen", "case-work", "", false},
			{"a helper", as(helper, access.RoleCaseWorker), "case.reopen", emergency, "", false},
			{"a colleague", o.Person(access.RoleCaseWorker, o.North), "case.reopen", emergency, "", false},
			{"whom it is withheld from", kept, "case.reopen", emergency, "", false},
			{"an auditor", o.Person(access.RoleAuditor, o.North), "case.reopen", emergency, "", false},
			{"a node operator", o.Person(access.RoleNodeOperator, o.North), "case.reopen", emergency, "", false},
			{"a supervisor, who may anyway", boss, "case.reopen", emergency, "supervisor-works-in-own-unit", false},
			{"a supervisor of another unit", o.Person(access.RoleSupervisor, o.South), "case.reopen", emergency, "", false},
			{"the lead, something else", lead, "case.assign", emergency, "", false},
			{"the lead, confirming", lead, "case.confirm", emergency, "", false},
		}
		for _, tt := range tests {
			widened := false
			_, err := o.Gate.Do(ctx, tt.who, access.Act{Action: tt.action, Purpose: tt.purpose, Case: id},
				func(p *access.Pass) (string, error) {
					widened = p.Emergency()
					return "", nil
				})
			h := last(t, o, 1)[0]
			if h.What != tt.action || h.Purpose != tt.purpose {
				t.Errorf("%s: entry of %s for %q", tt.name, h.What, h.Purpose)
			}
			if tt.basis == "" {
				refused(t, tt.name, err)
				continue
			}
			if err != nil || h.Basis != tt.basis || widened != tt.widened {
				t.Errorf("%s: %v, basis %q, only in an emergency %v; want %q, %v", tt.name, err, h.Basis, widened, tt.basis, tt.widened)
			}
		}
	})
}

// TestMayInEmergency tells the button of the page apart.
func TestMayInEmergency(t *testing.T) {
	o := accesstest.New(t)
	lead, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
	id := register(t, o, lead)
	for _, tt := range []struct {
		who    *access.Caller
		action string
		want   bool
	}{{lead, "case.reopen", true}, {boss, "case.reopen", false}, {lead, "case.assign", false}, {lead, "case.note", false}} {
		var got bool
		err := o.Gate.View(ctx, tt.who, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(p *access.Pass) (err error) {
			got, err = p.MayInEmergency(ctx, tt.action)
			return err
		})
		if err != nil || got != tt.want {
			t.Errorf("%s by a %s: %v, %v, want %v", tt.action, tt.who.Role(), got, err, tt.want)
		}
	}
}
