package cx

import (
	"fmt"
	"time"

	"causeway/protocol/identity"
)

// Header is the outside of an envelope: all that is known of a message before it is
// opened. It holds no name, no number of a case and no word of a person.
type Header struct {
	From, To identity.NodeID
	ID       ID
	Class    Class
	Thread   Thread
	Stream   Stream
	Seq      uint64 // from 1
	Epoch    uint64 // the sender's, from 1
	Created  time.Time
	Expires  time.Time
	Content  Digest // of the signed content note inside
	BodySize int64  // bytes of the sealed body
	Body     Digest // of the sealed body
	SKey     identity.KeyID
	EKey     identity.KeyID
	Answers  ID
	Resend   uint64 // how often it was put in a new envelope
	Blobs    []Blob // the sealed attachments, in the order of the manifest inside
	Extra    []Extra
	Crit     []string
}

// Blob is one sealed attachment as the outside of an envelope names it.
type Blob struct {
	Digest Digest
	Size   int64 // bytes
}

func (h *Header) kind() string { return "causeway/envelope/" }

func (h *Header) signer() (identity.NodeID, identity.KeyID) { return h.From, h.SKey }

func (h *Header) addressee() identity.NodeID { return h.To }

func (h *Header) fields(c *codec) {
	one(c, "from", &h.From, asNode)
	one(c, "to", &h.To, asNode)
	one(c, "id", &h.ID, asID)
	one(c, "class", &h.Class, among(ClassCase, ClassDir, ClassMatch, ClassTest))
	one(c, "thread", &h.Thread, asThread)
	one(c, "stream", &h.Stream, among(Cmd, Status))
	one(c, "seq", &h.Seq, asNumber)
	one(c, "epoch", &h.Epoch, asNumber)
	one(c, "created", &h.Created, asTime)
	one(c, "expires", &h.Expires, asTime)
	one(c, "content", &h.Content, asDigest)
	one(c, "body_len", &h.BodySize, asSize)
	one(c, "body_sha256", &h.Body, asDigest)
	one(c, "skey", &h.SKey, asKey)
	one(c, "ekey", &h.EKey, asKey)
	maybe(c, "answers", &h.Answers, asID)
	maybe(c, "resend", &h.Resend, asNumber)
	many(c, "blob", AttachmentsLimit, &h.Blobs, pairOf(asDigest, asSize,
		func(d Digest, n int64) Blob { return Blob{d, n} }, func(b Blob) (Digest, int64) { return b.Digest, b.Size }))
	extras(c, &h.Extra, &h.Crit)

	c.require(h.From != h.To, "to")
	c.require(h.Seq > 0, "seq")
	c.require(h.Epoch > 0, "epoch")
	c.require(lifeValid(h.Created, h.Expires), "expires")
}

// OpenHeader reads a header note that is addressed to a node and verifies that From
// signed it: for proof, when the body is not there. What arrives is read by [Read].
func OpenHeader(msg []byte, to identity.NodeID, pairs Pairs) (*Header, error) {
	var h Header
	if err := openFor(msg, &h, to, pairs, NoteLimit); err != nil {
		return nil, err
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	return &h, nil
}

// lifeValid: a message is valid for a time, and not for longer than [ExpiryLimit].
func lifeValid(created, expires time.Time) bool {
	return expires.After(created) && expires.Sub(created) <= ExpiryLimit
}

// check returns why a header whose signature is right is refused whoever receives it.
func (h *Header) check() error {
	if len(h.Crit) > 0 {
		return fmt.Errorf("header crit: %w", Unsupported)
	}
	if h.BodySize > bodyLimit {
		return fmt.Errorf("body: %w", TooLarge)
	}
	if !isSealedSize(h.BodySize) {
		return fmt.Errorf("body_len: %w", BadFormat)
	}
	var total int64
	for _, b := range h.Blobs {
		total += b.Size
		if b.Size > BlobLimit || total > EnvelopeLimit {
			return fmt.Errorf("blob: %w", TooLarge)
		}
	}
	return nil
}

// Timely returns [Held] for a message that is dated more than [SkewLimit] after now, and
// [Expired] for one whose day has passed. A message that was taken before is never
// expired: whoever knows its ID does not ask.
func (h *Header) Timely(now time.Time) error {
	switch {
	case h.Created.After(now.Add(SkewLimit)):
		return fmt.Errorf("created: %w", Held)
	case !now.Before(h.Expires):
		return fmt.Errorf("expires: %w", Expired)
	}
	return nil
}
