package demo

import (
	"context"
	"time"

	"causeway/internal/casework"
	"causeway/internal/forms"
	"causeway/internal/sealed"
)

// wholeSteps is the way of the child, oldest first.
var wholeSteps = []wholeStep{
	{300, (*whole).screened},
	{299, (*whole).registered},
	{298, (*whole).firstDays},
	{295, func(w *whole, ctx context.Context) error {
		if err := w.finish(ctx, "rapid_assessment", nil); err != nil {
			return err
		}
		return w.stage(ctx, "assessed")
	}},
	{290, func(w *whole, ctx context.Context) error {
		if err := w.status(ctx, casework.Status{Kind: "guardian", State: "guardian_named", StatusDetails: casework.StatusDetails{
			Body: words("Guardianship office of Saltmere"), Grounds: words("No parent in the country"),
		}}); err != nil {
			return err
		}
		return w.status(ctx, casework.Status{Kind: "reflection", State: "reflection_granted", StatusDetails: casework.StatusDetails{Body: words("Migration office")}})
	}},
	{285, (*whole).assessed},
	{280, (*whole).bestInterests},
	{276, (*whole).planned},
	{270, (*whole).placed},
	{255, func(w *whole, ctx context.Context) error {
		return w.status(ctx, casework.Status{Kind: "reflection", State: "reflection_ended", StatusDetails: casework.StatusDetails{Body: words("Migration office"), Grounds: words("She wants to help the police")}})
	}},
	{240, (*whole).served},
	{200, func(w *whole, ctx context.Context) error { return w.finish(ctx, "visit", nil) }},
	{150, (*whole).missing},
	{148, (*whole).found},
	{147, func(w *whole, ctx context.Context) error {
		return w.t.n.Cases.ReturnTalk(ctx, w.worker, newCommand(), w.id, casework.Talk{
			Question: words("What made you go?"), Words: words("He wrote that he knows where my brother sleeps. I wanted to see with my own eyes."),
			Seen: words("She was cold and hungry, and calm once she had slept."), Thought: words("The messages are the danger. She needs a new number, and the police need the old one."),
			Language: "en", Alone: "yes",
		})
	}},
	{120, func(w *whole, ctx context.Context) error {
		return w.status(ctx, casework.Status{Kind: "identification", State: "identification_recognised", StatusDetails: casework.StatusDetails{
			Body: words("National identification board"), Grounds: words("Brought to work under threat, no pay, debt made up by the owner"), Reference: words("board letter, in the file"),
		}})
	}},
	{90, func(w *whole, ctx context.Context) error {
		return w.t.n.Cases.StartTracing(ctx, w.worker, newCommand(), w.id, casework.Sought{
			By: "child", Who: words("Her aunt, a baker"), Relation: "aunt_uncle", Last: words("A bakery at the river ferry, two years ago"),
			ConsentBy: words("The child and the guardian"), ConsentOn: w.on(), Fears: "no",
		}, words("My aunt sang when she baked. I think she would like to know where I am."), true)
	}},
	{60, (*whole).solved},
	{30, func(w *whole, ctx context.Context) error { return w.finish(ctx, "reintegration_followup", nil) }},
	{6, (*whole).lately},
}

// firstDays: urgent needs, who is around the child, where she sleeps, who decides
// for her.
func (w *whole) firstDays(ctx context.Context) error {
	room := w.t.n.Cases
	steps := []func() error{
		func() error {
			return w.note(ctx, casework.Note{
				Question: words("What do you need tonight?"), Words: words("A door that I can close, and that nobody calls my mother yet."),
				Seen: words("She kept her shoes on. Marks of needles on both hands."), Thought: words("She fears the owner more than she says."), Alone: "yes",
			})
		},
		func() error {
			return w.status(ctx, casework.Status{Kind: "minority", State: "minority_presumed", StatusDetails: casework.StatusDetails{Body: words("Our team"), Grounds: words("No papers; says 13 or 14; looks it")}})
		},
		func() error {
			return w.status(ctx, casework.Status{Kind: "guardian", State: "guardian_asked", StatusDetails: casework.StatusDetails{Body: words("Guardianship office of Saltmere")}})
		},
		func() error {
			return w.status(ctx, casework.Status{Kind: "identification", State: "identification_presumed", StatusDetails: casework.StatusDetails{Body: words("Police of Saltmere"), Grounds: words("Brought, made to work, not paid")}})
		},
		func() error {
			return room.AddCare(ctx, w.worker, newCommand(), w.id, casework.Care{Kind: "shelter", From: w.on(), Where: words("The house by the lime trees"), Decided: words("Duty worker, with the child")})
		},
		func() error {
			return room.AddOther(ctx, w.worker, newCommand(), w.id, casework.Other{
				Name: words("The owner of the workshop"), Relation: "employer", Safe: "no", Why: words("He threatened her in front of the officer"), Suspected: true,
			})
		},
		func() error {
			return room.AddOther(ctx, w.worker, newCommand(), w.id, casework.Other{Name: words("Her aunt, a baker"), Relation: "aunt_uncle", Safe: "unknown", Why: words("Not reached yet")})
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *whole) assessed(ctx context.Context) error {
	err := w.finish(ctx, "full_assessment", forms.Answers{
		"exploited_how": {Codes: []string{"labour_child", "labour_forced"}}, "controlled_how": {Codes: []string{"debt", "physical_threats", "withholds_papers"}},
		"age_started": {Number: 12, HasNumber: true},
	})
	if err != nil {
		return err
	}
	for _, n := range []casework.NewNeed{
		{Service: "emergency_shelter", Words: words("A room with a key"), Note: words("Until a family is found")},
		{Service: "legal_aid", Words: words("That somebody explains what the police want"), Note: words("Before any interview")},
		{Service: "school", Words: words("To read the names on the buses"), Note: words("A place in a small class")},
	} {
		if !w.t.n.Pack.Valid("service", n.Service) {
			n.Service = "other"
		}
		if err := w.t.n.Cases.AddNeed(ctx, w.worker, newCommand(), w.id, n); err != nil {
			return err
		}
	}
	return nil
}

func (w *whole) bestInterests(ctx context.Context) error {
	if err := w.finish(ctx, "bia_full", nil); err != nil {
		return err
	}
	return w.stage(ctx, "best_interests")
}

// planned: the plan is made with the child, and agreed.
func (w *whole) planned(ctx context.Context) error {
	goal := func(text, area string) forms.Answers {
		return forms.Answers{"goal": {State: forms.Given, Text: words(text)}, "area": {State: forms.Given, Code: area}}
	}
	step := func(text, by string) forms.Answers {
		return forms.Answers{"step": {State: forms.Given, Text: words(text)}, "step_by": {State: forms.Given, Text: words(by)}, "step_state": {State: forms.Given, Code: "open"}}
	}
	err := w.finish(ctx, "plan", forms.Answers{
		"child_wish": {Text: words("I want to go to school here first, then see my aunt.")},
		"aim":        {Text: words("A safe home, school, and an answer about her aunt.")},
		"goals":      {Groups: []forms.Answers{goal("I sleep where nobody can find me", "safety"), goal("I can read", "education"), goal("Somebody asks my aunt", "family")}},
		"steps":      {Groups: []forms.Answers{step("Visit two foster families together", "case worker"), step("Ask the school for a small class", "guardian"), step("Begin the search for the aunt", "case worker")}},
	})
	if err != nil {
		return err
	}
	plan, err := w.t.n.Cases.Plan(ctx, w.worker, w.id)
	if err != nil {
		return err
	}
	err = w.t.n.Cases.AgreePlan(ctx, w.worker, newCommand(), w.id, casework.Agreement{
		Record: plan.Plan.Record, Revision: plan.Plan.Number, Answer: "yes", Words: words("Yes. But first the school."), Language: "en", Alone: "yes", Copy: "yes",
	})
	if err != nil {
		return err
	}
	return w.stage(ctx, "planned")
}

// placed: a foster family, authorised on the basis of the assessment.
func (w *whole) placed(ctx context.Context) error {
	room := w.t.n.Cases
	if err := w.stage(ctx, "in_services"); err != nil {
		return err
	}
	child, err := room.Open(ctx, w.worker, w.id)
	if err != nil {
		return err
	}
	if err := room.PlanAct(ctx, w.worker, newCommand(), w.id, "placement", words("The second family; she chose it herself"), child.Case.Version); err != nil {
		return err
	}
	if err := w.approve(ctx); err != nil {
		return err
	}
	return room.AddCare(ctx, w.worker, newCommand(), w.id, casework.Care{
		Kind: "foster", From: w.on(), Where: words("A family at the edge of town"), Decided: words("Guardian, on the best-interests assessment"),
	})
}

// served: what was asked for was delivered, or not.
func (w *whole) served(ctx context.Context) error {
	room := w.t.n.Cases
	list, err := room.Needs(ctx, w.worker, w.id)
	if err != nil {
		return err
	}
	for i := range list.Needs {
		need := list.Needs[i].ID
		if i == len(list.Needs)-1 {
			return room.MarkUnmet(ctx, w.worker, newCommand(), w.id, need, "no_place", words("The small class is full until spring"))
		}
		q := casework.Request{Provider: words("A house of the town"), Due: w.day.AddDate(0, 0, 14)}
		if err := room.RequestService(ctx, w.worker, newCommand(), w.id, need, q); err != nil {
			return err
		}
		if err := room.DeliverService(ctx, w.worker, newCommand(), w.id, need, sealed.Text{}); err != nil {
			return err
		}
	}
	return nil
}

func (w *whole) missing(ctx context.Context) error {
	return w.t.n.Cases.ReportMissing(ctx, w.worker, newCommand(), w.id, casework.Report{
		Since: w.day.Add(-3 * time.Hour), Text: words("Did not come home from the market. A grey coat. Her telephone is off."),
		Told: words("Police, hotline for missing children, guardian"), Reference: words("police 4471"),
	})
}

func (w *whole) found(ctx context.Context) error {
	return w.t.n.Cases.FoundMissing(ctx, w.worker, newCommand(), w.id, casework.Return{
		Found: w.day.Add(-time.Hour), Place: words("The bus station"), Text: words("A driver saw her and called the number on the poster."), Words: words("I was coming back."),
	})
}

// solved: the lasting solution is chosen, and follow-up begins.
func (w *whole) solved(ctx context.Context) error {
	if err := w.finish(ctx, "durable_solution", nil); err != nil {
		return err
	}
	if err := w.stage(ctx, "solution"); err != nil {
		return err
	}
	return w.stage(ctx, "followup")
}

// lately: what a worker finds on the page today.
func (w *whole) lately(ctx context.Context) error {
	room := w.t.n.Cases
	if err := w.note(ctx, casework.Note{
		Kind: "home_visit", Question: words("How is it here now?"), Words: words("The dog waits for me. I read him the bus signs."),
		Seen: words("She opened the door herself and laughed."), Thought: words("She is at home here."), Alone: "yes",
	}); err != nil {
		return err
	}
	if err := room.SetTask(ctx, w.worker, newCommand(), w.id, casework.Task{Text: words("Ask the school about the small class again"), Day: w.day.AddDate(0, 0, 8), For: "lead"}); err != nil {
		return err
	}
	return room.PutFlag(ctx, w.worker, newCommand(), w.id, casework.Flag{Reason: "court", Text: words("The hearing against the owner of the workshop"), Day: w.day.AddDate(0, 0, 20)})
}
