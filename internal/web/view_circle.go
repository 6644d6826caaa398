package web

import (
	"time"

	"causeway/internal/locale"
)

// CirclePage is who helps a child and who was told what of it.
type CirclePage struct {
	Frame
	Child    Child
	Invite   string // where somebody is invited, "" for whoever may not
	Disclose string
	Requests []CircleRequest // that wait first
	ToTell   []GivenRow
	Members  []CircleMember
	Left     []CircleMember
	Given    []GivenRow // newest first
	Group    string     // where a whole group is invited, "" for none
}

// CircleMember is one person of the circle.
type CircleMember struct {
	Name, Role, Does string
	Since, Until     locale.Day
	Wanted           string // words "wish.<Wanted>"; "": the child was not asked
	Words            string // of the child, about them
	Conflict         string // what stands against it, "" for nothing
	Steps            []CircleStep
}

// CircleStep is something that can be done; its words are "circlestep.<Step>".
type CircleStep struct{ Step, Href string }

// CircleRequest is what police or prosecution asked to be told.
type CircleRequest struct {
	By, Purpose, Law, Want, File string
	At                           time.Time
	State                        string // words "askstate.<State>"
	Reason                       string // words "refusal.<Reason>", of a refusal
	Steps                        []CircleStep
}

// GivenRow is one disclosure in a list.
type GivenRow struct {
	Href, To, Purpose, Basis string
	Number                   int64
	At                       locale.Day
	Parts                    []string
	TellBy                   *Due   // the child is still to be told
	State                    string // words "givenstate.<State>"
}

// CircleInvite takes somebody into the circle.
type CircleInvite struct {
	Frame
	Child                           Child
	Form                            Form // circle_member, circle_role, circle_conflict, circle_against, circle_does, circle_wanted, circle_words
	People, Roles, Wishes, Conflict []Option
}

// CircleAct is one step with a member, a disclosure or a request.
type CircleAct struct {
	Frame
	Child    Child
	Form     Form
	Step     string // words "circlestep.<Step>", "circlelead.<Step>"
	About    string // who or what it is about
	Wishes   []Option
	Refusals []Option
	Back     string
}

// Disclose makes a disclosure: what is given to whom is seen before it is given.
type Disclose struct {
	Frame
	Child                          Child
	Form                           Form // recipient, share_purpose, share_basis, share_norm, disclosure_part, share_ask, child_told, untold, tell_by
	People, Purposes, Bases, Parts []Option
	Told                           []Option
	Asked                          *CircleRequest // what it answers
	Preview                        []SharedPart   // what will be seen; none: not looked at yet
	To                             string         // of the preview
}

// GivenPage is one disclosure as the team sees it.
type GivenPage struct {
	Frame
	Child  Child
	Letter Letter
	Steps  []CircleStep
}

// Letter is one disclosure, made to be printed.
type Letter struct {
	Number         int64
	CaseNumber     string
	At             time.Time
	By, To         string
	Purpose, Basis string
	Norm, Ask      string
	Told           bool
	TellBy         locale.Day
	Untold         string // shown to the team only
	Parts          []SharedPart
	Digest         string
	State          string // words "givenstate.<State>"
}

// Helped is the children whom somebody helps, by number.
type Helped struct {
	Frame
	Rows    []HelpedRow
	Ask     string   // where something is asked for, "" for whoever may not
	Refer   *NavItem // referrals that wait for their unit, nil for none
	Answers []HelpedAnswer
}

// HelpedRow is one child.
type HelpedRow struct {
	Href, Number, Unit string
	Roles              []string
	Letters            int        // what was disclosed to them and can be read
	Newest             locale.Day // the day of the last
	Unanswered         int        // questions about consent that a guardian has not been asked
	Consent, Notes     string     // the pages of consents, and of the lawyer's own notes; "" for others
}

// HelpedAnswer is what was decided of something asked for.
type HelpedAnswer struct {
	Number, Purpose, State, Reason string
	At                             locale.Day
}

// HelpedChild is somebody's own part of a case.
type HelpedChild struct {
	Frame
	Number, Unit, Worker string
	Roles                []string
	Letters              []GivenRow
	Meetings             []HelpedMeeting
	Reports              []HelpedReport
	Report               string // where something is reported, "" for whoever may not
	Consent, Notes       string // see HelpedRow
}

// HelpedMeeting is a conference somebody was asked to.
type HelpedMeeting struct {
	On             locale.Day
	Place          string
	Absent         bool
	Topics, Agreed []string
}

// HelpedReport is what somebody reported.
type HelpedReport struct {
	At   time.Time
	Text string
}

// LetterPage is one disclosure as its recipient reads it.
type LetterPage struct {
	Frame
	Letter      Letter
	Back, Print string
}

// ReportBack tells whoever works on the case something.
type ReportBack struct {
	Frame
	Number string
	Form   Form // circle_report
	Back   string
}

// AskForm asks for parts of a case by its number.
type AskForm struct {
	Frame
	Form     Form // number, share_purpose, ask_law, ask_file, ask_want
	Purposes []Option
}
