package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// resealPage is how many rows one transaction seals anew.
const resealPage = 500

// Reseal seals the labels of saved views that an earlier epoch key sealed under
// the key of today, up to a page of them, and returns how many it did. below is
// the mark that every blob of today's key sorts after.
func (r *Room) Reseal(ctx context.Context, below []byte) (int, error) {
	n := 0
	_, err := r.gate.Do(ctx, r.gate.Job("rewrap"), access.Act{Action: "job.rewrap", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
		views, err := readViewsBelow(ctx, p, below)
		if err != nil {
			return "", err
		}
		for _, v := range views {
			var l viewLabel
			if err := p.OpenNode(viewTable, v.id[:], v.version, v.blob, &l); err != nil {
				return "", err
			}
			blob, err := p.SealNode(viewTable, v.id[:], v.version, &l)
			if err != nil {
				return "", err
			}
			if _, err := p.Tx().Exec(ctx, sqlResealView, v.id, v.version, blob); err != nil {
				return "", err
			}
		}
		n = len(views)
		return "", nil
	})
	return n, err
}

type sealedView struct {
	id      ident.View
	version int64
	blob    []byte
}

func readViewsBelow(ctx context.Context, p *access.Pass, below []byte) ([]sealedView, error) {
	rows, err := p.Tx().Query(ctx, sqlViewsBelow, below, resealPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sealedView
	for rows.Next() {
		var v sealedView
		if err := rows.Scan(&v.id, &v.version, &v.blob); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
