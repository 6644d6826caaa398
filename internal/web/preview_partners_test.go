package web_test

import (
	"causeway/internal/web"
)

// partnerPreviews are the pages of partner countries and keys.
func partnerPreviews(s scene) []preview {
	lang := s.l.Code()
	f := s.office("partners", "supervisor")
	code := []string{"04711", "90210", "33333", "12805", "00042", "77120", "65001", "48213", "99999", "31415"}
	purposes := []string{s.l.Word("partnerpurpose", "protection"), s.l.Word("partnerpurpose", "family-tracing")}
	types := []string{s.l.Word("partnertype", "referral.offer"), s.l.Word("partnertype", "transfer.offer")}
	ready := web.PartnerRow{
		Href: "/partners/at/xb.moi", Node: "xb.moi", Name: "وزارة النهر", Country: s.p.Label("nationality", "XB", lang), State: "ok", Tone: "leaf", Code: code,
		Ends: previewNow.AddDate(0, 9, 0), Purposes: purposes, Next: "nothing",
	}
	waits := ready
	waits.Node, waits.Name, waits.State, waits.Tone, waits.Next, waits.Purposes = "xc.help", "Office for children of the northern provinces and islands", "waiting", "due", "confirm", nil
	waits.Code = nil
	stopped := ready
	stopped.Node, stopped.Name, stopped.State, stopped.Tone, stopped.Next, stopped.Why = "int.aid", "Aid", "quarantined", "late", "quarantined", "compromised"
	stopped.Country, stopped.Ends, stopped.EndsTone = "", previewNow.AddDate(0, 0, 20), "due"
	ready.Next = "trouble"
	list := web.Partners{Frame: f, Own: "xa.dcs", Keys: true, Code: code, Ends: previewNow.AddDate(0, 1, 0), Tone: "due", Add: true, Rows: []web.PartnerRow{ready, waits, stopped}}
	terms := &web.PartnerTerms{Purposes: purposes, Types: types, Emergency: "Night desk, +999 55 0303", Called: "+999 55 0202, consulate", Until: previewNow.AddDate(2, 0, 0)}
	terms.Limits = s.l.T("partners.limits.are", "payload", "0.5", "blob", "20", "envelope", "40")
	page := web.PartnerPage{
		Frame: f, PartnerRow: ready, Authority: "Ministry of the River", Contact: "+999 55 0202", Emergency: terms.Emergency, Called: terms.Called,
		Types: types, Limits: terms.Limits, From: previewNow, Until: terms.Until, Proposed: terms,
		Keys: []web.PartnerKey{
			{Role: "sign", From: previewNow, Until: previewNow.AddDate(1, 0, 0)},
			{Role: "receive", From: previewNow, Until: previewNow.AddDate(0, 1, 0), Tone: "due"},
			{Role: "transport", From: previewNow, Until: previewNow.AddDate(0, 0, 9), Tone: "late"},
			{Role: "log", From: previewNow, Until: previewNow.AddDate(1, 0, 0)},
			{Role: "witness", From: previewNow, Until: previewNow.AddDate(1, 0, 0)},
		},
		Prepared: web.PartnerAct{Name: "Noor", At: previewNow}, Confirmed: web.PartnerAct{Name: "Omar S.", At: previewNow},
	}
	for _, step := range []string{"quarantine", "watch", "keys", "remove"} {
		page.Ways = append(page.Ways, web.Way{Href: "/partners/at/xb.moi/" + step, Step: step})
	}
	page.Pair, page.PairFile = "both", true
	for _, step := range []string{"agree", "sign"} {
		page.PairWays = append(page.PairWays, web.Way{Href: "/partners/at/xb.moi/" + step, Step: step})
	}
	fresh := page
	fresh.PartnerRow, fresh.Types, fresh.Confirmed, fresh.Proposed = stopped, nil, web.PartnerAct{}, nil
	fresh.Pair, fresh.PairFile, fresh.PairWays = "old", false, nil
	fresh.Ways = []web.Way{{Href: "/partners/at/int.aid/resume", Step: "resume"}}
	waiting := page
	waiting.PartnerRow, waiting.Types, waiting.Confirmed = waits, nil, web.PartnerAct{}
	waiting.Pair, waiting.PairFile, waiting.PairWays = "", false, nil
	waiting.Ways = []web.Way{{Href: "/partners/at/xc.help/confirm", Step: "confirm"}}
	page.Proposed = nil
	page.Post, page.Match = partnerPostPreview(s), "/partners/at/xb.moi/match"
	waiting.Post, fresh.Post = nil, &web.PartnerPost{}
	add := web.PartnerAdd{
		Frame: f, Form: form("/partners/add", map[string][]string{"peer_purposes": {"protection"}, "card": {"causeway/card/1"}, "peer_payload": {"1"}, "peer_blob": {"2048"}, "peer_envelope": {"10240"}}),
		Purposes: web.PartnerPurposes(s.l), Types: web.PartnerTypes(s.l), Max: 128 << 10,
	}
	wrong := add
	wrong.Form = form("/partners/add", map[string][]string{"peer_payload": {"3"}, "peer_blob": {"20"}, "peer_envelope": {"5"}}, web.FieldError{Name: "card", Code: "peer-not-recovery"},
		web.FieldError{Name: "peer_payload", Code: "out-of-range"}, web.FieldError{Name: "peer_envelope", Code: "limit-whole"}, web.FieldError{Name: "peer_types", Code: "required"})
	out := []preview{
		{"partners", list},
		{"partners-none", web.Partners{Frame: f, Own: "xa.dcs", Add: true}},
		{"partners-off", web.Partners{Frame: f, Off: true}},
		{"partnerpage", page},
		{"partnerpage-waiting", waiting},
		{"partnerpage-stopped", fresh},
		{"partneradd", add},
		{"partneradd-wrong", wrong},
		{"partnerstep-confirm-wrong", web.PartnerStep{
			Frame: f, Step: "confirm", Row: waits, Terms: terms,
			Form: form("/partners/at/xc.help/confirm", map[string][]string{"peer_heard": {"04711 90210"}}, web.FieldError{Name: "peer_heard", Code: "peer-fingerprint"}),
		}},
	}
	out = append(out, preview{"partnerstep-agree", web.PartnerStep{
		Frame: f, Step: "agree", Row: ready, Officers: []string{"3f0a9c2e11d4b786@2027-03-01T09:30:00Z", "90be77aa12c4d5f0@2027-03-01T11:02:00Z"},
		Form: form("/partners/at/xb.moi/agree", map[string][]string{"peer_their_first": {"3f0a"}}, web.FieldError{Name: "peer_their_first", Code: "officer-line"}),
	}})
	slip := web.BundleSlip{Part: 1, Parts: 2, Items: 4031, Envelopes: 38, Notes: 12, Pieces: 3981, Bytes: 1 << 30, Digest: "sha256:7d5c0b1f9a4e2c6688d3f1a0b5e79c42d8f06b3a1e5c7d9f20416b8a3c5e7f91"}
	last := slip
	last.Part, last.Items, last.Bytes = 2, 7, 20480
	brought := slip
	brought.Bytes = 0
	out = append(out,
		preview{"bundlein", web.BundleIn{Frame: f, Row: ready, Form: form("/partners/at/xb.moi/bundle/in", nil), Max: 1 << 30}},
		preview{"bundlein-wrong", web.BundleIn{Frame: f, Row: ready, Max: 1 << 30, Form: form("/partners/at/xb.moi/bundle/in", nil, web.FieldError{Name: "file", Code: "peer-bundle"})}},
		preview{"bundlepage", web.BundlePage{Frame: f, Row: ready, Form: form("/partners/at/xb.moi/bundle", nil), Parts: []web.BundlePart{{slip, "/x/1"}, {last, "/x/2"}}}},
		preview{"bundlepage-came", web.BundlePage{
			Frame: f, Row: ready, In: true, Form: form("/partners/at/xb.moi/bundle", nil), Parts: []web.BundlePart{{BundleSlip: brought}}, Received: 36, Damaged: 2, Back: true,
			Next: "/partners/at/xb.moi/bundle/in", Refused: []web.BundleRefused{{"unknown_ekey", 1}, {"blob_missing", 1}},
		}},
	)
	for _, step := range []string{"sign", "drop", "quarantine", "watch", "resume", "keys", "remove"} {
		out = append(out, preview{"partnerstep-" + step, web.PartnerStep{
			Frame: f, Step: step, Row: ready, Form: form("/partners/at/xb.moi/"+step, nil), Stops: step == "quarantine" || step == "remove" || step == "drop",
		}})
	}
	return out
}

// partnerPostPreview is what is stuck with a partner.
func partnerPostPreview(s scene) *web.PartnerPost {
	kind := func(code, purpose string) string {
		return s.l.Word("posttype", code) + s.l.T("forms.and") + s.l.Word("partnerpurpose", purpose)
	}
	again, seen := form("/partners/at/xb.moi/again", nil), form("/partners/at/xb.moi/seen", nil)
	return &web.PartnerPost{
		Waiting: 12, More: true, Export: "/partners/at/xb.moi/bundle", Import: "/partners/at/xb.moi/bundle/in", Form: form("/partners/at/xb.moi/bundle", nil),
		Rows: []web.TroubleRow{
			{
				What: "unaccepted", Kind: kind("referral.offer", "protection"), Why: "label_refused", Do: "over", Tone: "late", Since: previewNow, Count: 1,
				Unmet: s.l.Word("postlabel", "handling") + " · sealed-by-court", Cases: []web.TroubleCase{{"/referral/x/y", "K3T9-2MXA-7"}}, Seen: &seen,
			},
			{
				What: "unsent", Kind: kind("status", "protection"), Why: "silent", Do: "unsent", Tone: "due", Since: previewNow.AddDate(0, 0, -3), Count: 11,
				Cases: []web.TroubleCase{{"/referral/x/y", "K3T9-2MXA-7"}, {"/referral/x/z", "P0QD-81LL-2"}}, Other: 9, Again: &again,
			},
			{What: "unopened", Kind: s.l.Word("posttype", "theirs"), Why: "waits", Do: "unopened", Tone: "due", Since: previewNow, Count: 2},
		},
	}
}
