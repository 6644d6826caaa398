package keys

import (
	"crypto/ed25519"
	"time"

	"golang.org/x/mod/sumdb/note"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// newSignerRecord makes a signing key.
func newSignerRecord(now int64) signerRecord {
	seed := newKey()
	private := ed25519.NewKeyFromSeed(seed)
	defer clear(private)
	public := append([]byte(nil), private.Public().(ed25519.PublicKey)...)
	return signerRecord{Seed: seed, Public: public, Created: now}
}

// signer signs notes with an Ed25519 key. note's own signer takes the key as a
// string, which could not be wiped.
type signer struct {
	note.Verifier // name and key hash
	private       ed25519.PrivateKey
}

// Sign signs msg as note.Signer wants it.
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.private, msg), nil }

// Signer returns the signer of journal checkpoints under a key name, which is
// the origin of the log, such as "causeway/XA/node/1".
func (r *Ring) Signer(name string) (note.Signer, error) {
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	return newSigner(name, s.signer)
}

func newSigner(name string, private ed25519.PrivateKey) (note.Signer, error) {
	v, err := newVerifier(name, private.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	return signer{v, private}, nil
}

func newVerifier(name string, public []byte) (note.Verifier, error) {
	text, err := note.NewEd25519VerifierKey(name, public)
	if err == nil {
		var v note.Verifier
		if v, err = note.NewVerifier(text); err == nil {
			return v, nil
		}
	}
	return nil, fault.Wrap(fault.Invalid, "key-name", err)
}

// Verifiers returns the verifiers of every signing key the node has had, the
// current one first.
func (r *Ring) Verifiers(name string) ([]note.Verifier, error) {
	var out []note.Verifier
	for _, k := range r.publicKeys() {
		v, err := newVerifier(name, k)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// VerifierKeys returns the same keys in the spelling of package note, to be
// published and printed.
func (r *Ring) VerifierKeys(name string) ([]string, error) {
	var out []string
	for _, k := range r.publicKeys() {
		text, err := note.NewEd25519VerifierKey(name, k)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "key-name", err)
		}
		if _, err := note.NewVerifier(text); err != nil {
			return nil, fault.Wrap(fault.Invalid, "key-name", err)
		}
		out = append(out, text)
	}
	return out, nil
}

func (r *Ring) publicKeys() [][]byte {
	signers := r.state.Load().content.Signers
	var out [][]byte
	for i := len(signers) - 1; i >= 0; i-- {
		out = append(out, signers[i].Public)
	}
	return out
}

// RotateSigner makes a new signing key and forgets the private half of the old
// one. The two signers it returns serve to sign the statement of the change with
// both; the old one exists only there and in no file any more.
func (r *Ring) RotateSigner(name string, now time.Time) (before, after note.Signer, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, err = r.Signer(name); err != nil {
		return nil, nil, err
	}
	err = r.change(func(c *content) {
		last := &c.Signers[len(c.Signers)-1]
		last.Seed, last.Retired = nil, clock.Micros(now)
		c.Signers = append(c.Signers, newSignerRecord(clock.Micros(now)))
	})
	if err != nil {
		return nil, nil, err
	}
	after, err = r.Signer(name)
	return before, after, err
}
