package screening

import (
	"slices"

	"causeway/internal/pack"
)

// facts are the signs that were found, by dimension, each fact once.
type facts map[string][]*pack.Indicator

// strengths orders the grades of signs.
var strengths = []string{pack.StrengthWeak, pack.StrengthMedium, pack.StrengthStrong}

// factsOf counts each fact once: of two signs that show one fact the stronger
// stands. What only says which group a child belongs to is left out.
func factsOf(signs []*pack.Indicator) facts {
	f := facts{}
	for _, s := range signs {
		if s.Dimension == pack.DimensionBackground {
			continue
		}
		same := slices.IndexFunc(f[s.Dimension], func(o *pack.Indicator) bool { return o.Fact == s.Fact })
		switch {
		case same < 0:
			f[s.Dimension] = append(f[s.Dimension], s)
		case outweighs(s, f[s.Dimension][same]):
			f[s.Dimension][same] = s
		}
	}
	return f
}

// outweighs reports whether sign a stands for a fact rather than b.
func outweighs(a, b *pack.Indicator) bool {
	return slices.Index(strengths, a.Strength) > slices.Index(strengths, b.Strength)
}

// judge gives the result and the reasons that decide it.
func (f facts) judge() (Level, []Reason) {
	var why []Reason
	for _, found := range []struct{ finds, rule string }{{pack.FindsSexual, RuleSexual}, {pack.FindsSale, RuleSale}} {
		if signs := f.finding(found.finds); len(signs) > 0 {
			why = append(why, Reason{found.rule, ids(signs)})
		}
	}
	if act := f.act(); len(act) > 0 && positive(f[pack.DimensionExploitation]) {
		why = append(why, Reason{RulePalermo, ids(append(act, f[pack.DimensionExploitation]...))})
	}
	if len(why) > 0 {
		return Presumed, why
	}
	var all, strong []*pack.Indicator
	for _, d := range counted {
		for _, s := range f[d] {
			all = append(all, s)
			if s.Strength == pack.StrengthStrong {
				strong = append(strong, s)
			}
		}
		if positive(f[d]) {
			why = append(why, Reason{RuleDimension, ids(f[d])})
		}
	}
	if len(strong) > 0 {
		why = append([]Reason{{RuleStrong, ids(strong)}}, why...)
	}
	if len(why) == 0 && len(all) > 1 {
		why = append(why, Reason{RuleSeveral, ids(all)})
	}
	switch {
	case len(why) > 0:
		return Refer, why
	case len(all) == 1:
		return NoSignYet, []Reason{{RuleOneSign, ids(all)}}
	}
	return NoSignYet, nil
}

// counted are the dimensions whose signs count for the result. The risk of going
// missing feeds the risk of the case instead.
var counted = []string{
	pack.DimensionExploitation, pack.DimensionForce, pack.DimensionDeception, pack.DimensionAbuse,
	pack.DimensionMovement, pack.DimensionCoercion, pack.DimensionVulnerability,
}

// acts are the dimensions that show the act when they are positive.
var acts = []string{pack.DimensionDeception, pack.DimensionForce, pack.DimensionAbuse, pack.DimensionMovement}

// act returns the signs that show the act: a fact, or a positive dimension. The
// means need not be shown for a child (Palermo Protocol, article 3(c)).
func (f facts) act() []*pack.Indicator {
	if found := f.finding(pack.FindsAct); len(found) > 0 {
		return found
	}
	for _, d := range acts {
		if positive(f[d]) {
			return slices.Clone(f[d])
		}
	}
	return nil
}

// finding returns the signs that establish something by themselves.
func (f facts) finding(what string) []*pack.Indicator {
	var out []*pack.Indicator
	for _, d := range counted {
		for _, s := range f[d] {
			if s.Finds == what {
				out = append(out, s)
			}
		}
	}
	return out
}

// strong reports whether a dimension has a strong sign.
func (f facts) strong(dimension string) bool {
	return slices.ContainsFunc(f[dimension], func(s *pack.Indicator) bool { return s.Strength == pack.StrengthStrong })
}

// positive reports whether the signs of one dimension together make it positive:
// two strong ones; or one strong and one other; or three medium; or two medium
// and one weak (ILO/EC operational indicators, 2009).
func positive(signs []*pack.Indicator) bool {
	n := map[string]int{}
	for _, s := range signs {
		n[s.Strength]++
	}
	strong, medium, weak := n[pack.StrengthStrong], n[pack.StrengthMedium], n[pack.StrengthWeak]
	return strong >= 2 || strong == 1 && medium+weak >= 1 || medium >= 3 || medium >= 2 && weak >= 1
}

func ids(signs []*pack.Indicator) []string {
	out := make([]string, 0, len(signs))
	for _, s := range signs {
		if !slices.Contains(out, s.ID) {
			out = append(out, s.ID)
		}
	}
	return out
}
