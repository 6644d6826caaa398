package web

import "time"

// CheckStart is the first step of a check: how old the child seems and where they
// are met decide which questions are asked.
type CheckStart struct {
	Frame
	Form     Form // age_about, place_met
	Ages     []Option
	Places   []Option
	Receipts []Receipt // of the checks this person made, newest first
	Report   string    // where an emergency is written down by the number of a case, "" where the reader may not
}

// CheckForm is the check: what comes first, and twelve cards.
type CheckForm struct {
	Frame
	Form      Form // language, region, q_… for each question
	First     []CheckCard
	Cards     []CheckCard
	Spoken    []Option // the languages of this node, for one tap
	Languages []Option // all others
	Regions   []Option
}

// CheckCard is one question of a check.
type CheckCard struct {
	Form    Form // of the page; it asks the question
	Name    string
	Answers []Option
	Urgent  []string // what cannot wait when the answer is On, codes
	On      string
}

// CheckResult is what the rules say of a check, and the next step.
type CheckResult struct {
	Frame
	Form     Form   // asks for help, or takes the check over
	Level    string // code, words "checklevel.<Level>"
	Urgent   []Pressing
	Why      []CheckReason
	Risk     string
	Number   string
	Age      string // in words
	Place    string // code, words "metat.<Place>"
	Region   string
	Language string
	Receipt  Receipt
	Help     bool   // may hand the check over
	Accept   bool   // may take it over
	Find     *Form  // looks for the child here, to register them; nil where the reader may not
	Child    string // the child's page, or ""
	Report   *Event // what somebody did in an emergency; nil: it is a check as any other
}

// Pressing is something that could not wait, and whether it still does.
type Pressing struct {
	Code string // words "urgent.<Code>" and "urgentsays.<Code>"
	Due  time.Time
	Open bool
	Late bool
	Href string // where the reader says what was done, "" where they may not
}

// SeenTo says what was done about something that could not wait.
type SeenTo struct {
	Frame
	Form     Form // urgent_outcome, reason
	Back     string
	Urgent   Pressing
	Outcomes []Option
}

// CheckReason is why a result is what it is.
type CheckReason struct {
	Rule  string   // code, words "checkrule.<Rule>"
	Signs []string // in words
}

// Receipt tells who took a check over. It shows nothing of the child.
type Receipt struct {
	Href  string
	Code  string // short code of the check
	Made  time.Time
	Step  string    // code, words "receipt.<Step>"
	Due   time.Time // by when somebody takes it over, zero for none
	Taken time.Time // zero: nobody has
	Role  string    // of who took it over, code or ""
	Unit  string    // of who took it over
}

// CheckReceipt is the page of one receipt.
type CheckReceipt struct {
	Frame
	Receipt Receipt
}

// Duty is the duty list of a unit: checks that wait for somebody to take over.
type Duty struct {
	Frame
	Rows   []DutyRow
	Report string // where an emergency is written down by the number of a case, "" where the reader may not
}

// DutyRow is one check that waits.
type DutyRow struct {
	Form   Form // takes it over
	Number string
	Level  string
	Urgent []string
	Risk   string
	Age    string
	Region string
	Unit   string
	Since  time.Time
	Due    time.Time
	Late   bool
}

// Report is the page on which somebody writes down what they did in an emergency.
type Report struct {
	Frame
	Form  Form // number, act_kind, what_happened, happened, why_at_once, told
	Kinds []Option
}
