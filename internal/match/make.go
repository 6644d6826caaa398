package match

import (
	"context"
	"slices"

	"causeway/internal/match/ask"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// hideAt is how many keys are hidden between two looks at how far it is.
const hideAt = 50_000

// points is a whole table, as it is sent: sorted points, fillers among them, and beside
// each point which key it is of; the zero spot for a filler.
type points struct {
	at    []mask.Point
	spots []spot
}

// tableOf makes the points of children. Equal keys of several of them are one point, so
// that the asker sees no frequency. What has no room is left out, the unlikeliest
// spellings first. done is told how many keys were just hidden.
func tableOf(ctx context.Context, s *mask.Secret, v *vault, d mask.Domain, id AgreementID, children []ask.Child, size int, done func(int)) (*points, error) {
	most := matching.Points(size)
	keys, spots := distinctKeys(v, children, most)
	out := &points{make([]mask.Point, 0, most), spots}
	for some := range slices.Chunk(keys, hideAt) {
		hidden, err := s.HideAll(ctx, d, some, done)
		if err != nil {
			return nil, err
		}
		out.at = append(out.at, hidden...)
	}
	random := fillers(s, id, uint32(d.Epoch))
	for len(out.at) < most {
		p, err := mask.Filler(random)
		if err != nil {
			return nil, err
		}
		out.at, out.spots = append(out.at, p), append(out.spots, spot{})
	}
	out.sort()
	return out, nil
}

// distinctKeys returns the keys of children, each once, at most so many: the likeliest
// spellings of every child before further ones of any.
func distinctKeys(v *vault, children []ask.Child, most int) (keys []mask.Key, spots []spot) {
	seen := make(map[spot]struct{}, min(most, len(children)*matching.PointsEach))
	for round, more := 0, true; more; round++ {
		more = false
		for i := range children {
			of := ask.TableKeys(&children[i])
			from, to := round*matching.PointsEach, (round+1)*matching.PointsEach
			if len(of) <= from {
				continue
			}
			more = more || len(of) > to
			for _, k := range of[from:min(len(of), to)] {
				at := v.spotOf(k)
				if _, ok := seen[at]; ok {
					continue
				}
				if len(keys) == most {
					return keys, spots
				}
				seen[at] = struct{}{}
				keys, spots = append(keys, k), append(spots, at)
			}
		}
	}
	return keys, spots
}

// sort brings the points into the order of their bytes, which says nothing of the keys.
func (p *points) sort() {
	order := make([]int32, len(p.at))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(p.at[a][:], p.at[b][:]) })
	at, spots := make([]mask.Point, len(p.at)), make([]spot, len(p.at))
	for i, from := range order {
		at[i], spots[i] = p.at[from], p.spots[from]
	}
	p.at, p.spots = at, spots
}

// part returns the points and spots of one part.
func (p *points) part(n int) ([]mask.Point, []byte) {
	from, to := n*matching.PartPoints, (n+1)*matching.PartPoints
	places := make([]byte, 0, matching.PartPoints*len(spot{}))
	for _, s := range p.spots[from:to] {
		places = append(places, s[:]...)
	}
	return p.at[from:to], places
}
