package casework

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// position is where a page of the list begins: after (or, backwards, before) one
// case.
type position struct {
	at   int64
	id   ident.Case
	back bool
}

// start reports whether the position is the beginning of the list.
func (p position) start() bool { return p.at == math.MaxInt64 && !p.back }

// cursors seals positions, so that a cursor says nothing about the case it
// stands at and fits only the filter it was made for.
type cursors struct{ aead cipher.AEAD }

func newCursors(key [32]byte) (cursors, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return cursors{}, fmt.Errorf("cursor key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return cursors{aead}, err
}

// bound is what a cursor is sealed to: the filter.
func bound(q *Query) []byte {
	return fmt.Appendf(nil, "%q %q %q %q %q %s %s %t", q.Stage, q.Risk, q.Sex, q.AgeBand, q.Region, q.Unit, q.Worker, q.OpenOnly)
}

func (c cursors) seal(q *Query, p position) string {
	b := make([]byte, 0, 25)
	b = binary.BigEndian.AppendUint64(b, uint64(p.at))
	b = append(b, p.id[:]...)
	if p.back {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	nonce := make([]byte, c.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "" // without randomness there is no next page
	}
	return base64.RawURLEncoding.EncodeToString(c.aead.Seal(nonce, nonce, b, bound(q)))
}

// open reads a cursor; "" is the beginning. A forged cursor, or one of another
// filter, is Invalid.
func (c cursors) open(s string, q *Query) (position, error) {
	if s == "" {
		return position{at: math.MaxInt64}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	n := c.aead.NonceSize()
	if err != nil || len(b) < n {
		return position{}, fault.New(fault.Invalid, "bad-cursor")
	}
	plain, err := c.aead.Open(nil, b[:n], b[n:], bound(q))
	if err != nil || len(plain) != 25 {
		return position{}, fault.New(fault.Invalid, "bad-cursor")
	}
	p := position{at: int64(binary.BigEndian.Uint64(plain)), back: plain[24] == 1}
	copy(p.id[:], plain[8:24])
	return p, nil
}
