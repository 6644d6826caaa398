package backup_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"causeway/internal/backup"
	"causeway/internal/fault"
	"causeway/internal/keys"
	"causeway/internal/store"
)

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, b, 0o600))
}

func openRing(t testing.TB, path string) *keys.Ring {
	t.Helper()
	r, err := keys.OpenRing([]string{path}, keys.PlainFile())
	must(t, err)
	t.Cleanup(r.Close)
	return r
}

func TestKitPage(t *testing.T) {
	k, err := backup.NewKit()
	must(t, err)
	page := k.Page(backup.KitFacts{
		Node: nodeName, Fingerprint: "aaaa-bbbb", KeyringPlaces: []string{"/var/lib/causeway/keyring", "/mnt/second/keyring"}, Made: start,
	})
	lines := strings.Split(page, "\n")
	if len(lines) > 60 {
		t.Errorf("the page has %d lines, want it on one sheet", len(lines))
	}
	for _, line := range lines {
		if len(line) > 76 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
	for _, part := range []string{nodeName, "aaaa-bbbb", "/mnt/second/keyring", backup.RecipientShort(k.Recipient()), "restore --check"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %s", part)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, k); got != "[recovery kit]" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

// TestReadIdentities reads what people bring: the page, a file of age, typed
// text with slips that do no harm, and slips that do.
func TestReadIdentities(t *testing.T) {
	k, err := backup.NewKit()
	must(t, err)
	page := k.Page(backup.KitFacts{Node: nodeName})
	i := strings.Index(page, "AGE-SECRET-KEY")
	typed := page[i : i+strings.Index(page[i:], "\n\n")]
	bare := strings.Join(strings.Fields(typed), "")
	old, err := age.GenerateX25519Identity()
	must(t, err)
	for name, test := range map[string]struct {
		text  string
		count int
	}{
		"the page":       {page, 1},
		"typed":          {typed, 1},
		"small letters":  {strings.ToLower(typed), 1},
		"one line":       {bare, 1},
		"a file of age":  {"# created: today\n# public key: age1x\n" + bare + "\n" + old.String() + "\n", 2},
		"Windows":        {strings.ReplaceAll(page, "\n", "\r\n"), 1},
		"two pages":      {page + "\n" + page, 2},
		"nothing":        {"", 0},
		"no identity":    {"what is this", 0},
		"a slip":         {strings.Replace(bare, bare[30:31], map[bool]string{true: "Q", false: "P"}[bare[30] != 'Q'], 1), 0},
		"not to its end": {bare[:len(bare)-5], 0},
	} {
		t.Run(name, func(t *testing.T) {
			ids, err := backup.ReadIdentities(strings.NewReader(test.text))
			if len(ids) != test.count || (test.count == 0) != (err != nil) {
				t.Fatalf("%d identities, %v, want %d", len(ids), err, test.count)
			}
			if err != nil {
				want(t, err, fault.Invalid, "identity")
				if len(bare) > 40 && strings.Contains(err.Error(), bare[20:40]) {
					t.Error("the error shows what it read")
				}
			}
		})
	}
}

// TestBurntDown: kit, sealed keyring copy and backup bring a node back where
// nothing else is left.
func TestBurntDown(t *testing.T) {
	n := onSQLite(t)
	id, c := n.worker("amara")
	case1 := n.register(c)
	sealed := n.write()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var b bytes.Buffer
	made, err := backup.CopyKeyring(&b, n.ring, n.recipients(), n.clk, 35*24*time.Hour)
	must(t, err)
	if made.Node != nodeName || made.Fingerprint != n.ring.Fingerprint() || !made.Made.Equal(start) {
		t.Errorf("copy = %+v", made)
	}
	if bytes.Contains(b.Bytes(), []byte("causeway-keyring")) {
		t.Error("the copy is not sealed")
	}
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a", "keyring"), filepath.Join(dir, "b", "keyring")}
	ids := []age.Identity{n.identity}
	open := func(clk time.Duration, late bool) (*keys.Ring, error) {
		n.clk.Advance(clk)
		r, _, err := backup.RestoreKeyring(bytes.NewReader(b.Bytes()), ids, paths, keys.PlainFile(), n.clk, late)
		return r, err
	}
	_, err = open(36*24*time.Hour, false)
	want(t, err, fault.Expired, "keyring-copy-old")
	ring, err := open(0, true)
	must(t, err)
	defer ring.Close()
	_, err = open(0, true)
	want(t, err, fault.Conflict, "keyring-exists")
	if left := files(t, temp); len(left) != 0 {
		t.Errorf("left = %d files", len(left))
	}
	for _, path := range paths {
		openRing(t, path) // each place by itself
	}

	burnt := *n
	burnt.ring = ring
	to := burnt.target()
	_, err = burnt.restore(sealed, to)
	must(t, err)
	again := burnt.reopen(t, to)
	if name, err := again.name(again.caller(id), case1); err != nil || name != marker {
		t.Errorf("name = %q, %v", name, err)
	}

	stranger := onSQLite(t)
	_, _, err = backup.RestoreKeyring(bytes.NewReader(b.Bytes()), []age.Identity{stranger.identity}, []string{filepath.Join(dir, "c")}, keys.PlainFile(), n.clk, true)
	want(t, err, fault.Denied, "wrong-identity")
	_, _, err = backup.RestoreKeyring(bytes.NewReader(sealed), ids, []string{filepath.Join(dir, "c")}, keys.PlainFile(), n.clk, true)
	want(t, err, fault.Invalid, "keyring-copy-altered")
}

func TestMigrateBacksUpFirst(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		_, c := n.worker("amara")
		n.register(c)
		// The same rows in a database that is not yet as this program wants it.
		cfg := n.target().Store
		if n.db.Engine() == store.Postgres {
			cfg = postgres(t)
		}
		cfg.Clock = n.clk
		db, err := store.Create(ctx, cfg)
		must(t, err)
		r, err := backup.Open(bytes.NewReader(n.write()), n.ring, n.identity)
		must(t, err)
		must(t, db.Load(ctx, r.Next))
		before := byText(rowsOf(t, db))
		must(t, db.Close())

		folder := t.TempDir()
		u := backup.Upgrade{
			Store: cfg, All: all, Folder: folder, Recipients: n.recipients(),
			Source: backup.Source{Ring: n.ring, Node: nodeName, Program: "test", Clock: n.clk},
		}
		if s, ran, err := backup.Migrate(ctx, u); err != nil || len(ran) != 0 || s.Path != "" || len(files(t, folder)) != 0 {
			t.Errorf("nothing pending: %v, %v, %v", s, ran, err)
		}
		u.All = with(t, "0029_journal_later.sql", "-- +goose Up\nALTER TABLE journal_checkpoint ADD COLUMN later BIGINT;\n")
		s, ran, err := backup.Migrate(ctx, u)
		must(t, err)
		if len(ran) != 1 || ran[0].Name != "0029_journal_later.sql" {
			t.Errorf("ran = %v", ran)
		}
		b, err := os.ReadFile(s.Path)
		must(t, err)
		r, err = backup.Open(bytes.NewReader(b), n.ring, n.identity)
		must(t, err)
		rows, err := read(r)
		must(t, err)
		if diff := cmp.Diff(byText(rows), before); diff != "" {
			t.Errorf("the backup (-) is not what there was (+):\n%s", diff)
		}
		if pending, err := store.Pending(ctx, migrated(cfg, u)); err != nil || len(pending) != 0 {
			t.Errorf("pending = %v, %v", pending, err)
		}

		// A backup that fails stops the migration.
		u.All = with(t, "0028_journal_other.sql", "-- +goose Up\nALTER TABLE journal_head ADD COLUMN other BIGINT;\n")
		u.All = withAlso(t, u.All, "0029_journal_later.sql", "-- +goose Up\nALTER TABLE journal_checkpoint ADD COLUMN later BIGINT;\n")
		u.Recipients = nil
		if _, _, err := backup.Migrate(ctx, u); fault.KindOf(err) != fault.Invalid {
			t.Errorf("got %v, want the backup's refusal", err)
		}
		if pending, err := store.Pending(ctx, migrated(cfg, u)); err != nil || len(pending) != 1 {
			t.Errorf("pending = %v, %v, want it still pending", pending, err)
		}
	})
}

func migrated(cfg store.Config, u backup.Upgrade) store.Config {
	cfg.Migrations = u.All
	return cfg
}
