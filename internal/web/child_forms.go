package web

import (
	"strconv"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// text takes a typed text: trimmed, normalised, sealed; nothing for an empty
// field.
func (v *visit) text(name string) sealed.Text { return textOf(v.value(name)) }

// textOf is a text as it was typed, none for nothing.
func textOf(typed string) sealed.Text {
	s := person.Clean(typed)
	if s == "" {
		return sealed.Text{}
	}
	return sealed.NewText(s)
}

// seen reads the version of the record on the page the form was made from.
func (v *visit) seen() int64 {
	n, err := strconv.ParseInt(v.value("seen_version"), 10, 64)
	if err != nil || n < 1 {
		return -1 // no version matches: the form is refused as old
	}
	return n
}

// withSeen puts the version into a form, unless the form already carries the
// one it was first made from.
func (v *visit) withSeen(f Form, version int64) Form {
	value := strconv.FormatInt(version, 10)
	if f.Fault == "" {
		if before := f.Value("seen_version"); before != "" {
			value = before
		}
	} // after a conflict the page shows the record as it is now
	f.Hidden = append(f.Hidden, Hidden{"seen_version", value})
	return f
}

// when reads the next contact from the choices: none, as the risk asks, in so
// many days, or on a day. Contacts are due at the end of the working day.
func (v *visit) when() (time.Time, error) {
	switch choice := v.value("when"); choice {
	case "", "auto":
		return time.Time{}, nil
	case "date":
		d, ok := locale.ParseDay(locale.PlainDigits(strings.TrimSpace(v.value("next_contact"))))
		if !ok {
			return time.Time{}, fault.InvalidField("next_contact", "bad-date")
		}
		due := time.Date(d.Year, d.Month, d.Dom, dueHour, 0, 0, 0, v.s.Zone)
		if v.today().Until(d) < 0 {
			return time.Time{}, fault.InvalidField("next_contact", "in-the-past")
		}
		return due.UTC(), nil
	default:
		n, err := strconv.Atoi(choice)
		if err != nil || n < 1 || n > 60 {
			return time.Time{}, fault.InvalidField("when", "not-in-list")
		}
		now := v.now()
		return time.Date(now.Year(), now.Month(), now.Day()+n, dueHour, 0, 0, 0, v.s.Zone).UTC(), nil
	}
}

// dueHour is the hour of the day at which a contact on a day is due.
const dueHour = 16

// childForm is a form about the child of the address, for an action: whoever may
// not do it finds no such page.
func (s *Server) childForm(action string, view func(*visit, *casework.Child, Form) any,
	do func(*visit, ident.Case, ident.Command) (done string, err error),
) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.opened()
			if err != nil {
				return nil, err
			}
			if !c.May[action] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return view(v, c, f), nil
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			done, err := do(v, id, cmd)
			return "/child/" + id.String(), done, err
		},
	}
}

func (s *Server) contactForm() formPage {
	return s.childForm("case.contact",
		func(v *visit, c *casework.Child, f Form) any {
			return Contact{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, When: NextContacts(v.l)[1:]}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			next, err := v.when()
			if err != nil {
				return "", err
			}
			if next.IsZero() {
				return "", fault.InvalidField("when", "required")
			}
			return "contact", s.Cases.SetContact(v.r.Context(), v.caller, cmd, id, next, v.text("reason"))
		})
}

// decision reads a decision form.
func (v *visit) decision(field string) casework.Decision {
	return casework.Decision{To: v.value(field), Reasons: v.r.PostForm["risk_reason"], Text: v.text("reason"), Seen: v.seen()}
}

func (s *Server) riskForm() formPage {
	return s.childForm("case.risk",
		func(v *visit, c *casework.Child, f Form) any {
			return Risk{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
				Form: v.withSeen(f, c.Case.Version), Risks: v.options("risk"), Reasons: v.options("risk_reason"),
			}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			return "risk", s.Cases.ChangeRisk(v.r.Context(), v.caller, cmd, id, v.decision("risk"))
		})
}

func (s *Server) stageForm() formPage {
	return s.childForm("case.stage",
		func(v *visit, c *casework.Child, f Form) any {
			view := Stage{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
				Form: v.withSeen(f, c.Case.Version), Path: stones(c.Case.Stage), Missing: c.Case.Stage == casework.StageMissing,
			}
			view.Stages, view.Shut = split(v.gates(c, "stage", c.Ways))
			return view
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			return "stage", s.Cases.ChangeStage(v.r.Context(), v.caller, cmd, id, v.decision("stage"))
		})
}

func (s *Server) assignForm() formPage {
	return s.childForm("case.assign",
		func(v *visit, c *casework.Child, f Form) any {
			return Assign{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
				Form: v.withSeen(f, c.Case.Version), Workers: v.workers(),
			}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			worker, err := ident.Parse[ident.Staff](v.value("worker"))
			if err != nil {
				return "", fault.InvalidField("worker", "required")
			}
			account, ok := v.people.Person(worker)
			if !ok {
				return "", fault.InvalidField("worker", "not-in-list")
			}
			return "assigned", s.Cases.Assign(v.r.Context(), v.caller, cmd, id, worker, account.Unit, v.text("reason"), v.seen())
		})
}

func (s *Server) reopenForm() formPage {
	return s.childForm("case.reopen",
		func(v *visit, c *casework.Child, f Form) any {
			return Reopen{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
				Form: v.withSeen(f, c.Case.Version), Reasons: v.options("reopen_reason"),
			}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			return "reopened", s.Cases.Reopen(v.r.Context(), v.caller, cmd, id, v.decision("reopen_reason"))
		})
}

// registerForm opens a case: eight questions.
func (s *Server) registerForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "case.register") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return v.warned(Register{
				Frame: v.frame("register"), Form: AskToRegister(v.l, f), Sexes: v.options("sex_recorded"), Sure: v.options("certainty"),
				Kinds: v.options("name_kind"), Scripts: v.options("script"), Languages: v.options("language"),
				Regions: v.options("region"), Risks: v.options("risk"), Reasons: v.options("risk_reason"),
				When: NextContacts(v.l), Basis: v.options("legal_basis"),
			})
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			reg, err := v.registration()
			if err != nil {
				return "", "", err
			}
			if err := v.warn(cmd, &reg.Person); err != nil {
				return "", "", err
			}
			id, err := s.Cases.Register(v.r.Context(), v.caller, cmd, reg)
			return "/child/" + id.String(), "registered", err
		},
	}
}

// AskToRegister puts the questions of the registration that are put otherwise
// than on other pages.
func AskToRegister(l *locale.Locale, f Form) Form {
	return f.Ask("name", l.T("register.name")).Ask("language", l.T("register.language")).Ask("region", l.T("register.region"))
}

// registration reads the form. Faults of reading and of the room's own check are
// shown together.
func (v *visit) registration() (casework.Registration, error) {
	var c fault.Check
	reg := casework.Registration{
		Place: v.text("place"), Region: v.value("region"), Risk: v.value("risk"), RiskReasons: v.r.PostForm["risk_reason"],
		RiskText: v.text("risk_text"), Basis: v.value("basis"),
		Person: person.Details{SexRecorded: v.value("sex")},
	}
	if name := v.text("name"); !name.IsZero() {
		kind := v.value("name_kind")
		if kind == "" {
			kind = "known_as"
		}
		reg.Person.Names = []person.Name{{Text: name, Kind: kind, Script: v.value("name_script")}}
	} else {
		c.Reject("name", "required")
	}
	if l := v.value("language"); l != "" {
		reg.Person.Languages = []string{l}
	}
	birth, code := v.birth()
	if code != "" {
		c.Reject("birth", code)
	}
	reg.Person.Birth = birth
	next, err := v.when()
	if err != nil {
		for _, f := range fault.FieldsOf(err) {
			c.Reject(f.Name, f.Code)
		}
	}
	reg.NextContact = next
	c.Require(reg.Risk != "", "risk", "required")
	c.Require(reg.Basis != "", "basis", "required")
	return reg, c.Err()
}

// oldest is the highest age that is taken for an age and not for a slip.
const oldest = 120

// birth reads an age in years, or a date of birth known in part, as an interval.
// Everybody whose interval reaches into childhood is presumed to be a child.
func (v *visit) birth() (person.Birth, string) {
	b := person.Birth{Certainty: v.value("birth_certainty")}
	today := v.now()
	number := func(name string, most int) (int, bool, bool) {
		s := locale.PlainDigits(strings.TrimSpace(v.value(name)))
		if s == "" {
			return 0, false, true
		}
		n, err := strconv.Atoi(s)
		return n, true, err == nil && n >= 0 && n <= most
	}
	year, hasYear, ok1 := number("birth_year", today.Year())
	month, hasMonth, ok2 := number("birth_month", 12)
	day, hasDay, ok3 := number("birth_day", 31)
	age, hasAge, ok4 := number("age", oldest)
	if !ok1 || !ok2 || !ok3 || !ok4 || hasYear && year < 1900 {
		return b, "bad-date"
	}
	var from, to time.Time
	switch {
	case hasYear && hasMonth && hasDay:
		from = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if from.Day() != day || month == 0 || from.After(today) {
			return b, "bad-date"
		}
		to = from
	case hasYear && hasMonth && month > 0:
		from = time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
		to = from.AddDate(0, 1, -1)
	case hasYear:
		from, to = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)
	case hasDay || hasMonth:
		return b, "bad-date"
	case hasAge:
		from, to = today.AddDate(-age-1, 0, 1), today.AddDate(-age, 0, 0)
	default:
		return b, ""
	}
	if b.Source = "unknown"; hasAge && !hasYear {
		b.Source = "child"
	}
	var err1, err2 error
	b.Earliest, err1 = sealed.NewDate(from.Year(), int(from.Month()), from.Day())
	b.Latest, err2 = sealed.NewDate(to.Year(), int(to.Month()), to.Day())
	if err1 != nil || err2 != nil {
		return b, "bad-date"
	}
	b.PresumedChild = v.s.Pack.Clock(pack.ChildAge).After(to).After(today) && from != to
	return b, ""
}
