package cx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"filippo.io/age"
)

// The sizes to which a letter is padded: 4, 16, 64, 256 KiB, then powers of two. A size
// tells little of what is inside.
const (
	smallest    = 4 << 10
	largest     = 2 << 20 // the next after payload, notes and labels at their limits
	byFourUntil = 256 << 10
)

// padded returns the size to which n bytes are padded.
func padded(n int) int {
	size := smallest
	for size < n && size < byFourUntil {
		size *= 4
	}
	if size < n {
		size = 1 << bits.Len(uint(n-1))
	}
	return size
}

// What age adds: a header for one hybrid recipient, a nonce, and a tag for each chunk.
const (
	ageHeader = 1627
	ageNonce  = 16
	ageTag    = 16
	ageChunk  = 64 << 10
)

// sealedSize returns the length of the age file of n bytes for one hybrid recipient.
func sealedSize(n int64) int64 {
	chunks := max((n+ageChunk-1)/ageChunk, 1)
	return ageHeader + ageNonce + n + ageTag*chunks
}

// bodyLimit is the length of the longest body.
var bodyLimit = sealedSize(largest)

// isSealedSize reports whether a body can have this length.
func isSealedSize(n int64) bool {
	for size := smallest; size <= largest; size = padded(size + 1) {
		if n == sealedSize(int64(size)) {
			return true
		}
	}
	return false
}

// sealBody pads and seals a letter.
func sealBody(letter []byte, to age.Recipient) ([]byte, error) {
	size := padded(len(letter))
	if size > largest {
		return nil, fmt.Errorf("letter: %w", TooLarge)
	}
	var out bytes.Buffer
	out.Grow(int(sealedSize(int64(size))))
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, fmt.Errorf("seal body: %w", err)
	}
	_, err = w.Write(letter)
	if err == nil {
		_, err = w.Write(make([]byte, size-len(letter)))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("seal body: %w", err)
	}
	return out.Bytes(), nil
}

// openBody opens a body to its end.
func openBody(body []byte, ids []age.Identity) ([]byte, error) {
	if len(ids) == 0 {
		return nil, fmt.Errorf("body: %w", UnknownEKey)
	}
	r, err := age.Decrypt(bytes.NewReader(body), ids...)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return nil, fmt.Errorf("body: %w", UnknownEKey)
	case err != nil:
		return nil, fmt.Errorf("body: %w", BadFormat)
	}
	plain, err := io.ReadAll(r) // at most as long as the body, which the header bounds
	if err != nil {
		return nil, fmt.Errorf("body: %w", BadFormat)
	}
	return plain, nil
}
