package pack

import (
	_ "embed"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

//go:embed policies.cedarschema
var policySchema []byte

// PolicySchema returns, in Cedar's schema language, everything a policy may ask
// about. Package access must fill all of it for every question.
func PolicySchema() []byte { return slices.Clone(policySchema) }

// Rule is what a policy says about itself, for the pages that explain why
// something is possible.
type Rule struct {
	ID    string            // goes into the journal
	Says  string            // one plain sentence
	In    map[string]string // the sentence in the pack's other languages, @says_fr and the like
	Law   string            // the law it rests on, or
	Basis string            // the reason where no law is claimed
	File  string            // where it stands
	Line  int
}

// Policies returns the Cedar text of the pack, its files one after the other. It
// has been parsed and checked: every policy permits (what is not permitted is
// denied, and what must stay forbidden is compiled in), names its actions, has a
// condition, and asks only about what [PolicySchema] offers.
func (p *Pack) Policies() []byte {
	var all []byte
	for _, file := range slices.Sorted(maps.Keys(p.policies)) {
		all = append(all, p.policies[file].text...)
	}
	return all
}

// Rules returns what the policies say about themselves, file by file.
func (p *Pack) Rules() []Rule {
	var all []Rule
	for _, file := range slices.Sorted(maps.Keys(p.policies)) {
		all = append(all, p.policies[file].rules...)
	}
	return all
}

// policyFile is one file of policies.
type policyFile struct {
	text  []byte
	rules []Rule
}

// policies reads the policies of a folder, policies/<subject>.cedar. A file
// replaces the one of the same name below as a whole: what belongs together is
// read in one place.
func (l *loader) readPolicies(base bool) {
	names, err := fs.Glob(l.folder, "policies/*.cedar")
	if err != nil || base && len(names) == 0 {
		l.fault("policies", 0, 0, "has no file that can be read: nothing would be permitted")
	}
	if l.exists("policies.cedar", false) {
		l.fault("policies.cedar", 0, 0, "must stand in the folder policies: there it replaces the file of its name")
	}
	for _, file := range names { // Glob sorts: the digest does not depend on the disk
		l.policyFile(file)
	}
}

func (l *loader) policyFile(file string) {
	text, ok := l.read(file)
	if !ok {
		return
	}
	parsed, err := cedar.NewPolicyListFromBytes(file, text)
	if err != nil {
		line, column := cedarPosition(err)
		l.fault(file, line, column, "is not Cedar that can be read")
		return
	}
	if len(parsed) == 0 {
		l.fault(file, 1, 1, "has no policy: nothing would be permitted")
		return
	}
	check, err := policyChecker()
	if err != nil {
		l.fault(file, 0, 0, err.Error())
		return
	}
	read := policyFile{text: append(text, '\n')}
	for _, policy := range parsed {
		at := policy.Position()
		for _, problem := range policyProblems(policy, check) {
			l.fault(file, at.Line, at.Column, problem)
		}
		rule := ruleOf(policy)
		rule.File = file
		read.rules = append(read.rules, rule)
	}
	if l.pack.policies == nil {
		l.pack.policies = map[string]policyFile{}
	}
	l.pack.policies[file] = read
}

// checkPolicies refuses two policies of one name, which may stand in two files.
func (l *loader) checkPolicies() {
	seen := map[string]bool{}
	for _, rule := range l.pack.Rules() {
		if seen[rule.ID] {
			l.fault(rule.File, rule.Line, 1, "this @id stands there twice")
		}
		seen[rule.ID] = true
	}
}

// CheckPolicies returns what is wrong with a whole set of policies, one line each; none
// when it could be a pack's.
func CheckPolicies(text []byte) []string {
	parsed, err := cedar.NewPolicyListFromBytes("rules", text)
	if err != nil {
		line, column := cedarPosition(err)
		return []string{fmt.Sprintf("line %d, column %d: is not Cedar that can be read", line, column)}
	}
	if len(parsed) == 0 {
		return []string{"has no policy: nothing would be permitted"}
	}
	check, err := policyChecker()
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	seen := map[string]bool{}
	for _, policy := range parsed {
		at, rule := policy.Position(), ruleOf(policy)
		found := policyProblems(policy, check)
		if seen[rule.ID] {
			found = append(found, "this @id stands there twice")
		}
		seen[rule.ID] = true
		for _, problem := range found {
			problems = append(problems, fmt.Sprintf("line %d, %q: %s", at.Line, rule.ID, problem))
		}
	}
	return problems
}

func ruleOf(policy *cedar.Policy) Rule {
	a := policy.Annotations()
	r := Rule{
		ID: string(a["id"]), Says: string(a["says"]), In: map[string]string{},
		Law: string(a["law"]), Basis: string(a["basis"]), Line: policy.Position().Line,
	}
	for name, text := range a {
		if lang, ok := strings.CutPrefix(string(name), "says_"); ok {
			r.In[lang] = string(text)
		}
	}
	return r
}

// policyChecker makes the schema's checker.
func policyChecker() (*validate.Validator, error) {
	var s schema.Schema
	if err := s.UnmarshalCedar(policySchema); err != nil {
		return nil, fmt.Errorf("read the policy schema: %w", err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		return nil, fmt.Errorf("read the policy schema: %w", err)
	}
	return validate.New(resolved), nil
}

// policyProblems says what is wrong with one policy.
func policyProblems(policy *cedar.Policy, check *validate.Validator) (problems []string) {
	rule, tree := ruleOf(policy), (*ast.Policy)(policy.AST())
	if !validCode(rule.ID) {
		problems = append(problems, "needs an @id of letters, digits, - or _")
	}
	if rule.Says == "" || badText(rule.Says) != "" {
		problems = append(problems, "needs @says, one plain sentence")
	}
	for _, text := range rule.In {
		if text == "" || badText(text) != "" {
			problems = append(problems, "says in another language what is no plain sentence")
		}
	}
	if (rule.Law == "") == (rule.Basis == "") {
		problems = append(problems, "needs either @law or @basis")
	}
	if policy.Effect() != cedar.Permit {
		problems = append(problems, "may only permit: what is not permitted is denied")
	}
	if _, all := tree.Action.(ast.ScopeTypeAll); all {
		problems = append(problems, "must name its actions")
	}
	if len(tree.Conditions) == 0 {
		problems = append(problems, "must have a condition")
	}
	if err := check.Policy(rule.ID, tree); err != nil {
		problems = append(problems, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return problems
}

var linePattern = regexp.MustCompile(`:(\d+):(\d+)`)

// cedarPosition digs line and column out of a parser error, which has them only
// in its text.
func cedarPosition(err error) (line, column int) {
	m := linePattern.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, 0
	}
	line, _ = strconv.Atoi(m[1]) // digits by the pattern
	column, _ = strconv.Atoi(m[2])
	return line, column
}
