package keys

import (
	"bytes"
	"slices"

	"causeway/internal/fault"
)

// The numbers by which a node masks what it compares with others: one for each agreement
// and epoch, children and selectors apart. They lie here, outside every backup: what was
// destroyed stays destroyed, whatever is restored.

// MatchKind says what a secret masks.
type MatchKind uint8

// The kinds of masked things.
const (
	MatchChildren MatchKind = iota
	MatchSelectors
)

// matchRecord is the secrets of one agreement.
type matchRecord struct {
	Agreement []byte        `cbor:"1,keyasint"`
	Gone      uint32        `cbor:"2,keyasint"` // those of this epoch and before are destroyed, for ever
	Secrets   []matchSecret `cbor:"3,keyasint,omitempty"`
}

type matchSecret struct {
	Epoch  uint32 `cbor:"1,keyasint"`
	Secret []byte `cbor:"2,keyasint"`
}

// matchOver is the epoch after which there is none: the agreement has ended.
const matchOver = 1<<32 - 1

func (c *content) match(kind MatchKind) *[]matchRecord {
	if kind == MatchSelectors {
		return &c.Selectors
	}
	return &c.Match
}

func findMatch(all []matchRecord, agreement [16]byte) int {
	return slices.IndexFunc(all, func(m matchRecord) bool { return bytes.Equal(m.Agreement, agreement[:]) })
}

// checkMatch reports whether the records are what was written.
func (c *content) checkMatch() bool {
	for _, m := range slices.Concat(c.Match, c.Selectors) {
		if len(m.Agreement) != 16 {
			return false
		}
		for _, s := range m.Secrets {
			if len(s.Secret) == 0 || s.Epoch <= m.Gone {
				return false
			}
		}
	}
	return true
}

// MatchSecret returns a copy of the secret of an agreement's epoch, as fresh made it when it was
// first asked for. One that was destroyed is "key-destroyed" (Denied), for ever.
func (r *Ring) MatchSecret(kind MatchKind, agreement [16]byte, epoch uint32, fresh func() ([]byte, error)) ([]byte, error) {
	for again := false; ; again = true {
		r.mu.Lock()
		secret, err := r.matchSecret(kind, agreement, epoch, fresh)
		r.mu.Unlock()
		if again || fault.CodeOf(err) != "keyring-changed" {
			return secret, err
		}
		if err := r.Reload(); err != nil { // another process made it meanwhile
			return nil, err
		}
	}
}

func (r *Ring) matchSecret(kind MatchKind, agreement [16]byte, epoch uint32, fresh func() ([]byte, error)) ([]byte, error) {
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	all := *s.content.match(kind)
	if i := findMatch(all, agreement); i >= 0 {
		if epoch <= all[i].Gone {
			return nil, fault.New(fault.Denied, "key-destroyed")
		}
		for _, k := range all[i].Secrets {
			if k.Epoch == epoch {
				return bytes.Clone(k.Secret), nil
			}
		}
	}
	secret, err := fresh()
	if err != nil {
		return nil, err
	}
	err = r.change(func(c *content) {
		m := matchOf(c.match(kind), agreement)
		m.Secrets = append(slices.Clone(m.Secrets), matchSecret{epoch, secret})
	})
	if err != nil {
		return nil, err
	}
	return bytes.Clone(secret), nil
}

// matchOf returns the record of an agreement, a new one where there is none.
func matchOf(all *[]matchRecord, agreement [16]byte) *matchRecord {
	i := findMatch(*all, agreement)
	if i < 0 {
		*all = append(*all, matchRecord{Agreement: bytes.Clone(agreement[:])})
		i = len(*all) - 1
	}
	return &(*all)[i]
}

// DestroyMatchSecrets destroys the secrets of an agreement up to an epoch: none of them is
// ever made again. Where nothing is left to destroy, nothing changes.
func (r *Ring) DestroyMatchSecrets(kind MatchKind, agreement [16]byte, upTo uint32) error {
	for again := false; ; again = true {
		r.mu.Lock()
		err := r.destroyMatch(kind, agreement, upTo)
		r.mu.Unlock()
		if again || fault.CodeOf(err) != "keyring-changed" {
			return err
		}
		if err := r.Reload(); err != nil {
			return err
		}
	}
}

// EndMatch destroys every secret of an agreement that is over.
func (r *Ring) EndMatch(kind MatchKind, agreement [16]byte) error {
	return r.DestroyMatchSecrets(kind, agreement, matchOver)
}

func (r *Ring) destroyMatch(kind MatchKind, agreement [16]byte, upTo uint32) error {
	s, err := r.live()
	if err != nil {
		return err
	}
	all := *s.content.match(kind)
	i := findMatch(all, agreement)
	if upTo == 0 || i >= 0 && all[i].Gone >= upTo {
		return nil
	}
	var gone [][]byte
	err = r.change(func(c *content) {
		m := matchOf(c.match(kind), agreement)
		var kept []matchSecret
		for _, k := range m.Secrets {
			if k.Epoch > upTo {
				kept = append(kept, k)
			} else {
				gone = append(gone, k.Secret)
			}
		}
		m.Gone, m.Secrets = upTo, kept
	})
	if err != nil {
		return err
	}
	for _, secret := range gone {
		clear(secret)
	}
	return nil
}
