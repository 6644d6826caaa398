package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
)

// arrivalRoutes are the pages of a group intake: a short form that gives every child
// a case and a number at once, and a table that is filled in as things become known.
func (s *Server) arrivalRoutes() {
	s.form("/intake/group", s.intakeForm())
	table := s.arrivalsForm()
	s.form("/intake/group/{tie}", table)
	s.page("POST /intake/group/{tie}/workers", func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		at := strings.TrimSuffix(v.r.URL.Path, "/workers")
		if err := s.allocate(v); err != nil {
			return v.back(at, err, table.show)
		}
		return v.redirect(at, "allocated")
	})
}

// intakeForm takes a group of children in.
func (s *Server) intakeForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "case.register") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if f.Values == nil {
				f.Values = url.Values{"intake_on": {v.today().ISO()}}
			}
			return IntakeStart{
				Frame: v.frame("register"), Form: f.Ask("region", v.l.T("register.region")).Ask("risk", v.l.T("arrivals.risk")),
				Regions: v.options("region"), Risks: v.options("risk"), Basis: v.options("legal_basis"),
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			var c fault.Check
			count, err := strconv.Atoi(locale.PlainDigits(strings.TrimSpace(v.value("intake_count"))))
			c.Require(err == nil && count >= 1 && count <= casework.ArrivalsMost, "intake_count", "out-of-range")
			on, code := v.contactDay("intake_on")
			c.Require(code == "", "intake_on", code)
			if err := c.Err(); err != nil {
				return "", "", err
			}
			tie, err := s.Cases.Intake(v.r.Context(), v.caller, cmd, casework.GroupIntake{
				Label: v.text("intake_label"), Count: count, Place: v.text("intake_place"), On: on, Hour: v.text("intake_hour"),
				FoundBy: v.text("intake_found_by"), Region: v.value("region"), Risk: v.value("risk"), Basis: v.value("basis"),
			})
			return "/intake/group/" + tie.String(), "arrived", err
		},
	}
}

// tie reads the group intake of the address.
func (v *visit) tie() (ident.Tie, error) { return ident.Parse[ident.Tie](v.r.PathValue("tie")) }

// arrivalsForm is the table of a group intake.
func (s *Server) arrivalsForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			tie, err := v.tie()
			if err != nil {
				return nil, err
			}
			page, err := s.Cases.IntakePage(v.r.Context(), v.caller, tie)
			if err != nil {
				return nil, err
			}
			return v.arrivals(page, f), nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			tie, err := v.tie()
			if err != nil {
				return "", "", err
			}
			rows, err := v.arrivalRows()
			if err != nil {
				return "", "", err
			}
			_, err = s.Cases.SaveArrivals(v.r.Context(), v.caller, cmd, tie, rows)
			return "/intake/group/" + tie.String(), "family", err
		},
	}
}

// arrivals builds the table.
func (v *visit) arrivals(page *casework.IntakePage, f Form) Arrivals {
	first := &page.Children[0].Arrival
	view := Arrivals{
		Frame: v.frame("register"), Place: first.Place.Reveal(), Hour: first.Hour.Reveal(), FoundBy: first.FoundBy.Reveal(),
		Sexes: v.options("sex_recorded"), Languages: v.options("language"),
	}
	view.On, _ = locale.ParseDay(first.On.Reveal())
	for _, mark := range casework.FamilyMarks() {
		view.Families = append(view.Families, Option{Value: mark, Label: mark})
	}
	values, done := url.Values{}, map[string]int{}
	for i := range page.Children {
		a := &page.Children[i]
		line := v.arrivalLine(a)
		set := func(name, value string, counts bool) {
			if value != "" {
				values.Set(fmt.Sprintf("%s_%d", name, line.N), value)
			}
			if counts && value != "" {
				done[name]++
			}
		}
		d := &a.Person.Details
		if a.Named() {
			set("child_name", d.Called().Reveal(), true)
		}
		if age := line.Child.Age; age.Known && age.From == age.To {
			set("age", strconv.Itoa(age.From), true)
		}
		set("sex", d.SexRecorded, true)
		if len(d.Languages) > 0 {
			set("language", d.Languages[0], true)
		}
		set("urgent", line.Urgent, false)
		set("bed", line.Bed, true)
		set("transport", a.Arrival.Transport.Reveal(), true)
		set("family", a.Arrival.Family, false)
		if string(a.Arrival.By) != string(a.Case.Worker[:]) {
			done["worker"]++
		}
		for _, name := range arrivalFields {
			line.Open = line.Open || f.Error(fmt.Sprintf("%s_%d", name, line.N)) != ""
		}
		view.Rows = append(view.Rows, line)
	}
	if f.Value(fmt.Sprintf("case_%d", view.Rows[0].N)) == "" { // nothing of the table was typed: it shows what is known
		for name, list := range f.Values {
			values[name] = list
		}
		f.Values = values
	}
	f.Action = strings.TrimSuffix(v.r.URL.Path, "/workers")
	view.Form = f
	for _, key := range []string{"child_name", "age", "sex", "language", "bed", "transport", "worker"} {
		view.Progress = append(view.Progress, Progress{key, done[key], len(page.Children)})
	}
	if v.supervises() { // whoever assigns; the gate decides
		view.Workers = v.workers()
	}
	view.Stamp = v.stamp(page.Entry)
	return view
}

// arrivalFields are the fields of one child.
var arrivalFields = []string{"child_name", "age", "sex", "language", "urgent", "bed", "transport", "family"}

// arrivalLine shows one child. Its number in the form is that of its label, whoever
// else is on the page.
func (v *visit) arrivalLine(a *casework.Arrived) ArrivalLine {
	return ArrivalLine{
		N: int(a.Arrival.Order) - 1, Child: v.childRow(&a.Case, &a.Person.Details), Label: a.Arrival.Label.Reveal(), Named: a.Named(), Urgent: a.Arrival.Urgent.Reveal(),
		Bed: a.Arrival.Bed.Reveal(), Case: a.Case.ID.String(), Seen: strconv.FormatInt(a.Person.Version, 10),
	}
}

// arrivalRows reads the table. What is set for all without one goes to each row that
// has none.
func (v *visit) arrivalRows() ([]casework.ArrivalRow, error) {
	var out []casework.ArrivalRow
	for i := range casework.ArrivalsMost {
		at := func(name string) string { return fmt.Sprintf("%s_%d", name, i) }
		if v.value(at("case")) == "" {
			continue
		}
		id, err := ident.Parse[ident.Case](v.value(at("case")))
		if err != nil {
			return nil, err
		}
		seen, err := strconv.ParseInt(v.value(at("seen")), 10, 64)
		if err != nil {
			seen = -1
		}
		row := casework.ArrivalRow{
			At: i, Case: id, Seen: seen, Name: v.text(at("child_name")), Age: locale.PlainDigits(strings.TrimSpace(v.value(at("age")))),
			Sex: v.value(at("sex")), Language: v.value(at("language")), Urgent: v.text(at("urgent")),
			Bed: v.text(at("bed")), Transport: v.text(at("transport")), Family: v.value(at("family")),
		}
		if row.Bed.IsZero() {
			row.Bed = v.text("bed_all")
		}
		if row.Transport.IsZero() {
			row.Transport = v.text("transport_all")
		}
		if row.Language == "" {
			row.Language = v.value("language_all")
		}
		out = append(out, row)
	}
	return out, nil
}

// allocate gives the children to workers.
func (s *Server) allocate(v *visit) error {
	cmd, err := v.command()
	if err != nil {
		return err
	}
	tie, err := v.tie()
	if err != nil {
		return err
	}
	var to []casework.AllocateTo
	for _, text := range v.r.PostForm["workers"] {
		worker, err := ident.Parse[ident.Staff](text)
		if err != nil {
			return fault.InvalidField("workers", "not-in-list")
		}
		account, ok := v.people.Person(worker)
		if !ok || !canLead(&account) {
			return fault.InvalidField("workers", "not-in-list")
		}
		to = append(to, casework.AllocateTo{Worker: worker, Unit: account.Unit})
	}
	_, err = s.Cases.Allocate(v.r.Context(), v.caller, cmd, tie, to)
	return err
}
