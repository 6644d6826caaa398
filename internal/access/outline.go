package access

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

// Roles are all roles, in the order of the front line to the machine.
func Roles() []string {
	return []string{
		RoleCaseWorker, RoleFirstResponder, RoleSupervisor, RoleGuardian, RoleLawyer, RoleProvider, RoleInterpreter,
		RoleInvestigator, RoleProsecutor, RoleJudge, RoleFocalPoint, RoleCoordinator, RoleRapporteur, RoleOmbudsperson,
		RoleAuditor, RoleNodeOperator,
	}
}

// NoCase stands where a relation would, for what is about no case.
const NoCase = ""

// Standings are what somebody may be to a case, from near to far, and at the end
// that there is no case.
func Standings() []string {
	return []string{
		RelationLead, relationDeputy, RelationHelper, RelationUnit, RelationReceiver, RelationCircle, relationNone, NoCase,
	}
}

// Actions returns all actions that people do, in the order of their names.
func Actions() []string {
	var all []string
	for action := range actions {
		if !jobOnly(action) {
			all = append(all, action)
		}
	}
	slices.Sort(all)
	return all
}

// jobOnly reports whether only jobs do an action, by its name.
func jobOnly(action string) bool {
	room, what, _ := strings.Cut(action, ".")
	return room == "job" || what == "due" || what == "expire" || what == "step" || action == "capture.carry"
}

// Level is how far something is possible.
type Level int

// The levels. Sometimes: it depends on what is open here, such as a consent in force.
const (
	Never Level = iota
	InEmergency
	Sometimes
	Always
)

// level returns how far policies let a role that stands so to a case do something,
// within the floor.
func (p *Policies) level(action, role, relation string) Level {
	for i := range barriers {
		if slices.Contains(barriers[i].roles, role) && barriers[i].actions(action) {
			return Never
		}
	}
	s := supposed{
		"role": cedar.String(role), "active": cedar.True, "fresh": cedar.True, "emergency": cedar.False,
		"purpose": cedar.String("case-work"), "sector": cedar.String("child_protection"),
	}
	thing := nodeHere
	if relation != NoCase {
		thing = caseAsked
		s["relation"], s["withheld"] = cedar.String(relation), cedar.False
		if actions[action].grants && rank[relation] <= rank[RelationReceiver] {
			return Never
		}
	}
	best := p.most(action, thing, s)
	if best == Never && actions[action].emergency {
		s["emergency"], s["purpose"] = cedar.True, cedar.String(PurposeEmergency)
		if p.most(action, thing, s) != Never {
			best = InEmergency
		}
	}
	return best
}

// most returns the highest level that a policy about an action gives.
func (p *Policies) most(action string, thing cedar.EntityUID, s supposed) (best Level) {
	set := p.byAction[action]
	if set == nil {
		return Never
	}
	for _, policy := range set.All() {
		if left, possible := remains((*ast.Policy)(policy.AST()), action, thing, s); possible {
			if left == 0 {
				return Always
			}
			best = Sometimes
		}
	}
	return best
}

// Change is one right that a set of policies has and another has not, or not as far.
type Change struct {
	Role, Relation string // NoCase: about no case
	Action         string
	Before, After  Level
}

// Gains reports whether the right becomes larger.
func (c *Change) Gains() bool { return c.After > c.Before }

// Difference is what becomes of rights when other policies are put in force.
type Difference struct {
	Changes               []Change
	Added, Removed, Other []Ground // rules: new, gone, and of another wording
}

// Compare returns what becomes of rights when after is put in force instead of p.
func (p *Policies) Compare(after *Policies) Difference {
	var d Difference
	for _, role := range Roles() {
		for _, action := range Actions() {
			for _, relation := range Standings() {
				c := Change{Role: role, Relation: relation, Action: action}
				if c.Before, c.After = p.level(action, role, relation), after.level(action, role, relation); c.Before != c.After {
					d.Changes = append(d.Changes, c)
				}
			}
		}
	}
	for _, g := range after.Rules() {
		switch old := p.set.Get(cedar.PolicyID(g.ID)); {
		case old == nil:
			d.Added = append(d.Added, g)
		case string(old.MarshalCedar()) != string(after.set.Get(cedar.PolicyID(g.ID)).MarshalCedar()):
			d.Other = append(d.Other, g)
		}
	}
	for _, g := range p.Rules() {
		if after.set.Get(cedar.PolicyID(g.ID)) == nil {
			d.Removed = append(d.Removed, g)
		}
	}
	return d
}

// Ground is what a rule says of itself.
type Ground struct {
	ID, Says, Law, Basis string
	In                   map[string]string // the sentence in other languages than English
}

// Ground returns what a policy says of itself; all is empty where there is none.
func (p *Policies) Ground(id string) Ground {
	policy := p.set.Get(cedar.PolicyID(id))
	if policy == nil {
		return Ground{}
	}
	a := policy.Annotations()
	g := Ground{ID: id, Says: string(a["says"]), Law: string(a["law"]), Basis: string(a["basis"]), In: map[string]string{}}
	for name, text := range a {
		if lang, ok := strings.CutPrefix(string(name), "says_"); ok {
			g.In[lang] = string(text)
		}
	}
	return g
}

// Rules returns what all policies say of themselves, in the order of their names.
func (p *Policies) Rules() []Ground { return p.grounds(p.set) }

func (p *Policies) grounds(set *cedar.PolicySet) []Ground {
	if set == nil {
		return nil
	}
	ids := slices.Collect(maps.Keys(maps.Collect(set.All())))
	slices.SortFunc(ids, cmp.Compare)
	out := make([]Ground, len(ids))
	for i, id := range ids {
		out[i] = p.Ground(string(id))
	}
	return out
}
