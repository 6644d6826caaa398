package labelled

import (
	"context"
	"encoding/binary"

	"causeway/internal/fault"
	"causeway/internal/linkage"
)

// Scores are what came out for one set, or for two linked with each other. A
// pair counts as found when its probability to be one person is at least 0.5.
type Scores struct {
	Records    int // that ask: those of the first set
	True       int // pairs that are one person
	Compared   int // pairs that were compared
	Reached    int // true pairs among them
	Found      int // pairs found
	Right      int // of those, true
	Called     int // pairs called the same child outright
	CalledTrue int // of those, true
	Weights    *linkage.Weights
}

// Precision is the share of found pairs that are true.
func (s *Scores) Precision() float64 { return share(s.Right, s.Found) }

// Recall is the share of true pairs that were found.
func (s *Scores) Recall() float64 { return share(s.Right, s.True) }

// F1 is the harmonic mean of precision and recall.
func (s *Scores) F1() float64 { return share(2*s.Right, s.Found+s.True) }

// Reach is the share of true pairs that were compared at all.
func (s *Scores) Reach() float64 { return share(s.Reached, s.True) }

// Each is how many pairs were compared for one record.
func (s *Scores) Each() float64 { return share(s.Compared, s.Records) }

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// Measure finds the same persons in one set, or of two sets, b not nil, where a
// and b each have a person once. The truth is looked at only to count. Weights
// are learned from the records without it, or those that ship with the program
// where there are too few; where w is given, those are used.
func Measure(ctx context.Context, a, b *Set, w *linkage.Weights) (*Scores, error) {
	truth, split := a.Truth, 0
	x := linkage.New(linkage.Default())
	if err := put(x, 0, a.Records); err != nil {
		return nil, err
	}
	s := &Scores{Records: len(a.Records)}
	if b != nil {
		split = len(a.Records)
		truth = append(truth[:split:split], b.Truth...)
		if err := put(x, split, b.Records); err != nil {
			return nil, err
		}
	}
	s.True = truePairs(truth, split)
	if w == nil {
		var err error
		w, err = x.Learn(ctx, split)
		if fault.Is(err, fault.Invalid) { // too few records to learn from
			w, err = linkage.Default(), nil
		}
		if err != nil {
			return nil, err
		}
	}
	s.Weights = w
	x.SetWeights(w)
	same := func(p, q linkage.Ref) bool { return truth[number(p)] == truth[number(q)] }
	scope := linkage.Scope{Split: split}
	err := x.Pairs(ctx, scope, func(p, q linkage.Ref) {
		s.Compared++
		if same(p, q) {
			s.Reached++
		}
	})
	if err != nil {
		return nil, err
	}
	pass := x.Pass
	if b != nil {
		pass = x.Link
	}
	return s, pass(ctx, scope, func(p linkage.Pair) error {
		s.count(p.Same >= .5, p.Class == linkage.SameChild, same(p.A, p.B))
		return nil
	})
}

func (s *Scores) count(found, called, same bool) {
	one := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	s.Found += one(found)
	s.Right += one(found && same)
	s.Called += one(called)
	s.CalledTrue += one(called && same)
}

// truePairs counts the pairs of one person, in one set or between two.
func truePairs(truth []string, split int) int {
	left, right := make(map[string]int), make(map[string]int)
	n := 0
	for i, t := range truth {
		switch {
		case split > 0 && i < split:
			left[t]++
		case split > 0:
			n += left[t]
		default:
			n += right[t]
			right[t]++
		}
	}
	return n
}

func put(x *linkage.Index, from int, records []linkage.Record) error {
	for i := range records {
		if err := x.Put(Ref(from+i), linkage.Prepare(&records[i])); err != nil {
			return err
		}
	}
	return nil
}

// Ref is the reference of the record with a number.
func Ref(n int) (r linkage.Ref) {
	binary.LittleEndian.PutUint64(r[:], uint64(n))
	return r
}

func number(r linkage.Ref) int { return int(binary.LittleEndian.Uint64(r[:])) }
