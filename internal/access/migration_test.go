package access_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestRelationsMigrationKeepsRows: a database from before the relations receiver
// and circle keeps every row as it was, and takes the new ones.
func TestRelationsMigrationKeepsRows(t *testing.T) {
	const file, ten = "0041_access_relations.sql", 10
	before := fstest.MapFS{}
	names, err := fs.Glob(store.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(store.Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		if name != file {
			before[name] = &fstest.MapFile{Data: text}
		}
	}
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		id, mac := ident.New[ident.Case](), bytes.Repeat([]byte{7}, 32)
		insert := func(tx *store.Tx, relation string, n byte) error {
			_, err := tx.Exec(ctx, `INSERT INTO access_reach (case_id, holder, relation, from_at, until_at, id, version, row_mac)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, bytes.Repeat([]byte{n}, 16), relation, int64(n), int64(n)+1, []byte{n}, int64(n)+2, mac)
			return err
		}
		open := func(cfg store.Config, fn func(tx *store.Tx) error) {
			t.Helper()
			db, err := store.Open(ctx, cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.Write(ctx, fn); err != nil {
				t.Fatal(err)
			}
			if err := db.Integrity(ctx); err != nil {
				t.Error(err)
			}
		}
		open(cfg, func(tx *store.Tx) error {
			for n := range byte(ten) {
				if err := insert(tx, []string{"lead", "helper", "unit", "withheld"}[n%4], n); err != nil {
					return err
				}
			}
			return nil
		})
		cfg.Migrations = store.Migrations()
		if err := store.Migrate(ctx, cfg); err != nil {
			t.Fatal(err)
		}
		open(cfg, func(tx *store.Tx) error {
			if err := insert(tx, access.RelationReceiver, ten); err != nil {
				return err
			}
			return insert(tx, access.RelationCircle, ten+1)
		})
		open(cfg, func(tx *store.Tx) error {
			var n, sum int64
			err := tx.QueryRow(ctx, `SELECT COUNT(*), CAST(SUM(from_at + until_at + version) AS BIGINT) FROM access_reach WHERE case_id = $1 AND row_mac = $2`, id, mac).Scan(&n, &sum)
			if want := int64(3*(ten+2)*(ten+1)/2 + 3*(ten+2)); n != ten+2 || sum != want {
				t.Errorf("%d rows, sum %d; want %d and %d", n, sum, ten+2, want)
			}
			return err
		})
	}, func(c *store.Config) { c.Migrations = before })
}

// TestReachIsReadFromItsIndex: what a list starts from, and what is withheld from
// its reader, is answered by the index alone.
func TestReachIsReadFromItsIndex(t *testing.T) {
	db := storetest.New(t)
	for name, q := range map[string]string{
		"reached":  access.ReachedCases(1),
		"withheld": `SELECT c.id FROM casework_case c WHERE ` + access.NotWithheld(1),
	} {
		var plan strings.Builder
		err := db.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(ctx, "EXPLAIN QUERY PLAN "+q, make([]any, access.HolderSlots+1)...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var a, b, c int64
				var line string
				if err := rows.Scan(&a, &b, &c, &line); err != nil {
					return err
				}
				plan.WriteString(line + "\n")
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan.String(), "COVERING INDEX access_reach_holder") {
			t.Errorf("%s:\n%s", name, plan.String())
		}
	}
}
