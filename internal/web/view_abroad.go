package web

import "time"

// AbroadDesk is what a unit has with other countries: what came, what went out, and with
// whom this node is paired.
type AbroadDesk struct {
	Frame
	Joined          bool // this node can have partners
	In, Out         []ReferralRow
	MoreIn, MoreOut bool
	Sends           bool
	Stuck           int           // of what went out
	Back            []ReferralRow // a restore took something of them
	MoreBack        bool
	Missing         []AbroadMissing
	Lost            int // how many of both
	Offices         []AbroadOffice
	Questions       bool // the reader may see what partners ask
}

// AbroadMissing is a handover of which a restore left nothing but where it stands.
type AbroadMissing struct {
	Office, Side, State string // State: words "referralstate.<State>"; "" not known
	Taken               bool
	At                  time.Time
	Form                Form
}

// AbroadOffice is a partner node.
type AbroadOffice struct {
	Name, Country string
	Suspended     bool
}

// AbroadSend asks for what is to be sent to another country.
type AbroadSend struct {
	Frame
	Child     Child
	Form      Form
	Joined    bool
	Offices   []Option
	Purposes  []Option
	Services  []Option
	Urgencies []Option
	Languages []Option
	Bases     []Option
	Parts     []Option
	Views     []Option
	Cares     []Option
	Safety    []Option
	Files     []Option // documents that may go along; none is chosen unless somebody does
	Protect   string   // where the protection check is recorded, "" for whoever may not
	Checks    []AbroadCheck
}

// AbroadCheck is a protection check that was recorded.
type AbroadCheck struct {
	Country, Asylum, Office, View, By string
	Passes                            bool
	At                                time.Time
}

// AbroadPreview shows exactly what leaves, before anything does.
type AbroadPreview struct {
	Frame
	Href    string // of the child
	Form    Form
	To      string // the office and its country
	Purpose string
	Card    []Line
	Texts   []AbroadText
	Parts   []SharedPart
	Files   []AbroadFile
	Missing []string // words "error.<code>"
	Protect string   // where the protection check is recorded
	Second  string   // words "abroadsecond.<Second>"
	Again   []Option // the one answer that the child agrees again; none: consent is not the basis
	Change  string
}

// AbroadFile is a document that goes along, or went.
type AbroadFile struct {
	Name, What, Text string
	Bytes            int64
}

// AbroadText is words of a person, in their own language.
type AbroadText struct{ Label, Text, Lang, Tongue string }

// AbroadCheckForm records a protection check.
type AbroadCheckForm struct {
	Frame
	Child     Child
	Form      Form
	Countries []Option
	Asylum    []Option
	Offices   []Option
	Views     []Option
	Checks    []AbroadCheck
}

// AbroadPart is what of a referral's page is about another country.
type AbroadPart struct {
	Purpose string // in words
	Norm    string
	Texts   []AbroadText
	Safety  []string  // warnings, in words
	Unknown []string  // codes that are in no list here, as they came
	Notes   []string  // words "abroadnote.<code>"
	Answers string    // words "abroadanswers.<side>": who answers for the child now; "" of a referral
	Reply   string    // what was answered, in words
	Confirm time.Time // by when a second person confirms; zero: nobody has to
	Later   []string  // before acceptance: what is seen after it, in words
	Recall  string    // why it was called back, in words
	Terms   []string  // under which conditions it was sent, in words
	Apart   bool      // it is for other roles than the reader's
	Outcome string    // what became of that, in words
	Posted  []TroubleRow
	Files   []AbroadFile
	Unfiled int    // how many of them are no documents of the case here yet
	Shut    bool   // they came under conditions that keep them out of the record
	Docs    string // where they are documents of the case, "" where they are not
	Over    bool   // nobody there can act on what was sent: it can be ended here
	Proof   string // where a proof is taken out, "" for whoever may not
}

// AbroadAnswer is what of a step's form is about another country.
type AbroadAnswer struct {
	Languages []Option // in which what is written is written
	List      string   // of Replies: the code list
	Replies   []Option
	Steps     []Option // of a journey
	Wellbeing []Option // of a report
	Recalls   []Option
	Recalled  []Option
	Decide    []Option // of a second person
	Stricter  *StricterForm
}

// StricterForm offers what of the conditions can be made stricter.
type StricterForm struct {
	Handling, Onward, Court []Option
	Flags                   []Option
	Until                   bool // there is a day, which may become an earlier one
}
