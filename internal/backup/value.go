package backup

import (
	"encoding/binary"
	"errors"
)

// A value is a byte that says what it is and what that needs: a number as a
// zig-zag varint, text and bytes with their length in front.
const (
	valueNull  = 0
	valueInt   = 1
	valueText  = 2
	valueBytes = 3
	valueFalse = 4
	valueTrue  = 5
)

var errValue = errors.New("a row holds a value of no known kind")

// appendRow appends the values of a row as store gives them.
func appendRow(b []byte, row []any) ([]byte, error) {
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			b = append(b, valueNull)
		case int64:
			b = binary.AppendVarint(append(b, valueInt), v)
		case string:
			b = append(binary.AppendUvarint(append(b, valueText), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, valueBytes), uint64(len(v))), v...)
		case bool:
			if v {
				b = append(b, valueTrue)
			} else {
				b = append(b, valueFalse)
			}
		default:
			return nil, errValue
		}
	}
	return b, nil
}

// takeRow reads a row of n values from the front of b and returns the rest.
// Byte values share b's memory.
func takeRow(b []byte, n int) (row []any, rest []byte, ok bool) {
	row = make([]any, n)
	for i := range row {
		if len(b) == 0 {
			return nil, nil, false
		}
		kind := b[0]
		b = b[1:]
		switch kind {
		case valueNull:
		case valueInt:
			v, size := binary.Varint(b)
			if size <= 0 {
				return nil, nil, false
			}
			row[i], b = v, b[size:]
		case valueText, valueBytes:
			length, size := binary.Uvarint(b)
			if size <= 0 || length > uint64(len(b)-size) {
				return nil, nil, false
			}
			v := b[size : size+int(length) : size+int(length)]
			b = b[size+int(length):]
			if row[i] = v; kind == valueText {
				row[i] = string(v)
			}
		case valueFalse, valueTrue:
			row[i] = kind == valueTrue
		default:
			return nil, nil, false
		}
	}
	return row, b, true
}
