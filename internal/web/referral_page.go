package web

import (
	"net/http"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/staff"
	"causeway/protocol/handover"
)

// referralRoutes are the pages of referrals and transfers.
func (s *Server) referralRoutes() {
	if s.Referrals == nil {
		return
	}
	s.page("GET /referrals", s.referrals)
	s.page("GET /team/referrals", s.teamReferrals)
	s.page("GET /child/{case}/referrals", s.childReferrals)
	s.form("/child/{case}/refer", s.referForm())
	s.page("POST /child/{case}/refer/preview", s.referPreview)
	s.page("GET /referral/{case}/{thread}", s.referral)
	s.form("/referral/{case}/{thread}/{event}", s.referralForm())
	s.referralServiceRoutes()
	s.claimRoutes()
	s.abroadRoutes()
	s.form("/child/{case}/interpreter", s.bookForm())
}

// waitingReferrals counts beside the place in the menu what waits for the reader's
// unit. A page does not fail because it could not be counted.
func (v *visit) waitingReferrals(nav []NavItem) {
	i := slices.IndexFunc(nav, func(n NavItem) bool { return n.Tab == "refer" })
	if i < 0 || v.s.Referrals == nil {
		return
	}
	if n, err := v.s.Referrals.Waiting(v.r.Context(), v.caller); err == nil {
		nav[i].Count = n
	}
}

func (s *Server) referrals(v *visit) error {
	ctx := v.r.Context()
	view := Referrals{Frame: v.frame("refer"), Sends: s.Gate.May(v.caller, "case.list")}
	if s.Referrals.Joined() {
		view.Abroad = "/abroad"
	}
	in, err := s.Referrals.Inbox(ctx, v.caller)
	if err != nil {
		return err
	}
	for i := range in.Lines {
		view.In = append(view.In, v.referralRow(in.Lines[i].Thread, handover.Receiver, ""))
	}
	view.MoreIn = in.More
	if view.Sends {
		out, err := s.Referrals.Outbox(ctx, v.caller)
		if err != nil {
			return err
		}
		for i := range out.Lines {
			view.Out = append(view.Out, v.referralRow(out.Lines[i].Thread, handover.Sender, out.Lines[i].Number))
		}
		view.MoreOut = out.More
		if err := v.claimRows(&view); err != nil {
			return err
		}
	}
	return v.write(http.StatusOK, view)
}

// referralTones are the tags of states that are not under way.
var referralTones = map[handover.State]string{
	handover.Offered: "due", handover.NeedsInfo: "due", handover.Released: "due", handover.Declined: "late", handover.Expired: "late",
	handover.Failed: "late", handover.HandedBack: "late", handover.Completed: "leaf", handover.Closed: "leaf",
}

// referralRow is one thread as one side sees it.
func (v *visit) referralRow(t *referral.Thread, as handover.Party, number ident.CaseNumber) ReferralRow {
	tone := referralTones[t.State]
	if tone == "" {
		tone = "soon"
	}
	row := ReferralRow{
		Href: "/referral/" + t.Case.String() + "/" + t.ID.String(), Kind: string(t.Kind), State: stateWord(t.State), Tone: tone,
		Service: v.label(pack.Services, t.Service), Urgency: v.label(pack.ReferralUrgencies, t.Urgency), Other: v.unitName(t.From),
		NotThere: t.NotThere(), Late: t.Late(v.s.Clock.Now()), Turn: t.WaitsFor() == as, Offered: v.day(t.OfferedAt),
	}
	if !t.Due.IsZero() {
		row.Due = t.Due.In(v.s.Zone)
	}
	if t.About != "" {
		row.About = v.s.Pack.AbroadLabel(t.About, v.l.Code())
	}
	if as == handover.Sender {
		row.Other = v.unitName(t.To)
	} else {
		row.Age, row.Sex = v.label(pack.AgeBands, t.AgeBand), v.label(pack.SexRecorded, t.Sex)
		row.Tongue = v.label(pack.Languages, t.Language)
	}
	if number != "" {
		row.Number = number.String()
	}
	return row
}

// stateWord is the word of a state; what was not offered yet waits for a second person.
func stateWord(s handover.State) string {
	if s == handover.None {
		return "draft"
	}
	return string(s)
}

func (s *Server) childReferrals(v *visit) error {
	id := v.aCase()
	sent, err := s.Referrals.Sent(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	view := ChildReferrals{Frame: v.frame("children"), Number: sent.Number.String(), Back: "/child/" + id.String()}
	for _, t := range sent.Threads {
		view.Rows = append(view.Rows, v.referralRow(t, handover.Sender, ""))
	}
	for i := range sent.Claims {
		row := v.claimRow(&sent.Claims[i], "")
		if !sent.May["referral.refuse"] {
			row.Accept, row.Refuse = "", ""
		}
		view.Claims = append(view.Claims, row)
	}
	if sent.May["referral.send"] && !sent.Closed && s.Referrals.Joined() {
		view.Abroad = view.Back + "/abroad"
	}
	if sent.May["referral.offer"] && !sent.Closed {
		view.Refer, view.Book = view.Back+"/refer", view.Back+"/interpreter"
	}
	return v.write(http.StatusOK, view)
}

// threadID returns the thread of the address; a forged one takes the way of one that
// does not exist.
func (v *visit) threadID() referral.ThreadID {
	id, err := ident.Parse[referral.ThreadID](v.r.PathValue("thread"))
	if err != nil {
		return ident.New[referral.ThreadID]()
	}
	return id
}

func (s *Server) referral(v *visit) error {
	t, err := s.Referrals.Thread(v.r.Context(), v.caller, v.aCase(), v.threadID())
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, v.referralPage(t))
}

// referralOrder is the order in which the steps of a page are offered: what brings it
// on first.
var referralOrder = []handover.Event{
	handover.Accept, handover.Info, handover.Release, handover.Assume, handover.Start, handover.Resume, handover.Complete, handover.Confirm,
	referral.Noted, handover.AskInfo, handover.Decline, handover.Hold, handover.HandBack, handover.Fail, handover.Dispute,
	handover.Withdraw, handover.Retract,

	referral.TakeUp, referral.Proposed, referral.Confirmed, referral.TakeNote, referral.Recalled, referral.Journey, referral.Reported, referral.Undelivered,
	referral.FileAway,
	referral.Recall,
}

func (v *visit) referralPage(t *referral.View) ReferralPage {
	as := handover.Receiver
	if t.Sends() {
		as = handover.Sender
	}
	view := ReferralPage{
		Frame: v.frame("refer"), Row: v.referralRow(&t.Thread, as, t.Number), Sends: t.Sends(),
		Opened: t.Show != nil, Minimal: t.Show == nil && !t.Closed, Closed: t.Closed,
	}
	if t.Number != "" {
		view.Case = "/child/" + t.Case.String()
	}
	if view.Booked = t.Booking != nil; view.Booked {
		view.Facts, view.Minimal = append(v.bookingFacts(t), v.destinationFacts(&t.Destination)...), false
	} else {
		view.Facts = append(v.referralFacts(&t.Thread, t.Show != nil), v.destinationFacts(&t.Destination)...)
	}
	if view.NotThere = t.Sends() && t.NotThere(); view.NotThere && t.Number != "" {
		view.Missing = view.Case + "/missing"
	}
	if t.Show != nil {
		view.Parts = v.sharedParts(t.Show.Parts)
	}
	for i := range t.Steps {
		view.Steps = append(view.Steps, v.referralStep(&t.Steps[i]))
	}
	for _, e := range referralOrder {
		if slices.Contains(t.May, e) {
			act := ReferralAct{stepWord(e, view.Booked), view.Row.Href + "/" + string(e)}
			if view.Main == nil && (view.Row.Turn || e == referral.TakeUp) {
				view.Main = &act
			} else {
				view.Acts = append(view.Acts, act)
			}
		}
	}
	if view.Abroad = v.abroadPart(t); view.Abroad != nil && t.Payload != nil {
		view.Facts = v.cardLines(t.Payload.Card)
	}
	view.Stamp = v.stamp(t.Entry)
	return view
}

// referralFacts are the codes of the card; on which ground it stands is read with what
// was shared.
func (v *visit) referralFacts(t *referral.Thread, opened bool) []Line {
	out := []Line{
		{Label: "service", Text: v.label(pack.Services, t.Service)},
		{Label: "referral_urgency", Text: v.label(pack.ReferralUrgencies, t.Urgency)},
		{Label: "age_band", Text: v.label(pack.AgeBands, t.AgeBand)},
		{Label: "sex", Text: v.label(pack.SexRecorded, t.Sex)},
		{Label: "language", Text: v.label(pack.Languages, t.Language)},
	}
	add := func(label, text string) {
		if text != "" {
			out = append(out, Line{Label: label, Text: text})
		}
	}
	if opened {
		add("consent_purpose", v.label(pack.ConsentPurposes, t.Purpose))
		add("legal_basis", v.label(pack.LegalBases, t.Basis))
	}
	if t.State == handover.Declined {
		add("referral_decline", v.label(pack.ReferralDeclines, t.Reason))
	} else if t.Reason != "" {
		add("referral_end", v.label(pack.ReferralEnds, t.Reason))
	}
	if !t.Suggested.IsZero() {
		add("referral_suggested", v.unitName(t.Suggested))
	}
	if t.Outcome != "" {
		add("need_outcome", v.label(pack.NeedOutcomes, t.Outcome))
	}
	return out
}

func (v *visit) referralStep(s *referral.Step) ReferralStep {
	out := ReferralStep{Event: string(s.Event), At: s.At.In(v.s.Zone), By: v.name(s.Author), Text: s.Text.Reveal(), Lang: s.Language}
	if s.When != 0 {
		out.When = clock.FromMicros(s.When).In(v.s.Zone)
	}
	list := map[handover.Event]string{
		handover.Decline: pack.ReferralDeclines, handover.Fail: pack.ReferralEnds, handover.HandBack: pack.ReferralEnds,
		handover.Complete: pack.NeedOutcomes, referral.Recall: pack.AbroadRecalls, referral.Recalled: pack.AbroadRecalled,
		referral.Reported: pack.AbroadWellbeing,
	}[s.Event]
	switch {
	case s.Code == "":
	case s.Event == referral.CameBack:
		out.Code = v.l.Word("referralstep", s.Code)
	case list != "":
		out.Code = v.label(list, s.Code)
	}
	return out
}

// referralEvent says on the timeline what happened with a referral.
func (v *visit) referralEvent(out *Event, e *casework.Event) {
	out.From, out.To = v.l.Word("referralkind", e.From), v.l.Word("referralstep", e.To)
	add := func(label, text string) {
		if text != "" {
			out.Lines = append(out.Lines, Line{Label: label, Text: text})
		}
	}
	add("service", v.label(pack.Services, e.Service))
	if len(e.Who) == 16 {
		add("referral_unit", v.unitName(ident.Unit(e.Who)))
	}
	switch handover.Event(e.To) {
	case handover.Offer:
		out.Reasons = v.labels(pack.DisclosureParts, slices.DeleteFunc(slices.Clone(e.Reasons), func(code string) bool {
			return !v.s.Pack.Valid(pack.DisclosureParts, code) // of another country: for what
		}))
	case handover.Decline:
		out.Tone, out.Reasons = "late", v.labels(pack.ReferralDeclines, e.Reasons)
	case handover.Fail, handover.HandBack:
		out.Tone, out.Reasons = "late", v.labels(pack.ReferralEnds, e.Reasons)
	case referral.ClaimRefuse:
		for _, code := range e.Reasons {
			out.Reasons = append(out.Reasons, v.l.Word("claimrefusal", code))
		}
	case handover.Expire:
		out.Tone = "late"
	case handover.Complete:
		out.Tone, out.Reasons = "done", v.labels(pack.NeedOutcomes, e.Reasons)
	case handover.Accept, handover.Assume, handover.Confirm:
		out.Tone = "done"
	}
	if len(e.Who) == 16 && v.officeName(ident.Unit(e.Who)) != "" || e.From == "protection" {
		v.abroadEvent(out, e)
	}
}

// receiverRoles are the roles of those who can take a referral.
var receiverRoles = []staff.Role{
	staff.CaseWorker, staff.Supervisor, staff.Provider, staff.Lawyer, staff.Guardian, staff.FocalPoint, staff.Investigator,
	staff.Prosecutor, staff.FirstResponder,
}

// otherUnits are the units somebody can be referred to, each with its agency and
// sector.
func (v *visit) otherUnits() []Option {
	var out []Option
	people := v.people.People()
	for _, u := range v.people.Units() {
		takes := slices.ContainsFunc(people, func(a staff.Account) bool {
			return a.Unit == u.ID && a.State == staff.Active && slices.Contains(receiverRoles, a.Role)
		})
		if u.ID == v.caller.Unit() || !takes {
			continue
		}
		o := Option{Value: u.ID.String(), Label: u.Name}
		if a, ok := v.people.AgencyOf(u.ID); ok {
			o.Hint = a.Name + " · " + v.label(pack.Sectors, a.Sector)
		}
		out = append(out, o)
	}
	return byLabel(out)
}

// unitOf reads a unit that was chosen, none for none.
func (v *visit) unitOf(field string) (ident.Unit, error) {
	typed := v.value(field)
	if typed == "" {
		return ident.Unit{}, nil
	}
	id, err := ident.Parse[ident.Unit](typed)
	if err != nil {
		return id, fault.InvalidField(field, "not-in-list")
	}
	return id, nil
}
