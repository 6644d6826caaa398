package deadline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Codes is the part of the pack this room asks.
type Codes interface {
	Valid(list, code string) bool
}

// Rules say when a deadline takes its steps; both are numbers of the pack.
type Rules struct {
	Remind   time.Duration // before it is due, but never before half its time is over
	Escalate time.Duration // after it was due, and again, but within half its time
}

// Room keeps deadlines. It has no state and is safe for concurrent use.
type Room struct {
	codes Codes
	rules Rules
}

// New returns the room.
func New(codes Codes, rules Rules) *Room { return &Room{codes, rules} }

// What is a deadline to be set for the pass's case.
type What struct {
	Kind string // code list deadline_kind
	// About names what in the case it is about, such as a record that waits for
	// an approval; zero is the case itself. A case has one open deadline for each
	// kind and what it is about.
	About [16]byte
	Owner ident.Staff // who does it; none: whoever supervises Unit
	Unit  ident.Unit  // the unit that answers for the case
	Due   time.Time
	// First states that the case is being registered by this command: nothing of
	// the kind can be open in it, and nothing is looked for.
	First bool
}

// Set starts a clock in the pass's case: from now on What is due. An open
// deadline of the same kind about the same thing is cancelled, because there is
// at most one of each: setting it again moves it. The same again, to the microsecond, changes nothing.
func (r *Room) Set(ctx context.Context, p *access.Pass, w What) (ID, error) {
	switch {
	case !r.codes.Valid("deadline_kind", w.Kind):
		return ID{}, fault.New(fault.Internal, "no-such-deadline-kind")
	case w.Unit.IsZero() || w.Due.IsZero():
		return ID{}, fault.New(fault.Internal, "deadline-incomplete")
	}
	if !w.First {
		open, err := r.about(ctx, p, w.Kind, w.About)
		if err != nil {
			return ID{}, err
		}
		for _, d := range open {
			if d.Due.Equal(w.Due) && d.Owner == w.Owner && d.Unit == w.Unit {
				return d.ID, nil
			}
		}
		if err := r.end(ctx, p, open, Cancelled); err != nil {
			return ID{}, err
		}
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return ID{}, err
	}
	d := Deadline{
		ID: ident.New[ID](), Case: p.Case(), Kind: w.Kind, About: w.About, Owner: w.Owner, Unit: w.Unit,
		SetAt: p.Now(), Due: w.Due.UTC().Truncate(time.Microsecond), State: Open,
	}
	d.next = r.rules.next(&d)
	return d.ID, d.write(ctx, p, s)
}

// Meet ends the open deadlines of some kinds in the pass's case because what was
// to be done was done, late or not, and returns how many there were. None is no
// fault: an act may be done that nobody waited for.
func (r *Room) Meet(ctx context.Context, p *access.Pass, kinds ...string) (int, error) {
	return r.endKinds(ctx, p, Done, kinds)
}

// Cancel ends the open deadlines of some kinds in the pass's case because they
// need not be met any more, those of every kind when none is named, and returns
// how many there were.
func (r *Room) Cancel(ctx context.Context, p *access.Pass, kinds ...string) (int, error) {
	return r.endKinds(ctx, p, Cancelled, kinds)
}

// MeetOne is [Room.Meet] for what is about one thing.
func (r *Room) MeetOne(ctx context.Context, p *access.Pass, kind string, about [16]byte) (int, error) {
	return r.endOne(ctx, p, Done, kind, about)
}

// CancelOne is [Room.Cancel] for what is about one thing.
func (r *Room) CancelOne(ctx context.Context, p *access.Pass, kind string, about [16]byte) (int, error) {
	return r.endOne(ctx, p, Cancelled, kind, about)
}

func (r *Room) endOne(ctx context.Context, p *access.Pass, state, kind string, about [16]byte) (int, error) {
	open, err := r.about(ctx, p, kind, about)
	if err != nil {
		return 0, err
	}
	return len(open), r.end(ctx, p, open, state)
}

// about reads the open deadlines of a kind about one thing.
func (r *Room) about(ctx context.Context, p *access.Pass, kind string, about [16]byte) ([]Deadline, error) {
	open, err := r.open(ctx, p, kind)
	return slices.DeleteFunc(open, func(d Deadline) bool { return d.About != about }), err
}

func (r *Room) endKinds(ctx context.Context, p *access.Pass, state string, kinds []string) (int, error) {
	open, err := r.open(ctx, p, kinds...)
	if err != nil {
		return 0, err
	}
	return len(open), r.end(ctx, p, open, state)
}

func (r *Room) end(ctx context.Context, p *access.Pass, open []Deadline, state string) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	for i := range open {
		d := &open[i]
		d.State, d.Ended, d.next = state, p.Now(), time.Time{}
		if err := d.write(ctx, p, s); err != nil {
			return err
		}
	}
	return nil
}

// CancelBut ends the open deadlines of every kind but some, because they need not
// be met any more.
func (r *Room) CancelBut(ctx context.Context, p *access.Pass, kinds ...string) (int, error) {
	open, err := r.open(ctx, p)
	if err != nil {
		return 0, err
	}
	open = slices.DeleteFunc(open, func(d Deadline) bool { return slices.Contains(kinds, d.Kind) })
	return len(open), r.end(ctx, p, open, Cancelled)
}

// Give has another unit answer for the open deadlines of the pass's case, and each
// belong to whom owner names: the case has been assigned.
func (r *Room) Give(ctx context.Context, p *access.Pass, unit ident.Unit, owner func(*Deadline) ident.Staff) error {
	open, err := r.open(ctx, p)
	if err != nil {
		return err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	for i := range open {
		d := &open[i]
		to := owner(d)
		if d.Owner == to && d.Unit == unit {
			continue
		}
		d.Owner, d.Unit = to, unit
		if err := d.write(ctx, p, s); err != nil {
			return err
		}
	}
	return nil
}

// Opened returns the open deadlines of the pass's case of some kinds, of all
// when none is named, earliest first. Inside a command they are compared with
// their digests.
func (r *Room) Opened(ctx context.Context, p *access.Pass, kinds ...string) ([]Deadline, error) {
	return r.open(ctx, p, kinds...)
}

// open reads the open deadlines of the pass's case for a command.
func (r *Room) open(ctx context.Context, p *access.Pass, kinds ...string) ([]Deadline, error) {
	all, err := read(ctx, p, sqlOpenOfCase)
	if err != nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	var out []Deadline
	for _, d := range all {
		if len(kinds) > 0 && !slices.Contains(kinds, d.Kind) {
			continue
		}
		if err := s.CheckMAC(d.mac, table, d.ID[:], d.version, d.columns()...); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// Of returns every deadline of the pass's case, ended ones too, earliest due
// first. Whoever shows them calls [Deadline.Check] on each.
func Of(ctx context.Context, p *access.Pass) ([]Deadline, error) { return read(ctx, p, sqlOfCase) }

func read(ctx context.Context, p *access.Pass, query string) ([]Deadline, error) {
	rows, err := p.Tx().Query(ctx, query, p.Case())
	if err != nil {
		return nil, fmt.Errorf("read deadlines: %w", err)
	}
	defer rows.Close()
	var out []Deadline
	for rows.Next() {
		var d Deadline
		if err := d.Scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}
