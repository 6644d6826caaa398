package cx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"causeway/protocol/identity"
)

// Kind is what a signed text says that it is: the word in its first line.
type Kind string

// The kinds of what one node brings to another.
const (
	KindEnvelope   Kind = "envelope"
	KindReceipt    Kind = "receipt"
	KindError      Kind = "error"
	KindSync       Kind = "resync"
	KindSyncAnswer Kind = "resync.answer"
	KindPing       Kind = "ping"
	KindBundle     Kind = "bundle"

	KindSchedule Kind = "schedule" // of package identity, signed by a recovery pair
	KindRevoke   Kind = "revoke"
)

// KindOf returns what a note says that it is, "" for what is none of CX. No signature is
// looked at.
func KindOf(msg []byte) Kind {
	first, _, _ := bytes.Cut(msg[:min(len(msg), tokenLimit)], []byte("\n"))
	word, ok := strings.CutPrefix(string(first), "causeway/")
	kind, of, ok2 := strings.Cut(word, "/")
	if !ok || !ok2 || !isVersion(of) {
		return ""
	}
	return Kind(kind)
}

// Peek reads the first note of r, whose length stands before it in four bytes, and
// returns what it says that it is. whole gives everything once more from the beginning.
//
// Notes without a body (receipts, refusals, pings) travel in this frame too, so that one
// door takes them and envelopes.
func Peek(r io.Reader) (kind Kind, whole io.Reader, err error) {
	msg, err := readPrefixed(r, keysLimit)
	if err != nil {
		return "", nil, fmt.Errorf("first note: %w", err)
	}
	kind = KindOf(msg)
	if len(msg) > NoteLimit && kind != KindSchedule && kind != KindRevoke {
		return "", nil, fmt.Errorf("first note: %w", TooLarge)
	}
	return kind, io.MultiReader(bytes.NewReader(Frame(msg)), r), nil
}

// Frame returns a note with its length before it, as it travels.
func Frame(msg []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(msg)), uint32(len(msg))), msg...)
}

// keysLimit is the size of the largest note of a recovery pair with its signatures.
const keysLimit = identity.ScheduleLimit + NoteLimit

// Unframe reads a note that travels alone.
func Unframe(r io.Reader) ([]byte, error) {
	msg, err := readPrefixed(r, keysLimit)
	if err != nil {
		return nil, fmt.Errorf("note: %w", err)
	}
	if n, _ := io.ReadFull(r, make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("behind the note: %w", BadFormat)
	}
	return msg, nil
}

// NamesBlobs reports whether the header of an envelope, as it travels, has a line for an
// attachment. No signature is looked at: who is wrong here is told so when the message is
// opened.
func NamesBlobs(envelope []byte) bool {
	if len(envelope) < 4 {
		return false
	}
	n := min(4+int64(binary.BigEndian.Uint32(envelope)), int64(len(envelope)))
	return bytes.Contains(envelope[:n], []byte("\nblob "))
}
