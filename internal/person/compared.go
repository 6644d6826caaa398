package person

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/names"
)

// Compared is what of a person another country's record may be compared with: codes of
// names, no name. What is not known is empty.
type Compared struct {
	Given, Family, Mother []string // codes, the most likely first
	Date                  string   // YYYY-MM-DD, where the whole date is known
	Years                 []int    // of birth that are possible, the most likely first
	Region                string   // where the person comes from: code list nationality, folded
}

// mostYears is how wide a span of years of birth says anything.
const mostYears = 5

// Compared returns it for the person of the pass's case. It comes from the sealed row by
// which persons are searched, so that no name is opened for it.
func (r *Room) Compared(ctx context.Context, p *access.Pass, of ident.Case) (Compared, error) {
	var id ident.Person
	var version int64
	var blob []byte
	if err := p.Tx().QueryRow(ctx, sqlSearchOf, of).Scan(&id, &version, &blob); err != nil {
		return Compared{}, fmt.Errorf("read search row: %w", err)
	}
	row, err := openSearch(p, id, version, blob)
	if err != nil || len(row.Like) == 0 {
		return Compared{}, err
	}
	parts, err := row.Like.Parts()
	if err != nil {
		return Compared{}, err
	}
	c := Compared{Given: wordCodes(parts.Given), Family: wordCodes(parts.Family), Mother: wordCodes(parts.Mother)}
	if len(parts.Countries) > 0 {
		c.Region = parts.Countries[0]
	}
	c.born(parts.Birth)
	return c, nil
}

// born fills in when somebody was born: the year in the middle of the span first.
func (c *Compared) born(b linkage.Birth) {
	if !b.Known() {
		return
	}
	if b.Exact() {
		c.Date = fmt.Sprintf("%04d-%02d-%02d", b.Earliest/10000, b.Earliest/100%100, b.Earliest%100)
	}
	from, to := int(b.Earliest/10000), int(b.Latest/10000)
	if to-from >= mostYears {
		return
	}
	for y := from; y <= to; y++ {
		c.Years = append(c.Years, y)
	}
	middle := from + (to-from)/2
	off := func(y int) int { return max(y-middle, middle-y) }
	slices.SortStableFunc(c.Years, func(a, b int) int { return off(a) - off(b) })
}

// wordCodes returns the codes of words, the likeliest of each before the second of any.
func wordCodes(words []string) (out []string) {
	var all [][]string
	for _, w := range words {
		if len([]rune(w)) > 1 { // a letter is like everybody
			all = append(all, names.Codes(w))
		}
	}
	for i, more := 0, true; more; i++ {
		more = false
		for _, codes := range all {
			if i < len(codes) {
				more = true
				if !slices.Contains(out, codes[i]) {
					out = append(out, codes[i])
				}
			}
		}
	}
	return out
}
