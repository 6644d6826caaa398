package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/staff"
)

// moreRows is how many empty rows a form offers below what is there.
const moreRows = 3

// serviceForm adds a service, or changes the one of the address.
func (s *Server) serviceForm() formPage {
	return formPage{show: s.showServiceForm, do: func(v *visit) (string, string, error) {
		cmd, err := v.command()
		if err != nil {
			return "", "", err
		}
		in, err := v.typedService()
		if err != nil {
			return "", "", err
		}
		seen, done := int64(0), "service-added"
		if v.r.PathValue("service") != "" {
			in.ID, done = v.serviceID(), "service-changed"
			if seen, err = strconv.ParseInt(v.value("seen_version"), 10, 64); err != nil {
				return "", "", fault.New(fault.Invalid, "form-unreadable")
			}
		}
		id, err := s.Services.Save(v.r.Context(), v.caller, cmd, in, seen)
		return "/services/" + id.String(), done, err
	}}
}

func (s *Server) showServiceForm(v *visit, f Form) (any, error) {
	if !s.Gate.May(v.caller, "directory.edit") {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	view := ServiceForm{
		Frame: v.frame("services"), New: v.r.PathValue("service") == "", Back: "/services", Units: v.unitOptions(v.keptUnits()),
		Kinds: v.options(pack.Services), Langs: v.options(pack.Languages, "und"), Regions: v.areas(), Sexes: v.sexes(),
		Statuses: v.options(pack.ServiceStatuses), Access: v.options(pack.ServiceAccess), Costs: v.options(pack.ServiceCosts),
		States: Options(v.l, "servicestate", directory.States()...), Secret: Options(v.l, "servicesecret", "yes"),
	}
	f.Action = v.r.URL.Path
	if !view.New {
		found, err := s.Services.Get(v.r.Context(), v.caller, v.serviceID())
		if err != nil {
			return nil, err
		}
		if !found.MayEdit {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		view.Back = "/services/" + found.ID.String()
		if f.Values == nil {
			f.Values = serviceValues(&found.Service)
		}
		if f.Value("seen_version") == "" { // a form that comes back keeps the version it saw
			f.Hidden = append(f.Hidden, Hidden{"seen_version", strconv.FormatInt(found.Edition, 10)})
		} else {
			f.Hidden = append(f.Hidden, Hidden{"seen_version", f.Value("seen_version")})
		}
	} else if f.Values == nil {
		f.Values = url.Values{"age_from": {"0"}, "age_to": {"17"}, "service_state": {directory.Open}, "service_cost": {"unknown"}}
	}
	view.KindRows, view.LangRows, view.AreaRows = askedRows(f, "service_kinds"), askedRows(f, "service_languages"), askedRows(f, "service_regions")
	view.KindError, view.LangError, view.AreaError = f.Error("service_kinds"), f.Error("service_languages"), f.Error("service_regions")
	for _, day := range directory.Weekdays {
		view.Days = append(view.Days, "hours_"+day)
	}
	view.Form = f
	return view, nil
}

// keptUnits are the units whose services the caller may change: a supervisor's own and
// those below, and those that nobody here supervises.
func (v *visit) keptUnits() []ident.Unit {
	out := []ident.Unit{}
	for _, u := range v.caller.Supervises() {
		out = append(out, v.people.Below(u)...)
	}
	supervised := map[ident.Unit]bool{}
	for _, a := range v.people.People() {
		if a.Role == staff.Supervisor && a.State != staff.Disabled && !supervised[a.Unit] {
			for _, u := range v.people.Below(a.Unit) {
				supervised[u] = true
			}
		}
	}
	for _, u := range v.people.Units() {
		if !supervised[u.ID] {
			out = append(out, u.ID)
		}
	}
	return out
}

// askedRows numbers the rows of a field that is asked several times.
func askedRows(f Form, name string) []int {
	n := 0
	for f.Value(fmt.Sprintf("%s_%d", name, n)) != "" && n < 60 {
		n++
	}
	out := make([]int, n+moreRows)
	for i := range out {
		out[i] = i
	}
	return out
}

// serviceValues is a service as its form holds it.
func serviceValues(s *directory.Service) url.Values {
	u := url.Values{
		"service_name": {s.Name}, "service_provider": {s.Provider}, "service_code": {s.Code}, "service_state": {s.State},
		"takes_sex": {s.Sex}, "takes_status": s.Statuses, "service_access": s.Access, "hours_text": {s.HoursText},
		"service_address": {s.Address}, "service_phone": {s.Phone}, "service_email": {s.Email}, "service_cost": {s.Cost},
		"cost_text": {s.CostText}, "service_about": {s.About},
		"age_from": {strconv.Itoa(s.AgeFrom)}, "age_to": {strconv.Itoa(s.AgeTo)},
	}
	if !s.Unit.IsZero() {
		u.Set("service_unit", s.Unit.String())
	}
	if s.Secret {
		u.Set("service_secret", "yes")
	}
	if s.Place != nil {
		u.Set("service_lat", strconv.FormatFloat(s.Place.Lat, 'f', -1, 64))
		u.Set("service_lon", strconv.FormatFloat(s.Place.Lon, 'f', -1, 64))
	}
	for name, codes := range map[string][]string{"service_kinds": s.Kinds, "service_languages": s.Languages, "service_regions": s.Regions} {
		for i, c := range codes {
			u.Set(fmt.Sprintf("%s_%d", name, i), c)
		}
	}
	for i, day := range directory.Weekdays {
		u.Set("hours_"+day, directory.FormatSpans(s.Hours[i]))
	}
	return u
}

// typedService reads the form.
func (v *visit) typedService() (directory.Service, error) {
	var c fault.Check
	s := directory.Service{
		Code: v.value("service_code"), State: v.value("service_state"), Provider: v.value("service_provider"), Name: v.value("service_name"),
		Kinds: v.repeated("service_kinds"), Sex: v.value("takes_sex"), Statuses: v.r.PostForm["takes_status"], Access: v.r.PostForm["service_access"],
		Languages: v.repeated("service_languages"), HoursText: v.value("hours_text"), Regions: v.repeated("service_regions"),
		Address: v.value("service_address"), Phone: v.value("service_phone"), Email: v.value("service_email"), Cost: v.value("service_cost"),
		CostText: v.value("cost_text"), About: v.value("service_about"), Secret: v.value("service_secret") != "", Places: directory.NoPlaces(),
	}
	if unit := v.value("service_unit"); unit != "" {
		var err error
		if s.Unit, err = ident.Parse[ident.Unit](unit); err != nil {
			c.Reject("service_unit", "not-in-list")
		}
	}
	whole := func(field string, into *int, empty int) {
		n, ok := v.whole(field)
		c.Require(ok, field, "number")
		if *into = empty; n != nil {
			*into = *n
		}
	}
	whole("age_from", &s.AgeFrom, 0)
	whole("age_to", &s.AgeTo, 17)
	if v.r.PathValue("service") == "" {
		whole("places_total", &s.Places.Total, directory.Unknown)
		whole("places_free", &s.Places.Free, directory.Unknown)
		whole("wait_days", &s.Places.Wait, directory.Unknown)
	}
	for i, day := range directory.Weekdays {
		var err error
		if s.Hours[i], err = directory.ParseSpans(locale.PlainDigits(v.value("hours_" + day))); err != nil {
			c.Reject("hours_"+day, "hours")
		}
	}
	lat, latOK := degrees(v.value("service_lat"))
	lon, lonOK := degrees(v.value("service_lon"))
	c.Require(latOK && (lat == nil) == (lon == nil), "service_lat", "range")
	c.Require(lonOK, "service_lon", "range")
	if lat != nil && lon != nil {
		s.Place = &directory.Place{Lat: *lat, Lon: *lon}
	}
	return s, c.Err()
}

// repeated returns what was chosen in the rows of a field.
func (v *visit) repeated(name string) []string {
	var out []string
	for i := range 64 {
		if x := v.value(fmt.Sprintf("%s_%d", name, i)); x != "" {
			out = append(out, x)
		}
	}
	return out
}

// whole reads a number, nil where nothing is typed; ok is false for what is none.
func (v *visit) whole(name string) (n *int, ok bool) {
	text := locale.PlainDigits(strings.TrimSpace(v.value(name)))
	if text == "" {
		return nil, true
	}
	number, err := strconv.Atoi(text)
	return &number, err == nil && number >= 0
}

// degrees reads a coordinate, nil where nothing is typed.
func degrees(text string) (*float64, bool) {
	text = strings.ReplaceAll(locale.PlainDigits(strings.TrimSpace(text)), ",", ".")
	if text == "" {
		return nil, true
	}
	n, err := strconv.ParseFloat(text, 64)
	return &n, err == nil
}

// placesForm tells how many places are free: in one tap, with what the button says, or
// in full.
func (s *Server) placesForm() formPage {
	return formPage{show: func(v *visit, f Form) (any, error) {
		found, err := s.Services.Get(v.r.Context(), v.caller, v.serviceID())
		if err != nil {
			return nil, err
		}
		if !found.MayReport && !f.Wrong() {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		f.Action = v.r.URL.Path
		if f.Values == nil {
			f.Values = url.Values{}
			for name, n := range map[string]int{"places_free": found.Places.Free, "places_total": found.Places.Total, "wait_days": found.Places.Wait} {
				if n != directory.Unknown {
					f.Values[name] = []string{strconv.Itoa(n)}
				}
			}
		}
		return PlacesForm{Frame: v.frame("services"), Form: f, Row: v.serviceRow(found, -1, false), Back: "/services/" + found.ID.String()}, nil
	}, do: func(v *visit) (string, string, error) {
		cmd, err := v.command()
		if err != nil {
			return "", "", err
		}
		var c fault.Check
		var said directory.Report
		for name, into := range map[string]**int{"places_free": &said.Free, "places_total": &said.Total, "wait_days": &said.Wait} {
			n, ok := v.whole(name)
			c.Require(ok, name, "number")
			*into = n
		}
		if err := c.Err(); err != nil {
			return "", "", err
		}
		id := v.serviceID()
		to := "/services/" + id.String()
		if v.value("then") == "tonight" {
			to = "/services/tonight"
		}
		return to, "places-told", s.Services.Report(v.r.Context(), v.caller, cmd, id, said)
	}}
}
