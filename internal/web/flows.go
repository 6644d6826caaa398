package web

import (
	"net/http"
	"time"

	"causeway/internal/casework"
	"causeway/internal/facts"
	"causeway/internal/pack"
)

// flows is the desk of whoever coordinates or oversees: where children wait, in
// figures in which no child can be found.
func (s *Server) flows(v *visit) error {
	f, err := s.Cases.Flows(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Flows{Frame: v.frame("flows"), AsOf: f.AsOf.In(s.Zone), Least: f.Least}
	for _, d := range f.Units {
		row := v.flowDelay(d)
		row.What = v.unitName(d.Unit)
		if a, ok := v.people.AgencyOf(d.Unit); ok {
			row.Agency, row.Sector = a.Name, v.label(pack.Sectors, a.Sector)
		}
		view.Units = append(view.Units, row)
	}
	for _, d := range f.Kinds {
		row := v.flowDelay(d)
		row.What = v.label(pack.DeadlineKinds, d.Kind)
		view.Kinds = append(view.Kinds, row)
	}
	for _, m := range f.Months {
		view.Months = append(view.Months, FlowRow{v.l.Month(m.From.Year(), m.From.Month()), m.N})
	}
	view.Stages, view.Risks = v.flowCodes(pack.Stages, f.Stages), v.flowCodes(pack.Risks, f.Risks)
	view.Frame.Stamp = v.stamp(f.Entry)
	if s.Referrals != nil {
		r, err := s.Referrals.Flows(v.r.Context(), v.caller)
		if err != nil {
			return err
		}
		view.Referrals = v.flowReferrals(r)
	}
	return v.write(http.StatusOK, view)
}

// flowCodes puts figures in the order of their list.
func (v *visit) flowCodes(list string, counted []casework.FlowCode) (out []FlowRow) {
	for _, o := range v.options(list) {
		for _, c := range counted {
			if c.Code == o.Value {
				out = append(out, FlowRow{o.Label, c.N})
			}
		}
	}
	return out
}

func (v *visit) flowDelay(d casework.FlowDelay) FlowDelay {
	return FlowDelay{Late: d.Late, Escalated: d.Escalated, Days: int(v.now().Sub(d.Oldest) / (24 * time.Hour))}
}

// Flows is how children come to help and where they wait.
type Flows struct {
	Frame
	AsOf          time.Time
	Least         int
	Units, Kinds  []FlowDelay
	Months        []FlowRow
	Stages, Risks []FlowRow
	Referrals     *FlowReferrals // nil: nobody is referred here
}

// FlowRow is a number with what it counts.
type FlowRow struct {
	What string
	N    facts.Cell
}

// FlowDelay is what is late in a place.
type FlowDelay struct {
	What, Agency, Sector string
	Late, Escalated      facts.Cell
	Days                 int // since the oldest is due
}
