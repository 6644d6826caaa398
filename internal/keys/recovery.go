package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"

	"causeway/internal/fault"
	"causeway/protocol/note"
)

// Recovery is the recovery pair R of a node towards other nodes, while somebody holds its
// page. No file of the node ever has it.
type Recovery struct{ pair *note.Secret }

const (
	recoveryLabel = "causeway/recovery/1"
	recoveryCheck = 3 // bytes that find a slip of the pen
	recoveryGroup = 4 // characters
)

// recoveryAlphabet has no letter that looks like a digit, and no U.
var recoveryAlphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewRecovery makes a recovery pair, and returns what its page shows: 14 groups of 4
// characters. Nothing else is kept of it.
func NewRecovery() (*Recovery, []string) {
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails
	defer clear(secret)
	text := recoveryAlphabet.EncodeToString(append(append([]byte(nil), secret...), recoverySum(secret)...))
	var rows []string
	for len(text) > 0 {
		rows, text = append(rows, text[:recoveryGroup]), text[recoveryGroup:]
	}
	r, err := recoveryOf(secret)
	if err != nil {
		panic("keys: " + err.Error()) // only for seeds of a wrong length
	}
	return r, rows
}

// ParseRecovery reads what somebody types from the page. Spaces, dashes, line breaks and
// small letters do not count; O is read as 0, I and L as 1. A slip of the pen is
// "recovery-mistyped" (Invalid).
func ParseRecovery(typed string) (*Recovery, error) {
	clean := strings.Map(func(c rune) rune {
		switch {
		case c == 'O':
			return '0'
		case c == 'I' || c == 'L':
			return '1'
		case strings.ContainsRune(" -\t\r\n", c):
			return -1
		}
		return c
	}, strings.ToUpper(typed))
	raw, err := recoveryAlphabet.DecodeString(clean)
	if err != nil || len(raw) != keySize+recoveryCheck {
		return nil, fault.New(fault.Invalid, "recovery-mistyped")
	}
	defer clear(raw)
	if subtle.ConstantTimeCompare(recoverySum(raw[:keySize]), raw[keySize:]) != 1 {
		return nil, fault.New(fault.Invalid, "recovery-mistyped")
	}
	return recoveryOf(raw[:keySize])
}

func recoveryOf(secret []byte) (*Recovery, error) {
	seeds, err := hkdf.Key(sha256.New, secret, nil, recoveryLabel, note.SecretSize)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "keyring", err)
	}
	defer clear(seeds)
	pair, err := note.SecretFrom(seeds)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "keyring", err)
	}
	return &Recovery{pair}, nil
}

func recoverySum(secret []byte) []byte {
	sum := sha256.Sum256(append([]byte(recoveryLabel), secret...))
	return sum[:recoveryCheck]
}

// Public returns the public half.
func (r *Recovery) Public() *note.Public { return r.pair.Public() }

// Pair returns the pair, to sign a schedule, a card or a revocation.
func (r *Recovery) Pair() *note.Secret { return r.pair }

// Format shows nothing of the pair, for every verb of fmt.
func (r *Recovery) Format(s fmt.State, _ rune) {
	_, _ = s.Write([]byte("[recovery pair]")) // fmt keeps its own error
}
