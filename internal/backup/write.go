package backup

import (
	"bufio"
	"compress/flate"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Source is the node that is copied.
type Source struct {
	DB      *store.DB
	Ring    Ring
	Node    string
	Program string      // version of this program
	Clock   clock.Clock // of the node
	// Schema are the migrations the database has had. [Schema] finds them.
	Schema fs.FS
	// Journal signs what is there before the snapshot is taken. It may be nil
	// where the database waits for a migration.
	Journal *journal.Journal
	// Unverified leaves the journal out of the check before sealing: this
	// program cannot read the form it has. Only [Migrate] sets it.
	unverified bool
	// Config is the node's configuration as JSON, without secrets.
	Config []byte
}

// Progress is told how many rows are done. It may be nil.
type Progress func(rows int64)

func (p Progress) tell(rows int64) {
	if p != nil {
		p(rows)
	}
}

// tellEvery is how many rows pass between two words of progress.
const tellEvery = 4096

// Write writes a sealed backup of a running node to w: one snapshot, checked
// before it is sealed. The journal is verified from its first entry to its last
// checkpoint; what is found altered is "backup-journal" and nothing is sealed.
// [Save] puts a backup into a file and reads it again; prefer it.
func Write(ctx context.Context, w io.Writer, src Source, recipients []string, progress Progress) (Manifest, error) {
	m, key, err := write(ctx, w, src, recipients, progress)
	clear(key)
	return m, err
}

// write is Write that also returns the key of the sealed file.
func write(ctx context.Context, w io.Writer, src Source, recipients []string, progress Progress) (Manifest, []byte, error) {
	m, err := begin(src)
	if err != nil {
		return m, nil, err
	}
	if _, err := parseRecipients(recipients); err != nil { // before the long check
		return m, nil, err
	}
	state, err := checkJournal(ctx, src)
	if err != nil {
		return m, nil, err
	}
	sealed, seen, err := seal(w, recipients)
	if err != nil {
		return m, nil, fmt.Errorf("seal backup: %w", err)
	}
	packed, err := flate.NewWriter(sealed, flate.BestSpeed)
	if err != nil {
		return m, nil, fmt.Errorf("compress backup: %w", err)
	}
	ahead := newAhead(packed)
	buffer := bufio.NewWriterSize(ahead, aheadSize)
	m.Made = src.Clock.Now() // the snapshot begins after this
	err = stream(ctx, buffer, src, &m, state, progress)
	if err == nil {
		err = buffer.Flush()
	}
	if werr := ahead.Close(); err == nil {
		err = werr
	}
	if err == nil {
		err = packed.Close()
	}
	if err == nil {
		err = sealed.Close()
	}
	if err != nil {
		clear(seen.key)
		return m, nil, fmt.Errorf("write backup: %w", err)
	}
	return m, seen.key, nil
}

// begin returns the opening manifest.
func begin(src Source) (Manifest, error) {
	m := Manifest{
		Format: format, Node: src.Node, Fingerprint: src.Ring.Fingerprint(),
		Engine: string(src.DB.Engine()), Program: src.Program,
	}
	if len(src.Config) > 0 && !json.Valid(src.Config) {
		return m, fault.New(fault.Internal, "backup-config")
	}
	m.Config = src.Config
	var err error
	if m.Schema, err = schemaNames(src.Schema); err != nil {
		return m, err
	}
	m.ID, err = newID()
	return m, err
}

// checkJournal signs the log as it is now and verifies all of it.
func checkJournal(ctx context.Context, src Source) (*JournalState, error) {
	if src.unverified {
		return nil, nil
	}
	if src.Journal != nil {
		if _, err := src.Journal.Sequence(ctx); err != nil {
			return nil, err
		}
		if _, err := src.Journal.Checkpoint(ctx); err != nil {
			return nil, err
		}
	}
	report, err := verifyJournal(ctx, src.DB, src.Ring, src.Node, src.Clock.Now(), nil)
	if err != nil {
		return nil, err
	}
	return &JournalState{Size: report.Size, Root: report.Root, Checkpoint: report.Checkpoint}, nil
}

// verifyJournal verifies the journal of a database. Entries that wait for their
// place too long are not a reason to refuse: a backup is wanted then above all.
func verifyJournal(ctx context.Context, db *store.DB, ring Ring, node string, now time.Time, anchors []journal.Anchor) (*journal.Report, error) {
	o := journal.Options{Anchors: anchors, Now: now}
	if ring != nil {
		var err error
		if o.Keys, err = ring.VerifierKeys("causeway/" + node + "/1"); err != nil {
			return nil, err
		}
	}
	report, err := journal.Verify(ctx, journal.FromDatabase(db), o, nil)
	if err != nil {
		return report, fmt.Errorf("verify journal: %w", err)
	}
	for _, f := range report.Findings {
		if f.Exit == journal.NotSettled || ring == nil && f.Check == "no-key" {
			continue
		}
		first := report.First()
		return report, fault.Wrap(fault.Invalid, "backup-journal", fmt.Errorf("%s %s: %s", first.Table, first.Place, first.What))
	}
	return report, nil
}

// stream writes the frames.
func stream(ctx context.Context, w io.Writer, src Source, m *Manifest, state *JournalState, progress Progress) error {
	tables, err := src.DB.Tables()
	if err != nil {
		return err
	}
	f, err := newFrameWriter(w)
	if err != nil {
		return err
	}
	if err := f.json(frameManifest, m); err != nil {
		return err
	}
	t := tableWriter{f: f, counts: map[string]int64{}, progress: progress}
	if err := src.DB.Dump(ctx, t.row); err != nil {
		return err
	}
	if err := t.close(); err != nil {
		return err
	}
	for _, table := range tables {
		m.Tables = append(m.Tables, TableCount{table.Name, t.counts[table.Name]})
	}
	m.Journal, m.Rows, m.Digest = state, t.rows, hex.EncodeToString(f.sum.Sum(nil))
	signed, err := m.sign(src.Ring)
	if err != nil {
		return err
	}
	return f.frame(frameClose, signed)
}

// tableWriter gathers the rows of a dump into frames.
type tableWriter struct {
	f        *frameWriter
	table    string // begun, "" before the first
	pending  []byte // rows not yet in a frame
	counts   map[string]int64
	rows     int64
	progress Progress
}

// row takes one row of the dump.
func (t *tableWriter) row(table string, columns []string, row []any) error {
	if table != t.table {
		if err := t.close(); err != nil {
			return err
		}
		if _, again := t.counts[table]; again {
			return fault.New(fault.Internal, "backup-table-twice")
		}
		t.table, t.counts[table] = table, 0
		if err := t.f.json(frameTable, tableHead{table, columns}); err != nil {
			return err
		}
	}
	var err error
	if t.pending, err = appendRow(t.pending, row); err != nil {
		return errors.Join(fault.New(fault.Internal, "backup-value"), err)
	}
	t.counts[table]++
	if t.rows++; t.rows%tellEvery == 0 {
		t.progress.tell(t.rows)
	}
	if len(t.pending) < frameUsual {
		return nil
	}
	return t.flush()
}

func (t *tableWriter) flush() error {
	if len(t.pending) == 0 {
		return nil
	}
	err := t.f.frame(frameRows, t.pending)
	t.pending = t.pending[:0]
	return err
}

// close ends the table that was begun.
func (t *tableWriter) close() error {
	if t.table == "" {
		return nil
	}
	if err := t.flush(); err != nil {
		return err
	}
	t.progress.tell(t.rows)
	return t.f.end(t.counts[t.table])
}
