package facts

// Cell is a number as it may be shown to somebody who must not find one child in it.
type Cell struct {
	N   int  // to the nearest multiple of the small-cell number
	Few bool // there are some, too few to say how many
}

// Safe turns a count of children into what may be shown: never how many where there
// are fewer than least, and else the nearest multiple of least. Because sums are
// rounded by themselves, no small number follows from a sum and what stands beside it.
func Safe(n, least int) Cell {
	switch {
	case n <= 0 || least <= 1:
		return Cell{N: max(n, 0)}
	case n < least:
		return Cell{Few: true}
	}
	return Cell{N: (n + least/2) / least * least}
}

// SafeOf is [Safe] for records of which one child may have several: it says how many
// there are only where they belong to at least least children.
func SafeOf(n, children, least int) Cell {
	if n > 0 && children < least {
		return Cell{Few: true}
	}
	return Safe(n, least)
}
