package payload

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
)

// Version is the version of the schemas that this package writes.
const Version = 1

// The schemas: what a message carries, with the version. They stand in the signed
// content note of the message.
const (
	SchemaOffer   = "offer/1"   // [Card] and [Package]: of an offer, a request or a notice
	SchemaWords   = "words/1"   // [Words]: a question, an answer, or why
	SchemaStatus  = "status/1"  // [Status]: where the thread stands at its clerk
	SchemaNote    = "note/1"    // [Journey] or [Report]: changes no state
	SchemaRecall  = "recall/1"  // [Recall]
	SchemaOutcome = "outcome/1" // [Outcome]: what became of what was recalled
)

// Schemas returns every schema.
func Schemas() []string {
	return []string{SchemaOffer, SchemaWords, SchemaStatus, SchemaNote, SchemaRecall, SchemaOutcome}
}

// Payload is what one message says. Which members are there depends on the schema; see
// [Payload.Check].
type Payload struct {
	Version int    `json:"v"`
	Salt    string `json:"salt"` // 32 random bytes in hexadecimal: the digest of a payload tells nothing of it

	Card    *Card    `json:"card,omitempty"`
	Package *Package `json:"package,omitempty"`
	Words   *Words   `json:"words,omitempty"`
	Status  *Status  `json:"status,omitempty"`
	Journey *Journey `json:"journey,omitempty"`
	Report  *Report  `json:"report,omitempty"`
	Recall  *Recall  `json:"recall,omitempty"`
	Outcome *Outcome `json:"outcome,omitempty"`

	Crit []string `json:"crit,omitempty"` // names in Extra that a reader must know

	// Extra are the fields that this package does not know, as they came.
	Extra map[string]json.RawMessage `json:"-"`
}

// saltSize is in bytes.
const saltSize = 32

// New returns an empty payload with a fresh salt.
func New() *Payload {
	var salt [saltSize]byte
	_, _ = rand.Read(salt[:]) // never fails
	return &Payload{Version: Version, Salt: hex.EncodeToString(salt[:])}
}

// Text is words of a person, in the language in which they were written. They are never
// translated by a program.
type Text struct {
	Text     string `json:"text"`
	Language string `json:"language,omitempty"` // ISO 639 code; "" not known
}

// None reports whether nothing was written.
func (t *Text) None() bool { return t == nil || t.Text == "" }

// Card is what is seen before acceptance: codes and days, no name and no words of a
// person but the norm. Codes are those of the default pack's lists (docs/protocol).
type Card struct {
	Purpose  string   `json:"purpose"`            // list abroad
	Service  string   `json:"service,omitempty"`  // list service
	Urgency  string   `json:"urgency"`            // list referral_urgency
	Language string   `json:"language,omitempty"` // that the child speaks
	Sex      string   `json:"sex,omitempty"`      // list sex_recorded
	AgeBand  string   `json:"age_band,omitempty"` // list age_band
	Basis    string   `json:"basis"`              // list legal_basis
	Norm     string   `json:"norm,omitempty"`     // law and article
	Safety   []string `json:"safety,omitempty"`   // warnings; see the labels of the message
	Parts    []string `json:"parts,omitempty"`    // list disclosure_part: what the package holds
	Answer   string   `json:"answer,omitempty"`   // what is asked for in return; see [Answer]
	Respond  int64    `json:"respond,omitempty"`  // seconds from the receipt until an answer is hoped for
	Care     string   `json:"care,omitempty"`     // list care_arrangement: of a placement that is meant
	Parallel bool     `json:"parallel,omitempty"` // the same is asked of somebody else too
}

// Package is what is seen after acceptance.
type Package struct {
	Reason *Text  `json:"reason,omitempty"`
	View   *View  `json:"view,omitempty"`
	Parts  []Part `json:"parts,omitempty"`
	Files  []File `json:"files,omitempty"` // documents that go along as attachments
}

// File says what a document is that goes along. Its bytes are an attachment of the message.
type File struct {
	Digest string `json:"digest"`         // of the file itself, as the message's manifest writes it
	Name   string `json:"name,omitempty"` // of the file, with its ending
	What   string `json:"what,omitempty"` // list document_what
	Text   *Text  `json:"text,omitempty"` // what is to be seen or heard
}

// View is what the child thinks of it.
type View struct {
	Code  string `json:"code"` // list abroad_view
	Words *Text  `json:"words,omitempty"`
}

// Part is one part of a record, copied.
type Part struct {
	Code  string `json:"code"` // list disclosure_part
	Items []Item `json:"items,omitempty"`
}

// Item is one thing that is known of a child. Field says what it is.
type Item struct {
	Field string `json:"field"`
	List  string `json:"list,omitempty"` // the list of Code
	Code  string `json:"code,omitempty"`
	Text  *Text  `json:"text,omitempty"`
	Date  string `json:"date,omitempty"` // 2006-01-02
	At    int64  `json:"at,omitempty"`   // UTC microseconds
	Years []int  `json:"years,omitempty"`

	// Of a question of a form: its name, and its answer in codes, words or a number.
	Form    string   `json:"form,omitempty"`
	Edition int      `json:"edition,omitempty"`
	State   string   `json:"state,omitempty"` // unknown, not_asked, refused; "" answered
	Codes   []string `json:"codes,omitempty"`
	Number  *float64 `json:"number,omitempty"`
}

// Words are a question, the answer to one, or why something is done.
type Words struct {
	Text *Text  `json:"text,omitempty"`
	Code string `json:"code,omitempty"` // of the list that goes with the type of the message
}

// Status is where a thread stands at its clerk, who alone says so.
type Status struct {
	Revision int     `json:"revision"` // from 1, one more with each
	State    string  `json:"state"`    // of a handover
	Accepted bool    `json:"accepted,omitempty"`
	Assumed  bool    `json:"assumed,omitempty"` // the clerk answers for the child
	Cause    string  `json:"cause"`             // the event that led to it
	Refused  bool    `json:"refused,omitempty"` // the command was not legal: the state is as it was
	Code     string  `json:"code,omitempty"`    // of a refusal, a failure or an outcome
	Text     *Text   `json:"text,omitempty"`
	Due      int64   `json:"due,omitempty"`     // UTC microseconds: by when whose turn it is acts
	Contact  string  `json:"contact,omitempty"` // an addressable role, never a person
	Answer   *Answer `json:"answer,omitempty"`
}

// Answer is what was asked for.
type Answer struct {
	Kind string `json:"kind"`           // status, information, consent, home_study, return_risk, receipt
	Code string `json:"code,omitempty"` // consent, home_study: list abroad_agreed; return_risk: list abroad_risk
	Text *Text  `json:"text,omitempty"`
}

// The steps of a journey.
const (
	Travelling = "travelling" // the child is on the way
	Meeting    = "meeting"    // where and when the child is handed over
	Arrived    = "arrived"    // the child arrived safely
)

// Journey is where a child is between two offices.
type Journey struct {
	Step string `json:"step"`         // travelling, meeting or arrived
	At   int64  `json:"at,omitempty"` // UTC microseconds
	Text *Text  `json:"text,omitempty"`
}

// Report is how a child is some months after a return.
type Report struct {
	Month int    `json:"month"` // since the child was handed over
	Code  string `json:"code"`  // list abroad_wellbeing
	Text  *Text  `json:"text,omitempty"`
}

// Recall asks to delete what was sent.
type Recall struct {
	Reason string `json:"reason"` // list abroad_recall
	Scope  string `json:"scope"`  // thread
	Text   *Text  `json:"text,omitempty"`
}

// Outcome is what became of what was recalled.
type Outcome struct {
	Code string `json:"code"` // list abroad_recalled
	Text *Text  `json:"text,omitempty"`
}
