package web

import (
	"time"

	"causeway/internal/locale"
)

// Tracing is the searches for a child's family.
type Tracing struct {
	Frame
	Child Child
	Rows  []SearchRow
	Can   bool
}

// SearchRow is one search.
type SearchRow struct {
	Href     string
	Who      string
	Relation string // in words
	By       string // words "soughtby.<By>"
	State    string // words "searchstate.<State>"
	Ended    bool
	Last     string
	Consent  string // who agreed
	On       locale.Day
	Fears    string // words "answer.<Fears>"
	Safety   string
	Words    string
	Steps    []SearchStep // newest first
	Next     []string     // steps that can be taken now, words "tracingstep.<step>"
}

// SearchStep is one step of a search.
type SearchStep struct {
	Kind  string // words "tracingstep.<Kind>"
	What  string // in words
	On    locale.Day
	At    time.Time
	By    string
	Match string // of a question, words "match.<Match>"
	Lines []Line
}

// TracingStart begins a search.
type TracingStart struct {
	Frame
	Child     Child
	Form      Form // sought_by, sought_who, relation_to, sought_last, sought_words, consent, consent_by, consent_on, fears, search_safety
	By        []Option
	Relations []Option
	Consent   []Option // the one box
	Fears     []Option
}

// TracingStepForm writes a step of a search.
type TracingStepForm struct {
	Frame
	Child Child
	Form  Form // step_what, step_on, step_question, step_expected, step_said, step_match, step_outcome
	Step  string
	Who   string
	Whats []Option
	Match []Option
}
