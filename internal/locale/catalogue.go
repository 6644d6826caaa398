package locale

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Parse reads a message file: one flat JSON object of key and message. A key
// given twice is an error, because the first translation would silently be
// lost.
func Parse(b []byte) (map[string]message, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("not a JSON object")
	}
	messages := map[string]message{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read key: %w", err)
		}
		value, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read message of %v: %w", key, err)
		}
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("message of %v is not a text", key)
		}
		if _, twice := messages[key.(string)]; twice {
			return nil, fmt.Errorf("key %v is given twice", key)
		}
		m, err := parseMessage(text)
		if err != nil {
			return nil, fmt.Errorf("message of %v: %w", key, err)
		}
		messages[key.(string)] = m
	}
	return messages, nil
}
