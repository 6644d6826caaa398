package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// Bounds of texts, in characters.
const (
	mostText    = 20_000
	mostReason  = 2_000
	mostReasons = 12
)

// Registration is what is needed to open a case; everything else can wait.
type Registration struct {
	Person      person.Details
	Place       sealed.Text // where the child was found or came from, in words
	Region      string      // first-level area, code list region; "" not known
	Risk        string      // code list risk
	RiskReasons []string    // code list risk_reason
	RiskText    sealed.Text
	Basis       string    // lawful basis to start (code list legal_basis)
	NextContact time.Time // zero: by the pack's clock for the risk

	// For imports and the demo only; a person registers for themselves, now.
	Stage    string
	Worker   ident.Staff
	Unit     ident.Unit
	OpenedAt time.Time

	// Of a child of a group intake: how it arrived, and with whom.
	arrival *Arrival
	tie     ident.Tie
}

// check validates the registration at the door.
func (g *Registration) check(codes Codes) error {
	var c fault.Check
	c.Require(len(g.Person.Names) > 0, "name", "required")
	c.Require(g.Risk != "", "risk", "required")
	c.Require(g.Risk == "" || codes.Valid("risk", g.Risk), "risk", "not-in-list")
	c.Require(g.Region == "" || codes.Valid("region", g.Region), "region", "not-in-list")
	c.Require(len(g.RiskReasons) <= mostReasons, "risk_reason", "too-many")
	for _, r := range g.RiskReasons {
		c.Require(codes.Valid("risk_reason", r), "risk_reason", "not-in-list")
	}
	c.Require(codes.Valid("legal_basis", g.Basis), "basis", "required")
	c.Require(g.Stage == "" || codes.Valid("stage", g.Stage), "stage", "not-in-list")
	text(&c, "risk_text", g.RiskText, mostReason)
	text(&c, "place", g.Place, mostReason)
	for _, f := range fault.FieldsOf(g.Person.Check(codes)) {
		c.Reject(f.Name, f.Code)
	}
	return c.Err()
}

// text rejects a field whose text is too long or hides something.
func text(c *fault.Check, field string, t sealed.Text, most int) {
	if code := person.TextFault(t.Reveal(), most); code != "" {
		c.Reject(field, code)
	}
}

// Register opens a case and returns its identifier. The same command again
// returns the same case.
func (r *Room) Register(ctx context.Context, c *access.Caller, cmd ident.Command, g Registration) (ident.Case, error) {
	if err := g.check(r.codes); err != nil {
		return ident.Case{}, err
	}
	id := ident.Beside[ident.Case]()
	act := access.Act{Action: "case.register", Purpose: PurposeCare, Case: id, NewCase: true, Command: cmd}
	// Among a million cases about one number is drawn twice. Looking for each
	// whether it is free would be a question more for every child; only in a group
	// one that is taken would undo the work of the others.
	draw := r.anyNumber
	if r.gate.Grouped() {
		draw = r.freeNumber
	}
	register := func(p *access.Pass) (string, error) { return id.String(), r.register(ctx, p, id, &g, draw) }
	result, err := r.gate.Do(ctx, c, act, register)
	if fault.CodeOf(err) == "exists" {
		draw = r.freeNumber
		result, err = r.gate.Do(ctx, c, act, register)
	}
	if err != nil {
		return ident.Case{}, err
	}
	return ident.Parse[ident.Case](result)
}

// register writes person, case, first event, reach and permit.
func (r *Room) register(ctx context.Context, p *access.Pass, id ident.Case, g *Registration, draw numbering) error {
	s, err := p.NewSubject(ctx, "case")
	if err != nil {
		return err
	}
	worker, unit := g.Worker, g.Unit
	if worker.IsZero() {
		worker = p.Caller().Staff()
	}
	if unit.IsZero() {
		unit = p.Caller().Unit()
	}
	personID := ident.Beside[ident.Person]()
	if err := r.persons.Create(ctx, p, s, personID, &g.Person); err != nil {
		return err
	}
	number, err := draw(ctx, p.Tx())
	if err != nil {
		return err
	}
	now := p.Now()
	c := &Case{
		ID: id, Number: number, Person: personID, PersonVersion: 1,
		Stage: orElse(g.Stage, StageRegistered), Risk: g.Risk, Sex: orElse(g.Person.SexRecorded, "unknown"),
		AgeBand: r.persons.AgeBand(g.Person.Birth, now), Region: orElse(g.Region, "unknown"), Unit: unit, Worker: worker,
		OpenedAt: orTime(g.OpenedAt, now), UpdatedAt: now, NextContact: g.NextContact,
	}
	if c.NextContact.IsZero() {
		c.NextContact = r.codes.Clock(firstContact(g.Risk)).After(now)
	}
	if c.Stage == StageClosed {
		c.ClosedAt, c.NextContact = now, time.Time{}
	}
	e := &Event{Kind: KindRegistered, Content: Content{
		To: g.Risk, Reasons: slices.Clone(g.RiskReasons), Text: g.RiskText, Place: g.Place, Due: micros(c.NextContact),
	}}
	if err := e.write(ctx, p, s, c); err != nil {
		return err
	}
	if g.arrival != nil {
		if err := arrive(ctx, p, s, c, g); err != nil {
			return err
		}
	}
	if err := c.write(ctx, p, s, 0); err != nil {
		return err
	}
	if err := r.firstDue(ctx, p, c); err != nil {
		return err
	}
	if err := p.Reach(ctx, access.RelationUnit, [16]byte(unit)); err != nil {
		return err
	}
	if err := p.Reach(ctx, access.RelationLead, [16]byte(worker)); err != nil {
		return err
	}
	return p.Permit(ctx, PurposeCare, g.Basis)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func orTime(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// micros stores a time in a sealed blob, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
