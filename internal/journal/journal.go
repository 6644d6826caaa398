package journal

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Signer gives the note signer of a log name (its origin); package keys
// implements it from the keyring.
type Signer interface {
	Signer(origin string) (note.Signer, error)
	Verifiers(origin string) ([]note.Verifier, error) // the present key and earlier ones
}

// Config says how a journal is kept.
type Config struct {
	Node       string        // the node's name, part of every checkpoint's origin
	Interval   time.Duration // how long an entry waits at most before it is sequenced; 0 means 200 ms
	Checkpoint time.Duration // how often a grown log is signed; 0 means 10 s
	Anchor     string        // path of the anchor file; "" keeps none (tests and benchmarks only)
	Log        *slog.Logger
}

// Journal appends entries and builds the log. It is safe for concurrent use.
type Journal struct {
	db    *store.DB
	clk   clock.Clock
	sign  Signer
	cfg   Config
	epoch atomic.Int64 // the newest; another instance may open one

	wake chan struct{} // something is pending

	mu     sync.Mutex // guards lastAt
	lastAt int64      // newest entry time given out by this process

	tiles tileCache // full tiles, for proofs

	asks asker // whom it asks for cosignatures

	seq    sync.Mutex // held while sequencing; guards the fields below
	edge   *edge      // right edge as of the last commit; nil before the first load
	known  int64      // size of the newest checkpoint this process has made or read
	looked time.Time  // when the sequencer last looked at the pending entries
	last   time.Time  // when that checkpoint was made
}

// Open prepares the journal of db and compares what it holds with its last
// checkpoint and with the anchor file. It refuses (Unavailable) a journal that
// is shorter than the anchor says, whose root differs, or whose checkpoint does
// not verify: see the codes journal-rolled-back, journal-fork, journal-altered.
func Open(ctx context.Context, db *store.DB, clk clock.Clock, sign Signer, cfg Config) (*Journal, error) {
	if cfg.Node == "" {
		return nil, fault.New(fault.Internal, "journal-without-node")
	}
	if cfg.Interval == 0 {
		cfg.Interval = 200 * time.Millisecond
	}
	if cfg.Checkpoint == 0 {
		cfg.Checkpoint = 10 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	j := &Journal{db: db, clk: clk, sign: sign, cfg: cfg, wake: make(chan struct{}, 1)}
	if err := j.start(ctx); err != nil {
		return nil, err
	}
	return j, nil
}

// Origin returns the name of the log: causeway/NODE/EPOCH.
func (j *Journal) Origin() string { return witness.Origin(j.cfg.Node, j.epoch.Load()) }

// stamp returns the time of a new entry: now, or just after the newest entry
// when the machine's clock stands behind it. A wrong clock never stops care.
func (j *Journal) stamp() (at int64, stepped int64) {
	now := j.clk.Now().UnixMicro()
	j.mu.Lock()
	defer j.mu.Unlock()
	if now <= j.lastAt {
		if j.lastAt-now > int64(time.Second/time.Microsecond) {
			stepped = ClockStepped
		}
		now = j.lastAt + 1
	}
	j.lastAt = now
	return now, stepped
}

// chained reports whether e is a link of its subject's chain: it writes, and it
// is about exactly one subject. Readers stay out of the chain, or they would
// wait for each other.
func (e *Entry) chained() bool {
	return len(e.Subjects) == 1 && e.Outcome == OK && len(e.Rows) > 0
}

// Append writes e in tx. The entry stands when tx commits and not before; the
// identifier returned begins with the entry's time.
func (j *Journal) Append(ctx context.Context, tx *store.Tx, e Entry) (ident.Entry, error) {
	w, stmts, err := j.Statements(ctx, tx, e)
	if err != nil {
		return ident.Entry{}, err
	}
	if err := tx.Batch(ctx, stmts...); err != nil {
		return ident.Entry{}, fmt.Errorf("append to journal: %w", err)
	}
	return w.ID, nil
}

// AppendLast is [Journal.Append] for a transaction that reads nothing of it: the
// entry travels with the commit.
func (j *Journal) AppendLast(ctx context.Context, tx *store.Tx, e Entry) (ident.Entry, error) {
	w, stmts, err := j.Statements(ctx, tx, e)
	if err != nil {
		return ident.Entry{}, err
	}
	if err := tx.Last(stmts...); err != nil {
		return ident.Entry{}, fmt.Errorf("append to journal: %w", err)
	}
	return w.ID, nil
}

// Entered is an entry as it will stand in the log.
type Entered struct {
	ID ident.Entry
	// Leaf is the hash of its leaf in the tree (RFC 6962, section 2.1). It depends on the
	// entry's own bytes alone, so it is known before the entry has its place.
	Leaf tlog.Hash
}

// Statements prepares e like [Journal.Append] but leaves the writing to the
// caller, who sends it together with its own statements in one round trip. The
// caller must run all of them in tx.
func (j *Journal) Statements(ctx context.Context, tx *store.Tx, e Entry) (Entered, []store.Stmt, error) {
	if e.Payload != nil && len(e.Subjects) != 1 {
		return Entered{}, nil, fault.New(fault.Internal, "journal-payload-subject")
	}
	at, stepped := j.stamp()
	id := ident.NewEntry(clock.FromMicros(at))

	chained := e.chained()
	var prev []byte
	if chained && !e.NewSubject {
		var length int64
		err := tx.QueryRow(ctx, sqlSelectChain, e.Subjects[0]).Scan(&prev, &length)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Entered{}, nil, fmt.Errorf("read journal chain: %w", err)
		}
	}
	header, err := encode(&e, id, at, stepped, j.cfg.Node, j.epoch.Load(), chained, prev)
	if err != nil {
		return Entered{}, nil, err
	}
	leaf := tlog.RecordHash(header)
	stmts := []store.Stmt{{SQL: sqlInsertPending, Args: []any{id, header, e.Payload}}}
	if chained {
		if prev == nil {
			stmts = append(stmts, store.Stmt{SQL: sqlInsertChain, Args: []any{e.Subjects[0], leaf[:]}})
		} else {
			stmts = append(stmts, store.Stmt{SQL: sqlUpdateChain, Args: []any{e.Subjects[0], leaf[:], prev}})
		}
	}
	tx.OnCommit(j.nudge)
	return Entered{id, leaf}, stmts, nil
}

// nudge tells the sequencer that something is pending.
func (j *Journal) nudge() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// Lag returns how many entries wait to be sequenced and how old the oldest is.
func (j *Journal) Lag(ctx context.Context) (waiting int64, age time.Duration, err error) {
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(ctx, sqlCountPending).Scan(&waiting); err != nil {
			return err
		}
		if waiting == 0 {
			return nil
		}
		var oldest ident.Entry
		if err := tx.QueryRow(ctx, sqlOldestPending).Scan(&oldest); err != nil {
			return err
		}
		age = max(0, j.clk.Now().Sub(ident.EntryTime(oldest)))
		return nil
	})
	return waiting, age, err
}

// Size returns how many entries have their place in the tree.
func (j *Journal) Size(ctx context.Context) (int64, error) {
	var h head
	err := j.db.Read(ctx, func(tx *store.Tx) (err error) {
		h, err = readHead(ctx, tx)
		return err
	})
	return h.size, err
}
