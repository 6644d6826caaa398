package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// Note is what a worker writes down after a conversation, a visit or a call.
type Note struct {
	Kind        string      // code list note_kind
	On          sealed.Date // the day it is about, where the people are; none: not recorded
	Alone       string      // whether the child was seen alone: one of [AloneAnswers], "" not recorded
	Question    sealed.Text
	Words       sealed.Text // the child's own words
	Language    string      // of those words
	Seen        sealed.Text
	Thought     sealed.Text
	NextContact time.Time // zero: by the pack's clock, if this kind is a contact

	Interpreter     string      // code list interpreter; "" not recorded
	InterpreterName sealed.Text // where somebody interpreted
	Present         []string    // code list present: who else was there

	together int // with how many other children it is written at once
}

// Contact reports whether a kind of note is a contact with the child: then somebody
// says who interpreted.
func Contact(kind string) bool { return contactKinds[kind] }

// nobodyInterprets are the answers that name no person.
var nobodyInterprets = []string{"not_needed", "missing", "machine"}

// NamesInterpreter reports whether an answer to who interpreted asks for a name.
func NamesInterpreter(code string) bool {
	return code != "" && !slices.Contains(nobodyInterprets, code)
}

// AloneAnswers are the answers to whether the child was seen alone. None of them
// is a default: "not asked" is an answer too.
func AloneAnswers() []string { return []string{"yes", "no", "not_asked"} }

// contactKinds are the notes that count as a contact with the child and move the
// next one.
var contactKinds = map[string]bool{"conversation": true, "home_visit": true, "phone_call": true}

// aheadOfUTC is how far a day may have begun somewhere before it begins in UTC.
const aheadOfUTC = 14 * time.Hour

func (n *Note) check(codes Codes, now time.Time) error {
	var c fault.Check
	c.Require(codes.Valid("note_kind", n.Kind), "kind", "required")
	if !n.On.IsZero() {
		day, whole := n.day()
		c.Require(whole, "contact_on", "bad-date")
		c.Require(!whole || !day.After(now.Add(aheadOfUTC)), "contact_on", "in-the-future")
		c.Require(!whole || day.Year() >= firstYear, "contact_on", "out-of-range")
	}
	c.Require(n.Alone == "" || slices.Contains(AloneAnswers(), n.Alone), "seen_alone", "not-in-list")
	c.Require(n.Interpreter == "" || codes.Valid("interpreter", n.Interpreter), "interpreter", "not-in-list")
	c.Require(!NamesInterpreter(n.Interpreter) || !n.InterpreterName.IsZero(), "interpreter_name", "required")
	text(&c, "interpreter_name", n.InterpreterName, 200)
	c.Require(len(n.Present) <= mostReasons, "present", "too-many")
	for _, x := range n.Present {
		c.Require(codes.Valid("present", x), "present", "not-in-list")
	}
	n.checkTexts(&c, codes)
	return c.Err()
}

// checkTexts validates what was written.
func (n *Note) checkTexts(c *fault.Check, codes Codes) {
	c.Require(n.Language == "" || codes.Valid("language", n.Language), "language", "not-in-list")
	text(c, "question", n.Question, mostText)
	text(c, "words", n.Words, mostText)
	text(c, "seen", n.Seen, mostText)
	text(c, "thought", n.Thought, mostText)
	c.Require(!n.Words.IsZero() || !n.Seen.IsZero() || !n.Thought.IsZero(), "words", "nothing-written")
}

// firstYear is before any contact with somebody who is a child today.
const firstYear = 1990

// day returns the beginning, in UTC, of the day the note is about; whole is false
// where more than the day is open.
func (n *Note) day() (day time.Time, whole bool) {
	year, month, dom := n.On.RevealParts()
	return time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC), dom > 0
}

// AddNote writes a note. A note about a contact sets the next contact by the
// risk's clock, unless the worker chose a day.
func (r *Room) AddNote(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, n Note) error {
	return r.addNote(ctx, c, cmd, id, n, func(*access.Pass) error { return nil })
}

// addNote writes a note unless the pass tells against it.
func (r *Room) addNote(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, n Note, may func(*access.Pass) error) error {
	if err := n.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.note", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if err := may(p); err != nil {
			return nil, err
		}
		e := &Event{Kind: KindNote, Content: Content{
			Question: n.Question, Words: n.Words, Seen: n.Seen, Thought: n.Thought, NoteKind: n.Kind, Language: n.Language,
			On: n.On, Alone: n.Alone, Interpreter: n.Interpreter, InterpreterName: n.InterpreterName,
			Present: slices.Clone(n.Present), Together: int64(n.together),
		}}
		if !row.Closed() && r.origin == nil {
			if next := r.nextContact(p.Now(), row, n); !next.IsZero() {
				row.NextContact, e.Due = next, next.UnixMicro()
			}
		}
		return e, nil
	})
}

// nextContact returns when the next contact is due after a note, zero where the
// note does not move it.
func (r *Room) nextContact(now time.Time, row *Case, n Note) time.Time {
	if !n.NextContact.IsZero() {
		return n.NextContact
	}
	if !contactKinds[n.Kind] {
		return time.Time{}
	}
	clock := r.codes.Clock(nextContact(row.Risk))
	if n.On.IsZero() {
		return clock.After(now)
	}
	day, _ := n.day()
	if now.Sub(day) < 24*time.Hour { // today: counted from this hour, as people do
		return clock.After(now)
	}
	next := clock.After(day.Add(12 * time.Hour))
	if next.Before(row.NextContact) {
		return time.Time{} // an earlier contact, written down late: a later one has set the day already
	}
	return next
}
