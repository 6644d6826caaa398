package web

import (
	"net/http"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/staff"
)

// withholdRoutes are the pages of what is withheld from whom.
func (s *Server) withholdRoutes() {
	s.page("GET /child/{case}/withheld", s.withheld)
	s.form("/child/{case}/withheld/person", s.withholdForm(false))
	s.form("/child/{case}/withheld/part", s.withholdForm(true))
	s.form("/child/{case}/withheld/{right}/lift", s.liftForm())
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
	for i := range page.Whole {
		view.Whole = append(view.Whole, v.withheldRow(page, &page.Whole[i]))
	}
	for i := range page.Parts {
		view.Parts = append(view.Parts, v.withheldRow(page, &page.Parts[i]))
	}
	for i := range page.Events {
		e := &page.Events[i]
		row := WithheldRow{
			Kind: e.Kind, Since: v.at(e.At), Decided: e.Decided.Reveal(), Why: e.Text.Reveal(), By: v.name(e.Author), Safety: e.Safety,
		}
		if len(e.Who) == 16 {
			row.From = v.holder([16]byte(e.Who))
		}
		if e.From != "" {
			row.What = v.part(e.From, page.Documents)
		}
		if e.To != "" {
			row.From = v.l.Word("role", e.To)
		}
		view.Past = append(view.Past, row)
	}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// withheldRow says what is withheld, from whom, and what its reader may do to lift it.
func (v *visit) withheldRow(page *casework.WithheldPage, w *casework.Withheld) WithheldRow {
	row := WithheldRow{Since: v.at(clock.FromMicros(w.FromAt)), Altered: w.Altered, Lift: w.Lift, From: v.withheldFrom(w)}
	if w.Part != "" {
		row.What = v.part(w.Part, page.Documents)
	}
	if w.Lift != "" {
		row.Href = "/child/" + page.Case.ID.String() + "/withheld/" + string(w.ID) + "/lift"
	}
	if e := w.Asked; e != nil {
		row.Asked, row.Why, row.By = true, e.Text.Reveal(), v.name(e.Author)
	}
	return row
}

// withheldFrom names whom something is withheld from.
func (v *visit) withheldFrom(w *casework.Withheld) string {
	if w.Role != "" {
		return v.l.Word("role", w.Role)
	}
	return v.holder(w.From)
}

// liftForm lifts a withholding, asks a second person to, or agrees as that person.
func (s *Server) liftForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := s.Cases.Withheld(v.r.Context(), v.caller, v.caseOf())
			if err != nil {
				return nil, err
			}
			w := page.Find(access.RightID(v.r.PathValue("right")))
			if w == nil || w.Lift == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return LiftForm{
				Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details), Form: f, Row: v.withheldRow(page, w),
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id := v.caseOf()
			err = s.Cases.Lift(v.r.Context(), v.caller, cmd, id, access.RightID(v.r.PathValue("right")), v.text("reason"))
			return "/child/" + id.String() + "/withheld", "lifted", err
		},
	}
}

// holder names a person, a unit, or a country to which nothing goes.
func (v *visit) holder(id [16]byte) string {
	if name := v.unitName(ident.Unit(id)); name != "" {
		return name
	}
	for _, land := range v.lands() {
		if land.Value == ident.Unit(id).String() {
			return land.Label
		}
	}
	return v.name(ident.Staff(id))
}

// part puts the name of a part of the record into words. A document is named among those
// of the case that its reader may see.
func (v *visit) part(name string, docs []document.Document) string {
	form, rest, _ := strings.Cut(name, "/")
	section, question, _ := strings.Cut(rest, "/")
	switch form {
	case access.RecordParts:
		return v.label(pack.DisclosureParts, section)
	case access.Documents:
		for i := range docs {
			if docs[i].ID.String() == section {
				return v.l.T("withheld.document", "name", docs[i].Brief.Name.Reveal())
			}
		}
		return v.l.T("withheld.onedocument")
	}
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

// parts offers the parts of the record, the documents of the case, and the sections and
// questions of the forms in force.
func (v *visit) parts(docs []document.Document) []Option {
	var out []Option
	for _, code := range casework.RecordParts() {
		name := access.RecordPart(code)
		out = append(out, Option{Value: name, Label: v.part(name, nil)})
	}
	for i := range docs {
		name := access.DocumentPart(docs[i].ID)
		out = append(out, Option{Value: name, Label: v.part(name, docs)})
	}
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
			out = append(out, Option{Value: name, Label: v.part(name, nil)})
			for j := range s.Fields {
				if s.Fields[j].Asks() {
					name := access.PartOf(f.ID, s.ID, s.Fields[j].ID)
					out = append(out, Option{Value: name, Label: v.part(name, nil)})
				}
			}
		}
	}
	return out
}

// withholdForm withholds a whole case, or a part.
func (s *Server) withholdForm(part bool) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := s.Cases.Withheld(v.r.Context(), v.caller, v.caseOf())
			if err != nil {
				return nil, err
			}
			if !page.May["case.withhold"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return v.withholdView(page, f, part), nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			w, err := v.withholding()
			if err != nil {
				return "", "", err
			}
			id := v.caseOf()
			next := "/child/" + id.String() + "/withheld"
			if !part {
				return next, "withheld", s.Cases.WithholdFrom(v.r.Context(), v.caller, cmd, id, w, v.membersOf(w.Unit))
			}
			return next, "part-withheld", s.Cases.WithholdPart(v.r.Context(), v.caller, cmd, id, v.value("part"), w)
		},
	}
}

func (v *visit) withholdView(page *casework.WithheldPage, f Form, part bool) WithholdForm {
	view := WithholdForm{
		Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details), Form: f, Part: part,
		Safety: Options(v.l, "withheldfor", "yes", "no"),
	}
	for _, a := range v.people.People() {
		if a.State != staff.Disabled && a.ID != page.Case.Worker {
			view.People = append(view.People, Option{Value: a.ID.String(), Label: a.Name.Reveal()})
		}
	}
	if !part {
		for _, u := range v.people.Units() {
			if u.ID != page.Case.Unit {
				view.Units = append(view.Units, Option{Value: u.ID.String(), Label: u.Name})
			}
		}
		view.Units = append(view.Units, v.lands()...) // a country is hidden from like a unit: nothing about the child goes there
		return view
	}
	for _, role := range casework.PartRoles() {
		if v.l.Has("role." + role) {
			view.Roles = append(view.Roles, Option{Value: role, Label: v.l.Word("role", role)})
		}
	}
	view.Parts = v.parts(page.Documents)
	return view
}

// withholding reads from whom, on whose decision, and why.
func (v *visit) withholding() (casework.Withholding, error) {
	w := casework.Withholding{
		Role: v.value("from_role"), Decided: v.text("decided_by"), Why: v.text("reason"), Safety: v.value("withheld_for") == "yes",
	}
	if v.value("withheld_for") == "" {
		return w, fault.InvalidField("withheld_for", "required")
	}
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
