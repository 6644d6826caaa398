package web_test

import (
	"time"

	"causeway/internal/directory"
	"causeway/internal/web"
)

// directoryPreviews are the pages of services.
func directoryPreviews(s scene) []preview {
	label := func(list, code string) string { return s.p.Label(list, code, s.l.Code()) }
	rows := []web.ServiceRow{
		{
			Href: "/services/a", Name: "House of the Heron", By: "Three Wells Foundation", Kinds: []string{label("service", "emergency_shelter"), label("service", "psychosocial")},
			Languages: []string{label("language", "en"), label("language", "ar")}, State: "open", Open: true, Secret: true,
			Places: web.ServicePlaces{Known: true, Free: 3, Total: 12, Wait: 0, At: previewNow, By: "Hana Tesfaye"}, Away: -1,
		},
		{
			Href: "/services/b", Name: "دار النخلة للأطفال الذين لا مأوى لهم في وادي ريحان وما حوله", By: "جمعية وادي ريحان", Kinds: []string{label("service", "rescue")},
			State: "open", Open: true, Places: web.ServicePlaces{Known: true, Free: 1, Total: -1, Wait: -1, At: previewNow.Add(-90 * time.Hour), By: "عمر السيد", Unconfirmed: true},
			Away: 12, Exact: true,
		},
		{Href: "/services/c", Name: "Clinique des Gués", By: "Clinique des Gués", Kinds: []string{label("service", "emergency_medical")}, State: "paused", Places: web.ServicePlaces{Known: true, Free: 0, Total: 4, Wait: 14, At: previewNow}, Away: 140},
		{Href: "/services/d", Name: "Lawyers on call", By: "Bar of Merrow", Kinds: []string{label("service", "legal_aid")}, State: "open", Open: true, Places: web.ServicePlaces{Free: -1, Total: -1, Wait: -1}, Away: -1},
	}
	filters := []web.Filter{
		{Name: "service", Options: s.options("service")},
		{Name: "service_group", Options: s.options("service_group")},
		{Name: "age_band", Options: s.options("age_band")},
		{Name: "language", Options: s.options("language")[:9]},
		{Name: "region", Options: s.options("region")},
		{Name: "within", Options: []web.Option{{Value: "25", Label: s.l.T("services.km", "n", 25)}}, Hint: "services.within.text"},
		{Name: "service_sex", Options: s.options("sex_recorded")},
		{Name: "service_access", Options: s.options("service_access")},
		{Name: "service_free", Options: web.Options(s.l, "servicefree", "now")},
	}
	var groups []web.Option
	for _, o := range s.options("service_group") {
		groups = append(groups, web.Option{Value: "/services?service_group=" + o.Value, Label: o.Label})
	}
	start := web.Services{Frame: s.frame("services"), Groups: groups, Every: "/services?every=yes", Filters: filters, Add: true, Files: true, Tonight: true}
	found := start
	found.Asked, found.Rows, found.Total, found.First, found.Next, found.Prev, found.Altered, found.Measured = true, rows, 62, 21, "/services?page=2", "/services?page=0", 1, true
	found.On = []web.Chip{{Name: "service", Label: label("service", "emergency_shelter"), Href: "/services"}, {Name: "age_band", Label: label("age_band", "12-14"), Href: "/services"}}
	none := start
	none.Asked, none.Add, none.Files, none.Tonight = true, false, false, false

	known := web.ServicePage{
		Frame: s.frame("services"), Row: rows[0], AgeFrom: 8, AgeTo: 17, Sex: "female", Statuses: []string{label("service_status", "no_papers")},
		Access: []string{label("service_access", "step_free")}, Regions: []string{label("region", "XA-05")}, OpenNow: "open", HoursText: "Ring twice.",
		Phone: "+999 55 0101", Dial: "+999550101", Email: "heron@example.org", Address: "3 Reed Lane, Saltmere", Map: "11.81000, -31.30000",
		Cost: label("service_cost", "free"), CostText: "Bus fare is paid", About: "Twelve beds.", Changed: previewNow, ChangedBy: "Omar S.",
		Edit: "/services/a/edit", Tell: "/services/a/places",
		Buttons: web.PlaceButtons{Action: "/services/a/places", Known: true, Free: 3, Fewer: 2, More: 4, Name: "House of the Heron"},
	}
	for _, d := range directory.Weekdays {
		day := web.ServiceDay{Day: d, Hours: "09:00-12:30, 14:00-17:00"}
		if d == "su" {
			day.Hours = ""
		}
		known.Days = append(known.Days, day)
	}
	hides := web.ServicePage{Frame: s.frame("services"), Row: rows[0], Hides: true, AgeTo: 17, Regions: []string{label("nationality", "XA")}, Cost: label("service_cost", "unknown"), Phone: "+999 55 0101", Dial: "+999550101", Changed: previewNow, ChangedBy: "Omar S."}
	bare := web.ServicePage{Frame: s.frame("services"), Row: rows[3], AgeTo: 17, Cost: label("service_cost", "unknown"), Changed: previewNow, ChangedBy: "Omar S."}

	edit := web.ServiceForm{
		Frame: s.frame("services"), New: true, Back: "/services", Units: []web.Option{{Value: "x", Label: "Harbour Town team"}},
		Kinds: s.options("service"), KindRows: []int{0, 1, 2}, Langs: s.options("language")[:9], LangRows: []int{0, 1}, Regions: s.options("region"), AreaRows: []int{0, 1},
		Sexes: s.options("sex_recorded")[:2], Statuses: s.options("service_status"), Access: s.options("service_access"), Costs: s.options("service_cost"),
		States: web.Options(s.l, "servicestate", directory.States()...), Secret: web.Options(s.l, "servicesecret", "yes"),
		Form: form("/services/new", map[string][]string{"age_from": {"0"}, "age_to": {"17"}, "service_state": {"open"}, "service_cost": {"unknown"}}),
	}
	for _, d := range directory.Weekdays {
		edit.Days = append(edit.Days, "hours_"+d)
	}
	wrong := edit
	wrong.New, wrong.Back, wrong.KindError, wrong.AreaError, wrong.LangError = false, "/services/a", "required", "not-in-list", "too-many"
	wrong.Form = form("/services/a/edit", map[string][]string{"service_name": {"House"}, "hours_mo": {"always"}},
		web.FieldError{Name: "service_kinds", Code: "required"}, web.FieldError{Name: "hours_mo", Code: "hours"}, web.FieldError{Name: "service_provider", Code: "required"},
		web.FieldError{Name: "service_languages", Code: "too-many"}, web.FieldError{Name: "service_regions", Code: "not-in-list"})

	tell := web.PlacesForm{Frame: s.frame("services"), Row: rows[0], Back: "/services/a", Form: form("/services/a/places", map[string][]string{"places_free": {"13"}, "places_total": {"12"}}, web.FieldError{Name: "places_free", Code: "more-than-there-are"})}
	coming := web.ReferralRow{
		Href: "/referral/x/y", Other: "Harbour Town team", Age: label("age_band", "12-14"), Sex: label("sex_recorded", "female"),
		Tongue: label("language", "ar"), Urgency: label("referral_urgency", "at_once"),
	}
	night := web.TonightPage{
		Frame: s.office("tonight", "provider"), OnDuty: []string{"Hana Tesfaye", "عمر السيد"}, Free: 4, Expected: 2,
		Services: []web.TonightRow{
			{ServiceRow: rows[0], Expected: 2, Buttons: known.Buttons, Tell: "/services/a/places", Arrivals: []web.ArrivalRow{
				{Row: coming, Expected: previewNow.Add(-time.Hour), Late: true, Doctor: true}, {Row: coming},
			}},
			{ServiceRow: rows[2], Buttons: web.PlaceButtons{Action: "/services/c/places", Then: "tonight", Known: true, Free: 0, Fewer: -1, More: 1, Name: rows[2].Name}, Tell: "/services/c/places"},
			{ServiceRow: rows[3], Tell: "/services/d/places"},
		},
	}
	files := web.ServiceFiles{
		Frame: s.frame("services"), Form: form("/services/files", map[string][]string{"service_import": {"try"}}), Ways: web.Options(s.l, "serviceimport", "try", "take"),
		Max: 24 << 20, Import: true, Export: true, Columns: directory.Columns(), Outcome: &web.ServiceOutcome{Done: true, Rows: 61, New: 58, Changed: 2, Same: 1},
	}
	bad := files
	bad.Outcome, bad.More = nil, 7
	bad.Problems = []web.ServiceProblem{{Row: 1, Column: "beds", Code: "no-such-column"}, {Row: 9, Column: "services", Code: "not-in-list"}, {Row: 12, Column: "secret", Code: "yes-or-no"}, {Row: 13, Column: "code", Code: "service-not-yours"}}
	bad.Form.Errors = []web.FieldError{{Name: "file", Code: "required"}}
	return []preview{
		{"services", start},
		{"services-found", found},
		{"services-none", none},
		{"service", known},
		{"service-hides", hides},
		{"service-bare", bare},
		{"serviceform", edit},
		{"serviceform-wrong", wrong},
		{"placesform", tell},
		{"tonight", night},
		{"tonight-none", web.TonightPage{Frame: s.office("tonight", "provider")}},
		{"servicefiles", files},
		{"servicefiles-wrong", bad},
	}
}
