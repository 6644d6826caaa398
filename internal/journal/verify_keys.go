package journal

import (
	"crypto/ed25519"
	"errors"
	"strings"

	"causeway/internal/fault"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
)

// keyring holds a node's public journal keys. A key is trusted for the node and
// not for one epoch of it: after a restore the log goes on under a new name with
// the same key.
type keyring struct {
	node   string
	public [][]byte
	known  map[string]note.Verifiers // by the name of a log
}

// newKeyring reads verifier keys such as "causeway/XA/1+hash+key".
func newKeyring(keys []string) (*keyring, error) {
	k := &keyring{known: map[string]note.Verifiers{}}
	for _, text := range keys {
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "verifier-key", err)
		}
		node, _, ok := witness.SplitOrigin(v.Name())
		if !ok || k.node != "" && k.node != node {
			return nil, fault.New(fault.Invalid, "verifier-key")
		}
		parts := strings.SplitN(text, "+", 3) // name, hash, key: base64 may hold a plus
		b, err := witness.Decode64(parts[len(parts)-1])
		if err != nil || len(b) != 1+ed25519.PublicKeySize {
			return nil, fault.New(fault.Invalid, "verifier-key")
		}
		k.node = node
		k.public = append(k.public, b[1:])
	}
	return k, nil
}

func (k *keyring) empty() bool { return len(k.public) == 0 }

// verifiers returns the verifiers of one log of the node.
func (k *keyring) verifiers(name string) (note.Verifiers, error) {
	if v, ok := k.known[name]; ok {
		return v, nil
	}
	var list []note.Verifier
	for _, public := range k.public {
		text, err := note.NewEd25519VerifierKey(name, public)
		if err != nil {
			return nil, err
		}
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	v := note.VerifierList(list...)
	if len(k.known) < 1000 { // the name comes from what is checked
		k.known[name] = v
	}
	return v, nil
}

var errNotSigned = errors.New("the signature does not verify")

// open verifies a signed note in the name of a log of this node and returns its
// text.
func (k *keyring) open(signed, name string) (string, error) {
	if node, _, ok := witness.SplitOrigin(name); !ok || node != k.node {
		return "", errors.New("signed in the name of another log")
	}
	v, err := k.verifiers(name)
	if err != nil {
		return "", err
	}
	n, err := witness.OpenNote(signed, v)
	if err != nil {
		return "", errNotSigned
	}
	return n.Text, nil
}

// openStatement verifies the statement of an epoch and returns what it says.
func (k *keyring) openStatement(signed string) (witness.Statement, error) {
	text, err := k.open(signed, witness.StatementName(signed))
	if err != nil {
		return witness.Statement{}, err
	}
	return witness.ParseStatement(text)
}

// openCheckpoint verifies a signed checkpoint and returns what it says.
func (k *keyring) openCheckpoint(signed string) (Checkpoint, error) {
	name := witness.FirstLine(signed)
	text, err := k.open(signed, name)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := ParseCheckpoint(text)
	if err == nil && c.Origin != name {
		err = errors.New("checkpoint of another log")
	}
	return c, err
}
