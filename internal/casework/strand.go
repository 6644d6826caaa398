package casework

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

const strandTable = "casework_strand"

// The kinds of strands.
const (
	StrandPerson = "person" // somebody in the child's life
)

// Strand is something in a case that goes on and changes. What is known of it lies
// in the events about it, so that its history is the case's own; Version counts
// them. Tie is what it has in common with strands of other cases
// (docs/decisions/0023).
type Strand struct {
	ID      ident.Strand
	Kind    string
	Code    string // by kind; for lists
	Tie     ident.Tie
	BeganAt time.Time
	EndedAt time.Time // zero: it goes on
	Version int64

	of  ident.Case
	mac []byte
}

// Case returns the case of a strand.
func (s *Strand) Case() ident.Case { return s.of }

// Ended reports whether the strand has ended.
func (s *Strand) Ended() bool { return !s.EndedAt.IsZero() }

// columns returns the stored columns that the row's digest covers.
func (s *Strand) columns() []any {
	var tie any
	if !s.Tie.IsZero() {
		tie = s.Tie[:]
	}
	return []any{s.of[:], s.BeganAt.UnixMicro(), optTime(s.EndedAt), s.Kind, s.Code, tie}
}

func (s *Strand) scan(scan func(...any) error) error {
	var began int64
	var ended *int64
	if err := scan(&s.of, &s.ID, &began, &ended, &s.Kind, &s.Code, &s.Tie, &s.Version, &s.mac); err != nil {
		return err
	}
	s.BeganAt = clock.FromMicros(began)
	if ended != nil {
		s.EndedAt = clock.FromMicros(*ended)
	}
	return nil
}

func readStrands(ctx context.Context, tx *store.Tx, query string, args ...any) ([]Strand, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read strands: %w", err)
	}
	defer rows.Close()
	var out []Strand
	for rows.Next() {
		var s Strand
		if err := s.scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// write stores the strand's next version.
func (s *Strand) write(ctx context.Context, p *access.Pass) error {
	k, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	before := s.Version
	s.of, s.Version = p.Case(), before+1
	s.mac = k.MAC(strandTable, s.ID[:], s.Version, s.columns()...)
	c := s.columns()
	args := []any{s.of, s.ID, c[1], c[2], c[3], c[4], c[5], s.Version, s.mac}
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsertStrand, args...); err != nil {
			return fmt.Errorf("write strand: %w", err)
		}
	} else if n, err := p.Tx().Exec(ctx, sqlUpdateStrand, append(args, before)...); err != nil || n != 1 {
		if err == nil {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
		return fmt.Errorf("write strand: %w", err)
	}
	p.Wrote(strandTable, s.ID[:], s.Version, s.mac)
	return nil
}

// begin writes a new strand and returns the event it begins with.
func (s *Strand) begin(ctx context.Context, p *access.Pass, e *Event) (*Event, error) {
	s.ID, s.BeganAt, s.Version = ident.Beside[ident.Strand](), p.Now(), 0
	e.Strand = s.ID[:]
	return e, s.write(ctx, p)
}

// strandOf reads a strand of the pass's case that goes on, to change it.
func strandOf(ctx context.Context, p *access.Pass, id ident.Strand, kind string) (*Strand, error) {
	var s Strand
	if err := s.scan(p.Tx().QueryRow(ctx, sqlSelectStrand, p.Case(), id).Scan); err != nil {
		if fault.Is(err, fault.NotFound) {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		return nil, fmt.Errorf("read strand: %w", err)
	}
	k, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	if err := k.CheckMAC(s.mac, strandTable, s.ID[:], s.Version, s.columns()...); err != nil {
		return nil, err
	}
	switch {
	case s.Kind != kind:
		return nil, fault.New(fault.NotFound, "no-such-page")
	case s.Ended() && kind != StrandCare: // where a child lived may be corrected later
		return nil, fault.New(fault.Conflict, "ended-already")
	}
	return &s, nil
}

// onStrand is the frame of the commands on one strand. seen is the version of the
// strand on the page the change was made from, 0 where a change in between does
// not matter.
func (r *Room) onStrand(ctx context.Context, c *access.Caller, cmd ident.Command, in ident.Case, action, kind string, id ident.Strand,
	seen int64, apply func(*access.Pass, *Case, *Strand) (*Event, error),
) error {
	return r.act(ctx, c, cmd, in, action, PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		s, err := strandOf(ctx, p, id, kind)
		if err != nil {
			return nil, err
		}
		if seen != 0 && seen != s.Version {
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		}
		e, err := apply(p, row, s)
		if err != nil {
			return nil, err
		}
		e.Strand = s.ID[:]
		return e, s.write(ctx, p)
	})
}

// checkStrands compares the strands of a case with their digests and with the
// events about them: a row put back or slipped in does not fit, nor does one that
// was taken away.
func checkStrands(o *keys.Opener, strands []Strand, events []Event) error {
	about := make(map[ident.Strand]int64, len(strands))
	for i := range events {
		for _, id := range [][]byte{events[i].Strand, events[i].Ended} {
			if len(id) == 16 {
				about[ident.Strand(id)]++
			}
		}
	}
	if len(about) != len(strands) {
		return errAltered()
	}
	for i := range strands {
		s := &strands[i]
		if err := o.CheckMAC(s.mac, strandTable, s.ID[:], s.Version, s.columns()...); err != nil {
			return err
		}
		if about[s.ID] != s.Version {
			return errAltered()
		}
	}
	return nil
}

// eachStrand gives fn the strands of a case as they are stored, for reconciliation.
func eachStrand(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var of, id, tie, mac []byte
		var began, version int64
		var ended *int64
		var kind, code string
		if err := scan(&of, &id, &began, &ended, &kind, &code, &tie, &version, &mac); err != nil {
			return err
		}
		// In the order of Strand.columns.
		return fn(strandTable, id, version, mac, []any{of, began, ended, kind, code, orNull(tie)})
	}, sqlSelectStrands, s)
}
