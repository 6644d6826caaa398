package journal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Logs are the journals of other nodes that this node witnesses.
type Logs interface {
	// Log returns the keys of the log whose origin is causeway/NODE/EPOCH, and since when it
	// is witnessed. A log that is not witnessed has no keys, and that is no error.
	Log(ctx context.Context, node string) (LogKeys, error)
}

// LogKeys are the keys of one log.
type LogKeys struct {
	Keys []ed25519.PublicKey
	// Since is when two people last agreed that this log is witnessed here. What was agreed
	// before a restore of ours has to be learned again.
	Since time.Time
}

// WitnessKey is the key by which this node cosigns.
type WitnessKey interface {
	Cosign(text string, at time.Time) (line string, err error)
	Cosigned(signed string) (line string, at time.Time, ok bool)
}

// Witness cosigns the checkpoints of other nodes. It is safe for concurrent use,
// by several instances on one database too: what it cosigned last is swapped in
// the database before a cosignature leaves.
//
// It remembers in rows what it vouched for, and what comparisons between nodes showed
// ([Witness.Observe]); after a restore of this node those
// rows are older than the truth. It then cosigns nothing of a log until that log
// has shown it the newest checkpoint that it cosigned itself.
type Witness struct {
	db   *store.DB
	clk  clock.Clock
	key  WitnessKey
	logs Logs
	log  *slog.Logger
}

// NewWitness returns the witness of a node; it implements [witness.Service].
func NewWitness(db *store.DB, clk clock.Clock, key WitnessKey, logs Logs, log *slog.Logger) *Witness {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Witness{db: db, clk: clk, key: key, logs: logs, log: log}
}

var _ witness.Service = (*Witness)(nil)

// witnessed is what we know of a log in one of its epochs.
type witnessed struct {
	epoch, size int64
	root        tlog.Hash
	cosigned    int64 // seconds: when it was cosigned or compared last
	learned     int64
	note        string
}

// The kinds of what is refused and kept.
const (
	RefusedRollback  = "rollback"  // a checkpoint smaller than one that we cosigned
	RefusedRewrite   = "rewrite"   // no proof that it contains what we cosigned
	RefusedFork      = "fork"      // another root at the same size
	RefusedClosed    = "closed"    // under a name that a restore ended
	RefusedStatement = "statement" // a second statement for one restore
)

// refusalsMost bounds how much evidence of one log is kept: all of it says the
// same.
const refusalsMost = 256

// raceMost is how long two requests of one log may be under way at once. A
// smaller checkpoint that comes later than that is no accident.
const raceMost = 2 * time.Minute

// AddCheckpoint implements [witness.Service].
func (w *Witness) AddCheckpoint(ctx context.Context, r *witness.Request) (string, error) {
	node, epoch, keys, text, err := w.open(ctx, r.Note, witness.FirstLine(r.Note))
	if err != nil {
		return "", err
	}
	c, err := ParseCheckpoint(text)
	if err != nil || c.Size == 0 {
		return "", &witness.Refusal{Kind: witness.Malformed}
	}
	s := submission{r: r, node: node, epoch: epoch, c: c, keys: keys, now: w.clk.Now()}
	s.own, s.ownAt, s.mine = w.key.Cosigned(r.Note)
	if err := w.decide(ctx, &s); err != nil {
		return "", err
	}
	return w.key.Cosign(text, time.Unix(s.at, 0))
}

// open verifies a note that is signed in the name of a log that we witness.
func (w *Witness) open(ctx context.Context, signed, name string) (node string, epoch int64, keys LogKeys, text string, err error) {
	node, epoch, ok := witness.SplitOrigin(name)
	if !ok {
		return "", 0, LogKeys{}, "", &witness.Refusal{Kind: witness.Unknown}
	}
	keys, err = w.logs.Log(ctx, node)
	if err != nil {
		return "", 0, LogKeys{}, "", err
	}
	if len(keys.Keys) == 0 {
		return "", 0, LogKeys{}, "", &witness.Refusal{Kind: witness.Unknown}
	}
	k := keyring{node: node, known: map[string]note.Verifiers{}}
	for _, key := range keys.Keys {
		k.public = append(k.public, key)
	}
	v, err := k.verifiers(name)
	if err != nil {
		return "", 0, LogKeys{}, "", err
	}
	n, err := witness.OpenNote(signed, v)
	var unsigned *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unsigned), errors.As(err, &invalid):
		return "", 0, LogKeys{}, "", &witness.Refusal{Kind: witness.Untrusted}
	case err != nil:
		return "", 0, LogKeys{}, "", &witness.Refusal{Kind: witness.Malformed}
	}
	return node, epoch, keys, n.Text, nil
}

// submission is one request while it is decided.
type submission struct {
	r     *witness.Request
	node  string
	epoch int64
	c     Checkpoint
	keys  LogKeys
	now   time.Time

	own   string // our own cosignature in the note
	ownAt time.Time
	mine  bool

	ours  int64 // epoch of our own log
	at    int64 // seconds: the time to cosign with
	no    *witness.Refusal
	kind  string // evidence to keep, "" for none
	known witnessed
}

// decide settles in one transaction whether the checkpoint is cosigned; the row is
// swapped there. What is refused and convicts is kept there too.
func (w *Witness) decide(ctx context.Context, s *submission) error {
	err := w.db.Write(ctx, func(tx *store.Tx) error {
		s.no, s.kind, s.at = nil, "", 0
		if err := s.decide(ctx, tx); err != nil {
			return err
		}
		if s.kind == "" {
			return nil
		}
		return keepRefusal(ctx, tx, s.node, s.kind, s.known, s.r, s.now)
	})
	if err != nil {
		return err
	}
	if s.kind != "" {
		w.log.WarnContext(ctx, "a log that is witnessed here was refused", slog.String("peer", s.node), slog.String("kind", s.kind),
			slog.Int64("size", s.c.Size))
	}
	if s.no != nil {
		return s.no
	}
	return nil
}

// decide fills at, or no with what to keep.
func (s *submission) decide(ctx context.Context, tx *store.Tx) error {
	st, found, err := readWitnessed(ctx, tx, s.node)
	if err != nil {
		return err
	}
	s.known = st
	own, opened, err := ownEpoch(ctx, tx)
	if err != nil {
		return err
	}
	s.ours = own
	stale := relearns(st, found, s.keys, own, opened)
	switch {
	case found && st.epoch > s.epoch:
		s.refuse(witness.Unknown, 0, RefusedClosed)
		return nil
	case stale && !s.mine:
		size := int64(0)
		if found && st.epoch == s.epoch {
			size = st.size
		}
		s.refuse(witness.Relearning, size, "")
		return nil
	case found && st.epoch < s.epoch && !stale:
		s.refuse(witness.Unknown, 0, "") // the statement of the restore comes first
		return nil
	case !found || st.epoch < s.epoch:
		return s.first(ctx, tx)
	}
	if !s.grows(st) {
		return nil
	}
	s.at = max(s.now.Unix(), st.cosigned, s.ownTime())
	n, err := tx.Exec(ctx, sqlSwapWitnessed, s.node, s.epoch, s.c.Size, s.c.Root[:], s.at, own, s.r.Note,
		st.size, st.root[:])
	if err == nil && n != 1 {
		return fault.New(fault.Conflict, "journal-raced")
	}
	return err
}

// refuse notes the answer, and what to keep of it.
func (s *submission) refuse(kind witness.Kind, size int64, evidence string) {
	s.no, s.kind = &witness.Refusal{Kind: kind, Size: size}, evidence
}

// ownTime is the time of our own cosignature where the log showed one: time does
// not go back in what we sign.
func (s *submission) ownTime() int64 {
	if !s.mine {
		return 0
	}
	return s.ownAt.Unix()
}

// first takes the first checkpoint of a log in an epoch.
func (s *submission) first(ctx context.Context, tx *store.Tx) error {
	switch {
	case s.r.Old > s.c.Size:
		s.refuse(witness.Malformed, 0, "")
		return nil
	case s.r.Old != 0:
		s.refuse(witness.Stale, 0, "")
		return nil
	case len(s.r.Proof) != 0:
		s.refuse(witness.Unproven, 0, "")
		return nil
	}
	s.at = max(s.now.Unix(), s.ownTime())
	n, err := tx.Exec(ctx, sqlInsertWitnessed, s.node, s.epoch, s.c.Size, s.c.Root[:], s.at, s.ours, s.r.Note)
	if err == nil && n != 1 {
		return fault.New(fault.Conflict, "journal-raced")
	}
	return err
}

// grows reports whether the checkpoint is proven to contain what we know, and
// notes the refusal where it is not.
func (s *submission) grows(st witnessed) bool {
	switch {
	case s.c.Size < st.size:
		evidence := ""
		if s.r.Old > s.c.Size || s.now.Unix()-st.cosigned > int64(raceMost/time.Second) {
			evidence = RefusedRollback
		}
		s.refuse(witness.Stale, st.size, evidence)
		if s.r.Old > s.c.Size {
			s.no.Kind = witness.Malformed
		}
	case s.c.Size == st.size && s.c.Root != st.root:
		s.refuse(witness.Stale, st.size, RefusedFork)
	case s.r.Old > s.c.Size:
		s.refuse(witness.Malformed, 0, "")
	case s.r.Old != st.size:
		s.refuse(witness.Stale, st.size, "")
	case !witness.Proves(s.r.Proof, st.size, st.root, s.c.Size, s.c.Root):
		s.refuse(witness.Unproven, 0, RefusedRewrite)
	default:
		return true
	}
	return false
}

// relearns reports whether what we know of a log is older than a restore of ours,
// which opened the epoch own. Epochs tell it, not clocks: a restore may run on a
// machine whose clock is wrong.
func relearns(st witnessed, found bool, keys LogKeys, own int64, opened time.Time) bool {
	if own == 1 {
		return false
	}
	if found {
		return st.learned < own
	}
	return !keys.Since.After(opened)
}

// ownEpoch returns the epoch of our own log and when it was opened.
func ownEpoch(ctx context.Context, tx *store.Tx) (epoch int64, opened time.Time, err error) {
	var at int64
	err = tx.QueryRow(ctx, sqlNewestEpoch).Scan(&epoch, &at)
	if fault.Is(err, fault.NotFound) {
		return 1, time.Time{}, nil
	}
	return epoch, clock.FromMicros(at), err
}

// readWitnessed returns what we know of a log in its newest epoch.
func readWitnessed(ctx context.Context, tx *store.Tx, node string) (st witnessed, found bool, err error) {
	var root []byte
	err = tx.QueryRow(ctx, sqlWitnessed, node).Scan(&st.epoch, &st.size, &root, &st.cosigned, &st.learned, &st.note)
	if fault.Is(err, fault.NotFound) {
		return witnessed{}, false, nil
	}
	if err == nil && len(root) != tlog.HashSize {
		err = fault.New(fault.Unavailable, "journal-altered")
	}
	if err != nil {
		return witnessed{}, false, err
	}
	st.root = tlog.Hash(root)
	return st, true, nil
}

// keepRefusal keeps what a log signed and we refused, beside what we knew.
func keepRefusal(ctx context.Context, tx *store.Tx, node, kind string, known witnessed, r *witness.Request, now time.Time) error {
	var n int64
	if err := tx.QueryRow(ctx, sqlCountRefusals, node).Scan(&n); err != nil || n >= refusalsMost {
		return err
	}
	text, _, _ := bytes.Cut([]byte(r.Note), []byte("\n\n"))
	digest := sha256.Sum256(append([]byte(kind+"\n"), text...))
	_, err := tx.Exec(ctx, sqlInsertRefusal, node, digest[:], kind, now.UnixMicro(), known.size, known.note, string(r.Bytes()))
	return err
}
