package web

import (
	"net/http"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match"
	"causeway/internal/pack"
)

// knownRoutes are the pages of questions between countries about a child.
func (s *Server) knownRoutes() {
	s.page("GET /child/{case}/known", s.knownPage)
	s.form("/child/{case}/known/ask", s.knownAskForm())
	s.form("/child/{case}/known/second/{id}", formPage{show: s.showKnownSecond, do: s.doKnownSecond})
	s.form("/child/{case}/known/accept/{id}", formPage{show: s.showKnownAccept, do: s.doKnownAccept})
	s.page("GET /questions", s.knownDesk)
	s.form("/questions/{case}/{id}", formPage{show: s.showKnownDecide, do: s.doKnownDecide})
}

func (v *visit) knownOffice(p match.Partner) string {
	if p.Country == "" {
		return isolated(p.Name)
	}
	return v.joined(isolated(p.Name), v.label(pack.Nationalities, p.Country))
}

// knownHere reads what a page about a child's questions shows.
func (v *visit) knownHere() (Child, *match.Known, error) {
	if v.s.Match == nil {
		return Child{}, nil, fault.New(fault.NotFound, "no-such-page")
	}
	k, err := v.s.Match.Known(v.r.Context(), v.caller, v.aCase())
	if err != nil {
		return Child{}, nil, err
	}
	list, err := v.listed()
	if err != nil {
		return Child{}, nil, err
	}
	return v.childRow(&list.Case, &list.Person.Details), k, nil
}

func (s *Server) knownPage(v *visit) error {
	child, k, err := v.knownHere()
	if err != nil {
		return err
	}
	view := KnownPage{Frame: v.frame("children"), Child: child}
	view.Stamp = v.stamp(k.Entry)
	for _, w := range k.Ways {
		view.Ways = append(view.Ways, KnownWay{v.knownOffice(w.Partner), w.Unmet})
		if len(w.Unmet) == 0 {
			view.Ask = child.Href + "/known/ask"
		}
	}
	for i := range k.Questions {
		view.Questions = append(view.Questions, v.knownQuestion(child.Href, k, &k.Questions[i]))
	}
	slices.Reverse(view.Questions)
	for i := range k.Hits {
		view.Hits = append(view.Hits, v.knownHit(&k.Hits[i]))
	}
	return v.write(http.StatusOK, view)
}

// knownTones are the colours of states.
var knownTones = map[string]string{match.QAsked: "due", match.QApproved: "soon", match.QSent: "sky", match.AOpen: "due", match.AAnswered: "leaf"}

func (v *visit) knownQuestion(href string, k *match.Known, q *match.Standing) KnownQuestion {
	row := KnownQuestion{
		Office: v.knownOffice(q.Partner), Why: q.Why, Reason: q.Reason.Reveal(), State: q.State, Tone: knownTones[q.State], Urgent: q.Urgent,
		Asked: q.At.In(v.s.Zone), By: v.name(q.Officer),
	}
	if !q.Sent.IsZero() {
		row.Sent = q.Sent.In(v.s.Zone)
	}
	if !q.Approver.IsZero() {
		row.Second = v.name(q.Approver)
	}
	if q.Second {
		row.Look = href + "/known/second/" + q.ID.String()
	}
	a := q.Answer
	if a == nil {
		return row
	}
	row.Answer, row.Contact, row.Agreed = a.State, a.Contact, a.Agreed
	row.Compared = a.State == match.CComparedIt
	if a.State == match.CCame && k.Go {
		row.Go = href + "/known/accept/" + q.ID.String()
	}
	if row.Compared {
		row.Refer = href + "/abroad"
	}
	return row
}

func (v *visit) knownHit(h *match.HitView) KnownHit {
	row := KnownHit{
		Office: v.knownOffice(h.Partner), Why: h.Why, State: h.State, Tone: knownTones[h.State], Urgent: h.Urgent, Consent: h.Agreed,
		At: h.At.In(v.s.Zone), Due: h.Due.In(v.s.Zone), Kinds: h.Kinds, Officer: h.Officer[:min(8, len(h.Officer))],
	}
	if h.Decides {
		row.Decide = "/questions/" + h.Case.String() + "/" + h.ID.String()
	}
	if h.Answer != nil {
		row.Answer, row.Contact, row.Agreed = true, h.Answer.Contact, h.Answer.Agreed
		row.Compared = h.Answer.State == match.CComparedIt
	}
	return row
}

func (s *Server) knownAskForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			child, k, err := v.knownHere()
			if err != nil {
				return nil, err
			}
			view := KnownAsk{
				Frame: v.frame("children"), Child: child, Form: f, Whys: Options(v.l, "knownwhy", match.Whys()...), Urgent: Options(v.l, "knownurgent", "yes"),
			}
			for _, w := range k.Ways {
				if len(w.Unmet) == 0 {
					view.Countries = append(view.Countries, Option{Value: w.Agreement.String(), Label: v.knownOffice(w.Partner)})
				}
			}
			if len(view.Countries) == 0 {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil || s.Match == nil {
				return "", "", err
			}
			id, err := ident.Parse[match.AgreementID](v.value("match_country"))
			if err != nil {
				id = match.AgreementID{}
			}
			f := match.Asking{Agreement: id, Why: v.value("match_why"), Urgent: v.value("known_urgent") == "yes", Reason: v.text("match_reason")}
			return "/child/" + v.aCase().String() + "/known", "known-asked", s.Match.Ask(v.r.Context(), v.caller, cmd, v.aCase(), f)
		},
	}
}

// knownStep shows the form in which somebody decides about a question of ours.
func (v *visit) knownStep(f Form, step string, choices []Option) (any, error) {
	child, k, err := v.knownHere()
	if err != nil {
		return nil, err
	}
	for i := range k.Questions {
		q := v.knownQuestion(child.Href, k, &k.Questions[i])
		may := q.Look
		if step == "accept" {
			may = q.Go
		}
		if k.Questions[i].ID.String() == v.r.PathValue("id") && may != "" {
			return KnownStep{
				Frame: v.frame("children"), Form: f, Step: step, Choices: choices, Question: &q, Back: child.Href + "/known",
			}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no-such-page")
}

func (s *Server) showKnownSecond(v *visit, f Form) (any, error) {
	return v.knownStep(f, "second", Options(v.l, "knownsecond", "yes", "no"))
}

func (s *Server) showKnownAccept(v *visit, f Form) (any, error) {
	return v.knownStep(f, "accept", Options(v.l, "knownaccept", "yes", "no"))
}

// decided reads which question a form is about, and what was decided.
func (v *visit) decided() (cmd ident.Command, id match.QuestionID, yes bool, err error) {
	if cmd, err = v.command(); err != nil {
		return cmd, id, false, err
	}
	if id, err = ident.Parse[match.QuestionID](v.r.PathValue("id")); err != nil || v.s.Match == nil {
		return cmd, id, false, fault.New(fault.NotFound, "no-such-page")
	}
	switch v.value("match_choice") {
	case "yes":
		return cmd, id, true, nil
	case "no":
		return cmd, id, false, nil
	}
	return cmd, id, false, fault.InvalidField("match_choice", "required")
}

func (s *Server) doKnownSecond(v *visit) (string, string, error) {
	cmd, id, yes, err := v.decided()
	if err != nil {
		return "", "", err
	}
	return "/child/" + v.aCase().String() + "/known", "known-decided", s.Match.Second(v.r.Context(), v.caller, cmd, v.aCase(), id, yes)
}

func (s *Server) doKnownAccept(v *visit) (string, string, error) {
	cmd, id, yes, err := v.decided()
	if err != nil {
		return "", "", err
	}
	return "/child/" + v.aCase().String() + "/known", "known-decided", s.Match.Accept(v.r.Context(), v.caller, cmd, v.aCase(), id, yes)
}

// knownDesk lists what waits for an officer of ours.
func (s *Server) knownDesk(v *visit) error {
	if s.Match == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	tasks, months, entry, err := s.Match.Tasks(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := KnownDesk{Frame: v.frame("refer")}
	view.Stamp = v.stamp(entry)
	for _, t := range tasks {
		view.Tasks = append(view.Tasks, KnownTask{
			Href: "/questions/" + t.Case.String() + "/" + t.ID.String(), Office: v.knownOffice(t.Partner), Urgent: t.Urgent, Late: v.now().After(t.Due),
			At: t.At.In(s.Zone), Due: t.Due.In(s.Zone),
		})
	}
	for _, m := range months {
		view.Months = append(view.Months, KnownMonth{v.knownOffice(m.Partner), m.Month, []KnownCount{
			{"questions", m.Ours.Questions, m.Theirs.Questions},
			{"urgent", m.Ours.Urgent, m.Theirs.Urgent},
			{"letters", m.Ours.Letters, m.Theirs.Letters},
			{"answers", m.Ours.Answers, m.Theirs.Answers},
		}})
	}
	return v.write(http.StatusOK, view)
}

func (s *Server) showKnownDecide(v *visit, f Form) (any, error) {
	if s.Match == nil {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	hits, entry, err := s.Match.Hits(v.r.Context(), v.caller, v.aCase())
	if err != nil {
		return nil, err
	}
	for i := range hits {
		if hits[i].ID.String() != v.r.PathValue("id") {
			continue
		}
		row := v.knownHit(&hits[i])
		view := KnownStep{Frame: v.frame("refer"), Form: f, Step: "decide", Hit: &row, Back: "/questions"}
		if hits[i].Decides {
			view.Choices = Options(v.l, "knowndecide", match.Choices()...)
		}
		view.Stamp = v.stamp(entry)
		return view, nil
	}
	return nil, fault.New(fault.NotFound, "no-such-page")
}

func (s *Server) doKnownDecide(v *visit) (string, string, error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	id, err := ident.Parse[match.HitID](v.r.PathValue("id"))
	if err != nil || s.Match == nil {
		return "", "", fault.New(fault.NotFound, "no-such-page")
	}
	f := match.Deciding{Choice: v.value("match_choice"), Contact: v.value("match_contact")}
	return "/questions", "known-decided", s.Match.Decide(v.r.Context(), v.caller, cmd, v.aCase(), id, f)
}
