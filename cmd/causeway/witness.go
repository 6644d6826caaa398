package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"causeway/internal/journal"
	"causeway/internal/node"
	"causeway/protocol/witness"
)

type auditWitnessCmd struct {
	where
	Ask bool `help:"Ask the witnesses now, before the state is printed."`
}

// Run prints who vouches for the node's journal, and the journals for which it does.
func (c *auditWitnessCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		if c.Ask {
			if _, err := n.Journal.Sequence(p.ctx); err != nil {
				return err
			}
			if _, err := n.Journal.Checkpoint(p.ctx); err != nil {
				return err
			}
			if err := n.Journal.Cosign(p.ctx); err != nil {
				return err
			}
		}
		if err := printSettlement(p, n); err != nil {
			return err
		}
		return printWitnessed(p, n)
	})
}

func printSettlement(p *program, n *node.Node) error {
	s, err := n.Journal.Settlement(p.ctx)
	if err != nil {
		return err
	}
	line := func(label, format string, args ...any) { p.print("%-12s %s", label, fmt.Sprintf(format, args...)) }
	if !s.Asks {
		line("witnesses", "not witnessed: no policy asks for a cosignature")
	} else {
		line("settled", "%d entries of %d that are signed%s", s.Size, s.Signed, namesOf(s.By))
	}
	for _, w := range s.Witnesses {
		state := "cosigned " + w.Answered.Format(time.RFC3339)
		if w.Answered.IsZero() {
			state = "never cosigned"
		}
		if w.Problem != "" {
			state += ", " + w.Problem
		}
		line("witness", "%s: %d entries, %s", w.Name, w.Size, state)
	}
	return nil
}

func namesOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", by " + strings.Join(names, ", ")
}

func printWitnessed(p *program, n *node.Node) error {
	logs, err := journal.WitnessedLogs(p.ctx, n.DB)
	if err != nil {
		return err
	}
	for _, l := range logs {
		state := ""
		if l.Relearning {
			state = ", waits to be shown what was cosigned"
		}
		p.print("%-12s %s: %d entries in epoch %d%s", "cosigned", l.Node, l.Size, l.Epoch, state)
		for _, r := range l.Restores {
			p.print("%-12s %s: epoch %d, heard %s, %d entries lost: %s", "restored", l.Node, r.Epoch, r.At.Format(time.RFC3339), r.Lost, r.Cause)
		}
	}
	refused, err := journal.Refusals(p.ctx, n.DB)
	if err != nil {
		return err
	}
	for _, r := range refused {
		p.print("%-12s %s: %s at %s, %d entries were known", "refused", r.Node, r.Kind, r.At.Format(time.RFC3339), r.Size)
	}
	return nil
}

type auditCheckpointCmd struct{ where }

// Run prints a checkpoint that somebody else can keep as an anchor.
func (c *auditCheckpointCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		signed, err := n.Journal.CosignedCheckpoint(p.ctx)
		if err != nil {
			return err
		}
		p.print("%s", strings.TrimSuffix(signed, "\n"))
		return nil
	})
}

type keyWitnessCmd struct{ where }

// Run prints the key by which this node cosigns, as it stands in the policy of others.
func (c *keyWitnessCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		s, err := n.WitnessKey()
		if err != nil {
			return err
		}
		p.print("%s", s.Verifier)
		return nil
	})
}

// policyOf reads a policy file, nil for none.
func policyOf(path string) (*witness.Policy, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, err := witness.ParsePolicy(string(text))
	if err != nil {
		return nil, errors.Join(errors.New("read policy"), err)
	}
	return p, nil
}
