package keys_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

func TestWrappedKeyBelongsToItsSubject(t *testing.T) {
	each(t, func(h *house) {
		a, _ := h.subject()
		b, _ := h.subject()
		kept := map[string][]byte{}
		h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) error {
			var wrapped, commitment []byte
			err := tx.QueryRow(h.t.Context(), `SELECT wrapped, commitment FROM keys_subject WHERE subject = $1`, b).Scan(&wrapped, &commitment)
			kept["wrapped"], kept["commitment"] = wrapped, commitment
			return err
		}))
		for name, change := range map[string]func(){
			"key of another subject": func() {
				h.exec(`UPDATE keys_subject SET wrapped = $1, commitment = $2 WHERE subject = $3`, kept["wrapped"], kept["commitment"], a)
			},
			"other commitment": func() {
				h.exec(`UPDATE keys_subject SET commitment = $1 WHERE subject = $2`, make([]byte, 32), a)
			},
			"other kind": func() { h.exec(`UPDATE keys_subject SET kind = 'thread' WHERE subject = $1`, a) },
			"cut":        func() { h.exec(`UPDATE keys_subject SET wrapped = $1 WHERE subject = $2`, []byte{1}, a) },
		} {
			h.exec(`DELETE FROM keys_subject WHERE subject = $1`, a)
			h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := h.custody.Create(ctx, tx, a, "case")
				return err
			}))
			h.mustOpener(a)
			change()
			_, err := h.opener(a)
			mustCode(h.t, name, err, fault.Unavailable, "key-altered")
		}
		h.exec(`UPDATE keys_subject SET epoch = 7 WHERE subject = $1`, b)
		_, err := h.opener(b)
		mustCode(h.t, "unknown epoch", err, fault.Unavailable, "key-unknown")
	})
}

func TestCreateIsOncePerSubject(t *testing.T) {
	each(t, func(h *house) {
		s, _ := h.subject()
		again := func(s ident.Subject, kind string) error {
			return h.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := h.custody.Create(ctx, tx, s, kind)
				return err
			})
		}
		mustCode(h.t, "second key", again(s, "case"), fault.Conflict, "exists")
		mustCode(h.t, "no subject", again(ident.Subject{}, "case"), fault.Invalid, "subject")
		mustCode(h.t, "no kind", again(ident.New[ident.Subject](), ""), fault.Invalid, "subject")
	})
}

func TestCreateIsUndoneWithItsTransaction(t *testing.T) {
	each(t, func(h *house) {
		s := ident.New[ident.Subject]()
		stop := errors.New("stop")
		err := h.write(func(ctx context.Context, tx *store.Tx) error {
			if _, err := h.custody.Create(ctx, tx, s, "case"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			h.t.Fatal(err)
		}
		if _, err := h.opener(s); !fault.Is(err, fault.NotFound) {
			h.t.Errorf("opener of an undone subject: %v, want not found", err)
		}
		h.subject() // the first epoch row was undone too; the next creation writes it
		if got := h.epochs(); len(got) != 1 || got[0].Epoch != 1 {
			h.t.Errorf("epochs = %+v, want the first", got)
		}
	})
}

func TestDestroySubject(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		other, _ := h.subject()
		blob := h.seal(sealer, 1, "Amina")
		var wrapped, digest []byte
		h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
			if err := tx.QueryRow(ctx, `SELECT wrapped FROM keys_subject WHERE subject = $1`, s).Scan(&wrapped); err != nil {
				return err
			}
			digest, err = h.custody.Destroy(ctx, tx, s)
			return err
		}))
		if want := sha256.Sum256(wrapped); !bytes.Equal(digest, want[:]) {
			h.t.Errorf("digest %x, want that of the wrapped key", digest)
		}
		_, err := h.opener(s)
		if !fault.Is(err, fault.NotFound) {
			h.t.Errorf("opener after destruction: %v, want not found", err)
		}
		again := h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := h.custody.Destroy(ctx, tx, s)
			return err
		})
		if !fault.Is(again, fault.NotFound) {
			h.t.Errorf("destroyed twice: %v, want not found", again)
		}
		h.mustOpener(other)
		// A new key for the same subject does not open what was erased.
		h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := h.custody.Create(ctx, tx, s, "case")
			return err
		}))
		mustCode(h.t, "old blob, new key", h.mustOpener(s).Open(table, row, 1, blob, &child{}), fault.Unavailable, "record-altered")
	})
}

func TestOpenersOfAList(t *testing.T) {
	each(t, func(h *house) {
		var subjects []ident.Subject
		blobs := map[ident.Subject][]byte{}
		for range keys.SubjectsAtOnce + 7 {
			s, sealer := h.subject()
			subjects = append(subjects, s)
			blobs[s] = h.seal(sealer, 1, s.String())
		}
		damaged, unknown := subjects[3], ident.New[ident.Subject]()
		h.exec(`UPDATE keys_subject SET wrapped = $1 WHERE subject = $2`, []byte("nonsense"), damaged)
		var got map[ident.Subject]*keys.Opener
		openers := func(list []ident.Subject) {
			h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
				got, err = h.custody.Openers(h.t.Context(), tx, list, start.Add(time.Minute))
				return err
			}))
		}
		openers(append(subjects, unknown))
		if len(got) != len(subjects) || got[unknown] != nil {
			h.t.Errorf("%d openers, want %d and none for the unknown subject", len(got), len(subjects))
		}
		for _, s := range subjects {
			var c child
			err := got[s].Open(table, row, 1, blobs[s], &c)
			if s == damaged {
				mustCode(h.t, "damaged key", err, fault.Unavailable, "key-altered")
				continue
			}
			if err != nil || c.Name.Reveal() != s.String() {
				h.t.Errorf("subject of the list: %v", err)
			}
		}
		openers(nil)
		if len(got) != 0 {
			h.t.Errorf("%d openers for an empty list", len(got))
		}
	})
}
