package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"causeway/internal/names/agreement"
)

// A rule for neighbours is written when it was met often enough and says
// something else than the wider rule: its weight of evidence in nats.
const (
	fewest   = 4
	evidence = 4
)

// writeTable writes the rules of a model as a table.
func writeTable(dir, name string, m *model) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s: learned from Wikidata names (CC0 1.0) by internal/names/learn; do not edit, learn again.\n", name)
	for _, g := range sortedKeys(m.atStart) { // also letters that no name of the list begins with
		if c := (context{"^", g, ""}); m.counts[c] == nil {
			m.count(c, m.atStart[g][0], 1)
		}
	}
	keys := make([]context, 0, len(m.counts))
	for c := range m.counts {
		keys = append(keys, c)
	}
	slices.SortFunc(keys, func(a, b context) int {
		return cmp.Or(cmp.Compare(a.grapheme, b.grapheme), cmp.Compare(narrow(a), narrow(b)),
			cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right))
	})
	written := make(map[context][]way)
	for _, c := range keys {
		ways := whole(m.waysOf(c))
		if len(ways) == 0 {
			continue
		}
		if narrow(c) > 0 && !(c.left == "^" && c.right == "") { // how a token starts is always said
			n := m.counts[c].total
			if n < fewest || n*apart(ways, fallback(written, c)) < evidence {
				continue
			}
		}
		written[c] = ways
		b.WriteString(ruleName(c))
		for _, w := range ways {
			fmt.Fprintf(&b, " %s %d", cmp.Or(w.sounds, "-"), int(math.Round(w.p*1000)))
		}
		b.WriteByte('\n')
	}
	return os.WriteFile(filepath.Join(dir, "tables", name+".txt"), b.Bytes(), 0o644)
}

func narrow(c context) int {
	switch {
	case c.left != "" && c.right != "":
		return 3
	case c.left != "":
		return 2
	case c.right != "":
		return 1
	}
	return 0
}

func ruleName(c context) string {
	s := c.grapheme
	if c.left != "" {
		s = c.left + "<" + s
	}
	if c.right != "" {
		s += ">" + c.right
	}
	return s
}

// whole leaves out what is met less than four times in a thousand and makes
// the rest one thousand.
func whole(ways []way) []way {
	var out []way
	var sum float64
	for _, w := range ways {
		if w.p >= 0.004 {
			out = append(out, w)
			sum += w.p
		}
	}
	for i := range out {
		out[i].p /= sum
	}
	return out
}

// fallback is what the reader of the table would use without a rule for c.
func fallback(written map[context][]way, c context) []way {
	base := written[context{"", c.grapheme, ""}]
	if narrow(c) < 3 {
		return base
	}
	left, right := written[context{c.left, c.grapheme, ""}], written[context{"", c.grapheme, c.right}]
	switch {
	case left != nil && (right == nil || c.left == "^"):
		return left
	case left != nil && right != nil:
		var t tally
		for _, w := range slices.Concat(left, right) {
			t.add(w.sounds, w.p/2)
		}
		return t.ways
	case right != nil:
		return right
	}
	return base
}

// apart is how far a distribution is from another (Kullback and Leibler).
func apart(p, q []way) float64 {
	var sum float64
	for _, w := range p {
		other := 1e-3
		for _, v := range q {
			if v.sounds == w.sounds {
				other = math.Max(v.p, other)
			}
		}
		sum += w.p * math.Log(w.p/other)
	}
	return sum
}

// sampleSize is how many held-out pairs of a list are built in.
const sampleSize = 3000

// writeSample writes held-out pairs, chosen by a hash of both spellings.
func writeSample(dir, list string, pairs []agreement.Pair) error {
	slices.SortFunc(pairs, func(a, b agreement.Pair) int {
		return cmp.Or(cmp.Compare(hashOf(a), hashOf(b)), cmp.Compare(a.Latin, b.Latin), cmp.Compare(a.Native, b.Native))
	})
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, p := range pairs[:min(sampleSize, len(pairs))] {
		if strings.ContainsAny(p.Latin+p.Native, "\t\n") {
			continue
		}
		if _, err := fmt.Fprintf(z, "%s\t%s\t%d\n", p.Latin, p.Native, p.Count); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "agreement", "data", list+".tsv.gz"), b.Bytes(), 0o644)
}

func hashOf(p agreement.Pair) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, p.Latin+"\t"+p.Native) // a hash takes everything
	return h.Sum64()
}
