package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

// waitingRoutes are the pages of what could not be filed. It is filed with the
// ordinary forms, filled in with what was written: whoever decides sees it, changes
// what they must, and the gate decides as always.
func (s *Server) waitingRoutes() {
	s.page("GET /capture/waiting", s.waitingCaptures)
	s.form("/capture/waiting/{capture}", s.waitingForm())
	s.page("POST /capture/waiting/{capture}/fill", s.fillCaptured)
}

func (s *Server) waitingCaptures(v *visit) error {
	list, err := s.Capture.Waiting(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := CaptureWaiting{Frame: v.frame("capture")}
	for i := range list {
		view.Rows = append(view.Rows, v.captureRow(&list[i]))
	}
	return v.write(http.StatusOK, view)
}

func (v *visit) captureRow(c *Captured) CaptureRow {
	return CaptureRow{
		Href: "/capture/waiting/" + c.ID.String(), Kind: c.Kind, Reason: c.Reason, By: v.name(c.Author), Sent: v.name(c.SentBy),
		Received: c.Received.In(v.s.Zone),
	}
}

// captureID reads the form of the address; a forged one takes the way of an unknown
// one.
func (v *visit) captureID() ident.Capture {
	id, err := ident.Parse[ident.Capture](v.r.PathValue("capture"))
	if err != nil {
		return ident.New[ident.Capture]()
	}
	return id
}

// waitingForm shows one form that could not be filed; its POST discards it.
func (s *Server) waitingForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := s.Capture.Open(v.r.Context(), v.caller, v.captureID())
			if err != nil {
				return nil, err
			}
			view := CaptureOpen{
				Frame: v.frame("capture"), Row: v.captureRow(&c), At: c.At.In(s.Zone), Number: c.Number, Form: f.Ask("reason", v.l.T("capture.why")),
				Fill: Form{Action: "/capture/waiting/" + c.ID.String() + "/fill", Values: url.Values{"number": {c.Number}}},
			}
			if code := v.r.URL.Query().Get("number"); code == "no" {
				view.Fill.Errors = []FieldError{{"number", "capture-no-case"}}
			}
			view.Lines = v.captureLines(&c)
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			return "/capture/waiting", "capture-discarded", s.Capture.Discard(v.r.Context(), v.caller, cmd, v.captureID(), v.text("reason"))
		},
	}
}

// fillCaptured opens the ordinary form with what was written in it, or with all of
// it as what was seen, for a note.
func (s *Server) fillCaptured(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id := v.captureID()
	c, err := s.Capture.Open(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	values, to := url.Values(c.Answers), ""
	asNote := v.value("as") == "note"
	switch {
	case asNote || c.Kind == "note" || c.Kind == "visit":
		row, err := s.Cases.Numbered(v.r.Context(), v.caller, v.value("number"))
		if err != nil {
			return v.redirect("/capture/waiting/"+id.String()+"?number=no", "")
		}
		to = "/child/" + row.ID.String() + "/note"
		if asNote {
			values = v.noteOf(&c)
		} else if c.Kind == "visit" {
			to = "/child/" + row.ID.String() + "/form/" + visitForm
			if f, err := visitOf(s.Cases, c.Answers); err == nil {
				values = visitValues(f, c.Answers)
			}
		}
	case c.Kind == "check":
		to = "/check/new"
	default:
		to = "/children/new/form"
	}
	values = cloneValues(values)
	values.Set(capturedField, id.String())
	kept := s.kept.keep(keptForm{v.session.ID, to, values, fault.New(fault.Invalid, ""), s.Clock.Now()})
	return v.redirect(to+"?again="+kept.String(), "")
}

func cloneValues(in url.Values) url.Values {
	out := make(url.Values, len(in)+1)
	for name, list := range in {
		out[name] = slices.Clone(list)
	}
	return out
}

// noteOf writes everything that was answered into a note.
func (v *visit) noteOf(c *Captured) url.Values {
	var text strings.Builder
	for _, line := range v.captureLines(c) {
		fmt.Fprintf(&text, "%s: %s\n", line.Label, line.Text)
	}
	return url.Values{"kind": {"other"}, "contact_on": {c.At.In(v.s.Zone).Format("2006-01-02")}, "seen": {text.String()}}
}

// captureLines writes what was answered in words, in the order of the blank form;
// what the form does not ask any more comes last, as it came.
func (v *visit) captureLines(c *Captured) []Line {
	var out []Line
	shown := map[string]bool{"go": true, nameVersion: true}
	add := func(name, label string, words map[string]string) {
		list := c.Answers[name]
		if shown[name] || len(list) == 0 {
			return
		}
		shown[name] = true
		said := slices.Clone(list)
		for i, code := range said {
			if w, ok := words[code]; ok {
				said[i] = w
			}
		}
		out = append(out, Line{Label: label, Text: strings.Join(said, ", ")})
	}
	b := AskOffline(v.l, v.s.Pack, v.visitInForce())
	for _, f := range b.Forms {
		if f.Kind != c.Kind {
			continue
		}
		for _, q := range f.Fields {
			add(q.Name, q.Label, listed(b.Lists[q.List]))
		}
		for _, q := range f.Cards {
			add(casework.AnswerField(q.Code), q.Label, listed(b.Lists["answer"]))
		}
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range c.Answers {
			if !yield(name) {
				return
			}
		}
	}) {
		add(name, labelOf(v.l, name), nil)
	}
	return out
}

func listed(list [][2]string) map[string]string {
	out := make(map[string]string, len(list))
	for _, x := range list {
		out[x[0]] = x[1]
	}
	return out
}

// visitInForce returns the visit form of today, nil where there is none.
func (v *visit) visitInForce() *forms.Form {
	if room := v.s.Cases.Forms(); room != nil {
		return room.Library().Form(visitForm, 0)
	}
	return nil
}

// capturedField names, in an ordinary form, the form that is filed with it.
const capturedField = "captured"

// capturePatterns are the forms with which what could not be filed is filed.
var capturePatterns = map[string]bool{
	"POST /check/new": true, "POST /children/new/form": true, "POST /child/{case}/note": true, "POST /child/{case}/form/{form}": true,
}

// carry makes the visit bring in the form that its own form names: the entry and
// the event say who wrote it, and it is filed once, whoever tries.
func (v *visit) carry() (ident.Capture, error) {
	text := v.value(capturedField)
	if text == "" || v.s.Capture == nil || !capturePatterns[v.r.Pattern] {
		return ident.Capture{}, nil
	}
	id, err := ident.Parse[ident.Capture](text)
	if err != nil {
		return id, err
	}
	carrying, cmd, err := v.s.Capture.Carrying(v.r.Context(), v.caller, id)
	if err != nil {
		return id, err
	}
	v.caller = carrying
	v.r.PostForm.Set("command", cmd.String())
	return id, nil
}

// settle says that the form was filed. That it was is true whatever comes of this.
func (v *visit) settle(id ident.Capture) {
	if id.IsZero() {
		return
	}
	if err := v.s.Capture.Settle(v.r.Context(), v.caller, id); err != nil {
		v.s.Log.WarnContext(v.r.Context(), "form not settled", slog.Any("err", err))
	}
}
