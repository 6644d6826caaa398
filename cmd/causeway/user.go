package main

import (
	"errors"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"
)

type userCmd struct {
	List    userListCmd    `cmd:"" help:"List the accounts."`
	Invite  userInviteCmd  `cmd:"" help:"Make an account and its invitation."`
	Disable userDisableCmd `cmd:"" help:"End an account."`
	Recover userRecoverCmd `cmd:"" help:"Invite somebody anew who has lost every credential and has no supervisor to do it."`
}

// with opens the node, does one thing and closes it.
func (w where) with(p *program, do func(*node.Node) error) error {
	n, err := w.open(p)
	if err != nil {
		return err
	}
	return errors.Join(do(n), n.Close())
}

type userListCmd struct{ where }

// Run prints one line an account. Names appear because the shell asks for them;
// nothing is logged.
func (c *userListCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		var all []staff.Standing
		err := n.DB.Read(p.ctx, func(tx *store.Tx) (err error) {
			all, err = n.Office.Standings(p.ctx, tx)
			return err
		})
		dir, derr := n.Office.Directory(p.ctx)
		if err := errors.Join(err, derr); err != nil {
			return err
		}
		for _, a := range all {
			unit, _ := dir.Unit(a.Unit)
			p.print("%-24s %-15s %-9s %s", a.SignIn.Reveal(), a.Role, a.State, unit.Name)
		}
		return nil
	})
}

type userInviteCmd struct {
	where
	SignIn     string `arg:"" help:"Sign-in name."`
	Name       string `required:"" help:"Name of the person."`
	Role       string `required:"" enum:"case_worker,supervisor,node_operator,auditor" help:"Role: ${enum}."`
	Unit       string `help:"Name of the unit; the first one if left out."`
	Supervisor string `help:"Sign-in name of the supervisor."`
	Language   string `default:"en" help:"Language of the person's pages."`
	File       string `help:"Write the invitation to this new file of mode 0600 instead of the terminal." type:"path"`
}

// Run makes the account.
func (c *userInviteCmd) Run(p *program) (err error) {
	defer func() {
		if err != nil {
			dropEmpty(c.File)
		}
	}()
	out, err := onceOnly(p, c.File, "the invitation")
	if err != nil {
		return err
	}
	return c.with(p, func(n *node.Node) error {
		unit, err := c.unit(p, n)
		if err != nil {
			return err
		}
		var inv staff.Invitation
		err = n.DB.Write(p.ctx, func(tx *store.Tx) error {
			in := staff.NewAccount{
				SignIn: staff.Secret(c.SignIn), Name: staff.Secret(c.Name), Unit: unit,
				Role: staff.Role(c.Role), Language: c.Language,
			}
			if c.Supervisor != "" {
				boss, err := n.Office.Find(p.ctx, tx, staff.Secret(c.Supervisor))
				if err != nil {
					return fault.InvalidField("supervisor", "unknown")
				}
				in.Supervisor = boss.ID
			}
			id, err := n.Office.Create(p.ctx, tx, staff.Shell(), in)
			if err != nil {
				return err
			}
			inv, err = n.Office.Invite(p.ctx, tx, staff.Shell(), id)
			return err
		})
		if err != nil {
			return err
		}
		return out(invitationText(n.Config.Origin, inv))
	})
}

func (c *userInviteCmd) unit(p *program, n *node.Node) (ident.Unit, error) {
	dir, err := n.Office.Directory(p.ctx)
	if err != nil {
		return ident.Unit{}, err
	}
	for _, u := range dir.Units() {
		if c.Unit == "" && u.Parent.IsZero() || u.Name == c.Unit {
			return u.ID, nil
		}
	}
	return ident.Unit{}, fault.InvalidField("unit", "unknown")
}

type userDisableCmd struct {
	where
	SignIn string `arg:"" help:"Sign-in name."`
	Yes    bool   `required:"" help:"Say that you mean it."`
}

// Run ends the account: no credential, no session.
func (c *userDisableCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		return n.DB.Write(p.ctx, func(tx *store.Tx) error {
			a, err := n.Office.Find(p.ctx, tx, staff.Secret(c.SignIn))
			if err != nil {
				return fmt.Errorf("find account: %w", err)
			}
			return n.Office.Disable(p.ctx, tx, staff.Shell(), a.ID, a.Version)
		})
	})
}

type userRecoverCmd struct {
	where
	SignIn string `arg:"" help:"Sign-in name."`
	File   string `help:"Write the invitation to this new file of mode 0600 instead of the terminal." type:"path"`
}

// Run makes an invitation from the shell. It is an entry in the journal, and the
// person is told at the next sign-in.
func (c *userRecoverCmd) Run(p *program) (err error) {
	defer func() {
		if err != nil {
			dropEmpty(c.File)
		}
	}()
	out, err := onceOnly(p, c.File, "the invitation")
	if err != nil {
		return err
	}
	return c.with(p, func(n *node.Node) error {
		var inv staff.Invitation
		err := n.DB.Write(p.ctx, func(tx *store.Tx) error {
			a, err := n.Office.Find(p.ctx, tx, staff.Secret(c.SignIn))
			if err != nil {
				return fmt.Errorf("find account: %w", err)
			}
			inv, err = n.Office.Recover(p.ctx, tx, staff.Shell(), a.ID)
			return err
		})
		if err != nil {
			return err
		}
		return out(invitationText(n.Config.Origin, inv))
	})
}
