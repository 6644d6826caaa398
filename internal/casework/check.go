package casework

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/screening"
	"causeway/internal/sealed"
)

// A check is a case at its first stage that holds no name: an age in a band, a
// language, a region, and what was answered, under a key of its own. Who made it
// is responsible until somebody takes it over; a child is registered from it
// under the same identifier, or it expires (docs/decisions/0021).

// StageScreened is the stage of a check.
const StageScreened = "screened"

// PurposeHandover permits, while it is in force, whoever is on duty to take a
// check over.
const PurposeHandover = "handover"

// The kinds of events that checks add to the timeline.
const (
	KindScreened = "screened"
	KindHanded   = "handed-over"
	KindAccepted = "accepted"
)

// Screened is what a frontline worker answered.
type Screened struct {
	Age      string // code list age_band, as it seems
	Place    string // where the child is met, one of the pack's places
	Language string // code list language
	Region   string // code list region; "" not known
	Answers  screening.Answers
	// HandOver hands the check over at once. Questions without an answer then
	// count as not asked: help does not wait for the end of a form.
	HandOver bool
}

// Answered is one answer as it is kept: the words of the question are those of
// the pack named beside it.
type Answered struct {
	_        struct{} `cbor:",toarray"`
	Question string
	Answer   string
}

// Said is what the rules said of a check, sealed with it.
type Said struct {
	Level  string   `cbor:"1,keyasint"`
	Rules  []string `cbor:"2,keyasint,omitempty"` // of the reasons
	Signs  [][]byte `cbor:"3,keyasint,omitempty"` // of each reason: identifiers, ended by a line feed each
	Urgent []string `cbor:"4,keyasint,omitempty"`
	Age    string   `cbor:"5,keyasint,omitempty"`
	Place  string   `cbor:"6,keyasint,omitempty"`
}

// Why returns the reasons.
func (d *Said) Why() []screening.Reason {
	out := make([]screening.Reason, len(d.Rules))
	for i, rule := range d.Rules {
		out[i].Rule = rule
		if i < len(d.Signs) {
			out[i].Signs = strings.Fields(string(d.Signs[i]))
		}
	}
	return out
}

// said keeps a result.
func said(in *Screened, res screening.Result) *Said {
	d := &Said{Level: string(res.Level), Urgent: res.Urgent, Age: in.Age, Place: in.Place}
	for _, w := range res.Why {
		d.Rules = append(d.Rules, w.Rule)
		d.Signs = append(d.Signs, []byte(strings.Join(w.Signs, "\n")))
	}
	return d
}

// AnswerField is the name of the form field of a question.
func AnswerField(question string) string { return "q_" + question }

// adults is the age band that no check is made for.
const adults = "18+"

// check validates a check at the door and fills in what was not asked.
func (in *Screened) check(codes Codes) error {
	s := codes.Screening()
	var c fault.Check
	c.Require(codes.Valid(pack.AgeBands, in.Age) && in.Age != adults, "age_about", "required")
	c.Require(slices.Contains(s.Places(), in.Place), "place_met", "required")
	if err := c.Err(); err != nil {
		return err // which cards there are depends on these two
	}
	c.Require(in.Language == "" || codes.Valid(pack.Languages, in.Language), "language", "not-in-list")
	c.Require(in.HandOver || in.Language != "", "language", "required")
	c.Require(in.Region == "" || codes.Valid(pack.Regions, in.Region), "region", "not-in-list")
	answers := screening.Answers{}
	for _, q := range append(s.First(), s.Cards(in.Age, in.Place)...) {
		a := in.Answers[q.Code]
		switch {
		case a == "" && in.HandOver:
			a = screening.NotAsked
		case a == "":
			c.Reject(AnswerField(q.Code), "required")
		case !slices.Contains(screening.States(), a):
			c.Reject(AnswerField(q.Code), "not-in-list")
		}
		answers[q.Code] = a
	}
	in.Answers = answers
	return c.Err()
}

// MakeCheck keeps a check and returns its identifier; the caller is responsible
// for it from now on. The same command again returns the same check.
func (r *Room) MakeCheck(ctx context.Context, c *access.Caller, cmd ident.Command, in Screened) (ident.Case, error) {
	if err := in.check(r.codes); err != nil {
		return ident.Case{}, err
	}
	people, err := r.roster(ctx)
	if err != nil {
		return ident.Case{}, err
	}
	id := ident.Beside[ident.Case]()
	act := access.Act{Action: "check.make", Purpose: PurposeCare, Case: id, NewCase: true, Command: cmd}
	result, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return id.String(), r.makeCheck(ctx, p, people, id, &in)
	})
	if err != nil {
		return ident.Case{}, err
	}
	return ident.Parse[ident.Case](result)
}

// makeCheck writes person, check, events, case and reach.
func (r *Room) makeCheck(ctx context.Context, p *access.Pass, people Roster, id ident.Case, in *Screened) error {
	s, err := p.NewSubject(ctx, "case")
	if err != nil {
		return err
	}
	now := p.Now()
	res := screening.Judge(r.codes.Screening(), in.Answers)
	child := person.Details{Birth: BornIn(in.Age, now)}
	if in.Language != "" {
		child.Languages = []string{in.Language}
	}
	personID := ident.Beside[ident.Person]()
	if err := r.persons.Create(ctx, p, s, personID, &child); err != nil {
		return err
	}
	number, err := r.freeNumber(ctx, p.Tx())
	if err != nil {
		return err
	}
	c := &Case{
		ID: id, Number: number, Person: personID, PersonVersion: 1, Stage: StageScreened, Risk: res.Risk, Sex: "unknown",
		AgeBand: r.persons.AgeBand(child.Birth, now), Region: orElse(in.Region, "unknown"),
		Unit: p.Caller().Unit(), Worker: p.Caller().Staff(), OpenedAt: now, UpdatedAt: now,
	}
	if res.Level != screening.NoSignYet || len(res.Urgent) > 0 {
		c.NextContact = r.codes.Clock(firstContact(c.Risk)).After(now)
	}
	k := &Check{Case: id, MadeAt: now, Urgent: len(res.Urgent) > 0, Maker: c.Worker, Unit: c.Unit}
	// The blob keeps its first version for good: it is never sealed anew.
	if k.blob, err = s.Seal(checkTable, id[:], 1, said(in, res)); err != nil {
		return err
	}
	events := []*Event{{Kind: KindScreened, Content: screenedContent(in, res)}}
	if in.HandOver {
		e, err := r.handOver(ctx, p, people, c, k)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	if res.Level == screening.Presumed {
		if err := r.presume(ctx, p, s, c); err != nil {
			return err
		}
	}
	return r.writeCheck(ctx, p, s, c, k, events, res.Urgent)
}

// writeCheck writes a new check and the case it is.
func (r *Room) writeCheck(ctx context.Context, p *access.Pass, s *keys.Sealer, c *Case, k *Check, events []*Event, urgent []string) error {
	for _, e := range events {
		if err := e.write(ctx, p, s, c); err != nil {
			return err
		}
	}
	if err := errors.Join(k.write(ctx, p, s), c.write(ctx, p, s, 0), r.firstDue(ctx, p, c),
		r.urgentDue(ctx, p, c, urgent, true)); err != nil {
		return err
	}
	return errors.Join(p.Reach(ctx, access.RelationUnit, [16]byte(c.Unit)), p.Reach(ctx, access.RelationLead, [16]byte(c.Worker)))
}

// screenedContent is the sealed part of the first event.
func screenedContent(in *Screened, res screening.Result) Content {
	e := Content{To: string(res.Level), Reasons: res.Urgent, Language: in.Language}
	for _, q := range sortedKeys(in.Answers) {
		e.Answers = append(e.Answers, Answered{Question: q, Answer: string(in.Answers[q])})
	}
	return e
}

func sortedKeys(a screening.Answers) []string {
	out := make([]string, 0, len(a))
	for q := range a {
		out = append(out, q)
	}
	slices.Sort(out)
	return out
}

// BornIn returns the interval of birth of somebody who looks to be in an age band
// on a day. How somebody looks is doubtful, and in doubt they are a child (CRC
// General Comment 6, paragraph 31 A).
func BornIn(band string, on time.Time) person.Birth {
	b := person.Birth{Certainty: "doubtful", Source: "estimate", PresumedChild: true}
	from, to, ok := strings.Cut(band, "-")
	youngest, err1 := strconv.Atoi(from)
	oldest, err2 := strconv.Atoi(to)
	if !ok || err1 != nil || err2 != nil {
		return person.Birth{PresumedChild: true}
	}
	first, last := on.AddDate(-oldest-1, 0, 1), on.AddDate(-youngest, 0, 0)
	b.Earliest, err1 = sealed.NewDate(first.Year(), int(first.Month()), first.Day())
	b.Latest, err2 = sealed.NewDate(last.Year(), int(last.Month()), last.Day())
	if err1 != nil || err2 != nil {
		return person.Birth{PresumedChild: true}
	}
	return b
}

// handover names the pack's clock by which a check of a risk is taken over.
func handover(risk string) pack.ClockName { return pack.ClockName("handover_" + risk) }

// handOver puts a check on the duty list that answers for its unit, which may be another
// agency's; the unit answers for the case from now on. Whoever is responsible stays so
// until somebody takes over.
func (r *Room) handOver(ctx context.Context, p *access.Pass, people Roster, c *Case, k *Check) (*Event, error) {
	c.Unit = people.Duty(c.Unit)
	above, err := p.Above(ctx, c.Unit)
	if err != nil {
		return nil, err
	}
	k.HandedAt, k.DueAt = p.Now(), r.codes.Clock(handover(c.Risk)).After(p.Now())
	k.Unit, k.Above = c.Unit, above
	if c.NextContact.IsZero() || k.DueAt.Before(c.NextContact) {
		c.NextContact = k.DueAt
	}
	if err := errors.Join(p.Permit(ctx, PurposeHandover, emergencyBasis), r.handoverDue(ctx, p, k)); err != nil {
		return nil, err
	}
	return &Event{Kind: KindHanded, Content: Content{Who: k.Unit[:], Due: k.DueAt.UnixMicro()}}, nil
}

// HandOver asks the duty list that answers for the unit to take a check over. Asking twice changes
// nothing.
func (r *Room) HandOver(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case) error {
	people, err := r.roster(ctx)
	if err != nil {
		return err
	}
	return r.onCheck(ctx, c, cmd, id, "check.handover", 0, func(p *access.Pass, row *Case, k *Check) (*Event, error) {
		if !k.HandedAt.IsZero() {
			return nil, fault.New(fault.Conflict, "handed-over-already")
		}
		made := row.Unit
		e, err := r.handOver(ctx, p, people, row, k)
		if err == nil && row.Unit != made {
			err = errors.Join(p.EndReach(ctx, access.RelationUnit), p.Reach(ctx, access.RelationUnit, [16]byte(row.Unit)))
		}
		return e, err
	})
}

// Accept takes a check over from the duty list: the caller leads it from now on.
// A check that somebody else has taken is a Conflict.
func (r *Room) Accept(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case) error {
	return r.onCheck(ctx, c, cmd, id, "check.accept", 0, func(p *access.Pass, row *Case, k *Check) (*Event, error) {
		switch {
		case !k.Waits():
			return nil, fault.New(fault.Conflict, "taken-already")
		case !onDuty(c, k, p.Now()):
			return nil, fault.New(fault.Denied, "no-such-page")
		}
		if err := errors.Join(p.EndReach(ctx, access.RelationLead), p.Reach(ctx, access.RelationLead, [16]byte(c.Staff()))); err != nil {
			return nil, err
		}
		if c.Unit() != row.Unit {
			if err := errors.Join(p.EndReach(ctx, access.RelationUnit), p.Reach(ctx, access.RelationUnit, [16]byte(c.Unit()))); err != nil {
				return nil, err
			}
		}
		row.Worker, row.Unit = c.Staff(), c.Unit()
		row.NextContact = r.codes.Clock(firstContact(row.Risk)).After(p.Now())
		who := c.Staff()
		return &Event{Kind: KindAccepted, Content: Content{Who: who[:], Due: row.NextContact.UnixMicro()}}, r.taken(ctx, p, k, c.Unit(), c.Role())
	})
}

// onDuty reports whether a check is on the caller's duty list. Of a supervisor the
// policies ask that they answer for the unit.
func onDuty(c *access.Caller, k *Check, now time.Time) bool {
	return c.Role() == access.RoleSupervisor || c.Unit() == k.Unit || c.Unit() == k.Above && k.Late(now)
}

// taken notes who took a check over, for the receipt, and ends the hand-over.
func (r *Room) taken(ctx context.Context, p *access.Pass, k *Check, unit ident.Unit, role string) error {
	k.TakenAt, k.TakenUnit, k.TakenRole = p.Now(), unit, role
	return errors.Join(p.EndPermit(ctx, PurposeHandover), r.meetDue(ctx, p, DueHandover))
}

// RegisterCheck registers the child of a check: the case keeps its identifier,
// and what is known is replaced by what the registration says.
func (r *Room) RegisterCheck(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, seen int64, g Registration) error {
	if err := g.check(r.codes); err != nil {
		return err
	}
	return r.onCheck(ctx, c, cmd, id, "check.register", seen, func(p *access.Pass, row *Case, k *Check) (*Event, error) {
		if err := r.persons.Update(ctx, p, row.Person, row.PersonVersion, &g.Person); err != nil {
			return nil, err
		}
		row.PersonVersion++
		row.Stage, row.Risk, row.Sex = StageRegistered, g.Risk, orElse(g.Person.SexRecorded, "unknown")
		row.AgeBand, row.Region = r.persons.AgeBand(g.Person.Birth, p.Now()), orElse(g.Region, "unknown")
		if row.NextContact = g.NextContact; row.NextContact.IsZero() {
			row.NextContact = r.codes.Clock(firstContact(g.Risk)).After(p.Now())
		}
		k.RegisteredAt = p.Now()
		if k.Waits() {
			if err := r.taken(ctx, p, k, c.Unit(), c.Role()); err != nil {
				return nil, err
			}
		}
		e := &Event{Kind: KindRegistered, Content: Content{
			To: g.Risk, Reasons: slices.Clone(g.RiskReasons), Text: g.RiskText, Place: g.Place, Due: micros(row.NextContact),
		}}
		return e, p.Permit(ctx, PurposeCare, g.Basis)
	})
}

// onCheck is the frame of the commands on a check that is not registered yet.
func (r *Room) onCheck(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, action string, seen int64,
	apply func(*access.Pass, *Case, *Check) (*Event, error),
) error {
	return r.act(ctx, c, cmd, id, action, PurposeCare, seen, func(p *access.Pass, row *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		k, err := readCheck(ctx, p.Tx(), id)
		switch {
		case fault.Is(err, fault.NotFound) || err == nil && !k.RegisteredAt.IsZero():
			return nil, fault.New(fault.NotFound, "no-such-page")
		case err != nil:
			return nil, err
		}
		if err := k.check(s); err != nil {
			return nil, err
		}
		e, err := apply(p, row, k)
		if err != nil {
			return nil, err
		}
		return e, k.write(ctx, p, s)
	})
}

// keepCheck holds what is true of every check against other commands: it has no
// stage but its own and no name until the child is registered, and one that a
// supervisor assigns waits no longer.
func (r *Room) keepCheck(ctx context.Context, p *access.Pass, s *keys.Sealer, before, c *Case, e *Event) error {
	if before.Stage != StageScreened || slices.Contains([]string{KindHanded, KindAccepted, KindRegistered, KindDue}, e.Kind) {
		return nil
	}
	k, err := readCheck(ctx, p.Tx(), c.ID)
	if fault.Is(err, fault.NotFound) || err == nil && !k.RegisteredAt.IsZero() {
		return nil
	}
	switch {
	case err != nil:
		return err
	case c.Stage != before.Stage, e.Kind == KindPerson:
		return fault.New(fault.Invalid, "check-not-registered")
	case c.Worker == before.Worker || !k.Waits():
		return nil
	}
	if err := k.check(s); err != nil {
		return err
	}
	if err := r.taken(ctx, p, k, c.Unit, ""); err != nil {
		return err
	}
	return k.write(ctx, p, s)
}
