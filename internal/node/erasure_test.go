package node_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"filippo.io/age"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/node"
	"causeway/internal/oversight"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

var ctx = context.Background()

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// What of the invented child is looked for.
const (
	childName  = "Ilara Markerova"
	childPaper = "XA-55 901 337"
	childWords = "The house with the blue marker door."
)

// keptTables refer to a case and are kept when it is erased, each for a reason. What is
// there are random identifiers, from which nothing leads to a child.
var keptTables = map[string]string{
	"journal_entry":      "the journal is evidence: its headers name random identifiers, its payloads are empty",
	"journal_pending":    "as journal_entry",
	"journal_subject":    "the journal is evidence",
	"journal_chain":      "the journal is evidence",
	"casework_tombstone": "says that the case was erased, for the restrictions file",
	"casework_erased":    "says who tells the child until when a backup may hold it",
	"match_table":        "how many children are in a table, and no child",
	"staff_subject":      "who staff are where they sign in elsewhere: about no child",
	"access_command":     "a form that is sent again must not make the case anew; goes with the housekeeping",
}

// unlisted returns the tables that can name a case and stand neither in the erasure
// list nor among those that are kept.
func unlisted(tables []store.Table, listed []string) []string {
	var out []string
	for _, t := range tables {
		if _, kept := keptTables[t.Name]; kept || slices.Contains(listed, t.Name) {
			continue
		}
		for _, c := range t.Columns {
			name := c.Name
			if name == "case_id" || name == "subject" || name == "meant_for" || strings.HasSuffix(name, "_case") || strings.HasPrefix(name, "case_") ||
				strings.Contains(name, "subject") || strings.Contains(name, "child") {
				out = append(out, t.Name+"."+name)
			}
		}
	}
	return out
}

// TestEveryTableOfACaseIsErased reads all migrations of all rooms.
func TestEveryTableOfACaseIsErased(t *testing.T) {
	tables, err := storetest.New(t).Tables()
	if err != nil {
		t.Fatal(err)
	}
	listed := node.ErasedTables()
	if missing := unlisted(tables, listed); len(missing) > 0 {
		t.Errorf("these refer to a case and stand in no erasure list: %v", missing)
	}
	for _, name := range listed {
		if !slices.ContainsFunc(tables, func(t store.Table) bool { return t.Name == name }) {
			t.Errorf("the erasure list names %s, and there is no such table", name)
		}
	}
}

// TestAPlantedTableIsFound: the test above fails for a table that nobody erases.
func TestAPlantedTableIsFound(t *testing.T) {
	for column, planted := range map[string]string{
		"case_id":    "CREATE TABLE casework_planted (id BYTEA NOT NULL PRIMARY KEY, case_id BYTEA NOT NULL, sealed BYTEA);",
		"subject":    "CREATE TABLE person_planted (id BYTEA NOT NULL PRIMARY KEY, subject BYTEA NOT NULL);",
		"other_case": "CREATE TABLE intake_planted (id BYTEA NOT NULL PRIMARY KEY, other_case BYTEA);",
	} {
		all := fstest.MapFS{}
		err := fs.WalkDir(store.Migrations(), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(store.Migrations(), path)
			all[path] = &fstest.MapFile{Data: b}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		all["9999_casework_planted.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + planted + "\n")}
		tables, err := storetest.New(t, storetest.WithMigrations(all)).Tables()
		if err != nil {
			t.Fatal(err)
		}
		if missing := unlisted(tables, node.ErasedTables()); len(missing) != 1 || !strings.HasSuffix(missing[0], "_planted."+column) {
			t.Errorf("planted with %s: found %v, want the planted table", column, missing)
		}
	}
}

// house is a node with its people.
type house struct {
	*node.Node
	clk                   *clock.Fake
	unit                  ident.Unit
	worker, boss, auditor ident.Staff
}

// engines runs body with a configuration of each engine at hand.
func engines(t *testing.T, body func(t *testing.T, db node.Database)) {
	t.Run("sqlite", func(t *testing.T) { body(t, node.Database{Engine: store.SQLite}) })
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv("CAUSEWAY_TEST_POSTGRES")
		if dsn == "" {
			t.Skip("CAUSEWAY_TEST_POSTGRES is not set")
		}
		body(t, node.Database{Engine: store.Postgres, DSN: dsn, Schema: storetest.SchemaName(t)})
	})
}

func (h *house) as(who ident.Staff, role string) *access.Caller {
	return h.Gate.Person(access.Signed{
		Staff: who, Role: role, Unit: h.unit, Session: ident.New[ident.Session](), Strength: "passkey",
		FreshAt: h.Clock.Now(), FreshFor: time.Minute,
	}, "web", "inside")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err, fault.FieldsOf(err))
	}
}

func command() ident.Command { return ident.New[ident.Command]() }

// fill registers the child and leaves something of it in as many tables as it can.
func (h *house) fill(t testing.TB) ident.Case {
	t.Helper()
	worker, rooms := h.as(h.worker, access.RoleCaseWorker), h.Cases
	id, err := rooms.Register(ctx, worker, command(), casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText(childName), Kind: "known_as", Script: "Latn"}},
			SexRecorded: "female", Languages: []string{"en"},
			Identifiers: []person.Identifier{{Kind: "other", Value: sealed.NewText(childPaper)}},
		},
		Risk: "low", Basis: "vital_interest",
	})
	must(t, err)
	must(t, rooms.AddNote(ctx, worker, command(), id, casework.Note{Kind: "conversation", Words: sealed.NewText(childWords)}))
	must(t, rooms.AddNeed(ctx, worker, command(), id, casework.NewNeed{Service: h.Pack.Codes("service")[0], Words: sealed.NewText(childWords)}))
	must(t, rooms.Withhold(ctx, worker, command(), id, ident.New[ident.Staff](), sealed.NewText("kin")))
	must(t, rooms.AddDocument(ctx, worker, command(), id, document.Brief{Name: sealed.NewText("voice.wav"), What: "other"},
		strings.NewReader("RIFF\x00\x00\x00\x00WAVEfmt "+childWords+strings.Repeat(" more", 99))))
	child, err := rooms.Open(ctx, worker, id)
	must(t, err)
	_, err = h.Oversight.File(ctx, worker, command(), oversight.Filing{
		Target: oversight.Target{About: oversight.AboutSystem}, Matter: "slow_help", By: "child", How: "phone", Language: "en", Safe: "safe",
		Number: child.Case.Number.String(), Words: sealed.NewText(childWords),
	})
	must(t, err)
	return id
}

// traces returns the tables in which something of a case is found in clear: one of some
// texts, or one of some identifiers as bytes or as people write them.
func traces(t testing.TB, db *store.DB, texts []string, ids ...[16]byte) []string {
	t.Helper()
	var needles [][]byte
	for _, text := range texts {
		needles = append(needles, []byte(text))
	}
	for _, id := range ids {
		needles = append(needles, id[:], []byte(ident.Case(id).String()))
	}
	tables, err := db.Tables()
	must(t, err)
	var out []string
	for _, table := range tables {
		var names []string
		for _, c := range table.Columns {
			names = append(names, c.Name)
		}
		must(t, db.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+table.Name)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				cells := make([]any, len(names))
				into := make([]any, len(names))
				for i := range cells {
					into[i] = &cells[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				for _, cell := range cells {
					b, ok := cell.([]byte)
					if !ok {
						b = fmt.Append(nil, cell)
					}
					if slices.ContainsFunc(needles, func(n []byte) bool { return bytes.Contains(b, n) }) && !slices.Contains(out, table.Name) {
						out = append(out, table.Name)
					}
				}
			}
			return rows.Err()
		}))
	}
	return out
}

// gone fails unless nothing of the child is left in an open node.
func (h *house) gone(t *testing.T, when string, id ident.Case, who ident.Person, number string) {
	t.Helper()
	for _, table := range traces(t, h.DB, []string{childName, childPaper, childWords, number}, [16]byte(id), [16]byte(who)) {
		if _, kept := keptTables[table]; !kept {
			t.Errorf("%s: table %s still yields the child", when, table)
		}
	}
	var facts int
	must(t, h.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT (SELECT COUNT(*) FROM facts_fact) + (SELECT COUNT(*) FROM person_search)").Scan(&facts)
	}))
	if facts != 0 {
		t.Errorf("%s: %d facts and search rows are left", when, facts)
	}
	worker, boss := h.as(h.worker, access.RoleCaseWorker), h.as(h.boss, access.RoleSupervisor)
	for name, c := range map[string]*access.Caller{"the worker": worker, "the supervisor": boss} {
		if _, err := h.Cases.Open(ctx, c, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %s opens the case: %v", when, name, err)
		}
		if page, err := h.Cases.List(ctx, c, casework.Query{}); err != nil || len(page.Rows) != 0 {
			t.Errorf("%s: %s lists %+v, %v", when, name, page, err)
		}
		for _, asked := range []string{childPaper, number} {
			if found, _, err := h.Cases.Search(ctx, c, sealed.NewText(asked)); err != nil || len(found) != 0 {
				t.Errorf("%s: %s finds %d, %v", when, name, len(found), err)
			}
		}
	}
	must(t, filepath.WalkDir(h.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, text := range []string{childName, childPaper, childWords} {
			if bytes.Contains(b, []byte(text)) {
				t.Errorf("%s: the file %s holds the child", when, filepath.Base(path))
			}
		}
		return err
	}))
	h.sound(t, when)
}

// sound fails unless the journal verifies, and every row fits its entry.
func (h *house) sound(t *testing.T, when string) {
	t.Helper()
	_, err := h.Journal.Sequence(ctx)
	must(t, err)
	_, err = h.Journal.Checkpoint(ctx)
	must(t, err)
	report, err := h.VerifyJournal(ctx, nil)
	must(t, err)
	if len(report.Findings) > 0 || report.Erased != 1 {
		t.Errorf("%s: verified %d erased, findings %+v", when, report.Erased, report.Findings)
	}
	rows, err := h.Reconcile(ctx, nil)
	must(t, err)
	if rows.Wrong != 0 {
		t.Errorf("%s: reconciled with %d wrong: %+v", when, rows.Wrong, rows.Findings)
	}
}

func open(t *testing.T, n *node.Node, before *house, clk *clock.Fake) *house {
	t.Helper()
	dir, err := n.Office.Directory(ctx)
	must(t, err)
	h := &house{Node: n, clk: clk, unit: dir.Units()[0].ID}
	if before != nil {
		h.worker, h.boss, h.auditor = before.worker, before.boss, before.auditor
	} else {
		h.worker, h.boss, h.auditor = ident.New[ident.Staff](), ident.New[ident.Staff](), ident.New[ident.Staff]()
	}
	return h
}

// TestNothingYieldsAnErasedChild erases a child and looks everywhere; then it restores
// every older backup, on each engine, with the keyring that opens them, and looks again.
func TestNothingYieldsAnErasedChild(t *testing.T) {
	engines(t, func(t *testing.T, db node.Database) {
		root, clk := t.TempDir(), clock.NewFake(start)
		recovery, err := age.GenerateX25519Identity()
		must(t, err)
		n, err := node.Create(ctx, filepath.Join(root, "node"), node.Config{
			Name: "XA-erases", Origin: "http://localhost:8080", Listen: "127.0.0.1:8080", Pack: "demo", Demo: true, Database: db,
			Keyring: node.Keyring{Provider: "plain", Paths: []string{"keyring", "keyring.copy"}},
			Backup:  node.Backup{Folder: filepath.Join(root, "backups"), Recipients: []string{recovery.Recipient().String()}},
		}, "Child Protection of Azora", "Harbour Town", node.Options{Clock: clk})
		must(t, err)
		h := open(t, n, nil, clk)
		var backups []string
		save := func() {
			t.Helper()
			_, err := h.Journal.Sequence(ctx)
			must(t, err)
			clk.Advance(24 * time.Hour)
			saved, err := h.Backup(ctx, nil)
			must(t, err)
			backups = append(backups, saved.Path)
		}
		id := h.fill(t)
		child, err := h.Cases.Open(ctx, h.as(h.worker, access.RoleCaseWorker), id)
		must(t, err)
		who, number := child.Case.Person, child.Case.Number.String()
		save()
		must(t, h.Cases.Close(ctx, h.as(h.worker, access.RoleCaseWorker), command(), id, casework.Closing{Decision: casework.Decision{To: "error"}}))
		save()
		must(t, h.Cases.AskErasure(ctx, h.as(h.worker, access.RoleCaseWorker), command(), id, casework.Wish{Ground: "error", By: "child", Why: sealed.NewText(childWords)}))
		page, err := h.Cases.Keeping(ctx, h.as(h.boss, access.RoleSupervisor), id)
		must(t, err)
		wish := page.Erasures[0].ID
		must(t, h.Cases.AgreeErasure(ctx, h.as(h.boss, access.RoleSupervisor), command(), id, wish, sealed.Text{}))
		save()
		if before := traces(t, h.DB, nil, [16]byte(id)); len(before) < 12 {
			t.Fatalf("the search finds the case only in %v", before)
		}
		must(t, h.Cases.ConfirmErasure(ctx, h.as(h.auditor, access.RoleAuditor), command(), id, wish))
		h.gone(t, "after erasure", id, who, number)
		must(t, h.Close())

		n, err = node.Open(ctx, filepath.Join(root, "node"), node.Options{Clock: clk})
		must(t, err)
		h = open(t, n, h, clk)
		h.gone(t, "after a new start", id, who, number)
		must(t, h.Close())
		for i, path := range backups {
			engines(t, func(t *testing.T, to node.Database) {
				dir := t.TempDir()
				restored, err := node.Restore(ctx, func() (io.ReadCloser, error) { return os.Open(path) }, node.RestoreOptions{
					Options: node.Options{Clock: clk}, Dir: dir, Identities: []age.Identity{recovery}, Keyring: filepath.Join(h.Dir, "keyring"),
					KeyringOpens: keys.PlainFile(), Provider: "plain", Postgres: to.DSN, Schema: to.Schema, Restrictions: filepath.Join(h.Dir, "restrictions"),
				})
				must(t, err)
				if restored.Replayed.Destroyed != 1 {
					t.Errorf("replayed %+v, want one child destroyed again", restored.Replayed)
				}
				n, err := node.Open(ctx, dir, node.Options{Clock: clk})
				must(t, err)
				r := open(t, n, h, clk)
				r.gone(t, fmt.Sprintf("after restoring backup %d", i+1), id, who, number)
				must(t, r.Close())
			})
		}
	})
}
