package identity

import (
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"causeway/protocol/note"
)

const kindPair = "causeway/pair/1"

// PairLimit is the size of the largest pair note, in bytes.
const PairLimit = 32 << 10

// How much a pair note holds at most.
const (
	purposesMost = 16
	typesMost    = 40
)

// OfficersOfSide is how many people of each side compared the fingerprints.
const OfficersOfSide = 2

// Officer is somebody who compared the fingerprints by telephone.
type Officer struct {
	Node      NodeID
	Reference string // a name that means something to that node only: no person's name
	At        time.Time
}

// Pair is what two nodes agreed on: who they are, and what may pass between them.
type Pair struct {
	A, B         NodeID // in alphabetical order
	FingerprintA Fingerprint
	FingerprintB Fingerprint
	Officers     []Officer // two of A, then two of B
	Purposes     []string  // codes, in alphabetical order
	Types        []string  // message types, in alphabetical order
	Limits       Limits
	EmergencyA   string // whom B calls at night, outside this system
	EmergencyB   string
	From, Until  time.Time
}

// Text writes the pair note.
func (p *Pair) Text() string {
	var w writer
	w.WriteString(kindPair + "\n")
	w.line("node", string(p.A))
	w.line("node", string(p.B))
	w.line("fingerprint", p.FingerprintA.Hex())
	w.line("fingerprint", p.FingerprintB.Hex())
	for _, o := range p.Officers {
		w.line("officer", string(o.Node)+" "+stamp(o.At)+" "+o.Reference)
	}
	for _, code := range p.Purposes {
		w.line("purpose", code)
	}
	for _, code := range p.Types {
		w.line("type", code)
	}
	w.limits(p.Limits)
	w.line("emergency", p.EmergencyA)
	w.line("emergency", p.EmergencyB)
	w.time("from", p.From)
	w.time("until", p.Until)
	return w.String()
}

// ParsePair reads the text of a pair note. The error is [ErrFormat].
func ParsePair(text string) (*Pair, error) {
	if len(text) > PairLimit {
		return nil, ErrFormat
	}
	r := read(text, kindPair)
	p := &Pair{A: r.node("node"), B: r.node("node")}
	p.FingerprintA, p.FingerprintB = r.fingerprint(), r.fingerprint()
	r.each("officer", 2*OfficersOfSide, func(value string) {
		parts := r.fields(value, 3)
		o := Officer{Node: NodeID(parts[0]), At: r.stamp(parts[1]), Reference: parts[2]}
		p.Officers = append(p.Officers, o)
	})
	r.each("purpose", purposesMost, func(code string) { p.Purposes = append(p.Purposes, code) })
	r.each("type", typesMost, func(code string) { p.Types = append(p.Types, code) })
	p.Limits = r.limits()
	p.EmergencyA, p.EmergencyB = r.words("emergency"), r.words("emergency")
	p.From, p.Until = r.time("from"), r.time("until")
	r.check(p.wellFormed())
	if err := r.end(text, p.Text); err != nil {
		return nil, err
	}
	return p, nil
}

func (r *reader) fingerprint() Fingerprint {
	text := r.one("fingerprint")
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(Fingerprint{}) {
		r.bad = true
		return Fingerprint{}
	}
	return Fingerprint(raw)
}

func (p *Pair) wellFormed() bool {
	return p.A < p.B && p.FingerprintA != p.FingerprintB && p.From.Before(p.Until) && p.twoOfEach() &&
		risingCodes(p.Purposes) && risingCodes(p.Types)
}

// twoOfEach reports whether two different people of each side compared.
func (p *Pair) twoOfEach() bool {
	if len(p.Officers) != 2*OfficersOfSide {
		return false
	}
	for i, o := range p.Officers {
		side := p.A
		if i >= OfficersOfSide {
			side = p.B
		}
		if o.Node != side || !isCode(o.Reference) || o.At.IsZero() {
			return false
		}
	}
	return p.Officers[0].Reference != p.Officers[1].Reference && p.Officers[2].Reference != p.Officers[3].Reference
}

// risingCodes reports whether codes are at least one, in order, each once.
func risingCodes(codes []string) bool {
	for i, code := range codes {
		if !isCode(code) || i > 0 && codes[i-1] >= code {
			return false
		}
	}
	return len(codes) > 0
}

// Allows reports whether a message of a type for a purpose may pass at a time.
func (p *Pair) Allows(purpose, messageType string, at time.Time) bool {
	return !at.Before(p.From) && at.Before(p.Until) && slices.Contains(p.Purposes, purpose) && slices.Contains(p.Types, messageType)
}

// SignPair returns the pair note with the signature of the first node to sign. The other
// one reads it with [HalfPair] and adds its own with [note.Cosign].
func SignPair(p *Pair, by note.Signer) ([]byte, error) {
	text := p.Text()
	if _, err := ParsePair(text); err != nil {
		return nil, signError("pair", err)
	}
	if by.Name != string(p.A) && by.Name != string(p.B) {
		return nil, signError("pair", ErrParty)
	}
	return note.Sign(text, by)
}

// ErrParty is a pair note of others.
var ErrParty = errors.New("not a pair note of these two nodes")

// HalfPair reads a pair note that only one of its nodes has signed. The errors are
// [ErrParty], [note.ErrSignature] and [ErrFormat].
func HalfPair(signed []byte, by note.Known) (*Pair, error) { return openPair(signed, by) }

// OpenPair reads a pair note that both nodes have signed, first by the one that signed
// first. The errors are those of [HalfPair].
func OpenPair(signed []byte, first, second note.Known) (*Pair, error) {
	return openPair(signed, first, second)
}

func openPair(signed []byte, by ...note.Known) (*Pair, error) {
	text, _, err := note.Open(signed, PairLimit, by...)
	if err != nil {
		return nil, signError("pair", err)
	}
	p, err := ParsePair(text)
	if err != nil {
		return nil, signError("pair", err)
	}
	for _, k := range by {
		if k.Name != string(p.A) && k.Name != string(p.B) {
			return nil, signError("pair", ErrParty)
		}
	}
	if len(by) == 2 && by[0].Name == by[1].Name {
		return nil, signError("pair", ErrParty)
	}
	return p, nil
}
