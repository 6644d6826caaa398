package web

import (
	"time"

	"causeway/internal/locale"
)

// Conferences are the conferences about a child.
type Conferences struct {
	Frame
	Child  Child
	Rows   []Conference
	CanAdd bool
}

// ConferencePage is one conference, made to be printed.
type ConferencePage struct {
	Frame
	Child      Child
	Conference Conference
}

// Conference is what people of several sectors talked over.
type Conference struct {
	Href     string
	On       locale.Day
	Place    string
	People   []Attendee
	Points   []AgendaPoint
	TookPart string // words "tookpart.<TookPart>"
	View     string // of the child
	By       string
	At       time.Time
}

// Attendee is somebody who was asked to a conference.
type Attendee struct {
	Name, Sector string
	Absent       bool
}

// AgendaPoint is one point of the agenda.
type AgendaPoint struct {
	Topic, Said, Decision string
	Task                  *Item
}

// ConferenceForm writes a conference down.
type ConferenceForm struct {
	Frame
	Child    Child
	Form     Form  // contact_on, conference_place, took_part, child_view; rows of attend_… and point_…, task_…
	People   []int // rows: attend_staff_0, attend_name_0, attend_sector_0, attend_absent_0 …
	Points   []int // rows: point_topic_0, point_said_0, point_decision_0, task_text_0, task_for_0, task_day_0 …
	Staff    []Option
	Sectors  []Option
	For      []Option
	Circle   []Option // who of the child's circle does what was decided
	TookPart []Option
	Absent   []Option
	Tasks    bool // a closed case has none
}
