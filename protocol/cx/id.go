package cx

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"
)

// ID names one message for ever: a UUID of version 7, which begins with the time of its
// making in milliseconds and is random after that. The zero ID means none.
type ID [16]byte

// NewID returns a fresh ID for a message that is made at a time.
func NewID(at time.Time) ID {
	var id ID
	_, _ = rand.Read(id[6:]) // never fails
	return id.stamp(at)
}

// IDOf returns the ID of a message that says what a digest names: the same each time, so
// that it is said once.
func IDOf(at time.Time, d Digest) ID {
	var id ID
	copy(id[6:], d[:])
	return id.stamp(at)
}

// stamp writes time, version and variant over random bytes.
func (id ID) stamp(at time.Time) ID {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(at.UnixMilli(), 0)))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ErrID is a text that is not an ID.
var ErrID = errors.New("not a UUID of version 7 in lower-case letters")

// ParseID reads what [ID.String] writes. The error is [ErrID].
func ParseID(text string) (ID, error) {
	var id ID
	if len(text) != 36 {
		return id, ErrID
	}
	raw, err := hex.DecodeString(text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:])
	if err != nil || len(raw) != len(id) {
		return id, ErrID
	}
	id = ID(raw)
	if id.String() != text || !id.Valid() {
		return ID{}, ErrID
	}
	return id, nil
}

// Valid reports whether the bytes are a UUID of version 7.
func (id ID) Valid() bool { return id[6]>>4 == 7 && id[8]>>6 == 2 }

// IsZero reports whether there is no ID.
func (id ID) IsZero() bool { return id == ID{} }

// Time returns when the ID says that it was made. Nothing may rest on it: only its
// maker vouches for it.
func (id ID) Time() time.Time {
	var ms [8]byte
	copy(ms[2:], id[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// String returns the ID as a UUID is written: 8-4-4-4-12 lower-case hexadecimal digits.
func (id ID) String() string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Thread names one exchange between two nodes, such as one referral and all that is
// said about it. It is random and leads to no child: two threads about one child have
// nothing in common.
type Thread [16]byte

// NewThread returns a fresh random thread.
func NewThread() Thread {
	var t Thread
	_, _ = rand.Read(t[:]) // never fails
	return t
}

// ErrThread is a text that is not a thread.
var ErrThread = errors.New("not a thread of 32 lower-case hexadecimal digits")

// ParseThread reads what [Thread.String] writes. The error is [ErrThread].
func ParseThread(text string) (Thread, error) {
	var t Thread
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(t) {
		return t, ErrThread
	}
	t = Thread(raw)
	if t.String() != text || t.IsZero() {
		return Thread{}, ErrThread
	}
	return t, nil
}

// IsZero reports whether there is no thread.
func (t Thread) IsZero() bool { return t == Thread{} }

// String returns 32 lower-case hexadecimal digits.
func (t Thread) String() string { return hex.EncodeToString(t[:]) }

// Digest is a SHA-256 digest. The zero Digest means none.
type Digest [sha256.Size]byte

// DigestOf returns the digest of data.
func DigestOf(data []byte) Digest { return sha256.Sum256(data) }

// ErrDigest is a text that is not a digest.
var ErrDigest = errors.New("not a digest of 64 lower-case hexadecimal digits")

// ParseDigest reads what [Digest.String] writes. The error is [ErrDigest].
func ParseDigest(text string) (Digest, error) {
	var d Digest
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(d) {
		return d, ErrDigest
	}
	d = Digest(raw)
	if d.String() != text {
		return Digest{}, ErrDigest
	}
	return d, nil
}

// IsZero reports whether there is no digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns 64 lower-case hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }
