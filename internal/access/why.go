package access

import (
	"context"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// Asked is what a page that explains is asked: whether somebody may do something.
type Asked struct {
	Action string
	Case   ident.Case  // none: about no case
	Staff  ident.Staff // a colleague; none, or the caller: about oneself
}

// The answers of [Why].
const (
	WhyYes       = "yes"
	WhyFresh     = "fresh"     // after a fresh check of who it is
	WhyEmergency = "emergency" // only by stating an emergency
	WhyNo        = "no"
)

// Why says whether somebody may do something, and what that rests on.
type Why struct {
	Role     string
	Relation string // to the case; NoCase where it is about none
	Answer   string
	Reason   string   // the code of the refusal, where the answer is no
	By       Ground   // the rule that permits
	With     []string // relations in which the same role could do it
	Roles    []string // roles that could do it, in whatever relation
	Rules    []Ground // the rules that speak of it
}

// Why explains whether somebody may do something. Everybody may ask about
// themselves, and learns nothing about a case: one that is withheld from them, out of
// their reach or not there has one answer. About a colleague, and a case they reach
// themselves, those may ask whom a policy lets.
func (d *People) Why(ctx context.Context, c *Caller, q Asked) (Why, error) {
	if _, known := actions[q.Action]; !known || jobOnly(q.Action) {
		return Why{}, fault.New(fault.NotFound, "no-such-page")
	}
	if c != nil && (q.Staff.IsZero() || q.Staff == c.staff) {
		return d.whyOneself(ctx, c, q)
	}
	const action = "why.colleague"
	if err := d.within(ctx, c, action, q.Staff, ident.Unit{}); err != nil {
		return Why{}, err
	}
	var w Why
	a := Act{Action: action, Purpose: PurposeSupervision, Case: q.Case, Staff: q.Staff}
	if c != nil && c.role != RoleSupervisor {
		a.Purpose = "audit"
	}
	err := d.gate.View(ctx, c, a, func(p *Pass) error {
		who, err := d.colleague(ctx, q.Staff)
		if err != nil {
			return err
		}
		r, err := reachFor(ctx, p.Tx(), who, q.Case)
		w = d.gate.why(who, q, r)
		return err
	})
	return w, err
}

// PurposeSupervision is the purpose of looking after the work of others.
const PurposeSupervision = "supervision"

func (d *People) whyOneself(ctx context.Context, c *Caller, q Asked) (w Why, err error) {
	err = d.gate.Own(ctx, c, func(p *Pass) error {
		r, err := reachFor(ctx, p.Tx(), c, q.Case)
		if r.withheld {
			r = reachOf{relation: relationNone}
		}
		w = d.gate.why(c, q, r)
		return err
	})
	return w, err
}

// reachFor reads what decides about a caller and a case, or no case.
func reachFor(ctx context.Context, tx *store.Tx, c *Caller, id ident.Case) (reachOf, error) {
	if id.IsZero() {
		return reachOf{relation: relationNone}, nil
	}
	return readReach(ctx, tx, c, id, tx.Micros())
}

// colleague returns the caller that somebody would be if they signed in now.
func (d *People) colleague(ctx context.Context, who ident.Staff) (*Caller, error) {
	dir, err := d.office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	account, known := dir.Person(who)
	if !known || account.State != staff.Active {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return d.Caller(ctx, staff.Session{
		Staff: who, Role: account.Role, Unit: account.Unit, Strength: "passkey", Zone: "inside",
	}, "web")
}

// why puts the question to floor and policies as the act itself would.
func (g *Gate) why(c *Caller, q Asked, r reachOf) Why {
	p, now := g.rules(), g.clk.Now()
	w := Why{Role: c.role, Relation: NoCase, Rules: p.grounds(p.byAction[q.Action])}
	a := Act{Action: q.Action, Purpose: PurposeMenu, Case: q.Case, button: true}
	if !q.Case.IsZero() {
		w.Relation, a.Purpose = r.relation, "case-work"
	}
	basis, reason := g.decide(c, a, r, now)
	switch {
	case reason == "":
		w.Answer, w.By = WhyYes, p.Ground(basis)
		return w
	case reason == "floor-fresh-check":
		w.Answer, w.By = WhyFresh, p.Ground(basis)
		return w
	}
	w.Answer, w.Reason = WhyNo, reason
	a.Purpose = PurposeEmergency
	if basis, refused := g.decideCommand(c, &a, r, now); refused == "" {
		w.Answer, w.Reason, w.By = WhyEmergency, "", p.Ground(basis)
	}
	if reason != noPolicy {
		return w
	}
	for _, role := range Roles() {
		could := false
		for _, relation := range Standings() {
			if (relation == NoCase) != q.Case.IsZero() || p.level(q.Action, role, relation) < Sometimes {
				continue
			}
			could = true
			if role == c.role {
				w.With = append(w.With, relation)
			}
		}
		if could {
			w.Roles = append(w.Roles, role)
		}
	}
	return w
}
