package pack_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"causeway/internal/pack"
)

func TestEveryCheckHasItsCards(t *testing.T) {
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	s := p.Screening()
	if len(s.Places()) < 5 {
		t.Fatalf("places = %v, want where children are met", s.Places())
	}
	for _, age := range p.Codes(pack.AgeBands) {
		first := ""
		for _, place := range s.Places() {
			var codes []string
			for _, q := range s.Cards(age, place) {
				codes = append(codes, q.Code)
			}
			all := strings.Join(codes, " ")
			if len(codes) != pack.CheckCards || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != pack.CheckCards {
				t.Errorf("age %s, %s: cards = %s, want twelve different ones", age, place, all)
			}
			for _, must := range []string{"stands_by", "injury", "withdrawal", "brought", "sexual", "sold"} {
				if !slices.Contains(codes, must) {
					t.Errorf("age %s, %s: %s is not asked", age, place, must)
				}
			}
			if age != "0-4" && (!slices.Contains(codes, "pregnancy") || !slices.Contains(codes, "selfharm")) {
				t.Errorf("age %s, %s: pregnancy and self-harm are not asked", age, place)
			}
			if all == first && age != "0-4" { // for the smallest, what a police station and a street ask is one
				t.Errorf("age %s: the place %s changes nothing", age, place)
			}
			first = all
		}
	}
}

func TestWrongScreeningStopsTheLoad(t *testing.T) {
	const manifest = "key,value\nname,x\nversion,1\nlanguages,en fr ar\n"
	const ihead, qhead = "id,dimension,strength,fact,finds,en,fr,ar,source,confidence\n", "code,part,ages,places,indicator,urgent,en,fr,ar,source,confidence\n"
	for name, c := range map[string]struct{ file, text, problem string }{
		"unknown dimension":      {"indicators.csv", ihead + "X-1,luck,strong,,,a,b,c,ours,house choice\n", "must be one of"},
		"a grade of its own":     {"indicators.csv", ihead + "X-1,coercion,certain,,,a,b,c,ours,house choice\n", "must be one of"},
		"a fact in two places":   {"indicators.csv", ihead + "X-1,deception,strong,papers,,a,b,c,ours,house choice\n", "one fact lies in one dimension"},
		"no words in a language": {"indicators.csv", ihead + "X-1,coercion,strong,,,a,,c,ours,house choice\n", "the words are missing"},
		"no source":              {"indicators.csv", ihead + "X-1,coercion,strong,,,a,b,c,,house choice\n", "where this comes from"},
		"unknown indicator":      {"screening.csv", qhead + "x,chosen,,,X-9,,a,b,c,ours,house choice\n", "no indicator has this identifier"},
		"unknown urgency":        {"screening.csv", qhead + "x,chosen,,,,yes soon,a,b,c,ours,house choice\n", "what that answer opens"},
		"unknown age":            {"screening.csv", qhead + "x,chosen,7-9,,,,a,b,c,ours,house choice\n", "no age band"},
		"too few questions":      {"screening.csv", qhead + few("held", "threats", "violence", "sold", "no_parents", "intimidated", "planned"), "too few questions"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pack.Default(fstest.MapFS{"pack.csv": {Data: []byte(manifest)}, c.file: {Data: []byte(c.text)}})
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("got %v, want %q", err, c.problem)
			}
		})
	}
}

// few gives rows that narrow questions to one age and no indicator.
func few(codes ...string) string {
	var b strings.Builder
	for _, c := range codes {
		b.WriteString(c + ",chosen,5-11,,,,a,b,c,ours,house choice\n")
	}
	return b.String()
}
