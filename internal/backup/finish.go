package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Lost is what is known about journal entries that the backup does not hold.
type Lost struct {
	// Known is false when no anchor survived: nobody can say.
	Known bool `json:"known"`
	// From and To are the positions that are lost, To not among them. They are
	// equal when nothing is.
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// Origin is the log whose anchor told.
	Origin string `json:"origin,omitempty"`
}

// Entries returns how many entries are lost as far as is known.
func (l Lost) Entries() int64 { return l.To - l.From }

// String says it in the words of the signed statement.
func (l Lost) String() string {
	switch {
	case !l.Known:
		return "no anchor was left to tell what is lost"
	case l.To > l.From:
		return fmt.Sprintf("entries %d to %d of %s are lost", l.From, l.To-1, l.Origin)
	}
	return fmt.Sprintf("nothing is lost that the anchor of %s knows of", l.Origin)
}

func (l Lost) code() string {
	switch {
	case !l.Known:
		return "lost-unknown"
	case l.To > l.From:
		return "lost-entries"
	}
	return "lost-nothing"
}

// finish turns the loaded database into one that may be served.
func (w *restore) finish(ctx context.Context) error {
	cfg := w.Store
	cfg.Migrations = w.All
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	err = w.finishOn(ctx, db)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = removeMarker(w.Dir)
	}
	if err == nil {
		err = crash("restore-ended")
	}
	return err
}

func (w *restore) finishOn(ctx context.Context, db *store.DB) error {
	custody := keys.New(w.Ring, w.Clock)
	err := db.Read(ctx, func(tx *store.Tx) error { return custody.Check(ctx, tx) })
	if err != nil {
		return fmt.Errorf("compare keyring: %w", err)
	}
	if err := w.makePlan(ctx, db); err != nil {
		return err
	}
	if err := w.openEpochs(ctx, db); err != nil {
		return err
	}
	if err := crash("restore-epoch"); err != nil {
		return err
	}
	j, err := journal.Open(ctx, db, w.Clock, w.Ring, journal.Config{Node: w.first.Node, Anchor: w.Anchor})
	if err != nil {
		return err
	}
	if err := w.settle(ctx, db, j, custody); err != nil {
		return err
	}
	if err := crash("restore-settled"); err != nil {
		return err
	}
	if _, err := j.Sequence(ctx); err != nil {
		return err
	}
	if _, err := j.Checkpoint(ctx); err != nil {
		return err
	}
	return crash("restore-signed")
}

// makePlan verifies the journal and decides, from the anchor that survived, what
// is lost and which epoch comes next. The marker keeps the answer.
func (w *restore) makePlan(ctx context.Context, db *store.DB) error {
	if w.marker.Plan == nil {
		p, err := w.plan(ctx, db)
		if err != nil {
			return err
		}
		w.marker.Plan = p
		if err := w.marker.save(w.Dir); err != nil {
			return err
		}
	}
	w.out.Epoch, w.out.Lost = w.marker.Plan.Epoch, w.marker.Plan.Lost
	return crash("restore-planned")
}

func (w *restore) plan(ctx context.Context, db *store.DB) (*plan, error) {
	kept, err := readAnchor(w.Anchor, w.Ring)
	if err != nil {
		return nil, err
	}
	epoch, err := w.epoch(ctx, db)
	if err != nil {
		return nil, err
	}
	var anchors []journal.Anchor
	if s := w.out.Manifest.Journal; s != nil && s.Checkpoint != "" {
		anchors = append(anchors, journal.Anchor{Name: "manifest of the backup", Note: s.Checkpoint})
		if kept != nil && kept.epoch <= epoch && kept.Size <= s.Size {
			// The backup must hold what the anchor vouches for.
			anchors = append(anchors, journal.Anchor{Name: "anchor file", Note: string(kept.note)})
		}
	}
	report, err := verifyJournal(ctx, db, w.Ring, w.first.Node, w.first.Made, anchors)
	if err != nil {
		return nil, err
	}
	p := plan{Epoch: epoch + 1}
	if kept != nil {
		p.Epoch = max(p.Epoch, kept.epoch+1)
		p.Lost = Lost{Known: true, From: report.Size, To: max(report.Size, kept.Size), Origin: kept.Origin}
		err = kept.keep(w.Anchor)
	}
	return &p, err
}

// epoch returns the epoch of the log as it is now. The anchor is not asked: it
// is ahead of the backup.
func (w *restore) epoch(ctx context.Context, db *store.DB) (int64, error) {
	j, err := journal.Open(ctx, db, w.Clock, w.Ring, journal.Config{Node: w.first.Node})
	if err != nil {
		return 0, err
	}
	return epochOf(j.Origin())
}

// openEpochs begins the epoch of the plan. Usually that is one more than the
// backup's. Epochs in between were used by restores that came after the backup
// was made; the log names them, so that no name is ever used twice.
func (w *restore) openEpochs(ctx context.Context, db *store.DB) error {
	at, err := w.epoch(ctx, db)
	if err != nil {
		return err
	}
	for at < w.out.Epoch {
		cause := fmt.Sprintf("backup %s of %s: %s", w.first.ID, w.first.Made.UTC().Format(time.RFC3339), w.out.Lost)
		if at+1 < w.out.Epoch {
			cause = "an earlier restore, not in this backup, used this epoch"
		}
		e, err := journal.OpenEpoch(ctx, db, w.Clock, w.Ring, w.first.Node, cause)
		if err != nil {
			return fmt.Errorf("open epoch: %w", err)
		}
		at = e.Epoch
	}
	return nil
}

// settle ends what must not outlive a restore and enters it. Run again after a
// crash it finds everything done; the journal then has a second entry.
func (w *restore) settle(ctx context.Context, db *store.DB, j *journal.Journal, custody *keys.Custody) error {
	house, err := w.House(ctx, db, j, custody)
	if err != nil {
		return fmt.Errorf("open the house: %w", err)
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		if w.first.Fingerprint != w.Ring.Fingerprint() {
			// The same epoch keys under another root secret: what is keyed from
			// the root must be made anew.
			if err := house.Rebind(ctx, tx); err != nil {
				return err
			}
		}
		if err := house.Void(ctx, tx); err != nil {
			return err
		}
		replayed, err := Replay(ctx, tx, w.restrictions, house)
		if err != nil {
			return err
		}
		w.out.Replayed = replayed
		_, err = j.Append(ctx, tx, journal.Entry{
			Action: journal.Restore, What: "backup.restore", Reason: w.out.Lost.code(), Count: w.out.Lost.Entries(),
			Strength: "shell", Role: "node", Via: "cli", Zone: "loopback", Purpose: "maintenance", Outcome: journal.OK,
		})
		return err
	})
}

// anchor is the checkpoint that was kept outside of the database.
type anchor struct {
	journal.Checkpoint
	epoch int64
	note  []byte
}

// readAnchor returns the anchor in a file, nil when there is none. One that does
// not verify is "journal-anchor-altered": whether to go on without it is for a
// person to decide, who then moves it aside and keeps it.
func readAnchor(path string, ring Ring) (*anchor, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, diskError(err)
	}
	name, _, _ := strings.Cut(string(b), "\n")
	a := anchor{note: b}
	verifiers, err := ring.Verifiers(name)
	if err == nil {
		var n *note.Note
		if n, err = note.Open(b, note.VerifierList(verifiers...)); err == nil {
			a.Checkpoint, err = journal.ParseCheckpoint(n.Text)
		}
	}
	if err == nil {
		a.epoch, err = epochOf(a.Origin)
	}
	if err != nil || a.Origin != name {
		return nil, fault.Wrap(fault.Unavailable, "journal-anchor-altered", errAnchor)
	}
	return &a, nil
}

var errAnchor = errors.New("the anchor does not verify")

// keep puts the anchor beside its file, before the new epoch takes its place: it
// proves how long the lost log was.
func (a *anchor) keep(path string) error {
	path = fmt.Sprintf("%s.epoch-%d.size-%d", path, a.epoch, a.Size)
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return replaceFile(path, a.note)
}

// epochOf returns the epoch in the name of a log: causeway/NODE/EPOCH.
func epochOf(origin string) (int64, error) {
	epoch, err := strconv.ParseInt(origin[strings.LastIndexByte(origin, '/')+1:], 10, 64)
	if err != nil || epoch < 1 {
		return 0, fault.Wrap(fault.Internal, "journal-origin", errors.Join(err, fs.ErrInvalid))
	}
	return epoch, nil
}
