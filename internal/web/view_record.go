package web

import (
	"time"

	"causeway/internal/locale"
)

// ChildForms lists what was filled in about a child and what can be.
type ChildForms struct {
	Frame
	Child   Child
	Records []FormRecord
	Begin   []FormStep // forms that can be begun, by what they are for
	Day     Form       // on
	On      locale.Day // the page shows what was known on that day; zero: now
	Closed  bool       // the case is: no form is begun
}

// FormStep is the forms for one step of the way; Key gives the words
// "formstep.<Key>".
type FormStep struct {
	Key   string
	Forms []FormLink
}

// FormLink is one form that can be begun.
type FormLink struct{ Href, Title, Help string }

// FormRecord is a form that was filled in, or one of its revisions.
type FormRecord struct {
	Href   string
	Title  string
	State  string // "draft" or "finished", words "formstate.<State>"
	At     time.Time
	By     string
	Times  int      // how often it was saved
	Urgent []string // what its answers ask for at once, words "urgent.<code>"
}

// FormFill is the page on which a form about a child is filled in.
type FormFill struct {
	Frame
	Child    Child
	Form     Form
	Title    string
	Help     string
	State    string // "" before it is begun
	Parts    []FormPart
	Urgent   []string
	Clash    bool // somebody saved it meanwhile: theirs stands beside
	Back     string
	Finished bool // it is: what corrects it must be whole as well
}

// FormPart is a section. Read is its answers where the reader may not write it.
type FormPart struct {
	ID, Title, Help string
	Hidden          bool
	Fields          []FormField
	Read            []ReadLine
}

// FormField is one question.
type FormField struct {
	Kind    string
	At      string // its name, "" for what has none
	Input   Input
	Hidden  bool    // not asked, by the answers so far
	Extra   []Input // language, how sure, whose
	Aside   *Aside  // what is asked more seldom, folded
	Rows    []FormRow
	Another string // of a group: the words of the button for one more
	Theirs  *Theirs
	Carried []Hidden // posted along unseen
}

// Aside is what a question has besides its answer: the language of the words, why
// there is no answer.
type Aside struct {
	Title  string
	Open   bool
	Inputs []Input
}

// FormRow is one repetition of a group.
type FormRow struct {
	Title  string
	Drop   Input
	Fields []FormField
}

// Theirs is what somebody else saved meanwhile, and the choice.
type Theirs struct {
	Text string
	Keep Input
}

// FormRead is a form that was filled in, to be read.
type FormRead struct {
	Frame
	Child      Child
	Title      string
	Source     string
	Confidence string
	Version    int
	Revision   FormRecord
	Parts      []ReadPart
	Urgent     []string
	Missing    []string   // questions that finishing still needs
	Edit       string     // where it is gone on with, "" for nobody
	Href       string     // the record
	Print      bool       // for paper
	On         locale.Day // what was known on that day; zero: now
	Older      bool       // a newer revision stands
}

// ReadPart is a section with its answers.
type ReadPart struct {
	Title string
	Lines []ReadLine
}

// ReadLine is a question and its answer.
type ReadLine struct {
	Label string
	Text  string // "" where there is none
	Lang  string // of words
	Href  string // of a document
	Rows  [][]ReadLine
}

// FormHistory tells who changed which answer, from what to what.
type FormHistory struct {
	Frame
	Child Child
	Title string
	Href  string
	Saves []FormSave // newest first
}

// FormSave is one time a record was saved.
type FormSave struct {
	FormRecord
	Changes []FormChange
}

// FormChange is one answer that changed.
type FormChange struct{ Label, From, To string }
