package exchange_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/clock"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// childVariable tells a process of this test that it is to be killed.
const childVariable = "CAUSEWAY_EXCHANGE_CHILD"

// site is where a node lies.
type site struct {
	Engine  store.Engine
	Path    string
	FileKey []byte
	DSN     string
	Schema  string
	Dir     string // keyring and anchor
	Node    identity.NodeID
}

// doom is what a process is told: the two nodes, and at which operation of their
// databases it is killed.
type doom struct {
	A, B site
	Kill int
}

func siteOf(cfg store.Config, dir string, node identity.NodeID) site {
	return site{cfg.Engine, cfg.Path, cfg.FileKey, cfg.DSN, cfg.Schema, dir, node}
}

// open opens the node. fault is asked at every operation.
func (s site) open(t *testing.T, fault func(string) error) *end {
	t.Helper()
	clk := clock.NewFake(time.Now().UTC())
	db, err := store.Open(ctx, store.Config{
		Engine: s.Engine, Path: s.Path, FileKey: s.FileKey, DSN: s.DSN, Schema: s.Schema, Writers: 4, Clock: clk, Fault: fault,
	})
	ok(t, err)
	t.Cleanup(func() { _ = db.Close() })
	o := &accesstest.Office{DB: db, Clock: clk, Head: ident.New[ident.Unit](), Agency: ident.New[ident.Agency]()}
	ring := []string{filepath.Join(s.Dir, "keyring")}
	if _, err := os.Stat(ring[0]); err != nil {
		o.Ring, err = keys.CreateRing(ring, keys.PlainFile(), clk, "XA-crash")
		ok(t, err)
	} else {
		o.Ring, err = keys.OpenRing(ring, keys.PlainFile())
		ok(t, err)
	}
	t.Cleanup(o.Ring.Close)
	o.Custody = keys.New(o.Ring, clk)
	ok(t, db.Write(ctx, func(tx *store.Tx) error { _, err := o.Custody.CurrentEpoch(ctx, tx); return err }))
	o.Journal, err = journal.Open(ctx, db, clk, o.Ring, journal.Config{Node: "XA-crash", Anchor: filepath.Join(s.Dir, "anchor")})
	ok(t, err)
	o.Pack, err = pack.Demo()
	ok(t, err)
	policies, err := access.ParsePolicies(o.Pack.Version(), o.Pack.Policies(), o.Pack.Purposes())
	ok(t, err)
	o.Gate, err = access.NewGate(db, clk, o.Journal, o.Custody, policies, o)
	ok(t, err)
	return &end{Office: o, t: t}
}

// again opens a node that was set up before, as a start does.
func (s site) again(t *testing.T, fault func(string) error) *end {
	t.Helper()
	e := s.open(t, fault)
	e.country = &country{t: t, node: s.Node, log: "XA-crash"}
	e.room = e.open(s.Node)
	ok(t, e.room.Start(ctx))
	return e
}

// TestCrashChild is the process that is killed: it exchanges until then.
func TestCrashChild(t *testing.T) {
	told := os.Getenv(childVariable)
	if told == "" {
		return // this is no process of TestCrashes
	}
	var d doom
	ok(t, json.Unmarshal([]byte(told), &d))
	left := d.Kill
	step := make(chan struct{}, 1) // guards left: readers ask too
	step <- struct{}{}
	fault := func(string) error {
		<-step
		defer func() { step <- struct{}{} }()
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
	a, b := d.A.again(t, fault), d.B.again(t, fault)
	for {
		thread := cx.NewThread()
		fmt.Printf("said %s\n", a.says(b, thread, cx.ReferralOffer))
		fmt.Printf("said %s\n", a.says(b, thread, cx.Info))
		talk(t, a, b)
	}
}

// talk carries both ways until nothing moves, and prints every receipt.
func talk(t *testing.T, a, b *end) {
	t.Helper()
	for moved := true; moved; {
		moved = false
		for _, p := range [][2]*end{{a, b}, {b, a}} {
			from, to := p[0], p[1]
			from.signsLog()
			from.meets(to)
			to.meets(from)
			parcels, bodies := from.hand(to)
			var answers []exchange.Answered
			for i, b := range to.room.ReceiveAll(ctx, from.country.node, bodies) {
				ok(t, b.Err)
				fmt.Printf("receipt %s %s\n", parcels[i].ID, cx.DigestOf(b.Answer))
				answers = append(answers, exchange.Answered{ID: parcels[i].ID, Answer: b.Answer})
				moved = true
			}
			ok(t, from.room.AnsweredAll(ctx, to.country.node, answers))
			_, err := to.room.Work(ctx)
			ok(t, err)
		}
	}
}

// kill runs a process that is killed at an operation, and returns what it printed.
func kill(t *testing.T, d doom) []string {
	t.Helper()
	told, err := json.Marshal(d)
	ok(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+string(told))
	out, err := cmd.Output()
	if status, is := cmd.ProcessState.Sys().(syscall.WaitStatus); err == nil || !is || !status.Signaled() {
		t.Fatalf("the process was not killed: %v\n%s", err, out)
	}
	var lines []string
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}

// TestCrashes kills two nodes with kill -9 at one operation of their databases after
// another, while they send, store, open and answer. What was said is neither lost nor
// done twice, and an envelope has one receipt for ever.
func TestCrashes(t *testing.T) {
	kills := 100 // on each engine
	if testing.Short() {
		kills = 10
	}
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		a := siteOf(cfg, t.TempDir(), "xa.dcs")
		b := siteOf(storetest.SQLite(t), t.TempDir(), "xb.moi")
		pairSites(t, a, b)
		said, receipts := map[string]bool{}, map[string]string{}
		note := func(lines []string) {
			for _, line := range lines {
				switch w := strings.Fields(line); {
				case len(w) == 2 && w[0] == "said":
					said[w[1]] = true
				case len(w) == 3 && w[0] == "receipt":
					if before := receipts[w[1]]; before != "" && before != w[2] {
						t.Errorf("message %s has two receipts", w[1])
					}
					receipts[w[1]] = w[2]
				}
			}
		}
		for n := range kills {
			note(kill(t, doom{a, b, 1 + n*7%311}))
		}
		look(t, a, b, said)
	})
}

// pairSites sets up two nodes and pairs them.
func pairSites(t *testing.T, a, b site) {
	t.Helper()
	var both [2]*end
	for i, s := range []site{a, b} {
		e := s.open(t, nil)
		e.room = e.open(s.Node)
		r, _ := keys.NewRecovery()
		e.country = &country{t: t, node: s.Node, ring: e.Ring, recovery: r, log: "XA-crash"}
		e.schedule = e.country.sits(e.Clock.Now())
		card := e.country.card(e.Clock.Now(), e.schedule)
		ok(t, e.room.KeepSelf(ctx, e.Gate.Job("peer-shell"), command(), exchange.Signed{Schedule: e.schedule, Card: card}))
		ok(t, e.room.Start(ctx))
		both[i] = e
	}
	both[0].knows(both[1])
	both[1].knows(both[0])
	for _, e := range both {
		ok(t, e.DB.Close())
	}
}

// look lets the two come to rest and counts.
func look(t *testing.T, a, b site, said map[string]bool) {
	t.Helper()
	x, y := a.again(t, nil), b.again(t, nil)
	x.Clock.Advance(2 * time.Hour) // past every wait
	y.Clock.Advance(2 * time.Hour)
	talk(t, x, y)
	if len(said) == 0 {
		t.Fatal("nothing was said")
	}
	for id := range said {
		if n := count(t, x, "SELECT COUNT(*) FROM exchange_item WHERE side = 'ours' AND id = $1", id); n != 1 {
			t.Errorf("message %s has %d places", id, n)
		}
		if n := count(t, y, "SELECT COUNT(*) FROM exchange_inbox WHERE state = 'opened' AND id = $1", id); n != 1 {
			t.Errorf("message %s was acted on %d times", id, n)
		}
		want := int64(0)
		if count(t, x, "SELECT COUNT(*) FROM exchange_item WHERE side = 'ours' AND ask AND id = $1", id) > 0 {
			want = 1
		}
		if n := count(t, y, "SELECT COUNT(*) FROM exchange_item WHERE side = 'ours' AND answers = $1", id); n != want {
			t.Errorf("message %s has %d answers, want %d", id, n, want)
		}
	}
	for name, e := range map[string]*end{"the first": x, "the second": y} {
		if n := count(t, e, "SELECT COUNT(*) FROM exchange_item WHERE side = 'ours' AND NOT done"); n != 0 {
			t.Errorf("%d messages of %s never arrived", n, name)
		}
		if n := count(t, e, "SELECT COUNT(*) FROM exchange_frozen"); n != 0 {
			t.Errorf("%d threads of %s were stopped", n, name)
		}
	}
	if x.Ring.ExchangeEpoch() != 1 || y.Ring.ExchangeEpoch() != 1 {
		t.Errorf("epochs %d and %d, want none entered", x.Ring.ExchangeEpoch(), y.Ring.ExchangeEpoch())
	}
}

// count runs a query about one message, or about all.
func count(t *testing.T, e *end, query string, ids ...string) (n int64) {
	t.Helper()
	var args []any
	for _, text := range ids {
		id, err := cx.ParseID(text)
		ok(t, err)
		args = append(args, id[:])
	}
	ok(t, e.DB.Read(context.Background(), func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }))
	return n
}
