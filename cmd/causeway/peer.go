package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"

	"golang.org/x/term"
)

type peerCmd struct {
	Init       peerInitCmd       `cmd:"" help:"Make this node's keys towards others, and print the recovery page."`
	Card       peerCardCmd       `cmd:"" help:"Write this node's card to a file, for a partner."`
	Add        peerAddCmd        `cmd:"" help:"Take in the card of a partner: the first of two officers."`
	Confirm    peerConfirmCmd    `cmd:"" help:"Confirm a partner by telephone: the second of two officers."`
	Agree      peerAgreeCmd      `cmd:"" help:"Write the pair note: what two nodes agreed on, signed by this one."`
	Sign       peerSignCmd       `cmd:"" help:"Sign the pair note of a partner, or keep one that both have signed."`
	List       peerListCmd       `cmd:"" help:"List the partners, their state and their keys."`
	Schedule   peerScheduleCmd   `cmd:"" help:"The yearly sitting with the recovery page."`
	Learn      peerLearnCmd      `cmd:"" help:"Take in a schedule or revocation of a partner from a file."`
	Quarantine peerQuarantineCmd `cmd:"" help:"Stop the exchange with a partner, at once."`
	Resume     peerResumeCmd     `cmd:"" help:"Let the exchange with a partner go on."`
	Remove     peerRemoveCmd     `cmd:"" help:"Remove a partner: to exchange again is to pair again."`
	Export     peerExportCmd     `cmd:"" help:"Write what waits for a partner to a file, for a courier."`
	Import     peerImportCmd     `cmd:"" help:"Take in a file that a courier brought."`
	Prove      peerProveCmd      `cmd:"" help:"Write a proof pack of a thread, without what was said, for a court."`
	Revoke     peerRevokeCmd     `cmd:"" help:"Take back keys of this node, or the node itself, with the recovery page."`
}

// officer is somebody who signs in at the terminal: what two people decide is done by two
// people here too.
type officer struct {
	As           string `required:"" help:"Your sign-in name."`
	PasswordFile string `help:"A file of mode 0600 with your password; asked for otherwise." type:"path"`
	Code         string `help:"Six digits of your authenticator app, where one is set up."`
}

// signIn returns who signed in, and what signs them out again.
func (o officer) signIn(p *program, n *node.Node) (*access.Caller, func() error, error) {
	password, err := where{PassphraseFile: o.PasswordFile}.passphrase(p, "Password of "+o.As+": ")
	if err != nil {
		return nil, nil, err
	}
	in, err := n.Office.SignIn(p.ctx, staff.Attempt{
		Name: staff.Secret(o.As), Password: staff.Secret(password), Code: staff.Secret(o.Code), Device: "command line",
		Source: n.Office.Source(netip.MustParseAddr("127.0.0.1")),
	})
	if err != nil {
		return nil, nil, err
	}
	if in.Token == "" {
		return nil, nil, fault.New(fault.Denied, "second-factor-missing")
	}
	who, err := n.People.Caller(p.ctx, in.Session, "cli")
	return who, func() error { return n.Office.SignOut(p.ctx, in.Token) }, err
}

// do opens the node, lets the officer sign in and does one thing.
func (o officer) do(w where, p *program, fn func(*node.Node, *access.Caller) error) error {
	return w.with(p, func(n *node.Node) error {
		who, leave, err := o.signIn(p, n)
		if err != nil {
			return err
		}
		return errors.Join(fn(n, who), leave())
	})
}

type peerCardCmd struct {
	where
	File string `arg:"" help:"The new file to write." type:"path"`
}

// Run writes the card. It is no secret: the partner compares its fingerprint by telephone.
func (c *peerCardCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		var self *exchange.Self
		err := n.DB.Read(p.ctx, func(tx *store.Tx) (err error) {
			self, err = n.Exchange.Self(p.ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		if err := writeNew(c.File, self.Note); err != nil {
			return err
		}
		p.note("Give this file to the partner. When they call, read them these ten groups:")
		p.print("%s", self.Card.Fingerprint())
		return nil
	})
}

// writeNew writes a file that must not exist yet.
func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

type peerAddCmd struct {
	where
	officer
	File      string   `arg:"" help:"The partner's card." type:"path"`
	Purpose   []string `required:"" help:"For what something may be sent, such as protection. May be given several times."`
	Type      []string `required:"" help:"What may be begun: referral.offer, transfer.offer, request, notice. May be given several times."`
	Called    string   `required:"" help:"The telephone number for the comparison, known before and not from the card, and where you have it from."`
	Emergency string   `required:"" help:"Whom to call there at night."`
	Until     string   `required:"" help:"The last day of the pair, such as 2027-12-31."`
	Payload   string   `help:"The most that the text of a message may have, in MiB: 1 or less." placeholder:"MIB"`
	Blob      string   `help:"The most that an attachment may have, in MiB: 2048 or less; 0 for none." placeholder:"MIB"`
	Envelope  string   `help:"The most that a message with all its attachments may have, in MiB: 10240 or less." placeholder:"MIB"`
}

// Run is the first of two officers. Nothing passes on one officer's word.
func (c *peerAddCmd) Run(p *program) error {
	card, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	until, err := time.Parse(time.DateOnly, c.Until)
	if err != nil {
		return fault.InvalidField("peer_until", "bad-date")
	}
	limits, err := exchange.ReadLimits(c.Payload, c.Blob, c.Envelope)
	if err != nil {
		return err
	}
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		terms := exchange.Terms{Limits: limits, Called: c.Called, Emergency: c.Emergency, From: n.Clock.Now(), Until: until.Add(24*time.Hour - time.Second)}
		for _, code := range c.Purpose {
			terms.Purposes = append(terms.Purposes, cx.Purpose(code))
		}
		for _, code := range c.Type {
			terms.Types = append(terms.Types, cx.Type(code))
		}
		id, err := n.Exchange.Prepare(p.ctx, who, ident.New[ident.Command](), card, terms)
		if err != nil {
			return err
		}
		p.print("%s waits for a second person", id)
		p.note("A supervisor or the focal point, not you, now calls %s and confirms:", c.Called)
		p.note("    causeway peer confirm %s --as NAME, or the page Partner countries", id)
		return nil
	})
}

type peerConfirmCmd struct {
	where
	officer
	Node  string `arg:"" help:"The partner's id."`
	Heard string `help:"The ten groups as the partner reads them; asked for otherwise."`
}

// Run is the second of two officers.
func (c *peerConfirmCmd) Run(p *program) error {
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		peer, err := peerOf(p, n, c.Node)
		if err != nil {
			return err
		}
		if t := peer.Proposed; t != nil {
			p.note("Call %s. Purposes: %v. May begin: %v. Until %s.", t.Called, t.Purposes, t.Types, t.Until.Format(time.DateOnly))
			p.note("At most, in MiB: text %s, an attachment %s, a whole message %s.", exchange.MiB(t.Limits.Payload), exchange.MiB(t.Limits.Blob), exchange.MiB(t.Limits.Envelope))
		}
		heard := c.Heard
		if heard == "" {
			if heard, err = askLine(p, "Type the ten groups as they read them to you: "); err != nil {
				return err
			}
		}
		if err := n.Exchange.Confirm(p.ctx, who, ident.New[ident.Command](), peer.Node, heard, peer.Version); err != nil {
			return err
		}
		p.print("%s is confirmed", peer.Node)
		return nil
	})
}

func peerOf(p *program, n *node.Node, id string) (peer *exchange.Peer, err error) {
	err = n.DB.Read(p.ctx, func(tx *store.Tx) error {
		peer, err = n.Exchange.Peer(p.ctx, tx, identity.NodeID(id))
		return err
	})
	return peer, err
}

// askLine reads a line from the terminal, shown as it is typed.
func askLine(p *program, prompt string) (string, error) {
	f, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", fault.New(fault.Invalid, "not-a-terminal")
	}
	fmt.Fprint(p.stderr, prompt)
	var line strings.Builder
	for b := make([]byte, 1); ; {
		if _, err := f.Read(b); err != nil || b[0] == '\n' {
			return strings.TrimSpace(line.String()), err
		}
		line.WriteByte(b[0])
	}
}

type peerListCmd struct{ where }

// Run prints one line a partner, this node first. The digits of a partner that waits for
// the second officer are not shown: they are heard, and typed.
func (c *peerListCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		return n.DB.Read(p.ctx, func(tx *store.Tx) error {
			self, err := n.Exchange.Self(p.ctx, tx)
			if err != nil {
				return err
			}
			line := func(node identity.NodeID, state string, h *identity.History, code string) {
				p.print("%-24s %-12s keys until %s  %s", node, state, exchange.KeysEnd(h).Format(time.DateOnly), code)
			}
			line(self.Node, "this node", self.History, self.Card.Fingerprint().String())
			peers, err := n.Exchange.Peers(p.ctx, tx)
			for _, peer := range peers {
				line(peer.Node, string(peer.State), peer.History, strings.Join(peer.Compared(), " "))
			}
			return err
		})
	})
}

type peerLearnCmd struct {
	where
	officer
	Node string `arg:"" help:"The partner's id."`
	File string `arg:"" help:"The schedule or revocation." type:"path"`
}

// Run takes in what a partner's recovery pair signed.
func (c *peerLearnCmd) Run(p *program) error {
	b, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		changed, err := n.Exchange.Learn(p.ctx, who, ident.New[ident.Command](), identity.NodeID(c.Node), b)
		switch {
		case err != nil:
			return err
		case !changed:
			p.print("known already")
		default:
			p.print("taken in")
		}
		return nil
	})
}

type peerQuarantineCmd struct {
	where
	officer
	Node string `arg:"" help:"The partner's id."`
}

// Run stops the exchange. Nobody is asked, and nothing is lost.
func (c *peerQuarantineCmd) Run(p *program) error {
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		return n.Exchange.Quarantine(p.ctx, who, ident.New[ident.Command](), identity.NodeID(c.Node))
	})
}

type peerResumeCmd struct {
	where
	officer
	Node string `arg:"" help:"The partner's id."`
}

// Run lets the exchange go on: somebody else than who stopped it.
func (c *peerResumeCmd) Run(p *program) error {
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		return n.Exchange.Resume(p.ctx, who, ident.New[ident.Command](), identity.NodeID(c.Node))
	})
}

type peerRemoveCmd struct {
	where
	officer
	Node string `arg:"" help:"The partner's id."`
	Yes  bool   `required:"" help:"Say that you mean it."`
}

// Run removes a partner.
func (c *peerRemoveCmd) Run(p *program) error {
	return c.do(c.where, p, func(n *node.Node, who *access.Caller) error {
		return n.Exchange.Remove(p.ctx, who, ident.New[ident.Command](), identity.NodeID(c.Node))
	})
}
