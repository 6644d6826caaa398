package web

import (
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// event builds one line of the timeline.
func (v *visit) event(e *casework.Event) Event {
	out := Event{Kind: e.Kind, At: e.At.In(v.s.Zone), By: v.name(e.Author), Emergency: e.Emergency}
	if k := e.Captured; k != nil && len(k.By) == 16 && len(k.Sent) == 16 {
		out.Carried = &CarriedFrom{At: clock.FromMicros(k.At).In(v.s.Zone), By: v.name(ident.Staff(k.By)), Sent: v.name(ident.Staff(k.Sent))}
	}
	if o := e.Origin; o != nil {
		out.Origin = &OriginLine{Profile: o.Profile, By: o.By.Reveal()}
	}
	line := func(label, text string) {
		if text != "" {
			out.Lines = append(out.Lines, Line{Label: label, Text: text})
		}
	}
	if v.checkEvent(&out, e, line) || v.documentEvent(&out, e, line) {
		return out
	}
	if v.circleEvent(&out, e, line) {
		return out
	}
	if !v.caseEvent(&out, e, line) && !v.toldEvent(&out, e, line) && !v.workEvent(&out, e) && !v.planningEvent(&out, e) && !v.consentEvent(&out, e) {
		v.lifeEvent(e, &out, line)
	}
	v.familyEvent(e, &out)
	if e.Kind != casework.KindRegistered {
		line("reason", e.Text.Reveal())
	}
	if words := e.Words.Reveal(); words != "" {
		out.Words = &Words{Question: e.Question.Reveal(), Text: words, Lang: e.Language, On: out.On, By: out.By}
		if out.On.IsZero() {
			out.Words.On = v.day(e.At)
		}
	}
	return out
}

// caseEvent fills in a line that is about the case: from its opening to its end.
func (v *visit) caseEvent(out *Event, e *casework.Event, line func(label, text string)) bool {
	switch e.Kind {
	case casework.KindRegistered:
		out.Tone, out.To, out.Reasons = "done", v.label("risk", e.To), v.labels("risk_reason", e.Reasons)
		line("place", e.Place.Reveal())
		line("reason", e.Text.Reveal())
	case casework.KindRisk:
		out.From, out.To, out.Reasons = v.label("risk", e.From), v.label("risk", e.To), v.labels("risk_reason", e.Reasons)
		if e.To == "high" {
			out.Tone = "late"
		}
	case casework.KindStage:
		out.From, out.To = v.label("stage", e.From), v.label("stage", e.To)
		if e.To == casework.StageMissing {
			out.Tone = "late"
		}
	case casework.KindClosed:
		out.Tone, out.To = "done", v.label("close_reason", e.To)
		if e.Declined != "" {
			line("declined_by", v.l.Word("declined", e.Declined))
		}
		line("ends", e.Ends.Reveal())
		line("continues", e.Continues.Reveal())
	case casework.KindReopened:
		if out.To = v.label("reopen_reason", e.To); e.Emergency {
			out.Tone = "late"
		}
	case casework.KindConfirmed:
		out.Tone = "done"
	case casework.KindGlass:
		out.Tone, out.To = "late", v.label(pack.GlassReasons, e.To)
	case casework.KindGlassReviewed:
		out.Tone, out.To = "done", v.label(pack.GlassOutcomes, e.To)
	default:
		return false
	}
	return true
}

// toldEvent fills in one of what was seen and said.
func (v *visit) toldEvent(out *Event, e *casework.Event, line func(label, text string)) bool {
	switch e.Kind {
	case casework.KindNote:
		out.Tone, out.To, out.Alone = "care", v.label("note_kind", e.NoteKind), e.Alone
		out.On, _ = locale.ParseDay(e.On.Reveal())
		line("seen", e.Seen.Reveal())
		line("thought", e.Thought.Reveal())
	case casework.KindCorrected:
		out.Tone = "care"
		line("seen", e.Seen.Reveal())
		line("thought", e.Thought.Reveal())
	case casework.KindConference:
		if e.Conference != nil {
			out.Tone = "care"
			out.On, _ = locale.ParseDay(e.Conference.Day.Reveal())
			for _, p := range e.Conference.Points {
				line("point_topic", p.Topic.Reveal())
				line("point_decision", p.Decision.Reveal())
			}
			line("child_view", e.Conference.View.Reveal())
		}
	default:
		return false
	}
	return true
}

// workEvent fills in one that is about the work: who has what to do, and by when.
func (v *visit) workEvent(out *Event, e *casework.Event) bool {
	switch e.Kind {
	case casework.KindContact:
		out.To = v.l.Date(v.day(e.DueAt()))
	case casework.KindAssigned:
		if len(e.Who) == 16 {
			out.To = v.name(ident.Staff(e.Who))
		}
	case casework.KindDue:
		v.tookSteps(e.Taken, out)
	case casework.KindFlagged:
		out.Tone, out.To = "late", v.label("flag_reason", e.To)
	case casework.KindResolved:
		out.Tone, out.To = "done", v.label("flag_reason", e.To)
	case casework.KindTask:
		if out.To = v.l.Word("taskfor", e.To); len(e.Who) == 16 {
			out.To = v.name(ident.Staff(e.Who))
		}
	case casework.KindTaskDone:
		out.Tone = "done"
	case casework.KindExported:
		out.Tone, out.To = "late", v.l.Word("exportformat", e.To)
	default:
		return false
	}
	return true
}

// planningEvent fills in one that is about a form, the plan, an approval or a need.
func (v *visit) planningEvent(out *Event, e *casework.Event) bool {
	switch e.Kind {
	case casework.KindRecordSaved, casework.KindRecordFinished:
		v.recordEvent(out, e)
	case casework.KindPlanAgreed, casework.KindPlanStep, casework.KindPlanGoal:
		v.planEvent(out, e)
	case casework.KindApproved, casework.KindApprovalReturned:
		v.approvalEvent(out, e)
	case casework.KindRequested, casework.KindAnswered:
		v.rightEvent(out, e)
	case casework.KindKept, casework.KindHeld, casework.KindLifted, casework.KindErasureAsked, casework.KindErasureAgreed,
		casework.KindErasureRefused:
		v.keepingEvent(out, e)
	case casework.KindNeedAdded, casework.KindNeedRequested, casework.KindNeedDelivered, casework.KindNeedEnded, casework.KindNeedUnmet:
		v.needEvent(out, e)
	case casework.KindReferral:
		v.referralEvent(out, e)
	default:
		return false
	}
	return true
}
