package match

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"causeway/internal/fault"
	"causeway/internal/match/ask"
	"causeway/protocol/mask"
)

// vault seals what is kept of one epoch's table, under a key that comes from the epoch's
// secret: with the secret, all of it ends, in every backup too.
type vault struct {
	aead  cipher.AEAD
	place []byte // in which keys are noted, not as they are
	table []byte
}

// newVault returns the vault of an epoch.
func newVault(s *mask.Secret, id AgreementID, epoch uint32) (*vault, error) {
	table := binary.BigEndian.AppendUint32(append([]byte{}, id[:]...), epoch)
	key, err := hkdf.Key(sha256.New, s.Bytes(), table, "causeway/match/vault/1", 64)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "match-vault", err)
	}
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "match-vault", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &vault{aead, key[32:], table}, err
}

// seal seals bytes as what and row say.
func (v *vault) seal(what string, row, plain []byte) []byte {
	return v.aead.Seal(nil, nil, plain, v.about(what, row))
}

func (v *vault) about(what string, row []byte) []byte {
	return append(append(append([]byte(what+"\x00"), v.table...), 0), row...)
}

// open opens what seal sealed; anything else is "record-altered" (Internal).
func (v *vault) open(what string, row, blob []byte) ([]byte, error) {
	plain, err := v.aead.Open(nil, nil, blob, v.about(what, row))
	if err != nil {
		return nil, fault.New(fault.Internal, "record-altered")
	}
	return plain, nil
}

// sealChild seals what of a child is compared.
func (v *vault) sealChild(row []byte, c *ask.Child) ([]byte, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("seal child: %w", err)
	}
	return v.seal("child", row, b), nil
}

func (v *vault) openChild(row, blob []byte) (c ask.Child, err error) {
	b, err := v.open("child", row, blob)
	if err == nil && json.Unmarshal(b, &c) != nil {
		err = fault.New(fault.Internal, "record-altered")
	}
	return c, err
}

// spot stands for a key in the notes of which key is where.
type spot [16]byte

// spotOf returns it: a digest that ends with the epoch, as the vault does.
func (v *vault) spotOf(k mask.Key) spot {
	h := sha256.New()
	h.Write(v.place)
	h.Write(binary.BigEndian.AppendUint16(nil, uint16(len(k.Kind))))
	h.Write([]byte(k.Kind))
	h.Write([]byte(k.Value))
	return spot(h.Sum(nil)[:16])
}

// fillers is where the random points come from that fill a table up: the same again for
// the same epoch, so that a table that was cut short goes on as it began. Nobody without
// the secret can tell them from keys.
func fillers(s *mask.Secret, id AgreementID, epoch uint32) io.Reader {
	h := sha3.NewSHAKE256()
	_, _ = h.Write([]byte("causeway/match/filler/1\x00")) // a hash takes every write
	_, _ = h.Write(s.Bytes())
	_, _ = h.Write(binary.BigEndian.AppendUint32(append([]byte{}, id[:]...), epoch))
	return h
}
