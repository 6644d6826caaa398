package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// resealPage is how many rows one transaction seals anew.
const resealPage = 500

// Reseal seals what of this room an earlier epoch key of the node sealed (the
// labels of saved views, the words of exports) under the key of today, up to a
// page of each, and returns how many it did. below is the mark that every blob of
// today's key sorts after.
func (r *Room) Reseal(ctx context.Context, below []byte) (int, error) {
	n := 0
	_, err := r.gate.Do(ctx, r.gate.Job("rewrap"), access.Act{Action: "job.rewrap", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
		views, err := resealAll[viewLabel](ctx, p, viewTable, sqlViewsBelow, sqlResealView, below)
		if err != nil {
			return "", err
		}
		exports, err := resealAll[exportWords](ctx, p, exportTable, sqlExportsBelow, sqlResealExport, below)
		n = views + exports
		return "", err
	})
	return n, err
}

// resealAll opens and seals again a page of the rows of one table; W is what they
// hold.
func resealAll[W any](ctx context.Context, p *access.Pass, table, below, reseal string, mark []byte) (int, error) {
	rows, err := readBelow(ctx, p, below, mark)
	if err != nil {
		return 0, err
	}
	for _, v := range rows {
		var w W
		if err := p.OpenNode(table, v.id[:], v.version, v.blob, &w); err != nil {
			return 0, err
		}
		blob, err := p.SealNode(table, v.id[:], v.version, &w)
		if err != nil {
			return 0, err
		}
		if _, err := p.Tx().Exec(ctx, reseal, v.id, v.version, blob); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

type sealedRow struct {
	id      ident.ID[sealedRow]
	version int64
	blob    []byte
}

func readBelow(ctx context.Context, p *access.Pass, query string, mark []byte) ([]sealedRow, error) {
	rows, err := p.Tx().Query(ctx, query, mark, resealPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sealedRow
	for rows.Next() {
		var v sealedRow
		if err := rows.Scan(&v.id, &v.version, &v.blob); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
