package web

import (
	"slices"
	"strings"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/referral"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// partnerPost is what stands on a partner's page about messages that do not go through.
func (v *visit) partnerPost(p *exchange.Peer) (*PartnerPost, error) {
	post, err := v.s.Exchange.Post(v.r.Context(), v.caller, p.Node)
	if err != nil {
		return nil, err
	}
	href := partnersPath + "/at/" + string(p.Node)
	out := &PartnerPost{Waiting: post.Waiting, More: len(post.Troubles) > troublesShown}
	if p.State != exchange.Removed && post.MayCarry && v.s.Bundles != nil {
		out.Export, out.Import = href+"/bundle", href+"/bundle/in"
		out.Form = Form{Action: out.Export}
	}
	shown := post.Troubles[:min(len(post.Troubles), troublesShown)]
	cases, err := v.behind(p.Node, shown)
	if err != nil {
		return nil, err
	}
	var groups [][]exchange.Trouble
	for i := range shown {
		t := shown[i]
		at := slices.IndexFunc(groups, func(g []exchange.Trouble) bool { return sameTrouble(&g[0], &t) })
		if at < 0 {
			groups = append(groups, []exchange.Trouble{t})
		} else {
			groups[at] = append(groups[at], t)
		}
	}
	for _, g := range groups {
		row := v.troubleRow(&g[0], p)
		row.Count, row.Since = len(g), g[0].At.In(v.s.Zone)
		for i := range g {
			if l, ok := cases[g[i].Thread]; ok && l.Number != "" {
				row.Cases = append(row.Cases, TroubleCase{"/referral/" + l.Case.String() + "/" + l.ID.String(), l.Number.String()})
			} else if l.Thread == nil && caseWork(g[i].Type) {
				row.Other++
			}
		}
		if post.MayHelp {
			row.Again, row.Seen = helpForm(href+"/again", g, g[0].Again()), helpForm(href+"/seen", g, g[0].Ends())
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// stuckWith returns with which partners something needs a person.
func (v *visit) stuckWith() (map[identity.NodeID]bool, error) {
	all, err := v.s.Exchange.Troubles(v.r.Context())
	out := map[identity.NodeID]bool{}
	for i := range all {
		out[all[i].Peer] = true
	}
	return out, err
}

// looks says that messages need a person, where nothing else is more pressing.
func (r *PartnerRow) looks(stuck bool) {
	if stuck && r.Next == "nothing" {
		r.Next = "trouble"
	}
}

// troublesShown is how many messages a page is about.
const troublesShown = 100

// behind returns the threads behind messages, of the cases that the reader sees.
func (v *visit) behind(with identity.NodeID, all []exchange.Trouble) (map[cx.Thread]referral.Line, error) {
	if v.s.Referrals == nil {
		return nil, nil
	}
	var wires []cx.Thread
	for i := range all {
		if !slices.Contains(wires, all[i].Thread) {
			wires = append(wires, all[i].Thread)
		}
	}
	return v.s.Referrals.Behind(v.r.Context(), v.caller, with, wires)
}

// sameTrouble reports whether two messages can stand in one line.
func sameTrouble(a, b *exchange.Trouble) bool {
	return a.What == b.What && a.Code == b.Code && a.Type == b.Type && a.Purpose == b.Purpose && a.Side == b.Side && slices.Equal(a.Unmet, b.Unmet)
}

// caseWork reports whether a message is about a child.
func caseWork(t cx.Type) bool { return t.Class() == cx.ClassCase }

// troubleRow puts a message in words; p is nil where the state of the partner is not known.
func (v *visit) troubleRow(t *exchange.Trouble, p *exchange.Peer) TroubleRow {
	row := TroubleRow{What: t.What, Kind: v.postKind(t), Do: troubleDo(t), Tone: "due", Unmet: v.postLabels(t.Unmet)}
	if t.Ends() {
		row.Tone = "late"
	}
	switch {
	case t.Code.Valid():
		row.Why = string(t.Code)
	case t.What == exchange.Unopened:
		row.Why = "waits"
	case p != nil && p.State != exchange.OK && p.State != exchange.Watch:
		row.Why = "stopped"
	case t.What == exchange.Unsent || t.What == exchange.TooOld:
		row.Why = "silent"
	default:
		row.Why = "nobody"
	}
	return row
}

// postKind says what a message is and what it is for, in words.
func (v *visit) postKind(t *exchange.Trouble) string {
	kind := "other"
	switch {
	case t.Type == cx.ScheduleNote || t.Type == cx.RevokeNote || t.Type == cx.PairNote:
		return v.l.Word("posttype", "keys")
	case t.Type == "" && t.Side == delivery.Theirs:
		kind = "theirs"
	case slices.Contains(postTypes, t.Type):
		kind = string(t.Type)
	}
	if t.Purpose == "" {
		return v.l.Word("posttype", kind)
	}
	return v.joined(v.l.Word("posttype", kind), v.l.Word("partnerpurpose", string(t.Purpose)))
}

// postLabels names conditions of a message; one that is in no list stands as it was written.
func (v *visit) postLabels(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		if out[i] = isolated(n); slices.Contains([]string{"purpose", "handling", "retain_until", "roles"}, n) {
			out[i] = v.l.Word("postlabel", n)
		}
	}
	return strings.Join(out, " · ")
}

// postTypes are the types of messages that have a word of their own.
var postTypes = []cx.Type{
	cx.ReferralOffer, cx.TransferOffer, cx.Info, cx.Withdraw, cx.Retract, cx.Release, cx.Confirm, cx.Dispute, cx.Request, cx.Notice, cx.StatusReport,
	cx.Note, cx.Recall, cx.RecallOutcome,
}

// troubleDo says what to do about a message now, as a code.
func troubleDo(t *exchange.Trouble) string {
	switch {
	case t.What == exchange.Unreadable || t.What == exchange.Declined:
		return "theirs"
	case t.What == exchange.Unaccepted || t.What == exchange.Returned && !t.Again():
		return "over"
	}
	return t.What
}

// helpForm is the form of a button that is about some messages, nil where it is of no use.
func helpForm(action string, all []exchange.Trouble, use bool) *Form {
	if !use {
		return nil
	}
	f := &Form{Action: action}
	for i := range all {
		f.Hidden = append(f.Hidden, Hidden{"message", string(all[i].Side) + " " + all[i].ID.String()})
	}
	return f
}

// helped reads which messages a button is about.
func (v *visit) helped() ([]exchange.Message, error) {
	var out []exchange.Message
	for _, text := range v.r.PostForm["message"] {
		side, id, _ := strings.Cut(text, " ")
		parsed, err := cx.ParseID(id)
		if err != nil || side != string(delivery.Ours) && side != string(delivery.Theirs) {
			return nil, fault.New(fault.Invalid, "form-unreadable")
		}
		out = append(out, exchange.Message{Side: delivery.Side(side), ID: parsed})
	}
	return out, nil
}

// helpPartner carries out the buttons beside messages that are stuck.
func (s *Server) helpPartner(again bool) handler {
	return func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		cmd, err := v.command()
		if err != nil {
			return err
		}
		all, err := v.helped()
		if err != nil {
			return err
		}
		node := identity.NodeID(v.r.PathValue("node"))
		do, done := s.Exchange.Seen, "partner-seen"
		if again {
			do, done = s.Exchange.TryAgain, "partner-again"
		}
		if err := do(v.r.Context(), v.caller, cmd, node, all); err != nil {
			return err
		}
		return v.redirect(partnersPath+"/at/"+string(node), done)
	}
}
