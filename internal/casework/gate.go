package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
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
