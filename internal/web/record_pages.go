package web

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

// recordRoutes are the pages of the forms about a child.
func (s *Server) recordRoutes() {
	s.page("GET /child/{case}/forms", s.childForms)
	s.form("/child/{case}/form/{form}", s.recordForm(beginning))
	s.page("POST /child/{case}/form/{form}/look", s.lookRecord(beginning))
	s.page("GET /child/{case}/forms/{record}", s.readRecord)
	s.page("GET /child/{case}/forms/{record}/print", s.printRecord)
	s.page("GET /child/{case}/forms/{record}/history", s.recordHistory)
	s.form("/child/{case}/forms/{record}/edit", s.recordForm(goingOn))
	s.page("POST /child/{case}/forms/{record}/edit/look", s.lookRecord(goingOn))
}

// filling is a form as it is being filled in: the record that there is, or none.
type filling struct {
	page   *casework.RecordPage
	form   *forms.Form
	record ident.Record
	base   int64 // newest revision; 0: not begun
	today  time.Time
}

// answers returns what is stored now.
func (f *filling) answers() forms.Answers {
	if f.base == 0 {
		return nil
	}
	return f.page.Newest().Answers
}

func (f *filling) finished() bool { return f.base > 0 && f.page.Newest().Finished }

// env is what the form is worked out with.
func (f *filling) env() forms.Env { return casework.RecordEnv(f.today, &f.page.Person.Details) }

// recordID reads the record of the address; a forged one takes the way of an
// unknown one.
func (v *visit) recordID() ident.Record {
	id, err := ident.Parse[ident.Record](v.r.PathValue("record"))
	if err != nil || id.IsZero() {
		return ident.New[ident.Record]()
	}
	return id
}

// caseOf reads the case of the address in the same way.
func (v *visit) caseOf() ident.Case {
	id, err := v.caseID()
	if err != nil || id.IsZero() {
		return ident.New[ident.Case]()
	}
	return id
}

// beginning opens a form that is not begun yet, under the version on the page.
func beginning(v *visit, values url.Values) (*filling, error) {
	page, err := v.s.Cases.RecordToBegin(v.r.Context(), v.caller, v.caseOf())
	if err != nil {
		return nil, err
	}
	version, _ := strconv.Atoi(values.Get(nameVersion)) // none: the one in force
	form := v.s.Cases.Forms().Library().Form(v.r.PathValue("form"), version)
	if form == nil || form.For != forms.ForCase {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return v.mayFill(&filling{page: page, form: form, today: v.now()})
}

// goingOn opens a form that was begun.
func goingOn(v *visit, _ url.Values) (*filling, error) {
	page, err := v.s.Cases.OpenRecord(v.r.Context(), v.caller, v.caseOf(), v.recordID())
	if err != nil {
		return nil, err
	}
	last := page.Newest()
	return v.mayFill(&filling{page: page, form: last.Form, record: last.Record, base: last.Number, today: v.now()})
}

func (v *visit) mayFill(f *filling) (*filling, error) {
	if !f.page.May["record.save"] || !f.form.MayWrite(v.caller.Role()) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return f, nil
}

// recordForm is the page on which a form is filled in.
func (s *Server) recordForm(open func(*visit, url.Values) (*filling, error)) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			fl, err := open(v, f.Values)
			if err != nil {
				return nil, err
			}
			return v.fillPage(fl, f), nil
		},
		do: func(v *visit) (string, string, error) {
			fl, err := open(v, v.r.PostForm)
			if err != nil {
				return "", "", err
			}
			v.r.PostForm = compact(fl.form, v.r.PostForm)
			if more := v.value(nameMore); more != "" || v.value(nameThen) == "look" { // nothing is saved yet
				return "", "", fault.New(fault.Invalid, "")
			}
			return v.saveRecord(fl)
		},
	}
}

// saveRecord saves what was posted.
func (v *visit) saveRecord(fl *filling) (next, done string, err error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	answers, err := answersOf(fl.form, v.r.PostForm, v.caller.Role())
	if err != nil {
		return "", "", err
	}
	take, err := v.choices()
	if err != nil {
		return "", "", err
	}
	in := casework.RecordInput{
		Form: fl.form.ID, Version: fl.form.Version, Record: fl.record, Answers: answers, Take: take,
		Finish: v.value(nameThen) == "finish", Today: v.now(),
	}
	if fl.base > 0 {
		if in.Base, err = strconv.ParseInt(v.value(nameBase), 10, 64); err != nil || in.Base < 1 {
			return "", "", fault.New(fault.Invalid, "form-unreadable")
		}
	}
	record, err := v.s.Cases.SaveRecord(v.r.Context(), v.caller, cmd, v.caseOf(), in)
	if err != nil {
		return "", "", atPlaces(err)
	}
	done = "record-saved"
	if in.Finish {
		done = "record-finished"
	}
	return "/child/" + v.caseOf().String() + "/forms/" + record.String(), done, nil
}

// choices reads what the person chose where two changed the same question: each
// must be chosen.
func (v *visit) choices() (take []string, err error) {
	var c fault.Check
	for _, id := range v.r.PostForm[nameClash] {
		name := placeMark + id + endKeep
		switch v.value(name) {
		case "theirs":
			take = append(take, id)
		case "mine":
		default:
			c.Reject(name, "choose-version")
		}
	}
	return take, c.Err()
}

// atPlaces names the wrong places of a form as its page does.
func atPlaces(err error) error {
	fields := fault.FieldsOf(err)
	if len(fields) == 0 {
		return err
	}
	var c fault.Check
	for _, f := range fields {
		if f.Name == "form" {
			return fault.New(fault.Invalid, f.Code)
		}
		c.Reject(placeMark+f.Name, f.Code)
	}
	return c.Err()
}

// fillPage builds the page of a form, as it is stored or as it was typed.
func (v *visit) fillPage(fl *filling, f Form) FormFill {
	role, lang := v.caller.Role(), v.l.Code()
	b := formView{
		v: v, f: fl.form, role: role, tongue: fl.page.Person.Details.Languages,
		files: v.documentOptions(fl.page.Documents), asked: map[string]string{},
		reasons: Options(v.l, "answer", string(forms.Unknown), string(forms.NotAsked), string(forms.Refused)),
	}
	base := fl.base
	if f.Values == nil {
		f.Values = valuesOf(fl.form, fl.answers())
	} else {
		f.Values, base = v.rebase(fl, &b, f.Values)
	}
	typed, _ := answersOf(fl.form, f.Values, role) // what cannot be read is told beside it
	merged, _ := forms.Rebase(fl.form, fl.answers(), fl.answers(), typed)
	b.look = fl.form.Look(withRows(merged, typed), fl.env())
	f.Hidden = append(f.Hidden, Hidden{nameBase, strconv.FormatInt(base, 10)}, Hidden{nameVersion, strconv.Itoa(fl.form.Version)})
	for _, id := range b.clash {
		f.Hidden = append(f.Hidden, Hidden{nameClash, id})
	}
	b.page = f
	view := FormFill{
		Frame: v.frame("children"), Child: v.childRow(&fl.page.Case, &fl.page.Person.Details), Title: fl.form.Title.In(lang),
		Help: fl.form.Help.In(lang), Parts: b.parts(), Urgent: b.look.Urgent, Clash: len(b.clash) > 0, Finished: fl.finished(),
	}
	if view.Clash && f.Fault == "record-clash" {
		f.Fault = "" // the page says it itself, with what to do
	}
	f.Asked = b.asked
	view.Form, view.Back = f, view.Child.Href+"/forms"
	if fl.base > 0 {
		view.State, view.Back = stateOf(fl.finished()), view.Back+"/"+fl.record.String()
	}
	view.Stamp = v.stamp(fl.page.Entry)
	return view
}

// rebase joins what was typed with what others saved since the page was made, and
// notes where both changed the same. It returns the values of the page and the
// revision that it is made from now.
func (v *visit) rebase(fl *filling, b *formView, typed url.Values) (url.Values, int64) {
	seen, err := strconv.ParseInt(typed.Get(nameBase), 10, 64)
	if fl.base == 0 || err != nil || seen < 1 || seen > fl.base {
		return typed, fl.base
	}
	b.theirs, b.clash = fl.answers(), typed[nameClash]
	mine, err := answersOf(fl.form, typed, v.caller.Role())
	if err != nil || seen == fl.base { // first what cannot be read
		return typed, seen
	}
	base := fl.page.Revisions[seen-1].Answers
	var open []string
	for _, id := range b.clash { // of an earlier choice
		switch typed.Get(placeMark + id + endKeep) {
		case "theirs":
			mine[id] = base[id]
		case "":
			open = append(open, id)
		}
	}
	merged, clash := forms.Rebase(fl.form, base, b.theirs, mine)
	b.clash = append(clash, slices.DeleteFunc(open, func(id string) bool { return slices.Contains(clash, id) })...)
	return valuesOf(fl.form, merged), fl.base
}

// withRows keeps repetitions in which nothing was answered yet, so that places are
// those of the page.
func withRows(merged, typed forms.Answers) forms.Answers {
	for id, a := range typed {
		if len(a.Groups) > 0 {
			m := merged[id]
			m.Groups = a.Groups
			merged[id] = m
		}
	}
	return merged
}

func stateOf(finished bool) string {
	if finished {
		return "finished"
	}
	return "draft"
}

// lookRecord works a form out as it is typed and answers which questions are
// asked: the page's script shows and hides them at once. Nothing is saved.
func (s *Server) lookRecord(open func(*visit, url.Values) (*filling, error)) handler {
	return func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		fl, err := open(v, v.r.PostForm)
		if err != nil {
			return err
		}
		page := v.fillPage(fl, Form{Values: v.r.PostForm})
		out := seenNow{Shown: []string{}, Hidden: []string{}, Values: map[string]string{}}
		for i := range page.Parts {
			p := &page.Parts[i]
			out.add("p-"+p.ID, p.Hidden)
			eachField(p.Fields, func(f *FormField) {
				out.add("w-"+f.At, f.Hidden)
				if f.Kind == forms.KindCalculated {
					out.Values["f-"+f.At] = f.Input.Value
				}
			})
		}
		body, err := json.Marshal(out)
		if err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", "application/json")
		_, _ = v.w.Write(body) // a browser that has gone needs no answer
		return nil
	}
}

// seenNow is what of a page is shown and hidden now, by the element, and what was
// calculated.
type seenNow struct {
	Shown  []string          `json:"shown"`
	Hidden []string          `json:"hidden"`
	Values map[string]string `json:"values"`
}

func (s *seenNow) add(element string, hidden bool) {
	if hidden {
		s.Hidden = append(s.Hidden, element)
	} else {
		s.Shown = append(s.Shown, element)
	}
}

func eachField(fields []FormField, fn func(*FormField)) {
	for i := range fields {
		fn(&fields[i])
		for j := range fields[i].Rows {
			eachField(fields[i].Rows[j].Fields, fn)
		}
	}
}
