package web

import (
	"net/http"

	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// compelledRoutes are the pages of the two recorded ways past a withholding.
func (s *Server) compelledRoutes() {
	s.page("GET /child/{case}/compelled", s.compelled)
	s.form("/child/{case}/compelled/order", s.compelledForm(true))
	s.form("/child/{case}/compelled/report", s.compelledForm(false))
}

func (s *Server) compelled(v *visit) error {
	c, err := v.consented()
	if err != nil {
		return err
	}
	if c.Child == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	view := Compelled{Frame: v.frame("children"), Child: v.consentHead(c)}
	if c.May["consent.disclose"] {
		view.Order, view.Report = view.Child.Href+"/compelled/order", view.Child.Href+"/compelled/report"
	}
	for i := range c.Book.Records {
		r := &c.Book.Records[i]
		if r.Order == nil && r.Report == nil {
			continue
		}
		line := v.consentLine(c, r)
		line.Basis = v.label(pack.LegalBases, r.Basis)
		line.Lines = append(line.Lines, v.orderLines(r.Order)...)
		line.Lines = append(line.Lines, v.reportLines(r.Report)...)
		view.Rows = append(view.Rows, line)
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

// sayDay adds a day to labelled lines, where there is one.
func (v *visit) sayDay(to []Line, label string, d sealed.Date) []Line {
	day, ok := locale.ParseDay(d.Reveal())
	if !ok || day.IsZero() {
		return to
	}
	return append(to, Line{Label: label, Text: v.l.Date(day)})
}

// say adds a text to labelled lines, where there is one.
func say(to []Line, label, text string) []Line {
	if text == "" {
		return to
	}
	return append(to, Line{Label: label, Text: text})
}

// orderLines puts an order into words.
func (v *visit) orderLines(o *consent.Order) (out []Line) {
	if o == nil {
		return nil
	}
	out = say(out, "order_court", o.Court.Reveal())
	out = say(out, "order_number", o.Number.Reveal())
	out = v.sayDay(out, "order_issued", o.Issued)
	out = say(out, "order_reviewer", o.Reviewer.Reveal())
	out = v.sayDay(out, "order_reviewed", o.Reviewed)
	out = say(out, "order_finding", o.Finding.Reveal())
	out = say(out, "order_forbids", v.l.Word("answer", o.Forbids))
	out = v.sayDay(out, "order_child", o.Child)
	out = v.sayDay(out, "order_lawyer", o.Lawyer)
	if o.Objection != "" {
		out = say(out, "order_objection", v.l.Word("objection", o.Objection))
	}
	return say(out, "order_objected", o.Objected.Reveal())
}

// reportLines puts a report into words.
func (v *visit) reportLines(p *consent.Report) (out []Line) {
	if p == nil {
		return nil
	}
	out = say(out, "report_why", v.l.Word("reportwhy", p.Why))
	out = v.sayDay(out, "report_deadline", p.Deadline)
	out = say(out, "report_child", v.l.Word("toldfirst", p.Child))
	return say(out, "report_child_why", p.ChildWhy.Reveal())
}

// compelledForm writes down an order that was followed, or a report.
func (s *Server) compelledForm(order bool) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.consented()
			if err != nil {
				return nil, err
			}
			if c.Child == nil || !c.May["consent.disclose"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if f.Values == nil {
				f.Values = map[string][]string{"consent_purpose": {"justice"}, "passed_on": {v.today().ISO()}}
			}
			view := CompelledForm{
				Frame: v.frame("children"), Child: v.consentHead(c), Form: f, Order: order, Purposes: v.options(pack.ConsentPurposes),
				Recipients: v.recipients(c),
			}
			if order {
				view.Forbids, view.Objections = Options(v.l, "answer", casework.Forbids()...), Options(v.l, "objection", consent.Objections()...)
			} else {
				view.Reasons, view.First = Options(v.l, "reportwhy", consent.ReportReasons()...), Options(v.l, "toldfirst", consent.ToldFirst()...)
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
			return "/child/" + id.String() + "/compelled", "compelled", s.takeCompelled(v, id, cmd, order)
		},
	}
}

func (s *Server) takeCompelled(v *visit, id ident.Case, cmd ident.Command, order bool) error {
	var chk fault.Check
	rec := v.consentRecord(&chk)
	rec.What, rec.On = v.text("passed_what"), v.dayField(&chk, "passed_on")
	if order {
		rec.Order = &consent.Order{
			Court: v.text("order_court"), Number: v.text("order_number"), Issued: v.dayField(&chk, "order_issued"), Reviewer: v.text("order_reviewer"),
			Reviewed: v.dayField(&chk, "order_reviewed"), Finding: v.text("order_finding"), Forbids: v.value("order_forbids"),
			Child: v.dayField(&chk, "order_child"), Lawyer: v.dayField(&chk, "order_lawyer"), Objection: v.value("order_objection"), Objected: v.text("order_objected"),
		}
	} else {
		rec.Norm = v.text("norm")
		rec.Report = &consent.Report{
			Why: v.value("report_why"), Deadline: v.dayField(&chk, "report_deadline"), Child: v.value("report_child"), ChildWhy: v.text("report_child_why"),
		}
	}
	if err := chk.Err(); err != nil {
		return err
	}
	if order {
		return s.Cases.RecordOrder(v.r.Context(), v.caller, cmd, id, rec)
	}
	return s.Cases.RecordReport(v.r.Context(), v.caller, cmd, id, rec)
}
