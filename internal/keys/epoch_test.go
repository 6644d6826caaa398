package keys_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

func TestRewrapInBatches(t *testing.T) {
	each(t, func(h *house) {
		blobs := map[ident.Subject][]byte{}
		var damaged ident.Subject
		for range 25 {
			s, sealer := h.subject()
			blobs[s] = h.seal(sealer, 1, s.String())
			damaged = s
		}
		h.exec(`UPDATE keys_subject SET commitment = $1 WHERE subject = $2`, make([]byte, 32), damaged)
		h.rotate()
		h.rotate() // a rotation whose rewrapping never ran
		done, rounds := 0, 0
		for more := true; more; rounds++ {
			got := h.rewrap(10)
			done += got.Done
			more = got.More
			if got.Done > 10 {
				h.t.Errorf("a batch of %d, want at most 10", got.Done)
			}
			if !more && (len(got.Damaged) != 1 || got.Damaged[0] != damaged) {
				h.t.Errorf("damaged %v, want the one", got.Damaged)
			}
		}
		if done != 24 || rounds != 3 {
			h.t.Errorf("%d keys in %d rounds, want 24 in 3", done, rounds)
		}
		h.reopen()
		for s, blob := range blobs {
			if s == damaged {
				continue
			}
			var c child
			if err := h.mustOpener(s).Open(table, row, 1, blob, &c); err != nil || c.Name.Reveal() != s.String() {
				h.t.Fatalf("after rewrapping: %v", err)
			}
		}
	})
}

// TestRotationThatFails: the ring already has the new key when the transaction
// is undone. Nothing is lost, and the next rotation uses that key.
func TestRotationThatFails(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		blob := h.seal(sealer, 1, "Amina")
		stop := errors.New("stop")
		err := h.write(func(ctx context.Context, tx *store.Tx) error {
			if _, err := h.custody.RotateEpoch(ctx, tx); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			h.t.Fatal(err)
		}
		if got := h.epochs(); len(got) != 1 || !got[0].Retired.IsZero() {
			h.t.Errorf("epochs = %+v, want the first in use", got)
		}
		h.subject()
		if id := h.rotate(); id != 2 || len(h.ring.Epochs()) != 2 {
			h.t.Errorf("epoch %d of %d in the ring, want 2 of 2", id, len(h.ring.Epochs()))
		}
		h.must(h.mustOpener(s).Open(table, row, 1, blob, &child{}))
		h.must(h.check())
	})
}

// TestRotationCutShortByACrash: after a restart nobody knows about the key that
// the ring has and the database has not. It is retired with the others.
func TestRotationCutShortByACrash(t *testing.T) {
	each(t, func(h *house) {
		h.subject()
		_ = h.write(func(ctx context.Context, tx *store.Tx) error { // undone on purpose
			if _, err := h.custody.RotateEpoch(ctx, tx); err != nil {
				h.t.Error(err)
			}
			return errors.New("crash")
		})
		h.reopen()
		h.must(h.check())
		s, _ := h.subject()
		h.mustOpener(s)
		if id := h.rotate(); id != 3 {
			h.t.Errorf("epoch %d, want 3", id)
		}
		got := h.epochs()
		if len(got) != 3 || got[1].Retired.IsZero() || !got[2].Retired.IsZero() {
			h.t.Errorf("epochs = %+v, want three, the last in use", got)
		}
		h.must(h.check())
	})
}

func TestNewEpochIsUsed(t *testing.T) {
	each(t, func(h *house) {
		h.subject()
		h.rotate()
		s, _ := h.subject()
		var epoch, current int64
		h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
			if current, err = h.custody.CurrentEpoch(h.t.Context(), tx); err != nil {
				return err
			}
			return tx.QueryRow(h.t.Context(), `SELECT epoch FROM keys_subject WHERE subject = $1`, s).Scan(&epoch)
		}))
		if epoch != 2 || current != 2 {
			h.t.Errorf("new subject under epoch %d, current %d, want 2", epoch, current)
		}
		blob, err := h.custody.SealNode("l", row, 1, sealed.NewText("x"))
		h.must(err)
		if got, err := keys.EpochOf(blob); err != nil || got != 2 {
			h.t.Errorf("node value under epoch %d, %v, want 2", got, err)
		}
	})
}

// TestAnotherInstanceRotated: an instance notices within its minute, and what it
// wraps meanwhile stays readable.
func TestAnotherInstanceRotated(t *testing.T) {
	each(t, func(h *house) {
		h.subject()
		other := keys.New(h.ring, h.clk)
		h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := other.RotateEpoch(ctx, tx)
			return err
		}))
		s, _ := h.subject()
		h.mustOpener(s)
		h.clk.Advance(2 * time.Minute)
		h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
			id, err := h.custody.CurrentEpoch(ctx, tx)
			if id != 2 {
				h.t.Errorf("current epoch %d, want 2", id)
			}
			return err
		}))
	})
}

func TestNodeValues(t *testing.T) {
	each(t, func(h *house) {
		blob, err := h.custody.SealNode("staff_name", row, 1, sealed.NewText("Noor"))
		h.must(err)
		var got sealed.Text
		h.must(h.custody.OpenNode("staff_name", row, 1, blob, &got))
		if got.Reveal() != "Noor" {
			h.t.Errorf("opened %q, want Noor", got.Reveal())
		}
		edited := append([]byte(nil), blob...)
		edited[10] ^= 1
		for name, err := range map[string]error{
			"edited":        h.custody.OpenNode("staff_name", row, 1, edited, &got),
			"other label":   h.custody.OpenNode("staff_unit", row, 1, blob, &got),
			"other row":     h.custody.OpenNode("staff_name", row[1:], 1, blob, &got),
			"other version": h.custody.OpenNode("staff_name", row, 2, blob, &got),
			"cut":           h.custody.OpenNode("staff_name", row, 1, blob[:3], &got),
			"cut later":     h.custody.OpenNode("staff_name", row, 1, blob[:9], &got),
		} {
			mustCode(h.t, name, err, fault.Unavailable, "record-altered")
		}
		mustCode(h.t, "another type", h.custody.OpenNode("staff_name", row, 1, blob, new(int64)), fault.Internal, "record-unreadable")
		other := append([]byte{0, 0, 0, 9}, blob[4:]...)
		mustCode(h.t, "epoch the ring never had", h.custody.OpenNode("staff_name", row, 1, other, &got), fault.Unavailable, "key-unknown")
		mustCode(h.t, "no blob", func() error { _, err := keys.EpochOf(nil); return err }(), fault.Unavailable, "record-altered")
	})
}
