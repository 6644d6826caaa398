package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// Gates block authorising an act, never recording that it happened. What a gate
// needs is in the pack (gates.csv); what is there are the statuses in force.

// Way is one stage that may follow, or one act, with what its gate needs.
type Way struct {
	To         string   // code list stage or act_kind
	Needs      []string // one of them is enough: finished records, or [pack.NeedDecision]
	Basis      *Status  // the first of them that is there, nil for none
	Shut       []string // statuses in force that keep the gate shut
	Source     string
	Confidence pack.Confidence
}

// Open reports whether the gate lets the case through.
func (w *Way) Open() bool { return len(w.Shut) == 0 && (len(w.Needs) == 0 || w.Basis != nil) }

func gateOf(s Standing, to, about string, g pack.Gate) Way {
	return Way{To: to, Needs: g.Needs, Basis: s.Basis(g, about), Shut: s.Shut(g), Source: g.Source, Confidence: g.Confidence}
}

// waysOn returns the stages that may follow, in the order of the pack.
func waysOn(codes Codes, s Standing, stage string) []Way {
	var out []Way
	for _, to := range codes.Next(stage) {
		g, _ := codes.Follows(stage, to)
		out = append(out, gateOf(s, to, "", g))
	}
	return out
}

// waysToAct returns the acts of the pack with what each needs.
func waysToAct(codes Codes, s Standing) []Way {
	var out []Way
	for _, kind := range codes.Codes(pack.ActKinds) {
		g, _ := codes.ActGate(kind)
		out = append(out, gateOf(s, kind, kind, g))
	}
	return out
}

// passes refuses what the gate does not let through, and says which part of it is
// missing.
func (w *Way) passes() error {
	switch {
	case len(w.Shut) > 0:
		return fault.New(fault.Invalid, "gate-shut")
	case !w.Open():
		return fault.New(fault.Invalid, "gate-needs")
	}
	return nil
}

// ChangeStage moves the case along its path: only to a stage that the pack lets
// follow, and only when what its gate needs is there. Closing, reopening and the
// time a child is missing have their own methods.
func (r *Room) ChangeStage(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Decision) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("stage", d.To) && d.To != StageClosed && d.To != StageMissing, "stage", "not-in-list")
	text(&chk, "reason", d.Text, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.stage", PurposeCare, d.Seen, func(p *access.Pass, row *Case) (*Event, error) {
		switch {
		case row.Closed():
			return nil, errClosed()
		case row.Stage == StageMissing:
			return nil, fault.New(fault.Invalid, "missing-found-first")
		}
		g, ok := r.codes.Follows(row.Stage, d.To)
		if !ok {
			return nil, fault.InvalidField("stage", "stage-not-next")
		}
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		stands, err := r.standing(ctx, p, row, p.Now())
		if err != nil {
			return nil, err
		}
		w := gateOf(stands, d.To, "", g)
		if err := w.passes(); err != nil {
			return nil, err
		}
		if err := r.identified(ctx, p, s, row, d.To, stands); err != nil {
			return nil, err
		}
		e := &Event{Kind: KindStage, Content: Content{From: row.Stage, To: d.To, Text: d.Text}}
		row.Stage = d.To
		return e, nil
	})
}

// identified writes down, when a case comes to that stage, that the child is
// presumed to have been trafficked.
func (r *Room) identified(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case, to string, stands Standing) error {
	if to != "identified" || stands.Of(StatusIdentification) != nil {
		return nil
	}
	return r.presume(ctx, p, s, row)
}

// Closing is how a case ends.
type Closing struct {
	Decision             // To is of the code list close_reason
	LastWord sealed.Text // of the child
	// Declined says who declined support: one of [DeclinedBy], for that reason only.
	Declined string
	// Ends and Continues tell what stops and what goes on. Only a reason that needs
	// nothing, such as a file opened in error, leaves them open.
	Ends, Continues sealed.Text
}

// DeclinedBy are the answers to who declined support. A carer alone cannot decline
// for a child.
func DeclinedBy() []string { return []string{"child", "child_and_carer", "carer"} }

func (d *Closing) check(codes Codes) error {
	var c fault.Check
	c.Require(codes.Valid("close_reason", d.To), "close_reason", "required")
	needs := codes.CloseGate(d.To).Needs
	if slices.Contains(needs, pack.NeedChildDeclined) {
		c.Require(slices.Contains(DeclinedBy(), d.Declined), "declined_by", "required")
		c.Require(d.Declined != "carer", "declined_by", "carer-alone")
		c.Require(!d.LastWord.IsZero(), "last_word", "required")
	} else {
		d.Declined = ""
	}
	c.Require(!d.Continues.IsZero() || len(needs) == 0, "continues", "required")
	text(&c, "reason", d.Text, mostReason)
	text(&c, "last_word", d.LastWord, mostText)
	text(&c, "ends", d.Ends, mostReason)
	text(&c, "continues", d.Continues, mostReason)
	return c.Err()
}

// Close closes the case. A child who cannot be found is missing and searched
// for: such a case is not closed.
func (r *Room) Close(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Closing) error {
	if err := d.check(r.codes); err != nil {
		return err
	}
	if d.To == "unreachable" {
		if err := r.outOfReach(ctx, c, id, &d); err != nil {
			return err
		}
	}
	return r.act(ctx, c, cmd, id, "case.close", PurposeCare, d.Seen, func(p *access.Pass, row *Case) (*Event, error) {
		switch {
		case row.Closed():
			return nil, errClosed()
		case row.Stage == StageMissing:
			return nil, fault.New(fault.Invalid, "missing-not-closed")
		}
		if err := r.closes(ctx, p, row, &d); err != nil {
			return nil, err
		}
		e := &Event{Kind: KindClosed, Content: Content{
			From: row.Stage, To: d.To, Text: d.Text, Words: d.LastWord, Declined: d.Declined, Ends: d.Ends, Continues: d.Continues,
		}}
		row.end(p.Now())
		return e, nil
	})
}

// closes refuses a closing for which something that its reason needs is missing.
func (r *Room) closes(ctx context.Context, p *access.Pass, row *Case, d *Closing) error {
	g := r.codes.CloseGate(d.To)
	if len(g.Needs) == 0 {
		return nil
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	if err != nil {
		return err
	}
	for _, need := range g.Needs {
		switch {
		case need == pack.NeedLowRisk && row.Risk != "low":
			return fault.New(fault.Invalid, "risk-not-low")
		case need == pack.NeedTransition && stands.Has(statusTransition, statusConsentPassed, statusTransitioned) == nil:
			return fault.New(fault.Invalid, "transition-plan-first")
		case need == pack.NeedNoSign && trafficked(stands, row):
			return fault.New(fault.Invalid, "search-not-close")
		}
	}
	if len(stands.Shut(g)) > 0 {
		return fault.New(fault.Invalid, "gate-shut")
	}
	return nil
}

// outOfReach refuses to close a case as not reachable before there was no contact
// for as long as the pack says. The last contact is in sealed notes: they are
// looked at first, and the closing holds for that version of the case only.
func (r *Room) outOfReach(ctx context.Context, c *access.Caller, id ident.Case, d *Closing) error {
	child, err := r.Open(ctx, c, id)
	if err != nil {
		return err
	}
	if r.codes.Clock(pack.UnreachableClose).After(child.LastContact()).After(r.clk.Now()) {
		return fault.New(fault.Invalid, "contact-too-recent")
	}
	if d.Seen == 0 {
		d.Seen = child.Case.Version
	}
	return nil
}
