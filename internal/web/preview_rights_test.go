package web_test

import (
	"causeway/internal/casework"
	"causeway/internal/pack"
	"causeway/internal/web"
)

func rightsPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	label := func(list, code string) string { return s.p.Label(list, code, s.l.Code()) }
	options := func(list string) (out []web.Option) {
		for _, code := range s.p.Codes(list) {
			out = append(out, web.Option{Value: code, Label: label(list, code)})
		}
		return out
	}
	at := c.Href + "/rights"
	waits := web.RightRow{
		Kind: label(pack.RequestKinds, "copy"), State: "open", By: label(pack.RequestBy, "guardian"), How: label(pack.ReceivedHow, "letter"),
		Identity: label(pack.IdentityChecked, "not_yet"), Received: day(-29), Receiver: "Hana T.", Due: web.DueOn(day(1), previewToday),
		Words: "We ask for everything that is written about her.", Decide: at + "/x/decide",
	}
	partly := waits
	partly.State, partly.Due, partly.Decide, partly.Copy = "partly", nil, "", at+"/x/copy"
	partly.Decider, partly.Decided, partly.Refusal, partly.Answer = "عمر السيد", day(-2), label(pack.RequestRefusals, "safety"), "You get the copy without where she lives."
	corrected := partly
	corrected.Kind, corrected.State, corrected.Copy, corrected.Refusal, corrected.Correct = label(pack.RequestKinds, "correction"), "granted", "", "", c.Href+"/timeline#e-4"
	erase := corrected
	erase.Kind, erase.Correct, erase.Erase = label(pack.RequestKinds, "erasure"), "", c.Href+"/keeping/erase"
	var left []string
	for _, code := range casework.LeftFor("guardian") {
		left = append(left, s.l.Word("leftout", code))
	}
	decide := web.RightForm{
		Frame: f, Child: c, Form: form(at+"/x/decide", nil, web.FieldError{Name: "rights_answer", Code: "required"}), Step: "decide", Row: waits, Back: at,
		Identity: options(pack.IdentityChecked), States: web.RightStates(s.l), Refusals: options(pack.RequestRefusals), LeftOut: left,
	}
	correct, nothing := decide, decide
	correct.LeftOut, correct.Correction = nil, true
	correct.Correcting = []web.Option{{Value: "7", Label: s.l.Word("event", casework.KindCorrected), Hint: s.l.DateTime(previewNow)}}
	nothing.LeftOut, nothing.Correction = nil, true
	return []preview{
		{"rights", web.Rights{Frame: f, Child: c, Rows: []web.RightRow{waits, partly, corrected, erase}, Receive: at + "/new", Refusals: true}},
		{"rights-none", web.Rights{Frame: f, Child: c}},
		{"rightform-new", web.RightForm{
			Frame: f, Child: c, Form: form(at+"/new", nil, web.FieldError{Name: "request_words", Code: "required"}), Step: "new", Back: at, Kinds: options(pack.RequestKinds),
			By: options(pack.RequestBy), How: options(pack.ReceivedHow), Identity: options(pack.IdentityChecked),
		}},
		{"rightform-decide", decide},
		{"rightform-correct", correct},
		{"rightform-nothing", nothing},
		{"rightsdesk", web.RightsDesk{Frame: s.office("rights", "supervisor"), Rows: []web.DueRight{
			{Number: "7KQM-T3XA-R", Href: at, Kind: waits.Kind, By: waits.By, Received: day(-29), Due: waits.Due},
			{Number: "H4PW-9DCE-K", Href: at, Kind: erase.Kind, By: label(pack.RequestBy, "child"), Received: day(-40), Due: web.DueOn(day(-10), previewToday)},
		}}},
		{"rightsdesk-none", web.RightsDesk{Frame: s.office("rights", "supervisor")}},
	}
}
