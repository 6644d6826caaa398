package web

import (
	"net/http"
	"slices"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/staff"
)

// circleRoutes are the pages of who helps a child and who was told what.
func (s *Server) circleRoutes() {
	s.page("GET /child/{case}/circle", s.circle)
	s.form("/child/{case}/circle/invite", s.circleInviteForm())
	s.page("GET /child/{case}/circle/group", s.circleGroup)
	s.page("POST /child/{case}/circle/group", s.inviteGroup)
	s.form("/child/{case}/circle/{about}/{step}", s.circleActForm())
	s.form("/child/{case}/disclose", s.discloseForm())
	s.page("GET /child/{case}/disclosures/{disclosure}", s.given)

	s.page("GET /helped", s.helped)
	s.form("/helped/ask", s.askForm())
	s.page("GET /helped/{case}", s.helpedChild)
	s.form("/helped/{case}/report", s.reportBackForm())
	s.page("GET /helped/{case}/{disclosure}", s.letter)
	s.page("GET /helped/{case}/{disclosure}/print", s.letter)
}

// The steps with a member, a disclosure or a request, as they stand in addresses.
const (
	stepWish   = "wish"
	stepLeave  = "leave"
	stepRecall = "recall"
	stepTold   = "told"
	stepLater  = "later"
	stepRefuse = "refuse"
	stepAnswer = "answer"
)

// circleOf reads the circle of the case of the address.
func (v *visit) circleOf() (*referral.Page, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return v.s.Circle.Page(v.r.Context(), v.caller, id)
}

func (s *Server) circle(v *visit) error {
	c, err := v.circleOf()
	if err != nil {
		return err
	}
	view := CirclePage{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details)}
	at := view.Child.Href
	if c.May["circle.keep"] {
		view.Invite = at + "/circle/invite"
		if len(v.groupOptions()) > 0 {
			view.Group = at + "/circle/group"
		}
	}
	if c.May["circle.disclose"] {
		view.Disclose = at + "/disclose"
	}
	for i := range c.Members {
		m := &c.Members[i]
		row := v.circleMember(c, m)
		if !m.Open() {
			view.Left = append(view.Left, row)
			continue
		}
		if c.May["circle.keep"] {
			row.Steps = steps(at+"/circle/"+m.ID.String(), stepWish, stepLeave)
		}
		view.Members = append(view.Members, row)
	}
	for i := range c.Requests {
		view.Requests = append(view.Requests, v.circleRequest(c, &c.Requests[i], at))
	}
	for i := range c.Disclosures {
		view.Given = append(view.Given, v.givenRow(&c.Disclosures[i], at+"/disclosures/", false))
	}
	tell := c.ToTell()
	for i := range tell {
		view.ToTell = append(view.ToTell, v.givenRow(&tell[i], at+"/disclosures/", false))
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

func steps(at string, names ...string) []CircleStep {
	out := make([]CircleStep, len(names))
	for i, n := range names {
		out[i] = CircleStep{n, at + "/" + n}
	}
	return out
}

// circleMember builds one person of the circle. What the child said last of them stands
// in the events.
func (v *visit) circleMember(c *referral.Page, m *referral.Member) CircleMember {
	row := CircleMember{
		Name: v.name(m.Staff), Role: v.label(pack.CircleRoles, m.Role), Does: m.Does.Reveal(), Since: v.day(m.Since),
		Until: v.day(m.Until), Wanted: m.Wanted, Conflict: m.Against.Reveal(), Words: m.Words.Reveal(),
	}
	for i := range c.Events {
		if e := &c.Events[i]; e.Kind == casework.KindCircleWish && string(e.Who) == string(m.Staff[:]) && !e.At.Before(m.Since) {
			row.Words = e.Words.Reveal()
			break
		}
	}
	return row
}

func (v *visit) circleRequest(c *referral.Page, q *referral.Request, at string) CircleRequest {
	out := CircleRequest{
		By: v.name(q.Asker), Purpose: v.label(pack.ConsentPurposes, q.Purpose), Law: q.Law.Reveal(), Want: q.Want.Reveal(),
		File: q.File.Reveal(), At: q.At.In(v.s.Zone), State: q.State, Reason: q.Reason,
	}
	if q.Waits() && c.May["circle.disclose"] {
		out.Steps = append(out.Steps, CircleStep{stepAnswer, at + "/disclose?request=" + q.ID.String()})
	}
	if q.Waits() && c.May["circle.decide"] {
		out.Steps = append(out.Steps, steps(at+"/circle/"+q.ID.String(), stepRefuse)...)
	}
	return out
}

// toldTo names whom something was disclosed to.
func (v *visit) toldTo(to [16]byte, unit bool) string {
	if unit {
		return v.unitName(ident.Unit(to))
	}
	return v.name(ident.Staff(to))
}

// givenRow builds one disclosure of a list; closed: it cannot be read any more.
func (v *visit) givenRow(d *referral.Disclosure, at string, closed bool) GivenRow {
	row := GivenRow{
		Href: at + d.ID.String(), To: v.toldTo(d.To, d.Unit), Purpose: v.label(pack.ConsentPurposes, d.Purpose),
		Basis: v.label(pack.LegalBases, d.Basis), Number: d.Number, At: v.day(d.At), State: givenState(d, closed),
	}
	for _, p := range d.Package.Parts {
		row.Parts = append(row.Parts, v.label(pack.DisclosureParts, p.Code))
	}
	if d.Untold() {
		row.TellBy = DueOn(v.day(d.TellBy), v.today())
	}
	return row
}

// givenState is where a disclosure stands, words "givenstate.<…>".
func givenState(d *referral.Disclosure, closed bool) string {
	switch {
	case !d.Ended.IsZero():
		return "ended"
	case closed:
		return "withdrawn"
	}
	return "open"
}

// given is one disclosure as the team sees it.
func (s *Server) given(v *visit) error {
	c, err := v.circleOf()
	if err != nil {
		return err
	}
	id, err := ident.Parse[referral.DisclosureID](v.r.PathValue("disclosure"))
	if err != nil {
		return err
	}
	d := c.Given(id)
	if d == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	view := GivenPage{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Letter: v.letterOf(d, c.Case.Number)}
	view.Letter.Untold = d.Body.Untold.Reveal()
	at := view.Child.Href + "/circle/" + d.ID.String()
	if d.Untold() && c.May["circle.told"] {
		view.Steps = append(view.Steps, steps(at, stepTold, stepLater)...)
	}
	if d.Ended.IsZero() && c.May["circle.recall"] {
		view.Steps = append(view.Steps, steps(at, stepRecall)...)
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

func (s *Server) circleInviteForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.circleOf()
			if err != nil {
				return nil, err
			}
			if !c.May["circle.keep"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return CircleInvite{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, People: v.outsiders(),
				Roles: v.options(pack.CircleRoles), Wishes: CircleWishes(v.l), Conflict: CircleConflicts(v.l),
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			id, cmd, err := v.caseAndCommand()
			if err != nil {
				return "", "", err
			}
			who, err := ident.Parse[ident.Staff](v.value("circle_member"))
			if err != nil && v.value("circle_member") != "" {
				return "", "", fault.InvalidField("circle_member", "not-in-list")
			}
			return "/child/" + id.String() + "/circle", "circle-invited", s.Circle.Invite(v.r.Context(), v.caller, cmd, id, referral.NewMember{
				Staff: who, Role: v.value("circle_role"), Conflict: v.value("circle_conflict"), Wanted: v.value("circle_wanted"),
				MemberNote: referral.MemberNote{Does: v.text("circle_does"), Against: v.text("circle_against"), Words: v.text("circle_words")},
			})
		},
	}
}

// caseAndCommand reads what every form about a case carries.
func (v *visit) caseAndCommand() (id ident.Case, cmd ident.Command, err error) {
	if id, err = v.caseID(); err != nil {
		return id, cmd, err
	}
	cmd, err = v.command()
	return id, cmd, err
}

// outsiders offers the people who may be in a circle or be told something.
func (v *visit) outsiders() []Option {
	var out []Option
	people := v.people.People()
	for i := range people {
		a := &people[i]
		if a.State != staff.Active || a.ID == v.session.Staff || isNeverTold(a.Role) {
			continue
		}
		out = append(out, Option{Value: a.ID.String(), Label: a.Name.Reveal() + " · " + v.l.Word("role", string(a.Role))})
	}
	return byLabel(out)
}

// neverTold are the roles that see nothing of any child.
var neverTold = []string{access.RoleNodeOperator, access.RoleAuditor, access.RoleCoordinator, access.RoleRapporteur, access.RoleOmbudsperson}

// isNeverTold reports whether a role sees nothing of any child.
func isNeverTold(role staff.Role) bool { return slices.Contains(neverTold, string(role)) }

// circleActForm takes one step with a member, a disclosure or a request.
func (s *Server) circleActForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.circleOf()
			if err != nil {
				return nil, err
			}
			view := CircleAct{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, Step: v.r.PathValue("step"),
			}
			view.Back = view.Child.Href + "/circle"
			if !v.circleAct(c, &view) {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, cmd, err := v.caseAndCommand()
			if err != nil {
				return "", "", err
			}
			step := v.r.PathValue("step")
			return "/child/" + id.String() + "/circle", "circle-" + step, s.takeCircleStep(v, id, cmd, step)
		},
	}
}

// circleAct fills in the page of a step; it reports whether the reader may take it.
func (v *visit) circleAct(c *referral.Page, view *CircleAct) bool {
	again := view.Form.Fault != "" // shown once more after a fault: what was typed is not lost
	about, err := ident.Parse[[16]byte](v.r.PathValue("about"))
	if err != nil {
		return false
	}
	switch view.Step {
	case stepWish, stepLeave:
		m := c.Member(referral.MemberID(about))
		if m == nil || !m.Open() && !again {
			return false
		}
		if view.About = v.name(m.Staff); view.Step == stepWish {
			view.Wishes = CircleWishes(v.l)
		}
		return c.May["circle.keep"]
	case stepRecall, stepTold, stepLater:
		d := c.Given(referral.DisclosureID(about))
		if d == nil || !again && (view.Step != stepRecall && !d.Untold() || view.Step == stepRecall && !d.Ended.IsZero()) {
			return false
		}
		view.About = v.l.T("circle.number", "n", d.Number) + " · " + v.toldTo(d.To, d.Unit)
		view.Back = view.Child.Href + "/disclosures/" + d.ID.String()
		if view.Step == stepRecall {
			return c.May["circle.recall"]
		}
		return c.May["circle.told"]
	case stepRefuse:
		q := c.Request(referral.RequestID(about))
		if q == nil || !q.Waits() && !again {
			return false
		}
		view.About, view.Refusals = v.name(q.Asker), Refusals(v.l)
		return c.May["circle.decide"]
	}
	return false
}

func (s *Server) takeCircleStep(v *visit, id ident.Case, cmd ident.Command, step string) error {
	about, err := ident.Parse[[16]byte](v.r.PathValue("about"))
	if err != nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	ctx, why, words := v.r.Context(), v.text("reason"), v.text("circle_words")
	switch step {
	case stepWish:
		return s.Circle.Wish(ctx, v.caller, cmd, id, referral.MemberID(about), v.value("circle_wanted"), words)
	case stepLeave:
		return s.Circle.Remove(ctx, v.caller, cmd, id, referral.MemberID(about), why)
	case stepRecall:
		return s.Circle.Recall(ctx, v.caller, cmd, id, referral.DisclosureID(about), why)
	case stepTold:
		return s.Circle.ToldChild(ctx, v.caller, cmd, id, referral.DisclosureID(about), v.text("told_how"), words)
	case stepLater:
		day, code := v.dueDay("tell_by")
		if code != "" {
			return fault.InvalidField("tell_by", code)
		}
		return s.Circle.PostponeTelling(ctx, v.caller, cmd, id, referral.DisclosureID(about), day, why)
	case stepRefuse:
		return s.Circle.Refuse(ctx, v.caller, cmd, id, referral.RequestID(about), v.value("circle_refusal"), why)
	}
	return fault.New(fault.NotFound, "no-such-page")
}
