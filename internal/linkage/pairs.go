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
	nearest    = 9  // of each record, where all are compared
	nearestIn  = 4  // of each record, in each of several orders
	wholeReach = 16 // chunks up to which every record is compared with all
	orderReach = 1  // chunks before its own, in an order, that a record is compared with
)

// pair is two slots, the lower first.
type pair struct{ a, b uint32 }

// pairs finds the pairs worth comparing and hands them to each, which is called
// by several goroutines, each with its own number below workers. A pair may come
// more than once. Keys come first: they are certain and cheap. Then signatures:
// in a small register each record's with all others; in a large one with those
// beside it in several orders, because comparing all with all would take hours.
func (x *Index) pairs(ctx context.Context, scope *Scope, each func(worker int, p pair)) error {
	orders := x.orders()
	steps, done := float64(len(keyTypes)+4*len(orders)), 0.0
	tell := func(of float64) {
		done += of
		if scope.Progress != nil {
			scope.Progress(min(done/steps, 1))
		}
	}
	for _, keys := range keyTypes {
		if err := x.blocks(ctx, scope.Split, keys, each); err != nil {
			return err
		}
		tell(1)
	}
	for _, order := range orders {
		if err := x.neighbours(ctx, scope.Split, order, each); err != nil {
			return err
		}
		tell(4)
	}
	return nil
}

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

// blocks compares all records that share a key.
func (x *Index) blocks(ctx context.Context, split int, keys func(*parts, func(uint64)), each func(int, pair)) error {
	var found [workers][]keyed
	inParts(x.slotCount(), func(w, from, to int) {
		l := local{of: &x.lex}
		var r row
		var k parts
		for slot := from; slot < to && ctx.Err() == nil; slot++ {
			if stored := x.stored(uint32(slot)); stored != nil {
				r.read(stored)
				k.read(&r, &l)
				keys(&k, func(key uint64) { found[w] = append(found[w], keyed{key, uint32(slot)}) })
			}
		}
		slices.SortFunc(found[w], compareKeyed)
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	all := mergeKeyed(found[0], found[1])
	middle := len(all) / 2
	for middle > 0 && middle < len(all) && all[middle].key == all[middle-1].key {
		middle++
	}
	ends := [workers + 1]int{0, middle, len(all)}
	inParts(workers, func(w, _, _ int) {
		part := all[ends[w]:ends[w+1]]
		for len(part) > 0 && ctx.Err() == nil {
			n := 1
			for n < len(part) && part[n].key == part[0].key {
				n++
			}
			block(part[:n], split, func(p pair) { each(w, p) })
			part = part[n:]
		}
	})
	return ctx.Err()
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

// order is the slots of records in some order, how far back each looks, and how
// many it finds at most.
type order struct {
	slots []uint32
	reach int // chunks
	most  int
}

// sortKeys make the orders of a large register: a record stands beside those
// with the same family name, given name, birth, or mother.
var sortKeys = [...]func(*parts) [3]uint64{
	func(k *parts) [3]uint64 { return [3]uint64{first(k.family), first(k.given), first(k.year)} },
	func(k *parts) [3]uint64 { return [3]uint64{first(k.given), first(k.year), first(k.town)} },
	func(k *parts) [3]uint64 { return [3]uint64{first(k.year), first(k.day), first(k.town)} },
	func(k *parts) [3]uint64 { return [3]uint64{first(k.mother), first(k.family), first(k.year)} },
	func(k *parts) [3]uint64 { return [3]uint64{first(k.town), first(k.family), first(k.year)} },
}

func first(v []uint64) uint64 {
	if len(v) == 0 {
		return 0
	}
	return v[0]
}

// orders makes the orders in turn; only one is in memory at a time.
func (x *Index) orders() []func() order {
	all := x.slotCount()
	if all <= wholeReach*chunkSize {
		return []func() order{func() order { return order{x.occupied(), wholeReach, nearest} }}
	}
	out := make([]func() order, 0, len(sortKeys))
	for _, key := range sortKeys {
		out = append(out, func() order { return order{x.sorted(key), orderReach, nearestIn} })
	}
	return out
}

// occupied returns the slots that hold a record.
func (x *Index) occupied() []uint32 {
	slots := make([]uint32, 0, x.live)
	for slot := range uint32(x.slotCount()) {
		if x.stored(slot) != nil {
			slots = append(slots, slot)
		}
	}
	return slots
}

// sorted returns the occupied slots by the key.
func (x *Index) sorted(key func(*parts) [3]uint64) []uint32 {
	slots := x.occupied()
	keys := make([][3]uint64, x.slotCount())
	inParts(len(slots), func(_, from, to int) {
		l := local{of: &x.lex}
		var r row
		var k parts
		for _, slot := range slots[from:to] {
			r.read(x.stored(slot))
			k.read(&r, &l)
			keys[slot] = key(&k)
		}
	})
	slices.SortFunc(slots, func(a, b uint32) int {
		return cmp.Or(slices.Compare(keys[a][:], keys[b][:]), cmp.Compare(a, b))
	})
	return slots
}

// neighbours compares each record with those that have the likest signatures
// within reach of it in an order.
func (x *Index) neighbours(ctx context.Context, split int, make func() order, each func(int, pair)) error {
	o := make()
	all := x.columnsOf(o.slots)
	chunks := len(all)
	inParts(chunks, func(w, from, to int) {
		var q question
		var r row
		var room counts
		sign := signer{local: &local{of: &x.lex}}
		for c := from; c < to; c++ {
			for at := c * chunkSize; at < min((c+1)*chunkSize, len(o.slots)) && ctx.Err() == nil; at++ {
				slot := o.slots[at]
				if split > 0 && o.reach == wholeReach && int(slot) >= split {
					continue // asked from the other side
				}
				r.read(x.stored(slot))
				q.reset(&x.weigh)
				q.even = true
				sign.features(&r, q.add)
				found := best{most: o.most, least: q.total/4 + max(maxLack-q.size, 0)}
				low, high := max(c-o.reach, 0), c
				if o.reach == wholeReach {
					low, high = 0, chunks-1
				}
				for n := low; n <= high; n++ {
					scanOrder(all[n], &q, &room, o.slots[n*chunkSize:], &found, func(other uint32) bool { return pairOf(split, slot, other) })
				}
				for _, f := range found.take() {
					each(w, pair{min(slot, f.slot), max(slot, f.slot)})
				}
			}
		}
	})
	return ctx.Err()
}

// columnsOf lays the signatures of slots out in their order.
func (x *Index) columnsOf(slots []uint32) []*columns {
	all := make([]*columns, (len(slots)+chunkSize-1)/chunkSize)
	inParts(len(all), func(_, from, to int) {
		sign := signer{local: &local{of: &x.lex}}
		var r row
		for c := from; c < to; c++ {
			all[c] = new(columns)
			for i, slot := range slots[c*chunkSize : min((c+1)*chunkSize, len(slots))] {
				r.read(x.stored(slot))
				size := 0
				sign.features(&r, func(group []uint16) {
					for _, bit := range group {
						w, m := &all[c].bits[bit][i>>6], uint64(1)<<(i&63)
						if *w&m == 0 {
							*w |= m
							size++
						}
					}
				})
				all[c].setSize(i, size)
			}
		}
	})
	return all
}

// scanOrder adds the records of one chunk of an order to the best.
func scanOrder(c *columns, q *question, room *counts, slots []uint32, b *best, may func(uint32) bool) {
	q.count(c, room)
	for w := range len(noBits) {
		for m := room.atLeast(w, b.least); m != 0; m &= m - 1 {
			i := w<<6 + trailing(m)
			if i < len(slots) && may(slots[i]) {
				b.add(candidate{slots[i], room.at(i)})
			}
		}
	}
}
