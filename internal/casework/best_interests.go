package casework

import (
	"context"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
)

// The forms of the best-interests procedure.
const (
	FormBIAShort    = "bia_short"
	FormBIA         = "bia_full"
	FormBID         = "bid"
	FormReview      = "bid_review"
	FormUndertaking = "panel_undertaking"
)

// Seat is one member of a panel.
type Seat struct {
	Name, Organisation forms.Answer
	Undertaking        string // has the member promised to keep it secret: yes, no or ""
	Interest           string // has the member an interest in the case: yes, no or ""
	Agrees             string
	Chair              string // what the chair decided of an interest: code of the undertaking's form
	Record             ident.Record
}

// Sits reports whether the member may decide: promised, and without an interest, or
// with one of which the chair said that it is none.
func (s *Seat) Sits() bool {
	return s.Undertaking == forms.Yes && (s.Interest == forms.No || s.Interest == forms.Yes && s.Chair == "takes_part")
}

// seats returns the panel of a report.
func seats(answers forms.Answers) []Seat {
	var out []Seat
	for _, m := range answers["panel"].Groups {
		out = append(out, Seat{
			Name: m["member"], Organisation: m["organisation"],
			Undertaking: m["undertaking"].Code, Interest: m["conflict"].Code, Agrees: m["agrees"].Code,
		})
	}
	return out
}

// panelDecides refuses a decision of a panel that may not decide: too small, or with a
// member who has promised nothing or was not asked about an interest. Where the panel
// puts the decision off, nothing is decided.
func (r *Room) panelDecides(form string, answers forms.Answers) error {
	decision := answers["decision"].Code
	if form != FormBID || decision == "" || decision == "put_off" {
		return nil
	}
	var chk fault.Check
	free := 0
	for _, s := range seats(answers) {
		chk.Require(s.Undertaking == forms.Yes, "panel", "panel-undertaking")
		chk.Require(s.Interest != "", "panel", "panel-interest")
		if s.Interest == forms.No {
			free++
		}
	}
	chk.Require(free >= r.codes.Clock(pack.PanelLeast).Value, "panel", "panel-small")
	return chk.Err()
}

// BestInterests is what was found out and decided about what is best for a child.
type BestInterests struct {
	Child
	Report       *forms.Revision // the newest determination, else the newest assessment; nil: none
	Panel        []Seat
	Review       *forms.Revision // the newest review of the decision, nil for none
	Undertakings int             // how many there are in the case
}

// BestInterests returns the newest best-interests report of a case.
func (r *Room) BestInterests(ctx context.Context, c *access.Caller, id ident.Case) (*BestInterests, error) {
	var view BestInterests
	look := r.recordsBeside(FormBIAShort, FormBIA, FormBID, FormReview, FormUndertaking)
	child, err := r.besides(ctx, c, id, "case.open", func(p *access.Pass) error { return look.fetch(ctx, p) },
		func(p *access.Pass, _ *keys.Opener, child *Child) error { return look.open(p, child) })
	if err != nil {
		return nil, err
	}
	view.Child = *child
	newest := func(form string) *forms.Revision {
		i := slices.IndexFunc(look.records, func(v forms.Revision) bool { return v.Form.ID == form })
		if i < 0 {
			return nil
		}
		return &look.records[i]
	}
	view.Review = newest(FormReview)
	for _, form := range []string{FormBID, FormBIA, FormBIAShort} {
		if view.Report == nil {
			view.Report = newest(form)
		}
	}
	if view.Report != nil {
		view.Panel = seats(view.Report.Answers)
	}
	for i := range look.records {
		if v := &look.records[i]; v.Form.ID == FormUndertaking {
			view.Undertakings++
			view.sworn(v)
		}
	}
	return &view, nil
}

// sworn joins the undertaking that a member signed with the member's seat, by the name
// that stands on both.
func (v *BestInterests) sworn(u *forms.Revision) {
	name := strings.TrimSpace(u.Answers["member"].Text.Reveal())
	for i := range v.Panel {
		s := &v.Panel[i]
		if !s.Record.IsZero() || !strings.EqualFold(strings.TrimSpace(s.Name.Text.Reveal()), name) {
			continue
		}
		s.Record, s.Chair = u.Record, u.Answers["chair_says"].Code
		for _, q := range []string{"knows_child", "handled_case", "gains"} {
			if u.Answers[q].Code == forms.Yes { // what was signed counts more than what was ticked
				s.Interest = forms.Yes
			}
		}
		return
	}
}
