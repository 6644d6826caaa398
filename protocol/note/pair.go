package note

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"filippo.io/mldsa"
)

// PublicSize is the length of the bytes of a [Public] pair: an Ed25519 key, then an
// ML-DSA-65 key.
const PublicSize = ed25519.PublicKeySize + mldsa.MLDSA65PublicKeySize

// SecretSize is the length of the seeds of a [Secret] pair: 32 bytes for each algorithm.
const SecretSize = ed25519.SeedSize + mldsa.PrivateKeySize

// domain separates these ML-DSA signatures from all others a key might make.
const domain = "causeway/note/1"

// Public is the public half of a pair that signs notes.
type Public struct {
	classic ed25519.PublicKey
	lattice *mldsa.PublicKey
	raw     string
	recall  recall
}

// Secret is a pair that signs notes. It is safe for concurrent use and prints as
// nothing that would help anybody.
type Secret struct {
	classic ed25519.PrivateKey
	lattice *mldsa.PrivateKey
	public  *Public
}

// NewSecret returns the pair of two random seeds.
func NewSecret() *Secret {
	seeds := make([]byte, SecretSize)
	_, _ = rand.Read(seeds) // never fails
	defer clear(seeds)
	s, err := SecretFrom(seeds)
	if err != nil {
		panic("note: " + err.Error()) // only for seeds of a wrong length
	}
	return s
}

// SecretFrom returns the pair of [SecretSize] bytes of seeds, which it does not keep.
func SecretFrom(seeds []byte) (*Secret, error) {
	if len(seeds) != SecretSize {
		return nil, fmt.Errorf("a secret pair has %d bytes, not %d", SecretSize, len(seeds))
	}
	lattice, err := mldsa.NewPrivateKey(mldsa.MLDSA65(), seeds[ed25519.SeedSize:])
	if err != nil {
		return nil, fmt.Errorf("read ML-DSA-65 seed: %w", err)
	}
	s := &Secret{classic: ed25519.NewKeyFromSeed(seeds[:ed25519.SeedSize]), lattice: lattice}
	raw := append([]byte(nil), s.classic.Public().(ed25519.PublicKey)...)
	s.public, err = PublicFrom(append(raw, lattice.PublicKey().Bytes()...))
	return s, err
}

// Seeds returns the [SecretSize] bytes from which [SecretFrom] makes the pair again.
func (s *Secret) Seeds() []byte { return append(s.classic.Seed(), s.lattice.Bytes()...) }

// Public returns the public half.
func (s *Secret) Public() *Public { return s.public }

// Format shows a word and no key, for every verb of fmt.
func (s *Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret pair]")) }

// PublicFrom reads the [PublicSize] bytes of a public pair.
func PublicFrom(raw []byte) (*Public, error) {
	if len(raw) != PublicSize {
		return nil, fmt.Errorf("a public pair has %d bytes, not %d", PublicSize, len(raw))
	}
	lattice, err := mldsa.NewPublicKey(mldsa.MLDSA65(), raw[ed25519.PublicKeySize:])
	if err != nil {
		return nil, fmt.Errorf("read ML-DSA-65 key: %w", err)
	}
	return &Public{classic: append(ed25519.PublicKey(nil), raw[:ed25519.PublicKeySize]...), lattice: lattice, raw: string(raw)}, nil
}

// ParsePublic reads a public pair as [Public.String] writes it.
func ParsePublic(text string) (*Public, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("a public pair is one line")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errors.New("a public pair is not base64")
	}
	return PublicFrom(raw)
}

// Bytes returns the two keys, Ed25519 first.
func (p *Public) Bytes() []byte { return []byte(p.raw) }

// String returns the two keys in standard base64 with padding.
func (p *Public) String() string { return base64.StdEncoding.EncodeToString([]byte(p.raw)) }

// Equal reports whether both keys are the same.
func (p *Public) Equal(o *Public) bool { return p != nil && o != nil && p.raw == o.raw }

// Algorithms of signature lines: the byte after which the key stands in its hash (C2SP
// signed-note). 0xff is followed by a name, because none is assigned to ML-DSA-65.
const (
	algClassic = "\x01"
	algLattice = "\xffcauseway/ML-DSA-65\n"
)

// keyHash names a key in a signature line: the first four bytes of a digest over
// signer, algorithm and key.
func keyHash(name, alg string, key []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n" + alg)) // a hash takes every write
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}
