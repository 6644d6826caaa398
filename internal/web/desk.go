package web

import (
	"net/http"

	"causeway/internal/fault"
)

const deskPath = "/desk"

// desk is the first page of whoever works in several places and looks after no child: what
// each place is for, and how much waits there.
func (s *Server) desk(v *visit) error {
	if s.Gate.May(v.caller, "case.list") {
		return fault.New(fault.NotFound, "no-such-page")
	}
	view := Desk{Frame: v.frame("desk")}
	for _, n := range view.Nav {
		if v.l.Has("desk." + n.Tab) {
			view.Places = append(view.Places, n)
		}
	}
	return v.write(http.StatusOK, view)
}
