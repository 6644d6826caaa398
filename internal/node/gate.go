package node

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/pack"
)

// openGate makes the gate with the rules of the pack, and puts in force what was
// decided on this node.
func (n *Node) openGate(ctx context.Context) error {
	purposes := n.Pack.Purposes()
	policies, err := access.ParsePolicies(n.Pack.Version(), n.Pack.Policies(), purposes)
	if err != nil {
		return err
	}
	if n.Gate, err = access.NewGate(n.DB, n.Clock, n.Journal, n.Custody, policies, units{n.Office}); err != nil {
		return err
	}
	n.Rules, err = access.OpenRulebook(ctx, n.Gate, access.RulebookConfig{
		Key: n.Ring.Derive("access/policy"), Pack: n.Pack.Policies(), Version: n.Pack.Version(),
		Purposes: purposes, Check: pack.CheckPolicies,
	})
	if err != nil {
		return fmt.Errorf("open rules: %w", err)
	}
	return nil
}
