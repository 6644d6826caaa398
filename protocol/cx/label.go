package cx

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/protocol/identity"
)

// Labels are the conditions under which a message is sent. They are signed with it, and
// the receiver's machine holds to them: it refuses a message when it cannot.
type Labels struct {
	Purpose      Purpose
	Basis        Basis
	BasisRef     string   // law and article, treaty, order: not the words of a person
	Consent      *Consent // nil: none was asked, because the basis is another
	Jurisdiction string   // whose law it was recorded under: a country code, or a State's part

	Handling Handling
	Onward   Onward
	Nodes    []identity.NodeID // for OnwardList: to whom it may go on
	Court    Court
	Roles    []string // roles of the receiving node that may open it; none: those of the purpose
	Eval     string   // intelligence only: source A, B, C or X, then information 1 to 4

	Flags []Flag // never optional to honour; in alphabetical order

	RetainUntil time.Time // the day it is due, zero when a rule says it
	RetainRule  string    // or the rule by which the receiver works it out
	OnExpiry    OnExpiry

	Extra []Extra  // labels that CX/1 does not know; kept as they are
	Crit  []string // names in Extra without which the message may not be opened
}

// Purpose is what a message is for. The list is closed.
type Purpose string

// The purposes.
const (
	Protection       Purpose = "protection"
	BestInterests    Purpose = "best-interests"
	FamilyTracing    Purpose = "family-tracing"
	ReturnAndReinteg Purpose = "return-and-reintegration"
	Asylum           Purpose = "asylum"
	Health           Purpose = "health"
	CriminalJustice  Purpose = "criminal-justice"
	Prevention       Purpose = "prevention-analysis"
)

// Purposes returns every purpose.
func Purposes() []Purpose {
	return []Purpose{
		Protection, BestInterests, FamilyTracing, ReturnAndReinteg, Asylum, Health, CriminalJustice, Prevention,
	}
}

// Basis is the kind of lawful basis on which something is sent.
type Basis string

// The lawful bases.
const (
	BasisLaw     Basis = "law"            // a legal obligation or public task; BasisRef says which
	BasisTreaty  Basis = "treaty"         // BasisRef says which
	BasisVital   Basis = "vital-interest" // life or safety
	BasisOrder   Basis = "court-order"    // BasisRef says which
	BasisConsent Basis = "consent"        // Consent says whose
)

// Consent is what was agreed to, by whom, without their name.
type Consent struct {
	By        string    // child, guardian, or the pack's word for another
	At        time.Time // when
	Scope     string    // a code, such as "referral"
	Language  string    // in which it was explained, such as "ar"
	Ref       string    // where the sender keeps it
	Assent    string    // of the child: yes, no, unable, unknown
	Withdrawn bool
}

// Handling says what may be done with an item, as SIENA does.
type Handling string

// The handling codes. The strictest that is not another's words is H2, and it holds
// when none is said.
const (
	H0 Handling = "H0" // to protect, and to prevent and combat crime
	H1 Handling = "H1" // and not as evidence in court without permission
	H2 Handling = "H2" // and not passed on without permission
	H3 Handling = "H3" // and further limits, which the message says
)

// Onward says whether the receiver may pass an item on.
type Onward string

// The answers about passing on.
const (
	OnwardNone Onward = "none"
	OnwardAsk  Onward = "ask"
	OnwardList Onward = "list" // to the nodes named
)

// Court says whether an item may be used in court.
type Court string

// The answers about court.
const (
	CourtYes Court = "yes"
	CourtAsk Court = "ask"
	CourtNo  Court = "no"
)

// Flag is a warning that every receiver must honour.
type Flag string

// The flags. ChildMayNotSee is the exception: a child may see what is not flagged so.
const (
	ChildMayNotSee     Flag = "child_may_not_see"
	DoNotNotifyState   Flag = "do_not_notify_state" // asylum: the State of origin must not learn of it
	IdentityProtected  Flag = "identity_protected"
	LocationSecret     Flag = "location_secret"
	NoContactFamily    Flag = "no_contact_family"
	SuspectInHousehold Flag = "suspect_in_household"
)

// Flags returns every flag, in alphabetical order.
func Flags() []Flag {
	return []Flag{
		ChildMayNotSee, DoNotNotifyState, IdentityProtected, LocationSecret, NoContactFamily, SuspectInHousehold,
	}
}

// OnExpiry is what the receiver does when the time of an item has come.
type OnExpiry string

// What is done at the end.
const (
	Erase     OnExpiry = "erase"
	Anonymise OnExpiry = "anonymise"
	Review    OnExpiry = "review"
)

// Extra is a field that CX/1 does not know: it is kept and given back as it came.
type Extra struct{ Name, Value string }

// DefaultLabels returns labels of a purpose with what holds when nothing else is said:
// H2, not passed on, court only when asked, erased at the end.
func DefaultLabels(p Purpose, b Basis) Labels {
	return Labels{Purpose: p, Basis: b, Handling: H2, Onward: OnwardNone, Court: CourtAsk, OnExpiry: Erase}
}

// OfficeLabels returns the labels of what post offices tell each other without a person:
// voids, schedules, revocations, and what became of what was kept.
func OfficeLabels(jurisdiction string) Labels {
	l := DefaultLabels(Protection, BasisLaw)
	l.BasisRef, l.Jurisdiction, l.RetainRule = "CX/1", jurisdiction, "ledger"
	return l
}

// Has reports whether a flag is set.
func (l *Labels) Has(f Flag) bool { return slices.Contains(l.Flags, f) }

// Derived is the colour of the Traffic Light Protocol (TLP 2.0) that is shown beside
// labels. It is for people who know it from elsewhere; the labels are what holds.
func (l *Labels) Derived() string {
	switch {
	case l.Handling == H3 || l.Onward == OnwardNone && l.Court == CourtNo:
		return "TLP:RED"
	case l.Onward == OnwardNone:
		return "TLP:AMBER+STRICT"
	case l.Handling == H0 && l.Court == CourtYes:
		return "TLP:GREEN"
	}
	return "TLP:AMBER"
}

// Check returns an error with [BadFormat] that names the first label which is not
// valid, nil when all are.
func (l *Labels) Check() error {
	for _, rule := range []struct {
		label string
		ok    bool
	}{
		{"purpose", slices.Contains(Purposes(), l.Purpose)},
		{"basis", oneOf(l.Basis, BasisLaw, BasisTreaty, BasisVital, BasisOrder, BasisConsent)},
		{"basis_ref", isText(l.BasisRef) || l.BasisRef == ""},
		{"consent", (l.Consent != nil || l.Basis != BasisConsent) && l.Consent.valid()},
		{"jurisdiction", isToken(l.Jurisdiction)},
		{"handling", oneOf(l.Handling, H0, H1, H2, H3)},
		{"onward", oneOf(l.Onward, OnwardNone, OnwardAsk, OnwardList) && (l.Onward == OnwardList) == (len(l.Nodes) > 0)},
		{"onward_nodes", inOrder(l.Nodes, isNode)},
		{"court", oneOf(l.Court, CourtYes, CourtAsk, CourtNo)},
		{"roles", inOrder(l.Roles, isToken)},
		{"eval", l.Eval == "" || len(l.Eval) == 2 && strings.Contains("ABCX", l.Eval[:1]) && strings.Contains("1234", l.Eval[1:])},
		{"flags", inOrder(l.Flags, func(f string) bool { return slices.Contains(Flags(), Flag(f)) })},
		{"retain", l.RetainUntil.IsZero() != (l.RetainRule == "") && (l.RetainRule == "" || isToken(l.RetainRule))},
		{"on_expiry", oneOf(l.OnExpiry, Erase, Anonymise, Review)},
		{"extra", extraValid(l.Extra)},
		{"crit", critValid(l.Crit, l.Extra)},
	} {
		if !rule.ok {
			return fmt.Errorf("label %s: %w", rule.label, BadFormat)
		}
	}
	return nil
}

func (c *Consent) valid() bool {
	return c == nil || isToken(c.By) && !c.At.IsZero() && isToken(c.Scope) && isToken(c.Language) &&
		isToken(c.Ref) && oneOf(c.Assent, "yes", "no", "unable", "unknown")
}

// extraValid: names in order, values of one line.
func extraValid(extra []Extra) bool {
	var names []string
	for _, x := range extra {
		if !isText(x.Value) {
			return false
		}
		names = append(names, x.Name)
	}
	return inOrder(names, isToken)
}

// critValid: in order, and each is there.
func critValid(crit []string, extra []Extra) bool {
	return inOrder(crit, func(name string) bool {
		return slices.ContainsFunc(extra, func(x Extra) bool { return x.Name == name })
	})
}
