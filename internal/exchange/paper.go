package exchange

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// kind is what a paper is.
type kind string

// The kinds of papers. Drafts and letters say what a message says: they are sealed under
// a key of their own.
const (
	paperDraft    kind = "draft"
	paperLetter   kind = "letter"
	paperEnvelope kind = "envelope" // as it travels
	paperHeader   kind = "header"   // its header note: proof of what was sent
	paperStored   kind = "stored"   // receipts
	paperOpened   kind = "opened"
)

// paper names one.
type paper struct {
	node identity.NodeID
	side delivery.Side
	id   cx.ID
	kind kind
}

func (p paper) sealed() bool { return p.kind == paperDraft || p.kind == paperLetter }

// seal returns what seals a paper: its key is that of the room and of a salt, and gone
// with the salt.
func (r *Room) seal(salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, r.key[:], salt, "causeway/exchange/paper", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// about binds a sealed paper to its place.
func (p paper) about() []byte {
	return fmt.Appendf(nil, "exchange_paper\x00%s\x00%s\x00%s\x00%s", p.node, p.side, p.id, p.kind)
}

// keepPaper writes a paper, or writes it anew.
func (r *Room) keepPaper(ctx context.Context, tx *store.Tx, p paper, body []byte) error {
	salt := []byte{}
	if p.sealed() {
		salt = make([]byte, 32)
		_, _ = rand.Read(salt) // never fails
		aead, err := r.seal(salt)
		if err != nil {
			return fault.Wrap(fault.Internal, "keyring", err)
		}
		body = aead.Seal(nil, nil, body, p.about())
	}
	if err := tx.Put(ctx, sqlKeepPaper, tx.Micros(), string(p.node), string(p.side), p.id[:], string(p.kind), salt, body); err != nil {
		return fmt.Errorf("keep %s: %w", p.kind, err)
	}
	return nil
}

// readPaper returns a paper, nil where there is none.
func (r *Room) readPaper(ctx context.Context, tx *store.Tx, p paper) ([]byte, error) {
	var salt, body []byte
	err := tx.QueryRow(ctx, sqlSelectPaper, string(p.node), string(p.side), p.id[:], string(p.kind)).Scan(&salt, &body)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", p.kind, err)
	case !p.sealed():
		return body, nil
	}
	aead, err := r.seal(salt)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "keyring", err)
	}
	plain, err := aead.Open(nil, nil, body, p.about())
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "record-altered", err)
	}
	return plain, nil
}

// dropPaper destroys a paper, and with its salt the key of what is left of it anywhere.
func (r *Room) dropPaper(ctx context.Context, tx *store.Tx, p paper) error {
	return tx.Put(ctx, sqlDeletePaper, string(p.node), string(p.side), p.id[:], string(p.kind))
}

// draft reads a draft.
func (r *Room) draft(ctx context.Context, tx *store.Tx, to identity.NodeID, id cx.ID) (*cx.Draft, error) {
	body, err := r.readPaper(ctx, tx, paper{to, delivery.Ours, id, paperDraft})
	if err != nil {
		return nil, err
	}
	d := new(cx.Draft)
	if err := json.Unmarshal(body, d); err != nil {
		return nil, fault.New(fault.Internal, "record-altered") // what json says may quote it
	}
	return d, nil
}

// letter reads a letter of ours.
func (r *Room) letter(ctx context.Context, tx *store.Tx, node identity.NodeID, side delivery.Side, id cx.ID) (*cx.Letter, error) {
	body, err := r.readPaper(ctx, tx, paper{node, side, id, paperLetter})
	if err != nil || body == nil {
		return nil, err
	}
	l, err := cx.ReadLetter(body)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "record-altered", err)
	}
	return l, nil
}
