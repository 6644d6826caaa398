package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// StrandCare is a place where a child lives or lived. Code is of the code list
// care_arrangement. It records where a child is, not whether that was right: that a
// child may be placed somewhere is another act.
const StrandCare = "care"

// The events of where a child lives.
const (
	KindCareAdded   = "care-added"
	KindCareChanged = "care-changed"
)

// Care is what is known of a place where a child lives.
type Care struct {
	Kind    string      `cbor:"1,keyasint"`          // code list care_arrangement
	From    sealed.Date `cbor:"2,keyasint"`          // first day
	Until   sealed.Date `cbor:"3,keyasint,omitzero"` // last day; none: still there
	Where   sealed.Text `cbor:"4,keyasint,omitzero"`
	Decided sealed.Text `cbor:"5,keyasint,omitzero"` // who decided it
	Note    sealed.Text `cbor:"6,keyasint,omitzero"`
}

// unsafeCare are the arrangements in which a child is not safe. A worker sees them
// every day until the child lives somewhere else.
var unsafeCare = []string{"police_cell", "immigration_detention", "street", "nobody", "with_exploiter"}

// UnsafeCare reports whether a child is not safe in an arrangement.
func UnsafeCare(kind string) bool { return slices.Contains(unsafeCare, kind) }

func (a *Care) check(codes Codes, now time.Time) error {
	var c fault.Check
	c.Require(codes.Valid("care_arrangement", a.Kind), "care_kind", "required")
	wholeDay(&c, "care_from", a.From, now, true)
	wholeDay(&c, "care_until", a.Until, now, false)
	c.Require(a.Until.IsZero() || a.Until.Reveal() >= a.From.Reveal(), "care_until", "ends-before")
	text(&c, "care_where", a.Where, mostShort)
	text(&c, "care_decided", a.Decided, mostShort)
	text(&c, "care_note", a.Note, mostReason)
	return c.Err()
}

// wholeDay refuses what is not one day, or a day that has not come.
func wholeDay(c *fault.Check, field string, d sealed.Date, now time.Time, required bool) {
	if d.IsZero() {
		c.Require(!required, field, "required")
		return
	}
	year, month, dom := d.RevealParts()
	if dom == 0 {
		c.Reject(field, "bad-date")
		return
	}
	day := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC)
	c.Require(!day.After(now.Add(aheadOfUTC)), field, "in-the-future")
	c.Require(year >= firstYear, field, "out-of-range")
}

// Lived is one line of where a child has lived.
type Lived struct {
	Strand   Strand
	Care           // Until is filled in where the next place says it
	Recorded Event // by whom and when it was last recorded
	// Gap: nobody recorded where the child was from GapFrom until GapUntil, before
	// this place; GapUntil is none for a gap that goes on.
	GapFrom, GapUntil sealed.Date
}

// Gap reports whether the line is a gap and no place.
func (l *Lived) Gap() bool { return l.Care.Kind == "" }

// Now reports whether the child lives there now.
func (l *Lived) Now() bool { return !l.Gap() && !l.Strand.Ended() }

// LivesAt returns where the child lives now, nil where nobody recorded it.
func (c *Child) LivesAt() *Lived {
	for _, l := range c.Lived() {
		if l.Now() {
			return &l
		}
	}
	return nil
}

// Lived returns where the child has lived, latest first, with the gaps between.
func (c *Child) Lived() []Lived {
	var out []Lived
	for _, s := range c.Strands {
		if s.Kind != StrandCare {
			continue
		}
		l := Lived{Strand: s}
		var next sealed.Date // the first day at the place that this one was ended by
		for _, e := range c.Events {
			if string(e.Ended) == string(s.ID[:]) && e.Care != nil {
				next = e.Care.From
			}
			if string(e.Strand) == string(s.ID[:]) && e.Care != nil && l.Care.Kind == "" {
				l.Care, l.Recorded = *e.Care, e
			}
		}
		if l.Until.IsZero() && s.Ended() {
			l.Until = next
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b Lived) int {
		if a.Now() != b.Now() {
			return map[bool]int{true: 1, false: -1}[a.Now()]
		}
		switch x, y := a.From.Reveal(), b.From.Reveal(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	out = gaps(out)
	slices.Reverse(out)
	return out
}

// gaps puts lines of gaps between places, earliest first, and one at the end where
// nobody recorded where the child is now.
func gaps(places []Lived) []Lived {
	var out []Lived
	var last sealed.Date // the last day somebody recorded where the child was
	for i, l := range places {
		if i > 0 && !last.IsZero() && dayAfter(last) < l.From.Reveal() {
			out = append(out, Lived{GapFrom: last, GapUntil: l.From})
		}
		out = append(out, l)
		if l.Now() {
			return out
		}
		if last.IsZero() || l.Until.Reveal() > last.Reveal() {
			last = l.Until
		}
	}
	if len(places) > 0 && !last.IsZero() {
		out = append(out, Lived{GapFrom: last})
	}
	return out
}

// dayAfter returns the next day, written like the date.
func dayAfter(d sealed.Date) string {
	year, month, dom := d.RevealParts()
	return time.Date(year, time.Month(month), dom+1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// AddCare records a place where the child lives, or lived. A place without a last
// day is where the child lives now, and ends the one before.
func (r *Room) AddCare(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, a Care) error {
	if err := a.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	var seen ident.Strand
	if a.Until.IsZero() {
		child, err := r.Open(ctx, c, id)
		if err != nil {
			return err
		}
		if now := child.LivesAt(); now != nil {
			if seen = now.Strand.ID; a.From.Reveal() < now.From.Reveal() {
				return fault.InvalidField("care_until", "before-current")
			}
		}
	}
	return r.act(ctx, c, cmd, id, "case.care", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		s, e := Strand{Kind: StrandCare, Code: a.Kind}, &Event{Kind: KindCareAdded, Content: Content{To: a.Kind, Care: &a}}
		if !a.Until.IsZero() {
			s.EndedAt = p.Now()
			return s.begin(ctx, p, e)
		}
		before, err := openCare(ctx, p)
		switch {
		case err != nil:
			return nil, err
		case (before == nil) != seen.IsZero() || before != nil && before.ID != seen:
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		case before != nil:
			before.EndedAt = p.Now()
			e.Ended, e.From = before.ID[:], before.Code
			if err := before.write(ctx, p); err != nil {
				return nil, err
			}
		}
		return s.begin(ctx, p, e)
	})
}

// openCare reads where the pass's child lives now, to end it; nil for none.
func openCare(ctx context.Context, p *access.Pass) (*Strand, error) {
	all, err := readStrands(ctx, p.Tx(), sqlSelectOpenCare, p.Case())
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return strandOf(ctx, p, all[0].ID, StrandCare)
}

// ChangeCare corrects what was recorded of a place, also of one where the child
// lives no more. A last day ends a place that goes on.
func (r *Room) ChangeCare(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, where ident.Strand, seen int64, a Care) error {
	if err := a.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	return r.onStrand(ctx, c, cmd, id, "case.care", StrandCare, where, seen, func(p *access.Pass, row *Case, s *Strand) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		e := &Event{Kind: KindCareChanged, Content: Content{From: s.Code, To: a.Kind, Care: &a}}
		s.Code = a.Kind
		if !s.Ended() && !a.Until.IsZero() {
			s.EndedAt = p.Now()
		}
		return e, nil
	})
}

// Unsafe is a child who lives where a child is not safe.
type Unsafe struct {
	Row
	Kind  string    // code list care_arrangement
	Since time.Time // when it was recorded
}

// unsafeMost is how many of them a worker's page shows.
const unsafeMost = 20

// unsafePlaces are the cases that a list will show as unsafe.
type unsafePlaces struct {
	rows    []*Case
	strands map[ident.Case]*Strand
}

// pickUnsafe chooses the children of some workers who live where a child is not
// safe.
func pickUnsafe(ctx context.Context, p *access.Pass, workers []ident.Staff) (out unsafePlaces, err error) {
	out.strands = map[ident.Case]*Strand{}
	var ids []ident.Case
	for _, w := range workers {
		found, err := readStrands(ctx, p.Tx(), sqlSelectUnsafe, w, unsafeMost)
		if err != nil {
			return out, fmt.Errorf("unsafe places: %w", err)
		}
		for i := range found {
			s := &found[i]
			if out.strands[s.of] == nil {
				ids = append(ids, s.of)
			}
			out.strands[s.of] = s
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	if ids, err = visible(ctx, p, ids, unsafeMost); err != nil {
		return out, err
	}
	hidden, err := p.HidesAmong(ctx, ids, PartWhereabouts)
	if err != nil {
		return out, err
	}
	ids = slices.DeleteFunc(ids, func(id ident.Case) bool { return hidden[id] })
	out.rows, err = readRows(ctx, p.Tx(), ids)
	return out, err
}

// showUnsafe opens the persons of what was picked, and checks the strands.
func (r *Room) showUnsafe(ctx context.Context, p *access.Pass, picked unsafePlaces) ([]Unsafe, error) {
	if len(picked.rows) == 0 {
		return nil, nil
	}
	rows, err := r.show(ctx, p, picked.rows)
	if err != nil {
		return nil, err
	}
	out := make([]Unsafe, len(rows))
	for i, row := range rows {
		s := picked.strands[row.Case.ID]
		o, err := p.Opener(row.Case.ID)
		if err != nil {
			return nil, err
		}
		if err := o.CheckMAC(s.mac, strandTable, s.ID[:], s.Version, s.columns()...); err != nil {
			return nil, err
		}
		out[i] = Unsafe{row, s.Code, s.BeganAt}
	}
	return out, nil
}
