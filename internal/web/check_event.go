package web

import (
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// checkEvent fills in a line of the timeline that is about a check.
func (v *visit) checkEvent(out *Event, e *casework.Event, line func(label, text string)) bool {
	switch e.Kind {
	case casework.KindScreened:
		out.To = v.l.Word("checklevel", e.To)
		for _, u := range e.Reasons {
			out.Tone, out.Reasons = "late", append(out.Reasons, v.l.Word("urgent", u))
		}
	case casework.KindReported:
		out.Tone, out.To = "late", v.actKind(e.To)
		line("number", e.Reference.Reveal())
		line("happened", v.l.DateTime(e.SinceAt().In(v.s.Zone)))
		line("what_happened", e.Text.Reveal())
		line("why_at_once", e.Why.Reveal())
		line("told", e.Told.Reveal())
	case casework.KindHanded:
		if len(e.Who) == 16 {
			out.To = v.unitName(ident.Unit(e.Who))
		}
	case casework.KindAccepted:
		if len(e.Who) == 16 {
			out.To = v.name(ident.Staff(e.Who))
		}
	case casework.KindSeenTo:
		out.Tone, out.To = "done", v.label(pack.UrgentOutcomes, e.To)
		for _, u := range e.Reasons {
			out.Reasons = append(out.Reasons, v.l.Word("urgent", u))
		}
		line("reason", e.Text.Reveal())
	default:
		return false
	}
	return true
}

// documentEvent fills in one that is about a document.
func (v *visit) documentEvent(out *Event, e *casework.Event, line func(label, text string)) bool {
	switch e.Kind {
	case casework.KindDocumentAdded, casework.KindDocumentQuarantined:
		out.To = v.label(pack.DocumentWhats, e.To)
	case casework.KindDocumentLocked, casework.KindDocumentRemoved:
		out.Tone = "late"
		line("reason", e.Text.Reveal())
	case casework.KindDocumentAsked:
		out.Tone = "late"
		line("document_reference", e.Text.Reveal())
	case casework.KindDocumentDestroyed:
		out.Tone = "late"
	default:
		return false
	}
	return true
}
