package keys_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// house is a node's keyring and custody over one test database.
type house struct {
	t       *testing.T
	db      *store.DB
	clk     *clock.Fake
	paths   []string
	ring    *keys.Ring
	custody *keys.Custody
}

// each runs body on every engine with a keyring of its own.
func each(t *testing.T, body func(h *house)) {
	t.Helper()
	clk := clock.NewFake(start)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clk.Set(start)
		h := &house{t: t, db: db, clk: clk, paths: places(t)}
		h.ring = create(t, h.paths, keys.PlainFile())
		h.custody = keys.New(h.ring, clk)
		body(h)
	}, storetest.WithClock(clk))
}

// reopen is a restart of the node.
func (h *house) reopen() {
	h.t.Helper()
	h.ring = open(h.t, h.paths, keys.PlainFile())
	h.custody = keys.New(h.ring, h.clk)
}

func (h *house) write(fn func(ctx context.Context, tx *store.Tx) error) error {
	h.t.Helper()
	return h.db.Write(h.t.Context(), func(tx *store.Tx) error { return fn(h.t.Context(), tx) })
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// exec changes rows behind the program's back.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, query, args...)
		if err == nil && n == 0 {
			return errors.New("no row changed")
		}
		return err
	}))
}

// subject creates a subject and returns its sealer.
func (h *house) subject() (ident.Subject, *keys.Sealer) {
	h.t.Helper()
	s := ident.New[ident.Subject]()
	var sealer *keys.Sealer
	h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
		sealer, err = h.custody.Create(ctx, tx, s, "case")
		return err
	}))
	return s, sealer
}

// opener returns the opener of a subject, for ten minutes.
func (h *house) opener(s ident.Subject) (*keys.Opener, error) {
	h.t.Helper()
	var o *keys.Opener
	err := h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
		o, err = h.custody.Opener(h.t.Context(), tx, s, h.clk.Now().Add(10*time.Minute))
		return err
	})
	return o, err
}

func (h *house) mustOpener(s ident.Subject) *keys.Opener {
	h.t.Helper()
	o, err := h.opener(s)
	h.must(err)
	return o
}

type child struct {
	Name sealed.Text `cbor:"1,keyasint"`
	Note sealed.Text `cbor:"2,keyasint"`
}

const table = "person_secret"

var row = []byte("0123456789abcdef")

func (h *house) seal(s *keys.Sealer, version int64, name string) []byte {
	h.t.Helper()
	blob, err := s.Seal(table, row, version, child{Name: sealed.NewText(name)})
	h.must(err)
	return blob
}

const day = 24 * time.Hour

var schedule = keys.Schedule{Use: 30 * day, KeepRetired: 35 * day}

func (h *house) epochs() (out []keys.EpochStatus) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
		out, err = h.custody.Epochs(h.t.Context(), tx)
		return err
	}))
	return out
}

func (h *house) rotate() (id int64) {
	h.t.Helper()
	h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
		id, err = h.custody.RotateEpoch(ctx, tx)
		return err
	}))
	return id
}

func (h *house) rewrap(batch int) (out keys.Rewrapped) {
	h.t.Helper()
	h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = h.custody.Rewrap(ctx, tx, batch)
		return err
	}))
	return out
}

func (h *house) destroy(ev keys.Evidence) (all []keys.EpochStatus, gone []int64) {
	h.t.Helper()
	h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
		all, gone, err = h.custody.DestroyEpochs(ctx, tx, schedule, ev)
		return err
	}))
	return all, gone
}

func (h *house) check() error {
	h.t.Helper()
	return h.db.Read(h.t.Context(), func(tx *store.Tx) error { return h.custody.Check(h.t.Context(), tx) })
}
