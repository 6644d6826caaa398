package directory

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Purpose is the purpose of every act of this room: finding help for children.
const Purpose = "services"

// Staffing knows the units and who is at work there.
type Staffing interface {
	// UnitNames returns the name of every unit.
	UnitNames(context.Context) (map[ident.Unit]string, error)
	// Supervised reports whether anybody supervises a unit or one above it.
	Supervised(context.Context, ident.Unit) (bool, error)
	// OnDuty returns who is at work in a unit now.
	OnDuty(context.Context, ident.Unit) ([]ident.Staff, error)
}

// Room is the directory. It is safe for concurrent use.
type Room struct {
	gate     *access.Gate
	codes    Codes
	key      [32]byte // vouches for rows
	staffing Staffing
	arrivals Arrivals
	index    index
}

// New returns the room. key vouches for its rows.
func New(gate *access.Gate, codes Codes, key [32]byte, staffing Staffing) *Room {
	return &Room{gate: gate, codes: codes, key: key, staffing: staffing}
}

// View is a service as somebody sees it.
type View struct {
	Service
	Hides       bool // address and area are hidden from the reader
	Unconfirmed bool // the number of free places is older than the pack lets it count
	MayEdit     bool
	MayReport   bool // say how many places are free
}

// Get returns a service. What a secret one hides is there for its own unit and its
// supervisors only.
func (r *Room) Get(ctx context.Context, c *access.Caller, id ident.Service) (*View, error) {
	var out *View
	err := r.gate.View(ctx, c, access.Act{Action: "directory.view", Purpose: Purpose}, func(p *access.Pass) error {
		row, err := read(ctx, p, sqlSelectService, id)
		if err != nil {
			return err
		}
		out, err = r.view(ctx, p, row)
		return err
	})
	return out, err
}

// OfUnit returns the services that the caller's own unit gives, closed ones last.
func (r *Room) OfUnit(ctx context.Context, c *access.Caller) ([]*View, error) {
	var out []*View
	err := r.gate.View(ctx, c, access.Act{Action: "directory.view", Purpose: Purpose}, func(p *access.Pass) (err error) {
		out, err = r.ofUnit(ctx, p)
		return err
	})
	return out, err
}

func (r *Room) ofUnit(ctx context.Context, p *access.Pass) ([]*View, error) {
	rows, err := readAll(ctx, p, sqlSelectOfUnit, p.Caller().Unit())
	if err != nil {
		return nil, err
	}
	var out []*View
	for _, row := range rows {
		v, err := r.view(ctx, p, row)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// view reads a row for the caller of a pass.
func (r *Room) view(ctx context.Context, p *access.Pass, row *stored) (*View, error) {
	keeps, err := r.keeps(ctx, p, row.unit)
	if err != nil {
		return nil, err
	}
	own := !row.unit.IsZero() && p.Caller().Unit() == row.unit
	s, err := r.service(p, row, keeps || own)
	if err != nil {
		return nil, err
	}
	return &View{
		Service: *s, Hides: s.Secret && !keeps && !own, Unconfirmed: r.unconfirmed(p, s.Places),
		MayEdit:   keeps && r.gate.May(p.Caller(), "directory.edit"),
		MayReport: (keeps || own) && s.State != Closed && r.gate.May(p.Caller(), "directory.capacity"),
	}, nil
}

// unconfirmed reports whether a number of free places is too old to count.
func (r *Room) unconfirmed(p *access.Pass, at Places) bool {
	return at.Free != Unknown && p.Now().After(r.codes.Clock(clockConfirmed).After(at.At))
}

// keeps reports whether the caller answers for what the directory says of a unit's
// services: a supervisor of the unit or of one above it, and every supervisor for those
// of organisations that have none here.
func (r *Room) keeps(ctx context.Context, p *access.Pass, unit ident.Unit) (bool, error) {
	mine := p.Caller().Supervises()
	if len(mine) == 0 || unit.IsZero() {
		return len(mine) > 0, nil
	}
	for at := unit; !at.IsZero(); {
		if slices.Contains(mine, at) {
			return true, nil
		}
		var err error
		if at, err = p.Above(ctx, at); err != nil {
			return false, err
		}
	}
	supervised, err := r.staffing.Supervised(ctx, unit)
	return !supervised, err
}

// Save adds a service (one without an identifier), or changes one. seen is the edition
// the form showed; a change by somebody else since then is a Conflict. Places are taken
// over for a new service only; see [Room.Report].
func (r *Room) Save(ctx context.Context, c *access.Caller, cmd ident.Command, in Service, seen int64) (ident.Service, error) {
	in.clean()
	if err := in.check(r.codes); err != nil {
		return ident.Service{}, err
	}
	done, err := r.gate.Do(ctx, c, access.Act{Action: "directory.edit", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		row := &stored{id: ident.New[ident.Service]()}
		if in.ID.IsZero() {
			r.begin(p, row, &in)
		} else {
			var err error
			if row, err = read(ctx, p, sqlSelectService, in.ID); err != nil {
				return "", err
			}
			if row.edition != seen {
				return "", fault.New(fault.Conflict, "changed-meanwhile")
			}
		}
		changed, err := r.prepare(ctx, p, row, in)
		if err == nil && changed {
			err = r.keep(ctx, p, row)
		}
		return row.id.String(), err
	})
	if err != nil {
		return ident.Service{}, err
	}
	return ident.Parse[ident.Service](done)
}

// begin fills in what a new row has before anything is written into it.
func (r *Room) begin(p *access.Pass, row *stored, in *Service) {
	if in.Code == "" {
		in.Code = "S-" + row.id.String()[:8]
	}
	row.setPlaces(p, in.Places)
}

// prepare fills a service into its row, if the caller may, and reports whether that
// changed anything.
func (r *Room) prepare(ctx context.Context, p *access.Pass, row *stored, in Service) (bool, error) {
	if in.Code == "" {
		in.Code = row.code
	}
	if row.version > 0 {
		if _, err := r.service(p, row, false); err != nil { // nobody altered it
			return false, err
		}
		if err := r.mayKeep(ctx, p, row.unit); err != nil {
			return false, err
		}
	}
	if row.version == 0 || row.unit != in.Unit {
		if err := r.mayGive(ctx, p, in.Unit); err != nil {
			return false, err
		}
	}
	if row.code != in.Code {
		switch _, err := read(ctx, p, sqlSelectByCode, in.Code); {
		case err == nil:
			return false, fault.InvalidField("service_code", "taken")
		case !fault.Is(err, fault.NotFound):
			return false, err
		}
	}
	return r.fill(p, row, &in)
}

// mayKeep refuses, as if there were no such service, who may not change it.
func (r *Room) mayKeep(ctx context.Context, p *access.Pass, unit ident.Unit) error {
	ok, err := r.keeps(ctx, p, unit)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return err
}

// mayGive refuses a unit that does not exist or is not the caller's to speak for.
func (r *Room) mayGive(ctx context.Context, p *access.Pass, unit ident.Unit) error {
	if unit.IsZero() {
		return nil
	}
	names, err := r.staffing.UnitNames(ctx)
	if err != nil {
		return err
	}
	if _, there := names[unit]; there {
		ok, err := r.keeps(ctx, p, unit)
		if err != nil || ok {
			return err
		}
	}
	return fault.InvalidField("service_unit", "not-in-list")
}

func read(ctx context.Context, p *access.Pass, query string, by any) (*stored, error) {
	row, err := scanStored(p.Tx().QueryRow(ctx, query, by).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return row, err
}

func readAll(ctx context.Context, p *access.Pass, query string, args ...any) ([]*stored, error) {
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read services: %w", err)
	}
	defer rows.Close()
	var out []*stored
	for rows.Next() {
		row, err := scanStored(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
