package web

import (
	"context"
	"net/url"
	"strings"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// viewRoutes are the views of the list of children.
func (s *Server) viewRoutes() {
	s.page("GET /children/views", s.viewsPage)
	s.page("POST /children/views", s.saveView)
	s.page("POST /children/views/filters", s.refilterView)
	s.page("POST /children/views/opening", s.openWith)
	s.form("/children/views/{view}", s.viewForm())
	s.viewAct("share", "view-shared", s.Cases.ShareView)
	s.viewAct("unshare", "view-unshared", s.Cases.UnshareView)
	s.viewAct("remove", "view-removed", s.Cases.DeleteView)
}

// builtInFilters are the filters of one of the program's own views.
func builtInFilters(key string) url.Values {
	switch key {
	case "all":
		return url.Values{"state": {"open"}}
	case "high":
		return url.Values{"state": {"open"}, "risk": {"high"}}
	case "closed":
		return url.Values{"state": {"closed"}}
	}
	return nil
}

// opening returns the filters of the address or, where it has none, those the reader's
// list opens with; then also whether these were chosen, or are gone.
func (v *visit) opening(kept *casework.Views) (filters url.Values, opened string) {
	asked := v.r.URL.Query()
	for _, name := range append(filterNames(), "at") {
		if asked.Get(name) != "" {
			return asked, ""
		}
	}
	switch o := kept.Opening; {
	case o.Gone:
		return builtInFilters("all"), "gone"
	case !o.View.IsZero():
		return filterValues(kept.Find(o.View).Query), "chosen"
	case o.BuiltIn != "all":
		return builtInFilters(o.BuiltIn), "chosen"
	}
	return builtInFilters("all"), ""
}

// linksMost is how many kept views stand above the list; the others are on the page
// of the views.
const linksMost = 12

// showViews puts the views on the page of the list.
func (v *visit) showViews(page *Children, kept *casework.Views, now url.Values) {
	current := now.Encode()
	for _, key := range casework.BuiltInViews() {
		filters := builtInFilters(key)
		page.Views = append(page.Views, ViewLink{Key: key, Href: childrenLink(filters), Current: filters.Encode() == current})
	}
	n := 0
	for _, list := range [][]casework.SavedView{kept.Own, kept.Shared} {
		for i := range list {
			view := &list[i]
			filters := filterValues(view.Query)
			link := ViewLink{Label: view.Label.Reveal(), Href: childrenLink(filters), Current: filters.Encode() == current}
			if view.Keeper != v.session.Staff {
				link.Keeper = v.name(view.Keeper)
			} else if !view.Fixed {
				page.Keep = append(page.Keep, Option{Value: view.ID.String(), Label: link.Label})
			}
			if n++; n > linksMost && !link.Current && view.ID != kept.Opening.View {
				page.Further++
				continue
			}
			page.Views = append(page.Views, link)
		}
	}
}

// filterValues writes a query as the filters of an address.
func filterValues(q casework.Query) url.Values {
	u := url.Values{}
	set := func(k, x string) {
		if x != "" {
			u.Set(k, x)
		}
	}
	if q.OpenOnly {
		u.Set("state", "open")
	}
	set("stage", q.Stage)
	set("risk", q.Risk)
	set("sex", q.Sex)
	set("age_band", q.AgeBand)
	set("region", q.Region)
	set("unit", q.Unit.String())
	set("worker", q.Worker.String())
	return u
}

// keepFilters runs a form that stands below the list and posts the filters in force.
// A refused one comes back there.
func (v *visit) keepFilters(done string, keep func(ident.Command, casework.Query) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	q, err := v.query(v.r.PostForm)
	if err != nil {
		return err
	}
	to := childrenLink(filterValues(q))
	if err = keep(cmd, q); err == nil {
		return v.redirect(to, done)
	}
	if !refusedForm(err) {
		return err
	}
	id := v.s.kept.keep(keptForm{v.session.ID, "/children", v.r.PostForm, err, v.s.Clock.Now()})
	return v.redirect(to+"&again="+id.String(), "")
}

// saveView keeps the filters in force under a name.
func (s *Server) saveView(v *visit) error {
	return v.keepFilters("view-saved", func(cmd ident.Command, q casework.Query) error {
		return s.Cases.SaveView(v.r.Context(), v.caller, cmd, v.viewName(), q)
	})
}

func (v *visit) viewName() sealed.Text {
	return sealed.NewText(strings.TrimSpace(v.value("view_name")))
}

// refilterView keeps the filters in force in a view that is there already.
func (s *Server) refilterView(v *visit) error {
	return v.keepFilters("view-changed", func(cmd ident.Command, q casework.Query) error {
		id, err := ident.Parse[ident.View](v.value("view"))
		if err != nil {
			return fault.InvalidField("view", "choose-one")
		}
		return s.Cases.RefilterView(v.r.Context(), v.caller, cmd, id, q)
	})
}

// viewsPage lists the views.
func (s *Server) viewsPage(v *visit) error { return v.showForm(s.showViews) }

func (s *Server) showViews(v *visit, f Form) (any, error) {
	if !s.Gate.May(v.caller, "view.save") {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	kept, err := s.Cases.Views(v.r.Context(), v.caller)
	if err != nil {
		return nil, err
	}
	below, more, err := s.Cases.ViewsBelow(v.r.Context(), v.caller)
	if err != nil {
		return nil, err
	}
	o := kept.Opening
	f.Action = "/children/views/opening"
	if f.Values == nil && !o.Gone {
		f.Values = url.Values{"opening": {o.BuiltIn + o.View.String()}}
	}
	page := ViewsPage{
		Frame: v.frame("children"), Form: f, Openings: Options(v.l, "view", casework.BuiltInViews()...), Gone: o.Gone,
		Own: v.viewRows(kept.Own), Most: casework.MostViews, Shared: v.viewRows(kept.Shared), Below: v.viewRows(below), More: more,
	}
	for _, list := range [][]casework.SavedView{kept.Own, kept.Shared} {
		for i := range list {
			one := Option{Value: list[i].ID.String(), Label: list[i].Label.Reveal()}
			if list[i].Keeper != v.session.Staff {
				one.Label = v.l.T("views.option", "view", one.Label, "name", v.name(list[i].Keeper))
			}
			page.Openings = append(page.Openings, one)
		}
	}
	return page, nil
}

func (v *visit) viewRows(list []casework.SavedView) []ViewRow {
	out := make([]ViewRow, 0, len(list))
	for i := range list {
		out = append(out, v.viewRow(&list[i]))
	}
	return out
}

func (v *visit) viewRow(view *casework.SavedView) ViewRow {
	at := "/children/views/" + view.ID.String()
	row := ViewRow{Label: view.Label.Reveal(), Href: childrenLink(filterValues(view.Query)), Unit: v.unitName(view.Unit)}
	if view.Keeper == v.session.Staff {
		row.Edit = at
	} else {
		row.Keeper, row.Gone = v.name(view.Keeper), view.Gone
	}
	if view.MayEnd {
		row.End = at + "/unshare"
	}
	return row
}

// openWith chooses what the list opens with.
func (s *Server) openWith(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	var o casework.Opening
	if o.View, err = ident.Parse[ident.View](v.value("opening")); err != nil {
		o.BuiltIn = v.value("opening")
	}
	if err := s.Cases.OpenWith(v.r.Context(), v.caller, cmd, o); err != nil {
		return v.back("/children/views", err, s.showViews)
	}
	return v.redirect("/children/views", "view-opening")
}

// viewID reads the view of the address. A forged address takes the way of an unknown
// one.
func (v *visit) viewID() ident.View {
	id, err := ident.Parse[ident.View](v.r.PathValue("view"))
	if err != nil {
		return ident.New[ident.View]()
	}
	return id
}

// viewForm is the page of one's own view, with the form of its name.
func (s *Server) viewForm() formPage {
	return formPage{show: s.showView, do: func(v *visit) (string, string, error) {
		cmd, err := v.command()
		if err != nil {
			return "", "", err
		}
		id := v.viewID()
		err = s.Cases.RenameView(v.r.Context(), v.caller, cmd, id, v.viewName())
		return "/children/views/" + id.String(), "view-changed", err
	}}
}

func (s *Server) showView(v *visit, f Form) (any, error) {
	kept, err := s.Cases.Views(v.r.Context(), v.caller)
	if err != nil {
		return nil, err
	}
	id := v.viewID()
	view := kept.Find(id)
	if view == nil || view.Keeper != v.session.Staff {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if _, typed := f.Values["view_name"]; !typed {
		f.Values = url.Values{"view_name": {view.Label.Reveal()}}
	}
	f.Action = "/children/views/" + id.String()
	filters := filterValues(view.Query)
	page := ViewPage{
		Frame: v.frame("children"), Form: f, View: v.viewRow(view), Filters: v.chips(v.filters(filters), filters), Fixed: view.Fixed,
	}
	if !view.Shared() && s.Gate.May(v.caller, "view.share") {
		page.Share = v.unitName(v.caller.Unit())
	}
	return page, nil
}

// viewCommand is what a room does to one view.
type viewCommand func(context.Context, *access.Caller, ident.Command, ident.View) error

// viewAct registers a small form about one view. A refused one comes back on the page
// of the view.
func (s *Server) viewAct(name, done string, act viewCommand) {
	s.page("POST /children/views/{view}/"+name, func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		cmd, err := v.command()
		if err != nil {
			return err
		}
		id := v.viewID()
		if err := act(v.r.Context(), v.caller, cmd, id); err != nil {
			return v.back("/children/views/"+id.String(), err, s.showView)
		}
		return v.redirect("/children/views", done)
	})
}
