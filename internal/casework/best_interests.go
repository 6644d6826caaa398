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
	Sector             string // code list panel_sector, "" where nobody said
	Undertaking        string // has the member promised to keep it secret: yes, no or ""
	Interest           string // has the member an interest in the case: yes, no or ""
	Agrees             string // the vote; "" where the member gave none
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
			Name: m["member"], Organisation: m["organisation"], Sector: m["sector"].Code,
			Undertaking: m["undertaking"].Code, Interest: m["conflict"].Code, Agrees: m["agrees"].Code,
		})
	}
	return out
}

// Sitting returns how many members of a panel may decide, and how many sectors they
// come from.
func Sitting(panel []Seat) (members, sectors int) {
	from := map[string]bool{}
	for i := range panel {
		if s := &panel[i]; s.Sits() {
			members++
			from[s.Sector] = true
		}
	}
	delete(from, "")
	return members, len(from)
}

// panelDecides refuses a decision of a panel that may not decide: too small, of too few
// sectors, with a member who has promised nothing or was not asked about an interest, or
// with a vote of a member who has one. What a member signed counts more than what was
// ticked on the report. A version of the form that asks for no sector is not held to
// them. Where the panel puts the decision off, nothing is decided.
func (r *Room) panelDecides(ready *forms.Ready, undertakings []forms.Revision) error {
	answers := ready.Answers
	decision := answers["decision"].Code
	if ready.Form.ID != FormBID || decision == "" || decision == "put_off" {
		return nil
	}
	panel := seats(answers)
	sworn(panel, undertakings)
	var chk fault.Check
	for i := range panel {
		s := &panel[i]
		chk.Require(s.Undertaking == forms.Yes, "panel", "panel-undertaking")
		chk.Require(s.Interest != "", "panel", "panel-interest")
		chk.Require(s.Sits() || s.Agrees == "", "panel", "panel-vote")
	}
	members, sectors := Sitting(panel)
	chk.Require(members >= r.codes.Clock(pack.PanelLeast).Value, "panel", "panel-small")
	asked := ready.Form.Field("panel.sector") != nil
	chk.Require(!asked || sectors >= r.codes.Clock(pack.PanelLeastSectors).Value, "panel", "panel-sectors")
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
	var undertakings []forms.Revision
	for _, v := range look.records {
		if v.Form.ID == FormUndertaking {
			undertakings = append(undertakings, v)
		}
	}
	view.Undertakings = len(undertakings)
	sworn(view.Panel, undertakings)
	return &view, nil
}

// promises are the questions of an undertaking that are promised, interests those that
// ask about an interest.
var (
	promises  = []string{"keeps_secret", "no_copies", "child_first", "reports_breach"}
	interests = []string{"knows_child", "handled_case", "gains"}
)

// sworn joins the undertakings that members signed, newest first, with their seats, by
// the name that stands on both.
func sworn(panel []Seat, undertakings []forms.Revision) {
	for i := range panel {
		s := &panel[i]
		name := strings.TrimSpace(s.Name.Text.Reveal())
		n := slices.IndexFunc(undertakings, func(u forms.Revision) bool {
			return strings.EqualFold(strings.TrimSpace(u.Answers["member"].Text.Reveal()), name)
		})
		if n < 0 {
			continue
		}
		u := &undertakings[n]
		said := func(code string) func(string) bool {
			return func(question string) bool { return u.Answers[question].Code == code }
		}
		s.Record, s.Chair = u.Record, u.Answers["chair_says"].Code
		if slices.ContainsFunc(interests, said(forms.Yes)) {
			s.Interest = forms.Yes
		}
		if slices.ContainsFunc(promises, said(forms.No)) {
			s.Undertaking = forms.No
		}
	}
}
