package linkage

import (
	"encoding/binary"
	"slices"

	"causeway/internal/fault"
)

// Prepared is a record made ready: its words folded and divided. It is what a
// caller seals and stores, so that a start needs no folding. It holds names and
// must never be stored in clear.
//
// It is a byte for the form, earliest and latest birth (four bytes each), a byte
// for sex; then the words (kind and whether an alternative begins, length, text)
// and the tags (kind, eight bytes).
type Prepared []byte

const (
	preparedForm = 1 // changes with Version
	preparedHead = 10
	startBit     = 0x80
	tagBytes     = 8
)

// kind says what a word or tag of a record belongs to.
type kind uint8

const (
	kGiven kind = iota
	kFamily
	kMother
	kOther
	kCountry
	kRegion
	kDistrict
	kTown
	kPostcode
	kStreet
	kHouse
	kDocument
	kPhone
	kHousehold
	kinds
)

// placeKinds are the parts of a place, in the order of [Place].
var placeKinds = [...]kind{kCountry, kRegion, kDistrict, kTown, kPostcode, kStreet, kHouse}

func (p *Place) parts() [len(placeKinds)]string {
	return [...]string{p.Country, p.Region, p.District, p.Town, p.Postcode, p.Street, p.House}
}

// Bounds on what is kept of one record. What is beyond them is left out: a
// child with more names than this is found by the first ones.
const (
	maxAlternatives = 6  // spellings of one kind of name, or places
	maxWords        = 5  // words of one name
	maxLength       = 48 // bytes of one word
	maxNames        = 24 // words of all names
	maxPlaces       = 24
	maxTags         = 4 // of one kind
)

// Prepare makes a record ready to be stored, put into an [Index], or asked for.
func Prepare(r *Record) Prepared {
	out := make(Prepared, preparedHead, 128)
	out[0] = preparedForm
	if b := r.Birth; b.known() {
		if b.exact() && b.Earliest%10000 == 101 {
			b = Years(b.Earliest.year(), b.Earliest.year()) // 1 January is what is written when only the year is known
		}
		binary.BigEndian.PutUint32(out[1:], uint32(b.Earliest))
		binary.BigEndian.PutUint32(out[5:], uint32(b.Latest))
	}
	if r.Sex == Female || r.Sex == Male {
		out[9] = byte(r.Sex)
	}
	left := maxNames
	for k, names := range [...][]string{kGiven: r.Given, kFamily: r.Family, kMother: r.Mother, kOther: r.Other} {
		out, left = out.names(kind(k), names, left)
	}
	left = maxPlaces
	for i, k := range placeKinds {
		var seen []string
		for j := range r.Places {
			text := placeWord(r.Places[j].parts()[i])
			if text == "" || left == 0 || len(seen) == maxAlternatives || slices.Contains(seen, text) {
				continue
			}
			seen = append(seen, text)
			out = out.word(k, true, text)
			left--
		}
	}
	out = out.tags(kDocument, r.Documents)
	out = out.tags(kPhone, r.Phones)
	return out.tags(kHousehold, r.Household)
}

// names adds the alternatives of one kind of name, while there is room left.
func (p Prepared) names(k kind, names []string, left int) (Prepared, int) {
	var seen [][]string
	for _, name := range names {
		words := nameWords(name)
		words = words[:min(len(words), maxWords, left)]
		same := func(other []string) bool { return slices.Equal(words, other) }
		if len(words) == 0 || len(seen) == maxAlternatives || slices.ContainsFunc(seen, same) {
			continue
		}
		seen = append(seen, words)
		for i, w := range words {
			p = p.word(k, i == 0, w)
		}
		left -= len(words)
	}
	return p, left
}

func (p Prepared) word(k kind, start bool, text string) Prepared {
	text = text[:min(len(text), maxLength)]
	b := byte(k)
	if start {
		b |= startBit
	}
	p = append(p, b, byte(len(text)))
	return append(p, text...)
}

func (p Prepared) tags(k kind, tags []Tag) Prepared {
	for _, t := range tags[:min(len(tags), maxTags)] {
		if t != (Tag{}) {
			p = append(append(p, byte(k)|startBit), t[:tagBytes]...)
		}
	}
	return p
}

// errPrepared is the fault of a stored row that this program did not prepare.
func errPrepared() error { return fault.New(fault.Internal, "record-unreadable") }
