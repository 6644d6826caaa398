package linkage

import (
	"cmp"
	"context"
	"slices"
)

// Pair is two records that may be of one child or one family.
type Pair struct {
	A, B Ref // A was put before B, as far as the index knows
	Result
	Class Class
}

// kept is a pair that is related, as a pass keeps it.
type kept struct {
	pair
	same, family, weight, kinship float32
}

// keepMost bounds the pairs kept of one record; lists are tidied from fullFrom
// pairs on, whenever they doubled.
const (
	keepMost = 16
	fullFrom = 1 << 20
)

// Pass compares all records with each other, or two sets, and hands over each
// related pair once, by the order of the records. It takes memory for the
// related pairs, at most sixteen for each record, and for one order of the
// signatures. The index cannot change meanwhile, but can be searched. An error
// of visit ends it; so does the end of ctx.
func (x *Index) Pass(ctx context.Context, scope Scope, visit func(Pair) error) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found, err := x.compareAll(ctx, &scope, func(r Result) bool { return r.Class() != Different })
	if err != nil {
		return err
	}
	return x.hand(found, visit)
}

func (x *Index) hand(found []kept, visit func(Pair) error) error {
	for i := range found {
		k := &found[i]
		r := Result{float64(k.same), float64(k.family), float64(k.weight), float64(k.kinship)}
		if err := visit(Pair{x.ref(k.a), x.ref(k.b), r, r.Class()}); err != nil {
			return err
		}
	}
	return nil
}

// others is how many records one record could be paired with.
func (x *Index) others(split int) int {
	if split > 0 {
		return max(split, x.live-split)
	}
	return x.live
}

// compareAll scores the pairs worth comparing and returns those to keep, by slots.
func (x *Index) compareAll(ctx context.Context, scope *Scope, keep func(Result) bool) ([]kept, error) {
	var desks [workers]*desk
	var lists [workers][]kept
	full := [workers]int{fullFrom, fullFrom}
	for w := range desks {
		desks[w] = x.desk(rememberMany)
	}
	s := newScorer(x.weights, &x.years, x.others(scope.Split))
	err := x.pairs(ctx, scope, func(w int, p pair) {
		d := desks[w]
		d.a.read(x.stored(p.a))
		r := d.score(s, p.b)
		if !keep(r) {
			return
		}
		if len(lists[w]) >= full[w] { // pairs that came before may make room
			lists[w] = tidy(lists[w])
			full[w] = max(2*len(lists[w]), fullFrom)
		}
		lists[w] = append(lists[w], kept{p, float32(r.Same), float32(r.Family), float32(r.Weight), float32(r.Kinship)})
	})
	if err != nil {
		return nil, err
	}
	return tidy(append(lists[0], lists[1]...)), nil
}

// tidy sorts pairs, leaves out those that came more than once, and of a record
// with very many the weakest.
func tidy(all []kept) []kept {
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b)) })
	all = slices.CompactFunc(all, func(a, b kept) bool { return a.pair == b.pair })
	out := all[:0]
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].a == all[0].a {
			n++
		}
		of := all[:n]
		all = all[n:]
		if n > keepMost {
			slices.SortFunc(of, func(a, b kept) int {
				return cmp.Or(cmp.Compare(b.same+b.family, a.same+a.family), cmp.Compare(b.weight, a.weight), cmp.Compare(a.b, b.b))
			})
			of = of[:keepMost]
			slices.SortFunc(of, func(a, b kept) int { return cmp.Compare(a.b, b.b) })
		}
		out = append(out, of...)
	}
	return out
}

// Pairs hands over the pairs that a pass would compare, each once. It is for
// measuring: how few are compared, and how many true ones are among them. It
// takes memory for them all.
func (x *Index) Pairs(ctx context.Context, scope Scope, visit func(a, b Ref)) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var found [workers][]pair
	if err := x.pairs(ctx, &scope, func(w int, p pair) { found[w] = append(found[w], p) }); err != nil {
		return err
	}
	all := append(found[0], found[1]...)
	slices.SortFunc(all, func(p, q pair) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
	for _, p := range slices.Compact(all) {
		visit(x.ref(p.a), x.ref(p.b))
	}
	return nil
}

// Rescore scores pairs that are known already, such as those that wait for a
// decision when weights have changed, and hands over each by its place in the
// list. A pair of which a record is gone is passed over.
func (x *Index) Rescore(pairs [][2]Ref, each func(n int, r Result)) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	d := x.desk(rememberMany)
	s := newScorer(x.weights, &x.years, x.live)
	for i, p := range pairs {
		a, here := x.slots.find(x, p[0])
		b, there := x.slots.find(x, p[1])
		if here && there {
			d.a.read(x.stored(a))
			each(i, d.score(s, b))
		}
	}
}
