package main

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"causeway/internal/bench"
	"causeway/internal/node"
)

type versionCmd struct{}

// Run prints the version and the digest of this program, as the journal has it.
func (c *versionCmd) Run(p *program) error {
	digest, err := node.BinaryDigest()
	if err != nil {
		return err
	}
	p.print("causeway %s\n%s", node.Version(), digest)
	return nil
}

type healthCmd struct {
	URL string `default:"http://127.0.0.1:8422" help:"Address of the node's health listener." env:"CAUSEWAY_HEALTH"`
}

// Run asks /readyz.
func (c *healthCmd) Run(p *program) error {
	client := &http.Client{Timeout: 5 * time.Second}
	r, err := client.Get(c.URL + "/readyz")
	if err != nil {
		p.note("causeway: the node does not answer")
		return exit(1)
	}
	defer r.Body.Close()
	if r.StatusCode >= 300 {
		p.note("causeway: the node is not well; its health page says why")
		return exit(1)
	}
	p.print("well")
	return nil
}

type benchCmd struct {
	Area     string   `arg:"" help:"What to measure: journal, cases, casework, crash, forms, handover, access, directory, exchange, names, match."`
	Short    bool     `help:"Reduced size, within 50 seconds on two cores."`
	JSON     bool     `name:"json" help:"One object per measure."`
	Dir      string   `help:"Scratch space, on the disk that is to be measured." type:"path"`
	Set      []string `help:"A file of records with their truth to measure, or two to link (match)." type:"existingfile"`
	Model    int      `help:"Runs of the model of delivery (exchange)."`
	Line     bool     `help:"Only a line between two processes that loses packets (exchange). Needs Linux, /dev/net/tun, and root or unprivileged user namespaces."`
	Postgres string   `help:"Connection string of a PostgreSQL server with fsync on; without it one is started where possible."`

	LineLoss     float64       `help:"Share of all packets that is lost, each way." default:"0.3"`
	LineDelay    time.Duration `help:"How late every packet is, each way." default:"500ms"`
	LineCutEvery time.Duration `help:"How often the line is cut; 0 is never." default:"45s"`
	LineCutFor   time.Duration `help:"For how long." default:"8s"`
	LineSkew     time.Duration `help:"How far the two clocks are apart." default:"10m"`
	LineMessages int           `help:"Messages that drain after 72 hours without a line; 0 is no such time." default:"10000"`
}

// line returns the line that is to be measured, nil for none.
func (c *benchCmd) line() *bench.Line {
	if !c.Line {
		return nil
	}
	return &bench.Line{
		Loss: c.LineLoss, Delay: c.LineDelay, CutEvery: c.LineCutEvery, CutFor: c.LineCutFor, Skew: c.LineSkew, Messages: c.LineMessages, Each: 3,
	}
}

// Run measures; the exit status is 1 when a bar does not hold.
func (c *benchCmd) Run(p *program) error {
	if c.Dir == "" {
		tmp, err := os.MkdirTemp("", "causeway-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		c.Dir = tmp
	}
	emit := bench.Text(p.stdout)
	if c.JSON {
		emit = bench.JSON(p.stdout)
	}
	holds, err := bench.Run(p.ctx, c.Area, bench.Options{Short: c.Short, Dir: c.Dir, Postgres: c.Postgres, Progress: p.stderr, Model: c.Model, Sets: c.Set, Line: c.line()}, emit)
	if err != nil {
		return err
	}
	if !holds {
		return exit(1)
	}
	return nil
}

type keyCmd struct {
	Status   keyStatusCmd   `cmd:"" help:"Show what protects the keyring, its places and its epoch keys."`
	Rotate   keyRotateCmd   `cmd:"" help:"Make a new epoch key and wrap every subject key under it."`
	Provider keyProviderCmd `cmd:"" help:"Protect the keyring another way, or under another passphrase."`
	Copy     keyCopyCmd     `cmd:"" help:"Copy the keyring to a third place, under its own protection."`
	Verifier keyVerifierCmd `cmd:"" help:"Print the public key of the journal, for auditors."`
	Witness  keyWitnessCmd  `cmd:"" help:"Print the public key by which this node cosigns the journals of others."`
}

type keyStatusCmd struct{ where }

// Run prints the state of the keyring.
func (c *keyStatusCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		p.print("node         %s", n.Ring.NodeName())
		p.print("fingerprint  %s", n.Ring.Fingerprint())
		p.print("provider     %s", n.Config.Keyring.Provider)
		for _, path := range n.Config.Keyring.Paths {
			p.print("place        %s", path)
		}
		for _, notice := range n.Ring.Notices() {
			p.note("causeway: notice: %v", notice)
		}
		h := n.Health(p.ctx)
		for _, e := range h.Epochs {
			state := "in use"
			switch {
			case !e.Destroyed.IsZero():
				state = "destroyed " + e.Destroyed.Format(time.DateOnly)
			case !e.Retired.IsZero():
				state = "retired " + e.Retired.Format(time.DateOnly)
			}
			p.print("epoch %-6d made %s, %s", e.Epoch, e.Created.Format(time.DateOnly), state)
		}
		return nil
	})
}

type keyRotateCmd struct{ where }

// Run rotates the epoch key.
func (c *keyRotateCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		return n.RotateKeys(p.ctx, func(done int64) { fmt.Fprintf(p.stderr, "\rwrapped %d keys", done) })
	})
}

type keyVerifierCmd struct{ where }

// Run prints note verifier keys, the present one first.
func (c *keyVerifierCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		all, err := n.Ring.VerifierKeys(n.Journal.Origin())
		for _, k := range all {
			p.print("%s", k)
		}
		return err
	})
}

type migrateCmd struct {
	where
	Run_ bool `name:"run" help:"Make the changes; without it they are only shown."`
}

// Run shows pending migrations, and makes them after a backup.
func (c *migrateCmd) Run(p *program) error {
	pending, err := node.Pending(p.ctx, c.Dir, c.options(p))
	if err != nil {
		return err
	}
	for _, m := range pending {
		p.print("%s", m.Name)
	}
	if len(pending) == 0 {
		p.note("the database has the form this program needs")
		return nil
	}
	if !c.Run_ {
		p.note("run again with --run to make these changes; a backup is written first")
		return nil
	}
	return node.Migrate(p.ctx, c.Dir, c.options(p), func(name string) { p.note("backup %s", name) })
}
