package cx

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Letter is what lies sealed in an envelope: the signed content note, the labels and the
// payload whose digests it holds, and the keys of the attachments. It is written once;
// however often it is sent, and under whatever keys, it stays the same.
type Letter struct {
	Content Content

	note, labels, payload, keys []byte
}

// Place is what only the post office knows of a message: its name, its place in its
// stream, and when it was made.
type Place struct {
	ID      ID
	Seq     uint64
	Prev    Digest // content of the message before it; none for the first
	Created time.Time
}

// Write makes a letter of a draft. Times lose what is less than a second. The error has
// the code by which its receiver would refuse it.
func Write(d *Draft, at Place, by Signer) (*Letter, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	created := at.Created.UTC().Truncate(time.Second)
	expires := d.Expires.UTC().Truncate(time.Second)
	if d.Expires.IsZero() {
		expires = created.Add(DefaultExpiry)
	}
	l := &Letter{payload: wrap(newSalt(), d.Payload)}
	labels, err := format(&labelText{d.Labels, newSalt()})
	if err != nil {
		return nil, err
	}
	keys, err := format(&keyText{keysOf(d.Attachments)})
	if err != nil {
		return nil, err
	}
	l.labels, l.keys = []byte(labels), []byte(keys)
	l.Content = Content{
		From: by.Node(), To: d.To, ID: at.ID, Thread: d.Thread, Stream: d.Stream, Seq: at.Seq, Prev: at.Prev,
		Type: d.Type, Answers: d.Answers, Schema: d.Schema, Created: created, Expires: expires, Officer: d.Officer,
		Labels: DigestOf(l.labels), Payload: DigestOf(l.payload), SKey: by.Key(), Attachments: withoutKeys(d.Attachments),
	}
	l.note, err = sign(&l.Content, by, NoteLimit)
	return l, err
}

// Digest returns the digest of the signed content note: by it, and never by its number
// alone, a message is the same or another.
func (l *Letter) Digest() Digest { return DigestOf(l.note) }

// Note returns the signed content note, to be kept as proof.
func (l *Letter) Note() []byte { return bytes.Clone(l.note) }

// Labels returns the labels as they were signed.
func (l *Letter) Labels() []byte { return bytes.Clone(l.labels) }

// Payload returns the payload as it was signed, with its salt.
func (l *Letter) Payload() []byte { return bytes.Clone(l.payload) }

// Bytes returns the letter as it lies in an envelope, without the zeros that pad it. It
// holds everything in clear: whoever keeps it seals it.
func (l *Letter) Bytes() []byte {
	var out []byte
	for _, part := range [][]byte{l.note, l.labels, l.payload, l.keys} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}

// ReadLetter reads what [Letter.Bytes] wrote, out of one's own outbox: no signature is
// verified. What came from another node is read by [Envelope.Open].
func ReadLetter(b []byte) (*Letter, error) {
	l, rest, err := cutLetter(b)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("letter: %w", BadFormat)
	}
	if err != nil {
		return nil, err
	}
	text, _, _ := bytes.Cut(l.note, []byte("\n\n"))
	return l, parse(string(text)+"\n", &l.Content)
}

// cutLetter divides the inside of an envelope in its four parts and what follows them.
func cutLetter(b []byte) (l *Letter, rest []byte, err error) {
	l = &Letter{}
	for _, part := range []struct {
		name  string
		to    *[]byte
		limit int
	}{
		{"content", &l.note, NoteLimit},
		{"labels", &l.labels, NoteLimit},
		{"payload", &l.payload, PayloadLimit + wrapSize},
		{"keys", &l.keys, NoteLimit},
	} {
		if len(b) < 4 {
			return nil, nil, fmt.Errorf("letter, %s: %w", part.name, BadFormat)
		}
		n := binary.BigEndian.Uint32(b)
		switch b = b[4:]; {
		case uint64(n) > uint64(part.limit):
			return nil, nil, fmt.Errorf("letter, %s: %w", part.name, TooLarge)
		case uint64(n) > uint64(len(b)):
			return nil, nil, fmt.Errorf("letter, %s: %w", part.name, BadFormat)
		}
		*part.to, b = b[:n:n], b[n:]
	}
	return l, b, nil
}

// The payload is an object with two members: a salt, and what the room wrote.
const (
	wrapHead = `{"salt":"`
	wrapMid  = `","body":`
	wrapTail = `}`
	wrapSize = len(wrapHead) + 2*len(salt{}) + len(wrapMid) + len(wrapTail)
)

func wrap(s salt, body []byte) []byte {
	out := make([]byte, 0, wrapSize+len(body))
	out = append(out, wrapHead+s.String()+wrapMid...)
	return append(append(out, body...), wrapTail...)
}

// unwrap reads what wrap wrote: one JSON object in exactly that frame.
func unwrap(payload []byte) ([]byte, error) {
	const head = len(wrapHead) + 2*len(salt{})
	if len(payload) < wrapSize {
		return nil, fmt.Errorf("payload: %w", BadFormat)
	}
	body := payload[head+len(wrapMid) : len(payload)-len(wrapTail)]
	s, err := parseSalt(string(payload[len(wrapHead):head]))
	if err != nil || !isObject(body) || !bytes.Equal(wrap(s, body), payload) {
		return nil, fmt.Errorf("payload: %w", BadFormat)
	}
	return body, nil
}

// keyText is the keys of the attachments, in the order of the manifest. They stand apart
// from the content note, so that the note can be shown without them.
type keyText struct{ keys []BlobKey }

func (k *keyText) kind() string { return "causeway/keys/" }

func (k *keyText) fields(c *codec) {
	n := uint64(len(k.keys))
	one(c, "count", &n, asNumber)
	many(c, "key", AttachmentsLimit, &k.keys, asWord[BlobKey](isBlobKey))
	c.require(n == uint64(len(k.keys)), "count")
}

func keysOf(list []Attachment) []BlobKey {
	var keys []BlobKey
	for _, a := range list {
		keys = append(keys, a.Key)
	}
	return keys
}

func withoutKeys(list []Attachment) []Attachment {
	out := slices.Clone(list)
	for i := range out {
		out[i].Key = ""
	}
	return out
}

// check holds what stands in a letter against its content note, whose signature was
// verified, and against the class that its envelope shows.
func (l *Letter) check(c Class) error {
	n := &l.Content
	if DigestOf(l.labels) != n.Labels || DigestOf(l.payload) != n.Payload {
		return fmt.Errorf("labels or payload: %w", BadSignature)
	}
	if err := n.check(); err != nil {
		return err
	}
	if n.Type.Class() != c {
		return fmt.Errorf("class: %w", Readdressed)
	}
	return nil
}

// message returns what a letter that was checked says.
func (l *Letter) message() (*Message, error) {
	n := &l.Content
	labels, err := ReadLabels(l.labels)
	if err != nil {
		return nil, err
	}
	if len(labels.Crit) > 0 {
		return nil, &unmet{labels.Crit}
	}
	body, err := unwrap(l.payload)
	if err != nil {
		return nil, err
	}
	var keys keyText
	if err := parse(string(l.keys), &keys); err != nil {
		return nil, err
	}
	if len(keys.keys) != len(n.Attachments) {
		return nil, fmt.Errorf("keys: %w", BadFormat)
	}
	m := &Message{
		From: n.From, ID: n.ID, Thread: n.Thread, Stream: n.Stream, Seq: n.Seq, Type: n.Type, Answers: n.Answers,
		Labels: *labels, Schema: n.Schema, Payload: body, Officer: n.Officer, Created: n.Created, Expires: n.Expires,
	}
	for i, a := range n.Attachments {
		a.Key = keys.keys[i]
		m.Attachments = append(m.Attachments, a)
	}
	return m, nil
}

// unmet is a message with labels without which it may not be opened and which are not
// known here.
type unmet struct{ labels []string }

// Error implements error. It does not quote the labels.
func (u *unmet) Error() string { return "label crit: " + string(LabelRefused) }

// Unwrap returns the code.
func (u *unmet) Unwrap() error { return LabelRefused }

// Unmet returns the labels for which err refuses a message, none where it does not.
func Unmet(err error) []string {
	var u *unmet
	if errors.As(err, &u) {
		return u.labels
	}
	return nil
}

// ReadLabels reads labels as they were signed. A caller compares their digest with that
// in the content note first.
func ReadLabels(text []byte) (*Labels, error) {
	var l labelText
	if err := parse(string(text), &l); err != nil {
		return nil, err
	}
	return &l.Labels, nil
}

// ReadPayload returns what a room wrote into a payload as it was signed.
func ReadPayload(signed []byte) (json.RawMessage, error) { return unwrap(signed) }
