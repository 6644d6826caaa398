package journal

import (
	"context"
	"errors"
	"time"

	"causeway/internal/clock"
	"causeway/internal/store"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/tlog"
)

// Known is how far a log was seen, in one of its epochs: zero for not at all.
type Known struct {
	Epoch, Size int64
	Root        tlog.Hash
	Note        string // the signed checkpoint, "" where only a statement said so
}

// Growth proves to somebody who saw the log at one point how it went on from there: the
// statement of every restore since, oldest first, and the newest checkpoint, each as the
// request to a witness that knows the one before. It is empty for an empty log. A log
// that is shorter than what was seen shows what it has.
func (j *Journal) Growth(ctx context.Context, from Known) ([]*witness.Request, error) {
	if err := j.signNow(ctx); err != nil {
		return nil, err
	}
	var out []*witness.Request
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		c, err := lastCheckpoint(ctx, tx)
		if err != nil || c.note == "" {
			return err
		}
		epochs, err := readEpochs(ctx, tx)
		if err != nil {
			return err
		}
		prove := func(old, size int64, signed string) error {
			r := &witness.Request{Note: signed}
			if old > 0 && old <= size {
				r.Old = old
			}
			if r.Old > 0 && old < size {
				r.Proof, err = tlog.ProveTree(size, old, &hashReader{ctx: ctx, tx: tx, size: size, cache: &j.tiles})
			}
			out = append(out, r)
			return err
		}
		size := from.Size
		for _, e := range epochs {
			if from.Epoch == 0 || e.Epoch <= from.Epoch || e.Epoch > c.epoch {
				continue
			}
			if err := prove(size, e.StartSize, e.Statement); err != nil {
				return err
			}
			size = e.StartSize
		}
		return prove(size, c.size, c.note)
	})
	return out, err
}

// signNow signs a checkpoint where the present epoch has none yet.
func (j *Journal) signNow(ctx context.Context) error {
	var last storedCheckpoint
	err := j.db.Read(ctx, func(tx *store.Tx) (err error) {
		last, err = lastCheckpoint(ctx, tx)
		return err
	})
	if err != nil || last.epoch == j.epoch.Load() {
		return err
	}
	if _, err := j.Sequence(ctx); err != nil {
		return err
	}
	_, err = j.Checkpoint(ctx)
	return err
}

// ErrNotOurs is a checkpoint that this log did not sign.
var ErrNotOurs = errors.New("journal: not a checkpoint of this log")

// Behind reports whether somebody has seen this log further than it has come, or with
// other entries: then the database was put back from a backup. Of an earlier epoch that
// is known, and no sign of it. signed is what they saw, "" where they only say so: a
// signed checkpoint that is none of ours is [ErrNotOurs].
func (j *Journal) Behind(ctx context.Context, tx *store.Tx, seen Known) (bool, error) {
	if seen.Note != "" {
		c, err := j.openCheckpoint(seen.Note, witness.Origin(j.cfg.Node, seen.Epoch))
		if err != nil || c.Size != seen.Size || c.Root != seen.Root {
			return false, ErrNotOurs
		}
	}
	epoch, err := newestEpoch(ctx, tx)
	if err != nil || seen.Size == 0 || seen.Epoch < epoch {
		return false, err
	}
	h, err := readHead(ctx, tx)
	if err != nil || seen.Epoch > epoch || seen.Size > h.size {
		return true, err
	}
	root, err := rootAt(ctx, tx, seen.Size)
	return root != seen.Root, err
}

func newestEpoch(ctx context.Context, tx *store.Tx) (int64, error) {
	epoch, _, err := ownEpoch(ctx, tx)
	return epoch, err
}

// Epoch returns the newest epoch of the log.
func (j *Journal) Epoch() int64 { return j.epoch.Load() }

// Cut begins a new epoch of a running log, above one that others know: it was found that
// the database had been put back. It does nothing where the log has left the epoch of
// already.
func (j *Journal) Cut(ctx context.Context, of, above int64, cause string) error {
	j.seq.Lock()
	defer j.seq.Unlock()
	var at int64
	err := j.db.Read(ctx, func(tx *store.Tx) (err error) {
		at, err = newestEpoch(ctx, tx)
		return err
	})
	for above = max(of, above); err == nil && at >= of && at <= above; {
		why := cause
		if at < above {
			why = "an earlier restore, not in this database, used this epoch"
		}
		var e Epoch
		e, err = OpenEpoch(ctx, j.db, j.clk, j.sign, j.cfg.Node, why)
		at = e.Epoch
	}
	if err == nil {
		j.epoch.Store(at)
	}
	return err
}

// Verdict is what a comparison says of another node's log.
type Verdict string

// The verdicts.
const (
	LogGrown   Verdict = ""        // it contains what was seen of it before
	LogUnknown Verdict = "unknown" // no key of ours verifies it: nothing is known
	LogShorter Verdict = "shorter" // it is less than was seen, and it says of no restore
	LogAnew    Verdict = "anew"    // what is known here has moved meanwhile: compare again
	LogOther   Verdict = "other"   // it contradicts what was seen: a fork or a rewrite
)

// Known returns how far a log was seen by this node, as witness of it or in a comparison.
func (w *Witness) Known(ctx context.Context, tx *store.Tx, log string) (Known, error) {
	st, _, err := readWitnessed(ctx, tx, log)
	return Known{st.epoch, st.size, st.root, st.note}, err
}

// Contradicted returns when a log first contradicted what was seen of it, zero for never.
func (w *Witness) Contradicted(ctx context.Context, log string) (time.Time, error) {
	var at int64
	err := w.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, sqlFirstRefusal, log).Scan(&at) })
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return clock.FromMicros(at), nil
}

// Observe takes what a log says of its growth since a point at which this node saw it (see
// [Journal.Growth]), and remembers it in the one place where what is cosigned is
// remembered. Nothing is cosigned. What contradicts is kept as evidence, as if a
// cosignature had been asked for.
func (w *Witness) Observe(ctx context.Context, log string, from Known, growth []*witness.Request) (Verdict, error) {
	if len(growth) == 0 {
		if from.Size > 0 {
			return LogShorter, nil
		}
		return LogGrown, nil
	}
	last := growth[len(growth)-1]
	node, epoch, _, text, err := w.open(ctx, last.Note, witness.FirstLine(last.Note))
	if _, no := refusalOf(err); no || err == nil && node != log {
		return LogUnknown, nil
	}
	if err != nil {
		return "", err
	}
	c, err := ParseCheckpoint(text)
	if err != nil || c.Size == 0 {
		return LogUnknown, nil
	}
	for _, r := range growth[:len(growth)-1] {
		if from.Epoch == 0 || from.Epoch >= epoch {
			return LogOther, nil // statements of nothing
		}
		verdict, err := w.observeRestore(ctx, r, &from)
		if err != nil || verdict != LogGrown {
			return verdict, err
		}
	}
	o := observing{log: log, epoch: epoch, c: c, from: from, r: last}
	err = w.db.Write(ctx, func(tx *store.Tx) error { return w.observe(ctx, tx, &o) })
	return o.verdict, err
}

func refusalOf(err error) (*witness.Refusal, bool) {
	var no *witness.Refusal
	return no, errors.As(err, &no)
}

// observeRestore takes the statement of a restore, and moves from to what it says is left.
func (w *Witness) observeRestore(ctx context.Context, r *witness.Request, from *Known) (Verdict, error) {
	s, err := witness.ParseStatement(witness.NoteText(r.Note))
	if err != nil {
		return LogOther, nil
	}
	_, epoch, ok := witness.SplitOrigin(s.New)
	if !ok || epoch != from.Epoch+1 {
		return LogOther, nil
	}
	err = w.AddStatement(ctx, r)
	no, refused := refusalOf(err)
	switch {
	case refused && (no.Kind == witness.Stale && no.Size != from.Size || no.Kind == witness.Unknown):
		return LogAnew, nil
	case refused:
		return LogOther, nil
	case err != nil:
		return "", err
	}
	*from = Known{Epoch: epoch, Size: s.Size, Root: s.Root}
	return LogGrown, nil
}

// observing is a checkpoint while it is compared.
type observing struct {
	log     string
	epoch   int64
	c       Checkpoint
	from    Known
	r       *witness.Request
	verdict Verdict
}

// observe decides and remembers.
func (w *Witness) observe(ctx context.Context, tx *store.Tx, o *observing) error {
	st, found, err := readWitnessed(ctx, tx, o.log)
	if err != nil {
		return err
	}
	verdict, evidence := o.compare(st, found)
	o.verdict = verdict
	if evidence != "" {
		known := witnessed{epoch: o.from.Epoch, size: o.from.Size, root: o.from.Root, note: o.from.Note}
		if found && st.size == o.from.Size && st.epoch == o.from.Epoch {
			known = st
		}
		return keepRefusal(ctx, tx, o.log, evidence, known, o.r, w.clk.Now())
	}
	if o.verdict != LogGrown {
		return nil
	}
	own, opened, err := ownEpoch(ctx, tx)
	if err != nil {
		return err
	}
	now := w.clk.Now().Unix()
	switch {
	case !found:
		_, err = tx.Exec(ctx, sqlInsertWitnessed, o.log, o.epoch, o.c.Size, o.c.Root[:], now, own, o.r.Note)
	case st.epoch != o.epoch || st.size > o.c.Size || relearns(st, true, LogKeys{}, own, opened):
		// What we vouched for before a restore of ours is learned again from our own
		// cosignature alone.
	case st.size == o.from.Size && st.root == o.from.Root:
		_, err = tx.Exec(ctx, sqlSwapWitnessed, o.log, o.epoch, o.c.Size, o.c.Root[:], max(now, st.cosigned), own, o.r.Note, st.size, st.root[:])
	}
	return err
}

// compare says what a checkpoint is after what was seen, and what kind of evidence it is.
func (o *observing) compare(st witnessed, found bool) (Verdict, string) {
	switch {
	case o.from.Size == 0:
	case o.epoch < o.from.Epoch:
		return LogShorter, RefusedClosed
	case o.epoch > o.from.Epoch:
		return LogOther, RefusedRollback // a new name without a word of a restore
	case o.c.Size < o.from.Size:
		return LogShorter, RefusedRollback
	case o.c.Size == o.from.Size && o.c.Root != o.from.Root:
		return LogOther, RefusedFork
	case !witness.Proves(o.r.Proof, o.from.Size, o.from.Root, o.c.Size, o.c.Root):
		return LogOther, RefusedRewrite
	}
	if found && st.epoch == o.epoch && st.size == o.c.Size && st.root != o.c.Root {
		return LogOther, RefusedFork // two roots of one size under one key
	}
	if found && o.from.Size == 0 {
		return LogAnew, "" // seen meanwhile, and not compared with that
	}
	return LogGrown, ""
}
