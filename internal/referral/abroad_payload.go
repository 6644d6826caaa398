package referral

import (
	"slices"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/payload"
)

// wireText is words as they leave, with the language in which they were written.
func wireText(t sealed.Text, language string) *payload.Text {
	if t.IsZero() {
		return nil
	}
	return &payload.Text{Text: t.Reveal(), Language: language}
}

// fromText is words that came.
func fromText(t *payload.Text) sealed.Text {
	if t.None() {
		return sealed.Text{}
	}
	return sealed.NewText(t.Text)
}

// wireParts turns copied parts of a record into what leaves. Language is that of free
// text of the record.
func wireParts(parts []casework.Part, language string) []payload.Part {
	out := make([]payload.Part, 0, len(parts))
	for i := range parts {
		part := payload.Part{Code: parts[i].Code}
		for j := range parts[i].Shown {
			part.Items = append(part.Items, wireItem(&parts[i].Shown[j], language))
		}
		out = append(out, part)
	}
	return out
}

func wireItem(s *casework.Shown, language string) payload.Item {
	out := payload.Item{
		Field: s.Field, List: s.List, Code: s.Code, Text: wireText(s.Text, language), Date: s.Date.Reveal(), At: s.At, Years: s.Years,
		Form: s.Form, Edition: s.Version,
	}
	a, ok := s.Flat()
	if !ok {
		return out
	}
	if a.Language != "" {
		language = a.Language
	}
	out.State, out.Text, out.Date, out.Codes = a.State, wireText(a.Text, language), a.Date.Reveal(), a.Codes
	if a.HasNumber {
		out.Number = &a.Number
	}
	return out
}

// shownParts turns what came into parts as they are shown here. What the form of the
// other country asked is shown as an answer where this node has the same form.
func shownParts(parts []payload.Part) []casework.Part {
	out := make([]casework.Part, 0, len(parts))
	for i := range parts {
		part := casework.Part{Code: parts[i].Code}
		for j := range parts[i].Items {
			part.Shown = append(part.Shown, shownItem(&parts[i].Items[j]))
		}
		out = append(out, part)
	}
	return out
}

func shownItem(i *payload.Item) casework.Shown {
	date, _ := sealed.ParseDate(i.Date) // what is no day is not shown as one
	out := casework.Shown{Field: i.Field, List: i.List, Code: i.Code, At: i.At, Years: i.Years, Form: i.Form, Version: i.Edition}
	if i.Form == "" {
		out.Text, out.Date = fromText(i.Text), date
		return out
	}
	a := casework.Flat{State: i.State, Codes: i.Codes, Text: fromText(i.Text), Date: date}
	if i.Text != nil {
		a.Language = i.Text.Language
	}
	if i.Number != nil {
		a.Number, a.HasNumber = *i.Number, true
	}
	out.Unflat(a)
	return out
}

// brought is what a package says of who the child is.
func brought(p *payload.Payload) *casework.Brought {
	b := &casework.Brought{Basis: p.Card.Basis}
	if p.Card.Language != "" {
		b.Languages = []string{p.Card.Language}
	}
	b.Sex = p.Card.Sex
	if p.Package == nil {
		return b
	}
	for _, part := range p.Package.Parts {
		for i := range part.Items {
			take(b, &part.Items[i])
		}
	}
	return b
}

func take(b *casework.Brought, i *payload.Item) {
	day, err := sealed.ParseDate(i.Date)
	switch i.Field {
	case "name":
		if !i.Text.None() {
			b.Names = append(b.Names, casework.BroughtName{Text: fromText(i.Text), Kind: i.Code})
		}
	case "sex":
		b.Sex = i.Code
	case "gender":
		b.Gender = i.Code
	case "nationality":
		b.Nationalities = append(b.Nationalities, i.Code)
	case "language":
		if !slices.Contains(b.Languages, i.Code) {
			b.Languages = append(b.Languages, i.Code)
		}
	case "risk":
		b.Risk = i.Code
	case "born_from":
		if err == nil {
			b.From = day
		}
	case "born_to":
		if err == nil {
			b.To = day
		}
	}
}

// comesFrom reports whether a child comes, or may come, from a country: one of whom no
// nationality is known may come from any.
func comesFrom(country string, nationalities []string) bool {
	known := slices.DeleteFunc(slices.Clone(nationalities), func(n string) bool { return n == "" || n == "unknown" })
	return len(known) == 0 || slices.Contains(known, country)
}

// purposes and bases translate our codes into the labels of the exchange.
var (
	labelPurposes = map[string]cx.Purpose{
		"reintegration": cx.ReturnAndReinteg, "return_risk": cx.ReturnAndReinteg, "placement": cx.BestInterests,
		"home_study": cx.BestInterests, "jurisdiction": cx.BestInterests,
	}
	labelBases = map[string]cx.Basis{
		basisConsent: cx.BasisConsent, "vital_interest": cx.BasisVital, "legal_obligation": cx.BasisLaw, "public_task": cx.BasisLaw,
		"court_order": cx.BasisOrder, "legal_claims": cx.BasisLaw,
	}
	assents = map[string]string{agrees: "yes", "objects": "no", "not_able": "unable"}
)

// keepRule is by which rule the receiver works out how long it keeps what was sent.
const keepRule = "case_closed"

// labels are the conditions under which something is sent.
func labels(a *Abroad, basis, norm, jurisdiction, view string, flags []string, at time.Time) cx.Labels {
	b, ok := labelBases[basis]
	if !ok {
		b = cx.BasisLaw
	}
	l := cx.DefaultLabels(labelPurpose(a.Purpose), b)
	l.BasisRef, l.Jurisdiction, l.RetainRule = strings.Join(strings.Fields(norm), " "), jurisdiction, keepRule
	if b == cx.BasisConsent {
		assent := assents[view]
		if assent == "" {
			assent = "unknown"
		}
		l.Consent = &cx.Consent{By: "child", At: at, Scope: "abroad", Language: "und", Ref: a.Wire.String(), Assent: assent}
	}
	slices.Sort(flags)
	for _, f := range slices.Compact(flags) {
		l.Flags = append(l.Flags, cx.Flag(f))
	}
	return l
}

// Passes returns under which label and as which type of message a purpose is sent; ok is
// false for what is not.
func Passes(about *pack.Abroad) (cx.Purpose, cx.Type, bool) {
	if about.Kind != pack.AbroadReferral && about.Kind != pack.AbroadTransfer {
		return "", "", false
	}
	return labelPurpose(about.Code), offerType(about), true
}

func labelPurpose(code string) cx.Purpose {
	if p, ok := labelPurposes[code]; ok {
		return p
	}
	return cx.Protection
}
