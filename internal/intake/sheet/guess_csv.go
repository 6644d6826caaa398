package sheet

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// guessQuote decides which character stands around cells: it must begin cells
// about as often as it ends them.
func guessQuote(sample []byte) []Choice {
	edges := func(q byte) (begins, ends int) {
		for i, b := range sample {
			if b != q {
				continue
			}
			if i == 0 || sample[i-1] == '\n' || strings.IndexByte(Delimiters, sample[i-1]) >= 0 {
				begins++
			}
			if i == len(sample)-1 || sample[i+1] == '\n' || sample[i+1] == '\r' || strings.IndexByte(Delimiters, sample[i+1]) >= 0 {
				ends++
			}
		}
		return begins, ends
	}
	double, doubleEnds := edges('"')
	single, singleEnds := edges('\'')
	all := []Choice{{`"`, 60}, {`'`, 5}, {NoQuote, 10}}
	switch {
	case min(double, doubleEnds) > 0:
		all[0].Sure = 98
	case double == 0 && single >= 2 && single == singleEnds:
		all[1].Sure = 85
	case double > 0: // quotes that begin cells but never end them are measurements or typing
		all[2].Sure = 80
	}
	slices.SortStableFunc(all, func(a, b Choice) int { return b.Sure - a.Sure })
	return all
}

// guessDelimiter reads the sample with every delimiter and prefers the one that
// gives most rows the same number of cells.
func guessDelimiter(sample []byte, whole bool, quote string, lim Limits) []Choice {
	if d, ok := declared(sample); ok {
		return []Choice{{d, 100}}
	}
	if !whole { // the last line of a cut sample is not a whole row
		if i := bytes.LastIndexByte(sample, '\n'); i > 0 {
			sample = sample[:i+1]
		}
	}
	var all []Choice
	for i := range Delimiters {
		d := Delimiters[i : i+1]
		all = append(all, Choice{d, evenness(sample, Options{Delimiter: d, Quote: quote}, lim)})
	}
	slices.SortStableFunc(all, func(a, b Choice) int { return b.Sure - a.Sure })
	return all
}

// declared returns the delimiter of a first line "sep=;", which spreadsheet
// programs write for themselves.
func declared(sample []byte) (string, bool) {
	line, _, _ := bytes.Cut(sample, []byte{'\n'})
	rest, ok := bytes.CutPrefix(bytes.ToLower(bytes.TrimRight(line, "\r")), []byte("sep="))
	if !ok || len(rest) != 1 || strings.IndexByte(Delimiters, rest[0]) < 0 {
		return "", false
	}
	return string(rest), true
}

// evenness is 0 when a delimiter never occurs, and up to 99 when every row has
// the same, large number of cells.
func evenness(sample []byte, opts Options, lim Limits) int {
	c, err := newCSV(bytes.NewReader(sample), opts, lim)
	if err != nil {
		return 0
	}
	counts := map[int]int{}
	rows := 0
	for rows < 500 {
		row, err := c.read()
		if err != nil {
			break
		}
		if len(row.Cells) == 1 && row.Cells[0] == "" {
			continue
		}
		rows++
		counts[len(row.Cells)]++
	}
	usual, times := 1, 0
	for n, t := range counts {
		if t > times || t == times && n > usual {
			usual, times = n, t
		}
	}
	if rows == 0 || usual == 1 {
		return 0
	}
	share := float64(times) / float64(rows)
	width := 1 - 1/math.Pow(float64(usual), 0.7) // more cells are less likely by chance
	return int(99 * share * (0.6 + 0.4*width))
}
