package linkage

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// candidate is a slot whose signature is like the one asked for.
type candidate struct {
	slot  uint32
	count int
}

// candidates returns the slots with the highest counts, best first, and those
// that share a tag.
func (x *Index) candidates(ctx context.Context, asked *row, l *local, most int) ([]candidate, error) {
	var q question
	q.reset(&x.weigh)
	(&signer{local: l}).features(asked, q.add)
	half := (len(x.chunks) + 1) / 2
	var parts [2]best
	var group sync.WaitGroup
	for i, chunks := range [...][2]int{{0, half}, {half, len(x.chunks)}} {
		parts[i] = best{most: most, least: q.floor()}
		group.Go(func() {
			var room counts
			for n := chunks[0]; n < chunks[1] && ctx.Err() == nil; n++ {
				x.chunks[n].scan(&q, &room, uint32(n*chunkSize), &parts[i])
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := best{most: most, found: append(parts[0].found, parts[1].found...)}
	found := all.take()
	for k := kDocument; k < kinds; k++ {
		for units := asked.of(k); len(units) >= 2; units = units[2:] {
			for _, slot := range x.tags[tagOf(units)] {
				if !slices.ContainsFunc(found, func(c candidate) bool { return c.slot == slot }) {
					found = append(found, candidate{slot, 0})
				}
			}
		}
	}
	return found, nil
}

// floor is the least count worth looking at: a fifth of what was asked.
func (q *question) floor() int { return max(q.total/5, 1) }

// scan adds the records of a chunk with high counts to the best.
func (c *chunk) scan(q *question, room *counts, base uint32, b *best) {
	q.count(&c.columns, room)
	for w := range len(noBits) {
		for m := room.atLeast(w, b.least); m != 0; m &= m - 1 {
			i := w<<6 + trailing(m)
			b.add(candidate{base + uint32(i), room.at(i)})
		}
	}
}

// best keeps the most candidates with the highest counts; of equal ones those
// of the lower slots.
type best struct {
	most, least int
	found       []candidate
}

func (b *best) add(c candidate) {
	if c.count < b.least {
		return
	}
	b.found = append(b.found, c)
	if len(b.found) >= 2*b.most {
		b.cut()
	}
}

// cut keeps the best and raises the bar to the least of them.
func (b *best) cut() {
	slices.SortFunc(b.found, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.count, x.count), cmp.Compare(x.slot, y.slot))
	})
	if len(b.found) > b.most {
		b.found = b.found[:b.most]
	}
	if len(b.found) == b.most {
		b.least = max(b.least, b.found[b.most-1].count+1)
	}
}

func (b *best) take() []candidate {
	b.cut()
	return b.found
}
