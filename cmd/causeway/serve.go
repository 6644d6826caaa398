package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"causeway/internal/fault"
	"causeway/internal/node"

	"golang.org/x/term"
)

// where names the node's directory and its passphrase: part of most commands.
type where struct {
	Dir            string `help:"The node's directory." env:"CAUSEWAY_DIR" default:"causeway-node" type:"path"`
	PassphraseFile string `help:"A file of mode 0600 that holds the keyring's passphrase." env:"CAUSEWAY_PASSPHRASE_FILE" type:"path"`
}

// options returns how to open the node.
func (w where) options(p *program) node.Options {
	return node.Options{Ask: func() ([]byte, error) { return w.passphrase(p, "Passphrase of the keyring: ") }, Log: logger(p)}
}

// open opens the node.
func (w where) open(p *program) (*node.Node, error) { return node.Open(p.ctx, w.Dir, w.options(p)) }

// passphrase reads from the file, or from the terminal without showing it.
func (w where) passphrase(p *program, prompt string) ([]byte, error) {
	if w.PassphraseFile != "" {
		return readSecretFile(w.PassphraseFile)
	}
	f, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, fault.New(fault.Unavailable, "no-passphrase")
	}
	fmt.Fprint(p.stderr, prompt)
	b, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(p.stderr)
	return b, err
}

// readSecretFile reads a secret from a file that only its owner can read.
func readSecretFile(path string) ([]byte, error) {
	s, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if s.Mode().Perm()&0o077 != 0 {
		return nil, fault.Wrap(fault.Denied, "secret-file-mode", fmt.Errorf("%s can be read by others: chmod 600 it", filepath.Base(path)))
	}
	b, err := os.ReadFile(path)
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b, err
}

// logger writes JSON lines to standard error.
func logger(p *program) *slog.Logger {
	return slog.New(slog.NewJSONHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

type serveCmd struct {
	where
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(p *program) error {
	n, err := c.open(p)
	if err != nil {
		return err
	}
	if n.Config.Keyring.Provider == "plain" {
		p.note("causeway: WARNING: the keyring lies on this disk in the clear; whoever copies the disk reads every record")
	}
	return n.Serve(p.ctx, func(url string) { p.note("ready %s", url) })
}
