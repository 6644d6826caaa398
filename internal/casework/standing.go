package casework

import (
	"slices"
	"time"

	"causeway/internal/pack"
)

// The kinds and states of statuses that this room itself gives a meaning; the
// lists are the pack's.
const (
	StatusMinority       = "minority"
	StatusAge            = "age"
	StatusIdentification = "identification"
	StatusDecision       = "decision"
	StatusFiled          = "filed"

	statusPresumedChild = "minority_presumed"
	statusAdult         = "minority_ended"
	statusAgeAdult      = "age_adult"
	statusAgeDoubt      = "age_doubt"
	statusPresumed      = "identification_presumed"
	statusTransition    = "transition_planned"
	statusConsentPassed = "transition_consent"
	statusTransitioned  = "transition_done"
)

// appeals are the states in which somebody else still has to decide.
var appeals = []string{"age_appealed", "residence_appealed", "identification_appealed"}

// Standing is which statuses are in force at one time: of each kind the newest, of
// decisions and finished records the newest of each state.
type Standing []Status

// StandingAt works out from all statuses of a case what is in force at a time. A
// fact counts from the day it holds, not from the day it was written down; of two
// of the same day the one written down later counts.
func StandingAt(all []Status, at time.Time) Standing {
	newest := map[string]Status{}
	for _, t := range all {
		if t.From.After(at) {
			continue
		}
		slot := t.Kind
		if t.Kind == StatusDecision || t.Kind == StatusFiled {
			slot += "/" + t.State
		}
		if n, ok := newest[slot]; !ok || t.From.After(n.From) || t.From.Equal(n.From) && t.Seq > n.Seq {
			newest[slot] = t
		}
	}
	var out Standing
	for _, t := range newest {
		if t.Until.IsZero() || at.Before(t.Until) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Status) int {
		if d := b.From.Compare(a.From); d != 0 {
			return d
		}
		return int(b.Seq - a.Seq)
	})
	return out
}

// Of returns the status of a kind that is in force, nil for none.
func (s Standing) Of(kind string) *Status {
	for i := range s {
		if s[i].Kind == kind {
			return &s[i]
		}
	}
	return nil
}

// Has returns the first of some states that is in force, nil for none.
func (s Standing) Has(states ...string) *Status {
	for i := range s {
		if slices.Contains(states, s[i].State) && s[i].Kind != StatusDecision {
			return &s[i]
		}
	}
	return nil
}

// Decided returns the decision of a court or authority on an act, on anything where
// act is empty, nil for none.
func (s Standing) Decided(act string) *Status {
	for i := range s {
		if s[i].Kind == StatusDecision && (act == "" || s[i].State == act) {
			return &s[i]
		}
	}
	return nil
}

// Basis returns what a gate rests on: the first of its needs that is there, nil
// when none is. about is the act that a decision has to be on, "" for any.
func (s Standing) Basis(g pack.Gate, about string) *Status {
	for _, need := range g.Needs {
		found := s.Has(need)
		if need == pack.NeedDecision {
			found = s.Decided(about)
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// Shut returns the states in force that keep a gate shut whatever its basis.
func (s Standing) Shut(g pack.Gate) []string {
	var out []string
	for i := range s {
		if slices.Contains(g.Unless, s[i].State) {
			out = append(out, s[i].State)
		}
	}
	return out
}

// Presumed reports whether the person is treated as a child because of doubt about
// the age.
func (s Standing) Presumed() bool { return s.Has(statusPresumedChild, statusAgeDoubt) != nil }

// ChildRules reports whether the rules for children hold for somebody. grown says
// that the person is past the law's age of a child even if every doubt goes in the
// child's favour. Past it they hold for as long as the case is open, an appeal is,
// or the passage to adulthood is not completed; only a decision that can no longer
// be appealed ends them before.
func ChildRules(s Standing, c *Case, grown bool) bool {
	switch {
	case s.Has(statusAdult) != nil:
		return false
	case !grown || s.Presumed():
		return true
	}
	return !c.Closed() || s.Has(appeals...) != nil || s.Has(statusTransitioned) == nil
}

// pending reports whether nobody has found the person to be an adult yet, or
// whether that can still be appealed.
func (s Standing) pending(now time.Time) bool {
	age := s.Of(StatusAge)
	return age == nil || age.State != statusAgeAdult || now.Before(age.Appeal)
}
