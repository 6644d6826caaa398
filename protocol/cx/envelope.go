package cx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"causeway/protocol/identity"
)

// MediaType is the media type of an envelope.
const MediaType = "application/vnd.causeway.cx1"

// Envelope is a message on its way: the signed header and the sealed letter.
type Envelope struct {
	Header Header
	Note   []byte // the header, signed
	Body   []byte // an age file to the receiver's E key
}

// Cover is what an envelope has of its own: what may change when a letter is sent again.
type Cover struct {
	Epoch  uint64
	Resend uint64
	EKey   string // the receiver's E key: an age hybrid recipient
}

// Seal puts a letter in an envelope.
func Seal(l *Letter, c Cover, by Signer) (*Envelope, error) {
	to, err := age.ParseHybridRecipient(c.EKey)
	if err != nil {
		return nil, fmt.Errorf("ekey: %w", BadFormat)
	}
	body, err := sealBody(l.Bytes(), to)
	if err != nil {
		return nil, err
	}
	n := &l.Content
	e := &Envelope{Body: body, Header: Header{
		From: n.From, To: n.To, ID: n.ID, Class: n.Type.Class(), Thread: n.Thread, Stream: n.Stream, Seq: n.Seq,
		Epoch: c.Epoch, Created: n.Created, Expires: n.Expires, Content: l.Digest(), BodySize: int64(len(body)),
		Body: DigestOf(body), SKey: by.Key(), EKey: identity.KeyIDOf(identity.Receive, n.To, []byte(c.EKey)),
		Answers: n.Answers, Resend: c.Resend,
	}}
	for _, a := range n.Attachments {
		e.Header.Blobs = append(e.Header.Blobs, Blob{a.Cipher, a.CipherSize})
	}
	e.Note, err = sign(&e.Header, by, NoteLimit)
	if err != nil {
		return nil, err
	}
	return e, e.Header.check()
}

// Bytes returns the envelope as it travels: the length of the header note in four
// bytes, the note, the body.
func (e *Envelope) Bytes() []byte {
	out := make([]byte, 0, 4+len(e.Note)+len(e.Body))
	out = binary.BigEndian.AppendUint32(out, uint32(len(e.Note)))
	return append(append(out, e.Note...), e.Body...)
}

// Digest returns the digest of the header note, which holds that of the body.
func (e *Envelope) Digest() Digest { return DigestOf(e.Note) }

// Read reads an envelope to the end of r and verifies its outside: that it is addressed
// to self, that From signed it, that the body is whole. It reads no further than it has
// found good. Who brought it, whether its time is right ([Header.Timely]) and what is
// known of it already are for the caller to ask.
func Read(r io.Reader, self identity.NodeID, pairs Pairs) (*Envelope, error) {
	msg, err := readPrefixed(r, NoteLimit)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	e := &Envelope{Note: msg}
	if err := openFor(msg, &e.Header, self, pairs, NoteLimit); err != nil {
		return nil, err
	}
	if err := e.Header.check(); err != nil {
		return nil, err
	}
	e.Body, err = readBody(r, &e.Header)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// readPrefixed reads a length in four bytes and as many bytes as it says.
func readPrefixed(r io.Reader, limit uint32) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, cutOff(err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > limit {
		return nil, TooLarge
	}
	msg := make([]byte, n)
	if _, err := io.ReadFull(r, msg); err != nil {
		return nil, cutOff(err)
	}
	return msg, nil
}

// cutOff says of what ended too early that it is damaged, and keeps every other error.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Damaged
	}
	return err
}

// readBody reads the body that a header names, and finds that nothing follows it.
func readBody(r io.Reader, h *Header) ([]byte, error) {
	body := make([]byte, h.BodySize)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("body: %w", cutOff(err))
	}
	var more [1]byte
	switch n, err := io.ReadFull(r, more[:]); {
	case n > 0:
		return nil, fmt.Errorf("behind the body: %w", BadFormat)
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("body: %w", err)
	case DigestOf(body) != h.Body:
		return nil, fmt.Errorf("body: %w", Damaged)
	}
	return body, nil
}

// Open opens an envelope that [Read] returned, with whichever of a node's E identities
// opens it, and checks the letter to its last byte. Nothing is returned unless
// everything is right. pairs is asked for the pair of the content note, which may be
// older than that of the header.
func (e *Envelope) Open(ids []age.Identity, pairs Pairs) (*Message, *Letter, error) {
	plain, err := openBody(e.Body, ids)
	if err != nil {
		return nil, nil, err
	}
	l, rest, err := cutLetter(plain)
	if err != nil {
		return nil, nil, err
	}
	if len(plain) != padded(len(plain)-len(rest)) || e.Header.BodySize != sealedSize(int64(len(plain))) || len(bytes.TrimLeft(rest, "\x00")) > 0 {
		return nil, nil, fmt.Errorf("padding: %w", BadFormat)
	}
	if l.Digest() != e.Header.Content {
		return nil, nil, fmt.Errorf("content: %w", Readdressed)
	}
	if err := open(l.note, &l.Content, pairs, NoteLimit); err != nil {
		return nil, nil, err
	}
	if !l.Content.Fits(&e.Header) {
		return nil, nil, fmt.Errorf("content: %w", Readdressed)
	}
	if err := l.check(e.Header.Class); err != nil {
		return nil, nil, err
	}
	m, err := l.message()
	if err != nil {
		return nil, nil, err
	}
	return m, l, nil
}
