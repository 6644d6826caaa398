package mask

import (
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gtank/ristretto255"
)

// Version names the profile: the group, the way to it, and what a domain binds. It is
// hashed into every point.
const Version = "causeway/match/1"

// What can be wrong with a domain.
var ErrDomain = errors.New("not a domain: a purpose, two different nodes and an epoch are needed")

// A Domain is what points may be compared under. Two domains that differ in anything have
// no point in common.
type Domain struct {
	Purpose string // what is compared: "child" or "selector"
	Asker   string // node id of who asks
	Holder  string // node id of who is asked
	Epoch   uint64 // number of the agreement's epoch, from 1
}

// The lengths that a domain keeps to, in bytes, so that its text fits the tag of RFC 9380.
const (
	maxPurpose = 16
	maxNode    = 64
)

// Check refuses a domain that is not whole.
func (d Domain) Check() error {
	for _, s := range []string{d.Purpose, d.Asker, d.Holder} {
		for _, c := range []byte(s) {
			if c <= ' ' || c > '~' {
				return ErrDomain
			}
		}
	}
	if d.Purpose == "" || len(d.Purpose) > maxPurpose || d.Asker == "" || len(d.Asker) > maxNode ||
		d.Holder == "" || len(d.Holder) > maxNode || d.Asker == d.Holder || d.Epoch == 0 {
		return ErrDomain
	}
	return nil
}

// tag is the domain separation tag of RFC 9380. A blank stands in none of its parts.
func (d Domain) tag() []byte {
	return fmt.Appendf(nil, "%s ristretto255-SHA512 %s %s %s %d", Version, d.Purpose, d.Asker, d.Holder, d.Epoch)
}

// A Key is one thing that may agree on both sides: a kind, such as "given+family+year",
// and its value in normal form. Equal values of two kinds are two keys.
type Key struct {
	Kind  string // at most 255 bytes
	Value string // at most 65,535 bytes
}

// text is a key's one spelling. Lengths go before, so that no two keys share it.
func (k Key) text() []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(k.Kind)))
	b = append(b, k.Kind...)
	return append(b, k.Value...)
}

// toGroup is hash_to_ristretto255 of RFC 9380 with expand_message_xmd and SHA-512.
func toGroup(message, tag []byte) *ristretto255.Element {
	return fromUniform(expand(message, tag))
}

// expand is expand_message_xmd of RFC 9380, section 5.3.1, for the 64 bytes a point needs:
// one block of SHA-512.
func expand(message, tag []byte) []byte {
	const want = sha512.Size
	prime := append(tag[:len(tag):len(tag)], byte(len(tag)))
	h := sha512.New()
	h.Write(make([]byte, sha512.BlockSize))
	h.Write(message)
	h.Write([]byte{0, want, 0})
	h.Write(prime)
	first := h.Sum(nil)
	h.Reset()
	h.Write(first)
	h.Write([]byte{1})
	h.Write(prime)
	return h.Sum(first[:0])
}
