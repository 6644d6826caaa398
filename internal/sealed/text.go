package sealed

import "strings"

// Text is a text about a person: a name, a telephone number, a child's words.
// The zero value is "no text", which differs from an empty text.
type Text struct{ handle }

// NewText returns a Text holding a copy of s. Bytes that are not UTF-8 become
// U+FFFD, because the record could not be read again otherwise; doors refuse
// them earlier, with a message.
func NewText(s string) Text {
	return Text{newHandle([]byte(strings.ToValidUTF8(s, "\uFFFD")))}
}

// Reveal returns the text, "" when there is none. Only the packages listed in
// the house test may call it.
func (t Text) Reveal() string { return string(t.bytes()) }

// Fault returns what [TextFault] says of the text, for rooms that carry texts and do
// not read them.
func (t Text) Fault(most int) string { return TextFault(t.Reveal(), most) }

// Equal reports whether two texts are the same, or both missing.
func (t Text) Equal(u Text) bool { return t.equal(u.handle) }

// MarshalCBOR encodes the text for [Encode].
func (t Text) MarshalCBOR() ([]byte, error) { return marshal(majorText, t.handle), nil }

// UnmarshalCBOR reads what [Text.MarshalCBOR] wrote.
func (t *Text) UnmarshalCBOR(data []byte) (err error) {
	t.handle, err = unmarshal(majorText, data)
	return err
}

// Bytes is binary data about a person, such as a picture or a scanned paper.
// The zero value is "no data", which differs from empty data.
type Bytes struct{ handle }

// NewBytes returns a Bytes holding a copy of b; nil gives the zero value.
func NewBytes(b []byte) Bytes {
	if b == nil {
		return Bytes{}
	}
	return Bytes{newHandle(append(make([]byte, 0, len(b)), b...))}
}

// Reveal returns a copy of the data, nil when there is none. Only the packages
// listed in the house test may call it.
func (b Bytes) Reveal() []byte {
	if b.IsZero() {
		return nil
	}
	return append(make([]byte, 0, len(b.bytes())), b.bytes()...)
}

// Equal reports whether two values are the same, or both missing.
func (b Bytes) Equal(c Bytes) bool { return b.equal(c.handle) }

// MarshalCBOR encodes the data for [Encode].
func (b Bytes) MarshalCBOR() ([]byte, error) { return marshal(majorBytes, b.handle), nil }

// UnmarshalCBOR reads what [Bytes.MarshalCBOR] wrote.
func (b *Bytes) UnmarshalCBOR(data []byte) (err error) {
	b.handle, err = unmarshal(majorBytes, data)
	return err
}
