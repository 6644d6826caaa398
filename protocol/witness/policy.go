package witness

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Policy says which logs count and which cosignatures are enough (C2SP tlog-policy).
type Policy struct {
	logs    []LogLine
	members []Member
	groups  []group
	quorum  string
}

// LogLine is a log that a policy names.
type LogLine struct {
	Key string // verifier key, type 1
	URL string // "" for none
}

// Member is a witness that a policy names.
type Member struct {
	Name string    // in the policy only
	Key  *Verifier // by which its lines are found
	URL  string    // where to ask it (submission prefix), "" for a policy that only checks
}

// group witnesses when at least k of its members do.
type group struct {
	name    string
	k       int
	members []string
}

// none is the quorum that asks nobody.
const none = "none"

// What a policy may hold, each counted by itself.
const (
	policyMost = 64 << 10 // bytes
	linesMost  = 64       // logs, witnesses, groups
)

// ParsePolicy reads a policy. An error names the line and never what stands in it.
func ParsePolicy(text string) (*Policy, error) {
	if len(text) > policyMost {
		return nil, errors.New("policy is too large")
	}
	p := &policyReader{seen: map[string]bool{none: true}, keys: map[string]bool{}, used: map[string]bool{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if err := p.line(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("policy line %d: %w", n, err)
		}
	}
	if p.quorum == "" {
		return nil, errors.New("policy without a quorum")
	}
	return &p.Policy, nil
}

// policyReader is a policy while it is read.
type policyReader struct {
	Policy
	seen map[string]bool // names given
	keys map[string]bool // keys given: the same key under two names would count twice
	used map[string]bool // names that are a member already
}

func (p *policyReader) line(line string) error {
	for _, c := range []byte(line) {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return errors.New("control character")
		}
	}
	words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(words) == 0 || words[0][0] == '#' {
		return nil
	}
	switch kind, rest := words[0], words[1:]; {
	case kind == "log" && (len(rest) == 1 || len(rest) == 2):
		return p.log(rest)
	case kind == "witness" && (len(rest) == 2 || len(rest) == 3):
		return p.witness(rest)
	case kind == "group" && len(rest) >= 3:
		return p.group(rest)
	case kind == "quorum" && len(rest) == 1:
		if p.quorum != "" || !p.seen[rest[0]] {
			return errors.New("a second quorum, or one that is not defined")
		}
		p.quorum = rest[0]
		return nil
	}
	return errors.New("not a line of a policy")
}

// key notes a key and says whether it is there already.
func (p *policyReader) key(key []byte) error {
	if p.keys[string(key)] {
		return errors.New("the key stands in another line")
	}
	p.keys[string(key)] = true
	return nil
}

func (p *policyReader) log(words []string) error {
	_, alg, key, err := parseKey(words[0])
	if err != nil || alg != algLog || len(p.logs) == linesMost {
		return errors.New("not an Ed25519 key of a log (type 1), or one too many")
	}
	l := LogLine{Key: words[0]}
	if len(words) == 2 {
		l.URL = words[1]
	}
	p.logs = append(p.logs, l)
	return errors.Join(p.key(key), checkURL(l.URL))
}

func (p *policyReader) witness(words []string) error {
	v, err := ParseVerifier(words[1])
	if err != nil || len(p.members) == linesMost {
		return errors.New("not an Ed25519 key of a witness (type 4), or one too many")
	}
	m := Member{Name: words[0], Key: v}
	if len(words) == 3 {
		m.URL = words[2]
	}
	p.members = append(p.members, m)
	return errors.Join(p.name(m.Name), p.key(v.key), checkURL(m.URL))
}

// name takes a name for a witness or a group.
func (p *policyReader) name(name string) error {
	if p.seen[name] || len(name) > nameMost {
		return errors.New("the name is taken or too long")
	}
	p.seen[name] = true
	return nil
}

// checkURL accepts no address and whatever has a scheme and no password in it.
func checkURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.User != nil {
		return errors.New("not an address")
	}
	return nil
}

func (p *policyReader) group(words []string) error {
	g := group{name: words[0], members: words[2:]}
	switch words[1] {
	case "all":
		g.k = len(g.members)
	case "any":
		g.k = 1
	default:
		k, err := strconv.Atoi(words[1])
		if err != nil || strconv.Itoa(k) != words[1] {
			return errors.New("not a threshold")
		}
		g.k = k
	}
	if g.k < 1 || g.k > len(g.members) || len(p.groups) == linesMost {
		return errors.New("the threshold does not fit the members, or a group too many")
	}
	for _, m := range g.members {
		if m == none || !p.seen[m] || p.used[m] {
			return errors.New("a member is not defined, or is one already")
		}
		p.used[m] = true
	}
	p.groups = append(p.groups, g)
	return p.name(g.name)
}

// String writes the policy in one spelling: logs, witnesses, groups, quorum; no comments,
// thresholds as numbers.
func (p *Policy) String() string {
	var b strings.Builder
	line := func(words ...string) { b.WriteString(strings.TrimSuffix(strings.Join(words, " "), " ") + "\n") }
	for _, l := range p.logs {
		line("log", l.Key, l.URL)
	}
	for _, m := range p.members {
		line("witness", m.Name, m.Key.String(), m.URL)
	}
	for _, g := range p.groups {
		line(append([]string{"group", g.name, strconv.Itoa(g.k)}, g.members...)...)
	}
	line("quorum", p.quorum)
	return b.String()
}

// Asks reports whether the policy asks for any cosignature: a log whose policy does not
// is legal, and shown as not witnessed.
func (p *Policy) Asks() bool { return p != nil && p.quorum != none }

// Witnesses returns the witnesses that the policy names.
func (p *Policy) Witnesses() []Member { return slices.Clone(p.members) }

// Logs returns the logs that the policy names.
func (p *Policy) Logs() []LogLine { return slices.Clone(p.logs) }

// Enough reports whether the cosignatures of the witnesses with these names in the policy
// make the quorum.
func (p *Policy) Enough(by map[string]bool) bool {
	if !p.Asks() {
		return true
	}
	holds := map[string]bool{}
	for _, m := range p.members {
		holds[m.Name] = by[m.Name]
	}
	for _, g := range p.groups { // each names only what stands before it
		n := 0
		for _, m := range g.members {
			if holds[m] {
				n++
			}
		}
		holds[g.name] = n >= g.k
	}
	return holds[p.quorum]
}

// Cosigned is a witness that cosigned, and when it says it did.
type Cosigned struct {
	Name string
	At   time.Time
}

// Check returns which witnesses of the policy cosigned a signed checkpoint, in the order
// of the policy, and whether they are enough. It does not look at the log's own signature.
func (p *Policy) Check(signed string) (by []Cosigned, enough bool) {
	names := map[string]bool{}
	for _, m := range p.members {
		if _, at, ok := m.Key.Cosigned(signed); ok {
			by = append(by, Cosigned{m.Name, at})
			names[m.Name] = true
		}
	}
	return by, p.Enough(names)
}
