package node

import (
	"context"
	"path/filepath"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/directory"
	"causeway/internal/intake"
	"causeway/internal/oversight"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/referral"
	"causeway/internal/web"
)

// openRooms builds the rooms, and joins what they ask of each other.
func (n *Node) openRooms(ctx context.Context) (err error) {
	n.People = access.NewPeople(n.Gate, n.Office)
	n.Index = person.NewIndex(n.Ring.Derive("person/identifier"))
	n.Persons = person.New(n.Pack, n.Index)
	if n.Cases, err = casework.New(n.Gate, n.Persons, n.Index, n.Pack, n.Clock, n.Ring.Derive("casework/cursor")); err != nil {
		return err
	}
	if err := n.openForms(ctx); err != nil {
		return err
	}
	n.Cases.Staffed(n.roster)
	n.Cases.Words(n.Office)
	n.Circle = referral.NewCircle(n.Gate, n.Cases, n.Pack, recipients{n.Office}, n.Clock)
	if n.Docs, err = n.newDocuments(); err != nil {
		return err
	}
	n.Cases.Keep(n.Docs)
	n.Services = directory.New(n.Gate, n.Pack, n.Ring.Derive("directory/row"), staffing{n})
	n.Referrals = referral.New(n.Gate, n.Cases, n.Pack, houses{n}, n.Clock)
	n.Cases.ToldBy(tellers{n.Circle, n.Referrals})
	n.Referrals.Knows(n.Services)
	n.Services.Expect(n.Referrals)
	n.Oversight = oversight.New(n.Gate, n.Pack, n.Ring.Derive("oversight/row"), overseen{n}, n.Cases)
	n.Referrals.Tells(posted{n})
	if err := n.openExchange(); err != nil {
		return err
	}
	n.joinAbroad()
	n.joinMatch()
	n.Imports = intake.New(intake.Config{
		DB: n.DB, Gate: n.Gate, Codes: n.book(), Clock: n.Clock, Log: n.Log, Dir: filepath.Join(n.Dir, spoolFolder),
		Keep:     n.Pack.Clock(pack.ImportReportKeep).Duration(),
		Register: &intake.Cases{Gate: n.Gate, Room: n.Cases, Staff: n.leader},
	})
	n.Captures = intake.NewCaptures(intake.CaptureConfig{
		DB: n.DB, Gate: n.Gate, Box: n.Custody, Authors: n.People, Clock: n.Clock, Log: n.Log,
		Filer: captureFiler{web.NewFiling(n.Cases, n.Pack, n.Pack.Calendar().Zone())},
	})
	return nil
}
