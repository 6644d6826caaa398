package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

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

// counts knows roughly how many cases each filter value has, so that a list can
// walk the index of the rarest one.
type counts struct {
	mu     sync.RWMutex // guards values
	values map[string]int64
}

// staticOrder is the order of filters by how much they narrow, used until the
// first count. A risk never leads: there are too few of them.
var staticOrder = [...]int{fWorker, fUnit, fRegion, fAge, fStage, fSex}

// lead returns the filter whose index the query should walk.
func (n *counts) lead(q *Query) int {
	given := q.filters()
	n.mu.RLock()
	defer n.mu.RUnlock()
	best, fewest := noLead, int64(0)
	for _, f := range staticOrder {
		var key string
		switch v := given[f].(type) {
		case string:
			key = v
		case []byte:
			key = string(v)
		}
		if key == "" || f == fSex && !slices.Contains(rareSexes, key) {
			continue
		}
		if f == fWorker || f == fUnit {
			return f
		}
		// A value that no case had is the rarest of all.
		if count := n.values[filterColumns[f]+"="+key]; best == noLead || n.values != nil && count < fewest {
			best, fewest = f, count
		}
	}
	return best
}

// CountFilters counts the cases of each filter value anew. It reads codes only
// and belongs to the node's housekeeping; a list works without it, more slowly.
func (r *Room) CountFilters(ctx context.Context, db *store.DB) error {
	values := map[string]int64{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		for _, q := range []struct{ column, query string }{
			{"stage", sqlCountStage},
			{"age_band", sqlCountAge},
			{"region", sqlCountRegion},
			{"sex", sqlCountSex},
		} {
			rows, err := tx.Query(ctx, q.query)
			if err != nil {
				return err
			}
			for rows.Next() {
				var code string
				var n int64
				if err := rows.Scan(&code, &n); err != nil {
					_ = rows.Close() // the scan's error says more
					return err
				}
				values[q.column+"="+code] = n
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count filters: %w", err)
	}
	r.counts.mu.Lock()
	r.counts.values = values
	r.counts.mu.Unlock()
	return nil
}
