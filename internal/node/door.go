package node

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/forms"
	"causeway/internal/web"
)

// handler builds the staff door.
func (n *Node) handler() (http.Handler, error) {
	d, err := n.Door()
	if err != nil {
		return nil, err
	}
	return web.New(d)
}

// Door returns what the staff door stands on.
func (n *Node) Door() (web.Deps, error) {
	deps := web.Deps{
		Office: n.Office, People: n.People, Gate: n.Gate, Cases: n.Cases, Services: n.Services, Pack: n.Pack, Clock: n.Clock, Log: n.Log,
		Zone: n.Pack.Calendar().Zone(), Secure: n.Config.TLS != nil || len(n.Config.Proxy) > 0, Proxy: n.Config.Proxy, Demo: n.Config.Demo,
		Search: n.Ring.Derive("web/search"), Health: healthDesk{n}, Backup: n.backups, Audit: n.audit, Import: importDesk{n.Imports}, Whole: wholeDesk{n},
		Rules: n.Rules, FormEdit: forms.NewEditor(n.Gate, n.Forms.Library()), Workbooks: workbookDesk{n},
		Capture: captureDesk{n}, Referrals: n.Referrals, Circle: n.Circle,
		Oversight: n.Oversight, Exchange: n.Exchange, Match: n.Match, Bundles: bundleDesk{n},
	}
	if desk := n.newSSO(); desk != nil {
		deps.SSO = desk
	}
	return deps, nil
}

// healthDesk shows the node's health on a page.
type healthDesk struct{ n *Node }

// Checks implements web.HealthDesk.
func (d healthDesk) Checks(ctx context.Context) web.HealthReport {
	h := d.n.Health(ctx)
	r := web.HealthReport{State: "good", Version: h.Version, Started: d.n.servedSince(), Jobs: d.n.jobs.rows()}
	add := func(c web.Check, state, advice string) {
		c.State = "good"
		if advice != "" {
			c.State, c.Advice = state, advice
			if state == "act" || r.State == "good" {
				r.State = state
			}
		}
		r.Checks = append(r.Checks, c)
	}
	when := func(bad bool, advice string) string {
		if bad {
			return advice
		}
		return ""
	}
	add(web.Check{Key: "database", Value: engineNames[h.Engine]}, "act", when(slices.Contains(h.Errors, "database"), "database"))
	add(web.Check{Key: "journal", At: h.CheckpointAt}, "act", when(h.JournalLag >= lagAlarm, "journal-behind"))
	state, advice := witnessAdvice(h)
	add(web.Check{Key: "witness"}, state, advice)
	add(web.Check{Key: "keyring", Value: h.KeyringProvider}, "act", when(h.KeyringPlain, "keyring-plain"))
	if h.KeyringNotices > 0 {
		add(web.Check{Key: "keyring"}, "act", "keyring-copy")
	}
	disk := when(h.DiskFree >= 0 && h.DiskFree < diskLow, "disk-low")
	if h.DiskFull {
		disk = "disk-full"
	}
	add(web.Check{Key: "disk", Bytes: h.DiskFree}, "act", disk)
	backup := when(h.BackupLate, "backup-old")
	if h.BackupAt.IsZero() {
		backup = "backup-none"
	}
	add(web.Check{Key: "backup", At: h.BackupAt}, "act", backup)
	h.addPartners(add)
	add(web.Check{Key: "drill", At: h.DrillAt}, "watch", when(h.DrillAt.IsZero(), "drill-due"))
	if d.n.Config.Mail != nil || h.MailUnsent > 0 {
		add(web.Check{Key: "mail"}, "act", when(h.MailUnsent > 0, "mail-unsent"))
	}
	return r
}

// engineNames are proper names: the same in every language.
var engineNames = map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}

// diskLow is the free space below which the operator is told.
const diskLow = 2 << 30

// jobTimes remembers when each housekeeping job ran last, and whether it went
// well.
type jobTimes struct {
	mu   sync.Mutex // guards last
	last map[string]web.Job
}

// shownJobs are the jobs of the health page, by the name they run under.
var shownJobs = []struct{ op, key string }{
	{"index", "search-index"},
	{"tend", "sessions"},
	{"keys", "rewrap"},
	{"backup", "backup"},
	{"mail", "mail"},
	{"matching", "matching"},
	{"pairs", "pairs"},
}

func (j *jobTimes) ran(op string, at time.Time, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.last == nil {
		j.last = map[string]web.Job{}
	}
	state := "good"
	if err != nil {
		state = "act"
	}
	j.last[op] = web.Job{Last: at, State: state}
}

// going tells how much of a long run is done, from 0 to 1.
func (j *jobTimes) going(op string, done float64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.last == nil {
		j.last = map[string]web.Job{}
	}
	job := j.last[op]
	job.State, job.Percent = "good", int(100*done)
	j.last[op] = job
}

func (j *jobTimes) rows() []web.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []web.Job
	for _, s := range shownJobs {
		if job, ok := j.last[s.op]; ok {
			job.Key = s.key
			out = append(out, job)
		}
	}
	return out
}

// servedSince returns since when the node serves.
func (n *Node) servedSince() time.Time {
	if since := n.served.Load(); since != 0 {
		return clock.FromMicros(since)
	}
	return time.Time{}
}
