package web

import (
	"bytes"
	"slices"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/referral"
	"causeway/protocol/delivery"
	"causeway/protocol/proof"
)

// abroadPosted is what of a thread's page is about messages that did not go through, and
// the proof of what passed.
func (v *visit) abroadPosted(part *AbroadPart, t *referral.View) {
	for i := range t.Posted {
		m := &t.Posted[i]
		row := v.troubleRow(&exchange.Trouble{Side: delivery.Ours, What: m.What, Type: m.Type, Code: m.Code, Unmet: m.Unmet}, nil)
		row.Since = m.At.In(v.s.Zone)
		part.Posted = append(part.Posted, row)
	}
	part.Over = slices.Contains(t.May, referral.Undelivered)
	if v.s.Exchange != nil && !t.Abroad.SentAt.IsZero() && v.s.Gate.May(v.caller, "peer.prove") {
		part.Proof = "/referral/" + t.Case.String() + "/" + t.ID.String() + "/proof"
	}
}

// proofForm asks before a proof is taken out.
func (s *Server) proofForm(v *visit, f Form) (any, error) {
	if s.Exchange == nil || !s.Gate.May(v.caller, "peer.prove") {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err := v.freshFor("peer.prove"); err != nil && !f.Wrong() {
		return nil, err
	}
	f.Action = v.r.URL.Path
	return ProofPage{Frame: v.frame("refer"), Href: "/referral/" + v.aCase().String() + "/" + v.threadID().String(), Form: f}, nil
}

// takeProof sends the proof pack of a thread, to whoever may see the thread and may take
// proofs out.
func (s *Server) takeProof(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	t, err := s.Referrals.Thread(v.r.Context(), v.caller, v.aCase(), v.threadID())
	if err != nil {
		return err
	}
	if s.Exchange == nil || t.Abroad == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	pack, err := s.Exchange.Proof(v.r.Context(), v.caller, t.Abroad.Wire, nil)
	if err != nil {
		return v.back(v.r.URL.Path, err, s.proofForm)
	}
	var file bytes.Buffer
	if err := proof.Write(&file, pack); err != nil {
		return err
	}
	out := &download{w: v.w, name: "proof-" + t.Abroad.Wire.String()[:8] + ".zip", kind: "application/zip"}
	_, _ = file.WriteTo(out) // a reader who has gone away is told nothing
	return nil
}

// proofRoutes are the pages of a proof of what passed between two nodes.
func (s *Server) proofRoutes() {
	const at = "/referral/{case}/{thread}/proof"
	s.page("GET "+at, func(v *visit) error { return v.showForm(s.proofForm) })
	s.page("POST "+at, s.takeProof)
}

// ProofPage asks whether a proof is to be taken out.
type ProofPage struct {
	Frame
	Href string
	Form Form
}
