package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"causeway/internal/node"
	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

type peerExportCmd struct {
	where
	Peer identity.NodeID `arg:"" help:"The partner's node id."`
	File string          `arg:"" type:"path" help:"Where to write: a name ending in .cxb. Further parts get -2, -3 and so on."`
}

// Run writes what waits for a partner to a stick. What is written is sealed to the partner.
func (c *peerExportCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		slips, err := n.ExportBundle(p.ctx, c.Peer, func(part, _ int) (io.WriteCloser, error) { return durableFile(partName(c.File, part)) })
		if err != nil {
			return err
		}
		for _, s := range slips {
			printSlip(p, s)
		}
		p.note("causeway: write digest and count into the courier's ledger")
		return nil
	})
}

// partName is the name of a part of a bundle.
func partName(file string, part int) string {
	if part == 1 {
		return file
	}
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(file, cx.BundleEnding), part, cx.BundleEnding)
}

// synced is a new file that is on the disk when it is closed.
type synced struct{ *os.File }

func durableFile(path string) (io.WriteCloser, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	return synced{f}, err
}

// Close implements io.Closer.
func (s synced) Close() error {
	err := s.Sync()
	if cerr := s.File.Close(); err == nil {
		err = cerr
	}
	return err
}

func printSlip(p *program, s peer.Slip) {
	p.print("part %d of %d  items %d  digest %s", s.Part, s.Parts, s.Count, s.Digest)
	p.print("  messages %d, notes %d, pieces of attachments %d", s.Envelopes, s.Notes, s.Pieces)
}

type peerImportCmd struct {
	where
	File string `arg:"" type:"existingfile" help:"One part of a bundle."`
}

// Run takes in one part of a bundle.
func (c *peerImportCmd) Run(p *program) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.with(p, func(n *node.Node) error {
		t, err := n.ImportBundle(p.ctx, f)
		if t != nil {
			p.print("from %s", t.Peer)
			printSlip(p, t.Slip)
			p.print("messages stored %d, items damaged %d", t.Received, t.Damaged)
			codes := make([]string, 0, len(t.Refused))
			for code, count := range t.Refused {
				codes = append(codes, fmt.Sprintf("refused %d: %s", count, code.Sentence()))
			}
			slices.Sort(codes)
			for _, line := range codes {
				p.print("%s", line)
			}
		}
		return err
	})
}
