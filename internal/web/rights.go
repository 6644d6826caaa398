package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// rightsRoutes are the pages of what people ask for by right about a child's data.
func (s *Server) rightsRoutes() {
	s.page("GET /rights", s.rightsDesk)
	s.page("GET /child/{case}/rights", s.rights)
	s.form("/child/{case}/rights/new", s.rightNewForm())
	s.form("/child/{case}/rights/{right}/decide", s.rightForm())
	s.page("GET /child/{case}/rights/{right}/copy", s.rightCopy)
}

// RightStates are the answers that can be given.
func RightStates(l *locale.Locale) []Option {
	return Options(l, "rightstate", casework.RequestGranted, casework.RequestPartly, casework.RequestRefused)
}

// askedFor opens what was asked for about the case of the address.
func (v *visit) askedFor() (*casework.RequestPage, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return v.s.Cases.Requests(v.r.Context(), v.caller, id)
}

func (s *Server) rights(v *visit) error {
	page, err := v.askedFor()
	if err != nil {
		return err
	}
	view := Rights{Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details)}
	if page.May["rights.receive"] {
		view.Receive = view.Child.Href + "/rights/new"
	}
	for _, q := range page.Requests {
		view.Rows = append(view.Rows, v.rightRow(page, q, view.Child.Href))
		view.Refusals = view.Refusals || q.Refusal != ""
	}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// rightRow builds one line.
func (v *visit) rightRow(page *casework.RequestPage, q *casework.Right, child string) RightRow {
	row := RightRow{
		Kind: v.label(pack.RequestKinds, q.Kind), State: q.State, By: v.label(pack.RequestBy, q.By), How: v.label(pack.ReceivedHow, q.How),
		Identity: v.label(pack.IdentityChecked, q.Identity), Received: v.day(q.Received), Receiver: v.name(q.Receiver),
		Words: q.Words.Reveal(), Decider: v.name(q.Decider), Decided: v.day(q.Decided), Answer: q.Answer.Reveal(),
	}
	if q.Refusal != "" {
		row.Refusal = v.label(pack.RequestRefusals, q.Refusal)
	}
	at := child + "/rights/" + q.ID.String()
	given := q.State == casework.RequestGranted || q.State == casework.RequestPartly
	switch {
	case q.Waits():
		row.Due = DueOn(v.day(q.Due), v.today())
		if page.May["rights.decide"] {
			row.Decide = at + "/decide"
		}
	case given && page.May["rights.copy"] && (q.Kind == "copy" || q.Kind == "access"):
		row.Copy = at + "/copy"
	case given && page.May["erasure.ask"] && q.Kind == "erasure":
		row.Erase = child + "/keeping/erase"
	}
	if q.Event != 0 {
		row.Correct = child + "/timeline#e-" + strconv.FormatInt(q.Event, 10)
	}
	return row
}

func (s *Server) rightNewForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := v.askedFor()
			if err != nil {
				return nil, err
			}
			if !page.May["rights.receive"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			child := v.childRow(&page.Case, &page.Person.Details)
			return RightForm{
				Frame: v.frame("children"), Child: child, Form: f, Step: "new", Kinds: v.options(pack.RequestKinds),
				By: v.options(pack.RequestBy), How: v.options(pack.ReceivedHow), Identity: v.options(pack.IdentityChecked), Back: child.Href + "/rights",
			}, nil
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
			on, code := v.pastDay("received_on")
			if code != "" {
				return "", "", fault.InvalidField("received_on", code)
			}
			err = s.Cases.ReceiveRequest(v.r.Context(), v.caller, cmd, id, casework.Asked{
				Kind: v.value("request_kind"), By: v.value("request_by"), How: v.value("received_how"), Identity: v.value("identity_checked"),
				On: on, Words: v.text("request_words"),
			})
			return "/child/" + id.String() + "/rights", "right-new", err
		},
	}
}

func (s *Server) rightForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := v.askedFor()
			if err != nil {
				return nil, err
			}
			id, err := ident.Parse[ident.Request](v.r.PathValue("right"))
			i := slices.IndexFunc(page.Requests, func(q *casework.Right) bool { return q.ID == id })
			if err != nil || i < 0 || !page.May["rights.decide"] || !page.Requests[i].Waits() && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			q := page.Requests[i]
			child := v.childRow(&page.Case, &page.Person.Details)
			if len(f.Values) == 0 {
				f.Values = map[string][]string{"identity_checked": {q.Identity}}
			}
			view := RightForm{
				Frame: v.frame("children"), Child: child, Form: f, Step: "decide", Row: v.rightRow(page, q, child.Href), Back: child.Href + "/rights",
				Identity: v.options(pack.IdentityChecked), States: RightStates(v.l), Refusals: v.options(pack.RequestRefusals),
				Correction: q.Kind == "correction",
			}
			if q.Kind == "copy" || q.Kind == "access" {
				view.LeftOut = v.leftOut(casework.LeftFor(q.By))
			}
			if view.Correction {
				for _, e := range page.Correcting(q) {
					view.Correcting = append(view.Correcting, Option{
						Value: strconv.FormatInt(e.Seq, 10), Label: v.l.Word("event", e.Kind), Hint: v.l.DateTime(e.At.In(s.Zone)),
					})
				}
			}
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
			right, err := ident.Parse[ident.Request](v.r.PathValue("right"))
			if err != nil {
				return "", "", fault.New(fault.NotFound, "no-such-page")
			}
			event, _ := strconv.ParseInt(v.value("correcting_event"), 10, 64) // none: the room says so
			err = s.Cases.AnswerRequest(v.r.Context(), v.caller, cmd, id, right, casework.Granted{
				State: v.value("request_state"), Identity: v.value("identity_checked"), Refusal: v.value("request_refusal"), Event: event,
				Answer: v.text("rights_answer"),
			})
			return "/child/" + id.String() + "/rights", "right-decide", err
		},
	}
}

// leftOut names the sections that a copy is without.
func (v *visit) leftOut(codes []string) []string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = v.l.Word("leftout", code)
	}
	return out
}

// rightCopy is the copy for whoever asked, for paper, without what others have rights to.
func (s *Server) rightCopy(v *visit) error {
	right, err := ident.Parse[ident.Request](v.r.PathValue("right"))
	if err != nil {
		right = ident.New[ident.Request]()
	}
	c, without, err := s.Cases.CopyOf(v.r.Context(), v.caller, v.aCase(), right)
	if err != nil {
		return err
	}
	view := v.onPaper(c)
	view.LeftOut = v.leftOut(without)
	return v.write(http.StatusOK, view)
}

// rightsDesk is what waits for an answer in the cases that the reader reaches.
func (s *Server) rightsDesk(v *visit) error {
	list, err := s.Cases.RequestDesk(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := RightsDesk{Frame: v.frame("rights")}
	for i := range list {
		q := &list[i]
		view.Rows = append(view.Rows, DueRight{
			Number: q.Row.Number.String(), Href: "/child/" + q.Case.String() + "/rights", Kind: v.label(pack.RequestKinds, q.Kind),
			By: v.label(pack.RequestBy, q.By), Received: v.day(q.Received), Due: DueOn(v.day(q.Due), v.today()),
		})
	}
	return v.write(http.StatusOK, view)
}

// rightEvent says on the timeline what was asked for by right, and answered.
func (v *visit) rightEvent(out *Event, e *casework.Event) {
	out.To = v.label(pack.RequestKinds, e.To)
	if e.Kind == casework.KindAnswered {
		out.Tone = "done"
		out.Lines = append(out.Lines, Line{Label: "request_state", Text: v.l.Word("rightstate", e.From)})
		out.Reasons = v.labels(pack.RequestRefusals, e.Reasons)
		return
	}
	out.Tone = "late"
	out.Lines = append(out.Lines, Line{Label: "request_by", Text: v.label(pack.RequestBy, e.From)})
}

// pastDay reads a day that is not after today; zero for an empty field and for today.
func (v *visit) pastDay(field string) (time.Time, string) {
	typed := locale.PlainDigits(strings.TrimSpace(v.value(field)))
	if typed == "" {
		return time.Time{}, ""
	}
	d, ok := locale.ParseDay(typed)
	switch {
	case !ok:
		return time.Time{}, "bad-date"
	case v.today().Until(d) > 0:
		return time.Time{}, "in-the-future"
	case v.today().Until(d) == 0:
		return time.Time{}, ""
	}
	return time.Date(d.Year, d.Month, d.Dom, 0, 0, 0, 0, v.s.Zone).UTC(), ""
}
