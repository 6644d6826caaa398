package identity

import (
	"bytes"
	"slices"
	"time"

	"causeway/protocol/note"
)

const kindRevocation = "causeway/revoke/1"

// RevocationLimit is the size of the largest revocation, in bytes.
const RevocationLimit = 16 << 10

// Reason says why keys, or a node, are not to be believed any more.
type Reason string

// The reasons of a revocation.
const (
	Superseded  Reason = "superseded"  // other keys took the place of these
	Compromised Reason = "compromised" // somebody else had these since a time
	Closed      Reason = "closed"      // the node is no more; its id is not given again
	Suspended   Reason = "suspended"   // the node does not exchange until its next schedule
)

// Revocation takes back keys, or the whole node, by its recovery pair.
type Revocation struct {
	Node   NodeID
	Issued time.Time
	Reason Reason
	Since  time.Time // of compromised keys; zero otherwise
	Keys   []KeyID   // which; none for every key of the node
}

// Text writes the revocation.
func (v *Revocation) Text() string {
	var w writer
	w.WriteString(kindRevocation + "\n")
	w.line("node", string(v.Node))
	w.time("issued", v.Issued)
	w.line("reason", string(v.Reason))
	w.time("since", v.Since)
	keys := slices.Clone(v.Keys)
	slices.SortFunc(keys, func(a, b KeyID) int { return bytes.Compare(a[:], b[:]) })
	for _, k := range keys {
		w.line("key", k.String())
	}
	return w.String()
}

// ParseRevocation reads the text of a revocation. The error is [ErrFormat].
func ParseRevocation(text string) (*Revocation, error) {
	if len(text) > RevocationLimit {
		return nil, ErrFormat
	}
	r := read(text, kindRevocation)
	v := &Revocation{Node: r.node("node"), Issued: r.time("issued"), Reason: Reason(r.one("reason")), Since: r.maybe(r.one("since"))}
	r.each("key", keysMost, func(value string) {
		id, err := ParseKeyID(value)
		r.check(err == nil && !slices.Contains(v.Keys, id))
		v.Keys = append(v.Keys, id)
	})
	r.check(v.wellFormed())
	if err := r.end(text, v.Text); err != nil {
		return nil, err
	}
	return v, nil
}

// wellFormed reports whether reason, time and keys go together.
func (v *Revocation) wellFormed() bool {
	switch v.Reason {
	case Compromised:
		return !v.Since.IsZero() && !v.Since.After(v.Issued)
	case Superseded:
		return v.Since.IsZero() && len(v.Keys) > 0
	case Closed, Suspended:
		return v.Since.IsZero() && len(v.Keys) == 0
	}
	return false
}

// Names reports whether the revocation is about a key.
func (v *Revocation) Names(key KeyID) bool { return len(v.Keys) == 0 || slices.Contains(v.Keys, key) }

// SignRevocation returns the revocation as a note by the recovery pair.
func SignRevocation(v *Revocation, recovery *note.Secret) ([]byte, error) {
	text := v.Text()
	if _, err := ParseRevocation(text); err != nil {
		return nil, signError("revocation", err)
	}
	return note.Sign(text, note.Signer{Name: string(v.Node), Pair: recovery})
}

// OpenRevocation reads a revocation that the recovery pair of a node signed. The errors
// are [ErrNotRecovery] and [ErrFormat].
func OpenRevocation(signed []byte, node NodeID, recovery *note.Public) (*Revocation, error) {
	text, err := openBy(signed, RevocationLimit, node, recovery)
	if err != nil {
		return nil, signError("revocation", err)
	}
	v, err := ParseRevocation(text)
	if err != nil {
		return nil, signError("revocation", err)
	}
	if v.Node != node {
		return nil, signError("revocation", ErrNotRecovery)
	}
	return v, nil
}
