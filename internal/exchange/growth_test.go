package exchange_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// peerLogs are the journals of the peers of a room.
type peerLogs struct {
	db   *store.DB
	room *exchange.Room
}

// Log implements journal.Logs.
func (l peerLogs) Log(ctx context.Context, name string) (out journal.LogKeys, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		out = journal.LogKeys{}
		all, err := l.room.Peers(ctx, tx)
		for _, p := range all {
			for _, k := range p.History.Keys(identity.Log, tx.Now()) {
				named, key, err := witness.ParseLogKey(string(k.Public))
				if node, _, is := witness.SplitOrigin(named); err == nil && is && node == name {
					out.Keys, out.Since = append(out.Keys, key), p.ConfirmedAt
				}
			}
		}
		return err
	})
	return out, err
}

// knows returns how far a node has seen the journal of the other.
func (e *end) saw(o *end) (k journal.Known) {
	e.t.Helper()
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) (err error) {
		k, err = e.witness.Known(ctx, tx, o.country.log)
		return err
	}))
	return k
}

// state returns what a node holds of the other.
func (e *end) state(o *end) (state exchange.State, why string) {
	e.t.Helper()
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) error {
		p, err := e.room.Peer(ctx, tx, o.country.node)
		if err == nil {
			state, why = p.State, p.Why
		}
		return err
	}))
	return state, why
}

// compares asks the other once, whatever was compared before, and returns how it ended.
func (e *end) compares(o *end) error {
	e.t.Helper()
	e.Clock.Advance(25 * time.Hour)
	o.Clock.Advance(25 * time.Hour)
	q, err := e.room.Question(ctx, o.country.node)
	ok(e.t, err)
	if q == nil {
		e.t.Fatal("nothing is asked after a day")
	}
	a, err := o.room.Sync(ctx, e.country.node, bytes.NewReader(q))
	if err != nil {
		return err
	}
	return e.room.Compared(ctx, o.country.node, q, a)
}

// size returns how long a node's journal is, as it signed it last.
func (e *end) size() int64 {
	e.t.Helper()
	var c journal.Checkpoint
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) (err error) {
		_, c, err = e.Journal.Signed(ctx, tx)
		return err
	}))
	return c.Size
}

// TestJournalsAreCompared: a journal that has honestly grown is proven to contain what was
// seen of it, in the one place where a witness remembers it too.
func TestJournalsAreCompared(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		for range 3 {
			b.says(a, cx.NewThread(), cx.ReferralOffer)
			rests(a, b)
			b.signsLog()
			before := b.size()
			ok(t, a.compares(b))
			if seen := a.saw(b); seen.Size < before || seen.Epoch != 1 || seen.Note == "" {
				t.Fatalf("seen: %+v, want at least %d", seen, before)
			}
		}
		if all, err := a.witness.Refusals(ctx); err != nil || len(all) != 0 {
			t.Errorf("refused: %+v (%v)", all, err)
		}
		// The witness goes on from what the comparison learned.
		seen := a.saw(b)
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		rests(a, b)
		b.signsLog()
		growth, err := b.Journal.Growth(ctx, seen)
		ok(t, err)
		if _, err := a.witness.AddCheckpoint(ctx, growth[len(growth)-1]); err != nil {
			t.Fatalf("the witness: %v", err)
		}
		// And the comparison from what was cosigned.
		if got := a.saw(b); got.Size != b.size() {
			t.Errorf("seen %d of %d", got.Size, b.size())
		}
		ok(t, a.compares(b))
		if state, _ := a.state(b); state != exchange.OK || a.Ring.ExchangeEpoch() != 1 || b.Ring.ExchangeEpoch() != 1 {
			t.Errorf("state %s, epochs %d and %d", state, a.Ring.ExchangeEpoch(), b.Ring.ExchangeEpoch())
		}
	})
}

// liar is a journal that proves what somebody made up.
type liar struct {
	exchange.Ledger
	growth func(from journal.Known) []*witness.Request
}

// Growth implements exchange.Ledger.
func (l liar) Growth(_ context.Context, from journal.Known) ([]*witness.Request, error) {
	return l.growth(from), nil
}

// lies has the other's room prove what fn makes up, as a checkpoint signed by its own key.
func (e *end) lies(fn func(from journal.Known) (journal.Checkpoint, tlog.TreeProof)) {
	e.t.Helper()
	signer, err := e.Ring.Signer(e.Journal.Origin())
	ok(e.t, err)
	e.ledger = liar{e.Journal, func(from journal.Known) []*witness.Request {
		c, proof := fn(from)
		c.Origin = e.Journal.Origin()
		signed, err := note.Sign(&note.Note{Text: c.Text()}, signer)
		ok(e.t, err)
		return []*witness.Request{{Old: from.Size, Proof: proof, Note: string(signed)}}
	}}
	e.starts()
}

// TestContradictingJournal: another root at one size, or a larger tree that is not proven
// to contain what was seen, puts the peer under watch; nothing is sent, and it is kept as
// evidence. People can let the exchange go on, and are not stopped by the same again.
func TestContradictingJournal(t *testing.T) {
	for kind, lie := range map[string]func(journal.Known) (journal.Checkpoint, tlog.TreeProof){
		journal.RefusedFork: func(from journal.Known) (journal.Checkpoint, tlog.TreeProof) {
			return journal.Checkpoint{Size: from.Size, Root: tlog.Hash{1}}, nil
		},
		journal.RefusedRewrite: func(from journal.Known) (journal.Checkpoint, tlog.TreeProof) {
			return journal.Checkpoint{Size: from.Size + 10, Root: tlog.Hash{1}}, tlog.TreeProof{{2}}
		},
	} {
		t.Run(kind, func(t *testing.T) {
			ends(t, func(t *testing.T, a, b *end) {
				b.signsLog()
				ok(t, a.compares(b))
				seen := a.saw(b)
				b.lies(lie)
				a.says(b, cx.NewThread(), cx.ReferralOffer)
				if err := a.compares(b); cx.CodeOf(err) != cx.Quarantined {
					t.Fatalf("compared: %v", err)
				}
				if state, why := a.state(b); state != exchange.Watch || why != exchange.WhyJournal {
					t.Errorf("state %s (%s)", state, why)
				}
				if due := a.due(b); len(due) != 0 {
					t.Errorf("%d messages are sent", len(due))
				}
				if got := a.saw(b); got != seen {
					t.Errorf("remembered %+v, want %+v", got, seen)
				}
				all, err := a.witness.Refusals(ctx)
				if err != nil || len(all) != 1 || all[0].Kind != kind || all[0].Known != seen.Note {
					t.Errorf("evidence: %+v (%v)", all, err)
				}
				a.Clock.Advance(time.Minute)
				ok(t, a.room.Resume(ctx, a.Person(access.RoleFocalPoint, a.Head), command(), b.country.node))
				if err := a.compares(b); err != nil {
					t.Errorf("after people let it go on: %v", err)
				}
				if due := a.due(b); len(due) == 0 {
					t.Error("nothing is sent after people let it go on")
				}
			})
		})
	}
}

// TestSilentJournal: a journal that was seen and is not shown any more is as one that is
// shorter.
func TestSilentJournal(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		b.signsLog()
		ok(t, a.compares(b))
		b.ledger = liar{b.Journal, func(journal.Known) []*witness.Request { return nil }}
		b.starts()
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		if err := a.compares(b); cx.CodeOf(err) != cx.Recovering || len(a.due(b)) != 0 {
			t.Errorf("compared: %v, and %d messages are sent", err, len(a.due(b)))
		}
	})
}

// backup copies a node's database and anchor while nobody has them open.
func (s site) backup(t *testing.T) (back func()) {
	t.Helper()
	db, err := os.ReadFile(s.Path)
	ok(t, err)
	anchor, err := os.ReadFile(filepath.Join(s.Dir, "anchor"))
	ok(t, err)
	return func() {
		ok(t, os.WriteFile(s.Path, db, 0o600))
		ok(t, os.WriteFile(filepath.Join(s.Dir, "anchor"), anchor, 0o600))
		for _, end := range []string{"-wal", "-shm"} {
			_ = os.Remove(s.Path + end) // gone already when it was closed well
		}
	}
}

// TestRestoredJournal: a node that is put back has a shorter journal than its peer saw.
// Whether that was declared or not, it enters one new epoch of the exchange and of the
// journal, the peer learns what is lost, and both go on.
func TestRestoredJournal(t *testing.T) {
	for name, tt := range map[string]struct {
		declared, asksFirst bool
	}{
		"declared": {declared: true, asksFirst: true}, "declared, asked first": {declared: true},
		"undeclared": {asksFirst: true}, "undeclared, asked first": {},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
				sa, sb := siteOf(cfg, t.TempDir(), "xa.dcs"), siteOf(storetest.SQLite(t), t.TempDir(), "xb.moi")
				pairSites(t, sa, sb)
				a, b := sa.again(t, nil), sb.again(t, nil)
				rests(a, b)
				b.signsLog()
				ok(t, b.DB.Close())
				back := sb.backup(t)
				ring, err := os.ReadFile(filepath.Join(sb.Dir, "keyring"))
				ok(t, err)

				b = sb.again(t, nil)
				b.says(a, cx.NewThread(), cx.ReferralOffer)
				rests(a, b)
				b.signsLog()
				ok(t, a.compares(b))
				lost := a.saw(b).Size
				ok(t, b.DB.Close())
				back()
				ok(t, os.WriteFile(filepath.Join(sb.Dir, "keyring"), ring, 0o600))

				b = sb.open(t, nil)
				if tt.declared {
					ok(t, b.DB.Write(ctx, func(tx *store.Tx) error { return exchange.Declare(ctx, tx) }))
					_, err := journal.OpenEpoch(ctx, b.DB, b.Clock, b.Ring, "XA-crash", "a backup")
					ok(t, err)
				}
				ok(t, b.DB.Close())
				b = sb.again(t, nil)
				b.Clock.Advance(a.Clock.Now().Sub(b.Clock.Now()))
				if b.size() >= lost {
					t.Fatalf("the journal has %d entries, want less than %d", b.size(), lost)
				}
				if tt.asksFirst {
					b.meets(a)
				} else if err := a.compares(b); tt.declared != (err == nil) {
					t.Fatalf("the peer compares: %v", err)
				}
				a.says(b, cx.NewThread(), cx.ReferralOffer)
				b.meets(a)
				rests(a, b)
				if a.Ring.ExchangeEpoch() != 1 || b.Ring.ExchangeEpoch() != 2 || b.Journal.Epoch() != 2 {
					t.Errorf("epochs %d and %d, of the journal %d", a.Ring.ExchangeEpoch(), b.Ring.ExchangeEpoch(), b.Journal.Epoch())
				}
				if state, why := a.state(b); state != exchange.OK {
					t.Errorf("state %s (%s)", state, why)
				}
				b.signsLog()
				ok(t, a.compares(b))
				if seen := a.saw(b); seen.Epoch != 2 || seen.Size != b.size() {
					t.Errorf("seen %+v, want %d in epoch 2", seen, b.size())
				}
				logs, err := a.witness.Logs(ctx)
				if err != nil || len(logs) != 1 || len(logs[0].Restores) != 1 || logs[0].Restores[0].Lost == 0 {
					t.Errorf("what was told of the restore: %+v (%v)", logs, err)
				}
			})
		})
	}
}
