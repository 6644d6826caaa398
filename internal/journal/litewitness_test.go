//go:build litewitness

// A witness that others wrote cosigns ours. Its program is not among what the tests fetch:
// build it, then run go test -tags litewitness with CAUSEWAY_TEST_LITEWITNESS=PROGRAM.

package journal_test

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"causeway/internal/journal"
	"causeway/protocol/witness"

	_ "github.com/ncruces/go-sqlite3/driver" // litewitness keeps its list of logs in SQLite
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// serveAgent answers as an ssh-agent that holds one key, where litewitness looks for its own.
func serveAgent(t *testing.T, path string, key ed25519.PrivateKey) {
	t.Helper()
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: &key}); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, c) }()
		}
	}()
}

// startLitewitness runs the program until the returned function is called.
func startLitewitness(t *testing.T, program, dir, address string, key ssh.PublicKey) (stop func()) {
	t.Helper()
	cmd := exec.Command(program, "-name", "lite.example/w", "-db", filepath.Join(dir, "lite.db"), "-ssh-agent", filepath.Join(dir, "agent"),
		"-listen", address, "-key", ssh.FingerprintSHA256(key))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	return func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// TestLitewitness has a witness that others wrote, torchwood's litewitness, cosign our
// journal over HTTP, and refuse what does not grow. CAUSEWAY_TEST_LITEWITNESS is the
// program: go install filippo.io/torchwood/cmd/litewitness@v0.6.1.
func TestLitewitness(t *testing.T) {
	program := os.Getenv("CAUSEWAY_TEST_LITEWITNESS")
	if program == "" {
		t.Fatal("CAUSEWAY_TEST_LITEWITNESS names no litewitness")
	}
	r := onSQLite(t)
	r.clk.Set(time.Now()) // the other program has the machine's clock
	dir := t.TempDir()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	sshKey, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	serveAgent(t, filepath.Join(dir, "agent"), private)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	_ = ln.Close()
	startLitewitness(t, program, dir, address, sshKey)() // makes its tables
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "lite.db"))
	if err != nil {
		t.Fatal(err)
	}
	empty := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, add := range [][]any{
		{`INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)`, r.j.Origin(), empty},
		{`INSERT INTO key (origin, key) VALUES (?, ?)`, r.j.Origin(), r.keys(t)[0]},
	} {
		if _, err := db.Exec(add[0].(string), add[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	defer startLitewitness(t, program, dir, address, sshKey)()

	v, err := witness.NewVerifier("lite.example/w", public)
	if err != nil {
		t.Fatal(err)
	}
	p, err := witness.ParsePolicy("witness lite " + v.String() + " http://" + address + "\nquorum lite\n")
	if err != nil {
		t.Fatal(err)
	}
	reach := func(m witness.Member) witness.Service { return &witness.Client{URL: m.URL} }
	r.j.AskWitnesses(p, reach)
	for _, n := range []int{10, 1, 300} {
		r.fill(t, n)
		r.clk.Set(time.Now())
		r.checkpoint(t)
		if s := r.cosign(t); s.Size != s.Signed || problem(s, "lite") != "" {
			t.Fatalf("grown by %d: %+v", n, s)
		}
	}
	want(t, r.verifySource(t, packOf(t, r), p), journal.Sound, "")
	lie := r.twin(t)
	r.fill(t, 5)
	lie.fill(t, 9)
	r.clk.Set(time.Now())
	r.checkpoint(t)
	lie.checkpoint(t)
	if s := r.cosign(t); s.Size != 316 {
		t.Errorf("the true log: %+v", s)
	}
	lie.j.AskWitnesses(p, reach)
	if s := lie.cosign(t); problem(s, "lite") != journal.ProblemFork || s.Size != 311 {
		t.Errorf("the fork: %+v", s)
	}
}
