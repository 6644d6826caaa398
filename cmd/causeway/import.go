package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/node"
	"causeway/internal/staff"

	"golang.org/x/term"
)

type importCmd struct {
	Cases importCasesCmd `cmd:"" help:"Register the children of a CSV or XLSX file."`
}

type importCasesCmd struct {
	where
	File         string `arg:"" type:"existingfile" help:"CSV (also gzipped) or XLSX."`
	As           string `required:"" help:"Sign-in name of the supervisor who imports; the journal names them."`
	PasswordFile string `help:"A file of mode 0600 with the supervisor's password; asked for otherwise." type:"path"`
	Code         string `help:"Six digits of the supervisor's authenticator app, where one is set up."`
	Map          string `help:"A mapping of columns as printed by --show-map." type:"existingfile"`
	ShowMap      bool   `help:"Print the mapping that would be used, and stop."`
	Risk         string `help:"Risk for rows without one." enum:"high,medium,low," default:""`
	Basis        string `help:"Lawful basis for rows without one (code list legal_basis)."`
	Yes          bool   `help:"Register after the dry run; without it the dry run is all."`
}

// Run takes the file in, tries every row without writing, and registers the good
// ones when told to.
func (c *importCasesCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		caller, leave, err := c.signIn(p, n)
		if err != nil {
			return err
		}
		return errors.Join(c.run(p, n, caller), leave())
	})
}

// signIn proves who imports: the same rules as on the sign-in page.
func (c *importCasesCmd) signIn(p *program, n *node.Node) (*access.Caller, func() error, error) {
	password, err := c.password(p)
	if err != nil {
		return nil, nil, err
	}
	source := n.Office.Source(netip.MustParseAddr("127.0.0.1"))
	in, err := n.Office.SignIn(p.ctx, staff.Attempt{Name: staff.Secret(c.As), Password: password, Code: staff.Secret(c.Code), Device: "command line", Source: source})
	if err != nil {
		return nil, nil, err
	}
	if in.Token == "" {
		return nil, nil, fault.New(fault.Denied, "second-factor-missing")
	}
	caller, err := n.People.Caller(p.ctx, in.Session, "cli")
	return caller, func() error { return n.Office.SignOut(p.ctx, in.Token) }, err
}

func (c *importCasesCmd) password(p *program) (staff.Secret, error) {
	if c.PasswordFile != "" {
		b, err := readSecretFile(c.PasswordFile)
		return staff.Secret(b), err
	}
	f, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", fault.New(fault.Unavailable, "no-passphrase")
	}
	fmt.Fprintf(p.stderr, "Password of %s: ", c.As)
	b, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(p.stderr)
	return staff.Secret(b), err
}

func (c *importCasesCmd) run(p *program, n *node.Node, caller *access.Caller) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	id, err := n.Imports.Receive(p.ctx, caller, ident.Command{}, "file", f)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // nothing of a file that was only looked at is kept
			if err := n.Imports.Discard(p.ctx, caller, ident.Command{}, id); err != nil {
				p.note("causeway: the file's sealed copy stays until it expires: %v", err)
			}
		}
	}()
	mapping, err := c.mapping(p, n, caller, id)
	if err != nil {
		return err
	}
	if c.ShowMap {
		e := json.NewEncoder(p.stdout)
		e.SetIndent("", "  ")
		return e.Encode(mapping)
	}
	if err := n.Imports.Map(p.ctx, caller, id, mapping); err != nil {
		return err
	}
	im, err := n.Imports.Check(p.ctx, caller, id, func(rows int64) { fmt.Fprintf(p.stderr, "\rtried %d rows", rows) })
	p.note("")
	if err != nil {
		return err
	}
	if err := c.report(p, n, caller, im); err != nil {
		return err
	}
	if !c.Yes {
		p.note("nothing was registered; run again with --yes to register the rows that are ready")
		return nil
	}
	done = true
	im, err = n.Imports.Run(p.ctx, caller, id, func(at intake.Progress) {
		fmt.Fprintf(p.stderr, "\rregistered %d of %d", at.Registered, im.Ready)
	})
	p.note("")
	if im != nil {
		p.print("registered %d, refused %d, state %s", im.Registered, im.Refused, im.State)
	}
	return err
}

// mapping returns the mapping to use and prints what the file leaves open.
func (c *importCasesCmd) mapping(p *program, n *node.Node, caller *access.Caller, id ident.Import) (intake.Mapping, error) {
	look, err := n.Imports.Look(p.ctx, caller, id, nil)
	if err != nil {
		return intake.Mapping{}, err
	}
	m := look.Mapping
	if c.Map != "" {
		f, err := os.Open(c.Map)
		if err != nil {
			return m, err
		}
		defer f.Close()
		if m, err = intake.ReadMapping(f); err != nil {
			return m, err
		}
	}
	if m.Defaults == nil {
		m.Defaults = map[intake.Field]string{}
	}
	if c.Risk != "" {
		m.Defaults[intake.Risk] = c.Risk
	}
	if c.Basis != "" {
		m.Defaults[intake.Basis] = c.Basis
	}
	for _, q := range look.Open(m, c.Map != "") {
		how := "--map"
		switch q.Code {
		case intake.AskRisk:
			how = "--risk"
		case intake.AskBasis:
			how = "--basis"
		}
		if q.Column > 0 {
			p.note("open question: column %d: %s (%s answers it)", q.Column, q.Code, how)
		} else {
			p.note("open question: %s (%s answers it)", q.Code, how)
		}
	}
	return m, nil
}

// report prints the dry run: counts and places, never a value.
func (c *importCasesCmd) report(p *program, n *node.Node, caller *access.Caller, im *intake.Import) error {
	p.print("rows %d, ready %d, again %d", im.Total, im.Ready, im.Again)
	const shown = 50
	for i, one := range im.Report.Cases {
		if i == shown {
			p.print("and %d more rows with sub-forms", len(im.Report.Cases)-shown)
			break
		}
		p.print("row %d: people %d, needs %d, notes %d, follow-ups %d", one.Row, one.Counts[0], one.Counts[1], one.Counts[2], one.Counts[3])
	}
	list, all, err := n.Imports.Problems(p.ctx, caller, im.ID, 0, shown)
	if err != nil {
		return err
	}
	for i := range list {
		t := &list[i]
		if which := t.Entries(); which != "" {
			p.print("row %d: column %d: %s (entry %s)", t.Row, t.Column, t.Code, which)
			continue
		}
		p.print("row %d: column %d: %s", t.Row, t.Column, t.Code)
	}
	if all > int64(len(list)) {
		p.print("and %d more; the page shows all of them, with the values, to the person who imports", all-int64(len(list)))
	}
	return nil
}
