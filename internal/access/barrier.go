package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/eval"
)

// barrier is a rule of the floor about who somebody is: people of these roles, or
// of an agency of these sectors, do none of these actions, whatever a pack says.
type barrier struct {
	code    string
	roles   []string
	sectors []string
	actions func(action string) bool
}

// wallRoles and wallSectors stand behind the care-notes wall: their purpose is
// another than care. They see of a child what was disclosed to them.
var (
	wallRoles   = []string{RoleInvestigator, RoleProsecutor, RoleJudge}
	wallSectors = []string{"police", "border", "labour_inspection", "migration", "justice", "prosecution", "court"}
)

// notTheLawyer are all roles but the one of a child's lawyer, whose notes nobody else
// reads: no role of the State, and not the guardian.
var notTheLawyer = []string{
	RoleCaseWorker, RoleFirstResponder, RoleSupervisor, RoleGuardian, RoleProvider, RoleInterpreter, RoleInvestigator,
	RoleProsecutor, RoleJudge, RoleFocalPoint, RoleCoordinator, RoleRapporteur, RoleOmbudsperson, RoleAuditor, RoleNodeOperator,
}

// glassNever are the roles that never open a case by break-glass; the sectors behind
// the wall do not either.
var glassNever = []string{
	RoleGuardian, RoleLawyer, RoleProvider, RoleInterpreter, RoleInvestigator, RoleProsecutor, RoleJudge, RoleFocalPoint,
	RoleCoordinator, RoleRapporteur, RoleOmbudsperson, RoleAuditor, RoleNodeOperator,
}

var barriers = []barrier{
	{code: "floor-operator-no-case", roles: []string{RoleNodeOperator}, actions: func(action string) bool {
		return aboutChild(action) || strings.HasPrefix(action, "glass.")
	}},
	{code: "floor-auditor-no-case", roles: []string{RoleAuditor, RoleOmbudsperson}, actions: func(action string) bool {
		return aboutChild(action) && !overseen[action]
	}},
	{code: "floor-no-single-child", roles: []string{RoleCoordinator, RoleRapporteur}, actions: aboutChild},
	{code: "floor-operator-no-policy", roles: []string{RoleNodeOperator}, actions: func(action string) bool {
		return action == "policy.activate"
	}},
	// Nobody who runs the machine alone decides with whom it exchanges.
	{code: "floor-operator-no-pair", roles: []string{RoleNodeOperator}, actions: func(action string) bool {
		return action == "peer.confirm" || action == "peer.resume" || action == "match.propose" || action == "match.agree"
	}},
	{code: "floor-privileged", roles: notTheLawyer, actions: func(action string) bool {
		return action == "consent.note" || action == "consent.notes"
	}},
	// Break-glass is for those who keep children safe.
	{code: "floor-glass-role", roles: glassNever, actions: func(action string) bool {
		return action == "case.breakglass" || action == "glass.find"
	}},
	// Whoever wants to send a child back, or wants evidence, does not say that it is safe to tell.
	{code: "floor-protection-check", roles: append([]string{RoleFirstResponder}, wallRoles...), sectors: wallSectors, actions: func(action string) bool {
		return action == "referral.protect"
	}},
	{code: "floor-care-wall", roles: wallRoles, sectors: wallSectors, actions: liveCase},
}

// liveCase reports whether an action reads or writes the live case, of which the
// care notes are a part. Making a check and answering for it is no such action, but
// registering the child it is about is. To compose from the case what others are told
// is one; to read what one was told is none.
func liveCase(action string) bool {
	switch action {
	case "circle.preview", "circle.disclose", "circle.recall", "circle.told", "circle.sent", "circle.keep", "circle.decide":
		return true
	}
	return strings.HasPrefix(action, "case.") || strings.HasPrefix(action, "record.") ||
		strings.HasPrefix(action, "document.") || strings.HasPrefix(action, "team.") || strings.HasPrefix(action, "consent.") ||
		strings.HasPrefix(action, "erasure.") || strings.HasPrefix(action, "retention.") || strings.HasPrefix(action, "rights.") ||
		strings.HasPrefix(action, "glass.") ||
		action == "check.register" || refersLive[action]
}

// refersLive are the acts with a referral that read the live case, or make somebody
// answer for it. What was shared with its receiver is a copy, without care notes.
var refersLive = map[string]bool{
	"referral.preview": true, "referral.offer": true, "referral.withdraw": true, "referral.release": true, "referral.sent": true,
	"referral.assume": true, "referral.claim": true, "referral.refuse": true,
	"referral.send": true, "referral.approve": true, "referral.recall": true, "referral.protect": true,
	// Whether a child is known in another country is never asked for enforcement or migration.
	"match.ask": true, "match.second": true, "match.asked": true, "match.accept": true, "match.task": true, "match.decide": true,
}

// tellsOnly reports whether an act only tells what was done to keep a child safe,
// by the number on a paper: nothing of the case is read by it. Whoever is there at
// night may be a patrol.
func (a *Act) tellsOnly() bool { return a.Action == "case.happened" && a.Purpose == PurposeEmergency }

// bars reports whether a barrier stands before somebody of a role and a sector.
func (b *barrier) bars(role, sector, action string) bool {
	return (slices.Contains(b.roles, role) || slices.Contains(b.sectors, sector)) && b.actions(action)
}

// barred returns the code of the barrier before a caller's act, "" for none.
func barred(c *Caller, a *Act) string {
	for i := range barriers {
		if b := &barriers[i]; b.bars(c.role, c.sector, a.Action) && !(b.code == "floor-care-wall" && a.tellsOnly()) {
			return b.code
		}
	}
	return ""
}

// withinFloor refuses a policy that would permit what the floor forbids, by name.
// Such a permission would never have an effect; whoever wrote it believes it has.
//
// A policy must show by its own words that it stays within the floor: one whose
// condition leaves open who is meant is taken to mean everybody.
func withinFloor(id string, p *cedar.Policy) error {
	tree := (*ast.Policy)(p.AST())
	scope, err := scopeOf(p)
	if err != nil {
		return fmt.Errorf("policy %q: %w", id, err)
	}
	for action := range actions {
		if !scope.has(action) {
			continue
		}
		if rule := lifted(tree, action); rule != "" {
			return fmt.Errorf("policy %q would permit %s, which the floor forbids: %s", id, action, rule)
		}
	}
	return nil
}

// lifted returns the rule of the floor that a policy would lift for an action.
func lifted(p *ast.Policy, action string) string {
	if !may(p, action, supposed{}) {
		return ""
	}
	for i := range barriers {
		b := &barriers[i]
		if !b.actions(action) {
			continue
		}
		for _, role := range b.roles {
			if may(p, action, who("role", cedar.String(role), action)) {
				return b.code + " (" + role + ")"
			}
		}
		for _, sector := range b.sectors {
			if may(p, action, who("sector", cedar.String(sector), action)) && !may(p, action, who("sector", "no-such-sector", action)) {
				return b.code + " (" + sector + ")"
			}
		}
	}
	switch {
	case may(p, action, supposed{"active": cedar.False}):
		return "floor-no-caller"
	case may(p, action, supposed{"withheld": cedar.True}):
		return "floor-withheld"
	}
	for _, relation := range []cedar.String{relationNone, RelationCircle, RelationReceiver} {
		if actions[action].grants && may(p, action, supposed{"relation": relation}) {
			return selfGrant
		}
	}
	return ""
}

// supposed are attributes of which something is known; all others are open.
type supposed map[cedar.String]cedar.Value

// who supposes a role or a sector. What only tells of an emergency is not barred.
func who(attribute, value cedar.String, action string) supposed {
	s := supposed{attribute: value}
	if action == "case.happened" {
		s["emergency"] = cedar.False
	}
	return s
}

// record returns the named attributes, open where nothing is known of them.
func (s supposed) record(names ...cedar.String) cedar.Record {
	all := cedar.RecordMap{}
	for _, name := range names {
		all[name] = eval.Variable(name)
		if v, known := s[name]; known {
			all[name] = v
		}
	}
	return cedar.NewRecord(all)
}

// The things that a question is about.
var (
	nodeHere  = cedar.NewEntityUID("Node", "here")
	caseAsked = cedar.NewEntityUID("Case", "asked")
)

// may reports whether a policy may permit an action, on a case or without one, where
// something is known and everything else is open.
func may(p *ast.Policy, action string, s supposed) bool {
	if _, ok := remains(p, action, caseAsked, s); ok {
		return true
	}
	if s["withheld"] != nil || s["relation"] != nil {
		return false // only cases have these
	}
	_, ok := remains(p, action, nodeHere, s)
	return ok
}

// remains returns how many conditions of a policy are left open, and false where it
// cannot permit, whatever they turn out to be.
func remains(p *ast.Policy, action string, thing cedar.EntityUID, s supposed) (int, bool) {
	asking := cedar.Entity{
		UID:        cedar.NewEntityUID("Staff", "asking"),
		Attributes: s.record("role", "unit", "sector", "strength", "fresh", "active"),
	}
	about := cedar.Entity{UID: thing}
	if thing == caseAsked {
		about.Attributes = s.record("relation", "withheld", "permits")
	}
	left, keep := eval.PartialPolicy(eval.Env{
		Principal: asking.UID, Action: cedar.NewEntityUID("Action", cedar.String(action)), Resource: thing,
		Context:  s.record("purpose", "fresh", "via", "emergency"),
		Entities: &entities{asking, about},
	}, p)
	if !keep || slices.ContainsFunc(left.Conditions, func(c ast.ConditionType) bool { return bool(c.Condition) && never(c.Body) }) {
		return 0, false
	}
	return len(left.Conditions), true
}

// never reports whether what is left of a condition cannot hold, whatever the open
// attributes turn out to be.
func never(n ast.IsNode) bool {
	switch v := n.(type) {
	case ast.NodeValue:
		return v.Value == cedar.False
	case ast.NodeTypeAnd:
		return never(v.Left) || never(v.Right)
	case ast.NodeTypeOr:
		return never(v.Left) && never(v.Right)
	}
	_, errs := eval.ToPartialError(n)
	return errs // what cannot be evaluated is denied
}
