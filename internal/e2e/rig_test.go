package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"causeway/internal/demo"
	"causeway/internal/fixture"
	"causeway/internal/node"
	"causeway/internal/store"
)

var update = flag.Bool("update", false, "write the golden answers anew")

// children is how many invented children the node has: enough for a second page
// of a supervisor's list, few enough to be made in seconds.
const children = 160

// site is the one node of all tests.
var site struct {
	base   string // http://localhost:PORT
	node   *node.Node
	world  *fixture.World
	logins []demo.Login
	log    journalOfLog
}

// journalOfLog keeps everything the node logged.
type journalOfLog struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *journalOfLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *journalOfLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := around(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// around makes the node, runs the tests, stops the node and reads its log.
func around(tests func() int) (int, error) {
	dir, err := os.MkdirTemp("", "causeway-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ln, err := node.ListenFor("127.0.0.1:0")
	if err != nil {
		return 1, err
	}
	if err := open(ctx, filepath.Join(dir, "node"), ln); err != nil {
		return 1, errors.Join(err, ln.Close())
	}
	served := make(chan error, 1)
	ready := make(chan struct{})
	go func() { served <- site.node.ServeOn(ctx, ln, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-served:
		return 1, fmt.Errorf("serve: %w", err)
	case <-time.After(time.Minute):
		return 1, errors.New("the node is not ready after a minute")
	}
	code := tests()
	closeChromium()
	stop()
	if err := <-served; err != nil {
		return 1, fmt.Errorf("stop: %w", err)
	}
	return code, judgeLog(site.log.text())
}

// open makes the demo, closes it and opens it again with a log that is kept.
func open(ctx context.Context, dir string, ln net.Listener) error {
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return err
	}
	site.base = "http://localhost:" + port
	site.world = fixture.New(demo.Seed, time.Now())
	made, logins, err := demo.Make(ctx, dir, site.base, ln.Addr().String(), children, nil)
	if err != nil {
		return fmt.Errorf("make the demo: %w", err)
	}
	if err := made.Close(); err != nil {
		return fmt.Errorf("close the demo: %w", err)
	}
	site.logins = logins
	log := slog.New(slog.NewJSONHandler(&site.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	site.node, err = node.Open(ctx, dir, node.Options{Log: log})
	if err != nil {
		return fmt.Errorf("open the demo: %w", err)
	}
	recovery, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	site.node.Config.Backup = node.Backup{Folder: dir + "-backups", Recipients: []string{recovery.Recipient().String()}}
	return nil
}

// login returns who signs in for a role, writing a language.
func login(t testing.TB, role, language string) demo.Login {
	t.Helper()
	units := map[string]string{}
	for _, u := range site.world.Units() {
		units[u.Name] = u.Language
	}
	for _, l := range site.logins {
		if l.Role == role && units[l.Unit] == language {
			return l
		}
	}
	t.Fatalf("the demo has no %s who writes %s", role, language)
	return demo.Login{}
}

// The people of the tests.
func worker(t testing.TB) demo.Login       { return login(t, "case_worker", "en") }
func arabicWorker(t testing.TB) demo.Login { return login(t, "case_worker", "ar") }
func frenchWorker(t testing.TB) demo.Login { return login(t, "case_worker", "fr") }
func supervisor(t testing.TB) demo.Login   { return login(t, "supervisor", "en") }
func auditor(t testing.TB) demo.Login      { return login(t, "auditor", "en") }
func operator(t testing.TB) demo.Login     { return login(t, "node_operator", "en") }

// counted are the tables whose growth shows what a request left behind.
var counted = []string{
	"casework_case", "casework_event", "person_person", "person_search", "casework_view", "staff_account", "staff_invitation",
	"intake_import",
}

// rows counts what is stored, and how often the journal was written.
func rows(t testing.TB) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := site.node.DB.Read(context.Background(), func(tx *store.Tx) error {
		count := func(name, query string) error {
			var n int
			if err := tx.QueryRow(context.Background(), query).Scan(&n); err != nil {
				return err
			}
			out[name] += n
			return nil
		}
		for _, table := range counted {
			if err := count(table, "SELECT COUNT(*) FROM "+table); err != nil {
				return err
			}
		}
		if err := count("journal", "SELECT COUNT(*) FROM journal_pending"); err != nil {
			return err
		}
		return count("journal", "SELECT COUNT(*) FROM journal_entry")
	})
	if err != nil {
		t.Fatalf("count rows: %v", err)
	}
	return out
}

// grown returns what was added between two counts, without the zeros.
func grown(before, after map[string]int) map[string]int {
	out := map[string]int{}
	for name, n := range after {
		if n != before[name] {
			out[name] = n - before[name]
		}
	}
	return out
}

var (
	markersMu sync.Mutex // guards markers
	markers   []string
)

// marked notes a text that must not appear in the node's log.
func marked(text string) string {
	markersMu.Lock()
	defer markersMu.Unlock()
	markers = append(markers, text)
	return text
}

// judgeLog returns an error when the log holds a marker, a password or the name
// of anybody in the demo.
func judgeLog(log string) error {
	forbidden := append([]string{}, markers...)
	for _, l := range site.logins {
		forbidden = append(forbidden, l.Name, l.Password)
	}
	for _, s := range site.world.Staff(18) {
		forbidden = append(forbidden, s.Name, s.SignIn)
	}
	for c := range site.world.Children(children) {
		for _, n := range c.Names {
			forbidden = append(forbidden, n.Text)
		}
		for _, i := range c.Identifiers {
			forbidden = append(forbidden, i.Value)
		}
	}
	for _, text := range forbidden {
		if len(text) < 4 {
			continue
		}
		for line := range strings.Lines(log) {
			if strings.Contains(line, text) {
				return fmt.Errorf("the log holds %q: %s", text, line)
			}
		}
	}
	return nil
}
