package person

import (
	"slices"
	"strings"
	"time"

	"causeway/internal/fault"
	"causeway/internal/sealed"

	"golang.org/x/text/unicode/norm"
)

// Name is one name of a person. People have several, in several scripts, and
// which one is "the" name depends on who asks.
type Name struct {
	_      struct{} `cbor:",toarray"`
	Text   sealed.Text
	Kind   string // code list name_kind: birth, document, known_as, nickname …
	Script string // ISO 15924, such as "Arab"; "" when not known
}

// Identifier is a number on a document or in another organisation's register.
type Identifier struct {
	_     struct{} `cbor:",toarray"`
	Value sealed.Text
	Kind  string // code list identifier_kind
}

// Birth is when a person was born, as an interval: what is certain, and who
// says so. A person is presumed a child while there is doubt (Lanzarote and
// Warsaw Conventions; CRC General Comment 6, paragraph 31 A).
type Birth struct {
	_             struct{}    `cbor:",toarray"`
	Earliest      sealed.Date // first possible day
	Latest        sealed.Date // last possible day
	Source        string      // code list birth_source; "" not recorded
	Certainty     string      // code list certainty; "" not asked: never a default
	PresumedChild bool
}

// Restriction is a rule about how the person may, or must not, be contacted.
type Restriction struct {
	_    struct{} `cbor:",toarray"`
	Kind string   // code list contact_restriction
	Note sealed.Text
}

// Details is everything recorded about a person. It is stored as one sealed
// blob and replaced as a whole.
type Details struct {
	Names         []Name        `cbor:"1,keyasint,omitempty"`
	Birth         Birth         `cbor:"2,keyasint"`
	SexRecorded   string        `cbor:"3,keyasint,omitempty"` // code list sex_recorded
	GenderTold    string        `cbor:"4,keyasint,omitempty"` // code list gender_told
	Nationalities []string      `cbor:"5,keyasint,omitempty"` // code list nationality
	Languages     []string      `cbor:"6,keyasint,omitempty"` // code list language, best first
	Identifiers   []Identifier  `cbor:"7,keyasint,omitempty"`
	Restrictions  []Restriction `cbor:"8,keyasint,omitempty"`
	Sent          []SentCode    `cbor:"9,keyasint,omitempty"` // kept until a person takes it out
}

// SentCode is a code that another country sent and that is in no list here: nothing
// of it is dropped, and whoever reads it sees that nobody here has said what it means.
type SentCode struct {
	_    struct{} `cbor:",toarray"`
	List string   // one of [SentLists]
	Code string   // as it was sent
}

// SentLists are the code lists of which an unknown code is kept.
func SentLists() []string { return []string{"sex_recorded", "gender_told", "nationality", "language"} }

// Bounds of one person's record, far above what people have.
const (
	maxNames = 20
	maxItems = 20
	maxText  = 200 // characters of a name or identifier
	maxNote  = 2000
)

// Codes says whether a code is in a list; package pack implements it.
type Codes interface{ Valid(list, code string) bool }

// Check validates d. Field names are those of the forms.
func (d *Details) Check(codes Codes) error {
	var c fault.Check
	c.Require(len(d.Names) <= maxNames, "names", "too-many")
	for _, n := range d.Names {
		checkText(&c, "name", n.Text.Reveal(), maxText, true)
		c.Require(n.Kind == "" || codes.Valid("name_kind", n.Kind), "name_kind", "not-in-list")
		c.Require(n.Script == "" || codes.Valid("script", n.Script), "name_script", "not-in-list")
	}
	d.Birth.check(&c, codes)
	c.Require(d.SexRecorded == "" || codes.Valid("sex_recorded", d.SexRecorded), "sex", "not-in-list")
	c.Require(d.GenderTold == "" || codes.Valid("gender_told", d.GenderTold), "gender", "not-in-list")
	checkList(&c, codes, "nationality", d.Nationalities)
	checkList(&c, codes, "language", d.Languages)
	c.Require(len(d.Identifiers) <= maxItems, "identifiers", "too-many")
	for _, i := range d.Identifiers {
		checkText(&c, "identifier", i.Value.Reveal(), maxText, true)
		c.Require(codes.Valid("identifier_kind", i.Kind), "identifier_kind", "not-in-list")
	}
	c.Require(len(d.Restrictions) <= maxItems, "restrictions", "too-many")
	for _, r := range d.Restrictions {
		c.Require(codes.Valid("contact_restriction", r.Kind), "restriction_kind", "not-in-list")
		checkText(&c, "restriction_note", r.Note.Reveal(), maxNote, false)
	}
	c.Require(len(d.Sent) <= maxItems, "sent", "too-many")
	for _, s := range d.Sent {
		c.Require(slices.Contains(SentLists(), s.List), "sent", "not-in-list")
		checkText(&c, "sent", s.Code, maxText, true)
	}
	return c.Err()
}

func checkList(c *fault.Check, codes Codes, list string, values []string) {
	c.Require(len(values) <= maxItems, list, "too-many")
	for _, v := range values {
		c.Require(codes.Valid(list, v), list, "not-in-list")
	}
}

func (b *Birth) check(c *fault.Check, codes Codes) {
	c.Require(b.Source == "" || codes.Valid("birth_source", b.Source), "birth_source", "not-in-list")
	c.Require(b.Certainty == "" || codes.Valid("certainty", b.Certainty), "birth_certainty", "not-in-list")
	from, okFrom := b.Earliest.Reveal(), !b.Earliest.IsZero()
	to, okTo := b.Latest.Reveal(), !b.Latest.IsZero()
	c.Require(okFrom == okTo, "birth_year", "half-interval")
	if okFrom && okTo {
		c.Require(from <= to && from >= "1900", "birth_year", "out-of-range")
	}
}

// checkText refuses text that is too long, or that hides something: control
// characters, and direction marks that can make a text read as another
// (Unicode TR 36, section 2.9).
func checkText(c *fault.Check, field, s string, most int, required bool) {
	if required && strings.TrimSpace(s) == "" {
		c.Reject(field, "required")
		return
	}
	if code := TextFault(s, most); code != "" {
		c.Reject(field, code)
	}
}

// TextFault returns the message code of what is wrong with a text, "" for
// nothing. Line breaks and tabs are allowed; other control characters and
// bidirectional overrides are not.
func TextFault(s string, most int) string {
	return sealed.TextFault(s, most)
}

// Called returns the name to show first: the one the child uses, else the
// first there is.
func (d *Details) Called() sealed.Text {
	for _, n := range d.Names {
		if n.Kind == "known_as" {
			return n.Text
		}
	}
	if len(d.Names) > 0 {
		return d.Names[0].Text
	}
	return sealed.Text{}
}

// Years returns between how many and how many full years old the person is on
// a day; ok is false when nothing is known.
func (b Birth) Years(on time.Time) (youngest, oldest int, ok bool) {
	if b.Earliest.IsZero() || b.Latest.IsZero() {
		return 0, 0, false
	}
	return fullYears(b.Latest, on), fullYears(b.Earliest, on), true
}

// fullYears counts birthdays passed. A partial date counts as its first day,
// which the interval's bounds have made sure of.
func fullYears(d sealed.Date, on time.Time) int {
	y, m, day := d.RevealParts()
	n := on.Year() - y
	if time.Month(max(m, 1)) > on.Month() || time.Month(max(m, 1)) == on.Month() && max(day, 1) > on.Day() {
		n--
	}
	return max(n, 0)
}

// Clean trims and normalises (NFC) a text from a form.
func Clean(s string) string {
	return norm.NFC.String(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")))
}
