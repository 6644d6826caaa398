package web

import (
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/staff"
)

// agencyID reads the agency of the address. A forged address takes the way of an
// unknown one.
func (v *visit) agencyID() ident.Agency {
	id, err := ident.Parse[ident.Agency](v.r.PathValue("agency"))
	if err != nil {
		return ident.New[ident.Agency]()
	}
	return id
}

// atWork counts the people of each unit who have not left. It asks the gate for the
// list of accounts, and so refuses whoever may not see who works here.
func (v *visit) atWork() (map[ident.Unit]int, error) {
	all, _, err := v.s.People.List(v.r.Context(), v.caller)
	if err != nil {
		return nil, err
	}
	count := map[ident.Unit]int{}
	for _, a := range all {
		if a.State != staff.Disabled {
			count[a.Unit]++
		}
	}
	return count, nil
}

func (v *visit) agencyRow(a staff.Agency, atWork map[ident.Unit]int) AgencyRow {
	row := AgencyRow{
		Href: "/agencies/" + a.ID.String(), Name: a.Name, Sector: v.label(pack.Sectors, a.Sector), Own: a.Own,
	}
	for _, u := range v.people.Units() {
		if u.Agency == a.ID {
			row.Units++
			row.People += atWork[u.ID]
		}
	}
	return row
}

// agencyOptions lists the agencies by name.
func (v *visit) agencyOptions() []Option {
	var out []Option
	for _, a := range v.people.Agencies() {
		out = append(out, Option{Value: a.ID.String(), Label: a.Name})
	}
	return out
}

// typedAgency reads the fields of an agency.
func (v *visit) typedAgency() staff.Agency {
	return staff.Agency{Name: v.value("agency_name"), Sector: v.value("sector"), Mandate: v.value("mandate")}
}

// agenciesForm lists the agencies and adds one.
func (s *Server) agenciesForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			atWork, err := v.atWork()
			if err != nil {
				return nil, err
			}
			view := Agencies{Frame: v.frame("people"), Form: f, Sectors: v.options(pack.Sectors), CanAdd: s.Gate.May(v.caller, "agency.update")}
			for _, a := range v.people.Agencies() {
				view.Rows = append(view.Rows, v.agencyRow(a, atWork))
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			_, err = s.People.CreateAgency(v.r.Context(), v.caller, v.session.By(), cmd, v.typedAgency())
			return "/agencies", "agency", err
		},
	}
}

// agencyForm is one agency's page with the form of what it is.
func (s *Server) agencyForm() formPage {
	return formPage{
		show: s.agencyPage,
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			seen, err := v.seenVersion()
			if err != nil {
				return "", "", err
			}
			in := v.typedAgency()
			in.ID, in.Version = v.agencyID(), seen
			err = s.People.ChangeAgency(v.r.Context(), v.caller, v.session.By(), cmd, in)
			return "/agencies/" + in.ID.String(), "agency-changed", err
		},
	}
}

func (s *Server) agencyPage(v *visit, f Form) (any, error) {
	atWork, err := v.atWork()
	if err != nil {
		return nil, err
	}
	a, ok := v.people.Agency(v.agencyID())
	if !ok {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	path := "/agencies/" + a.ID.String()
	if f.Values == nil {
		f.Values = map[string][]string{"agency_name": {a.Name}, "sector": {a.Sector}, "mandate": {a.Mandate}}
	}
	f.Action = path
	view := AgencyPage{
		Frame: v.frame("people"), Agency: v.agencyRow(a, atWork), Mandate: a.Mandate, Form: v.withSeen(f, a.Version),
		Place: Form{Action: path + "/unit"}, Duty: Form{Action: path + "/duty"}, Sectors: v.options(pack.Sectors), CanEdit: s.Gate.May(v.caller, "agency.update"),
	}
	view.Frame.Path = path
	for _, u := range v.people.Units() {
		switch {
		case u.Agency == a.ID:
			row := UnitRow{Name: u.Name, Parent: v.unitName(u.Parent), People: atWork[u.ID]}
			if duty := v.people.Duty(u.ID); duty != u.ID {
				row.Duty = v.unitName(duty)
			}
			view.Units, view.Own = append(view.Units, row), append(view.Own, Option{Value: u.ID.String(), Label: u.Name})
		case u.Parent.IsZero():
			view.Others = append(view.Others, Option{Value: u.ID.String(), Label: u.Name})
		}
	}
	for _, u := range v.people.Protects() {
		view.Takes = append(view.Takes, Option{Value: u.ID.String(), Label: u.Name})
	}
	return view, nil
}

// placeUnit puts a unit, and those below it, under the agency of the address.
func (s *Server) placeUnit(v *visit) error {
	return s.onAgency(v, "unit-placed", func(a *AgencyPage) *Form { return &a.Place }, func(cmd ident.Command) error {
		unit, err := ident.Parse[ident.Unit](v.value("unit"))
		if err != nil || unit.IsZero() {
			return fault.InvalidField("unit", "choose-one")
		}
		return s.People.PlaceUnit(v.r.Context(), v.caller, v.session.By(), cmd, unit, v.agencyID())
	})
}

// setDuty names the unit that takes over the checks made in a unit of the agency.
func (s *Server) setDuty(v *visit) error {
	return s.onAgency(v, "duty-named", func(a *AgencyPage) *Form { return &a.Duty }, func(cmd ident.Command) error {
		unit, err := ident.Parse[ident.Unit](v.value("duty_of"))
		if u, ok := v.people.Unit(unit); err != nil || !ok || u.Agency != v.agencyID() {
			return fault.InvalidField("duty_of", "choose-one")
		}
		var duty ident.Unit
		if typed := v.value("duty_unit"); typed != "" {
			if duty, err = ident.Parse[ident.Unit](typed); err != nil {
				return fault.InvalidField("duty_unit", "not-in-list")
			}
		}
		return s.People.SetDuty(v.r.Context(), v.caller, v.session.By(), cmd, unit, duty)
	})
}

// onAgency does what one of the smaller forms on an agency's page asks for; refused, the
// page is shown again with what was typed there.
func (s *Server) onAgency(v *visit, done string, of func(*AgencyPage) *Form, do func(ident.Command) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	if err = do(cmd); err == nil {
		return v.redirect("/agencies/"+v.agencyID().String(), done)
	}
	return v.again(err, func(v *visit, typed Form) (any, error) {
		page, perr := s.agencyPage(v, Form{})
		view, ok := page.(AgencyPage)
		if !ok {
			return page, perr
		}
		typed.Action = of(&view).Action
		*of(&view) = typed
		return view, nil
	})
}

// unitsForm lists the units and adds one.
func (s *Server) unitsForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			atWork, err := v.atWork()
			if err != nil {
				return nil, err
			}
			view := Units{
				Frame: v.frame("people"), Form: f, Tops: v.unitOptions(nil), Agencies: v.agencyOptions(),
				CanAdd: s.Gate.May(v.caller, "unit.update"),
			}
			for _, u := range v.people.Units() {
				row := UnitRow{Name: u.Name, Parent: v.unitName(u.Parent), People: atWork[u.ID]}
				if a, ok := v.people.Agency(u.Agency); ok && !a.Own {
					row.Agency, row.Sector = a.Name, v.label(pack.Sectors, a.Sector)
				}
				view.Rows = append(view.Rows, row)
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			in, err := v.newUnit()
			if err != nil {
				return "", "", err
			}
			return "/people/units", "unit", s.People.CreateUnit(v.r.Context(), v.caller, v.session.By(), cmd, in)
		},
	}
}

// newUnit reads the form of a new unit. Where it stands below another, the agency is
// that one's.
func (v *visit) newUnit() (in access.NewUnit, err error) {
	var c fault.Check
	in.Name = strings.TrimSpace(v.value("unit_name"))
	if p := v.value("parent"); p != "" {
		in.Parent, err = ident.Parse[ident.Unit](p)
		c.Require(err == nil, "parent", "not-in-list")
	}
	if a := v.value("agency"); a != "" && in.Parent.IsZero() {
		in.Agency, err = ident.Parse[ident.Agency](a)
		c.Require(err == nil, "agency", "not-in-list")
	}
	return in, c.Err()
}
