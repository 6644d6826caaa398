package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match"
	"causeway/protocol/matching"
)

// matchRoutes are the pages on which two officers agree to look for the same child together
// with a partner.
func (s *Server) matchRoutes() {
	s.page("GET "+partnersPath+"/at/{node}/match", s.matchPage)
	s.form(partnersPath+"/at/{node}/match/propose", formPage{show: s.showMatchForm, do: s.doMatchForm})
	s.form(partnersPath+"/at/{node}/match/{id}/{step}", formPage{show: s.showMatchStep, do: s.doMatchStep})
}

func (s *Server) matchPage(v *visit) error {
	p, seen, err := v.onePartner()
	if err != nil {
		return err
	}
	all, err := s.Match.Look(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := MatchPage{Frame: v.frame("partners"), Row: v.partnerRow(p, seen)}
	view.Stamp = v.stamp(all.Entry)
	if all.MayPropose && p.Sends(v.now()) {
		view.Propose = matchPath(p) + "/propose"
	}
	for _, a := range all.Agreements {
		if a.Peer == p.Node {
			view.Rows = append(view.Rows, v.matchRow(p, a, all))
		}
	}
	return v.write(http.StatusOK, view)
}

func matchPath(p *exchange.Peer) string { return partnersPath + "/at/" + string(p.Node) + "/match" }

// matchTones are the colours of the states of an agreement.
var matchTones = map[string]string{match.Force: "leaf", match.Prepared: "due", match.Asked: "due", match.Taken: "due"}

func (v *visit) matchRow(p *exchange.Peer, a *match.Agreement, all *match.Seen) MatchRow {
	row := MatchRow{
		Href: matchPath(p) + "/" + a.ID.String(), State: a.State, Tone: matchTones[a.State], Next: v.matchNext(a, all), Terms: v.matchTerms(a),
		First: v.matchOfficer(a.First, a.FirstAt), Second: v.matchOfficer(a.Second, a.SecondAt), EndedBy: a.EndedBy,
	}
	if !a.From.IsZero() {
		row.From = a.From.In(v.s.Zone)
	}
	if !a.Ended.IsZero() {
		row.Ended = a.Ended.In(v.s.Zone)
	}
	for _, t := range all.Tables {
		if t.Agreement == a.ID {
			row.Tables = append(row.Tables, v.matchTable(t))
		}
	}
	for _, step := range v.matchSteps(a, all) {
		row.Ways = append(row.Ways, Way{Href: row.Href + "/" + step, Step: step})
	}
	return row
}

func (v *visit) matchOfficer(who ident.Staff, at time.Time) PartnerAct {
	if who.IsZero() {
		return PartnerAct{}
	}
	return PartnerAct{v.name(who), at.In(v.s.Zone)}
}

// matchNext says what to do next with an agreement, as a code.
func (v *visit) matchNext(a *match.Agreement, all *match.Seen) string {
	switch {
	case a.State == match.Offered, a.State == match.Force, a.State == match.Ended:
		return a.State
	case slices.Contains(v.matchSteps(a, all), "agree"):
		return "agree"
	}
	return "second"
}

func (v *visit) matchTable(t *match.Table) MatchTable {
	row := MatchTable{Epoch: int(t.Epoch), State: t.State, Children: t.Children, Changed: t.Changed.In(v.s.Zone)}
	switch t.State {
	case match.Sending:
		row.Done, row.Of = t.Sent, t.Parts
		if t.ToHide > 0 && t.Sent == 0 {
			row.Done, row.Of = min(t.Hidden, t.ToHide), t.ToHide
		}
	case match.Sent:
		row.Done, row.Of = t.Back, t.Parts
	case match.Ready:
		row.Tone = "leaf"
	case match.Full:
		row.Tone = "late"
	}
	return row
}

func (v *visit) matchTerms(a *match.Agreement) MatchTerms {
	return MatchTerms{
		Purpose: v.l.Word("matchpurpose", string(a.Purpose)), Side: v.l.Word("matchside", a.Side.String()), Basis: a.Basis, Size: a.SizeClass,
		Day: a.PerDay, Officer: a.PerOfficer, Urgent: a.UrgentPerDay, Epoch: a.EpochDays, Asks: a.Side == match.Asker,
	}
}

// matchSteps are the steps that the reader may take with an agreement now.
func (v *visit) matchSteps(a *match.Agreement, all *match.Seen) (out []string) {
	second := (a.State == match.Prepared || a.State == match.Taken) && all.MayAgree && !v.caller.Among(a.First)
	if second || a.State == match.Asked && all.MayPropose {
		out = append(out, "agree")
	}
	if a.State != match.Ended && all.MayEnd {
		out = append(out, "end")
	}
	return out
}

// oneMatch finds the agreement of the path, and its partner.
func (v *visit) oneMatch() (*exchange.Peer, PartnerRow, *match.Agreement, *match.Seen, error) {
	p, seen, err := v.onePartner()
	if err != nil {
		return nil, PartnerRow{}, nil, nil, err
	}
	all, err := v.s.Match.Look(v.r.Context(), v.caller)
	if err != nil {
		return nil, PartnerRow{}, nil, nil, err
	}
	for _, a := range all.Agreements {
		if a.Peer == p.Node && a.ID.String() == v.r.PathValue("id") {
			return p, v.partnerRow(p, seen), a, all, nil
		}
	}
	return nil, PartnerRow{}, nil, nil, fault.New(fault.NotFound, "no-such-page")
}

// matchActs are the actions behind the steps.
var matchActs = map[string]string{"agree": "match.agree", "end": "match.end"}

func (s *Server) showMatchStep(v *visit, f Form) (any, error) {
	_, row, a, all, err := v.oneMatch()
	if err != nil {
		return nil, err
	}
	step := v.r.PathValue("step")
	if !slices.Contains(v.matchSteps(a, all), step) && !f.Wrong() || matchActs[step] == "" {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if a.State != match.Asked || step != "agree" { // the first officer proves nothing anew
		if err := v.freshFor(matchActs[step]); err != nil && !f.Wrong() {
			return nil, err
		}
	}
	at := f.Value("seen_version")
	if at == "" {
		at = strconv.FormatInt(a.Version, 10)
	}
	f.Hidden = append(f.Hidden, Hidden{"seen_version", at})
	f.Action = v.r.URL.Path
	return MatchStep{Frame: v.frame("partners"), Row: row, Step: step, Terms: v.matchTerms(a), Form: f, Stops: step == "end"}, nil
}

func (s *Server) doMatchStep(v *visit) (next, done string, err error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	p, _, a, _, err := v.oneMatch()
	if err != nil {
		return "", "", err
	}
	switch step := v.r.PathValue("step"); step {
	case "agree":
		seen, perr := strconv.ParseInt(v.value("seen_version"), 10, 64)
		if perr != nil {
			return "", "", fault.New(fault.Invalid, "form-unreadable")
		}
		return matchPath(p), "match-agreed", s.Match.Agree(v.r.Context(), v.caller, cmd, a.ID, seen)
	case "end":
		return matchPath(p), "match-ended", s.Match.End(v.r.Context(), v.caller, cmd, a.ID)
	}
	return "", "", fault.New(fault.NotFound, "no-such-page")
}

func (s *Server) showMatchForm(v *visit, f Form) (any, error) {
	p, seen, err := v.onePartner()
	if err != nil {
		return nil, err
	}
	if !s.Gate.May(v.caller, "match.propose") || !p.Sends(v.now()) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	f.Action = matchPath(p) + "/propose"
	if f.Values == nil {
		u := match.Usual()
		n := func(i int) []string { return []string{strconv.Itoa(i)} }
		f.Values = map[string][]string{
			"match_purpose": {string(u.Purpose)}, "match_side": {u.Side.String()}, "match_size": n(u.SizeClass), "match_day": n(u.PerDay),
			"match_officer": n(u.PerOfficer), "match_urgent": n(u.UrgentPerDay), "match_epoch": n(u.EpochDays),
		}
	}
	return MatchForm{
		Frame: v.frame("partners"), Row: v.partnerRow(p, seen), Form: f, Purposes: Options(v.l, "matchpurpose", string(match.Children)),
		Sides: Options(v.l, "matchside", match.Asker.String(), match.Holder.String()), Sizes: MatchSizes(v.l.Number),
	}, nil
}

// MatchSizes are the size classes of a table, as number writes them.
func MatchSizes(number func(int) string) (out []Option) {
	for _, n := range matching.Sizes() {
		out = append(out, Option{Value: strconv.Itoa(n), Label: number(n)})
	}
	return out
}

func (s *Server) doMatchForm(v *visit) (next, done string, err error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	p, _, err := v.onePartner()
	if err != nil {
		return "", "", err
	}
	f := match.Proposal{Purpose: match.Purpose(v.value("match_purpose")), Peer: p.Node, Basis: v.value("match_basis")}
	switch v.value("match_side") {
	case match.Asker.String():
		f.Side = match.Asker
	case match.Holder.String():
		f.Side = match.Holder
	}
	for field, into := range map[string]*int{
		"match_size": &f.SizeClass, "match_day": &f.PerDay, "match_officer": &f.PerOfficer, "match_urgent": &f.UrgentPerDay, "match_epoch": &f.EpochDays,
	} {
		if n, ok := v.whole(field); ok && n != nil {
			*into = *n
		} else {
			*into = -1 // Check names the field
		}
	}
	_, err = s.Match.Prepare(v.r.Context(), v.caller, cmd, f)
	return matchPath(p), "match-proposed", err
}
