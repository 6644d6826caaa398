package keys_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

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

// TestLifeOfAnEpochKey walks through a key's whole life and asks at each step
// what keeps it alive.
func TestLifeOfAnEpochKey(t *testing.T) {
	each(t, func(h *house) {
		s, sealer := h.subject()
		blob := h.seal(sealer, 1, "Amina")
		node, err := h.custody.SealNode("staff_name", row, 1, sealed.NewText("Noor"))
		h.must(err)

		due := func() (is bool) {
			h.must(h.write(func(ctx context.Context, tx *store.Tx) (err error) {
				is, err = h.custody.RotationDue(ctx, tx, schedule)
				return err
			}))
			return is
		}
		h.clk.Advance(30*day - time.Microsecond)
		if due() {
			h.t.Error("rotation is due before its day")
		}
		h.clk.Advance(time.Microsecond)
		if !due() {
			h.t.Error("rotation is not due on its day")
		}
		retired := h.clk.Now()
		if id := h.rotate(); id != 2 {
			h.t.Fatalf("new epoch %d, want 2", id)
		}
		if due() {
			h.t.Error("rotation is due right after a rotation")
		}

		want := func(step, waiting string, ev keys.Evidence) {
			h.t.Helper()
			all, gone := h.destroy(ev)
			if len(gone) != 0 || all[0].Waiting != waiting {
				h.t.Fatalf("%s: destroyed %v, waiting for %q, want %q", step, gone, all[0].Waiting, waiting)
			}
		}
		far := h.clk.Now().Add(1000 * day)
		everything := keys.Evidence{BackupFrom: far, OldestNodeEpoch: 2}
		h.clk.Advance(100 * day)
		want("before rewrapping", "rows", everything)
		if got := h.rewrap(10); got.Done != 1 || got.More || len(got.Damaged) != 0 {
			h.t.Errorf("rewrapped %+v, want one", got)
		}
		if got := h.rewrap(10); got.Done != 0 || got.More {
			h.t.Errorf("rewrapped again %+v, want none", got)
		}
		unused := h.clk.Now()
		want("nothing asserted", "node-rows", keys.Evidence{})
		want("a room's row uses it", "node-rows", keys.Evidence{BackupFrom: far, OldestNodeEpoch: 1})
		want("backup as old as the last use", "backup", keys.Evidence{BackupFrom: unused, OldestNodeEpoch: 2})
		h.must(h.mustOpener(s).Open(table, row, 1, blob, &child{}))

		h.clk.Advance(day)
		all, gone := h.destroy(keys.Evidence{BackupFrom: unused.Add(time.Microsecond), OldestNodeEpoch: 2})
		wantAll := []keys.EpochStatus{
			{Epoch: 1, Created: start, Retired: retired, Unused: unused, Destroyed: h.clk.Now()},
			{Epoch: 2, Created: retired},
		}
		if diff := cmp.Diff(all, wantAll); diff != "" || len(gone) != 1 {
			h.t.Errorf("destroyed %v (-got +want):\n%s", gone, diff)
		}
		if diff := cmp.Diff(h.epochs(), wantAll); diff != "" {
			h.t.Errorf("epochs in the database (-got +want):\n%s", diff)
		}
		h.reopen()
		h.must(h.check())
		h.must(h.mustOpener(s).Open(table, row, 1, blob, &child{}))
		mustCode(h.t, "node value of the old epoch", h.custody.OpenNode("staff_name", row, 1, node, new(sealed.Text)), fault.Denied, "key-destroyed")
		if _, gone := h.destroy(everything); len(gone) != 0 {
			h.t.Errorf("destroyed again: %v", gone)
		}
	})
}

func TestKeepTimeHolds(t *testing.T) {
	each(t, func(h *house) {
		h.subject()
		h.rotate()
		retired := h.clk.Now()
		h.rewrap(10)
		everything := keys.Evidence{BackupFrom: retired.Add(1000 * day), OldestNodeEpoch: 2}
		h.clk.Set(retired.Add(35*day - time.Microsecond))
		if all, gone := h.destroy(everything); len(gone) != 0 || all[0].Waiting != "keep-time" {
			h.t.Errorf("destroyed %v, waiting %q, want keep-time", gone, all[0].Waiting)
		}
		h.clk.Advance(time.Microsecond)
		if _, gone := h.destroy(everything); len(gone) != 1 {
			h.t.Errorf("destroyed %v, want epoch 1", gone)
		}
	})
}

// TestRestoredRowOfADestroyedEpoch: a row from an old backup stays closed.
func TestRestoredRowOfADestroyedEpoch(t *testing.T) {
	each(t, func(h *house) {
		s, _ := h.subject()
		var wrapped []byte
		h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(h.t.Context(), `SELECT wrapped FROM keys_subject WHERE subject = $1`, s).Scan(&wrapped)
		}))
		h.rotate()
		h.rewrap(10)
		h.destroy(keys.Evidence{})
		h.clk.Advance(36 * day)
		if _, gone := h.destroy(keys.Evidence{BackupFrom: h.clk.Now(), OldestNodeEpoch: 2}); len(gone) != 1 {
			h.t.Fatalf("destroyed %v, want epoch 1", gone)
		}
		h.exec(`UPDATE keys_subject SET epoch = 1, wrapped = $1 WHERE subject = $2`, wrapped, s)
		_, err := h.opener(s)
		mustCode(h.t, "older row put back", err, fault.Denied, "key-destroyed")
		if got := h.rewrap(10); len(got.Damaged) != 1 || got.Damaged[0] != s || got.Done != 0 {
			h.t.Errorf("rewrap = %+v, want one damaged", got)
		}
	})
}

// TestDestructionThatFails: the key is gone from the keyring, but the
// transaction that should say so is undone. The next run completes it.
func TestDestructionThatFails(t *testing.T) {
	each(t, func(h *house) {
		h.subject()
		h.rotate()
		h.rewrap(10)
		h.destroy(keys.Evidence{})
		h.clk.Advance(36 * day)
		ev := keys.Evidence{BackupFrom: h.clk.Now(), OldestNodeEpoch: 2}
		_ = h.write(func(ctx context.Context, tx *store.Tx) error { // undone on purpose
			if _, gone, err := h.custody.DestroyEpochs(ctx, tx, schedule, ev); err != nil || len(gone) != 1 {
				h.t.Errorf("destroyed %v, %v, want epoch 1", gone, err)
			}
			return errors.New("crash")
		})
		h.reopen()
		h.must(h.check())
		if got := h.ring.Epochs(); got[0].Destroyed.IsZero() {
			h.t.Error("the key is still in the keyring")
		}
		if _, gone := h.destroy(ev); len(gone) != 1 {
			h.t.Errorf("completed %v, want epoch 1", gone)
		}
		if got := h.epochs(); got[0].Destroyed.IsZero() {
			h.t.Error("the row does not say that the key is destroyed")
		}
	})
}

// TestNoScheduleAtAll: a schedule of zeroes does not destroy what other instances
// may still be using.
func TestNoScheduleAtAll(t *testing.T) {
	each(t, func(h *house) {
		h.subject()
		h.rotate()
		h.rewrap(10)
		for minutes, want := range []int{0, 1} {
			h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
				_, gone, err := h.custody.DestroyEpochs(ctx, tx, keys.Schedule{}, keys.Evidence{BackupFrom: h.clk.Now().Add(day), OldestNodeEpoch: 2})
				if len(gone) != want {
					h.t.Errorf("after %d minutes destroyed %v, want %d", minutes*10, gone, want)
				}
				return err
			}))
			h.clk.Advance(10 * time.Minute)
		}
	})
}

func TestUseAfterRetirementStartsTheWaitAgain(t *testing.T) {
	each(t, func(h *house) {
		s, _ := h.subject()
		old, _ := h.subject()
		h.rotate()
		h.rewrap(10)
		h.destroy(keys.Evidence{}) // notes the time without use
		var epoch int64
		var wrapped []byte
		h.must(h.db.Read(h.t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(h.t.Context(), `SELECT epoch, wrapped FROM keys_subject WHERE subject = $1`, s).Scan(&epoch, &wrapped)
		}))
		h.exec(`UPDATE keys_subject SET epoch = 1 WHERE subject = $1`, old)
		h.clk.Advance(100 * day)
		all, gone := h.destroy(keys.Evidence{BackupFrom: h.clk.Now(), OldestNodeEpoch: 2})
		if len(gone) != 0 || all[0].Waiting != "rows" || !all[0].Unused.IsZero() {
			h.t.Errorf("destroyed %v, state %+v, want a key in use", gone, all[0])
		}
	})
}

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

func TestKeyringOfAnotherNodeOrTime(t *testing.T) {
	each(t, func(h *house) {
		s, _ := h.subject()
		older := read(h.t, h.paths[0])
		h.rotate()
		h.rewrap(10)

		newer := read(h.t, h.paths[0])
		write(h.t, h.paths[0], older)
		write(h.t, h.paths[1], older)
		h.reopen()
		mustCode(h.t, "older keyring", h.check(), fault.Unavailable, "key-unknown")
		_, err := h.opener(s)
		mustCode(h.t, "older keyring, opener", err, fault.Unavailable, "key-unknown")

		write(h.t, h.paths[0], newer)
		write(h.t, h.paths[1], newer)
		h.reopen()
		h.must(h.check())
		h.destroy(keys.Evidence{})
		h.clk.Advance(36 * day)
		if _, gone := h.destroy(keys.Evidence{BackupFrom: h.clk.Now(), OldestNodeEpoch: 2}); len(gone) != 1 {
			h.t.Fatalf("destroyed %v, want epoch 1", gone)
		}
		write(h.t, h.paths[0], newer) // the destroyed key comes back
		write(h.t, h.paths[1], newer)
		h.reopen()
		mustCode(h.t, "destroyed key came back", h.check(), fault.Unavailable, "keyring-older")

		stranger := create(h.t, places(h.t), keys.PlainFile())
		h.custody = keys.New(stranger, h.clk)
		mustCode(h.t, "another node's keyring", h.check(), fault.Unavailable, "keyring-other")
		err = h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := h.custody.Create(ctx, tx, ident.New[ident.Subject](), "case")
			return err
		})
		if fault.CodeOf(err) != "keyring-other" && fault.CodeOf(err) != "key-unknown" {
			h.t.Errorf("create with another node's keyring: %v", err)
		}
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
