package casework

import (
	"bytes"
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
)

// Withheld is one thing that is withheld: the whole case, or a part of it.
type Withheld struct {
	ID      access.RightID
	Part    string   // "" for the whole case
	From    [16]byte // a person or a unit; zero where a role is meant
	Role    string
	FromAt  int64
	Altered bool

	// Decisions are the events that withheld it, newest first. Of somebody of whose unit
	// it was withheld there are none.
	Decisions []Event
	// Asked is the event by which somebody asked to lift it, nil for none.
	Asked *Event
	// Lift says what the reader may do: "" nothing, [LiftNow], [LiftAsk] for a second
	// person, or [LiftAgree] as that person.
	Lift string
}

// What somebody may do to lift a withholding.
const (
	LiftNow   = "lift"
	LiftAsk   = "ask"
	LiftAgree = "agree"
)

// WithheldPage is what is withheld of a case, for those who may know.
type WithheldPage struct {
	Child
	Whole     []Withheld
	Parts     []Withheld
	Events    []Event // of withholdings, newest first: who decided, and why
	Documents []document.Document
}

// Find returns what is withheld under a name, nil for none.
func (page *WithheldPage) Find(id access.RightID) *Withheld {
	for _, list := range [][]Withheld{page.Whole, page.Parts} {
		for i := range list {
			if id != "" && list[i].ID == id {
				return &list[i]
			}
		}
	}
	return nil
}

// Withheld returns what is withheld of a case, and from whom, but not what is withheld
// from the reader.
func (r *Room) Withheld(ctx context.Context, c *access.Caller, id ident.Case) (*WithheldPage, error) {
	var page WithheldPage
	var whole []access.WithheldFrom
	var parts []access.Part
	var docs *document.Fetched
	child, err := r.besides(ctx, c, id, "consent.withheld", func(p *access.Pass) (err error) {
		if r.docs != nil {
			if docs, err = r.docs.FetchAll(ctx, p); err != nil {
				return err
			}
		}
		whole, parts, err = p.Withheld(ctx)
		return err
	}, func(p *access.Pass, _ *keys.Opener, _ *Child) (err error) {
		if docs != nil {
			if page.Documents, err = docs.Open(p); err != nil {
				return err
			}
		}
		parts = slices.DeleteFunc(parts, func(one access.Part) bool { return p.HidesPart(one.Name) || access.OfTerms(one.Name) })
		return p.CheckWithheld(whole, parts)
	})
	if err != nil {
		return nil, err
	}
	page.Child = *child
	for _, e := range child.Events {
		if ofWithholding(e.Kind) {
			page.Events = append(page.Events, e)
		}
	}
	for _, w := range whole {
		page.Whole = append(page.Whole, Withheld{ID: w.ID(), From: w.From, FromAt: w.FromAt, Altered: w.Altered})
	}
	for _, w := range parts {
		page.Parts = append(page.Parts, Withheld{ID: w.ID(), Part: w.Name, From: w.From, Role: w.Role, FromAt: w.FromAt, Altered: w.Altered})
	}
	for _, list := range [][]Withheld{page.Whole, page.Parts} {
		for i := range list {
			list[i].tell(page.Events)
			list[i].Lift = list[i].liftedBy(c, child.May)
		}
	}
	return &page, nil
}

// about reports whether an event of a withholding is about this one.
func (w *Withheld) about(e *Event) bool {
	if w.Part != e.From || w.Role != e.To {
		return false
	}
	return w.Role != "" || bytes.Equal(e.Who, w.From[:])
}

// tell fills in what the events say, newest first: what came after it was last lifted.
func (w *Withheld) tell(events []Event) {
	for i := range events {
		switch e := &events[i]; {
		case !w.about(e):
		case e.Kind == KindWithholdingLifted:
			return
		case e.Kind == KindLiftingAsked:
			if w.Asked == nil && len(w.Decisions) == 0 {
				w.Asked = e
			}
		default:
			w.Decisions = append(w.Decisions, *e)
		}
	}
}

// two reports whether lifting it takes two people: it keeps the child safe from somebody,
// or nobody wrote down why it was withheld.
func (w *Withheld) two() bool {
	return len(w.Decisions) == 0 || slices.ContainsFunc(w.Decisions, func(e Event) bool { return e.Safety })
}

// liftedBy says what somebody may do to lift it: a supervisor, or whoever set it.
func (w *Withheld) liftedBy(c *access.Caller, may map[string]bool) string {
	own := len(w.Decisions) > 0 && !slices.ContainsFunc(w.Decisions, func(e Event) bool { return e.Author != c.Staff() })
	switch {
	case w.ID == "" || w.Altered:
		return ""
	case w.Asked != nil && may["case.liftagree"] && w.Asked.Author != c.Staff():
		return LiftAgree
	case w.Asked != nil || !may["case.lift"] || !own && c.Role() != access.RoleSupervisor:
		return ""
	case w.two():
		return LiftAsk
	}
	return LiftNow
}

// Lift ends a withholding, with the reason: a supervisor does, or whoever set it. One
// that keeps the child safe from somebody ends when a supervisor agrees who did not ask
// for it; until then it holds.
func (r *Room) Lift(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, which access.RightID, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	page, err := r.Withheld(ctx, c, id)
	if err != nil {
		return err
	}
	w := page.Find(which)
	if w == nil {
		w = &Withheld{Lift: LiftNow} // lifted meanwhile, perhaps by this very form
	}
	a := access.Act{Action: "case.lift", Purpose: PurposeSupervision, Case: id, Command: cmd, Part: w.Part}
	switch w.Lift {
	case "":
		a.Barred = "withholding-not-yours"
	case LiftAgree:
		a.Action, a.Staff = "case.liftagree", w.Asked.Author
	}
	with := page.with(w)
	_, err = r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, page.Child.Case.Version, func(row *Case) (*Event, error) {
			e := &Event{Kind: KindWithholdingLifted, Content: Content{From: w.Part, To: w.Role, Text: why}}
			if w.Role == "" {
				e.Who = slices.Clone(w.From[:])
			}
			if w.Lift == LiftAsk {
				e.Kind = KindLiftingAsked
				return e, nil
			}
			if err := p.Lift(ctx, with...); err != nil || w.Part != "" {
				return e, err
			}
			return e, p.Reach(ctx, access.RelationUnit, [16]byte(row.Unit)) // a unit above is let in again
		})
	})
	return err
}

// with returns the names of a withholding, and of those that were set with it: of a unit,
// from everybody who was in it.
func (page *WithheldPage) with(w *Withheld) []access.RightID {
	out := []access.RightID{w.ID}
	for i := range page.Whole {
		if m := &page.Whole[i]; w.Part == "" && len(w.Decisions) > 0 && m.ID != w.ID && m.FromAt == w.FromAt && len(m.Decisions) == 0 {
			out = append(out, m.ID)
		}
	}
	return out
}
