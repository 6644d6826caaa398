package cx

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"strings"

	"filippo.io/age"
)

// BlobKey opens one sealed attachment and nothing else. It is made for that attachment
// and travels inside the letter, so the attachment need not be sealed again when the
// receiver's keys change. It is a secret: it does not print.
type BlobKey string

// blobKeyHead is how the text of an age hybrid identity begins.
const blobKeyHead = "AGE-SECRET-KEY-PQ-1"

// Format shows no key, for every verb of fmt.
func (k BlobKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[blob key]") }

// NewBlobKey returns a fresh key.
func NewBlobKey() (BlobKey, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", fmt.Errorf("make blob key: %w", err)
	}
	return BlobKey(id.String()), nil
}

func (k BlobKey) identity() (*age.HybridIdentity, error) {
	id, err := age.ParseHybridIdentity(string(k))
	if err != nil || id.String() != string(k) {
		return nil, fmt.Errorf("blob key: %w", BadFormat) // what age says holds the key
	}
	return id, nil
}

func isBlobKey(text string) bool {
	if !strings.HasPrefix(text, blobKeyHead) {
		return false
	}
	_, err := BlobKey(text).identity()
	return err == nil
}

// SealBlob seals a file while it is read, in constant memory, and returns its line of
// the manifest with its key. What kind of file it is, and how long it is kept, is for
// the caller to add.
func SealBlob(dst io.Writer, src io.Reader) (Attachment, error) { return sealBlob(dst, src, BlobLimit) }

// sealBlob is SealBlob with the limit given.
func sealBlob(dst io.Writer, src io.Reader, limit int64) (Attachment, error) {
	var a Attachment
	key, err := NewBlobKey()
	if err != nil {
		return a, err
	}
	id, err := key.identity()
	if err != nil {
		return a, err
	}
	cipher := &meter{to: dst, hash: sha256.New(), limit: limit}
	plain := &meter{to: io.Discard, hash: sha256.New()}
	w, err := age.Encrypt(cipher, id.Recipient())
	if err != nil {
		return a, fmt.Errorf("seal attachment: %w", err)
	}
	if _, err := io.CopyBuffer(onlyWriter{w}, io.TeeReader(src, plain), make([]byte, ageChunk)); err != nil {
		return a, fmt.Errorf("seal attachment: %w", err)
	}
	if err := w.Close(); err != nil {
		return a, fmt.Errorf("seal attachment: %w", err)
	}
	return Attachment{
		Cipher: cipher.digest(), CipherSize: cipher.size, Plain: plain.digest(), PlainSize: plain.size,
		Key: key,
	}, nil
}

// OpenBlob writes the file of an attachment to dst while its sealed form is read, in
// constant memory. Only when it returns nil was the whole of it right: before that,
// nothing of what was written may be used, and on an error the caller throws it away.
func OpenBlob(dst io.Writer, src io.Reader, a *Attachment) error {
	id, err := a.Key.identity()
	if err != nil {
		return err
	}
	cipher := &meter{to: io.Discard, hash: sha256.New()}
	plain := &meter{to: dst, hash: sha256.New(), limit: a.PlainSize}
	r, err := age.Decrypt(io.TeeReader(io.LimitReader(src, a.CipherSize+1), cipher), id)
	if err != nil {
		return fmt.Errorf("attachment: %w", BlobMismatch)
	}
	if _, err := io.CopyBuffer(plain, onlyReader{r}, make([]byte, ageChunk)); err != nil {
		if plain.failed != nil {
			return fmt.Errorf("write attachment: %w", plain.failed)
		}
		return fmt.Errorf("attachment: %w", BlobMismatch)
	}
	if cipher.size != a.CipherSize || cipher.digest() != a.Cipher || plain.size != a.PlainSize || plain.digest() != a.Plain {
		return fmt.Errorf("attachment: %w", BlobMismatch)
	}
	return nil
}

// meter passes bytes on, counts and digests them.
type meter struct {
	to     io.Writer
	hash   hash.Hash
	size   int64
	limit  int64 // 0: none
	failed error // of the writer behind it
}

// Write implements io.Writer.
func (m *meter) Write(b []byte) (int, error) {
	if m.limit > 0 && m.size+int64(len(b)) > m.limit {
		return 0, fmt.Errorf("longer than it may be: %w", TooLarge)
	}
	n, err := m.to.Write(b)
	m.hash.Write(b[:n]) // a hash takes every write
	m.size += int64(n)
	m.failed = err
	return n, err
}

func (m *meter) digest() Digest { return Digest(m.hash.Sum(nil)) }

// onlyWriter and onlyReader hide what would let a copy choose another buffer.
type (
	onlyWriter struct{ io.Writer }
	onlyReader struct{ io.Reader }
)
