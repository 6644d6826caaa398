package journal

import (
	"context"
	"log/slog"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/witness"
)

// AddStatement implements [witness.Service]: a log that we witness tells of its
// restore and goes on under the next name. We note it, with what was lost, and
// hold it to what it says is left. Nothing else moves a log to another epoch.
func (w *Witness) AddStatement(ctx context.Context, r *witness.Request) error {
	node, epoch, keys, text, err := w.open(ctx, r.Note, witness.StatementName(r.Note))
	if err != nil {
		return err
	}
	s, err := witness.ParseStatement(text)
	if err != nil || s.New != witness.Origin(node, epoch) || s.Old != witness.Origin(node, epoch-1) {
		return &witness.Refusal{Kind: witness.Malformed}
	}
	d := restoring{r: r, node: node, epoch: epoch, s: s, keys: keys, now: w.clk.Now()}
	err = w.db.Write(ctx, func(tx *store.Tx) error {
		d.no, d.kind, d.taken = nil, "", false
		if err := d.decide(ctx, tx); err != nil || d.kind == "" {
			return err
		}
		return keepRefusal(ctx, tx, node, d.kind, d.known, r, d.now)
	})
	switch {
	case err != nil:
		return err
	case d.kind != "":
		w.log.WarnContext(ctx, "the restore of a log that is witnessed here was refused", slog.String("peer", node), slog.String("kind", d.kind))
	case d.taken:
		w.log.WarnContext(ctx, "a log that is witnessed here was restored", slog.String("peer", node), slog.Int64("epoch", epoch), slog.Int64("count", d.lost))
	}
	if d.no != nil {
		return d.no
	}
	return nil
}

// restoring is the statement of a restore while it is decided.
type restoring struct {
	r     *witness.Request
	node  string
	epoch int64
	s     witness.Statement
	keys  LogKeys
	now   time.Time

	no    *witness.Refusal
	kind  string
	known witnessed
	taken bool
	lost  int64 // entries that we knew and that are gone
}

func (d *restoring) refuse(kind witness.Kind, size int64, evidence string) {
	d.no, d.kind = &witness.Refusal{Kind: kind, Size: size}, evidence
}

func (d *restoring) decide(ctx context.Context, tx *store.Tx) error {
	st, found, err := readWitnessed(ctx, tx, d.node)
	if err != nil {
		return err
	}
	d.known = st
	switch {
	case !found:
		return nil // we never vouched for the log, so nothing was lost to us
	case st.epoch >= d.epoch:
		return d.again(ctx, tx)
	case st.epoch < d.epoch-1:
		d.refuse(witness.Unknown, 0, "") // the statement before it comes first
		return nil
	}
	if st.size > d.s.Size {
		d.lost = st.size - d.s.Size
	} else if d.lost = 0; d.r.Old != st.size {
		d.refuse(witness.Stale, st.size, "")
		return nil
	} else if !witness.Proves(d.r.Proof, st.size, st.root, d.s.Size, d.s.Root) {
		d.refuse(witness.Unproven, 0, RefusedRewrite)
		return nil
	}
	d.taken = true
	n, err := tx.Exec(ctx, sqlInsertWitnessed, d.node, d.epoch, d.s.Size, d.s.Root[:], st.cosigned, st.learned, "")
	if err == nil && n != 1 {
		return fault.New(fault.Conflict, "journal-raced")
	}
	if err == nil {
		_, err = tx.Exec(ctx, sqlInsertWitnessedRestore, d.node, d.epoch, d.now.UnixMicro(), d.lost, d.r.Note)
	}
	return err
}

// again hears of a restore that we know: the same statement changes nothing, a
// second one for the same restore is refused.
func (d *restoring) again(ctx context.Context, tx *store.Tx) error {
	var known string
	err := tx.QueryRow(ctx, sqlWitnessedRestore, d.node, d.epoch).Scan(&known)
	if fault.Is(err, fault.NotFound) {
		return nil // from before we witnessed it
	}
	if err == nil && known != d.r.Note {
		d.known.note = known
		d.refuse(witness.Stale, d.known.size, RefusedStatement)
	}
	return err
}

// WitnessedLog is a log that this node witnesses, as it is shown.
type WitnessedLog struct {
	Node       string
	Epoch      int64
	Size       int64     // cosigned last, or seen last in a comparison
	CosignedAt time.Time // when that was; zero: never
	Relearning bool      // we were restored and wait for it to show what we cosigned
	Restores   []WitnessedRestore
}

// WitnessedRestore is a restore that a log told of.
type WitnessedRestore struct {
	Epoch int64
	At    time.Time // when we heard
	Lost  int64     // entries that we had vouched for and that are gone
	Cause string    // in the log's words
}

// Refused is what a log signed and we refused.
type Refused struct {
	Node  string
	Kind  string // see RefusedRollback and its neighbours
	At    time.Time
	Size  int64  // that we knew
	Known string // the signed checkpoint or statement that we knew
	Body  string // the request as it came
}

// Logs returns the logs that this node has cosigned or compared, by name.
func (w *Witness) Logs(ctx context.Context) ([]WitnessedLog, error) { return WitnessedLogs(ctx, w.db) }

// Refusals returns the evidence that was kept, oldest first.
func (w *Witness) Refusals(ctx context.Context) ([]Refused, error) { return Refusals(ctx, w.db) }

// WitnessedLogs returns the logs that the node of db has cosigned or compared, by name.
func WitnessedLogs(ctx context.Context, db *store.DB) ([]WitnessedLog, error) {
	var out []WitnessedLog
	err := db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		own, _, err := ownEpoch(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlAllWitnessed)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l WitnessedLog
			var root []byte
			var cosigned, learned int64
			var signed string
			if err := rows.Scan(&l.Node, &l.Epoch, &l.Size, &root, &cosigned, &learned, &signed); err != nil {
				return err
			}
			if cosigned > 0 {
				l.CosignedAt = time.Unix(cosigned, 0).UTC()
			}
			l.Relearning = learned < own
			if n := len(out); n > 0 && out[n-1].Node == l.Node {
				out[n-1] = l // a later epoch
			} else {
				out = append(out, l)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return readRestores(ctx, tx, out)
	})
	return out, err
}

// readRestores adds to each log the restores that it told of.
func readRestores(ctx context.Context, tx *store.Tx, logs []WitnessedLog) error {
	rows, err := tx.Query(ctx, sqlAllWitnessedRestores)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var node, statement string
		var r WitnessedRestore
		var seen int64
		if err := rows.Scan(&node, &r.Epoch, &seen, &r.Lost, &statement); err != nil {
			return err
		}
		r.At = clock.FromMicros(seen)
		if s, err := witness.ParseStatement(witness.NoteText(statement)); err == nil {
			r.Cause = s.Cause
		}
		for i := range logs {
			if logs[i].Node == node {
				logs[i].Restores = append(logs[i].Restores, r)
			}
		}
	}
	return rows.Err()
}

// Refusals returns the evidence that the node of db has kept, oldest first.
func Refusals(ctx context.Context, db *store.DB) ([]Refused, error) {
	var out []Refused
	err := db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, sqlAllRefusals)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r Refused
			var at int64
			if err := rows.Scan(&r.Node, &r.Kind, &at, &r.Size, &r.Known, &r.Body); err != nil {
				return err
			}
			r.At = clock.FromMicros(at)
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}
