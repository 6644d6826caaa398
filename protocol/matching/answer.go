package matching

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SchemaAnswer is the schema of an [Answer].
const SchemaAnswer = "match.answer/1"

// Sizes of answers, in bytes.
const (
	TokenSize   = 32
	answerSize  = 256
	ContactMost = answerSize - TokenSize - 1 // of a contact point, in UTF-8
)

// Reply is what an officer of the holder answers: whom to turn to, and the token that
// whoever turns to them shows.
type Reply struct {
	Question [idSize]byte
	Token    [TokenSize]byte
	Contact  string
}

// Answer is the letter of a day. Slots that answer nothing are zero, whether nobody was
// found, nobody decided yet, or somebody decided to say nothing.
type Answer struct {
	V         int    `json:"v"`
	Agreement string `json:"agreement"` // as [Terms.ID]
	Day       int64  `json:"day"`       // days since 1970, UTC
	Part      int    `json:"part"`
	Slots     []byte `json:"slots"`
}

// IsContact reports whether text can be sent as a contact point: one line.
func IsContact(text string) bool {
	return text != "" && len(text) <= ContactMost && utf8.ValidString(text) && strings.TrimSpace(text) == text &&
		!strings.ContainsFunc(text, unicode.IsControl)
}

// isID reports whether text is sixteen bytes in hexadecimal.
func isID(text string) bool {
	b, err := hex.DecodeString(text)
	return err == nil && len(b) == idSize && hex.EncodeToString(b) == text
}

// Encode writes a letter with at most [DaySlots] answers; it has as many slots always.
func (a *Answer) Encode(replies []Reply) ([]byte, error) {
	if len(replies) > DaySlots {
		return nil, ErrFormat
	}
	a.V, a.Slots = Version, make([]byte, DaySlots*(idSize+answerSize))
	for i := range replies {
		r := &replies[i]
		if len(r.Contact) > ContactMost {
			return nil, ErrFormat
		}
		b := a.Slots[i*(idSize+answerSize):]
		copy(b, r.Question[:])
		copy(b[idSize:], r.Token[:])
		b[idSize+TokenSize] = byte(len(r.Contact))
		copy(b[idSize+TokenSize+1:], r.Contact)
	}
	if _, err := a.read(); err != nil {
		return nil, err
	}
	return marshal(a)
}

// ReadAnswer reads what [Answer.Encode] wrote, and nothing else.
func ReadAnswer(b []byte) (*Answer, []Reply, error) {
	var a Answer
	if err := strict(b, &a); err != nil {
		return nil, nil, err
	}
	replies, err := a.read()
	if err != nil {
		return nil, nil, err
	}
	return &a, replies, nil
}

func isZero(b []byte) bool { return !slices.ContainsFunc(b, func(c byte) bool { return c != 0 }) }

func (a *Answer) read() (out []Reply, err error) {
	if a.V != Version || !isID(a.Agreement) || a.Day <= 0 || a.Part < 0 || len(a.Slots) != DaySlots*(idSize+answerSize) {
		return nil, ErrFormat
	}
	over := false
	for b := range slices.Chunk(a.Slots, idSize+answerSize) {
		if isZero(b) {
			over = true
			continue
		}
		n := int(b[idSize+TokenSize])
		rest := b[idSize+TokenSize+1:]
		if over || n > len(rest) || !isZero(rest[n:]) {
			return nil, ErrFormat
		}
		r := Reply{Question: [idSize]byte(b), Token: [TokenSize]byte(b[idSize:]), Contact: string(rest[:n])}
		if isZero(r.Question[:]) || isZero(r.Token[:]) || !IsContact(r.Contact) ||
			slices.ContainsFunc(out, func(o Reply) bool { return o.Question == r.Question }) {
			return nil, ErrFormat
		}
		out = append(out, r)
	}
	return out, nil
}
