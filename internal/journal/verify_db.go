package journal

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Snapshots gives long, unchanging views of a database; *store.DB does. A
// verification reads every page once, so a view with a small cache is enough.
type Snapshots interface {
	Scan(ctx context.Context, fn func(*store.Tx) error) error
}

// FromDatabase returns the journal of an open database. It is read in one
// snapshot while others go on writing.
func FromDatabase(db Snapshots) Source { return &database{db: db, kind: "database"} }

type database struct {
	db   Snapshots
	kind string
	made time.Time
}

func (d *database) snapshot(ctx context.Context, fn func(reader) error) error {
	return d.db.Scan(ctx, func(tx *store.Tx) error {
		return fn(&tableReader{tx: tx, a: about{kind: d.kind, made: d.made}})
	})
}

// tableReader reads the journal's tables in a transaction.
type tableReader struct {
	tx *store.Tx
	a  about
}

func (r *tableReader) about() about { return r.a }

// query runs fn for each row. What fn scans into is a sql.RawBytes where it can
// be, so that nothing is copied that is only looked at.
func (r *tableReader) query(ctx context.Context, fn func(*sql.Rows) error, query string, args ...any) error {
	rows, err := r.tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *tableReader) heads(ctx context.Context) (out []storedHead, err error) {
	err = r.query(ctx, func(rows *sql.Rows) error {
		var h storedHead
		err := rows.Scan(&h.log, &h.size, &h.root, &h.frontier, &h.lastAt)
		out = append(out, h)
		return err
	}, sqlHeads)
	return out, err
}

func (r *tableReader) epochs(ctx context.Context) ([]Epoch, error) { return readEpochs(ctx, r.tx) }

func (r *tableReader) entries(ctx context.Context, position int64, p *page) error {
	rows, err := r.tx.Query(ctx, sqlEntries, position, pageEntries)
	if err != nil {
		return err
	}
	defer rows.Close()
	for !p.full() && rows.Next() {
		var idx int64
		var id, header, sealed sql.RawBytes
		if err := rows.Scan(&idx, &id, &header, &sealed); err != nil {
			return err
		}
		p.add(raw{idx: idx, id: id, header: header, sealed: sealed, has: sealed != nil})
	}
	if p.full() {
		return rows.Close()
	}
	return rows.Err()
}

// tilesAtOnce bounds the memory of one piece of tiles: 8 KiB each.
const tilesAtOnce = 32

func (r *tableReader) tiles(ctx context.Context, level, n int64) (out []storedTile, err error) {
	err = r.query(ctx, func(rows *sql.Rows) error {
		var t storedTile
		err := rows.Scan(&t.level, &t.n, &t.data)
		out = append(out, t)
		return err
	}, sqlSelectTiles, level, n, tilesAtOnce)
	return out, err
}

func (r *tableReader) strayTile(ctx context.Context, top int64) (t storedTile, found bool, err error) {
	err = r.tx.QueryRow(ctx, sqlStrayTile, top).Scan(&t.level, &t.n)
	if fault.Is(err, fault.NotFound) {
		return t, false, nil
	}
	return t, err == nil, err
}

// checkpointsAtOnce bounds the memory of one piece of checkpoints.
const checkpointsAtOnce = 256

func (r *tableReader) checkpoints(ctx context.Context, epoch, size int64) (out []storedCheckpoint, err error) {
	err = r.query(ctx, func(rows *sql.Rows) error {
		var c storedCheckpoint
		err := rows.Scan(&c.epoch, &c.size, &c.at, &c.note)
		out = append(out, c)
		return err
	}, sqlCheckpoints, epoch, size, checkpointsAtOnce)
	if err == nil {
		err = addCosignatures(ctx, r.tx, out)
	}
	return out, err
}

func (r *tableReader) pending(ctx context.Context, fn func(raw) error) error {
	return r.query(ctx, func(rows *sql.Rows) error {
		var id, header, sealed sql.RawBytes
		if err := rows.Scan(&id, &header, &sealed); err != nil {
			return err
		}
		return fn(raw{idx: -1, id: id, header: header, sealed: sealed, has: sealed != nil})
	}, sqlAllPending)
}

func (r *tableReader) chains(ctx context.Context, fn func(subject, head []byte, length int64) error) error {
	var subject, head sql.RawBytes
	var n int64
	return r.query(ctx, func(rows *sql.Rows) error {
		if err := rows.Scan(&subject, &head, &n); err != nil {
			return err
		}
		return fn(subject, head, n)
	}, sqlAllChains)
}

func (r *tableReader) subjects(ctx context.Context, fn func(subject []byte, idx int64) error) (bool, error) {
	var subject sql.RawBytes
	var idx int64
	return true, r.query(ctx, func(rows *sql.Rows) error {
		if err := rows.Scan(&subject, &idx); err != nil {
			return err
		}
		return fn(subject, idx)
	}, sqlAllSubjects)
}

func (r *tableReader) leftover(ctx context.Context, erased map[ident.Subject]bool) (idx int64, found bool, err error) {
	for _, s := range slices.SortedFunc(maps.Keys(erased), compareSubjects) {
		err := r.tx.QueryRow(ctx, sqlLeftover, s).Scan(&idx)
		if err == nil {
			return idx, true, nil
		}
		if !fault.Is(err, fault.NotFound) {
			return 0, false, err
		}
	}
	return 0, false, nil
}
