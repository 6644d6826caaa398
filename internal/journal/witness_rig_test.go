package journal_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// another returns a fresh database of the same engine.
func another(t testing.TB, db *store.DB, clk *clock.Fake) *store.DB {
	t.Helper()
	if db.Engine() == store.Postgres {
		return storetest.NewPostgres(t, storetest.WithClock(clk))
	}
	return storetest.New(t, storetest.WithClock(clk))
}

// seat is a node that witnesses, behind HTTP.
type seat struct {
	name string
	key  *witness.Signer
	db   *store.DB
	w    *journal.Witness
	logs knownLogs
	clk  *clock.Fake
	url  string
	down bool
}

// knownLogs are the logs that a seat witnesses.
type knownLogs map[string]journal.LogKeys

// Log implements journal.Logs.
func (k knownLogs) Log(_ context.Context, node string) (journal.LogKeys, error) { return k[node], nil }

// public returns the key by which the rig's log signs.
func (r *rig) public(t testing.TB) ed25519.PublicKey {
	t.Helper()
	b, err := witness.Decode64(strings.SplitN(r.keys(t)[0], "+", 3)[2]) // base64 may hold a plus
	if err != nil {
		t.Fatal(err)
	}
	return b[1:]
}

// seat opens a witness of the rig's log, on a database of its own.
func (r *rig) seat(t testing.TB, name string, n byte) *seat {
	t.Helper()
	key, err := witness.NewSigner("causeway/"+name+"/witness", bytesOfSeed(n))
	if err != nil {
		t.Fatal(err)
	}
	s := &seat{name: name, key: key, clk: r.clk, db: another(t, r.db, r.clk)}
	s.logs = knownLogs{nodeName: {Keys: []ed25519.PublicKey{r.public(t)}, Since: r.clk.Now()}}
	s.open(t)
	return s
}

func bytesOfSeed(n byte) []byte { return []byte(strings.Repeat(string(rune('a'+n)), 32)) }

// open starts the witness as a start of its node does.
func (s *seat) open(t testing.TB) {
	t.Helper()
	s.w = journal.NewWitness(s.db, s.clk, s.key, s.logs, nil)
	h := http.StripPrefix("/cx/1/witness", witness.Handler(s.w, func(_ context.Context, err error) { t.Errorf("witness %s: %v", s.name, err) }))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if s.down {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		h.ServeHTTP(w, q)
	}))
	t.Cleanup(srv.Close)
	s.url = srv.URL + "/cx/1/witness"
}

func (s *seat) client() *witness.Client { return &witness.Client{URL: s.url} }

// post sends a request and returns status and body.
func (s *seat) post(t testing.TB, r *witness.Request) (int, string) {
	t.Helper()
	res, err := http.Post(s.url+"/add-checkpoint", "text/plain", strings.NewReader(string(r.Bytes())))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// refusals returns the kinds of evidence that the witness keeps.
func (s *seat) refusals(t testing.TB) string {
	t.Helper()
	all, err := s.w.Refusals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, r := range all {
		kinds = append(kinds, r.Kind)
		if _, err := witness.ParseRequest([]byte(r.Body)); err != nil || r.Node != nodeName {
			t.Errorf("evidence of %s is not what came: %v", r.Node, err)
		}
	}
	return strings.Join(kinds, " ")
}

// knows returns the size that the witness cosigned last, 0 for none.
func (s *seat) knows(t testing.TB) int64 {
	t.Helper()
	logs, err := s.w.Logs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(logs) == 0 {
		return 0
	}
	return logs[0].Size
}

// asks gives the rig a policy of these witnesses; rule is "all", "any" or a number.
func (r *rig) asks(t testing.TB, rule string, seats ...*seat) *witness.Policy {
	t.Helper()
	text := ""
	var names []string
	for _, s := range seats {
		text += fmt.Sprintf("witness %s %s %s\n", s.name, s.key.Verifier, s.url)
		names = append(names, s.name)
	}
	text += fmt.Sprintf("group q %s %s\nquorum q\n", rule, strings.Join(names, " "))
	p, err := witness.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	r.j.AskWitnesses(p, func(m witness.Member) witness.Service { return &witness.Client{URL: m.URL} })
	return p
}

// cosign runs a round and returns where the log stands.
func (r *rig) cosign(t testing.TB) *journal.Settlement {
	t.Helper()
	if err := r.j.Cosign(ctx); err != nil {
		t.Fatal(err)
	}
	s, err := r.j.Settlement(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// grow writes entries and signs.
func (r *rig) grow(t testing.TB, n int) string {
	t.Helper()
	r.fill(t, n)
	r.clk.Advance(time.Minute)
	return r.checkpoint(t)
}

// twin is a log with the same name and key, on a database of its own that holds the same
// rows as r does now: what r becomes when it is put back, or lies to somebody.
func (r *rig) twin(t testing.TB) *rig {
	t.Helper()
	sc := storetest.SQLite(t, storetest.WithClock(r.clk))
	sc.Path = filepath.Join(t.TempDir(), "twin.db") // rows go into an empty database
	db, err := store.Create(ctx, sc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	type row struct {
		table   string
		columns []string
		row     []any
	}
	var rows []row
	if err := r.db.Dump(ctx, func(name string, columns []string, values []any) error {
		if strings.HasPrefix(name, "journal_") {
			rows = append(rows, row{name, append([]string(nil), columns...), append([]any(nil), values...)})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Load(ctx, func() (string, []string, []any, error) {
		if len(rows) == 0 {
			return "", nil, nil, io.EOF
		}
		next := rows[0]
		rows = rows[1:]
		return next.table, next.columns, next.row, nil
	}); err != nil {
		t.Fatal(err)
	}
	other := &rig{db: db, clk: r.clk, ring: r.ring, anchor: filepath.Join(t.TempDir(), "anchor")}
	other.j = other.open(t)
	return other
}

// request asks for a cosignature of the log's newest checkpoint.
func (r *rig) request(t testing.TB, old int64) *witness.Request {
	t.Helper()
	signed := r.checkpoint(t)
	c, err := journal.ParseCheckpoint(witness.NoteText(signed))
	if err != nil {
		t.Fatal(err)
	}
	q := &witness.Request{Old: old, Note: signed}
	if old > 0 && old < c.Size {
		if q.Proof, err = r.j.Consistency(ctx, old, c.Size); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

// signAs returns a note signed by the log's key under a name.
func (r *rig) signAs(t testing.TB, name, text string) string {
	t.Helper()
	s, err := r.ring.Signer(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// problem returns what is wrong with a witness.
func problem(s *journal.Settlement, name string) string {
	for _, w := range s.Witnesses {
		if w.Name == name {
			return w.Problem
		}
	}
	return "no such witness"
}

// refusalOf returns how a witness refused.
func refusalOf(err error) witness.Refusal {
	var no *witness.Refusal
	if errors.As(err, &no) {
		return *no
	}
	return witness.Refusal{}
}

// treeHash is one hash of a proof.
type treeHash = tlog.Hash

// rootAt returns the root that the rig's log had at a size it signed.
func rootAt(t testing.TB, r *rig, size int64) treeHash {
	t.Helper()
	c, err := journal.ParseCheckpoint(witness.NoteText(r.checkpoint(t)))
	if err != nil || c.Size != size {
		t.Fatalf("checkpoint of %d, %v", c.Size, err)
	}
	return c.Root
}
