package web

import (
	"net/http"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/pack"
	"causeway/protocol/identity"
)

const partnersPath = "/partners"

// How long before their end the dates of keys stand in amber, then in red.
const (
	keysSoon = 45 * 24 * time.Hour
	keysLate = 14 * 24 * time.Hour
)

// partnerRoutes are the pages of partner countries and keys (page 33).
func (s *Server) partnerRoutes() {
	s.page("GET "+partnersPath, s.partners)
	s.page("GET "+partnersPath+"/add", s.partnerAdd)
	s.page("POST "+partnersPath+"/add", s.addPartner)
	s.page("GET "+partnersPath+"/at/{node}", s.partner)
	s.page("GET "+partnersPath+"/at/{node}/pair", s.partnerNote)
	s.page("POST "+partnersPath+"/at/{node}/agree", s.agreePartner)
	s.page("POST "+partnersPath+"/at/{node}/sign", s.signPartner)
	s.page("POST "+partnersPath+"/at/{node}/again", s.helpPartner(true))
	s.page("POST "+partnersPath+"/at/{node}/seen", s.helpPartner(false))
	s.bundleRoutes()
	if s.Match != nil {
		s.matchRoutes()
		s.knownRoutes()
	}
	s.form(partnersPath+"/at/{node}/{step}", formPage{show: s.showPartnerStep, do: s.doPartnerStep})
}

func (s *Server) partners(v *visit) error {
	seen, err := s.Exchange.Look(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Partners{
		Frame: v.frame("partners"), Off: s.Exchange.Node() == "", Own: string(s.Exchange.Node()), Add: seen.MayPrepare && s.Exchange.Node() != "",
	}
	view.Stamp = v.stamp(seen.Entry)
	if seen.Self != nil {
		view.Keys, view.Code, view.Ends = true, seen.Self.Card.Fingerprint().Groups(), exchange.KeysEnd(seen.Self.History).In(s.Zone)
		view.Tone = v.keysTone(view.Ends)
	}
	stuck, err := v.stuckWith()
	if err != nil {
		return err
	}
	for _, p := range seen.Peers {
		row := v.partnerRow(p, seen)
		row.looks(stuck[p.Node])
		view.Rows = append(view.Rows, row)
	}
	return v.write(http.StatusOK, view)
}

// keysTone is the colour of the day on which keys end.
func (v *visit) keysTone(ends time.Time) string {
	switch left := ends.Sub(v.now()); {
	case left < keysLate:
		return "late"
	case left < keysSoon:
		return "due"
	}
	return ""
}

// partnerTones are the colours of the states of a partner.
var partnerTones = map[exchange.State]string{
	exchange.OK: "leaf", exchange.Waiting: "due", exchange.Watch: "due", exchange.Quarantined: "late",
}

func (v *visit) partnerRow(p *exchange.Peer, seen *exchange.PeersSeen) PartnerRow {
	row := PartnerRow{
		Href: partnersPath + "/at/" + string(p.Node), Node: string(p.Node), Name: p.Card.Name(v.l.Code()), Country: p.Country,
		State: string(p.State), Tone: partnerTones[p.State], Code: p.Compared(), Ends: exchange.KeysEnd(p.History).In(v.s.Zone),
		Next: v.partnerNext(p, seen),
	}
	if p.Country != "" {
		row.Country = v.label(pack.Nationalities, p.Country)
	}
	if p.State != exchange.OK && p.State != exchange.Waiting {
		row.Why = p.Why
	}
	if p.State != exchange.Removed {
		row.EndsTone = v.keysTone(row.Ends)
	}
	if p.Terms != nil {
		row.Purposes = partnerWords(v, "partnerpurpose", p.Terms.Purposes)
	}
	return row
}

// partnerNext says what to do next with a partner, as a code.
func (v *visit) partnerNext(p *exchange.Peer, seen *exchange.PeersSeen) string {
	now := v.now()
	own := v.caller.Among(p.AddedBy)
	switch {
	case p.State == exchange.Removed:
		return "removed"
	case p.Proposed != nil && seen.MayConfirm && !own:
		return "confirm"
	case p.Proposed != nil:
		return "second"
	case p.State == exchange.Quarantined || p.State == exchange.Watch:
		return string(p.State)
	case p.Terms != nil && !now.Before(p.Terms.Until):
		return "over"
	case exchange.KeysEnd(p.History).Sub(now) < keysSoon:
		return "keys"
	}
	return "nothing"
}

// partnerWords writes codes of a pair in the reader's language.
func partnerWords[T ~string](v *visit, group string, codes []T) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = v.l.Word(group, string(c))
	}
	return out
}

func (s *Server) partner(v *visit) error {
	p, seen, err := v.onePartner()
	if err != nil {
		return err
	}
	view := PartnerPage{
		Frame: v.frame("partners"), PartnerRow: v.partnerRow(p, seen), Authority: p.Card.Authority, Contact: p.Card.Contact,
		Prepared: PartnerAct{v.name(p.AddedBy), p.AddedAt.In(s.Zone)},
	}
	view.Stamp = v.stamp(seen.Entry)
	if !p.ConfirmedAt.IsZero() {
		view.Confirmed = PartnerAct{v.name(p.ConfirmedBy), p.ConfirmedAt.In(s.Zone)}
	}
	if t := p.Terms; t != nil {
		view.Emergency, view.Called, view.From, view.Until = t.Emergency, t.Called, t.From.In(s.Zone), t.Until.In(s.Zone)
		view.Types, view.Limits = partnerWords(v, "partnertype", t.Types), v.partnerLimits(t.Limits)
	}
	view.Proposed = v.partnerTerms(p.Proposed)
	view.Keys = v.partnerKeys(p)
	if p.Terms != nil && p.State != exchange.Removed {
		view.Pair = exchange.PairState(p, seen.Self, v.now())
		view.PairFile = len(p.Pair) > 0 && view.Code != nil
	}
	if p.Terms != nil {
		if view.Post, err = v.partnerPost(p); err != nil {
			return err
		}
		view.looks(len(view.Post.Rows) > 0)
	}
	if s.Match != nil && p.Terms != nil && s.Gate.May(v.caller, "match.view") {
		view.Match = matchPath(p)
	}
	for _, step := range partnerSteps(v, p, seen) {
		way := Way{Href: view.Href + "/" + step, Step: step}
		if step == "agree" || step == "sign" {
			view.PairWays = append(view.PairWays, way)
		} else {
			view.Ways = append(view.Ways, way)
		}
	}
	return v.write(http.StatusOK, view)
}

func (v *visit) partnerTerms(t *exchange.Terms) *PartnerTerms {
	if t == nil {
		return nil
	}
	return &PartnerTerms{
		Purposes: partnerWords(v, "partnerpurpose", t.Purposes), Types: partnerWords(v, "partnertype", t.Types), Emergency: t.Emergency, Called: t.Called,
		Until: t.Until.In(v.s.Zone), Limits: v.partnerLimits(t.Limits),
	}
}

// partnerLimits puts the limits of a pair in a sentence.
func (v *visit) partnerLimits(l identity.Limits) string {
	return v.l.T("partners.limits.are", "payload", exchange.MiB(l.Payload), "blob", exchange.MiB(l.Blob), "envelope", exchange.MiB(l.Envelope))
}

// partnerKeys returns the keys that hold now or later, in the order of their roles.
func (v *visit) partnerKeys(p *exchange.Peer) []PartnerKey {
	newest := p.History.Newest()
	if newest == nil {
		return nil
	}
	var out []PartnerKey
	for _, role := range []identity.Role{identity.Sign, identity.Receive, identity.Transport, identity.Log, identity.Witness} {
		for _, k := range newest.Of(role) {
			if !k.Until.After(v.now()) {
				continue
			}
			row := PartnerKey{Role: string(role), From: k.From.In(v.s.Zone), Until: k.Until.In(v.s.Zone)}
			if k.Until.Equal(newest.Ends(role)) {
				row.Tone = v.keysTone(k.Until)
			}
			out = append(out, row)
		}
	}
	return out
}

// partnerSteps are the steps that the reader may take with a partner now.
func partnerSteps(v *visit, p *exchange.Peer, seen *exchange.PeersSeen) []string {
	var out []string
	step := func(may bool, name string) {
		if may {
			out = append(out, name)
		}
	}
	paired := p.State == exchange.OK || p.State == exchange.Watch || p.State == exchange.Quarantined
	step(p.Proposed != nil && seen.MayConfirm && !v.caller.Among(p.AddedBy), "confirm")
	step(p.Proposed != nil && seen.MayPrepare, "drop")
	step((p.State == exchange.OK || p.State == exchange.Watch) && seen.MayQuarantine, "quarantine")
	step(p.State == exchange.OK && seen.MayQuarantine, "watch")
	step((p.State == exchange.Watch || p.State == exchange.Quarantined) && seen.MayResume, "resume")
	step(paired && seen.MayLearn, "keys")
	agrees := p.Paired(v.now()) && p.Proposed == nil && seen.MayPrepare
	step(agrees, "agree")
	step(agrees, "sign")
	step(p.State != exchange.Removed && seen.MayRemove, "remove")
	return out
}

// onePartner returns the partner of the address, and what the reader may do.
func (v *visit) onePartner() (*exchange.Peer, *exchange.PeersSeen, error) {
	seen, err := v.s.Exchange.Look(v.r.Context(), v.caller)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range seen.Peers {
		if string(p.Node) == v.r.PathValue("node") {
			return p, seen, nil
		}
	}
	return nil, nil, fault.New(fault.NotFound, "no-such-page")
}
