package access

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// PermitUntil records a lawful basis in force for the pass's case and a purpose, up
// to a time; the zero time is no end. Once that time is over, no decision counts it:
// nothing has to run for it to end.
func (p *Pass) PermitUntil(ctx context.Context, purpose, basis string, until time.Time) error {
	d, err := p.desk(ctx)
	if err != nil {
		return err
	}
	end := noEnd
	if !until.IsZero() {
		if end = until.UnixMicro(); end <= d.tx.Micros() {
			return fault.New(fault.Invalid, "already-over")
		}
	}
	return d.permit(ctx, purpose, basis, end)
}

// Withdraw ends one basis for the purposes that which names, at once; what is
// permitted on another basis goes on. It reports whether anything was in force.
// The gate's [Restrictions] take note on commit, so that a backup from before does
// not bring it back.
func (p *Pass) Withdraw(ctx context.Context, basis string, which func(purpose string) bool) (bool, error) {
	ended, err := p.endThose(ctx, func(r *right) bool {
		return r.table == tablePermit && r.basis == basis && which(r.purpose)
	})
	if err != nil {
		return false, err
	}
	if note := p.gate.restrict; note != nil {
		for _, r := range ended {
			c, of := p.act.Case, Withdrawn{Permit: [rightID]byte(r.id), Version: r.version}
			p.tx.OnCommit(func() { note.Withdrawn(c, of.Pack()) })
		}
	}
	return len(ended) > 0, nil
}

// Withdrawn names a permit that was ended: its random identifier, and the version
// that was in force until then. What was permitted anew has a higher one.
type Withdrawn struct {
	Case    ident.Case
	Permit  [rightID]byte
	Version int64
}

// Pack writes it as one identifier of the restrictions file.
func (w Withdrawn) Pack() (out [16]byte) {
	copy(out[:], w.Permit[:])
	binary.BigEndian.PutUint64(out[8:], uint64(w.Version))
	return out
}

// withdrawnOf reads what [Withdrawn.Pack] wrote.
func withdrawnOf(c ident.Case, b [16]byte) Withdrawn {
	w := Withdrawn{Case: c, Version: int64(min(binary.BigEndian.Uint64(b[8:]), math.MaxInt64))}
	copy(w.Permit[:], b[:])
	return w
}

// AllWithdrawn returns every permit on some bases that was ended, for the restrictions
// file: random identifiers and numbers, nothing else.
func (g *Gate) AllWithdrawn(ctx context.Context, basis ...string) ([]Withdrawn, error) {
	var out []Withdrawn
	err := g.db.Read(ctx, func(tx *store.Tx) error {
		for _, one := range basis {
			if err := readWithdrawn(ctx, tx, one, func(w Withdrawn) { out = append(out, w) }); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func readWithdrawn(ctx context.Context, tx *store.Tx, basis string, fn func(Withdrawn)) error {
	rows, err := tx.Query(ctx, sqlAllWithdrawn, basis)
	if err != nil {
		return fmt.Errorf("read permits that ended: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w Withdrawn
		var id []byte
		if err := rows.Scan(&w.Case, &id, &w.Version); err != nil {
			return err
		}
		copy(w.Permit[:], id)
		w.Version-- // the version that was in force
		fn(w)
	}
	return rows.Err()
}

// WithdrawAgain ends a permit that was ended after a restored backup was made, and
// enters it. It is for the restore, before the node serves; a case that the database
// does not know is NotFound. A permit that it knows as ended, or as given anew, stays
// as it is.
func WithdrawAgain(ctx context.Context, tx *store.Tx, k *keys.Custody, j *journal.Journal, c ident.Case, packed [16]byte) error {
	s, of := ident.SubjectOf(c), withdrawnOf(c, packed)
	sealer, err := k.Sealer(ctx, tx, s)
	switch {
	case fault.Is(err, fault.NotFound), fault.CodeOf(err) == "key-destroyed":
		return fault.New(fault.NotFound, "no-such-case")
	case err != nil:
		return err
	}
	defer sealer.Close()
	e := restored("consent.withdraw", s)
	d := &desk{tx: tx, of: c, seal: sealer, wrote: func(table string, row []byte, version int64, mac []byte) {
		e.Rows = append(e.Rows, journal.RowState{Table: table, Row: row, Version: version, MAC: mac})
	}}
	if err := d.load(ctx); err != nil {
		return err
	}
	for _, r := range d.rows {
		if r.table == tablePermit && string(r.id) == string(of.Permit[:]) && r.version <= of.Version && r.until != ended {
			if err := d.end(ctx, *r); err != nil {
				return err
			}
			_, err = j.Append(ctx, tx, e)
			return err
		}
	}
	return nil
}

// restored is the entry of what a restore puts into force again. It names the case
// twice: a link of the case's chain would ask for a new version of the case row, which
// nobody has changed.
func restored(what string, s ident.Subject) journal.Entry {
	return journal.Entry{
		Action: journal.Restore, What: what, Strength: "shell", Role: "node", Via: "cli", Zone: "loopback",
		Purpose: "maintenance", Subjects: []ident.Subject{s, s}, Outcome: journal.OK,
	}
}

// Permitted is one basis in force for a case and a purpose.
type Permitted struct {
	Purpose, Basis string
	From           time.Time
	Until          time.Time // zero: no end
	// Altered says that this program did not write the row as it is. Only
	// [Pass.CheckPermits] knows.
	Altered bool

	row right
}

// Permits returns what is in force for the pass's case now, by purpose and basis.
func (p *Pass) Permits(ctx context.Context) ([]Permitted, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectPermits, p.act.Case, p.tx.Micros())
	if err != nil {
		return nil, fmt.Errorf("read permits: %w", err)
	}
	defer rows.Close()
	var out []Permitted
	for rows.Next() {
		r := right{table: tablePermit}
		if err := rows.Scan(&r.purpose, &r.basis, &r.from, &r.until, &r.id, &r.version, &r.mac); err != nil {
			return nil, err
		}
		one := Permitted{Purpose: r.purpose, Basis: r.basis, From: clock.FromMicros(r.from), row: r}
		if r.until != noEnd {
			one.Until = clock.FromMicros(r.until)
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// PermittedCases returns the cases after one for which something is permitted for a purpose, in
// order: for a job that must look at each of them. It checks no digest: that is for whoever
// acts on one of them.
func (p *Pass) PermittedCases(ctx context.Context, purpose string, after ident.Case, most int) ([]ident.Case, error) {
	if p.caller.job == "" {
		return nil, errNoPass
	}
	rows, err := p.Tx().Query(ctx, sqlPermitted, purpose, p.tx.Micros(), after[:], most)
	if err != nil {
		return nil, fmt.Errorf("read who is permitted: %w", err)
	}
	defer rows.Close()
	var out []ident.Case
	for rows.Next() {
		var c ident.Case
		if err := rows.Scan(&c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// CheckPermits compares what [Pass.Permits] returned with its digests, in a command or
// once the look at the case is in the journal, and marks what does not fit: somebody
// permitted it in the database.
func (p *Pass) CheckPermits(ctx context.Context, list []Permitted) error {
	var k checker
	var err error
	if p.writes {
		k, err = p.Sealer(ctx)
	} else {
		k, err = p.Opener(p.act.Case)
	}
	if err != nil {
		return err
	}
	for i := range list {
		switch err := list[i].row.check(k, p.act.Case); {
		case fault.CodeOf(err) == "record-altered":
			list[i].Altered = true
		case err != nil:
			return err
		}
	}
	return nil
}
