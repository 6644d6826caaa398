package match

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// slotTries is how often somebody who asks is tried again, when others ask at once.
const slotTries = 5

// errTaken says that somebody else took the same slot at once.
var errTaken = errors.New("slot taken")

func errorsExists(err error) bool {
	return errors.Is(err, errTaken) || fault.CodeOf(err) == "exists" || fault.CodeOf(err) == "already-exists"
}

// dayOf is the number of a day, UTC.
func dayOf(at time.Time) int64 { return at.Unix() / (24 * 3600) }

// takeSlots counts a question: each row is one slot of a day, of the pair, of the officer,
// of what is urgent, and of the child in the epoch. No two questions have one slot, whoever
// asks at once, and a day that was closed has none.
func (r *Room) takeSlots(ctx context.Context, tx *store.Tx, a *Agreement, q *Question, of ident.Case) error {
	day := dayOf(q.At)
	closed, err := r.slotsTaken(ctx, tx, a.ID, "closed", ident.Case{}, day)
	if err == nil && closed > 0 {
		err = fault.New(fault.Invalid, "match-day-closed")
	}
	if err != nil {
		return err
	}
	type limit struct {
		scope string
		who   [16]byte
		day   int64
		most  int64
		code  string
	}
	limits := []limit{
		{"child", of, int64(q.Epoch), 1, "match-child-asked"},
		{"pair", [16]byte{}, day, int64(a.PerDay), "match-day-full"},
		{"officer", q.Officer, day, int64(a.PerOfficer), "match-officer-full"},
	}
	if q.Urgent {
		limits = append(limits, limit{"urgent", [16]byte{}, day, int64(a.UrgentPerDay), "match-urgent-full"})
	}
	for _, l := range limits {
		n, err := r.slotsTaken(ctx, tx, a.ID, l.scope, l.who, l.day)
		if err != nil {
			return err
		}
		if n >= l.most {
			return fault.New(fault.Invalid, l.code)
		}
		if _, err := tx.Exec(ctx, sqlInsertSlot, l.day, n, l.scope, a.ID[:], l.who[:]); err != nil {
			return fmt.Errorf("take slot: %w", err)
		}
	}
	return nil
}

func (r *Room) slotsTaken(ctx context.Context, tx *store.Tx, id AgreementID, scope string, who [16]byte, day int64) (n int64, err error) {
	err = tx.QueryRow(ctx, sqlCountSlots, id[:], scope, who[:], day).Scan(&n)
	return n, err
}

// CloseDay uses up what is left of the day under every agreement, in a database that was
// restored from a backup: it does not know how much was asked since. The other node takes
// one letter of each day, and each question of an epoch once.
func CloseDay(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, sqlOpenAsks)
	if err != nil {
		return fmt.Errorf("close the day of questions: %w", err)
	}
	defer rows.Close()
	var all []AgreementID
	for rows.Next() {
		var id AgreementID
		if err := rows.Scan(&id); err != nil {
			return err
		}
		all = append(all, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	none, day := ident.Case{}, dayOf(tx.Now())
	for _, id := range all {
		var n int64
		if err := tx.QueryRow(ctx, sqlCountSlots, id[:], "closed", none[:], day).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if _, err := tx.Exec(ctx, sqlInsertSlot, day, 0, "closed", id[:], none[:]); err != nil {
			return fmt.Errorf("close the day of questions: %w", err)
		}
	}
	return nil
}
