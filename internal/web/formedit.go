package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

// WorkbookDesk turns forms into XLSForm workbooks and back; package node gives the
// one of package intake.
type WorkbookDesk interface {
	// Write writes a form as a workbook, and returns what others will not see of it.
	Write(w io.Writer, f *forms.Form) ([]Lost, error)
	// Read reads a workbook, and returns what of it there is no place for.
	Read(ctx context.Context, b []byte) (forms.Plain, []Lost, error)
}

// Lost is a feature that does not come through between here and XLSForm: beside a row
// of the workbook, or a field of the form, or about all of it. Its words are
// "xlsform.<Code>".
type Lost struct {
	Row                 int
	Field, Code, Detail string
}

// formEditRoutes are the pages on which forms are made and changed.
func (s *Server) formEditRoutes() {
	s.page("GET /forms", s.formList)
	s.form("/forms/new", s.newFormForm())
	s.page("GET /forms/import", s.showFormImport)
	s.page("POST /forms/import", s.formImport)
	s.page("GET /forms/{form}/draft", s.formOutline)
	s.page("POST /forms/{form}/draft", s.beginDraft)
	s.page("POST /forms/{form}/draft/move", s.moveInDraft)
	s.form("/forms/{form}/draft/head", s.formHeadForm())
	s.form("/forms/{form}/draft/section", s.formSectionForm())
	s.form("/forms/{form}/draft/question", s.formQuestionForm())
	s.page("GET /forms/{form}/{version}", s.formPreview)
	s.page("GET /forms/{form}/{version}/xlsx", s.formWorkbook)
	s.form("/forms/{form}/{version}/publish", s.formStateForm("publish", forms.Draft, (*forms.Editor).Publish))
	s.form("/forms/{form}/{version}/retire", s.formStateForm("retire", forms.Published, (*forms.Editor).Retire))
}

// mayEdit refuses whoever may not change forms in the same way as a page that does
// not exist.
func (v *visit) mayEdit() error {
	if v.s.FormEdit == nil || !v.s.Gate.May(v.caller, "form.edit") || !v.atHead() {
		return fault.New(fault.NotFound, "no-such-page")
	}
	return nil
}

// atHead reports whether the reader's unit is at the top of the node's own agency. The
// page asks so that it offers nothing which is then refused; the room decides.
func (v *visit) atHead() bool {
	head, _ := v.people.Top()
	return !head.IsZero() && v.caller.Unit() == head
}

func (v *visit) library() *forms.Library { return v.s.Cases.Forms().Library() }

// formList lists every form with its versions.
func (s *Server) formList(v *visit) error {
	if err := v.mayEdit(); err != nil {
		return err
	}
	view := FormList{Frame: v.frame("forms")}
	for _, one := range v.library().Versions("") {
		n := len(view.Rows)
		if n == 0 || view.Rows[n-1].ID != one.Form.ID {
			view.Rows = append(view.Rows, ListedForm{ID: one.Form.ID, Form: Form{Action: "/forms/" + one.Form.ID + "/draft"}})
			n++
		}
		row := &view.Rows[n-1]
		row.Title = one.Form.Title.In(v.l.Code())
		row.Versions = append(row.Versions, FormVersion{
			Href: "/forms/" + one.Form.ID + "/" + strconv.Itoa(one.Form.Version), Version: one.Form.Version, State: one.State,
			At: one.ChangedAt.In(s.Zone), By: v.name(one.Author), Own: one.Form.Version >= forms.FirstOwn,
		})
		row.Draft = row.Draft || one.State == forms.Draft
	}
	slices.SortFunc(view.Rows, func(a, b ListedForm) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	return v.write(http.StatusOK, view)
}

// version returns the version of the address.
func (v *visit) version() (forms.Version, error) {
	if err := v.mayEdit(); err != nil {
		return forms.Version{}, err
	}
	n, err := strconv.Atoi(v.r.PathValue("version"))
	one, ok := v.library().Version(v.r.PathValue("form"), n)
	if err != nil || n == 0 || !ok {
		return forms.Version{}, fault.New(fault.NotFound, "no-such-page")
	}
	return one, nil
}

// draft returns the draft of the form of the address.
func (v *visit) draft() (forms.Version, forms.Plain, error) {
	if err := v.mayEdit(); err != nil {
		return forms.Version{}, forms.Plain{}, err
	}
	for _, one := range v.library().Versions(v.r.PathValue("form")) {
		if one.State == forms.Draft {
			return one, one.Form.Plain(), nil
		}
	}
	return forms.Version{}, forms.Plain{}, fault.New(fault.NotFound, "no-such-page")
}

// keepDraft keeps a changed draft. A form that is wrong is refused with the fault
// "form-wrong"; the page says which places.
func (v *visit) keepDraft(p forms.Plain, seen int64) error {
	cmd, err := v.command()
	if err != nil {
		return err
	}
	body, err := p.JSON()
	if err != nil {
		return err
	}
	_, err = v.s.FormEdit.Draft(v.r.Context(), v.caller, cmd, body, seen)
	return err
}

// beginDraft begins a draft from the version in force.
func (s *Server) beginDraft(v *visit) error {
	if err := v.mayEdit(); err != nil {
		return err
	}
	if err := v.parse(); err != nil {
		return err
	}
	at := "/forms/" + v.r.PathValue("form") + "/draft"
	if _, _, err := v.draft(); err == nil {
		return v.redirect(at, "")
	}
	f := v.library().Form(v.r.PathValue("form"), 0)
	if f == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	if err := v.keepDraft(f.Plain(), 0); err != nil {
		return err
	}
	return v.redirect(at, "formdraft")
}

// formOutline shows the parts and questions of a draft, in their order.
func (s *Server) formOutline(v *visit) error {
	one, p, err := v.draft()
	if err != nil {
		return err
	}
	at := "/forms/" + p.Form
	view := FormOutline{
		Frame: v.frame("forms"), Title: p.Title.In(v.l.Code()), ID: p.Form, At: one.ChangedAt.In(s.Zone), By: v.name(one.Author),
		Href: at + "/draft", Preview: at + "/" + strconv.Itoa(one.Form.Version),
		Form: Form{Action: at + "/draft/move", Hidden: []Hidden{{"seen_version", strconv.FormatInt(one.Edition, 10)}}},
	}
	for i, sec := range p.Sections {
		part := OutlinePart{At: strconv.Itoa(i), Title: sec.Title.In(v.l.Code()), First: i == 0, Last: i == len(p.Sections)-1}
		for j, q := range sec.Fields {
			part.Rows = append(part.Rows, v.outlineRow(q, part.At+"."+strconv.Itoa(j), j == 0, j == len(sec.Fields)-1))
			for k, inner := range q.Fields {
				row := v.outlineRow(inner, part.At+"."+strconv.Itoa(j)+"."+strconv.Itoa(k), k == 0, k == len(q.Fields)-1)
				row.Inner = true
				part.Rows = append(part.Rows, row)
			}
		}
		view.Parts = append(view.Parts, part)
	}
	return v.write(http.StatusOK, view)
}

func (v *visit) outlineRow(q forms.PlainField, at string, first, last bool) OutlineRow {
	return OutlineRow{
		At: at, Label: q.Label.In(v.l.Code()), Kind: q.Kind, Need: q.Need, Shown: q.Show, Group: q.Kind == forms.KindGroup, First: first, Last: last,
	}
}

// place is where something stands in a form: a section, a question of it, a
// question of a group; -1 where the address goes no deeper, and new for one that
// is to be added.
type place struct {
	section, field, inner int
	new                   bool
}

// placeOf reads "2", "2.4", "2.4.1"; "new", "2.new", "2.4.new".
func placeOf(text string, p forms.Plain) (place, bool) {
	at := place{-1, -1, -1, false}
	for i, part := range strings.Split(text, ".") {
		slot := []*int{&at.section, &at.field, &at.inner}
		if i >= len(slot) || at.new {
			return at, false
		}
		if part == "new" {
			at.new = true
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return at, false
		}
		*slot[i] = n
	}
	switch {
	case at.section >= len(p.Sections):
		return at, false
	case at.field >= 0 && at.field >= len(p.Sections[at.section].Fields):
		return at, false
	case at.inner >= 0 && at.inner >= len(p.Sections[at.section].Fields[at.field].Fields):
		return at, false
	}
	return at, true
}

// moveInDraft moves something one place up or down, or takes it away.
func (s *Server) moveInDraft(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	_, p, err := v.draft()
	if err != nil {
		return err
	}
	op, where, _ := strings.Cut(v.value("do"), " ")
	at, ok := placeOf(where, p)
	if !ok || at.new || at.section < 0 || !slices.Contains([]string{"up", "down", "away"}, op) {
		return fault.New(fault.Invalid, "form-unreadable")
	}
	sec := &p.Sections[at.section]
	switch {
	case at.inner >= 0:
		q := &sec.Fields[at.field]
		q.Fields = shifted(q.Fields, at.inner, op)
	case at.field >= 0:
		sec.Fields = shifted(sec.Fields, at.field, op)
	default:
		p.Sections = shifted(p.Sections, at.section, op)
	}
	if err := v.keepDraft(p, v.seen()); err != nil {
		return v.again(err, func(v *visit, f Form) (any, error) {
			return FormWrong{Frame: v.frame("forms"), Back: "/forms/" + p.Form + "/draft", Problems: v.wrongPlaces(p), Form: f}, nil
		})
	}
	return v.redirect("/forms/"+p.Form+"/draft", "")
}

// shifted returns a list in which one item went up, down or away.
func shifted[T any](list []T, i int, op string) []T {
	list = slices.Clone(list)
	switch {
	case op == "away":
		return slices.Delete(list, i, i+1)
	case op == "up" && i > 0:
		list[i-1], list[i] = list[i], list[i-1]
	case op == "down" && i < len(list)-1:
		list[i+1], list[i] = list[i], list[i+1]
	}
	return list
}

// formPreview shows a version as people see it: nothing can be saved from there.
func (s *Server) formPreview(v *visit) error {
	one, err := v.version()
	if err != nil {
		return err
	}
	f := one.Form
	b := formView{v: v, f: f, look: f.Look(forms.Answers{}, forms.Env{Today: v.now()}), role: v.caller.Role(), asked: map[string]string{}}
	at := "/forms/" + f.ID + "/" + strconv.Itoa(f.Version)
	view := FormPreview{
		Frame: v.frame("forms"), Title: f.Title.In(v.l.Code()), Help: f.Help.In(v.l.Code()), Version: f.Version, State: one.State,
		At: one.ChangedAt.In(s.Zone), By: v.name(one.Author), Source: f.Source, Confidence: string(f.Confidence),
		Parts: b.parts(), Workbook: at + "/xlsx",
	}
	if s.Workbooks != nil {
		lost, err := s.Workbooks.Write(io.Discard, f)
		if err != nil {
			return err
		}
		view.Lost = v.lostWords(f.Plain(), lost)
	}
	switch {
	case one.State == forms.Draft:
		view.Edit, view.Publish = "/forms/"+f.ID+"/draft", at+"/publish"
	case one.State == forms.Published && f.Version >= forms.FirstOwn:
		view.Retire = at + "/retire"
	}
	return v.write(http.StatusOK, view)
}

// formStateForm asks before a version is published or retired.
func (s *Server) formStateForm(to, from string, act func(*forms.Editor, context.Context, *access.Caller, ident.Command, string, int, int64) (forms.Version, error)) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			one, err := v.version()
			if err != nil {
				return nil, err
			}
			if one.State != from {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if err := v.freshFor("form.publish"); err != nil {
				return nil, err
			}
			f.Hidden = append(f.Hidden, Hidden{"seen_version", strconv.FormatInt(one.Edition, 10)})
			return FormState{
				Frame: v.frame("forms"), Form: f, Title: one.Form.Title.In(v.l.Code()), To: to,
				Back: "/forms/" + one.Form.ID + "/" + strconv.Itoa(one.Form.Version),
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			one, err := v.version()
			if err != nil {
				return "", "", err
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			_, err = act(s.FormEdit, v.r.Context(), v.caller, cmd, one.Form.ID, one.Form.Version, v.seen())
			return "/forms", "form" + to, err
		},
	}
}
