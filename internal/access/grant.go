package access

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// desk returns the desk of the pass's case.
func (p *Pass) desk(ctx context.Context) (*desk, error) {
	if p == nil || p.tx == nil || !p.writes {
		return nil, errNoPass
	}
	if p.rights != nil {
		return p.rights, nil
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	d := &desk{tx: p.tx, of: p.act.Case, seal: s, rows: map[rightKey]*right{}, wrote: p.Wrote}
	if !p.newSubject {
		if err := d.load(ctx); err != nil {
			return nil, err
		}
	}
	p.rights = d
	return d, nil
}

// Reach lets people or units reach the pass's case from now on. Units above a
// unit reach it too, but not units above a receiver. A receiver is a unit, whose
// people all are it; somebody of the circle is a person. Neither takes the place
// of a nearer relation that the holder has.
//
// Nobody lets themselves reach what they do not reach yet, but by an action that
// takes over what waits for anybody: no policy can change that.
func (p *Pass) Reach(ctx context.Context, relation string, holders ...[16]byte) error {
	d, err := p.desk(ctx)
	if err != nil {
		return err
	}
	for _, h := range holders {
		if p.grantsOneself(h) {
			return errSelfGrant
		}
		all := [][16]byte{h}
		if relation == RelationUnit {
			if all, err = p.gate.units.Above(ctx, ident.Unit(h)); err != nil {
				return fmt.Errorf("units above: %w", err)
			}
		}
		for _, one := range all {
			if err := d.grant(ctx, one, relation); err != nil {
				return fmt.Errorf("grant reach: %w", err)
			}
		}
	}
	return nil
}

// errSelfGrant ends a command by which somebody would let themselves reach a case.
// The gate enters it as a denial.
var errSelfGrant = fault.New(fault.NotFound, "no-such-page")

// selfGrant is the rule's code.
const selfGrant = "floor-no-self-grant"

// grantsOneself reports whether a holder is a caller who does not reach the case, or
// only as one of the child's circle. A receiver takes over what was handed over.
func (p *Pass) grantsOneself(h [16]byte) bool {
	return p.caller.job == "" && h == [16]byte(p.caller.staff) && (p.relation == relationNone || p.relation == RelationCircle) &&
		!p.act.NewCase && !actions[p.act.Action].takes
}

// EndReach ends every reach of one relation to the pass's case.
func (p *Pass) EndReach(ctx context.Context, relation string) error {
	return p.endAll(ctx, func(r *right) bool { return r.table == tableReach && r.relation == relation })
}

// EndReachOf ends the reach of one holder to the pass's case, if it is of this
// relation: what else that holder is, stays.
func (p *Pass) EndReachOf(ctx context.Context, relation string, holder [16]byte) error {
	return p.endAll(ctx, func(r *right) bool {
		return r.table == tableReach && r.relation == relation && bytes.Equal(r.holder, holder[:])
	})
}

// Permit records a lawful basis in force for the pass's case and a purpose.
func (p *Pass) Permit(ctx context.Context, purpose, basis string) error {
	d, err := p.desk(ctx)
	if err != nil {
		return err
	}
	return d.permit(ctx, purpose, basis, noEnd)
}

// EndPermit ends every basis in force for the pass's case and a purpose.
func (p *Pass) EndPermit(ctx context.Context, purpose string) error {
	return p.endAll(ctx, func(r *right) bool { return r.table == tablePermit && r.purpose == purpose })
}

func (p *Pass) endAll(ctx context.Context, which func(*right) bool) error {
	_, err := p.endThose(ctx, which)
	return err
}

// endThose ends what is in force among some rights, and returns it as it was before.
func (p *Pass) endThose(ctx context.Context, which func(*right) bool) ([]*right, error) {
	d, err := p.desk(ctx)
	if err != nil {
		return nil, err
	}
	var all []*right
	for _, r := range d.rows {
		if which(r) && r.inForce(d.tx.Micros()) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *right) int { return bytes.Compare(a.id, b.id) })
	for _, r := range all {
		if err := d.end(ctx, *r); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Withhold keeps the pass's case from one person or unit, whatever their role.
func (p *Pass) Withhold(ctx context.Context, from [16]byte) error {
	d, err := p.desk(ctx)
	if err != nil {
		return err
	}
	if note := p.gate.restrict; note != nil {
		c := p.act.Case
		p.tx.OnCommit(func() { note.Withheld(c, from) })
	}
	return d.withhold(ctx, from)
}

// IsWithheld reports whether the pass's case is withheld from a person or unit:
// such a one must not be given a role in it.
func (p *Pass) IsWithheld(ctx context.Context, from [16]byte) (bool, error) {
	d, err := p.desk(ctx)
	if err != nil {
		return false, err
	}
	w := right{table: tableWithhold, holder: from[:]}
	old := d.rows[w.key()]
	return old != nil && old.inForce(d.tx.Micros()), nil
}
