package web

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// PartnerPurposes are what a pair may permit something to be sent for.
func PartnerPurposes(l *locale.Locale) []Option {
	return Options(l, "partnerpurpose", codesOf(cx.Purposes())...)
}

// PartnerTypes are what a pair may permit to be begun.
func PartnerTypes(l *locale.Locale) []Option {
	return Options(l, "partnertype", codesOf(exchange.ChosenTypes())...)
}

func codesOf[T ~string](codes []T) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}

func (v *visit) partnerAddPage(f Form) (PartnerAdd, error) {
	if !v.s.Gate.May(v.caller, "peer.prepare") {
		return PartnerAdd{}, fault.New(fault.NotFound, "no-such-page")
	}
	if err := v.freshFor("peer.prepare"); err != nil && !f.Wrong() {
		return PartnerAdd{}, err
	}
	f.Action = partnersPath + "/add"
	if f.Values == nil {
		most := identity.StandardLimits
		f.Values = map[string][]string{
			"peer_payload": {exchange.MiB(most.Payload)}, "peer_blob": {exchange.MiB(most.Blob)}, "peer_envelope": {exchange.MiB(most.Envelope)},
		}
	}
	return PartnerAdd{
		Frame: v.frame("partners"), Form: f, Purposes: PartnerPurposes(v.l), Types: PartnerTypes(v.l), Max: identity.CardLimit,
	}, nil
}

func (s *Server) partnerAdd(v *visit) error {
	view, err := v.partnerAddPage(Form{})
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

// addPartner is the first of two officers: the card comes as a file or pasted.
func (s *Server) addPartner(v *visit) error {
	if err := v.r.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	node, err := v.preparePartner(func(card []byte, terms exchange.Terms) (identity.NodeID, error) {
		return s.Exchange.Prepare(v.r.Context(), v.caller, cmd, card, terms)
	})
	if err == nil {
		return v.redirect(partnersPath+"/at/"+string(node), "partner-added")
	}
	if !refusedForm(err) {
		return err
	}
	f := v.typed(err)
	if len(f.Errors) == 0 && f.Fault != "fresh-check" {
		f.Errors, f.Fault = []FieldError{{"card", f.Fault}}, ""
	}
	view, perr := v.partnerAddPage(f)
	if perr != nil {
		return perr
	}
	return v.write(statusOf(err), view)
}

// preparePartner reads the form and hands card and terms to do.
func (v *visit) preparePartner(do func([]byte, exchange.Terms) (identity.NodeID, error)) (identity.NodeID, error) {
	card, err := v.upload("file", "card", identity.CardLimit)
	if err != nil {
		return "", err
	}
	until, code := v.dueDay("peer_until")
	if code != "" {
		return "", fault.InvalidField("peer_until", code)
	}
	limit := func(field string) string { return locale.PlainDigits(v.value(field)) }
	limits, err := exchange.ReadLimits(limit("peer_payload"), limit("peer_blob"), limit("peer_envelope"))
	if err != nil {
		return "", err
	}
	terms := exchange.Terms{
		Limits: limits, Emergency: v.value("peer_emergency"), Called: v.value("peer_called"), From: v.s.Clock.Now(), Until: until,
	}
	for _, p := range v.r.PostForm["peer_purposes"] {
		terms.Purposes = append(terms.Purposes, cx.Purpose(p))
	}
	for _, t := range v.r.PostForm["peer_types"] {
		terms.Types = append(terms.Types, cx.Type(t))
	}
	return do(card, terms)
}

// upload returns a note that came as a file, or pasted into a field.
func (v *visit) upload(file, field string, most int64) ([]byte, error) {
	part, _, err := v.r.FormFile(file)
	if err != nil {
		text := v.value(field)
		if text == "" {
			return nil, fault.InvalidField(field, "required")
		}
		return []byte(text), nil
	}
	defer part.Close()
	b, err := io.ReadAll(io.LimitReader(part, most+1))
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, "form-unreadable", err)
	case int64(len(b)) > most:
		return nil, fault.InvalidField(field, "file-too-big")
	case len(b) == 0:
		return v.upload("", field, most)
	}
	return b, nil
}

// partnerActs names the act of each step with a partner.
var partnerActs = map[string]string{
	"confirm": "peer.confirm", "drop": "peer.prepare", "quarantine": "peer.quarantine", "watch": "peer.quarantine", "resume": "peer.resume",
	"keys": "peer.learn", "remove": "peer.remove", "agree": "peer.prepare", "sign": "peer.prepare",
}

func (s *Server) showPartnerStep(v *visit, f Form) (any, error) {
	p, seen, err := v.onePartner()
	if err != nil {
		return nil, err
	}
	step := v.r.PathValue("step")
	if !slices.Contains(partnerSteps(v, p, seen), step) && !f.Wrong() || partnerActs[step] == "" {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err := v.freshFor(partnerActs[step]); err != nil && !f.Wrong() {
		return nil, err
	}
	view := PartnerStep{Frame: v.frame("partners"), Step: step, Row: v.partnerRow(p, seen)}
	view.Stops = step == "quarantine" || step == "remove" || step == "drop"
	if step == "confirm" {
		view.Terms = v.partnerTerms(p.Proposed)
		at := f.Value("seen_version")
		if at == "" {
			at = strconv.FormatInt(p.Version, 10)
		}
		f.Hidden = append(f.Hidden, Hidden{"seen_version", at})
	}
	if step == "agree" {
		for _, o := range v.s.Exchange.OurOfficers(p) {
			view.Officers = append(view.Officers, exchange.OfficerText(o))
		}
	}
	f.Action = v.r.URL.Path
	view.Form = f
	return view, nil
}

func (s *Server) doPartnerStep(v *visit) (next, done string, err error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	ctx, node, step := v.r.Context(), identity.NodeID(v.r.PathValue("node")), v.r.PathValue("step")
	switch step {
	case "confirm":
		seen, perr := strconv.ParseInt(v.value("seen_version"), 10, 64)
		if perr != nil {
			return "", "", fault.New(fault.Invalid, "form-unreadable")
		}
		err = s.Exchange.Confirm(ctx, v.caller, cmd, node, v.value("peer_heard"), seen)
	case "drop":
		err = s.Exchange.Drop(ctx, v.caller, cmd, node)
	case "quarantine":
		err = s.Exchange.Quarantine(ctx, v.caller, cmd, node)
	case "watch":
		err = s.Exchange.Watching(ctx, v.caller, cmd, node)
	case "resume":
		err = s.Exchange.Resume(ctx, v.caller, cmd, node)
	case "remove":
		err = s.Exchange.Remove(ctx, v.caller, cmd, node)
	case "keys":
		if v.value("peer_note") == "" {
			return "", "", fault.InvalidField("peer_note", "required")
		}
		_, err = s.Exchange.Learn(ctx, v.caller, cmd, node, []byte(v.value("peer_note")))
	default:
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return partnersPath + "/at/" + string(node), "partner-" + step, err
}
