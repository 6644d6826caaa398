package web

import (
	"net/http"
	"net/url"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
)

// tracingRoutes are the pages of the search for a child's family.
func (s *Server) tracingRoutes() {
	s.page("GET /child/{case}/tracing", s.tracing)
	s.form("/child/{case}/tracing/start", s.tracingStart())
	s.form("/child/{case}/tracing/{strand}/{step}", s.tracingStep())
}

// tracing lists the searches.
func (s *Server) tracing(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := Tracing{
		Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Can: c.May["case.tracing"] && !c.Case.Closed(),
	}
	for _, found := range c.Searches() {
		row := v.searchRow(view.Child.Href, &found)
		if !view.Can {
			row.Next = nil
		}
		view.Rows = append(view.Rows, row)
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

func (v *visit) searchRow(child string, f *casework.Search) SearchRow {
	s := &f.Sought
	row := SearchRow{
		Href: child + "/tracing/" + f.ID.String(), Who: s.Who.Reveal(), Relation: v.label("relation", s.Relation), By: s.By, State: f.Code,
		Ended: f.Ended(), Last: s.Last.Reveal(), Consent: s.ConsentBy.Reveal(), Fears: s.Fears, Safety: s.Safety.Reveal(), Words: f.Words.Reveal(),
	}
	row.On, _ = locale.ParseDay(s.ConsentOn.Reveal())
	if !row.Ended {
		row.Next = casework.TracingSteps(f.Code)
	}
	for i := range f.Steps {
		e := &f.Steps[i]
		if e.Tracing == nil || e.Tracing.Sought != nil {
			continue
		}
		row.Steps = append(row.Steps, v.searchStep(e))
	}
	return row
}

func (v *visit) searchStep(e *casework.Event) SearchStep {
	t := e.Tracing
	out := SearchStep{Kind: t.Kind, What: v.stepWhat(t), At: e.At.In(v.s.Zone), By: v.name(e.Author), Match: t.Match}
	out.On, _ = locale.ParseDay(t.On.Reveal())
	for _, l := range []Line{
		{"step_question", e.Question.Reveal()}, {"step_expected", t.Expected.Reveal()}, {"step_said", t.Said.Reveal()}, {"step_outcome", e.Text.Reveal()},
	} {
		if l.Text != "" {
			out.Lines = append(out.Lines, l)
		}
	}
	return out
}

// stepLists are the code lists of what a step was.
var stepLists = map[string]string{casework.StepAction: "tracing_action", casework.StepResult: "tracing_result", casework.StepStop: "tracing_stop"}

func (v *visit) stepWhat(t *casework.TracingStep) string {
	if list := stepLists[t.Kind]; list != "" {
		return v.label(list, t.What)
	}
	return ""
}

// tracingStart begins a search.
func (s *Server) tracingStart() formPage {
	return s.onTracing(func(v *visit, c *casework.Child, f Form) (any, error) {
		if f.Values == nil {
			f.Values = url.Values{"consent_on": {v.today().ISO()}}
		}
		return TracingStart{
			Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f,
			By: Options(v.l, "soughtby", casework.SoughtBy()...), Relations: v.options("relation"),
			Consent: OneBox(v.l, "tracing.consent"), Fears: Options(v.l, "answer", casework.FearAnswers()...),
		}, nil
	}, func(v *visit, id ident.Case, cmd ident.Command) error {
		var c fault.Check
		on := v.dayField(&c, "consent_on")
		if err := c.Err(); err != nil {
			return err
		}
		return s.Cases.StartTracing(v.r.Context(), v.caller, cmd, id, casework.Sought{
			By: v.value("sought_by"), Who: v.text("sought_who"), Relation: v.value("relation_to"), Last: v.text("sought_last"),
			ConsentBy: v.text("consent_by"), ConsentOn: on, Fears: v.value("fears"), Safety: v.text("search_safety"),
		}, v.text("sought_words"), v.value("consent") == "yes")
	})
}

// tracingStep writes a step of a search.
func (s *Server) tracingStep() formPage {
	return s.onTracing(func(v *visit, c *casework.Child, f Form) (any, error) {
		search, err := v.strandID()
		if err != nil {
			return nil, err
		}
		step, all := v.r.PathValue("step"), c.Searches()
		i := slices.IndexFunc(all, func(x casework.Search) bool { return x.ID == search })
		if i < 0 || all[i].Ended() && f.Fault == "" || !slices.Contains(casework.TracingSteps(all[i].Code), step) && f.Fault == "" {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		if f.Values == nil {
			f.Values = url.Values{"step_on": {v.today().ISO()}}
		}
		view := TracingStepForm{
			Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, Step: step, Who: all[i].Sought.Who.Reveal(),
			Match: Options(v.l, "match", casework.MatchAnswers()...),
		}
		if list := stepLists[step]; list != "" {
			view.Whats = v.options(list)
		}
		return view, nil
	}, func(v *visit, id ident.Case, cmd ident.Command) error {
		search, err := v.strandID()
		if err != nil {
			return err
		}
		var c fault.Check
		on := v.dayField(&c, "step_on")
		if err := c.Err(); err != nil {
			return err
		}
		return s.Cases.AddTracingStep(v.r.Context(), v.caller, cmd, id, search, casework.TracingStep{
			Kind: v.r.PathValue("step"), What: v.value("step_what"), On: on, Question: v.text("step_question"), Expected: v.text("step_expected"),
			Said: v.text("step_said"), Match: v.value("step_match"), Outcome: v.text("step_outcome"),
		})
	})
}

// onTracing is a form of the search for a child's family.
func (s *Server) onTracing(view func(*visit, *casework.Child, Form) (any, error), do func(*visit, ident.Case, ident.Command) error) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.opened()
			if err != nil {
				return nil, err
			}
			if !c.May["case.tracing"] || c.Case.Closed() && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return view(v, c, f)
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
			return "/child/" + id.String() + "/tracing", "family", do(v, id, cmd)
		},
	}
}
