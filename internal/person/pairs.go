package person

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/linkage"
)

// Couple is two cases whose persons may be one child, or of one family.
type Couple struct {
	A, B   ident.Case
	Class  linkage.Class
	Weight float64 // in bits: for one child above 0
}

// Mark is how far the persons that changed were compared.
type Mark struct {
	At   int64 // UTC microseconds
	Last ident.Person
}

// mostPairs bounds of how many others one person is told.
const mostPairs = 20

// Alike returns the cases whose persons are like somebody whose details are known, the
// likest first, and leaves out one case.
func (x *Index) Alike(ctx context.Context, d *Details, not ident.Case) ([]Like, error) {
	found, err := x.like.Search(ctx, &linkage.Query{Like: x.features(d), Not: linkage.Ref(not)})
	return likes(found), err
}

// Explain says why a person is like that of a case, field by field; ok is false when the
// index does not know the case.
func (x *Index) Explain(d *Details, of ident.Case) (l Like, ok bool, err error) {
	h, ok, err := x.like.Between(x.features(d), linkage.Ref(of))
	return Like{of, h}, ok, err
}

// settles is how long after a change its row is surely there: the time of a row is that of
// its transaction's beginning, so that rows come a little out of order.
const settles = time.Minute

// Settled is until when all changes are there, in UTC microseconds.
func Settled(now time.Time) int64 { return now.Add(-settles).UnixMicro() }

// Changed compares the persons that changed after a mark and are settled, at most so many
// of them, with all others. It returns the cases that it compared, what it found, and the next mark.
func (x *Index) Changed(ctx context.Context, p *access.Pass, from Mark, most int) (compared []ident.Case, found []Couple, next Mark, err error) {
	next = from
	until := Settled(p.Now())
	err = eachSearchable(ctx, p, from, most, func(in ident.Case, t *searchable, at Mark) error {
		if at.At > until {
			return nil
		}
		compared, next = append(compared, in), at
		if len(t.Like) == 0 {
			return nil
		}
		hits, err := x.like.Search(ctx, &linkage.Query{Like: t.Like, Not: linkage.Ref(in), Limit: mostPairs})
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		for _, l := range likes(hits) {
			if l.Class != linkage.Different {
				found = append(found, Couple{in, l.Case, l.Class, l.Weight})
			}
		}
		return nil
	})
	return compared, found, next, err
}

// Load fills an index of its own with the persons of the node, a page for each call of
// page, and returns it with the mark up to which all changes are settled: a pass over all holds its index for minutes,
// and nobody who registers a child should wait for that.
func Load(ctx context.Context, page func(func(*access.Pass) error) error) (*linkage.Index, Mark, error) {
	own := linkage.New(linkage.Default())
	var mark, read Mark
	for {
		n := 0
		err := page(func(p *access.Pass) error {
			n = 0
			until := Settled(p.Now())
			return eachSearchable(ctx, p, read, refreshPage, func(in ident.Case, t *searchable, at Mark) error {
				n, read = n+1, at
				if at.At <= until {
					mark = at
				}
				if len(t.Like) == 0 {
					return nil
				}
				return own.Put(linkage.Ref(in), t.Like)
			})
		})
		if err != nil || n < refreshPage {
			return own, mark, err
		}
	}
}

// eachSearchable gives fn what the persons changed after a mark are found by, in the
// order of change.
func eachSearchable(ctx context.Context, p *access.Pass, from Mark, most int, fn func(ident.Case, *searchable, Mark) error) error {
	rows, err := p.Tx().Query(ctx, sqlSelectSearch, from.At, from.Last[:], most)
	if err != nil {
		return fmt.Errorf("read search rows: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id ident.Person
		var in ident.Case
		var version, changed int64
		var blob []byte
		if err := rows.Scan(&id, &in, &version, &changed, &blob); err != nil {
			return err
		}
		t, err := openSearch(p, id, version, blob)
		if err != nil {
			return err
		}
		if err := fn(in, t, Mark{changed, id}); err != nil {
			return err
		}
	}
	return rows.Err()
}
