package journal

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"

	"golang.org/x/mod/sumdb/tlog"
)

// batchSize is how many pending entries one sequencing transaction takes.
const batchSize = 2000

// rowsPerInsert is how many rows one multi-row INSERT carries: few enough for
// the placeholder limits of both engines.
const rowsPerInsert = 100

// Run sequences until ctx ends, and signs a checkpoint whenever the log has
// grown and the interval is over. It holds a lease, so that of several
// instances on one database only one does the work. The last thing it does is
// to sequence and sign what is there.
func (j *Journal) Run(ctx context.Context, holder ident.Session) error {
	tick := time.NewTicker(j.cfg.Interval)
	defer tick.Stop()
	ttl := 10 * time.Second
	var leased time.Time
	for {
		select {
		case <-ctx.Done():
			return j.finish(holder)
		case <-tick.C:
		}
		if now := j.clk.Now(); now.Sub(leased) > ttl/3 || now.Before(leased) {
			held, err := j.db.Lease(ctx, "journal-sequencer", holder, ttl)
			if err != nil || !held {
				if err != nil && ctx.Err() == nil {
					j.cfg.Log.ErrorContext(ctx, "journal lease", slog.Any("err", err))
				}
				continue
			}
			leased = now
		}
		if err := j.work(ctx); err != nil && ctx.Err() == nil {
			j.cfg.Log.ErrorContext(ctx, "journal sequencing", slog.Any("err", err))
		}
	}
}

// work takes what is pending and signs when it is time.
func (j *Journal) work(ctx context.Context) error {
	select {
	case <-j.wake:
	default:
		// Another instance may have appended: look at least once a second.
		if j.clk.Now().Sub(j.lastLook()) < time.Second {
			return nil
		}
	}
	if _, err := j.Sequence(ctx); err != nil {
		j.nudge()
		return err
	}
	return j.checkpointIfDue(ctx)
}

// lastLook returns when the sequencer last looked at the pending entries.
func (j *Journal) lastLook() time.Time {
	j.seq.Lock()
	defer j.seq.Unlock()
	return j.looked
}

// finish is the last pass, after the callers have stopped.
func (j *Journal) finish(holder ident.Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	held, err := j.db.Lease(ctx, "journal-sequencer", holder, 10*time.Second)
	if err != nil || !held {
		return err
	}
	if _, err := j.Sequence(ctx); err != nil {
		return err
	}
	_, err = j.Checkpoint(ctx)
	return err
}

// Sequence gives every pending entry its place in the tree and returns how many
// there were. Two sequencers at once do no harm: the head is swapped on its
// size, and one of them starts again.
func (j *Journal) Sequence(ctx context.Context) (int64, error) {
	j.seq.Lock()
	defer j.seq.Unlock()
	j.looked = j.clk.Now()
	var total int64
	for {
		var next *edge
		var n int
		err := j.db.Write(ctx, func(tx *store.Tx) (err error) {
			next, n, err = j.sequenceBatch(ctx, tx)
			return err
		})
		if err != nil {
			j.edge = nil
			return total, fmt.Errorf("sequence journal: %w", err)
		}
		if next != nil {
			j.edge = next
		}
		total += int64(n)
		if n < batchSize {
			return total, nil
		}
	}
}

type pendingEntry struct {
	id     ident.Entry
	header []byte
	sealed []byte
}

// sequenceBatch moves up to batchSize pending entries into the log.
func (j *Journal) sequenceBatch(ctx context.Context, tx *store.Tx) (*edge, int, error) {
	pending, err := readPending(ctx, tx, batchSize)
	if err != nil || len(pending) == 0 {
		return nil, 0, err
	}
	h, err := readHead(ctx, tx)
	if err != nil {
		return nil, 0, err
	}
	e := j.edge
	if e == nil || e.size != h.size {
		if e, err = loadEdge(ctx, tx, h); err != nil {
			return nil, 0, err
		}
	} else {
		e = e.clone()
	}
	if err := insertEntries(ctx, tx, h.size, pending); err != nil {
		return nil, 0, err
	}
	dirty := map[tileKey][]tlog.Hash{}
	lastAt := h.lastAt
	for _, p := range pending {
		e.add(tlog.RecordHash(p.header), dirty)
		lastAt = max(lastAt, ident.EntryTime(p.id).UnixMicro())
	}
	stmts := make([]store.Stmt, 0, len(dirty)+1)
	for k, hs := range dirty {
		stmts = append(stmts, store.Stmt{SQL: sqlUpsertTile, Args: []any{k.level, k.n, packHashes(hs)}})
	}
	if err := tx.Batch(ctx, stmts...); err != nil {
		return nil, 0, err
	}
	root := e.root()
	swapped, err := swapHead(ctx, tx, h, head{e.size, root[:], packHashes(e.frontier), lastAt})
	if err != nil {
		return nil, 0, err
	}
	gone, err := tx.Exec(ctx, sqlDeletePending, pending[len(pending)-1].id)
	if err != nil {
		return nil, 0, err
	}
	if !swapped || gone != int64(len(pending)) {
		return nil, 0, fault.New(fault.Conflict, "journal-raced")
	}
	return e, len(pending), nil
}

func readPending(ctx context.Context, tx *store.Tx, limit int) ([]pendingEntry, error) {
	rows, err := tx.Query(ctx, sqlSelectPending, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []pendingEntry
	for rows.Next() {
		var p pendingEntry
		if err := rows.Scan(&p.id, &p.header, &p.sealed); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// insertEntries writes the entries and their subject index from position on.
func insertEntries(ctx context.Context, tx *store.Tx, position int64, pending []pendingEntry) error {
	var stmts []store.Stmt
	args := make([]any, 0, rowsPerInsert*4)
	var subjects []any
	flushSubjects := func(full bool) {
		for len(subjects) >= 2*rowsPerInsert || !full && len(subjects) > 0 {
			n := min(len(subjects)/2, rowsPerInsert)
			stmts = append(stmts, store.Stmt{SQL: manyRows(insertSubjectHead, n, 2), Args: subjects[: 2*n : 2*n]})
			subjects = subjects[2*n:]
		}
	}
	for i, p := range pending {
		hdr, err := ParseHeader(p.header)
		if err != nil {
			return err
		}
		idx := position + int64(i)
		args = append(args, idx, p.id, p.header, p.sealed)
		if len(args) == cap(args) || i == len(pending)-1 {
			stmts = append(stmts, store.Stmt{SQL: manyRows(insertEntryHead, len(args)/4, 4), Args: args})
			args = make([]any, 0, rowsPerInsert*4)
		}
		seen := map[string]bool{}
		for _, s := range hdr.Subjects {
			if !seen[string(s)] {
				seen[string(s)] = true
				subjects = append(subjects, s, idx)
			}
		}
		flushSubjects(true)
	}
	flushSubjects(false)
	return tx.Batch(ctx, stmts...)
}

// head is the one row that says how large the tree is.
type head struct {
	size     int64
	root     []byte
	frontier []byte
	lastAt   int64
}

// readHead returns the head, the empty tree's when nothing was sequenced yet.
func readHead(ctx context.Context, tx *store.Tx) (head, error) {
	var h head
	err := tx.QueryRow(ctx, sqlSelectHead).Scan(&h.size, &h.root, &h.frontier, &h.lastAt)
	if fault.Is(err, fault.NotFound) {
		return head{root: emptyRoot[:]}, nil
	}
	if err != nil {
		return head{}, fmt.Errorf("read journal head: %w", err)
	}
	if len(h.root) != tlog.HashSize || h.size < 0 {
		return head{}, fault.New(fault.Unavailable, "journal-altered")
	}
	return h, nil
}

// swapHead replaces old by new if the size is still old's.
func swapHead(ctx context.Context, tx *store.Tx, old, new head) (bool, error) {
	if old.size == 0 && old.frontier == nil {
		_, err := tx.Exec(ctx, sqlInsertHead, new.size, new.root, new.frontier, new.lastAt)
		return err == nil, err
	}
	n, err := tx.Exec(ctx, sqlUpdateHead, new.size, new.root, new.frontier, new.lastAt, old.size)
	return n == 1, err
}

// loadEdge rebuilds the right edge from the stored head and tiles, and checks
// that they belong together.
func loadEdge(ctx context.Context, tx *store.Tx, h head) (*edge, error) {
	e := &edge{size: h.size}
	var err error
	if e.frontier, err = unpackHashes(h.frontier); err != nil {
		return nil, err
	}
	if len(e.frontier) != frontierLen(h.size) {
		return nil, fault.New(fault.Unavailable, "journal-altered")
	}
	for level := int64(0); h.size>>(8*level) > 0; level++ {
		count := h.size >> (8 * level)
		width := count % tileWidth
		if width == 0 {
			e.partial = append(e.partial, nil)
			continue
		}
		var data []byte
		if err := tx.QueryRow(ctx, sqlSelectTile, level, count/tileWidth).Scan(&data); err != nil {
			return nil, fault.Wrap(fault.Unavailable, "journal-altered", err)
		}
		hs, err := unpackHashes(data)
		if err != nil || int64(len(hs)) != width {
			return nil, fault.New(fault.Unavailable, "journal-altered")
		}
		e.partial = append(e.partial, hs)
	}
	if root := e.root(); string(root[:]) != string(h.root) {
		return nil, fault.New(fault.Unavailable, "journal-altered")
	}
	return e, nil
}
