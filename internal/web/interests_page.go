package web

import (
	"net/http"

	"causeway/internal/casework"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// interestRoutes are the pages of the best-interests procedure.
func (s *Server) interestRoutes() {
	s.page("GET /child/{case}/bestinterests", s.bestInterests)
}

// saidFields tell how the child was heard, decidedFields what was decided.
var (
	saidFields    = []string{"child_heard", "not_heard_why", "heard_on", "heard_by", "heard_alone", "heard_present", "talk_language", "interpreter", "interpreter_who", "child_wish", "child_fears", "child_words"}
	decidedFields = []string{"recommended", "recommended_why", "panel_on", "child_present", "discussed", "decision", "decision_text", "decision_why", "missing_needed", "told_on", "child_reply"}
	reviewFields  = []string{"review_on", "look_again_on"}
)

func (s *Server) bestInterests(v *visit) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	b, err := s.Cases.BestInterests(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	child := v.childRow(&b.Case, &b.Person.Details)
	view := BestInterests{Frame: v.frame("children"), Child: child}
	view.Stamp = v.stamp(b.Entry)
	if b.May["record.save"] && !b.Case.Closed() {
		for _, form := range []string{casework.FormBIAShort, casework.FormBIA, casework.FormBID, casework.FormUndertaking, casework.FormReview} {
			view.Begin = append(view.Begin, Option{Value: child.Href + "/form/" + form, Label: v.formTitle(form)})
		}
	}
	if b.Report != nil {
		v.report(&view, b)
	}
	return v.write(http.StatusOK, view)
}

// report fills in what the newest report says.
func (v *visit) report(view *BestInterests, b *casework.BestInterests) {
	r := b.Report
	view.Title, view.Finished, view.Href = r.Form.Title.In(v.l.Code()), r.Finished, recordHref(view.Child.Href, r.Record)
	view.Question = r.Answers["question"].Text.Reveal()
	view.Said, view.Decided = v.linesOf(r, saidFields), v.linesOf(r, decidedFields)
	v.compare(view, r)
	for i := range b.Panel {
		view.Panel = append(view.Panel, v.seat(&b.Panel[i], view.Child.Href))
	}
	var members int
	members, view.Sectors = casework.Sitting(b.Panel)
	view.SectorsLeast = v.s.Pack.Clock(pack.PanelLeastSectors).Value
	view.Small = len(view.Panel) > 0 && members < v.s.Pack.Clock(pack.PanelLeast).Value
	view.Few = len(view.Panel) > 0 && view.Sectors < view.SectorsLeast
	for _, p := range r.Answers["agenda"].Groups {
		view.Agenda = append(view.Agenda, AgendaPoint{
			Topic: p["topic"].Text.Reveal(), Said: p["said"].Text.Reveal(), Decision: p["outcome"].Text.Reveal(),
		})
	}
	for _, d := range r.Answers["dissents"].Groups {
		view.Dissents = append(view.Dissents, Dissent{Who: d["dissenter"].Text.Reveal(), Why: d["dissent_why"].Text.Reveal()})
	}
	for _, field := range reviewFields {
		if day := formDay(r.Answers[field].Date); !day.IsZero() {
			view.Review = DueOn(day, v.today())
		}
	}
	if b.Review != nil && b.Review.At.After(r.At) {
		if day := formDay(b.Review.Answers["next_review_on"].Date); !day.IsZero() {
			view.Review = DueOn(day, v.today())
		}
	}
}

// linesOf shows the answers to some questions, those that were answered.
func (v *visit) linesOf(r *forms.Revision, fields []string) []ReadLine {
	var out []ReadLine
	for _, name := range fields {
		a, answered := r.Answers[name]
		if q := r.Form.Field(name); q != nil && answered {
			out = append(out, v.readLine(q, a, nil))
		}
	}
	return out
}

// compare puts the options of a report side by side, factor by factor.
func (v *visit) compare(view *BestInterests, r *forms.Revision) {
	group := r.Form.Field("options")
	options := r.Answers["options"].Groups
	if group == nil || len(options) == 0 {
		return
	}
	for _, o := range options {
		view.Options = append(view.Options, o["option"].Text.Reveal())
	}
	for i := range group.Fields {
		q := &group.Fields[i]
		if q.ID == "option" || !q.Asks() {
			continue
		}
		factor := Factor{Label: q.Label.In(v.l.Code())}
		some := false
		for n, o := range options {
			cell := Cell{Option: view.Options[n], Text: v.answerText(q, o[q.ID], nil), Lang: o[q.ID].Language}
			some = some || cell.Text != ""
			factor.Cells = append(factor.Cells, cell)
		}
		if some {
			view.Factors = append(view.Factors, factor)
		}
	}
}

func (v *visit) seat(s *casework.Seat, child string) SeatRow {
	row := SeatRow{
		Name: s.Name.Text.Reveal(), From: s.Organisation.Text.Reveal(), Sector: v.label(pack.PanelSectors, s.Sector), Undertaking: s.Undertaking, Interest: s.Interest, Agrees: s.Agrees, Sits: s.Sits(),
	}
	if !s.Record.IsZero() {
		row.Href = recordHref(child, s.Record)
	}
	if s.Chair != "" {
		row.Chair = v.l.Word("chair", s.Chair)
	}
	return row
}
