package casework

import (
	"context"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The events of parts of the record that are withheld, and of withholdings that are
// lifted: the sealed part names the part, from whom, who decided it and why.
const (
	KindPartWithheld      = "part-withheld"
	KindWithholdingLifted = "withholding-lifted"
	KindLiftingAsked      = "withholding-lift-asked" // and waits for a second person
)

// ofWithholding reports whether events of a kind say what is, or was, withheld.
func ofWithholding(kind string) bool {
	return kind == KindWithheld || kind == KindPartWithheld || kind == KindWithholdingLifted || kind == KindLiftingAsked
}

// Withholding says from whom something is withheld, on whose decision, and why.
type Withholding struct {
	From    ident.Staff // or
	Unit    ident.Unit  // everybody of a unit, or a country as a consent names it (consent.Land): nothing goes there; or
	Role    string      // of a part: everybody of a role
	Decided sealed.Text // who decided it: the child, a guardian, a court, a supervisor
	Why     sealed.Text
	Safety  bool // it keeps the child safe from them: lifting it takes two people
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
		return &Event{Kind: KindWithheld, Content: Content{Who: slices.Clone(who), Text: w.Why, Decided: w.Decided, Safety: w.Safety}}, nil
	})
}

// WithholdPart keeps a part of the case from one person or from everybody of a role: a
// section of a form or one of its questions, in every record of that form; a part of the
// record (see [RecordParts]), wherever it is written; or one document. They see it on no
// page, print or export, and what is decided by it neither.
func (r *Room) WithholdPart(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, part string, w Withholding) error {
	if err := w.check(); err != nil {
		return err
	}
	switch {
	case w.From.IsZero() == (w.Role == "") || !w.Unit.IsZero():
		return fault.InvalidField("from_person", "one-of-from")
	case w.Role != "" && !slices.Contains(PartRoles(), w.Role):
		return fault.InvalidField("from_role", "not-in-list")
	case !r.isPart(part):
		return fault.InvalidField("part", "required")
	}
	return r.act(ctx, c, cmd, id, "case.withhold", PurposeSupervision, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		if doc, ok := strings.CutPrefix(part, access.Documents+"/"); ok {
			if err := r.hasDocument(ctx, p, doc); err != nil {
				return nil, err
			}
		}
		if err := p.WithholdPart(ctx, part, w.From, w.Role); err != nil {
			return nil, err
		}
		e := &Event{Kind: KindPartWithheld, Content: Content{From: part, To: w.Role, Text: w.Why, Decided: w.Decided, Safety: w.Safety}}
		if !w.From.IsZero() {
			e.Who = w.From[:]
		}
		return e, nil
	})
}

// isPart reports whether there is such a part: of the record, a document, or of a form
// about a case that is or was in use. A document of another case is none of this one.
func (r *Room) isPart(name string) bool {
	form, rest, _ := strings.Cut(name, "/")
	section, question, _ := strings.Cut(rest, "/")
	switch {
	case form == access.RecordParts:
		return question == "" && slices.Contains(RecordParts(), section)
	case form == access.Documents:
		_, err := ident.Parse[ident.Document](section)
		return err == nil && question == ""
	case r.forms == nil || form == "":
		return false
	}
	return slices.ContainsFunc(r.forms.Library().Versions(form), func(v forms.Version) bool {
		return v.State != forms.Draft && slices.ContainsFunc(v.Form.Sections, func(s forms.Section) bool {
			return s.ID == section && (question == "" || slices.ContainsFunc(s.Fields, func(q forms.Field) bool { return q.ID == question }))
		})
	})
}

// hasDocument refuses the name of a document that the pass's case has not.
func (r *Room) hasDocument(ctx context.Context, p *access.Pass, name string) error {
	doc, err := ident.Parse[ident.Document](name)
	if err != nil || r.docs == nil {
		return fault.InvalidField("part", "required")
	}
	if _, err = r.docs.Fetch(ctx, p, doc); fault.Is(err, fault.NotFound) {
		err = fault.InvalidField("part", "required")
	}
	return err
}

// PartRoles are the roles from which a part of the record can be withheld.
func PartRoles() []string {
	return []string{
		access.RoleCaseWorker, access.RoleSupervisor, access.RoleGuardian, access.RoleLawyer, access.RoleProvider,
		access.RoleInterpreter, access.RoleInvestigator, access.RoleProsecutor, access.RoleJudge, access.RoleFocalPoint,
	}
}
