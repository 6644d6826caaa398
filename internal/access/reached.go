package access

import (
	"context"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Reached is one person or unit that reaches a case, as the case page shows it.
type Reached struct {
	Holder   [16]byte // ident.Staff or ident.Unit, by Relation
	Relation string
	FromAt   int64 // UTC microseconds
	UntilAt  int64 // 0: no end is known
	// Altered says that this program did not write the row as it is: somebody
	// gave or changed this reach in the database. Only [Pass.CheckReached] knows.
	Altered bool

	row   right
	glass *Glass // where somebody opened the case by break-glass
}

// Reached returns who reaches the pass's case now, for the page that says so.
func (p *Pass) Reached(ctx context.Context) ([]Reached, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectReach, p.act.Case, p.tx.Micros())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Reached
	for rows.Next() {
		r := Reached{row: right{table: tableReach}}
		if err := rows.Scan(&r.row.holder, &r.Relation, &r.FromAt, &r.row.until, &r.row.id, &r.row.version, &r.row.mac); err != nil {
			return nil, err
		}
		copy(r.Holder[:], r.row.holder)
		r.row.relation, r.row.from = r.Relation, r.FromAt
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	err = eachGlass(ctx, p.Tx(), func(g *Glass) error {
		out = append(out, Reached{Holder: [16]byte(g.Staff), Relation: RelationGlass, FromAt: g.From.UnixMicro(), UntilAt: g.Until.UnixMicro(), glass: g})
		return nil
	}, sqlSelectGlassInForce, p.act.Case, p.tx.Micros())
	return out, err
}

// check refuses a row that this program did not write as it is.
func (r *Reached) check(k checker, of ident.Case) error {
	if r.glass != nil {
		return r.glass.check(k)
	}
	return r.row.check(k, of)
}

// CheckReached compares what [Pass.Reached] returned with its digests and marks
// what does not fit. It answers record-altered when the decision to let the
// reader in rests on such a row: whoever was given reach behind the program's
// back reads nothing.
func (p *Pass) CheckReached(people []Reached) error {
	o, err := p.Opener(p.act.Case)
	if err != nil {
		return err
	}
	fit, stored := reachOf{relation: relationNone}, reachOf{relation: relationNone}
	for i := range people {
		r := &people[i]
		stored.take(p.caller, "r", r.Holder[:], r.Relation)
		switch err := r.check(o, p.act.Case); {
		case err == nil:
			fit.take(p.caller, "r", r.Holder[:], r.Relation)
		case fault.CodeOf(err) == "record-altered":
			r.Altered = true
		default:
			return err
		}
	}
	switch {
	case fit.relation != stored.relation:
		return errAltered()
	case p.reach != nil && rank[fit.relation] < rank[p.reach.relation]:
		return fault.New(fault.Unavailable, "try-again") // it was given between the two steps
	}
	return nil
}
