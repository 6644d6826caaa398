package cx_test

import (
	"bytes"
	"testing"

	"filippo.io/age"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// pair is the public half of a node's signing keys.
type pair = note.Public

// node is an invented node with its keys.
type node struct {
	id   identity.NodeID
	sign *cx.PairSigner
	pair *note.Secret
	e    *age.HybridIdentity
}

// newNode returns a node whose signing pair is that of a number.
func newNode(t testing.TB, id identity.NodeID, n byte) *node {
	t.Helper()
	pair, err := note.SecretFrom(bytes.Repeat([]byte{n}, note.SecretSize))
	if err != nil {
		t.Fatal(err)
	}
	e, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return &node{id, cx.NewSigner(id, pair), pair, e}
}

// rig is three nodes that know each other's keys.
type rig struct{ a, b, c *node }

func newRig(t testing.TB) *rig {
	t.Helper()
	return &rig{newNode(t, "xa.dcs", 1), newNode(t, "xb.moi", 2), newNode(t, "xc.ngo", 3)}
}

// pairs knows the pair of every node.
func (r *rig) pairs(id identity.NodeID, key identity.KeyID) (*note.Public, error) {
	for _, n := range []*node{r.a, r.b, r.c} {
		if n.id == id && n.sign.Key() == key {
			return n.pair.Public(), nil
		}
	}
	return nil, cx.UnknownSender
}

// place returns the first place of a stream.
func place() cx.Place { return cx.Place{ID: cx.NewID(noon), Seq: 1, Created: noon} }

// letter returns the letter of a draft from a.
func (r *rig) letter(t testing.TB, d *cx.Draft) *cx.Letter {
	t.Helper()
	l, err := cx.Write(d, place(), r.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// seal puts a letter in an envelope from one node to another.
func seal(t testing.TB, l *cx.Letter, from, to *node) *cx.Envelope {
	t.Helper()
	e, err := cx.Seal(l, cx.Cover{Epoch: 1, EKey: to.e.Recipient().String()}, from.sign)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// read reads an envelope at b.
func (r *rig) read(b []byte) (*cx.Envelope, error) {
	return cx.Read(bytes.NewReader(b), r.b.id, r.pairs)
}
