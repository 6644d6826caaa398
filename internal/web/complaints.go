package web

import (
	"net/http"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/oversight"
	"causeway/internal/pack"
	"causeway/internal/staff"
)

const complaintsPath = "/complaints"

// complaintRoutes are the pages of complaints: "desk" is what only those see who look
// into one.
func (s *Server) complaintRoutes() {
	s.page("GET "+complaintsPath, s.complaints)
	s.form(complaintsPath+"/new", s.complaintNewForm())
	s.page("GET "+complaintsPath+"/{complaint}", s.myComplaint)
	s.form(complaintsPath+"/{complaint}/reopen", s.reopenComplaintForm())
	s.page("GET "+complaintsPath+"/{complaint}/desk", s.complaint)
	for step, way := range complaintSteps {
		s.form(complaintsPath+"/{complaint}/"+step, s.complaintForm(step, way))
	}
}

// ComplaintTargets are whom or what a complaint may be about.
func ComplaintTargets(l *locale.Locale) []Option {
	return Options(l, "complaintabout", oversight.AboutColleague, oversight.AboutAgency, oversight.AboutSystem)
}

func (s *Server) complaints(v *visit) error {
	mine, err := s.Oversight.Mine(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Complaints{Frame: v.frame("complaints"), Handles: s.Gate.May(v.caller, "complaint.list")}
	for _, q := range mine {
		view.Mine = append(view.Mine, v.complaintRow(q, false))
	}
	if !view.Handles {
		return v.write(http.StatusOK, view)
	}
	desk, err := s.Oversight.Complaints(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	for _, q := range desk {
		view.Desk = append(view.Desk, v.complaintRow(q, true))
	}
	return v.write(http.StatusOK, view)
}

func (v *visit) complaintRow(q *oversight.Complaint, desk bool) ComplaintRow {
	row := ComplaintRow{
		Href: complaintsPath + "/" + q.ID.String(), Receipt: q.Receipt(), Matter: v.label(pack.ComplaintMatters, q.Matter),
		By: v.label(pack.ComplaintBy, q.By), About: v.complaintAbout(q), Outcome: v.label(pack.ComplaintOutcomes, q.Outcome),
		State: q.State, Received: v.day(q.Received), Due: DueOn(v.day(q.Due()), v.today()), Danger: q.Safe == "in_danger" && q.State != oversight.Answered,
		Reopened: q.Reopened,
	}
	if desk {
		row.Href += "/desk"
	}
	return row
}

// complaintAbout names whom or what a complaint is about.
func (v *visit) complaintAbout(q *oversight.Complaint) string {
	switch q.About {
	case oversight.AboutColleague:
		return v.name(q.Staff)
	case oversight.AboutAgency:
		if a, ok := v.people.Agency(q.Agency); ok {
			return a.Name
		}
	}
	return v.l.Word("complaintabout", q.About)
}

func (v *visit) complaintID() ident.Complaint {
	id, err := ident.Parse[ident.Complaint](v.r.PathValue("complaint"))
	if err != nil {
		id = ident.New[ident.Complaint]() // a forged address takes the way of an unknown one
	}
	return id
}

func (s *Server) myComplaint(v *visit) error {
	page, err := s.Oversight.MyComplaint(v.r.Context(), v.caller, v.complaintID())
	if err != nil {
		return err
	}
	view := v.complaintPage(page, false)
	if page.Reopen {
		view.Ways = []Way{{Href: view.Row.Href + "/reopen", Step: "reopen"}}
	}
	return v.write(http.StatusOK, view)
}

func (s *Server) complaint(v *visit) error {
	page, err := s.Oversight.Complaint(v.r.Context(), v.caller, v.complaintID())
	if err != nil {
		return err
	}
	view := v.complaintPage(page, true)
	at := complaintsPath + "/" + page.ID.String() + "/"
	add := func(steps ...string) {
		for _, step := range steps {
			view.Ways = append(view.Ways, Way{Href: at + step, Step: step})
		}
	}
	switch {
	case page.State == oversight.Received:
		add("acknowledge")
	case page.State != oversight.Answered:
		add("answer", "note")
	case page.Told.IsZero():
		add("tell")
	}
	return v.write(http.StatusOK, view)
}

func (v *visit) complaintPage(p *oversight.Page, desk bool) ComplaintPage {
	q := &p.Complaint
	view := ComplaintPage{
		Frame: v.frame("complaints"), Row: v.complaintRow(q, desk), Desk: desk, How: v.label(pack.ReceivedHow, q.How),
		Language: v.label(pack.Languages, q.Language), Safe: v.label(pack.ComplaintSafe, q.Safe), Number: p.Number, Handler: v.name(q.Handler),
		Erased: p.Erased, Nobody: p.Nobody, Inside: p.Inside, ChangeUnit: v.unitName(q.ChangeUnit), ChangeBy: v.day(q.ChangeBy),
		Heard: v.day(q.Told), ToldHow: v.label(pack.ReceivedHow, q.ToldHow),
	}
	if q.State == oversight.Received {
		view.Acknowledge = v.day(q.AcknowledgeBy)
	}
	if q.State != oversight.Answered {
		view.Answer = v.day(q.AnswerBy)
	}
	for _, w := range p.Words {
		said := v.said(w, pack.ComplaintOutcomes)
		if q.By == "anonymous" && w.By == q.FiledBy && desk {
			said.Who = ""
		}
		view.Said = append(view.Said, said)
	}
	view.Stamp = v.stamp(p.Entry)
	return view
}

// said is what was written once; list is that of its code, "" for a state of a
// recommendation.
func (v *visit) said(w oversight.Words, list string) Said {
	out := Said{Kind: w.Kind, Who: v.name(w.By), At: w.At.In(v.s.Zone), Text: w.Text.Reveal()}
	switch {
	case w.Code == "":
	case list == "":
		out.Code = v.l.Word("recommendation", w.Code)
	default:
		out.Code = v.label(list, w.Code)
	}
	if w.Entry != nil {
		look := v.look(*w.Entry)
		out.Entry = &look
	}
	return out
}

// peers are the colleagues of the reader's own agency; whoever sees who works here may
// name anybody.
func (v *visit) peers() []Option {
	mine, _ := v.people.AgencyOf(v.caller.Unit())
	all := v.s.Gate.May(v.caller, "staff.list")
	return v.colleagues(func(a staff.Account) bool {
		agency, _ := v.people.AgencyOf(a.Unit)
		return a.State == staff.Active && (all || agency.ID == mine.ID)
	})
}

func (v *visit) target() oversight.Target {
	t := oversight.Target{About: v.value("complaint_about")}
	t.Staff, _ = ident.Parse[ident.Staff](v.value("complaint_staff")) // none: the room says what is missing
	t.Agency, _ = ident.Parse[ident.Agency](v.value("complaint_agency"))
	return t
}

func (s *Server) complaintNewForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if len(f.Values) == 0 {
				f.Values = map[string][]string{"complaint_language": {v.l.Code()}, "received_how": {"form"}}
			}
			return ComplaintForm{
				Frame: v.frame("complaints"), Form: f, Step: "new", Back: complaintsPath, About: ComplaintTargets(v.l), Staff: v.peers(),
				Agencies: v.agencyOptions(), Matters: v.options(pack.ComplaintMatters), By: v.options(pack.ComplaintBy),
				How: v.options(pack.ReceivedHow), Languages: v.options(pack.Languages), Safe: v.options(pack.ComplaintSafe),
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := s.Oversight.File(v.r.Context(), v.caller, cmd, oversight.Filing{
				Target: v.target(), Matter: v.value("complaint_matter"), By: v.value("complaint_by"), How: v.value("received_how"),
				Language: v.value("complaint_language"), Safe: v.value("complaint_safe"), Number: v.value("number"), Words: v.text("complaint_words"),
			})
			return complaintsPath + "/" + id.String(), "complaint-new", err
		},
	}
}

func (s *Server) reopenComplaintForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := s.Oversight.MyComplaint(v.r.Context(), v.caller, v.complaintID())
			if err != nil {
				return nil, err
			}
			if !page.Reopen && !f.Wrong() {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			row := v.complaintRow(&page.Complaint, false)
			return ComplaintForm{Frame: v.frame("complaints"), Form: f, Step: "reopen", Row: row, Back: row.Href}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id := v.complaintID()
			return complaintsPath + "/" + id.String(), "complaint-reopen", s.Oversight.Reopen(v.r.Context(), v.caller, cmd, id, v.text("reason"))
		},
	}
}

// complaintSteps are what is done with a complaint, by the end of the address.
var complaintSteps = map[string]func(*visit, ident.Command, ident.Complaint) error{
	"acknowledge": func(v *visit, cmd ident.Command, id ident.Complaint) error {
		return v.s.Oversight.Acknowledge(v.r.Context(), v.caller, cmd, id, v.target(), v.text("complaint_received"))
	},
	"note": func(v *visit, cmd ident.Command, id ident.Complaint) error {
		return v.s.Oversight.Note(v.r.Context(), v.caller, cmd, id, v.text("complaint_note"))
	},
	"answer": func(v *visit, cmd ident.Command, id ident.Complaint) error {
		by, code := v.dueDay("change_by")
		if code != "" {
			return fault.InvalidField("change_by", code)
		}
		unit, _ := ident.Parse[ident.Unit](v.value("change_unit")) // none: the room says whether one is needed
		return v.s.Oversight.Answer(v.r.Context(), v.caller, cmd, id, oversight.Answer{
			Outcome: v.value("complaint_outcome"), Words: v.text("complaint_answer"), Change: v.text("complaint_change"), Unit: unit, By: by,
			ToldHow: v.value("told_how"),
		})
	},
	"tell": func(v *visit, cmd ident.Command, id ident.Complaint) error {
		return v.s.Oversight.Tell(v.r.Context(), v.caller, cmd, id, v.value("told_how"))
	},
}

func (s *Server) complaintForm(step string, do func(*visit, ident.Command, ident.Complaint) error) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := s.Oversight.Complaint(v.r.Context(), v.caller, v.complaintID())
			if err != nil {
				return nil, err
			}
			q := &page.Complaint
			row := v.complaintRow(q, true)
			view := ComplaintForm{Frame: v.frame("complaints"), Step: step, Row: row, Back: row.Href}
			switch step {
			case "acknowledge":
				if q.About == oversight.AboutColleague {
					break // whoever was named stays named
				}
				if len(f.Values) == 0 {
					f.Values = map[string][]string{"complaint_about": {q.About}, "complaint_agency": {q.Agency.String()}}
				}
				view.About, view.Staff, view.Agencies = ComplaintTargets(v.l), v.peers(), v.agencyOptions()
			case "answer":
				view.Outcomes, view.Units, view.How = v.options(pack.ComplaintOutcomes), v.unitOptions(nil), v.options(pack.ReceivedHow)
			case "tell":
				view.How = v.options(pack.ReceivedHow)
			}
			view.Form = f
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id := v.complaintID()
			return complaintsPath + "/" + id.String() + "/desk", "complaint-" + step, do(v, cmd, id)
		},
	}
}
