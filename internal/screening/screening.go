// Package screening judges a check: from the answers of a frontline worker to
// whether a child shows no sign yet, signs to act on, or is presumed a victim.
//
// It is pure: no database, no clock, no page. It never decides about a person by
// a number, never counts which group a child belongs to, and has no result that
// says a child is not a victim. Indicators, questions and their grades are the
// pack's.
//
// Start at [Judge].
package screening

import (
	"slices"

	"causeway/internal/pack"
)

// Answer is one of the five states of an answer.
type Answer string

// The five states. A question without an answer is [NotAsked].
const (
	Yes      Answer = "yes"
	No       Answer = "no"
	Unknown  Answer = "unknown"
	NotAsked Answer = "not_asked"
	Refused  Answer = "refused"
)

// States lists the five states in the order in which a page offers them.
func States() []Answer { return []Answer{Yes, No, Unknown, NotAsked, Refused} }

// Answers are what was answered, by the code of the question.
type Answers map[string]Answer

// Level is the result of a check, from low to high.
type Level string

// The three results. None of them says that somebody is not a victim: a body
// decides that, with grounds and a way to appeal (standards: Palermo Protocol,
// article 3; UNICEF guidelines 2006).
const (
	NoSignYet Level = "none_yet"
	Refer     Level = "refer"
	Presumed  Level = "presumed"
)

// Rank orders results: a higher one asks for more protection.
func (l Level) Rank() int { return slices.Index([]Level{NoSignYet, Refer, Presumed}, l) }

// The rules by which a result was reached, for its reasons in words.
const (
	RuleSexual       = "sexual_fact"      // sexual exploitation found as fact
	RuleSale         = "sale_fact"        // sale found as fact
	RulePalermo      = "act_and_purpose"  // act, and a positive exploitation dimension
	RuleStrong       = "strong_sign"      // one strong sign
	RuleDimension    = "dimension"        // the signs of one kind together
	RuleSeveral      = "several_signs"    // two signs of any kind
	RuleOneSign      = "one_sign"         // one sign on its own proves nothing
	RuleUrgent       = "urgent"           // something cannot wait, whatever the signs say
	RuleNotAlone     = "not_alone"        // somebody stood by: ask again alone
	RuleNothingAsked = "too_little_asked" // hardly anything is known yet
)

// Reason is why a result is what it is: a rule, and the indicators it rests on.
type Reason struct {
	Rule  string
	Signs []string // identifiers of indicators
}

// Result is what the rules say about a check.
type Result struct {
	Level  Level
	Why    []Reason // the deciding ones first
	Urgent []string // what cannot wait, in the order of the questions
	Risk   string   // code list risk: high, medium or low
}

// Pack is the part of a jurisdiction pack that the rules ask; *pack.Screening
// is one.
type Pack interface {
	Question(code string) *pack.Question
	Questions() []*pack.Question
	Indicator(id string) *pack.Indicator
}

// AloneQuestion is the code of the question whether somebody stands by. A yes is
// about how the check was made, not about the child.
const AloneQuestion = "stands_by"

// Judge applies the rules to the answers. Adding a yes never lowers the result,
// and two answers that show one fact count once.
func Judge(p Pack, a Answers) Result {
	var signs []*pack.Indicator
	var r Result
	known := 0
	for _, q := range p.Questions() {
		answer := a[q.Code]
		if answer == Yes || answer == No {
			known++
		}
		if answer == Yes && q.Indicator != "" {
			if i := p.Indicator(q.Indicator); i != nil {
				signs = append(signs, i)
			}
		}
		if q.UrgentOn != "" && string(answer) == q.UrgentOn {
			for _, u := range q.Urgent {
				if !slices.Contains(r.Urgent, u) {
					r.Urgent = append(r.Urgent, u)
				}
			}
		}
	}
	f := factsOf(signs)
	r.Level, r.Why = f.judge()
	if len(r.Urgent) > 0 {
		r.Why = append(r.Why, Reason{Rule: RuleUrgent})
	}
	if a[AloneQuestion] == Yes {
		r.Why = append(r.Why, Reason{Rule: RuleNotAlone})
	}
	if known < leastKnown && r.Level == NoSignYet {
		r.Why = append(r.Why, Reason{Rule: RuleNothingAsked})
	}
	r.Risk = riskOf(r, f)
	return r
}

// leastKnown is how many questions have to be answered with yes or no before a
// page stops saying that little is known yet. It changes no result.
const leastKnown = 6

// riskOf returns the risk a case begins with. It sets how soon somebody must take
// over; a worker may change it.
func riskOf(r Result, f facts) string {
	switch {
	case len(r.Urgent) > 0 || r.Level == Presumed || f.strong(pack.DimensionRisk):
		return "high"
	case r.Level == Refer || len(f[pack.DimensionRisk]) > 0:
		return "medium"
	}
	return "low"
}
