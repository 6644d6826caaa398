package linkage

import "slices"

// A key is a hash of two things or more that a record has. Records with a key
// in common are compared; a key that many share says too little and is passed
// over.
const maxBlock = 32

// keyed is one key of one slot.
type keyed struct {
	key  uint64
	slot uint32
}

// keyTypes are the kinds of keys. Each leaves something out, so that a record
// with one field wrong still has others: names without birth, birth without one
// of the names, place with one of the names. A pair of names is the same pair
// when given and family name are exchanged.
var keyTypes = [...]func(k *parts, add func(uint64)){
	func(k *parts, add func(uint64)) { k.pairs(add, k.given, k.family, k.year...) },
	func(k *parts, add func(uint64)) { k.pairs(add, k.given, k.family, k.town...) },
	func(k *parts, add func(uint64)) { k.pairs(add, k.given, k.family, k.mother...) },
	func(k *parts, add func(uint64)) { k.cross(add, k.names(), k.day) },
	func(k *parts, add func(uint64)) { k.cross(add, k.names(), k.town) },
	func(k *parts, add func(uint64)) { k.cross(add, k.mother, k.day) },
	func(k *parts, add func(uint64)) { k.cross(add, k.town, k.day) },
	func(k *parts, add func(uint64)) { k.pairs(add, k.given, k.family, 0) },
	func(k *parts, add func(uint64)) { k.cross(add, k.tags, []uint64{0}) },
}

// parts are what keys are made of, as hashes.
type parts struct {
	given, family, mother, town, day, year, tags, both []uint64
}

// maxParts bounds the codes of one kind that become parts: the likeliest.
const maxParts = 3

// read takes the parts of a row.
func (k *parts) read(r *row, l *local) {
	k.given = codes(k.given[:0], r.of(kGiven), l)
	k.family = codes(k.family[:0], r.of(kFamily), l)
	k.mother = codes(k.mother[:0], r.of(kMother), l)
	k.town, k.day, k.year, k.tags = k.town[:0], k.day[:0], k.year[:0], k.tags[:0]
	for _, place := range [...]kind{kTown, kPostcode} {
		for _, u := range r.of(place) {
			k.town = append(k.town, uint64(hash32(uint32(place), l.word(u).text)))
		}
	}
	if b := r.birth; b.known() {
		if b.exact() {
			k.day = append(k.day, uint64(b.Earliest))
		}
		for y := b.Earliest.year(); y <= min(b.Latest.year(), b.Earliest.year()+2); y++ {
			k.year = append(k.year, uint64(y))
		}
	}
	for kind := kDocument; kind < kinds; kind++ {
		for units := r.of(kind); len(units) >= 2; units = units[2:] {
			k.tags = append(k.tags, tagOf(units)+uint64(kind))
		}
	}
}

// codes returns the codes of words, or the words themselves where they have none.
func codes(out []uint64, units []uint32, l *local) []uint64 {
	for _, u := range units {
		t := l.trait(u)
		if t.codes[0] == 0 {
			out = append(out, uint64(hash32(7, l.word(u).text)))
		}
		for _, c := range t.codes {
			if v := uint64(c); c != 0 && !slices.Contains(out, v) && len(out) < maxParts {
				out = append(out, v)
			}
		}
	}
	return out
}

// names are the codes of given and family names together.
func (k *parts) names() []uint64 {
	k.both = append(append(k.both[:0], k.given...), k.family...)
	return k.both
}

// cross adds a key for each of a with each of b.
func (k *parts) cross(add func(uint64), a, b []uint64) {
	for _, p := range a {
		for _, q := range b {
			add(mix64(p<<32 ^ q))
		}
	}
}

// pairs adds a key for each of a with each of b in either order, and each of c.
func (k *parts) pairs(add func(uint64), a, b []uint64, c ...uint64) {
	for _, p := range a {
		for _, q := range b {
			both := mix64(min(p, q)<<32 ^ max(p, q))
			for _, r := range c {
				add(mix64(both + r*0x9e3779b97f4a7c15))
			}
		}
	}
}
