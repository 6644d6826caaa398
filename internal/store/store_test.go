package store_test

import (
	"context"
	"testing"
	"testing/fstest"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// tables are the conformance suite's own.
var tables = storetest.WithMigrations(fstest.MapFS{
	"0001_store_lease.sql": {Data: []byte(leaseSQL)},
	"0002_test_tables.sql": {Data: []byte(`-- +goose Up
CREATE TABLE test_unit (
    id     BYTEA NOT NULL PRIMARY KEY,
    parent BYTEA REFERENCES test_unit (id),
    name   TEXT  NOT NULL UNIQUE CHECK (name <> '')
);
CREATE TABLE test_row (
    id      BIGINT  NOT NULL PRIMARY KEY,
    unit    BYTEA   REFERENCES test_unit (id),
    label   TEXT    NOT NULL DEFAULT 'a;b -- $1 BIGINT',
    open    BOOLEAN NOT NULL DEFAULT TRUE,
    sealed  BYTEA,
    version BIGINT  NOT NULL DEFAULT 1
); -- clustered
CREATE INDEX test_row_label ON test_row (label, id);
`)},
})

const leaseSQL = `-- +goose Up
CREATE TABLE store_lease (name TEXT NOT NULL PRIMARY KEY, holder BYTEA NOT NULL, held_until BIGINT NOT NULL);
`

func TestWriteIsReadBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		if err := db.Write(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, `INSERT INTO test_row (id, open, sealed) VALUES ($3, $1, $2)`, false, []byte{0, 1}, 7)
			if err == nil && n != 1 {
				t.Errorf("affected %d, want 1", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(ctx, func(tx *store.Tx) error {
			var label string
			var open bool
			var sealed []byte
			if err := tx.QueryRow(ctx, `SELECT label, open, sealed FROM test_row WHERE id = $1`, 7).Scan(&label, &open, &sealed); err != nil {
				return err
			}
			if label != "a;b -- $1 BIGINT" || open || string(sealed) != "\x00\x01" {
				t.Errorf("got %q %v %x", label, open, sealed)
			}
			err := tx.QueryRow(ctx, `SELECT label FROM test_row WHERE id = $1`, 8).Scan(&label)
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("no row: %v", err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}, tables)
}
