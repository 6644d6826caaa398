package node

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/deadline"
	"causeway/internal/document"
	"causeway/internal/forms"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/match"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/internal/web"
)

// auditDesk is the journal as the auditor's page asks for it.
type auditDesk struct {
	n *Node

	mu   sync.Mutex // guards last
	last *web.Verified
	busy sync.WaitGroup
}

// Status implements web.AuditDesk.
func (d *auditDesk) Status(ctx context.Context) (web.AuditStatus, error) {
	n := d.n
	var s web.AuditStatus
	var err error
	if s.Size, err = n.Journal.Size(ctx); err != nil {
		return s, err
	}
	if s.Waiting, s.Lag, err = n.Journal.Lag(ctx); err != nil {
		return s, err
	}
	signed, at, err := n.Journal.LastCheckpoint(ctx)
	if err != nil {
		return s, err
	}
	s.Checkpoint = at
	if lines := strings.SplitN(signed, "\n", 4); len(lines) == 4 {
		s.Root = shortRoot(lines[2])
	}
	if err := d.witnesses(ctx, &s); err != nil {
		return s, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil {
		last := *d.last
		s.Verified = &last
	}
	return s, nil
}

// witnesses adds who vouches for the journal, and the logs for which this node does.
func (d *auditDesk) witnesses(ctx context.Context, s *web.AuditStatus) error {
	settled, err := d.n.Journal.Settlement(ctx)
	if err != nil {
		return err
	}
	s.Witnesses, s.Settled = settled.By, settled.Size
	if settled.Asks {
		s.Unsettled = s.Size - settled.Size
	}
	logs, err := journal.WitnessedLogs(ctx, d.n.DB)
	if err != nil {
		return err
	}
	refused, err := journal.Refusals(ctx, d.n.DB)
	if err != nil {
		return err
	}
	for _, l := range logs {
		shown := web.WitnessedLog{Name: l.Node, Size: int(l.Size), At: l.CosignedAt, Waits: l.Relearning}
		for _, r := range l.Restores {
			shown.Restores = append(shown.Restores, web.WitnessedRestore{At: r.At, Lost: int(r.Lost), Cause: r.Cause})
		}
		for _, r := range refused {
			if r.Node == l.Node {
				shown.Refused++
			}
		}
		s.Logs = append(s.Logs, shown)
	}
	return nil
}

// shortRoot returns the first characters of a root, for people to compare.
func shortRoot(b64 string) string {
	b, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || len(b) < 8 {
		return ""
	}
	return base64.StdEncoding.EncodeToString(b[:9])
}

// Verify implements web.AuditDesk.
func (d *auditDesk) Verify(ctx context.Context, c *access.Caller) error {
	if err := d.n.Gate.Permit(ctx, c, "journal.verify", "audit"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil && d.last.Running {
		return nil
	}
	d.last = &web.Verified{At: d.n.Clock.Now(), Running: true}
	d.busy.Add(1)
	go d.verify()
	return nil
}

// verify checks the whole journal; its owner is [auditDesk.close].
func (d *auditDesk) verify() {
	defer d.busy.Done()
	ctx := d.n.life
	done := &web.Verified{At: d.n.Clock.Now()}
	report, err := d.n.VerifyJournal(ctx, nil)
	switch {
	case err != nil:
		done.Code = "journal-unreadable"
		d.n.Log.ErrorContext(ctx, "verify journal", slog.Any("err", err))
	case report.Exit != journal.Sound:
		done.Entries, done.Code = int(report.Size), "journal-altered"
		if f := report.First(); f != nil {
			done.Bad = int(f.Index)
		}
	default:
		done.Entries, done.OK = int(report.Size), true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = done
}

// Export implements web.AuditDesk.
func (d *auditDesk) Export(ctx context.Context, c *access.Caller, w io.Writer) error {
	if err := d.n.Gate.Permit(ctx, c, "journal.export", "audit"); err != nil {
		return err
	}
	return d.n.ExportJournal(ctx, w)
}

// VerifyJournal checks the node's own journal against its keys and its anchor.
func (n *Node) VerifyJournal(ctx context.Context, progress func(done, of int64)) (*journal.Report, error) {
	return verify(ctx, n.Dir, n.Config.Name, n.Ring, n.DB, n.Clock.Now(), progress)
}

// Verify checks the journal of the node in dir without opening the node: also
// one that refuses to start. It writes nothing.
func Verify(ctx context.Context, dir string, o Options, progress func(done, of int64)) (*journal.Report, error) {
	o.fill()
	c, sc, ring, err := closed(dir, o)
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	db, err := store.Open(ctx, sc)
	if err != nil {
		return nil, err
	}
	report, err := verify(ctx, dir, c.Name, ring, db, o.Clock.Now(), progress)
	return report, errors.Join(err, db.Close())
}

// verifyGarbage is how much the heap may grow, in per cent of what is in use,
// while a log is verified: its memory is constant, and shall be small.
const verifyGarbage = 30

func verify(ctx context.Context, dir, name string, ring *keys.Ring, db *store.DB, now time.Time, progress func(done, of int64)) (*journal.Report, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(verifyGarbage))
	// One key of a node counts for every epoch of its log.
	public, err := ring.VerifierKeys("causeway/" + name + "/1")
	if err != nil {
		return nil, err
	}
	o := journal.Options{Keys: public, Now: now}
	if o.Policy, err = readPolicy(dir, name, ring); err != nil {
		return nil, err
	}
	o.Anchors, err = journal.ReadAnchors(filepath.Join(dir, anchorFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return journal.Verify(ctx, journal.FromDatabase(db), o, progress)
}

// ExportJournal writes the keyless pack.
func (n *Node) ExportJournal(ctx context.Context, w io.Writer) error {
	err := n.DB.Write(ctx, func(tx *store.Tx) error { return n.record(ctx, tx, journal.Export, "journal.export", "") })
	if err != nil {
		return err
	}
	public, err := n.Ring.VerifierKeys(n.Journal.Origin())
	if err != nil {
		return err
	}
	return journal.WritePack(ctx, n.DB, w, journal.PackOptions{Node: n.Config.Name, Keys: public, Now: n.Clock.Now().Truncate(time.Second)})
}

// Reconcile compares every record row with the journal. It is the work of the
// named job "reconcile": it opens no record, but it uses every subject's key to
// check digests, and the journal says so first.
func (n *Node) Reconcile(ctx context.Context, progress func(subjects int64)) (*journal.Reconciliation, error) {
	var r *journal.Reconciliation
	act := access.Act{Action: "job.reconcile", Purpose: "audit"}
	err := n.Gate.Work(ctx, n.Gate.Job("reconcile"), act, func(p *access.Pass) (err error) {
		r, err = journal.Reconcile(ctx, p.Tx(), journal.ReconcileOptions{
			Keys: n.Custody, Clock: n.Clock, Progress: progress,
			Rooms: []journal.Rows{casework.Reconciled{}, document.Reconciled{}, deadline.Reconciled{}, forms.Reconciled{}, consent.Reconciled{}, referral.Reconciled{}, access.Reconciled{}, referral.ReconciledCircle{}, match.Reconciled{}},
		})
		return err
	})
	return r, err
}
