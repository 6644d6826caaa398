package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// crossing is one child's case that is told to an office of another country.
type crossing struct {
	to      int // of the countries
	purpose string
	reason  string
	steps   []step
}

// step is what one of the two offices does then; without an event, a word of the journey.
type step struct {
	there   bool
	event   handover.Event
	text    string
	code    string
	journey string
}

// crossings are threads in every state that a visitor should see: what waits on either
// side, what is worked on, what was refused, and a transfer of which the child is on the
// way.
var crossings = []crossing{
	{0, "referral", "Her grandmother lives in Wadi Rayhan. Is there a bed near her?", nil},
	{1, "referral", "He wants to go on learning his trade in Sorelle.", nil},
	{0, "referral", "He asks for somebody who speaks as they do at home.", []step{
		{there: true, event: handover.AskInfo, text: "هل يحتاج الطفل إلى طبيب؟"},
	}},
	{1, "referral", "The mother is in Port-Amarante and asks after her.", []step{{there: true, event: handover.Accept}}},
	{0, "referral", "She has been called as a witness there in spring.", []step{
		{there: true, event: handover.Accept}, {there: true, event: handover.Start},
	}},
	{1, "referral", "A place at the school there is kept for him.", []step{
		{there: true, event: handover.Accept},
		{there: true, event: handover.Start},
		{there: true, event: handover.Hold, text: "L’école est fermée jusqu’à lundi."},
	}},
	{0, "information", "Which papers were given to him at birth?", []step{
		{there: true, event: handover.Accept},
		{there: true, event: handover.Start},
		{there: true, event: handover.Complete, text: "شهادة الميلاد في السجل المدني، ويمكن إرسال نسخة.", code: "met"},
	}},
	{1, "referral", "Her brother is in care there and wants to see her.", []step{
		{there: true, event: handover.Accept},
		{there: true, event: handover.Start},
		{there: true, event: handover.Complete, text: "Ils se sont vus deux fois.", code: "met"},
		{event: handover.Confirm},
	}},
	{0, "referral", "He thinks that his uncle could take him in.", []step{
		{there: true, event: handover.Decline, code: "endanger"},
	}},
	{1, "referral", "Needs a bed for two nights on the way.", []step{{event: handover.Withdraw, text: "She found one on this side."}}},
	{1, "referral", "Comes with the night train.", []step{
		{there: true, event: handover.Accept},
		{there: true, event: handover.HandBack, text: "Personne n’est descendu du train.", code: "child_not_there"},
	}},
	{0, "transfer", "The court of children decided that she lives with her aunt in Wadi Rayhan.", []step{
		{there: true, event: handover.Accept}, {event: handover.Release}, {journey: payload.Travelling},
	}},
}

// crossed tells what passed between the nodes, from the Saltmere team to the two offices,
// and one question the other way.
func crossed(ctx context.Context, all []*teller) error {
	main := all[0]
	worker := slices.IndexFunc(main.staff, func(s fixture.Staff) bool {
		return s.Role == access.RoleCaseWorker && s.Unit == fixture.SaltmereTeam
	})
	rows, err := main.listed(ctx, worker)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(c casework.Case) bool { return c.Stage == casework.StageMissing })
	for i := range min(len(crossings), len(rows)) {
		c := &crossings[len(crossings)-1-i] // the transfer first: its child has waited longest
		if err := cross(ctx, all, worker, rows[len(rows)-1-i].ID, c); err != nil {
			return fmt.Errorf("crossing %d: %w", len(crossings)-1-i, err)
		}
	}
	return nil
}

// listed returns the open cases of a worker that are further than a check.
func (t *teller) listed(ctx context.Context, worker int) ([]casework.Case, error) {
	page, err := t.n.Cases.List(ctx, t.as(worker, worker), casework.Query{OpenOnly: true, Worker: t.ids[worker]})
	if err != nil {
		return nil, err
	}
	var out []casework.Case
	for _, r := range page.Rows {
		if r.Case.Stage != casework.StageScreened {
			out = append(out, r.Case)
		}
	}
	return out, nil
}

// cross sends one child's case and lets what happened since happen.
func cross(ctx context.Context, all []*teller, worker int, of ident.Case, c *crossing) error {
	here, there := all[0], all[1+c.to]
	sender := here.as(worker, worker)
	f := referral.Outgoing{
		To: there.n.Exchange.Node(), Purpose: c.purpose, Urgency: "soon", Language: "en", Written: "en", Basis: "public_task",
		Norm: sealed.NewText("Children's Act, article 31"), Reason: sealed.NewText(c.reason), View: "agrees",
		Words: sealed.NewText("I would like that."), Parts: []string{"identity", "age", "language", "needs", "risk"},
	}
	if c.purpose == "referral" {
		f.Service = "emergency_shelter"
	}
	if c.purpose == "transfer" {
		if err := here.decided(ctx, sender, of); err != nil {
			return err
		}
	}
	id, err := here.sent(ctx, sender, of, f)
	if err != nil {
		return err
	}
	for _, s := range c.steps {
		tick(all)
		if err := carry(ctx, all); err != nil {
			return err
		}
		if s.there {
			err = there.answers(ctx, s)
		} else if s.journey != "" {
			err = here.n.Referrals.Note(ctx, sender, newCommand(), of, id, referral.Told{Step: s.journey, At: here.n.Clock.Now()})
		} else {
			err = here.n.Referrals.MoveAbroad(ctx, sender, newCommand(), of, id, s.answer("en"))
		}
		if err != nil {
			return fmt.Errorf("%s%s: %w", s.event, s.journey, err)
		}
	}
	tick(all)
	return carry(ctx, all)
}

// tick lets a few seconds pass on every node.
func tick(all []*teller) {
	at := all[0].when.Now()
	for _, t := range all {
		if now := t.when.Now(); now.After(at) {
			at = now
		}
	}
	at = at.Add(5 * time.Second)
	if now := all[0].when.base.Now(); at.After(now) {
		at = now
	}
	for _, t := range all {
		t.when.set(at)
	}
}

// sent records the protection check, sends, and lets the supervisor agree where a second
// person is asked.
func (t *teller) sent(ctx context.Context, sender *access.Caller, of ident.Case, f referral.Outgoing) (referral.ThreadID, error) {
	country := countryOf(string(f.To))
	err := t.n.Referrals.Protect(ctx, sender, newCommand(), of, referral.Protection{Country: country, Asylum: "no_need", Office: "clear", View: "agrees"})
	if err != nil {
		return referral.ThreadID{}, err
	}
	p, err := t.n.Referrals.PreviewAbroad(ctx, sender, of, f)
	if err != nil {
		return referral.ThreadID{}, err
	}
	f.Seen = p.Seen
	id, err := t.n.Referrals.SendAbroad(ctx, sender, newCommand(), of, f)
	if err != nil || p.Second == "" {
		return id, err
	}
	boss := t.officerOf(access.RoleSupervisor, fixture.SaltmereTeam)
	return id, t.n.Referrals.SecondLook(ctx, boss, newCommand(), of, id, referral.Second{Agrees: true})
}

// countryOf is the code of the country in a node's name.
func countryOf(node string) string {
	for _, c := range countries {
		if string(c.id) == node {
			return c.code
		}
	}
	return "XA"
}

// decided records a court's decision that a child is handed over abroad.
func (t *teller) decided(ctx context.Context, sender *access.Caller, of ident.Case) error {
	return t.n.Cases.RecordStatus(ctx, sender, newCommand(), of, casework.Status{
		Kind: "decision", State: "transfer_abroad", From: t.n.Clock.Now(), StatusDetails: casework.StatusDetails{
			Body: sealed.NewText("Children's court at Saltmere"), Grounds: sealed.NewText("She wants to live with her aunt, who was visited twice."),
		},
	})
}

// answers takes a step in the newest thread that came, as the worker of the focal point
// does.
func (t *teller) answers(ctx context.Context, s step) error {
	as := t.partner(t.taker)
	in, err := t.n.Referrals.Inbox(ctx, as)
	if err != nil {
		return err
	}
	if len(in.Lines) == 0 {
		return errors.New("nothing came from abroad")
	}
	newest := slices.MaxFunc(in.Lines, func(a, b referral.Line) int { return a.OfferedAt.Compare(b.OfferedAt) })
	if s.event == handover.Complete { // words about a child whom this side knows
		err := t.n.Referrals.Protect(ctx, as, newCommand(), newest.Case, referral.Protection{Country: "XA", Asylum: "no_need", Office: "clear", View: "agrees"})
		if err != nil {
			return err
		}
	}
	return errors.Join(t.n.Referrals.MoveAbroad(ctx, as, newCommand(), newest.Case, newest.ID, s.answer(t.taker.language)))
}

// answer is what a step says.
func (s step) answer(language string) referral.Answer {
	a := referral.Answer{Event: s.event, Text: optText(s.text), Language: language}
	if a.Reason = s.code; s.event == handover.Complete {
		a.Reason, a.Outcome = "", s.code
	}
	return a
}
