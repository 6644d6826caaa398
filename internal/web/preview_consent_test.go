package web_test

import (
	"causeway/internal/pack"
	"causeway/internal/web"
)

func consentPreviews(s scene) []preview {
	f, c, lang := s.frame("children"), s.child(0), s.l.Code()
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	at := c.Href + "/consent"
	purpose := func(code string) string { return s.p.Label(pack.ConsentPurposes, code, lang) }
	given := web.ConsentLine{
		Kind: "answer", State: "given", Tone: "leaf", Purpose: purpose("services"), Until: day(90), At: previewNow, By: "Hana T.", On: day(-3),
		Words:   "Tell the doctor, not my uncle.",
		Lines:   []web.Line{{Label: "consent_who", Text: s.l.Word("consenter", "both")}, {Label: "assent", Text: s.l.Word("assent", "assented")}, {Label: "consent_text", Text: "Leaflet 3, version 2"}},
		Present: []string{s.p.Label("present", "trusted_person", lang)},
	}
	withdrawn := given
	withdrawn.State, withdrawn.Tone, withdrawn.To = "withdrawn", "late", "The clinic by the river"
	expired, lost := given, given
	expired.Expired, expired.Until, lost.Lost = true, day(-2), true
	law := web.ConsentLine{
		Kind: "basis", State: "stated", Tone: "leaf", Purpose: purpose("justice"), Basis: s.p.Label("legal_basis", "court_order", lang), At: previewNow, By: "عمر السيد",
		Lines: []web.Line{{Label: "norm", Text: "Children Act, section 12"}, {Label: "basis_paper", Text: "88/26"}}, End: at + "/x/end",
	}
	proposed := web.ConsentLine{
		Kind: "override", State: "proposed", Tone: "soon", Purpose: purpose("abroad"), Basis: s.l.T("consent.bestinterests"), At: previewNow, By: "Hana T.",
		Lines: []web.Line{{Label: "reason", Text: "The uncle who is her guardian may have sold her."}}, Decide: at + "/x/decide",
	}
	told := web.ConsentLine{Kind: "told", At: previewNow, By: "Hana T.", Lines: []web.Line{{Label: "told_how", Text: "By telephone."}}}
	unsafe := []web.Option{{Label: "The uncle", Hint: "He brought her here."}}
	page := web.Consents{
		Frame: f, Child: c, Unsafe: unsafe, Waiting: []web.ConsentLine{proposed}, History: []web.ConsentLine{given, law, told},
		Record: at + "/record", Withdraw: at + "/withdraw", Basis: at + "/basis", Override: at + "/override", Passed: at + "/passed",
		Purposes: []web.ConsentPurpose{
			{
				Code: "services", Label: purpose("services"), Answers: []web.ConsentLine{given, withdrawn, expired, lost}, Open: true, Continues: true, Bases: []web.ConsentLine{law},
				Tell: []web.ConsentTell{
					{To: "The clinic by the river", What: "Her age and what hurts.", On: day(-9), Withdrawn: day(-1), Href: at + "/x/told"},
					{To: "مدرسة النور", What: "Her class.", On: day(-9), Withdrawn: day(-1), Told: &told},
				},
				Ask: at + "/record?purpose=services", Withdraw: at + "/withdraw?purpose=services",
			},
			{Code: "research", Label: purpose("research"), Ask: at + "/record?purpose=research"},
		},
	}
	circle := web.Consents{Frame: f, Child: web.Child{Href: at, Name: "7KQM-T3XA-R"}, Circle: true, Record: at + "/record", Withdraw: at + "/withdraw", Purposes: page.Purposes[1:]}
	form1 := func(step string, errs ...web.FieldError) web.ConsentForm {
		return web.ConsentForm{Frame: f, Child: c, Form: form(at+"/"+step, nil, errs...), Step: step, Back: at}
	}
	full := func(v web.ConsentForm) web.ConsentForm {
		v.Purposes = s.options(pack.ConsentPurposes)
		v.Recipients = []web.Option{{Value: "1", Label: "Harbour Town team"}, {Value: "2", Label: "مدرسة النور"}}
		return v
	}
	record := full(form1("record", web.FieldError{Name: "guardian_unsafe", Code: "guardian-unsafe"}, web.FieldError{Name: "assent", Code: "child-refuses"}))
	record.Unsafe, record.Override = unsafe, at+"/override"
	record.States = web.Options(s.l, "consentstate", "given", "refused", "not_asked")
	record.Who, record.Doubts = web.Options(s.l, "consenter", "child", "guardian", "both"), web.Options(s.l, "guardiandoubt", "no", "yes", "unknown")
	record.Assents = web.Options(s.l, "assent", "assented", "refused", "not_asked", "not_able")
	record.Languages, record.Interpreters, record.Present = s.options("language"), s.options("interpreter"), s.options("present")
	withdraw, basis := full(form1("withdraw")), full(form1("basis"))
	withdraw.Who, withdraw.Continues = record.Who, []web.ConsentLine{law}
	basis.Bases = s.options("legal_basis")
	decide, end, tell := form1("decide"), form1("end"), form1("told")
	decide.Line, decide.Decisions, end.Line, tell.Told = &proposed, web.Options(s.l, "overridedecision", "approve", "decline"), &law, "The clinic by the river"
	return []preview{
		{"consents", page},
		{"consents-circle", circle},
		{"consent-record", record},
		{"consent-withdraw", withdraw},
		{"consent-basis", basis},
		{"consent-override", full(form1("override"))},
		{"consent-passed", full(form1("passed"))},
		{"consent-decide", decide},
		{"consent-end", end},
		{"consent-told", tell},
	}
}
