package linkage

// signatureBits is the width of a signature.
const signatureBits = 1024

// A feature is a bit of the signature. Different kinds of features are mixed
// with different seeds, so that "ma" in a mother's name and "ma" in the child's
// are different bits; given, family and other names share theirs, so that
// exchanged names are found.
const (
	seedName uint32 = (iota + 1) << 24
	seedCode
	seedMother
	seedMotherCode
	seedYear
	seedDay
	seedMonth
	seedTag
	seedPlace // and the following, by the kind of place
)

// signer makes signatures. It belongs to one goroutine.
type signer struct {
	*local
	group []uint16
}

// features calls each with the bits of every feature of a row, word by word:
// what belongs to one word, one date or one tag comes together. A bit may come
// more than once.
func (s *signer) features(r *row, each func(group []uint16)) {
	give := func() {
		if len(s.group) > 0 {
			each(s.group)
		}
		s.group = s.group[:0]
	}
	for k := kGiven; k <= kOther; k++ {
		grams, code := seedName, seedCode
		if k == kMother {
			grams, code = seedMother, seedMotherCode
		}
		for _, u := range r.of(k) {
			s.word(u, grams, code)
			give()
		}
	}
	for _, k := range placeKinds {
		seed := seedPlace + uint32(k)<<24
		for _, u := range r.of(k) {
			w := s.local.word(u)
			s.add(hash32(seed, w.text))
			if k == kTown || k == kStreet {
				s.word(u, seed, ^seed)
			}
			give()
		}
	}
	for k := kDocument; k < kinds; k++ {
		for units := r.of(k); len(units) >= 2; units = units[2:] {
			h := mix64(tagOf(units) + uint64(k))
			s.add(uint32(h))
			s.add(uint32(h >> 32))
			give()
		}
	}
	s.birth(r.birth)
	give()
}

func (s *signer) add(h uint32) { s.group = append(s.group, uint16(mix32(h)%signatureBits)) }

// word adds a bit for each pair of neighbouring letters, with the edges, and
// for each code.
func (s *signer) word(unit, grams, code uint32) {
	w := s.local.word(unit)
	last := uint32(0)
	for i := range len(w.roman) {
		s.add(grams ^ (last<<8 | uint32(w.roman[i])))
		last = uint32(w.roman[i])
	}
	if last != 0 {
		s.add(grams ^ last<<8)
	}
	for _, c := range s.trait(unit).codes {
		if c != 0 {
			s.add(c ^ code)
		}
	}
}

// maxYears bounds the years of an estimated birth that get a bit.
const maxYears = 12

// birth adds a bit for each year in question; of a known day also the numbers
// of day and month, which are often exchanged, both together, and month with
// year.
func (s *signer) birth(b Birth) {
	if !b.known() {
		return
	}
	first, last := b.Earliest.year(), b.Latest.year()
	for y := first; y <= min(last, first+maxYears); y++ {
		s.add(seedYear + uint32(y))
	}
	if !b.exact() {
		return
	}
	d, m := uint32(b.Earliest.day()), uint32(b.Earliest.month())
	s.add(seedDay + d)
	s.add(seedDay + m)
	s.add(seedMonth + m<<8 + d)
	s.add(seedMonth + uint32(first)<<8 + m)
}
