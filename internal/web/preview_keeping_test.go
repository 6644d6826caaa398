package web_test

import (
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/web"
)

func keepingPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	label := func(list, code string) string { return s.p.Label(list, code, s.l.Code()) }
	options := func(list string) (out []web.Option) {
		for _, code := range s.p.Codes(list) {
			out = append(out, web.Option{Value: code, Label: label(list, code)})
		}
		return out
	}
	at := c.Href + "/keeping"
	asked := web.WishRow{
		Ground: label(pack.ErasureGrounds, "consent_withdrawn"), By: label(pack.RequestBy, "child"), State: "asked", Asker: "Hana T.", Asked: day(-2),
		Why: "She says nobody shall read it when she is grown up.", Against: []string{label(pack.ErasureRefusals, "retention"), label(pack.ErasureRefusals, "legal_hold")},
		Agree: at + "/x/agree", Refuse: at + "/x/refuse",
	}
	refused := web.WishRow{
		Ground: label(pack.ErasureGrounds, "unlawful"), By: label(pack.RequestBy, "lawyer"), State: "refused", Asker: "Lidya G.", Asked: day(-90),
		First: "عمر السيد", Agreed: day(-88), Refusal: label(pack.ErasureRefusals, "legal_hold"), Refuser: "Sahra M.", Refused: day(-80),
		Answer: "The court still needs it. You can ask again when the trial is over.",
	}
	holds := []web.HoldRow{
		{Reason: label(pack.HoldReasons, "criminal"), Set: day(-40), By: "عمر السيد", Why: "Trial in May.", Lift: at + "/x/lift"},
		{Reason: label(pack.HoldReasons, "claim"), Set: day(-400), By: "عمر السيد", Why: "Compensation.", Lifted: day(-300), LiftedBy: "عمر السيد", LiftedBe: "Paid."},
	}
	page := web.Keeping{
		Frame: f, Child: c, Class: label(pack.RetentionClasses, "standard"), Kept: day(-3), Over: true, Holds: holds, Wishes: []web.WishRow{asked, refused},
		Backups: day(35), SetClass: at + "/class", SetHold: at + "/hold", AskErase: at + "/erase", Complains: true,
	}
	step := func(step string) web.KeepForm {
		return web.KeepForm{Frame: f, Child: c, Form: form(at+"/"+step, nil, web.FieldError{Name: "reason", Code: "required"}), Step: step, Button: "save", Back: at}
	}
	class, hold, lift, erase, agree, refuse := step("class"), step("hold"), step("lift"), step("erase"), step("agree"), step("refuse")
	class.Classes, hold.Reasons, lift.What = options(pack.RetentionClasses), options(pack.HoldReasons), holds[0].Reason
	erase.Grounds, erase.By, erase.Button = options(pack.ErasureGrounds), options(pack.RequestBy), "erase"
	agree.What, agree.Why, agree.Against, agree.Button = asked.Ground, asked.Why, asked.Against, "agree"
	refuse.What, refuse.Why, refuse.Refusal, refuse.Button = asked.Ground, asked.Why, options(pack.ErasureRefusals), "refuse"
	told := []web.ToldRow{
		{Office: "Office of Bellmar", Asked: true, At: day(-3), Answered: day(-1), Answer: label(pack.AbroadRecalled, "retained")},
		{Office: "Office of Corvia", Asked: true, At: day(-3)},
		{Office: "Office of Corvia", At: day(-3)},
		{Office: "xd.care", Untold: true, At: day(-3)},
	}
	office := s.office("erasures", "auditor")
	office.Nav = append(office.Nav, web.NavItem{Tab: "erasures", Href: "/erasures"})
	waits := web.ErasureRow{
		Code: "k3t92mxa", Ground: asked.Ground, By: asked.By, State: "agreed", Asker: "Hana T.", Asked: day(-9), First: "عمر السيد",
		Class: label(pack.RetentionClasses, "standard"), Kept: day(-3), Held: true, Confirm: "/erasures/x/y/confirm", Refuse: "/erasures/x/y/refuse",
	}
	ours := waits
	ours.Confirm, ours.Refuse, ours.Href, ours.Held = "", "", at, false
	done := []web.ErasedRow{{Code: "7hx0wzq2", Ground: label(pack.ErasureGrounds, "error"), Asker: "Hana T.", At: day(-5), Gone: day(30)}}
	over := []web.OverRow{{Number: "7KQM-T3XA-R", Href: at, Class: label(pack.RetentionClasses, "short"), Closed: locale.Day{Year: 2025, Month: 1, Dom: 9}, Since: day(-2)}}
	return []preview{
		{"keeping", page},
		{"keeping-open", web.Keeping{Frame: f, Child: c, Backups: day(35), AskErase: at + "/erase"}},
		{"keepform-class", class},
		{"keepform-hold", hold},
		{"keepform-lift", lift},
		{"keepform-erase", erase},
		{"keepform-agree", agree},
		{"keepform-refuse", refuse},
		{"erasures", web.Erasures{Frame: s.office("erasures", "supervisor"), Waiting: []web.ErasureRow{ours}, Over: over, Erased: done}},
		{"erasures-oversight", web.Erasures{Frame: office, Oversees: true, Waiting: []web.ErasureRow{waits}, Erased: done, Told: told}},
		{"erasures-none", web.Erasures{Frame: office, Oversees: true}},
		{"erasureform-confirm", web.ErasureForm{Frame: office, Row: waits, Form: form("/erasures/x/y/confirm", nil), Step: "confirm", Backups: day(35)}},
		{"erasureform-refuse", web.ErasureForm{Frame: office, Row: waits, Form: form("/erasures/x/y/refuse", nil, web.FieldError{Name: "rights_answer", Code: "required"}), Step: "refuse", Refusal: options(pack.ErasureRefusals)}},
	}
}
