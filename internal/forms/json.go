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

// Fault is one wrong place of a form: where, such as "sections[2].fields[4].show",
// and what is wrong there. It repeats names of fields, and nothing else of what
// the form says.
type Fault struct {
	Path    string // "" when the whole file is meant
	Problem string
}

// Error returns "path: problem".
func (f *Fault) Error() string {
	if f.Path == "" {
		return f.Problem
	}
	return f.Path + ": " + f.Problem
}

// Faults returns the wrong places that an error of [Parse] joins.
func Faults(err error) []*Fault {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return nil
	}
	var out []*Fault
	for _, e := range joined.Unwrap() {
		var f *Fault
		if errors.As(e, &f) {
			out = append(out, f)
		}
	}
	return out
}

const mostFaults = 100 // reported at once

// reader carries one reading of a form.
type reader struct {
	codes  Lists
	faults []error
}

func (r *reader) fault(path, format string, args ...any) {
	if len(r.faults) < mostFaults {
		r.faults = append(r.faults, &Fault{path, fmt.Sprintf(format, args...)})
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
		r.fault(path, "must be an object in braces")
		return o, false
	}
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			r.fault(path, "cannot be read as JSON")
			return o, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			r.fault(path, "cannot be read as JSON")
			return o, false
		}
		switch _, twice := o.raw[key]; {
		case twice:
			r.fault(path, "a key stands there twice")
		case len(known) > 0 && !slices.Contains(known, key):
			r.fault(path, "has a key that is not known; known are %s", strings.Join(known, ", "))
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
			o.r.fault(o.at(key), "is missing")
		}
		return ""
	}
	var s string
	if err := json.Unmarshal(o.raw[key], &s); err != nil {
		o.r.fault(o.at(key), "must be a text")
		return ""
	}
	if must && s == "" {
		o.r.fault(o.at(key), "is empty")
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
		o.r.fault(o.at(key), "must be a whole number from %d to %d", low, high)
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
		o.r.fault(o.at(key), "must be a number")
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
		o.r.fault(o.at(key), "must be a list in square brackets")
		return nil
	case len(out) > most:
		o.r.fault(o.at(key), "has more than %d", most)
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
			o.r.fault(path, "must be a code: small letters, digits and _")
			continue
		}
		if slices.Contains(out, s) {
			o.r.fault(path, "stands there twice")
			continue
		}
		out = append(out, s)
	}
	if o.has(key) && len(out) == 0 {
		o.r.fault(o.at(key), "is empty: leave it out for everybody")
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
			o.r.fault(o.at(key), "is missing")
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
		if problem := badWords(s); problem != "" {
			o.r.fault(in.at(lang), "%s", problem)
		}
		out[lang] = s
	}
	return out
}

// badWords says what is wrong with a text of a form. Direction marks and
// invisible characters could make a question read as another; the zero-width
// joiners are part of how Persian, Hindi and others are written.
func badWords(s string) string {
	if utf8.RuneCountInString(s) > mostWords {
		return "is too long"
	}
	if s != strings.TrimSpace(s) {
		return "has space at an end"
	}
	for _, c := range s {
		if unicode.IsControl(c) && c != '\n' || c == utf8.RuneError || unicode.Is(unicode.Cf, c) && c != '\u200c' && c != '\u200d' {
			return "has an invisible character"
		}
	}
	return ""
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
		if len(k) > mostCode || utf8.RuneCountInString(s) > mostCode || badWords(k) != "" || badWords(s) != "" {
			o.r.fault(o.at(key), "has a word that is too long or not plain")
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
	e, err := readExpr(source)
	if err != nil {
		o.r.fault(o.at(key), "%s", err)
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
