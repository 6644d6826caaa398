package web

import (
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

// bookingMinutes are how long an interpreter can be booked for.
var bookingMinutes = []int{30, 45, 60, 90, 120, 180, 240, 480}

// bookForm books an interpreter for a child.
func (s *Server) bookForm() formPage {
	return s.childForm("referral.offer", (*visit).bookPage,
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			b, err := v.booking()
			if err == nil {
				_, err = s.Referrals.Book(v.r.Context(), v.caller, cmd, id, b)
			}
			return "booked", err
		}).to("/referrals")
}

func (v *visit) booking() (b referral.NewBooking, err error) {
	b.Language = v.value("language")
	b.Minutes, _ = strconv.Atoi(v.value("booking_minutes")) // anything else is too short
	b.Mode, b.Gender, b.Excludes = v.value("booking_mode"), v.value("booking_gender"), v.r.PostForm["booking_not"]
	b.Sign, b.Place = v.value("booking_sign") != "", v.text("booking_place")
	if b.Service, err = v.serviceOf("booking_service"); err != nil {
		return b, err
	}
	if b.To, err = v.unitOf("referral_unit"); err != nil {
		return b, err
	}
	if !b.Service.IsZero() {
		found, err := v.s.Services.Get(v.r.Context(), v.caller, b.Service)
		if err != nil {
			return b, err
		}
		b.To = found.Unit
	}
	var c fault.Check
	b.Starts = v.moment(&c, "starts_at")
	return b, c.Err()
}

func (v *visit) bookPage(c *casework.Child, f Form) any {
	child := v.childRow(&c.Case, &c.Person.Details)
	if len(f.Values) == 0 {
		f.Values = map[string][]string{
			"booking_not": referral.Excluded(), "booking_mode": {"in_person"}, "booking_gender": {"any"}, "booking_minutes": {"60"},
		}
		if known := c.Person.Details.Languages; len(known) > 0 {
			f.Values["language"] = known[:1]
		}
	}
	f = f.Ask("referral_unit", v.l.T("booking.unit"))
	view := BookingForm{
		Frame: v.frame("children"), Child: child, Form: f, Languages: v.options(pack.Languages), Sign: Options(v.l, "bookingsign", "yes"),
		Modes: Options(v.l, "bookingmode", referral.Modes()...), Genders: Options(v.l, "bookinggender", referral.InterpreterGenders()...),
		Not: Options(v.l, "bookingnot", referral.Excluded()...), Units: v.otherUnits(),
	}
	for _, n := range bookingMinutes {
		view.Minutes = append(view.Minutes, Option{Value: strconv.Itoa(n), Label: v.l.T("booking.minutes", "n", n)})
	}
	view.Services, view.Calls = v.interpreters(view.Units)
	return view
}

// interpreters are the services of interpreters that can be asked, and those that are
// called. A page does not fail because they could not be searched.
func (v *visit) interpreters(asked []Option) (services []Option, calls []ServiceRow) {
	if !v.s.Gate.May(v.caller, "directory.view") {
		return nil, nil
	}
	found, err := v.s.Services.Search(v.r.Context(), v.caller, directory.Query{Kind: referral.ServiceInterpreter})
	if err != nil {
		return nil, nil
	}
	for _, h := range found.Rows {
		unit := h.Unit.String()
		if h.State == directory.Open && slices.ContainsFunc(asked, func(o Option) bool { return o.Value == unit }) {
			services = append(services, Option{Value: h.ID.String(), Label: h.Name})
		} else {
			row := v.serviceRow(h.View, -1, false)
			row.Refer = ""
			calls = append(calls, row)
		}
	}
	return services, calls
}

// bookingFacts are what both sides read of a booking.
func (v *visit) bookingFacts(t *referral.View) []Line {
	b := t.Booking
	language := v.label(pack.Languages, t.Language)
	if b.Sign {
		language = v.joined(language, v.l.Word("bookingsign", "yes"))
	}
	out := []Line{
		{Label: "language", Text: language},
		{Label: "starts_at", Text: v.l.DateTime(b.Starts.In(v.s.Zone))},
		{Label: "booking_minutes", Text: v.l.T("booking.minutes", "n", b.Minutes)},
		{Label: "booking_mode", Text: v.l.Word("bookingmode", b.Mode)},
		{Label: "booking_gender", Text: v.l.Word("bookinggender", b.Gender)},
	}
	add := func(label, text string) {
		if text != "" {
			out = append(out, Line{Label: label, Text: text})
		}
	}
	add("booking_place", b.Place.Reveal())
	for _, code := range b.Excludes {
		add("booking_not", v.l.Word("bookingnot", code))
	}
	if !b.Proposed.IsZero() {
		add("proposed_at", v.l.DateTime(b.Proposed.In(v.s.Zone)))
	}
	if b.Undertaken {
		add("booking_undertaken", v.l.Word("bookingundertaken", "yes"))
	}
	for i := range t.Steps {
		add("booking_agency", t.Steps[i].Agency.Reveal())
	}
	if t.State == handover.Declined {
		add("referral_decline", v.label(pack.ReferralDeclines, t.Reason))
	} else if t.Reason != "" {
		add("referral_end", v.label(pack.ReferralEnds, t.Reason))
	}
	return out
}

// stepWord is what a step is called: some are called otherwise with a booking.
func stepWord(e handover.Event, booked bool) string {
	switch e {
	case handover.AskInfo, handover.Complete, handover.HandBack:
		if booked {
			return "booking_" + string(e)
		}
	}
	return string(e)
}

// bookingAnswer adds to a step with a booking what is asked there.
func (v *visit) bookingAnswer(view *ReferralAnswer, t *referral.View, event handover.Event) {
	view.Booked, view.Outcomes, view.Event = true, nil, stepWord(event, true)
	switch event {
	case handover.Accept:
		view.Undertaking = Options(v.l, "bookingundertaken", "yes")
	case handover.AskInfo:
		view.Proposes, view.Words = true, false
	case handover.Info:
		if !t.Booking.Proposed.IsZero() {
			view.Agrees = []Option{{Value: "yes", Label: v.l.T("booking.agrees", "when", v.l.DateTime(t.Booking.Proposed.In(v.s.Zone)))}}
			view.Words = false
		}
	case handover.Complete:
		view.Form.Hidden = append(view.Form.Hidden, Hidden{"need_outcome", "met"})
	}
}

// bookingSaid reads what a step says of a booking.
func (v *visit) bookingSaid(a *referral.Answer) error {
	a.Undertaken, a.Agency, a.Agrees = v.value("booking_undertaken") != "", v.text("booking_agency"), v.value("booking_agrees") != ""
	if v.value("proposed_at") == "" {
		return nil
	}
	var c fault.Check
	a.At = v.moment(&c, "proposed_at")
	return c.Err()
}

// unkept counts the interpreters who were booked and do not come. A page does not fail
// because they could not be counted.
func (v *visit) unkept() int {
	if v.s.Referrals == nil {
		return 0
	}
	n, err := v.s.Referrals.Unkept(v.r.Context(), v.caller)
	if err != nil {
		return 0
	}
	return n
}
