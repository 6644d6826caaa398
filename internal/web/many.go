package web

import (
	"net/http"
	"net/url"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// manyRoutes are the pages that do one thing with several children.
func (s *Server) manyRoutes() {
	s.form("/children/many", s.manyForm())
	s.page("GET /children/done", s.manyDone)
}

// What can be done with several children at once.
const (
	manyFlag    = "flag"
	manyContact = "contact"
	manyAssign  = "assign"
	manyExport  = "export"
)

// manyWays are the ways a reader is offered, in their order.
func (v *visit) manyWays() []Option {
	ways := []string{manyFlag, manyContact}
	if v.s.Gate.May(v.caller, "team.view") {
		ways = append(ways, manyAssign)
	}
	if v.s.Gate.May(v.caller, "case.export") {
		ways = append(ways, manyExport)
	}
	return Options(v.l, "many", ways...)
}

// pickable lets the rows of a list be ticked.
func pickable(rows []Child, cases []casework.Row) {
	for i := range rows {
		rows[i].Pick = cases[i].Case.ID.String()
	}
}

// casesOf reads cases of an address or a form; what is no case is left out.
func casesOf(values url.Values) []ident.Case {
	var out []ident.Case
	for _, text := range values["case"] {
		if id, err := ident.Parse[ident.Case](text); err == nil && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (s *Server) manyForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "case.list") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			from := v.r.URL.Query()
			if f.Wrong() && f.Values != nil {
				from = f.Values
			}
			ways := v.manyWays()
			what := from.Get("what")
			if !slices.ContainsFunc(ways, func(o Option) bool { return o.Value == what }) {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			rows, entry, err := s.Cases.Chosen(v.r.Context(), v.caller, casesOf(from))
			if err != nil {
				return nil, err
			}
			view := Many{Frame: v.frame("children"), Form: f, What: what, Rows: v.rows(rows), Reasons: v.options("flag_reason"), When: NextContacts(v.l)[1:]}
			if what == manyAssign {
				view.Workers = v.workers()
			}
			for _, r := range rows {
				view.Form.Hidden = append(view.Form.Hidden, Hidden{"case", r.Case.ID.String()})
			}
			view.Form.Hidden = append(view.Form.Hidden, Hidden{"what", what})
			if what == manyExport {
				view.Form.Action = "/children/export"
			}
			view.Stamp = v.stamp(entry)
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			results, err := v.doMany(cmd, casesOf(v.r.PostForm))
			if err != nil {
				return "", "", err
			}
			return "/children/done?" + doneWith(v.value("what"), results), "", nil
		},
	}
}

// doMany does with several children what the form says.
func (v *visit) doMany(cmd ident.Command, ids []ident.Case) ([]casework.Assigned, error) {
	ctx, cases := v.r.Context(), v.s.Cases
	switch v.value("what") {
	case manyFlag:
		f, err := v.flag()
		if err != nil {
			return nil, err
		}
		return cases.FlagMany(ctx, v.caller, cmd, ids, f)
	case manyContact:
		next, err := v.when()
		if err == nil && next.IsZero() {
			err = fault.InvalidField("when", "required")
		}
		if err != nil {
			return nil, err
		}
		return cases.ContactMany(ctx, v.caller, cmd, ids, next, v.text("reason"))
	case manyAssign:
		var unit ident.Unit
		worker, err := ident.Parse[ident.Staff](v.value("worker"))
		if err == nil {
			account, _ := v.people.Person(worker)
			unit = account.Unit
		}
		return cases.AssignMany(ctx, v.caller, cmd, ids, worker, unit, v.text("reason"))
	}
	return nil, fault.New(fault.Invalid, "form-unreadable")
}

// doneWith names what became of each child, for the page that says so: its
// identifier, and the code of why it was not done.
func doneWith(what string, results []casework.Assigned) string {
	q := url.Values{"what": {what}}
	for _, r := range results {
		q.Add("case", r.Case.String())
		code := ""
		if r.Err != nil {
			if code = fault.CodeOf(r.Err); code == "" || fault.Is(r.Err, fault.NotFound) || fault.Is(r.Err, fault.Denied) {
				code = "not-yours"
			}
			if f := fault.FieldsOf(r.Err); len(f) > 0 {
				code = f[0].Code
			}
		}
		q.Add("why", code)
	}
	return q.Encode()
}

// manyDone says of each child whether it was done.
func (s *Server) manyDone(v *visit) error {
	q := v.r.URL.Query()
	ids, why := q["case"], q["why"]
	if len(ids) == 0 || len(ids) != len(why) || len(ids) > casework.MostChosen {
		return fault.New(fault.NotFound, "no-such-page")
	}
	rows, entry, err := s.Cases.Chosen(v.r.Context(), v.caller, casesOf(q))
	if err != nil {
		return err
	}
	view := ManyDone{Frame: v.frame("children"), What: v.l.Word("many", q.Get("what"))}
	shown := v.rows(rows)
	for i, id := range ids {
		one := ManyResult{}
		for n := range rows {
			if rows[n].Case.ID.String() == id {
				one.Child, one.Seen = shown[n], true
			}
		}
		if code := why[i]; code != "" && v.l.Has("error."+code) {
			one.Why = code
		} else if code != "" {
			one.Why = "not-yours"
		} else {
			view.Done++
		}
		view.Rows = append(view.Rows, one)
	}
	view.Stamp = v.stamp(entry)
	return v.write(http.StatusOK, view)
}
