package web

import (
	"time"

	"causeway/internal/locale"
)

// Others is the people in a child's life.
type Others struct {
	Frame
	Child Child
	Rows  []OtherRow
	Past  []OtherRow
	Group *GroupView // nil: the child is in no group
	Can   bool       // add, change and end
	Join  bool       // make a group
}

// OtherRow is one person as the page of a child shows them.
type OtherRow struct {
	Href      string
	Name      string // "" for a child with a case of their own: see Own
	Relation  string // in words
	Reverse   bool   // the child is that of the person
	Safe      string // words "safe.<Safe>"
	Why       string
	Suspected bool
	Phone     string
	Address   string
	Language  string
	Note      string
	Until     locale.Day // zero: still
	Own       *Child     // the person's own case, where the reader may see it
	Linked    bool       // the person is a child with a case
	In        []Child    // other cases the person stands in, as far as the reader may see them
	Elsewhere bool       // there is another case, out of reach
	Share     bool       // can be added to another case
	History   []OtherPast
}

// OtherPast is one step in what was known of a person.
type OtherPast struct {
	Kind  string // words "event.<Kind>"
	At    time.Time
	By    string
	Lines []Line
}

// GroupView is the group a child belongs to.
type GroupView struct {
	Kind      string // in words
	Since     locale.Day
	Members   []Child
	Elsewhere bool
	Leave     bool // the reader may separate it
}

// OtherForm adds, changes, links, shares or ends a person. Step is one of "add",
// "change", "link", "share" and "end".
type OtherForm struct {
	Frame
	Child     Child
	Form      Form // other_name, relation_to, reverse, safe_contact, safe_why, suspected, phone, address, language, other_note, number, reason
	Step      string
	Who       string
	Linked    bool // the person is a child with a case: it has the name
	Relations []Option
	Reverse   []Option // the one box "the other way round"
	Safe      []Option
	Suspect   []Option // the one box "suspected"
	Languages []Option
}

// GroupForm makes a group of children, or separates one. Step is "join" or "apart".
type GroupForm struct {
	Frame
	Child Child
	Form  Form // group_kind, with, number, reason
	Step  string
	Kinds []Option
	With  []Option // children to choose from
	Names []Child  // who is in the group
}
