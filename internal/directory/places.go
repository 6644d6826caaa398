package directory

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

const clockConfirmed = pack.PlacesConfirmed

// Report is what somebody says of the places of a service now. What is nil stays as it
// was, and counts as said again.
type Report struct{ Total, Free, Wait *int }

// Report notes how many places are free, as of now and on the caller's word: a provider
// for the services of their own unit, a supervisor for those they answer for. An empty
// report says that everything is still so.
func (r *Room) Report(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Service, said Report) error {
	_, err := r.gate.Do(ctx, c, access.Act{Action: "directory.capacity", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		row, err := read(ctx, p, sqlSelectService, id)
		if err != nil {
			return "", err
		}
		s, err := r.service(p, row, false)
		if err != nil {
			return "", err
		}
		if row.unit.IsZero() || c.Unit() != row.unit {
			if err := r.mayKeep(ctx, p, row.unit); err != nil {
				return "", err
			}
		}
		if s.State == Closed {
			return "", fault.New(fault.Invalid, "service-closed")
		}
		now := s.Places
		for _, one := range []struct {
			said *int
			into *int
		}{{said.Total, &now.Total}, {said.Free, &now.Free}, {said.Wait, &now.Wait}} {
			if one.said != nil {
				*one.into = *one.said
			}
		}
		var check fault.Check
		now.check(&check)
		if err := check.Err(); err != nil {
			return "", err
		}
		row.setPlaces(p, now)
		return "", r.keep(ctx, p, row)
	})
	return err
}

// setPlaces writes places as of now on the caller's word; where nobody knows anything
// there is no word.
func (s *stored) setPlaces(p *access.Pass, now Places) {
	s.total, s.free, s.wait = int64(now.Total), int64(now.Free), int64(now.Wait)
	s.placesAt, s.placesBy = 0, ident.Staff{}
	if now.Total != Unknown || now.Free != Unknown || now.Wait != Unknown {
		s.placesAt, s.placesBy = p.Now().UnixMicro(), p.Caller().Staff()
	}
}

// Reseal seals what secret services hide, where an earlier epoch key of the node sealed
// it, under the key of today, up to a page of them, and returns how many it did. below
// is the mark that every blob of today's key sorts after.
func (r *Room) Reseal(ctx context.Context, below []byte) (int, error) {
	n := 0
	_, err := r.gate.Do(ctx, r.gate.Job("rewrap"), access.Act{Action: "job.rewrap", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
		rows, err := readHidden(ctx, p, below)
		if err != nil {
			return "", err
		}
		for _, s := range rows {
			var h hidden
			if err := p.OpenNode(serviceTable, s.id[:], s.edition, s.hidden, &h); err != nil {
				return "", err
			}
			blob, err := p.SealNode(serviceTable, s.id[:], s.edition, &h)
			if err != nil {
				return "", err
			}
			if _, err := p.Tx().Exec(ctx, sqlResealHidden, s.id, s.edition, blob); err != nil {
				return "", err
			}
		}
		n = len(rows)
		return "", nil
	})
	return n, err
}

// resealPage is how many rows one transaction seals anew.
const resealPage = 500

func readHidden(ctx context.Context, p *access.Pass, below []byte) ([]*stored, error) {
	rows, err := p.Tx().Query(ctx, sqlHiddenBelow, below, resealPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*stored
	for rows.Next() {
		var s stored
		if err := rows.Scan(&s.id, &s.edition, &s.hidden); err != nil {
			return nil, err
		}
		out = append(out, &s)
	}
	return out, rows.Err()
}
