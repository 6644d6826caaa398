package main

import (
	"bytes"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/node"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/proof"
)

type peerProveCmd struct {
	where
	officer
	Thread string `arg:"" help:"The thread, as 32 hexadecimal digits."`
	File   string `arg:"" help:"The new file to write." type:"path"`
}

// Run writes the proof pack of a thread. It names no child: labels and payloads stay out.
// The journal has who took it out.
func (c *peerProveCmd) Run(p *program) error {
	thread, err := cx.ParseThread(c.Thread)
	if err != nil {
		return fault.Wrap(fault.Invalid, "exchange-thread", err)
	}
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		pack, err := n.Exchange.Proof(p.ctx, who, thread, func(partner identity.NodeID) {
			if err := n.AskPlaced(p.ctx, partner); err != nil {
				p.note("The partner cannot be asked now for proofs that are missing: some receipts may be shown without one.")
			}
		})
		if err != nil {
			return err
		}
		var file bytes.Buffer
		if err := proof.Write(&file, pack); err != nil {
			return err
		}
		p.print("messages %d", len(pack.Messages))
		p.note("It proves who wrote to whom and when, and that the other side had and opened it; not what was said.")
		p.note("To check it, without a node and without a network: cx-verify %s", c.File)
		return writeNew(c.File, file.Bytes())
	})
}
