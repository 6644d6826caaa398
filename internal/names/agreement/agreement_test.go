package agreement_test

import (
	"strings"
	"testing"

	"causeway/internal/names/agreement"
)

// TestAgreementAcrossScripts holds the floors. What it measures of the first
// five sets was held out when the tables were learned.
func TestAgreementAcrossScripts(t *testing.T) {
	results, err := agreement.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Logf("%-10s %4d pairs: agree %.4f (weighted %.4f), false %.5f; %.2f codes in Latin, %.2f native",
			r.Set, r.Pairs, r.Figures.Agree, r.Weighted, r.Figures.False, r.LatinCodes, r.NativeCodes)
		if !r.Holds() {
			t.Errorf("%s: agree %.4f, want at least %.2f; false %.5f, want at most %.4f",
				r.Set, r.Figures.Agree, r.Goal.Agree, r.Figures.False, r.Goal.False)
		}
	}
}

// TestHeldOutIsHeldOut: no pair of the sample was one to learn from.
func TestHeldOutIsHeldOut(t *testing.T) {
	for _, g := range agreement.Goals {
		if g.ByHand {
			continue
		}
		pairs, err := agreement.Sample(g.Set)
		if err != nil {
			t.Fatal(err)
		}
		if len(pairs) < 2500 {
			t.Errorf("%s has %d pairs", g.Set, len(pairs))
		}
		for i, p := range pairs {
			if agreement.SplitOf(p.Latin) != agreement.HeldOut {
				t.Fatalf("pair %d of %s is not held out", i, g.Set)
			}
		}
	}
}

func TestReadPairs(t *testing.T) {
	pairs, err := agreement.ReadPairs(strings.NewReader("anna\tا ن ا\t3\n...\t-\t1\n"))
	if err != nil || len(pairs) != 1 || pairs[0] != (agreement.Pair{Latin: "anna", Native: "انا", Count: 3}) {
		t.Errorf("read %v, %v", pairs, err)
	}
	for _, bad := range []string{"anna\tx\n", "anna\tx\tmany\n"} {
		if _, err := agreement.ReadPairs(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
