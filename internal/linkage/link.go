package linkage

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Link compares two sets in each of which a child has at most one record, such
// as the registers of two organisations, and hands over the pairs that remain
// when every record is given at most one counterpart, best first for each. What
// the records of one set compete for makes a pair likelier or less likely: a
// record that fits only one other is that one's, one that fits two equally is
// neither's for certain.
//
// scope.Split must say where the second set begins.
func (x *Index) Link(ctx context.Context, scope Scope, visit func(Pair) error) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found, err := x.compareAll(ctx, &scope, func(r Result) bool { return r.Weight > 0 })
	if err != nil {
		return err
	}
	x.compete(found, scope.Split)
	return x.hand(assign(found), visit)
}

// compete weighs each pair against the other pairs of its two records, and
// against having no counterpart at all; how many have none is learned from the
// pairs themselves.
func (x *Index) compete(found []kept, split int) {
	n := float64(x.others(split))
	share := min(max(x.weights.Repeats, .01), .99) // of records that have a counterpart
	odds := make([]float64, len(found))
	kin := make([]float64, len(found))
	for i, k := range found {
		odds[i] = math.Exp2(min(float64(k.weight), 500))
		prior := math.Log(x.weights.Repeats / n)
		kin[i] = float64(k.family) / max(float64(k.same), 1e-30) * math.Exp(prior) * odds[i] // as odds against strangers
	}
	smaller := float64(min(split, x.live-split))
	for range 20 {
		none := n * (1 - share) / share
		sum := make(map[uint32]float64, len(found))
		for i, k := range found {
			sum[k.a] += odds[i]
			sum[k.b] += odds[i]
		}
		total := 0.0
		for i := range found {
			k := &found[i]
			all := none*(1+kin[i]) + sum[k.a] + sum[k.b] - odds[i]
			k.same = float32(odds[i] / all)
			k.family = float32(none * kin[i] / all)
			total += odds[i] / all
		}
		next := min(max(total/smaller, .001), .999)
		if math.Abs(next-share) < 1e-4 {
			return
		}
		share = next
	}
}

// assign gives every record at most one counterpart, the likeliest first.
func assign(found []kept) []kept {
	slices.SortFunc(found, func(a, b kept) int {
		return cmp.Or(cmp.Compare(b.same, a.same), cmp.Compare(b.weight, a.weight), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
	taken := make(map[uint32]bool, 2*len(found))
	out := found[:0]
	for _, k := range found {
		if taken[k.a] || taken[k.b] {
			continue
		}
		taken[k.a], taken[k.b] = true, true
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b kept) int { return cmp.Or(cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b)) })
	return out
}
