// Package agreement measures whether names agree across scripts: how often a
// name and its spelling in another script share a code, and how often two
// different names do. It holds pairs of spellings that no table was learned
// from, so that what it measures holds for names not seen before. It knows no
// record; its pairs are public names.
package agreement

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"

	"causeway/internal/names"
)

// Pair is one name in Latin letters and in another script. Count is how often
// the pair was met.
type Pair struct {
	Latin, Native string
	Count         int
}

// Split says what a pair may be used for.
type Split uint8

const (
	// Learn: tables are learned from these, seven of ten.
	Learn Split = iota
	// Tune: for choosing between ways to learn, one of ten.
	Tune
	// HeldOut: measured only, two of ten.
	HeldOut
)

// SplitOf gives the part a Latin spelling belongs to, by a hash of its folded
// form: spellings that differ in accents or case stay together.
func SplitOf(latin string) Split {
	h := fnv.New32a()
	_, _ = io.WriteString(h, names.Fold(latin)) // a hash takes everything
	switch h.Sum32() % 10 {
	case 0, 1:
		return HeldOut
	case 2:
		return Tune
	}
	return Learn
}

// ReadPairs reads lines of Latin spelling, native spelling and count, divided
// by tabs. Blanks between native letters are left out. A line without a letter
// on one side is passed over.
func ReadPairs(r io.Reader) ([]Pair, error) {
	var pairs []Pair
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("line %d of the pairs has %d fields, not 3", len(pairs)+1, len(f))
		}
		n, err := strconv.Atoi(f[2])
		if err != nil {
			return nil, fmt.Errorf("count in line %d of the pairs: %w", len(pairs)+1, err)
		}
		p := Pair{f[0], strings.ReplaceAll(f[1], " ", ""), n}
		if names.Fold(p.Latin) != "" && names.Fold(p.Native) != "" {
			pairs = append(pairs, p)
		}
	}
	return pairs, lines.Err()
}

//go:embed data
var data embed.FS

// Sample returns the pairs of a set that were built in.
func Sample(name string) ([]Pair, error) {
	if plain, err := data.ReadFile("data/" + name + ".tsv"); err == nil {
		return ReadPairs(bytes.NewReader(plain))
	}
	b, err := data.ReadFile("data/" + name + ".tsv.gz")
	if err != nil {
		return nil, fmt.Errorf("pairs of %s: %w", name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("pairs of %s: %w", name, err)
	}
	return ReadPairs(z)
}

// Figures is what was measured of one set of pairs.
type Figures struct {
	Pairs int
	// Agree is the share of pairs that share a code, each pair counted once;
	// Weighted counts a pair as often as it was met.
	Agree, Weighted float64
	// False is the share of random pairs of different names that share a code.
	False float64
	// LatinCodes and NativeCodes are how many codes a spelling has on average.
	LatinCodes, NativeCodes float64
}

// falsePairs is how many random pairs Measure looks at.
const falsePairs = 400_000

// Measure measures pairs, always with the same random pairs for false ones: a
// Latin spelling of one pair with the native spelling of another, where neither
// spelling is the same.
func Measure(pairs []Pair) Figures {
	f := Figures{Pairs: len(pairs)}
	if len(pairs) < 2 {
		return f
	}
	latin, native := make([][]string, len(pairs)), make([][]string, len(pairs))
	var agree, met, weight int
	for i, p := range pairs {
		latin[i], native[i] = names.Codes(p.Latin), names.Codes(p.Native)
		f.LatinCodes += float64(len(latin[i])) / float64(len(pairs))
		f.NativeCodes += float64(len(native[i])) / float64(len(pairs))
		weight += p.Count
		if share(latin[i], native[i]) {
			agree++
			met += p.Count
		}
	}
	f.Agree = float64(agree) / float64(len(pairs))
	f.Weighted = float64(met) / float64(weight)
	wrong, looked := 0, 0
	next := uint64(88172645463325252)
	random := func() int { // xorshift: the same numbers every time
		next ^= next << 13
		next ^= next >> 7
		next ^= next << 17
		return int(next % uint64(len(pairs)))
	}
	for range falsePairs {
		i, j := random(), random()
		if names.Fold(pairs[i].Latin) == names.Fold(pairs[j].Latin) || pairs[i].Native == pairs[j].Native {
			continue
		}
		looked++
		if share(latin[i], native[j]) {
			wrong++
		}
	}
	f.False = float64(wrong) / float64(max(looked, 1))
	return f
}

func share(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
