package web

import (
	"slices"
	"strconv"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
)

// keptWords are what a partner, or this node, may say of what was sent, when its time is over.
var keptWords = []string{"erased", "anonymised", "reviewed", "extended"}

// keptEvent says on the timeline what became of what was sent.
func (v *visit) keptEvent(out *Event, e *casework.Event) {
	here := handover.Event(e.To) == referral.KeptHere
	for _, code := range e.Reasons {
		switch {
		case here && slices.Contains(keptWords, code):
			out.Reasons = append(out.Reasons, v.l.Word("kepthere", code))
		case slices.Contains(keptWords, code):
			out.Reasons = append(out.Reasons, v.l.Word("keptdone", code))
		case code == "legal_hold":
			out.Reasons = append(out.Reasons, v.l.Word("keptreason", code))
		default: // a reason of the partner's own, as it wrote it
			out.Reasons = append(out.Reasons, code)
		}
	}
	if e.Due != 0 {
		out.Reasons = append(out.Reasons, v.l.T("terms.until", "date", v.l.Date(v.day(e.DueAt()))))
	}
}

// termCodes are the codes of conditions, as an event of the timeline has them.
var termCodes = []string{"handling_H1", "handling_H2", "handling_H3", "onward_none", "onward_ask", "court_ask", "court_no", "until"}

// termWords puts what became stricter into words.
func (v *visit) termWords(codes []string) (out []string) {
	for _, code := range codes {
		switch {
		case slices.Contains(termCodes, code):
			out = append(out, v.l.Word("termcode", code))
		case slices.Contains(cx.Flags(), cx.Flag(code)):
			out = append(out, v.l.Word("abroadsafety", code))
		default:
			out = append(out, code)
		}
	}
	return out
}

// terms puts the conditions into words under which something was sent.
func (v *visit) terms(m *referral.Term, came bool) (out []string) {
	if m == nil {
		return nil
	}
	out = append(out, v.l.Word("termhandling", string(m.Handling)), v.l.Word("termonward", string(m.Onward)), v.l.Word("termcourt", string(m.Court)))
	for _, node := range m.Nodes {
		out = append(out, isolated(string(node)))
	}
	if len(m.Roles) > 0 {
		roles := ""
		for _, role := range m.Roles {
			roles = v.joined(roles, v.l.Word("role", role))
		}
		out = append(out, v.l.T("terms.roles", "roles", roles))
	}
	for _, f := range m.Flags {
		out = append(out, v.l.Word("abroadsafety", string(f)))
	}
	switch {
	case !m.Ended.IsZero():
		out = append(out, v.l.T("terms.ended", "date", v.l.Date(v.day(m.Ended))))
	case !m.Until.IsZero():
		out = append(out, v.l.T("terms.until", "date", v.l.Date(v.day(m.Until))))
	case came:
		out = append(out, v.l.T("terms.case"))
	}
	return out
}

// stricter offers what of the conditions can be made stricter.
func (v *visit) stricter(part *AbroadAnswer, m *referral.Term) {
	part.Languages = nil
	if m == nil {
		return
	}
	f := &StricterForm{Until: !m.Until.IsZero()}
	for _, h := range []cx.Handling{cx.H1, cx.H2, cx.H3} {
		if h > m.Handling {
			f.Handling = append(f.Handling, Option{Value: string(h), Label: v.l.Word("termhandling", string(h))})
		}
	}
	if m.Onward == cx.OnwardList {
		f.Onward = Options(v.l, "termonward", string(cx.OnwardAsk), string(cx.OnwardNone))
	} else if m.Onward == cx.OnwardAsk {
		f.Onward = Options(v.l, "termonward", string(cx.OnwardNone))
	}
	switch m.Court {
	case cx.CourtYes:
		f.Court = Options(v.l, "termcourt", string(cx.CourtAsk), string(cx.CourtNo))
	case cx.CourtAsk:
		f.Court = Options(v.l, "termcourt", string(cx.CourtNo))
	}
	for _, flag := range cx.Flags() {
		if !slices.Contains(m.Flags, flag) {
			f.Flags = append(f.Flags, Option{Value: string(flag), Label: v.l.Word("abroadsafety", string(flag))})
		}
	}
	part.Stricter = f
}

// tighten makes conditions stricter.
func (v *visit) tighten(cmd ident.Command, of ident.Case, id referral.ThreadID) error {
	s := referral.Stricter{
		Handling: cx.Handling(v.value("term_handling")), Onward: cx.Onward(v.value("term_onward")), Court: cx.Court(v.value("term_court")),
	}
	for _, flag := range v.r.PostForm["term_flags"] {
		s.Flags = append(s.Flags, cx.Flag(flag))
	}
	if day := v.value("term_until"); day != "" {
		until, err := time.ParseInLocation(time.DateOnly, day, v.s.Zone)
		if err != nil {
			return fault.InvalidField("term_until", "bad-date")
		}
		s.Until = until
	}
	return v.s.Referrals.Tighten(v.r.Context(), v.caller, cmd, of, id, s)
}

// unknownCode shows a code that is in no list here, as the partner wrote it.
func (v *visit) unknownCode(code string) string {
	return v.l.T("terms.unknown", "code", isolated(code))
}

// foreignAnswer shows the answer to a question of a form that this node does not have: what
// the partner wrote, which is not lost because two forms differ.
func (v *visit) foreignAnswer(s *casework.Shown) string {
	a, _ := s.Flat()
	text := isolated(s.Field)
	add := func(more string) {
		if more != "" {
			text = v.joined(text, isolated(more))
		}
	}
	for _, code := range a.Codes {
		add(code)
	}
	add(a.Text.Reveal())
	add(a.Date.Reveal())
	if a.HasNumber {
		add(strconv.FormatFloat(a.Number, 'f', -1, 64))
	}
	if len(a.Codes) == 0 && a.Text.IsZero() && !a.HasNumber {
		add(a.State)
	}
	return text
}
