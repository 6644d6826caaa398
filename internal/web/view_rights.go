package web

import "causeway/internal/locale"

// Rights is what people asked for by right about a child's data.
type Rights struct {
	Frame
	Child    Child
	Rows     []RightRow // newest first
	Receive  string     // where a request is written down, "" for whoever may not
	Refusals bool       // one was not granted whole: the page says how to complain
}

// RightRow is one request.
type RightRow struct {
	Kind     string // in words
	State    string // words "rightstate.<State>"
	By, How  string // in words
	Identity string
	Received locale.Day
	Receiver string
	Due      *Due // while it waits
	Words    string
	Decider  string
	Decided  locale.Day
	Refusal  string
	Answer   string
	Decide   string // addresses, "" for whoever may not
	Copy     string
	Erase    string // where the wish to erase is passed on
	Correct  string // where the correction stands
}

// RightForm writes a request down, or answers one.
type RightForm struct {
	Frame
	Child      Child
	Form       Form
	Step       string // "new" or "decide"
	Row        RightRow
	Kinds      []Option
	By         []Option
	How        []Option
	Identity   []Option
	States     []Option
	Refusals   []Option
	Correcting []Option
	LeftOut    []string // sections that a copy is without, in words
	Correction bool
	Back       string
}

// RightsDesk is what waits for an answer.
type RightsDesk struct {
	Frame
	Rows []DueRight // the soonest due first
}

// DueRight is a request that waits, with the number of the case.
type DueRight struct {
	Number, Href, Kind, By string
	Received               locale.Day
	Due                    *Due
}
