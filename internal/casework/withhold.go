package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
)

// KindPartWithheld is the event of a part of the record that is withheld: the sealed
// part names it, from whom, who decided it and why.
const KindPartWithheld = "part-withheld"

// Withholding says from whom something is withheld, on whose decision, and why.
type Withholding struct {
	From    ident.Staff // or
	Unit    ident.Unit  // everybody of a unit; or
	Role    string      // of a part: everybody of a role
	Decided sealed.Text // who decided it: the child, a guardian, a court, a supervisor
	Why     sealed.Text
}

func (w *Withholding) check() error {
	var chk fault.Check
	chk.Require(!w.Decided.IsZero(), "decided_by", "required")
	chk.Require(!w.Why.IsZero(), "reason", "required")
	text(&chk, "decided_by", w.Decided, mostName)
	text(&chk, "reason", w.Why, mostReason)
	return chk.Err()
}

// WithholdFrom keeps the whole case from one person, or from everybody of a unit; members
// are those of the unit now. Not from whoever leads the case, or from the unit it is
// given to: give it to somebody else first.
func (r *Room) WithholdFrom(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, w Withholding, members []ident.Staff) error {
	if err := w.check(); err != nil {
		return err
	}
	if w.From.IsZero() == w.Unit.IsZero() || w.Role != "" {
		return fault.InvalidField("from_person", "one-of-from")
	}
	return r.act(ctx, c, cmd, id, "case.withhold", PurposeSupervision, 0, func(p *access.Pass, row *Case) (*Event, error) {
		holders, who := [][16]byte{[16]byte(w.From)}, w.From[:]
		if !w.Unit.IsZero() {
			holders, who = [][16]byte{[16]byte(w.Unit)}, w.Unit[:]
			for _, m := range members {
				holders = append(holders, [16]byte(m))
			}
		}
		if slices.Contains(holders, [16]byte(row.Worker)) || w.Unit == row.Unit {
			return nil, fault.InvalidField("from_person", "assign-first")
		}
		for _, h := range holders {
			if err := p.Withhold(ctx, h); err != nil {
				return nil, err
			}
		}
		return &Event{Kind: KindWithheld, Content: Content{Who: slices.Clone(who), Text: w.Why, Decided: w.Decided}}, nil
	})
}

// WithholdPart keeps a section of a form of the case, or one of its questions, from one
// person or from everybody of a role, in every record of that form. They see it on no
// page, print or export, and what is decided by it neither.
func (r *Room) WithholdPart(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, form, section, question string, w Withholding) error {
	if err := w.check(); err != nil {
		return err
	}
	switch {
	case w.From.IsZero() == (w.Role == "") || !w.Unit.IsZero():
		return fault.InvalidField("from_person", "one-of-from")
	case w.Role != "" && !slices.Contains(PartRoles(), w.Role):
		return fault.InvalidField("from_role", "not-in-list")
	case !r.isPart(form, section, question):
		return fault.InvalidField("part", "required")
	}
	part := access.PartOf(form, section, question)
	return r.act(ctx, c, cmd, id, "case.withhold", PurposeSupervision, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		if err := p.WithholdPart(ctx, part, w.From, w.Role); err != nil {
			return nil, err
		}
		e := &Event{Kind: KindPartWithheld, Content: Content{From: part, To: w.Role, Text: w.Why, Decided: w.Decided}}
		if !w.From.IsZero() {
			e.Who = w.From[:]
		}
		return e, nil
	})
}

// isPart reports whether a form about a case has, or had, such a section and question.
func (r *Room) isPart(form, section, question string) bool {
	if r.forms == nil || form == "" {
		return false
	}
	return slices.ContainsFunc(r.forms.Library().Versions(form), func(v forms.Version) bool {
		return v.State != forms.Draft && slices.ContainsFunc(v.Form.Sections, func(s forms.Section) bool {
			return s.ID == section && (question == "" || slices.ContainsFunc(s.Fields, func(q forms.Field) bool { return q.ID == question }))
		})
	})
}

// PartRoles are the roles from which a part of the record can be withheld.
func PartRoles() []string {
	return []string{
		access.RoleCaseWorker, access.RoleSupervisor, access.RoleGuardian, access.RoleLawyer, access.RoleProvider,
		access.RoleInterpreter, access.RoleInvestigator, access.RoleProsecutor, access.RoleJudge, access.RoleFocalPoint,
	}
}

// WithheldPage is what is withheld of a case, for those who may know.
type WithheldPage struct {
	Child
	Whole  []access.WithheldFrom
	Parts  []access.Part
	Events []Event // of withholdings, newest first: who decided, and why
}

// Withheld returns what is withheld of a case, and from whom.
func (r *Room) Withheld(ctx context.Context, c *access.Caller, id ident.Case) (*WithheldPage, error) {
	var page WithheldPage
	child, err := r.besides(ctx, c, id, "consent.withheld", func(p *access.Pass) (err error) {
		page.Whole, page.Parts, err = p.Withheld(ctx)
		return err
	}, func(p *access.Pass, _ *keys.Opener, _ *Child) error { return p.CheckWithheld(page.Whole, page.Parts) })
	if err != nil {
		return nil, err
	}
	page.Child = *child
	for _, e := range child.Events {
		if e.Kind == KindWithheld || e.Kind == KindPartWithheld {
			page.Events = append(page.Events, e)
		}
	}
	return &page, nil
}
