package web

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"

	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// abroadDesk lists what a unit has with other countries.
func (s *Server) abroadDesk(v *visit) error {
	ctx := v.r.Context()
	list, err := s.Referrals.Abroad(ctx, v.caller)
	if err != nil {
		return err
	}
	offices, err := s.Referrals.Offices(ctx)
	if err != nil {
		return err
	}
	view := AbroadDesk{
		Frame: v.frame("refer"), Joined: s.Referrals.Joined(), Sends: s.Gate.May(v.caller, "case.list"), MoreIn: list.In.More, MoreOut: list.Out.More,
		Questions: s.Match != nil && s.Gate.May(v.caller, "match.tasks"),
	}
	for _, l := range list.In.Lines {
		view.In = append(view.In, v.referralRow(l.Thread, handover.Receiver, ""))
	}
	for _, l := range list.Back.Lines {
		as := handover.Sender
		if l.Received() {
			as = handover.Receiver
		}
		view.Back = append(view.Back, v.referralRow(l.Thread, as, ""))
	}
	view.MoreBack = list.Back.More
	view.Missing = v.abroadMissing(list.Missing)
	view.Lost = len(view.Back) + len(view.Missing)
	for _, n := range offices {
		view.Offices = append(view.Offices, AbroadOffice{n.Name, v.label(pack.Nationalities, n.Country), n.Suspended})
	}
	sent := make([]*referral.Thread, len(list.Out.Lines))
	for i := range sent {
		sent[i] = list.Out.Lines[i].Thread
	}
	stuck, err := s.Referrals.Stuck(ctx, v.caller, sent)
	if err != nil {
		return err
	}
	for _, l := range list.Out.Lines {
		row := v.referralRow(l.Thread, handover.Sender, l.Number)
		row.Stuck = stuck[l.ID]
		view.Out = append(view.Out, row)
	}
	view.Stuck, view.Stamp = len(stuck), v.stamp(list.In.Entry)
	return v.write(http.StatusOK, view)
}

// abroadMissing lists the handovers of which nothing is here but where they stand.
func (v *visit) abroadMissing(list []referral.Back) (out []AbroadMissing) {
	for i := range list {
		b := &list[i]
		row := AbroadMissing{
			Office: v.officeName(referral.Office(b.Peer)), Side: b.Side, State: string(b.State), Taken: b.Taken, At: b.At.In(v.s.Zone),
			Form: Form{Action: "/abroad/missing", Hidden: []Hidden{{"peer", string(b.Peer)}, {"wire", hex.EncodeToString(b.Wire[:])}}},
		}
		if row.Office == "" {
			row.Office = string(b.Peer)
		}
		out = append(out, row)
	}
	return out
}

// abroadFound says that a handover that was missing was dealt with.
func (s *Server) abroadFound(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	wire, err := hex.DecodeString(v.value("wire"))
	if err != nil || len(wire) != len(cx.Thread{}) {
		return fault.New(fault.NotFound, "no-such-page")
	}
	b := referral.Back{Peer: identity.NodeID(v.value("peer")), Wire: cx.Thread(wire)}
	if err := s.Referrals.Found(v.r.Context(), v.caller, cmd, b); err != nil {
		return err
	}
	return v.redirect("/abroad", "abroad-found")
}

// isolated keeps the direction of a name from turning what stands beside it (Unicode
// bidirectional isolate).
func isolated(name string) string { return "\u2068" + name + "\u2069" }

// officeName names the office abroad that stands where a unit would, "" for a unit.
func (v *visit) officeName(id ident.Unit) string {
	if v.s.Referrals == nil {
		return ""
	}
	if v.offices == nil {
		all, err := v.s.Referrals.Offices(v.r.Context())
		if err != nil {
			return "" // a page does not fail because a name could not be read
		}
		v.offices = map[ident.Unit]string{}
		for _, n := range all {
			v.offices[referral.Office(n.Node)] = v.joined(isolated(n.Name), v.label(pack.Nationalities, n.Country))
		}
	}
	return v.offices[id]
}

// abroadPart is what of a thread's page is about another country, nil for one between
// units.
func (v *visit) abroadPart(t *referral.View) *AbroadPart {
	a := t.Abroad
	if a == nil {
		return nil
	}
	part := &AbroadPart{Purpose: v.s.Pack.AbroadLabel(a.Purpose, v.l.Code()), Texts: v.abroadTexts(t.Payload), Notes: abroadNotes(t)}
	if t.Kind == handover.Transfer && !a.SentAt.IsZero() {
		part.Answers = string(t.Responsible())
	}
	if p := t.Payload; p != nil {
		part.Norm = p.Card.Norm
		for _, flag := range p.Card.Safety {
			part.Safety = append(part.Safety, v.l.Word("abroadsafety", flag))
		}
		if t.Receives() && p.Package == nil {
			part.Later = v.labels(pack.DisclosureParts, p.Card.Parts)
		}
	}
	part.Terms, part.Apart = v.terms(t.Term, t.Received()), t.Apart
	for _, c := range t.Unknown {
		part.Unknown = append(part.Unknown, c.List+": "+c.Value)
	}
	if a.Reply != "" {
		part.Reply = v.label(v.s.Referrals.Replies(a.Purpose), a.Reply)
	}
	if !a.ConfirmBy.IsZero() && a.Approved.IsZero() {
		part.Confirm = a.ConfirmBy.In(v.s.Zone)
	}
	if a.Recall != "" {
		part.Recall = v.label(pack.AbroadRecalls, a.Recall)
	}
	v.abroadPosted(part, t)
	v.abroadFiles(part, t)
	if a.Outcome != "" {
		part.Outcome = v.label(pack.AbroadRecalled, a.Outcome)
	}
	return part
}

// abroadNotes says what a reader must know of how a thread stands.
func abroadNotes(t *referral.View) (out []string) {
	a := t.Abroad
	if t.Back != nil {
		out = append(out, backNote(t.Back))
	}
	switch {
	case t.Sends() && a.SentAt.IsZero() && t.State == handover.None:
		out = append(out, "waits-second")
	case t.Sends() && a.Asked != "":
		out = append(out, "asked")
	}
	if !a.LateAt.IsZero() && !t.State.Final() {
		out = append(out, "late")
	}
	if !a.Arrived.IsZero() {
		out = append(out, "arrived")
	}
	return out
}

// backNote is what a reader must know of a thread of which a restore took something.
func backNote(b *referral.Back) string {
	switch {
	case b.Taken && b.Side == "received":
		return "lost-taken"
	case b.Taken:
		return "lost-sent"
	}
	return "lost-look"
}

// abroadEvents are what is done with a thread between two nodes and is no step of it.
var abroadEvents = []handover.Event{
	referral.Proposed, referral.Confirmed, referral.TakeNote, referral.Journey, referral.Reported, referral.Recall, referral.Recalled,
	referral.Undelivered, referral.TakeUp, referral.FileAway, referral.Tightened,
}

// abroadAnswer is what of a step's form is about another country.
func (v *visit) abroadAnswer(view *ReferralAnswer, t *referral.View, e handover.Event) {
	if t.Abroad == nil {
		return
	}
	part := &AbroadAnswer{Languages: v.options(pack.Languages)}
	if _, typed := view.Form.Values["written_language"]; !typed {
		view.Form.Values = map[string][]string{"written_language": {v.l.Code()}, "journey_at": {v.momentNow()}}
	}
	switch e {
	case handover.Decline:
		view.Units = nil // the other country does not know our units
		view.Reasons = v.options(pack.ReferralDeclines)
	case handover.Complete:
		if part.List = v.s.Referrals.Replies(t.Abroad.Purpose); part.List != "" {
			part.Replies = v.options(part.List)
		}
	case referral.Proposed, referral.Confirmed:
		part.Decide, part.Languages = Options(v.l, "abroaddecide", "yes", "no"), nil
	case referral.Journey:
		part.Steps = Options(v.l, "journeystep", payload.Travelling, payload.Meeting, payload.Arrived)
	case referral.Reported:
		part.Wellbeing = v.options(pack.AbroadWellbeing)
	case referral.Recall:
		part.Recalls, part.Languages = v.options(pack.AbroadRecalls), nil
	case referral.Tightened:
		v.stricter(part, t.Term)
	case referral.Recalled:
		part.Recalled = v.options(pack.AbroadRecalled)
	case referral.TakeUp, referral.TakeNote, referral.Undelivered, referral.FileAway, handover.Accept, handover.Start, handover.Assume, handover.Release, handover.Confirm:
		part.Languages = nil
	}
	view.Abroad = part
}

// doAbroad takes a step with a thread between two nodes.
func (v *visit) doAbroad(cmd ident.Command, of ident.Case, id referral.ThreadID, a referral.Answer) error {
	ctx, room, said := v.r.Context(), v.s.Referrals, v.text("referral_text")
	language := v.value("written_language")
	switch a.Event {
	case referral.Proposed, referral.Confirmed:
		if v.value("abroad_decide") == "" {
			return fault.InvalidField("abroad_decide", "required")
		}
		return room.SecondLook(ctx, v.caller, cmd, of, id, referral.Second{Agrees: v.value("abroad_decide") == "yes", Comment: v.text("comment")})
	case referral.Journey:
		var c fault.Check
		n := referral.Told{Step: v.value("journey_step"), Text: said, Language: language}
		if n.At = v.moment(&c, "journey_at"); c.Err() != nil {
			return c.Err()
		}
		if n.Step == "" {
			return fault.InvalidField("journey_step", "required")
		}
		return room.Note(ctx, v.caller, cmd, of, id, n)
	case referral.Reported:
		month, _ := strconv.Atoi(v.value("report_month")) // what is no number is no month
		return room.Note(ctx, v.caller, cmd, of, id, referral.Told{Month: month, Code: v.value("abroad_wellbeing"), Text: said, Language: language})
	case referral.Undelivered:
		return room.Abandon(ctx, v.caller, cmd, of, id)
	case referral.FileAway:
		return room.File(ctx, v.caller, of, id)
	case referral.Tightened:
		return v.tighten(cmd, of, id)
	case referral.Recall:
		return room.CallBack(ctx, v.caller, cmd, of, id, v.value("abroad_recall"))
	case referral.Recalled:
		return room.AnswerRecall(ctx, v.caller, cmd, of, id, v.value("abroad_recalled"), said, language)
	}
	a.Language = language
	a.Reply = v.value(pack.AbroadAgreed) + v.value(pack.AbroadRisks)
	return room.MoveAbroad(ctx, v.caller, cmd, of, id, a)
}

// abroadEvent adds to the timeline what a step between two countries says in codes.
func (v *visit) abroadEvent(out *Event, e *casework.Event) {
	codes := func(lists ...string) {
		for _, code := range e.Reasons {
			in := slices.IndexFunc(lists, func(list string) bool { return v.s.Pack.Valid(list, code) })
			switch {
			case in >= 0:
				out.Reasons = append(out.Reasons, v.label(lists[in], code))
			case len(lists) == 1: // of a partner whose list differs: as it wrote it
				out.Reasons = append(out.Reasons, v.unknownCode(code))
			}
		}
	}
	switch handover.Event(e.To) {
	case referral.Recall:
		out.Tone = "late"
		codes(pack.AbroadRecalls)
	case referral.Recalled:
		codes(pack.AbroadRecalled)
	case referral.Kept, referral.KeptHere:
		v.keptEvent(out, e)
	case referral.Tightened:
		out.Reasons = v.termWords(e.Reasons)
	case referral.Reported:
		codes(pack.AbroadWellbeing)
	case referral.CameSafely:
		out.Tone = "done"
	case referral.CameBack:
		out.Tone = "late"
		for _, code := range e.Reasons {
			out.Reasons = append(out.Reasons, v.l.Word("referralstep", code))
		}
	case referral.Late, referral.Refused, referral.Returned:
		out.Tone = "late"
	case handover.Complete:
		out.Tone = "done"
		codes(pack.NeedOutcomes, pack.AbroadAgreed, pack.AbroadRisks)
	case referral.Proposed, handover.Offer:
		for _, code := range e.Reasons {
			out.Reasons = append(out.Reasons, v.s.Pack.AbroadLabel(code, v.l.Code()))
		}
	case referral.Journey:
		for _, code := range e.Reasons {
			if slices.Contains([]string{payload.Travelling, payload.Meeting}, code) {
				out.Reasons = append(out.Reasons, v.l.Word("journeystep", code))
			}
		}
	}
	if e.From == "protection" {
		codes(pack.AbroadAsylum, pack.AbroadOffice, pack.AbroadView)
	}
}

// lands are the countries with which this node is paired, as a consent names them.
func (v *visit) lands() (out []Option) {
	if v.s.Referrals == nil {
		return nil
	}
	all, err := v.s.Referrals.Offices(v.r.Context())
	if err != nil {
		return nil // the units are offered all the same
	}
	for i := range all {
		o := Option{Value: consent.Land(all[i].Land()).String(), Label: all[i].Name}
		if all[i].Country != "" {
			o.Label = v.label(pack.Nationalities, all[i].Country)
		}
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}
