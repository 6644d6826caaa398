package matching

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"causeway/protocol/identity"
)

// SchemaAgree is the schema of an [Agree].
const SchemaAgree = "match.agree/1"

// Version is the version of the forms that this package writes.
const Version = 1

// What is matched.
const (
	Child    = "child"    // children, to find the same one
	Selector = "selector" // phones, plates and the like of cases marked trafficking
)

// The steps of an agreement.
const (
	Propose = "propose" // two officers of one node propose terms
	Accept  = "accept"  // two officers of the other agree to the same terms
	End     = "end"     // either says that it is over, or that it does not agree
)

// Sizes are the size classes of a table: how many children, or selectors, it has room for.
// Only the class is told, never the number.
func Sizes() []int { return []int{1_000, 10_000, 100_000} }

// Limits of terms.
const (
	basisMost = 200   // characters of the legal basis
	dayMost   = 1_000 // questions of a day
	epochMost = 90    // days
)

// Terms are what two nodes agree on: one direction, one purpose.
type Terms struct {
	ID       string          `json:"id"`        // 16 random bytes in hexadecimal
	Purpose  string          `json:"purpose"`   // [Child] or [Selector]
	Asker    identity.NodeID `json:"asker"`     // who asks
	Holder   identity.NodeID `json:"holder"`    // who is asked, and makes the table
	Basis    string          `json:"basis"`     // the law, treaty or order that it rests on
	Size     int             `json:"size"`      // one of [Sizes]
	Day      int             `json:"day"`       // most questions of a day
	Officer  int             `json:"officer"`   // most questions of one officer and day
	Urgent   int             `json:"urgent"`    // most urgent questions of a day
	EpochDay int             `json:"epoch_day"` // days of an epoch
}

// Agree is one step of an agreement. All of them carry the terms, so that each side keeps
// the text that the other agreed to.
type Agree struct {
	V     int    `json:"v"`
	Step  string `json:"step"`
	Terms Terms  `json:"terms"`
	From  int64  `json:"from"` // of [Accept]: seconds since 1970, from which epochs count; 0 otherwise
}

// Check returns [ErrFormat] for terms that nobody may agree to, nil for others.
func (t *Terms) Check() error {
	id, err := hex.DecodeString(t.ID)
	known := func(n int) bool { return n == Sizes()[0] || n == Sizes()[1] || n == Sizes()[2] }
	_, aerr := identity.ParseNodeID(string(t.Asker))
	_, herr := identity.ParseNodeID(string(t.Holder))
	switch {
	case err != nil || len(id) != 16 || hex.EncodeToString(id) != t.ID,
		t.Purpose != Child && t.Purpose != Selector,
		aerr != nil || herr != nil || t.Asker == t.Holder,
		!isLine(t.Basis), !known(t.Size),
		t.Day < 1 || t.Day > dayMost, t.Officer < 1 || t.Officer > t.Day, t.Urgent < 0 || t.Urgent > t.Day,
		t.EpochDay < 7 || t.EpochDay > epochMost:
		return ErrFormat
	}
	return nil
}

// isLine reports whether text is one line that somebody wrote.
func isLine(text string) bool {
	return text != "" && strings.TrimSpace(text) == text && utf8.ValidString(text) && utf8.RuneCountInString(text) <= basisMost &&
		!strings.ContainsFunc(text, unicode.IsControl)
}

// Text is the one form of the terms: what both sides keep and name in their journals.
func (t *Terms) Text() ([]byte, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	return marshal(t)
}

// Digest names terms: SHA-256 of their text.
func (t *Terms) Digest() ([32]byte, error) {
	text, err := t.Text()
	return sha256.Sum256(text), err
}

// ReadTerms reads what [Terms.Text] wrote, and nothing else.
func ReadTerms(b []byte) (*Terms, error) {
	var t Terms
	if err := strict(b, &t); err != nil {
		return nil, err
	}
	return &t, t.Check()
}

// check returns what is wrong with a step.
func (a *Agree) check() error {
	ok := a.V == Version && (a.Step == Propose || a.Step == Accept || a.Step == End)
	if ok = ok && (a.From > 0) == (a.Step == Accept); !ok || a.From > time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).Unix() {
		return ErrFormat
	}
	return a.Terms.Check()
}

// Encode writes a step in its one form.
func (a *Agree) Encode() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return marshal(a)
}

// ReadAgree reads what [Agree.Encode] wrote, and nothing else.
func ReadAgree(b []byte) (*Agree, error) {
	var a Agree
	if err := strict(b, &a); err != nil {
		return nil, err
	}
	return &a, a.check()
}
