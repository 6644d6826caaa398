package node

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"causeway/internal/backup"
	"causeway/internal/keys"
	"causeway/internal/store"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Health is how the node is. It names no person and no case.
type Health struct {
	Node        string
	Version     string
	Engine      string
	Fingerprint string // of the keyring, for people to compare
	At          time.Time

	DatabaseBytes int64
	DiskFree      int64 // -1: not known
	DiskFull      bool

	JournalSize    int64
	JournalWaiting int64
	JournalLag     time.Duration
	CheckpointAt   time.Time // zero: none yet

	Policy             bool          // a policy asks for cosignatures
	Witnessed          bool          // others vouch for the journal as the policy asks
	Settled            int64         // entries that are settled
	Unsettled          time.Duration // age of the oldest checkpoint that is not settled
	WitnessSilent      int           // witnesses that do not cosign
	WitnessContradicts int           // witnesses that know another history of this journal
	LogsRefused        int           // what others signed and this node refused to cosign, in the last 30 days

	KeyringProvider string
	KeyringPlain    bool
	KeyringNotices  int // a copy is missing, was repaired, or differs
	Epochs          []keys.EpochStatus

	BackupAt   time.Time // newest verified backup, zero: never
	BackupLate bool
	DrillAt    time.Time // last successful restore drill, zero: never

	Exchange []PartnerKeys // of this node and its partners, where it has any
	Outbox   OutboxHealth

	MailUnsent int // people to whom word by e-mail could not be sent

	Errors []string // codes of what could not be asked
}

// Well reports whether nothing asks for the operator's attention at once.
func (h *Health) Well() bool {
	return len(h.Errors) == 0 && !h.DiskFull && h.JournalLag < lagAlarm
}

// lagAlarm is how old a waiting journal entry may be before the node is unwell.
const lagAlarm = 30 * time.Second

// Health asks every part how it is. It never fails: what cannot answer is named.
func (n *Node) Health(ctx context.Context) *Health {
	h := &Health{
		Node: n.Config.Name, Version: Version(), Engine: string(n.DB.Engine()), Fingerprint: n.Ring.Fingerprint(),
		At: n.Clock.Now(), DiskFree: n.disk.free.Load(), DiskFull: n.disk.full.Load(),
		KeyringProvider: n.Config.Keyring.Provider, KeyringPlain: n.Config.Keyring.Provider == "plain",
		KeyringNotices: len(n.Ring.Notices()), DrillAt: n.fileTime(drillFile),
	}
	ask := func(code string, err error) {
		if err != nil {
			h.Errors = append(h.Errors, code)
			n.Log.ErrorContext(ctx, "health", slog.String("op", code), slog.Any("err", err))
		}
	}
	var err error
	h.DatabaseBytes, err = n.DB.Size(ctx)
	ask("database", err)
	h.JournalSize, err = n.Journal.Size(ctx)
	ask("journal", err)
	h.JournalWaiting, h.JournalLag, err = n.Journal.Lag(ctx)
	ask("journal-lag", err)
	_, h.CheckpointAt, err = n.Journal.LastCheckpoint(ctx)
	ask("checkpoint", err)
	ask("witness", n.witnessHealth(ctx, h))
	ask("keys", n.DB.Read(ctx, func(tx *store.Tx) (err error) {
		h.Epochs, err = n.Custody.Epochs(ctx, tx)
		return err
	}))
	h.BackupAt, err = n.newestBackup()
	ask("backup-folder", err)
	h.Exchange, err = n.partnerKeys(ctx)
	ask("exchange", err)
	ask("outbox", n.peersHealth(ctx, h))
	h.MailUnsent, err = n.Office.Unsent(ctx)
	ask("mail", err)
	h.BackupLate = !n.Config.Demo && h.At.Sub(h.BackupAt) > backupAlarm
	return h
}

// backupAlarm is how old the newest backup may be before the operator is told.
const backupAlarm = 26 * time.Hour

// newestBackup returns when the newest verified backup of this node was made.
func (n *Node) newestBackup() (time.Time, error) {
	var newest time.Time
	if n.Config.Backup.Folder == "" {
		return newest, nil
	}
	found, err := backup.List(n.Config.Backup.Folder, n.Config.Name)
	for _, f := range found {
		if f.Made.After(newest) {
			newest = f.Made
		}
	}
	return newest, err
}

// fileTime returns when a marker file of the node's directory was written.
func (n *Node) fileTime(name string) time.Time {
	s, err := os.Stat(filepath.Join(n.Dir, name))
	if err != nil {
		return time.Time{}
	}
	return s.ModTime().UTC()
}

// metricsHandler serves health and figures for machines, on a listener of its
// own. No label carries a person, a case or an address.
func (n *Node) metricsHandler() http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, value func(*Health) float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "causeway_" + name, Help: help}, func() float64 {
			return value(n.recentHealth())
		}))
	}
	gauge("journal_entries", "Entries that have their place in the tree.", func(h *Health) float64 { return float64(h.JournalSize) })
	gauge("journal_waiting", "Entries that wait for their place.", func(h *Health) float64 { return float64(h.JournalWaiting) })
	gauge("journal_lag_seconds", "Age of the oldest entry that waits.", func(h *Health) float64 { return h.JournalLag.Seconds() })
	gauge("journal_checkpoint_age_seconds", "Age of the newest signed checkpoint.", func(h *Health) float64 { return ageOf(h, h.CheckpointAt) })
	witnessGauges(gauge)
	gauge("exchange_keys_days", "Days until keys towards partners must be renewed by the recovery page, 999 where there are none.", func(h *Health) float64 {
		return h.ownKeysDays()
	})
	gauge("exchange_partner_keys_days", "Days until the keys of the partner that is first to run out end, 999 where there are none.", func(h *Health) float64 {
		return h.partnerKeysDays()
	})
	peerGauges(gauge, n.peers, reg)
	gauge("database_bytes", "Size of the database.", func(h *Health) float64 { return float64(h.DatabaseBytes) })
	gauge("disk_free_bytes", "Space left on the node's disk.", func(h *Health) float64 { return float64(h.DiskFree) })
	gauge("disk_full", "1 while new work is refused for lack of space.", func(h *Health) float64 { return flag(h.DiskFull) })
	gauge("keyring_plain", "1 when the keyring lies on the disk in the clear.", func(h *Health) float64 { return flag(h.KeyringPlain) })
	gauge("backup_age_seconds", "Age of the newest verified backup, -1 for none.", func(h *Health) float64 { return ageOf(h, h.BackupAt) })
	gauge("mail_unsent", "People to whom word by e-mail could not be sent for a day, in the last week.", func(h *Health) float64 { return float64(h.MailUnsent) })
	gauge("restore_drill_age_seconds", "Age of the last successful drill, -1 for none.", func(h *Health) float64 { return ageOf(h, h.DrillAt) })

	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if h := n.Health(r.Context()); !h.Well() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// recentHealth asks at most once a second, however many gauges are read.
func (n *Node) recentHealth() *Health {
	n.recentMu.Lock()
	defer n.recentMu.Unlock()
	if n.recent == nil || n.Clock.Now().Sub(n.recent.At) > time.Second {
		n.recent = n.Health(context.Background())
	}
	return n.recent
}

func ageOf(h *Health, t time.Time) float64 {
	if t.IsZero() {
		return -1
	}
	return h.At.Sub(t).Seconds()
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
