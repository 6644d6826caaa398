package web

import (
	"net/http"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/staff"
)

// The roles in the order they are offered.
var roleCodes = func() (codes []string) {
	for _, r := range staff.Roles() {
		codes = append(codes, string(r))
	}
	return codes
}()

var stateCodes = []string{string(staff.Active), string(staff.Invited), string(staff.Disabled)}

// officeRoutes are the pages of those who run accounts, the journal and the
// machine.
func (s *Server) officeRoutes() {
	s.page("GET /people", s.listPeople)
	s.form("/people/invite", s.inviteForm())
	s.page("GET /people/invited", s.invited)
	s.form("/people/units", s.unitsForm())
	s.page("GET /places", s.listPlaces)
	s.page("POST /places", s.bringPlaces)
	s.form("/agencies", s.agenciesForm())
	s.form("/agencies/{agency}", s.agencyForm())
	s.page("POST /agencies/{agency}/unit", s.placeUnit)
	s.page("POST /agencies/{agency}/duty", s.setDuty)
	s.form("/people/{staff}/profile", s.profileForm(false))
	s.form("/account/profile", s.profileForm(true))
	s.form("/people/{staff}", s.staffForm())
	s.person("/people/{staff}/deputy", "staff", s.setDeputy)
	s.person("/people/{staff}/deputy/end", "deputy-ended", s.endDeputy)
	s.person("/people/{staff}/invite", "", s.reinvite)
	s.person("/people/{staff}/withdraw", "withdrawn", s.withdraw)
	s.person("/people/{staff}/disable", "disabled", s.disable)
	s.person("/people/{staff}/enable", "enabled", s.enable)
	s.page("GET /journal", s.journal)
	s.page("POST "+journalCasePath, s.journalCase)
	s.page("POST /journal/verify", s.verify)
	s.page("POST /journal/export", s.export)
	s.page("GET /health", s.health)
	s.page("POST /health/backup", s.backup)
	s.staffGroupRoutes()
	s.importRoutes()
}

// listPeople lists the staff, chosen by role, unit and state.
func (s *Server) listPeople(v *visit) error {
	all, deputies, err := s.People.List(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	view := People{Frame: v.frame("people"), Invite: s.Gate.May(v.caller, "staff.invite"), Units: true}
	view.Filters = []Filter{
		{Name: "role", Value: q.Get("role"), Options: Options(v.l, "role", roleCodes...)},
		{Name: "unit", Value: q.Get("unit"), Options: v.unitOptions(nil)},
		{Name: "standing", Value: q.Get("standing"), Options: Options(v.l, "staff", stateCodes...)},
		{Name: "conduct", Value: q.Get("conduct"), Options: Options(v.l, "conductstate", "unsigned")},
		{Name: "speaks", Value: q.Get("speaks"), Options: v.options(pack.Languages)},
		{Name: "group", Value: q.Get("group"), Options: v.groupOptions()},
	}
	if view.On, err = chosen(view.Filters, "/people"); err != nil {
		return err
	}
	for _, one := range all {
		if fits(view.Filters[0], string(one.Role)) && fits(view.Filters[1], one.Unit.String()) && fits(view.Filters[2], string(one.State)) && v.inGroup(q.Get("group"), one.ID) &&
			(q.Get("conduct") == "" || v.staffRow(one, nil).Unsigned) &&
			(q.Get("speaks") == "" || slices.Contains(v.people.Profile(one.ID).Speaks, q.Get("speaks"))) {
			view.Rows = append(view.Rows, v.staffRow(one, deputies))
		}
	}
	slices.SortFunc(view.Rows, func(a, b StaffRow) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return v.write(http.StatusOK, view)
}

func fits(f Filter, value string) bool { return f.Value == "" || f.Value == value }

// staffRow is one person as a line of the list.
func (v *visit) staffRow(a staff.Standing, deputies []staff.Deputy) StaffRow {
	row := StaffRow{
		Href: "/people/" + a.ID.String(), Name: a.Name.Reveal(), Role: string(a.Role), Unit: v.unitName(a.Unit),
		State: string(a.State), Strong: a.Strong,
	}
	v.known(&row, a.ID)
	if _, signed := v.people.Signed(a.ID); !signed && a.State != staff.Disabled {
		row.Unsigned = true
	}
	if !a.SignedInAt.IsZero() {
		row.Seen = locale.DayOf(a.SignedInAt.In(v.s.Zone))
	}
	if a.State != staff.Disabled && !a.InvitedUntil.IsZero() {
		row.Expires = a.InvitedUntil.In(v.s.Zone)
	}
	for _, d := range deputies {
		if d.Staff == a.ID && !v.now().Before(d.From) && v.now().Before(d.Until) {
			row.Deputy = v.name(d.Deputy)
		}
	}
	return row
}

// unitOptions lists the units of ids, all of them for nil, by name.
func (v *visit) unitOptions(ids []ident.Unit) []Option {
	var out []Option
	for _, u := range v.people.Units() {
		if ids == nil || slices.Contains(ids, u.ID) {
			out = append(out, Option{Value: u.ID.String(), Label: u.Name})
		}
	}
	return out
}

// mine returns the units whose accounts the caller runs: a supervisor's own and
// those below, all for whoever else runs accounts.
func (v *visit) mine() []ident.Unit {
	if v.caller.Role() != access.RoleSupervisor {
		return nil
	}
	return v.people.Below(v.caller.Unit())
}

// colleagues lists the people who satisfy keep, by name.
func (v *visit) colleagues(keep func(staff.Account) bool) []Option {
	var out []Option
	for _, a := range v.people.People() {
		if keep(a) {
			out = append(out, Option{Value: a.ID.String(), Label: a.Name.Reveal()})
		}
	}
	slices.SortFunc(out, func(a, b Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

func (v *visit) supervisors() []Option {
	return v.colleagues(func(a staff.Account) bool { return a.Role == staff.Supervisor && a.State != staff.Disabled })
}

// languages lists the languages by their own names.
func languages() []Option {
	var out []Option
	for _, l := range locale.Languages() {
		out = append(out, Option{Value: l.Code(), Label: l.Name()})
	}
	return out
}

// inviteForm makes an account and its invitation.
func (s *Server) inviteForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "staff.invite") {
				return nil, s.Gate.Permit(v.r.Context(), v.caller, "staff.invite", access.PurposeAccounts)
			}
			if err := v.fresh(); err != nil && !f.Wrong() {
				return nil, err
			}
			if f.Values == nil {
				f.Values = map[string][]string{"supervisor": {v.bossByDefault()}, "staff_language": {v.l.Code()}}
			}
			return InviteForm{
				Frame: v.frame("people"), Form: f, Roles: Roles(v.l, roleCodes...), Units: v.unitOptions(v.mine()),
				Bosses: v.supervisors(), Languages: languages(),
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			in, err := v.newAccount()
			if err != nil {
				return "", "", err
			}
			inv, err := s.People.Invite(v.r.Context(), v.caller, v.session.By(), cmd, in)
			if err != nil {
				return "", "", err
			}
			v.keepOnce(inv, string(in.Name))
			return "/people/invited", "", nil
		},
	}
}

// bossByDefault is the supervisor offered first: whoever makes the account.
func (v *visit) bossByDefault() string {
	if v.caller.Role() == access.RoleSupervisor {
		return v.session.Staff.String()
	}
	return ""
}

// newAccount reads the form of an invitation.
func (v *visit) newAccount() (staff.NewAccount, error) {
	in := staff.NewAccount{
		SignIn: staff.Secret(strings.TrimSpace(v.value("account"))), Name: staff.Secret(strings.TrimSpace(v.value("staff_name"))),
		Role: staff.Role(v.value("role")), Language: v.value("staff_language"),
	}
	var c fault.Check
	c.Require(in.Name != "", "staff_name", "required")
	c.Require(in.SignIn != "", "account", "required")
	c.Require(slices.Contains(roleCodes, string(in.Role)), "role", "choose-one")
	c.Require(locale.Known(in.Language), "staff_language", "choose-one")
	var err error
	in.Unit, err = ident.Parse[ident.Unit](v.value("unit"))
	c.Require(err == nil && !in.Unit.IsZero(), "unit", "choose-one")
	if boss := v.value("supervisor"); boss != "" {
		in.Supervisor, err = ident.Parse[ident.Staff](boss)
		c.Require(err == nil, "supervisor", "not-in-list")
	}
	return in, c.Err()
}
