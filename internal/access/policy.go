package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"causeway/internal/ident"

	"github.com/cedar-policy/cedar-go"
)

// Policies is a parsed set of pack policies. Whatever it cannot evaluate, it
// denies.
type Policies struct {
	set      *cedar.PolicySet
	byAction map[string]*cedar.PolicySet // those whose scope has the action
	purposes map[string]bool
	version  string
	number   int64 // of the set of rules; 0: the pack's own

	mu      sync.Mutex // guards answers
	answers map[question]answer
}

// ParsePolicies reads Cedar text, and the purposes for which anything may be done.
// Every policy must have its own @id and a plain sentence in @says, because both are
// shown to people. One that would permit what the floor forbids is refused by name.
func ParsePolicies(version string, text []byte, purposes []string) (*Policies, error) {
	p, err := parsePolicies(version, text, purposes)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(maps.Collect(p.set.All()))) {
		if err := withinFloor(string(id), p.set.Get(id)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// parsePolicies reads policies that were not held against the floor.
func parsePolicies(version string, text []byte, purposes []string) (*Policies, error) {
	list, err := cedar.NewPolicyListFromBytes("policies", text)
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	set := cedar.NewPolicySet()
	for i, p := range list {
		id := string(p.Annotations()["id"])
		if id == "" || p.Annotations()["says"] == "" {
			return nil, fmt.Errorf("policy %d (line %d) needs @id and @says", i+1, p.Position().Line)
		}
		if set.Get(cedar.PolicyID(id)) != nil {
			return nil, fmt.Errorf("policy %q stands there twice", id)
		}
		set.Add(cedar.PolicyID(id), p)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the pack has no policies: nothing would be permitted")
	}
	if len(purposes) == 0 {
		return nil, fmt.Errorf("the pack has no purposes: nothing would be permitted")
	}
	p := &Policies{set: set, version: version, byAction: map[string]*cedar.PolicySet{}, purposes: map[string]bool{}}
	for _, code := range purposes {
		p.purposes[code] = true
	}
	for action := range actions {
		p.byAction[action] = cedar.NewPolicySet()
	}
	for id, policy := range set.All() {
		scope, err := scopeOf(policy)
		if err != nil {
			return nil, fmt.Errorf("policy %q: %w", id, err)
		}
		for action := range actions {
			if scope.has(action) {
				p.byAction[action].Add(id, policy)
			}
		}
	}
	return p, nil
}

// scopeOf reads to which actions a policy can apply: elsewhere it would say no, one
// decision after the other. A policy whose scope is not understood here applies to
// every action.
func scopeOf(p *cedar.Policy) (*policyScope, error) {
	text, err := p.MarshalJSON()
	if err != nil {
		return nil, err
	}
	scope := new(policyScope)
	return scope, json.Unmarshal(text, scope)
}

// policyScope is what a policy in Cedar's JSON form says about its action.
type policyScope struct {
	Action struct {
		Op       string         `json:"op"`
		Entity   *policyEntity  `json:"entity"`
		Entities []policyEntity `json:"entities"`
	} `json:"action"`
}

type policyEntity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// has reports whether the scope may have the action.
func (s *policyScope) has(action string) bool {
	named := s.Action.Entities
	if s.Action.Entity != nil {
		named = append(named, *s.Action.Entity)
	}
	if s.Action.Op != "==" && s.Action.Op != "in" || len(named) == 0 {
		return true
	}
	for _, e := range named {
		if _, known := actions[e.ID]; e.ID == action || e.Type != "Action" || !known {
			return true
		}
	}
	return false
}

// Says returns the plain sentence of a policy, for the pages that explain why.
func (p *Policies) Says(id string) string {
	if pol := p.set.Get(cedar.PolicyID(id)); pol != nil {
		return string(pol.Annotations()["says"])
	}
	return ""
}

// entities answers the policies' questions about one principal and one resource.
type entities struct {
	principal, resource cedar.Entity
}

// Get implements cedar's entity getter.
func (e *entities) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch uid {
	case e.principal.UID:
		return e.principal, true
	case e.resource.UID:
		return e.resource, true
	}
	return cedar.Entity{}, false
}

// question is one decision to be made. Every attribute is always filled: an
// attribute that is missing would make a forbid vanish. It names no person and
// no case, because a policy is about roles and relations; so one answer serves
// everybody of whom the same is true.
type question struct {
	action, purpose           string
	role, sector              string
	strength, via             string
	unit                      ident.Unit
	aboutCase                 bool   // there is a case: the two lines below are about it
	relation                  string // of the caller to the case
	permits                   string // in force for the case, each ended by a line feed
	withheld, fresh, somebody bool
	emergency                 bool
}

// ask turns an act into the question about it.
func ask(c *Caller, a Act, r reachOf, fresh bool) question {
	q := question{
		action: a.Action, purpose: a.Purpose, role: c.role, sector: c.sector, strength: c.strength, via: c.via, unit: c.unit,
		fresh: fresh, somebody: c.made,
	}
	if a.Case.IsZero() || a.NewCase {
		return q
	}
	q.aboutCase, q.relation, q.withheld = true, r.relation, r.withheld
	for _, p := range slices.Sorted(slices.Values(r.permits)) {
		q.permits += p + "\n"
	}
	return q
}

// keptAnswers is how many answers are kept; roles, relations and actions make a
// few hundred.
const keptAnswers = 1 << 14

// answer is the policy that permits, or the reason why none does.
type answer struct{ basis, reason string }

// decide returns the policy that permits and "", or "" and the code of the refusal.
func (p *Policies) decide(q question) (basis, reason string) {
	p.mu.Lock()
	a, known := p.answers[q]
	p.mu.Unlock()
	if known {
		return a.basis, a.reason
	}
	a = p.evaluate(q)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answers == nil || len(p.answers) >= keptAnswers {
		p.answers = map[question]answer{}
	}
	p.answers[q] = a
	return a.basis, a.reason
}

// Reasons of a refusal that neither the floor nor the lack of a policy gives.
const (
	missingAttribute = "missing-attribute" // the question lacks what every question says
	unknownPurpose   = "unknown-purpose"   // the pack has no such purpose
	policyError      = "policy-error"      // a policy about the action cannot be evaluated
)

// lacks returns why a question is not put to the policies, "" where it is whole.
func (p *Policies) lacks(c *Caller, a *Act) string {
	switch {
	case a.Purpose == "", c.role == "", c.strength == "", c.via == "",
		actions[a.Action].other && a.Staff.IsZero() && !a.button:
		return missingAttribute
	case !p.purposes[a.Purpose]:
		return unknownPurpose
	}
	return ""
}

// evaluate has Cedar answer.
func (p *Policies) evaluate(q question) answer {
	set := p.byAction[q.action]
	if set == nil {
		return answer{reason: noPolicy} // the floor knows no such action
	}
	principal := cedar.Entity{
		UID: cedar.NewEntityUID("Staff", "asking"),
		Attributes: cedar.NewRecord(cedar.RecordMap{
			"role":     cedar.String(q.role),
			"unit":     cedar.String(q.unit.String()),
			"sector":   cedar.String(q.sector),
			"strength": cedar.String(q.strength),
			"fresh":    cedar.Boolean(q.fresh),
			"active":   cedar.Boolean(q.somebody),
		}),
	}
	uid, relation := cedar.NewEntityUID("Node", "here"), relationNone
	if q.aboutCase {
		uid, relation = cedar.NewEntityUID("Case", "asked"), q.relation
	}
	var permits []cedar.Value
	for s := range strings.Lines(q.permits) {
		permits = append(permits, cedar.String(strings.TrimSuffix(s, "\n")))
	}
	resource := cedar.Entity{UID: uid, Attributes: cedar.NewRecord(cedar.RecordMap{
		"relation": cedar.String(relation),
		"withheld": cedar.Boolean(q.withheld),
		"permits":  cedar.NewSet(permits...),
	})}
	decision, diagnostic := cedar.Authorize(set, &entities{principal, resource}, cedar.Request{
		Principal: principal.UID,
		Action:    cedar.NewEntityUID("Action", cedar.String(q.action)),
		Resource:  resource.UID,
		Context: cedar.NewRecord(cedar.RecordMap{
			"purpose":   cedar.String(q.purpose),
			"fresh":     cedar.Boolean(q.fresh),
			"via":       cedar.String(q.via),
			"emergency": cedar.Boolean(q.emergency),
		}),
	})
	switch {
	case len(diagnostic.Errors) > 0:
		return answer{reason: policyError}
	case decision != cedar.Allow || len(diagnostic.Reasons) == 0:
		return answer{reason: noPolicy}
	}
	basis := diagnostic.Reasons[0].PolicyID
	for _, r := range diagnostic.Reasons[1:] {
		basis = min(basis, r.PolicyID) // the same one each time
	}
	return answer{basis: string(basis)}
}
