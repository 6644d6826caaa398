package screening_test

import (
	"slices"
	"testing"

	"causeway/internal/pack"
	"causeway/internal/screening"

	"github.com/google/go-cmp/cmp"
)

func rules(t testing.TB) *pack.Screening {
	t.Helper()
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	return p.Screening()
}

// yes answers questions with yes.
func yes(codes ...string) screening.Answers {
	a := screening.Answers{}
	for _, c := range codes {
		a[c] = screening.Yes
	}
	return a
}

// rulesOf lists the rules of a result's reasons.
func rulesOf(r screening.Result) []string {
	var out []string
	for _, w := range r.Why {
		out = append(out, w.Rule)
	}
	return out
}

func TestJudge(t *testing.T) {
	quiet := screening.Answers{
		"safe_now": screening.Yes, "stands_by": screening.No, "injury": screening.No,
		"sexual_recent": screening.No, "withdrawal": screening.No, "brought": screening.No, "sexual": screening.No,
	}
	for _, c := range []struct {
		name  string
		a     screening.Answers
		level screening.Level
		rules []string
		risk  string
	}{
		{"nothing answered is no result about the child", nil, screening.NoSignYet, []string{screening.RuleNothingAsked}, "low"},
		{"all no: no sign yet, never more than that", quiet, screening.NoSignYet, nil, "low"},
		{
			"not known and refused are no signs",
			screening.Answers{"sexual": screening.Refused, "sold": screening.Unknown},
			screening.NoSignYet,
			[]string{screening.RuleNothingAsked},
			"low",
		},
		{"one strong sign: protect and refer", yes("threats"), screening.Refer, []string{screening.RuleStrong}, "medium"},
		{
			"one medium sign proves nothing", yes("no_parents"), screening.NoSignYet,
			[]string{screening.RuleOneSign, screening.RuleNothingAsked},
			"low",
		},
		{"two medium signs: protect and refer", yes("no_parents", "documents"), screening.Refer, []string{screening.RuleSeveral}, "medium"},
		{"sexual exploitation found as fact", yes("sexual"), screening.Presumed, []string{screening.RuleSexual}, "high"},
		{"sexual images are sexual exploitation", yes("images"), screening.Presumed, []string{screening.RuleSexual}, "high"},
		{"sale found as fact", yes("sold"), screening.Presumed, []string{screening.RuleSale}, "high"},
		{"act as fact and positive exploitation", yes("brought", "long_hours", "pay"), screening.Presumed, []string{screening.RulePalermo}, "high"},
		{
			"act by a positive recruitment dimension", yes("speaks_for", "unrelated", "long_hours", "pay"), screening.Presumed,
			[]string{screening.RulePalermo},
			"high",
		},
		{
			"exploitation without the act", yes("long_hours", "pay"), screening.Refer,
			[]string{screening.RuleStrong, screening.RuleDimension},
			"medium",
		},
		{
			"the act without exploitation", yes("brought"), screening.NoSignYet,
			[]string{screening.RuleOneSign, screening.RuleNothingAsked},
			"low",
		},
		{"the act and one sign of exploitation", yes("brought", "pay"), screening.Refer, []string{screening.RuleSeveral}, "medium"},
		{
			"intended exploitation counts as exploitation", yes("brought", "planned", "pay", "dangerous"), screening.Presumed,
			[]string{screening.RulePalermo},
			"high",
		},
		{"three medium signs of one dimension", yes("account", "gifts", "drugs_control"), screening.Refer, []string{screening.RuleDimension}, "medium"},
		{
			"means alone are not purpose", yes("violence", "held", "threats"), screening.Refer,
			[]string{screening.RuleStrong, screening.RuleDimension},
			"medium",
		},
		{"going missing feeds the risk, not the result", yes("collected"), screening.NoSignYet, []string{screening.RuleNothingAsked}, "high"},
		{
			"danger is urgent whatever the signs",
			screening.Answers{"safe_now": screening.No},
			screening.NoSignYet,
			[]string{screening.RuleUrgent, screening.RuleNothingAsked},
			"high",
		},
		{
			"somebody stands by: no sign, but a reason to ask again", yes("stands_by"), screening.NoSignYet,
			[]string{screening.RuleNotAlone, screening.RuleNothingAsked},
			"low",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := screening.Judge(rules(t), c.a)
			if r.Level != c.level || r.Risk != c.risk || !slices.Equal(rulesOf(r), c.rules) {
				t.Errorf("got %s %s %v, want %s %s %v", r.Level, r.Risk, rulesOf(r), c.level, c.risk, c.rules)
			}
		})
	}
}

func TestUrgentAnswers(t *testing.T) {
	for question, want := range map[string][]string{
		"injury": {"medical"}, "pregnancy": {"medical"}, "withdrawal": {"medical"},
		"sexual_recent": {"pep72", "ec120"}, "selfharm": {"selfharm"},
	} {
		if diff := cmp.Diff(want, screening.Judge(rules(t), yes(question)).Urgent); diff != "" {
			t.Errorf("%s (-want +got):\n%s", question, diff)
		}
	}
	if got := screening.Judge(rules(t), screening.Answers{"safe_now": screening.No}).Urgent; !slices.Equal(got, []string{"danger"}) {
		t.Errorf("not safe opens %v, want danger", got)
	}
	if got := screening.Judge(rules(t), yes("safe_now")).Urgent; got != nil {
		t.Errorf("safe opens %v, want nothing", got)
	}
}

// invented is a set of rules for what the pack's own questions cannot show: each
// question shows the indicator of its own name.
type invented map[string]*pack.Indicator

func (v invented) Indicator(id string) *pack.Indicator { return v[id] }

func (v invented) Question(code string) *pack.Question {
	if v[code] == nil {
		return nil
	}
	return &pack.Question{Code: code, Indicator: code}
}

func (v invented) Questions() []*pack.Question {
	var out []*pack.Question
	for code := range v {
		out = append(out, v.Question(code))
	}
	slices.SortFunc(out, func(a, b *pack.Question) int { return compare(a.Code, b.Code) })
	return out
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func sign(id, dimension, strength, fact string) *pack.Indicator {
	return &pack.Indicator{ID: id, Dimension: dimension, Strength: strength, Fact: fact}
}

func TestOneFactCountsOnce(t *testing.T) {
	v := invented{
		"a": sign("a", pack.DimensionExploitation, pack.StrengthStrong, "pay"),
		"b": sign("b", pack.DimensionExploitation, pack.StrengthStrong, "pay"),
		"c": sign("c", pack.DimensionExploitation, pack.StrengthMedium, "pay"),
		"x": {ID: "x", Dimension: pack.DimensionMovement, Strength: pack.StrengthMedium, Fact: "x", Finds: pack.FindsAct},
	}
	r := screening.Judge(v, yes("a", "b", "c", "x"))
	if r.Level != screening.Refer {
		t.Errorf("three signs of one fact gave %s, want %s: the dimension is not positive", r.Level, screening.Refer)
	}
	if diff := cmp.Diff(screening.Judge(v, yes("a", "x")), r); diff != "" {
		t.Errorf("signs of a fact already known changed the result (-without +with):\n%s", diff)
	}
	weak := invented{"a": sign("a", pack.DimensionCoercion, pack.StrengthMedium, "f"), "b": sign("b", pack.DimensionCoercion, pack.StrengthMedium, "f")}
	if got := screening.Judge(weak, yes("a", "b")).Level; got != screening.NoSignYet {
		t.Errorf("one medium fact said twice gave %s, want %s", got, screening.NoSignYet)
	}
}

func TestWhenADimensionIsPositive(t *testing.T) {
	for _, c := range []struct {
		grades   []string
		positive bool
	}{
		{[]string{"strong", "strong"}, true},
		{[]string{"strong", "medium"}, true},
		{[]string{"strong", "weak"}, true},
		{[]string{"strong"}, false},
		{[]string{"medium", "medium", "medium"}, true},
		{[]string{"medium", "medium", "weak"}, true},
		{[]string{"medium", "medium"}, false},
		{[]string{"medium", "weak", "weak"}, false},
		{[]string{"weak", "weak", "weak", "weak"}, false},
	} {
		v := invented{"act": {ID: "act", Dimension: pack.DimensionMovement, Strength: pack.StrengthWeak, Fact: "act", Finds: pack.FindsAct}}
		codes := []string{"act"}
		for i, g := range c.grades {
			id := string(rune('a' + i))
			v[id] = sign(id, pack.DimensionExploitation, g, id)
			codes = append(codes, id)
		}
		if got := screening.Judge(v, yes(codes...)).Level == screening.Presumed; got != c.positive {
			t.Errorf("%v: positive = %v, want %v", c.grades, got, c.positive)
		}
	}
}

func TestGroupMembershipIsNoSign(t *testing.T) {
	v := invented{}
	for _, id := range []string{"a", "b", "c", "d"} {
		v[id] = sign(id, pack.DimensionBackground, pack.StrengthStrong, id)
	}
	r := screening.Judge(v, yes("a", "b", "c", "d"))
	if r.Level != screening.NoSignYet || r.Risk != "low" || slices.Contains(rulesOf(r), screening.RuleOneSign) {
		t.Errorf("groups alone gave %s, risk %s, %v", r.Level, r.Risk, rulesOf(r))
	}
}

// TestAYesNeverLowersTheResult adds a yes to a great many sets of answers. The
// sets come from a fixed sequence, so that a failure can be repeated.
func TestAYesNeverLowersTheResult(t *testing.T) {
	s := rules(t)
	questions := s.Questions()
	states := screening.States()
	seed := uint64(1)
	next := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	seen := map[screening.Level]int{}
	for range 4000 {
		a := screening.Answers{}
		for _, q := range questions {
			if next(4) == 0 {
				a[q.Code] = states[next(len(states))]
			}
		}
		before := screening.Judge(s, a)
		seen[before.Level]++
		q := questions[next(len(questions))]
		if q.Part == pack.PartSafe {
			continue // there a yes is the good news
		}
		a[q.Code] = screening.Yes
		after := screening.Judge(s, a)
		if after.Level.Rank() < before.Level.Rank() {
			t.Fatalf("a yes to %s lowered %s to %s: %v", q.Code, before.Level, after.Level, a)
		}
		for _, u := range before.Urgent {
			if !slices.Contains(after.Urgent, u) {
				t.Fatalf("a yes to %s took %s away", q.Code, u)
			}
		}
		if diff := cmp.Diff(after, screening.Judge(s, a)); diff != "" {
			t.Fatalf("the same answers were judged otherwise: %s", diff)
		}
	}
	for _, l := range []screening.Level{screening.NoSignYet, screening.Refer, screening.Presumed} {
		if seen[l] == 0 {
			t.Errorf("no set of answers gave %s: the test saw too little", l)
		}
	}
}
