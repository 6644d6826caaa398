package cx

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"causeway/protocol/identity"
)

// form is a text of lines: a first line that names its kind and version, then lines
// "key value" in one fixed order. What is described once in fields is both how it is
// written and how it is read, so the two cannot differ.
type form interface {
	kind() string // such as "causeway/receipt/"; a version stands behind it
	fields(c *codec)
}

// version is the one that this package speaks.
const version = "1"

// format writes a form. It refuses what parse would not read back as the same.
func format(f form) (string, error) {
	c := &codec{writing: true}
	c.out.WriteString(f.kind() + version + "\n")
	f.fields(c)
	if c.bad != "" {
		return "", c.fault(f)
	}
	return c.out.String(), nil
}

// parse reads a form in its one spelling. Another version is [Unsupported], anything
// else that is wrong is [BadFormat]; the error names the field and nothing of its value.
func parse(text string, f form) error {
	first, rest, ok := strings.Cut(text, "\n")
	if of, found := strings.CutPrefix(first, f.kind()); found && of != version && isVersion(of) {
		return fmt.Errorf("%s of another version: %w", f.kind(), Unsupported)
	}
	if !ok || first != f.kind()+version || rest == "" || rest[len(rest)-1] != '\n' {
		return fmt.Errorf("%s: %w", f.kind(), BadFormat)
	}
	c := &codec{lines: strings.Split(rest[:len(rest)-1], "\n")}
	f.fields(c)
	if c.bad == "" && len(c.lines) > 0 {
		c.bad = "what follows"
	}
	if c.bad != "" {
		return c.fault(f)
	}
	return nil
}

func isVersion(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == text
}

// codec writes the lines of a form, or reads them.
type codec struct {
	writing bool
	out     strings.Builder
	lines   []string // not read yet
	bad     string   // the first field that was wrong; after it nothing is read
}

func (c *codec) fault(f form) error { return fmt.Errorf("%s%s: %w", f.kind(), c.bad, BadFormat) }

// require notes that a field is wrong unless ok.
func (c *codec) require(ok bool, key string) {
	if !ok && c.bad == "" {
		c.bad = key
	}
}

// next returns the value of the next line when it has this key.
func (c *codec) next(key string) (string, bool) {
	if c.bad != "" || len(c.lines) == 0 {
		return "", false
	}
	value, ok := strings.CutPrefix(c.lines[0], key+" ")
	if ok {
		c.lines = c.lines[1:]
	}
	return value, ok
}

// spelling is how values of a type are written and read.
type spelling[T any] struct {
	show func(T) string
	read func(string) (T, error)
}

// put writes one line, if reading it gives the same spelling again.
func put[T any](c *codec, key string, v T, s spelling[T]) {
	text := s.show(v)
	again, err := s.read(text)
	c.require(err == nil && s.show(again) == text, key)
	c.out.WriteString(key + " " + text + "\n")
}

// get reads a value in its one spelling.
func get[T any](c *codec, key, text string, s spelling[T]) (v T) {
	v, err := s.read(text)
	c.require(err == nil && s.show(v) == text, key)
	return v
}

// one is a line that must be there.
func one[T any](c *codec, key string, v *T, s spelling[T]) {
	if c.writing {
		put(c, key, *v, s)
		return
	}
	text, ok := c.next(key)
	c.require(ok, key)
	*v = get(c, key, text, s)
}

// maybe is a line that is left out when the value is the zero one.
func maybe[T comparable](c *codec, key string, v *T, s spelling[T]) {
	var zero T
	if c.writing {
		if *v != zero {
			put(c, key, *v, s)
		}
		return
	}
	if text, ok := c.next(key); ok {
		*v = get(c, key, text, s)
		c.require(*v != zero, key)
	}
}

// many is a line for each value, none for none.
func many[T any](c *codec, key string, limit int, v *[]T, s spelling[T]) {
	if c.writing {
		c.require(len(*v) <= limit, key)
		for _, each := range *v {
			put(c, key, each, s)
		}
		return
	}
	for text, ok := c.next(key); ok; text, ok = c.next(key) {
		*v = append(*v, get(c, key, text, s))
		c.require(len(*v) <= limit, key)
	}
}

// words is one line with a list of words in alphabetical order, joined by commas; it is
// left out when the list is empty.
func words[T ~string](c *codec, key string, v *[]T, valid func(string) bool) {
	if c.writing {
		c.require(inOrder(*v, valid), key)
		if len(*v) > 0 {
			list := make([]string, len(*v))
			for i, w := range *v {
				list[i] = string(w)
			}
			c.out.WriteString(key + " " + strings.Join(list, ",") + "\n")
		}
		return
	}
	if text, ok := c.next(key); ok {
		for w := range strings.SplitSeq(text, ",") {
			*v = append(*v, T(w))
		}
		c.require(inOrder(*v, valid), key)
	}
}

// The spellings of values.
var (
	asNode   = spelling[identity.NodeID]{func(n identity.NodeID) string { return string(n) }, identity.ParseNodeID}
	asKey    = spelling[identity.KeyID]{identity.KeyID.String, identity.ParseKeyID}
	asID     = spelling[ID]{ID.String, ParseID}
	asThread = spelling[Thread]{Thread.String, ParseThread}
	asDigest = spelling[Digest]{Digest.String, ParseDigest}
	asNumber = spelling[uint64]{func(n uint64) string { return strconv.FormatUint(n, 10) }, readNumber}
	asSize   = spelling[int64]{func(n int64) string { return strconv.FormatInt(n, 10) }, readSize}
	asTime   = spelling[time.Time]{showTime, readTime}
	asSalt   = spelling[salt]{salt.String, parseSalt}
)

// asWord spells words that a check allows.
func asWord[T ~string](valid func(string) bool) spelling[T] {
	return spelling[T]{
		func(w T) string { return string(w) },
		func(text string) (T, error) {
			if !valid(text) {
				return "", BadFormat
			}
			return T(text), nil
		},
	}
}

// among spells a closed list of words.
func among[T ~string](list ...T) spelling[T] {
	return asWord[T](func(text string) bool { return slices.Contains(list, T(text)) })
}

// readNumber reads a number that every database can hold.
func readNumber(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > math.MaxInt64 {
		return 0, BadFormat
	}
	return n, nil
}

func readSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, BadFormat
	}
	return n, nil
}

// timeForm is a time in UTC, to the second.
const timeForm = "2006-01-02T15:04:05Z"

func showTime(t time.Time) string {
	if t.Nanosecond() != 0 {
		return t.UTC().Format(time.RFC3339Nano) // which reading refuses: seconds are all there is
	}
	return t.UTC().Format(timeForm)
}

func readTime(text string) (time.Time, error) {
	t, err := time.Parse(timeForm, text)
	if err != nil || len(text) != len(timeForm) || t.Unix() <= 0 {
		return time.Time{}, BadFormat
	}
	return t.UTC(), nil
}

// extras are lines at the end of a text that CX/1 does not know, and the list of those
// without which the text may not be acted on.
func extras(c *codec, list *[]Extra, crit *[]string) {
	many(c, "ext", extraLimit, list, spelling[Extra]{
		func(x Extra) string { return x.Name + " " + x.Value },
		func(text string) (Extra, error) {
			name, value, ok := strings.Cut(text, " ")
			if !ok || !isToken(name) || !isText(value) {
				return Extra{}, BadFormat
			}
			return Extra{name, value}, nil
		},
	})
	c.require(extraValid(*list), "ext")
	words(c, "crit", crit, isToken)
	c.require(critValid(*crit, *list), "crit")
}

// extraLimit is how many unknown lines a text may have.
const extraLimit = 16

// pairOf spells two values with a space between them, the first of which has none.
func pairOf[T, A, B any](a spelling[A], b spelling[B], join func(A, B) T, split func(T) (A, B)) spelling[T] {
	return spelling[T]{
		func(v T) string {
			x, y := split(v)
			return a.show(x) + " " + b.show(y)
		},
		func(text string) (v T, err error) {
			first, rest, ok := strings.Cut(text, " ")
			x, err := a.read(first)
			if err != nil || !ok {
				return v, BadFormat
			}
			y, err := b.read(rest)
			return join(x, y), err
		},
	}
}

// wordsOf divides a value at its spaces; where there are not n words, all are empty.
func wordsOf(text string, n int) []string {
	if list := strings.Split(text, " "); len(list) == n {
		return list
	}
	return make([]string, n)
}
