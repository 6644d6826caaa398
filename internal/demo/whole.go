package demo

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fixture"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/screening"
	"causeway/internal/sealed"
)

// whole tells one child's way as a whole: from the first sign at a workshop through
// assessment, plan, care, a time of being missing and a body's decision to a
// lasting solution and the visits after it. A newcomer follows it on the child's
// page.
type whole struct {
	t     *teller
	child fixture.Child
	id    ident.Case
	day   time.Time // of the step

	worker, boss, officer *access.Caller
}

// wholeStep is what happened so many days ago.
type wholeStep struct {
	ago int
	do  func(*whole, context.Context) error
}

// wholeChild is an invented child who is not among the others.
func (t *teller) wholeChild(after int) fixture.Child {
	var found fixture.Child
	n := 0
	for c := range t.world.Children(after + 200) {
		if n++; n > after && c.Team == fixture.SaltmereTeam && c.SexRecorded == "female" {
			return c
		}
		found = c
	}
	return found
}

// newWhole prepares the story.
func (t *teller) newWhole(after int) *whole {
	w := &whole{t: t, child: t.wholeChild(after)}
	for i, s := range t.staff {
		if s.Unit != fixture.SaltmereTeam {
			continue
		}
		as := t.as(i, i)
		switch {
		case s.Role == access.RoleCaseWorker && w.worker == nil:
			w.worker = as
		case s.Role == access.RoleSupervisor && w.boss == nil:
			w.boss = as
		case s.Role == access.RoleFirstResponder && w.officer == nil:
			w.officer = as
		}
	}
	return w
}

// until carries out the steps that were due before a moment, and returns those
// that are left.
func (w *whole) until(ctx context.Context, steps []wholeStep, today, now time.Time) ([]wholeStep, error) {
	for len(steps) > 0 {
		at := today.AddDate(0, 0, -steps[0].ago).Add(10 * time.Hour)
		if at.After(now) {
			break
		}
		w.t.when.set(at)
		w.day = at
		if err := steps[0].do(w, ctx); err != nil {
			return steps, fmt.Errorf("the whole story, %d days ago: %w", steps[0].ago, err)
		}
		steps = steps[1:]
	}
	return steps, nil
}

func newCommand() ident.Command { return ident.New[ident.Command]() }

func words(s string) sealed.Text { return sealed.NewText(s) }

// on is the day of the step as a date.
func (w *whole) on() sealed.Date {
	d, err := sealed.NewDate(w.day.Year(), int(w.day.Month()), w.day.Day())
	if err != nil {
		panic("demo: a day that is none: " + err.Error())
	}
	return d
}

// finish fills a form in and finishes it; what needs a second person is approved
// by the supervisor.
func (w *whole) finish(ctx context.Context, form string, given forms.Answers) error {
	room := w.t.n.Cases
	child, err := room.Open(ctx, w.worker, w.id)
	if err != nil {
		return err
	}
	f := room.Forms().Library().Form(form, 0)
	if f == nil {
		return fmt.Errorf("there is no form %s", form)
	}
	env := casework.RecordEnv(w.day, &child.Person.Details)
	in := casework.RecordInput{Form: form, Answers: filled(f, given, env, w.t.n.Pack.Codes), Finish: true, Today: w.day}
	if _, err := room.SaveRecord(ctx, w.worker, newCommand(), w.id, in); err != nil {
		return fmt.Errorf("form %s: %w", form, err)
	}
	return w.approve(ctx)
}

// approve approves all that waits for the supervisor.
func (w *whole) approve(ctx context.Context) error {
	list, err := w.t.n.Cases.Approvals(ctx, w.boss, w.id)
	if err != nil {
		return err
	}
	for _, a := range list.Approvals {
		if !a.Decided.IsZero() {
			continue
		}
		answer := casework.Answer{Approve: true, Comment: words("Read and agreed. Well reasoned.")}
		if err := w.t.n.Cases.Decide(ctx, w.boss, newCommand(), w.id, a.ID, answer); err != nil {
			return fmt.Errorf("approve %s: %w", a.Code, err)
		}
	}
	return nil
}

func (w *whole) stage(ctx context.Context, to string) error {
	child, err := w.t.n.Cases.Open(ctx, w.worker, w.id)
	if err != nil {
		return err
	}
	return w.t.n.Cases.ChangeStage(ctx, w.worker, newCommand(), w.id, casework.Decision{To: to, Seen: child.Case.Version})
}

func (w *whole) note(ctx context.Context, n casework.Note) error {
	if n.Kind == "" {
		n.Kind = "conversation"
	}
	n.On, n.Language = w.on(), "en"
	if n.Interpreter == "" {
		n.Interpreter = "not_needed"
	}
	return w.t.n.Cases.AddNote(ctx, w.worker, newCommand(), w.id, n)
}

func (w *whole) status(ctx context.Context, s casework.Status) error {
	if s.From.IsZero() {
		s.From = w.day
	}
	return w.t.n.Cases.RecordStatus(ctx, w.worker, newCommand(), w.id, s)
}

// screened: an officer meets the child at a workshop and hands over.
func (w *whole) screened(ctx context.Context) error {
	in := casework.Screened{Age: "12-14", Place: "workplace", Language: "en", Region: w.child.Region, Answers: screening.Answers{}, HandOver: true}
	rules := w.t.n.Pack.Screening()
	for _, q := range append(rules.First(), rules.Cards(in.Age, in.Place)...) {
		in.Answers[q.Code] = screening.No
	}
	for _, yes := range []string{"safe_now", "brought", "pay", "long_hours"} {
		in.Answers[yes] = screening.Yes
	}
	var err error
	w.id, err = w.t.n.Cases.MakeCheck(ctx, w.officer, newCommand(), in)
	return err
}

// registered: a worker takes the check over and registers the child from it.
func (w *whole) registered(ctx context.Context) error {
	room := w.t.n.Cases
	if err := room.Accept(ctx, w.worker, newCommand(), w.id); err != nil {
		return err
	}
	check, err := room.CheckResult(ctx, w.worker, w.id)
	if err != nil {
		return err
	}
	d, err := Details(&w.child)
	if err != nil {
		return err
	}
	d.Birth = person.Birth{Earliest: date(w.day.Year()-14, 1, 1), Latest: date(w.day.Year()-13, 12, 31), Source: "child", Certainty: "doubtful", PresumedChild: true}
	return room.RegisterCheck(ctx, w.worker, newCommand(), w.id, check.Version, casework.Registration{
		Person: d, Place: words("A sewing workshop behind the market"), Region: w.child.Region, Risk: "high",
		RiskReasons: []string{"threats", "exploiter_contact"}, RiskText: words("The owner came to the door twice and asked for her."),
		Basis: "vital_interest",
	})
}

func date(year, month, day int) sealed.Date {
	d, err := sealed.NewDate(year, month, day)
	if err != nil {
		panic("demo: a day that is none: " + err.Error())
	}
	return d
}
