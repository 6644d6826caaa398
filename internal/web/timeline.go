package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/person"
)

// timelineRoutes are the pages about what happened in a case and what was known.
func (s *Server) timelineRoutes() {
	s.page("GET /child/{case}/timeline", s.timeline)
	s.page("GET /child/{case}/history", s.history)
	s.form("/child/{case}/note/{event}", s.correctForm())
}

// eventsShown is how many events the page of a child shows; the timeline has all.
const eventsShown = 30

// shorten leaves the newest events on a child's page and says where the others are.
func (view *ChildPage) shorten(events []casework.Event) {
	view.Timeline = view.Child.Href + "/timeline"
	if len(view.Events) > eventsShown {
		view.Events = view.Events[:eventsShown]
		view.Older = view.Timeline + "?before=" + strconv.FormatInt(events[eventsShown-1].Seq, 10)
	}
}

// tieCorrections leads from corrected notes to their corrections and back, and to
// the form that corrects. events are those shown as out.
func (v *visit) tieCorrections(events, corrections []casework.Event, out []Event, href string, may bool) {
	shown := map[string]int{}
	for i := range events {
		out[i].ID = "e-" + strconv.FormatInt(events[i].Seq, 10)
		shown[string(events[i].ID[:])] = i
		if may && events[i].Kind == casework.KindNote {
			out[i].Correct = href + "/note/" + events[i].ID.String()
		}
		if events[i].Kind == casework.KindCorrected {
			out[i].Corrects = &EventLink{}
		}
	}
	for i := range corrections {
		c := &corrections[i]
		if c.Kind != casework.KindCorrected {
			continue
		}
		note, seen := shown[string(c.Of)]
		if seen {
			out[note].Corrected = append(out[note].Corrected, EventLink{At: c.At.In(v.s.Zone), By: v.name(c.Author), Href: "#e-" + strconv.FormatInt(c.Seq, 10)})
		}
		if at, ok := shown[string(c.ID[:])]; ok && seen {
			out[at].Corrects = &EventLink{At: events[note].At.In(v.s.Zone), By: v.name(events[note].Author), Href: "#" + out[note].ID}
		}
		if _, here := shown[string(c.ID[:])]; seen && !here {
			out[note].Corrected[len(out[note].Corrected)-1].Href = href + "/timeline?kind=" + casework.KindCorrected
		}
	}
}

// dayOf reads a day of an address, none where it is empty or no day.
func dayOf(values url.Values, name string) locale.Day {
	d, _ := locale.ParseDay(locale.PlainDigits(strings.TrimSpace(values.Get(name))))
	return d
}

// startOf returns when a day begins where the people are, zero for no day.
func (v *visit) startOf(d locale.Day) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.Year, d.Month, d.Dom, 0, 0, 0, 0, v.s.Zone)
}

// timeline is one page of what happened in a case, by kind and period.
func (s *Server) timeline(v *visit) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]()
	}
	values := v.r.URL.Query()
	from, until := dayOf(values, "from"), dayOf(values, "until")
	part := casework.Slice{Kind: values.Get("kind"), From: v.startOf(from)}
	if !until.IsZero() {
		part.To = v.startOf(until).AddDate(0, 0, 1)
	}
	part.Before, _ = strconv.ParseInt(values.Get("before"), 10, 64) // what is no number begins at the newest
	t, err := s.Cases.ReadTimeline(v.r.Context(), v.caller, id, part)
	if err != nil {
		return err
	}
	view := Timeline{Frame: v.frame("children"), Child: v.childRow(&t.Case, &t.Person.Details), Kind: part.Kind, Begin: v.day(t.Case.OpenedAt).ISO(), End: v.today().ISO()}
	for i := range t.Events {
		view.Events = append(view.Events, v.event(&t.Events[i]))
	}
	v.tieCorrections(t.Events, t.Corrections, view.Events, view.Child.Href, t.May["case.note"])
	for _, k := range t.Kinds {
		view.Kinds = append(view.Kinds, Option{Value: k, Label: v.l.Word("event", k)})
	}
	if !from.IsZero() {
		view.From = from.ISO()
	}
	if !until.IsZero() {
		view.Until = until.ISO()
	}
	keep := url.Values{}
	for name, x := range map[string]string{"kind": view.Kind, "from": view.From, "until": view.Until} {
		if x != "" {
			keep.Set(name, x)
		}
	}
	if part.Before > 0 {
		view.Prev = v.r.URL.Path + "?" + keep.Encode()
	}
	if t.Next > 0 {
		keep.Set("before", strconv.FormatInt(t.Next, 10))
		view.Next = v.r.URL.Path + "?" + keep.Encode()
	}
	view.Stamp = v.stamp(t.Entry)
	return v.write(http.StatusOK, view)
}

// past is the page of a child as it was known at the end of a day.
func (s *Server) past(v *visit, on locale.Day) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]()
	}
	p, err := s.Cases.OpenPast(v.r.Context(), v.caller, id, v.startOf(on).AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	stamp := v.stamp(p.Entry)
	then := *v
	then.then = v.startOf(on).AddDate(0, 0, 1).Add(-time.Second)
	view := then.childPage(&p.Child)
	view.Can, view.Menu, view.Life, view.Frame, view.Stamp = Can{}, nil, Life{}, v.frame("children"), stamp
	view.Past = &PastDay{On: on, Unknown: p.Unknown, Today: view.Child.Href}
	view.Timeline, view.Older = "", ""
	for i := range view.Flags {
		view.Flags[i].End = ""
	}
	for i := range view.Events {
		view.Events[i].Correct = ""
	}
	return v.write(http.StatusOK, view)
}

// history is what was known of a child, change by change.
func (s *Server) history(v *visit) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]()
	}
	h, err := s.Cases.History(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	view := History{Frame: v.frame("children"), Child: v.childRow(&h.Case, &h.Person.Details)}
	for i := 0; i+1 < len(h.Versions); i++ {
		after, before := &h.Versions[i], &h.Versions[i+1]
		view.Changes = append(view.Changes, Change{
			At: after.At.In(v.s.Zone), By: v.name(after.Author), Fields: v.changed(&before.Details, &after.Details),
		})
	}
	if n := len(h.Versions); n > 0 {
		first := &h.Versions[n-1]
		view.First, view.FirstBy = first.At.In(v.s.Zone), v.name(first.Author)
	}
	view.Stamp = v.stamp(h.Entry)
	return v.write(http.StatusOK, view)
}

// changed lists the fields in which two versions differ, in words.
func (v *visit) changed(before, after *person.Details) []FieldChange {
	var out []FieldChange
	a, b := v.fieldTexts(before), v.fieldTexts(after)
	for i := range a {
		if a[i].Text != b[i].Text {
			out = append(out, FieldChange{Label: a[i].Label, From: a[i].Text, To: b[i].Text})
		}
	}
	return out
}

// fieldTexts writes every field of a person, always the same ones in the same
// order.
func (v *visit) fieldTexts(d *person.Details) []Line {
	pairs := func(list string, of [][2]string) string {
		var out []string
		for _, x := range of {
			out = append(out, strings.TrimSpace(x[1]+" ("+v.label(list, x[0])+")"))
		}
		return strings.Join(out, "; ")
	}
	names := make([][2]string, len(d.Names))
	for i, n := range d.Names {
		names[i] = [2]string{n.Kind, n.Text.Reveal()}
	}
	presumed := ""
	if d.Birth.PresumedChild {
		presumed = v.l.T("child.presumed")
	}
	return []Line{
		{"name", pairs("name_kind", names)},
		{"birth", v.span(d.Birth)},
		{"birth_source", v.label("birth_source", d.Birth.Source)},
		{"birth_certainty", v.label("certainty", d.Birth.Certainty)},
		{"presumed", presumed},
		{"sex", v.label("sex_recorded", d.SexRecorded)},
		{"gender", v.label("gender_told", d.GenderTold)},
		{"nationality", strings.Join(v.labels("nationality", d.Nationalities), ", ")},
		{"language", strings.Join(v.labels("language", d.Languages), ", ")},
		{"identifier", pairs("identifier_kind", identifiersOf(d))},
		{"restriction_note", pairs("contact_restriction", restrictionsOf(d))},
	}
}

// correctForm corrects a note: the note stays, the correction stands beside it.
func (s *Server) correctForm() formPage {
	p := s.childForm("case.note", nil, func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
		of, err := ident.Parse[ident.Event](v.r.PathValue("event"))
		if err != nil {
			return "", err
		}
		return "corrected", s.Cases.CorrectNote(v.r.Context(), v.caller, cmd, id, of, casework.Note{
			Question: v.text("question"), Words: v.text("words"), Language: v.value("language"), Seen: v.text("seen"), Thought: v.text("thought"),
		}, v.text("reason"))
	})
	p.show = func(v *visit, f Form) (any, error) {
		c, err := v.opened()
		if err != nil {
			return nil, err
		}
		of, err := ident.Parse[ident.Event](v.r.PathValue("event"))
		if err != nil || !c.May["case.note"] {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		for i := range c.Events {
			if e := &c.Events[i]; e.ID == of && e.Kind == casework.KindNote {
				if f.Values == nil {
					f.Values = noteValues(newestOf(c.Events, e))
				}
				view := Correct{
					Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Note: v.event(e), Languages: v.options("language"),
					Form: f.Ask("language", v.l.T("note.language")).Ask("reason", v.l.T("correct.why")),
				}
				view.Stamp = v.stamp(c.Entry)
				return view, nil
			}
		}
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return p
}

// newestOf returns the newest correction of a note, or the note.
func newestOf(events []casework.Event, note *casework.Event) *casework.Event {
	for i := range events { // newest first
		if events[i].Kind == casework.KindCorrected && string(events[i].Of) == string(note.ID[:]) {
			return &events[i]
		}
	}
	return note
}

func noteValues(e *casework.Event) url.Values {
	return url.Values{
		"question": {e.Question.Reveal()}, "words": {e.Words.Reveal()}, "language": {e.Language}, "seen": {e.Seen.Reveal()}, "thought": {e.Thought.Reveal()},
	}
}
