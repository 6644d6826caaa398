package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// Whoever is on duty writes down what they did to keep a child safe, and knows
// nothing of the child but the number on a paper. They are never told whether there
// is such a case. Where the number leads nowhere, what they wrote becomes a check
// that names no child and waits on the duty list of their unit: it is not lost.

// KindReported is the first event of such a check.
const KindReported = "reported"

// LevelReport stands where a check has its level: no question was asked, somebody
// reported what they did.
const LevelReport = "report"

// ReportEmergency writes down what the caller did in an emergency for the child
// whose case has a number, as an act that a supervisor reviews. A number that
// cannot be one is refused at once: that says nothing of any case. Everything else
// has the same answer in the same time, whether there is such a case, whether it is
// withheld from the caller, or whether what was written waits on the duty list.
func (r *Room) ReportEmergency(ctx context.Context, c *access.Caller, cmd ident.Command, number string, d Done) error {
	n, err := ident.ParseCaseNumber(number)
	var chk fault.Check
	for _, f := range fault.FieldsOf(err) {
		chk.Reject(f.Name, f.Code)
	}
	d.Emergency, d.Planned = true, ActID{}
	d.check(&chk, r.codes, r.clk.Now())
	chk.Require(!d.Why.IsZero(), "why_at_once", "required")
	if err := chk.Err(); err != nil {
		return err
	}
	return r.gate.Blind(ctx, c, func() error { return r.report(ctx, c, cmd, n, d) })
}

// report writes what was done into the case with the number or, where that cannot
// be, into a check.
func (r *Room) report(ctx context.Context, c *access.Caller, cmd ident.Command, n ident.CaseNumber, d Done) error {
	act := access.Act{Action: "check.report", Purpose: access.PurposeEmergency}
	found, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		var id ident.Case
		switch err := p.Tx().QueryRow(ctx, sqlCaseByNumber, string(n)).Scan(&id); {
		case fault.Is(err, fault.NotFound):
			return "", nil
		case err != nil:
			return "", err
		}
		return id.String(), nil
	})
	if err != nil {
		return err
	}
	if id, err := ident.Parse[ident.Case](found); err == nil && found != "" {
		if r.RecordAct(ctx, c, cmd, id, d) == nil {
			return nil
		} // whatever stood in the way, such as a withholding: what was written is kept
	}
	people, err := r.roster(ctx)
	if err != nil {
		return err
	}
	act.Case, act.NewCase, act.Command = ident.Beside[ident.Case](), true, cmd
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return "", r.keepReport(ctx, p, people, n, &d)
	})
	return err
}

// answersFor returns who is responsible for what the caller reported until somebody
// takes it over: their supervisor, or somebody above, or who supervises the unit that
// takes their checks over; where nobody does, the caller.
func answersFor(people Roster, c *access.Caller) ident.Staff {
	who, unit := c.Staff(), people.Duty(c.Unit())
	if unit != c.Unit() {
		who = ident.Staff{} // their own supervisor is of another agency
	}
	if all := bosses(people, who, unit); len(all) > 0 {
		return all[0]
	}
	return c.Staff()
}

// keepReport makes the check. It is withheld from who wrote the report, unless
// nobody else answers for it: that it is there says that the number led nowhere.
func (r *Room) keepReport(ctx context.Context, p *access.Pass, people Roster, typed ident.CaseNumber, d *Done) error {
	s, err := p.NewSubject(ctx, "case")
	if err != nil {
		return err
	}
	id, now, by, lead := p.Case(), p.Now(), p.Caller().Staff(), answersFor(people, p.Caller())
	child := person.Details{Birth: person.Birth{PresumedChild: true}}
	personID := ident.Beside[ident.Person]()
	if err := r.persons.Create(ctx, p, s, personID, &child); err != nil {
		return err
	}
	number, err := r.freeNumber(ctx, p.Tx())
	if err != nil {
		return err
	}
	c := &Case{
		ID: id, Number: number, Person: personID, PersonVersion: 1, Stage: StageScreened, Risk: "high", Sex: "unknown",
		AgeBand: r.persons.AgeBand(child.Birth, now), Region: "unknown",
		Unit: p.Caller().Unit(), Worker: lead, OpenedAt: now, UpdatedAt: now,
	}
	k := &Check{Case: id, MadeAt: now, Urgent: true, Maker: by, Unit: c.Unit}
	if k.blob, err = s.Seal(checkTable, id[:], 1, &Said{Level: LevelReport}); err != nil {
		return err
	}
	handed, err := r.handOver(ctx, p, people, c, k)
	if err != nil {
		return err
	}
	told := &Event{Kind: KindReported, Content: Content{
		To: d.Kind, Text: d.Text, Why: d.Why, Told: d.Told, Place: d.Place, Words: d.Words, Since: d.Happened.UnixMicro(),
		Reference: sealed.NewText(typed.String()), Emergency: true,
	}}
	if err := r.writeCheck(ctx, p, s, c, k, []*Event{told, handed}, nil); err != nil || lead == by {
		return err
	}
	return p.Withhold(ctx, [16]byte(by))
}
