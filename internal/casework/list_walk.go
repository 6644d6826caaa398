package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// walkedUnits is of how many units a list walks the cases one unit after the other.
const walkedUnits = 4

// teamOf returns the units that a supervisor looks after, those below them too; none
// where there are too many to walk, or nobody said who works here.
func (r *Room) teamOf(ctx context.Context, c *access.Caller) ([]ident.Unit, error) {
	if r.rota == nil || len(c.Supervises()) == 0 {
		return nil, nil
	}
	people, err := r.roster(ctx)
	if err != nil {
		return nil, err
	}
	posts := people.Team(c.Supervises()...)
	if len(posts) > walkedUnits {
		return nil, nil
	}
	units := make([]ident.Unit, len(posts))
	for i, post := range posts {
		units[i] = post.Unit
	}
	return units, nil
}

// wayOf chooses how a list asks what its reader reaches.
func wayOf(ctx context.Context, p *access.Pass, q *Query, team []ident.Unit) (way, error) {
	everywhere, err := p.Everywhere(ctx)
	if err != nil || everywhere {
		return wayEverywhere, err
	}
	if len(team) > 0 && q.Unit.IsZero() && q.Worker.IsZero() {
		return wayTeam, nil
	}
	few, err := p.Few(ctx)
	if err != nil || few {
		return wayFew, err
	}
	return wayProbe, nil
}

// candidates runs the list query for identifiers, in the order of the walk.
func (r *Room) candidates(ctx context.Context, p *access.Pass, q *Query, at position, by way, team []ident.Unit, limit int) ([]ident.Case, error) {
	if q.OpenOnly && q.Stage == StageClosed {
		return nil, nil
	}
	var found []position
	var err error
	if by == wayTeam {
		found, err = r.ofTeam(ctx, p, q, at, team, limit)
	} else {
		found, err = r.walk(ctx, p, q, at, by, limit, p.Caller().Holders())
	}
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	ids := make([]ident.Case, len(found))
	for i := range found {
		ids[i] = found[i].id
	}
	return ids, nil
}

// ofTeam walks the cases of each unit that the caller looks after, and the few that the
// caller reaches otherwise, and puts them in one order.
func (r *Room) ofTeam(ctx context.Context, p *access.Pass, q *Query, at position, team []ident.Unit, limit int) ([]position, error) {
	var all []position
	for _, unit := range team {
		of := *q
		of.Unit = unit
		some, err := r.walk(ctx, p, &of, at, wayProbe, limit, p.Caller().Holders())
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	others, err := r.walk(ctx, p, q, at, wayFew, limit, p.Caller().People())
	if err != nil {
		return nil, err
	}
	there := make(map[ident.Case]bool, len(all))
	for i := range all {
		there[all[i].id] = true
	}
	others = slices.DeleteFunc(others, func(o position) bool { return there[o.id] })
	ids := make([]ident.Case, len(others))
	for i := range others {
		ids[i] = others[i].id
	}
	seen, err := p.Visible(ctx, ids) // what is withheld from the caller's unit does not count either
	if err != nil {
		return nil, err
	}
	for i := range others {
		if seen[i] {
			all = append(all, others[i])
		}
	}
	slices.SortFunc(all, func(a, b position) int {
		if at.back {
			a, b = b, a
		}
		if c := cmp.Compare(b.at, a.at); c != 0 {
			return c
		}
		return slices.Compare(b.id[:], a.id[:])
	})
	return all[:min(limit, len(all))], nil
}

// walk runs one list query.
func (r *Room) walk(ctx context.Context, p *access.Pass, q *Query, at position, by way, limit int, holders []any) ([]position, error) {
	key := listKey{noLead, at.back, by}
	if by != wayFew {
		key.lead = r.counts.lead(q)
	}
	state := 0
	if q.OpenOnly {
		state = 1
	}
	args := append(q.filters(), state, at.at, at.id[:], limit)
	if by == wayEverywhere {
		args = append(args, p.Caller().People()...)
	} else {
		args = append(args, holders...)
	}
	args = append(args, p.Now().UnixMicro())
	rows, err := p.Tx().Query(ctx, listSQL[key], args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []position
	for rows.Next() {
		var one position
		if err := rows.Scan(&one.id, &one.at); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}
