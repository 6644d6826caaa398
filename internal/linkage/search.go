package linkage

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Query asks for records like one.
type Query struct {
	Like  Prepared
	Limit int  // at most so many hits; 0 for 20
	Kin   bool // rank by what speaks for a family, for tracing relatives
	Not   Ref  // a record left out: the one that is asked about
}

// Hit is one record found.
type Hit struct {
	Ref Ref
	Result
	Class    Class
	Evidence []Evidence // the fields that both records have, strongest first
}

// considered is how many records with the likest signatures are scored.
const considered = 256

// usualLimit is how many hits a question gets that names no limit.
const usualLimit = 20

// Search finds the records most like the one asked about, the likest first. A
// question of few fields, such as a given name in any script, finds the records
// that contain it. Every hit says why.
//
// It is also what is asked at intake, before a child is saved, and of every
// record that changed, in the night. It fails only for a question that [Prepare]
// of this version did not make, or when ctx ends.
func (x *Index) Search(ctx context.Context, q *Query) ([]Hit, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	d := x.desk(rememberFew)
	if err := d.ask(q.Like); err != nil {
		return nil, err
	}
	found, err := x.candidates(ctx, &d.a, &d.local, considered)
	if err != nil {
		return nil, err
	}
	s := newScorer(x.weights, &x.years, x.live)
	hits := make([]Hit, 0, len(found))
	for _, f := range found {
		if ref := x.ref(f.slot); ref != q.Not {
			hits = append(hits, Hit{Ref: ref, Result: d.score(s, f.slot)})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if q.Kin {
			a.Weight, b.Weight = a.Kinship, b.Kinship
		}
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), slices.Compare(a.Ref[:], b.Ref[:]))
	})
	limit := cmp.Or(max(q.Limit, 0), usualLimit)
	hits = hits[:min(len(hits), limit)]
	for i := range hits {
		slot, _ := x.slots.find(x, hits[i].Ref)
		d.tell(s, slot, &hits[i])
	}
	return hits, nil
}

// Between compares one record with another that is in the index, and reports
// whether it is there.
func (x *Index) Between(like Prepared, ref Ref) (Hit, bool, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	d := x.desk(rememberFew)
	if err := d.ask(like); err != nil {
		return Hit{}, false, err
	}
	slot, ok := x.slots.find(x, ref)
	if !ok {
		return Hit{}, false, nil
	}
	s := newScorer(x.weights, &x.years, x.live)
	h := Hit{Ref: ref, Result: d.score(s, slot)}
	d.tell(s, slot, &h)
	return h, true, nil
}

// desk is where one goroutine compares two rows.
type desk struct {
	*comparer
	index *Index
	a, b  row
	found comparison
}

func (x *Index) desk(remember int) *desk {
	return &desk{comparer: newComparer(&x.lex, remember), index: x}
}

// ask lays the row of a question on the desk.
func (d *desk) ask(p Prepared) error {
	stored, err := appendRow(nil, p, d.number)
	if err == nil {
		d.a.read(stored)
	}
	return err
}

// score compares what lies on the desk with a slot.
func (d *desk) score(s *scorer, slot uint32) Result {
	d.b.read(d.index.stored(slot))
	d.compare(&d.a, &d.b, &d.found)
	return s.result(&d.a, &d.b, &d.found)
}

// tell adds class and evidence to a hit, what says most first.
func (d *desk) tell(s *scorer, slot uint32, h *Hit) {
	d.b.read(d.index.stored(slot))
	d.compare(&d.a, &d.b, &d.found)
	h.Class = h.Result.Class()
	s.sum(&d.a, &d.b, &d.found, func(f Field, v sums) {
		h.Evidence = append(h.Evidence, Evidence{
			Field: f, Level: d.found.level[f],
			Weight: inBits(v[ofSame] - v[ofStranger]), Family: inBits(v[ofSame] - v[ofFamily]),
		})
	})
	slices.SortStableFunc(h.Evidence, func(a, b Evidence) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
}
