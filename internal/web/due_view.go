package web

import (
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/ident"
)

// tookSteps says on the timeline what deadlines did.
func (v *visit) tookSteps(steps []casework.StepTaken, out *Event) {
	for _, s := range steps {
		who := ""
		switch {
		case len(s.Staff) == 16:
			who = v.name(ident.Staff(s.Staff))
		case len(s.Unit) == 16:
			who = v.unitName(ident.Unit(s.Unit))
		}
		what := v.label("deadline_kind", s.Kind)
		switch {
		case s.Kind == casework.DueLead:
			out.Reasons = append(out.Reasons, v.l.T("due.took.lead", "who", who))
		case s.Step == deadline.StepRemind:
			out.Reasons = append(out.Reasons, v.l.T("due.took.remind", "what", what))
		case s.Step == deadline.StepAlert:
			out.Tone = "late"
			out.Reasons = append(out.Reasons, v.l.T("due.took.alert", "what", what))
		case s.Step == deadline.StepEscalate:
			out.Tone = "late"
			out.Reasons = append(out.Reasons, v.l.T("due.took.escalate", "what", what, "who", who))
		case s.Step == deadline.StepHand:
			out.Reasons = append(out.Reasons, v.l.T("due.took.hand", "what", what, "who", who))
		}
	}
}
