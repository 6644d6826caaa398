package web

import (
	"net/http"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// withholdRoutes are the pages of what is withheld from whom.
func (s *Server) withholdRoutes() {
	s.page("GET /child/{case}/withheld", s.withheld)
	s.form("/child/{case}/withheld/person", s.withholdForm(false))
	s.form("/child/{case}/withheld/part", s.withholdForm(true))
}

func (s *Server) withheld(v *visit) error {
	page, err := s.Cases.Withheld(v.r.Context(), v.caller, v.caseOf())
	if err != nil {
		return err
	}
	view := Withheld{Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details)}
	if page.May["case.withhold"] {
		view.Person, view.Part = view.Child.Href+"/withheld/person", view.Child.Href+"/withheld/part"
	}
	for _, w := range page.Whole {
		view.Whole = append(view.Whole, WithheldRow{From: v.holder(w.From), Since: v.at(clock.FromMicros(w.FromAt)), Altered: w.Altered})
	}
	for _, p := range page.Parts {
		view.Parts = append(view.Parts, WithheldRow{What: v.part(p.Name), From: v.fromWhom(p.From, p.Role), Since: v.at(clock.FromMicros(p.FromAt)), Altered: p.Altered})
	}
	for i := range page.Events {
		e := &page.Events[i]
		row := WithheldRow{Since: v.at(e.At), Decided: e.Decided.Reveal(), Why: e.Text.Reveal(), By: v.name(e.Author)}
		if len(e.Who) == 16 {
			row.From = v.holder([16]byte(e.Who))
		}
		if e.Kind == casework.KindPartWithheld {
			row.What = v.part(e.From)
			if e.To != "" {
				row.From = v.l.Word("role", e.To)
			}
		}
		view.Past = append(view.Past, row)
	}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// holder names a person or a unit.
func (v *visit) holder(id [16]byte) string {
	if name := v.unitName(ident.Unit(id)); name != "" {
		return name
	}
	return v.name(ident.Staff(id))
}

// fromWhom names a person, or a role.
func (v *visit) fromWhom(who ident.Staff, role string) string {
	if role != "" {
		return v.l.Word("role", role)
	}
	return v.name(who)
}

// part puts the name of a part of the record into words.
func (v *visit) part(name string) string {
	form, rest, _ := strings.Cut(name, "/")
	section, question, _ := strings.Cut(rest, "/")
	versions := v.s.Cases.Forms().Library().Versions(form)
	for _, one := range slices.Backward(versions) {
		for i := range one.Form.Sections {
			s := &one.Form.Sections[i]
			if s.ID != section {
				continue
			}
			words := one.Form.Title.In(v.l.Code()) + " · " + s.Title.In(v.l.Code())
			if q := one.Form.Field(question); q != nil {
				words += " · " + q.Label.In(v.l.Code())
			}
			return words
		}
	}
	return v.formTitle(form)
}

// parts offers the sections and questions of the forms in force, and of forms that a
// record may have been filled in with.
func (v *visit) parts() []Option {
	var out []Option
	for _, f := range v.s.Cases.Forms().Library().InForce() {
		if f.For != forms.ForCase {
			continue
		}
		for i := range f.Sections {
			s := &f.Sections[i]
			if !s.MayRead(v.caller.Role()) {
				continue
			}
			name := access.PartOf(f.ID, s.ID, "")
			out = append(out, Option{Value: name, Label: v.part(name)})
			for j := range s.Fields {
				if s.Fields[j].Asks() {
					name := access.PartOf(f.ID, s.ID, s.Fields[j].ID)
					out = append(out, Option{Value: name, Label: v.part(name)})
				}
			}
		}
	}
	return out
}

// withholdForm withholds a whole case, or a part.
func (s *Server) withholdForm(part bool) formPage {
	return s.childForm("case.withhold",
		func(v *visit, c *casework.Child, f Form) any {
			view := WithholdForm{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, Part: part}
			for _, a := range v.people.People() {
				if a.State != staff.Disabled && a.ID != c.Case.Worker {
					view.People = append(view.People, Option{Value: a.ID.String(), Label: a.Name.Reveal()})
				}
			}
			if !part {
				for _, u := range v.people.Units() {
					if u.ID != c.Case.Unit {
						view.Units = append(view.Units, Option{Value: u.ID.String(), Label: u.Name})
					}
				}
				return view
			}
			for _, role := range casework.PartRoles() {
				if v.l.Has("role." + role) {
					view.Roles = append(view.Roles, Option{Value: role, Label: v.l.Word("role", role)})
				}
			}
			view.Parts = v.parts()
			return view
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			w, err := v.withholding()
			if err != nil {
				return "", err
			}
			if !part {
				return "withheld", s.Cases.WithholdFrom(v.r.Context(), v.caller, cmd, id, w, v.membersOf(w.Unit))
			}
			form, rest, _ := strings.Cut(v.value("part"), "/")
			section, question, _ := strings.Cut(rest, "/")
			return "part-withheld", s.Cases.WithholdPart(v.r.Context(), v.caller, cmd, id, form, section, question, w)
		}).to("/withheld")
}

// withholding reads from whom, on whose decision, and why.
func (v *visit) withholding() (casework.Withholding, error) {
	w := casework.Withholding{Role: v.value("from_role"), Decided: v.text("decided_by"), Why: v.text("reason")}
	var err error
	if typed := v.value("from_person"); typed != "" {
		if w.From, err = ident.Parse[ident.Staff](typed); err != nil {
			return w, fault.InvalidField("from_person", "not-in-list")
		}
	}
	if typed := v.value("from_unit"); typed != "" {
		if w.Unit, err = ident.Parse[ident.Unit](typed); err != nil {
			return w, fault.InvalidField("from_unit", "not-in-list")
		}
	}
	return w, nil
}

// membersOf returns the people of a unit.
func (v *visit) membersOf(unit ident.Unit) (out []ident.Staff) {
	if unit.IsZero() {
		return nil
	}
	for _, a := range v.people.People() {
		if a.Unit == unit {
			out = append(out, a.ID)
		}
	}
	return out
}
