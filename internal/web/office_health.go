package web

import (
	"context"
	"net/http"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
)

// BackupDesk makes a backup while the node runs; package node implements it.
type BackupDesk interface {
	// Place reports whether there is a folder for backups.
	Place() bool
	// Last returns the backup that is being made or was made last by Start, nil
	// for none since the node began.
	Last() *BackupRun
	// Start begins a backup, unless one is being made, and returns at once. It asks
	// the gate, and does nothing for a command that was carried out before.
	Start(ctx context.Context, c *access.Caller, cmd ident.Command) error
}

// BackupRun is one backup that somebody asked for.
type BackupRun struct {
	Running bool
	Rows    int // saved so far
	Began   time.Time
	Ended   time.Time
	Bytes   int64  // of the finished file
	Failure string // error code below "error.", "" where it went well
}

// purposeRun is the purpose of keeping the machine running.
const purposeRun = "maintenance"

// health is the operator's page. It never names a child.
func (s *Server) health(v *visit) error {
	if err := s.Gate.Permit(v.r.Context(), v.caller, "health.view", purposeRun); err != nil {
		return err
	}
	view := Health{Frame: v.frame("health"), State: "watch"}
	if s.Health != nil {
		report := s.Health.Checks(v.r.Context())
		view.State, view.Version = report.State, report.Version
		if !report.Started.IsZero() {
			view.Started = report.Started.In(s.Zone)
		}
		for _, c := range report.Checks {
			view.Checks = append(view.Checks, v.check(c))
		}
		for _, j := range report.Jobs {
			if !j.Last.IsZero() {
				j.Last = j.Last.In(s.Zone)
			}
			view.Jobs = append(view.Jobs, j)
		}
	}
	view.Backup = v.backupCard()
	return v.write(http.StatusOK, view)
}

// backupCard is what stands on the page about making a backup now.
func (v *visit) backupCard() *BackupCard {
	if v.s.Backup == nil || !v.s.Gate.May(v.caller, "backup.run") {
		return nil
	}
	card := &BackupCard{Form: Form{Action: "/health/backup"}, Place: v.s.Backup.Place(), Run: v.s.Backup.Last()}
	if card.Run != nil {
		card.Run.Began, card.Run.Ended = card.Run.Began.In(v.s.Zone), card.Run.Ended.In(v.s.Zone)
	}
	return card
}

// A small node is saved in a moment: the answer waits that long for the result.
const (
	backupWithin = 700 * time.Millisecond
	backupLook   = 20 * time.Millisecond
)

// backup begins a backup now.
func (s *Server) backup(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	if s.Backup == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	if err := s.Backup.Start(v.r.Context(), v.caller, cmd); err != nil {
		return err
	}
	wait, stop := context.WithTimeout(v.r.Context(), backupWithin)
	defer stop()
	tick := time.NewTicker(backupLook)
	defer tick.Stop()
	for run := s.Backup.Last(); run != nil && run.Running; run = s.Backup.Last() {
		select {
		case <-tick.C:
		case <-wait.Done():
			return v.redirect("/health", "")
		}
	}
	return v.redirect("/health", "")
}

// check writes the figures of a line in the reader's language.
func (v *visit) check(c Check) Check {
	switch {
	case c.Value != "":
	case !c.At.IsZero():
		c.Value = v.l.DateTime(c.At.In(v.s.Zone))
		if days := -v.today().Until(locale.DayOf(c.At.In(v.s.Zone))); days > 0 {
			c.Value = v.l.Ago(days)
		}
	case c.Bytes > 0:
		c.Value = v.l.Bytes(c.Bytes)
	case c.Count > 0:
		c.Value = v.l.T("health.post", "n", c.Count)
	}
	return c
}
