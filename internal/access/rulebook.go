package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Rulebook keeps the rules in force on this node: those of the pack, which are
// number 0, or a set that was made here, proposed by one person and put in force by
// another. It is safe for concurrent use.
type Rulebook struct {
	gate *Gate
	conf RulebookConfig
	pack string // digest of the pack's own rules
}

// RulebookConfig is what a rulebook stands on.
type RulebookConfig struct {
	Key      [32]byte // vouches for the rows
	Pack     []byte   // the pack's own rules, number 0
	Version  string   // of the pack
	Purposes []string
	// Check returns what is wrong with rules besides the floor: one line each.
	Check func(text []byte) []string
}

// The states of a set of rules.
const (
	RulesProposed = "proposed"
	RulesActive   = "active"
	RulesFormer   = "former"
	RulesDropped  = "dropped"
)

// RuleSet is one numbered set of rules.
type RuleSet struct {
	Version  int64 // 0: the pack's own
	Edition  int64
	State    string
	Proposed int64 // microseconds
	Decided  int64
	Proposer ident.Staff
	Decider  ident.Staff
	Text     []byte
	Stale    bool // the pack's own rules have changed since it was proposed

	base string
	mac  []byte
}

// OpenRulebook reads the rules in force and hands them to the gate. A set that was
// altered behind the program's back, or that this program cannot keep within the
// floor, is refused: the node does not start with other rules than were decided.
func OpenRulebook(ctx context.Context, g *Gate, conf RulebookConfig) (*Rulebook, error) {
	if g == nil || conf.Check == nil || conf.Key == [32]byte{} || len(conf.Pack) == 0 {
		return nil, errors.New("access: the rulebook lacks a part")
	}
	b := &Rulebook{gate: g, conf: conf, pack: digestOf(conf.Pack)}
	return b, b.Refresh(ctx)
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Refresh puts in force here what was put in force anywhere. The housekeeping of
// every instance calls it several times a minute.
func (b *Rulebook) Refresh(ctx context.Context) error {
	var active int64
	err := b.gate.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, sqlActivePolicy).Scan(&active)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	if err != nil || active == b.gate.rules().number {
		return err
	}
	var set *RuleSet
	err = b.gate.db.Read(ctx, func(tx *store.Tx) (err error) {
		set, err = b.read(ctx, tx, active)
		return err
	})
	if err != nil {
		return fmt.Errorf("read rules %d: %w", active, err)
	}
	p, err := b.parse(set)
	if err != nil {
		return fmt.Errorf("rules %d: %w", active, err)
	}
	b.gate.policies.Store(p)
	return nil
}

// parse turns a set into policies.
func (b *Rulebook) parse(set *RuleSet) (*Policies, error) {
	version := b.conf.Version
	if set.Version > 0 {
		version = fmt.Sprintf("%s rules %d", version, set.Version)
	}
	p, err := ParsePolicies(version, set.Text, b.conf.Purposes)
	if err != nil {
		return nil, err
	}
	p.number = set.Version
	return p, nil
}

// Problems returns what keeps a text from being rules, one line each; none when it
// can be proposed.
func (b *Rulebook) Problems(text []byte) []string {
	problems := b.conf.Check(text)
	if len(problems) > 0 {
		return problems
	}
	if _, err := ParsePolicies("", text, b.conf.Purposes); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// RuleBook is what the page of the rules shows.
type RuleBook struct {
	Number int64    // of the set in force
	Text   []byte   // its text
	Rules  []Ground // what its rules say
	Sets   []RuleSet
	Pack   []byte // the text of the pack's own
}

// Show returns the rules in force and every set there was, newest first.
func (b *Rulebook) Show(ctx context.Context, c *Caller) (RuleBook, error) {
	p := b.gate.rules()
	out := RuleBook{Number: p.number, Rules: p.Rules(), Text: b.conf.Pack, Pack: b.conf.Pack}
	err := b.gate.View(ctx, c, Act{Action: "policy.view", Purpose: PurposeAccounts}, func(pass *Pass) (err error) {
		out.Sets, err = b.sets(ctx, pass.Tx())
		return err
	})
	for i := range out.Sets {
		if out.Sets[i].Version == out.Number {
			out.Text = out.Sets[i].Text
		}
	}
	return out, err
}

// Propose proposes rules. Only one proposal waits at a time.
func (b *Rulebook) Propose(ctx context.Context, c *Caller, cmd ident.Command, text []byte) error {
	if len(text) > rulesMost {
		return fault.InvalidField("rules_text", "too-long")
	}
	_, err := b.gate.Do(ctx, c, Act{Action: "policy.propose", Purpose: PurposeAccounts, Command: cmd}, func(p *Pass) (string, error) {
		if err := atTheHead(ctx, p); err != nil {
			return "", err
		}
		if len(b.Problems(text)) > 0 {
			return "", fault.InvalidField("rules_text", "rules-unsound")
		}
		sets, err := b.sets(ctx, p.Tx())
		if err != nil {
			return "", err
		}
		set := RuleSet{
			Version: 1, State: RulesProposed, Proposed: p.Now().UnixMicro(), Proposer: p.Caller().Staff(), Text: text, base: b.pack,
		}
		for i := range sets {
			if sets[i].State == RulesProposed {
				return "", fault.New(fault.Conflict, "proposal-waits")
			}
			set.Version = max(set.Version, sets[i].Version+1)
		}
		return "", b.write(ctx, p, &set)
	})
	return err
}

// rulesMost bounds the text of a set of rules.
const rulesMost = 512 << 10

// atTheHead refuses whoever changes rules and neither stands at the head ([Pass.AtHead])
// nor keeps the machine running.
func atTheHead(ctx context.Context, p *Pass) error {
	if p.caller.role == RoleNodeOperator {
		return nil
	}
	return p.AtHead(ctx)
}

// Drop takes a proposal back. seen is its edition on the page.
func (b *Rulebook) Drop(ctx context.Context, c *Caller, cmd ident.Command, version, seen int64) error {
	_, err := b.gate.Do(ctx, c, Act{Action: "policy.drop", Purpose: PurposeAccounts, Command: cmd}, func(p *Pass) (string, error) {
		if err := atTheHead(ctx, p); err != nil {
			return "", err
		}
		set, err := b.proposed(ctx, p.Tx(), version, seen)
		if err != nil {
			return "", err
		}
		return "", b.decide(ctx, p, set, RulesDropped)
	})
	return err
}

// Proposal is a proposed set with what it would change.
type Proposal struct {
	RuleSet
	InForce    int64 // the set it is compared with
	Difference Difference
}

// Compare returns what a proposal would change.
func (b *Rulebook) Compare(ctx context.Context, c *Caller, version int64) (Proposal, error) {
	var out Proposal
	err := b.gate.View(ctx, c, Act{Action: "policy.view", Purpose: PurposeAccounts}, func(p *Pass) error {
		set, err := b.read(ctx, p.Tx(), version)
		if err != nil {
			return err
		}
		out.RuleSet = *set
		return nil
	})
	if err != nil {
		return out, err
	}
	after, err := b.parse(&out.RuleSet)
	if err != nil {
		return out, fault.Wrap(fault.Conflict, "rules-unsound", err)
	}
	before := b.gate.rules()
	out.InForce, out.Difference = before.number, before.Compare(after)
	return out, nil
}

// Activate puts a proposal in force, on this instance at once and on the others within
// a minute. The floor refuses whoever proposed it. seen is the edition of the proposal
// on the page, inForce the set it was compared with there.
func (b *Rulebook) Activate(ctx context.Context, c *Caller, cmd ident.Command, version, seen, inForce int64) error {
	var proposer ident.Staff
	err := b.gate.db.Read(ctx, func(tx *store.Tx) error {
		set, err := b.read(ctx, tx, version)
		if err == nil {
			proposer = set.Proposer
		}
		return err
	})
	if err != nil {
		return err
	}
	a := Act{Action: "policy.activate", Purpose: PurposeAccounts, Staff: proposer, Command: cmd}
	_, err = b.gate.Do(ctx, c, a, func(p *Pass) (string, error) {
		if err := atTheHead(ctx, p); err != nil {
			return "", err
		}
		set, err := b.proposed(ctx, p.Tx(), version, seen)
		if err != nil {
			return "", err
		}
		if set.Proposer != proposer {
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		}
		parsed, err := b.parse(set)
		if err != nil {
			return "", fault.Wrap(fault.Conflict, "rules-unsound", err)
		}
		if err := b.replace(ctx, p, inForce); err != nil {
			return "", err
		}
		p.Tx().OnCommit(func() { b.gate.policies.Store(parsed) })
		return "", b.decide(ctx, p, set, RulesActive)
	})
	return err
}

// replace ends the set in force, which must be the one that was compared with.
func (b *Rulebook) replace(ctx context.Context, p *Pass, inForce int64) error {
	sets, err := b.sets(ctx, p.Tx())
	if err != nil {
		return err
	}
	active := int64(0)
	for i := range sets {
		if set := &sets[i]; set.State == RulesActive {
			active = set.Version
			if active == inForce {
				err = b.update(ctx, p, set, RulesFormer)
			}
		}
	}
	if err == nil && active != inForce {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	return err
}
