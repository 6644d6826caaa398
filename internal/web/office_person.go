package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/staff"
)

// staffID reads the person of the address. A forged address takes the way of an
// unknown one.
func (v *visit) staffID() ident.Staff {
	id, err := ident.Parse[ident.Staff](v.r.PathValue("staff"))
	if err != nil {
		return ident.New[ident.Staff]()
	}
	return id
}

// standing returns the person of the address as those who run accounts see them.
func (v *visit) standing() (staff.Standing, []staff.Deputy, error) {
	all, deputies, err := v.s.People.List(v.r.Context(), v.caller)
	if err != nil {
		return staff.Standing{}, nil, err
	}
	id := v.staffID()
	for _, a := range all {
		if a.ID == id {
			return a, deputies, nil
		}
	}
	return staff.Standing{}, nil, fault.New(fault.NotFound, "no-such-page")
}

// staffForm is one person's page with the form of their post.
func (s *Server) staffForm() formPage {
	return formPage{show: s.staffPage, do: s.changePost}
}

func (s *Server) staffPage(v *visit, f Form) (any, error) {
	a, deputies, err := v.standing()
	if err != nil {
		return nil, err
	}
	units := v.mine()
	runs := a.ID != v.session.Staff && (units == nil || slices.Contains(units, a.Unit))
	path := "/people/" + a.ID.String()
	if f.Values == nil {
		f.Values = url.Values{"role": {string(a.Role)}, "unit": {a.Unit.String()}, "supervisor": {a.Supervisor.String()}}
	}
	f.Action = path
	f = v.withSeen(f, a.Version)
	view := StaffPage{
		Frame: v.frame("people"), Form: f, Person: v.staffRow(a, deputies), Account: a.SignIn.Reveal(),
		Roles: Roles(v.l, roleCodes...), Units: v.unitOptions(units), Bosses: v.supervisors(), Supervisor: v.name(a.Supervisor),
		CanTell:   runs && s.Gate.May(v.caller, "staff.present"),
		CanEdit:   runs && s.Gate.May(v.caller, "staff.update"),
		CanBan:    runs && s.Gate.May(v.caller, "staff.disable") && (a.State != staff.Disabled || s.Gate.May(v.caller, "staff.update")),
		CanAgain:  runs && s.Gate.May(v.caller, "staff.reinvite") && a.State != staff.Disabled && v.answersFor(a),
		CanEnd:    (runs || a.ID == v.session.Staff) && s.Gate.May(v.caller, "deputy.end"),
		CanRecall: runs && s.Gate.May(v.caller, "staff.withdraw") && !a.InvitedUntil.IsZero(),
	}
	view.Frame.Path = path
	if s.Gate.May(v.caller, "deputy.set") && a.State == staff.Active && (runs || a.ID == v.session.Staff) {
		view.Away = true
		view.Deputies = v.colleagues(func(o staff.Account) bool {
			return o.ID != a.ID && o.ID != v.session.Staff && o.Role == a.Role && o.State == staff.Active
		})
	}
	if heir, ok := v.people.Heir(a.ID); ok {
		view.Heir = v.name(heir)
	}
	if view.CanBan && view.CanEdit {
		view.Heirs = v.heirs(a.Account, units)
	}
	for _, d := range deputies {
		if d.Staff == a.ID {
			view.Absences = append(view.Absences, Absence{
				Deputy: v.name(d.Deputy), ID: d.Deputy.String(), From: locale.DayOf(d.From.In(s.Zone)), Until: locale.DayOf(d.Until.In(s.Zone).Add(-time.Minute)),
			})
		}
	}
	return view, nil
}

// heirs lists who of some units, all of them for nil, could take over from somebody.
func (v *visit) heirs(from staff.Account, units []ident.Unit) []Option {
	return v.colleagues(func(a staff.Account) bool {
		return a.ID != from.ID && a.State == staff.Active && (units == nil || slices.Contains(units, a.Unit)) &&
			(a.Role == from.Role || a.Role == staff.CaseWorker || a.Role == staff.Supervisor)
	})
}

// answersFor reports whether the caller is the person's supervisor or stands in
// for them.
func (v *visit) answersFor(a staff.Standing) bool {
	for _, id := range v.caller.Leads() {
		if id == a.Supervisor {
			return true
		}
	}
	return false
}

// seenVersion returns the version of the account that the form was filled in for.
func (v *visit) seenVersion() (int64, error) {
	n, err := strconv.ParseInt(v.value("seen_version"), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "form-unreadable")
	}
	return n, nil
}

// changePost changes role, unit and supervisor.
func (s *Server) changePost(v *visit) (string, string, error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	seen, err := v.seenVersion()
	if err != nil {
		return "", "", err
	}
	id := v.staffID()
	role := staff.Role(v.value("role"))
	var c fault.Check
	unit, err := ident.Parse[ident.Unit](v.value("unit"))
	c.Require(err == nil && !unit.IsZero(), "unit", "choose-one")
	c.Require(role != "", "role", "choose-one")
	boss := ident.Staff{}
	if chosen := v.value("supervisor"); chosen != "" {
		boss, err = ident.Parse[ident.Staff](chosen)
		c.Require(err == nil, "supervisor", "not-in-list")
	}
	if err := c.Err(); err != nil {
		return "", "", err
	}
	ch := staff.Change{Unit: &unit, Role: &role, Supervisor: &boss}
	err = s.People.Change(v.r.Context(), v.caller, v.session.By(), cmd, id, seen, ch)
	return "/people/" + id.String(), "staff", err
}

// person registers one small form of a person's page. A refused one comes back
// on that page.
func (s *Server) person(path, done string, do func(*visit, ident.Command, ident.Staff) (next string, err error)) {
	s.page("POST "+path, func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		cmd, err := v.command()
		if err != nil {
			return err
		}
		next, err := do(v, cmd, v.staffID())
		if err == nil {
			return v.redirect(next, done)
		}
		if fault.CodeOf(err) == "fresh-check" && v.value("deputy") == "" {
			return err // nothing was typed that could be lost
		}
		return v.again(err, func(v *visit, f Form) (any, error) {
			wanted := f.Values
			f.Values = nil
			page, perr := s.staffPage(v, f)
			view, ok := page.(StaffPage)
			if !ok {
				return page, perr
			}
			for _, name := range []string{"deputy", "deputy_from", "deputy_until", "heir"} {
				view.Form.Values[name] = wanted[name]
			}
			return view, nil
		})
	})
}

func (s *Server) disable(v *visit, cmd ident.Command, id ident.Staff) (string, error) {
	seen, err := v.seenVersion()
	if err != nil {
		return "", err
	}
	var heir ident.Staff
	if chosen := v.value("heir"); chosen != "" {
		if heir, err = ident.Parse[ident.Staff](chosen); err != nil {
			return "", fault.InvalidField("heir", "not-in-list")
		}
	}
	return "/people/" + id.String(), s.People.Disable(v.r.Context(), v.caller, v.session.By(), cmd, id, seen, heir)
}

func (s *Server) enable(v *visit, cmd ident.Command, id ident.Staff) (string, error) {
	seen, err := v.seenVersion()
	if err != nil {
		return "", err
	}
	return "/people/" + id.String(), s.People.Enable(v.r.Context(), v.caller, v.session.By(), cmd, id, seen)
}

// setDeputy names who stands in for somebody. Days are whole days here: the last
// one belongs to the absence.
func (s *Server) setDeputy(v *visit, cmd ident.Command, id ident.Staff) (string, error) {
	d := staff.Deputy{Staff: id}
	var c fault.Check
	var err error
	d.Deputy, err = ident.Parse[ident.Staff](v.value("deputy"))
	c.Require(err == nil && !d.Deputy.IsZero(), "deputy", "choose-one")
	from, ok := locale.ParseDay(v.value("deputy_from"))
	c.Require(ok, "deputy_from", "date")
	until, ok := locale.ParseDay(v.value("deputy_until"))
	c.Require(ok, "deputy_until", "date")
	if err := c.Err(); err != nil {
		return "", err
	}
	d.From = time.Date(from.Year, from.Month, from.Dom, 0, 0, 0, 0, s.Zone)
	d.Until = time.Date(until.Year, until.Month, until.Dom, 0, 0, 0, 0, s.Zone).AddDate(0, 0, 1)
	return "/people/" + id.String(), s.People.SetDeputy(v.r.Context(), v.caller, v.session.By(), cmd, d)
}

// endDeputy ends every standing in of a deputy. Nothing is typed that could be
// lost, so who has to prove again that it is them is asked first.
func (s *Server) endDeputy(v *visit, cmd ident.Command, id ident.Staff) (string, error) {
	if err := v.freshFor("deputy.end"); err != nil {
		return "", err
	}
	ended, err := ident.Parse[ident.Staff](v.value("stand_in"))
	if err != nil {
		ended = ident.New[ident.Staff]() // a forged one takes the way of an unknown one
	}
	return "/people/" + id.String(), s.People.EndDeputy(v.r.Context(), v.caller, v.session.By(), cmd, id, ended)
}

// withdraw takes back somebody's open invitation.
func (s *Server) withdraw(v *visit, cmd ident.Command, id ident.Staff) (string, error) {
	if err := v.freshFor("staff.withdraw"); err != nil {
		return "", err
	}
	return "/people/" + id.String(), s.People.Withdraw(v.r.Context(), v.caller, v.session.By(), cmd, id)
}

// freshFor asks for a new proof if the action needs one.
func (v *visit) freshFor(action string) error {
	if !access.NeedsFresh(action) || !v.s.Gate.May(v.caller, action) {
		return nil // whom the gate refuses is refused, not asked
	}
	return v.fresh()
}

// reinvite offers somebody new credentials.
func (s *Server) reinvite(v *visit, cmd ident.Command, id ident.Staff) (string, error) {
	inv, err := s.People.Reinvite(v.r.Context(), v.caller, v.session.By(), cmd, id)
	if err != nil {
		return "", err
	}
	v.keepOnce(inv, v.name(id))
	return "/people/invited", nil
}

// keepOnce keeps an invitation for the next page, sealed and bound to the
// session, so that the answer to the form can be a redirect and a reload does
// not show it again.
func (v *visit) keepOnce(inv staff.Invitation, name string) {
	again := ""
	if inv.Again {
		again = "again"
	}
	text := strings.Join([]string{
		v.session.ID.String(), strconv.FormatInt(v.s.Clock.Now().Add(briefly).Unix(), 10), string(inv.Token), string(inv.Voice),
		strconv.FormatInt(inv.Until.Unix(), 10), again, name,
	}, "\n")
	v.setStep(stepOnce, staff.Secret(v.s.seals.text(text)), briefly)
}

// invited shows an invitation once: the link, and the code to say by voice.
func (s *Server) invited(v *visit) error {
	kept := strings.SplitN(s.seals.openText(string(v.step(stepOnce))), "\n", 7)
	v.endStep(stepOnce)
	if len(kept) != 7 || kept[0] != v.session.ID.String() {
		return v.redirect("/people", "")
	}
	ends, err := strconv.ParseInt(kept[1], 10, 64)
	if err != nil || s.Clock.Now().Unix() > ends {
		return v.redirect("/people", "")
	}
	until, err := strconv.ParseInt(kept[4], 10, 64)
	if err != nil {
		return v.redirect("/people", "")
	}
	scheme := "http://"
	if s.Secure {
		scheme = "https://"
	}
	view := Invited{
		Frame: v.frame("people"), Name: kept[6], Link: scheme + v.r.Host + "/invite/" + kept[2], Code: kept[3],
		Expires: time.Unix(until, 0).In(s.Zone), Again: kept[5] != "",
	}
	view.Frame.Path = "/people"
	return v.write(http.StatusOK, view)
}
