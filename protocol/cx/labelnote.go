package cx

import (
	"slices"
	"strings"
	"time"
)

// labelText is labels as they are written beside a payload, with the salt that keeps
// their digest from telling what they say.
type labelText struct {
	Labels
	salt salt
}

func (l *labelText) kind() string { return "causeway/labels/" }

func (l *labelText) fields(c *codec) {
	one(c, "salt", &l.salt, asSalt)
	one(c, "purpose", &l.Purpose, among(Purposes()...))
	one(c, "basis", &l.Basis, among(BasisLaw, BasisTreaty, BasisVital, BasisOrder, BasisConsent))
	maybe(c, "basis_ref", &l.BasisRef, asWord[string](isText))
	l.consent(c)
	one(c, "jurisdiction", &l.Jurisdiction, asWord[string](isToken))
	one(c, "handling", &l.Handling, among(H0, H1, H2, H3))
	one(c, "onward", &l.Onward, among(OnwardNone, OnwardAsk, OnwardList))
	words(c, "onward_nodes", &l.Nodes, isNode)
	one(c, "court", &l.Court, among(CourtYes, CourtAsk, CourtNo))
	words(c, "roles", &l.Roles, isToken)
	maybe(c, "eval", &l.Eval, asWord[string](isToken))
	words(c, "flags", &l.Flags, func(f string) bool { return slices.Contains(Flags(), Flag(f)) })
	l.retention(c)
	one(c, "on_expiry", &l.OnExpiry, among(Erase, Anonymise, Review))
	extras(c, &l.Extra, &l.Crit)
	c.require(l.Check() == nil, "labels")
}

// consent is seven words: by whom, when, scope, language, reference, assent, and
// whether it stands or was withdrawn.
func (l *labelText) consent(c *codec) {
	list := []Consent{}
	if c.writing && l.Consent != nil {
		list = append(list, *l.Consent)
	}
	many(c, "consent", 1, &list, spelling[Consent]{
		func(v Consent) string {
			state := "given"
			if v.Withdrawn {
				state = "withdrawn"
			}
			return strings.Join([]string{v.By, showTime(v.At), v.Scope, v.Language, v.Ref, v.Assent, state}, " ")
		},
		func(text string) (Consent, error) {
			p := wordsOf(text, 7)
			if p[6] != "given" && p[6] != "withdrawn" {
				return Consent{}, BadFormat
			}
			at, err := readTime(p[1])
			v := Consent{By: p[0], At: at, Scope: p[2], Language: p[3], Ref: p[4], Assent: p[5], Withdrawn: p[6] == "withdrawn"}
			if err != nil || !v.valid() {
				return Consent{}, BadFormat
			}
			return v, nil
		},
	})
	if !c.writing && len(list) > 0 {
		l.Consent = &list[0]
	}
}

// retention is a day or a rule.
func (l *labelText) retention(c *codec) {
	until := []time.Time{}
	if c.writing && !l.RetainUntil.IsZero() {
		until = append(until, l.RetainUntil)
	}
	many(c, "retain_until", 1, &until, asTime)
	if !c.writing && len(until) > 0 {
		l.RetainUntil = until[0]
	}
	maybe(c, "retain_rule", &l.RetainRule, asWord[string](isToken))
}
