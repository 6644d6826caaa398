// Package mail sends short plain letters through one mail server (SMTP, RFC 5321): over
// TLS, or on the machine itself.
//
// It must never send over a network in clear text, never put into a letter what its
// caller did not write, and never log an address. Start at [Server.Send].
package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/netip"
	"net/smtp"
	"strconv"
	"strings"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// How a server is spoken to.
const (
	StartTLS = "starttls" // clear text only until TLS begins, and nothing is said before
	TLS      = "tls"      // TLS from the first byte
	Loopback = "loopback" // no TLS: the server is on this machine
)

// sendWithin is how long one letter may take.
const sendWithin = 30 * time.Second

// Server is a mail server.
type Server struct {
	Host     string
	Port     int
	Security string
	User     string // "" gives no password
	Password func() (string, error)
	From     string // an address
	Clock    clock.Clock
	Roots    *x509.CertPool // nil: those of the machine
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// Valid reports whether a text is one plain address, without a name beside it.
func Valid(address string) bool {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || a.Name != "" || len(address) > 200 {
		return false
	}
	for i := range len(address) {
		if address[i] <= ' ' || address[i] >= 0x7f {
			return false
		}
	}
	return true
}

// Letter is one letter to one person.
type Letter struct {
	To, Subject, Text string
	Language          string
}

// Send hands a letter to the server. Errors name neither the address nor the text.
func (s *Server) Send(ctx context.Context, l Letter) error {
	if !Valid(l.To) || !Valid(s.From) {
		return fault.InvalidField("mail_address", "email")
	}
	if s.Security != StartTLS && s.Security != TLS && !(s.Security == Loopback && IsLoopback(s.Host)) {
		return fault.New(fault.Denied, "mail-in-clear")
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return unsent("connect", err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return unsent("connect", err)
		}
	}
	cfg := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: s.Roots}
	if s.Security == TLS {
		conn = tls.Client(conn, cfg)
	}
	c, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return unsent("greet", err)
	}
	return s.talk(c, cfg, l)
}

func (s *Server) talk(c *smtp.Client, cfg *tls.Config, l Letter) error {
	if err := c.Hello(domain(s.From)); err != nil {
		return unsent("hello", err)
	}
	if s.Security == StartTLS {
		if err := c.StartTLS(cfg); err != nil {
			return unsent("starttls", err)
		}
	}
	if s.User != "" {
		password, err := s.Password()
		if err != nil {
			return err
		}
		if err := c.Auth(smtp.PlainAuth("", s.User, password, s.Host)); err != nil {
			return unsent("sign-in", err)
		}
	}
	body, err := s.write(l)
	if err != nil {
		return err
	}
	if err := c.Mail(s.From); err != nil {
		return unsent("from", err)
	}
	if err := c.Rcpt(l.To); err != nil {
		return unsent("to", err)
	}
	w, err := c.Data()
	if err != nil {
		return unsent("data", err)
	}
	if _, err := w.Write(body); err != nil {
		return unsent("data", err)
	}
	if err := w.Close(); err != nil {
		return unsent("data", err)
	}
	_ = c.Quit() // the server has the letter
	return nil
}

// unsent keeps of an error where it was, and not what the server said: that may repeat
// an address.
func unsent(where string, _ error) error {
	return fmt.Errorf("mail %s: %w", where, fault.New(fault.Unavailable, "mail-unsent"))
}

func domain(address string) string {
	_, after, _ := strings.Cut(address, "@")
	return after
}

// write is the letter as it is sent.
func (s *Server) write(l Letter) ([]byte, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", s.From},
		{"To", l.To},
		{"Subject", mime.QEncoding.Encode("utf-8", l.Subject)},
		{"Date", s.Clock.Now().UTC().Format(time.RFC1123Z)},
		{"Message-ID", "<" + hex.EncodeToString(id[:]) + "@" + domain(s.From) + ">"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: nobody's absence answers it
		{"MIME-Version", "1.0"},
		{"Content-Language", l.Language},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(l.Text, "\n", "\r\n"))); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
