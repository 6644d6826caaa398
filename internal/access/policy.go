package access

import (
	"encoding/json"
	"fmt"

	"github.com/cedar-policy/cedar-go"
)

// Policies is a parsed set of pack policies. Whatever it cannot evaluate, it
// denies.
type Policies struct {
	set      *cedar.PolicySet
	byAction map[string]*cedar.PolicySet // those whose scope has the action
	version  string
}

// ParsePolicies reads Cedar text. Every policy must have its own @id and a plain
// sentence in @says, because both are shown to people.
func ParsePolicies(version string, text []byte) (*Policies, error) {
	list, err := cedar.NewPolicyListFromBytes("policies.cedar", text)
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
	p := &Policies{set: set, version: version, byAction: map[string]*cedar.PolicySet{}}
	for action := range actions {
		if p.byAction[action], err = about(set, action); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// about returns the policies that can apply to an action: the others' scope
// would say no, one by one, at every decision. A policy whose scope is not
// understood here applies to every action.
func about(set *cedar.PolicySet, action string) (*cedar.PolicySet, error) {
	out := cedar.NewPolicySet()
	for id, p := range set.All() {
		text, err := p.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("policy %q: %w", id, err)
		}
		var scope policyScope
		if err := json.Unmarshal(text, &scope); err != nil {
			return nil, fmt.Errorf("policy %q: %w", id, err)
		}
		if scope.has(action) {
			out.Add(id, p)
		}
	}
	return out, nil
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
// attribute that is missing would make a forbid vanish.
type question struct {
	caller   *Caller
	act      Act
	relation string
	withheld bool
	fresh    bool
	permits  []string
}

// decide returns the policy that permits, or "" for a denial.
func (p *Policies) decide(q question) string {
	principal := cedar.Entity{
		UID: cedar.NewEntityUID("Staff", cedar.String(q.caller.staff.String())),
		Attributes: cedar.NewRecord(cedar.RecordMap{
			"role":     cedar.String(q.caller.role),
			"unit":     cedar.String(q.caller.unit.String()),
			"strength": cedar.String(q.caller.strength),
			"fresh":    cedar.Boolean(q.fresh),
			"active":   cedar.Boolean(q.caller.made),
		}),
	}
	permits := make([]cedar.Value, len(q.permits))
	for i, s := range q.permits {
		permits[i] = cedar.String(s)
	}
	resource := cedar.Entity{
		UID: cedar.NewEntityUID("Node", "here"),
		Attributes: cedar.NewRecord(cedar.RecordMap{
			"relation": cedar.String("none"),
			"withheld": cedar.Boolean(false),
			"permits":  cedar.NewSet(),
		}),
	}
	if !q.act.Case.IsZero() {
		resource = cedar.Entity{
			UID: cedar.NewEntityUID("Case", cedar.String(q.act.Case.String())),
			Attributes: cedar.NewRecord(cedar.RecordMap{
				"relation": cedar.String(q.relation),
				"withheld": cedar.Boolean(q.withheld),
				"permits":  cedar.NewSet(permits...),
			}),
		}
	}
	set := p.byAction[q.act.Action]
	if set == nil {
		return "" // the floor knows no such action
	}
	decision, diagnostic := cedar.Authorize(set, &entities{principal, resource}, cedar.Request{
		Principal: principal.UID,
		Action:    cedar.NewEntityUID("Action", cedar.String(q.act.Action)),
		Resource:  resource.UID,
		Context: cedar.NewRecord(cedar.RecordMap{
			"purpose":   cedar.String(q.act.Purpose),
			"fresh":     cedar.Boolean(q.fresh),
			"via":       cedar.String(q.caller.via),
			"emergency": cedar.Boolean(false),
		}),
	})
	if decision != cedar.Allow || len(diagnostic.Errors) > 0 || len(diagnostic.Reasons) == 0 {
		return ""
	}
	return string(diagnostic.Reasons[0].PolicyID)
}
