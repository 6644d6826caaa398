package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/locale"
)

// dayEnd reads a day of the address, and returns it and its last moment where the
// people are; none for none.
func (v *visit) dayEnd(name string) (day locale.Day, end time.Time, err error) {
	typed := strings.TrimSpace(v.r.URL.Query().Get(name))
	if typed == "" {
		return day, end, nil
	}
	day, ok := locale.ParseDay(locale.PlainDigits(typed))
	if !ok {
		return day, end, fault.InvalidField(name, "bad-date")
	}
	if v.today().Until(day) > 0 {
		return day, end, fault.InvalidField(name, "in-the-future")
	}
	return day, time.Date(day.Year, day.Month, day.Dom+1, 0, 0, 0, -1000, v.s.Zone), nil
}

// childForms is the list of what was filled in about a child and what can be.
func (s *Server) childForms(v *visit) error {
	on, end, wrong := v.dayEnd("on")
	status, form := http.StatusOK, Form{Action: v.r.URL.Path, Values: url.Values{"on": v.r.URL.Query()["on"]}}
	if wrong != nil {
		status, form = statusOf(wrong), formOf(form.Action, form.Values, wrong)
		on, end = locale.Day{}, time.Time{}
	}
	list, err := s.Cases.Records(v.r.Context(), v.caller, v.caseOf(), end)
	if err != nil {
		return err
	}
	view := ChildForms{
		Frame: v.frame("children"), Child: v.childRow(&list.Case, &list.Person.Details), Day: form, On: on, Closed: list.Case.Closed(),
	}
	at := view.Child.Href + "/forms/"
	for i := range list.Records {
		r := v.formRecord(&list.Records[i], at)
		if !on.IsZero() {
			r.Href += "?on=" + on.ISO()
		}
		r.Urgent = list.Records[i].Form.Look(list.Records[i].Answers, casework.RecordEnv(list.Records[i].At, &list.Person.Details)).Urgent
		view.Records = append(view.Records, r)
	}
	if list.May["record.save"] && on.IsZero() && !view.Closed {
		view.Begin = v.formSteps(view.Child.Href + "/form/")
	}
	view.Stamp = v.stamp(list.Entry)
	return v.write(status, view)
}

// formRecord is a line about a record or a revision.
func (v *visit) formRecord(r *forms.Revision, at string) FormRecord {
	return FormRecord{
		Href: at + r.Record.String(), Title: r.Form.Title.In(v.l.Code()), State: stateOf(r.Finished),
		At: r.At.In(v.s.Zone), By: v.name(r.Author), Times: int(r.Number),
	}
}

// formSteps returns the forms that the reader can begin, by what they are for.
func (v *visit) formSteps(at string) []FormStep {
	var out []FormStep
	all := v.s.Cases.Forms().Library().InForce()
	for _, step := range forms.Steps() {
		one := FormStep{Key: step}
		for _, f := range all {
			if f.Step == step && f.For == forms.ForCase && f.MayWrite(v.caller.Role()) {
				one.Forms = append(one.Forms, FormLink{at + f.ID, f.Title.In(v.l.Code()), f.Help.In(v.l.Code())})
			}
		}
		if len(one.Forms) > 0 {
			out = append(out, one)
		}
	}
	return out
}

// readRecord shows a form that was filled in: as it is now, as it was on a day, or
// as it was saved once.
func (s *Server) readRecord(v *visit) error {
	page, err := s.Cases.OpenRecord(v.r.Context(), v.caller, v.caseOf(), v.recordID())
	if err != nil {
		return err
	}
	return v.showRecord(page, false)
}

// printRecord is the same for paper: an entry of its own in the journal.
func (s *Server) printRecord(v *visit) error {
	page, err := s.Cases.PrintRecord(v.r.Context(), v.caller, v.caseOf(), v.recordID())
	if err != nil {
		return err
	}
	return v.showRecord(page, true)
}

func (v *visit) showRecord(page *casework.RecordPage, print bool) error {
	on, end, err := v.dayEnd("on")
	if err != nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	rev, err := pickRevision(page.Revisions, end, v.r.URL.Query().Get("revision"))
	if err != nil {
		return err
	}
	env := casework.RecordEnv(rev.At, &page.Person.Details)
	look := rev.Form.Look(rev.Answers, env)
	role, files := v.caller.Role(), v.documentOptions(page.Documents)
	view := FormRead{
		Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details), Title: rev.Form.Title.In(v.l.Code()),
		Source: rev.Form.Source, Confidence: strings.ReplaceAll(string(rev.Form.Confidence), " ", "-"), Version: rev.Form.Version, Urgent: look.Urgent, Print: print,
		On: on, Older: rev.Number < page.Newest().Number,
	}
	view.Href = view.Child.Href + "/forms/" + rev.Record.String()
	view.Revision = v.formRecord(rev, view.Child.Href+"/forms/")
	for i := range rev.Form.Sections {
		sec := &rev.Form.Sections[i]
		if !sec.MayRead(role) {
			continue
		}
		if lines := v.readLines(rev.Form, sec, look, files); len(lines) > 0 {
			view.Parts = append(view.Parts, ReadPart{sec.Title.In(v.l.Code()), lines})
		}
	}
	if !rev.Finished && !view.Older {
		view.Missing = v.missing(rev.Form, look, role)
	}
	if page.May["record.save"] && !view.Older && !print && rev.Form.MayWrite(role) {
		view.Edit = view.Href + "/edit"
	}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// missing names the questions that finishing still needs, as far as the reader may
// read them.
func (v *visit) missing(f *forms.Form, look forms.View, role string) []string {
	var out []string
	for _, at := range look.MissingToFinish {
		id := at
		if parts := strings.Split(at, "."); len(parts) == 3 {
			id = parts[0] + "." + parts[2]
		}
		label := f.Field(id).Label.In(v.l.Code())
		if f.SectionOf(id).MayRead(role) && !slices.Contains(out, label) {
			out = append(out, label)
		}
	}
	return out
}

// pickRevision returns the newest revision, the newest of a day, or one by its
// number.
func pickRevision(all []forms.Revision, end time.Time, number string) (*forms.Revision, error) {
	missing := fault.New(fault.NotFound, "no-such-page")
	if number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(all) {
			return nil, missing
		}
		return &all[n-1], nil
	}
	for i := len(all) - 1; i >= 0; i-- {
		if end.IsZero() || !all[i].At.After(end) {
			return &all[i], nil
		}
	}
	return nil, missing
}

// recordHistory tells who changed which answer, from what to what, and when.
func (s *Server) recordHistory(v *visit) error {
	page, err := s.Cases.OpenRecord(v.r.Context(), v.caller, v.caseOf(), v.recordID())
	if err != nil {
		return err
	}
	last := page.Newest()
	view := FormHistory{
		Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details), Title: last.Form.Title.In(v.l.Code()),
	}
	view.Href = view.Child.Href + "/forms/" + last.Record.String()
	files := v.documentOptions(page.Documents)
	var before forms.Answers
	for i := range page.Revisions {
		r := &page.Revisions[i]
		save := FormSave{FormRecord: v.formRecord(r, view.Child.Href+"/forms/")}
		save.Href += "?revision=" + strconv.FormatInt(r.Number, 10)
		for _, change := range forms.Changes(r.Form, before, r.Answers) {
			save.Changes = append(save.Changes, FormChange{
				Label: change.Field.Label.In(v.l.Code()),
				From:  v.answerText(change.Field, change.From, files), To: v.answerText(change.Field, change.To, files),
			})
		}
		before = r.Answers
		view.Saves = append(view.Saves, save)
	}
	slices.Reverse(view.Saves)
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}
