package web

import (
	"time"

	"causeway/internal/casework"
	"causeway/internal/pack"
	"causeway/internal/referral"
)

// FlowReferrals is what becomes of referrals and transfers.
type FlowReferrals struct {
	Whole              FlowReferral
	Sectors            []FlowReferral
	Regions            []FlowReferral
	Months             []FlowReferral
	Declined, Outcomes []FlowRow
	Late               []FlowDelay // who has not acted
}

// FlowReferral is what became of the referrals of one row. Where few children were asked
// for, nothing else is known of them.
type FlowReferral struct {
	What, To string // To: to which sector, where What is one
	referral.Flow
}

func (v *visit) flowReferrals(f *referral.Flows) *FlowReferrals {
	out := &FlowReferrals{
		Whole: FlowReferral{What: v.l.T("flows.whole"), Flow: f.Whole}, Declined: v.flowReferralCodes(pack.ReferralDeclines, f.Declined),
		Outcomes: v.flowReferralCodes(pack.NeedOutcomes, f.Outcomes),
	}
	known := func(word string) string {
		if word == "" {
			return v.l.T("flows.unknown")
		}
		return word
	}
	for _, s := range f.Sectors {
		out.Sectors = append(out.Sectors, FlowReferral{known(v.label(pack.Sectors, s.From)), known(v.label(pack.Sectors, s.To)), s})
	}
	for _, s := range f.Regions {
		out.Regions = append(out.Regions, FlowReferral{What: known(v.area(s.Region)), Flow: s})
	}
	for _, s := range f.Months {
		out.Months = append(out.Months, FlowReferral{What: v.l.Month(s.Month.Year(), s.Month.Month()), Flow: s})
	}
	for _, d := range f.Late {
		row := FlowDelay{What: v.l.T("flows.unknown"), Late: d.N, Days: int(v.now().Sub(d.Oldest) / (24 * time.Hour))}
		if a, ok := v.people.Agency(d.Agency); ok {
			row.What, row.Sector = a.Name, v.label(pack.Sectors, a.Sector)
		}
		out.Late = append(out.Late, row)
	}
	return out
}

func (v *visit) flowReferralCodes(list string, counted []referral.FlowCode) []FlowRow {
	codes := make([]casework.FlowCode, len(counted))
	for i, c := range counted {
		codes[i] = casework.FlowCode(c)
	}
	return v.flowCodes(list, codes)
}
