package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// CaseNumbered returns the case with a number, none where there is no such case, for
// rooms that keep what they are told about a case and show nothing of it.
func (r *Room) CaseNumbered(ctx context.Context, p *access.Pass, n ident.CaseNumber) (id ident.Case, err error) {
	err = p.Tx().QueryRow(ctx, sqlCaseByNumber, string(n)).Scan(&id)
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return id, err
}

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
