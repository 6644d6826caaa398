package casework

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
)

// Arrived is one child of a group intake.
type Arrived struct {
	Row
	Strand  Strand
	Arrival Arrival
}

// Named reports whether the child has more than a label.
func (a *Arrived) Named() bool {
	for _, n := range a.Person.Details.Names {
		if n.Kind != temporaryName {
			return true
		}
	}
	return false
}

// IntakePage is the table of a group intake, as far as its reader sees the children.
type IntakePage struct {
	Tie      ident.Tie
	Children []Arrived // in the order of their labels
	Entry    ident.Entry
}

// IntakePage returns the children of a group intake whom the caller may see: one look
// at all of them, under an entry that names each.
func (r *Room) IntakePage(ctx context.Context, c *access.Caller, tie ident.Tie) (*IntakePage, error) {
	page := &IntakePage{Tie: tie}
	var rows []*Case
	strands := map[ident.Case]Strand{}
	err := r.gate.List(ctx, c, access.Act{Action: "case.list", Purpose: PurposeCare},
		func(p *access.Pass) ([]ident.Case, error) {
			all, err := readStrands(ctx, p.Tx(), sqlSelectIntake, tie)
			if err != nil {
				return nil, err
			}
			ids := make([]ident.Case, len(all))
			for i, s := range all {
				ids[i], strands[s.of] = s.of, s
			}
			if ids, err = visible(ctx, p, ids, ArrivalsMost); err != nil {
				return nil, err
			}
			rows, err = readRows(ctx, p.Tx(), ids)
			return caseIDs(rows), err
		},
		func(p *access.Pass) error {
			page.Entry = p.Entry()
			shown, err := r.show(ctx, p, rows)
			if err != nil {
				return err
			}
			for _, row := range shown {
				a := Arrived{Row: row, Strand: strands[row.Case.ID]}
				if err := a.open(ctx, p); err != nil {
					return err
				}
				page.Children = append(page.Children, a)
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	if len(page.Children) == 0 {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	slices.SortFunc(page.Children, func(a, b Arrived) int { return int(a.Arrival.Order - b.Arrival.Order) })
	return page, nil
}

// open checks the strand and opens what was last known of the arrival.
func (a *Arrived) open(ctx context.Context, p *access.Pass) error {
	id := a.Case.ID
	o, err := p.Opener(id)
	if err != nil {
		return err
	}
	s := &a.Strand
	if err := o.CheckMAC(s.mac, strandTable, s.ID[:], s.Version, s.columns()...); err != nil {
		return err
	}
	e, err := newestArrival(ctx, p, o, id)
	if err != nil {
		return err
	}
	if e.Arrival == nil || string(e.Strand) != string(s.ID[:]) {
		return errAltered()
	}
	a.Arrival = *e.Arrival
	return nil
}

// newestArrival opens the newest event about a child's arrival.
func newestArrival(ctx context.Context, p *access.Pass, o *keys.Opener, of ident.Case) (*Event, error) {
	var e Event
	var at int64
	var blob, mac []byte
	err := p.Tx().QueryRow(ctx, sqlNewestArrival, of).Scan(&e.Seq, &e.ID, &at, &e.Kind, &e.Author, &blob, &mac)
	if fault.Is(err, fault.NotFound) {
		return nil, errAltered()
	}
	if err != nil {
		return nil, fmt.Errorf("read arrival: %w", err)
	}
	e.At = clock.FromMicros(at)
	if err := o.CheckMAC(mac, eventTable, e.ID[:], 1, e.columns(of, blob)...); err != nil {
		return nil, err
	}
	return &e, o.Open(eventTable, e.ID[:], 1, blob, &e.Content)
}

// Intake returns the group intake that a child arrived with, none for a child who
// came alone.
func (c *Child) Intake() ident.Tie {
	if i := c.current(StrandIntake); i >= 0 {
		return c.Strands[i].Tie
	}
	return ident.Tie{}
}
