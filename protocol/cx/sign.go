package cx

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// Signer signs in the name of a node, with the pair that it signs with now.
type Signer interface {
	Node() identity.NodeID
	Key() identity.KeyID // of the pair, in the role of [identity.Sign]
	Sign(text string) ([]byte, error)
}

// Pairs finds the pair by which a node claims to have signed. It answers with
// [UnknownSender] for a node or key that nobody knows, and with [RevokedKey] for a pair
// that does not hold for this any more.
type Pairs func(node identity.NodeID, key identity.KeyID) (*note.Public, error)

// PairSigner is a [Signer] with the pair in memory.
type PairSigner struct {
	node identity.NodeID
	key  identity.KeyID
	pair *note.Secret
}

// NewSigner returns a signer of a node.
func NewSigner(node identity.NodeID, pair *note.Secret) *PairSigner {
	return &PairSigner{node, identity.KeyIDOf(identity.Sign, node, pair.Public().Bytes()), pair}
}

// Node returns in whose name it signs.
func (s *PairSigner) Node() identity.NodeID { return s.node }

// Key returns the id of its pair.
func (s *PairSigner) Key() identity.KeyID { return s.key }

// Sign returns the text as a note.
func (s *PairSigner) Sign(text string) ([]byte, error) {
	return note.Sign(text, note.Signer{Name: string(s.node), Pair: s.pair})
}

// signed is a form that a node signs: it says who, and with which pair.
type signed interface {
	form
	signer() (identity.NodeID, identity.KeyID)
}

// sign writes and signs a form, in at most limit bytes.
func sign(f signed, by Signer, limit int) ([]byte, error) {
	if node, key := f.signer(); node != by.Node() || key != by.Key() {
		return nil, fmt.Errorf("%sskey: %w", f.kind(), BadSignature)
	}
	text, err := format(f)
	if err != nil {
		return nil, err
	}
	msg, err := by.Sign(text)
	if err != nil {
		return nil, err
	}
	if len(msg) > limit {
		return nil, fmt.Errorf("%s: %w", f.kind(), TooLarge)
	}
	return msg, nil
}

// open reads a form out of a note of at most limit bytes and verifies that the node it
// names signed it, by both algorithms of the pair it names. On an error nothing that was
// read may be used.
func open(msg []byte, f signed, pairs Pairs, limit int) error {
	if len(msg) > limit {
		return fmt.Errorf("%s: %w", f.kind(), TooLarge)
	}
	if err := parse(note.Text(msg, limit), f); err != nil {
		return err
	}
	node, key := f.signer()
	pair, err := pairs(node, key)
	if err != nil {
		return fmt.Errorf("%sskey: %w", f.kind(), err)
	}
	_, _, err = note.Open(msg, limit, note.Known{Name: string(node), Pairs: []*note.Public{pair}})
	switch {
	case errors.Is(err, note.ErrFormat):
		return fmt.Errorf("%s: %w", f.kind(), BadFormat)
	case err != nil:
		return fmt.Errorf("%s: %w", f.kind(), BadSignature)
	}
	return nil
}

// addressed is a signed form that is meant for one node.
type addressed interface {
	signed
	addressee() identity.NodeID
}

// openFor reads a form that is meant for self; one that is meant for another is refused
// before its signature is looked at.
func openFor(msg []byte, f addressed, self identity.NodeID, pairs Pairs, limit int) error {
	return open(msg, f, func(node identity.NodeID, key identity.KeyID) (*note.Public, error) {
		if f.addressee() != self {
			return nil, WrongRecipient
		}
		return pairs(node, key)
	}, limit)
}

// salt is random and makes a digest prove nothing to whoever only guesses what was
// digested.
type salt [16]byte

func newSalt() (s salt) {
	_, _ = rand.Read(s[:]) // never fails
	return s
}

// String returns 32 lower-case hexadecimal digits.
func (s salt) String() string { return hex.EncodeToString(s[:]) }

func parseSalt(text string) (salt, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(salt{}) {
		return salt{}, BadFormat
	}
	return salt(raw), nil
}
