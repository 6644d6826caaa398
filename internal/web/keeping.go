package web

import (
	"cmp"
	"net/http"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// keepingRoutes are the pages of how long a case is kept and how it is erased.
func (s *Server) keepingRoutes() {
	s.page("GET /child/{case}/keeping", s.keeping)
	s.form("/child/{case}/keeping/{step}", s.keepForm())
	s.form("/child/{case}/keeping/{what}/{step}", s.keepForm())
	s.page("GET /erasures", s.erasures)
	s.form("/erasures/{case}/{what}/{step}", s.erasureForm())
}

// keptCase opens how long the case of the address is kept.
func (v *visit) keptCase() (*casework.KeepingPage, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return v.s.Cases.Keeping(v.r.Context(), v.caller, id)
}

func (s *Server) keeping(v *visit) error {
	p, err := v.keptCase()
	if err != nil {
		return err
	}
	view := Keeping{Frame: v.frame("children"), Child: v.childRow(&p.Case, &p.Person.Details), Backups: v.day(s.Cases.GoneBy(s.Clock.Now()))}
	at := view.Child.Href + "/keeping"
	if p.Case.Closed() {
		view.Kept, view.Over = v.day(p.Kept), !s.Clock.Now().Before(p.Kept)
		if p.Retention != nil {
			view.Class = v.label(pack.RetentionClasses, p.Retention.Class)
		}
		if p.May["retention.set"] {
			view.SetClass = at + "/class"
		}
	}
	if p.May["retention.hold"] {
		view.SetHold = at + "/hold"
	}
	if p.May["erasure.ask"] && !slices.ContainsFunc(p.Erasures, (*casework.Erasure).Waits) {
		view.AskErase = at + "/erase"
	}
	for _, h := range p.Holds {
		view.Holds = append(view.Holds, v.hold(h, at, p.May["retention.hold"]))
	}
	for _, e := range p.Erasures {
		view.Wishes = append(view.Wishes, v.wish(p, e, at))
		view.Complains = view.Complains || !e.Waits()
	}
	view.Stamp = v.stamp(p.Entry)
	return v.write(http.StatusOK, view)
}

func (v *visit) hold(h *casework.Hold, at string, may bool) HoldRow {
	row := HoldRow{
		Reason: v.label(pack.HoldReasons, h.Reason), Set: v.day(h.Set), Lifted: v.day(h.Lifted), By: v.name(h.Setter),
		LiftedBy: v.name(h.Lifter), Why: h.Why.Reveal(), LiftedBe: h.LiftedWhy.Reveal(),
	}
	if may && h.InForce() {
		row.Lift = at + "/" + h.ID.String() + "/lift"
	}
	return row
}

func (v *visit) wish(p *casework.KeepingPage, e *casework.Erasure, at string) WishRow {
	row := WishRow{
		Ground: v.label(pack.ErasureGrounds, e.Ground), By: v.label(pack.RequestBy, e.Wish), State: e.State,
		Asker: v.name(e.Asker), Asked: v.day(e.Asked), First: v.name(e.First), Agreed: v.day(e.Agreed),
		Why: e.Why.Reveal(), Refuser: v.name(e.Refuser), Refused: v.day(e.Decided), Answer: e.Answer.Reveal(),
	}
	if e.Refusal != "" {
		row.Refusal = v.label(pack.ErasureRefusals, e.Refusal)
	}
	if !e.Waits() {
		return row
	}
	row.Against = v.labels(pack.ErasureRefusals, p.Against[e.Ground])
	mine := e.Asker == v.session.Staff
	if p.May["erasure.agree"] && e.State == casework.ErasureAsked && !mine {
		row.Agree = at + "/" + e.ID.String() + "/agree"
	}
	if p.May["erasure.refuse"] && !mine {
		row.Refuse = at + "/" + e.ID.String() + "/refuse"
	}
	return row
}

// The steps of keeping a case, as they stand in addresses, with what each asks of its
// reader.
var keepSteps = map[string]string{
	"class": "retention.set", "hold": "retention.hold", "lift": "retention.hold",
	"erase": "erasure.ask", "agree": "erasure.agree", "refuse": "erasure.refuse",
}

func (s *Server) keepForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			p, err := v.keptCase()
			if err != nil {
				return nil, err
			}
			step := v.r.PathValue("step")
			if action, ok := keepSteps[step]; !ok || !p.May[action] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			view := KeepForm{Frame: v.frame("children"), Child: v.childRow(&p.Case, &p.Person.Details), Form: f, Step: step, Button: "save"}
			view.Back = view.Child.Href + "/keeping"
			if err := v.fillKeepForm(&view, p); err != nil {
				return nil, err
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
			step := v.r.PathValue("step")
			return "/child/" + id.String() + "/keeping", "keep-" + step, s.keepStep(v, id, cmd, step)
		},
	}
}

// fillKeepForm adds what a step offers and is about.
func (v *visit) fillKeepForm(view *KeepForm, p *casework.KeepingPage) error {
	switch view.Step {
	case "class":
		view.Classes = v.options(pack.RetentionClasses)
		return nil
	case "hold":
		view.Reasons = v.options(pack.HoldReasons)
		return nil
	case "erase":
		view.Grounds, view.By, view.Button = v.options(pack.ErasureGrounds), v.options(pack.RequestBy), "erase"
		return nil
	case "lift":
		id, err := ident.Parse[ident.Hold](v.r.PathValue("what"))
		i := slices.IndexFunc(p.Holds, func(h *casework.Hold) bool { return h.ID == id })
		if err != nil || i < 0 {
			return fault.New(fault.NotFound, "no-such-page")
		}
		view.What = v.label(pack.HoldReasons, p.Holds[i].Reason)
		return nil
	}
	id, err := ident.Parse[ident.Erasure](v.r.PathValue("what"))
	i := slices.IndexFunc(p.Erasures, func(e *casework.Erasure) bool { return e.ID == id })
	if err != nil || i < 0 || p.Erasures[i].Asker == v.session.Staff {
		return fault.New(fault.NotFound, "no-such-page")
	}
	e := p.Erasures[i]
	view.What, view.Why = v.label(pack.ErasureGrounds, e.Ground), e.Why.Reveal()
	view.Against = v.labels(pack.ErasureRefusals, p.Against[e.Ground])
	view.Button = view.Step
	if view.Step == "refuse" {
		view.Refusal = v.options(pack.ErasureRefusals)
	}
	return nil
}

func (s *Server) keepStep(v *visit, id ident.Case, cmd ident.Command, step string) error {
	ctx, why := v.r.Context(), v.text("reason")
	switch step {
	case "class":
		until, code := v.dueDay("kept_until")
		if code != "" {
			return fault.InvalidField("kept_until", code)
		}
		return s.Cases.SetRetention(ctx, v.caller, cmd, id, casework.Keeping{Class: v.value("retention_class"), Until: until, Why: why})
	case "hold":
		return s.Cases.HoldCase(ctx, v.caller, cmd, id, v.value("hold_reason"), why)
	case "erase":
		return s.Cases.AskErasure(ctx, v.caller, cmd, id, casework.Wish{Ground: v.value("erasure_ground"), By: v.value("request_by"), Why: why})
	case "lift":
		hold, err := ident.Parse[ident.Hold](v.r.PathValue("what"))
		if err != nil {
			return fault.New(fault.NotFound, "no-such-page")
		}
		return s.Cases.LiftHold(ctx, v.caller, cmd, id, hold, why)
	}
	wish, err := ident.Parse[ident.Erasure](v.r.PathValue("what"))
	if err != nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	return s.erasureStep(v, id, cmd, wish, step)
}

// erasureStep takes a step of one of the two people who decide.
func (s *Server) erasureStep(v *visit, id ident.Case, cmd ident.Command, wish ident.Erasure, step string) error {
	ctx := v.r.Context()
	switch step {
	case "agree":
		return s.Cases.AgreeErasure(ctx, v.caller, cmd, id, wish, v.text("reason"))
	case "refuse":
		return s.Cases.RefuseErasure(ctx, v.caller, cmd, id, wish, casework.Refused{Ground: v.value("erasure_refusal"), Answer: v.text("rights_answer")})
	case "confirm":
		return s.Cases.ConfirmErasure(ctx, v.caller, cmd, id, wish)
	}
	return fault.New(fault.NotFound, "no-such-page")
}

// erasures is the desk: what waits for its reader, what was erased, and which files were
// kept for their time.
func (s *Server) erasures(v *visit) error {
	desk, err := s.Cases.Erasures(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Erasures{Frame: v.frame("erasures"), Oversees: v.caller.Oversees()}
	for i := range desk.Waiting {
		view.Waiting = append(view.Waiting, v.erasure(&desk.Waiting[i]))
	}
	for i := range desk.Over {
		o := &desk.Over[i]
		view.Over = append(view.Over, OverRow{
			Number: o.Case.Number.String(), Href: "/child/" + o.Case.ID.String() + "/keeping",
			Class: v.label(pack.RetentionClasses, o.Class), Closed: v.day(o.Case.ClosedAt), Since: v.day(o.Review),
		})
	}
	for _, e := range desk.Erased {
		view.Erased = append(view.Erased, ErasedRow{
			Code: ident.SubjectOf(e.Case).Short(), Ground: v.label(pack.ErasureGrounds, e.Ground), Asker: v.name(e.Asker),
			At: v.day(e.At), Gone: v.day(e.Gone),
		})
	}
	if view.Told, err = v.toldPartners(); err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

// toldPartners lists the partners that were told of erasures.
func (v *visit) toldPartners() (out []ToldRow, err error) {
	if v.s.Referrals == nil || !v.s.Referrals.Joined() {
		return nil, nil
	}
	all, err := v.s.Referrals.Gone(v.r.Context(), v.caller)
	for _, g := range all {
		row := ToldRow{Office: cmp.Or(g.Name, string(g.Peer)), Asked: g.Asked, Untold: g.Untold, At: v.day(g.At), Answered: v.day(g.Answered)}
		if g.Outcome != "" {
			row.Answer = v.label(pack.AbroadRecalled, g.Outcome)
		}
		out = append(out, row)
	}
	return out, err
}

// erasure builds one line of what waits.
func (v *visit) erasure(d *casework.DueErasure) ErasureRow {
	row := ErasureRow{
		Code: ident.SubjectOf(d.Case).Short(), Ground: v.label(pack.ErasureGrounds, d.Ground), By: v.label(pack.RequestBy, d.Wish),
		State: d.State, Asker: v.name(d.Asker), Asked: v.day(d.Asked), First: v.name(d.First), Kept: v.day(d.Kept), Held: d.Held,
	}
	if d.Class != "" {
		row.Class = v.label(pack.RetentionClasses, d.Class)
	}
	if !v.caller.Oversees() {
		row.Href = "/child/" + d.Case.String() + "/keeping"
		return row
	}
	at := "/erasures/" + d.Case.String() + "/" + d.ID.String()
	if d.State == casework.ErasureAgreed && d.First != v.session.Staff && d.Asker != v.session.Staff {
		row.Confirm = at + "/confirm"
	}
	if d.Asker != v.session.Staff {
		row.Refuse = at + "/refuse"
	}
	return row
}

// erasureForm is where the oversight confirms or refuses an erasure.
func (s *Server) erasureForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			desk, err := s.Cases.Erasures(v.r.Context(), v.caller)
			if err != nil {
				return nil, err
			}
			step := v.r.PathValue("step")
			for i := range desk.Waiting {
				d := &desk.Waiting[i]
				if d.Case.String() != v.r.PathValue("case") || d.ID.String() != v.r.PathValue("what") {
					continue
				}
				view := ErasureForm{Frame: v.frame("erasures"), Row: v.erasure(d), Form: f, Step: step, Backups: v.day(s.Cases.GoneBy(s.Clock.Now()))}
				if step == "confirm" && view.Row.Confirm != "" {
					if err := v.fresh(); err != nil {
						return nil, err
					}
					return view, nil
				}
				if step == "refuse" && view.Row.Refuse != "" {
					view.Refusal = v.options(pack.ErasureRefusals)
					return view, nil
				}
			}
			return nil, fault.New(fault.NotFound, "no-such-page")
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
			wish, err := ident.Parse[ident.Erasure](v.r.PathValue("what"))
			step := v.r.PathValue("step")
			if err != nil || step == "agree" {
				return "", "", fault.New(fault.NotFound, "no-such-page")
			}
			return "/erasures", "erasure-" + step, s.erasureStep(v, id, cmd, wish, step)
		},
	}
}

// keepingEvent says on the timeline what was decided about keeping a case.
func (v *visit) keepingEvent(out *Event, e *casework.Event) {
	switch e.Kind {
	case casework.KindKept:
		out.From, out.To = v.classLabel(e.From), v.classLabel(e.To)
		out.Lines = append(out.Lines, Line{Label: "kept_until", Text: v.l.Date(v.day(e.SinceAt()))})
	case casework.KindHeld:
		out.Tone, out.To = "late", v.label(pack.HoldReasons, e.To)
	case casework.KindLifted:
		out.Tone, out.To = "done", v.label(pack.HoldReasons, e.From)
	case casework.KindErasureAsked:
		out.Tone, out.To = "late", v.label(pack.ErasureGrounds, e.To)
		out.Lines = append(out.Lines, Line{Label: "request_by", Text: v.label(pack.RequestBy, e.From)})
	case casework.KindErasureAgreed:
		out.Tone, out.To = "late", v.label(pack.ErasureGrounds, e.To)
	case casework.KindErasureRefused:
		out.To, out.Reasons = v.label(pack.ErasureGrounds, e.To), v.labels(pack.ErasureRefusals, e.Reasons)
	}
}

func (v *visit) classLabel(class string) string {
	if class == "" {
		return ""
	}
	return v.label(pack.RetentionClasses, class)
}
