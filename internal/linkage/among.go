package linkage

import (
	"cmp"
	"slices"
)

// Among scores the records that are named, and no others, the likest first: for whoever
// may see so few records that the best of all could be none of theirs. A record that is
// not there is passed over. It fails only for a question that [Prepare] of this version
// did not make.
func (x *Index) Among(q *Query, refs []Ref) ([]Hit, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	d := x.desk(rememberFew)
	if err := d.ask(q.Like); err != nil {
		return nil, err
	}
	s := newScorer(x.weights, &x.years, x.live)
	hits := make([]Hit, 0, len(refs))
	for _, ref := range refs {
		if slot, ok := x.slots.find(x, ref); ok && ref != q.Not {
			hits = append(hits, Hit{Ref: ref, Result: d.score(s, slot)})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), slices.Compare(a.Ref[:], b.Ref[:]))
	})
	hits = hits[:min(len(hits), cmp.Or(max(q.Limit, 0), usualLimit))]
	for i := range hits {
		slot, _ := x.slots.find(x, hits[i].Ref)
		d.tell(s, slot, &hits[i])
	}
	return hits, nil
}
