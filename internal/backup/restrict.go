package backup

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Kind says what was restricted.
type Kind string

// The kinds.
const (
	Blocked   Kind = "blocked"   // A is an account
	Unblocked Kind = "unblocked" // A is an account that was blocked
	Withheld  Kind = "withheld"  // A is a case, B the person or unit it is withheld from
	Lifted    Kind = "lifted"    // A is a case, B from whom it was withheld
	Destroyed Kind = "destroyed" // A is a subject whose key was destroyed
	Ended     Kind = "ended"     // A is a session
	Withdrawn Kind = "withdrawn" // A is a case, B names a permit that ended, and its version
	Unsaid    Kind = "unsaid"    // A is a thread between nodes, B a message of it that was destroyed, zero for all of it
)

// pairs says which kinds have a second identifier.
var pairs = map[Kind]bool{Blocked: false, Unblocked: false, Withheld: true, Lifted: true, Destroyed: false, Ended: false, Withdrawn: true, Unsaid: true}

// Restriction is one line of the restrictions file: random identifiers, a number
// and a time, nothing else.
type Restriction struct {
	Number int64 // from 1
	At     time.Time
	Kind   Kind
	A, B   [16]byte
}

// The restrictions file is text. A line says number, time in microseconds, kind,
// one or two identifiers, and a code: HMAC-SHA-256, cut to 16 bytes, of the code
// before and the line. So no line can be changed, taken out or put in without
// the keyring. Whoever cuts the end off is found when the node next compares the
// file with its database ([Keeper.Sync]).
const (
	restrictTitle = "causeway-restrictions/1"
	restrictLabel = "backup/restrictions"
	lineMost      = 256
	codeSize      = 16
)

// Secrets gives keys and the name of the node; *keys.Ring does.
type Secrets interface {
	Derive(label string) [32]byte
	NodeName() string
}

// chain is the state of the file up to a line.
type chain struct {
	key    [32]byte
	node   string
	number int64
	code   []byte
}

func newChain(s Secrets) chain { return chain{key: s.Derive(restrictLabel), node: s.NodeName()} }

// sign returns the code of a line.
func (c *chain) sign(text string) []byte {
	m := hmac.New(sha256.New, c.key[:])
	_, _ = m.Write(c.code) // a hash never fails
	_, _ = m.Write([]byte(text))
	return m.Sum(nil)[:codeSize]
}

// title returns the first line and begins the chain.
func (c *chain) title() string {
	text := restrictTitle + " " + c.node
	c.number, c.code = 0, nil
	c.code = c.sign(text)
	return text + " " + hex.EncodeToString(c.code) + "\n"
}

// line returns the next line.
func (c *chain) line(r Restriction) string {
	c.number++
	text := fmt.Sprintf("%d %d %s %s", c.number, clock.Micros(r.At), r.Kind, spell(r.A))
	if pairs[r.Kind] {
		text += " " + spell(r.B)
	}
	c.code = c.sign(text)
	return text + " " + hex.EncodeToString(c.code) + "\n"
}

// broken names the line that is not as it was written.
func (c *chain) broken(what string) error {
	return fault.Wrap(fault.Invalid, "restrictions-altered", fmt.Errorf("line %d: %s", c.number+2, what))
}

// check takes the code off a line and compares it.
func (c *chain) check(line string) (text string, err error) {
	i := strings.LastIndexByte(line, ' ')
	if i < 0 {
		return "", c.broken("not a line that is written")
	}
	code, err := hex.DecodeString(line[i+1:])
	want := c.sign(line[:i])
	if err != nil || !hmac.Equal(code, want) || hex.EncodeToString(code) != line[i+1:] {
		return "", c.broken("its code does not fit what it says and what stands before it")
	}
	return line[:i], nil
}

// readTitle takes the first line.
func (c *chain) readTitle(line string) error {
	words := strings.Split(line, " ")
	if len(words) != 3 || !strings.HasPrefix(line, restrictTitle+" ") {
		return fault.Wrap(fault.Invalid, "restrictions-altered", errors.New("line 1: not a restrictions file"))
	}
	if words[1] != c.node {
		return fault.New(fault.Invalid, "restrictions-other")
	}
	if line+"\n" != c.title() {
		return fault.Wrap(fault.Invalid, "restrictions-altered", errors.New("line 1: of another keyring, or changed"))
	}
	return nil
}

// readLine takes a further line.
func (c *chain) readLine(line string) (Restriction, error) {
	text, err := c.check(line)
	if err != nil {
		return Restriction{}, err
	}
	r, ok := parseRestriction(text)
	if !ok || r.Number != c.number+1 {
		return Restriction{}, c.broken("it does not follow the line before it")
	}
	if c.line(r) != line+"\n" {
		c.number--
		return Restriction{}, c.broken("not in its one spelling")
	}
	return r, nil
}

func parseRestriction(text string) (Restriction, bool) {
	words := strings.Split(text, " ")
	if len(words) < 4 {
		return Restriction{}, false
	}
	number, err := strconv.ParseInt(words[0], 10, 64)
	at, err2 := strconv.ParseInt(words[1], 10, 64)
	r := Restriction{Number: number, At: clock.FromMicros(at), Kind: Kind(words[2])}
	second, known := pairs[r.Kind]
	if err != nil || err2 != nil || !known || second != (len(words) == 5) || len(words) > 5 {
		return r, false
	}
	var ok, ok2 bool
	r.A, ok = unspell(words[3])
	if ok2 = true; second {
		r.B, ok2 = unspell(words[4])
	}
	return r, ok && ok2
}

// noID is how no identifier is written: a line has no empty word.
const noID = "-"

// spell writes an identifier as package ident does, whatever it identifies.
func spell(id [16]byte) string {
	if id == [16]byte{} {
		return noID
	}
	return ident.Subject(id).String()
}

func unspell(s string) ([16]byte, bool) {
	if s == noID {
		return [16]byte{}, true
	}
	id, err := ident.Parse[ident.Subject](s)
	return [16]byte(id), err == nil
}

// ReadRestrictions reads a restrictions file and checks every line of it. torn
// reports that the last line was not written to its end, which a crash leaves
// and which is no alteration: it was not yet promised to anybody. Any other line
// that is not as it was written is "restrictions-altered", with its number; a
// file of another node is "restrictions-other".
func ReadRestrictions(r io.Reader, s Secrets) (list []Restriction, torn bool, err error) {
	c := newChain(s)
	_, err = c.read(r, func(one Restriction) { list = append(list, one) }, &torn)
	return list, torn, err
}

// read takes all whole lines from r, the title first if the chain is new. It
// returns how many bytes they were.
func (c *chain) read(r io.Reader, take func(Restriction), torn *bool) (int64, error) {
	lines := bufio.NewReaderSize(r, 4<<10)
	var size int64
	for {
		line, err := readLine(lines)
		switch {
		case errors.Is(err, io.EOF):
			*torn = line != ""
			if c.code == nil && !*torn && size == 0 {
				return 0, fault.Wrap(fault.Invalid, "restrictions-altered", errors.New("line 1: the file is empty"))
			}
			return size, nil
		case errors.Is(err, bufio.ErrBufferFull):
			return size, c.broken("longer than any line that is written")
		case err != nil:
			return size, diskError(err)
		}
		if c.code == nil {
			err = c.readTitle(line)
		} else {
			var one Restriction
			if one, err = c.readLine(line); err == nil {
				take(one)
			}
		}
		if err != nil {
			return size, err
		}
		size += int64(len(line)) + 1
	}
}

// readLine returns a line without its end; what has no end comes with io.EOF.
func readLine(r *bufio.Reader) (string, error) {
	b, err := r.ReadSlice('\n')
	if err == nil {
		b = b[:len(b)-1]
		if len(b) > lineMost {
			err = bufio.ErrBufferFull
		}
	}
	return string(b), err
}
