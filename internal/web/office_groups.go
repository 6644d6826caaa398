package web

import (
	"net/http"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/staff"
)

// staffGroupRoutes are the pages of groups of staff.
func (s *Server) staffGroupRoutes() {
	s.form("/groups", s.staffGroupsForm())
	s.form("/groups/{group}", s.staffGroupForm())
	s.page("POST /groups/{group}/join", s.joinStaffGroup)
	s.page("POST /groups/{group}/quit", s.quitStaffGroup)
}

// groupID reads the group of the address. A forged address takes the way of an unknown
// one.
func (v *visit) groupID() ident.Group {
	id, err := ident.Parse[ident.Group](v.r.PathValue("group"))
	if err != nil {
		return ident.New[ident.Group]()
	}
	return id
}

// groupOptions lists the groups that have somebody in them, by name.
func (v *visit) groupOptions() []Option {
	var out []Option
	for _, g := range v.people.Groups() {
		if len(g.Members) > 0 {
			out = append(out, Option{Value: g.ID.String(), Label: g.Name})
		}
	}
	return out
}

// inGroup reports whether somebody is in the group that was chosen; an empty choice is
// everybody.
func (v *visit) inGroup(chosen string, who ident.Staff) bool {
	if chosen == "" {
		return true
	}
	id, err := ident.Parse[ident.Group](chosen)
	g, ok := v.people.Group(id)
	return err == nil && ok && g.Has(who)
}

// staffGroupsForm lists the groups and makes one.
func (s *Server) staffGroupsForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if _, err := v.atWork(); err != nil { // who may see who works here
				return nil, err
			}
			view := Groups{Frame: v.frame("people"), Form: f, CanEdit: s.Gate.May(v.caller, "group.update")}
			for _, g := range v.people.Groups() {
				view.Rows = append(view.Rows, GroupRow{"/groups/" + g.ID.String(), g.Name, len(g.Members)})
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := s.People.CreateGroup(v.r.Context(), v.caller, v.session.By(), cmd, v.value("group_name"))
			if err == nil && id.IsZero() {
				return "/groups", "group", nil
			}
			return "/groups/" + id.String(), "group", err
		},
	}
}

// staffGroupForm is one group with its people and the form of its name.
func (s *Server) staffGroupForm() formPage {
	return formPage{
		show: s.staffGroupPage,
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			seen, err := v.seenVersion()
			if err != nil {
				return "", "", err
			}
			id := v.groupID()
			err = s.People.RenameGroup(v.r.Context(), v.caller, v.session.By(), cmd, id, seen, v.value("group_name"))
			return "/groups/" + id.String(), "group-renamed", err
		},
	}
}

func (s *Server) staffGroupPage(v *visit, f Form) (any, error) {
	if _, err := v.atWork(); err != nil {
		return nil, err
	}
	g, ok := v.people.Group(v.groupID())
	if !ok {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	at := "/groups/" + g.ID.String()
	view := GroupPage{Frame: v.frame("people"), Name: g.Name, CanEdit: s.Gate.May(v.caller, "group.update"), List: "/people?group=" + g.ID.String()}
	if f.Values == nil {
		f.Values = map[string][]string{"group_name": {g.Name}}
	}
	view.Form = v.withSeen(f, g.Version)
	view.Join, view.Quit = Form{Action: at + "/join"}, at+"/quit"
	for _, m := range g.Members {
		row := GroupMember{ID: m.Staff.String(), Name: v.name(m.Staff), Since: v.day(m.Since)}
		if a, ok := v.people.Person(m.Staff); ok {
			row.Role, row.Unit = v.l.Word("role", string(a.Role)), v.unitName(a.Unit)
		}
		view.Members = append(view.Members, row)
	}
	for _, a := range v.people.People() {
		if a.State != staff.Disabled && !g.Has(a.ID) {
			view.People = append(view.People, Option{Value: a.ID.String(), Label: a.Name.Reveal() + " · " + v.unitName(a.Unit)})
		}
	}
	view.People = byLabel(view.People)
	return view, nil
}

// joinStaffGroup adds somebody.
func (s *Server) joinStaffGroup(v *visit) error {
	return s.changeStaffGroup(v, "group-joined", func(id ident.Group, cmd ident.Command, who ident.Staff) error {
		return s.People.JoinGroup(v.r.Context(), v.caller, v.session.By(), cmd, id, who)
	})
}

// quitStaffGroup takes somebody out.
func (s *Server) quitStaffGroup(v *visit) error {
	return s.changeStaffGroup(v, "group-quit", func(id ident.Group, cmd ident.Command, who ident.Staff) error {
		return s.People.QuitGroup(v.r.Context(), v.caller, v.session.By(), cmd, id, who)
	})
}

func (s *Server) changeStaffGroup(v *visit, done string, do func(ident.Group, ident.Command, ident.Staff) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	id := v.groupID()
	who, err := ident.Parse[ident.Staff](v.value("group_member"))
	if err != nil || who.IsZero() {
		err = fault.InvalidField("group_member", "choose-one")
	} else {
		err = do(id, cmd, who)
	}
	if err == nil {
		return v.redirect("/groups/"+id.String(), done)
	}
	return v.again(err, func(v *visit, typed Form) (any, error) {
		page, perr := s.staffGroupPage(v, Form{Action: "/groups/" + id.String()})
		view, ok := page.(GroupPage)
		if !ok {
			return page, perr
		}
		typed.Action = view.Join.Action
		view.Join = typed
		return view, nil
	})
}

// circleGroup offers to invite the people of a group into a child's circle.
func (s *Server) circleGroup(v *visit) error {
	view, err := s.circleGroupView(v, Form{Action: v.r.URL.Path})
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

func (s *Server) circleGroupView(v *visit, f Form) (any, error) {
	c, err := v.circleOf()
	if err != nil {
		return nil, err
	}
	if !c.May["circle.keep"] {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	view := CircleGroup{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, Groups: v.groupOptions()}
	for _, o := range v.options(pack.CircleRoles) {
		if !referral.AsksConflict(o.Value) {
			view.Roles = append(view.Roles, o)
		}
	}
	return view, nil
}

// inviteGroup invites each of a group, and says who was and who may not be.
func (s *Server) inviteGroup(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, cmd, err := v.caseAndCommand()
	if err != nil {
		return err
	}
	chosen, err := ident.Parse[ident.Group](v.value("circle_group"))
	g, ok := v.people.Group(chosen)
	var refused, ask []ident.Staff
	for _, m := range g.Members {
		if a, known := v.people.Person(m.Staff); known && m.Staff != v.session.Staff && !isNeverTold(a.Role) {
			ask = append(ask, m.Staff)
		} else {
			refused = append(refused, m.Staff)
		}
	}
	var out []referral.Invited
	if err != nil || !ok {
		err = fault.InvalidField("circle_group", "choose-one")
	} else {
		out, err = s.Circle.InviteGroup(v.r.Context(), v.caller, cmd, id, ask, referral.NewMember{
			Role: v.value("circle_role"), MemberNote: referral.MemberNote{Does: v.text("circle_does")},
		})
	}
	if err != nil {
		return v.again(err, s.circleGroupView)
	}
	page, err := s.circleGroupView(v, Form{})
	view, ok := page.(CircleGroup)
	if err != nil || !ok {
		return err
	}
	view.Done, view.Group = true, g.Name
	for _, one := range out {
		if one.Fault == "" {
			view.Invited = append(view.Invited, v.name(one.Staff))
		} else {
			view.Refused = append(view.Refused, Option{Label: v.name(one.Staff), Hint: v.l.Error(one.Fault)})
		}
	}
	for _, who := range refused {
		view.Refused = append(view.Refused, Option{Label: v.name(who), Hint: v.l.Error("never-invited")})
	}
	return v.write(http.StatusOK, view)
}
