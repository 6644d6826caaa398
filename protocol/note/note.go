package note

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"
)

// What can be wrong with a note.
var (
	// ErrTooLarge: longer than its kind may be; it was not parsed.
	ErrTooLarge = errors.New("note is too large")
	// ErrFormat: not a note, or not in its one spelling.
	ErrFormat = errors.New("not a note in canonical form")
	// ErrSignature: a signature is missing, wrong, by an unknown key, or one too many.
	ErrSignature = errors.New("note lacks a valid signature by every algorithm")
)

// Signer is one who signs notes: a node id and a pair.
type Signer struct {
	Name string
	Pair *Secret
}

// Known is one by whom a note may be signed: a node id and the pairs that it has or had.
type Known struct {
	Name  string
	Pairs []*Public
}

// half is one algorithm of a pair, as package note of x/mod wants a signer and a verifier.
type half struct {
	name   string
	hash   uint32
	sign   func([]byte) ([]byte, error)
	verify func(msg, sig []byte) bool
}

// Name implements note.Signer and note.Verifier.
func (h half) Name() string { return h.name }

// KeyHash implements note.Signer and note.Verifier.
func (h half) KeyHash() uint32 { return h.hash }

// Sign implements note.Signer.
func (h half) Sign(msg []byte) ([]byte, error) { return h.sign(msg) }

// Verify implements note.Verifier.
func (h half) Verify(msg, sig []byte) bool { return h.verify(msg, sig) }

// halves returns the algorithms of a public pair, in the order of signature lines.
func (p *Public) halves(name string) [2]half {
	return [2]half{
		{name: name, hash: keyHash(name, algClassic, p.classic), verify: func(msg, sig []byte) bool {
			return ed25519.Verify(p.classic, msg, sig)
		}},
		{name: name, hash: keyHash(name, algLattice, p.lattice.Bytes()), verify: func(msg, sig []byte) bool {
			return mldsa.Verify(p.lattice, msg, sig, &mldsa.Options{Context: domain}) == nil
		}},
	}
}

// Sign returns text, which ends in a newline, signed by every signer in order, by both
// algorithms each.
func Sign(text string, by ...Signer) ([]byte, error) {
	if len(by) == 0 {
		return nil, errors.New("a note has a signer")
	}
	var signers []note.Signer
	for _, s := range by {
		signers = append(signers, s.halves()...)
	}
	msg, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign note: %w", err)
	}
	if len(by) == 1 {
		by[0].Pair.public.recall.add(digest(by[0].Name, msg))
	}
	return msg, nil
}

// Cosign adds the signatures of one more signer to a signed note, which the caller has
// opened.
func Cosign(signed []byte, by Signer) ([]byte, error) {
	text, lines, ok := cut(signed)
	if !ok {
		return nil, ErrFormat
	}
	added, err := Sign(text, by)
	if err != nil {
		return nil, err
	}
	_, more, _ := cut(added)
	return []byte(text + "\n" + lines + more), nil
}

// cut divides a signed note in its text and its signature lines.
func cut(signed []byte) (text, lines string, ok bool) {
	i := bytes.LastIndex(signed, []byte("\n\n"))
	if i < 0 {
		return "", "", false
	}
	return string(signed[:i+1]), string(signed[i+2:]), true
}

func (s Signer) halves() []note.Signer {
	h := s.Pair.public.halves(s.Name)
	h[0].sign = func(msg []byte) ([]byte, error) { return ed25519.Sign(s.Pair.classic, msg), nil }
	h[1].sign = func(msg []byte) ([]byte, error) {
		return s.Pair.lattice.Sign(nil, msg, &mldsa.Options{Context: domain})
	}
	return []note.Signer{h[0], h[1]}
}

// Open verifies that a note of at most limit bytes is signed by every one of by, in that
// order, by both algorithms of one of their pairs, and by nobody else. It returns the
// text and, for each, which pair signed. The error is one of those above.
func Open(signed []byte, limit int, by ...Known) (text string, pairs []*Public, err error) {
	if len(signed) > limit {
		return "", nil, ErrTooLarge
	}
	if len(by) == 0 {
		return "", nil, ErrSignature
	}
	var d [sha256.Size]byte
	if len(by) == 1 {
		d = digest(by[0].Name, signed)
		for _, p := range by[0].Pairs {
			if p.recall.knows(d) {
				text, _, _ := cut(signed)
				return text, []*Public{p}, nil
			}
		}
	}
	lists := verifiers(by)
	n, err := note.Open(signed, lists)
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified), errors.As(err, &invalid):
		return "", nil, ErrSignature
	case err != nil:
		return "", nil, ErrFormat
	case len(n.UnverifiedSigs) > 0 || len(n.Sigs) != 2*len(by):
		return "", nil, ErrSignature
	}
	for i, k := range by {
		p := lists.pair(k, n.Sigs[2*i], n.Sigs[2*i+1])
		if p == nil {
			return "", nil, ErrSignature
		}
		pairs = append(pairs, p)
	}
	if !bytes.Equal(spell(n), signed) {
		return "", nil, ErrFormat
	}
	if len(by) == 1 {
		pairs[0].recall.add(d)
	}
	return n.Text, pairs, nil
}

// Text returns the text of a note without looking at its signatures, to find out who
// claims to have signed it; "" for what is too large or no note. Nothing may be done on its word.
func Text(signed []byte, limit int) string {
	if len(signed) > limit {
		return ""
	}
	text, _, _ := cut(signed)
	return text
}

// spell writes a note as Sign does.
func spell(n *note.Note) []byte {
	var b bytes.Buffer
	b.WriteString(n.Text + "\n")
	for _, s := range n.Sigs {
		_, _ = io.WriteString(&b, "\u2014 "+s.Name+" "+s.Base64+"\n") // a buffer takes every write
	}
	return b.Bytes()
}

// list finds verifiers by name and hash.
type list struct{ of map[string][]entry }

type entry struct {
	half
	pair *Public
	at   int // which algorithm of the pair
}

func verifiers(by []Known) list {
	l := list{map[string][]entry{}}
	for _, k := range by {
		for _, p := range k.Pairs {
			for at, h := range p.halves(k.Name) {
				l.of[k.Name] = append(l.of[k.Name], entry{h, p, at})
			}
		}
	}
	return l
}

// Verifier implements note.Verifiers.
func (l list) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, e := range l.of[name] {
		if e.hash == hash {
			return e, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// pair returns the pair of k that made both signatures, nil for none.
func (l list) pair(k Known, classic, lattice note.Signature) *Public {
	if classic.Name != k.Name || lattice.Name != k.Name {
		return nil
	}
	for _, p := range k.Pairs {
		h := p.halves(k.Name)
		if h[0].hash == classic.Hash && h[1].hash == lattice.Hash {
			return p
		}
	}
	return nil
}
