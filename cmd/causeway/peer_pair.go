package main

import (
	"os"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/protocol/identity"
)

type peerAgreeCmd struct {
	where
	officer
	Node      string   `arg:"" help:"The partner's id."`
	File      string   `arg:"" help:"The new file to write." type:"path"`
	Their     []string `help:"The partner's two officers, as they told by telephone: REFERENCE@TIME, twice. Without them yours are shown."`
	Emergency string   `help:"Whom the partner calls here at night."`
}

// Run writes the pair note, signed by this node, for the partner to sign too. Without the
// partner's officers it shows ours, to be read to them.
func (c *peerAgreeCmd) Run(p *program) error {
	theirs, err := c.theirs()
	if err != nil {
		return err
	}
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		if len(theirs) == 0 {
			peer, err := peerOf(p, n, c.Node)
			if err != nil {
				return err
			}
			p.note("Read these two to the partner, and ask for theirs (--their, twice):")
			for _, o := range n.Exchange.OurOfficers(peer) {
				p.print("%s", exchange.OfficerText(o))
			}
			return nil
		}
		signed, err := n.Exchange.ProposePair(p.ctx, who, ident.New[ident.Command](), identity.NodeID(c.Node), theirs, c.Emergency)
		if err != nil {
			return err
		}
		p.note("Send this file to the partner. They sign it with: causeway peer sign, and send it back.")
		return writeNew(c.File, signed)
	})
}

func (c *peerAgreeCmd) theirs() ([]identity.Officer, error) {
	var out []identity.Officer
	for _, text := range c.Their {
		o, err := exchange.ReadOfficer(identity.NodeID(c.Node), text)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

type peerSignCmd struct {
	where
	officer
	Node string `arg:"" help:"The partner's id."`
	File string `arg:"" help:"The pair note that the partner signed." type:"path"`
	Out  string `arg:"" help:"The new file to write, signed by both." type:"path"`
}

// Run signs a pair note of the partner, or keeps one that both have signed.
func (c *peerSignCmd) Run(p *program) error {
	b, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		whole, err := n.Exchange.SignPair(p.ctx, who, ident.New[ident.Command](), identity.NodeID(c.Node), b)
		if err != nil {
			return err
		}
		p.note("Both have signed. Send the file to the partner if it is not there yet.")
		return writeNew(c.Out, whole)
	})
}
