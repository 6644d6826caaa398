package web

import (
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// A lead worker opens a closed case again without waiting for a supervisor, when
// the child is in danger. A supervisor who did not do it confirms it afterwards.
// Both forms show themselves again after a conflict, although the case no longer
// offers them: what was typed is not lost, and the fault says what happened. A
// fault about the whole form comes from the room, after it let the person in.

// emergencyForm reopens a case in an emergency.
func (s *Server) emergencyForm() formPage {
	return s.emergencyPage(
		func(c *casework.Child) bool { return c.MayReopenInEmergency },
		func(v *visit, c *casework.Child, f Form) any {
			return Reopen{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Emergency: true,
				Form: v.withSeen(f.Ask("reason", v.l.T("emergency.why")), c.Case.Version), Reasons: v.options("reopen_reason"),
			}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			d := v.decision("reopen_reason")
			d.Emergency = true
			return "emergency", s.Cases.Reopen(v.r.Context(), v.caller, cmd, id, d)
		})
}

// confirmationForm confirms that a supervisor knows of an emergency.
func (s *Server) confirmationForm() formPage {
	return s.emergencyPage(
		func(c *casework.Child) bool { return c.May["case.confirm"] && !c.Unconfirmed.IsZero() },
		func(v *visit, c *casework.Child, f Form) any {
			view := Confirmation{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
				Form: v.withSeen(f.Ask("reason", v.l.T("confirmation.why")), c.Case.Version), Waiting: v.waiting(c),
			}
			if i := slices.IndexFunc(c.Events, func(e casework.Event) bool { return e.Emergency }); i >= 0 {
				e := v.event(&c.Events[i])
				view.What = &e
			}
			return view
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			return "confirmed", s.Cases.Confirm(v.r.Context(), v.caller, cmd, id, v.seen(), v.text("reason"))
		})
}

// emergencyPage is a form about the child of the address for whoever is offered
// it there.
func (s *Server) emergencyPage(offered func(*casework.Child) bool, view func(*visit, *casework.Child, Form) any,
	do func(*visit, ident.Case, ident.Command) (done string, err error),
) formPage {
	p := s.childForm("", view, do)
	p.show = func(v *visit, f Form) (any, error) {
		c, err := v.opened()
		if err != nil {
			return nil, err
		}
		if !offered(c) && f.Fault == "" {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		return view(v, c, f), nil
	}
	return p
}

// waiting returns the emergency that waits to be confirmed, nil for none.
func (v *visit) waiting(c *casework.Child) *Waiting {
	if c.Unconfirmed.IsZero() {
		return nil
	}
	return v.waitingFor(c.Unconfirmed, c.ConfirmBy)
}

func (v *visit) waitingFor(since, until time.Time) *Waiting {
	return &Waiting{Since: since.In(v.s.Zone), Until: until.In(v.s.Zone), Late: v.now().After(until)}
}

// urgent lists the emergencies that nobody has confirmed yet, and what was done in
// others that nobody has looked at yet.
func (v *visit) urgent(t *casework.Today) []Urgent {
	var out []Urgent
	for i := range t.Deeds {
		d := &t.Deeds[i]
		u := Urgent{Child: v.childRow(&d.Case, &d.Person.Details), Waiting: *v.waitingFor(d.Act.Recorded, d.Until)}
		u.What, u.By, u.Look = v.actKind(d.Act.Kind), v.name(d.Act.Recorder), u.Href+"/acts"
		out = append(out, u)
	}
	for i := range t.Emergencies {
		e := &t.Emergencies[i]
		u := Urgent{Child: v.childRow(&e.Case, &e.Person.Details), Waiting: *v.waitingFor(e.Since, e.Until)}
		u.Look = u.Href
		out = append(out, u)
	}
	return out
}

// supervises says which words somebody reads about an emergency: those for who
// confirms one, or those for who waits for it. What they may do, the gate decides.
func (v *visit) supervises() bool { return v.caller.Role() == access.RoleSupervisor }
