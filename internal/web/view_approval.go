package web

import "causeway/internal/locale"

// Approvals is what waits, or waited, for a second person in a case.
type Approvals struct {
	Frame
	Child Child
	Rows  []ApprovalRow // newest first
}

// ApprovalRow is one thing that was asked for.
type ApprovalRow struct {
	Title    string // the form or the act, in words
	Href     string // where it can be read, "" for nowhere
	State    string // words "approvalstate.<State>"
	Asker    string
	Asked    locale.Day
	Due      *Due // while it waits
	Decider  string
	Decided  locale.Day
	Comment  string
	DecideAt string // where the reader decides, "" for whoever may not
}

// ApprovalForm is where a supervisor approves or returns something.
type ApprovalForm struct {
	Frame
	Child   Child
	Row     ApprovalRow
	Before  []ApprovalRow // what was said of it before
	Form    Form          // approval_answer, comment
	Answers []Option
}

// Await is an approval on the page of the day.
type Await struct {
	Child
	Row ApprovalRow
}
