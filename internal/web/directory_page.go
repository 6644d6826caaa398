package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"causeway/internal/access"
	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// directoryRoutes are the pages of services.
func (s *Server) directoryRoutes() {
	s.page("GET /services", s.services)
	s.fileRoutes()
	s.page("GET /services/tonight", s.tonight)
	s.form("/services/new", s.serviceForm())
	s.page("GET /services/{service}", s.service)
	s.form("/services/{service}/edit", s.serviceForm())
	s.form("/services/{service}/places", s.placesForm())
}

// withinKilometres are the distances a search offers.
var withinKilometres = []string{"10", "25", "50", "100", "250"}

// serviceFilters are the filters of the search, read from the address: codes, and
// nothing of a child.
func (v *visit) serviceFilters(asked url.Values) []Filter {
	near := make([]Option, len(withinKilometres))
	for i, km := range withinKilometres {
		n, _ := strconv.Atoi(km) // ours
		near[i] = Option{Value: km, Label: v.l.T("services.km", "n", n)}
	}
	filters := []Filter{
		{Name: "service", Options: v.options(pack.Services)},
		{Name: "service_group", Options: v.options(pack.ServiceGroups)},
		{Name: "age_band", Options: v.options(pack.AgeBands, "unknown")},
		{Name: "service_sex", Options: v.sexes()},
		{Name: "language", Options: v.options(pack.Languages, "und")},
		{Name: "region", Options: v.areas()},
		{Name: "within", Options: near, Hint: "services.within.text"},
		{Name: "service_access", Options: v.options(pack.ServiceAccess)},
		{Name: "service_free", Options: Options(v.l, "servicefree", "now")},
	}
	for i := range filters {
		filters[i].Value = asked.Get(filters[i].Name)
	}
	return filters
}

func (v *visit) sexes() []Option {
	out := v.options(pack.SexRecorded)
	return slices.DeleteFunc(out, func(o Option) bool { return o.Value != "female" && o.Value != "male" })
}

// areas are the countries that have regions, and the regions.
func (v *visit) areas() []Option {
	var countries, out []Option
	for _, o := range v.options(pack.Regions, "unknown") {
		parent := v.s.Pack.Parent(pack.Regions, o.Value)
		if !slices.ContainsFunc(countries, func(c Option) bool { return c.Value == parent }) {
			countries = append(countries, Option{Value: parent, Label: v.area(parent)})
		}
		out = append(out, o)
	}
	return append(countries, out...)
}

// area returns the words of a region or a country.
func (v *visit) area(code string) string {
	if v.s.Pack.Valid(pack.Regions, code) {
		return v.label(pack.Regions, code)
	}
	return v.label(pack.Nationalities, code)
}

// services is the search.
func (s *Server) services(v *visit) error {
	if !s.Gate.May(v.caller, "directory.view") {
		return fault.New(fault.NotFound, "no-such-page")
	}
	asked := v.r.URL.Query()
	view := Services{
		Frame: v.frame("services"), Filters: v.serviceFilters(asked), Every: "/services?every=yes",
		Add:   s.Gate.May(v.caller, "directory.edit"),
		Files: s.Gate.May(v.caller, "directory.import") || s.Gate.May(v.caller, "directory.export"),
	}
	view.Tonight = s.Gate.May(v.caller, "directory.capacity")
	var err error
	if view.On, err = chosen(view.Filters, "/services"); err != nil {
		return err
	}
	for _, g := range v.options(pack.ServiceGroups) {
		view.Groups = append(view.Groups, Option{Value: "/services?service_group=" + g.Value, Label: g.Label})
	}
	if view.Asked = len(view.On) > 0 || asked.Get("every") != ""; !view.Asked {
		return v.write(http.StatusOK, view)
	}
	q := v.serviceQuery(view.Filters)
	q.Page, _ = strconv.Atoi(asked.Get("page")) // anything else is the first one
	found, err := s.Services.Search(v.r.Context(), v.caller, q)
	if err != nil {
		return err
	}
	view.Total, view.Altered, view.First = found.Total, found.Altered, q.Page*directory.PageRows+1
	for _, h := range found.Rows {
		view.Measured = view.Measured || h.Away >= 0
		view.Rows = append(view.Rows, v.serviceRow(h.View, h.Away, h.Exact))
	}
	link := func(page int) string {
		u := url.Values{"every": {"yes"}, "page": {strconv.Itoa(page)}}
		for _, f := range view.Filters {
			if f.Value != "" {
				u.Set(f.Name, f.Value)
			}
		}
		return "/services?" + u.Encode()
	}
	if q.Page > 0 {
		view.Prev = link(q.Page - 1)
	}
	if found.More {
		view.Next = link(q.Page + 1)
	}
	return v.write(http.StatusOK, view)
}

func (v *visit) serviceQuery(filters []Filter) directory.Query {
	value := map[string]string{}
	for _, f := range filters {
		value[f.Name] = f.Value
	}
	q := directory.Query{
		Kind: value["service"], Group: value["service_group"], Sex: value["service_sex"], Language: value["language"],
		Region: value["region"], Access: value["service_access"], Free: value["service_free"] != "",
	}
	q.AgeFrom, q.AgeTo = bandAges(value["age_band"])
	if q.Region != "" {
		q.Within, _ = strconv.Atoi(value["within"]) // one of ours, or none
	}
	return q
}

// bandAges returns the ages of an age band, 0 and 0 for none.
func bandAges(band string) (from, to int) {
	if band == "18+" {
		return 18, directory.OldestAge
	}
	low, high, ok := strings.Cut(band, "-")
	if !ok {
		return 0, 0
	}
	from, _ = strconv.Atoi(low) // the pack has these bands and no others
	to, _ = strconv.Atoi(high)
	return from, to
}

// serviceRow is a service as lists show it.
func (v *visit) serviceRow(s *directory.View, away int, exact bool) ServiceRow {
	refer := ""
	if s.State == directory.Open && !s.Unit.IsZero() && s.Unit != v.caller.Unit() && v.s.Referrals != nil && v.s.Gate.May(v.caller, "case.list") {
		refer = "/services/" + s.ID.String() + "/refer"
	}
	return ServiceRow{
		Refer: refer, Href: "/services/" + s.ID.String(), Name: s.Name, By: cmp.Or(v.unitName(s.Unit), s.Provider), Kinds: v.labels(pack.Services, s.Kinds),
		Languages: v.labels(pack.Languages, s.Languages), State: s.State, Open: s.State == directory.Open, Secret: s.Secret,
		Places: v.servicePlaces(s), Away: away, Exact: exact,
	}
}

func (v *visit) servicePlaces(s *directory.View) ServicePlaces {
	p := s.Places
	out := ServicePlaces{Known: p.Free != directory.Unknown, Free: p.Free, Total: p.Total, Wait: p.Wait, By: v.name(p.By), Unconfirmed: s.Unconfirmed}
	if !p.At.IsZero() {
		out.At = p.At.In(v.s.Zone)
	}
	return out
}

// serviceID reads the service of the address. A forged address takes the way of an
// unknown one.
func (v *visit) serviceID() ident.Service {
	id, err := ident.Parse[ident.Service](v.r.PathValue("service"))
	if err != nil {
		return ident.New[ident.Service]()
	}
	return id
}

// service is the page of one service.
func (s *Server) service(v *visit) error {
	found, err := s.Services.Get(v.r.Context(), v.caller, v.serviceID())
	if err != nil {
		return err
	}
	view := ServicePage{
		Frame: v.frame("services"), Row: v.serviceRow(found, -1, false), Hides: found.Hides, AgeFrom: found.AgeFrom, AgeTo: found.AgeTo,
		Sex: found.Sex, Statuses: v.labels(pack.ServiceStatuses, found.Statuses), Access: v.labels(pack.ServiceAccess, found.Access),
		HoursText: found.HoursText, Phone: found.Phone, Dial: dial(found.Phone), Email: found.Email, Address: found.Address,
		Cost: v.label(pack.ServiceCosts, found.Cost), CostText: found.CostText, About: found.About,
		Changed: found.ChangedAt.In(s.Zone), ChangedBy: v.name(found.ChangedBy), Buttons: placeButtons(found, ""),
	}
	for _, r := range found.Regions {
		view.Regions = append(view.Regions, v.area(r))
	}
	if found.Place != nil {
		view.Map = strconv.FormatFloat(found.Place.Lat, 'f', 5, 64) + ", " + strconv.FormatFloat(found.Place.Lon, 'f', 5, 64)
	}
	if found.Hours.Known() {
		view.OpenNow = "closed"
		if found.Hours.At(v.now()) {
			view.OpenNow = "open"
		}
		for i, day := range directory.Weekdays {
			view.Days = append(view.Days, ServiceDay{day, directory.FormatSpans(found.Hours[i])})
		}
	}
	if found.MayEdit {
		view.Edit = view.Row.Href + "/edit"
	}
	if found.MayReport {
		view.Tell = view.Row.Href + "/places"
	}
	return v.write(http.StatusOK, view)
}

// dial is a telephone number as a telephone wants it, "" for what is none.
func dial(phone string) string {
	first, _, _ := strings.Cut(phone, ";")
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '+' {
			return r
		}
		return -1
	}, first)
}

func placeButtons(s *directory.View, then string) PlaceButtons {
	b := PlaceButtons{Then: then, Name: s.Name, Free: s.Places.Free, Known: s.Places.Free != directory.Unknown, Fewer: s.Places.Free - 1, More: s.Places.Free + 1}
	if s.MayReport {
		b.Action = "/services/" + s.ID.String() + "/places"
	}
	if s.Places.Total != directory.Unknown && b.More > s.Places.Total {
		b.More = directory.Unknown
	}
	return b
}

// tonight is the page of a shelter's people.
func (s *Server) tonight(v *visit) error {
	t, err := s.Services.Tonight(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	coming, err := v.onTheirWay()
	if err != nil {
		return err
	}
	view := TonightPage{Frame: v.frame("tonight")}
	for i := range t.Services {
		one := &t.Services[i]
		row := TonightRow{ServiceRow: v.serviceRow(one.View, -1, false), Expected: one.Expected, Buttons: placeButtons(one.View, "tonight"), Arrivals: coming[one.ID]}
		if one.MayReport {
			row.Tell = row.Href + "/places"
		}
		view.Free += max(0, one.Places.Free)
		view.Expected += one.Expected
		view.Services = append(view.Services, row)
	}
	for _, id := range t.OnDuty {
		view.OnDuty = append(view.OnDuty, v.name(id))
	}
	slices.Sort(view.OnDuty)
	return v.write(http.StatusOK, view)
}

// givesServices reports whether somebody's first work is to give services.
func (v *visit) givesServices() bool {
	return v.caller.Role() == access.RoleProvider && v.caller.Sector() != "interpreter" && v.s.Gate.May(v.caller, "directory.capacity")
}
