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
