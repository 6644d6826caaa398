package matching

import (
	"bytes"
	"encoding/json"
	"errors"
)

// What is wrong with a message.
var (
	ErrFormat = errors.New("matching: not in the agreed form")
	ErrPoint  = errors.New("matching: holds what is no point")
)

// marshal writes a value without a line end and without spelling signs of markup anew.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, ErrFormat
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// strict reads a value whose only spelling is what marshal writes: no other field, order,
// blank or number.
func strict(b []byte, v any) error {
	if json.Unmarshal(b, v) != nil { // its message may hold what was written
		return ErrFormat
	}
	again, err := marshal(v)
	if err != nil || !bytes.Equal(again, b) {
		return ErrFormat
	}
	return nil
}
