package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"causeway/protocol/note"
)

// NodeID names a node for ever: a country's code or "int", an organisation and at most
// one unit, such as "ke.dcs" or "int.iom.nbo". It is never given to another node.
type NodeID string

// NodeIDLimit is the length of the longest node id, in bytes.
const NodeIDLimit = 64

// ErrNodeID is a text that is no node id.
var ErrNodeID = errors.New("not a node id: two or three parts of a-z, 0-9 and dashes, joined by dots, such as xa.dcs")

// ParseNodeID reads a node id in its one spelling. The error is [ErrNodeID].
func ParseNodeID(text string) (NodeID, error) {
	parts := strings.Split(text, ".")
	if len(text) > NodeIDLimit || len(parts) < 2 || len(parts) > 3 {
		return "", ErrNodeID
	}
	for _, part := range parts {
		if !isLabel(part) {
			return "", ErrNodeID
		}
	}
	if prefix := parts[0]; prefix != international && (len(prefix) != 2 || strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz") != "") {
		return "", ErrNodeID
	}
	return NodeID(text), nil
}

// international is the prefix of organisations that belong to no country.
const international = "int"

// isLabel reports whether part is one part of a node id.
func isLabel(part string) bool {
	if part == "" || part[0] == '-' || part[len(part)-1] == '-' {
		return false
	}
	for _, c := range []byte(part) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Country returns the country code in front, in capitals, and "" for an organisation of
// many States.
func (n NodeID) Country() string {
	prefix, _, _ := strings.Cut(string(n), ".")
	if prefix == international {
		return ""
	}
	return strings.ToUpper(prefix)
}

// Role is what a key is for. A key has one role.
type Role string

// The roles of keys.
const (
	Sign      Role = "sign"      // S: signs what the node says, a pair of Ed25519 and ML-DSA-65
	Receive   Role = "receive"   // E: opens what is sealed to the node, an age hybrid recipient
	Transport Role = "transport" // T: proves the node at the other end of a connection, Ed25519
	Log       Role = "log"       // L: signs the checkpoints of the node's journal, Ed25519
	Witness   Role = "witness"   // W: cosigns the checkpoints of others, Ed25519
	Recovery  Role = "recovery"  // R: signs for all the others, kept on paper, a pair like S
)

// KeyID names a key: the first 16 bytes of SHA-256 over role, node id and public key.
type KeyID [16]byte

// KeyIDOf returns the id of a key of a node. public is the key as its role spells it:
// the bytes of a pair ([note.Public.Bytes]), the text of an age recipient or of a log or
// witness verifier, the 32 bytes of an Ed25519 key.
func KeyIDOf(role Role, node NodeID, public []byte) KeyID {
	h := sha256.New()
	h.Write([]byte(string(role) + "\n" + string(node) + "\n")) // a hash takes every write
	h.Write(public)
	return KeyID(h.Sum(nil)[:16])
}

// String returns the id in lower-case hexadecimal digits.
func (k KeyID) String() string { return hex.EncodeToString(k[:]) }

// ParseKeyID reads what [KeyID.String] writes.
func ParseKeyID(text string) (KeyID, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(KeyID{}) || strings.ToLower(text) != text {
		return KeyID{}, errors.New("not a key id of 32 lower-case hexadecimal digits")
	}
	return KeyID(raw), nil
}

// Fingerprint is what two officers read to each other: SHA-256 over an R pair.
type Fingerprint [sha256.Size]byte

// FingerprintOf returns the fingerprint of an R pair.
func FingerprintOf(recovery *note.Public) Fingerprint { return sha256.Sum256(recovery.Bytes()) }

// groupsOfFingerprint is how many groups of five digits are read aloud: 10, each from
// three bytes, so 165 bits of the digest in all.
const groupsOfFingerprint = 10

// Groups returns the fingerprint as ten groups of five digits, each being three bytes
// in order, modulo 100,000.
func (f Fingerprint) Groups() []string {
	out := make([]string, groupsOfFingerprint)
	for i := range out {
		three := append([]byte{0}, f[3*i:3*i+3]...)
		out[i] = fmt.Sprintf("%05d", binary.BigEndian.Uint32(three)%100000)
	}
	return out
}

// String returns the groups with spaces between them.
func (f Fingerprint) String() string { return strings.Join(f.Groups(), " ") }

// Hex returns the whole digest in lower-case hexadecimal digits.
func (f Fingerprint) Hex() string { return hex.EncodeToString(f[:]) }
