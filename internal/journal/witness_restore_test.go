package journal_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/protocol/witness"
)

// row is what a witness holds of the rig's log.
type row struct {
	size, cosigned int64
	root           []byte
	note           string
}

// backup reads what the witness would find in a backup of now.
func (s *seat) backup(t testing.TB) row {
	t.Helper()
	var b row
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT size, cosigned, root, note FROM journal_witnessed`).Scan(&b.size, &b.cosigned, &b.root, &b.note)
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// restore puts the witness's node back: its rows are those of the backup, and its own log
// has a new epoch, as every restore opens one.
func (s *seat) restore(t testing.TB, b row) {
	t.Helper()
	s.exec(t, `UPDATE journal_witnessed SET size = $1, cosigned = $2, root = $3, note = $4`, b.size, b.cosigned, b.root, b.note)
	s.reopen(t)
}

// reopen opens the next epoch of the witness's own log.
func (s *seat) reopen(t testing.TB) {
	t.Helper()
	s.clk.Advance(time.Minute)
	own := newRig(t, s.db, s.clk)
	if _, err := journal.OpenEpoch(ctx, s.db, s.clk, own.ring, nodeName, "the disk failed"); err != nil {
		t.Fatal(err)
	}
	s.clk.Advance(time.Minute)
}

func (s *seat) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// relearning reports whether the witness waits to learn of the rig's log.
func (s *seat) relearning(t testing.TB) bool {
	t.Helper()
	logs, err := s.w.Logs(ctx)
	if err != nil || len(logs) != 1 {
		t.Fatalf("Logs = %+v, %v", logs, err)
	}
	return logs[0].Relearning
}

// TestWitnessRelearns restores a witness from a backup that is older than what it has
// cosigned since. Before it cosigns anything it has to be shown that.
func TestWitnessRelearns(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w := r.seat(t, "XB", 1)
		r.asks(t, "all", w)
		r.grow(t, 10)
		r.cosign(t)
		backup, lie := w.backup(t), r.twin(t)
		r.grow(t, 10)
		r.cosign(t)
		shown, err := r.j.CosignedCheckpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		w.restore(t, backup)

		lie.grow(t, 20) // a history that agrees with the backup and not with what was cosigned
		for name, q := range map[string]*witness.Request{
			"another history":              lie.request(t, 10),
			"the true one, without a line": {Old: 10, Proof: mustProve(t, r, 10, 20), Note: r.checkpoint(t)},
		} {
			status, body := w.post(t, q)
			if status != 503 || body != "10\n" || !w.relearning(t) {
				t.Errorf("%s: %d %q", name, status, body)
			}
		}
		stranger := strings.Replace(shown, "— causeway/XB/", "— causeway/XX/", 1)
		if status, _ := w.post(t, &witness.Request{Old: 10, Proof: mustProve(t, r, 10, 20), Note: stranger}); status != 503 {
			t.Errorf("with somebody else's line: %d", status)
		}
		r.grow(t, 5)
		if s := r.cosign(t); s.Size != 25 || problem(s, "XB") != "" || w.relearning(t) || w.knows(t) != 25 {
			t.Errorf("the log shows it and goes on: %+v; knows %d", s, w.knows(t))
		}
		if status, body := w.post(t, lie.request(t, 10)); status != 409 || body != "25\n" {
			t.Errorf("another history, after it has learned: %d %q", status, body)
		}
	})
}

func mustProve(t testing.TB, r *rig, old, size int64) []treeHash {
	t.Helper()
	p, err := r.j.Consistency(ctx, old, size)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWitnessRelearnsOrWaits: a log that cannot show what the witness cosigned is not
// cosigned, and one that shows what contradicts the backup is found.
func TestWitnessRelearnsOrWaits(t *testing.T) {
	r := onSQLite(t)
	w := r.seat(t, "XB", 1)
	r.asks(t, "all", w)
	r.grow(t, 10)
	r.cosign(t)
	small, err := r.j.CosignedCheckpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	lie := r.twin(t)
	r.grow(t, 10)
	r.cosign(t)
	w.restore(t, w.backup(t))
	if status, body := w.post(t, &witness.Request{Note: small}); status != 409 || body != "20\n" || !w.relearning(t) {
		t.Errorf("what it cosigned before its backup: %d %q", status, body)
	}
	lie.asks(t, "all", w)
	lie.grow(t, 15)
	if s := lie.cosign(t); problem(s, "XB") != journal.ProblemFork || !w.relearning(t) {
		t.Errorf("a log that was put back: %+v", s)
	}
	r.exec(t, `DELETE FROM journal_cosignature`)
	r.grow(t, 1)
	if s := r.cosign(t); problem(s, "XB") != journal.ProblemRelearning || !w.relearning(t) {
		t.Errorf("a log that lost what it was given: %+v", s)
	}
}

// TestWitnessForgotALog: the backup is from before the witness ever cosigned the log.
func TestWitnessForgotALog(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w := r.seat(t, "XB", 1)
		r.asks(t, "all", w)
		r.grow(t, 10)
		r.cosign(t)
		lie := r.twin(t)
		lie.exec(t, `DELETE FROM journal_cosignature`)
		w.exec(t, `DELETE FROM journal_witnessed`)
		w.reopen(t)
		lie.asks(t, "all", w)
		lie.grow(t, 3)
		if s := lie.cosign(t); problem(s, "XB") != journal.ProblemRelearning {
			t.Errorf("a log that shows nothing: %+v", s)
		}
		r.grow(t, 3)
		if s := r.cosign(t); s.Size != 13 || problem(s, "XB") != "" {
			t.Errorf("a log that shows what it was given: %+v", s)
		}
		w.exec(t, `DELETE FROM journal_witnessed`)
		w.logs[nodeName] = journal.LogKeys{Keys: w.logs[nodeName].Keys, Since: r.clk.Now()}
		lie.grow(t, 3)
		if s := lie.cosign(t); problem(s, "XB") != "" {
			t.Errorf("two people agreed again after the restore: %+v", s)
		}
	})
}

// TestWitnessedRestore: a log goes on under another name only with its signed statement,
// and the witness shows what was lost.
func TestWitnessedRestore(t *testing.T) {
	for name, lost := range map[string]int{"nothing lost": 0, "entries lost": 7} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, r *rig) {
				w := r.seat(t, "XB", 1)
				r.grow(t, 10)
				r.asks(t, "all", w)
				r.cosign(t)
				back := r.twin(t)
				if lost > 0 {
					r.grow(t, lost)
					r.cosign(t)
				}
				back.clk.Advance(time.Hour)
				epoch, err := journal.OpenEpoch(ctx, back.db, back.clk, back.ring, nodeName, "the disk failed")
				if err != nil {
					t.Fatal(err)
				}
				back.j = back.open(t)
				back.grow(t, 4)
				if status, _ := w.post(t, back.request(t, 0)); status != 404 {
					t.Errorf("without the statement: %d", status)
				}
				back.asks(t, "all", w)
				if s := back.cosign(t); s.Size != 14 || problem(s, "XB") != "" {
					t.Errorf("after the restore: %+v", s)
				}
				logs, err := w.w.Logs(ctx)
				if err != nil || len(logs) != 1 || logs[0].Epoch != 2 || logs[0].Size != 14 || len(logs[0].Restores) != 1 {
					t.Fatalf("Logs = %+v, %v", logs, err)
				}
				if got := logs[0].Restores[0]; got.Lost != int64(lost) || got.Epoch != 2 || got.Cause != "the disk failed" {
					t.Errorf("restore = %+v", got)
				}
				if w.refusals(t) != "" {
					t.Errorf("evidence: %s", w.refusals(t))
				}
				if err := w.client().AddStatement(ctx, &witness.Request{Note: epoch.Statement}); err != nil {
					t.Errorf("the same statement again: %v", err)
				}
				r.grow(t, 3) // the old name lives on somewhere
				if status, _ := w.post(t, r.request(t, 10)); status != 404 || w.refusals(t) != "closed" {
					t.Errorf("under the old name: %d, evidence %q", status, w.refusals(t))
				}
			})
		})
	}
}

// TestWitnessRefusesStatements: forged, of another place, a second one, or one that hides
// a rewrite.
func TestWitnessRefusesStatements(t *testing.T) {
	r := onSQLite(t)
	w := r.seat(t, "XB", 1)
	r.asks(t, "all", w)
	r.grow(t, 10)
	r.cosign(t)
	root := rootAt(t, r, 10)
	say := func(by *rig, change func(*witness.Statement)) *witness.Request {
		s := witness.Statement{Old: witness.Origin(nodeName, 1), New: witness.Origin(nodeName, 2), Size: 10, Root: root, At: r.clk.Now(), Cause: "a disk"}
		change(&s)
		return &witness.Request{Old: 10, Note: by.signAs(t, s.New, s.Text())}
	}
	same := func(*witness.Statement) {}
	stranger := onSQLite(t)
	for name, tt := range map[string]struct {
		q    *witness.Request
		kind witness.Kind
	}{
		"by another key":       {say(stranger, same), witness.Untrusted},
		"of another log":       {say(r, func(s *witness.Statement) { s.New = witness.Origin("XZ", 2) }), witness.Unknown},
		"over two epochs":      {say(r, func(s *witness.Statement) { s.New = witness.Origin(nodeName, 3) }), witness.Malformed},
		"a gap":                {say(r, func(s *witness.Statement) { s.Old, s.New = witness.Origin(nodeName, 2), witness.Origin(nodeName, 3) }), witness.Unknown},
		"with another root":    {say(r, func(s *witness.Statement) { s.Root[0] ^= 1 }), witness.Unproven},
		"larger, not proven":   {say(r, func(s *witness.Statement) { s.Size = 12 }), witness.Unproven},
		"a checkpoint":         {&witness.Request{Note: r.checkpoint(t)}, witness.Unknown},
		"without what it knew": {&witness.Request{Note: say(r, same).Note}, witness.Stale},
	} {
		if err := w.client().AddStatement(ctx, tt.q); refusalOf(err).Kind != tt.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.refusals(t); got != "rewrite rewrite" {
		t.Errorf("evidence: %s", got)
	}
	if err := w.client().AddStatement(ctx, say(r, same)); err != nil {
		t.Errorf("the true one: %v", err)
	}
	second := say(r, func(s *witness.Statement) { s.Cause = "another disk" })
	if err := w.client().AddStatement(ctx, second); refusalOf(err).Kind != witness.Stale || !strings.Contains(w.refusals(t), "statement") {
		t.Errorf("a second statement for one restore: %v, evidence %s", err, w.refusals(t))
	}
}
