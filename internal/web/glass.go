package web

import (
	"net/http"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// Break-glass: somebody who does not reach a case opens it for some hours by its
// number, and somebody outside the chain of command reviews it.

const (
	glassPath   = "/glass"
	reviewsPath = "/glass/reviews"
	figuresPath = "/glass/figures"
)

// glassRoutes are its pages.
func (s *Server) glassRoutes() {
	s.form(glassPath, s.glassForm())
	s.page("GET "+reviewsPath, s.glassReviews)
	s.form("/glass/review/{glass}", s.glassReviewForm())
	s.page("GET "+figuresPath, s.glassFigures)
}

// strong asks for a passkey or a code before a page whose form needs one, unless
// there is time enough left to fill it in.
func (v *visit) strong() error {
	if v.s.Office.Strong(v.session, v.s.Office.FreshFor()/2) {
		return nil
	}
	return fault.New(fault.Expired, "strong-check")
}

// glassForm opens a case by its number.
func (s *Server) glassForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "glass.find") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			open, err := s.Cases.OwnGlass(v.r.Context(), v.caller)
			if err != nil {
				return nil, err
			}
			if !f.Wrong() {
				if err := v.strong(); err != nil {
					return nil, err
				}
			}
			most, hours := s.Cases.GlassMost()
			view := Glass{Frame: v.frame("glass"), Form: f, Reasons: v.options(pack.GlassReasons), Most: most, Hours: int(hours / time.Hour)}
			for _, g := range open {
				view.Open = append(view.Open, GlassOpen{Href: "/child/" + g.Case.String(), Number: g.Number.String(), Until: g.Until.In(s.Zone)})
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := s.Cases.BreakGlass(v.r.Context(), v.caller, cmd, casework.Breaking{
				Number: v.value("number"), Reason: v.value("glass_reason"), Why: v.text("why_at_once"),
			})
			if fault.Is(err, fault.NotFound) {
				err = fault.New(fault.Invalid, "glass-not-opened") // whatever stood in the way; what was typed comes back
			}
			return "/child/" + id.String(), "glass", err
		},
	}
}

// glassReviews lists what waits for its review, and what was reviewed.
func (s *Server) glassReviews(v *visit) error {
	page, err := s.Cases.Glass(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := GlassReviews{Frame: v.frame("reviews"), Figures: figuresPath}
	for i := range page.Waiting {
		view.Waiting = append(view.Waiting, v.glassRow(&page.Waiting[i]))
	}
	for i := range page.Done {
		view.Done = append(view.Done, v.glassRow(&page.Done[i]))
	}
	view.Frame.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// glassRow is one time as a reviewer reads it.
func (v *visit) glassRow(l *casework.GlassLine) GlassRow {
	row := GlassRow{
		Number: l.Number.String(), Who: v.name(l.Staff), Unit: v.unitName(l.Unit), Lead: v.name(l.Lead),
		Reason: v.label(pack.GlassReasons, l.Reason), Why: l.Why.Reveal(), At: l.From.In(v.s.Zone), By: l.ReviewBy.In(v.s.Zone), Late: l.Late,
		Outcome: v.label(pack.GlassOutcomes, l.Outcome), Review: l.Review.Reveal(), Reviewer: v.name(l.Reviewer),
	}
	if l.Mine {
		row.Href = "/glass/review/" + l.ID.String()
	}
	if !l.Reviewed.IsZero() {
		row.Reviewed = l.Reviewed.In(v.s.Zone)
	}
	return row
}

// glassReviewForm writes down what a review came to.
func (s *Server) glassReviewForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			id, err := v.glassID()
			if err != nil {
				return nil, err
			}
			l, err := s.Cases.GlassOne(v.r.Context(), v.caller, id)
			if err != nil {
				return nil, err
			}
			if !l.Mine && !f.Wrong() {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			f = f.Ask("reason", v.l.T("glass.review.why"))
			return GlassReview{Frame: v.frame("reviews"), Form: f, Row: v.glassRow(l), Outcomes: v.options(pack.GlassOutcomes)}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := v.glassID()
			if err != nil {
				return "", "", err
			}
			return reviewsPath, "glass-reviewed", s.Cases.ReviewGlass(v.r.Context(), v.caller, cmd, id, v.value("glass_outcome"), v.text("reason"))
		},
	}
}

func (v *visit) glassID() (ident.Glass, error) {
	id, err := ident.Parse[ident.Glass](v.r.PathValue("glass"))
	if err != nil {
		return id, fault.New(fault.NotFound, "no-such-page")
	}
	return id, nil
}

// glassFigures shows how often it happened: numbers of nobody.
func (s *Server) glassFigures(v *visit) error {
	f, err := s.Cases.GlassFigures(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, v.figures(f))
}

func (v *visit) figures(f access.GlassFigures) GlassFigures {
	view := GlassFigures{Frame: v.frame("reviews"), Opened: f.Opened, All: f.All, Waiting: f.Waiting, Due: f.Due, InTime: f.InTime}
	if v.s.Gate.May(v.caller, "glass.list") {
		view.Back = reviewsPath
	}
	for _, o := range v.options(pack.GlassOutcomes) {
		view.Outcomes = append(view.Outcomes, GlassCount{Label: o.Label, N: f.Outcomes[o.Value]})
	}
	return view
}

// told counts what somebody must be told, on the pages where people begin. A page
// does not fail because it could not be counted.
func (v *visit) told(tab string) int {
	switch tab {
	case "today", "check", "duty", "team", "journal", "health", "glass", "reviews", "alarms", "complaints", "inquiries", "recommendations":
	default:
		return 0
	}
	n, err := v.s.Office.Waiting(v.r.Context(), v.session)
	if err != nil {
		return 0
	}
	return n
}
