package web

import "time"

// Documents is the list of a child's documents.
type Documents struct {
	Frame
	Child Child
	Rows  []Document
	Add   string // where one is added, "" for whoever may not
}

// Document is one document as its readers see it. One that may show abuse shows
// nothing of itself.
type Document struct {
	Href   string
	Code   string // short, the same for everybody
	State  string // code, words "documentstate.<State>"
	Kept   bool   // it can be fetched
	Hidden bool   // may show abuse: nothing is told of it
	What   string // in words
	Kind   string // code, words "documentkind.<Kind>"
	Name   string // of the file
	Text   string
	Maker  string
	Taken  string // day, as far as it is known
	Place  string
	Size   int64
	At     time.Time
	By     string
	Scan   string // code, words "documentscan.<Scan>"
	Found  string // the scanner's name for what it found
}

// DocumentPage is one document with its chain of custody.
type DocumentPage struct {
	Frame
	Child    Child
	Doc      Document
	Before   string // SHA-256 of what came
	After    string // SHA-256 of what is kept
	Received int64
	Removed  []string // codes, words "documentremoved.<code>"
	Turn     int64    // see class "turn"
	Events   []Event
	Looks    []Look
	More     bool
	Back     string
	Fetch    string // where the file is fetched, "" where it cannot be
	Show     string // where it can be looked at in a page, "" for what is no safe image
	Image    string // its address, when it is looked at now
	Lock     string // where each can be done, "" for whoever may not
	Remove   string
	Destroy  string
	Confirm  string
	Unit     string // whom to tell of it, and how, in the pack's words
	Waits    string // who asked for its destruction, "" for nobody
	Number   string // of the competent unit
}

// AddDocument takes a document in.
type AddDocument struct {
	Frame
	Child      Child
	Form       Form // document_what, document_text, …, photo, file
	Whats      []Option
	Accept     string // endings of what is taken in
	Most       int64  // bytes
	Pieces     string // where a script sends it piece by piece
	Piece      int64  // bytes of a piece
	Unfinished []Upload
}

// Upload is one that was begun and can go on.
type Upload struct {
	ID      string
	Size    int64
	Percent int
	Name    string
	Expires time.Time
}

// DocumentAct is a form that locks, removes or destroys a document.
type DocumentAct struct {
	Frame
	Child Child
	Form  Form
	Doc   Document
	Act   string // "lock", "remove", "destroy", "confirm": words "document.<Act>" …
	Unit  string
	Back  string
}
