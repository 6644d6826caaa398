package web

import (
	"net/http"
	"strconv"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/sealed"
)

// planRoutes are the pages of the plan that was made with the child.
func (s *Server) planRoutes() {
	s.page("GET /child/{case}/plan", s.plan)
	s.page("GET /child/{case}/plan/copy", s.planCopy)
	s.form("/child/{case}/plan/agree", s.planAgreeForm())
	s.form("/child/{case}/plan/step/{key}", s.planStepForm())
	s.form("/child/{case}/plan/goal/{key}", s.planGoalForm())
}

// PlanAnswers are the child's answers to a plan.
func PlanAnswers(l *locale.Locale) []Option {
	return Options(l, "planagreed", casework.Agreements()...)
}

// StepStates are what can become of a step.
func StepStates(l *locale.Locale) []Option { return Options(l, "stepstate", casework.StepStates()...) }

// GoalViews are what a child can think of a goal.
func GoalViews(l *locale.Locale) []Option { return Options(l, "goalview", casework.GoalViews()...) }

// YesOrNo are the answers to a question that has no third.
func YesOrNo(l *locale.Locale) []Option { return Options(l, "answer", "yes", "no") }

// planOf opens the plan of the case of the address.
func (v *visit) planOf(open func(ident.Case) (*casework.PlanView, error)) (*casework.PlanView, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return open(id)
}

func (v *visit) planView() (*casework.PlanView, error) {
	return v.planOf(func(id ident.Case) (*casework.PlanView, error) { return v.s.Cases.Plan(v.r.Context(), v.caller, id) })
}

func (s *Server) plan(v *visit) error {
	p, err := v.planView()
	if err != nil {
		return err
	}
	child := v.childRow(&p.Case, &p.Person.Details)
	view := Plan{Frame: v.frame("children"), Child: child, Form: child.Href + "/form/" + casework.FormPlan}
	view.Stamp = v.stamp(p.Entry)
	if p.Plan == nil {
		return v.write(http.StatusOK, view)
	}
	may := p.May["case.plan"] && !p.Case.Closed()
	as := p.Plan.Answers
	view.Some, view.Finished, view.Form = true, p.Plan.Finished, recordHref(child.Href, p.Plan.Record)
	view.Aim, view.Review = as["aim"].Text.Reveal(), DueOn(formDay(as["plan_review_on"].Date), v.today())
	if w := as["child_wish"]; w.Text.Reveal() != "" {
		view.Wish = &Words{Text: w.Text.Reveal(), Lang: w.Language, On: v.day(p.Plan.At), By: v.name(p.Plan.Author)}
	}
	if p.Approval != nil {
		row := v.approval(p.Approval, child.Href, p.May["case.approve"])
		view.Approval = &row
	}
	view.Agreed = v.planAnswer(p)
	if may && p.Plan.Finished && (p.Approval == nil || p.Approval.State != casework.ApprovalReturned) {
		view.AgreeAt = child.Href + "/plan/agree"
	}
	view.Goals, view.Steps = v.planGoals(p, may), v.planSteps(p, may)
	for _, step := range view.Steps {
		if step.State == "done" {
			view.Done++
		}
	}
	if p.May["case.print"] {
		for _, l := range locale.Languages() {
			view.Copies = append(view.Copies, Option{Value: child.Href + "/plan/copy?lang=" + l.Code(), Label: l.Name()})
		}
	}
	return v.write(http.StatusOK, view)
}

// formDay reads a day of a form, none where more than the day is open.
func formDay(d sealed.Date) locale.Day {
	day, _ := locale.ParseDay(d.Reveal())
	return day
}

// wordsOf shows what a child said, nil for nothing.
func (v *visit) wordsOf(e *casework.Event) *Words {
	if e == nil || e.Words.Reveal() == "" {
		return nil
	}
	return &Words{Text: e.Words.Reveal(), Lang: e.Language, On: v.day(e.At), By: v.name(e.Author)}
}

func (v *visit) planAnswer(p *casework.PlanView) *PlanAnswer {
	if p.Agreed == nil {
		return nil
	}
	e := p.Agreed
	return &PlanAnswer{
		Answer: e.To, Words: v.wordsOf(e), By: v.name(e.Author), On: v.day(e.At), Alone: e.Alone,
		Copy: len(e.Reasons) == 1 && e.Reasons[0] == "yes", Stale: !p.AgreedAsIs(), Note: e.Text.Reveal(),
	}
}

func (v *visit) planGoals(p *casework.PlanView, may bool) []PlanGoal {
	var out []PlanGoal
	area := p.Plan.Form.Field("goals.area")
	for i := range p.Goals {
		g := &p.Goals[i]
		row := PlanGoal{What: g.What.Reveal(), By: DueOn(formDay(g.By), v.today())}
		if area != nil && g.Area != "" {
			row.Area = v.choiceText(area, g.Area)
		}
		if g.View != nil {
			row.View, row.Words = g.View.To, v.wordsOf(g.View)
		}
		if may {
			row.At = "/child/" + p.Case.ID.String() + "/plan/goal/" + g.Key
		}
		out = append(out, row)
	}
	return out
}

func (v *visit) planSteps(p *casework.PlanView, may bool) []PlanStep {
	var out []PlanStep
	for i := range p.Steps {
		s := &p.Steps[i]
		row := PlanStep{What: s.What.Reveal(), Who: s.Who.Reveal(), Service: v.label("service", s.Service), State: s.State()}
		if row.State != "done" && row.State != "impossible" {
			row.By = DueOn(formDay(s.By), v.today())
		}
		if s.Now != nil {
			row.On, row.Note, row.Words = v.day(s.Now.At), s.Now.Text.Reveal(), v.wordsOf(s.Now)
		}
		if may {
			row.At = "/child/" + p.Case.ID.String() + "/plan/step/" + s.Key
		}
		out = append(out, row)
	}
	return out
}

// planCopy is the plan for the child, in a language of the child's: an entry of its own
// in the journal, each time.
func (s *Server) planCopy(v *visit) error {
	lang := v.r.URL.Query().Get("lang")
	if !locale.Known(lang) {
		return fault.New(fault.NotFound, "no-such-page")
	}
	p, err := v.planOf(func(id ident.Case) (*casework.PlanView, error) { return s.Cases.PrintPlan(v.r.Context(), v.caller, id) })
	if err != nil {
		return err
	}
	if p.Plan == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	v.l = locale.Get(lang)
	as := p.Plan.Answers
	view := PlanCopy{
		Frame: v.frame("children"), Child: v.childRow(&p.Case, &p.Person.Details), Aim: as["aim"].Text.Reveal(),
		Goals: v.planGoals(p, false), Steps: v.planSteps(p, false), Review: formDay(as["plan_review_on"].Date),
		Worker: v.name(p.Case.Worker), Unsafe: as["child_has_copy"].Code != "yes",
	}
	for i := range view.Steps { // why something was not possible may be about other people
		view.Steps[i].Note = ""
	}
	view.Stamp = v.stamp(p.Entry)
	return v.write(http.StatusOK, view)
}

// planForm is a form about the newest plan. show builds the page; do carries it out.
func (s *Server) planForm(show func(*visit, *casework.PlanView, Child, Form) (any, bool),
	do func(*visit, ident.Case, ident.Command, ident.Record, int64) (string, error),
) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			p, err := v.planView()
			if err != nil {
				return nil, err
			}
			if p.Plan == nil || !p.May["case.plan"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if f.Value("plan_record") == "" || f.Fault != "" {
				f.Hidden = append(f.Hidden, Hidden{"plan_record", p.Plan.Record.String()}, Hidden{"plan_revision", strconv.FormatInt(p.Plan.Number, 10)})
			} else {
				f.Hidden = append(f.Hidden, Hidden{"plan_record", f.Value("plan_record")}, Hidden{"plan_revision", f.Value("plan_revision")})
			}
			view, ok := show(v, p, v.childRow(&p.Case, &p.Person.Details), f)
			if !ok && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			record, err := ident.Parse[ident.Record](v.value("plan_record"))
			if err != nil {
				return "", "", fault.New(fault.Invalid, "form-unreadable")
			}
			revision, err := strconv.ParseInt(v.value("plan_revision"), 10, 64)
			if err != nil {
				return "", "", fault.New(fault.Invalid, "form-unreadable")
			}
			done, err := do(v, id, cmd, record, revision)
			return "/child/" + id.String() + "/plan", done, err
		},
	}
}

func (s *Server) planAgreeForm() formPage {
	return s.planForm(
		func(v *visit, p *casework.PlanView, c Child, f Form) (any, bool) {
			return PlanAgree{
				Frame: v.frame("children"), Child: c, Form: f.Ask("language", v.l.T("note.language")), Aim: p.Plan.Answers["aim"].Text.Reveal(),
				Answers: PlanAnswers(v.l), Languages: v.options("language"), Alone: Alone(v.l), Copies: YesOrNo(v.l),
			}, p.Plan.Finished
		},
		func(v *visit, id ident.Case, cmd ident.Command, record ident.Record, revision int64) (string, error) {
			return "plan-agreed", s.Cases.AgreePlan(v.r.Context(), v.caller, cmd, id, casework.Agreement{
				Record: record, Revision: revision, Answer: v.value("plan_agreed"), Words: v.text("plan_words"), Language: v.value("language"),
				Alone: v.value("seen_alone"), Copy: v.value("plan_copy"), Note: v.text("plan_note"),
			})
		})
}

func (s *Server) planStepForm() formPage {
	return s.planForm(
		func(v *visit, p *casework.PlanView, c Child, f Form) (any, bool) {
			view := PlanItem{Frame: v.frame("children"), Child: c, Form: f, States: StepStates(v.l)}
			for i := range p.Steps {
				if p.Steps[i].Key == v.r.PathValue("key") {
					view.What = p.Steps[i].What.Reveal()
				}
			}
			return view, view.What != ""
		},
		func(v *visit, id ident.Case, cmd ident.Command, record ident.Record, _ int64) (string, error) {
			return "plan-step", s.Cases.StepProgress(v.r.Context(), v.caller, cmd, id, casework.Progress{
				Record: record, Key: v.r.PathValue("key"), State: v.value("step_state"), Words: v.text("plan_words"), Note: v.text("plan_note"),
			})
		})
}

func (s *Server) planGoalForm() formPage {
	return s.planForm(
		func(v *visit, p *casework.PlanView, c Child, f Form) (any, bool) {
			view := PlanItem{Frame: v.frame("children"), Child: c, Form: f, Views: GoalViews(v.l), Alone: Alone(v.l)}
			for i := range p.Goals {
				if p.Goals[i].Key == v.r.PathValue("key") {
					view.What = p.Goals[i].What.Reveal()
				}
			}
			return view, view.What != ""
		},
		func(v *visit, id ident.Case, cmd ident.Command, record ident.Record, _ int64) (string, error) {
			return "plan-goal", s.Cases.GoalOpinion(v.r.Context(), v.caller, cmd, id, casework.Opinion{
				Record: record, Key: v.r.PathValue("key"), View: v.value("goal_view"), Words: v.text("plan_words"), Alone: v.value("seen_alone"),
			})
		})
}

// planEvent says on the timeline what was done about the plan.
func (v *visit) planEvent(out *Event, e *casework.Event) {
	out.Alone = e.Alone
	switch e.Kind {
	case casework.KindPlanAgreed:
		out.Tone, out.To = "care", v.l.Word("planagreed", e.To)
	case casework.KindPlanStep:
		out.From, out.To = "", v.l.Word("stepstate", e.To)
		out.Lines = append(out.Lines, Line{Label: "plan_step", Text: e.Whom.Reveal()})
	case casework.KindPlanGoal:
		out.Tone, out.To = "care", v.l.Word("goalview", e.To)
		out.Lines = append(out.Lines, Line{Label: "plan_goal", Text: e.Whom.Reveal()})
	}
}
