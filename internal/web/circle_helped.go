package web

import (
	"net/http"
	"strings"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/referral"
)

// helped lists the children whom somebody helps, by number.
func (s *Server) helped(v *visit) error {
	list, err := s.Circle.Mine(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Helped{Frame: v.frame("helped")}
	if s.Gate.May(v.caller, "circle.ask") {
		view.Ask = "/helped/ask"
	}
	for i := range list.Children {
		h := &list.Children[i]
		row := HelpedRow{
			Href: "/helped/" + h.Case.ID.String(), Number: h.Case.Number.String(), Unit: v.unitName(h.Case.Unit),
			Roles: v.labels(pack.CircleRoles, h.Roles), Letters: h.Letters, Unanswered: h.Unanswered,
		}
		if !h.Newest.IsZero() {
			row.Newest = v.day(h.Newest)
		}
		if len(h.Roles) > 0 {
			row.Consent, row.Notes = v.circlePages(h.Case.ID, v.caller.Role() == access.RoleGuardian || v.caller.Role() == access.RoleLawyer, v.caller.Role() == access.RoleLawyer)
		}
		view.Rows = append(view.Rows, row)
	}
	for _, n := range view.Nav {
		if n.Tab == "refer" && n.Count > 0 {
			view.Refer = &n
		}
	}
	for i := range list.Answers {
		a := &list.Answers[i]
		view.Answers = append(view.Answers, HelpedAnswer{
			Number: a.Number.String(), Purpose: v.label(pack.ConsentPurposes, a.Purpose), State: a.State, Reason: a.Reason, At: v.day(a.Decided),
		})
	}
	view.Stamp = v.stamp(list.Entry)
	return v.write(http.StatusOK, view)
}

// circlePages are the pages of a child that somebody of the circle may use.
func (v *visit) circlePages(id ident.Case, answers, notes bool) (consents, privileged string) {
	at := "/child/" + id.String()
	if answers {
		consents = at + "/consent"
	}
	if notes {
		privileged = at + "/privileged"
	}
	return consents, privileged
}

// partOf reads the reader's part of the case of the address.
func (v *visit) partOf() (*referral.Part, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]()
	}
	return v.s.Circle.Part(v.r.Context(), v.caller, id)
}

// helpedChild is somebody's own part of a case.
func (s *Server) helpedChild(v *visit) error {
	part, err := v.partOf()
	if err != nil {
		return err
	}
	at := "/helped/" + part.Case.ID.String()
	view := HelpedChild{
		Frame: v.frame("helped"), Number: part.Case.Number.String(), Unit: v.unitName(part.Case.Unit), Worker: v.name(part.Case.Worker),
		Roles: v.labels(pack.CircleRoles, part.Roles),
	}
	if part.MayReport {
		view.Report = at + "/report"
	}
	view.Consent, view.Notes = v.circlePages(part.Case.ID, part.MayAnswer, part.MayNote)
	for i := range part.Disclosures {
		d := &part.Disclosures[i]
		row := v.givenRow(d, at+"/", part.Closed[d.ID])
		if row.TellBy = nil; part.Closed[d.ID] {
			row.Href = ""
		}
		view.Letters = append(view.Letters, row)
	}
	for i := range part.Meetings {
		view.Meetings = append(view.Meetings, helpedMeeting(&part.Meetings[i]))
	}
	for i := range part.Reports {
		e := &part.Reports[i]
		view.Reports = append(view.Reports, HelpedReport{At: e.At.In(s.Zone), Text: e.Text.Reveal()})
	}
	view.Stamp = v.stamp(part.Entry)
	return v.write(http.StatusOK, view)
}

func helpedMeeting(m *casework.Agenda) HelpedMeeting {
	out := HelpedMeeting{Place: m.Place.Reveal(), Absent: m.Absent}
	out.On, _ = locale.ParseDay(m.Day.Reveal())
	for _, t := range m.Topics {
		out.Topics = append(out.Topics, t.Reveal())
	}
	for _, a := range m.Agreed {
		out.Agreed = append(out.Agreed, a.Reveal())
	}
	return out
}

// letter is one disclosure as its recipient reads it, on the screen or for paper.
func (s *Server) letter(v *visit) error {
	of, err := v.caseID()
	if err != nil {
		of = ident.New[ident.Case]()
	}
	id, err := ident.Parse[referral.DisclosureID](v.r.PathValue("disclosure"))
	if err != nil {
		id = ident.New[referral.DisclosureID]()
	}
	read, paper := s.Circle.Read, strings.HasSuffix(v.r.URL.Path, "/print")
	if paper {
		read = s.Circle.Print
	}
	l, err := read(v.r.Context(), v.caller, of, id)
	if err != nil {
		return err
	}
	at := "/helped/" + of.String()
	view := LetterPage{Frame: v.frame("helped"), Letter: v.letterOf(&l.Disclosure, l.Case.Number), Back: at}
	if !paper {
		view.Print = at + "/" + id.String() + "/print"
	}
	view.Stamp = v.stamp(l.Entry)
	return v.write(http.StatusOK, view)
}

// reportBackForm tells whoever works on the case something.
func (s *Server) reportBackForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			part, err := v.partOf()
			if err != nil {
				return nil, err
			}
			if !part.MayReport {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return ReportBack{Frame: v.frame("helped"), Number: part.Case.Number.String(), Form: f, Back: "/helped/" + part.Case.ID.String()}, nil
		},
		do: func(v *visit) (string, string, error) {
			id, cmd, err := v.caseAndCommand()
			if err != nil {
				return "", "", err
			}
			return "/helped/" + id.String(), "circle-report", s.Circle.Report(v.r.Context(), v.caller, cmd, id, v.text("circle_report"))
		},
	}
}

// askForm asks for parts of a case by its number. The answer is the same whether there
// is such a case or not.
func (s *Server) askForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "circle.ask") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return AskForm{Frame: v.frame("helped"), Form: f, Purposes: v.options(pack.ConsentPurposes)}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			return "/helped", "circle-asked", s.Circle.Ask(v.r.Context(), v.caller, cmd, referral.Question{
				Number: v.value("number"), Purpose: v.value("share_purpose"),
				RequestBody: referral.RequestBody{Law: v.text("ask_law"), Want: v.text("ask_want"), File: v.text("ask_file")},
			})
		},
	}
}

// circleEvent says on the timeline who was told what, and what came back.
func (v *visit) circleEvent(out *Event, e *casework.Event, line func(label, text string)) bool {
	who := func() {
		if len(e.Who) != 16 {
			return
		}
		name := v.name(ident.Staff(e.Who))
		if unit := v.unitName(ident.Unit(e.Who)); unit != "" {
			name = unit
		}
		line("share_to", name)
	}
	switch e.Kind {
	case casework.KindDisclosed:
		out.To, out.Reasons = v.label(pack.ConsentPurposes, e.To), v.labels(pack.DisclosureParts, e.Reasons)
		who()
		line("share_ask", e.Text.Reveal())
	case casework.KindDisclosureEnded, casework.KindDisclosureTold:
		out.Tone, out.To = "done", v.label(pack.ConsentPurposes, e.To)
		who()
		line("told_how", e.Told.Reveal())
		line("reason", e.Text.Reveal())
	case casework.KindTellingPostponed:
		out.Tone, out.To = "late", v.l.Date(v.day(e.DueAt()))
		who()
		line("reason", e.Text.Reveal())
	case casework.KindDisclosureAsked:
		out.Tone, out.To = "late", v.label(pack.ConsentPurposes, e.To)
		line("ask_want", e.Text.Reveal())
	case casework.KindDisclosureRefused:
		out.To = v.l.Word("refusal", e.To)
		line("reason", e.Text.Reveal())
	case casework.KindCircleJoined, casework.KindCircleLeft:
		out.To = v.label(pack.CircleRoles, e.To)
		who()
		line("reason", e.Text.Reveal())
	case casework.KindCircleWish:
		out.To = v.l.Word("wish", e.To)
		who()
	case casework.KindReportedBack:
		out.Tone = "care"
		line("circle_report", e.Text.Reveal())
	default:
		return false
	}
	if words := e.Words.Reveal(); words != "" {
		out.Words = &Words{Text: words, On: v.day(e.At), By: out.By}
	}
	return true
}
