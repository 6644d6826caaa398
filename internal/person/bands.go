package person

import (
	"strconv"
	"strings"
	"time"

	"causeway/internal/pack"
)

// Numbers is what of a jurisdiction pack says how old somebody counts as:
// package pack implements it.
type Numbers interface {
	Codes(list string) []string
	Clock(name pack.ClockName) pack.Clock
}

// unknownBand is the code of the age band of whom no age is known.
const unknownBand = "unknown"

// Bands are the age bands of a pack and the age at which childhood ends there.
// This program has no number of its own for either.
type Bands struct {
	bands []band
	child int // full years
}

type band struct {
	code     string
	from, to int // full years, both included
}

// BandsOf reads a pack's age bands from their codes: "5-11" is from 5 to 11 full
// years, "18+" is 18 and all above.
func BandsOf(p Numbers) Bands {
	birth := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	b := Bands{child: p.Clock(pack.ChildAge).After(birth).Year() - birth.Year()}
	for _, code := range p.Codes(pack.AgeBands) {
		lowest, highest, closed := strings.Cut(strings.TrimSuffix(code, "+"), "-")
		from, err := strconv.Atoi(lowest)
		if err != nil {
			continue // "unknown"
		}
		to := int(^uint(0) >> 1)
		if closed {
			if to, err = strconv.Atoi(highest); err != nil {
				continue
			}
		}
		b.bands = append(b.bands, band{code, from, to})
	}
	return b
}

// Of returns the code of the age band on a day (code list age_band). Where the
// interval of the birth reaches below the end of childhood, or the person is
// presumed a child, they count as one: doubt goes in the child's favour.
func (b Bands) Of(birth Birth, on time.Time) string {
	years, _, ok := birth.Years(on)
	if !ok {
		return unknownBand
	}
	if birth.PresumedChild {
		years = min(years, b.child-1)
	}
	for _, x := range b.bands {
		if x.from <= years && years <= x.to {
			return x.code
		}
	}
	return unknownBand
}

// AgeBand returns the code of the age band of the room's pack.
func (r *Room) AgeBand(birth Birth, on time.Time) string { return r.bands.Of(birth, on) }
