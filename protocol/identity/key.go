package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"causeway/protocol/note"
)

// How long keys hold. A successor begins [Overlap] before its predecessor ends.
const (
	day = 24 * time.Hour

	SignLife      = 365 * day
	ReceiveLife   = 182 * day
	TransportLife = 90 * day
	LogLife       = SignLife
	Overlap       = 30 * day
	// Straggler is how long a private E key is kept after its end. Then it is destroyed:
	// what was sealed to it opens nowhere any more.
	Straggler = 90 * day
	// Sitting is how far ahead the recovery pair signs at one sitting.
	Sitting = 365 * day
)

// Key is a public key of a node with the time in which it holds.
type Key struct {
	Role   Role
	From   time.Time // it holds from this second
	Until  time.Time // and no more from this one
	Public []byte    // as its role spells it: see [KeyIDOf]
}

// ID returns the key's id as a key of node.
func (k Key) ID(node NodeID) KeyID { return KeyIDOf(k.Role, node, k.Public) }

// Holds reports whether the key holds at a time by its own dates.
func (k Key) Holds(at time.Time) bool { return !at.Before(k.From) && at.Before(k.Until) }

// scheduled are the roles of keys in a schedule, in the order of its lines.
var scheduled = []Role{Sign, Receive, Transport, Log, Witness}

// text spells the public key in one line.
func (k Key) text() string {
	if k.Role == Sign || k.Role == Transport {
		return base64.StdEncoding.EncodeToString(k.Public)
	}
	return string(k.Public)
}

// line writes the key as a line of a schedule.
func (k Key) line() string {
	return string(k.Role) + " " + stamp(k.From) + " " + stamp(k.Until) + " " + k.text()
}

// key reads what line writes.
func (r *reader) key(value string) Key {
	parts := r.fields(value, 4)
	k := Key{Role: Role(parts[0]), From: r.stamp(parts[1]), Until: r.stamp(parts[2]), Public: []byte(parts[3])}
	if k.Role == Sign || k.Role == Transport {
		raw, err := base64.StdEncoding.Strict().DecodeString(parts[3])
		r.check(err == nil)
		k.Public = raw
	}
	r.check(k.Check() == nil)
	return k
}

// ErrKey is a key that is none of its role, or has no time in which it holds.
var ErrKey = errors.New("not a key of its role with a time in which it holds")

// Check reports whether the key is well formed. The error is [ErrKey].
func (k Key) Check() error {
	if !slices.Contains(scheduled, k.Role) || !k.From.Before(k.Until) || whole(k.From) != k.From.UTC() || whole(k.Until) != k.Until.UTC() {
		return ErrKey
	}
	var err error
	switch k.Role {
	case Sign:
		_, err = note.PublicFrom(k.Public)
	case Receive:
		_, err = age.ParseHybridRecipient(string(k.Public))
	case Transport:
		if len(k.Public) != ed25519.PublicKeySize {
			err = ErrKey
		}
	default:
		err = checkVerifier(string(k.Public), k.Role)
	}
	if err != nil {
		return ErrKey
	}
	return nil
}

// The algorithms of verifiers (C2SP signed-note): plain Ed25519 and timestamped
// cosignatures.
const (
	algEd25519 = 1
	algCosign  = 4
)

// checkVerifier reads a verifier key NAME+HASH+BASE64 as its role wants it.
func checkVerifier(text string, role Role) error {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 || parts[0] == "" || strings.ContainsAny(text, " \r\n") {
		return ErrKey
	}
	hash, err := hex.DecodeString(parts[1])
	raw, err2 := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || err2 != nil || len(hash) != 4 || len(raw) != 1+ed25519.PublicKeySize || len(parts[0]) > 128 {
		return ErrKey
	}
	if raw[0] != algEd25519 && (role != Witness || raw[0] != algCosign) {
		return ErrKey
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if binary.BigEndian.Uint32(sum[:]) != binary.BigEndian.Uint32(hash) || parts[1] != strings.ToLower(parts[1]) {
		return ErrKey
	}
	return nil
}

// compareKeys is the order of the keys of a schedule.
func compareKeys(a, b Key) int {
	if c := slices.Index(scheduled, a.Role) - slices.Index(scheduled, b.Role); c != 0 {
		return c
	}
	if c := a.From.Compare(b.From); c != 0 {
		return c
	}
	if c := a.Until.Compare(b.Until); c != 0 {
		return c
	}
	return bytes.Compare(a.Public, b.Public)
}

// Life returns how long a key of a role holds.
func Life(role Role) time.Duration {
	switch role {
	case Receive:
		return ReceiveLife
	case Transport:
		return TransportLife
	}
	return SignLife
}

// Period is a time for which a key is still to be made.
type Period struct{ From, Until time.Time }

// Plan returns the periods of the keys of a role that are missing when the recovery pair
// signs at now what holds for a [Sitting]. last is when the newest key there is ends,
// zero for none.
func Plan(role Role, now, last time.Time) []Period {
	now = whole(now)
	var out []Period
	for last.Before(now.Add(Sitting)) {
		from := now
		if next := last.Add(-Overlap); next.After(now) {
			from = next
		}
		last = from.Add(Life(role))
		out = append(out, Period{from, last})
	}
	return out
}
