package casework

import (
	"context"
	"errors"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// What another country tells of a child is a case without a name, as a check is
// (docs/decisions/0033): codes, under a key of its own, until somebody here takes the
// child on. Nobody leads it before that; the unit that answers the other country reaches
// it, and no more than the card.

// LevelAbroad stands where a check has its level: no question was asked, another country
// told of the child.
const LevelAbroad = "abroad"

// Announced is what a card says of a child: codes. One that is in no list of the pack is
// not known.
type Announced struct {
	AgeBand  string // code list age_band
	Sex      string // code list sex_recorded
	Language string // code list language
	Risk     string // code list risk
	Unit     ident.Unit
}

// Announce makes the case of a child of whom another country told. The command that calls
// it makes a new case.
func (r *Room) Announce(ctx context.Context, p *access.Pass, a Announced, first *Event) (*Case, error) {
	s, err := p.NewSubject(ctx, "case")
	if err != nil {
		return nil, err
	}
	bosses, err := r.Supervisors(ctx, a.Unit)
	if err != nil {
		return nil, err
	}
	if !r.codes.Valid(pack.AgeBands, a.AgeBand) {
		a.AgeBand = "unknown"
	}
	if !r.codes.Valid(pack.SexRecorded, a.Sex) {
		a.Sex = "unknown"
	}
	child := person.Details{Birth: BornIn(a.AgeBand, p.Now())}
	if r.codes.Valid(pack.Languages, a.Language) {
		child.Languages = []string{a.Language}
	}
	personID := ident.Beside[ident.Person]()
	if err := r.persons.Create(ctx, p, s, personID, &child); err != nil {
		return nil, err
	}
	number, err := r.freeNumber(ctx, p.Tx())
	if err != nil {
		return nil, err
	}
	row := &Case{
		ID: p.Case(), Number: number, Person: personID, PersonVersion: 1, Stage: StageScreened, Risk: a.Risk, Sex: a.Sex,
		AgeBand: a.AgeBand, Region: "unknown", Unit: a.Unit, OpenedAt: p.Now(), UpdatedAt: p.Now(),
	}
	if len(bosses) > 0 {
		row.Worker = bosses[0] // who is told that nobody answers; it lets them reach nothing
	}
	k := &Check{Case: row.ID, MadeAt: p.Now(), Unit: a.Unit, Maker: row.Worker}
	if k.blob, err = s.Seal(checkTable, row.ID[:], 1, &Said{Level: LevelAbroad}); err != nil {
		return nil, err
	}
	first.Origin = r.origin
	if err := errors.Join(first.write(ctx, p, s, row), k.write(ctx, p, s)); err != nil {
		return nil, err
	}
	return row, row.write(ctx, p, s, 0)
}

// Brought is what another country sent of who a child is, for the record here. A code that
// is in no list of the pack is kept as it was sent, apart from the others.
type Brought struct {
	Names         []BroughtName
	From, To      sealed.Date // of birth
	Sex, Gender   string
	Nationalities []string
	Languages     []string
	Risk          string
	Basis         string // code list legal_basis
}

// BroughtName is a name with its kind (code list name_kind).
type BroughtName struct {
	Text sealed.Text
	Kind string
}

// TakeOn registers the child of an arrived case, whose row a command is writing
// ([Room.Tell]), under the care of somebody of the unit: from now on it is a case like any
// other.
func (r *Room) TakeOn(ctx context.Context, p *access.Pass, row *Case, b *Brought, worker ident.Staff, unit ident.Unit) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	k, err := readCheck(ctx, p.Tx(), row.ID)
	if err != nil {
		return err
	}
	if err := k.check(s); err != nil {
		return err
	}
	if !k.RegisteredAt.IsZero() {
		return fault.New(fault.Conflict, "taken-already")
	}
	child := r.brought(b, row, p.Now())
	if err := r.persons.Update(ctx, p, row.Person, row.PersonVersion, child); err != nil {
		return err
	}
	row.PersonVersion++
	row.Stage, row.Sex = StageRegistered, orElse(child.SexRecorded, "unknown")
	row.AgeBand = r.persons.AgeBand(child.Birth, p.Now())
	if r.codes.Valid(pack.Risks, b.Risk) {
		row.Risk = b.Risk
	}
	row.Worker, row.Unit = worker, unit
	row.NextContact = r.codes.Clock(firstContact(row.Risk)).After(p.Now())
	k.RegisteredAt, k.TakenAt, k.TakenUnit, k.TakenRole = p.Now(), p.Now(), unit, p.Caller().Role()
	basis := b.Basis
	if !r.codes.Valid(pack.LegalBases, basis) || basis == "consent" { // that was given to somebody else
		basis = emergencyBasis
	}
	return errors.Join(k.write(ctx, p, s), r.firstDue(ctx, p, row), p.Permit(ctx, PurposeCare, basis),
		p.Reach(ctx, access.RelationUnit, [16]byte(unit)), p.Reach(ctx, access.RelationLead, [16]byte(worker)))
}

// brought turns what was sent into what is recorded here.
func (r *Room) brought(b *Brought, row *Case, now time.Time) *person.Details {
	d := &person.Details{Birth: BornIn(row.AgeBand, now)}
	if !b.From.IsZero() && !b.To.IsZero() {
		d.Birth = person.Birth{Earliest: b.From, Latest: b.To, Source: "unknown", PresumedChild: true}
	}
	for _, n := range b.Names {
		if !r.codes.Valid(pack.NameKinds, n.Kind) {
			n.Kind = "known_as"
		}
		d.Names = append(d.Names, person.Name{Text: n.Text, Kind: n.Kind})
	}
	known := func(list string, codes ...string) (out []string) {
		for _, c := range codes {
			switch {
			case r.codes.Valid(list, c):
				out = append(out, c)
			case c != "":
				d.Sent = append(d.Sent, person.SentCode{List: list, Code: c})
			}
		}
		return out
	}
	first := func(list, code string) string {
		if len(known(list, code)) == 0 {
			return ""
		}
		return code
	}
	d.SexRecorded, d.GenderTold = first(pack.SexRecorded, b.Sex), first(pack.GenderTold, b.Gender)
	d.Nationalities, d.Languages = known(pack.Nationalities, b.Nationalities...), known(pack.Languages, b.Languages...)
	return d
}

// AwaitSecond starts the clock until a second person looks at something in a case whose row
// a command is writing; a zero day stops it.
func (r *Room) AwaitSecond(ctx context.Context, p *access.Pass, row *Case, about [16]byte, due time.Time) error {
	if due.IsZero() {
		return r.meetDueOf(ctx, p, dueApproval, about)
	}
	return r.setDue(ctx, p, row, dueApproval, about, due)
}

// MayGoAbroad reports whether the gate of a transfer abroad lets the pass's case through:
// a determination of the child's best interests or a decision is there, and nothing in
// force forbids it. What is missing is the code of the error.
func (r *Room) MayGoAbroad(ctx context.Context, p *access.Pass, row *Case) error {
	g, ok := r.codes.ActGate("transfer_abroad")
	if !ok {
		return fault.New(fault.Invalid, "gate-needs")
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	if err != nil {
		return err
	}
	w := gateOf(stands, "transfer_abroad", "transfer_abroad", g)
	return w.passes()
}

// BestInterestsStand reports whether a determination of the child's best interests, or a
// decision of a court or authority about going abroad, stands in the pass's case: what may
// stand in the place of a consent to be looked for in another country.
func (r *Room) BestInterestsStand(ctx context.Context, p *access.Pass, row *Case) (bool, error) {
	g, ok := r.codes.ActGate("transfer_abroad")
	if !ok {
		return false, nil
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	return err == nil && stands.Basis(g, "transfer_abroad") != nil, err
}

// Between returns the case whose identifier lies between two, both included; NotFound where
// there is none. It opens nothing.
func (r *Room) Between(ctx context.Context, p *access.Pass, from, to ident.Case) (of ident.Case, err error) {
	err = p.Tx().QueryRow(ctx, sqlBetween, from, to).Scan(&of)
	return of, err
}
