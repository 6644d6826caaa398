package web

import (
	"context"
	"net/http"
	"strings"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// caseID reads the case of the address.
func (v *visit) caseID() (ident.Case, error) { return ident.Parse[ident.Case](v.r.PathValue("case")) }

// opened opens the case of the address: every page about a child does, and the
// journal says so.
func (v *visit) opened() (*casework.Child, error) {
	id, err := v.caseID()
	if err != nil {
		// A forged address takes the way of an unknown one.
		id = ident.New[ident.Case]()
	}
	return v.s.Cases.Open(v.r.Context(), v.caller, id)
}

// homes are where roles begin that have no children to look after: with those they help,
// or at a desk that says what each of their places is for.
var homes = map[string]string{
	access.RoleGuardian: "/helped", access.RoleLawyer: "/helped", access.RoleInterpreter: "/helped",
	access.RoleInvestigator: "/helped", access.RoleProsecutor: "/helped", access.RoleJudge: "/helped",
	access.RoleProvider: deskPath, access.RoleFocalPoint: deskPath, access.RoleOmbudsperson: deskPath,
}

// home is where somebody who has no children to look after begins.
func (v *visit) home() string {
	if at := homes[v.caller.Role()]; at != "" && !v.givesServices() {
		return at
	}
	for _, n := range v.frame("").Nav {
		if n.Href != "/" {
			return n.Href
		}
	}
	return "/account"
}

func partOfDay(hour int) string {
	switch {
	case hour < 12:
		return "morning"
	case hour < 18:
		return "day"
	}
	return "evening"
}

// menu lists what the phone's tabs do not hold.
func (s *Server) menu(v *visit) error {
	return v.write(http.StatusOK, Menu{Frame: v.frame("menu"), Form: Form{Action: "/signout"}})
}

// child is the page of one child.
func (s *Server) child(v *visit) error {
	if on := dayOf(v.r.URL.Query(), "on"); !on.IsZero() && v.today().Until(on) < 0 {
		return s.past(v, on)
	}
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := v.childPage(c)
	view.shorten(c.Events)
	return v.write(http.StatusOK, view)
}

// print is the page of one child for paper: an entry of its own in the journal,
// each time.
func (s *Server) print(v *visit) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]()
	}
	c, err := s.Cases.Print(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	c.Paper()
	return v.write(http.StatusOK, v.onPaper(c))
}

// onPaper is the page of a child for paper.
func (v *visit) onPaper(c *casework.Child) ChildPage {
	view := v.childPage(c)
	view.Can, view.Menu, view.Unsafe, view.Uses, view.Life = Can{}, nil, nil, nil, view.Life.paper() // paper has no buttons, and the child may read it
	for i := range view.Events {
		view.Events[i].Correct = ""
	}
	for i := range view.Flags {
		view.Flags[i].End = ""
	}
	return view
}

// looked tells who looked at a child's record.
func (s *Server) looked(v *visit) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]()
	}
	before := s.seals.number(v.r.URL.Query().Get("before"))
	page, err := s.Cases.WhoLooked(v.r.Context(), v.caller, id, before)
	if err != nil {
		return err
	}
	view := Looked{Frame: v.frame("children"), Child: Child{
		Href: "/child/" + id.String(), Name: page.Case.Number.String(),
		Risk: page.Case.Risk, Stage: page.Case.Stage, Closed: page.Case.Closed(),
	}}
	if s.Gate.May(v.caller, "journal.view") {
		view.Child.Href = "/journal"
	}
	for _, l := range page.Lines {
		view.Rows = append(view.Rows, v.look(l))
	}
	if page.Next > 0 {
		view.Next = v.r.URL.Path + "?before=" + s.seals.ofNumber(page.Next)
	}
	if before > 0 {
		view.Prev = v.r.URL.Path
	}
	view.Why = whyLink("/child/" + id.String())
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// ask keeps what is searched for out of the address: it travels sealed.
func (s *Server) ask(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	q := strings.TrimSpace(v.value("query"))
	if q == "" {
		return v.redirect("/search", "")
	}
	if len(q) > 400 {
		return v.again(fault.InvalidField("query", "too-long"), func(v *visit, f Form) (any, error) {
			f.Action = "/search"
			return Search{Frame: v.frame(""), Form: f, Add: s.Gate.May(v.caller, "case.register")}, nil
		})
	}
	return v.redirect("/search?q="+s.seals.text(q), "")
}

// search shows what was found.
func (s *Server) search(v *visit) error {
	view := Search{Frame: v.frame(""), Form: Form{Action: "/search"}, Add: s.Gate.May(v.caller, "case.register")}
	q := s.seals.openText(v.r.URL.Query().Get("q"))
	if q == "" {
		if !s.Gate.May(v.caller, "case.search") {
			return fault.New(fault.NotFound, "no-such-page")
		}
		return v.write(http.StatusOK, view)
	}
	view.Form.Values = map[string][]string{"query": {q}}
	rows, entry, err := s.Cases.Search(v.r.Context(), v.caller, sealed.NewText(q))
	if err != nil {
		if fields := fault.FieldsOf(err); len(fields) > 0 {
			view.Form.Errors = []FieldError{{"query", fields[0].Code}}
			return v.write(http.StatusUnprocessableEntity, view)
		}
		return err
	}
	view.Tried, view.Rows = true, v.found(rows)
	view.Stamp = v.stamp(entry)
	return v.write(http.StatusOK, view)
}

// findForm is the first step of registering: is the child known here already?
func (s *Server) findForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "case.register") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			view := Find{Frame: v.frame("register"), Form: f, On: "/children/new/form"}
			q := s.seals.openText(v.r.URL.Query().Get("q"))
			if q == "" || f.Wrong() {
				return view, nil
			}
			rows, err := s.find(v.r.Context(), v, q)
			view.Form.Values = map[string][]string{"query": {q}}
			view.Tried, view.Rows = true, rows
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
			return "/children/new?q=" + s.seals.text(q), "", nil
		},
	}
}

func (s *Server) find(ctx context.Context, v *visit, q string) ([]Child, error) {
	rows, _, err := s.Cases.Search(ctx, v.caller, sealed.NewText(q))
	if fault.Is(err, fault.Invalid) {
		return nil, nil
	}
	return v.found(rows), err
}
