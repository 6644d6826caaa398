package keys

import (
	"crypto/rand"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"causeway/internal/fault"
)

// The cost of a new passphrase: argon2id with 64 MiB, three passes, one lane
// (about 180 ms on a small machine). The header of the file says what was used,
// so these may rise.
const (
	argonMemory = 64 << 10 // KiB
	argonTime   = 3
	argonLanes  = 1
	argonSalt   = 16
)

// A header is read before it can be trusted: one that asks for more than this is
// damaged, not a reason to exhaust the machine.
const (
	argonMostMemory = 1 << 20 // KiB
	argonMostTime   = 64
	argonMostLanes  = 16
)

// minPassphrase is the least number of characters of a new passphrase. The file
// may be stolen and guessed at for years.
const minPassphrase = 12

// Passphrase returns the provider that asks for a passphrase at every start. ask
// is called once per Wrap or Unwrap; its result is wiped afterwards.
func Passphrase(ask func() ([]byte, error)) Provider { return passphrase{ask} }

type passphrase struct{ ask func() ([]byte, error) }

func (passphrase) Name() string         { return "passphrase" }
func (passphrase) IsPlain() bool        { return false }
func (passphrase) Destroy(string) error { return nil }

func (p passphrase) Wrap(secret, ad []byte) (string, error) {
	var salt [argonSalt]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return "", fault.Wrap(fault.Internal, "randomness", err)
	}
	cost := argonCost{argonMemory, argonTime, argonLanes}
	key, err := p.key(cost, salt[:], minPassphrase)
	if err != nil {
		return "", err
	}
	defer clear(key)
	return fmt.Sprintf("argon2id %d %d %d %s %s", cost.memory, cost.time, cost.lanes,
		b64.EncodeToString(salt[:]), box(key, secret, ad)), nil
}

func (p passphrase) Unwrap(stanza string, ad []byte) ([]byte, error) {
	var cost argonCost
	var saltText, boxText string
	_, err := fmt.Sscanf(stanza, "argon2id %d %d %d %s %s", &cost.memory, &cost.time, &cost.lanes, &saltText, &boxText)
	if err != nil || !cost.bearable() {
		return nil, damaged()
	}
	salt, err := b64.DecodeString(saltText)
	if err != nil || len(salt) != argonSalt {
		return nil, damaged()
	}
	key, err := p.key(cost, salt, 1)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return unbox(key, boxText, ad, "wrong-passphrase")
}

type argonCost struct {
	memory, time uint32
	lanes        uint8
}

func (c argonCost) bearable() bool {
	return c.memory >= 8 && c.memory <= argonMostMemory && c.time >= 1 && c.time <= argonMostTime &&
		c.lanes >= 1 && c.lanes <= argonMostLanes
}

// key asks for the passphrase and stretches it. Keyboards differ in how they
// compose accents, so it is brought to one form first (RFC 8265 section 4.2).
func (p passphrase) key(cost argonCost, salt []byte, least int) ([]byte, error) {
	typed, err := p.ask()
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "passphrase-missing", err)
	}
	defer clear(typed)
	if len(typed) == 0 {
		return nil, fault.New(fault.Invalid, "passphrase-empty")
	}
	if utf8.RuneCount(typed) < least {
		return nil, fault.New(fault.Invalid, "passphrase-short")
	}
	composed := norm.NFC.Bytes(typed)
	defer clear(composed)
	return argon2.IDKey(composed, salt, cost.time, cost.memory, cost.lanes, keySize), nil
}
