package identity_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	xnote "golang.org/x/mod/sumdb/note"

	"causeway/protocol/identity"
	"causeway/protocol/note"
)

const day = 24 * time.Hour

// start is when the invented node of these tests signs its first schedule.
var start = time.Date(2027, 1, 10, 9, 0, 0, 0, time.UTC)

// recipient returns an E key from testdata, so that vectors stay the same.
func recipient(t testing.TB, n int) []byte {
	t.Helper()
	path := filepath.Join("testdata", "recipient"+string(rune('0'+n)))
	if text, err := os.ReadFile(path); err == nil {
		return text
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(id.Recipient().String())
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return text
}

func signKey(t testing.TB, n byte, from, until time.Time) identity.Key {
	return identity.Key{Role: identity.Sign, From: from, Until: until, Public: pair(t, n).Public().Bytes()}
}

func logKey(t testing.TB, n byte) identity.Key {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	text, err := xnote.NewEd25519VerifierKey("causeway/XA-child-protection/1", ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return identity.Key{Role: identity.Log, From: start, Until: start.Add(365 * day), Public: []byte(text)}
}

func transportKey(n byte, from time.Time) identity.Key {
	seed := make([]byte, ed25519.SeedSize)
	seed[0], seed[1] = n, 1
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	return identity.Key{Role: identity.Transport, From: from, Until: from.Add(90 * day), Public: public}
}

// schedule returns the first schedule of xa.dcs.
func schedule(t testing.TB) *identity.Schedule {
	t.Helper()
	return &identity.Schedule{
		Node: "xa.dcs", Serial: 1, Issued: start, Protocols: []int64{1}, URLs: []string{"https://cx.xa.example"}, Limits: identity.StandardLimits,
		Keys: []identity.Key{
			signKey(t, 11, start, start.Add(365*day)),
			{Role: identity.Receive, From: start, Until: start.Add(182 * day), Public: recipient(t, 1)},
			{Role: identity.Receive, From: start.Add(152 * day), Until: start.Add(334 * day), Public: recipient(t, 2)},
			transportKey(1, start), transportKey(2, start.Add(60*day)), logKey(t, 1),
		},
	}
}

func signed(t testing.TB, s *identity.Schedule, recovery *note.Secret) []byte {
	t.Helper()
	b, err := identity.SignSchedule(s, recovery)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func revoked(t testing.TB, v *identity.Revocation, recovery *note.Secret) []byte {
	t.Helper()
	b, err := identity.SignRevocation(v, recovery)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// history returns what a peer holds of xa.dcs after its first schedule.
func history(t testing.TB) *identity.History {
	t.Helper()
	h := &identity.History{Node: "xa.dcs", Recovery: pair(t, 1).Public()}
	if _, err := h.Accept(signed(t, schedule(t), pair(t, 1)), start); err != nil {
		t.Fatal(err)
	}
	return h
}

func card(t testing.TB) *identity.Card {
	t.Helper()
	return &identity.Card{
		Node: "xa.dcs", Issued: start,
		Names:     []identity.Name{{Language: "ar", Text: "إدارة خدمات الطفل"}, {Language: "en", Text: "Department of Children's Services"}},
		Authority: "Ministry of Children", Country: "XA", Contact: "duty officer, +000 111 222",
		Recovery: pair(t, 1).Public(), Schedule: signed(t, schedule(t), pair(t, 1)),
	}
}

func agreed(t testing.TB) *identity.Pair {
	t.Helper()
	return &identity.Pair{
		A: "xa.dcs", B: "xb.moi",
		FingerprintA: identity.FingerprintOf(pair(t, 1).Public()), FingerprintB: identity.FingerprintOf(pair(t, 2).Public()),
		Officers: []identity.Officer{
			{Node: "xa.dcs", Reference: "a1b2", At: start},
			{Node: "xa.dcs", Reference: "c3d4", At: start.Add(time.Minute)},
			{Node: "xb.moi", Reference: "e5f6", At: start},
			{Node: "xb.moi", Reference: "a7b8", At: start.Add(time.Minute)},
		},
		Purposes: []string{"family-tracing", "protection"}, Types: []string{"note", "referral.offer", "transfer.offer"},
		Limits: identity.StandardLimits, EmergencyA: "duty officer, +000 111 222", EmergencyB: "night desk, +000 333 444",
		From: start, Until: start.Add(365 * day),
	}
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
