package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/mail"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// Mail is the server through which people are told, without any content, that something
// waits for them.
type Mail struct {
	// Host and Port are the server's.
	Host string `json:"host"`
	Port int    `json:"port"`
	// Security is "starttls", "tls", or "loopback" for a server on this very machine, named
	// by its address.
	Security string `json:"security"`
	// User and Credential sign in there: a name, and the file with the password (a path, or
	// the name of a systemd credential). Both or none.
	User       string `json:"user,omitempty"`
	Credential string `json:"credential,omitempty"`
	// From is the address that letters come from.
	From string `json:"from"`
}

// check refuses what would go over a network in clear text.
func (m *Mail) check(k *fault.Check) {
	k.Require(m.Host != "", "mail.host", "required")
	k.Require(m.Port > 0 && m.Port < 1<<16, "mail.port", "range")
	switch m.Security {
	case mail.StartTLS, mail.TLS:
	case mail.Loopback:
		k.Require(mail.IsLoopback(m.Host), "mail.host", "loopback-only")
	default:
		k.Reject("mail.security", "not-in-list")
	}
	k.Require((m.User == "") == (m.Credential == ""), "mail.credential", "required")
	k.Require(mail.Valid(m.From), "mail.from", "email")
}

// password is read each time: it can be renewed while the node runs.
func (m *Mail) password() (string, error) {
	path := m.Credential
	if !filepath.IsAbs(path) {
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return "", fault.New(fault.Unavailable, "mail-unsent")
		}
		path = filepath.Join(dir, filepath.Base(path))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the password of the mail server: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// lettersAtOnce is how many letters one run takes on, and failuresMost after how many that
// failed one after the other it leaves the rest for later: the server is not there.
const (
	lettersAtOnce = 20
	failuresMost  = 3
)

// SendMail sends the letters whose time has come. One that cannot be sent holds up no
// other, and is tried again.
func (n *Node) SendMail(ctx context.Context) error {
	m := n.Config.Mail
	if m == nil {
		return nil
	}
	all, err := n.Office.Letters(ctx, lettersAtOnce)
	if err != nil {
		return fmt.Errorf("take letters: %w", err)
	}
	server := mail.Server{
		Host: m.Host, Port: m.Port, Security: m.Security, User: m.User, Password: m.password, From: m.From, Clock: n.Clock,
	}
	var failed error
	inRow := 0
	for _, l := range all {
		if err := server.Send(ctx, n.letter(l)); err != nil {
			failed = errors.Join(failed, err)
			if inRow++; inRow == failuresMost {
				break
			}
			continue
		}
		inRow = 0
		if err := n.Office.Sent(ctx, l); err != nil {
			return fmt.Errorf("keep that a letter went: %w", err)
		}
	}
	return failed
}

// letter writes a letter in its reader's language: no name, no number, no case, no agency.
func (n *Node) letter(l staff.Letter) mail.Letter {
	words := locale.Get(l.Language)
	out := mail.Letter{To: string(l.To), Language: words.Code()}
	if l.Kind == staff.LetterCode {
		out.Subject, out.Text = words.T("mail.code.subject"), words.T("mail.code.text", "code", string(l.Code))
		return out
	}
	out.Subject, out.Text = words.T("mail.waits"), words.T("mail.waits.text", "address", n.Config.Origin)
	return out
}

// posted has people told of referrals by e-mail.
type posted struct{ n *Node }

// Notify implements referral.Notifier.
func (p posted) Notify(ctx context.Context, tx *store.Tx, unit ident.Unit, who ident.Staff, urgent bool) error {
	dir, err := p.n.Office.Directory(ctx)
	if err != nil {
		return err
	}
	if a, ok := dir.Person(who); ok && a.State == staff.Active {
		return p.n.Office.TellByMail(ctx, tx, urgent, who)
	}
	var people []ident.Staff
	for _, a := range dir.People() {
		if a.Unit == unit && a.State == staff.Active && slices.Contains(receivers, a.Role) {
			people = append(people, a.ID)
		}
	}
	return p.n.Office.TellByMail(ctx, tx, urgent, people...)
}
