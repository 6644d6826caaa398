package web

import (
	"errors"
	"net/http"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/protocol/identity"
)

// theirOfficers are the fields of the partner's two officers.
var theirOfficers = []string{"peer_their_first", "peer_their_second"}

// partnerNote sends the pair note that both have signed. While something waits for the
// second officer it is not given out: it holds the partner's digits.
func (s *Server) partnerNote(v *visit) error {
	p, _, err := v.onePartner()
	if err != nil {
		return err
	}
	if len(p.Pair) == 0 || p.Compared() == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	return v.sendNote("pair-"+string(p.Node), p.Pair)
}

// sendNote sends a signed note as a file.
func (v *visit) sendNote(name string, signed []byte) error {
	out := &download{w: v.w, name: name + ".txt", kind: "text/plain; charset=utf-8"}
	_, _ = out.Write(signed) // a reader who has gone away is told nothing
	return nil
}

// agreePartner sends the pair note that this node has signed, for the partner to sign too.
func (s *Server) agreePartner(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	node := identity.NodeID(v.r.PathValue("node"))
	var check fault.Check
	var theirs []identity.Officer
	for _, field := range theirOfficers {
		o, err := exchange.ReadOfficer(node, locale.PlainDigits(v.value(field)))
		check.Require(err == nil, field, "officer-line")
		theirs = append(theirs, o)
	}
	check.Require(v.value("peer_night") != "", "peer_night", "required")
	var signed []byte
	if err = check.Err(); err == nil {
		signed, err = s.Exchange.ProposePair(v.r.Context(), v.caller, cmd, node, theirs, v.value("peer_night"))
	}
	if err != nil {
		return v.back(v.r.URL.Path, err, s.showPartnerStep)
	}
	return v.sendNote("pair-"+string(s.Exchange.Node())+"-half", signed)
}

// signPartner takes a pair note in: one that only the partner has signed is signed here
// too, one that both have signed is kept.
func (s *Server) signPartner(v *visit) error {
	if err := v.r.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	node := identity.NodeID(v.r.PathValue("node"))
	note, err := v.upload("file", "peer_pair", identity.PairLimit)
	if err == nil {
		_, err = s.Exchange.SignPair(v.r.Context(), v.caller, cmd, node, note)
	}
	if err != nil {
		return v.back(v.r.URL.Path, err, s.showPartnerStep)
	}
	return v.redirect(partnersPath+"/at/"+string(node), "partner-sign")
}
