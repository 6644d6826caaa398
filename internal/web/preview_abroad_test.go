package web_test

import (
	"slices"

	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/web"
	"causeway/protocol/cx"
	"causeway/protocol/payload"
)

// abroadPreviews are the pages of what goes to other countries and comes from them.
func abroadPreviews(s scene) []preview {
	lang := s.l.Code()
	word := func(list, code string) string { return s.p.Label(list, code, lang) }
	f, own := s.frame("refer"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	office := "Foyer Valombre · " + word("nationality", "XC")
	row := func(kind, state, tone string) web.ReferralRow {
		return web.ReferralRow{
			Href: "/referral/x/y", Kind: kind, State: state, Tone: tone, Service: word("service", "emergency_shelter"), Urgency: word("referral_urgency", "soon"),
			Other: office, Due: previewNow.AddDate(0, 0, 3), Offered: day(-1), Turn: true,
		}
	}
	in, out, draft := row("transfer", "offered", "due"), row("referral", "accepted", "soon"), row("referral", "draft", "soon")
	in.Age, in.Sex, in.Tongue = word("age_band", "12-14"), word("sex_recorded", "female"), word("language", "ar")
	out.Number, draft.Number = own.Number, own.Number
	out.Stuck = true
	purpose := func(code string) string { return s.p.AbroadLabel(code, lang) }
	card := []web.Line{
		{Label: "abroad_purpose", Text: purpose("transfer")},
		{Label: "referral_urgency", Text: in.Urgency},
		{Label: "age_band", Text: in.Age},
		{Label: "sex", Text: in.Sex},
		{Label: "language", Text: in.Tongue},
		{Label: "legal_basis", Text: word("legal_basis", "public_task")},
		{Label: "norm", Text: "Children's Act, article 4"},
	}
	texts := []web.AbroadText{
		{Label: "reason", Text: "She wants to live near her aunt.", Lang: "en", Tongue: word("language", "en")},
		{Label: "child_words", Text: "أريد أن أعيش قرب خالتي.", Lang: "ar", Tongue: word("language", "ar")},
	}
	parts := []web.SharedPart{{Title: word("disclosure_part", "identity"), Lines: []web.SharedLine{{s.l.Word("shown", "name"), "نور الهدى"}}}, {Title: word("disclosure_part", "needs")}}
	checks := []web.AbroadCheck{
		{Country: word("nationality", "XC"), Asylum: word("abroad_asylum", "no_need"), Office: word("abroad_office", "clear"), View: word("abroad_view", "agrees"), By: "Hana T.", Passes: true, At: previewNow},
		{Country: word("nationality", "XB"), Asylum: word("abroad_asylum", "need"), Office: word("abroad_office", "unknown"), View: word("abroad_view", "objects"), By: "عمر السيد", At: previewNow},
	}
	var purposes, safety []web.Option
	for _, code := range s.p.AbroadCodes() {
		if a, _ := s.p.Abroad(code); a.Kind == pack.AbroadReferral || a.Kind == pack.AbroadTransfer {
			purposes = append(purposes, web.Option{Value: code, Label: purpose(code), Hint: a.Basis})
		}
	}
	for _, flag := range cx.Flags() {
		safety = append(safety, web.Option{Value: string(flag), Label: s.l.Word("abroadsafety", string(flag))})
	}
	send := web.AbroadSend{
		Frame: f, Child: own, Joined: true, Offices: []web.Option{{Value: "xc.care", Label: "Foyer Valombre", Hint: word("nationality", "XC")}},
		Purposes: purposes, Services: s.options("service"), Urgencies: s.options("referral_urgency"), Languages: s.options("language"),
		Bases: s.options("legal_basis"), Views: s.options("abroad_view"), Cares: s.options("care_arrangement"), Safety: safety,
		Parts:   slices.DeleteFunc(s.options("disclosure_part"), func(o web.Option) bool { return o.Value == "care_notes" }),
		Protect: own.Href + "/protection", Checks: checks, Form: form(own.Href+"/abroad/preview", map[string][]string{"abroad_purpose": {"referral"}}),
	}
	files := []web.AbroadFile{
		{Name: "passport-page-two-with-a-long-name-from-a-scanner.jpg", What: word("document_what", "identity"), Bytes: 412_000},
		{Name: "تقرير.pdf", What: word("document_what", "medical"), Text: "تقرير الطبيبة بعد الفحص.", Bytes: 91_000},
	}
	send.Files = []web.Option{{Value: "x", Label: files[0].Name, Hint: files[0].What}, {Value: "y", Label: files[1].Name, Hint: files[1].What}}
	wrong, alone := send, send
	wrong.Form = form(own.Href+"/abroad/preview", map[string][]string{"abroad_purpose": {"transfer"}},
		web.FieldError{Name: "abroad_office", Code: "required"}, web.FieldError{Name: "disclosure_part", Code: "least-missing"})
	wrong.Checks, alone.Joined = nil, false
	shows := web.AbroadPreview{
		Frame: f, Href: own.Href, Form: form(own.Href+"/abroad", nil), To: office, Purpose: purpose("transfer"), Card: card, Texts: texts, Parts: parts,
		Protect: own.Href + "/protection", Second: "always", Again: web.Options(s.l, "abroadagain", "yes"), Change: own.Href + "/abroad",
	}
	shows.Files = files
	stopped := shows
	stopped.Files = nil
	stopped.Missing, stopped.Second = []string{"protection-first"}, "first"
	check := web.AbroadCheckForm{
		Frame: f, Child: own, Countries: []web.Option{{Value: "XC", Label: word("nationality", "XC")}}, Asylum: s.options("abroad_asylum"),
		Offices: s.options("abroad_office"), Views: s.options("abroad_view"), Checks: checks,
		Form: form(own.Href+"/protection", map[string][]string{"abroad_view": {"objects"}}, web.FieldError{Name: "protection_why", Code: "required"}),
	}
	act := func(e string) web.ReferralAct { return web.ReferralAct{Event: e, Href: "/referral/x/y/" + e} }
	accept, second := act("accept"), act("proposed")
	steps := []web.ReferralStep{
		{Event: "offer", At: previewNow.AddDate(0, 0, -1)},
		{Event: "ask_info", At: previewNow, By: "عمر السيد", Text: "Est-elle accompagnée de frères ou sœurs ?", Lang: "fr"},
		{Event: "journey", At: previewNow, Code: s.l.Word("journeystep", "travelling"), When: previewNow},
	}
	came := web.ReferralPage{Frame: f, Row: in, Minimal: true, Facts: card, Steps: steps[:2], Main: &accept, Acts: []web.ReferralAct{act("ask_info"), act("decline")}, Abroad: &web.AbroadPart{
		Purpose: purpose("transfer"), Answers: "sender", Safety: []string{safety[3].Label}, Unknown: []string{"service: hammam"}, Later: []string{parts[0].Title, parts[1].Title},
	}}
	opened := came
	opened.Opened, opened.Minimal, opened.Parts, opened.Steps = true, false, parts, steps
	terms := []string{s.l.Word("termhandling", "H2"), s.l.Word("termonward", "none"), s.l.Word("termcourt", "ask"), s.l.T("terms.case")}
	apart := came
	apart.Abroad = &web.AbroadPart{Purpose: purpose("transfer"), Terms: append(terms[:3:3], s.l.T("terms.roles", "roles", s.l.Word("role", "focal_point"))), Apart: true}
	opened.Abroad = &web.AbroadPart{Purpose: purpose("transfer"), Terms: terms, Answers: "receiver", Texts: texts, Notes: []string{"arrived"}, Recall: word("abroad_recall", "safety"), Reply: word("abroad_agreed", "agreed")}
	back, takeUp := row("transfer", "active", "soon"), act(string(referral.TakeUp))
	lost := opened
	lost.Row, lost.Main, lost.Acts = back, &takeUp, nil
	lost.Abroad = &web.AbroadPart{Purpose: purpose("transfer"), Answers: "receiver", Texts: texts, Notes: []string{"lost-taken"}}
	lost.Steps = append(slices.Clone(steps[:1]), web.ReferralStep{Event: string(referral.CameBack), At: previewNow, Code: s.l.Word("referralstep", "assume")})
	opened.Abroad.Shut = true
	opened.Abroad.Files, opened.Abroad.Unfiled, opened.Abroad.Docs = files, 1, own.Href+"/documents"
	opened.Acts = append([]web.ReferralAct{act("file_away")}, opened.Acts...)
	waits := web.ReferralPage{Frame: f, Row: draft, Sends: true, Opened: true, Case: own.Href, Facts: card, Parts: parts, Steps: steps[:1], Main: &second, Abroad: &web.AbroadPart{
		Purpose: purpose("missing"), Texts: texts, Notes: []string{"waits-second", "late", "asked"}, Confirm: previewNow,
	}}
	stuck := web.ReferralPage{Frame: f, Row: out, Sends: true, Opened: true, Case: own.Href, Facts: card, Parts: parts, Steps: steps[:1], Acts: []web.ReferralAct{act("undelivered"), act("recall")}, Abroad: &web.AbroadPart{
		Purpose: purpose("referral"), Texts: texts, Over: true, Proof: "/referral/x/y/proof", Posted: []web.TroubleRow{
			{Kind: s.l.Word("posttype", "referral.offer"), What: "unaccepted", Why: "label_refused", Unmet: s.l.Word("postlabel", "handling"), Since: previewNow},
		},
	}}
	slow := stuck
	slow.Acts, slow.Abroad = nil, &web.AbroadPart{Purpose: purpose("referral"), Posted: []web.TroubleRow{{Kind: s.l.Word("posttype", "info"), What: "unsent", Why: "silent", Since: previewNow}}}
	answer := func(e string, part web.AbroadAnswer) web.ReferralAnswer {
		return web.ReferralAnswer{Frame: f, Row: in, Form: form("/referral/x/y/"+e, nil), Event: e, Abroad: &part}
	}
	langs := s.options("language")
	declines := answer("decline", web.AbroadAnswer{Languages: langs})
	declines.List, declines.Reasons = "referral_decline", s.options("referral_decline")
	completes := answer("complete", web.AbroadAnswer{Languages: langs, List: "abroad_agreed", Replies: s.options("abroad_agreed")})
	completes.Outcomes, completes.Words = s.options("need_outcome"), true
	return []preview{
		{"abroaddesk", web.AbroadDesk{Frame: f, Joined: true, Sends: true, Questions: true, In: []web.ReferralRow{in}, Out: []web.ReferralRow{out, draft}, MoreIn: true, Stuck: 2, Offices: []web.AbroadOffice{{"Foyer Valombre", word("nationality", "XC"), true}}}},
		{"abroaddesk-none", web.AbroadDesk{Frame: f, Joined: true, Sends: true}},
		{"abroaddesk-alone", web.AbroadDesk{Frame: f}},
		{"abroaddesk-back", web.AbroadDesk{Frame: f, Joined: true, Sends: true, Back: []web.ReferralRow{back}, Lost: 3, Missing: []web.AbroadMissing{
			{Office: office, Side: "received", State: "active", Taken: true, At: previewNow, Form: form("/abroad/missing", nil)},
			{Office: office, Side: "sent", At: previewNow, Form: form("/abroad/missing", nil)},
		}}},
		{"abroadcame-back", lost},
		{"abroad-takeup", answer(string(referral.TakeUp), web.AbroadAnswer{})},
		{"abroadsend", send},
		{"abroadsend-wrong", wrong},
		{"abroadsend-alone", alone},
		{"abroadpreview", shows},
		{"abroadpreview-stopped", stopped},
		{"abroadcheck", check},
		{"abroadcame", came},
		{"abroadcame-opened", opened},
		{"abroadcame-waits", waits},
		{"abroadsent-refused", stuck},
		{"abroadsent-stuck", slow},
		{"proofpage", web.ProofPage{Frame: f, Href: "/referral/x/y", Form: form("/referral/x/y/proof", nil)}},
		{"abroad-undelivered", answer(string(referral.Undelivered), web.AbroadAnswer{})},
		{"abroad-decline", declines},
		{"abroad-complete", completes},
		{"abroad-second", answer(string(referral.Proposed), web.AbroadAnswer{Decide: web.Options(s.l, "abroaddecide", "yes", "no")})},
		{"abroad-journey", answer(string(referral.Journey), web.AbroadAnswer{Languages: langs, Steps: web.Options(s.l, "journeystep", payload.Travelling, payload.Meeting, payload.Arrived)})},
		{"abroad-report", answer(string(referral.Reported), web.AbroadAnswer{Languages: langs, Wellbeing: s.options("abroad_wellbeing")})},
		{"abroad-recall", answer(string(referral.Recall), web.AbroadAnswer{Recalls: s.options("abroad_recall")})},
		{"abroad-stricter", answer(string(referral.Tightened), web.AbroadAnswer{Stricter: &web.StricterForm{
			Handling: web.Options(s.l, "termhandling", "H2", "H3"), Onward: web.Options(s.l, "termonward", "none"), Court: web.Options(s.l, "termcourt", "no"),
			Flags: web.Options(s.l, "abroadsafety", "location_secret", "no_contact_family"), Until: true,
		}})},
		{"abroad-apart", apart},
		{"abroad-recalled", answer(string(referral.Recalled), web.AbroadAnswer{Languages: langs, Recalled: s.options("abroad_recalled")})},
	}
}
