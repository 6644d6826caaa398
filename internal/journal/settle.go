package journal

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/witness"
)

// settle notes that a checkpoint has what the policy asks for.
func (j *Journal) settle(ctx context.Context, p *witness.Policy, c storedCheckpoint) error {
	if !p.Asks() {
		return nil
	}
	err := j.db.Write(ctx, func(tx *store.Tx) error {
		signed, err := cosignedNote(ctx, tx, c)
		if err != nil {
			return err
		}
		if _, enough := p.Check(signed); !enough {
			return nil
		}
		_, err = tx.Exec(ctx, sqlInsertSettled, c.epoch, c.size, j.clk.Now().UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("settle journal: %w", err)
	}
	return nil
}

// Settlement says how far others vouch for the log.
type Settlement struct {
	Asks      bool      // a policy asks for cosignatures; without one the log is not witnessed
	Size      int64     // entries that are settled
	At        time.Time // when the newest settled checkpoint was settled; zero for none
	Signed    int64     // entries that the newest checkpoint covers
	Since     time.Time // when the oldest checkpoint was made that is not settled; zero when all are
	By        []string  // names in the policy of those who cosigned the newest settled checkpoint
	Witnesses []WitnessStatus
}

// WitnessStatus is how one witness stands.
type WitnessStatus struct {
	Name     string // in the policy
	Size     int64  // that it cosigned last
	Answered time.Time
	Problem  string // code, "" while all is well; see ProblemUnreachable and its neighbours
}

// settleMost is how long a checkpoint may wait for its cosignatures before the
// log counts as not witnessed.
const settleMost = time.Hour

// Witnessed reports whether others vouch for the log as the policy asks, up to a
// delay of an hour.
func (s *Settlement) Witnessed(now time.Time) bool {
	return s.Asks && !s.At.IsZero() && (s.Since.IsZero() || now.Sub(s.Since) <= settleMost)
}

// Settlement returns how far the log is settled under the policy in force.
func (j *Journal) Settlement(ctx context.Context) (*Settlement, error) {
	return settlement(ctx, j.db, j.Policy())
}

// SettlementOf is [Journal.Settlement] for a database whose node is not open.
func SettlementOf(ctx context.Context, db *store.DB, p *witness.Policy) (*Settlement, error) {
	return settlement(ctx, db, p)
}

func settlement(ctx context.Context, db *store.DB, p *witness.Policy) (*Settlement, error) {
	var s *Settlement
	err := db.Read(ctx, func(tx *store.Tx) error {
		s = &Settlement{Asks: p.Asks()}
		newest, err := lastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		s.Signed = newest.size
		settled, err := lastSettled(ctx, tx)
		if err != nil {
			return err
		}
		if settled.size > 0 {
			s.Size, s.At = settled.size, clock.FromMicros(settled.at)
		}
		var at int64
		err = tx.QueryRow(ctx, sqlFirstUnsettled, settled.epoch, settled.size).Scan(&at)
		if err == nil {
			s.Since = clock.FromMicros(at)
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		if p == nil {
			return nil
		}
		return s.readWitnesses(ctx, tx, p, settled)
	})
	return s, err
}

// lastSettled returns the newest settled checkpoint, without its note; the zero
// value for none.
func lastSettled(ctx context.Context, tx *store.Tx) (storedCheckpoint, error) {
	var c storedCheckpoint
	err := tx.QueryRow(ctx, sqlLastSettled).Scan(&c.epoch, &c.size, &c.at)
	if fault.Is(err, fault.NotFound) {
		return storedCheckpoint{}, nil
	}
	return c, err
}

// readWitnesses fills in how each witness of the policy stands, and who cosigned
// the newest settled checkpoint.
func (s *Settlement) readWitnesses(ctx context.Context, tx *store.Tx, p *witness.Policy, settled storedCheckpoint) error {
	known := map[string]witnessState{}
	rows, err := tx.Query(ctx, sqlAllWitnesses)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var st witnessState
		if err := rows.Scan(&key, &st.epoch, &st.size, &st.asked, &st.answered, &st.problem); err != nil {
			return err
		}
		known[key] = st
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, m := range p.Witnesses() {
		st := known[m.Key.String()]
		status := WitnessStatus{Name: m.Name, Size: st.size, Problem: st.problem}
		if st.answered > 0 {
			status.Answered = clock.FromMicros(st.answered)
		}
		s.Witnesses = append(s.Witnesses, status)
	}
	if settled.size == 0 {
		return nil
	}
	stored, err := checkpointAt(ctx, tx, settled.epoch, settled.size)
	if err != nil || stored.note == "" {
		return err
	}
	signed, err := cosignedNote(ctx, tx, stored)
	if err != nil {
		return err
	}
	by, _ := p.Check(signed)
	for _, c := range by {
		s.By = append(s.By, c.Name)
	}
	return nil
}

// checkpointAt returns a stored checkpoint, the zero value for none.
func checkpointAt(ctx context.Context, tx *store.Tx, epoch, size int64) (storedCheckpoint, error) {
	var c storedCheckpoint
	err := tx.QueryRow(ctx, sqlCheckpointAt, epoch, size).Scan(&c.epoch, &c.size, &c.at, &c.note)
	if fault.Is(err, fault.NotFound) {
		return storedCheckpoint{}, nil
	}
	return c, err
}

// CosignedCheckpoint returns the newest settled checkpoint with its cosignatures
// where there is one, and otherwise the newest with those it has; "" for none.
func (j *Journal) CosignedCheckpoint(ctx context.Context) (string, error) {
	var signed string
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		c, err := lastSettled(ctx, tx)
		if err == nil && c.size > 0 {
			c, err = checkpointAt(ctx, tx, c.epoch, c.size)
		}
		if err == nil && c.note == "" {
			c, err = lastCheckpoint(ctx, tx)
		}
		if err != nil || c.note == "" {
			signed = ""
			return err
		}
		signed, err = cosignedNote(ctx, tx, c)
		return err
	})
	return signed, err
}
