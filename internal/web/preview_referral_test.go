package web_test

import (
	"slices"

	"causeway/internal/referral"
	"causeway/internal/web"
)

func referralPreviews(s scene) []preview {
	lang := s.l.Code()
	word := func(list, code string) string { return s.p.Label(list, code, lang) }
	f, own := s.frame("refer"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	house := s.office("refer", "provider")
	house.Nav, house.Search = []web.NavItem{{Tab: "refer", Href: "/referrals", Count: 2}}, false
	house.Stamp = f.Stamp
	row := func(kind, state, tone, service string) web.ReferralRow {
		return web.ReferralRow{
			Href: "/referral/x/y", Kind: kind, State: state, Tone: tone, Service: word("service", service), Urgency: word("referral_urgency", "at_once"),
			Other: "بيت النهر", Due: previewNow.AddDate(0, 0, 1), Number: own.Number, Offered: day(-1),
		}
	}
	in, waits := row("referral", "offered", "due", "emergency_shelter"), row("transfer", "released", "due", "foster_care")
	in.Number, in.Age, in.Sex, in.Tongue, in.Other = "", word("age_band", "12-14"), word("sex_recorded", "female"), word("language", "ar"), "Harbour Town team"
	in.Turn, waits.Turn, waits.Late = true, true, true
	gone, done := row("referral", "expired", "late", "psychosocial"), row("referral", "completed", "leaf", "legal_aid")
	gone.Turn, done.Turn = true, true
	parts := []web.SharedPart{
		{Title: word("disclosure_part", "identity"), Lines: []web.SharedLine{{s.l.Word("shown", "name"), "نور الهدى"}, {s.l.Word("shown", "sex"), word("sex_recorded", "female")}}},
		{Title: word("disclosure_part", "age"), Lines: []web.SharedLine{{s.l.Word("shown", "years"), "11–13"}, {s.l.Word("shown", "presumed_child"), ""}}},
		{Title: word("disclosure_part", "plan")},
	}
	facts := []web.Line{
		{Label: "service", Text: in.Service},
		{Label: "referral_urgency", Text: in.Urgency},
		{Label: "age_band", Text: in.Age},
		{Label: "sex", Text: in.Sex},
		{Label: "language", Text: in.Tongue},
	}
	act := func(e string) web.ReferralAct { return web.ReferralAct{Event: e, Href: "/referral/x/y/" + e} }
	accept, start, confirm := act("accept"), act("start"), act("confirm")
	steps := []web.ReferralStep{
		{Event: "offer", At: previewNow.AddDate(0, 0, -1), By: "Hana T."},
		{Event: "ask_info", At: previewNow, By: "عمر السيد", Text: "Does the child come with brothers or sisters?"},
	}
	told := append(steps, web.ReferralStep{Event: "complete", At: previewNow, By: "عمر السيد", Code: word("need_outcome", "met"), Text: "She slept the whole night."})
	offer := web.ReferralOffer{
		Frame: f, Child: own, Kinds: web.Options(s.l, "referralkind", "referral", "transfer"),
		Units:    []web.Option{{Value: "1", Label: "بيت النهر", Hint: word("sector", "shelter")}, {Value: "2", Label: "Court aid", Hint: word("sector", "legal_aid")}},
		Services: s.options("service"), Urgencies: s.options("referral_urgency"), Languages: s.options("language"),
		Purposes: s.options("consent_purpose"), Bases: s.options("legal_basis"), Parts: slices.DeleteFunc(s.options("disclosure_part"), func(o web.Option) bool { return o.Value == "care_notes" }),
	}
	offer.Form = form(own.Href+"/refer/preview", map[string][]string{"referral_kind": {"referral"}, "disclosure_part": {"identity", "age"}})
	wrong := offer
	wrong.Form = form(own.Href+"/refer/preview", map[string][]string{"referral_kind": {"transfer"}, "reason": {"A bed for tonight."}},
		web.FieldError{Name: "referral_unit", Code: "has-it-already"}, web.FieldError{Name: "legal_basis", Code: "no-consent"})
	offer.Needs, offer.Doctor, offer.Chosen, offer.Find = []web.Option{{Value: "1", Label: word("service", "psychosocial")}}, web.Options(s.l, "expecteddoctor", "yes"), own.Href+"/refer/chosen", own.Href+"/refer/find"
	heron := web.ServiceRow{
		Href: "/services/a", Name: "House of the Heron", By: "بيت النهر", Kinds: []string{word("service", "emergency_shelter")}, State: "open", Open: true,
		Places: web.ServicePlaces{Known: true, Free: 3, Total: 12, Wait: -1, At: previewNow}, Away: 12, Exact: true, Refer: "/services/a/refer",
	}
	addressed := offer
	addressed.Service = &heron
	find := web.ReferralFind{
		Frame: f, Child: own, Chosen: offer.Chosen, Services: offer.Services, Near: []web.Option{{Value: "25", Label: s.l.T("services.km", "n", 25)}},
		Free: web.Options(s.l, "servicefree", "now"), Form: form(own.Href+"/refer/find", map[string][]string{"service": {"emergency_shelter"}}), Total: 2,
		Rows: []web.ServiceChoice{{ServiceRow: heron, ID: "a", Asked: true}, {ServiceRow: heron, ID: "b"}, {ServiceRow: heron, ID: "c", Own: true}},
	}
	nobody := find
	nobody.Rows, nobody.Total = nil, 0
	away := row("referral", "handed_back", "late", "emergency_shelter")
	away.NotThere, away.Turn = true, true
	claim := web.ClaimRow{
		Unit: "بيت النهر", By: "عمر السيد", At: previewNow, Why: "She lives with her aunt in our district now.", Number: own.Number, State: "asked",
		Accept: own.Href + "/refer?claim=q", Refuse: own.Href + "/claims/q/refuse",
	}
	granted, denied := claim, claim
	granted.State, denied.State, denied.Reason = "accepted", "refused", "child_objects"
	accepts := offer
	accepts.Claim = &claim
	asks := web.ClaimForm{Frame: f, Form: form("/referrals/claim", map[string][]string{"claim_number": {"4NP3"}}, web.FieldError{Name: "claim_number", Code: "has-it-already"})}
	book := web.BookingForm{
		Frame: f, Child: own, Languages: offer.Languages, Sign: web.Options(s.l, "bookingsign", "yes"), Modes: web.Options(s.l, "bookingmode", referral.Modes()...),
		Genders: web.Options(s.l, "bookinggender", referral.InterpreterGenders()...), Not: web.Options(s.l, "bookingnot", referral.Excluded()...),
		Services: []web.Option{{Value: "a", Label: "Tongues for Children"}}, Calls: []web.ServiceRow{heron}, Units: offer.Units,
		Minutes: []web.Option{{Value: "60", Label: s.l.T("booking.minutes", "n", 60)}, {Value: "90", Label: s.l.T("booking.minutes", "n", 90)}},
		Form:    form(own.Href+"/interpreter", map[string][]string{"booking_not": {"kin", "community"}, "booking_minutes": {"60"}}, web.FieldError{Name: "booking_place", Code: "required"}),
	}
	bookedFacts := []web.Line{{Label: "language", Text: word("language", "ar")}, {Label: "booking_mode", Text: s.l.Word("bookingmode", "phone")}, {Label: "proposed_at", Text: "10:00"}}
	answer := func(e, list string) web.ReferralAnswer {
		a := web.ReferralAnswer{Frame: house, Row: in, Form: form("/referral/x/y/"+e, nil), Event: e, List: list, Words: list == "referral_end"}
		if list != "" {
			a.Reasons = s.options(list)
		}
		return a
	}
	decline, complete := answer("decline", "referral_decline"), answer("complete", "")
	signs, proposes, agrees := answer("accept", ""), answer("booking_ask_info", ""), answer("info", "")
	signs.Booked, signs.Undertaking = true, web.Options(s.l, "bookingundertaken", "yes")
	proposes.Booked, proposes.Proposes = true, true
	agrees.Booked, agrees.Agrees = true, []web.Option{{Value: "yes", Label: s.l.T("booking.agrees", "when", "10:00")}}
	confirms, met := answer("confirm", ""), answer("confirm", "")
	confirms.Frame, confirms.Row, confirms.Outcome, confirms.Follows = f, done, word("need_outcome", "partly"), web.Options(s.l, "needfollows", "yes")
	met.Frame, met.Row, met.Follows, met.Met = f, done, confirms.Follows, true
	decline.Units, complete.Outcomes, complete.Words = offer.Units, s.options("need_outcome"), true
	return []preview{
		{"referrals", web.Referrals{Frame: f, Sends: true, In: []web.ReferralRow{in}, Out: []web.ReferralRow{waits, gone, done}, MoreOut: true}},
		{"referrals-provider", web.Referrals{Frame: house, In: []web.ReferralRow{in}, MoreIn: true}},
		{"referrals-none", web.Referrals{Frame: f, Sends: true}},
		{"childreferrals", web.ChildReferrals{Frame: f, Number: own.Number, Back: own.Href, Rows: []web.ReferralRow{waits, gone}, Refer: own.Href + "/refer"}},
		{"childreferrals-none", web.ChildReferrals{Frame: f, Number: own.Number, Back: own.Href}},
		{"refer", offer},
		{"refer-wrong", wrong},
		{"refer-service", addressed},
		{"refer-claim", accepts},
		{"claim", asks},
		{"booking", book},
		{"booking-card", web.ReferralPage{Frame: house, Row: in, Booked: true, Facts: bookedFacts, Steps: steps[:1], Main: &accept, Acts: []web.ReferralAct{act("booking_ask_info"), act("booking_handback"), act("booking_complete")}}},
		{"booking-accept", signs},
		{"booking-time", proposes},
		{"booking-agree", agrees},
		{"claim-withdraw", web.ClaimForm{Frame: f, Form: form("/referrals/claim/withdraw", nil), Withdraws: true}},
		{"claimrefuse", web.ClaimRefuse{Frame: f, Row: claim, Form: form(claim.Refuse, nil), Reasons: web.Options(s.l, "claimrefusal", referral.ClaimReasons()...), Back: own.Href + "/referrals"}},
		{"referrals-claims", web.Referrals{Frame: f, Sends: true, Claims: []web.ClaimRow{claim}, Claimed: []web.ClaimRow{granted, denied}, Claim: "/referrals/claim"}},
		{"childreferrals-claims", web.ChildReferrals{Frame: f, Number: own.Number, Back: own.Href, Claims: []web.ClaimRow{claim}}},
		{"referfind", find},
		{"referfind-none", nobody},
		{"servicerefer", web.ServiceRefer{Frame: f, Service: heron, ID: "a", Children: []web.Child{own, s.child(1)}, More: true}},
		{"servicerefer-none", web.ServiceRefer{Frame: f, Service: heron}},
		{"referral-notthere", web.ReferralPage{Frame: f, Row: away, Sends: true, Opened: true, Facts: facts, Parts: parts, Steps: steps, Main: &confirm, Case: own.Href, NotThere: true, Missing: own.Href + "/missing"}},
		{"referral-confirm", confirms},
		{"referral-confirm-met", met},
		{"referpreview", web.ReferralPreview{Frame: f, Href: own.Href, Form: form(own.Href+"/refer", nil), To: "بيت النهر", Card: facts, Parts: parts, Change: own.Href + "/refer"}},
		{"referral-closed", web.ReferralPage{Frame: house, Row: in, Closed: true, Facts: facts, Steps: steps, Acts: []web.ReferralAct{act("complete"), act("handback")}}},
		{"referral-card", web.ReferralPage{Frame: house, Row: in, Minimal: true, Facts: facts, Steps: steps, Main: &accept, Acts: []web.ReferralAct{act("ask_info"), act("decline")}}},
		{"referral-opened", web.ReferralPage{Frame: house, Row: in, Opened: true, Facts: facts, Parts: parts, Steps: steps, Main: &start, Acts: []web.ReferralAct{act("handback")}}},
		{"referral-sent", web.ReferralPage{Frame: f, Row: done, Sends: true, Opened: true, Facts: facts, Parts: parts, Steps: told, Main: &confirm, Acts: []web.ReferralAct{act("dispute")}, Case: own.Href}},
		{"referral-decline", decline},
		{"referral-complete", complete},
		{"referral-handback", answer("handback", "referral_end")},
		{"referral-accept", answer("accept", "")},
	}
}
