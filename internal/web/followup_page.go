package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/ident"
)

// followupRoutes are the pages of what follows a durable solution.
func (s *Server) followupRoutes() {
	s.page("GET /child/{case}/reintegration", s.reintegration)
}

// followupsShown is how many follow-ups the table has room for on a phone.
const followupsShown = 3

func (s *Server) reintegration(v *visit) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	r, err := s.Cases.Reintegration(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	child := v.childRow(&r.Case, &r.Person.Details)
	view := Reintegration{Frame: v.frame("children"), Child: child, Solution: child.Href + "/form/" + casework.FormSolution}
	open := !r.Case.Closed()
	if r.Solution != nil {
		as := r.Solution.Answers
		view.Way, view.Decided = v.answerOf(r, "chosen"), formDay(as["decided_on"].Date)
		view.Solution = recordHref(child.Href, r.Solution.Record)
	}
	if open && r.May["record.save"] {
		view.Begin = child.Href + "/form/" + casework.FormFollowup
	}
	for _, d := range r.Visits {
		view.Visits = append(view.Visits, *DueOn(v.day(d.Due), v.today()))
	}
	if n := len(r.Followups); n > 0 {
		newest := &r.Followups[n-1]
		for _, sign := range newest.Signs {
			if q := newest.Form.Field(sign); q != nil {
				view.Warnings = append(view.Warnings, q.Label.In(v.l.Code()))
			}
		}
	}
	if len(r.Warnings) > 0 {
		view.Act = DueOn(v.day(r.Warnings[0].Due), v.today())
		if open && r.May["case.risk"] {
			view.Risk = child.Href + "/risk"
		}
	}
	v.scores(&view, r.Followups)
	view.Stamp = v.stamp(r.Entry)
	return v.write(http.StatusOK, view)
}

// answerOf returns the words of what was chosen in the solution's form.
func (v *visit) answerOf(r *casework.Reintegration, field string) string {
	q := r.Solution.Form.Field(field)
	code := r.Solution.Answers[field].Code
	if q == nil || code == "" {
		return ""
	}
	return v.choiceText(q, code)
}

// scores fills in the table of the newest follow-ups and the chart of all of them.
func (v *visit) scores(view *Reintegration, all []casework.Followup) {
	for i, side := range casework.Scored() {
		row := FollowupSide{Side: side}
		for _, f := range all[max(len(all)-followupsShown, 0):] {
			row.Marks = append(row.Marks, mark(f.Work[i], f.Child[i]))
		}
		view.Sides = append(view.Sides, row)
	}
	for _, f := range all[max(len(all)-followupsShown, 0):] {
		on := formDay(f.Answer["followed_on"].Date)
		if on.IsZero() {
			on = v.day(f.At)
		}
		view.Columns = append(view.Columns, FollowupColumn{On: on, Href: recordHref(view.Child.Href, f.Record), Sign: len(f.Signs) > 0})
	}
	view.Chart = ChartOf(all)
}

func mark(work, child float64) FollowupMark {
	return FollowupMark{Work: int(work), Child: int(child), Worse: child > 0 && child < work}
}

// The box of the chart, and the scores at its edges.
const (
	chartWide, chartHigh   = 320, 120
	chartEdge              = 12
	leastScore, mostScored = 1, 5
)

// ChartOf draws the means of follow-ups, oldest first; nil below two of them.
func ChartOf(all []casework.Followup) *Chart {
	if len(all) < 2 {
		return nil
	}
	var c Chart
	line := func(who string, scores func(*casework.Followup) []float64) string {
		var points []string
		for i := range all {
			m := casework.Mean(scores(&all[i]))
			if m == 0 {
				continue
			}
			x := chartEdge + i*(chartWide-2*chartEdge)/(len(all)-1)
			y := chartHigh - chartEdge - int((m-leastScore)/(mostScored-leastScore)*(chartHigh-2*chartEdge))
			points = append(points, strconv.Itoa(x)+","+strconv.Itoa(y))
			c.Marks = append(c.Marks, ChartMark{x, y, who})
		}
		return strings.Join(points, " ")
	}
	c.Work = line("work", func(f *casework.Followup) []float64 { return f.Work })
	c.Child = line("child", func(f *casework.Followup) []float64 { return f.Child })
	slices.SortStableFunc(c.Marks, func(a, b ChartMark) int { return strings.Compare(b.Who, a.Who) }) // the child's on top
	return &c
}
