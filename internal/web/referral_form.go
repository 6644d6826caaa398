package web

import (
	"net/http"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/protocol/handover"
)

// offered reads what was chosen.
func (v *visit) offered() (referral.Offer, error) {
	to, err := v.unitOf("referral_unit")
	if err != nil {
		return referral.Offer{}, err
	}
	lead, err := v.destination()
	if err != nil {
		return referral.Offer{}, err
	}
	claim, err := v.claimID()
	return referral.Offer{
		Destination: lead, Claim: claim,
		Kind: handover.Kind(v.value("referral_kind")), To: to, Service: v.value("service"), Urgency: v.value("referral_urgency"),
		Language: v.value("language"), Purpose: v.value("consent_purpose"), Basis: v.value("legal_basis"), Norm: v.text("norm"),
		Reason: v.text("reason"), Parts: v.r.PostForm["disclosure_part"], Seen: v.seen(),
	}, err
}

func (s *Server) referForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			list, err := v.referred()
			if err != nil {
				return nil, err
			}
			claim, err := v.accepts(&f)
			if err != nil {
				return nil, err
			}
			view := v.referPage(list, f)
			view.Claim = claim
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			f, err := v.offered()
			if err == nil {
				_, err = s.Referrals.Offer(v.r.Context(), v.caller, cmd, v.aCase(), f)
			}
			return "/child/" + v.aCase().String() + "/referrals", "referral-offered", err
		},
	}
}

func (v *visit) referPage(list *casework.NeedList, f Form) ReferralOffer {
	child := v.childRow(&list.Case, &list.Person.Details)
	f.Action = child.Href + "/refer/preview"
	if _, posted := f.Values["consent_purpose"]; !posted { // what is most often meant, for the child at hand
		f.Values = map[string][]string{
			"referral_kind": {string(handover.Referral)}, "consent_purpose": {"services"}, "disclosure_part": {"identity", "age", "language", "needs"},
			"referral_service": f.Values["referral_service"],
		}
		if known := list.Person.Details.Languages; len(known) > 0 {
			f.Values["language"] = known[:1]
		}
	}
	view := ReferralOffer{
		Frame: v.frame("children"), Child: child, Kinds: Options(v.l, "referralkind", string(handover.Referral), string(handover.Transfer)),
		Units: v.otherUnits(), Services: v.options(pack.Services), Urgencies: v.options(pack.ReferralUrgencies), Languages: v.options(pack.Languages),
		Purposes: v.options(pack.ConsentPurposes), Bases: v.options(pack.LegalBases), Parts: v.options(pack.DisclosureParts, pack.PartCareNotes),
		Needs: v.needOptions(list), Doctor: Options(v.l, "expecteddoctor", "yes"), Chosen: child.Href + "/refer/chosen",
	}
	if v.s.Gate.May(v.caller, "directory.view") {
		view.Find = child.Href + "/refer/find"
	}
	if found := v.chosenService(&f); found != nil {
		row := v.serviceRow(found, -1, false)
		view.Service = &row
		f.Hidden = append(f.Hidden, Hidden{"referral_kind", string(handover.Referral)}, Hidden{"referral_service", found.ID.String()},
			Hidden{"referral_unit", found.Unit.String()})
		view.Services = slices.DeleteFunc(view.Services, func(o Option) bool { return !slices.Contains(found.Kinds, o.Value) })
	}
	view.Form = f
	return view
}

// referPreview shows what would be seen. Nothing is sent yet.
func (s *Server) referPreview(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.caseID()
	if err != nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	href := "/child/" + id.String()
	f, err := v.offered()
	if err == nil {
		var p *referral.Preview
		if p, err = s.Referrals.Preview(v.r.Context(), v.caller, id, f); err == nil {
			return v.write(http.StatusOK, v.previewPage(href, &f, p))
		}
	}
	return v.back(href+"/refer", err, s.referForm().show)
}

// carriedFields are what the preview carries on to the button below it.
var carriedFields = []string{
	"referral_kind", "referral_unit", "service", "referral_urgency", "language", "consent_purpose", "legal_basis", "norm", "reason",
	"disclosure_part", "referral_service", "referral_need", "expected_at", "expected_doctor", "transfer_claim",
}

func (v *visit) previewPage(href string, f *referral.Offer, p *referral.Preview) ReferralPreview {
	form := v.withSeen(Form{Action: href + "/refer"}, p.Seen)
	form.Hidden = append(form.Hidden, v.carried()...)
	t := referral.Thread{Service: p.Service, Urgency: f.Urgency, Language: f.Language, AgeBand: p.Case.AgeBand, Sex: p.Case.Sex}
	return ReferralPreview{
		Frame: v.frame("children"), Href: href, Form: form, To: v.unitName(f.To),
		Card:  append(v.referralFacts(&t, false), v.destinationFacts(&f.Destination)...),
		Parts: v.sharedParts(p.Show.Parts), Change: href + "/refer",
	}
}

// sharedParts shows parts of a record as they are shared.
func (v *visit) sharedParts(parts []casework.Part) []SharedPart {
	out := make([]SharedPart, 0, len(parts))
	for i := range parts {
		part := SharedPart{Title: v.label(pack.DisclosureParts, parts[i].Code)}
		for j := range parts[i].Shown {
			part.Lines = append(part.Lines, v.sharedLine(&parts[i].Shown[j]))
		}
		out = append(out, part)
	}
	return out
}

func (v *visit) sharedLine(s *casework.Shown) SharedLine {
	if s.Answer != nil {
		return v.sharedAnswer(s)
	}
	line := SharedLine{Label: v.l.Word("shown", s.Field)}
	add := func(text string) {
		if text != "" {
			line.Text = v.joined(line.Text, text)
		}
	}
	add(s.Text.Reveal())
	if s.Code != "" {
		add(v.label(s.List, s.Code))
	}
	if d, ok := locale.ParseDay(s.Date.Reveal()); ok {
		add(v.l.Date(d))
	}
	if s.At != 0 && len(s.Years) == 0 {
		add(v.l.Date(v.day(clock.FromMicros(s.At))))
	}
	if len(s.Years) == 2 {
		add(ageText(v.l, Age{From: s.Years[0], To: s.Years[1], Known: true}))
	}
	return line
}

// sharedAnswer shows an answer of a form under its question.
func (v *visit) sharedAnswer(s *casework.Shown) SharedLine {
	if room := v.s.Cases.Forms(); room != nil {
		if f := room.Library().Form(s.Form, s.Version); f != nil {
			if q := f.Field(s.Field); q != nil {
				return SharedLine{Label: q.Label.In(v.l.Code()), Text: v.answerText(q, *s.Answer, nil)}
			}
		}
	}
	return SharedLine{Label: v.l.T("form.question"), Text: v.foreignAnswer(s)}
}

// referralWords are the events for which something must be written.
var referralWords = []handover.Event{
	handover.AskInfo, handover.Info, handover.Hold, handover.Complete, handover.Fail, handover.HandBack, handover.Dispute,
	handover.Withdraw, handover.Retract,
}

// referralForm takes one step with a thread.
func (s *Server) referralForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			t, err := s.Referrals.Thread(v.r.Context(), v.caller, v.aCase(), v.threadID())
			if err != nil {
				return nil, err
			}
			event := handover.Event(v.r.PathValue("event"))
			if !slices.Contains(t.May, event) && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			page := v.referralPage(t)
			view := ReferralAnswer{
				Frame: page.Frame, Row: page.Row, Form: f, Event: string(event), Words: slices.Contains(referralWords, event),
			}
			switch event {
			case handover.Decline:
				view.List, view.Units = pack.ReferralDeclines, v.otherUnits()
			case handover.Fail, handover.HandBack:
				view.List = pack.ReferralEnds
			case handover.Complete:
				view.Outcomes = v.options(pack.NeedOutcomes)
			case handover.Confirm:
				if view.Outcome = v.label(pack.NeedOutcomes, t.Outcome); !t.Destination.Need.IsZero() && t.Outcome != "" {
					view.Follows = Options(v.l, "needfollows", "yes")
				}
				view.Met = t.Outcome == "met"
			}
			if t.Booking != nil {
				v.bookingAnswer(&view, t, event)
			}
			if view.List != "" {
				view.Reasons = v.options(view.List)
			}
			if view.List == pack.ReferralDeclines { // whom it could endanger is a question between countries
				view.Reasons = slices.DeleteFunc(view.Reasons, func(o Option) bool { return o.Value == pack.DeclineEndanger })
			}
			v.abroadAnswer(&view, t, event)
			return view, nil
		},
		do: (*visit).stepReferral,
	}
}

// stepReferral takes the step that a form is about.
func (v *visit) stepReferral() (next, done string, err error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	suggested, err := v.unitOf("referral_suggested")
	if err != nil {
		return "", "", err
	}
	of, id := v.aCase(), v.threadID()
	a := referral.Answer{
		Event: handover.Event(v.r.PathValue("event")), Text: v.text("referral_text"), Suggested: suggested, Outcome: v.value("need_outcome"),
		Reason: v.value("referral_decline") + v.value("referral_end"), Follow: v.value("need_follows") != "",
	}
	if err := v.bookingSaid(&a); err != nil {
		return "", "", err
	}
	next = "/referral/" + of.String() + "/" + id.String()
	if endsForReceiver(a.Event) {
		next = "/referrals" // it is the receiver's to read no more
	}
	if v.value("then") == "tonight" {
		next = "/services/tonight"
	}
	if slices.Contains(abroadEvents, a.Event) || v.value("between") == "countries" {
		return next, "referral-done", v.doAbroad(cmd, of, id, a)
	}
	return next, "referral-done", v.s.Referrals.Move(v.r.Context(), v.caller, cmd, of, id, a)
}

// endsForReceiver reports whether whoever takes a step cannot read the thread after it.
func endsForReceiver(e handover.Event) bool { return e == handover.Decline || e == handover.Confirm }
