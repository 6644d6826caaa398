package web

import "causeway/internal/locale"

// Keeping is for how long a case is kept, what holds it, and who wished that it be
// erased.
type Keeping struct {
	Frame
	Child     Child
	Class     string     // in words, "" where it was never closed
	Kept      locale.Day // when somebody looks whether it is still needed; zero: it is open
	Over      bool       // that day has come
	Holds     []HoldRow
	Wishes    []WishRow
	Backups   locale.Day // until when a backup holds it that is erased today
	SetClass  string     // addresses, "" for whoever may not
	SetHold   string
	AskErase  string
	Complains bool // a refusal stands here: the page says how to complain
}

// HoldRow is one legal hold.
type HoldRow struct {
	Reason        string // in words
	Set, Lifted   locale.Day
	By, LiftedBy  string
	Why, LiftedBe string // what was written when it was set, and when it was lifted
	Lift          string // where it is lifted, "" for whoever may not, and once it is
}

// WishRow is one wish that a case be erased.
type WishRow struct {
	Ground  string // in words
	By      string // whose wish, in words
	State   string // words "erasurestate.<State>"
	Asker   string
	Asked   locale.Day
	First   string
	Agreed  locale.Day
	Why     string
	Refusal string // in words, "" while it waits
	Refuser string
	Refused locale.Day
	Answer  string
	Against []string // what stands against it, in words
	Agree   string   // addresses, "" for whoever may not
	Refuse  string
}

// KeepForm is one step of keeping or erasing a case: "class", "hold", "lift", "erase",
// "agree" or "refuse".
type KeepForm struct {
	Frame
	Child   Child
	Form    Form
	Step    string // words "keepstep.<Step>", "keeplead.<Step>"
	What    string // the hold or the ground it is about, in words
	Back    string
	Button  string // words "keepbutton.<Button>"
	Why     string // what whoever asked wrote
	Against []string
	Classes []Option
	Reasons []Option
	Grounds []Option
	By      []Option
	Refusal []Option
}

// Erasures is the desk of those who decide about erasing.
type Erasures struct {
	Frame
	Oversees bool // the reader confirms, and opens no case
	Waiting  []ErasureRow
	Over     []OverRow
	Erased   []ErasedRow
	Told     []ToldRow
}

// ToldRow is a partner that was told that a case was erased.
type ToldRow struct {
	Office   string
	Asked    bool // to destroy what it got; else told that what it had sent is destroyed
	Untold   bool
	At       locale.Day
	Answered locale.Day
	Answer   string // in words, "" for none yet
}

// ErasureRow is a wish that waits, without a name.
type ErasureRow struct {
	Code    string // pseudonym, as in the journal
	Href    string // the case, "" for whoever opens none
	Ground  string
	By      string
	State   string
	Asker   string
	Asked   locale.Day
	First   string
	Class   string
	Kept    locale.Day
	Held    bool
	Confirm string
	Refuse  string
}

// OverRow is a case that was kept for its time.
type OverRow struct {
	Number, Href, Class string
	Closed, Since       locale.Day
}

// ErasedRow is a case that was erased.
type ErasedRow struct {
	Code   string
	Ground string
	Asker  string
	At     locale.Day
	Gone   locale.Day // by then no backup holds it any more
}

// ErasureForm is where the oversight confirms or refuses.
type ErasureForm struct {
	Frame
	Row     ErasureRow
	Form    Form
	Step    string // "confirm" or "refuse"
	Backups locale.Day
	Refusal []Option
}
