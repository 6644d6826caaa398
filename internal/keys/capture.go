package keys

import (
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// What is written on a phone without a network is sealed to the node there, so
// that the phone cannot read it any more. The form of the envelope is
//
//	"CWC1" ‖ epoch (4) ‖ ephemeral P-256 point, uncompressed (65) ‖ nonce (12) ‖ AES-256-GCM
//
// with key = HKDF-SHA-256(ECDH, salt = ephemeral ‖ node's point, "causeway/capture/1")
// and, as additional data, the 73 bytes in front of the nonce and the 16 bytes of
// the capture's identifier. It uses what every browser's WebCrypto has.
//
// The node's half comes from the epoch key: when that is destroyed, an envelope
// of its time that lies in a seized phone or an old backup opens nowhere.

const (
	captureMagic  = "CWC1"
	captureInfo   = "causeway/capture/1"
	capturePoint  = 65 // uncompressed P-256
	captureHead   = len(captureMagic) + epochPrefix + capturePoint
	captureNonce  = 12
	captureLeast  = captureHead + captureNonce + 1 + 16
	capturePublic = epochPrefix + capturePoint
)

// CaptureMost is the longest envelope that is read.
const CaptureMost = 512 << 10

// errCapture is the answer to an envelope that is not one, or was not made for
// this node.
var errCapture = fault.New(fault.Invalid, "capture-unreadable")

// captureKey returns the private half of an epoch's capture key. One in 2³² keys
// is no valid scalar; then the next one is taken.
func captureKey(ex expander) *ecdh.PrivateKey {
	for n := byte(1); ; n++ {
		scalar := ex.expand(nil, "causeway/epoch-capture/1/"+string('0'+n))
		k, err := ecdh.P256().NewPrivateKey(scalar)
		clear(scalar)
		if err == nil {
			return k
		}
	}
}

// CaptureKey returns what a phone needs to seal to this node: the number of the
// epoch in use and the public key.
func (c *Custody) CaptureKey() ([]byte, error) {
	k, err := c.nodeEpoch()
	if err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint32(make([]byte, 0, capturePublic), uint32(k.id))
	return append(out, k.capture.PublicKey().Bytes()...), nil
}

// SealCapture seals text for the node with a public key of [Custody.CaptureKey],
// as a phone does.
func SealCapture(public []byte, id ident.Capture, text []byte) ([]byte, error) {
	ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal", err)
	}
	nonce := make([]byte, captureNonce)
	if _, err := rand.Read(nonce); err != nil {
		return nil, fault.Wrap(fault.Internal, "seal", err)
	}
	return sealCapture(public, ephemeral, nonce, id, text)
}

func sealCapture(public []byte, ephemeral *ecdh.PrivateKey, nonce []byte, id ident.Capture, text []byte) ([]byte, error) {
	if len(public) != capturePublic {
		return nil, errCapture
	}
	to, err := ecdh.P256().NewPublicKey(public[epochPrefix:])
	if err != nil {
		return nil, errCapture
	}
	from := ephemeral.PublicKey().Bytes()
	aead, err := captureAEAD(ephemeral, to, from, to.Bytes())
	if err != nil {
		return nil, err
	}
	head := slices.Concat([]byte(captureMagic), public[:epochPrefix], from)
	return aead.Seal(slices.Concat(head, nonce), nonce, text, append(slices.Clone(head), id[:]...)), nil
}

// OpenCapture opens an envelope for the capture that it was sealed for. What is
// no such envelope is "capture-unreadable"; where the epoch key was destroyed, the
// answer is "key-destroyed".
func (c *Custody) OpenCapture(id ident.Capture, envelope []byte) ([]byte, error) {
	if len(envelope) < captureLeast || len(envelope) > CaptureMost || string(envelope[:len(captureMagic)]) != captureMagic {
		return nil, errCapture
	}
	head, rest := envelope[:captureHead], envelope[captureHead:]
	epoch := int64(binary.BigEndian.Uint32(head[len(captureMagic):]))
	k, err := c.ring.epoch(epoch)
	switch {
	case fault.CodeOf(err) == "key-unknown":
		return nil, errCapture // of another node, or invented
	case err != nil:
		return nil, err
	}
	from, err := ecdh.P256().NewPublicKey(head[captureHead-capturePoint:])
	if err != nil {
		return nil, errCapture
	}
	aead, err := captureAEAD(k.capture, from, from.Bytes(), k.capture.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	text, err := aead.Open(nil, rest[:captureNonce], rest[captureNonce:], append(slices.Clone(head), id[:]...))
	if err != nil {
		return nil, errCapture
	}
	return text, nil
}

// captureAEAD agrees on the key of one envelope.
func captureAEAD(own *ecdh.PrivateKey, other *ecdh.PublicKey, from, to []byte) (cipher.AEAD, error) {
	shared, err := own.ECDH(other)
	if err != nil {
		return nil, errCapture
	}
	defer clear(shared)
	key, err := hkdf.Key(sha256.New, shared, slices.Concat(from, to), captureInfo, keySize)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal", err)
	}
	defer clear(key)
	return newPlainAEAD(key), nil
}
