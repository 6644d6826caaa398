package identity_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/protocol/identity"
	"causeway/protocol/note"
)

var update = flag.Bool("update", false, "write the vectors again")

// known returns who signs as xa.dcs and as xb.moi in pair notes.
func known(t testing.TB) (a, b note.Known) {
	return note.Known{Name: "xa.dcs", Pairs: []*note.Public{pair(t, 11).Public()}}, note.Known{Name: "xb.moi", Pairs: []*note.Public{pair(t, 21).Public()}}
}

// bothSigned returns the pair note of these tests, signed by both.
func bothSigned(t testing.TB) []byte {
	t.Helper()
	a, _ := known(t)
	half, err := identity.SignPair(agreed(t), note.Signer{Name: "xa.dcs", Pair: pair(t, 11)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.HalfPair(half, a); err != nil {
		t.Fatal(err)
	}
	both, err := note.Cosign(half, note.Signer{Name: "xb.moi", Pair: pair(t, 21)})
	if err != nil {
		t.Fatal(err)
	}
	return both
}

// TestVectors opens the published notes in testdata, good ones and bad ones. Signatures
// are random, so the files are what another implementation must read.
func TestVectors(t *testing.T) {
	if *update {
		c, err := identity.SignCard(card(t), pair(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		v := &identity.Revocation{Node: "xa.dcs", Issued: start, Reason: identity.Compromised, Since: start.Add(-time.Hour), Keys: []identity.KeyID{{1}, {2}}}
		for name, b := range map[string][]byte{
			"good-schedule": signed(t, schedule(t), pair(t, 1)), "good-card": c, "good-revoke": revoked(t, v, pair(t, 1)), "good-pair": bothSigned(t),
			"bad-schedule-by-sign": signed(t, schedule(t), pair(t, 11)), "bad-revoke-by-sign": revoked(t, v, pair(t, 11)),
		} {
			if err := os.WriteFile(filepath.Join("testdata", name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	recovery := pair(t, 1).Public()
	a, b := known(t)
	open := map[string]func([]byte) (string, error){
		"schedule": func(n []byte) (string, error) {
			s, err := identity.OpenSchedule(n, "xa.dcs", recovery)
			if err != nil {
				return "", err
			}
			return s.Text(), nil
		},
		"card": func(n []byte) (string, error) {
			c, _, err := identity.OpenCard(n)
			if err != nil {
				return "", err
			}
			return c.Text(), nil
		},
		"revoke": func(n []byte) (string, error) {
			v, err := identity.OpenRevocation(n, "xa.dcs", recovery)
			if err != nil {
				return "", err
			}
			return v.Text(), nil
		},
		"pair": func(n []byte) (string, error) {
			p, err := identity.OpenPair(n, a, b)
			if err != nil {
				return "", err
			}
			return p.Text(), nil
		},
	}
	for name, fn := range open {
		good, err := os.ReadFile(filepath.Join("testdata", "good-"+name))
		if err != nil {
			t.Fatal(err)
		}
		text, err := fn(good)
		if err != nil || !strings.HasPrefix(string(good), text+"\n\u2014 ") {
			t.Errorf("good %s: %v", name, err)
		}
		for _, bad := range spoilt(string(good)) {
			if _, err := fn([]byte(bad)); err == nil {
				t.Errorf("a spoilt %s is accepted", name)
			}
		}
	}
	for _, name := range []string{"schedule", "revoke"} {
		bad, err := os.ReadFile(filepath.Join("testdata", "bad-"+name+"-by-sign"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open[name](bad); !errors.Is(err, identity.ErrNotRecovery) {
			t.Errorf("%s signed by S: %v", name, err)
		}
	}
}

// spoilt returns a note with one thing wrong each.
func spoilt(good string) []string {
	lines := strings.SplitAfter(good, "\n")
	cut := strings.Index(good, "\n\n")
	return []string{
		"", "\n", good[:len(good)-1], good + "\n", strings.Join(lines[1:], ""), strings.Replace(good, "/1\n", "/2\n", 1),
		strings.Join(append([]string{lines[0]}, lines[2:]...), ""), good[:cut], strings.Replace(good, "\n\n", "\n", 1),
		strings.Join(append(lines[:len(lines)-2:len(lines)-2], ""), ""), strings.Replace(good, "xa.dcs", "xa.dcx", 1),
	}
}

func TestParseRefuses(t *testing.T) {
	s, v, c, p := schedule(t).Text(), (&identity.Revocation{Node: "xa.dcs", Issued: start, Reason: identity.Closed}).Text(), card(t).Text(), agreed(t).Text()
	parse := map[string]func(string) error{
		"schedule": func(x string) error { _, err := identity.ParseSchedule(x); return err },
		"revoke":   func(x string) error { _, err := identity.ParseRevocation(x); return err },
		"card":     func(x string) error { _, err := identity.ParseCard(x); return err },
		"pair":     func(x string) error { _, err := identity.ParsePair(x); return err },
	}
	swap := func(text, from, to string) string {
		out := strings.Replace(text, from, to, 1)
		if out == text {
			t.Fatalf("%q is not there to be replaced", from)
		}
		return out
	}
	for _, tt := range []struct{ kind, what, text string }{
		{"schedule", "serial 0", swap(s, "serial 1", "serial 0")},
		{"schedule", "a serial in another spelling", swap(s, "serial 1", "serial 01")},
		{"schedule", "a time with a zone", swap(s, "2027-01-10T09:00:00Z", "2027-01-10T10:00:00+01:00")},
		{"schedule", "a fraction of a second", swap(s, "2027-01-10T09:00:00Z", "2027-01-10T09:00:00.5Z")},
		{"schedule", "no protocol", swap(s, "protocol 1\n", "")},
		{"schedule", "protocols that fall", swap(s, "protocol 1\n", "protocol 2\nprotocol 1\n")},
		{"schedule", "plain http", swap(s, "https://", "http://")},
		{"schedule", "a password in the address", swap(s, "https://", "https://a:b@")},
		{"schedule", "a limit above the standard", swap(s, "limit-payload 1048576", "limit-payload 1048577")},
		{"schedule", "a key of an unknown role", swap(s, "key log", "key lag")},
		{"schedule", "a key that ends before it begins", swap(s, "key log 2027-01-10T09:00:00Z 2028", "key log 2027-01-10T09:00:00Z 2026")},
		{"schedule", "no key to sign", s[:strings.Index(s, "key sign")] + s[strings.Index(s, "key receive"):]},
		{"schedule", "keys in another order", swap(s, "key sign", "key zign")},
		{"schedule", "a key twice", s + s[strings.Index(s, "key log"):]},
		{"schedule", "a line more", s + "x y\n"},
		{"revoke", "closed since", swap(v, "since -", "since 2027-01-09T09:00:00Z")},
		{"revoke", "compromised since never", swap(v, "closed", "compromised")},
		{"revoke", "superseded without a key", swap(v, "closed", "superseded")},
		{"revoke", "closed with a key", v + "key " + strings.Repeat("0", 32) + "\n"},
		{"revoke", "an unknown reason", swap(v, "closed", "tired")},
		{"card", "of another country", swap(c, "country XA", "country XB")},
		{"card", "languages in another order", swap(c, "name ar", "name zz")},
		{"card", "a control character", swap(c, "Ministry", "Min\u200e\u0007istry")},
		{"card", "no contact", swap(c, "contact duty officer, +000 111 222\n", "")},
		{"pair", "one officer of a side", swap(p, "officer xa.dcs 2027-01-10T09:00:00Z a1b2\n", "")},
		{"pair", "one officer twice", swap(p, "c3d4", "a1b2")},
		{"pair", "an officer of another node", swap(p, "officer xb.moi", "officer xc.moi")},
		{"pair", "purposes in another order", swap(p, "purpose family-tracing", "purpose z-tracing")},
		{"pair", "no end", swap(p, "until 2028-01-10T09:00:00Z", "until 2026-01-10T09:00:00Z")},
		{"pair", "nodes the wrong way round", swap(p, "node xa.dcs", "node xc.dcs")},
	} {
		if err := parse[tt.kind](tt.text); !errors.Is(err, identity.ErrFormat) {
			t.Errorf("%s with %s: %v, want %v", tt.kind, tt.what, err, identity.ErrFormat)
		}
	}
}

func TestCardRoundTrip(t *testing.T) {
	b, err := identity.SignCard(card(t), pair(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	got, s, err := identity.OpenCard(b)
	if err != nil || s.Serial != 1 {
		t.Fatalf("OpenCard: %v", err)
	}
	if diff := cmp.Diff(got.Names, card(t).Names); diff != "" || got.Name("fr") != card(t).Names[0].Text || got.Name("en") != card(t).Names[1].Text {
		t.Errorf("names (-got +want):\n%s", diff)
	}
	if got.Fingerprint() != identity.FingerprintOf(pair(t, 1).Public()) {
		t.Error("the card's fingerprint is not that of its recovery pair")
	}
	if _, err := identity.SignCard(card(t), pair(t, 2)); !errors.Is(err, identity.ErrNotRecovery) {
		t.Errorf("a card signed by another pair: %v", err)
	}
	other := card(t)
	other.Schedule = signed(t, schedule(t), pair(t, 11))
	if _, err := identity.SignCard(other, pair(t, 1)); !errors.Is(err, identity.ErrNotRecovery) {
		t.Errorf("a card around a schedule that R did not sign: %v", err)
	}
}

func TestPairIsSignedByBoth(t *testing.T) {
	a, b := known(t)
	both := bothSigned(t)
	p, err := identity.OpenPair(both, a, b)
	if err != nil || !p.Allows("protection", "note", start) || p.Allows("health", "note", start) || p.Allows("protection", "recall", start) ||
		p.Allows("protection", "note", start.Add(365*day)) {
		t.Errorf("OpenPair: %v, or it allows what was not agreed", err)
	}
	if _, err := identity.HalfPair(both, a); !errors.Is(err, note.ErrSignature) {
		t.Errorf("a whole note as half: %v", err)
	}
	half, _ := identity.SignPair(agreed(t), note.Signer{Name: "xa.dcs", Pair: pair(t, 11)})
	if _, err := identity.OpenPair(half, a, b); !errors.Is(err, note.ErrSignature) {
		t.Errorf("half a note as whole: %v", err)
	}
	if _, err := identity.SignPair(agreed(t), note.Signer{Name: "xc.moj", Pair: pair(t, 11)}); !errors.Is(err, identity.ErrParty) {
		t.Errorf("signed by a third: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(schedule(f).Text())
	f.Add(card(f).Text())
	f.Add(agreed(f).Text())
	f.Add((&identity.Revocation{Node: "xa.dcs", Issued: start, Reason: identity.Compromised, Since: start}).Text())
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := identity.ParseSchedule(text); err == nil && s.Text() != text {
			t.Error("a schedule has two spellings")
		}
		if c, err := identity.ParseCard(text); err == nil && c.Text() != text {
			t.Error("a card has two spellings")
		}
		if p, err := identity.ParsePair(text); err == nil && p.Text() != text {
			t.Error("a pair note has two spellings")
		}
		if v, err := identity.ParseRevocation(text); err == nil && v.Text() != text {
			t.Error("a revocation has two spellings")
		}
	})
}

func FuzzParseNodeID(f *testing.F) {
	f.Add("xa.dcs")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := identity.ParseNodeID(text); err == nil && (string(id) != text || len(text) > identity.NodeIDLimit) {
			t.Errorf("%q is read as %q", text, id)
		}
	})
}
