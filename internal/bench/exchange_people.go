package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
)

// crew is who acts at one end.
type crew struct{ worker, boss, taker ident.Staff }

func newCrew() crew {
	return crew{ident.New[ident.Staff](), ident.New[ident.Staff](), ident.New[ident.Staff]()}
}

// place is a thread as one end knows it.
type place struct {
	Case   ident.Case
	Thread referral.ThreadID
	Wire   cx.Thread // the same at both ends
}

// standing is where a thread stands as one end sees it.
type standing struct {
	Thread handover.Thread
	Asked  string           // the command that was not answered yet; "" none
	Reply  string           // what the purpose asked for
	Events []handover.Event // the steps of the table so far
}

// known is somebody of a node who has just shown who they are, in a session of its own.
func (e *nodeEnd) known(who ident.Staff, role string) *access.Caller {
	return e.Gate.Person(access.Signed{
		Staff: who, Session: ident.New[ident.Session](), Role: role, Unit: e.unit, Sector: staff.OwnSector, Strength: "passkey",
		FreshAt: e.Clock.Now(), StrongAt: e.Clock.Now(), FreshFor: 5 * time.Minute,
	}, "web", "loopback")
}

func (e *nodeEnd) sender() *access.Caller   { return e.known(e.crew.worker, access.RoleCaseWorker) }
func (e *nodeEnd) receiver() *access.Caller { return e.known(e.crew.taker, access.RoleCaseWorker) }

func (e *nodeEnd) by(p handover.Party) *access.Caller {
	if p == handover.Sender {
		return e.sender()
	}
	return e.receiver()
}

func newCommand() ident.Command { return ident.New[ident.Command]() }

// least is what each purpose tells of a child.
var least = map[string][]string{
	"referral": {"age", "language", "needs", "identity"}, "transfer": {"identity", "age", "language", "needs", "risk"},
	"information": {"age"}, "danger": {"age", "risk"}, "missing": {"identity", "age"},
	"placement": {"identity", "age", "language", "needs", "risk"}, "home_study": {"age", "family"},
	"jurisdiction": {"identity", "age", "legal_status"}, "urgent_measure": {"age", "legal_status"},
	"return_risk": {"age", "language"}, "reintegration": {"age"},
}

// registers makes the case of an invented child.
func (e *nodeEnd) registers(ctx context.Context) (ident.Case, error) {
	from, _ := sealed.ParseDate("2011-01-01")
	to, _ := sealed.ParseDate("2012-12-31")
	return e.Cases.Register(ctx, e.sender(), newCommand(), casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText("Ilara Tesh"), Kind: "known_as", Script: "Latn"}},
			Birth:       person.Birth{Earliest: from, Latest: to, Source: "child", PresumedChild: true},
			SexRecorded: "female", Languages: []string{"en"},
		},
		Risk: "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	})
}

// Protects records the protection check of a case.
func (e *nodeEnd) Protects(ctx context.Context, by handover.Party, of ident.Case, country string) error {
	if by == handover.Sender {
		return e.protects(ctx, e.known(e.crew.boss, access.RoleSupervisor), of, country)
	}
	return e.protects(ctx, e.receiver(), of, country)
}

func (e *nodeEnd) protects(ctx context.Context, by *access.Caller, of ident.Case, country string) error {
	return e.Referrals.Protect(ctx, by, newCommand(), of, referral.Protection{
		Country: country, Asylum: "no_need", Office: "clear", View: "agrees",
	})
}

// Sends registers a child and sends its case to the office of another node: refused before
// the protection check, and waiting for a second person where the pack asks for one.
func (e *nodeEnd) Sends(ctx context.Context, to identity.NodeID, country, purpose string) (place, error) {
	of, err := e.registers(ctx)
	if err == nil && purpose == "transfer" {
		err = e.Cases.RecordStatus(ctx, e.sender(), newCommand(), of, casework.Status{
			Kind: "decision", State: "transfer_abroad", From: e.Clock.Now(), StatusDetails: casework.StatusDetails{
				Body: sealed.NewText("Children's court"), Grounds: sealed.NewText("Her aunt lives there."),
			},
		})
	}
	if err != nil {
		return place{}, fmt.Errorf("register: %w", err)
	}
	f := referral.Outgoing{
		To: to, Purpose: purpose, Urgency: "soon", Language: "en", Written: "en", Basis: "vital_interest",
		Norm: sealed.NewText("Children's Act, article 4"), Reason: sealed.NewText("Needs a safe bed."), Parts: least[purpose],
		View: "agrees", Words: sealed.NewText("I want to go."), Service: "emergency_shelter",
	}
	if e.encloses != nil {
		if f.Files, err = e.encloses(of); err != nil {
			return place{}, fmt.Errorf("enclose: %w", err)
		}
	}
	if _, _, err := e.tries(ctx, of, f); err == nil {
		return place{}, fmt.Errorf("%s left before the protection check", purpose)
	}
	if err := e.Protects(ctx, handover.Sender, of, country); err != nil {
		return place{}, fmt.Errorf("protect: %w", err)
	}
	id, second, err := e.tries(ctx, of, f)
	if err == nil && second != "" {
		boss := e.known(e.crew.boss, access.RoleSupervisor)
		err = e.Referrals.SecondLook(ctx, boss, newCommand(), of, id, referral.Second{Agrees: true})
	}
	if err != nil {
		return place{}, fmt.Errorf("send %s: %w", purpose, err)
	}
	v, err := e.Referrals.Thread(ctx, e.sender(), of, id)
	if err != nil {
		return place{}, fmt.Errorf("look at the sender: %w", err)
	}
	return place{of, id, v.Abroad.Wire}, nil
}

// tries looks at what would be sent, and sends it.
func (e *nodeEnd) tries(ctx context.Context, of ident.Case, f referral.Outgoing) (id referral.ThreadID, second string, err error) {
	p, err := e.Referrals.PreviewAbroad(ctx, e.sender(), of, f)
	if err != nil {
		return id, "", err
	}
	f.Seen = p.Seen
	id, err = e.Referrals.SendAbroad(ctx, e.sender(), newCommand(), of, f)
	return id, p.Second, err
}

// Inbox finds the threads that came from other nodes.
func (e *nodeEnd) Inbox(ctx context.Context) ([]place, error) {
	in, err := e.Referrals.Inbox(ctx, e.receiver())
	if err != nil {
		return nil, err
	}
	var out []place
	for _, line := range in.Lines {
		at := place{Case: line.Case, Thread: line.ID}
		e.mu.Lock()
		wire, known := e.wires[at.Thread]
		e.mu.Unlock()
		if !known {
			v, err := e.Referrals.Thread(ctx, e.receiver(), at.Case, at.Thread)
			if err != nil {
				continue // it was withdrawn since
			}
			wire = v.Abroad.Wire
			e.mu.Lock()
			e.wires[at.Thread] = wire
			e.mu.Unlock()
		}
		at.Wire = wire
		out = append(out, at)
	}
	return out, nil
}

// Look looks at a thread.
func (e *nodeEnd) Look(ctx context.Context, by handover.Party, at place) (standing, error) {
	v, err := e.Referrals.Thread(ctx, e.by(by), at.Case, at.Thread)
	if err != nil {
		return standing{}, err
	}
	s := standing{Thread: v.Thread.Thread, Asked: v.Abroad.Asked, Reply: v.Abroad.Reply}
	for _, step := range v.Steps {
		if slices.Contains(handover.Events(), step.Event) { // not what was only noted beside them
			s.Events = append(s.Events, step.Event)
		}
	}
	return s, nil
}

// Moves takes a step of a thread.
func (e *nodeEnd) Moves(ctx context.Context, by handover.Party, at place, purpose string, event handover.Event) error {
	a := referral.Answer{Event: event, Text: sealed.NewText("What was said."), Language: "en"}
	switch event {
	case handover.Decline:
		a.Reason = "no_place"
	case handover.Fail, handover.HandBack:
		a.Reason = "unsafe"
	case handover.Complete:
		a.Outcome = "met"
		if list := e.Referrals.Replies(purpose); list != "" {
			a.Reply = e.Pack.Codes(list)[0]
		}
	case handover.Accept, handover.Start, handover.Assume, handover.Release, handover.Confirm:
		a.Text = sealed.Text{}
	case referral.TakeNote:
		a = referral.Answer{Event: event}
	}
	return e.Referrals.MoveAbroad(ctx, e.by(by), newCommand(), at.Case, at.Thread, a)
}

// Expires lets the clock of this end take the steps that are its own.
func (e *nodeEnd) Expires(ctx context.Context) error {
	_, err := e.Referrals.Expire(ctx)
	return err
}

// Passes lets time pass at this end.
func (e *nodeEnd) Passes(_ context.Context, d time.Duration) error {
	clk, ok := e.Clock.(interface{ pass(time.Duration) })
	if !ok {
		return errors.New("this end has the machine's clock")
	}
	clk.pass(d)
	return nil
}
