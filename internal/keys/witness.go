package keys

import (
	"crypto/ed25519"
	"slices"

	"causeway/internal/fault"
	"causeway/protocol/witness"
)

// Witness returns the key by which this node cosigns the journals of others, under a key
// name such as "causeway/XA-shelter/witness". A keyring without one, from before there were
// witnesses, gets one: that changes the file. It is a key of its own, so that nothing the
// node signs as a log can pass for a cosignature.
func (r *Ring) Witness(name string) (*witness.Signer, error) {
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	if len(s.content.Witness) == 0 {
		if err := r.addWitness(); err != nil {
			return nil, err
		}
		if s, err = r.live(); err != nil {
			return nil, err
		}
	}
	signer, err := witness.NewSigner(name, s.content.Witness)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "key-name", err)
	}
	return signer, nil
}

// addWitness makes the key, unless another process did so meanwhile.
func (r *Ring) addWitness() error {
	if err := r.Reload(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.change(func(c *content) {
		if len(c.Witness) == 0 {
			c.Witness = newKey()
		} else {
			c.Witness = slices.Clone(c.Witness)
		}
	})
}

// checkWitness reports whether the witness key, where there is one, is a seed.
func (c *content) checkWitness() bool {
	return len(c.Witness) == 0 || len(c.Witness) == ed25519.SeedSize
}
