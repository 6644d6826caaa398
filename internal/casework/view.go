package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// SavedView is a filter that somebody keeps under a label. Whoever uses it sees with
// it what they reach and no more.
type SavedView struct {
	ID     ident.View
	Label  sealed.Text
	Query  Query
	Made   time.Time
	Keeper ident.Staff
	Unit   ident.Unit // it is shared with this unit and those below it; none: private

	// Fixed says of the reader's own view that it is shared where they cannot share
	// any more: they can stop sharing it and nothing else.
	Fixed bool
	// MayEnd says that the reader may stop the sharing, Gone that who keeps the view
	// no longer works here.
	MayEnd, Gone bool

	version int64
}

// Shared reports whether others can use the view.
func (v *SavedView) Shared() bool { return !v.Unit.IsZero() }

// Opening says what somebody's list of children opens with: a kept view, or one of
// [BuiltInViews].
type Opening struct {
	View    ident.View
	BuiltIn string
	Gone    bool // the view is there no more, or its filter does not fit any more
}

// BuiltInViews are the codes of the program's own views: open cases, open ones at
// high risk, closed ones, and all. A list opens with the first unless its reader
// chose otherwise.
func BuiltInViews() []string { return []string{"all", "high", "closed", "every"} }

// Views are what a person's list of children offers, in the order they were made.
type Views struct {
	Own     []SavedView
	Shared  []SavedView // by others, with a unit the reader belongs to
	Opening Opening
}

type viewLabel struct {
	_     struct{} `cbor:",toarray"`
	Label sealed.Text
}

const viewTable = "casework_view"

const (
	// MostViews is how many views one person can keep.
	MostViews = 50
	// mostShared is how many can be shared with one unit.
	mostShared = 50
	mostLabel  = 60
	// mostBelow is how many one page shows of what is shared below a supervisor.
	mostBelow = 200
)

// Views returns the views the caller can use, and what the list opens with. Own ones
// are read without an entry; reading those of others is entered.
func (r *Room) Views(ctx context.Context, c *access.Caller) (*Views, error) {
	out := &Views{}
	var others bool
	var units []ident.Unit
	err := r.gate.Own(ctx, c, func(p *access.Pass) (err error) {
		if out.Own, err = readViews(ctx, p, sqlOwnViews, c.Staff()); err != nil {
			return err
		}
		if out.Opening, err = readOpening(ctx, p); err != nil {
			return err
		}
		if units, err = unitsAbove(ctx, p); err == nil {
			others, err = anyShared(ctx, p, units)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if others && r.gate.May(c, "view.list") {
		if out.Shared, err = r.sharedViews(ctx, c, units); err != nil {
			return nil, err
		}
	}
	for i := range out.Own {
		v := &out.Own[i]
		v.MayEnd = v.Shared()
		v.Fixed = v.Shared() && (v.Unit != c.Unit() || !r.gate.May(c, "view.share"))
	}
	if o := &out.Opening; !o.View.IsZero() {
		v := out.Find(o.View)
		o.Gone = v == nil || v.Query.check(r.codes) != nil
	}
	return out, nil
}

// Find returns one of the views, nil where it is none of them.
func (v *Views) Find(id ident.View) *SavedView {
	for _, list := range [][]SavedView{v.Own, v.Shared} {
		for i := range list {
			if list[i].ID == id {
				return &list[i]
			}
		}
	}
	return nil
}

// ViewsBelow returns what is shared in the units below those of a supervisor, who
// answers for it, and whether there is more. For others there is nothing.
func (r *Room) ViewsBelow(ctx context.Context, c *access.Caller) (below []SavedView, more bool, err error) {
	if c == nil || len(c.Supervises()) == 0 || !r.gate.May(c, "view.list") {
		return nil, false, nil
	}
	people, err := r.roster(ctx)
	if err != nil {
		return nil, false, err
	}
	var above, units []ident.Unit
	err = r.gate.Own(ctx, c, func(p *access.Pass) (err error) {
		above, err = unitsAbove(ctx, p)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	for _, post := range people.Team(c.Supervises()...) {
		if !slices.Contains(above, post.Unit) {
			units = append(units, post.Unit)
		}
	}
	if len(units) > 0 {
		below, err = r.sharedViews(ctx, c, units)
	}
	if more = len(below) > mostBelow; more {
		below = below[:mostBelow]
	}
	return below, more, err
}

// sharedViews returns what others share with some units, the oldest first.
func (r *Room) sharedViews(ctx context.Context, c *access.Caller, units []ident.Unit) ([]SavedView, error) {
	people, err := r.roster(ctx)
	if err != nil {
		return nil, err
	}
	var out []SavedView
	err = r.gate.View(ctx, c, access.Act{Action: "view.list", Purpose: PurposeCare}, func(p *access.Pass) error {
		out = nil
		for some := range slices.Chunk(units, pageMost) {
			found, err := readViews(ctx, p, sqlSharedViews, unitArgs(some)...)
			if err != nil {
				return err
			}
			out = append(out, found...)
		}
		out = slices.DeleteFunc(out, func(v SavedView) bool { return v.Keeper == c.Staff() })
		for i := range out {
			v := &out[i]
			v.Gone = !people.Works(v.Keeper)
			if v.MayEnd, err = supervises(ctx, p, v.Unit); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b SavedView) int { return a.Made.Compare(b.Made) })
	return out, err
}

// unitsAbove returns the units whose shared views the caller can use: their own, those
// of supervisors they stand in for, and the units above these.
func unitsAbove(ctx context.Context, p *access.Pass) ([]ident.Unit, error) {
	var out []ident.Unit
	for _, u := range append([]ident.Unit{p.Caller().Unit()}, p.Caller().Supervises()...) {
		for !u.IsZero() && !slices.Contains(out, u) && len(out) < pageMost {
			out = append(out, u)
			var err error
			if u, err = p.Above(ctx, u); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// supervises reports whether the caller supervises a unit or one above it.
func supervises(ctx context.Context, p *access.Pass, u ident.Unit) (bool, error) {
	mine := p.Caller().Supervises()
	for len(mine) > 0 && !u.IsZero() {
		if slices.Contains(mine, u) {
			return true, nil
		}
		var err error
		if u, err = p.Above(ctx, u); err != nil {
			return false, err
		}
	}
	return false, nil
}

// unitArgs fills the slots of a query with some units.
func unitArgs(units []ident.Unit) []any {
	args := make([]any, pageMost)
	for i := range args {
		args[i] = units[min(i, len(units)-1)]
	}
	return args
}

// anyShared reports whether others share anything with some units.
func anyShared(ctx context.Context, p *access.Pass, units []ident.Unit) (bool, error) {
	if len(units) == 0 {
		return false, nil
	}
	var who ident.Staff
	err := p.Tx().QueryRow(ctx, sqlAnyShared, append(unitArgs(units), p.Caller().Staff())...).Scan(&who)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// readOpening returns what the caller's list opens with.
func readOpening(ctx context.Context, p *access.Pass) (Opening, error) {
	var o Opening
	err := p.Tx().QueryRow(ctx, sqlSelectOpening, p.Caller().Staff()).Scan(&o.View, &o.BuiltIn)
	if fault.Is(err, fault.NotFound) {
		return Opening{BuiltIn: BuiltInViews()[0]}, nil
	}
	return o, err
}

func readViews(ctx context.Context, p *access.Pass, query string, args ...any) ([]SavedView, error) {
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read views: %w", err)
	}
	defer rows.Close()
	var out []SavedView
	for rows.Next() {
		v, err := scanView(p, rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, *v)
	}
	return out, rows.Err()
}

// readView returns a view as it stands, whoever keeps it: the command that asks
// decides what may be done with it.
func readView(ctx context.Context, p *access.Pass, id ident.View) (*SavedView, error) {
	v, err := scanView(p, p.Tx().QueryRow(ctx, sqlSelectView, id).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, errNoView()
	}
	return v, err
}

func errNoView() error { return fault.New(fault.NotFound, "no-such-page") }

func scanView(p *access.Pass, scan func(...any) error) (*SavedView, error) {
	var v SavedView
	var filter string
	var blob []byte
	var made int64
	if err := scan(&v.ID, &v.Keeper, &v.Unit, &filter, &blob, &v.version, &made); err != nil {
		return nil, err
	}
	var l viewLabel
	if err := p.OpenNode(viewTable, v.ID[:], v.version, blob, &l); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(filter), &v.Query); err != nil {
		return nil, fmt.Errorf("read view: %w", err)
	}
	v.Label, v.Made = l.Label, clock.FromMicros(made)
	return &v, nil
}
