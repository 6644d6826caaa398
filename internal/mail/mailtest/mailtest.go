// Package mailtest is a mail server for tests, which keeps what it is given.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"causeway/internal/clock"
)

// Server takes letters on a port of the machine.
type Server struct {
	Port  int
	Roots *x509.CertPool

	listener net.Listener
	cert     tls.Certificate
	offers   bool

	mu      sync.Mutex // guards the rest
	refuses bool
	letters []Letter
}

// Letter is one that came.
type Letter struct {
	From, To      string
	Head          mail.Header
	Text          string
	Secure        bool
	Authenticated bool
}

// New starts a server; with offers it knows STARTTLS.
func New(t testing.TB, offers bool) *Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: clock.System().Now().Add(-time.Hour), NotAfter: clock.System().Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Roots: x509.NewCertPool(), offers: offers, cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}
	s.Roots.AddCert(leaf)
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.Port = s.listener.Addr().(*net.TCPAddr).Port
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() { _ = s.listener.Close(); open.Wait() })
	return s
}

// Refuse lets the server refuse every letter, or take them again.
func (s *Server) Refuse(on bool) { s.mu.Lock(); s.refuses = on; s.mu.Unlock() }

// Letters returns what came.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

func (s *Server) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(clock.System().Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 test")
	var l Letter
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		switch verb, rest, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
		case "EHLO":
			if s.offers && !l.Secure {
				say("250-STARTTLS")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			if !s.offers {
				say("502 no")
				continue
			}
			say("220 go on")
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			in, l = bufio.NewReader(conn), Letter{Secure: true}
		case "AUTH":
			l.Authenticated = true
			say("235 ok")
		case "MAIL":
			l.From = rest
			say("250 ok")
		case "RCPT":
			s.mu.Lock()
			refuses := s.refuses
			s.mu.Unlock()
			if refuses {
				say("451 later")
				continue
			}
			l.To = strings.Trim(strings.TrimPrefix(rest, "TO:"), "<>")
			say("250 ok")
		case "DATA":
			say("354 go on")
			s.take(in, l)
			say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

func (s *Server) take(in *bufio.Reader, l Letter) {
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		text.WriteString(line)
	}
	m, err := mail.ReadMessage(strings.NewReader(text.String()))
	if err != nil {
		return
	}
	body, _ := io.ReadAll(quotedprintable.NewReader(m.Body)) // a test compares it
	l.Head, l.Text = m.Header, string(body)
	s.mu.Lock()
	s.letters = append(s.letters, l)
	s.mu.Unlock()
}
