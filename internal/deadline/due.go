package deadline

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// Ref names a deadline whose next step is due. The zero Ref is before all others.
type Ref struct {
	at   int64 // when the step is due
	Case ident.Case
	ID   ID
}

// Due returns the deadlines whose next step is due now, in the order of the steps,
// from behind a mark on. It reads codes and dates only; [Room.Advance] looks again.
func Due(ctx context.Context, p *access.Pass, after Ref, most int) ([]Ref, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectDue, p.Tx().Micros(), after.at, after.Case, after.ID, most)
	if err != nil {
		return nil, fmt.Errorf("read due steps: %w", err)
	}
	defer rows.Close()
	var out []Ref
	for rows.Next() {
		var r Ref
		if err := rows.Scan(&r.at, &r.Case, &r.ID); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// CasesOf returns cases in which somebody owns an open deadline, at most so many.
func CasesOf(ctx context.Context, p *access.Pass, owner ident.Staff, most int) ([]ident.Case, error) {
	rows, err := p.Tx().Query(ctx, sqlCasesOfOwner, owner, most)
	if err != nil {
		return nil, fmt.Errorf("read owner's cases: %w", err)
	}
	defer rows.Close()
	var out []ident.Case
	for rows.Next() {
		var id ident.Case
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
