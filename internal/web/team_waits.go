package web

import (
	"net/http"
	"time"

	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/protocol/handover"
)

// TeamReferrals is what waits in referrals for a supervisor's people, and for those whom
// they asked.
type TeamReferrals struct {
	Frame
	Own   []TeamWait
	Asked []TeamWait
	Rows  []ReferralRow
	More  bool
}

// TeamWait is how much waits for one person or unit.
type TeamWait struct {
	Name    string // "" where nobody took it in hand yet
	Unit    string
	Agency  string
	Sector  string
	Waiting int
	Late    int
	Days    int // since the oldest of the late ones was due
	Missed  int
}

// teamReferrals shows by whose turn it is what waits in referrals.
func (s *Server) teamReferrals(v *visit) error {
	w, err := s.Referrals.Waits(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := TeamReferrals{Frame: v.frame("team"), Own: v.teamWaits(w.Own), Asked: v.teamWaits(w.Asked), More: w.More}
	for i := range w.Lines {
		view.Rows = append(view.Rows, v.referralRow(w.Lines[i].Thread, handover.Sender, w.Lines[i].Number))
	}
	view.Frame.Stamp = v.stamp(w.Entry)
	return v.write(http.StatusOK, view)
}

func (v *visit) teamWaits(waits []referral.Wait) (out []TeamWait) {
	for _, w := range waits {
		row := TeamWait{Unit: v.unitName(w.Unit), Waiting: w.Waiting, Late: w.Late, Missed: w.Missed}
		if !w.Staff.IsZero() {
			row.Name = v.name(w.Staff)
		}
		if a, ok := v.people.AgencyOf(w.Unit); ok {
			row.Agency, row.Sector = a.Name, v.label(pack.Sectors, a.Sector)
		}
		if !w.Oldest.IsZero() {
			row.Days = int(v.now().Sub(w.Oldest) / (24 * time.Hour))
		}
		out = append(out, row)
	}
	return out
}
