package web

import (
	"encoding/hex"
	"net/url"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/sealed"
)

// CircleWishes returns what a child may say of somebody in the circle.
func CircleWishes(l *locale.Locale) []Option { return Options(l, "wish", referral.Wishes()...) }

// CircleConflicts returns the answers to whether anything stands against somebody.
func CircleConflicts(l *locale.Locale) []Option {
	return Options(l, "conflict", referral.Conflicts()...)
}

// Refusals returns why a request is refused.
func Refusals(l *locale.Locale) []Option { return Options(l, "refusal", referral.Reasons()...) }

// ChildTold returns the answers to whether the child knows of a disclosure.
func ChildTold(l *locale.Locale) []Option { return Options(l, "childtold", "yes", "later") }

// previewed is the hidden field that says what was previewed.
const previewed = "previewed"

// discloseForm discloses parts of a case. Nothing is given that was not seen before, as
// it will be seen: the first button shows it, the second gives it.
func (s *Server) discloseForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.circleOf()
			if err != nil {
				return nil, err
			}
			if !c.May["circle.disclose"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if err := v.fresh(); err != nil {
				return nil, err
			}
			if f.Values == nil {
				f.Values = url.Values{"request": {v.r.URL.Query().Get("request")}}
			}
			view := Disclose{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Purposes: v.options(pack.ConsentPurposes),
				Bases: v.options(pack.LegalBases), Parts: v.options(pack.DisclosureParts), Told: ChildTold(v.l), People: v.mayBeTold(),
			}
			if id, err := ident.Parse[referral.RequestID](f.Value("request")); err == nil {
				if q := c.Request(id); q != nil {
					asked := v.circleRequest(c, q, view.Child.Href)
					asked.Steps, view.Asked = nil, &asked
					f = answering(f, q)
				}
			}
			if view.Form, err = v.withPreview(f, &view, c.Case.ID); err != nil {
				return nil, err
			}
			view.Stamp = v.stamp(c.Entry)
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, cmd, err := v.caseAndCommand()
			if err != nil {
				return "", "", err
			}
			n, err := v.disclosure(v.r.PostForm)
			if err != nil {
				return "", "", err
			}
			if v.value("step") != "disclose" {
				if _, err := s.Circle.Preview(v.r.Context(), v.caller, id, n); err != nil {
					return "", "", err
				}
				return "", "", fault.New(fault.Invalid, "") // shown again with the preview
			}
			if v.value(previewed) == fingerprint(v.r.PostForm) {
				n.Seen = v.seen()
			}
			_, err = s.Circle.Disclose(v.r.Context(), v.caller, cmd, id, n)
			return "/child/" + id.String() + "/circle", "disclosed", err
		},
	}
}

// answering fills in what a request says, where nothing was typed yet.
func answering(f Form, q *referral.Request) Form {
	if f.Value("share_to") == "" {
		f.Values["share_to"], f.Values["share_purpose"] = []string{q.Asker.String()}, []string{q.Purpose}
	}
	f.Hidden = append(f.Hidden, Hidden{"request", q.ID.String()})
	return f
}

// fingerprint names what a preview was of: to whom, for what, and which parts.
func fingerprint(values url.Values) string {
	return strings.Join([]string{values.Get("share_to"), values.Get("share_purpose"), strings.Join(values["disclosure_part"], ",")}, "|")
}

// withPreview composes what the form as it was typed would show, if it can be.
func (v *visit) withPreview(f Form, view *Disclose, of ident.Case) (Form, error) {
	if f.Value("share_to") == "" || len(f.Values["disclosure_part"]) == 0 || len(f.Errors) > 0 {
		return f, nil
	}
	n, err := v.disclosure(f.Values)
	if err != nil {
		return f, nil // what is wrong with it stands in the form already
	}
	seen, err := v.s.Circle.Preview(v.r.Context(), v.caller, of, n)
	if fault.Is(err, fault.Invalid) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	view.Preview, view.To = v.sharedParts(seen.Package.Parts), v.toldTo(n.To, n.Unit)
	delete(f.Values, "seen_version") // the preview is of now
	f.Hidden = append(f.Hidden, Hidden{previewed, fingerprint(f.Values)})
	return v.withSeen(f, seen.Seen), nil
}

// disclosure reads the form.
func (v *visit) disclosure(values url.Values) (referral.NewDisclosure, error) {
	text := func(name string) sealed.Text { return textOf(values.Get(name)) }
	n := referral.NewDisclosure{
		Purpose: values.Get("share_purpose"), Basis: values.Get("share_basis"), Norm: text("share_norm"),
		Parts: values["disclosure_part"], Ask: text("share_ask"), Untold: text("untold"),
	}
	var c fault.Check
	to, isUnit := strings.CutPrefix(values.Get("share_to"), "unit-")
	id, err := ident.Parse[[16]byte](to)
	c.Require(err == nil || to == "", "share_to", "not-in-list")
	n.To, n.Unit = id, isUnit
	switch values.Get("child_told") {
	case "yes":
		n.Told = true
	case "later":
		if typed := values.Get("tell_by"); typed != "" {
			day, code := v.dueDayOf(typed)
			c.Require(code == "", "tell_by", code)
			n.TellBy = day
		}
	default:
		c.Reject("child_told", "required")
	}
	if request := values.Get("request"); request != "" {
		if n.Request, err = ident.Parse[referral.RequestID](request); err != nil {
			return n, fault.New(fault.Invalid, "form-unreadable")
		}
	}
	return n, c.Err()
}

// mayBeTold offers the people and units to whom something may be disclosed.
func (v *visit) mayBeTold() []Option {
	var units []Option
	for _, u := range v.people.Units() {
		if u.ID != v.caller.Unit() {
			units = append(units, Option{Value: "unit-" + u.ID.String(), Label: u.Name})
		}
	}
	return append(v.outsiders(), byLabel(units)...)
}

// letterOf builds a disclosure that was opened.
func (v *visit) letterOf(d *referral.Disclosure, number ident.CaseNumber) Letter {
	return Letter{
		Number: d.Number, CaseNumber: number.String(), At: d.At.In(v.s.Zone), By: v.name(d.Author), To: v.toldTo(d.To, d.Unit),
		Purpose: v.label(pack.ConsentPurposes, d.Purpose), Basis: v.label(pack.LegalBases, d.Basis), Norm: d.Norm.Reveal(),
		Ask: d.Ask.Reveal(), Told: !d.Untold(), TellBy: v.day(d.TellBy), Parts: v.sharedParts(d.Package.Parts),
		Digest: hex.EncodeToString(d.Digest), State: givenState(d, false),
	}
}
