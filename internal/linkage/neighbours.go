package linkage

import (
	"cmp"
	"context"
	"slices"
)

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

// seeker finds the records with the likest signatures. It belongs to one goroutine.
type seeker struct {
	index  *Index
	split  int
	worker int
	each   func(int, pair)
	sign   signer
	row    row
	asked  question
	room   counts
	best   best
}

func (x *Index) seeker(worker, split, most int, each func(int, pair)) *seeker {
	return &seeker{
		index: x, split: split, worker: worker, each: each,
		sign: signer{local: &local{of: &x.lex}}, best: best{most: most},
	}
}

// ask begins to look for what is like a slot.
func (s *seeker) ask(slot uint32) {
	q := &s.asked
	s.row.read(s.index.stored(slot))
	q.reset(&s.index.weigh)
	q.even = true
	s.sign.features(&s.row, q.add)
	s.best.found, s.best.least = s.best.found[:0], q.total/4+max(maxLack-q.size, 0)
}

// look adds the records of some columns to the best.
func (s *seeker) look(c *columns, slots []uint32, asking uint32) {
	s.asked.count(c, &s.room)
	for w := range (len(slots) + 63) / 64 {
		for m := s.room.atLeast(w, s.best.least); m != 0; m &= m - 1 {
			i := w<<6 + trailing(m)
			if i < len(slots) && pairOf(s.split, asking, slots[i]) {
				s.best.add(candidate{slots[i], s.room.at(i)})
			}
		}
	}
}

// tell hands over what was found for a slot.
func (s *seeker) tell(slot uint32) {
	for _, f := range s.best.take() {
		s.each(s.worker, pair{min(slot, f.slot), max(slot, f.slot)})
	}
}

// lay puts the signatures of slots beside each other.
func (s *seeker) lay(c *columns, slots []uint32) {
	*c = columns{}
	for i, slot := range slots {
		s.row.read(s.index.stored(slot))
		size := 0
		s.sign.features(&s.row, func(group []uint16) {
			for _, bit := range group {
				w, m := &c.bits[bit][i>>6], uint64(1)<<(i&63)
				if *w&m == 0 {
					*w |= m
					size++
				}
			}
		})
		c.setSize(i, size)
	}
}

// whole finds the nearest of each record among all. Of two sets the first asks.
func (x *Index) whole(ctx context.Context, split int, each func(int, pair)) error {
	slots := x.occupied()
	all := make([]columns, (len(slots)+chunkSize-1)/chunkSize)
	part := func(c int) []uint32 { return slots[c*chunkSize : min((c+1)*chunkSize, len(slots))] }
	inParts(len(all), func(w, from, to int) {
		s := x.seeker(w, split, nearest, each)
		for c := from; c < to; c++ {
			s.lay(&all[c], part(c))
		}
	})
	asking := slots
	if split > 0 {
		n, _ := slices.BinarySearch(slots, uint32(split))
		asking = slots[:n]
	}
	inParts(len(asking), func(w, from, to int) {
		s := x.seeker(w, split, nearest, each)
		for _, slot := range asking[from:to] {
			if ctx.Err() != nil {
				return
			}
			s.ask(slot)
			for c := range all {
				s.look(&all[c], part(c), slot)
			}
			s.tell(slot)
		}
	})
	return ctx.Err()
}

// order finds the nearest of each record among those beside it in an order: all
// of its own half chunk, and of the half chunk before.
func (x *Index) order(ctx context.Context, split int, slots []uint32, each func(int, pair)) error {
	const half = chunkSize / 2
	inParts((len(slots)+half-1)/half, func(w, from, to int) {
		s := x.seeker(w, split, nearestIn, each)
		c := new(columns)
		for h := from; h < to && ctx.Err() == nil; h++ {
			beside := slots[max(h-1, 0)*half : min((h+1)*half, len(slots))]
			s.lay(c, beside)
			for _, slot := range slots[h*half : min((h+1)*half, len(slots))] {
				s.ask(slot)
				s.look(c, beside, slot)
				s.tell(slot)
			}
		}
	})
	return ctx.Err()
}
