package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
)

// tokenSeal seals small values into addresses: what somebody searched for must
// not lie in a browser's history or a proxy's log.
type tokenSeal struct{ aead cipher.AEAD }

func newTokenSeal(key [32]byte) (tokenSeal, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return tokenSeal{}, err
	}
	aead, err := cipher.NewGCM(block)
	return tokenSeal{aead}, err
}

// text seals a text, padded so that its length says little.
func (t tokenSeal) text(s string) string {
	nonce := make([]byte, t.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return ""
	}
	padded := s + strings.Repeat("\x00", 64-len(s)%64)
	return base64.RawURLEncoding.EncodeToString(t.aead.Seal(nonce, nonce, []byte(padded), nil))
}

// openText opens what text sealed, "" for anything else.
func (t tokenSeal) openText(s string) string {
	if s == "" || len(s) > 1024 {
		return ""
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < t.aead.NonceSize() {
		return ""
	}
	plain, err := t.aead.Open(nil, b[:t.aead.NonceSize()], b[t.aead.NonceSize():], nil)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(plain), "\x00")
}

// ofNumber and number carry a place in the journal.
func (t tokenSeal) ofNumber(n int64) string { return t.text(strconv.FormatInt(n, 10)) }

func (t tokenSeal) number(s string) int64 {
	n, err := strconv.ParseInt(t.openText(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
