package web

import (
	"slices"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
)

// Who asks to take a case over: by its number, and without learning anything of it.

const claimPath = "/referrals/claim"

// claimRoutes are the pages of those requests.
func (s *Server) claimRoutes() {
	s.form(claimPath, s.claimForm(false))
	s.form(claimPath+"/withdraw", s.claimForm(true))
	s.form("/child/{case}/claims/{claim}/refuse", s.claimRefuseForm())
}

// claimForm asks for a case, or takes it back. The answer is the same whether there is
// such a case or not.
func (s *Server) claimForm(withdraws bool) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "referral.claim") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return ClaimForm{Frame: v.frame("refer"), Form: f, Withdraws: withdraws}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			if withdraws {
				return "/referrals", "claim-withdrawn", s.Referrals.Unclaim(v.r.Context(), v.caller, cmd, v.value("claim_number"))
			}
			return "/referrals", "claim-sent", s.Referrals.Claim(v.r.Context(), v.caller, cmd, v.value("claim_number"), v.text("claim_reason"))
		},
	}
}

func (s *Server) claimRefuseForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			sent, q, err := v.claimed(v.r.PathValue("claim"))
			if err != nil {
				return nil, err
			}
			if !sent.May["referral.refuse"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return ClaimRefuse{
				Frame: v.frame("children"), Row: v.claimRow(q, sent.Number), Form: f, Reasons: Options(v.l, "claimrefusal", referral.ClaimReasons()...),
				Back: "/child/" + q.Case.String() + "/referrals",
			}, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := ident.Parse[referral.ClaimID](v.r.PathValue("claim"))
			if err != nil {
				return "", "", fault.New(fault.NotFound, "no-such-page")
			}
			of := v.aCase()
			return "/child/" + of.String() + "/referrals", "claim-refused",
				s.Referrals.RefuseClaim(v.r.Context(), v.caller, cmd, of, id, v.value("claim_refusal"), v.text("reason"))
		},
	}
}

// claimed returns a request for the case of the address that waits for an answer.
func (v *visit) claimed(id string) (*referral.Sent, *referral.Claim, error) {
	sent, err := v.s.Referrals.Sent(v.r.Context(), v.caller, v.aCase())
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(sent.Claims, func(q referral.Claim) bool { return q.ID.String() == id })
	if i < 0 {
		return nil, nil, fault.New(fault.NotFound, "no-such-page")
	}
	return sent, &sent.Claims[i], nil
}

func (v *visit) claimRow(q *referral.Claim, number ident.CaseNumber) ClaimRow {
	child := "/child/" + q.Case.String()
	row := ClaimRow{
		Unit: v.unitName(q.Unit), By: v.name(q.Asker), At: q.At.In(v.s.Zone), Why: q.Why.Reveal(), State: q.State, Reason: q.Reason,
		Accept: child + "/refer?claim=" + q.ID.String(), Refuse: child + "/claims/" + q.ID.String() + "/refuse",
	}
	if number != "" {
		row.Number = number.String()
	}
	return row
}

// claimRows show who asks for the cases in the reader's care, and what the reader was
// answered.
func (v *visit) claimRows(view *Referrals) error {
	if !v.s.Gate.May(v.caller, "referral.claim") {
		return nil
	}
	view.Claim = claimPath
	asked, err := v.s.Referrals.Claims(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	for i := range asked {
		view.Claims = append(view.Claims, v.claimRow(&asked[i].Claim, asked[i].Number))
	}
	answered, err := v.s.Referrals.Claimed(v.r.Context(), v.caller)
	for i := range answered {
		view.Claimed = append(view.Claimed, v.claimRow(&answered[i].Claim, answered[i].Number))
	}
	return err
}

// accepts fills into the form of an offer which request it accepts.
func (v *visit) accepts(f *Form) (*ClaimRow, error) {
	id := f.Value("transfer_claim")
	if id == "" {
		id = v.r.URL.Query().Get("claim")
	}
	if id == "" {
		return nil, nil
	}
	sent, q, err := v.claimed(id)
	if err != nil {
		return nil, err
	}
	f.Hidden = append(f.Hidden, Hidden{"transfer_claim", id}, Hidden{"referral_kind", "transfer"}, Hidden{"referral_unit", q.Unit.String()})
	row := v.claimRow(q, sent.Number)
	return &row, nil
}

// claimID reads which request an offer accepts, none for none.
func (v *visit) claimID() (id referral.ClaimID, err error) {
	if typed := v.value("transfer_claim"); typed != "" {
		if id, err = ident.Parse[referral.ClaimID](typed); err != nil {
			return id, fault.New(fault.NotFound, "no-such-page")
		}
	}
	return id, nil
}
