package staff

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
)

// Secret is a text that must not be printed: a password, a code, a token or a
// name as it was typed. Every printer shows "[sealed]"; string(s) is the value.
type Secret string

const sealedMark = "[sealed]"

// Format prints "[sealed]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(sealedMark)) } // fmt keeps its own error

// LogValue logs "[sealed]".
func (Secret) LogValue() slog.Value { return slog.StringValue(sealedMark) }

var errSecret = errors.New("staff: a secret does not go into this encoding")

// MarshalJSON refuses.
func (Secret) MarshalJSON() ([]byte, error) { return nil, errSecret }

// MarshalText refuses.
func (Secret) MarshalText() ([]byte, error) { return nil, errSecret }

var _ json.Marshaler = Secret("")

// tokenBytes is the size of a token: nobody guesses 256 bits, so a plain hash
// of it may be stored.
const tokenBytes = 32

// newToken returns a random token and what is stored of it.
func newToken() (Secret, []byte) {
	b := random(tokenBytes)
	return Secret(base64.RawURLEncoding.EncodeToString(b)), hashToken(b)
}

func hashToken(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// tokenHash returns what is stored of a token somebody sent, nil if it cannot
// be one.
func tokenHash(s Secret) []byte {
	if len(s) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(string(s))
	if err != nil || len(b) != tokenBytes {
		return nil
	}
	return hashToken(b)
}

// random returns n random bytes. It panics when the machine has no randomness,
// because nothing is safe then.
func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("staff: no randomness: " + err.Error())
	}
	return b
}

// digest is HMAC-SHA256 over parts, each with its length before it, so that no
// two lists of parts give the same input.
func digest(key *[32]byte, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, key[:])
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		m.Write(n[:])
		m.Write(p)
	}
	return m.Sum(nil)
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// rowMAC is the keyed digest of a row's columns, as stored beside them and as
// written into journal entries.
func (o *Office) rowMAC(table string, row []byte, version int64, cols ...[]byte) []byte {
	parts := append([][]byte{[]byte(table), row, number(version)}, cols...)
	return digest(&o.rowKey, parts...)[:16]
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// voiceAlphabet has no two characters that sound or look alike in a bad
// connection; 23 of them make 6 characters about 27 bits, which is enough for a
// code with few tries behind a secret link.
const (
	voiceAlphabet = "34679ACDEFGHJKMNPQRTWXY"
	voiceLength   = 6
)

func newVoiceCode() Secret {
	const limit = 256 - 256%len(voiceAlphabet)
	code := make([]byte, 0, voiceLength)
	for len(code) < voiceLength {
		if b := random(1)[0]; int(b) < limit {
			code = append(code, voiceAlphabet[int(b)%len(voiceAlphabet)])
		}
	}
	return Secret(code)
}

// voiceDigest binds a code to all that its invitation is for. Blanks, dashes and
// case are forgiven, as with case numbers.
func (o *Office) voiceDigest(i *invitation, code Secret) []byte {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(string(code)))
	return digest(&o.voiceKey, i.id[:], i.staff[:], []byte(i.role), number(i.until), []byte(plain))
}

// Source is where a request comes from: a network address that is never
// stored, only its keyed digest.
type Source struct {
	key  [16]byte
	zone string
}

// Source returns the source of an address. Of an IPv6 address only the first
// 64 bits count, because a household has all the others to itself.
func (o *Office) Source(a netip.Addr) Source {
	a = a.Unmap().WithZone("")
	s := Source{zone: "outside"}
	switch {
	case !a.IsValid():
		s.zone = "unknown"
	case a.IsLoopback():
		s.zone = "loopback"
	case a.IsPrivate() || a.IsLinkLocalUnicast():
		s.zone = "inside"
	}
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			a = p.Addr()
		}
	}
	b, err := a.MarshalBinary()
	if err != nil { // cannot happen; one shared source is the careful answer
		b = nil
	}
	copy(s.key[:], digest(&o.sourceKey, b))
	return s
}
