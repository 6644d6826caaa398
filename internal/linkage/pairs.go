package linkage

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// Scope says which pairs a pass looks at.
type Scope struct {
	// Split makes two sets: the records put before that many others, and those
	// put after. Only pairs between the sets are looked at. 0 makes one set.
	Split int

	// Progress is told how much is done, from 0 to 1; nil for nobody. It is
	// called by one goroutine at a time.
	Progress func(done float64)
}

// How records find each other by signature.
const (
	nearest   = 9              // of each record, where all are compared
	nearestIn = 4              // of each record, in each of several orders
	wholeUpTo = 16 * chunkSize // records up to which each is compared with all
)

// pair is two slots, the lower first.
type pair struct{ a, b uint32 }

// pairs finds the pairs worth comparing and hands them to each, which is called
// by several goroutines, each with its own number below workers. A pair may come
// more than once. Keys come first: they are certain and cheap. Then signatures:
// in a small register each record's with all others; in a large one with those
// beside it in several orders, because comparing all with all would take hours.
func (x *Index) pairs(ctx context.Context, scope *Scope, each func(worker int, p pair)) error {
	searches := []func() error{func() error { return x.whole(ctx, scope.Split, each) }}
	if x.slotCount() > wholeUpTo {
		searches = searches[:0]
		for _, key := range sortKeys {
			searches = append(searches, func() error { return x.order(ctx, scope.Split, x.sorted(key), each) })
		}
	}
	steps, done := len(keyTypes)+searchSteps*len(searches), 0
	tell := func(n int) {
		done += n
		if scope.Progress != nil {
			scope.Progress(float64(done) / float64(steps))
		}
	}
	for _, keys := range keyTypes {
		if err := x.blocks(ctx, scope.Split, keys, each); err != nil {
			return err
		}
		tell(1)
	}
	for _, search := range searches {
		if err := search(); err != nil {
			return err
		}
		tell(searchSteps)
	}
	return nil
}

// searchSteps is how many keys take as long as one search by signatures.
const searchSteps = 4

const workers = 2

// inParts runs do for the parts of n, one goroutine each.
func inParts(n int, do func(worker, from, to int)) {
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() { do(w, n*w/workers, n*(w+1)/workers) })
	}
	group.Wait()
}

// slotCount is how many slots there are, with the empty ones.
func (x *Index) slotCount() int { return x.live + len(x.free) }

// keysAtOnce is for how many records keys are in memory at once.
const keysAtOnce = 1 << 18

// blocks compares all records that share a key. The keys of a large register are
// made in several parts, one after the other, so that they never fill the memory.
func (x *Index) blocks(ctx context.Context, split int, keys func(*parts, func(uint64)), each func(int, pair)) error {
	parts := uint64(x.slotCount()/keysAtOnce + 1)
	for part := range parts {
		all, err := x.keysOf(ctx, keys, func(key uint64) bool { return key%parts == part })
		if err != nil {
			return err
		}
		middle := len(all) / 2
		for middle > 0 && middle < len(all) && all[middle].key == all[middle-1].key {
			middle++
		}
		ends := [workers + 1]int{0, middle, len(all)}
		inParts(workers, func(w, _, _ int) {
			rest := all[ends[w]:ends[w+1]]
			for len(rest) > 0 && ctx.Err() == nil {
				n := 1
				for n < len(rest) && rest[n].key == rest[0].key {
					n++
				}
				block(rest[:n], split, func(p pair) { each(w, p) })
				rest = rest[n:]
			}
		})
	}
	return ctx.Err()
}

// keysOf makes the wanted keys of all records, sorted.
func (x *Index) keysOf(ctx context.Context, keys func(*parts, func(uint64)), wanted func(uint64) bool) ([]keyed, error) {
	var found [workers][]keyed
	inParts(x.slotCount(), func(w, from, to int) {
		l := local{of: &x.lex}
		var r row
		var k parts
		for slot := from; slot < to && ctx.Err() == nil; slot++ {
			if stored := x.stored(uint32(slot)); stored != nil {
				r.read(stored)
				k.read(&r, &l)
				keys(&k, func(key uint64) {
					if wanted(key) {
						found[w] = append(found[w], keyed{key, uint32(slot)})
					}
				})
			}
		}
		slices.SortFunc(found[w], compareKeyed)
	})
	return mergeKeyed(found[0], found[1]), ctx.Err()
}

func compareKeyed(a, b keyed) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.slot, b.slot))
}

// mergeKeyed joins two sorted lists.
func mergeKeyed(a, b []keyed) []keyed {
	out := make([]keyed, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compareKeyed(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// block hands over the pairs of one block that is not too large.
func block(same []keyed, split int, each func(pair)) {
	if len(same) > maxBlock {
		return
	}
	for i := range same {
		for j := range i {
			a, b := same[j].slot, same[i].slot
			if a < b && pairOf(split, a, b) {
				each(pair{a, b})
			}
		}
	}
}
