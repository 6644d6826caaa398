package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"causeway/internal/backup"
	"causeway/internal/keys"
	"causeway/internal/node"
)

type backupCmd struct {
	where
}

// Run writes a backup into the configured folder. The node may go on serving.
func (c *backupCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		saved, err := n.Backup(p.ctx, rowsShown(p, "saved"))
		if err != nil {
			return err
		}
		p.note("")
		p.print("%s", saved.Path)
		p.note("%d rows, read again and found right. The keyring is not in it: keep its copy elsewhere.", saved.Manifest.Rows)
		return nil
	})
}

// rowsShown shows progress.
func rowsShown(p *program, verb string) func(int64) {
	return func(rows int64) { fmt.Fprintf(p.stderr, "\r%s %d rows", verb, rows) }
}

type restoreCmd struct {
	File           string   `arg:"" type:"existingfile" help:"The backup."`
	Identity       string   `required:"" type:"existingfile" help:"File of mode 0600 with the recovery identity from the kit."`
	Dir            string   `help:"Directory of the new node; it must hold no database." env:"CAUSEWAY_DIR" default:"causeway-node" type:"path"`
	Keyring        string   `help:"A copy of the keyring, for an empty directory." type:"existingfile"`
	PassphraseFile string   `help:"File of mode 0600 with the keyring's passphrase." env:"CAUSEWAY_PASSPHRASE_FILE" type:"path"`
	Plain          bool     `help:"The keyring copy is not protected by a passphrase."`
	Postgres       string   `help:"Restore into this PostgreSQL database instead of a file."`
	Schema         string   `default:"causeway" help:"PostgreSQL schema."`
	Restrictions   string   `help:"The restrictions file, if it lies elsewhere." type:"path"`
	NoRestrictions bool     `help:"The restrictions file is lost: what was withheld, blocked or erased since the backup is open again."`
	Pack           []string `help:"A journal pack of this node that somebody kept (causeway audit export): what was erased until then is erased again." type:"existingfile"`
	Check          bool     `help:"The drill: try the backup in a place of its own, verify it, and remove it again. --dir names the living node."`
}

// Run restores, or tries.
func (c *restoreCmd) Run(p *program) error {
	b, err := readSecretFile(c.Identity)
	if err != nil {
		return err
	}
	identities, err := backup.ReadIdentities(bytes.NewReader(b))
	clear(b)
	if err != nil {
		return err
	}
	o := node.RestoreOptions{
		Options: where{Dir: c.Dir, PassphraseFile: c.PassphraseFile}.options(p), Dir: c.Dir,
		Identities: identities, Keyring: c.Keyring, Postgres: c.Postgres, Schema: c.Schema,
		Restrictions: c.Restrictions, NoRestrictions: c.NoRestrictions, Packs: c.Pack, Progress: rowsShown(p, "restored"),
	}
	c.protect(p, &o)
	open := func() (io.ReadCloser, error) { return os.Open(filepath.Clean(c.File)) }
	if c.Check {
		return c.drill(p, open, o)
	}
	done, err := node.Restore(p.ctx, open, o)
	if err != nil {
		return err
	}
	p.note("")
	p.print("restored the state of %s; %s", done.Manifest.Made.Format("2006-01-02 15:04:05 MST"), done.Lost)
	p.print("the journal goes on as epoch %d; every session and invitation has ended", done.Epoch)
	p.note("next: causeway audit verify --reconcile --dir %s, then causeway serve --dir %s", c.Dir, c.Dir)
	return nil
}

// protect says what opens the keyring copy.
func (c *restoreCmd) protect(p *program, o *node.RestoreOptions) {
	if c.Plain {
		o.KeyringOpens, o.Provider = keys.PlainFile(), "plain"
		return
	}
	w := where{PassphraseFile: c.PassphraseFile}
	o.KeyringOpens = keys.Passphrase(func() ([]byte, error) { return w.passphrase(p, "Passphrase of the keyring copy: ") })
	o.Provider = "passphrase"
}

// drill tries a backup without touching the living node.
func (c *restoreCmd) drill(p *program, open func() (io.ReadCloser, error), o node.RestoreOptions) error {
	tried, err := node.Drill(p.ctx, open, o)
	if err != nil {
		return err
	}
	p.note("")
	if err := tried.Journal.Text(p.stdout); err != nil {
		return err
	}
	p.print("keys opened %d, erased %d; signature of this node: %t", tried.Opened, tried.Erased, tried.Signed)
	p.print("the drill has passed: this backup can be restored")
	return nil
}
