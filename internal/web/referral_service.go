package web

import (
	"net/http"
	"slices"
	"strconv"

	"causeway/internal/casework"
	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/protocol/handover"
)

// Which service of the directory a referral is addressed to. The search for it is
// posted, so that no address joins a child to what it is referred for.

// referralServiceRoutes are the pages on which a service is chosen.
func (s *Server) referralServiceRoutes() {
	s.page("POST /child/{case}/refer/find", s.referFind)
	s.page("POST /child/{case}/refer/chosen", s.referChosen)
	s.page("GET /services/{service}/refer", s.serviceRefer)
}

// referred opens the case of the address and what the child needs, for whoever may refer
// the child.
func (v *visit) referred() (*casework.NeedList, error) {
	list, err := v.listed()
	if err == nil && !list.May["referral.offer"] {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return list, err
}

// referFind shows the services that fit a child, with what was typed so far carried on.
func (s *Server) referFind(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	list, err := v.referred()
	if err != nil {
		return err
	}
	q := directory.Query{Kind: v.helpAsked(list), Sex: list.Case.Sex, Free: v.value("service_free") != ""}
	q.AgeFrom, q.AgeTo = bandAges(list.Case.AgeBand)
	if lat, lon, ok := s.Pack.Place(pack.Regions, list.Case.Region); ok {
		q.Near, q.Region = &directory.Place{Lat: lat, Lon: lon}, s.Pack.Parent(pack.Regions, list.Case.Region)
		q.Within, _ = strconv.Atoi(v.value("within")) // one of ours, or none
	}
	found, err := s.Services.Search(v.r.Context(), v.caller, q)
	if err != nil {
		return err
	}
	child := v.childRow(&list.Case, &list.Person.Details)
	f := Form{Action: child.Href + "/refer/find", Values: v.r.PostForm, Hidden: v.carried("service", "referral_unit", "referral_service")}
	view := ReferralFind{
		Frame: v.frame("children"), Child: child, Form: f, Chosen: child.Href + "/refer/chosen", Services: v.options(pack.Services),
		Free: Options(v.l, "servicefree", "now"), Total: found.Total,
	}
	for _, km := range withinKilometres {
		n, _ := strconv.Atoi(km) // ours
		view.Near = append(view.Near, Option{Value: km, Label: v.l.T("services.km", "n", n)})
	}
	asked := v.otherUnits()
	for _, h := range found.Rows {
		unit := h.Unit.String()
		row := ServiceChoice{ServiceRow: v.serviceRow(h.View, h.Away, h.Exact), ID: h.ID.String()}
		row.Asked = row.Open && slices.ContainsFunc(asked, func(o Option) bool { return o.Value == unit })
		row.Refer, row.Own = "", h.Unit == v.caller.Unit()
		view.Rows = append(view.Rows, row)
	}
	return v.write(http.StatusOK, view)
}

// helpAsked returns what is asked for: what the chosen need is, or what was chosen.
func (v *visit) helpAsked(list *casework.NeedList) string {
	for _, n := range list.Needs {
		if n.ID.String() == v.value("referral_need") {
			return n.Service
		}
	}
	if service := v.value("service"); v.s.Pack.Valid(pack.Services, service) {
		return service
	}
	return ""
}

// carried are the fields of an offer that a page carries on, but for some.
func (v *visit) carried(but ...string) []Hidden {
	var out []Hidden
	for _, name := range carriedFields {
		if slices.Contains(but, name) {
			continue
		}
		for _, value := range v.r.PostForm[name] {
			out = append(out, Hidden{name, value})
		}
	}
	return out
}

// referChosen shows the form again with the service that was chosen, or without one.
func (s *Server) referChosen(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	v.r.PostForm.Del("referral_unit")
	v.r.PostForm.Set("referral_service", v.value("service_chosen"))
	v.r.PostForm.Del("service_chosen")
	page, err := s.referForm().show(v, formOf(v.r.URL.Path, v.r.PostForm, nil))
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, page)
}

// serviceOf reads a service that was chosen, none for none.
func (v *visit) serviceOf(field string) (ident.Service, error) {
	typed := v.value(field)
	if typed == "" {
		return ident.Service{}, nil
	}
	id, err := ident.Parse[ident.Service](typed)
	if err != nil {
		err = fault.InvalidField(field, "not-in-list")
	}
	return id, err
}

// destination reads where an offer leads.
func (v *visit) destination() (d referral.Destination, err error) {
	if d.Service, err = v.serviceOf("referral_service"); err != nil {
		return d, err
	}
	if typed := v.value("referral_need"); typed != "" {
		if d.Need, err = ident.Parse[ident.Need](typed); err != nil {
			return d, fault.InvalidField("referral_need", "not-in-list")
		}
	}
	if v.value("expected_at") != "" {
		var c fault.Check
		d.Expected = v.moment(&c, "expected_at")
		err = c.Err()
	}
	d.Doctor = v.value("expected_doctor") != ""
	return d, err
}

// chosenService returns the service that an offer names, nil for none that can be asked.
func (v *visit) chosenService(f *Form) *directory.View {
	id, err := ident.Parse[ident.Service](f.Value("referral_service"))
	if err != nil || id.IsZero() || !v.s.Gate.May(v.caller, "directory.view") {
		return nil
	}
	found, err := v.s.Services.Get(v.r.Context(), v.caller, id)
	if err != nil || found.Unit.IsZero() {
		return nil // the room says what is wrong with it
	}
	return found
}

// needOptions are what a child needs and does not have.
func (v *visit) needOptions(list *casework.NeedList) []Option {
	var out []Option
	for _, n := range list.Needs {
		if n.Open() && n.State != casework.NeedDelivered {
			out = append(out, Option{Value: n.ID.String(), Label: v.label(pack.Services, n.Service)})
		}
	}
	return out
}

// destinationFacts say where a referral leads.
func (v *visit) destinationFacts(d *referral.Destination) []Line {
	var out []Line
	add := func(label, text string) {
		if text != "" {
			out = append(out, Line{Label: label, Text: text})
		}
	}
	if !d.Service.IsZero() && v.s.Gate.May(v.caller, "directory.view") {
		if found, err := v.s.Services.Get(v.r.Context(), v.caller, d.Service); err == nil {
			add("referral_service", found.Name)
		}
	}
	if !d.Expected.IsZero() {
		add("expected_at", v.l.DateTime(d.Expected.In(v.s.Zone)))
	}
	if d.Doctor {
		add("expected_doctor", v.l.Word("expecteddoctor", "yes"))
	}
	return out
}

// serviceRefer lets somebody choose which of their children is referred to a service.
func (s *Server) serviceRefer(v *visit) error {
	if !s.Gate.May(v.caller, "case.list") {
		return fault.New(fault.NotFound, "no-such-page")
	}
	found, err := s.Services.Get(v.r.Context(), v.caller, v.serviceID())
	if err != nil {
		return err
	}
	row := v.serviceRow(found, -1, false)
	if row.Refer == "" {
		return fault.New(fault.NotFound, "no-such-page")
	}
	page, err := s.Cases.List(v.r.Context(), v.caller, casework.Query{OpenOnly: true, Worker: v.caller.Staff()})
	if err != nil {
		return err
	}
	view := ServiceRefer{Frame: v.frame("services"), Service: row, ID: found.ID.String(), Children: v.rows(page.Rows), More: page.Next != ""}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// notThere counts the children who did not come to whoever expected them. A page does
// not fail because they could not be counted.
func (v *visit) notThere() int {
	if v.s.Referrals == nil {
		return 0
	}
	n, err := v.s.Referrals.NotThere(v.r.Context(), v.caller)
	if err != nil {
		return 0
	}
	return n
}

// onTheirWay are the children on the way to the services of the reader's unit.
func (v *visit) onTheirWay() (map[ident.Service][]ArrivalRow, error) {
	out := map[ident.Service][]ArrivalRow{}
	if v.s.Referrals == nil || !v.s.Gate.May(v.caller, "referral.list") {
		return out, nil
	}
	all, err := v.s.Referrals.Arrivals(v.r.Context(), v.caller)
	for i := range all {
		a := &all[i]
		row := ArrivalRow{
			Row: v.referralRow(a.Thread, handover.Receiver, ""), Doctor: a.Destination.Doctor,
			Late: !a.Destination.Expected.IsZero() && v.s.Clock.Now().After(a.Destination.Expected),
		}
		if !a.Destination.Expected.IsZero() {
			row.Expected = a.Destination.Expected.In(v.s.Zone)
		}
		out[a.Destination.Service] = append(out[a.Destination.Service], row)
	}
	return out, err
}
