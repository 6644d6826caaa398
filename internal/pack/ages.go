package pack

import (
	"math"
	"strconv"
	"strings"
)

// band is one age band, in whole years, both ends included.
type band struct {
	code      string
	low, high int
}

// bands reads the age bands out of their codes: "5-11", "18+", "unknown".
func (p *Pack) bands() (bands []band, ok bool) {
	for _, code := range p.lists[AgeBands].order {
		if code == "unknown" {
			continue
		}
		b := band{code: code, high: math.MaxInt}
		low, high, closed := strings.Cut(code, "-")
		if !closed {
			low, closed = strings.CutSuffix(code, "+")
			high = ""
		}
		var err error
		if b.low, err = strconv.Atoi(low); err != nil || !closed {
			return nil, false
		}
		if high != "" {
			if b.high, err = strconv.Atoi(high); err != nil {
				return nil, false
			}
		}
		bands = append(bands, b)
	}
	return bands, true
}

// checkBands checks that the age bands cover every age once, in order, and that
// one of them begins where childhood ends.
func (l *loader) checkBands() {
	const file = "lists/" + AgeBands + ".csv"
	if l.pack.lists[AgeBands] == nil || len(l.faults) > 0 {
		return
	}
	bands, ok := l.pack.bands()
	if !ok {
		l.fault(file, 0, 0, "a band's code must look like 5-11 or 18+")
		return
	}
	if age := l.pack.clocks[ChildAge]; age.Unit != Years {
		l.faultAt(age.at, "must be given in whole years")
	}
	next, border := 0, false
	for _, b := range bands {
		if b.low != next || b.high < b.low {
			l.fault(file, 0, 0, "the bands must cover every age once, in order")
			return
		}
		border = border || b.low == l.pack.childAge()
		if next = b.high; next != math.MaxInt {
			next++
		}
	}
	if next != math.MaxInt || !border {
		l.fault(file, 0, 0, "the bands must be open at the end and have a border at the child age")
	}
}

// childAge returns the age in years at which childhood ends.
func (p *Pack) childAge() int {
	c := p.clocks[ChildAge]
	return c.Value * units[c.Unit].months / 12
}

// AgeBand returns the band of somebody who is at least low and at most high
// years old. When the interval crosses a border the band is unknown, with one
// exception: a presumed child is placed below the child border, because doubt
// about the age must not cost a child its protection.
func (p *Pack) AgeBand(low, high int, presumedChild bool) string {
	if border := p.childAge(); presumedChild && low < border && high >= border {
		high = border - 1
	}
	bands, _ := p.bands() // checked when the pack was loaded
	for _, b := range bands {
		if low >= b.low && high <= b.high && low <= high {
			return b.code
		}
	}
	return "unknown"
}
