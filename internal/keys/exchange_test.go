package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"causeway/internal/fault"
	"causeway/internal/keys"
	"causeway/protocol/identity"
)

const exchangeDay = 24 * time.Hour

// of returns the keys of a role that hold at a time.
func of(all []identity.Key, role identity.Role, at time.Time) []identity.Key {
	var out []identity.Key
	for _, k := range all {
		if k.Role == role && k.Holds(at) {
			out = append(out, k)
		}
	}
	return out
}

// seal seals a text to an E key.
func seal(t *testing.T, k identity.Key, text string) []byte {
	t.Helper()
	to, err := age.ParseHybridRecipient(string(k.Public))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// opens reports whether the ring opens a message.
func opens(t *testing.T, r *keys.Ring, message []byte) bool {
	t.Helper()
	ids, err := r.ExchangeOpeners()
	if err != nil {
		t.Fatal(err)
	}
	out, err := age.Decrypt(bytes.NewReader(message), ids...)
	if err != nil {
		return false
	}
	_, err = io.ReadAll(out)
	return err == nil
}

// TestDrillRotation walks two sittings: S, E and T roll by the schedule, a message that
// was sealed to an E key opens until 90 days after that key's end, and then nowhere.
func TestDrillRotation(t *testing.T) {
	paths := places(t)
	ring := create(t, paths, keys.PlainFile())
	all, err := ring.MakeExchangeKeys(start)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []identity.Role{identity.Sign, identity.Receive, identity.Transport} {
		for at := start; at.Before(start.Add(identity.Sitting)); at = at.Add(exchangeDay) {
			if n := len(of(all, role, at)); n < 1 || n > 2 {
				t.Fatalf("%d %s keys hold on %v", n, role, at)
			}
		}
	}
	first := of(all, identity.Receive, start)[0]
	straggler := seal(t, first, "on its way for long")
	if again, err := ring.MakeExchangeKeys(start); err != nil || len(again) != len(all) {
		t.Fatalf("made twice: %d keys, want %d, %v", len(again), len(all), err)
	}
	next, err := ring.MakeExchangeKeys(start.Add(330 * exchangeDay))
	if err != nil || len(of(next, identity.Sign, start.Add(340*exchangeDay))) != 2 {
		t.Fatalf("at the next sitting no two S keys overlap: %v", err)
	}
	for _, tt := range []struct {
		at   time.Time
		open bool
	}{
		{first.Until.Add(-time.Second), true},
		{first.Until.Add(identity.Straggler - time.Second), true},
		{first.Until.Add(identity.Straggler), false},
	} {
		if _, err := ring.DestroyExchangeKeys(tt.at); err != nil {
			t.Fatal(err)
		}
		if got := opens(t, ring, straggler); got != tt.open {
			t.Errorf("%v after the end of E the message opens: %v, want %v", tt.at.Sub(first.Until), got, tt.open)
		}
	}
	ring = open(t, paths, keys.PlainFile())
	if opens(t, ring, straggler) {
		t.Error("the destroyed key is in the file")
	}
	old := of(all, identity.Transport, start)[0]
	if _, err := ring.ExchangeCertificate("xa.dcs", old.ID("xa.dcs")); fault.CodeOf(err) != "key-destroyed" {
		t.Errorf("a transport key whose time is over: %v", err)
	}
}

// TestDrillLostSign gives a node that lost S new keys.
func TestDrillLostSign(t *testing.T) {
	ring := create(t, places(t), keys.PlainFile())
	before, err := ring.MakeExchangeKeys(start)
	if err != nil {
		t.Fatal(err)
	}
	now := start.Add(40 * exchangeDay)
	after, err := ring.MakeExchangeKeys(now, identity.Sign)
	if err != nil {
		t.Fatal(err)
	}
	lost, found := of(before, identity.Sign, now)[0], of(after, identity.Sign, now)
	if len(found) != 1 || bytes.Equal(found[0].Public, lost.Public) {
		t.Errorf("%d S keys hold after the old one was lost, want one other", len(found))
	}
	for _, role := range []identity.Role{identity.Receive, identity.Transport} {
		if !bytes.Equal(of(before, role, now)[0].Public, of(after, role, now)[0].Public) {
			t.Errorf("the %s key changed with S", role)
		}
	}
}

func TestExchangeKeysDoWhatTheirRoleSays(t *testing.T) {
	ring := create(t, places(t), keys.PlainFile())
	all, err := ring.MakeExchangeKeys(start)
	if err != nil {
		t.Fatal(err)
	}
	sign, transport := of(all, identity.Sign, start)[0], of(all, identity.Transport, start)[0]
	signer, err := ring.ExchangeSigner("xa.dcs", sign.ID("xa.dcs"))
	if err != nil || signer.Name != "xa.dcs" || !bytes.Equal(signer.Pair.Public().Bytes(), sign.Public) {
		t.Errorf("signer %q: %v", signer.Name, err)
	}
	if _, err := ring.ExchangeSigner("xb.moi", sign.ID("xa.dcs")); fault.CodeOf(err) != "key-unknown" {
		t.Errorf("the key of another node: %v", err)
	}
	cert, err := ring.ExchangeCertificate("xa.dcs", transport.ID("xa.dcs"))
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil || !bytes.Equal(leaf.PublicKey.(ed25519.PublicKey), transport.Public) {
		t.Errorf("the certificate is of another key: %v", err)
	}
}

func TestExchangeEpochRisesByOne(t *testing.T) {
	paths := places(t)
	ring := create(t, paths, keys.PlainFile())
	for want := uint64(1); want <= 2; want++ {
		if got, err := ring.RaiseExchangeEpoch(want - 1); err != nil || got != want {
			t.Fatalf("raised to %d, want %d: %v", got, want, err)
		}
	}
	if got, err := ring.RaiseExchangeEpoch(1); fault.CodeOf(err) != "exchange-epoch" || got != 2 {
		t.Errorf("raised from an epoch of the past: %d, %v", got, err)
	}
	if got := open(t, paths, keys.PlainFile()).ExchangeEpoch(); got != 2 {
		t.Errorf("after a restart the epoch is %d, want 2", got)
	}
}

func TestRecoveryPageIsTyped(t *testing.T) {
	r, rows := keys.NewRecovery()
	if len(rows) != 14 {
		t.Fatalf("%d groups, want 14", len(rows))
	}
	page := strings.Join(rows, " ")
	for what, typed := range map[string]string{
		"as it stands": page, "in small letters": strings.ToLower(page), "without spaces": strings.Join(rows, ""),
		"with dashes and lines": strings.Join(rows[:7], "-") + "\r\n" + strings.Join(rows[7:], "-") + "\n",
		"with O for 0":          strings.ReplaceAll(page, "0", "O"), "with l for 1": strings.ReplaceAll(page, "1", "l"),
	} {
		got, err := keys.ParseRecovery(typed)
		if err != nil || !got.Public().Equal(r.Public()) {
			t.Errorf("typed %s: %v", what, err)
		}
	}
	clean := strings.Join(rows, "")
	for i := range clean {
		wrong := byte('7')
		if clean[i] == wrong {
			wrong = '8'
		}
		if _, err := keys.ParseRecovery(clean[:i] + string(wrong) + clean[i+1:]); fault.CodeOf(err) != "recovery-mistyped" {
			t.Fatalf("character %d mistyped: %v", i, err)
		}
	}
	for _, typed := range []string{"", rows[0], page + " 0000", "not this"} {
		if _, err := keys.ParseRecovery(typed); fault.CodeOf(err) != "recovery-mistyped" {
			t.Errorf("%d characters typed: %v", len(typed), err)
		}
	}
	if got := fmt.Sprintf("%v %+v", r, r); got != "[recovery pair] [recovery pair]" {
		t.Errorf("prints %q", got)
	}
}
