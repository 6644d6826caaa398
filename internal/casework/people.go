package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The events of other people in a case.
const (
	KindOtherAdded   = "other-added"
	KindOtherChanged = "other-changed"
	KindOtherEnded   = "other-ended"
)

// Other is what is known of somebody in a child's life: family, carer, guardian,
// lawyer, interpreter, or somebody the child must be kept safe from. The same
// person in several cases is one record in each, under each case's own key; the
// tie of their strands says that they are one.
type Other struct {
	Name      sealed.Text `cbor:"1,keyasint,omitzero"`  // none where the person is a child with a case here
	Relation  string      `cbor:"2,keyasint"`           // code list relation
	Reverse   bool        `cbor:"3,keyasint,omitempty"` // the child is that of the person
	Safe      string      `cbor:"4,keyasint"`           // safe to contact: one of [SafeAnswers]
	Why       sealed.Text `cbor:"5,keyasint,omitzero"`  // why not
	Suspected bool        `cbor:"6,keyasint,omitempty"` // of involvement; nobody here decides more than that
	Phone     sealed.Text `cbor:"7,keyasint,omitzero"`
	Address   sealed.Text `cbor:"8,keyasint,omitzero"`
	Language  string      `cbor:"9,keyasint,omitempty"` // code list language
	Note      sealed.Text `cbor:"10,keyasint,omitzero"`
	Case      []byte      `cbor:"11,keyasint,omitempty"` // the person's own case: they are a child too
}

// SafeAnswers are the answers to whether a person may be contacted without danger
// to the child. None is a default.
func SafeAnswers() []string { return []string{"yes", "no", "unknown"} }

const mostShort = 300 // characters of a phone number, an address or a place

func (o *Other) check(codes Codes) error {
	var c fault.Check
	c.Require(!o.Name.IsZero() || len(o.Case) > 0, "other_name", "required")
	text(&c, "other_name", o.Name, 200)
	c.Require(codes.Valid("relation", o.Relation), "relation_to", "required")
	c.Require(slices.Contains(SafeAnswers(), o.Safe), "safe_contact", "required")
	c.Require(o.Safe != "no" || !o.Why.IsZero(), "safe_why", "required")
	c.Require(o.Language == "" || codes.Valid("language", o.Language), "language", "not-in-list")
	text(&c, "safe_why", o.Why, mostReason)
	text(&c, "phone", o.Phone, mostShort)
	text(&c, "address", o.Address, mostShort)
	text(&c, "other_note", o.Note, mostReason)
	return c.Err()
}

// AddOther adds a person to a case.
func (r *Room) AddOther(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, o Other) error {
	o.Case = nil // only [Room.LinkCase] says so
	return r.addOther(ctx, c, cmd, id, o, ident.New[ident.Tie]())
}

func (r *Room) addOther(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, o Other, tie ident.Tie) error {
	if err := o.check(r.codes); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.people", PurposeCare, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		s := Strand{Kind: StrandPerson, Tie: tie}
		return s.begin(ctx, p, &Event{Kind: KindOtherAdded, Content: Content{Other: &o}})
	})
}

// ChangeOther replaces what is known of a person; what was known stays in the
// history. seen is the version of the person on the page. A child with a case of
// their own keeps it.
func (r *Room) ChangeOther(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, who ident.Strand, seen int64, o Other) error {
	child, err := r.Open(ctx, c, id)
	if err != nil {
		return err
	}
	for _, k := range child.Others() {
		if k.ID == who {
			o.Case = k.Other.Case
		}
	}
	if len(o.Case) > 0 { // the other case tells who this is
		o.Name = sealed.Text{}
	}
	if err := o.check(r.codes); err != nil {
		return err
	}
	return r.onStrand(ctx, c, cmd, id, "case.people", StrandPerson, who, seen, func(_ *access.Pass, _ *Case, _ *Strand) (*Event, error) {
		return &Event{Kind: KindOtherChanged, Content: Content{Other: &o}}, nil
	})
}

// EndOther ends a person's place in a case, with the reason. The history stays.
func (r *Room) EndOther(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, who ident.Strand, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onStrand(ctx, c, cmd, id, "case.people", StrandPerson, who, 0, func(p *access.Pass, _ *Case, s *Strand) (*Event, error) {
		s.EndedAt = p.Now()
		return &Event{Kind: KindOtherEnded, Content: Content{Text: why}}, nil
	})
}

// ShareOther adds a person of one case to another that the caller reaches as well.
// The other case gets a record of its own, under its own key: what is known there
// goes its own way from now on, and the tie says that it is the same person.
func (r *Room) ShareOther(ctx context.Context, c *access.Caller, cmd ident.Command, from ident.Case, who ident.Strand,
	number sealed.Text, relation string, reverse bool,
) error {
	page, err := r.People(ctx, c, from)
	if err != nil {
		return err
	}
	k := page.find(who)
	if k == nil || k.Ended() || k.Tie.IsZero() {
		return fault.New(fault.NotFound, "no-such-page")
	}
	to, err := r.byNumber(ctx, c, number, from)
	if err != nil {
		return err
	}
	if k.isIn(to) {
		return fault.InvalidField("number", "there-already")
	}
	o := k.Other
	o.Relation, o.Reverse = relation, reverse
	// What one child's record says of a person is not told in another's.
	o.Note = sealed.Text{}
	return r.addOther(ctx, c, cmd, to, o, k.Tie)
}

// LinkCase says how a child is related to another child who has a case here, in
// both cases or in none. Neither holds the other's name: a reader sees of the
// other child what they may see there.
func (r *Room) LinkCase(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, number sealed.Text, relation string, reverse bool) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("relation", relation), "relation_to", "required")
	chk.Require(!number.IsZero(), "number", "required")
	if err := chk.Err(); err != nil {
		return err
	}
	to, err := r.byNumber(ctx, c, number, id)
	if err != nil {
		return err
	}
	link := func(in, other ident.Case, reverse bool) func(*Room) error {
		return func(room *Room) error {
			o := Other{Relation: relation, Reverse: reverse, Safe: "unknown", Case: other[:]}
			return room.addOther(ctx, c, eachOf(cmd, in), in, o, ident.Tie{})
		}
	}
	return r.together(ctx, c, access.Act{Action: "case.people", Command: eachOf(cmd, id)}, link(id, to, reverse), link(to, id, !reverse))
}

// byNumber finds another case that the caller may see by its number. One that is
// out of reach and one that does not exist are the same answer.
func (r *Room) byNumber(ctx context.Context, c *access.Caller, number sealed.Text, but ident.Case) (ident.Case, error) {
	n, err := ident.ParseCaseNumber(number.Reveal())
	if err != nil {
		return ident.Case{}, fault.InvalidField("number", "bad-number")
	}
	rows, _, err := r.Search(ctx, c, sealed.NewText(n.String()))
	if err != nil {
		return ident.Case{}, err
	}
	for i := range rows {
		if rows[i].Case.Number == n && rows[i].Case.ID != but {
			return rows[i].Case.ID, nil
		}
	}
	return ident.Case{}, fault.InvalidField("number", "no-such-number")
}
