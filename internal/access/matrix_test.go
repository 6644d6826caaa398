package access_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// The matrix holds every answer of the gate against a table that was written from
// the rules in words and knows nothing of Cedar: testdata/matrix, one paragraph for
// each rule, its sentence first. Below the sentence stand the words of the rule:
//
//	may     what it permits; what no paragraph permits is refused
//	never   what it forbids, whatever the others permit; "but": except this
//	fresh   what needs a fresh check
//	who     roles; of: sectors; on: relations, "-" for no case; for: purposes, "-" for
//	        none; where one of them is not said, or is *, it is any
//	if      nobody (is signed in), withheld, oneself, handover (waits for a taker)
//
// "x.*" is every action of a room, "in an emergency" is for that purpose only.

// All there is to ask about.
var (
	matrixRoles     = append(access.Roles(), "captain")
	matrixRelations = []string{"-", "none", "circle", "receiver", "unit", "helper", "deputy", "lead"}
	matrixSectors   = []string{"child_protection", "police"}
)

// question is one cell of the matrix.
type question struct {
	action, role, sector, purpose, relation string
	nobody, withheld, oneself, handover     bool
	fresh                                   bool
}

// rule is one paragraph.
type rule struct {
	says                       string
	may, never, but, fresh     []string
	who, sectors, on, purposes []string
	ifs                        []string
	butEmergency               bool
}

func has(list []string, v string) bool {
	return len(list) == 0 || slices.Contains(list, "*") || slices.Contains(list, v)
}

// names reports whether a list of actions has one.
func names(list []string, action string) bool {
	room, _, _ := strings.Cut(action, ".")
	return slices.Contains(list, action) || slices.Contains(list, room+".*") || slices.Contains(list, "*")
}

// of reports whether a rule speaks of an action, and not only of all.
func (r *rule) of(action string) bool {
	return names(r.may, action) || !slices.Contains(r.never, "*") && names(r.never, action)
}

// applies reports whether a rule is about a question, whatever its action.
func (r *rule) applies(q *question) bool {
	purpose := q.purpose
	if purpose == "" {
		purpose = "-"
	}
	on := has(r.on, q.relation)
	if q.relation == "-" && len(r.on) > 0 {
		on = slices.Contains(r.on, "-")
	}
	if !on || !has(r.who, q.role) || !has(r.sectors, q.sector) || !has(r.purposes, purpose) {
		return false
	}
	for _, cond := range r.ifs {
		if !q.is(cond) {
			return false
		}
	}
	return true
}

// is reports whether a condition of a rule holds.
func (q *question) is(cond string) bool {
	switch cond {
	case "nobody":
		return q.nobody
	case "withheld":
		return q.withheld
	case "oneself":
		return q.oneself
	case "handover":
		return q.handover
	}
	return false
}

// about returns the rules that name an action at all: no other changes its answer.
func about(rules []rule, action string) (out []rule) {
	for _, r := range rules {
		if names(r.may, action) || names(r.never, action) || names(r.fresh, action) {
			out = append(out, r)
		}
	}
	return out
}

// expected answers a question from the table.
func expected(rules []rule, q *question) string {
	answer := "no"
	for i := range rules {
		r := &rules[i]
		if !r.applies(q) {
			continue
		}
		if names(r.never, q.action) {
			excepted := names(r.but, q.action) && (!r.butEmergency || q.purpose == "emergency")
			if !excepted {
				return "no"
			}
		}
		if names(r.may, q.action) {
			answer = "yes"
		}
	}
	for i := range rules {
		if answer == "yes" && !q.fresh && names(rules[i].fresh, q.action) {
			return "after a fresh check"
		}
	}
	return answer
}

func readMatrix(t *testing.T) []rule {
	t.Helper()
	files, err := filepath.Glob("testdata/matrix/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no table", err)
	}
	var all []rule
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for paragraph := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
			r, err := readRule(paragraph)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all = append(all, r)
		}
	}
	return all
}

func readRule(paragraph string) (rule, error) {
	lines := strings.Split(paragraph, "\n")
	r := rule{says: lines[0]}
	if !strings.HasSuffix(r.says, ".") || strings.HasPrefix(r.says, " ") {
		return r, fmt.Errorf("%q is not a sentence", r.says)
	}
	into := map[string]*[]string{
		"may": &r.may, "never": &r.never, "but": &r.but, "fresh": &r.fresh,
		"who": &r.who, "of": &r.sectors, "on": &r.on, "for": &r.purposes, "if": &r.ifs,
	}
	for _, line := range lines[1:] {
		line, r.butEmergency = strings.CutSuffix(line, " in an emergency")
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		list := into[word]
		if list == nil {
			return r, fmt.Errorf("%q: unknown word %q", r.says, word)
		}
		*list = append(*list, strings.Fields(rest)...)
	}
	return r, nil
}

// TestMatrix asks every role, action, purpose, relation and basis.
func TestMatrix(t *testing.T) {
	rules := readMatrix(t)
	p, err := pack.Demo()
	if err != nil {
		t.Fatal(err)
	}
	policies, err := access.ParsePolicies(p.Version(), p.Policies(), p.Codes(pack.Purposes))
	if err != nil {
		t.Fatal(err)
	}
	all := access.AllActions()
	for _, action := range all {
		spoken := func(r rule) bool { return r.of(action) }
		if !slices.ContainsFunc(rules, spoken) {
			t.Errorf("no sentence of the table speaks of %s", action)
		}
	}
	purposes := append([]string{"", "curiosity"}, p.Codes(pack.Purposes)...)
	for _, role := range matrixRoles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			m := matrix{t: t, policies: policies}
			for _, action := range all {
				m.rules = about(rules, action) // once, not for each of thousands of questions
				for _, sector := range matrixSectors {
					for _, purpose := range purposes {
						for _, relation := range matrixRelations {
							m.cell(question{role: role, sector: sector, action: action, purpose: purpose, relation: relation})
						}
					}
				}
			}
			if m.asked < 100_000 {
				t.Errorf("questions asked = %d, want all of them", m.asked)
			}
		})
	}
}

// matrix asks all questions of one role.
type matrix struct {
	t        *testing.T
	rules    []rule // about the action that is asked
	policies *access.Policies
	asked    int
	wrong    int
}

// now is when everything is asked; me and other are whose account it is about.
var (
	now       = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	me, other = ident.New[ident.Staff](), ident.New[ident.Staff]()
)

// cell asks about everything that a question leaves open: whether somebody is signed
// in, freshly, whether the case is withheld, waits for a taker, and whose account or
// request it is.
func (m *matrix) cell(q question) {
	ofCase, both, one := q.relation != "-", []bool{false, true}, []bool{false}
	only := func(when bool) []bool {
		if when {
			return both
		}
		return one
	}
	for _, q.nobody = range both {
		for _, q.fresh = range both {
			for _, q.withheld = range only(ofCase) {
				for _, q.handover = range only(ofCase) {
					for _, q.oneself = range only(access.ConcernsAnother(q.action)) {
						m.ask(&q)
					}
				}
			}
		}
	}
}

func (m *matrix) ask(q *question) {
	m.asked++
	s := access.Signed{Staff: me, Role: q.role, Sector: q.sector, Unit: theUnit, Strength: "passkey", FreshAt: now, FreshFor: time.Minute, StrongAt: now}
	if q.nobody {
		s.Staff = ident.Staff{}
	}
	if !q.fresh {
		s.FreshAt, s.StrongAt = now.Add(-time.Hour), now.Add(-time.Hour)
	}
	a := access.Act{Action: q.action, Purpose: q.purpose, Staff: other}
	if q.oneself {
		a.Staff = me
	}
	standing := access.Standing{Relation: "none"}
	if q.relation != "-" {
		a.Case, standing.Relation, standing.Withheld = theCase, q.relation, q.withheld
	}
	if q.handover {
		standing.Permits = []string{"handover"}
	}
	basis, reason := m.policies.Decide(new(access.Gate).Person(s, "web", "inside"), a, standing, now)
	got := "no"
	switch {
	case reason == "" && basis != "":
		got = "yes"
	case reason == "floor-fresh-check", reason == "floor-strong-check":
		got = "after a fresh check"
	}
	if want := expected(m.rules, q); got != want {
		if m.wrong++; m.wrong > 20 {
			return
		}
		m.t.Errorf("%+v: the gate says %s (%s%s), the table %s", *q, got, basis, reason, want)
	}
}

var (
	theUnit = ident.New[ident.Unit]()
	theCase = ident.New[ident.Case]()
)
