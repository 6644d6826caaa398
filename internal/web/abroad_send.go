package web

import (
	"net/http"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// abroadRoutes are the pages of what goes to other countries and comes from them; a thread
// has the pages of every referral.
func (s *Server) abroadRoutes() {
	s.page("GET /abroad", s.abroadDesk)
	s.page("POST /abroad/missing", s.abroadFound)
	s.form("/child/{case}/abroad", s.outgoingForm())
	s.page("POST /child/{case}/abroad/preview", s.outgoingPreview)
	s.form("/child/{case}/protection", s.protectionForm())
	s.proofRoutes()
}

// outgoing reads what was chosen.
func (v *visit) outgoing() referral.Outgoing {
	return referral.Outgoing{
		To: identity.NodeID(v.value("abroad_office")), Purpose: v.value("abroad_purpose"), Service: v.value("service"),
		Urgency: v.value("referral_urgency"), Language: v.value("language"), Basis: v.value("legal_basis"), Norm: v.text("norm"),
		Reason: v.text("reason"), Written: v.value("written_language"), Parts: v.r.PostForm["disclosure_part"], View: v.value("abroad_view"),
		Words: v.text("child_words"), Care: v.value("care_arrangement"), Safety: slices.Clone(v.r.PostForm["abroad_safety"]),
		Again: v.value("child_again") != "", Seen: v.seen(), Files: v.chosenFiles(),
	}
}

// outgoingFields are what the preview carries on to the button below it.
var outgoingFields = []string{
	"abroad_office", "abroad_purpose", "service", "referral_urgency", "language", "legal_basis", "norm", "reason", "written_language",
	"disclosure_part", "abroad_view", "child_words", "care_arrangement", "abroad_safety",
	"abroad_file",
}

func (s *Server) outgoingForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			list, err := v.listed()
			if err != nil {
				return nil, err
			}
			checks, may, err := s.Referrals.Protections(v.r.Context(), v.caller, v.aCase())
			if err != nil {
				return nil, err
			}
			if !may["referral.send"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return v.outgoingPage(list, checks, may["referral.protect"], f)
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := s.Referrals.SendAbroad(v.r.Context(), v.caller, cmd, v.aCase(), v.outgoing())
			return "/referral/" + v.aCase().String() + "/" + id.String(), "abroad-sent", err
		},
	}
}

func (v *visit) outgoingPage(list *casework.NeedList, checks []referral.Protection, protects bool, f Form) (any, error) {
	offices, err := v.s.Referrals.Offices(v.r.Context())
	if err != nil {
		return nil, err
	}
	child := v.childRow(&list.Case, &list.Person.Details)
	f.Action = child.Href + "/abroad/preview"
	if _, posted := f.Values["abroad_purpose"]; !posted { // what is meant most often, with the least that is sent
		f.Values = map[string][]string{"abroad_purpose": {"referral"}, "written_language": {v.l.Code()}}
		if about, ok := v.s.Pack.Abroad("referral"); ok {
			f.Values["disclosure_part"], f.Values["norm"] = about.Parts, []string{about.Basis}
		}
		if known := list.Person.Details.Languages; len(known) > 0 {
			f.Values["language"] = known[:1]
		}
	}
	view := AbroadSend{
		Frame: v.frame("children"), Child: child, Form: f, Joined: v.s.Referrals.Joined(), Services: v.options(pack.Services),
		Urgencies: v.options(pack.ReferralUrgencies), Languages: v.options(pack.Languages), Bases: v.options(pack.LegalBases),
		Parts: v.options(pack.DisclosureParts, pack.PartCareNotes), Views: v.options(pack.AbroadView), Cares: v.options(pack.CareArrangements),
		Checks: v.abroadChecks(checks),
	}
	for _, n := range offices {
		if !n.Suspended {
			view.Offices = append(view.Offices, Option{Value: string(n.Node), Label: n.Name, Hint: v.label(pack.Nationalities, n.Country)})
		}
	}
	for _, code := range v.s.Pack.AbroadCodes() {
		if a, _ := v.s.Pack.Abroad(code); a.Kind == pack.AbroadReferral || a.Kind == pack.AbroadTransfer {
			view.Purposes = append(view.Purposes, Option{Value: code, Label: v.s.Pack.AbroadLabel(code, v.l.Code()), Hint: a.Basis})
		}
	}
	for _, flag := range cx.Flags() {
		view.Safety = append(view.Safety, Option{Value: string(flag), Label: v.l.Word("abroadsafety", string(flag))})
	}
	if protects {
		view.Protect = child.Href + "/protection"
	}
	view.Files, err = v.fileOptions()
	return view, err
}

func (v *visit) abroadChecks(checks []referral.Protection) (out []AbroadCheck) {
	for i := range checks {
		x := &checks[i]
		out = append(out, AbroadCheck{
			Country: v.label(pack.Nationalities, x.Country), Asylum: v.label(pack.AbroadAsylum, x.Asylum), Office: v.label(pack.AbroadOffice, x.Office),
			View: v.label(pack.AbroadView, x.View), By: v.name(x.Officer), Passes: x.Passes(), At: x.At.In(v.s.Zone),
		})
	}
	return out
}

// outgoingPreview shows exactly what leaves. Nothing is sent yet.
func (s *Server) outgoingPreview(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.caseID()
	if err != nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	href := "/child/" + id.String()
	f := v.outgoing()
	p, err := s.Referrals.PreviewAbroad(v.r.Context(), v.caller, id, f)
	if err != nil {
		return v.back(href+"/abroad", err, s.outgoingForm().show)
	}
	form := v.withSeen(Form{Action: href + "/abroad"}, p.Seen)
	for _, name := range outgoingFields {
		for _, value := range v.r.PostForm[name] {
			form.Hidden = append(form.Hidden, Hidden{name, value})
		}
	}
	view := AbroadPreview{
		Frame: v.frame("children"), Href: href, Form: form, To: v.joined(isolated(p.Partner.Name), v.label(pack.Nationalities, p.Partner.Country)),
		Purpose: s.Pack.AbroadLabel(f.Purpose, v.l.Code()), Card: v.cardLines(p.Payload.Card), Texts: v.abroadTexts(p.Payload),
		Parts: v.sharedParts(p.Show.Parts), Files: v.fileRows(p.Files), Missing: p.Missing, Protect: href + "/protection", Second: p.Second, Change: href + "/abroad",
	}
	if view.Second == "" {
		view.Second = "none"
	}
	if f.Basis == "consent" {
		view.Again = Options(v.l, "abroadagain", "yes")
	}
	return v.write(http.StatusOK, view)
}

// cardLines are the codes of a card, in the reader's language.
func (v *visit) cardLines(c *payload.Card) (out []Line) {
	add := func(label, text string) {
		if text != "" {
			out = append(out, Line{Label: label, Text: text})
		}
	}
	add("abroad_purpose", v.s.Pack.AbroadLabel(c.Purpose, v.l.Code()))
	add("service", v.label(pack.Services, c.Service))
	add("referral_urgency", v.label(pack.ReferralUrgencies, c.Urgency))
	add("age_band", v.label(pack.AgeBands, c.AgeBand))
	add("sex", v.label(pack.SexRecorded, c.Sex))
	add("language", v.label(pack.Languages, c.Language))
	add("legal_basis", v.label(pack.LegalBases, c.Basis))
	add("norm", c.Norm)
	if c.Care != "" {
		add("care_arrangement", v.label(pack.CareArrangements, c.Care))
	}
	return out
}

// abroadTexts are the words of a package.
func (v *visit) abroadTexts(p *payload.Payload) (out []AbroadText) {
	if p == nil || p.Package == nil {
		return nil
	}
	add := func(label string, t *payload.Text) {
		if !t.None() {
			out = append(out, v.abroadText(label, sealed.NewText(t.Text), t.Language))
		}
	}
	add("reason", p.Package.Reason)
	if p.Package.View != nil {
		add("child_words", p.Package.View.Words)
	}
	return out
}

func (v *visit) abroadText(label string, t sealed.Text, language string) AbroadText {
	out := AbroadText{Label: label, Text: t.Reveal(), Lang: language}
	if language != "" {
		out.Tongue = v.label(pack.Languages, language)
	}
	return out
}

// protectionForm records the protection check.
func (s *Server) protectionForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			list, err := v.listed()
			if err != nil {
				return nil, err
			}
			checks, may, err := s.Referrals.Protections(v.r.Context(), v.caller, v.aCase())
			if err != nil {
				return nil, err
			}
			if !may["referral.protect"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			offices, err := s.Referrals.Offices(v.r.Context())
			if err != nil {
				return nil, err
			}
			view := AbroadCheckForm{
				Frame: v.frame("children"), Child: v.childRow(&list.Case, &list.Person.Details), Form: f, Asylum: v.options(pack.AbroadAsylum),
				Offices: v.options(pack.AbroadOffice), Views: v.options(pack.AbroadView), Checks: v.abroadChecks(checks),
			}
			for _, n := range offices {
				o := Option{Value: n.Country, Label: v.label(pack.Nationalities, n.Country)}
				if !slices.Contains(view.Countries, o) && n.Country != "" {
					view.Countries = append(view.Countries, o)
				}
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			x := referral.Protection{
				Country: v.value("abroad_country"), Asylum: v.value("abroad_asylum"), Office: v.value("abroad_office_clear"), View: v.value("abroad_view"),
				ProtectionBody: referral.ProtectionBody{Words: v.text("child_words"), Why: v.text("protection_why")},
			}
			return "/child/" + v.aCase().String() + "/abroad", "abroad-checked", s.Referrals.Protect(v.r.Context(), v.caller, cmd, v.aCase(), x)
		},
	}
}
