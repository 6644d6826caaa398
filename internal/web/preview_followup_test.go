package web_test

import (
	"causeway/internal/casework"
	"causeway/internal/web"
)

func followupPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	var all []casework.Followup
	for i := range 5 {
		all = append(all, casework.Followup{
			Work:  []float64{2 + float64(i)/2, 3, 2, 2 + float64(i)/2, 3, 2, 4},
			Child: []float64{2, 3 + float64(i)/2, 2, 1 + float64(i)/2, 2, 2, 3},
		})
	}
	view := web.Reintegration{
		Frame: f, Child: c, Way: "Stay here for good", Decided: day(-200), Solution: c.Href + "/forms/x", Begin: c.Href + "/form/reintegration_followup",
		Warnings: []string{"Still in contact with a suspected trafficker?", "Expects to be collected by somebody?"}, Act: web.DueOn(day(0), previewToday), Risk: c.Href + "/risk",
		Visits: []web.Due{*web.DueOn(day(-2), previewToday), *web.DueOn(day(60), previewToday)}, Chart: web.ChartOf(all),
	}
	for i := range 3 {
		view.Columns = append(view.Columns, web.FollowupColumn{On: day(-160 + 40*i), Href: c.Href + "/forms/y", Sign: i == 2})
	}
	for i, side := range casework.Scored() {
		row := web.FollowupSide{Side: side}
		for n := range 3 {
			m := web.FollowupMark{Work: 2 + (i+n)%3, Child: 1 + (i+2*n)%4}
			m.Worse = m.Child < m.Work
			if i == 2 && n == 1 {
				m = web.FollowupMark{}
			}
			row.Marks = append(row.Marks, m)
		}
		view.Sides = append(view.Sides, row)
	}
	return []preview{
		{"reintegration", view},
		{"reintegration-none", web.Reintegration{Frame: f, Child: c, Solution: c.Href + "/form/durable_solution", Begin: view.Begin}},
		{"reintegration-first", web.Reintegration{Frame: f, Child: c, Way: view.Way, Decided: view.Decided, Solution: view.Solution, Begin: view.Begin, Visits: view.Visits}},
	}
}
