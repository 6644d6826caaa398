package cx

import (
	"fmt"
	"time"

	"causeway/protocol/identity"
)

// Content is the signed heart of a message. With the labels and the payload whose
// digests it holds, it can be shown to a court; it names both parties, so it cannot be
// passed off as sent to somebody else.
type Content struct {
	From, To    identity.NodeID
	ID          ID
	Thread      Thread
	Stream      Stream
	Seq         uint64
	Prev        Digest // of the content note before it in its stream; none for the first
	Type        Type
	Answers     ID
	Schema      string
	Created     time.Time
	Expires     time.Time
	Officer     string
	Labels      Digest
	Payload     Digest
	SKey        identity.KeyID
	Attachments []Attachment // without their keys
	Extra       []Extra
	Crit        []string
}

func (n *Content) kind() string { return "causeway/content/" }

func (n *Content) signer() (identity.NodeID, identity.KeyID) { return n.From, n.SKey }

func (n *Content) fields(c *codec) {
	one(c, "from", &n.From, asNode)
	one(c, "to", &n.To, asNode)
	one(c, "id", &n.ID, asID)
	one(c, "thread", &n.Thread, asThread)
	one(c, "stream", &n.Stream, among(Cmd, Status))
	one(c, "seq", &n.Seq, asNumber)
	maybe(c, "prev", &n.Prev, asDigest)
	one(c, "type", &n.Type, asWord[Type](isToken))
	maybe(c, "answers", &n.Answers, asID)
	one(c, "schema", &n.Schema, asWord[string](isToken))
	one(c, "created", &n.Created, asTime)
	one(c, "expires", &n.Expires, asTime)
	one(c, "officer", &n.Officer, asWord[string](isToken))
	one(c, "labels", &n.Labels, asDigest)
	one(c, "payload", &n.Payload, asDigest)
	one(c, "skey", &n.SKey, asKey)
	many(c, "attachment", AttachmentsLimit, &n.Attachments, spelling[Attachment]{Attachment.Manifest, ParseAttachment})
	extras(c, &n.Extra, &n.Crit)

	c.require(n.From != n.To, "to")
	c.require(n.Seq > 0 && (n.Seq == 1) == n.Prev.IsZero(), "prev")
	c.require(lifeValid(n.Created, n.Expires), "expires")
}

// check returns why a content note whose signature is right is refused.
func (n *Content) check() error {
	switch {
	case len(n.Crit) > 0:
		return fmt.Errorf("content crit: %w", Unsupported)
	case !n.Type.Valid():
		return fmt.Errorf("type: %w", Unsupported)
	case !n.Type.In(n.Stream):
		return fmt.Errorf("stream: %w", BadFormat)
	}
	return checkAttachments(n.Attachments)
}

// OpenContent reads a content note and verifies that From signed it: for proof, when
// there is no envelope any more. What arrives is read by [Envelope.Open].
func OpenContent(msg []byte, pairs Pairs) (*Content, error) {
	var n Content
	if err := open(msg, &n, pairs, NoteLimit); err != nil {
		return nil, err
	}
	return &n, nil
}

// Fits reports whether the outside of an envelope says the same as what is signed
// inside. Only the epoch, the keys and the count of resends are the outside's own.
func (n *Content) Fits(h *Header) bool {
	if len(h.Blobs) != len(n.Attachments) {
		return false
	}
	for i, b := range h.Blobs {
		if b.Digest != n.Attachments[i].Cipher || b.Size != n.Attachments[i].CipherSize {
			return false
		}
	}
	return h.From == n.From && h.To == n.To && h.ID == n.ID && h.Thread == n.Thread && h.Stream == n.Stream &&
		h.Seq == n.Seq && h.Answers == n.Answers && h.Created.Equal(n.Created) && h.Expires.Equal(n.Expires)
}
