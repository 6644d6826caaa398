package identity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A note of this package is a first line that names its kind, then lines "key value" in a
// fixed order. Every kind has one spelling: what is parsed is written again and compared.

// ErrFormat is a text that is not of its kind, or not in its one spelling.
var ErrFormat = errors.New("not in the canonical form of its kind")

// lineLimit is the length of the longest value that people wrote, in bytes.
const lineLimit = 400

// writer writes the lines of a note.
type writer struct{ strings.Builder }

func (w *writer) line(key, value string) { w.WriteString(key + " " + value + "\n") } // a builder takes every write

func (w *writer) time(key string, t time.Time) { w.line(key, stamp(t)) }

func (w *writer) number(key string, n int64) { w.line(key, strconv.FormatInt(n, 10)) }

// stamp writes a time: UTC, whole seconds. No time is "-".
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// reader reads the lines of a note in order. After a fault it reads nothing more.
type reader struct {
	lines []string
	bad   bool
}

// read begins with a text whose first line is kind.
func read(text, kind string) *reader {
	lines := strings.Split(text, "\n")
	r := &reader{lines: lines}
	if !utf8.ValidString(text) || lines[len(lines)-1] != "" || lines[0] != kind {
		r.bad = true
		return r
	}
	r.lines = lines[1 : len(lines)-1]
	return r
}

// next reports whether the next line has a key.
func (r *reader) next(key string) bool {
	return !r.bad && len(r.lines) > 0 && strings.HasPrefix(r.lines[0], key+" ")
}

// one returns the value of the next line, whose key must be this one.
func (r *reader) one(key string) string {
	if !r.next(key) {
		r.bad = true
		return ""
	}
	value := r.lines[0][len(key)+1:]
	r.lines = r.lines[1:]
	return value
}

// each calls fn for every line with a key, at most limit of them.
func (r *reader) each(key string, limit int, fn func(value string)) {
	for n := 0; r.next(key); n++ {
		if n == limit {
			r.bad = true
			return
		}
		fn(r.one(key))
	}
}

func (r *reader) check(ok bool) {
	if !ok {
		r.bad = true
	}
}

// words returns a value that people wrote: not empty, without control characters.
func (r *reader) words(key string) string {
	text := r.one(key)
	r.check(isWords(text))
	return text
}

func isWords(text string) bool {
	return text != "" && len(text) <= lineLimit && strings.TrimSpace(text) == text && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) || c == '\u2028' || c == '\u2029' })
}

func (r *reader) node(key string) NodeID {
	id, err := ParseNodeID(r.one(key))
	r.check(err == nil)
	return id
}

func (r *reader) number(key string) int64 {
	n, err := strconv.ParseInt(r.one(key), 10, 64)
	r.check(err == nil && n >= 0)
	return n
}

func (r *reader) time(key string) time.Time { return r.stamp(r.one(key)) }

// stamp reads what the function stamp writes for a time.
func (r *reader) stamp(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	r.check(err == nil && t.Unix() > 0)
	return t.UTC()
}

// maybe reads what the function stamp writes for a time or none.
func (r *reader) maybe(text string) time.Time {
	if text == "-" {
		return time.Time{}
	}
	return r.stamp(text)
}

// end reports that the text was not read to its end, or that a line was wrong, or that
// it is not what again writes.
func (r *reader) end(text string, again func() string) error {
	if r.bad || len(r.lines) > 0 || again() != text {
		return ErrFormat
	}
	return nil
}

// isCode reports whether text is a word of a list: a-z, 0-9, dots, dashes, underscores.
func isCode(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// fields divides a value in exactly n parts at spaces; the last keeps its spaces.
func (r *reader) fields(value string, n int) []string {
	parts := strings.SplitN(value, " ", n)
	if len(parts) != n {
		r.bad = true
		return make([]string, n)
	}
	return parts
}

// whole drops what is less than a second, which no note can say.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// signError says which note was refused.
func signError(kind string, err error) error { return fmt.Errorf("%s: %w", kind, err) }
