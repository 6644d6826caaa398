// Package keys holds every secret of a node: the keyring file, and through it
// the keys that seal one child's records.
//
// It gives out handles that can seal or open, never a key, and only access asks
// for them, once the journal entry exists. It must never write a key in clear
// into the database, a log or a backup, and never decide who may read. Start at
// [Ring], the file; then [Custody], the wrapped keys in the database; then
// [Sealer] and [Opener].
//
// # The tree of keys
//
//	provider (passphrase, systemd credential, key file, plain)
//	└─ file key, protects the keyring file
//	   ├─ root secret      → [Ring.Derive]: database file, cookies, cursors
//	   ├─ signing keys     → [Ring.Signer]: journal checkpoints (Ed25519)
//	   ├─ witness key      → [Ring.Witness]: cosignatures of other nodes' journals
//	   ├─ exchange keys    → [Ring.ExchangeSigner] and others: towards other nodes
//	   ├─ match secrets    → [Ring.MatchSecret]: what is compared with other nodes
//	   └─ epoch keys       → wrap the subject keys in table keys_subject
//	      └─ subject key   → one case: sealed blobs, row MACs, commitment
//
// Deleting a subject's row makes its records unreadable here; destroying the
// epoch key makes them unreadable in every backup that is older.
//
// # Limits
//
// Buffers that held keys are overwritten where this package owns them. Go may
// have copied them (growing stacks, the cipher's expanded keys), and whoever
// reads the memory of the running process has the keys. A keyring file that is
// replaced is overwritten before its blocks are given back, which a journalling
// or copying file system and a flash disk do not honour; protect the keyring
// with a passphrase or a sealed credential where that matters. Run the node
// without core dumps and without unencrypted swap.
package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash"

	"causeway/internal/fault"
)

const keySize = 32 // AES-256, and what every derivation gives

// newKey returns 32 random bytes.
func newKey() []byte {
	k := make([]byte, keySize)
	if _, err := rand.Read(k); err != nil {
		panic("keys: no randomness: " + err.Error()) // nothing is safe then
	}
	return k
}

// newAEAD returns AES-256-GCM that draws a random 96-bit nonce for each message
// and puts it in front.
func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("keys: " + err.Error()) // only for a wrong key size
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("keys: " + err.Error())
	}
	return aead
}

// newPlainAEAD returns AES-256-GCM whose nonce the caller gives.
func newPlainAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("keys: " + err.Error()) // only for a wrong key size
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("keys: " + err.Error())
	}
	return aead
}

// expander is HKDF-Expand (RFC 5869 section 2.3) with SHA-256 for outputs of one
// block: HMAC(key, label ‖ 0x01). The key must be uniformly random, as all keys
// here are. One HMAC serves several labels, which halves the cost of a handle.
type expander struct{ mac hash.Hash }

func newExpander(key []byte) expander { return expander{hmac.New(sha256.New, key)} }

// expand appends the 32 bytes for label to dst.
func (e expander) expand(dst []byte, label string) []byte {
	e.mac.Reset()
	_, _ = e.mac.Write(append([]byte(label), 1)) // a hash never fails
	return e.mac.Sum(dst)
}

// expand derives the 32 bytes for one label.
func expand(key []byte, label string) []byte { return newExpander(key).expand(nil, label) }

// damaged is the fault for a keyring file that is not what was written.
func damaged() error { return fault.New(fault.Unavailable, "keyring-damaged") }
