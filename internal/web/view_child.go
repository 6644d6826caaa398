package web

import (
	"time"

	"causeway/internal/locale"
)

// ChildPage is the page of one child.
type ChildPage struct {
	Frame
	Child    Child
	Since    locale.Day
	Path     []Stone
	Words    *Words // the child's latest own words
	Events   []Event
	Older    string // the timeline before these events
	Timeline string // the whole timeline, "" on paper and in the past
	Past     *PastDay
	People   []Helper
	Flags    []Item   // that are up
	Tasks    int      // how many wait
	Warnings []Option // contact restrictions in force; Hint tells the rest
	Unsafe   []Option // people who are not safe to contact; Hint says why
	Lives    *CareRow // where the child lives now, nil where nobody recorded it
	Details  []Fact   // who the child is, in short
	Can      Can
	Menu     []MenuLink
	Missing  bool     // cannot be found and is searched for
	Waiting  *Waiting // the emergency that nobody has confirmed yet, nil for none
	Urgent   []Pressing
	Life     Life
	Uses     *DataUse // on what basis the child's data is used, nil for who may not see it
	LeftOut  []string // of a copy for whoever asked for one: the sections it is without, in words
}

// DataUse is on what basis a child's data is used, in short: each part for whoever may see
// its page.
type DataUse struct {
	Purposes                  []UseLine
	Withheld                  []UseLine
	Disclosed                 []UseLine
	Consent, Withhold, Circle string // their pages
	ToTell                    int    // disclosures of which the child is still to be told
}

// UseLine is one line of it.
type UseLine struct {
	What  string // the purpose, the part that is withheld ("" for the whole case), to whom it was disclosed
	State string // words "usestate.<State>"
	Who   string
	For   string // of a disclosure: its purpose
	Parts []string
	On    locale.Day
	Tell  *Due // until when the child is told, nil where the child was
}

// Waiting is an emergency that waits for a supervisor's confirmation.
type Waiting struct {
	Since, Until time.Time
	Late         bool // Until is over
}

// Life is what the head of a child's page says of where the case stands.
type Life struct {
	Untold   bool      // the child is missing, and nobody was told of it yet
	TalkDue  bool      // the child is back, and nobody has talked with the child yet
	Presumed bool      // treated as a child because of doubt about the age
	Grown    bool      // past 18, and the rules for children still hold
	Breaches []ActLine // acts without a basis that wait for a supervisor
	Search   string    // the page of the missing child, "" for a reader who may not use it
}

// Can says which buttons the page offers.
type Can struct {
	Note, Contact, Reopen, Details, Looked bool
	Emergency                              bool // open the closed case again by stating an emergency
	Confirm                                bool // confirm the emergency that waits
}

// Stone is one stage on the path.
type Stone struct {
	Stage string // code
	State string // "done", "now" or "ahead"
	On    locale.Day
}

// Words is what a child said, as said.
type Words struct {
	Question string
	Text     string
	Lang     string // language code of the words, or ""
	On       locale.Day
	By       string // who wrote it down
}

// Event is one thing on the timeline.
type Event struct {
	Kind    string // words "event.<Kind>"
	Tone    string // "", "late", "care" or "done": the colour of the stone
	At      time.Time
	By      string
	From    string     // for changes: what was before, in words
	To      string     // what it became, in words
	Reasons []string   // in words
	On      locale.Day // of a note: the day of the contact, zero where not recorded
	Alone   string     // of a note: whether the child was seen alone, words "alone.<Alone>"
	// Of a note: who interpreted, in words; that nobody did though it was needed; who
	// else was there, in words; with how many other children it was written at once.
	Interpreter   string
	NoInterpreter bool
	Present       []string
	Together      int
	Lines         []Line
	Words         *Words
	ID            string // of the element
	Correct       string // the form that corrects a note
	// Of a correction: the note. Of a note: its corrections.
	Corrects  *EventLink
	Corrected []EventLink
	Altered   bool // the row was changed behind the program's back
	// Emergency: permitted only because the author stated an emergency.
	Emergency bool
	Carried   *CarriedFrom // written earlier, without a network; nil: here and then
	Origin    *OriginLine  // what another program kept; nil for what was written here
	Href      string       // of what it is about, "" for none
}

// OriginLine says where an event comes from.
type OriginLine struct {
	Profile string // words "profile.<Profile>"
	By      string // who wrote it there, as the file names them; "" not known
}

// Line is one labelled text of an event; Label gives the words "field.<Label>".
type Line struct {
	Label string
	Text  string
}

// Fact is one labelled fact; Label gives the words "field.<Label>".
type Fact struct {
	Label string
	Text  string
	Note  string
}

// Helper is somebody who may open this child's page.
type Helper struct {
	Name     string
	Relation string // code, words "relation.<Relation>"
	Unit     string
	Until    locale.Day // zero for no end
	Altered  bool       // the row was changed behind the program's back
}

// Note records a talk or a visit, in separate fields.
type Note struct {
	Frame
	Child     Child
	Form      Form // kind, contact_on, seen_alone, question, words, language, seen, thought, when, next_contact, interpreter, interpreter_name, present, with
	Alone     []Option
	Kinds     []Option
	Languages []Option
	When      []Option

	Interpreters []Option
	Present      []Option
	With         []Option // children of the same group
}

// Contact sets the next contact.
type Contact struct {
	Frame
	Child Child
	Form  Form // when, next_contact, reason
	When  []Option
}

// Risk changes the risk.
type Risk struct {
	Frame
	Child   Child
	Form    Form // risk, risk_reason (several), reason
	Risks   []Option
	Reasons []Option
}

// Stage moves the case along the path.
type Stage struct {
	Frame
	Child  Child
	Form   Form     // stage, reason
	Stages []Option // those whose gate is open
	Shut   []Gate   // the others that may follow, with what they need
	Path   []Stone
	// Missing: the child is searched for, and has to be found first.
	Missing bool
}

// Assign gives the child another lead worker.
type Assign struct {
	Frame
	Child   Child
	Form    Form // worker, reason
	Workers []Option
}

// Close closes the case.
type Close struct {
	Frame
	Child    Child
	Form     Form   // close_reason, declined_by, last_word, ends, continues, reason
	Handed   string // which office of another country answers for the child, in words; "" none
	Reasons  []Option
	Declined []Option // who declined support
	Against  []Against
	Anyway   []string // the reasons for which nothing of it stands against closing, in words
}

// Against is one thing that cannot wait and stands against closing a case.
type Against struct {
	Code     string    // words "urgent.<Code>"
	Kind     string    // "action", "flag", "answer", or "hidden": an answer that the reader may not read
	Due      time.Time // of an action
	Late     bool
	Text     string // of a flag
	Form     string // of an answer: what the form is called, "" where the reader may not know
	At       time.Time
	Question string
	Answer   string
	Acting   bool   // the action that the answer opened is open, and stands here too
	End      string // where an action or a flag is ended, "" where the reader may not
	Anew     string // where the form is filled in anew
	Correct  string // where the form is corrected
}

// Reopen opens the case again.
type Reopen struct {
	Frame
	Child     Child
	Form      Form // reopen_reason, reason
	Reasons   []Option
	Emergency bool // by stating an emergency: the reason is required
}

// Confirmation confirms the emergency in which a case was reopened.
type Confirmation struct {
	Frame
	Child   Child
	Form    Form     // reason
	What    *Event   // the reopening, nil where none is on the timeline
	Waiting *Waiting // nil where somebody has confirmed it meanwhile
}

// Person is who the child is, in full.
type Person struct {
	Frame
	Child         Child
	Form          Form
	Names         []int // rows: name_0, name_kind_0, name_script_0 …
	Identifiers   []int // rows: identifier_kind_0, identifier_0
	Restrictions  []int // rows: restriction_kind_0, restriction_note_0
	Nationalities []int // rows: nationality_0
	Tongues       []int // rows: language_0, best first
	NameKinds     []Option
	Scripts       []Option
	Sources       []Option // where the birth date comes from
	Sure          []Option // how certain it is
	Sexes         []Option
	Genders       []Option
	Countries     []Option
	Languages     []Option
	IDKinds       []Option
	Restrict      []Option // kinds of restriction
	Presumed      []Option // the one box "presumed to be a child"
	Sent          []SentRow
}

// SentRow is a code of another country that is in no list here: row number and the one
// box that takes it out.
type SentRow struct {
	I     int
	Known []Option
}

// Looked tells who looked at a child's record.
type Looked struct {
	Frame
	Child Child
	Rows  []Look
	Next  string
	Prev  string
	Why   string // where it is explained who may look
}

// Look is one line of who looked, or of the auditor's journal.
type Look struct {
	At      time.Time
	Who     string
	Role    string // code
	Unit    string
	Action  string // code, words "action.<Action>"
	What    string // code, words "what.<What>"
	Purpose string // code, words "purpose.<Purpose>"
	Outcome string // "ok", "denied" or "failed"
	Reason  string // error code of a refusal
	Subject string // for the auditor: short reference of whose record
	More    int    // further records that the same entry names
	Times   int    // how many repeats the entry sums up, 0 for one
	Code    string // short code of the entry
	Mark    string // where it is marked in an inquiry
	Mine    bool
}
