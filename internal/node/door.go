package node

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"causeway/internal/web"
)

// handler builds the staff door.
func (n *Node) handler() (http.Handler, error) {
	zone := time.UTC
	if n.Config.TimeZone != "" {
		z, err := time.LoadLocation(n.Config.TimeZone)
		if err != nil {
			return nil, err
		}
		zone = z
	}
	return web.New(web.Deps{
		Office: n.Office, People: n.People, Gate: n.Gate, Cases: n.Cases, Pack: n.Pack, Clock: n.Clock, Log: n.Log,
		Zone: zone, Secure: n.Config.TLS != nil || len(n.Config.Proxy) > 0, Proxy: n.Config.Proxy, Demo: n.Config.Demo,
		Search: n.Ring.Derive("web/search"), Health: healthDesk{n}, Audit: n.audit,
	})
}

// healthDesk shows the node's health on a page.
type healthDesk struct{ n *Node }

// Checks implements web.HealthDesk.
func (d healthDesk) Checks(ctx context.Context) web.HealthReport {
	h := d.n.Health(ctx)
	r := web.HealthReport{State: "good", Version: h.Version, Started: d.n.started}
	add := func(key, state, value string) {
		c := web.Check{Key: key, State: state, Value: value}
		if state != "good" {
			c.Advice = key
		}
		r.Checks = append(r.Checks, c)
		if state == "act" || state == "watch" && r.State == "good" {
			r.State = state
		}
	}
	when := func(bad bool, state string) string {
		if bad {
			return state
		}
		return "good"
	}
	add("database", when(contains(h.Errors, "database"), "act"), h.Engine)
	add("journal", when(h.JournalLag >= lagAlarm, "act"), strconv.FormatInt(h.JournalSize, 10))
	add("witness", when(!h.Witnessed, "watch"), "")
	add("keyring", when(h.KeyringPlain, "act"), h.KeyringProvider)
	add("disk", when(h.DiskFull, "act"), strconv.FormatInt(h.DiskFree, 10))
	add("backup", when(h.BackupLate, "act"), stamp(h.BackupAt))
	add("drill", when(h.DrillAt.IsZero(), "watch"), stamp(h.DrillAt))
	return r
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// stamp writes a time for people, "" for never.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04 MST")
}
