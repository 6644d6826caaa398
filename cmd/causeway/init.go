package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"causeway/internal/backup"
	"causeway/internal/fault"
	"causeway/internal/keys"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"

	"golang.org/x/term"
)

type initCmd struct {
	where
	Name         string   `required:"" help:"Name of the node in its journal, for ever: letters, digits, dashes."`
	Organisation string   `required:"" help:"Name of the organisation."`
	Unit         string   `default:"Head office" help:"Name of the first unit."`
	Origin       string   `required:"" help:"Address people open, such as https://causeway.example."`
	Listen       string   `default:"127.0.0.1:8421" help:"Address to listen on."`
	Metrics      string   `default:"127.0.0.1:8422" help:"Address of health and metrics; empty for none."`
	TLSCert      string   `help:"Certificate file; without it name the proxy that ends TLS." type:"path"`
	TLSKey       string   `help:"Key file of the certificate." type:"path"`
	Proxy        []string `help:"Addresses of the proxy in front, such as 10.0.0.2/32."`
	Provider     string   `default:"passphrase" enum:"passphrase,systemd,keyfile,plain" help:"What protects the keyring: ${enum}."`
	Credential   string   `default:"keyring" help:"With systemd: name of the credential."`
	KeyFile      string   `help:"With keyfile: path on the removable medium; made if missing." type:"path"`
	KeyringCopy  string   `help:"Second place of the keyring, best on another disk." type:"path"`
	Postgres     string   `help:"Connection string of a PostgreSQL server; without it the embedded database is used."`
	Schema       string   `help:"PostgreSQL schema." default:"causeway"`
	BackupFolder string   `help:"Where backups go." type:"path"`
	Admin        string   `required:"" help:"Sign-in name of the first person: the node operator."`
	AdminName    string   `required:"" help:"Name of the first person."`
	Language     string   `default:"en" help:"Language of the first person."`
	KitFile      string   `help:"Write the recovery kit to this new file of mode 0600 instead of the terminal." type:"path"`
	InviteFile   string   `help:"Write the invitation to this new file of mode 0600 instead of the terminal." type:"path"`
}

// Run makes the node. The recovery kit and the invitation are shown once, on a
// terminal or in a file of mode 0600, never in a log.
func (c *initCmd) Run(p *program) (err error) {
	defer func() {
		if err != nil { // nothing was shown: the names are free again
			dropEmpty(c.KitFile)
			dropEmpty(c.InviteFile)
		}
	}()
	kitOut, err := onceOnly(p, c.KitFile, "the recovery kit")
	if err != nil {
		return err
	}
	inviteOut, err := onceOnly(p, c.InviteFile, "the invitation")
	if err != nil {
		return err
	}
	config, err := c.config()
	if err != nil {
		return err
	}
	kit, err := backup.NewKit()
	if err != nil {
		return err
	}
	config.Backup.Recipients = []string{kit.Recipient()}
	n, err := node.Create(p.ctx, c.Dir, config, c.Organisation, c.Unit, node.Options{Ask: c.choosePassphrase(p), Log: logger(p)})
	if err != nil {
		return err
	}
	invitation, err := c.invite(p, n)
	if err != nil {
		return errors.Join(err, n.Close())
	}
	page := kit.Page(backup.KitFacts{Node: c.Name, Fingerprint: n.Ring.Fingerprint(), KeyringPlaces: config.Keyring.Paths, Made: n.Clock.Now()})
	if err := n.Close(); err != nil {
		return err
	}
	if err := kitOut(page); err != nil {
		return err
	}
	if err := inviteOut(invitation); err != nil {
		return err
	}
	p.note("The node is made. Print the recovery kit, keep it away from this machine, and do not store it here.")
	if config.Keyring.Provider == "plain" {
		p.note("WARNING: the keyring lies on this disk in the clear; whoever copies the disk reads every record.")
	}
	p.print("next: causeway serve --dir %s", c.Dir)
	return nil
}

func (c *initCmd) config() (node.Config, error) {
	out := node.Config{
		Name: c.Name, Origin: c.Origin, Listen: c.Listen, Metrics: c.Metrics, Pack: "default",
		Database: node.Database{Engine: store.SQLite},
		Keyring:  node.Keyring{Provider: c.Provider, Paths: []string{"keyring", "keyring.copy"}},
		Backup:   node.Backup{Folder: c.BackupFolder},
	}
	if c.Postgres != "" {
		out.Database = node.Database{Engine: store.Postgres, DSN: c.Postgres, Schema: c.Schema}
	}
	if c.TLSCert != "" || c.TLSKey != "" {
		out.TLS = &node.TLS{Certificate: c.TLSCert, Key: c.TLSKey}
	}
	if c.KeyringCopy != "" {
		out.Keyring.Paths[1] = c.KeyringCopy
	}
	switch c.Provider {
	case "systemd":
		out.Keyring.Credential = c.Credential
	case "keyfile":
		out.Keyring.File = c.KeyFile
		if err := makeKeyFile(c.KeyFile); err != nil {
			return out, err
		}
	}
	if out.Backup.Folder == "" {
		out.Backup.Folder = filepath.Join(c.Dir, "backups")
	}
	for _, a := range c.Proxy {
		prefix, err := netip.ParsePrefix(a)
		if err != nil {
			return out, fault.InvalidField("proxy", "address")
		}
		out.Proxy = append(out.Proxy, prefix)
	}
	return out, nil
}

// choosePassphrase asks twice on a terminal; a file is read once.
func (c *initCmd) choosePassphrase(p *program) func() ([]byte, error) {
	return func() ([]byte, error) {
		first, err := c.passphrase(p, "Choose a passphrase for the keyring (four words or more): ")
		if err != nil || c.PassphraseFile != "" {
			return first, err
		}
		second, err := c.passphrase(p, "Once more: ")
		if err == nil && string(first) != string(second) {
			err = fault.InvalidField("passphrase", "not-the-same")
		}
		return first, err
	}
}

// invite makes the first account and its invitation.
func (c *initCmd) invite(p *program, n *node.Node) (string, error) {
	dir, err := n.Office.Directory(p.ctx)
	if err != nil {
		return "", err
	}
	var inv staff.Invitation
	err = n.DB.Write(p.ctx, func(tx *store.Tx) error {
		id, err := n.Office.Create(p.ctx, tx, staff.Shell(), staff.NewAccount{
			SignIn: staff.Secret(c.Admin), Name: staff.Secret(c.AdminName), Unit: dir.Units()[0].ID,
			Role: staff.NodeOperator, Language: c.Language,
		})
		if err != nil {
			return err
		}
		inv, err = n.Office.Invite(p.ctx, tx, staff.Shell(), id)
		return err
	})
	return invitationText(n.Config.Origin, inv), err
}

// invitationText is what the person is given: the link by one way, the code by
// another.
func invitationText(origin string, inv staff.Invitation) string {
	return fmt.Sprintf("link  %s/invite/%s\ncode  %s   (tell it by voice; valid until %s)\n",
		strings.TrimRight(origin, "/"), string(inv.Token), string(inv.Voice), inv.Until.Format("2006-01-02 15:04 MST"))
}

// onceOnly returns where a secret is shown once: a new file of mode 0600, or the
// terminal. Anything else would keep it in a log.
func onceOnly(p *program, path, what string) (func(string) error, error) {
	if path != "" {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("%s: the file exists already", what)
		}
		if err != nil {
			return nil, err
		}
		return func(text string) error {
			_, err := f.WriteString(text)
			if err == nil {
				err = f.Sync()
			}
			return errors.Join(err, f.Close())
		}, nil
	}
	f, ok := p.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, fault.Wrap(fault.Invalid, "not-a-terminal", fmt.Errorf("%s is shown on a terminal only; name a new file for it", what))
	}
	return func(text string) error {
		w := bufio.NewWriter(f)
		fmt.Fprintf(w, "\n%s\n", text)
		return w.Flush()
	}, nil
}

// dropEmpty removes a file that was made for a secret and got none.
func dropEmpty(path string) {
	if s, err := os.Stat(path); err == nil && s.Size() == 0 {
		_ = os.Remove(path) // the error that stopped the command is shown
	}
}

// makeKeyFile makes the removable key if it is not there.
func makeKeyFile(path string) error {
	if _, err := os.Stat(path); err == nil || path == "" {
		return nil
	}
	return keys.NewKeyFile(path)
}
