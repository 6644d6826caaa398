package web

import (
	"time"

	"causeway/internal/locale"
)

// Frame is what stands around every page. Every view embeds it.
type Frame struct {
	Tab       string    // the navigation item to mark, such as "today"
	Path      string    // where the language form returns to
	Viewer    *Viewer   // nil when nobody is signed in
	Nav       []NavItem // what this person may reach; the first three are the phone's tabs
	Search    bool      // this person may search for a child
	Notice    *Notice   // what just happened, said at the top of the page
	Stamp     *Stamp    // on pages that name a child: printed with it
	Reload    int       // seconds after which a progress page asks again, 0 for never
	Undecided int       // forms from phones that wait for the reader's decision
	Told      int       // what the reader must be told and has not put away
	Expiry    int       // seconds without a touch until the page covers itself, 0 for never
}

// Viewer is the person looking at the page.
type Viewer struct {
	Name string
	Role string // role code
	Unit string
}

// NavItem is one place in the navigation; its words are "nav.<Tab>".
type NavItem struct {
	Tab   string
	Href  string
	Count int    // shown when above zero
	Group string // words "navgroup.<Group>": it begins here, in a list that is long; or ""
}

// Notice is said once, on the page after the one that did something.
type Notice struct {
	Key  string // message key below "notice."
	Code string // short code of the journal entry, or ""
	Kind string // "done" or "warn"
}

// Stamp is printed on every paper that carries a child's data.
type Stamp struct {
	Who  string
	When time.Time
	Code string // short code of the journal entry
}

// Form carries what was typed and what was wrong with it, so that a refused
// form comes back as it was.
type Form struct {
	Action string // where it is posted
	Values map[string][]string
	Hidden []Hidden     // posted along, such as the version that was seen
	Errors []FieldError // in the order of the page
	Fault  string       // error code about the whole form, or ""
	// Asked holds, by the name of a field, the question as this page puts it,
	// where it differs from the words "field.<name>".
	Asked map[string]string
}

// Hidden is a value posted with a form and not shown.
type Hidden struct{ Name, Value string }

// Ask sets how this page puts the question of a field.
func (f Form) Ask(name, question string) Form {
	asked := map[string]string{name: question}
	for k, q := range f.Asked { // copied: forms are values
		if k != name {
			asked[k] = q
		}
	}
	f.Asked = asked
	return f
}

// FieldError is one rejected field; the summary names it by its question.
type FieldError struct {
	Name string
	Code string
}

// Value returns what was typed in a field.
func (f Form) Value(name string) string {
	if v := f.Values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Chosen reports whether value was chosen in a field.
func (f Form) Chosen(name, value string) bool {
	for _, v := range f.Values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Error returns the error code of a field, or "".
func (f Form) Error(name string) string {
	for _, e := range f.Errors {
		if e.Name == name {
			return e.Code
		}
	}
	return ""
}

// Wrong reports whether anything about the form was refused.
func (f Form) Wrong() bool { return len(f.Errors) > 0 || f.Fault != "" }

// Option is one answer a field offers.
type Option struct {
	Value string
	Label string
	Hint  string
}

// Options returns the codes of a group with their words.
func Options(l *locale.Locale, group string, codes ...string) []Option {
	out := make([]Option, len(codes))
	for i, c := range codes {
		out[i] = Option{Value: c, Label: l.Word(group, c)}
	}
	return out
}

// Due is a day something should be done, and how far away that is.
type Due struct {
	Day locale.Day
	In  int // days from today, negative when late
}

// DueOn returns day as seen from today.
func DueOn(day, today locale.Day) *Due {
	if day.IsZero() {
		return nil
	}
	return &Due{Day: day, In: today.Until(day)}
}

// Age is an age in years as far as it is known.
type Age struct {
	From, To int  // equal when known to the year
	Known    bool // false: not recorded
	Presumed bool // age is doubted and the person is presumed to be a child
}

// Why is one thing that agrees or does not between a child and what was asked for.
type Why struct {
	Field, Level string // in words
	Agrees       bool
}

// Child is the head of every page about one child, and a row of every list.
type Child struct {
	Href    string
	Number  string // as people write it
	Name    string // "" shows "no name yet"
	Age     Age
	Risk    string // code list risk
	Stage   string // code list stage
	Region  string
	Unit    string
	Worker  string
	Next    *Due // next contact
	Closed  bool
	Flagged bool   // a flag is up
	Like    string // in what a search found: what the child may be to the one asked for; "" nothing to say
	Why     []Why  // and what agrees and what does not
	Pick    string // in lists whose rows can be ticked: the case; "" elsewhere
}
