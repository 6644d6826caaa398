package web

import "time"

// FocalDesk is what the focal point is asked for, and how their contacts stand.
type FocalDesk struct {
	Frame
	Waiting, Accepted []ReferralRow
	More              bool
	Contacts, Stale   int
}

// ContactList is whom to ask in other countries.
type ContactList struct {
	Frame
	Rows    []ContactRow
	MayEdit bool
}

// ContactRow is one office.
type ContactRow struct {
	Country, Authority, Office string
	Phone, Email, Channel      string
	Languages                  []string
	Hours, For                 string
	At                         time.Time
	By                         string
	Stale                      bool
	Edit                       string // "" for who may not
}

// ContactForm adds a contact, or changes one.
type ContactForm struct {
	Frame
	Form      Form
	New       bool
	Countries []Option
	Langs     []Option
	LangRows  []int
	LangError string
	Ended     []Option
}

// ContactFiles takes contacts in from a file, and out.
type ContactFiles struct {
	Frame
	Form    Form // file
	Max     int64
	Columns []string
}
