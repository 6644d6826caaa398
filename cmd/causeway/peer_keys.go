package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/fault"
	"causeway/internal/keys"
	"causeway/internal/node"
	"causeway/protocol/identity"
)

type peerInitCmd struct {
	where
	ID        identity.NodeID   `required:"" help:"This node's id towards others, for ever: a country's code and an organisation, such as xa.dcs."`
	Name      map[string]string `required:"" help:"What the node is called in a language: en=NAME. May be given several times."`
	Authority string            `required:"" help:"The body that answers for the node."`
	Contact   string            `required:"" help:"Whom a partner calls, outside this system."`
	Listen    string            `help:"Address of the door for other nodes, such as 0.0.0.0:8443."`
	URL       string            `help:"Where other nodes reach that door: https://. Leave out for a node that only calls out."`
	PageFile  string            `help:"Write the recovery page to this new file of mode 0600 instead of the terminal." type:"path"`
}

// Run makes the recovery pair and the keys of a year. The page is shown before anything is
// signed: a pair whose page nobody has would be lost.
func (c *peerInitCmd) Run(p *program) (err error) {
	defer func() {
		if err != nil {
			dropEmpty(c.PageFile)
		}
	}()
	out, err := onceOnly(p, c.PageFile, "the recovery page")
	if err != nil {
		return err
	}
	return c.with(p, func(n *node.Node) error {
		if err := n.BeginExchange(p.ctx, node.Exchange{ID: c.ID, Listen: c.Listen, URL: c.URL}); err != nil {
			return err
		}
		r, rows := keys.NewRecovery()
		if err := out(recoveryPage(n, r, rows)); err != nil {
			return err
		}
		if err := n.Sit(p.ctx, r, node.Sitting{Names: names(c.Name), Authority: c.Authority, Contact: c.Contact}); err != nil {
			return err
		}
		p.note("Close the page in an envelope now. Then: causeway peer card FILE")
		return nil
	})
}

// names returns the names of a card in the order of their languages.
func names(of map[string]string) []identity.Name {
	var out []identity.Name
	for language, text := range of {
		out = append(out, identity.Name{Language: language, Text: text})
	}
	slices.SortFunc(out, func(a, b identity.Name) int { return strings.Compare(a.Language, b.Language) })
	return out
}

// recoveryPage is the recovery pair on one page, to be printed.
func recoveryPage(n *node.Node, r *keys.Recovery, rows []string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("CAUSEWAY RECOVERY PAGE FOR PARTNER COUNTRIES")
	line("")
	line("node          %s", n.Config.Exchange.ID)
	line("made          %s", n.Clock.Now().UTC().Format("2006-01-02 15:04 UTC"))
	line("fingerprint   %s", identity.FingerprintOf(r.Public()))
	line("")
	line("The recovery pair. Whoever has it can give this node other keys in the")
	line("eyes of every partner. Spaces, dashes and small letters do not count.")
	line("")
	for len(rows) > 0 {
		k := min(7, len(rows))
		line("    %s", strings.Join(rows[:k], " "))
		rows = rows[k:]
	}
	line("")
	line("KEEP this page in a sealed envelope in a safe, not with the recovery kit.")
	line("It is stored nowhere and cannot be made again: without it every partner")
	line("has to be paired anew, by telephone.")
	line("")
	line("ONCE A YEAR two people open it for the next year's keys:")
	line("    causeway peer schedule renew")
	line("WHEN KEYS WERE LOST OR IN OTHER HANDS: docs/runbooks/PeerKeys.md")
	line("Opened on, by, sealed again:")
	for range 4 {
		line("    ______________________________________________________________")
	}
	return b.String()
}

type peerScheduleCmd struct {
	Renew peerRenewCmd `cmd:"" help:"Make the keys of the coming year and sign for them with the recovery page."`
}

// page reads the recovery page of this node.
type page struct {
	PageFile string `help:"A file of mode 0600 with the groups of the recovery page; typed otherwise." type:"path"`
}

func (g page) recovery(p *program) (*keys.Recovery, error) {
	typed, err := where{PassphraseFile: g.PageFile}.passphrase(p, "The 14 groups of the recovery page (not shown): ")
	if err != nil {
		return nil, err
	}
	defer clear(typed)
	return keys.ParseRecovery(groupsIn(string(typed)))
}

// groupsIn finds the groups in a file that may hold the whole page: the rows of seven
// groups of four characters.
func groupsIn(text string) string {
	var rows []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 7 && !slices.ContainsFunc(f, func(g string) bool { return len(g) != 4 }) {
			rows = append(rows, f...)
		}
	}
	if len(rows) == 14 {
		return strings.Join(rows, " ")
	}
	return text
}

type peerRenewCmd struct {
	where
	page
	Lost      []identity.Role   `enum:"sign,receive,transport" help:"Keys that are lost or were in other hands: sign, receive, transport. They get new ones from now on."`
	Name      map[string]string `help:"Another name for the card: en=NAME."`
	Authority string            `help:"Another authority for the card."`
	Contact   string            `help:"Another contact for the card."`
}

// Run is the yearly sitting.
func (c *peerRenewCmd) Run(p *program) error {
	return c.with(p, func(n *node.Node) error {
		r, err := c.recovery(p)
		if err != nil {
			return err
		}
		if err := n.Sit(p.ctx, r, node.Sitting{Names: names(c.Name), Authority: c.Authority, Contact: c.Contact, Lost: c.Lost}); err != nil {
			return err
		}
		p.note("The partners get the new keys with the next exchange. For one that cannot be reached: causeway peer card FILE")
		return nil
	})
}

type peerRevokeCmd struct {
	where
	page
	File   string          `arg:"" help:"The new file to write, for partners that cannot be reached." type:"path"`
	Reason identity.Reason `required:"" enum:"superseded,compromised,closed,suspended" help:"Why: ${enum}."`
	Since  string          `help:"With compromised: since when, such as 2027-03-01T12:00:00Z."`
	Key    []string        `help:"Ids of the keys; all of the node where none is given."`
	Yes    bool            `required:"" help:"Say that you mean it."`
}

// Run takes back keys, or the node.
func (c *peerRevokeCmd) Run(p *program) error {
	v := identity.Revocation{Reason: c.Reason}
	if c.Since != "" {
		at, err := time.Parse(time.RFC3339, c.Since)
		if err != nil {
			return fault.InvalidField("since", "bad-date")
		}
		v.Since = at.UTC().Truncate(time.Second)
	}
	for _, text := range c.Key {
		id, err := identity.ParseKeyID(text)
		if err != nil {
			return fault.Wrap(fault.Invalid, "peer-card", err)
		}
		v.Keys = append(v.Keys, id)
	}
	return c.with(p, func(n *node.Node) error {
		r, err := c.recovery(p)
		if err != nil {
			return err
		}
		signed, err := n.Revoke(p.ctx, r, v)
		if err != nil {
			return err
		}
		p.note("The partners are told with the next exchange. Send the file to those that cannot be reached.")
		return writeNew(c.File, signed)
	})
}
