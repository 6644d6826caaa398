package linkage

import (
	"context"

	"causeway/internal/fault"
)

// How much is looked at to learn.
const (
	learnRecords = 6000    // records whose nearest are candidates
	learnNearest = 10      // candidates of each
	learnRandom  = 400_000 // random pairs
	learnLeast   = 200     // records below which there is nothing to learn from
)

// Learn returns weights learned from the records themselves, without labels:
// how often fields agree in pairs of one child by expectation maximisation over
// the nearest neighbours of records, how often by chance from random pairs. With
// a split, records from that place on are another set, and only pairs between
// the sets are looked at; 0 for none. The index keeps its weights.
//
// The same records give the same weights. A register of fewer than 200 records
// is refused with Invalid: keep [Default].
func (x *Index) Learn(ctx context.Context, split int) (*Weights, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.live < learnLeast {
		return nil, fault.InvalidField("records", "out-of-range")
	}
	w := *x.weights
	w.Version = Version + "/learned"
	if err := x.learnRandom(ctx, &w, split); err != nil {
		return nil, err
	}
	x.learnWithin(&w)
	seen, asked, err := x.observe(ctx, &w, split)
	if err != nil {
		return nil, err
	}
	others := float64(x.live)
	if split > 0 {
		others -= float64(split)
	}
	l := learning{start: &x.weights.Fields, pairs: float64(asked) * others}
	l.prior, l.kin = w.Repeats/others, w.Kin/others
	for f := range w.Fields {
		for v, o := range w.Fields[f] {
			l.same[f][v] = o.Same
		}
	}
	l.learn(seen)
	w.Repeats, w.Kin = l.prior*others, l.kin*others
	for f := range Field(fields) {
		for v, p := range l.same[f] {
			w.Fields[f][v].Same = p
		}
	}
	return &w, nil
}

// pairOf reports whether a pair is looked at: with a split only between sets.
func pairOf(split int, a, b uint32) bool {
	return a != b && (split == 0 || (int(a) < split) != (int(b) < split))
}

// observe compares records with their nearest, and returns how many records
// asked.
func (x *Index) observe(ctx context.Context, w *Weights, split int) ([]observed, int, error) {
	slots := x.live + len(x.free)
	from := slots
	if split > 0 {
		from = split
	}
	step := max(from/learnRecords, 1)
	var seen []observed
	asked := 0
	s := newScorer(w, &x.years, slots)
	c := newComparer(&x.lex, rememberMany)
	var a, b row
	var found comparison
	for slot := 0; slot < from; slot += step {
		stored := x.stored(uint32(slot))
		if stored == nil {
			continue
		}
		asked++
		a.read(stored)
		near, err := x.nearest(ctx, &a, &c.local, uint32(slot), split, learnNearest)
		if err != nil {
			return nil, 0, err
		}
		for _, n := range near {
			b.read(x.stored(n.slot))
			c.compare(&a, &b, &found)
			total := s.sum(&a, &b, &found, nil)
			seen = append(seen, observed{found.level, total[ofFamily], total[ofStranger]})
		}
	}
	return seen, asked, nil
}

// stored returns the row of a slot, nil for an empty one.
func (x *Index) stored(slot uint32) []uint32 {
	return x.chunks[slot/chunkSize].row(int(slot % chunkSize))
}

// nearest returns the most like a row that may be paired with it.
func (x *Index) nearest(ctx context.Context, a *row, l *local, slot uint32, split, most int) ([]candidate, error) {
	found, err := x.candidates(ctx, a, l, 2*most+1)
	if err != nil {
		return nil, err
	}
	kept := found[:0]
	for _, f := range found {
		if pairOf(split, slot, f.slot) && len(kept) < most {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// learnRandom sets how often strangers agree from pairs drawn at random.
func (x *Index) learnRandom(ctx context.Context, w *Weights, split int) error {
	c := newComparer(&x.lex, rememberMany)
	slots := uint64(x.live + len(x.free))
	var seen [fields][levels]float64
	var of [fields]float64
	var a, b row
	var found comparison
	for i := range uint64(learnRandom) {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		p, q := uint32(mix64(2*i+1)%slots), uint32(mix64(2*i+2)%slots)
		sp, sq := x.stored(p), x.stored(q)
		if !pairOf(split, p, q) || sp == nil || sq == nil {
			continue
		}
		a.read(sp)
		b.read(sq)
		c.compare(&a, &b, &found)
		for f, l := range found.level {
			if l != missing {
				seen[f][l]++
				of[f]++
			}
		}
	}
	for f := range Field(fields) {
		if f == FieldOrder {
			continue
		}
		for _, l := range used(f) {
			start := w.Fields[f][l].Stranger
			w.Fields[f][l].Stranger = (seen[f][l] + trust*start) / (of[f] + trust)
		}
	}
	return nil
}

// learnWithin sets how often strangers who agree on a smaller part of a place
// agree on a larger one: records are put by the smaller part, and neighbours
// compared.
func (x *Index) learnWithin(w *Weights) {
	for f := FieldCountry; f <= FieldPostcode; f++ {
		k := kCountry + kind(f-FieldCountry)
		same, of := 0.0, 0.0
		last := make(map[uint32]uint32) // by smaller part, the larger part of the record before
		var r row
		for slot := range uint32(x.slotCount()) {
			stored := x.stored(slot)
			if stored == nil {
				continue
			}
			r.read(stored)
			larger := r.of(k)
			if len(larger) == 0 {
				continue
			}
			for smaller := k + 1; smaller <= kPostcode; smaller++ {
				for _, u := range r.of(smaller) {
					if before, ok := last[u]; ok {
						of++
						if before == larger[0] {
							same++
						}
					}
					last[u] = larger[0]
				}
			}
		}
		w.Within[f] = (same + trust*w.Within[f]) / (of + trust)
	}
}
