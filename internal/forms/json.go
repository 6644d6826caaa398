package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"causeway/internal/fault"
)

const mostFaults = 100 // reported at once

// reader carries one reading of a form.
type reader struct {
	codes  Lists
	faults []error
}

// fault notes a wrong place; args are the parameters of the code, in pairs.
func (r *reader) fault(path, code string, args ...any) {
	r.reject(path, &Fault{Code: code, args: args})
}

// reject notes a fault that was found without its place.
func (r *reader) reject(path string, f *Fault) {
	if len(r.faults) < mostFaults {
		f.Path = path
		r.faults = append(r.faults, f)
	}
}

func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return fault.Wrap(fault.Invalid, "form-wrong", errors.Join(r.faults...))
}

// object is a JSON object being read: each key once, and none that is not known.
type object struct {
	r    *reader
	path string
	raw  map[string]json.RawMessage
}

// object reads a JSON object whose keys are among known; none: any.
func (r *reader) object(path string, b json.RawMessage, known ...string) (object, bool) {
	o := object{r: r, path: path, raw: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		r.fault(path, "not-object")
		return o, false
	}
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			r.fault(path, "not-json")
			return o, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			r.fault(path, "not-json")
			return o, false
		}
		switch _, twice := o.raw[key]; {
		case twice:
			r.fault(path, "key-twice")
		case len(known) > 0 && !slices.Contains(known, key):
			r.fault(path, "key-unknown", "known", known)
		}
		o.raw[key] = value
	}
	return o, true
}

func (o object) at(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

func (o object) has(key string) bool {
	raw, ok := o.raw[key]
	return ok && string(raw) != "null"
}

// text reads a string, "" where there is none.
func (o object) text(key string, must bool) string {
	if !o.has(key) {
		if must {
			o.r.fault(o.at(key), "missing")
		}
		return ""
	}
	var s string
	if err := json.Unmarshal(o.raw[key], &s); err != nil {
		o.r.fault(o.at(key), "not-text")
		return ""
	}
	if must && s == "" {
		o.r.fault(o.at(key), "empty")
	}
	return s
}

// whole reads an integer, 0 where there is none.
func (o object) whole(key string, low, high int) int {
	if !o.has(key) {
		return 0
	}
	var n int
	if err := json.Unmarshal(o.raw[key], &n); err != nil || n < low || n > high {
		o.r.fault(o.at(key), "not-whole", "low", low, "high", high)
		return 0
	}
	return n
}

func (o object) number(key string) *float64 {
	if !o.has(key) {
		return nil
	}
	var n float64
	if err := json.Unmarshal(o.raw[key], &n); err != nil || n < -1e12 || n > 1e12 {
		o.r.fault(o.at(key), "not-number")
		return nil
	}
	return &n
}

// list reads an array, at most so long.
func (o object) list(key string, most int) []json.RawMessage {
	if !o.has(key) {
		return nil
	}
	var out []json.RawMessage
	switch err := json.Unmarshal(o.raw[key], &out); {
	case err != nil:
		o.r.fault(o.at(key), "not-list")
		return nil
	case len(out) > most:
		o.r.fault(o.at(key), "too-many", "most", most)
		return nil
	}
	return out
}

// codes reads an array of codes.
func (o object) codes(key string) []string {
	var out []string
	for i, raw := range o.list(key, 50) {
		path := fmt.Sprintf("%s[%d]", o.at(key), i)
		var s string
		if err := json.Unmarshal(raw, &s); err != nil || !validID(s) {
			o.r.fault(path, "not-code")
			continue
		}
		if slices.Contains(out, s) {
			o.r.fault(path, "twice")
			continue
		}
		out = append(out, s)
	}
	if o.has(key) && len(out) == 0 {
		o.r.fault(o.at(key), "nobody")
	}
	return out
}

const (
	mostWords = 2000 // characters of a text of a form
	mostCode  = 60
)

// words reads a text in every language of the pack.
func (o object) words(key string, must bool) Words {
	if !o.has(key) {
		if must {
			o.r.fault(o.at(key), "missing")
		}
		return nil
	}
	in, ok := o.r.object(o.at(key), o.raw[key], o.r.codes.Languages()...)
	if !ok {
		return nil
	}
	out := Words{}
	for _, lang := range o.r.codes.Languages() {
		s := in.text(lang, true)
		if wrong := badWords(s); wrong != nil {
			o.r.reject(in.at(lang), wrong)
		}
		out[lang] = s
	}
	return out
}

// badWords says what is wrong with a text of a form. Direction marks and
// invisible characters could make a question read as another; the zero-width
// joiners are part of how Persian, Hindi and others are written.
func badWords(s string) *Fault {
	if utf8.RuneCountInString(s) > mostWords {
		return newFault("too-long", "most", mostWords)
	}
	if s != strings.TrimSpace(s) {
		return newFault("space-ends")
	}
	for _, c := range s {
		if unicode.IsControl(c) && c != '\n' || c == utf8.RuneError || unicode.Is(unicode.Cf, c) && c != '\u200c' && c != '\u200d' {
			return newFault("invisible")
		}
	}
	return nil
}

// dictionary reads an object of texts.
func (o object) dictionary(key string) map[string]string {
	if !o.has(key) {
		return nil
	}
	in, ok := o.r.object(o.at(key), o.raw[key])
	if !ok {
		return nil
	}
	out := map[string]string{}
	for _, k := range sortedKeys(in.raw) {
		s := in.text(k, true)
		if len(k) > mostCode || utf8.RuneCountInString(s) > mostCode || badWords(k) != nil || badWords(s) != nil {
			o.r.fault(o.at(key), "bad-dictionary")
		}
		out[k] = s
	}
	return out
}

// expr reads an expression, nil where there is none or it is wrong.
func (o object) expr(key string) *Expr {
	if !o.has(key) {
		return nil
	}
	source := o.text(key, true)
	if source == "" {
		return nil
	}
	e, wrong := readExpr(source)
	if wrong != nil {
		o.r.reject(o.at(key), wrong)
		return nil
	}
	return e
}

// oneValue reports whether b holds one JSON value and nothing after it.
func oneValue(b []byte) bool {
	d := json.NewDecoder(bytes.NewReader(b))
	var v json.RawMessage
	if d.Decode(&v) != nil {
		return false
	}
	_, err := d.Token()
	return errors.Is(err, io.EOF)
}

// validID reports whether s can name a form, section, field or code.
func validID(s string) bool {
	if s == "" || len(s) > mostCode || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}
