package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// Numbered returns the case with a number, as far as the caller may see it; one
// that is hidden and one that does not exist are NotFound alike.
func (r *Room) Numbered(ctx context.Context, c *access.Caller, number string) (*Case, error) {
	n, err := ident.ParseCaseNumber(number)
	if err != nil {
		return nil, err
	}
	rows, _, err := r.Search(ctx, c, sealed.NewText(string(n)))
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if rows[i].Case.Number == n {
			return &rows[i].Case, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no-such-page")
}
