package access

import (
	"maps"
	"slices"
	"time"
)

// ParseUnchecked reads policies that were not held against the floor.
var ParseUnchecked = parsePolicies

// AllActions returns the names of all actions, also those of jobs.
func AllActions() []string { return slices.Collect(maps.Keys(actions)) }

// ConcernsAnother reports whether an action says whose account or request it is about.
func ConcernsAnother(action string) bool { return actions[action].other }

// Standing is what the tables say about a caller and a case.
type Standing struct {
	Relation string
	Withheld bool
	Permits  []string
}

// Decide decides about a command as the gate does.
func (p *Policies) Decide(c *Caller, a Act, s Standing, now time.Time) (basis, reason string) {
	g := &Gate{core: &core{}}
	g.policies.Store(p)
	return g.decideCommand(c, &a, reachOf{relation: s.Relation, withheld: s.Withheld, permits: s.Permits}, now)
}
