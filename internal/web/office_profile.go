package web

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/staff"
)

// spokenSlots is how many languages the form asks for.
const spokenSlots = 5

// profileForm is the form of somebody's languages and presence: one's own, or that of
// the person in the address.
func (s *Server) profileForm(own bool) formPage {
	who := func(v *visit) ident.Staff {
		if own {
			return v.session.Staff
		}
		return v.staffID()
	}
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			id := who(v)
			if !own {
				if id == v.session.Staff || !s.Gate.May(v.caller, "staff.present") {
					return nil, s.Gate.Permit(v.r.Context(), v.caller, "staff.present", access.PurposeAccounts)
				}
				if _, _, err := v.standing(); err != nil {
					return nil, err
				}
			}
			p := v.people.Profile(id)
			if f.Values == nil {
				f.Values = v.profileValues(p)
			}
			view := ProfileForm{
				Frame: v.frame("people"), Form: f, Name: v.name(id), Back: "/people/" + id.String(),
				Languages: v.options(pack.Languages), Presences: presences(v.l),
			}
			for i := range max(spokenSlots, len(p.Speaks)) {
				view.Slots = append(view.Slots, i)
			}
			if own {
				view.Name, view.Back, view.Tab = "", "/account", "account"
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			p, err := v.typedProfile()
			if err != nil {
				return "", "", err
			}
			if own {
				return "/account", "profile", s.Office.SetOwnProfile(v.r.Context(), v.session, p)
			}
			id := who(v)
			return "/people/" + id.String(), "profile", s.People.SetProfile(v.r.Context(), v.caller, v.session.By(), cmd, id, p)
		},
	}
}

func presences(l *locale.Locale) []Option {
	var codes []string
	for _, p := range staff.Presences() {
		codes = append(codes, string(p))
	}
	return Options(l, "presence", codes...)
}

// profileValues fills the form with what is known. The day shown is the last one.
func (v *visit) profileValues(p staff.Profile) url.Values {
	values := url.Values{"presence": {string(p.At(v.s.Clock.Now()))}}
	for i, code := range p.Speaks {
		values.Set(fmt.Sprintf("speaks_%d", i), code)
	}
	if day := v.lastDayOf(p); !day.IsZero() {
		values.Set("presence_until", p.Until.In(v.s.Zone).Add(-time.Minute).Format(time.DateOnly))
	}
	return values
}

// lastDayOf returns the last day of a presence that ends and has not yet ended.
func (v *visit) lastDayOf(p staff.Profile) locale.Day {
	if p.Until.IsZero() || p.At(v.s.Clock.Now()) == staff.Available {
		return locale.Day{}
	}
	return locale.DayOf(p.Until.In(v.s.Zone).Add(-time.Minute))
}

// typedProfile reads the form. The last day belongs to the presence.
func (v *visit) typedProfile() (staff.Profile, error) {
	p := staff.Profile{Presence: staff.Presence(v.value("presence"))}
	var c fault.Check
	for i := range 2 * spokenSlots {
		name := fmt.Sprintf("speaks_%d", i)
		code := v.value(name)
		if code == "" {
			continue
		}
		c.Require(v.s.Pack.Valid(pack.Languages, code), name, "not-in-list")
		if !slices.Contains(p.Speaks, code) {
			p.Speaks = append(p.Speaks, code)
		}
	}
	if typed := v.value("presence_until"); typed != "" && p.Presence != staff.Available {
		day, ok := locale.ParseDay(typed)
		c.Require(ok, "presence_until", "date")
		p.Until = time.Date(day.Year, day.Month, day.Dom, 0, 0, 0, 0, v.s.Zone).AddDate(0, 0, 1)
	}
	return p, c.Err()
}

// known puts onto a line what colleagues know of the person.
func (v *visit) known(row *StaffRow, id ident.Staff) {
	p := v.people.Profile(id)
	row.Speaks = v.labels(pack.Languages, p.Speaks)
	if at := p.At(v.s.Clock.Now()); at != staff.Available {
		row.Presence, row.Until = string(at), v.lastDayOf(p)
	}
}
