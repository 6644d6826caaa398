package mail_test

import (
	"mime"
	"strings"
	"testing"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/mail"
	"causeway/internal/mail/mailtest"
)

func server(s *mailtest.Server, security string) *mail.Server {
	return &mail.Server{
		Host: "127.0.0.1", Port: s.Port, Security: security, From: "node@example.org", Clock: clock.System(), Roots: s.Roots,
	}
}

var letter = mail.Letter{To: "amal@example.org", Subject: "رسالة", Text: "شيء ينتظرك.\nhttps://node.example.org", Language: "ar"}

func TestALetterArrives(t *testing.T) {
	s := mailtest.New(t, true)
	m := server(s, mail.StartTLS)
	m.User, m.Password = "node", func() (string, error) { return "secret", nil }
	if err := m.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if err := server(s, mail.Loopback).Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	got := s.Letters()
	if len(got) != 2 {
		t.Fatalf("%d letters, want two", len(got))
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got[0].Head.Get("Subject"))
	if err != nil || subject != letter.Subject || strings.ReplaceAll(strings.TrimSpace(got[0].Text), "\r\n", "\n") != letter.Text || got[0].To != letter.To {
		t.Errorf("the letter: %+v, %v", got[0], err)
	}
	if !got[0].Secure || !got[0].Authenticated || got[1].Secure {
		t.Errorf("TLS and sign-in: %+v", got)
	}
	if got[0].Head.Get("Auto-Submitted") != "auto-generated" {
		t.Error("the letter does not say that a machine wrote it")
	}
}

// TestNothingGoesInClearText: a server that does not offer TLS, one on another machine
// without TLS, and one nobody vouches for get nothing.
func TestNothingGoesInClearText(t *testing.T) {
	plain, vouched := mailtest.New(t, false), mailtest.New(t, true)
	if err := server(plain, mail.StartTLS).Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without STARTTLS: %v", err)
	}
	stranger := server(vouched, mail.StartTLS)
	stranger.Roots = nil
	if err := stranger.Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a certificate nobody vouches for: %v", err)
	}
	for _, security := range []string{mail.Loopback, "", "none"} {
		elsewhere := server(plain, security)
		elsewhere.Host = "mail.example.org"
		if err := elsewhere.Send(t.Context(), letter); !fault.Is(err, fault.Denied) {
			t.Errorf("%q to another machine: %v, want it refused", security, err)
		}
	}
	if n := len(plain.Letters()) + len(vouched.Letters()); n != 0 {
		t.Errorf("%d letters arrived", n)
	}
}

// TestAddresses: nothing but one address can stand in a header.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"amal@example.org": true, "": false, "amal": false, "Amal <amal@example.org>": false, "a@b.org\r\nBcc: c@d.org": false,
		"a@b.org, c@d.org": false, "é@example.org": false,
	} {
		if got := mail.Valid(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
	s := mailtest.New(t, true)
	s.Refuse(true)
	if err := server(s, mail.StartTLS).Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "amal") {
		t.Errorf("refused: %v, want it without the address", err)
	}
}
