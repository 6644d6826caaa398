package deadline

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
)

// Delay is how much is late in one place.
type Delay struct {
	Late, Escalated int
	Oldest          time.Time // since when the oldest of them is due
}

// Delays counts what is late on the whole node, by unit and by kind.
func Delays(ctx context.Context, p *access.Pass) (byUnit map[ident.Unit]Delay, byKind map[string]Delay, err error) {
	byUnit, byKind = map[ident.Unit]Delay{}, map[string]Delay{}
	var unit ident.Unit
	err = delays(ctx, p, sqlLateByUnit, &unit, func(d Delay) { byUnit[unit] = d })
	if err != nil {
		return nil, nil, err
	}
	var kind string
	err = delays(ctx, p, sqlLateByKind, &kind, func(d Delay) { byKind[kind] = d })
	return byUnit, byKind, err
}

func delays(ctx context.Context, p *access.Pass, query string, of any, take func(Delay)) error {
	rows, err := p.Tx().Query(ctx, query)
	if err != nil {
		return fmt.Errorf("count what is late: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Delay
		var oldest int64
		if err := rows.Scan(of, &d.Late, &d.Escalated, &oldest); err != nil {
			return fmt.Errorf("count what is late: %w", err)
		}
		d.Oldest = clock.FromMicros(oldest)
		take(d)
	}
	return rows.Err()
}
