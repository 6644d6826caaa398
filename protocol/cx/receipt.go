package cx

import (
	"fmt"
	"time"

	"causeway/protocol/identity"
)

// Stage is what a receipt confirms, or denies.
type Stage string

// The stages of a receipt. Of each two, the second is the denial of the first.
const (
	Stored   Stage = "stored"   // the envelope is on the disk, its outside is right
	Rejected Stage = "rejected" // it is not taken

	OpenedStage Stage = "opened"     // it was opened and read to its end; the labels are accepted
	Unreadable  Stage = "unreadable" // it could not be opened, or what is inside is wrong
	Refused     Stage = "refused"    // it was read, and a label or the content is not accepted
)

// positive reports whether a stage confirms.
func (s Stage) positive() bool { return s == Stored || s == OpenedStage }

// Receipt confirms what became of an envelope. It holds no word of the message.
type Receipt struct {
	Stage   Stage
	From    identity.NodeID // who received the envelope and signs this
	To      identity.NodeID // who sent the envelope
	ID      ID              // of the message
	Header  Digest          // of the header note that was received
	Content Digest          // as the header names it; of opened and refused: as it was read
	At      time.Time
	Epoch   uint64 // the signer's
	Code    Code   // of a denial: why
	Unmet   []string
	Leaf    Digest     // of the journal entry that goes with it; none: not said
	Log     Checkpoint // how far the signer's journal had come; zero: not said
	SKey    identity.KeyID
	Extra   []Extra
	Crit    []string
}

// Checkpoint is how far a node's journal had come, in one of its epochs.
type Checkpoint struct {
	Epoch uint64
	Size  uint64
	Root  Digest
}

func (r *Receipt) kind() string { return "causeway/receipt/" }

func (r *Receipt) signer() (identity.NodeID, identity.KeyID) { return r.From, r.SKey }

func (r *Receipt) addressee() identity.NodeID { return r.To }

func (r *Receipt) fields(c *codec) {
	one(c, "stage", &r.Stage, among(Stored, Rejected, OpenedStage, Unreadable, Refused))
	one(c, "from", &r.From, asNode)
	one(c, "to", &r.To, asNode)
	one(c, "id", &r.ID, asID)
	one(c, "header", &r.Header, asDigest)
	one(c, "content", &r.Content, asDigest)
	one(c, "at", &r.At, asTime)
	one(c, "epoch", &r.Epoch, asNumber)
	maybe(c, "code", &r.Code, asWord[Code](isToken))
	words(c, "unmet", &r.Unmet, isToken)
	maybe(c, "leaf", &r.Leaf, asDigest)
	maybe(c, "log", &r.Log, asCheckpoint)
	one(c, "skey", &r.SKey, asKey)
	extras(c, &r.Extra, &r.Crit)

	c.require(r.From != r.To, "to")
	c.require(r.Stage.positive() == (r.Code == ""), "code")
	c.require(len(r.Unmet) == 0 || r.Stage == Refused, "unmet")
}

// asCheckpoint spells epoch, size and root.
var asCheckpoint = pairOf(asNumber, pairOf(asNumber, asDigest,
	func(size uint64, root Digest) Checkpoint { return Checkpoint{Size: size, Root: root} },
	func(p Checkpoint) (uint64, Digest) { return p.Size, p.Root }),
	func(epoch uint64, p Checkpoint) Checkpoint { p.Epoch = epoch; return p },
	func(p Checkpoint) (uint64, Checkpoint) { return p.Epoch, p })

// ReceiptOf begins a receipt for an envelope: what is to be added is the stage, the
// epoch, and the code of a denial.
func ReceiptOf(e *Envelope, at time.Time) *Receipt {
	h := &e.Header
	return &Receipt{
		From: h.To, To: h.From, ID: h.ID, Header: e.Digest(), Content: h.Content, At: at.UTC().Truncate(time.Second),
	}
}

// Claim returns the digest of all that a receipt says, without its leaf: what the journal
// entry holds whose leaf the receipt then names.
func (r *Receipt) Claim(by Signer) (Digest, error) {
	said := *r
	said.Leaf, said.SKey = Digest{}, by.Key()
	text, err := format(&said)
	return DigestOf([]byte(text)), err
}

// Sign returns the receipt as a note.
func (r *Receipt) Sign(by Signer) ([]byte, error) {
	r.SKey = by.Key()
	return sign(r, by, NoteLimit)
}

// OpenReceipt reads a receipt that is meant for self.
func OpenReceipt(msg []byte, self identity.NodeID, pairs Pairs) (*Receipt, error) {
	var r Receipt
	if err := openFor(msg, &r, self, pairs, NoteLimit); err != nil {
		return nil, err
	}
	if len(r.Crit) > 0 {
		return nil, fmt.Errorf("receipt crit: %w", Unsupported)
	}
	return &r, nil
}

// For reports whether a receipt is about a letter as it was sent in an envelope.
func (r *Receipt) For(e *Envelope) bool {
	return r.To == e.Header.From && r.From == e.Header.To && r.ID == e.Header.ID && r.Content == e.Header.Content
}
