package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"causeway/internal/node"
)

// policyFile is where a node reads whose cosignatures its journal wants.
const policyFile = "journal.policy"

// witnessed lets the nodes that were just made cosign each other's journals: each wants
// the cosignature of one of the two others. A node reads its policy when it is opened, so
// they are opened again.
func witnessed(ctx context.Context, sites []Site, all []*teller) error {
	lines := make([]string, len(all))
	for i, t := range all {
		key, err := t.n.WitnessKey()
		if err != nil {
			return err
		}
		id := t.n.Exchange.Node()
		lines[i] = fmt.Sprintf("witness %s %s cx:%s\n", id.Country(), key.Verifier.String(), id)
	}
	for i, t := range all {
		policy, names := "", ""
		for j, line := range lines {
			if j != i {
				policy += line
				names += " " + all[j].n.Exchange.Node().Country()
			}
		}
		policy += "group abroad any" + names + "\nquorum abroad\n"
		dir, name := t.n.Dir, t.n.Config.Name
		if err := os.WriteFile(filepath.Join(dir, policyFile), []byte(policy), 0o600); err != nil {
			return err
		}
		if err := t.n.Close(); err != nil {
			return err
		}
		n, err := node.Open(ctx, dir, node.Options{})
		if err != nil {
			sites[i].Node = nil // it is closed
			return fmt.Errorf("open %s with its witnesses: %w", name, err)
		}
		sites[i].Node = n
	}
	return nil
}
