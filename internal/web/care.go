package web

import (
	"net/http"
	"net/url"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/internal/sealed"
)

// careRoutes are the pages of where a child lives.
func (s *Server) careRoutes() {
	s.page("GET /child/{case}/care", s.careHistory)
	s.form("/child/{case}/care/add", s.careForm(false))
	s.form("/child/{case}/care/{strand}/change", s.careForm(true))
}

// careHistory shows where a child lives and has lived.
func (s *Server) careHistory(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	if c.Withholds(casework.PartWhereabouts) {
		return fault.New(fault.NotFound, "no-such-page")
	}
	view := CareHistory{
		Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Can: c.May["case.care"] && !c.Case.Closed(),
	}
	for _, l := range c.Lived() {
		view.Rows = append(view.Rows, v.careRow(view.Child.Href, &l))
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

func (v *visit) careRow(child string, l *casework.Lived) CareRow {
	row := CareRow{Gap: l.Gap()}
	if row.Gap {
		row.From, _ = locale.ParseDay(l.GapFrom.Reveal())
		row.Until, _ = locale.ParseDay(l.GapUntil.Reveal())
		return row
	}
	row.Kind, row.Unsafe, row.Now = v.label("care_arrangement", l.Care.Kind), casework.UnsafeCare(l.Care.Kind), l.Now()
	row.From, _ = locale.ParseDay(l.From.Reveal())
	row.Until, _ = locale.ParseDay(l.Until.Reveal())
	row.Where, row.Decided, row.Note = l.Where.Reveal(), l.Decided.Reveal(), l.Note.Reveal()
	row.By, row.At = v.name(l.Recorded.Author), l.Recorded.At.In(v.s.Zone)
	row.Href = child + "/care/" + l.Strand.ID.String() + "/change"
	return row
}

// livesNow is the line of the child's page.
func (v *visit) livesNow(child string, c *casework.Child) *CareRow {
	l := c.LivesAt()
	if l == nil {
		return nil
	}
	row := v.careRow(child, l)
	return &row
}

// careForm records a place, or corrects one.
func (s *Server) careForm(change bool) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.opened()
			if err != nil {
				return nil, err
			}
			if !c.May["case.care"] || c.Case.Closed() && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			view := CareForm{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Change: change, Kinds: v.options("care_arrangement"),
			}
			if change {
				l, err := v.livedOf(c)
				if err != nil {
					return nil, err
				}
				if f.Values == nil {
					f.Values = careValues(l)
				}
				f = v.withSeen(f, l.Strand.Version)
			}
			view.Form = f
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			a, err := v.care()
			if err != nil {
				return "", "", err
			}
			next := "/child/" + id.String() + "/care"
			if !change {
				return next, "family", s.Cases.AddCare(v.r.Context(), v.caller, cmd, id, a)
			}
			where, err := v.strandID()
			if err != nil {
				return "", "", err
			}
			return next, "family", s.Cases.ChangeCare(v.r.Context(), v.caller, cmd, id, where, v.seen(), a)
		},
	}
}

// livedOf finds the place of the address.
func (v *visit) livedOf(c *casework.Child) (*casework.Lived, error) {
	id, err := v.strandID()
	if err != nil {
		return nil, err
	}
	for _, l := range c.Lived() {
		if l.Strand.ID == id && !id.IsZero() && !l.Gap() {
			return &l, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no-such-page")
}

// careValues writes a place into the form's fields.
func careValues(l *casework.Lived) url.Values {
	m := url.Values{"care_kind": {l.Care.Kind}, "care_from": {l.From.Reveal()}}
	for name, value := range map[string]string{
		"care_until": l.Until.Reveal(), "care_where": l.Where.Reveal(), "care_decided": l.Decided.Reveal(), "care_note": l.Note.Reveal(),
	} {
		if value != "" {
			m.Set(name, value)
		}
	}
	return m
}

// care reads the form.
func (v *visit) care() (casework.Care, error) {
	var c fault.Check
	a := casework.Care{Kind: v.value("care_kind"), Where: v.text("care_where"), Decided: v.text("care_decided"), Note: v.text("care_note")}
	a.From = v.dayField(&c, "care_from")
	a.Until = v.dayField(&c, "care_until")
	c.Require(!a.From.IsZero() || v.value("care_from") != "", "care_from", "required")
	c.Require(a.Kind != "", "care_kind", "required")
	return a, c.Err()
}

// dayField reads a day that may be left open.
func (v *visit) dayField(c *fault.Check, name string) sealed.Date {
	if strings.TrimSpace(v.value(name)) == "" {
		return sealed.Date{}
	}
	d, code := v.contactDay(name)
	c.Require(code == "", name, code)
	return d
}

// unsafe lists the worker's children who live where a child is not safe.
func (v *visit) unsafe(list []casework.Unsafe) []UnsafeChild {
	out := make([]UnsafeChild, len(list))
	for i := range list {
		u := &list[i]
		out[i] = UnsafeChild{v.childRow(&u.Case, &u.Person.Details), v.label("care_arrangement", u.Kind), u.Since.In(v.s.Zone)}
	}
	return out
}
