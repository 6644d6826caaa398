package web

import (
	"net/http"
	"net/url"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/person"
)

// sameRoutes are the pages of children who may be one child, registered twice.
func (s *Server) sameRoutes() {
	s.page("GET /same", s.pairs)
	s.form("/child/{case}/same/{other}", s.pairForm())
}

// anotherField is ticked by whoever knows that the child is none of those shown.
const anotherField = "another"

// warn asks whether a child about to be registered is here already. It asks whatever was
// ticked, so that who answers for a hidden child is told either way.
func (v *visit) warn(cmd ident.Command, d *person.Details) error {
	found, err := v.s.Cases.Alike(v.r.Context(), v.caller, cmd, d)
	if err != nil || len(found) == 0 || v.value(anotherField) != "" {
		return err
	}
	return fault.InvalidField(anotherField, "alike")
}

// warned adds the children of a warning to a registration that was sent back.
func (v *visit) warned(view Register) (any, error) {
	if view.Form.Error(anotherField) == "" {
		return view, nil
	}
	v.r.PostForm = url.Values(view.Form.Values)
	reg, err := v.registration()
	if err != nil {
		return view, nil // what else is wrong stands in the form
	}
	found, err := v.s.Cases.Alike(v.r.Context(), v.caller, ident.Command{}, &reg.Person)
	view.Alike, view.Another = v.found(found), Options(v.l, "another", "yes")
	return view, err
}

// pairs lists the pairs that wait for somebody to say what they are.
func (s *Server) pairs(v *visit) error {
	family := v.r.URL.Query().Get("class") == "family"
	list, more, err := s.Cases.Pairs(v.r.Context(), v.caller, family)
	if err != nil {
		return err
	}
	view := SamePairs{Frame: v.frame("children"), Family: family, More: more}
	for i := range list {
		p := &list[i]
		row := SamePair{A: v.childRow(&p.A.Case, &p.A.Person.Details), B: v.childRow(&p.B.Case, &p.B.Person.Details), Like: v.l.Word("like", p.Class.String())}
		row.Href = row.A.Href + "/same/" + p.B.Case.ID.String()
		view.Rows = append(view.Rows, row)
	}
	return v.write(http.StatusOK, view)
}

// pairForm shows two cases side by side and takes what somebody says of them.
func (s *Server) pairForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := s.Cases.Pair(v.r.Context(), v.caller, v.caseOf(), v.otherCase())
			if err != nil {
				return nil, err
			}
			return v.pair(page, f), nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			err = s.Cases.SayApart(v.r.Context(), v.caller, cmd, v.caseOf(), v.otherCase(), v.value("same_answer"), v.text("reason"))
			return v.r.URL.Path, "same-said", err
		},
	}
}

// otherCase reads the second case of the address; a forged one takes the way of an unknown.
func (v *visit) otherCase() ident.Case {
	id, err := ident.Parse[ident.Case](v.r.PathValue("other"))
	if err != nil {
		return ident.New[ident.Case]()
	}
	return id
}

func (v *visit) pair(p *casework.PairPage, f Form) SameReview {
	view := SameReview{Frame: v.frame("children"), Form: f, A: v.sameSide(p.A), B: v.sameSide(p.B)}
	if p.Class != linkage.Different {
		view.Like = v.l.Word("like", p.Class.String())
	}
	for _, e := range p.Evidence {
		if e.Field == linkage.FieldOrder && e.Level == linkage.Exact {
			continue
		}
		view.Why = append(view.Why, SameWhy{
			Field: v.l.Word("likefield", e.Field.String()), Level: v.l.Word("likelevel", levelWord(e)),
			Says: v.l.Word("likesays", saysWord(e.Weight)), Agrees: e.Weight > 0,
		})
	}
	if p.Said != nil && p.Asked != nil {
		view.Said, view.By, view.On = v.l.Word("samesaid", p.Said.Code), v.name(p.Asked.Author), v.day(p.Asked.At)
		view.Reason = p.Asked.Text.Reveal()
	} else if p.A.May["case.same"] && p.B.May["case.same"] {
		view.Answers = Options(v.l, "samesaid", casework.ApartOther, casework.ApartFamily)
	}
	return view
}

// strongly is from how many bits on a field says a lot.
const strongly = 4

// saysWord puts the weight of a field into words.
func saysWord(bits float64) string {
	switch {
	case bits >= strongly:
		return "strong-for"
	case bits > 0:
		return "for"
	case bits <= -strongly:
		return "strong-against"
	}
	return "against"
}

// sameSide is one of two cases as they stand beside each other.
func (v *visit) sameSide(c *casework.Child) SameSide {
	side := SameSide{Child: v.childRow(&c.Case, &c.Person.Details), Opened: v.day(c.Case.OpenedAt)}
	for _, n := range c.Person.Details.Names {
		side.Names = append(side.Names, n.Text.Reveal())
	}
	from, to := c.Person.Details.Birth.Earliest.Reveal(), c.Person.Details.Birth.Latest.Reveal()
	if side.Born = from; from != to && to != "" {
		side.Born = from + " – " + to
	}
	side.Sex = v.label("sex_recorded", c.Person.Details.SexRecorded)
	side.Countries = v.labels("nationality", c.Person.Details.Nationalities)
	for _, i := range c.Person.Details.Identifiers {
		side.Numbers = append(side.Numbers, i.Value.Reveal())
	}
	return side
}
