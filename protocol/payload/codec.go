package payload

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// Limit is the largest payload, in bytes; it is that of CX/1.
const Limit = 1 << 20

// Limits of what one payload holds.
const (
	depthLimit = 12
	textLimit  = 64 << 10 // one text, in bytes
	listLimit  = 2_000    // members of one list
	codeLimit  = 64       // one code, in bytes
)

// What is wrong with a payload.
var (
	ErrFormat      = errors.New("payload: not in the agreed form")
	ErrTooLarge    = errors.New("payload: larger than is agreed")
	ErrUnsupported = errors.New("payload: a field that must be read is not known here")
)

// shape is what a schema must carry, and what else it may.
type shape struct {
	must []string
	may  []string
}

var shapes = map[string]shape{
	SchemaOffer:   {[]string{"card"}, []string{"package"}},
	SchemaWords:   {[]string{"words"}, nil},
	SchemaStatus:  {[]string{"status"}, nil},
	SchemaNote:    {nil, []string{"journey", "report"}},
	SchemaRecall:  {[]string{"recall"}, nil},
	SchemaOutcome: {[]string{"outcome"}, nil},
}

// members says which members are there.
func (p *Payload) members() []string {
	var out []string
	for _, m := range []struct {
		name  string
		there bool
	}{
		{"card", p.Card != nil},
		{"package", p.Package != nil},
		{"words", p.Words != nil},
		{"status", p.Status != nil},
		{"journey", p.Journey != nil},
		{"report", p.Report != nil},
		{"recall", p.Recall != nil},
		{"outcome", p.Outcome != nil},
	} {
		if m.there {
			out = append(out, m.name)
		}
	}
	return out
}

// Check returns what is wrong with a payload of a schema: [ErrFormat], [ErrTooLarge] or
// [ErrUnsupported]; nil for nothing. What it knows nothing of is no fault, unless it is
// critical.
func (p *Payload) Check(schema string) error {
	s, ok := shapes[schema]
	if !ok {
		return fmt.Errorf("schema: %w", ErrUnsupported)
	}
	there := p.members()
	for _, name := range s.must {
		if !slices.Contains(there, name) {
			return fmt.Errorf("%s is missing: %w", name, ErrFormat)
		}
	}
	for _, name := range there {
		if !slices.Contains(s.must, name) && !slices.Contains(s.may, name) {
			return fmt.Errorf("%s does not belong to this schema: %w", name, ErrFormat)
		}
	}
	if salt, err := hex.DecodeString(p.Salt); err != nil || len(salt) != saltSize || p.Version != Version || len(there) == 0 {
		return fmt.Errorf("salt or version: %w", ErrFormat)
	}
	if schema == SchemaNote && len(there) != 1 {
		return fmt.Errorf("a note carries one thing: %w", ErrFormat)
	}
	for _, name := range p.Crit {
		if _, ok := p.Extra[name]; !ok {
			return fmt.Errorf("a critical field is not there: %w", ErrFormat)
		}
	}
	if len(p.Crit) > 0 {
		return fmt.Errorf("critical field: %w", ErrUnsupported) // this version knows none
	}
	return p.required()
}

// required checks what a member cannot be without.
func (p *Payload) required() error {
	ok := true
	need := func(code string) { ok = ok && code != "" }
	if c := p.Card; c != nil {
		need(c.Purpose)
		need(c.Urgency)
		need(c.Basis)
		ok = ok && c.Respond >= 0
	}
	if s := p.Status; s != nil {
		need(s.State)
		need(s.Cause)
		ok = ok && s.Revision > 0
	}
	if j := p.Journey; j != nil {
		ok = ok && slices.Contains([]string{Travelling, Meeting, Arrived}, j.Step)
	}
	if r := p.Report; r != nil {
		need(r.Code)
		ok = ok && r.Month > 0
	}
	if p.Recall != nil {
		need(p.Recall.Reason)
	}
	if p.Outcome != nil {
		need(p.Outcome.Code)
	}
	if !ok {
		return fmt.Errorf("a field is missing: %w", ErrFormat)
	}
	return nil
}

// plain is a payload without its own way of being written.
type plain Payload

// Encode writes a payload of a schema in its one form: known fields in the order of
// [Payload], then the unknown ones by name. The errors are those of [Payload.Check].
func Encode(schema string, p *Payload) ([]byte, error) {
	if err := p.Check(schema); err != nil && !(errors.Is(err, ErrUnsupported) && len(p.Crit) > 0) {
		return nil, err
	}
	out, err := json.Marshal((*plain)(p))
	if err != nil {
		return nil, errors.Join(ErrFormat, err)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Extra)) {
		key, _ := json.Marshal(name) // a string
		var value bytes.Buffer
		if err := json.Compact(&value, p.Extra[name]); err != nil {
			return nil, ErrFormat
		}
		out = slices.Concat(out[:len(out)-1], []byte(","), key, []byte(":"), value.Bytes(), []byte("}"))
	}
	if len(out) > Limit {
		return nil, ErrTooLarge
	}
	return out, nil
}

// Decode reads a payload of a schema. What it does not know is kept in Extra. It refuses
// a name that stands twice, anything after the object, and what is larger or deeper than
// is agreed.
func Decode(schema string, b []byte) (*Payload, error) {
	if len(b) > Limit {
		return nil, ErrTooLarge
	}
	if !utf8.Valid(b) {
		return nil, ErrFormat
	}
	if err := walk(b); err != nil {
		return nil, err
	}
	var p Payload
	if err := json.Unmarshal(b, (*plain)(&p)); err != nil {
		return nil, ErrFormat // the message of the decoder may hold what was written
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil || all == nil {
		return nil, ErrFormat
	}
	for name, raw := range all {
		if !slices.Contains(knownNames, name) {
			if p.Extra == nil {
				p.Extra = map[string]json.RawMessage{}
			}
			p.Extra[name] = raw
		}
	}
	return &p, p.Check(schema)
}

// knownNames are the members of the object that this version reads. The decoder of Go
// takes capitals for small letters; [walk] refuses those.
var knownNames = []string{
	"v", "salt", "card", "package", "words", "status", "journey", "report", "recall", "outcome", "crit",
}

// level is one object or list that is being walked through.
type level struct {
	object bool
	names  map[string]bool
	name   bool // a name is next
	n      int
}

// walk goes through the tokens of one JSON object and refuses what two readers could
// understand in two ways.
func walk(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var at []level
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && len(at) == 0:
			return ErrFormat // nothing there
		case err != nil:
			return ErrFormat
		}
		var done bool
		if at, done, err = step(at, token); err != nil {
			return err
		}
		if done {
			if _, err := d.Token(); !errors.Is(err, io.EOF) {
				return ErrFormat // something after it
			}
			return nil
		}
	}
}

// step takes one token; done says that the object is complete.
func step(at []level, token json.Token) (now []level, done bool, err error) {
	if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
		at = at[:len(at)-1]
		if len(at) == 0 {
			return at, true, nil
		}
		at[len(at)-1].name = at[len(at)-1].object
		return at, false, nil
	}
	if len(at) > 0 {
		top := &at[len(at)-1]
		if top.n++; top.n > 2*listLimit {
			return at, false, ErrTooLarge
		}
		if top.name {
			return at, false, top.take(token)
		}
		top.name = top.object
	}
	switch token := token.(type) {
	case json.Delim:
		if len(at) == depthLimit {
			return at, false, ErrTooLarge
		}
		object := token == '{'
		return append(at, level{object: object, name: object, names: map[string]bool{}}), false, nil
	case string:
		if len(token) > textLimit {
			return at, false, ErrTooLarge
		}
	}
	if len(at) == 0 {
		return at, false, ErrFormat // not an object
	}
	return at, false, nil
}

// take reads the name of a member: each once, and none that differs from a known one in
// capitals only.
func (l *level) take(token json.Token) error {
	name, ok := token.(string)
	if !ok || l.names[name] || len(name) > codeLimit || bytes.ContainsFunc([]byte(name), func(r rune) bool { return r >= 'A' && r <= 'Z' }) {
		return ErrFormat
	}
	l.names[name] = true
	l.name = false
	return nil
}
