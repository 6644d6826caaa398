package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/node"

	"golang.org/x/mod/sumdb/note"
)

type auditCmd struct {
	Export     auditExportCmd     `cmd:"" help:"Write a keyless pack of the journal, to be verified elsewhere."`
	Verify     auditVerifyCmd     `cmd:"" help:"Verify a pack without any key, or the node's own database. Exit status: 0 sound, 1 altered, 2 not settled, 3 incomplete, 4 cannot read."`
	Prove      auditProveCmd      `cmd:"" help:"Prove that an entry is in the journal, as a file that anybody can check."`
	Witness    auditWitnessCmd    `cmd:"" help:"Show who cosigns this journal and how far it is settled, and the journals that this node cosigns."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Print the newest settled checkpoint with its cosignatures, to be kept elsewhere; the newest of all where none is settled."`
	Check      auditCheckCmd      `cmd:"" help:"Check a proof file with the node's public journal key."`
}

type auditExportCmd struct {
	where
	Out string `required:"" help:"The pack to write; it must not exist." type:"path"`
}

// Run writes the pack to a new file.
func (c *auditExportCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		if _, err := n.Journal.Sequence(p.ctx); err != nil {
			return err
		}
		if _, err := n.Journal.Checkpoint(p.ctx); err != nil {
			return err
		}
		f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		err = n.ExportJournal(p.ctx, f)
		if err == nil {
			err = f.Sync()
		}
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(c.Out) // half a pack is of no use
			return err
		}
		p.note("the pack holds no name and no key; give the auditor the output of: causeway key verifier")
		return nil
	})
}

type auditVerifyCmd struct {
	where
	Pack      string   `help:"Verify this pack instead of the node's database; no node and no key is needed." type:"existingfile"`
	Key       []string `help:"Verifier key of the node, got from somebody you trust (causeway key verifier)."`
	Anchors   string   `help:"A file or folder of checkpoints that were kept elsewhere." type:"path"`
	Policy    string   `help:"With --pack: whose cosignatures are enough (C2SP tlog-policy). Its log lines count as keys where no --key is given." type:"existingfile"`
	Reconcile bool     `help:"With the node's keys: compare every record row with the journal."`
	JSON      bool     `name:"json" help:"The report for programs."`
}

// Run verifies and ends with the exit status that the report says.
func (c *auditVerifyCmd) Run(p *program) error {
	if c.Pack != "" {
		return c.pack(p)
	}
	// The journal is verified as it lies there: a node that refuses to start can
	// be looked at, and looking leaves no trace in the evidence.
	report, err := node.Verify(p.ctx, c.Dir, c.options(p), c.progress(p))
	if report == nil {
		return err
	}
	if err := c.show(p, report); err != nil {
		return err
	}
	if report.Exit != journal.Sound || !c.Reconcile {
		return asExit(report.Exit)
	}
	return c.with(p, func(n *node.Node) error { return c.reconcile(p, n) })
}

// progress shows how far a long check is.
func (c *auditVerifyCmd) progress(p *program) func(done, of int64) {
	shown := int64(-1)
	return func(done, of int64) {
		if of > 100_000 && done*100/of != shown {
			shown = done * 100 / of
			fmt.Fprintf(p.stderr, "\rverifying: %3d %%", shown)
			if done == of {
				fmt.Fprintln(p.stderr)
			}
		}
	}
}

func (c *auditVerifyCmd) pack(p *program) error {
	pack, err := journal.OpenPack(c.Pack)
	if err != nil {
		p.note("causeway: error: %v", err)
		return exit(journal.Unreadable)
	}
	defer pack.Close()
	o := journal.Options{Keys: c.Key}
	if o.Policy, err = policyOf(c.Policy); err != nil {
		return err
	}
	if o.Policy != nil && len(o.Keys) == 0 {
		for _, l := range o.Policy.Logs() {
			o.Keys = append(o.Keys, l.Key)
		}
	}
	if c.Anchors != "" {
		if o.Anchors, err = journal.ReadAnchors(c.Anchors); err != nil {
			return err
		}
	}
	report, err := journal.Verify(p.ctx, pack, o, c.progress(p))
	if report == nil {
		return err
	}
	if err := c.show(p, report); err != nil {
		return err
	}
	return asExit(report.Exit)
}

func (c *auditVerifyCmd) show(p *program, r *journal.Report) error {
	if c.JSON {
		return r.JSON(p.stdout)
	}
	return r.Text(p.stdout)
}

// asExit is nil for a sound journal.
func asExit(code int) error {
	if code == journal.Sound {
		return nil
	}
	return exit(code)
}

// reconcile compares the records with the journal.
func (c *auditVerifyCmd) reconcile(p *program, n *node.Node) error {
	r, err := n.Reconcile(p.ctx, func(subjects int64) {
		if subjects%1000 == 0 {
			fmt.Fprintf(p.stderr, "\rreconciled %d records", subjects)
		}
	})
	if r == nil {
		return err
	}
	if c.JSON {
		err = errors.Join(err, r.JSON(p.stdout))
	} else {
		err = errors.Join(err, r.Text(p.stdout))
	}
	if err != nil {
		return err
	}
	return asExit(r.Exit)
}

type auditProveCmd struct {
	where
	Entry string `arg:"" help:"Identifier of the entry."`
}

// Run prints the proof.
func (c *auditProveCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		id, err := ident.Parse[ident.Entry](strings.ToLower(c.Entry))
		if err != nil {
			return fmt.Errorf("entry: %w", err)
		}
		proof, err := n.Journal.Prove(p.ctx, id)
		if err != nil {
			return err
		}
		p.print("%s", strings.TrimSuffix(proof.String(), "\n"))
		return nil
	})
}

type auditCheckCmd struct {
	Proof string   `arg:"" type:"existingfile" help:"The proof file."`
	Key   []string `required:"" help:"Verifier key of the node, got from somebody you trust."`
}

// Run checks a proof without any node.
func (c *auditCheckCmd) Run(p *program) error {
	b, err := os.ReadFile(filepath.Clean(c.Proof))
	if err != nil {
		return err
	}
	proof, err := journal.ParseProof(string(b))
	if err != nil {
		p.note("causeway: error: %v", err)
		return exit(journal.Unreadable)
	}
	var keys []note.Verifier
	for _, k := range c.Key {
		v, err := note.NewVerifier(k)
		if err != nil {
			return fmt.Errorf("verifier key: %w", err)
		}
		keys = append(keys, v)
	}
	h, cp, err := proof.Check(keys...)
	if err != nil {
		p.note("causeway: error: %v", err)
		return exit(journal.Altered)
	}
	p.print("entry %s of %s is number %d of %d in %s", h.EntryID(), h.Time().Format("2006-01-02 15:04:05 MST"), proof.Index+1, cp.Size, cp.Origin)
	return nil
}
