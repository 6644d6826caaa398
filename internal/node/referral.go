package node

import (
	"context"
	"slices"

	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/staff"
)

// houses tells the room of referrals who can receive one.
type houses struct{ n *Node }

// receivers are the roles that may receive a referral, and those that may take a case
// over.
var (
	receivers = []staff.Role{
		staff.CaseWorker, staff.Supervisor, staff.Provider, staff.Lawyer, staff.Guardian, staff.FocalPoint, staff.Investigator,
		staff.Prosecutor, staff.FirstResponder,
	}
	takers = []staff.Role{staff.CaseWorker, staff.Supervisor}
)

// Receives implements referral.Houses.
func (h houses) Receives(ctx context.Context, unit ident.Unit, whole bool) (bool, error) {
	dir, err := h.n.Office.Directory(ctx)
	if err != nil {
		return false, err
	}
	roles := receivers
	if whole {
		roles = takers
	}
	return slices.ContainsFunc(dir.People(), func(a staff.Account) bool {
		return a.Unit == unit && a.State == staff.Active && slices.Contains(roles, a.Role)
	}), nil
}

// Agencies implements referral.Houses.
func (h houses) Agencies(ctx context.Context) (map[ident.Unit]referral.Agency, error) {
	dir, err := h.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	out := map[ident.Unit]referral.Agency{}
	for _, u := range dir.Units() {
		if a, ok := dir.AgencyOf(u.ID); ok {
			out[u.ID] = referral.Agency{ID: a.ID, Sector: a.Sector}
		}
	}
	return out, nil
}

// expireReferrals ends the offers that nobody answered in time, and tends what is between
// this node and others.
func (n *Node) expireReferrals(ctx context.Context) error {
	if _, err := n.Referrals.Expire(ctx); err != nil {
		return err
	}
	_, err := n.Referrals.TendAbroad(ctx)
	return err
}
