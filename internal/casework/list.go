package casework

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/store"
)

// PageRows is how many children a page of the list shows.
const PageRows = 50

// CountMost is where totals stop: "1,000+".
const CountMost = 1000

// Query says which cases a list shows. Empty fields choose all.
type Query struct {
	Stage, Risk, Sex, AgeBand, Region string
	Unit                              ident.Unit
	Worker                            ident.Staff
	OpenOnly                          bool
	Cursor                            string // from a page before; "" begins
}

// Row is one child in a list.
type Row struct {
	Case    Case
	Person  person.Record
	Flagged bool // a flag is up
}

// Page is one page of the list.
type Page struct {
	Rows  []Row
	Total int    // how many there are, CountMost+1 for more; -1 on later pages
	Next  string // cursor of older cases, "" at the end
	Prev  string // cursor of newer cases, "" at the beginning
	Entry ident.Entry
}

// check validates a query's codes, so that a forged one is an answer and not an
// empty list.
func (q *Query) check(codes Codes) error {
	var c fault.Check
	for _, f := range []struct{ list, code string }{
		{"stage", q.Stage}, {"risk", q.Risk}, {"sex_recorded", q.Sex}, {"age_band", q.AgeBand}, {"region", q.Region},
	} {
		c.Require(f.code == "" || f.code == "unknown" || codes.Valid(f.list, f.code), f.list, "not-in-list")
	}
	return c.Err()
}

// filters returns the filter arguments in placeholder order.
func (q *Query) filters() []any {
	unit, worker := []byte{}, []byte{}
	if !q.Unit.IsZero() {
		unit = q.Unit[:]
	}
	if !q.Worker.IsZero() {
		worker = q.Worker[:]
	}
	return []any{q.Stage, q.Risk, q.Sex, q.AgeBand, q.Region, unit, worker}
}

// List returns one page of the cases the caller may see, newest change first.
// The page is an entry that names every child on it.
func (r *Room) List(ctx context.Context, c *access.Caller, q Query) (*Page, error) {
	if err := q.check(r.codes); err != nil {
		return nil, err
	}
	at, err := r.cursors.open(q.Cursor, &q)
	if err != nil {
		return nil, err
	}
	team, err := r.teamOf(ctx, c)
	if err != nil {
		return nil, err
	}
	page := &Page{Total: -1}
	var rows []*Case
	err = r.gate.List(ctx, c, access.Act{Action: "case.list", Purpose: PurposeCare},
		func(p *access.Pass) (ids []ident.Case, err error) {
			rows, err = r.pick(ctx, p, &q, at, team, page)
			return caseIDs(rows), err
		},
		func(p *access.Pass) (err error) {
			page.Entry = p.Entry()
			page.Rows, err = r.show(ctx, p, rows)
			return err
		})
	if err != nil {
		return nil, err
	}
	return page, nil
}

// pick chooses the rows of a page and fills in its cursors and total.
func (r *Room) pick(ctx context.Context, p *access.Pass, q *Query, at position, team []ident.Unit, page *Page) ([]*Case, error) {
	way, err := wayOf(ctx, p, q, team)
	if err != nil {
		return nil, err
	}
	first := at.start()
	limit := PageRows + 1
	if first {
		limit = CountMost + 1
	}
	ids, err := r.candidates(ctx, p, q, at, way, team, limit)
	if err != nil {
		return nil, err
	}
	if first {
		page.Total = len(ids)
	}
	more := len(ids) > PageRows
	shown, err := visible(ctx, p, ids, PageRows)
	if err != nil {
		return nil, err
	}
	rows, err := readRows(ctx, p.Tx(), shown)
	if err != nil {
		return nil, err
	}
	if at.back {
		slices.Reverse(rows)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	if more || at.back {
		page.Next = r.cursors.seal(q, position{rows[len(rows)-1].UpdatedAt.UnixMicro(), rows[len(rows)-1].ID, false})
	}
	if !first && (!at.back || more) {
		page.Prev = r.cursors.seal(q, position{rows[0].UpdatedAt.UnixMicro(), rows[0].ID, true})
	}
	return rows, nil
}

// visible returns the first n candidates that the caller may see, deciding row
// by row: the SQL filter is coarse, the policies have the last word.
func visible(ctx context.Context, p *access.Pass, ids []ident.Case, n int) ([]ident.Case, error) {
	out := make([]ident.Case, 0, n)
	for start := 0; start < len(ids) && len(out) < n; start += n {
		chunk := ids[start:min(start+n, len(ids))]
		ok, err := p.Visible(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for i, id := range chunk {
			if ok[i] && len(out) < n {
				out = append(out, id)
			}
		}
	}
	return out, nil
}

// readRows reads the narrow rows of a page, in the order of ids.
func readRows(ctx context.Context, tx *store.Tx, ids []ident.Case) ([]*Case, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, pageMost)
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)]
	}
	rows, err := tx.Query(ctx, sqlSelectRows, args...)
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	defer rows.Close()
	found := make(map[ident.Case]*Case, len(ids))
	for rows.Next() {
		var c Case
		if err := c.scan(rows.Scan); err != nil {
			return nil, err
		}
		found[c.ID] = &c
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := make([]*Case, 0, len(ids))
	for _, id := range ids {
		if c := found[id]; c != nil {
			out = append(out, c)
		}
	}
	return out, nil
}

// show opens the persons of the rows that were entered in the journal.
func (r *Room) show(ctx context.Context, p *access.Pass, rows []*Case) ([]Row, error) {
	cases := make(map[ident.Person]ident.Case, len(rows))
	for _, c := range rows {
		cases[c.Person] = c.ID
	}
	persons, err := r.persons.ReadMany(ctx, p, cases)
	if err != nil {
		return nil, err
	}
	flagged, err := flaggedOf(ctx, p.Tx(), rows)
	if err != nil {
		return nil, err
	}
	out := make([]Row, 0, len(rows))
	for _, c := range rows {
		o, err := p.Opener(c.ID)
		if err != nil {
			return nil, err
		}
		if err := o.CheckMAC(c.mac, caseTable, c.ID[:], c.Version, c.columns()...); err != nil {
			return nil, err
		}
		who := persons[c.Person]
		if who == nil {
			return nil, errAltered()
		}
		out = append(out, Row{*c, *who, flagged[c.ID]})
	}
	return out, nil
}

// flaggedOf returns which of some cases have a flag up. It is a mark and no more:
// the case's page compares each flag with its digest.
func flaggedOf(ctx context.Context, tx *store.Tx, rows []*Case) (map[ident.Case]bool, error) {
	out := map[ident.Case]bool{}
	for start := 0; start < len(rows); start += pageMost {
		chunk := rows[start:min(start+pageMost, len(rows))]
		args := make([]any, pageMost)
		for i := range args {
			args[i] = chunk[min(i, len(chunk)-1)].ID
		}
		found, err := readCaseIDs(ctx, tx, sqlFlagged, args...)
		if err != nil {
			return nil, fmt.Errorf("read marks: %w", err)
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}

// readCaseIDs reads the cases of a query.
func readCaseIDs(ctx context.Context, tx *store.Tx, query string, args ...any) ([]ident.Case, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
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

func caseIDs(rows []*Case) []ident.Case {
	ids := make([]ident.Case, len(rows))
	for i, c := range rows {
		ids[i] = c.ID
	}
	return ids
}
