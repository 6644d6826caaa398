package intake

import (
	"errors"
	"fmt"

	"causeway/internal/forms"
	"causeway/internal/intake/calendar"
)

// Row is one case as the file tells it, in the words of the pack. Its texts are
// plain; it never prints or encodes itself.
type Row struct {
	Number        int64 // as a spreadsheet program counts it
	Reference     string
	Names         []Name
	Birth         Birth
	SexRecorded   string   // code list sex_recorded
	GenderTold    string   // code list gender_told
	Nationalities []string // code list nationality
	Languages     []string // code list language
	Identifiers   []Identifier
	Region        string // code list region
	Place         string
	Stage         string // code list stage
	Risk          string // code list risk
	Basis         string // code list legal_basis
	Opened        calendar.Day
	NextContact   calendar.Day
	Worker        string // sign-in name
	Note          Note
	Answers       map[string]forms.Answers // by form
	Parts         []Part                   // entries of sub-forms
	Kept          []Kept
	Profile       string // of a file that describes whole cases
	Source        []Cell // every cell with text of such a file
	AgesOn        calendar.Day
	Problems      []Problem
	Mark          Mark
}

// Name is one name of the person.
type Name struct {
	Text   string
	Kind   string // code list name_kind, "" not told
	Script string // ISO 15924, "" when mixed or not known
}

// Birth is the interval of days on which the person can have been born.
type Birth struct {
	Earliest, Latest calendar.Day
	Source           string // code list birth_source, "" not told
}

// Identifier is a number on a document or in another register.
type Identifier struct {
	Kind  string // code list identifier_kind
	Value string
}

// Note holds what the columns of notes said; the four stay apart.
type Note struct{ Words, Seen, Thought, Text string }

// IsZero reports whether there is no note.
func (n Note) IsZero() bool { return n == Note{} }

// Kept is a value that has no field, or was not understood in its field. It is
// stored with the case as it stood in the file.
type Kept struct {
	Header string
	Text   string
	Code   string // why, "" for a column that is simply kept
}

// Cell is one cell as it stood in the file.
type Cell struct {
	Name string // of its column
	Text string
	Raw  string // of JSON: the value as it was written; "" in other formats
	As   Column // what it was taken for
}

// Problem is one thing to tell about one row. It names the place and never the
// value; Value is for the sealed report.
type Problem struct {
	Row    int64
	Column int // 1 is the first; 0 for the whole row
	Code   string
	Stop   bool // the row cannot be registered
	Value  string
}

// String names place and code only.
func (p Problem) String() string {
	return fmt.Sprintf("row %d, column %d: %s", p.Row, p.Column, p.Code)
}

// Format keeps every verb from printing the value.
func (p Problem) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// MarshalJSON refuses: a problem holds what stood in a cell.
func (p Problem) MarshalJSON() ([]byte, error) { return nil, errPlain }

// The codes of problems that are not those of package calendar.
const (
	NoName          = "no-name"            // nobody to register
	SameReference   = "same-reference"     // a row before it has the same reference
	SameRow         = "same-row"           // a row before it says exactly the same
	AlreadyIn       = "already-in"         // an earlier import of the same person registered it
	NotInList       = "not-in-list"        // no code of the list has this name
	TooLong         = "too-long"           //
	TooMany         = "too-many"           // more names, numbers or languages than a record holds
	ControlChars    = "control-characters" // taken out
	DirectionChars  = "direction-override" // marks that reorder text, taken out
	UnreadableBytes = "not-text"           // bytes that the encoding does not have
	FormulaError    = "formula-error"      // such as #REF!
	AgeDiffers      = "age-differs"        // age and date of birth do not agree
	Adult           = "adult"              // past childhood when the case was opened
	NoSuchWorker    = "no-such-worker"     // nobody signs in under this name
	NoRisk          = "no-risk"            // neither the row nor the default says one
	Refused         = "refused"            // the register did not take the row
)

var errPlain = errors.New("intake: rows hold personal data and are not encoded")

// Stopped reports whether the row cannot be registered.
func (r *Row) Stopped() bool {
	for _, p := range r.Problems {
		if p.Stop {
			return true
		}
	}
	return false
}

// again reports whether the row came before.
func (r *Row) again() bool {
	for _, p := range r.Problems {
		if p.Code == SameReference || p.Code == SameRow || p.Code == AlreadyIn {
			return true
		}
	}
	return false
}

// Format prints the row's number only, whatever the verb.
func (r Row) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "row %d", r.Number) }

// MarshalJSON refuses: rows go into the register and nowhere else.
func (r Row) MarshalJSON() ([]byte, error) { return nil, errPlain }
