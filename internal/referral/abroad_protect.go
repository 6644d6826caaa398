package referral

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

type protectionKind struct{}

// ProtectionID names one protection check.
type ProtectionID = ident.ID[protectionKind]

const protectionTable = "referral_protection"

var protectionLedger = access.Ledger{
	Table: protectionTable, Insert: sqlInsertProtection, Update: sqlUpdateProtection, Of: sqlSelectProtections,
}

// The answers of a protection check that the program knows.
const (
	noNeed      = "no_need" // code list abroad_asylum
	officeClear = "clear"   // code list abroad_office
	agrees      = "agrees"  // code list abroad_view
)

// Protection is what a protection officer found about telling a country of a child.
type Protection struct {
	ID      ProtectionID
	At      time.Time
	Officer ident.Staff
	Country string // code list nationality; "" an organisation of many States
	Asylum  string // code list abroad_asylum: was the need of protection from there asked
	Office  string // code list abroad_office: may the receiving office be involved
	View    string // code list abroad_view: what the child thinks of it
	ProtectionBody

	stamp
	blob []byte
}

// ProtectionBody is the sealed part of a check.
type ProtectionBody struct {
	Words sealed.Text `cbor:"1,keyasint,omitzero"` // the child's own
	Why   sealed.Text `cbor:"2,keyasint,omitzero"` // needed where the child objects or was not asked
}

// Passes reports whether the check lets anything about the child go to the country. What the
// child thinks is on record; whoever sends against it has written why.
func (x *Protection) Passes() bool {
	return x != nil && x.Asylum == noNeed && x.Office == officeClear
}

func (x *Protection) columns() []any {
	return []any{x.At.UnixMicro(), x.Officer[:], x.Country, x.Asylum, x.Office, x.View, x.blob}
}

func (x *Protection) scan(scan func(...any) error) error {
	var at int64
	err := scan(&x.Case, &x.ID, &x.Version, &x.MAC, &at, &x.Officer, &x.Country, &x.Asylum, &x.Office, &x.View, &x.blob)
	x.At = clock.FromMicros(at)
	return err
}

// Protect records a protection check. Where it does not pass, nothing about the child goes
// to that country any more.
func (r *Room) Protect(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, x Protection) error {
	var chk fault.Check
	chk.Require(x.Country == "" || r.codes.Valid(pack.Nationalities, x.Country), "abroad_country", "not-in-list")
	chk.Require(r.codes.Valid(pack.AbroadAsylum, x.Asylum), "abroad_asylum", "required")
	chk.Require(r.codes.Valid(pack.AbroadOffice, x.Office), "abroad_office_clear", "required")
	chk.Require(r.codes.Valid(pack.AbroadView, x.View), "abroad_view", "required")
	chk.Require(x.View == agrees || !x.Why.IsZero(), "protection_why", "required")
	text(&chk, "protection_why", x.Why, mostSaid)
	text(&chk, "child_words", x.Words, mostSaid)
	if err := chk.Err(); err != nil {
		return err
	}
	a := access.Act{Action: "referral.protect", Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			n := x
			n.ID, n.At, n.Officer = ident.New[ProtectionID](), p.Now(), c.Staff()
			last, err := protection(ctx, p, n.Country)
			if err != nil {
				return nil, err
			}
			if last != nil && !n.At.After(last.At) { // the newest counts: there is always one
				n.At = last.At.Add(time.Microsecond)
			}
			if err := protectionLedger.Keep(ctx, p, n.ID[:], &n.stamp, &n.blob, &n.ProtectionBody, n.columns); err != nil {
				return nil, err
			}
			return &casework.Event{Kind: casework.KindReferral, Content: casework.Content{
				From: "protection", To: "protected", Of: n.ID[:], Words: n.Words, Text: n.Why, Reasons: []string{n.Asylum, n.Office, n.View},
			}}, nil
		})
	})
	return err
}

// protection returns the newest check of a country, nil where nobody made one.
func protection(ctx context.Context, p *access.Pass, country string) (last *Protection, err error) {
	err = eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
		x := new(Protection)
		if err := x.scan(scan); err != nil {
			return err
		}
		if x.Country == country {
			last = x
		}
		return nil
	}, sqlSelectProtections, p.Case())
	return last, err
}

// checkedProtection is [protection] for a command: a check that was put there by hand does
// not count.
func checkedProtection(ctx context.Context, p *access.Pass, country string) (*Protection, error) {
	x, err := protection(ctx, p, country)
	if err != nil || x == nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	return x, protectionLedger.Check(s, x.ID[:], &x.stamp, x.columns())
}

// leaving is one message that is to leave, as far as its being allowed to depends on it.
type leaving struct {
	abroad *Abroad
	thread *Thread
	event  handover.Event // what it tells
	words  bool           // it carries more than codes of the thread itself
}

// quiet are the commands that only take back what was sent.
var quiet = map[handover.Event]bool{handover.Withdraw: true, handover.Retract: true, Recall: true, Tightened: true}

// mayLeave is the one place that says whether anything about the pass's case may go to
// another node. The rules, in this order:
//
//  1. What is reserved is not sent, and nothing goes to a country from which the case is
//     withheld; taking back what was sent, in codes, does.
//  2. Nothing goes to a country from which the child comes or may come, nor for a purpose
//     that concerns the family, before the protection check of that country passes. Taking
//     back what was sent, in codes, is not stopped by a check that has failed since; nor
//     are the codes of a status about a child whom nobody here took on, of whom that node
//     told us all we know.
//  3. What rests on consent needs one that names the country, or the organisation.
//  4. A placement in a contracting State waits for that State's consent (Hague 1996, 33).
//  5. What another node sent goes on to a third one only where its label lets it.
//  6. A transfer needs the basis that the pack's gate names, and a second person.
func (r *Room) mayLeave(ctx context.Context, p *access.Pass, row *casework.Case, l leaving) error {
	a, t := l.abroad, l.thread
	purpose, ok := r.abroad.Abroad(a.Purpose)
	if !ok || purpose.Kind != pack.AbroadReferral && purpose.Kind != pack.AbroadTransfer {
		return fault.New(fault.Invalid, "abroad-reserved")
	}
	if !quiet[l.event] || l.words {
		if hidden, err := p.IsWithheld(ctx, consent.Land(a.land())); err != nil || hidden {
			return orInvalid(err, "abroad_office", UnmetHidden)
		}
	}
	if r.protected(a, &purpose, l) {
		check, err := checkedProtection(ctx, p, a.Country)
		if err != nil {
			return err
		}
		if !check.Passes() {
			return fault.New(fault.Invalid, "protection-first")
		}
	}
	if a.Side == sideReceived || l.event != handover.Offer {
		return nil
	}
	if t.Basis == basisConsent {
		if named, err := consent.Named(ctx, p, t.Purpose, consent.Land(a.land())); err != nil || !named {
			return orInvalid(err, "legal_basis", "no-consent-for-country")
		}
	}
	if err := r.consulted(ctx, p, a, &purpose); err != nil {
		return err
	}
	if err := onward(ctx, p, t, a, &purpose); err != nil {
		return err
	}
	if purpose.Kind == pack.AbroadTransfer {
		if err := r.cases.MayGoAbroad(ctx, p, row); err != nil {
			return err
		}
	}
	return nil
}

// protected reports whether a message needs the protection check.
func (r *Room) protected(a *Abroad, purpose *pack.Abroad, l leaving) bool {
	switch {
	case quiet[l.event] && !l.words && !a.SentAt.IsZero():
		return false
	case a.Side == sideReceived && (!l.words || a.Taken.IsZero()):
		return false
	}
	return a.Origin || purpose.Protect == pack.ProtectAlways
}

// land is what a consent names.
func (a *Abroad) land() string {
	n := Partner{Node: a.Peer, Country: a.Country}
	return n.Land()
}

// consulted refuses a placement in a contracting State before that State agreed.
func (r *Room) consulted(ctx context.Context, p *access.Pass, a *Abroad, purpose *pack.Abroad) error {
	if !purpose.Consult || !r.abroad.Contracting(a.Country) || a.Care == "" {
		return nil
	}
	all, err := abroadOf(ctx, p)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.Purpose == "placement" && x.Country == a.Country && x.Care == a.Care && (x.Reply == "agreed" || x.Reply == "agreed_if") {
			return nil
		}
	}
	return fault.New(fault.Invalid, "consult-first")
}
