package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// Known is a person in a case as its page shows them.
type Known struct {
	Strand
	Other
	History []Event // about this person, newest first
	// Own is the person's own case, where they are a child who has one and the
	// reader may see it; nil otherwise.
	Own *Row
	// In are the other cases that the person stands in and the reader may see.
	In []Row
	// Elsewhere: there is another case that the reader may not see. No more than
	// that is told.
	Elsewhere bool
}

func (k *Known) isIn(id ident.Case) bool {
	return slices.ContainsFunc(k.In, func(r Row) bool { return r.Case.ID == id })
}

// Others returns the people of a case, as far as the case itself tells: those who
// have ended last.
func (c *Child) Others() []Known {
	var out []Known
	for _, s := range c.Strands {
		if s.Kind != StrandPerson {
			continue
		}
		k := Known{Strand: s}
		for _, e := range c.Events {
			if string(e.Strand) != string(s.ID[:]) {
				continue
			}
			k.History = append(k.History, e)
			if k.Relation == "" && e.Other != nil {
				k.Other = *e.Other
			}
		}
		out = append(out, k)
	}
	slices.SortStableFunc(out, func(a, b Known) int {
		switch {
		case a.Ended() == b.Ended():
			return 0
		case b.Ended():
			return -1
		}
		return 1
	})
	return out
}

// Paper leaves out of a case what is not for paper that a child may read: everything
// about somebody who is or was suspected of involvement.
func (c *Child) Paper() {
	hidden := map[string]bool{}
	for _, e := range c.Events {
		if e.Other != nil && e.Other.Suspected {
			hidden[string(e.Strand)] = true
		}
	}
	c.Events = slices.DeleteFunc(c.Events, func(e Event) bool { return len(e.Strand) > 0 && hidden[string(e.Strand)] })
	c.Strands = slices.DeleteFunc(c.Strands, func(s Strand) bool { return hidden[string(s.ID[:])] })
}

// PeoplePage is the people of a case and the cases they tie it to.
type PeoplePage struct {
	Child
	Others []Known
	Group  *Group // nil: the child is in no group
}

func (page *PeoplePage) find(id ident.Strand) *Known {
	for i := range page.Others {
		if page.Others[i].ID == id {
			return &page.Others[i]
		}
	}
	return nil
}

// Find returns a person of the page, nil for none.
func (page *PeoplePage) Find(id ident.Strand) *Known { return page.find(id) }

// People returns the people of a case. Of other cases it shows what the reader may
// see there: they are looked at as a list, under an entry that names them.
func (r *Room) People(ctx context.Context, c *access.Caller, id ident.Case) (*PeoplePage, error) {
	var f fetched
	var tied []Strand
	var child *Child
	act := access.Act{Action: "case.open", Purpose: PurposeCare, Case: id, Part: access.RecordPart(PartFamily)}
	err := r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		if f, err = r.fetch(ctx, p, id); err != nil {
			return err
		}
		tied, err = readStrands(ctx, p.Tx(), sqlSelectTied, id)
		return err
	}, func(p *access.Pass) (err error) {
		child, err = f.open(ctx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	page := &PeoplePage{Child: *child, Others: child.Others()}
	var near []ident.Case
	for i := range tied {
		near = append(near, tied[i].of)
	}
	for i := range page.Others {
		if o := &page.Others[i]; len(o.Other.Case) == 16 {
			near = append(near, ident.Case(o.Other.Case))
		}
	}
	seen, tied, err := r.nearby(ctx, c, near, tied)
	if err != nil {
		return nil, err
	}
	page.join(tied, seen)
	return page, nil
}

// join puts the other cases where they belong.
func (page *PeoplePage) join(tied []Strand, seen map[ident.Case]*Row) {
	for i := range page.Others {
		k := &page.Others[i]
		if len(k.Other.Case) == 16 {
			k.Own = seen[ident.Case(k.Other.Case)]
			k.Elsewhere = k.Own == nil
		}
		if k.Ended() || k.Tie.IsZero() {
			continue
		}
		for _, s := range tied {
			switch row := seen[s.of]; {
			case s.Tie != k.Tie || s.Kind != StrandPerson:
			case row == nil:
				k.Elsewhere = true
			default:
				k.In = append(k.In, *row)
			}
		}
	}
	page.Group = groupOf(&page.Child, tied, seen)
}

// nearby returns the rows of other cases that the caller may see. The strands that
// tie them are checked with the keys of their own cases; it returns those of which the
// caller may know.
func (r *Room) nearby(ctx context.Context, c *access.Caller, ids []ident.Case, tied []Strand) (map[ident.Case]*Row, []Strand, error) {
	slices.SortFunc(ids, func(a, b ident.Case) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return nil, tied, nil
	}
	out := map[ident.Case]*Row{}
	var rows []*Case
	var hidden map[ident.Case]bool // whose people are withheld from the caller
	err := r.gate.List(ctx, c, access.Act{Action: "case.list", Purpose: PurposeCare},
		func(p *access.Pass) ([]ident.Case, error) {
			may, err := visible(ctx, p, ids, pageMost)
			if err != nil {
				return nil, err
			}
			if hidden, err = p.HidesAmong(ctx, may, PartFamily); err != nil {
				return nil, err
			}
			rows, err = readRows(ctx, p.Tx(), may)
			return caseIDs(rows), err
		},
		func(p *access.Pass) error {
			all, err := r.show(ctx, p, rows)
			for i := range all {
				out[all[i].Case.ID] = &all[i]
			}
			if err != nil {
				return err
			}
			for i := range tied {
				s := &tied[i]
				if out[s.of] == nil {
					continue
				}
				o, err := p.Opener(s.of)
				if err != nil {
					return err
				}
				if err := o.CheckMAC(s.mac, strandTable, s.ID[:], s.Version, s.columns()...); err != nil {
					return err
				}
			}
			return nil
		})
	tied = slices.DeleteFunc(tied, func(s Strand) bool { return s.Kind == StrandPerson && hidden[s.of] })
	return out, tied, err
}
