package match

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/matching"
)

// countDay is the day of a month on which the month before is counted: what was on the way
// has arrived.
const countDay = 5

// month returns the month before a time, and its first and last day, the last one excluded.
func monthBefore(now time.Time) (name string, from, to int64) {
	end := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	begin := end.AddDate(0, -1, 0)
	return begin.Format("2006-01"), dayOf(begin), dayOf(end)
}

// counted is what passed under an agreement in a month, as we counted it.
func (r *Room) counted(ctx context.Context, tx *store.Tx, a *Agreement, month string, from, to int64) (*matching.Count, error) {
	c := &matching.Count{Agreement: hexOf(a.ID), Month: month}
	none := int64(0)
	for _, w := range []struct {
		way      string
		letters  *int64
		contents *int64
	}{{wayQuestion, &c.Questions, &none}, {wayUrgent, &c.Urgent, &none}, {wayAnswer, &c.Letters, &c.Answers}} {
		if err := tx.QueryRow(ctx, sqlCountLetters, a.ID[:], w.way, from, to).Scan(w.letters, w.contents); err != nil {
			return nil, fmt.Errorf("count letters: %w", err)
		}
	}
	return c, nil
}

// sendCount counts the month before and tells the other side, once.
func (r *Room) sendCount(ctx context.Context, a *Agreement, now time.Time) error {
	month, from, to := monthBefore(now)
	if now.Day() < countDay || !a.From.Before(time.Unix(to*24*3600, 0)) {
		return nil
	}
	done := false
	err := r.DB.Read(ctx, func(tx *store.Tx) error {
		row, err := r.count(ctx, tx, a, month)
		done = row != nil && row.ours != nil
		return err
	})
	if err != nil || done {
		return err
	}
	return r.job(ctx, func(p *access.Pass) error {
		if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
			return err
		}
		c, err := r.counted(ctx, p.Tx(), a, month, from, to)
		if err != nil {
			return err
		}
		body, err := c.Encode()
		if err != nil {
			return err
		}
		if err := r.keepCount(ctx, p.Tx(), a, month, body, nil); err != nil {
			return err
		}
		_, err = r.send(ctx, p.Tx(), a, threadOf(a.ID, "count", 0), cx.MatchCount, matching.SchemaCount, body, officerOfJobs)
		return err
	})
}

type countRow struct {
	month        string
	at           int64
	ours, theirs []byte
}

// count reads a month; nil for none.
func (r *Room) count(ctx context.Context, tx *store.Tx, a *Agreement, month string) (*countRow, error) {
	row := &countRow{month: month}
	err := tx.QueryRow(ctx, sqlSelectCount, a.ID[:], month).Scan(&row.at, &row.ours, &row.theirs)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	row.fill()
	return row, err
}

func (c *countRow) fill() {
	if len(c.ours) == 0 {
		c.ours = nil
	}
	if len(c.theirs) == 0 {
		c.theirs = nil
	}
}

// keepCount keeps what one side counted, beside what the other did.
func (r *Room) keepCount(ctx context.Context, tx *store.Tx, a *Agreement, month string, ours, theirs []byte) error {
	row, err := r.count(ctx, tx, a, month)
	if err != nil {
		return err
	}
	query := sqlUpdateCount
	if row == nil {
		query, row = sqlInsertCount, &countRow{}
	}
	if ours != nil {
		row.ours = ours
	}
	if theirs != nil {
		row.theirs = theirs
	}
	_, err = tx.Exec(ctx, query, tx.Micros(), a.ID[:], month, append([]byte{}, row.ours...), append([]byte{}, row.theirs...))
	return err
}

// countCame keeps what the other side counted, each month once.
func (r *Room) countCame(ctx context.Context, m *cx.Message, settle Settle) error {
	said, err := matching.ReadCount(m.Payload)
	if err != nil || m.Schema != matching.SchemaCount {
		return r.refuse(ctx, settle, cx.BadFormat)
	}
	a, code, err := r.under(ctx, m, said.Agreement, 0)
	if err != nil {
		return err
	}
	if code != "" {
		return r.refuse(ctx, settle, code)
	}
	return r.job(ctx, func(p *access.Pass) error {
		row, err := r.count(ctx, p.Tx(), a, said.Month)
		if err != nil {
			return err
		}
		if row != nil && row.theirs != nil {
			return settle(ctx, p.Tx(), cx.Opened{Refused: cx.Conflict})
		}
		if err := r.keepCount(ctx, p.Tx(), a, said.Month, nil, m.Payload); err != nil {
			return err
		}
		return settle(ctx, p.Tx(), cx.Opened{})
	})
}

// Month is what both sides counted of a month.
type Month struct {
	Partner Partner
	Month   string
	Ours    matching.Count
	Theirs  *matching.Count // nil: they have not told yet
}

// Differs reports whether the two sides counted differently: somebody must ask why.
func (m *Month) Differs() bool {
	return m.Theirs != nil && *m.Theirs != m.Ours
}

// months reads what both sides counted under an agreement, newest first.
func (r *Room) months(ctx context.Context, tx *store.Tx, a *Agreement) (out []Month, err error) {
	rows, err := tx.Query(ctx, sqlSelectCounts, a.ID[:])
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c countRow
		if err := rows.Scan(&c.month, &c.at, &c.ours, &c.theirs); err != nil {
			return nil, err
		}
		c.fill()
		if c.ours == nil {
			continue // ours are counted some days after the month
		}
		m := Month{Month: c.month}
		ours, err := matching.ReadCount(c.ours)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "record-altered", err)
		}
		m.Ours = *ours
		if c.theirs != nil {
			if m.Theirs, err = matching.ReadCount(c.theirs); err != nil {
				return nil, fault.Wrap(fault.Internal, "record-altered", err)
			}
		}
		out = append(out, m)
	}
	return out, rows.Err()
}
