package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
)

// familyRoutes are the pages about the people around a child.
func (s *Server) familyRoutes() {
	s.careRoutes()
	s.tracingRoutes()
	s.arrivalRoutes()
	s.page("GET /child/{case}/people", s.others)
	s.form("/child/{case}/people/add", s.otherForm("add", s.addOther))
	s.form("/child/{case}/people/link", s.otherForm("link", s.linkCase))
	s.form("/child/{case}/people/group", s.groupForm("join", s.joinGroup))
	s.form("/child/{case}/people/apart", s.groupForm("apart", s.leaveGroup))
	s.form("/child/{case}/people/{strand}/change", s.otherForm("change", s.changeOther))
	s.form("/child/{case}/people/{strand}/share", s.otherForm("share", s.shareOther))
	s.form("/child/{case}/people/{strand}/end", s.otherForm("end", s.endOther))
}

// family reads the people of the child of the address.
func (v *visit) family() (*casework.PeoplePage, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // takes the way of an unknown one
	}
	return v.s.Cases.People(v.r.Context(), v.caller, id)
}

// others lists the people of a child.
func (s *Server) others(v *visit) error {
	page, err := v.family()
	if err != nil {
		return err
	}
	view := Others{
		Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details),
		Can: page.May["case.people"], Join: page.May["case.group"] && !page.Case.Closed(),
	}
	for i := range page.Others {
		row := v.otherRow(view.Child.Href, &page.Others[i])
		if page.Others[i].Ended() {
			view.Past = append(view.Past, row)
		} else {
			view.Rows = append(view.Rows, row)
		}
	}
	if g := page.Group; g != nil {
		view.Group = &GroupView{
			Kind: v.label("group_kind", g.Code), Since: v.day(g.BeganAt), Members: v.rows(g.Members), Elsewhere: g.Elsewhere,
			Leave: view.Join && !g.Elsewhere,
		}
	}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// otherRow shows one person.
func (v *visit) otherRow(child string, k *casework.Known) OtherRow {
	row := OtherRow{
		Href: child + "/people/" + k.ID.String(), Name: k.Name.Reveal(), Relation: v.label("relation", k.Relation), Reverse: k.Reverse,
		Safe: k.Safe, Why: k.Why.Reveal(), Suspected: k.Suspected, Phone: k.Phone.Reveal(), Address: k.Address.Reveal(),
		Language: v.label("language", k.Language), Note: k.Note.Reveal(), Until: v.day(k.EndedAt), In: v.rows(k.In),
		Elsewhere: k.Elsewhere, Linked: len(k.Other.Case) > 0, Share: k.Other.Case == nil && !k.Ended(),
	}
	if k.Own != nil {
		own := v.childRow(&k.Own.Case, &k.Own.Person.Details)
		row.Own = &own
	}
	for i := range k.History {
		row.History = append(row.History, v.otherPast(&k.History[i]))
	}
	return row
}

// otherPast tells one step of what was known.
func (v *visit) otherPast(e *casework.Event) OtherPast {
	out := OtherPast{Kind: e.Kind, At: e.At.In(v.s.Zone), By: v.name(e.Author)}
	line := func(label, text string) {
		if text != "" {
			out.Lines = append(out.Lines, Line{label, text})
		}
	}
	line("reason", e.Text.Reveal())
	if o := e.Other; o != nil {
		line("other_name", o.Name.Reveal())
		line("relation_to", v.label("relation", o.Relation))
		line("safe_contact", v.l.Word("safe", o.Safe))
		line("safe_why", o.Why.Reveal())
		if o.Suspected {
			line("suspected", v.l.T("family.suspected"))
		}
		line("phone", o.Phone.Reveal())
		line("address", o.Address.Reveal())
		line("language", v.label("language", o.Language))
		line("other_note", o.Note.Reveal())
	}
	return out
}

// OneBox is the single choice of a field that is a box to tick.
func OneBox(l *locale.Locale, key string) []Option {
	return []Option{{Value: "yes", Label: l.T(key)}}
}

// strandID reads the strand of the address.
func (v *visit) strandID() (ident.Strand, error) {
	return ident.Parse[ident.Strand](v.r.PathValue("strand"))
}

// otherForm is a form about one person, or about a new one.
func (s *Server) otherForm(step string, do func(*visit, ident.Case, ident.Command) error) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := v.family()
			if err != nil {
				return nil, err
			}
			view := OtherForm{
				Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details), Step: step,
				Relations: v.options("relation"), Reverse: OneBox(v.l, "family.reverse"), Safe: Options(v.l, "safe", casework.SafeAnswers()...),
				Suspect: OneBox(v.l, "family.suspected"), Languages: v.options("language"),
			}
			if !page.May["case.people"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if v.r.PathValue("strand") != "" {
				k, err := v.knownOf(page)
				if err != nil {
					return nil, err
				}
				row := v.otherRow(view.Child.Href, k)
				if view.Who = row.Name; row.Own != nil {
					view.Who = row.Own.Name
				}
				view.Linked = row.Linked
				if f.Values == nil && step != "end" {
					f.Values = otherValues(&k.Other)
				}
				f = v.withSeen(f, k.Version)
			}
			view.Form = f.Ask("language", v.l.T("family.language"))
			return view, nil
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
			return "/child/" + id.String() + "/people", "family", do(v, id, cmd)
		},
	}
}

// knownOf finds the person of the address among those of the page.
func (v *visit) knownOf(page *casework.PeoplePage) (*casework.Known, error) {
	id, err := v.strandID()
	if err != nil {
		return nil, err
	}
	k := page.Find(id)
	if k == nil || k.Ended() {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return k, nil
}

// otherValues writes what is known of a person into the form's fields.
func otherValues(o *casework.Other) url.Values {
	m := url.Values{}
	set := func(name, value string) {
		if value != "" {
			m.Set(name, value)
		}
	}
	set("other_name", o.Name.Reveal())
	set("relation_to", o.Relation)
	set("safe_contact", o.Safe)
	set("safe_why", o.Why.Reveal())
	set("phone", o.Phone.Reveal())
	set("address", o.Address.Reveal())
	set("language", o.Language)
	set("other_note", o.Note.Reveal())
	if o.Reverse {
		m.Set("reverse", "yes")
	}
	if o.Suspected {
		m.Set("suspected", "yes")
	}
	return m
}

// other reads the form back.
func (v *visit) other() casework.Other {
	return casework.Other{
		Name: v.text("other_name"), Relation: v.value("relation_to"), Reverse: v.value("reverse") == "yes", Safe: v.value("safe_contact"),
		Why: v.text("safe_why"), Suspected: v.value("suspected") == "yes", Phone: v.text("phone"), Address: v.text("address"),
		Language: v.value("language"), Note: v.text("other_note"),
	}
}

func (s *Server) addOther(v *visit, id ident.Case, cmd ident.Command) error {
	return s.Cases.AddOther(v.r.Context(), v.caller, cmd, id, v.other())
}

func (s *Server) changeOther(v *visit, id ident.Case, cmd ident.Command) error {
	who, err := v.strandID()
	if err != nil {
		return err
	}
	return s.Cases.ChangeOther(v.r.Context(), v.caller, cmd, id, who, v.seen(), v.other())
}

func (s *Server) endOther(v *visit, id ident.Case, cmd ident.Command) error {
	who, err := v.strandID()
	if err != nil {
		return err
	}
	return s.Cases.EndOther(v.r.Context(), v.caller, cmd, id, who, v.text("reason"))
}

func (s *Server) shareOther(v *visit, id ident.Case, cmd ident.Command) error {
	who, err := v.strandID()
	if err != nil {
		return err
	}
	return s.Cases.ShareOther(v.r.Context(), v.caller, cmd, id, who, v.text("number"), v.value("relation_to"), v.value("reverse") == "yes")
}

func (s *Server) linkCase(v *visit, id ident.Case, cmd ident.Command) error {
	return s.Cases.LinkCase(v.r.Context(), v.caller, cmd, id, v.text("number"), v.value("relation_to"), v.value("reverse") == "yes")
}

// groupForm is a form about the group of a child.
func (s *Server) groupForm(step string, do func(*visit, ident.Case, ident.Command) error) formPage {
	p := s.otherForm(step, do)
	p.show = func(v *visit, f Form) (any, error) {
		page, err := v.family()
		if err != nil {
			return nil, err
		}
		if !page.May["case.group"] || f.Fault == "" && (page.Case.Closed() || (step == "apart") != (page.Group != nil) && step == "apart") {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		view := GroupForm{
			Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details), Form: f, Step: step, Kinds: v.options("group_kind"),
		}
		in := map[ident.Case]bool{}
		if page.Group != nil {
			view.Names = v.rows(page.Group.Members)
			for i := range page.Group.Members {
				in[page.Group.Members[i].Case.ID] = true
			}
		}
		for i := range page.Others {
			if own := page.Others[i].Own; own != nil && !page.Others[i].Ended() && !in[own.Case.ID] {
				view.With = append(view.With, v.groupOption(own))
			}
		}
		return view, nil
	}
	return p
}

// groupOption is a child to choose.
func (v *visit) groupOption(row *casework.Row) Option {
	o := Option{Value: row.Case.ID.String(), Label: row.Person.Details.Called().Reveal(), Hint: row.Case.Number.String()}
	if o.Label == "" {
		o.Label, o.Hint = o.Hint, ""
	}
	return o
}

// with reads the children that were chosen.
func (v *visit) with() ([]ident.Case, error) {
	var out []ident.Case
	for _, text := range v.r.PostForm["with"] {
		id, err := ident.Parse[ident.Case](text)
		if err != nil {
			return nil, fault.InvalidField("with", "not-in-list")
		}
		out = append(out, id)
	}
	return out, nil
}

func (s *Server) joinGroup(v *visit, id ident.Case, cmd ident.Command) error {
	with, err := v.with()
	if err != nil {
		return err
	}
	return s.Cases.JoinGroup(v.r.Context(), v.caller, cmd, id, v.value("group_kind"), with, v.text("number"))
}

func (s *Server) leaveGroup(v *visit, id ident.Case, cmd ident.Command) error {
	return s.Cases.LeaveGroup(v.r.Context(), v.caller, cmd, id, v.text("reason"))
}

// familyEvent fills in one line of the timeline about the people around a child.
func (v *visit) familyEvent(e *casework.Event, out *Event) {
	switch e.Kind {
	case casework.KindOtherAdded, casework.KindOtherChanged:
		if e.Other != nil {
			if out.To = e.Other.Name.Reveal(); out.To == "" {
				out.To = v.l.T("family.anothercase")
			}
			out.Reasons = []string{v.label("relation", e.Other.Relation)}
		}
	case casework.KindCareAdded, casework.KindCareChanged:
		out.From, out.To = v.label("care_arrangement", e.From), v.label("care_arrangement", e.To)
		if casework.UnsafeCare(e.To) {
			out.Tone = "late"
		}
		if e.Care != nil {
			out.On, _ = locale.ParseDay(e.Care.From.Reveal())
			for label, text := range map[string]string{"care_where": e.Care.Where.Reveal(), "care_decided": e.Care.Decided.Reveal()} {
				if text != "" {
					out.Lines = append(out.Lines, Line{label, text})
				}
			}
			slices.SortFunc(out.Lines, func(a, b Line) int { return strings.Compare(a.Label, b.Label) })
		}
	case casework.KindArrived, casework.KindArrivalChanged:
		if a := e.Arrival; a != nil {
			out.To = a.Label.Reveal()
			for _, l := range []Line{
				{"intake_place", a.Place.Reveal()},
				{"intake_found_by", a.FoundBy.Reveal()},
				{"urgent", a.Urgent.Reveal()},
				{"bed", a.Bed.Reveal()},
				{"transport", a.Transport.Reveal()},
			} {
				if l.Text != "" {
					out.Lines = append(out.Lines, l)
				}
			}
		}
	case casework.KindTracingAsked, casework.KindTracingStep, casework.KindTracingEnded:
		// The page of the search tells the rest: the answers are known to the family only.
		if t := e.Tracing; t != nil && t.Sought == nil {
			out.To = v.l.Word("tracingstep", t.Kind)
		}
	case casework.KindGroupJoined:
		out.To = v.label("group_kind", e.To)
	case casework.KindGroupSeparated:
		out.Tone, out.To = "late", v.label("group_kind", e.From)
	case casework.KindNote:
		out.Interpreter, out.Together = v.label("interpreter", e.Interpreter), int(e.Together)
		out.NoInterpreter = e.Interpreter == "missing"
		out.Present = v.labels("present", e.Present)
		if name := e.InterpreterName.Reveal(); name != "" {
			out.Lines = append(out.Lines, Line{"interpreter_name", name})
		}
	}
}
