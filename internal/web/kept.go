package web

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// A refused form is answered with 303 and shown again from here: a browser keeps
// the body of a POST that was answered with a page, and writes it to its disk
// (Chromium's session files). What was typed about a child stays in this
// process's memory, for the session that typed it, for some minutes.

const (
	keptFor  = 15 * time.Minute
	keptMost = 500 // of all sessions; the oldest give way
)

// keptForm is one refused form.
type keptForm struct {
	session ident.Session
	path    string
	values  url.Values
	err     error
	at      time.Time
}

// keptForms is safe for concurrent use.
type keptForms struct {
	mu    sync.Mutex // guards forms
	forms map[ident.Command]keptForm
}

// keep takes a refused form and returns the name it can be asked for by.
func (k *keptForms) keep(f keptForm) ident.Command {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forms == nil {
		k.forms = map[ident.Command]keptForm{}
	}
	var oldest ident.Command
	for id, old := range k.forms {
		if f.at.Sub(old.at) > keptFor {
			delete(k.forms, id)
		} else if o, ok := k.forms[oldest]; !ok || old.at.Before(o.at) {
			oldest = id
		}
	}
	if len(k.forms) >= keptMost {
		delete(k.forms, oldest)
	}
	id := ident.New[ident.Command]()
	k.forms[id] = f
	return id
}

// get returns a form that this session had refused at this path.
func (k *keptForms) get(id ident.Command, session ident.Session, path string, now time.Time) (keptForm, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, ok := k.forms[id]
	return f, ok && f.session == session && f.path == path && now.Sub(f.at) <= keptFor
}

// drop forgets what a session typed.
func (k *keptForms) drop(session ident.Session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, f := range k.forms {
		if f.session == session {
			delete(k.forms, id)
		}
	}
}

// refusedForm reports whether err is about the form and the form comes back.
func refusedForm(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.Invalid || kind == fault.Conflict || fault.CodeOf(err) == "disk-full"
}

// back sends the person to the form they filled in, at path, with what they
// typed. A form that holds a secret is not kept: it is shown at once.
func (v *visit) back(path string, err error, show func(*visit, Form) (any, error)) error {
	for name := range v.r.PostForm {
		if secretFields[name] {
			return v.again(err, show)
		}
	}
	if !refusedForm(err) {
		return err
	}
	id := v.s.kept.keep(keptForm{v.session.ID, path, v.r.PostForm, err, v.s.Clock.Now()})
	to := path + "?again=" + id.String()
	if q := v.r.URL.RawQuery; q != "" {
		to += "&" + q
	}
	return v.redirect(to, "")
}

// refused returns the form that was sent back here, and the status it was
// refused with.
func (v *visit) refused() (Form, int, bool) {
	id, err := ident.Parse[ident.Command](v.r.URL.Query().Get("again"))
	if err != nil {
		return Form{}, 0, false
	}
	k, ok := v.s.kept.get(id, v.session.ID, v.r.URL.Path, v.s.Clock.Now())
	if !ok {
		return Form{}, 0, false
	}
	return formOf(k.path, k.values, k.err), statusOf(k.err), true
}

// formOf returns a form as it was typed, with the faults of err. What was typed
// into a field for a secret is not in it: no page may write it back.
func formOf(action string, values url.Values, err error) Form {
	f := Form{Action: action, Values: url.Values{}}
	for name, list := range values {
		if !secretFields[name] {
			f.Values[name] = list
		}
	}
	if id := values.Get(capturedField); id != "" {
		f.Hidden = append(f.Hidden, Hidden{capturedField, id})
	}
	for _, x := range fault.FieldsOf(err) {
		f.Errors = append(f.Errors, FieldError{Name: x.Name, Code: x.Code})
	}
	if len(f.Errors) == 0 {
		f.Fault = fault.CodeOf(err)
	}
	return f
}

// showForm answers the GET of a form's page: empty, or as it was refused.
func (v *visit) showForm(show func(*visit, Form) (any, error)) error {
	form, status := Form{Action: v.r.URL.Path}, http.StatusOK
	if f, s, ok := v.refused(); ok {
		form, status = f, s
		if !form.Wrong() {
			status = http.StatusOK // one more row was asked for, nothing was refused
		}
	}
	view, err := show(v, form)
	if err != nil {
		return err
	}
	return v.write(status, view)
}
