package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

const tablePolicy = "access_policy"

// row returns the identifier under which the journal names a set.
func (s *RuleSet) row() []byte { return binary.BigEndian.AppendUint64(nil, uint64(s.Version)) }

// vouch returns the digest over all of a row.
func (b *Rulebook) vouch(s *RuleSet) []byte {
	h := hmac.New(sha256.New, b.conf.Key[:])
	part := func(v []byte) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(v)))) // so that no two rows read alike
		h.Write(v)
	}
	part([]byte(tablePolicy))
	for _, n := range []int64{s.Version, s.Edition, s.Proposed, s.Decided} {
		part(binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
	for _, v := range [][]byte{[]byte(s.State), []byte(s.base), s.Proposer[:], s.Decider[:], s.Text} {
		part(v)
	}
	return h.Sum(nil)
}

// sets returns every set that was made here, newest first.
func (b *Rulebook) sets(ctx context.Context, tx *store.Tx) ([]RuleSet, error) {
	rows, err := tx.Query(ctx, sqlSelectPolicies)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	defer rows.Close()
	var out []RuleSet
	for rows.Next() {
		var s RuleSet
		var decider []byte
		err := rows.Scan(&s.Version, &s.Edition, &s.Proposed, &s.Decided, &s.State, &s.base, &s.Proposer, &decider, &s.Text, &s.mac)
		if err != nil {
			return nil, fmt.Errorf("read rules: %w", err)
		}
		copy(s.Decider[:], decider)
		if !hmac.Equal(s.mac, b.vouch(&s)) {
			return nil, errAltered()
		}
		s.Stale = s.base != b.pack
		out = append(out, s)
	}
	return out, rows.Err()
}

// read returns one set; the pack's own is number 0.
func (b *Rulebook) read(ctx context.Context, tx *store.Tx, version int64) (*RuleSet, error) {
	if version == 0 {
		return &RuleSet{State: RulesActive, Text: b.conf.Pack, base: b.pack}, nil
	}
	sets, err := b.sets(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i := range sets {
		if sets[i].Version == version {
			return &sets[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "no-such-page")
}

// proposed returns the proposal that somebody saw.
func (b *Rulebook) proposed(ctx context.Context, tx *store.Tx, version, seen int64) (*RuleSet, error) {
	set, err := b.read(ctx, tx, version)
	if err != nil {
		return nil, err
	}
	if set.State != RulesProposed || set.Edition != seen {
		return nil, fault.New(fault.Conflict, "changed-meanwhile")
	}
	return set, nil
}

// write adds a set.
func (b *Rulebook) write(ctx context.Context, p *Pass, s *RuleSet) error {
	s.Edition = 1
	s.mac = b.vouch(s)
	_, err := p.Tx().Exec(ctx, sqlInsertPolicy, s.Version, s.Edition, s.Proposed, s.Decided, s.State, s.base, s.Proposer, s.Text, s.mac)
	if err != nil {
		return fmt.Errorf("write rules: %w", err)
	}
	p.Wrote(tablePolicy, s.row(), s.Edition, s.mac)
	return nil
}

// decide ends the waiting of a proposal.
func (b *Rulebook) decide(ctx context.Context, p *Pass, s *RuleSet, state string) error {
	s.Decider, s.Decided = p.Caller().Staff(), p.Now().UnixMicro()
	return b.update(ctx, p, s, state)
}

func (b *Rulebook) update(ctx context.Context, p *Pass, s *RuleSet, state string) error {
	seen := s.Edition
	s.State, s.Edition = state, seen+1
	s.mac = b.vouch(s)
	var decider any = s.Decider
	if s.Decider == (ident.Staff{}) {
		decider = nil
	}
	n, err := p.Tx().Exec(ctx, sqlUpdatePolicy, s.Version, s.Edition, s.Decided, s.State, decider, s.mac, seen)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return fmt.Errorf("change rules: %w", err)
	}
	p.Wrote(tablePolicy, s.row(), s.Edition, s.mac)
	return nil
}
