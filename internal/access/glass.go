package access

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// RelationGlass is the relation of whoever opened a case by break-glass: the
// farthest that opens a case, and it ends by itself. It stands in a table of its own, which
// no list reads.
const RelationGlass = "glass"

const tableGlass = "access_glass"

// Glass is one time that somebody opened a case by break-glass.
type Glass struct {
	ID       ident.Glass
	Case     ident.Case
	Staff    ident.Staff
	Unit     ident.Unit // where they worked then
	Reason   string     // code list glass_reason
	From     time.Time
	Until    time.Time
	ReviewBy time.Time
	Reviewed time.Time   // zero: waits for its review
	Reviewer ident.Staff // none until then
	Outcome  string      // code list glass_outcome, "" until then

	version   int64
	blob, mac []byte
}

// GlassWords is what was written about it, sealed under the case's key.
type GlassWords struct {
	Why    sealed.Text `cbor:"1,keyasint,omitzero"`
	Review sealed.Text `cbor:"2,keyasint,omitzero"`
}

// columns returns what the digest covers, in the order of the table.
func (g *Glass) columns() []any {
	var reviewer any
	if !g.Reviewer.IsZero() {
		reviewer = g.Reviewer[:]
	}
	return []any{
		g.Case[:], g.Staff[:], g.Unit[:], g.Reason, g.From.UnixMicro(), g.Until.UnixMicro(), g.ReviewBy.UnixMicro(),
		g.reviewedAt(), reviewer, g.Outcome, g.blob,
	}
}

func (g *Glass) reviewedAt() int64 {
	if g.Reviewed.IsZero() {
		return 0
	}
	return g.Reviewed.UnixMicro()
}

func (g *Glass) scan(scan func(...any) error) error {
	var from, until, reviewBy, reviewed int64
	err := scan(&g.Case, &g.ID, &g.Staff, &g.Unit, &g.Reason, &from, &until, &reviewBy, &reviewed, &g.Reviewer, &g.Outcome,
		&g.version, &g.blob, &g.mac)
	if err != nil {
		return err
	}
	g.From, g.Until, g.ReviewBy = clock.FromMicros(from), clock.FromMicros(until), clock.FromMicros(reviewBy)
	if reviewed != 0 {
		g.Reviewed = clock.FromMicros(reviewed)
	}
	return nil
}

// check refuses a row that this program did not write as it is.
func (g *Glass) check(k checker) error {
	return k.CheckMAC(g.mac, tableGlass, g.ID[:], g.version, g.columns()...)
}

// eachGlass gives fn the rows of a query over [glassColumns].
func eachGlass(ctx context.Context, tx *store.Tx, fn func(*Glass) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read break-glass: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		g := new(Glass)
		if err := g.scan(rows.Scan); err != nil {
			return fmt.Errorf("read break-glass: %w", err)
		}
		if err := fn(g); err != nil {
			return err
		}
	}
	return rows.Err()
}

func allGlass(ctx context.Context, tx *store.Tx, query string, args ...any) (out []*Glass, err error) {
	err = eachGlass(ctx, tx, func(g *Glass) error { out = append(out, g); return nil }, query, args...)
	return out, err
}

// Break opens the pass's case to its caller from now until until: only the command
// "case.breakglass" may. A caller who opened as many as most within the last day is
// refused with "glass-quota"; one who reaches the case already, with "glass-reached".
func (p *Pass) Break(ctx context.Context, g Glass, why sealed.Text, most int) (ident.Glass, error) {
	var none ident.Glass
	if p == nil || !p.writes || p.act.Action != "case.breakglass" {
		return none, errNoPass
	}
	r, err := readReach(ctx, p.Tx(), p.caller, p.act.Case, p.Now().UnixMicro())
	switch {
	case err != nil:
		return none, err
	case rank[r.relation] >= rank[RelationGlass]:
		return none, fault.New(fault.Conflict, "glass-reached")
	}
	if n, err := brokenBy(ctx, p.Tx(), p.caller.staff, p.Now()); err != nil {
		return none, err
	} else if n >= most {
		return none, errQuota()
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return none, err
	}
	g.ID, g.Case, g.Staff, g.Unit, g.From, g.version = ident.New[ident.Glass](), p.act.Case, p.caller.staff, p.caller.unit, p.Now(), 1
	g.Reviewed, g.Reviewer, g.Outcome = time.Time{}, ident.Staff{}, ""
	if g.blob, err = s.Seal(tableGlass, g.ID[:], 1, &GlassWords{Why: why}); err != nil {
		return none, fmt.Errorf("seal break-glass: %w", err)
	}
	g.mac = s.MAC(tableGlass, g.ID[:], 1, g.columns()...)
	err = p.tx.Put(ctx, sqlInsertGlass, g.Case, g.ID, g.Staff, g.Unit, g.Reason, g.From.UnixMicro(), g.Until.UnixMicro(),
		g.ReviewBy.UnixMicro(), g.version, g.blob, g.mac)
	if err != nil {
		return none, fmt.Errorf("write break-glass: %w", err)
	}
	p.Wrote(tableGlass, g.ID[:], 1, g.mac)
	return g.ID, nil
}

func errQuota() error { return fault.New(fault.Invalid, "glass-quota") }

// glassDay is the time within which the times of one person are counted.
const glassDay = 24 * time.Hour

func brokenBy(ctx context.Context, tx *store.Tx, who ident.Staff, now time.Time) (n int, err error) {
	err = tx.QueryRow(ctx, sqlCountGlassOf, who, now.Add(-glassDay).UnixMicro()).Scan(&n)
	return n, err
}

// MayBreak refuses a caller who opened as many cases as most within the last day,
// before anything is looked up: how many they opened is their own and says nothing
// about any child.
func (g *Gate) MayBreak(ctx context.Context, c *Caller, most int) error {
	return g.Own(ctx, c, func(p *Pass) error {
		n, err := brokenBy(ctx, p.Tx(), c.staff, p.Now())
		if err == nil && n >= most {
			err = errQuota()
		}
		return err
	})
}

// OwnGlass returns what the caller of [Gate.Own] opened and may still open.
func (p *Pass) OwnGlass(ctx context.Context) ([]*Glass, error) {
	return allGlass(ctx, p.Tx(), sqlSelectGlassOwn, p.caller.staff, p.Now().UnixMicro())
}

// glassMost is how many times a list names.
const glassMost = 100

// WaitingGlass returns the times that wait for their review, the most urgent first;
// each still needs [Pass.Visible].
func (p *Pass) WaitingGlass(ctx context.Context) ([]*Glass, error) {
	return allGlass(ctx, p.Tx(), sqlSelectGlassWaiting, glassMost)
}

// NewestGlass returns the newest times, reviewed or not; each still needs [Pass.Visible].
func (p *Pass) NewestGlass(ctx context.Context) ([]*Glass, error) {
	return allGlass(ctx, p.Tx(), sqlSelectGlassNewest, glassMost)
}

// OneGlass returns one time; what does not exist is NotFound. It still needs
// [Pass.Visible].
func (p *Pass) OneGlass(ctx context.Context, id ident.Glass) (*Glass, error) {
	all, err := allGlass(ctx, p.Tx(), sqlSelectGlassOne, id)
	if err == nil && len(all) != 1 {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// GlassWords opens what was written about one time, in the second step of a list.
func (p *Pass) GlassWords(g *Glass) (GlassWords, error) {
	var w GlassWords
	o, err := p.Opener(g.Case)
	if err != nil {
		return w, err
	}
	if err := g.check(o); err != nil {
		return w, err
	}
	return w, o.Open(tableGlass, g.ID[:], g.version, g.blob, &w)
}

// ReviewGlass writes down what the review of one time in the pass's case came to:
// only the command "glass.review" may. One that was reviewed already is a Conflict.
func (p *Pass) ReviewGlass(ctx context.Context, id ident.Glass, outcome string, words GlassWords) error {
	if p == nil || !p.writes || p.act.Action != "glass.review" {
		return errNoPass
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	g, err := p.OneGlass(ctx, id)
	if err != nil {
		return err
	}
	switch err := g.check(s); {
	case err != nil:
		return err
	case g.Case != p.act.Case || g.Staff != p.act.Staff:
		return fault.New(fault.NotFound, "no-such-page")
	case !g.Reviewed.IsZero():
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	before := g.version
	g.Reviewed, g.Reviewer, g.Outcome, g.version = p.Now(), p.caller.staff, outcome, before+1
	if g.blob, err = s.Seal(tableGlass, g.ID[:], g.version, &words); err != nil {
		return fmt.Errorf("seal break-glass: %w", err)
	}
	g.mac = s.MAC(tableGlass, g.ID[:], g.version, g.columns()...)
	n, err := p.tx.Exec(ctx, sqlUpdateGlass, g.Case, g.ID, g.reviewedAt(), g.Reviewer, g.Outcome, g.version, g.blob, g.mac, before)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return fmt.Errorf("review break-glass: %w", err)
	}
	p.Wrote(tableGlass, g.ID[:], g.version, g.mac)
	return nil
}

// GlassFigures is how often cases were opened by break-glass in a time, and what
// became of it: numbers, of nobody.
type GlassFigures struct {
	Opened   int
	All      int // children's pages opened in the same time, in whatever way
	Due      int // reviews whose time is over, or that were done
	InTime   int // of those, done by then
	Waiting  int // not done yet, in time or late
	Outcomes map[string]int
}

// GlassFigures counts since a time.
func (p *Pass) GlassFigures(ctx context.Context, since time.Time) (GlassFigures, error) {
	f := GlassFigures{Outcomes: map[string]int{}}
	if p == nil || p.tx == nil || p.act.Action != "glass.figures" {
		return f, errNoPass
	}
	rows, err := p.tx.Query(ctx, sqlCountGlass, since.UnixMicro(), p.Now().UnixMicro())
	if err != nil {
		return f, fmt.Errorf("count break-glass: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var outcome string
		var n, due, inTime int
		if err := rows.Scan(&outcome, &n, &due, &inTime); err != nil {
			return f, fmt.Errorf("count break-glass: %w", err)
		}
		f.Opened, f.Due, f.InTime = f.Opened+n, f.Due+due, f.InTime+inTime
		if outcome == "" {
			f.Waiting += n
		} else {
			f.Outcomes[outcome] += n
		}
	}
	if err := rows.Err(); err != nil {
		return f, err
	}
	err = p.tx.QueryRow(ctx, sqlSumOpens, hourOf(since)).Scan(&f.All)
	return f, err
}
