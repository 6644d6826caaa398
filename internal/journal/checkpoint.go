package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a signed statement of how large the log is and what its root
// is; see package witness.
type Checkpoint = witness.Checkpoint

// ParseCheckpoint reads the lines of a checkpoint whose signatures were checked.
func ParseCheckpoint(text string) (Checkpoint, error) { return witness.ParseCheckpoint(text) }

// openCheckpoint verifies a signed checkpoint of the origin it names, which
// must be one of this node's.
func (j *Journal) openCheckpoint(signed, origin string) (Checkpoint, error) {
	v, err := j.sign.Verifiers(origin)
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := witness.OpenNote(signed, note.VerifierList(v...))
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := ParseCheckpoint(n.Text)
	if err == nil && c.Origin != origin {
		err = errors.New("checkpoint of another log")
	}
	return c, err
}

// checkpointIfDue signs when the log has grown and the interval is over.
func (j *Journal) checkpointIfDue(ctx context.Context) error {
	j.seq.Lock()
	due := j.edge != nil && j.edge.size > j.known && j.clk.Now().Sub(j.last) >= j.cfg.Checkpoint
	j.seq.Unlock()
	if !due {
		return nil
	}
	_, err := j.Checkpoint(ctx)
	return err
}

// Checkpoint signs the log as it is sequenced now, stores the checkpoint before
// anybody sees it (so that a crash cannot lead to two roots at one size), then
// writes the anchor file. It returns the newest signed checkpoint, "" for an
// empty log.
func (j *Journal) Checkpoint(ctx context.Context) (string, error) {
	j.seq.Lock()
	defer j.seq.Unlock()
	var signed string
	var size int64
	err := j.db.Write(ctx, func(tx *store.Tx) error {
		h, err := readHead(ctx, tx)
		if err != nil || h.size == 0 {
			signed = ""
			return err
		}
		epoch, err := newestEpoch(ctx, tx)
		if err != nil {
			return err
		}
		j.epoch.Store(epoch)
		last, err := lastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		size = h.size
		if last.epoch == epoch && last.size == h.size {
			signed = last.note
			return nil
		}
		signer, err := j.sign.Signer(j.Origin())
		if err != nil {
			return err
		}
		c := Checkpoint{Origin: j.Origin(), Size: h.size, Root: tlog.Hash(h.root)}
		msg, err := note.Sign(&note.Note{Text: c.Text()}, signer)
		if err != nil {
			return err
		}
		signed = string(msg)
		_, err = tx.Exec(ctx, sqlInsertCheckpoint, epoch, h.size, j.clk.Now().UnixMicro(), signed)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sign checkpoint: %w", err)
	}
	j.known, j.last = size, j.clk.Now()
	if signed == "" || j.cfg.Anchor == "" {
		return signed, nil
	}
	if err := writeAnchor(j.cfg.Anchor, signed); err != nil {
		return signed, fmt.Errorf("write anchor: %w", err)
	}
	return signed, nil
}

type storedCheckpoint struct {
	epoch, size, at int64
	note            string
}

// lastCheckpoint returns the newest stored checkpoint, the zero value for none.
func lastCheckpoint(ctx context.Context, tx *store.Tx) (storedCheckpoint, error) {
	var c storedCheckpoint
	err := tx.QueryRow(ctx, sqlLastCheckpoint).Scan(&c.epoch, &c.size, &c.at, &c.note)
	if fault.Is(err, fault.NotFound) {
		return storedCheckpoint{}, nil
	}
	return c, err
}

// LastCheckpoint returns the newest signed checkpoint and when it was made; ""
// when there is none yet.
func (j *Journal) LastCheckpoint(ctx context.Context) (signed string, at time.Time, err error) {
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		c, err := lastCheckpoint(ctx, tx)
		signed = c.note
		if c.note != "" {
			at = clock.FromMicros(c.at)
		}
		return err
	})
	return signed, at, err
}

// Signed returns the newest checkpoint and its epoch, zero before the first.
func (j *Journal) Signed(ctx context.Context, tx *store.Tx) (epoch int64, c Checkpoint, err error) {
	last, err := lastCheckpoint(ctx, tx)
	if err != nil || last.note == "" {
		return 0, Checkpoint{}, err
	}
	c, err = ParseCheckpoint(witness.NoteText(last.note)) // it was signed and stored by this program
	return last.epoch, c, err
}

// writeAnchor replaces the anchor file: temporary file, sync, rename, sync of
// the directory.
func writeAnchor(path, signed string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".anchor-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already after the rename
	_, err = tmp.WriteString(signed)
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// start loads epoch and head and compares them with the newest checkpoint and
// with the anchor.
func (j *Journal) start(ctx context.Context) error {
	var h head
	var cp storedCheckpoint
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		epochs, err := readEpochs(ctx, tx)
		if err != nil {
			return err
		}
		j.epoch.Store(1)
		if len(epochs) > 0 {
			j.epoch.Store(epochs[len(epochs)-1].Epoch)
		}
		if h, err = readHead(ctx, tx); err != nil {
			return err
		}
		e, err := loadEdge(ctx, tx, h)
		if err != nil {
			return err
		}
		j.edge = e
		j.lastAt = h.lastAt
		if cp, err = lastCheckpoint(ctx, tx); err != nil || cp.note == "" {
			return err
		}
		c, err := j.openCheckpoint(cp.note, witness.Origin(j.cfg.Node, cp.epoch))
		if err != nil {
			return fault.Wrap(fault.Unavailable, "journal-checkpoint-altered", err)
		}
		return j.agrees(ctx, tx, c, h)
	})
	if err != nil {
		return err
	}
	j.known = cp.size
	return j.compareAnchor(ctx, h)
}

// agrees checks that the stored tree leads to checkpoint c.
func (j *Journal) agrees(ctx context.Context, tx *store.Tx, c Checkpoint, h head) error {
	if c.Size > h.size {
		return fault.New(fault.Unavailable, "journal-truncated")
	}
	root, err := rootAt(ctx, tx, c.Size)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "journal-altered", err)
	}
	if root != c.Root {
		return fault.New(fault.Unavailable, "journal-altered")
	}
	return nil
}

// compareAnchor checks the log against the checkpoint kept outside the
// database. A log that is shorter than its anchor was rolled back: the database
// was replaced by an older copy without `restore`.
func (j *Journal) compareAnchor(ctx context.Context, h head) error {
	if j.cfg.Anchor == "" {
		return nil
	}
	b, err := os.ReadFile(j.cfg.Anchor)
	if errors.Is(err, fs.ErrNotExist) {
		if h.size > 0 {
			j.cfg.Log.WarnContext(ctx, "journal anchor is missing and will be written anew", slog.Int64("size", h.size))
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read anchor: %w", err)
	}
	c, err := j.openCheckpoint(string(b), witness.FirstLine(string(b)))
	node, anchorEpoch, ok := witness.SplitOrigin(c.Origin)
	if err != nil || !ok || node != j.cfg.Node {
		return fault.Wrap(fault.Unavailable, "journal-anchor-altered", errors.Join(err, errors.New("anchor does not verify")))
	}
	if anchorEpoch > j.epoch.Load() {
		return fault.New(fault.Unavailable, "journal-rolled-back")
	}
	if anchorEpoch < j.epoch.Load() {
		return nil // a restore opened the present epoch and says what was lost
	}
	if c.Size > h.size {
		return fault.New(fault.Unavailable, "journal-rolled-back")
	}
	return j.db.Read(ctx, func(tx *store.Tx) error {
		err := j.agrees(ctx, tx, c, h)
		if fault.CodeOf(err) == "journal-altered" {
			return fault.Wrap(fault.Unavailable, "journal-fork", err)
		}
		return err
	})
}

// Epoch is one stretch of the log under one name. A new one begins with a
// restore.
type Epoch struct {
	Epoch     int64
	StartSize int64
	OpenedAt  time.Time
	Statement string // signed note that says what was restored and what is lost
}

func readEpochs(ctx context.Context, tx *store.Tx) ([]Epoch, error) {
	rows, err := tx.Query(ctx, sqlSelectEpochs)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Epoch
	for rows.Next() {
		var e Epoch
		var at int64
		if err := rows.Scan(&e.Epoch, &e.StartSize, &at, &e.Statement); err != nil {
			return nil, err
		}
		e.OpenedAt = clock.FromMicros(at)
		out = append(out, e)
	}
	return out, rows.Err()
}

// OpenEpoch begins a new epoch after a restore: the log goes on under a new
// origin, with a signed statement of where it was cut and why. Witnesses that
// knew a longer log will refuse the old name for ever, as they should.
func OpenEpoch(ctx context.Context, db *store.DB, clk clock.Clock, sign Signer, node, cause string) (Epoch, error) {
	if cause == "" || strings.ContainsAny(cause, "\r\n") { // it is one line of what is signed
		return Epoch{}, fault.New(fault.Invalid, "epoch-cause")
	}
	var next Epoch
	err := db.Write(ctx, func(tx *store.Tx) error {
		epochs, err := readEpochs(ctx, tx)
		if err != nil {
			return err
		}
		last := int64(1)
		if len(epochs) > 0 {
			last = epochs[len(epochs)-1].Epoch
		}
		h, err := readHead(ctx, tx)
		if err != nil {
			return err
		}
		next = Epoch{Epoch: last + 1, StartSize: h.size, OpenedAt: clk.Now()}
		signer, err := sign.Signer(witness.Origin(node, next.Epoch))
		if err != nil {
			return err
		}
		text := witness.Statement{
			Old: witness.Origin(node, last), New: witness.Origin(node, next.Epoch), Size: h.size, Root: tlog.Hash(h.root),
			At: next.OpenedAt, Cause: cause,
		}.Text()
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			return err
		}
		next.Statement = string(signed)
		_, err = tx.Exec(ctx, sqlInsertEpoch, next.Epoch, next.StartSize, next.OpenedAt.UnixMicro(), next.Statement)
		return err
	})
	return next, err
}
