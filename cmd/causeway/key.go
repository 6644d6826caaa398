package main

import (
	"os"

	"causeway/internal/fault"
	"causeway/internal/keys"
	"causeway/internal/node"
)

type keyProviderCmd struct {
	where
	To                string `required:"" enum:"passphrase,systemd,keyfile,plain" help:"What protects the keyring from now on: ${enum}."`
	NewPassphraseFile string `help:"With passphrase: a file of mode 0600 with the new one; asked for otherwise." type:"path"`
	Credential        string `default:"keyring" help:"With systemd: name of the credential."`
	KeyFile           string `help:"With keyfile: path on the removable medium; made if missing." type:"path"`
}

// Run protects the keyring anew, in both places, and notes it in node.json.
func (c *keyProviderCmd) Run(p *program) error {
	provider, err := newProvider(p, c.To, c.NewPassphraseFile, c.Credential, c.KeyFile)
	if err != nil {
		return err
	}
	return c.with(p, func(n *node.Node) error {
		if err := n.Ring.ChangeProvider(provider); err != nil {
			return err
		}
		n.Config.Keyring.Provider, n.Config.Keyring.Credential, n.Config.Keyring.File = c.To, "", ""
		switch c.To {
		case "systemd":
			n.Config.Keyring.Credential = c.Credential
		case "keyfile":
			n.Config.Keyring.File = c.KeyFile
		}
		if c.To == "plain" {
			p.note("WARNING: the keyring lies on this disk in the clear; whoever copies the disk reads every record")
		}
		return n.SaveConfig()
	})
}

// newProvider returns the provider a person asked for.
func newProvider(p *program, kind, passphraseFile, credential, keyFile string) (keys.Provider, error) {
	switch kind {
	case "systemd":
		return keys.SystemdCredential(credential), nil
	case "keyfile":
		if keyFile == "" {
			return nil, fault.InvalidField("key-file", "required")
		}
		return keys.KeyFile(keyFile), makeKeyFile(keyFile)
	case "plain":
		return keys.PlainFile(), nil
	}
	w := where{PassphraseFile: passphraseFile}
	return keys.Passphrase(func() ([]byte, error) { return w.passphrase(p, "New passphrase of the keyring: ") }), nil
}

type keyCopyCmd struct {
	where
	File              string `arg:"" help:"The copy to write; it must not exist." type:"path"`
	NewPassphraseFile string `help:"A file of mode 0600 with the copy's own passphrase; asked for otherwise." type:"path"`
}

// Run copies the keyring under a passphrase of its own, to be kept in another
// building. The copy is not kept up to date.
func (c *keyCopyCmd) Run(p *program) error {
	if _, err := os.Stat(c.File); err == nil {
		return fault.New(fault.Conflict, "keyring-exists")
	}
	provider, err := newProvider(p, "passphrase", c.NewPassphraseFile, "", "")
	if err != nil {
		return err
	}
	return c.with(p, func(n *node.Node) error {
		if err := n.Ring.CopyTo(c.File, provider); err != nil {
			return err
		}
		p.note("Keep the copy away from the backups and from this machine. Make it anew after every key rotation and")
		p.note("destroy the old one: with an old copy and an old backup, what was erased since could be read.")
		return nil
	})
}
