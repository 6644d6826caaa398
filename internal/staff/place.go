package staff

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Place is one place of the country: a province, a district, a town.
type Place struct {
	Code   string // as in the published list it comes from
	Parent string // code of the place it lies in, "" at the top
	Level  int    // 0 is a country, 1 the first level below
	Name   string
}

// PlaceRow is a place as a file names it.
type PlaceRow struct {
	Place
	Row int // of the file, 1 is the first
}

// PlaceFault says what is wrong with one row. It never holds what stood there.
type PlaceFault struct {
	Row   int
	Field string // "place_code", "place_parent", "place_name"
	Code  string // of a fault
}

// PlaceReport is what a file would do, or did.
type PlaceReport struct {
	New, Changed, Same int
	Faults             []PlaceFault // of the first rows that have one; nothing was brought in
	More               int          // faults not listed
}

const (
	placeFaultsMost = 100
	placeLevelMost  = 9
)

// Places returns every place, ordered by level, name and code.
func (o *Office) Places(ctx context.Context, tx *store.Tx) ([]Place, error) {
	rows, err := tx.Query(ctx, sqlSelectPlaces)
	all, err := collect(rows, err, func(row scanner) (p Place, err error) {
		var parent *string
		err = row.Scan(&p.Code, &parent, &p.Level, &p.Name)
		if parent != nil {
			p.Parent = *parent
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	return all, nil
}

// BringPlaces adds the places of a file and changes those it names otherwise. Places
// are never removed, because records name them. Where a row is wrong nothing is
// brought in, and the report says which; with try set nothing is in any case.
func (o *Office) BringPlaces(ctx context.Context, tx *store.Tx, by By, rows []PlaceRow, try bool) (PlaceReport, error) {
	if err := o.check(ctx, tx, by); err != nil {
		return PlaceReport{}, err
	}
	there, err := o.Places(ctx, tx)
	if err != nil {
		return PlaceReport{}, err
	}
	plan := planPlaces(there, rows)
	if try || len(plan.report.Faults) > 0 {
		return plan.report, nil
	}
	now := clock.Micros(tx.Now())
	for _, p := range plan.write {
		var parent any
		if p.Parent != "" {
			parent = p.Parent
		}
		if _, err := tx.Exec(ctx, sqlUpsertPlace, p.Code, parent, p.Level, p.Name, now); err != nil {
			return PlaceReport{}, fmt.Errorf("bring in place: %w", err)
		}
	}
	if len(plan.write) == 0 {
		return plan.report, nil
	}
	e := by.entry(journal.Import, "staff.places")
	e.Count = int64(len(plan.write))
	_, err = o.journal.Append(ctx, tx, e)
	return plan.report, err
}

type placePlan struct {
	report PlaceReport
	write  []Place // those that are new or change, the higher ones first
}

func (p *placePlan) fault(row int, field, code string) {
	if len(p.report.Faults) == placeFaultsMost {
		p.report.More++
		return
	}
	p.report.Faults = append(p.report.Faults, PlaceFault{row, field, code})
}

// planPlaces compares a file with what is there.
func planPlaces(there []Place, rows []PlaceRow) *placePlan {
	plan := &placePlan{}
	before, after, from := map[string]Place{}, map[string]Place{}, map[string]int{}
	for _, p := range there {
		before[p.Code], after[p.Code] = p, p
	}
	for _, r := range rows {
		_, twice := from[r.Code]
		switch {
		case !placeCode(r.Code):
			plan.fault(r.Row, "place_code", "place-code")
			continue
		case twice && (after[r.Code].Name != r.Name || after[r.Code].Parent != r.Parent):
			plan.fault(r.Row, "place_code", "place-twice")
			continue
		}
		if _, err := unitName("place_name", r.Name); err != nil {
			plan.fault(r.Row, "place_name", fault.FieldsOf(err)[0].Code)
			continue
		}
		if !twice {
			from[r.Code] = r.Row
		}
		after[r.Code] = r.Place
	}
	for _, code := range slices.SortedFunc(maps.Keys(from), func(a, b string) int { return from[a] - from[b] }) {
		if after[code].Parent != "" && after[after[code].Parent].Code == "" {
			plan.fault(from[code], "place_parent", "place-parent")
		}
	}
	if len(plan.report.Faults) > 0 {
		return plan
	}
	plan.settle(before, after, from)
	return plan
}

// settle gives each place its level, from the top down, and sorts out what changes.
func (p *placePlan) settle(before, after map[string]Place, from map[string]int) {
	for code, place := range after {
		level, ok := levelOf(after, code)
		if !ok {
			p.fault(from[code], "place_parent", "place-circle")
			continue
		}
		place.Level = level
		switch old, known := before[code]; {
		case !known:
			p.report.New++
		case old != place:
			p.report.Changed++
		default:
			if from[code] != 0 {
				p.report.Same++
			}
			continue
		}
		p.write = append(p.write, place)
	}
	slices.SortFunc(p.report.Faults, func(a, b PlaceFault) int { return a.Row - b.Row })
	slices.SortFunc(p.write, func(a, b Place) int { return cmp.Or(a.Level-b.Level, strings.Compare(a.Code, b.Code)) })
}

// levelOf counts from the place at the top, which says its own level. It reports
// false for a circle and for what lies deeper than any list goes.
func levelOf(all map[string]Place, code string) (int, bool) {
	below := 0
	for at := all[code]; below <= placeLevelMost; at = all[at.Parent] {
		if at.Parent == "" {
			level := at.Level + below
			return level, level >= 0 && level <= placeLevelMost
		}
		below++
	}
	return 0, false
}

func placeCode(s string) bool {
	return len(s) > 0 && len(s) <= 40 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_' && r != '.'
	})
}
