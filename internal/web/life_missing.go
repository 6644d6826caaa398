package web

import (
	"net/http"
	"net/url"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// missing is the page of a child who is missing, was, or may be.
func (s *Server) missing(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := Missing{
		Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), TalkDue: c.TalkDue(),
		May: c.May["case.missing"] && !c.Case.Closed(),
	}
	view.Stamp = v.stamp(c.Entry)
	for i := range c.Missing {
		m := &c.Missing[i]
		line := MissingLine{Since: v.at(m.Since), Told: v.at(m.Told), Reviewed: v.at(m.Reviewed), Found: v.at(m.Found), Talked: v.at(m.Talked)}
		if m.Found.IsZero() {
			view.Now = &line
		} else {
			view.Before = append(view.Before, line)
		}
	}
	if view.Now == nil && c.Case.Stage == casework.StageMissing { // from a file that did not say since when
		view.Now = &MissingLine{Since: v.at(c.Case.OpenedAt)}
	}
	return v.write(http.StatusOK, view)
}

// at returns a time where the people are, zero for none.
func (v *visit) at(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(v.s.Zone)
}

// missingForm is one step of searching for a child.
func (s *Server) missingForm(step string) formPage {
	p := s.childForm("case.missing",
		func(v *visit, c *casework.Child, f Form) any {
			if f.Values == nil {
				f.Values = url.Values{"missing_since": {v.momentNow()}, "found_at": {v.momentNow()}}
			}
			view := MissingForm{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Step: step, Form: f}
			switch step {
			case "search":
				view.Form = f.Ask("what_happened", v.l.T("missing.search.what"))
			case "found":
				view.Form = f.Ask("what_happened", v.l.T("missing.found.what")).Ask("place", v.l.T("missing.found.place"))
			case "talk":
				view.Form = f.Ask("language", v.l.T("note.language"))
				view.Languages, view.Alone = v.options("language"), Alone(v.l)
			}
			return view
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) { return v.missingStep(step, id, cmd) })
	back := p.do
	p.do = func(v *visit) (string, string, error) {
		next, done, err := back(v)
		return next + "/missing", done, err
	}
	return p
}

// missingStep carries a step out.
func (v *visit) missingStep(step string, id ident.Case, cmd ident.Command) (string, error) {
	var c fault.Check
	ctx, cases := v.r.Context(), v.s.Cases
	report := casework.Report{Text: v.text("what_happened"), Told: v.text("told"), Reference: v.text("reference")}
	switch step {
	case "report":
		report.Since = v.moment(&c, "missing_since")
		if err := c.Err(); err != nil {
			return "", err
		}
		return "missing", cases.ReportMissing(ctx, v.caller, cmd, id, report)
	case "told":
		return "missing-told", cases.TellOfMissing(ctx, v.caller, cmd, id, report)
	case "search":
		return "missing-search", cases.ReviewSearch(ctx, v.caller, cmd, id, report.Text)
	case "found":
		back := casework.Return{Found: v.moment(&c, "found_at"), Place: v.text("place"), Text: report.Text, Words: v.text("words")}
		if err := c.Err(); err != nil {
			return "", err
		}
		return "found", cases.FoundMissing(ctx, v.caller, cmd, id, back)
	}
	return "return-talk", cases.ReturnTalk(ctx, v.caller, cmd, id, casework.Talk{
		Question: v.text("question"), Words: v.text("words"), Seen: v.text("seen"), Thought: v.text("thought"),
		Language: v.value("language"), Alone: v.value("seen_alone"),
	})
}
