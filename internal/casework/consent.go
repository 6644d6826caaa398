package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
)

// Consents go with events whose kind is this and the kind of the record; From is the
// purpose, To the state.
const consentEvent = "consent-"

// The events of consents.
const (
	KindConsentAnswer   = consentEvent + consent.KindAnswer
	KindConsentOverride = consentEvent + consent.KindOverride
	KindConsentBasis    = consentEvent + consent.KindBasis
	KindConsentPassed   = consentEvent + consent.KindPassed
	KindConsentTold     = consentEvent + consent.KindTold
)

// consentActions are what the page of consents may offer.
var consentActions = []string{"consent.view", "consent.record", "consent.keep", "consent.note", "consent.notes", "consent.withdraw", "consent.basis", "consent.approve", "consent.disclose"}

// ToldBy names who knows which disclosures rested on a consent; until then only what was
// noted by hand is known. It is called once, before the room is used.
func (r *Room) ToldBy(t consent.Teller) { r.teller = t }

// ConsentPage is what is permitted about a child, and how that came about.
type ConsentPage struct {
	Case  Case
	Child *Child // nil for somebody of the child's circle, who reads no record
	Book  *consent.Book
	May   map[string]bool
	Entry ident.Entry
}

// inCircle reports whether somebody stands beside the child and not in the team: they
// see what is permitted, and no word of how it came about.
func inCircle(c *access.Caller) bool {
	return c != nil && (c.Role() == access.RoleGuardian || c.Role() == access.RoleLawyer)
}

// Consents returns what is permitted about a child. For somebody of the child's circle
// it holds codes and days, and opens nothing else of the case.
func (r *Room) Consents(ctx context.Context, c *access.Caller, id ident.Case) (*ConsentPage, error) {
	if inCircle(c) {
		return r.consentsOfCircle(ctx, c, id)
	}
	var page ConsentPage
	var f *consent.Fetched
	child, err := r.besides(ctx, c, id, "consent.view", func(p *access.Pass) (err error) {
		f, err = consent.Fetch(ctx, p, r.teller, r.codes.Codes(pack.ConsentPurposes))
		return err
	}, func(p *access.Pass, _ *keys.Opener, child *Child) (err error) {
		if err := checkConsents(f.Seqs(), eventSeqs(child.Events)); err != nil {
			return err
		}
		if page.Book, err = f.Open(ctx, p); err != nil {
			return err
		}
		page.May, err = p.May(ctx, consentActions...)
		return err
	})
	if err != nil {
		return nil, err
	}
	page.Case, page.Child, page.Entry = child.Case, child, child.Entry
	return &page, nil
}

// consentsOfCircle reads the codes of it for somebody of the child's circle.
func (r *Room) consentsOfCircle(ctx context.Context, c *access.Caller, id ident.Case) (*ConsentPage, error) {
	var page ConsentPage
	var row *Case
	var chain int64
	var f *consent.Fetched
	var events []storedEvent
	var people []access.Reached
	act := access.Act{Action: "consent.view", Purpose: PurposeChild, Case: id}
	err := r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		if row, err = readCase(ctx, p.Tx(), id); err != nil {
			return err
		}
		if chain, err = p.ChainLength(ctx, id); err != nil {
			return err
		}
		if events, err = fetchEvents(ctx, p, id); err != nil {
			return err
		}
		if people, err = p.Reached(ctx); err != nil {
			return err
		}
		f, err = consent.Fetch(ctx, p, r.teller, r.codes.Codes(pack.ConsentPurposes))
		return err
	}, func(p *access.Pass) error {
		o, err := p.Opener(id)
		if err != nil {
			return err
		}
		if err := o.CheckMAC(row.mac, caseTable, id[:], row.Version, row.columns()...); err != nil {
			return err
		}
		if err := p.CheckReached(people); err != nil {
			return err
		}
		seqs, err := vouched(o, row, events)
		if err != nil || chain != row.Version {
			return orAltered(err)
		}
		if err := checkConsents(f.Seqs(), seqs); err != nil {
			return err
		}
		book, err := f.Open(ctx, p)
		if err != nil {
			return err
		}
		page = ConsentPage{Case: *row, Book: book.Codes(), Entry: p.Entry()}
		page.May, err = p.May(ctx, consentActions...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &page, nil
}

// orAltered is err, or that a record was changed behind the program's back.
func orAltered(err error) error {
	if err != nil {
		return err
	}
	return errAltered()
}

// vouched checks the rows of all events of a case, and opens none.
func vouched(k checker, row *Case, stored []storedEvent) ([]eventSeq, error) {
	if int64(len(stored)) != row.Events {
		return nil, errAltered()
	}
	out := make([]eventSeq, len(stored))
	for i := range stored {
		e := &stored[i].event
		if err := k.CheckMAC(stored[i].mac, eventTable, e.ID[:], 1, e.columns(row.ID, stored[i].blob)...); err != nil {
			return nil, err
		}
		out[i] = eventSeq{e.Seq, e.Kind}
	}
	return out, nil
}

// eventSeqs returns the numbers and kinds of opened events.
func eventSeqs(events []Event) []eventSeq {
	out := make([]eventSeq, len(events))
	for i := range events {
		out[i] = eventSeq{events[i].Seq, events[i].Kind}
	}
	return out
}

// checkConsents compares records with the events that go with them: one that was taken
// out of the database is missed.
func checkConsents(got []int64, events []eventSeq) error {
	var want []int64
	for _, e := range events {
		if len(e.kind) > len(consentEvent) && e.kind[:len(consentEvent)] == consentEvent {
			want = append(want, e.seq)
		}
	}
	if !slices.Equal(got, want) {
		return errAltered()
	}
	return nil
}

// recordConsent is the frame of the commands about consent: it writes a record with its
// event, once look has said what is in it.
func (r *Room) recordConsent(ctx context.Context, c *access.Caller, cmd ident.Command, a access.Act, rec *consent.Record,
	look func(*access.Pass) error,
) error {
	a.Purpose, a.Command = PurposeCare, cmd
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, 0, func(row *Case) (*Event, error) {
			if look != nil {
				if err := look(p); err != nil {
					return nil, err
				}
			}
			rec := *rec // the gate may repeat the transaction
			if rec.Recipient.IsZero() && !rec.Name.IsZero() {
				rec.Recipient = ident.New[consent.Recipient]()
			}
			if err := consent.Write(ctx, p, row.Events+1, &rec); err != nil {
				return nil, err
			}
			return &Event{Kind: consentEvent + rec.Kind, Content: Content{From: rec.Purpose, To: rec.State}}, nil
		})
	})
	return err
}

// checkPurpose validates what every record says.
func (r *Room) checkPurpose(c *fault.Check, rec *consent.Record) {
	c.Require(rec.Purpose != "" && r.codes.Valid(pack.ConsentPurposes, rec.Purpose), "consent_purpose", "required")
	c.Require(rec.Recipient.IsZero() || rec.Name.IsZero(), "recipient_name", "one-of-two")
	c.Require(rec.Until.IsZero() || rec.Until.After(r.clk.Now()), "consent_until", "in-the-past")
	text(c, "recipient_name", rec.Name, mostName)
	text(c, "reason", rec.Reason, mostReason)
	text(c, "words", rec.Words, mostText)
}
