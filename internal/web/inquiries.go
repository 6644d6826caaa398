package web

import (
	"net/http"
	"net/url"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/oversight"
	"causeway/internal/staff"
)

const (
	inquiriesPath       = "/inquiries"
	recommendationsPath = "/recommendations"
)

// inquiryRoutes are the pages of inquiries, and of what they recommend.
func (s *Server) inquiryRoutes() {
	s.page("GET "+inquiriesPath, s.inquiries)
	s.form(inquiriesPath+"/new", s.inquiryNewForm())
	s.page("GET "+inquiriesPath+"/{inquiry}", s.inquiry)
	s.form(inquiriesPath+"/{inquiry}/mark/{entry}", s.inquiryForm("mark", func(v *visit, cmd ident.Command, id ident.Inquiry) error {
		entry, err := ident.Parse[ident.Entry](v.r.PathValue("entry"))
		if err != nil {
			return err
		}
		return s.Oversight.Mark(v.r.Context(), v.caller, cmd, id, entry, v.text("mark_note"))
	}))
	s.form(inquiriesPath+"/{inquiry}/find", s.inquiryForm("find", func(v *visit, cmd ident.Command, id ident.Inquiry) error {
		return s.Oversight.Find(v.r.Context(), v.caller, cmd, id, v.text("inquiry_finding"))
	}))
	s.form(inquiriesPath+"/{inquiry}/recommend", s.inquiryForm("recommend", func(v *visit, cmd ident.Command, id ident.Inquiry) error {
		due, code := v.dueDay("change_by")
		if code != "" {
			return fault.InvalidField("change_by", code)
		}
		unit, _ := ident.Parse[ident.Unit](v.value("change_unit")) // none: the room says so
		return s.Oversight.Recommend(v.r.Context(), v.caller, cmd, id, unit, due, v.text("recommendation"))
	}))
	s.form(inquiriesPath+"/{inquiry}/close", s.inquiryForm("close", func(v *visit, cmd ident.Command, id ident.Inquiry) error {
		return s.Oversight.Close(v.r.Context(), v.caller, cmd, id)
	}))
	s.page("GET "+recommendationsPath, s.recommendations)
	s.form(recommendationsPath+"/{recommendation}", s.replyForm())
}

// InquirySubjects are what an inquiry may be about.
func InquirySubjects(l *locale.Locale) []Option {
	return Options(l, "inquiryabout", oversight.AboutCase, oversight.AboutStaff, oversight.AboutAgency, oversight.AboutAct, oversight.AboutPeriod)
}

// JournalViews are the prepared ways to read the journal.
func JournalViews(l *locale.Locale) []Option { return Options(l, "journalview", oversight.Views()...) }

func (s *Server) inquiries(v *visit) error {
	all, err := s.Oversight.Inquiries(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Inquiries{Frame: v.frame("inquiries")}
	for _, q := range all {
		view.Rows = append(view.Rows, v.inquiryRow(q, ""))
	}
	return v.write(http.StatusOK, view)
}

// inquiryRow is one inquiry; number is that of its case, where that is read.
func (v *visit) inquiryRow(q *oversight.Inquiry, number string) InquiryRow {
	row := InquiryRow{
		Href: inquiriesPath + "/" + q.ID.String(), About: q.About, Of: number, From: v.day(q.From), Opened: v.day(q.Opened), Closed: v.day(q.Closed),
		By: v.name(q.OpenedBy),
	}
	if !q.Until.IsZero() {
		row.Until = v.lastDay(q.Until)
	}
	switch q.About {
	case oversight.AboutStaff:
		row.Of = v.name(q.Staff)
	case oversight.AboutAgency:
		if a, ok := v.people.Agency(q.Agency); ok {
			row.Of = a.Name
		}
	case oversight.AboutAct:
		row.Of = v.l.Word("journalview", q.Act)
	}
	return row
}

func (v *visit) inquiryID() ident.Inquiry {
	id, err := ident.Parse[ident.Inquiry](v.r.PathValue("inquiry"))
	if err != nil {
		id = ident.New[ident.Inquiry]() // a forged address takes the way of an unknown one
	}
	return id
}

func (s *Server) inquiry(v *visit) error {
	page, err := s.Oversight.Inquiry(v.r.Context(), v.caller, v.inquiryID())
	if err != nil {
		return err
	}
	view := InquiryPage{Frame: v.frame("inquiries"), Row: v.inquiryRow(&page.Inquiry, page.Number), Journal: v.journalOf(page), Erased: len(page.Words) == 0}
	for _, w := range page.Words {
		view.Said = append(view.Said, v.said(w, ""))
	}
	for _, m := range page.Recommendations {
		view.Recommendations = append(view.Recommendations, v.recommendationRow(m, false))
	}
	if page.Closed.IsZero() {
		for _, step := range []string{"find", "recommend", "close"} {
			view.Ways = append(view.Ways, Way{Href: view.Row.Href + "/" + step, Step: step})
		}
	}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// journalOf is the address of the journal as an inquiry reads it.
func (v *visit) journalOf(page *oversight.InquiryPage) string {
	u := url.Values{}
	set := func(name, value string) {
		if value != "" {
			u.Set(name, value)
		}
	}
	if page.Closed.IsZero() {
		set("inquiry", page.ID.String())
	}
	set("journal_case", page.Case.String())
	set("journal_person", page.Staff.String())
	set("journal_agency", page.Agency.String())
	set("journal_view", page.Act)
	if !page.From.IsZero() {
		set("journal_from", v.day(page.From).ISO())
	}
	if !page.Until.IsZero() {
		set("journal_until", v.lastDay(page.Until).ISO())
	}
	return "/journal?" + u.Encode()
}

func (s *Server) inquiryNewForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "inquiry.begin") {
				return nil, s.Gate.Permit(v.r.Context(), v.caller, "inquiry.begin", oversight.Purpose)
			}
			return InquiryForm{
				Frame: v.frame("inquiries"), Form: f, Step: "new", Back: inquiriesPath, About: InquirySubjects(v.l),
				Staff:    v.colleagues(func(a staff.Account) bool { return a.ID != v.caller.Staff() && a.State == staff.Active }),
				Agencies: v.agencyOptions(), Acts: JournalViews(v.l),
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			q := oversight.Question{About: v.value("inquiry_about"), Number: v.value("number"), Act: v.value("inquiry_act"), Reason: v.text("inquiry_reason")}
			q.Staff, _ = ident.Parse[ident.Staff](v.value("complaint_staff")) // none: the room says what is missing
			q.Agency, _ = ident.Parse[ident.Agency](v.value("complaint_agency"))
			var c fault.Check
			q.From, q.Until = v.begins(&c, "inquiry_from"), v.begins(&c, "inquiry_until")
			if !q.Until.IsZero() {
				q.Until = q.Until.AddDate(0, 0, 1)
			}
			if err := c.Err(); err != nil {
				return "", "", err
			}
			id, err := s.Oversight.Begin(v.r.Context(), v.caller, cmd, q)
			return inquiriesPath + "/" + id.String(), "inquiry-new", err
		},
	}
}

// inquiryForm writes into an inquiry that goes on.
func (s *Server) inquiryForm(step string, do func(*visit, ident.Command, ident.Inquiry) error) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			id := v.inquiryID()
			page, err := s.Oversight.Inquiry(v.r.Context(), v.caller, id)
			if err != nil {
				return nil, err
			}
			if !page.Closed.IsZero() && !f.Wrong() {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			row := v.inquiryRow(&page.Inquiry, page.Number)
			view := InquiryForm{Frame: v.frame("inquiries"), Form: f, Step: step, Row: row, Back: row.Href}
			switch step {
			case "recommend":
				view.Units = v.ledUnits()
			case "mark":
				entry, err := ident.Parse[ident.Entry](v.r.PathValue("entry"))
				if err != nil {
					return nil, err
				}
				line, err := s.Oversight.EntryOf(v.r.Context(), v.caller, id, entry)
				if err != nil {
					return nil, err
				}
				look := v.look(line)
				view.Entry, view.Back = &look, v.journalOf(page)
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id := v.inquiryID()
			return inquiriesPath + "/" + id.String(), "inquiry-" + step, do(v, cmd, id)
		},
	}
}

// ledUnits are the units that somebody leads.
func (v *visit) ledUnits() []Option {
	var ids []ident.Unit
	for _, a := range v.people.People() {
		if a.Role == staff.Supervisor && a.State == staff.Active {
			ids = append(ids, a.Unit)
		}
	}
	return v.unitOptions(slices.Clip(ids))
}

func (s *Server) recommendations(v *visit) error {
	all, err := s.Oversight.Recommended(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Recommendations{Frame: v.frame("recommendations")}
	for _, m := range all {
		view.Rows = append(view.Rows, v.recommendationRow(m, true))
	}
	return v.write(http.StatusOK, view)
}

// recommendationRow is one recommendation, for whoever leads the unit or for who made it.
func (v *visit) recommendationRow(m *oversight.Recommendation, led bool) RecommendationRow {
	row := RecommendationRow{Unit: v.unitName(m.Unit), State: m.State}
	if m.State == oversight.Asked || m.State == oversight.Accepted {
		row.Due = DueOn(v.day(m.Due), v.today())
		if led {
			row.Reply = recommendationsPath + "/" + m.ID.String()
		}
	}
	for _, w := range m.Words {
		row.Said = append(row.Said, v.said(w, ""))
	}
	return row
}

func (s *Server) replyForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			all, err := s.Oversight.Recommended(v.r.Context(), v.caller)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(all, func(m *oversight.Recommendation) bool { return m.ID.String() == v.r.PathValue("recommendation") })
			if i < 0 || all[i].State == oversight.Done || all[i].State == oversight.Refused {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			states := []string{oversight.Accepted, oversight.Done, oversight.Refused}
			if all[i].State == oversight.Accepted {
				states = states[1:]
			}
			return ReplyForm{Frame: v.frame("recommendations"), Form: f, Row: v.recommendationRow(all[i], true), States: Options(v.l, "recommendation", states...)}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := ident.Parse[ident.Recommendation](v.r.PathValue("recommendation"))
			if err != nil {
				return "", "", err
			}
			return recommendationsPath, "reply", s.Oversight.Reply(v.r.Context(), v.caller, cmd, id, v.value("reply_state"), v.text("reply_words"))
		},
	}
}
