package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Today is what a worker has to do: the contacts that are due.
type Today struct {
	Due   []Row // late, today and the coming days, earliest first
	Total int   // open cases with a next contact, CountMost+1 for more
	// Emergencies are the reopenings that wait for a supervisor's confirmation,
	// of all the caller reaches, oldest first.
	Emergencies []Emergency
	// Unsafe are the caller's children who live where a child is not safe.
	Unsafe []Unsafe
	// Checks wait on the caller's duty list; UrgentChecks of them cannot wait.
	Checks, UrgentChecks int
	// Approvals wait for the caller; Asked, which the caller asked for, wait for
	// others or were returned with a comment.
	Approvals, Asked []Awaited
	Entry            ident.Entry
}

// todayRows is how many due contacts the page shows.
const todayRows = PageRows

// Today returns the contacts due before a time for the caller, and for the
// people they stand in for, and the emergencies that wait to be confirmed.
func (r *Room) Today(ctx context.Context, c *access.Caller, before time.Time) (*Today, error) {
	var t Today
	var rows []*Case
	var urgent emergencies
	var wait waits
	var unsafe unsafePlaces
	err := r.gate.List(ctx, c, access.Act{Action: "case.list", Purpose: PurposeCare},
		func(p *access.Pass) ([]ident.Case, error) {
			for i, worker := range c.Leads() {
				due, total, err := readDue(ctx, p.Tx(), worker, before)
				if err != nil {
					return nil, err
				}
				rows = append(rows, due...)
				if i == 0 {
					t.Total = total
				}
			}
			slices.SortStableFunc(rows, func(a, b *Case) int {
				if d := a.NextContact.Compare(b.NextContact); d != 0 {
					return d
				}
				return strings.Compare(a.ID.String(), b.ID.String())
			})
			ids, err := visible(ctx, p, caseIDs(rows), todayRows)
			if err != nil {
				return nil, err
			}
			rows = slices.DeleteFunc(rows, func(c *Case) bool { return !slices.Contains(ids, c.ID) })
			if urgent, err = pickEmergencies(ctx, p); err != nil {
				return nil, err
			}
			if t.Checks, t.UrgentChecks, err = r.dutyWaits(ctx, p); err != nil {
				return nil, err
			}
			if unsafe, err = pickUnsafe(ctx, p, c.Leads()); err != nil {
				return nil, err
			}
			if wait, err = pickWaits(ctx, p); err != nil {
				return nil, err
			}
			for _, c := range slices.Concat(urgent.rows, unsafe.rows, wait.rows) {
				if !slices.Contains(ids, c.ID) {
					ids = append(ids, c.ID)
				}
			}
			return ids, nil
		},
		func(p *access.Pass) (err error) {
			t.Entry = p.Entry()
			if t.Due, err = r.show(ctx, p, rows); err != nil {
				return err
			}
			if t.Unsafe, err = r.showUnsafe(ctx, p, unsafe); err != nil {
				return err
			}
			if t.Emergencies, err = r.showEmergencies(ctx, p, urgent); err != nil {
				return err
			}
			t.Asked, t.Approvals, err = r.showWaits(ctx, p, wait)
			return err
		})
	if err != nil {
		return nil, err
	}
	return &t, nil
}

func readDue(ctx context.Context, tx *store.Tx, worker ident.Staff, before time.Time) ([]*Case, int, error) {
	rows, err := tx.Query(ctx, sqlSelectDue, worker, before.UnixMicro(), todayRows)
	if err != nil {
		return nil, 0, fmt.Errorf("read due contacts: %w", err)
	}
	defer rows.Close()
	var out []*Case
	for rows.Next() {
		var c Case
		if err := c.scan(rows.Scan); err != nil {
			return nil, 0, err
		}
		out = append(out, &c)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	var total int
	err = tx.QueryRow(ctx, sqlCountOpen, worker).Scan(&total)
	return out, total, err
}
