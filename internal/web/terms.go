package web

import "slices"

// keptWords are what a partner may say of what it was sent, when its time is over.
var keptWords = []string{"erased", "anonymised", "reviewed", "extended"}

// keptEvent says on the timeline what a partner did with what it was sent.
func (v *visit) keptEvent(out *Event, reasons []string) {
	for _, code := range reasons {
		switch {
		case slices.Contains(keptWords, code):
			out.Reasons = append(out.Reasons, v.l.Word("keptdone", code))
		case code == "legal_hold":
			out.Reasons = append(out.Reasons, v.l.Word("keptreason", code))
		default: // a reason of the partner's own, as it wrote it
			out.Reasons = append(out.Reasons, code)
		}
	}
}
