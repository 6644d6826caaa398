package node

import (
	"context"
	"log/slog"
	"sync"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/web"
)

// backupDesk makes backups when a node operator asks for one on the health page.
type backupDesk struct {
	n *Node

	mu   sync.Mutex // guards last
	last *web.BackupRun
	busy sync.WaitGroup
}

// Place implements web.BackupDesk.
func (d *backupDesk) Place() bool { return d.n.Config.Backup.Folder != "" }

// Last implements web.BackupDesk.
func (d *backupDesk) Last() *web.BackupRun {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil {
		return nil
	}
	last := *d.last
	return &last
}

// Start implements web.BackupDesk. The decision and its entry come first; the
// backup has an entry of its own when it is finished.
func (d *backupDesk) Start(ctx context.Context, c *access.Caller, cmd ident.Command) error {
	if !d.Place() {
		return fault.New(fault.Invalid, "backup-no-place")
	}
	mine := ident.New[ident.Command]().String() // kept as the command's result
	act := access.Act{Action: "backup.run", Purpose: "maintenance", Command: cmd}
	kept, err := d.n.Gate.Do(ctx, c, act, func(*access.Pass) (string, error) { return mine, nil })
	if err != nil || kept != mine { // refused, or the form was carried out before
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil && d.last.Running {
		return nil
	}
	d.last = &web.BackupRun{Running: true, Began: d.n.Clock.Now()}
	d.busy.Add(1)
	go d.run()
	return nil
}

// run makes the backup. [Node.Close] ends it and waits for it.
func (d *backupDesk) run() {
	defer d.busy.Done()
	ctx := d.n.life
	saved, err := d.n.Backup(ctx, func(rows int64) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.last.Rows = int(rows)
	})
	d.n.jobs.ran("backup", d.n.Clock.Now(), err)
	if err != nil {
		d.n.Log.ErrorContext(ctx, "backup", slog.String("kind", fault.KindOf(err).String()), slog.String("code", fault.CodeOf(err)), slog.Any("err", err))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Running, d.last.Ended = false, d.n.Clock.Now()
	d.last.Rows, d.last.Bytes = int(saved.Manifest.Rows), saved.Bytes
	if err != nil {
		if d.last.Failure = fault.CodeOf(err); d.last.Failure == "" || fault.Is(err, fault.Internal) {
			d.last.Failure = "backup-failed"
		}
	}
}
