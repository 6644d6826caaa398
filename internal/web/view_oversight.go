package web

import (
	"time"

	"causeway/internal/locale"
)

// Complaints are those the reader looks into, and those they filed.
type Complaints struct {
	Frame
	Handles bool           // the reader looks into complaints
	Desk    []ComplaintRow // the most urgent first
	Mine    []ComplaintRow // newest first
}

// ComplaintRow is one complaint in codes and days.
type ComplaintRow struct {
	Href     string
	Receipt  string // by which whoever complains can ask for it
	Matter   string // in words, as By, About and Outcome
	By       string
	About    string
	Outcome  string
	State    string // words "complaintstate.<State>"
	Received locale.Day
	Due      *Due
	Danger   bool // whoever complains is not safe
	Reopened bool
}

// Said is what was written once.
type Said struct {
	Kind  string // words "said.<Kind>"
	Who   string
	At    time.Time
	Text  string
	Code  string // an outcome or state, in words
	Entry *Look  // of a mark, the entry of the journal
}

// ComplaintPage is one complaint.
type ComplaintPage struct {
	Frame
	Row         ComplaintRow
	Desk        bool // the reader looks into it
	How         string
	Language    string
	Safe        string
	Number      string // of the case it is about
	Handler     string
	Said        []Said
	Erased      bool
	Nobody      bool
	Inside      bool
	Acknowledge locale.Day // until when
	Answer      locale.Day // until when
	ChangeUnit  string
	ChangeBy    locale.Day
	Heard       locale.Day // when whoever complains heard the answer
	ToldHow     string
	Ways        []Way
}

// Way is one thing the reader may do next.
type Way struct {
	Href string
	Step string // words "complaintstep.<Step>" or "inquirystep.<Step>"
}

// ComplaintForm files a complaint, or does the next thing with one.
type ComplaintForm struct {
	Frame
	Form      Form
	Step      string // "new", "acknowledge", "note", "answer", "tell" or "reopen"
	Row       ComplaintRow
	Back      string
	About     []Option
	Staff     []Option
	Agencies  []Option
	Matters   []Option
	By        []Option
	How       []Option
	Languages []Option
	Safe      []Option
	Outcomes  []Option
	Units     []Option
}

// Inquiries are those of the oversight.
type Inquiries struct {
	Frame
	Rows []InquiryRow
}

// InquiryRow is one inquiry in codes and days.
type InquiryRow struct {
	Href   string
	About  string // code, words "inquiryabout.<About>"
	Of     string // whom or what, in words
	From   locale.Day
	Until  locale.Day
	Opened locale.Day
	Closed locale.Day
	By     string
}

// InquiryPage is one inquiry.
type InquiryPage struct {
	Frame
	Row             InquiryRow
	Journal         string // the journal with the filters of the inquiry
	Said            []Said
	Erased          bool
	Recommendations []RecommendationRow
	Ways            []Way
}

// InquiryForm opens an inquiry, or writes into one.
type InquiryForm struct {
	Frame
	Form     Form
	Step     string // "new", "mark", "find", "recommend" or "close"
	Row      InquiryRow
	Back     string
	Entry    *Look
	About    []Option
	Staff    []Option
	Agencies []Option
	Acts     []Option
	Units    []Option
}

// Recommendations are those made to the units that the reader leads.
type Recommendations struct {
	Frame
	Rows []RecommendationRow
}

// RecommendationRow is what was recommended to a unit, and what became of it.
type RecommendationRow struct {
	Reply string // where it is answered, "" for whoever may not
	Unit  string
	State string // words "recommendation.<State>"
	Due   *Due
	Said  []Said
}

// ReplyForm answers a recommendation.
type ReplyForm struct {
	Frame
	Form   Form
	Row    RecommendationRow
	States []Option
}
