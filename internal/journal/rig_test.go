package journal_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

var ctx = context.Background()

// start is what the clock of a rig shows at first.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const nodeName = "XA-test"

// rig is a journal on a fresh database, with a node's real keys.
type rig struct {
	db     *store.DB
	clk    *clock.Fake
	ring   *keys.Ring
	j      *journal.Journal
	anchor string
}

func each(t *testing.T, body func(t *testing.T, r *rig), opts ...storetest.Option) {
	t.Helper()
	clk := clock.NewFake(start)
	storetest.Each(t, func(t *testing.T, db *store.DB) { body(t, newRig(t, db, clk)) }, append(opts, storetest.WithClock(clk))...)
}

// onSQLite returns a rig on SQLite only.
func onSQLite(t testing.TB, opts ...storetest.Option) *rig {
	t.Helper()
	clk := clock.NewFake(start)
	return newRig(t, storetest.New(t, append(opts, storetest.WithClock(clk))...), clk)
}

func newRig(t testing.TB, db *store.DB, clk *clock.Fake) *rig {
	t.Helper()
	dir := t.TempDir()
	ring, err := keys.CreateRing([]string{filepath.Join(dir, "keyring")}, keys.PlainFile(), clk, nodeName)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ring.Close)
	r := &rig{db: db, clk: clk, ring: ring, anchor: filepath.Join(dir, "anchor")}
	r.j = r.open(t)
	return r
}

// open opens the journal as a start of the node does.
func (r *rig) open(t testing.TB) *journal.Journal {
	t.Helper()
	j, err := r.tryOpen()
	if err != nil {
		t.Fatalf("open journal: %v", err)
	}
	return j
}

func (r *rig) tryOpen() (*journal.Journal, error) {
	return journal.Open(ctx, r.db, r.clk, r.ring, journal.Config{Node: nodeName, Anchor: r.anchor})
}

// keys returns the node's public journal keys.
func (r *rig) keys(t testing.TB) []string {
	t.Helper()
	k, err := r.ring.VerifierKeys("causeway/" + nodeName + "/1")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// write is an entry that writes two rows about a subject.
func write(s ident.Subject, version int64) journal.Entry {
	return journal.Entry{
		Actor: ident.New[ident.Staff](), Strength: "passkey", Session: ident.New[ident.Session](), Role: "case_worker",
		Unit: ident.New[ident.Unit](), Via: "web", Zone: "inside", Action: journal.Update, What: "case.note",
		Purpose: "case-work", Basis: "case-worker-works-on-own-case", Subjects: []ident.Subject{s}, Outcome: journal.OK,
		Rows: []journal.RowState{
			{Table: "casework_event", Row: bytesOf(16), Version: 1, MAC: bytesOf(16)},
			{Table: "casework_case", Row: s[:], Version: version, MAC: bytesOf(16)},
		},
		Command: ident.New[ident.Command](), NewSubject: version == 1,
	}
}

// read is an entry of a look at subjects.
func read(subjects ...ident.Subject) journal.Entry {
	return journal.Entry{
		Actor: ident.New[ident.Staff](), Strength: "passkey", Session: ident.New[ident.Session](), Role: "case_worker",
		Unit: ident.New[ident.Unit](), Via: "web", Zone: "inside", Action: journal.Read, What: "case.open",
		Purpose: "case-work", Basis: "case-worker-works-on-own-case", Subjects: subjects, Outcome: journal.OK,
	}
}

// append commits entries, each in a transaction of its own unless many.
func (r *rig) append(t testing.TB, entries ...journal.Entry) []ident.Entry {
	t.Helper()
	out := make([]ident.Entry, len(entries))
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		for i, e := range entries {
			var err error
			if out[i], err = r.j.Append(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (r *rig) sequence(t testing.TB) {
	t.Helper()
	if _, err := r.j.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
}

// checkpoint sequences and signs.
func (r *rig) checkpoint(t testing.TB) string {
	t.Helper()
	r.sequence(t)
	signed, err := r.j.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// anchors returns the node's anchor file.
func (r *rig) anchors(t testing.TB) []journal.Anchor {
	t.Helper()
	b, err := os.ReadFile(r.anchor)
	if err != nil {
		t.Fatal(err)
	}
	return []journal.Anchor{{Name: "anchor", Note: string(b)}}
}

// verify checks the database with the node's keys and its anchor.
func (r *rig) verify(t testing.TB) *journal.Report {
	t.Helper()
	o := journal.Options{Keys: r.keys(t), Now: r.clk.Now()}
	if _, err := os.Stat(r.anchor); err == nil {
		o.Anchors = r.anchors(t)
	}
	rep, err := journal.Verify(ctx, journal.FromDatabase(r.db), o, nil)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return rep
}

// fill writes a mixed log: cases that are opened and written to, lists, jobs.
func (r *rig) fill(t testing.TB, entries int) {
	t.Helper()
	var subjects []ident.Subject
	versions := map[ident.Subject]int64{}
	for done := 0; done < entries; {
		var batch []journal.Entry
		for len(batch) < min(entries-done, 1000) {
			i := done + len(batch)
			switch {
			case i%10 == 0 || len(subjects) < 4:
				s := ident.New[ident.Subject]()
				subjects, versions[s] = append(subjects, s), 1
				e := write(s, 1)
				e.Action, e.What, e.Commitments = journal.Create, "case.register", [][]byte{bytesOf(32)}
				batch = append(batch, e)
			case i%10 < 5:
				s := subjects[i*7919%len(subjects)]
				versions[s]++
				batch = append(batch, write(s, versions[s]))
			case i%50 == 6:
				batch = append(batch, read(subjects[:min(len(subjects), 20)]...))
			case i%50 == 7:
				batch = append(batch, journal.Entry{Role: "job", Strength: "job", Via: "job", Action: journal.Start, What: "node.start", Outcome: journal.OK})
			default:
				batch = append(batch, read(subjects[i*104729%len(subjects)]))
			}
		}
		r.append(t, batch...)
		r.clk.Advance(time.Second)
		done += len(batch)
	}
}
