package web

import (
	"time"

	"causeway/internal/locale"
)

// Journal is the auditor's page.
type Journal struct {
	Frame
	Size       int
	Root       string // short form of the tree's root
	Checkpoint time.Time
	Behind     int // seconds that the sequencer is behind
	Pending    int
	Witnesses  []string
	Settled    int // entries that the witnesses vouch for
	Unsettled  int // entries that they do not yet, where a policy asks for it
	Logs       []WitnessedLog
	Verified   *Verified
	Form       Form // for the verify button
	Export     bool // the person may take the journal away
	Views      []JournalView
	Case       Form     // number
	Filters    []Filter // chosen from a list
	Kept       []Filter // the days, and what links bring along
	On         []Chip
	Rows       []Look
	Next       string
	Prev       string
}

// WitnessedLog is another node's journal that this node vouches for.
type WitnessedLog struct {
	Name     string
	Size     int       // entries cosigned
	At       time.Time // when last; zero: not in its present epoch
	Waits    bool      // this node was restored and waits to be shown what it cosigned
	Refused  int       // what was refused and is kept as evidence
	Restores []WitnessedRestore
}

// WitnessedRestore is a restore that such a journal told of.
type WitnessedRestore struct {
	At    time.Time
	Lost  int // entries that this node had vouched for
	Cause string
}

// JournalView is a prepared way to read the journal.
type JournalView struct {
	Name string // words "journalview.<Name>"
	Href string
	On   bool
}

// Verified is the result of the last check of the whole journal.
type Verified struct {
	At      time.Time
	Entries int
	OK      bool
	Bad     int    // index of the first bad place
	Code    string // error code below "error."
	Running bool
}

// People lists the staff.
type People struct {
	Frame
	Rows    []StaffRow
	Filters []Filter
	On      []Chip // the filters in force
	Invite  bool
	Units   bool
}

// StaffRow is one person with an account.
type StaffRow struct {
	Href     string
	Name     string
	Role     string
	Unit     string
	State    string // "active", "invited", "disabled"
	Seen     locale.Day
	Deputy   string
	Speaks   []string   // languages, in the reader's words
	Unsigned bool       // has not signed the code of conduct in force
	Presence string     // "away" or "duty", "" for somebody who is there
	Until    locale.Day // last day of the presence, none without an end
	Strong   bool       // has a passkey or an authenticator app
	Expires  time.Time  // end of an open invitation
}

// InviteForm makes an account and its invitation.
type InviteForm struct {
	Frame
	Form  Form // staff_name, account, role, unit, supervisor, language
	Roles []Option
	Units []Option
	Bosses,
	Languages []Option
}

// Invited shows an invitation once: the link, and the code to say by voice.
type Invited struct {
	Frame
	Name    string
	Link    string
	Code    string
	Expires time.Time
	Again   bool
}

// StaffPage is one person's page for those who run accounts.
type StaffPage struct {
	Frame
	Person     StaffRow
	Account    string
	Supervisor string
	Form       Form // role, unit, supervisor; deputy, deputy_from, deputy_until
	Roles      []Option
	Units      []Option
	Bosses     []Option
	Deputies   []Option
	Absences   []Absence
	Heir       string   // who took over from somebody whose account has ended
	Heirs      []Option // who could take over
	CanTell    bool     // the person viewing may change languages and presence
	Away       bool     // the person viewing may name a deputy
	CanEdit    bool
	CanBan     bool
	CanAgain   bool
	CanEnd     bool // the person viewing may end an absence's deputy
	CanRecall  bool // the person viewing may withdraw the open invitation
}

// Absence is a time in which somebody else stands in.
type Absence struct {
	Deputy      string
	ID          string // of the deputy
	From, Until locale.Day
}

// Units lists the units of all agencies.
type Units struct {
	Frame
	Form     Form // unit_name, parent, agency
	Rows     []UnitRow
	Tops     []Option
	Agencies []Option
	CanAdd   bool
}

// UnitRow is one unit.
type UnitRow struct {
	Name   string
	Parent string
	Agency string // "" for the node's own
	Sector string // of the agency, in the reader's words
	People int
	Duty   string // the unit that takes over the checks made here, "" for itself
}

// Health is the operator's page. It never names a child.
type Health struct {
	Frame
	State   string // "good", "watch" or "act"
	Checks  []Check
	Version string
	Started time.Time
	Jobs    []Job
	Backup  *BackupCard // nil where the person may not make backups
}

// BackupCard lets an operator make a backup, and tells what became of the last
// one made so.
type BackupCard struct {
	Form  Form
	Place bool       // the configuration names a folder for backups
	Run   *BackupRun // nil: none since the start
}

// Check is one line of health; the words are "check.<Key>" and
// "advice.<Key>" when it is not good.
type Check struct {
	Key    string
	State  string // "good", "watch" or "act"
	Value  string
	Advice string // message key, or ""
	// Where Value is empty, one of these is written in the reader's language.
	At    time.Time
	Bytes int64
	Count int // of messages
}

// Job is one named job.
type Job struct {
	Key   string // words "job.<Key>"
	Last  time.Time
	State string
	Next  time.Time

	Percent int // of a long run that goes on; 0 for none
}

// ImportStart takes a file and lists earlier imports.
type ImportStart struct {
	Frame
	Form Form // file
	Past []ImportRow
	Max  int64 // bytes
}

// ImportRow is one earlier import.
type ImportRow struct {
	Href  string
	At    time.Time
	By    string
	File  string
	Rows  int
	State string // code, words "importing.<State>"
}

// ImportMap matches the columns of a file with our fields.
type ImportMap struct {
	Frame
	Reading   Form // encoding, delimiter, sheet, header_row: asks again how to read
	Form      Form // column_0, column_0_order …, default_risk …
	File      string
	Asks      []string // words "importask.<code>"
	Columns   []Column
	Fields    []Option
	Defaults  []DefaultField
	Encoding  []Option
	Delimiter []Option
	Sheet     []Option
	Dates     []Option
}

// DefaultField is an answer for every row that has none.
type DefaultField struct {
	Name    string
	Options []Option
}

// Column is one column of the file.
type Column struct {
	Index   int
	Name    string
	Samples []string
	Known   bool // its name was recognised
	Dated   bool // the order of its dates is asked for
	Asks    []string
}

// ImportReport is the dry run, the progress and the result of an import.
type ImportReport struct {
	Frame
	Form     Form
	Phase    string // "mapped", "checking", "checked", "running", "paused", "done", "failed"
	File     string
	Rows     int // while it is tried an estimate, 0 for none
	Tried    int // rows read so far while it is tried
	Good     int
	Bad      int
	Doubled  int
	Done     int
	Refused  int     // not taken by the register
	Brings   *Brings // nil: nothing but the fields of the rows
	Errors   []RowError
	More     int // errors not shown
	Expires  time.Time
	Back     string
	Download string
}

// RowError is one refused cell of the file. It never shows what was in it.
type RowError struct {
	Row    int
	At     int    // number of the column, 0 for the whole row
	Column string // its name in the file
	Code   string
	// Entries of a sub-form that it is about, by number, with their fields; "" for none.
	Entries string
	Stop    bool // the row cannot be registered
}

// Brings is what comes with the children of a file: people, needs, notes.
type Brings struct {
	All  []string // in words
	Rows []BringsRow
	More int    // rows not shown
	File string // with all of them
}

// BringsRow is what comes with one child.
type BringsRow struct {
	Row  int
	What []string // in words
}

// Problem is every page that says why something did not happen.
type Problem struct {
	Frame
	Status    int
	Kind      string // words "problem.<Kind>.title" and ".text"
	Code      string // error code with more exact words, or ""
	Reference string
	Kept      []Kept // what was typed, so that nothing is lost
	Again     *Form  // posts the same again
	Back      string
	Why       string // where it is explained, "" where nobody is signed in
}

// Kept is one typed field shown back; Name gives the words "field.<Name>".
type Kept struct {
	Name  string
	Value string
	Hide  bool // hidden in the page but posted again
}
