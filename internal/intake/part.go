package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"causeway/internal/casework"
	"causeway/internal/intake/calendar"
	"causeway/internal/intake/sheet"
	"causeway/internal/pack"
)

// What an entry of a sub-form becomes.
const (
	PersonPart   = "person"
	NeedPart     = "need"
	NotePart     = "note"
	FollowupPart = "followup" // a note, counted apart
)

// Parts returns what entries become, in the order in which reports count them.
func Parts() []string { return []string{PersonPart, NeedPart, NotePart, FollowupPart} }

// Part is one entry of a sub-form that becomes something in the case. Its texts are
// plain; it never prints or encodes itself.
type Part struct {
	Form  string // name of the sub-form in the file
	Place int    // of the entry in it, 1 for the first
	What  string // one of [Parts]
	Said  Said
}

// Said is what an entry says by field, as subforms.csv calls them: codes of the
// pack, days as 2006-01-02, "yes", or words.
type Said map[string]string

// Format prints the place only, whatever the verb.
func (p Part) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "entry %d", p.Place) }

// MarshalJSON refuses: parts go into the register and nowhere else.
func (p Part) MarshalJSON() ([]byte, error) { return nil, errPlain }

// Format prints nothing of what was said.
func (s Said) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%d fields", len(s)) }

// mostParts bounds the entries taken of one case: a case is registered in one
// commit, which holds [access.GroupMost] commands.
const mostParts = 400

// The codes of problems with entries. Their value names entries by their number and
// fields, never what stands there.
const (
	EntryNoName  = "entry-no-name"  // not taken: a person without a name
	EntryEmpty   = "entry-empty"    // not taken: nothing in it was understood
	EntryTwice   = "entry-twice"    // not taken: an entry before it is the same
	EntryTooMany = "entry-too-many" // not taken: the case has more than fit into one commit
	EntryCode    = "entry-code"     // taken; a code has no equal here and stands as text
	EntryDate    = "entry-date"     // taken; a date was not understood and stands as text
	EntryTooLong = "entry-too-long" // taken; a text was cut
)

// entryCodes is how all of them begin.
const entryCodes = "entry-"

// subfield is what the fields of some names say in a sub-form.
type subfield struct {
	field     string
	form      string // how it is written: "time" a day with an hour, "tick" true or false
	otherwise string // what is taken where the entry does not say it
	names     []string
}

// subform is what the entries of a sub-form say.
type subform struct {
	fields []subfield
	named  map[string]int // by folded name
}

var subforms = sync.OnceValue(func() map[string]*subform {
	m := map[string]*subform{}
	for _, r := range table("subforms.csv", subformsCSV) {
		s := m[r[0]]
		if s == nil {
			s = &subform{named: map[string]int{}}
			m[r[0]] = s
		}
		f := subfield{field: r[1], form: r[2], otherwise: r[3], names: strings.Split(r[5], "|")}
		for _, name := range f.names {
			s.named[foldHeader(name)] = len(s.fields)
		}
		s.fields = append(s.fields, f)
	}
	return m
})

// partOf takes apart what the mapping says of a column of entries, such as
// "need.services_section"; sub is nil where it names no sub-form there is.
func partOf(kind string) (what, form string, sub *subform) {
	what, form, _ = strings.Cut(kind, ".")
	if slices.Contains(Parts(), what) {
		sub = subforms()[form]
	}
	return what, form, sub
}

// of returns what a field of some name says, nil for what is only kept.
func (s *subform) of(name string) *subfield {
	if i, ok := s.named[foldHeader(name)]; ok {
		return &s.fields[i]
	}
	return nil
}

// entries takes in a cell that holds a sub-form. What is not taken of it stays where
// the whole file is kept.
func (b *builder) entries(i int, col Column, raw, text string) {
	what, _, sub := partOf(col.Kind)
	list, ok := sheet.Entries(raw)
	if !ok || sub == nil || b.row.Profile == "" {
		b.row.Kept = append(b.row.Kept, Kept{Header: col.Header, Text: cutText(text, mostNote)})
		return
	}
	seen := map[string]bool{}
	for n, item := range list {
		e := entry{b: b, i: i, place: n + 1, what: what, sub: sub, said: Said{}}
		id := item.Raw
		if at := slices.IndexFunc(item.Fields, func(f sheet.EntryField) bool { return f.Name == uniqueID }); at >= 0 && item.Fields[at].Text != "" {
			id = item.Fields[at].Text
		}
		code := EntryTwice
		if !seen[id] {
			code = e.read(item)
		}
		seen[id] = true
		if code == "" && len(b.row.Parts) == mostParts {
			code = EntryTooMany
		}
		if code != "" {
			e.tell(code, "")
			continue
		}
		b.row.Parts = append(b.row.Parts, Part{Form: col.Header, Place: n + 1, What: what, Said: e.said})
	}
}

// uniqueID is the field by which Primero knows an entry.
const uniqueID = "unique_id"

// entry is one item of a sub-form while it is read.
type entry struct {
	b     *builder
	i     int
	place int
	what  string
	sub   *subform
	said  Said
	title string
	lines []string // what has no field of its own, with its name
}

func (e *entry) tell(code, field string) {
	e.b.note(e.i, code, strings.TrimSpace(strconv.Itoa(e.place)+" "+field))
}

// read reads an item, and returns why it is not taken.
func (e *entry) read(item sheet.Entry) (code string) {
	for _, f := range item.Fields {
		as := e.sub.of(f.Name)
		if as == nil {
			continue
		}
		text, _ := clean(f.Text)
		unknown := anyField
		if as.field == "name" {
			unknown = nameField
		}
		if text == "" || saysUnknown(unknown, text) {
			continue
		}
		if as.field == "title" {
			e.title = oneLine(text)
			continue
		}
		e.field(f.Name, as, text)
	}
	if len(e.said) == 0 && len(e.lines) == 0 && e.title == "" {
		return EntryEmpty
	}
	for _, f := range e.sub.fields {
		if f.otherwise != "" && e.said[f.field] == "" {
			e.said[f.field] = f.otherwise
		}
	}
	switch e.what {
	case PersonPart:
		return e.person()
	case NeedPart:
		e.need()
		return ""
	}
	return e.written()
}

// partLists are the code lists of the fields that have one.
var partLists = map[string]string{
	"relation": "relation", "language": pack.Languages, "service": "service", "outcome": "need_outcome", "unmet": "unmet_reason", "kind": pack.NoteKinds,
}

// partMost bounds texts in characters; the rooms check again.
var partMost = map[string]int{
	"name": mostName, "phone": 300, "address": 300, "provider": 250, "by": mostName, "why": 2_000,
	"seen": mostNote, "only_seen": mostNote, "question": mostNote, "words": mostNote, "thought": mostNote,
}

// field takes in one field of an entry.
func (e *entry) field(name string, as *subfield, text string) {
	switch f := as.field; f {
	case "more":
		e.line(name, text)
	case "relation", "language", "service", "outcome", "unmet", "kind", "safe":
		e.coded(name, f, text)
	case "done", "referred":
		answer, ok := yesNo(text)
		if code, known := valueTable()["need_done"][foldValue(text)]; known && as.form != "tick" {
			answer, ok = code, true
		}
		switch {
		case !ok:
			e.tell(EntryCode, name)
			e.line(name, text)
		case answer == "yes":
			e.said[f] = answer
		}
	case "on", "asked", "due", "delivered", "ended":
		e.day(name, f, text)
	case "name", "phone", "address", "provider", "by":
		e.text(f, join(e.said[f], oneLine(text), ", "))
	default:
		e.text(f, join(e.said[f], text, "\n"))
	}
}

func (e *entry) line(name, text string) { e.lines = append(e.lines, entryLine(name, text)) }

// entryLine is a field without a room of its own, as it stands in a note.
func entryLine(name, text string) string { return name + ": " + text }

func (e *entry) text(field, text string) {
	if most := partMost[field]; most > 0 && utf8.RuneCountInString(text) > most {
		e.tell(EntryTooLong, field)
		text = cutText(text, most)
	}
	e.said[field] = text
}

// coded takes in a field with a code list. A text that has no code stands beside the
// others as it is.
func (e *entry) coded(name, field, text string) {
	if field == "safe" {
		if slices.Contains(casework.SafeAnswers(), text) {
			e.said[field] = text
			return
		}
	} else if code, ok := resolve(e.b.t.codes, partLists[field], text); ok {
		e.said[field] = code
		return
	}
	for part := range strings.SplitSeq(text, ";") { // one of several
		if code, ok := resolve(e.b.t.codes, partLists[field], strings.TrimSpace(part)); ok && field == "language" && e.said[field] == "" {
			e.said[field] = code
		}
	}
	if e.said[field] == "" {
		e.tell(EntryCode, name)
	}
	e.line(name, text)
}

// firstContactDay is before any contact with somebody who is a child today.
var firstContactDay = calendar.Day{Year: 1990, Month: 1, Day: 1}

func (e *entry) day(name, field, text string) {
	bounds := calendar.Bounds{First: firstContactDay, Last: e.b.t.today}
	if field == "due" {
		bounds.Last = e.b.t.today.Add(10, 0, 0)
	}
	r := calendar.Parse(text, calendar.YMD, bounds)
	if !r.Exact() {
		e.tell(EntryDate, name)
		e.line(name, text)
		return
	}
	e.said[field] = r.From.String()
}

func (e *entry) person() (code string) {
	if e.said["name"] == "" {
		return EntryNoName
	}
	e.note()
	if e.said["safe"] == "no" && e.said["why"] == "" {
		e.said["why"] = e.said["safe"]
	}
	return ""
}

func (e *entry) need() {
	e.note()
	if e.said["outcome"] != "" { // what ended is not unmet any more
		delete(e.said, "unmet")
	}
}

// note puts what has no field of its own into the note of a person or a need.
func (e *entry) note() {
	const most = 2_000
	for _, field := range []string{"note", "words"} {
		text := e.said[field]
		if field == "note" {
			text = join(text, strings.Join(e.lines, "\n"), "\n")
		}
		if utf8.RuneCountInString(text) > most {
			e.tell(EntryTooLong, field)
			text = cutText(text, most)
		}
		if e.said[field] = text; text == "" {
			delete(e.said, field)
		}
	}
}

// written puts together the texts of a note. A file of ours says the four texts
// apart, beside all of them in one.
func (e *entry) written() (code string) {
	s := e.said
	if s["only_seen"] != "" || s["question"] != "" || s["words"] != "" || s["thought"] != "" {
		s["seen"] = s["only_seen"]
	}
	delete(s, "only_seen")
	if e.title != "" || len(e.lines) > 0 {
		e.text("seen", join(join(e.title, s["seen"], "\n"), strings.Join(e.lines, "\n"), "\n"))
	}
	if s["seen"] == "" {
		delete(s, "seen")
		if s["words"] == "" && s["thought"] == "" {
			return EntryEmpty
		}
	}
	return ""
}
