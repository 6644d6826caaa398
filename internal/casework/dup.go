package casework

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/person"
)

// One child may have been registered twice. The program finds the pairs, before a child
// is saved and afterwards; people say what they are to each other. It merges nothing.

// Alike returns the children that the caller may see and that may be the one about to be
// registered, the likest first. Who answers for a hidden one is told, as of a search; the
// caller gets the same answer as if there were none. It returns none for a form that was
// carried out already.
func (r *Room) Alike(ctx context.Context, c *access.Caller, cmd ident.Command, d *person.Details) ([]Found, error) {
	if len(d.Names) == 0 {
		return nil, nil
	}
	if done, err := r.gate.Done(ctx, c, cmd); err != nil || done {
		return nil, err
	}
	s := search{r: r, like: map[ident.Case]person.Like{}}
	var out []Found
	err := r.gate.List(ctx, c, access.Act{Action: "case.alike", Purpose: PurposeCare}, func(p *access.Pass) ([]ident.Case, error) {
		all, err := r.index.Alike(ctx, d, ident.Case{})
		if err != nil {
			return nil, err
		}
		ids, err := s.sort(ctx, p, slices.DeleteFunc(all, func(l person.Like) bool { return l.Class < linkage.PossiblySame }))
		if err != nil {
			return nil, err
		}
		s.rows, err = readRows(ctx, p.Tx(), ids[:min(len(ids), mostAlike)])
		return caseIDs(s.rows), err
	}, func(p *access.Pass) (err error) {
		out, err = s.show(ctx, p)
		return err
	})
	return out, err
}

// mostAlike is of how many children somebody who registers one is warned.
const mostAlike = 5

// Pair is two cases that may be of one child, or of one family.
type Pair struct {
	A, B  Row
	Class linkage.Class
}

// mostPairs is how many pairs a page shows: what is decided makes room for the next.
const mostPairs = 25

// pairsRead bounds how many pairs are read for one page.
const pairsRead = 200

// Pairs returns pairs of cases about which nobody has said anything yet and of which the
// caller may see both, the likeliest first: of one child, or of one family. more reports
// whether others wait.
func (r *Room) Pairs(ctx context.Context, c *access.Caller, family bool) (out []Pair, more bool, err error) {
	classes := []any{linkage.SameChild.String(), linkage.PossiblySame.String()}
	if family {
		classes[0], classes[1] = linkage.PossiblyFamily.String(), linkage.PossiblyFamily.String()
	}
	var pairs []foundPair
	var rows []*Case
	err = r.gate.List(ctx, c, access.Act{Action: "case.alike", Purpose: PurposeCare}, func(p *access.Pass) ([]ident.Case, error) {
		all, err := readPairs(ctx, p, classes)
		if err != nil {
			return nil, err
		}
		if pairs, err = bothSeen(ctx, p, all); err != nil {
			return nil, err
		}
		more = len(pairs) > mostPairs
		pairs = pairs[:min(len(pairs), mostPairs)]
		var ids []ident.Case
		for _, f := range pairs {
			for _, id := range f.of {
				if !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
		rows, err = readRows(ctx, p.Tx(), ids)
		return caseIDs(rows), err
	}, func(p *access.Pass) error {
		shown, err := r.show(ctx, p, rows)
		if err != nil {
			return err
		}
		by := make(map[ident.Case]*Row, len(shown))
		for i := range shown {
			by[shown[i].Case.ID] = &shown[i]
		}
		for _, f := range pairs {
			if a, b := by[f.of[0]], by[f.of[1]]; a != nil && b != nil {
				out = append(out, Pair{*a, *b, f.class})
			}
		}
		return nil
	})
	return out, more, err
}

// foundPair is a pair as it is stored.
type foundPair struct {
	of    [2]ident.Case
	class linkage.Class
}

func readPairs(ctx context.Context, p *access.Pass, classes []any) (out []foundPair, err error) {
	args := append(append(classes, pairsRead), append(p.Caller().Holders(), p.Now().UnixMicro())...)
	rows, err := p.Tx().Query(ctx, sqlPairs, args...)
	if err != nil {
		return nil, fmt.Errorf("read pairs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f foundPair
		var class string
		if err := rows.Scan(&f.of[0], &f.of[1], &class); err != nil {
			return nil, err
		}
		for c := linkage.PossiblyFamily; c <= linkage.SameChild; c++ {
			if c.String() == class {
				f.class = c
			}
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// bothSeen leaves the pairs of which the caller may see both cases.
func bothSeen(ctx context.Context, p *access.Pass, all []foundPair) ([]foundPair, error) {
	ids := make([]ident.Case, 0, 2*len(all))
	for _, f := range all {
		ids = append(ids, f.of[:]...)
	}
	seen, err := p.Visible(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []foundPair
	for i, f := range all {
		if seen[2*i] && seen[2*i+1] {
			out = append(out, f)
		}
	}
	return out, nil
}

// PairPage is two cases side by side.
type PairPage struct {
	A, B     *Child
	Class    linkage.Class
	Evidence []linkage.Evidence // strongest first
	Said     *Strand            // what people said, of A; nil for nothing
	Asked    *Event             // by which somebody asked what waits for a second person
}

// Pair opens two cases side by side, with why the program thinks that they are of one
// child or not. Each is a look at its case; who may not see both sees neither.
func (r *Room) Pair(ctx context.Context, c *access.Caller, a, b ident.Case) (*PairPage, error) {
	if a == b {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	var page PairPage
	var err error
	if page.A, err = r.Open(ctx, c, a); err != nil {
		return nil, err
	}
	if page.B, err = r.Open(ctx, c, b); err != nil {
		return nil, err
	}
	like, ok, err := r.index.Explain(&page.A.Person.Details, b)
	if err != nil {
		return nil, err
	}
	if ok {
		page.Class, page.Evidence = like.Class, like.Evidence
	}
	page.Said, page.Asked = saidOf(page.A, page.B)
	return &page, nil
}

// saidOf returns the strand of a that says what b is to it, and the newest event about
// that strand.
func saidOf(a, b *Child) (*Strand, *Event) {
	for i := range a.Strands {
		s := &a.Strands[i]
		ties := func(o Strand) bool { return o.Kind == s.Kind && o.Tie == s.Tie && !o.Ended() }
		if s.Ended() || s.Kind != StrandApart || !slices.ContainsFunc(b.Strands, ties) {
			continue
		}
		for n := range a.Events {
			if e := &a.Events[n]; string(e.Strand) == string(s.ID[:]) {
				return s, e
			}
		}
	}
	return nil, nil
}
