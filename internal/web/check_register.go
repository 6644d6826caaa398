package web

import (
	"net/url"
	"strings"
	"unicode"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/pack"
)

// registering opens the check of the address for whoever may register its child.
func (v *visit) registering() (*casework.CheckPage, string, error) {
	c, err := v.checked()
	if err != nil {
		return nil, "", err
	}
	if !c.May["check.register"] || !c.Check.RegisteredAt.IsZero() {
		return nil, "", fault.New(fault.NotFound, "no-such-page")
	}
	return c, "/check/" + c.Check.Case.String() + "/register", nil
}

// checkFindForm is the first step of registering the child of a check: is the
// child known here already? What the child is called comes from the result's page.
func (s *Server) checkFindForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			_, at, err := v.registering()
			if err != nil {
				return nil, err
			}
			view := Find{Frame: v.frame("check"), Form: f.Ask("query", v.l.T("check.called")), On: at + "/form"}
			view.Form.Action = at
			token := v.r.URL.Query().Get("q")
			q := s.seals.openText(token)
			if q == "" || f.Wrong() {
				return view, nil
			}
			rows, err := s.find(v.r.Context(), v, q)
			view.Form.Values = url.Values{"query": {q}}
			view.Tried, view.Rows, view.On = true, rows, view.On+"?q="+url.QueryEscape(token)
			return view, err
		},
		do: func(v *visit) (string, string, error) {
			q := strings.TrimSpace(v.value("query"))
			switch {
			case q == "":
				return "", "", fault.InvalidField("query", "required")
			case len(q) > 400:
				return "", "", fault.InvalidField("query", "too-long")
			}
			return v.r.URL.Path + "?q=" + s.seals.text(q), "", nil
		},
	}
}

// checkRegisterForm registers the child of a check: what the check knows is
// filled in, the rest is asked as for any child.
func (s *Server) checkRegisterForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, _, err := v.registering()
			if err != nil {
				return nil, err
			}
			if f.Values == nil {
				f.Values = url.Values{
					"name": {nameOf(s.seals.openText(v.r.URL.Query().Get("q")))}, "risk": {c.Risk}, "language": {c.Language},
					"region": {known(c.Region)}, "when": {"auto"},
				}
			}
			if band := known(c.Said.Age); band != "" {
				f = f.Ask("age", v.l.T("check.age.keep", "age", v.label(pack.AgeBands, band)))
				f.Hidden = append(f.Hidden, Hidden{"age_about", band})
			}
			return v.warned(Register{
				Frame: v.frame("check"), Form: AskToRegister(v.l, v.withSeen(f, c.Version)), Sexes: v.options("sex_recorded"),
				Sure: v.options("certainty"), Kinds: v.options("name_kind"), Scripts: v.options("script"),
				Languages: v.options("language"), Regions: v.options("region"), Risks: v.options("risk"),
				Reasons: v.options("risk_reason"), When: NextContacts(v.l), Basis: v.options("legal_basis"),
			})
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			reg, err := v.registration()
			if err != nil {
				return "", "", err
			}
			if b := &reg.Person.Birth; b.Earliest.IsZero() && b.Latest.IsZero() {
				// Nobody said more about the age than the check: its band stays, and no
				// single year is made of it.
				*b = casework.BornIn(v.value("age_about"), s.Clock.Now())
			}
			if err := v.warn(cmd, &reg.Person); err != nil {
				return "", "", err
			}
			err = s.Cases.RegisterCheck(v.r.Context(), v.caller, cmd, id, v.seen(), reg)
			return "/child/" + id.String(), "registered", err
		},
	}
}

// nameOf returns what was looked for if it can be a name: a number cannot.
func nameOf(q string) string {
	if strings.ContainsFunc(q, unicode.IsDigit) {
		return ""
	}
	return q
}

// known returns a code, "" where it says that nothing is known.
func known(code string) string {
	if code == "unknown" {
		return ""
	}
	return code
}
