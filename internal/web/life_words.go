package web

import (
	"slices"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// life is what the head of a child's page says of where the case stands.
func (v *visit) life(c *casework.Child) Life {
	grown := c.ChildRules && c.Case.AgeBand == "18+"
	out := Life{TalkDue: c.TalkDue(), Presumed: c.Standing.Presumed(), Grown: grown}
	if now := c.MissingNow(); now != nil && now.Told.IsZero() {
		out.Untold = true
	}
	if c.May["case.missing"] {
		out.Search = "/child/" + c.Case.ID.String() + "/missing"
	}
	for _, a := range c.Unreviewed() {
		out.Breaches = append(out.Breaches, v.actLine(c, &a))
	}
	return out
}

// paper is the same without what leads on.
func (l Life) paper() Life {
	l.Search, l.Breaches = "", slices.Clone(l.Breaches)
	for i := range l.Breaches {
		l.Breaches[i].Review = ""
	}
	return l
}

// lifeEvent puts the events of the life of a case into words.
func (v *visit) lifeEvent(e *casework.Event, out *Event, line func(label, text string)) {
	when := func(label string) {
		if t := e.SinceAt(); !t.IsZero() {
			line(label, v.l.DateTime(t.In(v.s.Zone)))
		}
	}
	switch e.Kind {
	case casework.KindStatus, casework.KindStatusEnded:
		out.From, out.To = "", v.state(e.To)
		line("status_from", v.l.Date(v.day(e.SinceAt())))
	case casework.KindActAsked, casework.KindActPlanned, casework.KindActDropped, casework.KindActReviewed:
		out.To = v.actKind(e.To)
		for _, o := range e.Reasons {
			out.Reasons = append(out.Reasons, v.l.Word("outcome", o))
		}
	case casework.KindActDone, casework.KindActBreach:
		out.Tone, out.To = "done", v.actKind(e.To)
		if e.Kind == casework.KindActBreach {
			out.Tone = "late"
		}
		when("happened")
		line("place", e.Place.Reveal())
		line("why_at_once", e.Why.Reveal())
		line("told", e.Told.Reveal())
	case casework.KindMissing, casework.KindToldOf, casework.KindSearch:
		if e.Kind == casework.KindMissing {
			out.Tone = "late"
			when("missing_since")
		}
		line("told", e.Told.Reveal())
		line("reference", e.Reference.Reveal())
	case casework.KindFound:
		out.Tone, out.To = "done", v.label("stage", e.To)
		when("found_at")
		line("place", e.Place.Reveal())
	case casework.KindReturnTalk:
		out.Tone, out.Alone = "care", e.Alone
		line("seen", e.Seen.Reveal())
		line("thought", e.Thought.Reveal())
	}
}

// actKind returns the words of an act, also of one that is none of the pack's.
func (v *visit) actKind(code string) string {
	if code == casework.ActOther {
		return v.l.T("acts.other")
	}
	return v.label(pack.ActKinds, code)
}

// gateNeed returns the words of what a gate asks for, and where it is given.
func (v *visit) gateNeed(child, code string, may map[string]bool) GateNeed {
	if code == pack.NeedDecision {
		n := GateNeed{Label: v.l.T("gate.decision")}
		if may["case.status"] {
			n.Href = child + "/status/" + casework.StatusDecision
		}
		return n
	}
	n := GateNeed{Label: v.label(pack.StatusStates, code)}
	switch {
	case may["record.save"] && len(v.s.Pack.Form(code)) > 0:
		n.Href = child + "/form/" + code
	case may["case.status"]: // on paper, or in a form that this pack does not have
		n.Href = child + "/status/" + casework.StatusFiled + "?state=" + code
	}
	return n
}

// gates puts the ways on into words.
func (v *visit) gates(c *casework.Child, list string, ways []casework.Way) []Gate {
	out := make([]Gate, len(ways))
	for i := range ways {
		w := &ways[i]
		g := Gate{Code: w.To, Label: v.label(list, w.To), Open: w.Open(), From: w.Source, Sure: sure(w.Confidence)}
		for _, need := range w.Needs {
			g.Needs = append(g.Needs, v.gateNeed("/child/"+c.Case.ID.String(), need, c.May))
		}
		if w.Basis != nil {
			g.Has = v.state(w.Basis.State)
		}
		for _, state := range w.Shut {
			g.Shut = append(g.Shut, v.state(state))
		}
		out[i] = g
	}
	return out
}

// sure is the code of how certain a rule of the pack is, for its words.
func sure(c pack.Confidence) string { return strings.ReplaceAll(string(c), " ", "-") }

// split keeps the open gates apart from the others: those are offered, these say
// what they need.
func split(gates []Gate) (open []Option, shut []Gate) {
	for _, g := range gates {
		if g.Open {
			open = append(open, Option{Value: g.Code, Label: g.Label, Hint: g.Has})
		} else {
			shut = append(shut, g)
		}
	}
	return open, shut
}

// state returns the words of a state with those of its kind: "granted" alone does
// not say what was granted. A finished record and a decision say so themselves.
func (v *visit) state(code string) string {
	kind, state := v.s.Pack.Parent(pack.StatusStates, code), v.label(pack.StatusStates, code)
	if kind == casework.StatusFiled || kind == casework.StatusDecision {
		return state
	}
	return v.l.T("status.kind", "kind", v.label(pack.StatusKinds, kind), "state", state)
}

// statusLine puts a status into words.
func (v *visit) statusLine(t *casework.Status) StatusLine {
	out := StatusLine{
		Kind: v.label(pack.StatusKinds, t.Kind), State: v.label(pack.StatusStates, t.State),
		From: v.day(t.From), Until: v.lastDay(t.Until), Appeal: v.lastDay(t.Appeal),
		Body: t.Body.Reveal(), Grounds: t.Grounds.Reveal(), Doubt: t.Doubt, Paper: t.Reference.Reveal(),
		By: v.name(t.Author), At: t.At.In(v.s.Zone),
	}
	if t.Method != "" {
		out.Method = v.label(pack.AgeMethods, t.Method)
	}
	return out
}

// lastDay returns the last day before an end: what holds until midnight holds on
// the day before.
func (v *visit) lastDay(t time.Time) locale.Day {
	if t.IsZero() {
		return locale.Day{}
	}
	return v.day(t.Add(-time.Microsecond))
}

// begins reads a day as the moment it begins where the people are; zero for none.
func (v *visit) begins(c *fault.Check, field string) time.Time {
	typed := v.value(field)
	if typed == "" {
		return time.Time{}
	}
	d, ok := locale.ParseDay(locale.PlainDigits(typed))
	if !ok {
		c.Reject(field, "bad-date")
		return time.Time{}
	}
	return time.Date(d.Year, d.Month, d.Dom, 0, 0, 0, 0, v.s.Zone).UTC()
}

// ends reads a day as the moment it is over; zero for none.
func (v *visit) ends(c *fault.Check, field string) time.Time {
	t := v.begins(c, field)
	if t.IsZero() {
		return t
	}
	return t.In(v.s.Zone).AddDate(0, 0, 1).UTC()
}

// moment reads a day and an hour; zero for none.
func (v *visit) moment(c *fault.Check, field string) time.Time {
	typed := locale.PlainDigits(v.value(field))
	if typed == "" {
		c.Reject(field, "required")
		return time.Time{}
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", typed, v.s.Zone)
	if err != nil {
		c.Reject(field, "bad-date")
		return time.Time{}
	}
	return t.UTC()
}

// momentNow is now as a field for a day and an hour holds it.
func (v *visit) momentNow() string { return v.now().Format("2006-01-02T15:04") }

// number puts a clock of the pack into words.
func (v *visit) number(name pack.ClockName) *Number {
	c := v.s.Pack.Clock(name)
	return &Number{Label: c.Label(v.l.Code()), Value: v.l.T("number."+string(c.Unit), "n", c.Value), From: c.Source, Sure: sure(c.Confidence)}
}
