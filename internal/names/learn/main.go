// Command learn writes the learned tables of codes from lists of names in two
// scripts, and the held-out sample by which they are measured.
//
//	go run ./internal/names/learn -pairs DIR            learn, and write tables
//	go run ./internal/names/learn -pairs DIR -measure   measure the tables that are built in
//	go run ./internal/names/learn -pairs DIR -pages docs/names   write the pages for speakers
//
// DIR holds wd_arabic_tokens.tsv.gz and its neighbours: tokens of personal
// names mined from Wikidata, CC0 1.0 (steveash/NETransliteration-COLING2018,
// data/). It learns only from the seven tenths that agreement.SplitOf sets
// aside for it, and -measure shows only the tenth for tuning. It runs in
// minutes, always with the same result.
package main

import (
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"causeway/internal/names/agreement"
)

// scripts are the lists and the table that each of them teaches.
var scripts = []struct{ list, table string }{
	{"arabic", "arabic"}, {"russian", "cyrillic"}, {"hebrew", "hebrew"}, {"korean", "hangul"}, {"chinese", "han"},
}

func main() {
	pairs := flag.String("pairs", "", "directory with the lists of pairs")
	measure := flag.Bool("measure", false, "measure the tables that are built in, on the pairs for tuning")
	to := flag.String("to", "internal/names", "directory of package names")
	pagesTo := flag.String("pages", "", "write the pages for speakers into this directory, from the tables as they are")
	rounds := flag.Int("rounds", 4, "rounds of learning")
	flag.Parse()
	run := func() error { return learn(*pairs, *to, *rounds) }
	switch {
	case *measure:
		run = func() error { return show(os.Stdout, *pairs) }
	case *pagesTo != "":
		run = func() error { return writePages(*pagesTo, *to, *pairs) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "learn:", err)
		os.Exit(1)
	}
}

func readList(dir, list string) ([]agreement.Pair, error) {
	f, err := os.Open(filepath.Join(dir, "wd_"+list+"_tokens.tsv.gz"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	return agreement.ReadPairs(z)
}

// show measures the built-in tables on the pairs set aside for tuning.
func show(w io.Writer, dir string) error {
	for _, s := range scripts {
		all, err := readList(dir, s.list)
		if err != nil {
			return err
		}
		f := agreement.Measure(only(all, agreement.Tune))
		fmt.Fprintf(w, "%-8s %6d pairs  agree %.4f  weighted %.4f  false %.5f  codes %.2f latin, %.2f native\n",
			s.list, f.Pairs, f.Agree, f.Weighted, f.False, f.LatinCodes, f.NativeCodes)
	}
	return nil
}

func only(pairs []agreement.Pair, split agreement.Split) []agreement.Pair {
	var out []agreement.Pair
	for _, p := range pairs {
		if agreement.SplitOf(p.Latin) == split {
			out = append(out, p)
		}
	}
	return out
}

func learn(dir, to string, rounds int) error {
	latin, err := newModel("latin")
	if err != nil {
		return err
	}
	var taught []*lesson
	for _, s := range scripts {
		pairs, err := readList(dir, s.list)
		if err != nil {
			return err
		}
		l, err := newLesson(s.list, s.table, only(pairs, agreement.Learn))
		if err != nil {
			return err
		}
		taught = append(taught, l)
		if err := writeSample(to, s.list, only(pairs, agreement.HeldOut)); err != nil {
			return err
		}
	}
	for _, l := range taught {
		l.begin(latin)
	}
	for n := range rounds {
		var likely float64
		latin, likely = round(latin, taught)
		fmt.Fprintf(os.Stderr, "round %d: mean log likelihood %.4f\n", n+1, likely)
	}
	if err := writeTable(to, "latin", latin); err != nil {
		return err
	}
	for _, l := range taught {
		if err := writeTable(to, l.table, l.native); err != nil {
			return err
		}
	}
	return nil
}
