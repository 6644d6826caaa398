package witness

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// The types of keys in C2SP signed-note.
const (
	algLog         = 1 // Ed25519, plain: logs
	algCosignature = 4 // Ed25519 with a time: witnesses
)

// cosignatureSize is the length of a cosignature: key hash, time, signature.
const cosignatureSize = 4 + 8 + ed25519.SignatureSize

// Verifier is the public key of a witness. It implements note.Verifier.
type Verifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// NewVerifier returns the verifier of a witness with this name and key.
func NewVerifier(name string, key ed25519.PublicKey) (*Verifier, error) {
	if !validName(name) || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("not a name and a key of a witness")
	}
	return &Verifier{name, keyHash(name, algCosignature, key), key}, nil
}

// ParseVerifier reads a witness's key in the spelling of C2SP signed-note:
// NAME+HASH+KEY, of type 4.
func ParseVerifier(vkey string) (*Verifier, error) {
	name, alg, key, err := parseKey(vkey)
	if err != nil {
		return nil, err
	}
	if alg != algCosignature {
		return nil, errors.New("not an Ed25519 key of a witness (type 4)")
	}
	return NewVerifier(name, key)
}

// ParseLogKey reads a log's key in the spelling of C2SP signed-note, of type 1. The name is
// the log's origin.
func ParseLogKey(vkey string) (name string, key ed25519.PublicKey, err error) {
	name, alg, b, err := parseKey(vkey)
	if err == nil && alg != algLog {
		err = errors.New("not an Ed25519 key of a log (type 1)")
	}
	return name, b, err
}

// parseKey reads a vkey of any type whose key has 32 bytes.
func parseKey(vkey string) (name string, alg byte, key []byte, err error) {
	bad := errors.New("not a verifier key")
	parts := strings.SplitN(vkey, "+", 3) // base64 may hold a plus
	if len(parts) != 3 || !validName(parts[0]) {
		return "", 0, nil, bad
	}
	b, err := Decode64(parts[2])
	if err != nil || len(b) != 1+ed25519.PublicKeySize {
		return "", 0, nil, bad
	}
	if fmt.Sprintf("%08x", keyHash(parts[0], b[0], b[1:])) != parts[1] {
		return "", 0, nil, errors.New("verifier key with another hash")
	}
	return parts[0], b[0], b[1:], nil
}

// Name returns the name of the witness's key.
func (v *Verifier) Name() string { return v.name }

// KeyHash returns the hash that the witness's lines carry.
func (v *Verifier) KeyHash() uint32 { return v.hash }

// String returns the key as it stands in a policy.
func (v *Verifier) String() string {
	return fmt.Sprintf("%s+%08x+%s", v.name, v.hash, base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, v.key...)))
}

// Verify reports whether sig, a time and a signature, is a cosignature of the text msg.
func (v *Verifier) Verify(msg, sig []byte) bool {
	if len(sig) != cosignatureSize-4 {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at <= math.MaxInt64 && ed25519.Verify(v.key, cosigned(string(msg), int64(at)), sig[8:])
}

// cosigned is what a witness signs: a text of our own kind, which no log signs.
func cosigned(text string, at int64) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text)
}

// Cosigned looks in a signed note for the newest valid cosignature of v over the note's
// text and returns it as its line, which ends in a newline, with its time. ok is false
// when there is none.
func (v *Verifier) Cosigned(signed string) (line string, at time.Time, ok bool) {
	text, lines, found := cut(signed)
	if !found {
		return "", time.Time{}, false
	}
	for l := range strings.Lines(lines) {
		name, sig, good := parseLine(l)
		if !good || name != v.name || len(sig) != cosignatureSize || binary.BigEndian.Uint32(sig) != v.hash {
			continue
		}
		if t := int64(binary.BigEndian.Uint64(sig[4:])); v.Verify([]byte(text), sig[4:]) && (!ok || t > at.Unix()) {
			line, at, ok = l, time.Unix(t, 0).UTC(), true
		}
	}
	return line, at, ok
}

// parseLine reads a signature line, its newline included.
func parseLine(line string) (name string, sig []byte, ok bool) {
	rest, begins := strings.CutPrefix(line, "— ")
	rest, ends := strings.CutSuffix(rest, "\n")
	name, text, parts := strings.Cut(rest, " ")
	sig, err := Decode64(text)
	return name, sig, begins && ends && parts && err == nil && validName(name) && len(sig) > 4
}

// Signer is a witness's key. It does not print.
type Signer struct {
	*Verifier
	private ed25519.PrivateKey
}

// NewSigner returns the signer of a witness with this name; seed is 32 bytes.
func NewSigner(name string, seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("not a seed of a witness")
	}
	private := ed25519.NewKeyFromSeed(seed)
	v, err := NewVerifier(name, private.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	return &Signer{v, private}, nil
}

// Cosign signs the text of a checkpoint as of a time, whose seconds count, and returns
// the signature line, which ends in a newline.
func (s *Signer) Cosign(text string, at time.Time) (line string, err error) {
	if _, err := ParseCheckpoint(text); err != nil {
		return "", err
	}
	if at.Unix() < 0 {
		return "", errors.New("a cosignature before 1970")
	}
	sig := binary.BigEndian.AppendUint32(nil, s.hash)
	sig = binary.BigEndian.AppendUint64(sig, uint64(at.Unix()))
	sig = append(sig, ed25519.Sign(s.private, cosigned(text, at.Unix()))...)
	return "— " + s.name + " " + base64.StdEncoding.EncodeToString(sig) + "\n", nil
}

// Format shows that there is a key and nothing of it, for every verb of fmt.
func (s *Signer) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "[witness key]") } // fmt keeps its own error

// keyHash is the key id of C2SP signed-note.
func keyHash(name string, alg byte, key []byte) uint32 {
	h := sha256.New()
	_, _ = io.WriteString(h, name+"\n") // a hash never fails
	_, _ = h.Write(append([]byte{alg}, key...))
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// validName reports whether a key may have this name: not empty, no space, no plus.
func validName(name string) bool {
	return name != "" && len(name) <= nameMost && utf8.ValidString(name) && !strings.Contains(name, "+") &&
		strings.IndexFunc(name, unicode.IsSpace) < 0
}

// nameMost is how long a name may be.
const nameMost = 255

var _ note.Verifier = (*Verifier)(nil)
