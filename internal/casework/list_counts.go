package casework

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"causeway/internal/store"
)

// counts knows roughly how many cases each filter value has, so that a list can
// walk the index of the rarest one.
type counts struct {
	mu     sync.RWMutex // guards values
	values map[string]int64
}

// staticOrder is the order of filters by how much they narrow, used until the
// first count. A risk never leads: there are too few of them.
var staticOrder = [...]int{fWorker, fUnit, fRegion, fAge, fStage, fSex}

// lead returns the filter whose index the query should walk.
func (n *counts) lead(q *Query) int {
	given := q.filters()
	n.mu.RLock()
	defer n.mu.RUnlock()
	best, fewest := noLead, int64(0)
	for _, f := range staticOrder {
		var key string
		switch v := given[f].(type) {
		case string:
			key = v
		case []byte:
			key = string(v)
		}
		if key == "" || f == fSex && !slices.Contains(rareSexes, key) {
			continue
		}
		if f == fWorker || f == fUnit {
			return f
		}
		// A value that no case had is the rarest of all.
		if count := n.values[filterColumns[f]+"="+key]; best == noLead || n.values != nil && count < fewest {
			best, fewest = f, count
		}
	}
	return best
}

// CountFilters counts the cases of each filter value anew. It reads codes only
// and belongs to the node's housekeeping; a list works without it, more slowly.
func (r *Room) CountFilters(ctx context.Context, db *store.DB) error {
	values := map[string]int64{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		for _, q := range []struct{ column, query string }{
			{"stage", sqlCountStage},
			{"age_band", sqlCountAge},
			{"region", sqlCountRegion},
			{"sex", sqlCountSex},
		} {
			rows, err := tx.Query(ctx, q.query)
			if err != nil {
				return err
			}
			for rows.Next() {
				var code string
				var n int64
				if err := rows.Scan(&code, &n); err != nil {
					_ = rows.Close() // the scan's error says more
					return err
				}
				values[q.column+"="+code] = n
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count filters: %w", err)
	}
	r.counts.mu.Lock()
	r.counts.values = values
	r.counts.mu.Unlock()
	return nil
}
