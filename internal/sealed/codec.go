package sealed

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
)

// CBOR major types (RFC 8949 section 3.1), already in the upper three bits.
const (
	majorBytes = 2 << 5
	majorText  = 3 << 5
	cborNull   = 0xf6
)

// errEncoding never says what was found: it may stand beside personal data.
var errEncoding = errors.New("sealed: not the deterministic encoding of this type")

var (
	encoder = must(cbor.EncOptions{
		// RFC 8949 section 4.2.1, so that one value has one encoding.
		Sort:          cbor.SortCoreDeterministic,
		ShortestFloat: cbor.ShortestFloat16,
		NaNConvert:    cbor.NaNConvert7e00,
		InfConvert:    cbor.InfConvertFloat16,
		IndefLength:   cbor.IndefLengthForbidden,
		TagsMd:        cbor.TagsForbidden,
		Time:          cbor.TimeRFC3339NanoUTC,
	}.EncMode())

	// The decoder is strict. An unknown field is an error, not ignored: a
	// program that does not know a field would drop it when it writes the
	// record again.
	decoder = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxNestedLevels:   16,
	}.DecMode())
)

// must is for options fixed above; a mistake there stops every program at start.
func must[T any](v T, err error) T {
	if err != nil {
		panic("sealed: " + err.Error())
	}
	return v
}

// Encode returns the deterministic CBOR of v, a struct that may hold sealed
// values. The result is plaintext: only package keys may call this, and it
// wipes what it got. A missing value (null) and an empty one stay apart.
func Encode(v any) ([]byte, error) {
	b, err := encoder.Marshal(v)
	if err != nil {
		return nil, errEncoding // the encoder's own words could quote a value
	}
	return b, nil
}

// Decode reads what [Encode] wrote into v, a pointer. Trailing bytes, unknown or
// doubled fields and other types are refused.
func Decode(b []byte, v any) error {
	if err := decoder.Unmarshal(b, v); err != nil {
		return errEncoding
	}
	return nil
}

// marshal writes one definite-length string with its shortest head. Doing it
// here, not through the encoder, leaves no second copy behind.
func marshal(major byte, v handle) []byte {
	if v.IsZero() {
		return []byte{cborNull}
	}
	b := v.bytes()
	n := len(b)
	out := make([]byte, 0, n+9)
	switch {
	case n < 24:
		out = append(out, major|byte(n))
	case n < 1<<8:
		out = append(out, major|24, byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, major|25), uint16(n))
	case n < 1<<32:
		out = binary.BigEndian.AppendUint32(append(out, major|26), uint32(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, major|27), uint64(n))
	}
	return append(out, b...)
}

// unmarshal reads one string of the given major type, or null.
func unmarshal(major byte, data []byte) (handle, error) {
	if len(data) == 1 && data[0] == cborNull {
		return handle{}, nil
	}
	body, ok := stringBody(major, data)
	if !ok || major == majorText && !utf8.Valid(body) {
		return handle{}, errEncoding
	}
	return newHandle(append(make([]byte, 0, len(body)), body...)), nil
}

// stringBody returns the content of a definite-length string that fills data.
func stringBody(major byte, data []byte) ([]byte, bool) {
	if len(data) == 0 || data[0]&0xe0 != major {
		return nil, false
	}
	n, size := uint64(data[0]&0x1f), 0
	if n >= 24 {
		if n > 27 {
			return nil, false
		}
		size = 1 << (n - 24)
		if len(data) < 1+size {
			return nil, false
		}
		n = 0
		for _, c := range data[1 : 1+size] {
			n = n<<8 | uint64(c)
		}
	}
	body := data[1+size:]
	return body, n == uint64(len(body))
}
