package cx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"causeway/protocol/identity"
)

// Limits of CX/1, in bytes. A pair of nodes may agree on lower ones.
const (
	NoteLimit     = 32 << 10 // a header, content, receipt or other note, with signatures
	PayloadLimit  = 1 << 20  // what a message says
	BlobLimit     = 2 << 30  // one attachment, sealed
	EnvelopeLimit = 10 << 30 // an envelope with all its attachments

	AttachmentsLimit = 64 // how many attachments one message may have
)

// Limits of time.
const (
	DefaultExpiry = 30 * 24 * time.Hour // how long a message is valid when nothing is said
	ExpiryLimit   = 90 * 24 * time.Hour // and at most
	SkewLimit     = 24 * time.Hour      // how far ahead of the receiver's clock it may be dated
)

// Draft is a message that a room wants to send. What is missing here (number, epoch,
// keys) is added by the post office.
type Draft struct {
	To          identity.NodeID
	Thread      Thread
	Stream      Stream
	Type        Type
	Answers     ID // the message that this one answers; zero: none
	Labels      Labels
	Schema      string // name and version of the payload's form, such as "referral.offer/1"
	Payload     []byte // a JSON object
	Attachments []Attachment
	Officer     string    // a pseudonym of who sends it, never a name
	Expires     time.Time // zero: [DefaultExpiry] after it is made
}

// Check returns an error with the code by which the receiver would refuse the draft, nil
// when the draft can be sent.
func (d *Draft) Check() error {
	for _, rule := range []struct {
		field string
		ok    bool
	}{
		{"to", isNode(string(d.To))},
		{"thread", !d.Thread.IsZero()},
		{"type", d.Type.Valid()},
		{"stream", d.Type.In(d.Stream)},
		{"answers", d.Answers.IsZero() || d.Answers.Valid()},
		{"schema", isToken(d.Schema)},
		{"officer", isToken(d.Officer)},
		{"payload", isObject(d.Payload)},
	} {
		if !rule.ok {
			return fmt.Errorf("%s: %w", rule.field, BadFormat)
		}
	}
	if len(d.Payload) > PayloadLimit {
		return fmt.Errorf("payload: %w", TooLarge)
	}
	if err := checkAttachments(d.Attachments); err != nil {
		return err
	}
	return d.Labels.Check()
}

// isObject reports whether payload is one JSON object.
func isObject(payload []byte) bool {
	trimmed := bytes.TrimLeft(payload, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && utf8.Valid(payload) && json.Valid(payload)
}

// Message is a message that arrived and was checked from the first byte to the last.
type Message struct {
	From        identity.NodeID
	To          identity.NodeID // of a message of our own that came back after a restore; "" otherwise: it came to us
	ID          ID
	Thread      Thread
	Stream      Stream
	Seq         uint64 // its number in the sender's stream of the thread, from 1
	Type        Type
	Answers     ID
	Labels      Labels
	Schema      string
	Payload     []byte
	Attachments []Attachment
	Officer     string // a pseudonym that the sender can resolve
	Created     time.Time
	Expires     time.Time
	Doubtful    bool // signed by a key that was in wrong hands at some time: a person decides
	Answered    bool // a command that was answered before a restore: it is not answered again
}

// Opened is what a room found when it acted on a message. The zero value: all is well.
type Opened struct {
	Refused Code     // why it was refused; "": it was taken
	Unmet   []string // labels that this node cannot honour, in alphabetical order
}
