package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// The events of break-glass.
const (
	KindGlass         = "break-glass"
	KindGlassReviewed = "break-glass-reviewed"
)

// DueGlassReview is the deadline of a review, about the time it is a review of.
const DueGlassReview = "glass_review"

// What people are told about break-glass (codes that package staff knows).
const (
	tellGlass     = "break-glass"      // a case in your care, or that you oversee, was opened
	tellGlassLate = "break-glass-late" // a review is late
)

// Breaking is what somebody says who opens a case by break-glass.
type Breaking struct {
	Number string      // of the case
	Reason string      // code list glass_reason
	Why    sealed.Text // in words: always
}

// BreakGlass opens the case with a number to the caller, who does not reach it, for
// the hours the pack says, and returns it. It tells the lead worker, their
// supervisor and all who oversee, at once, and starts the clock of the review.
//
// A number that cannot be one, and too many times within a day, are refused at once:
// that says nothing of any case. Everything else that stands in the way, such as
// that there is no such case or that it is withheld from the caller, has the same
// answer in the same time: NotFound. Whoever reaches the case already is told so
// ("glass-reached").
func (r *Room) BreakGlass(ctx context.Context, c *access.Caller, cmd ident.Command, b Breaking) (ident.Case, error) {
	n, err := ident.ParseCaseNumber(b.Number)
	var chk fault.Check
	for _, f := range fault.FieldsOf(err) {
		chk.Reject(f.Name, f.Code)
	}
	chk.Require(r.codes.Valid(pack.GlassReasons, b.Reason), "glass_reason", "required")
	chk.Require(!b.Why.IsZero(), "why_at_once", "required")
	text(&chk, "why_at_once", b.Why, mostReason)
	if err := chk.Err(); err != nil {
		return ident.Case{}, err
	}
	if err := r.gate.MayBreak(ctx, c, r.glassMost()); err != nil {
		return ident.Case{}, err
	}
	var id ident.Case
	err = r.gate.Blind(ctx, c, func() (err error) {
		id, err = r.breakGlass(ctx, c, cmd, n, b)
		return err
	})
	if err != nil {
		return ident.Case{}, err
	}
	return id, nil
}

func (r *Room) glassMost() int { return r.codes.Clock(pack.GlassDaily).Value }

// GlassMost returns how many cases one person may open within a day, and for how
// long each stays open, for the page that says so.
func (r *Room) GlassMost() (most int, open time.Duration) {
	return r.glassMost(), r.codes.Clock(pack.GlassOpen).Duration()
}

// breakGlass finds the case and opens it. A number that no case has takes the same
// path, with a case that nobody registered.
func (r *Room) breakGlass(ctx context.Context, c *access.Caller, cmd ident.Command, n ident.CaseNumber, b Breaking) (ident.Case, error) {
	ask := access.Act{Action: "glass.find", Purpose: access.PurposeEmergency}
	found, err := r.gate.Do(ctx, c, ask, func(p *access.Pass) (string, error) {
		id := ident.Beside[ident.Case]()
		err := p.Tx().QueryRow(ctx, sqlCaseByNumber, string(n)).Scan(&id)
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return id.String(), err
	})
	if err != nil {
		return ident.Case{}, err
	}
	id, err := ident.Parse[ident.Case](found)
	if err != nil {
		return id, err
	}
	people, err := r.roster(ctx)
	if err != nil {
		return id, err
	}
	act := access.Act{Action: "case.breakglass", Purpose: access.PurposeEmergency, Case: id, Command: cmd}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		row, err := readCase(ctx, p.Tx(), id)
		switch {
		case fault.Is(err, fault.NotFound):
			return "", p.Refuse("no-such-case")
		case err != nil:
			return "", err
		case row.Stage == StageScreened: // a check: the duty list shows it to whoever could take it over
			return "", p.Refuse("not-registered")
		}
		return r.change(ctx, p, 0, func(row *Case) (*Event, error) { return r.broken(ctx, p, people, row, b) })
	})
	return id, err
}

// broken writes down that the case was opened, tells people and starts the clock.
func (r *Room) broken(ctx context.Context, p *access.Pass, people Roster, row *Case, b Breaking) (*Event, error) {
	now := p.Now()
	g := access.Glass{
		Reason: b.Reason, Until: r.codes.Clock(pack.GlassOpen).After(now), ReviewBy: r.codes.Clock(pack.GlassReview).After(now),
	}
	id, err := p.Break(ctx, g, b.Why, r.glassMost())
	if err != nil {
		return nil, err
	}
	if err := r.setDue(ctx, p, row, DueGlassReview, [16]byte(id), g.ReviewBy); err != nil {
		return nil, err
	}
	told := []ident.Staff{row.Worker}
	if above := bosses(people, row.Worker, row.Unit); len(above) > 0 {
		told = append(told, above[0])
	}
	if told, err = r.notWithheldFrom(ctx, p, told); err != nil {
		return nil, err
	}
	p.Tell(tellGlass, told, access.RoleAuditor, access.RoleOmbudsperson)
	return &Event{Kind: KindGlass, Content: Content{To: b.Reason, Text: b.Why, Due: g.Until.UnixMicro(), Of: id[:]}}, nil
}

// notWithheldFrom leaves out from whom the pass's case is withheld.
func (r *Room) notWithheldFrom(ctx context.Context, p *access.Pass, people []ident.Staff) ([]ident.Staff, error) {
	var out []ident.Staff
	for _, who := range people {
		withheld, err := p.IsWithheld(ctx, [16]byte(who))
		if err != nil {
			return nil, err
		}
		if !withheld {
			out = append(out, who)
		}
	}
	return out, nil
}

// GlassOpen is a case that the reader opened and may still open.
type GlassOpen struct {
	Case   ident.Case
	Number ident.CaseNumber
	Until  time.Time
}

// OwnGlass returns what the caller opened by break-glass and may still open.
func (r *Room) OwnGlass(ctx context.Context, c *access.Caller) (out []GlassOpen, err error) {
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		out = nil
		all, err := p.OwnGlass(ctx)
		if err != nil {
			return err
		}
		for _, g := range all {
			row, err := readCase(ctx, p.Tx(), g.Case)
			if err != nil {
				return err
			}
			out = append(out, GlassOpen{g.Case, row.Number, g.Until})
		}
		return nil
	})
	return out, err
}

// GlassLine is one time that somebody opened a case, as who reviews it sees it:
// nothing of the child but the number of the case.
type GlassLine struct {
	access.Glass
	access.GlassWords
	Number ident.CaseNumber
	Lead   ident.Staff // who leads the case now
	Mine   bool        // the reader may review it, and nobody has
	Late   bool
}

// GlassPage is what a reviewer sees.
type GlassPage struct {
	Waiting []GlassLine // the most urgent first
	Done    []GlassLine // the newest first
	Entry   ident.Entry
}

// Glass returns the times that cases were opened by break-glass: those that wait
// for their review, and the newest that were reviewed.
func (r *Room) Glass(ctx context.Context, c *access.Caller) (*GlassPage, error) {
	var page GlassPage
	lines, entry, err := r.glass(ctx, c, func(p *access.Pass) ([]*access.Glass, error) {
		waiting, err := p.WaitingGlass(ctx)
		if err != nil {
			return nil, err
		}
		newest, err := p.NewestGlass(ctx)
		newest = slices.DeleteFunc(newest, func(g *access.Glass) bool { return g.Reviewed.IsZero() })
		return append(waiting, newest...), err
	})
	for _, l := range lines {
		if l.Reviewed.IsZero() {
			page.Waiting = append(page.Waiting, l)
		} else {
			page.Done = append(page.Done, l)
		}
	}
	page.Entry = entry
	return &page, err
}

// GlassOne returns one time; one that does not exist, or whose case is withheld from
// the caller, is NotFound.
func (r *Room) GlassOne(ctx context.Context, c *access.Caller, id ident.Glass) (*GlassLine, error) {
	lines, _, err := r.glass(ctx, c, func(p *access.Pass) ([]*access.Glass, error) {
		g, err := p.OneGlass(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return nil, nil
		}
		return []*access.Glass{g}, err
	})
	if err == nil && len(lines) != 1 {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, err
	}
	return &lines[0], nil
}

func (r *Room) glass(ctx context.Context, c *access.Caller, which func(*access.Pass) ([]*access.Glass, error)) ([]GlassLine, ident.Entry, error) {
	people, err := r.roster(ctx)
	if err != nil {
		return nil, ident.Entry{}, err
	}
	var lines []GlassLine
	var entry ident.Entry
	err = r.gate.List(ctx, c, access.Act{Action: "glass.list", Purpose: access.PurposeOversight},
		func(p *access.Pass) ([]ident.Case, error) {
			lines = nil
			all, err := which(p)
			if err != nil {
				return nil, err
			}
			ids := make([]ident.Case, len(all))
			for i, g := range all {
				ids[i] = g.Case
			}
			may, err := p.Visible(ctx, ids)
			if err != nil {
				return nil, err
			}
			var shown []ident.Case
			for i, g := range all {
				if !may[i] {
					continue
				}
				row, err := readCase(ctx, p.Tx(), g.Case)
				if err != nil {
					return nil, err
				}
				l := GlassLine{Glass: *g, Number: row.Number, Lead: row.Worker}
				waits := g.Reviewed.IsZero()
				l.Late = waits && p.Now().After(g.ReviewBy)
				l.Mine = waits && !c.Among(append(glassChain(people, g), g.Staff)...)
				lines = append(lines, l)
				if !slices.Contains(shown, g.Case) {
					shown = append(shown, g.Case)
				}
			}
			return shown, nil
		},
		func(p *access.Pass) (err error) {
			entry = p.Entry()
			for i := range lines {
				if lines[i].GlassWords, err = p.GlassWords(&lines[i].Glass); err != nil {
					return err
				}
			}
			return nil
		})
	return lines, entry, err
}

// glassChain returns who stands above whoever opened a case: they do not review it.
func glassChain(people Roster, g *access.Glass) []ident.Staff {
	return bosses(people, g.Staff, g.Unit)
}

// ReviewGlass writes down what the review of one time came to: justified, not
// justified, or further steps, and why. Neither whoever opened the case nor anybody
// above them may, nor who stands in for one of those.
func (r *Room) ReviewGlass(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Glass, outcome string, why sealed.Text) error {
	var chk fault.Check
	chk.Require(r.codes.Valid(pack.GlassOutcomes, outcome), "glass_outcome", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	line, err := r.GlassOne(ctx, c, id)
	if err != nil {
		return err
	}
	people, err := r.roster(ctx)
	if err != nil {
		return err
	}
	act := access.Act{
		Action: "glass.review", Purpose: access.PurposeOversight, Case: line.Case, Command: cmd,
		Staff: line.Staff, Apart: append(glassChain(people, &line.Glass), line.Staff),
	}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, 0, func(*Case) (*Event, error) {
			if err := p.ReviewGlass(ctx, id, outcome, access.GlassWords{Why: line.Why, Review: why}); err != nil {
				return nil, err
			}
			if err := r.meetDueOf(ctx, p, DueGlassReview, [16]byte(id)); err != nil {
				return nil, err
			}
			return &Event{Kind: KindGlassReviewed, Content: Content{To: outcome, Text: why, Of: id[:]}}, nil
		})
	})
	return err
}

// glassFiguresFor is how far back the figures go.
const glassFiguresFor = 90 * 24 * time.Hour

// GlassFigures counts how often cases were opened by break-glass in the last 90
// days, and how their reviews went: numbers of nobody.
func (r *Room) GlassFigures(ctx context.Context, c *access.Caller) (f access.GlassFigures, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "glass.figures", Purpose: access.PurposeOversight}, func(p *access.Pass) (err error) {
		f, err = p.GlassFigures(ctx, p.Now().Add(-glassFiguresFor))
		return err
	})
	return f, err
}
