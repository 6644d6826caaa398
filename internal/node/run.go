package node

import (
	"context"
	"encoding/binary"
	"log/slog"
	"time"

	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/store"

	"golang.org/x/sync/errgroup"
)

// How often the housekeeping runs.
const (
	indexEvery  = 5 * time.Second
	tendEvery   = time.Minute
	countEvery  = 10 * time.Minute
	keysEvery   = time.Hour
	diskEvery   = 10 * time.Second
	rulesEvery  = 15 * time.Second // other rules are in force on every instance within a minute
	volumeEvery = 30 * time.Second
	mailEvery   = 15 * time.Second
)

// rewrapBatch is how many subject keys one transaction wraps anew.
const rewrapBatch = 500

// Run keeps the node's housekeeping going until ctx ends: the sequencer, the
// search index, filter counts, staff upkeep, epoch keys and the disk watch. The
// index is loaded before ready is called.
func (n *Node) Run(ctx context.Context, ready func()) error {
	if err := n.Index.Refresh(ctx, n.Gate); err != nil {
		return err
	}
	boundHeap(n.Config.Database.Engine) // the index is live from now on
	if err := n.Cases.CountFilters(ctx, n.DB); err != nil {
		return err
	}
	if err := n.syncRestrictions(ctx); err != nil {
		return err
	}
	if err := n.Gate.KeepVolume(ctx); err != nil {
		return err
	}
	n.watchDisk(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.Journal.Run(ctx, n.holder) })
	g.Go(func() error { return n.Journal.RunWitnesses(ctx, n.holder) })
	n.every(g, ctx, "index", indexEvery, func(ctx context.Context) error { return n.Index.Refresh(ctx, n.Gate) })
	n.every(g, ctx, "count", countEvery, func(ctx context.Context) error { return n.Cases.CountFilters(ctx, n.DB) })
	n.every(g, ctx, "tend", tendEvery, n.alone("staff-upkeep", n.Office.Tend))
	n.every(g, ctx, "denials", tendEvery, n.Gate.EnterDenials)
	n.every(g, ctx, "volume", volumeEvery, n.Gate.KeepVolume)
	n.every(g, ctx, "commands", keysEvery, n.Gate.PurgeCommands)
	n.every(g, ctx, "restrictions", keysEvery, n.syncRestrictions)
	n.every(g, ctx, "imports", keysEvery, n.Imports.Expire)
	n.every(g, ctx, "carry-forms", tendEvery, n.alone("carry-forms", n.carryForms))
	n.every(g, ctx, "uploads", keysEvery, n.alone("uploads", n.Docs.Expire))
	n.every(g, ctx, "expire-checks", keysEvery, n.alone("expire-checks", n.expireChecks))
	n.every(g, ctx, "complaints", keysEvery, n.alone("complaints", n.expireComplaints))
	n.every(g, ctx, "referrals", tendEvery, n.alone("referrals", n.expireReferrals))
	n.every(g, ctx, "matching", tendEvery, n.alone("matching", n.tendMatching))
	n.every(g, ctx, "looks", indexEvery, n.alone("looks", n.tellLooks))
	n.every(g, ctx, "pairs", tendEvery, n.alone("pairs", n.findPairs))
	n.every(g, ctx, "deadlines", tendEvery, n.alone("deadlines", n.stepDeadlines))
	n.every(g, ctx, "mail", mailEvery, n.alone("mail", n.SendMail))
	n.every(g, ctx, "keys", keysEvery, n.turnKeys)
	n.every(g, ctx, "exchange-keys", tendEvery, n.tendExchangeKeys)
	n.every(g, ctx, "forms", tendEvery, n.refreshForms)
	n.every(g, ctx, "rules", rulesEvery, n.Rules.Refresh)
	n.every(g, ctx, "disk", diskEvery, func(ctx context.Context) error { n.watchDisk(ctx); return nil })
	if ready != nil {
		ready()
	}
	return g.Wait()
}

// every runs a job at an interval; a failed run is logged and tried again.
func (n *Node) every(g *errgroup.Group, ctx context.Context, op string, interval time.Duration, job func(context.Context) error) {
	g.Go(func() error {
		t := time.NewTicker(interval)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-t.C:
			}
			err := job(ctx)
			n.jobs.ran(op, n.Clock.Now(), err)
			if err != nil && ctx.Err() == nil {
				n.Log.ErrorContext(ctx, "housekeeping", slog.String("op", op), slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
			}
		}
	})
}

// alone lets only one instance do a job at a time.
func (n *Node) alone(name string, job func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		held, err := n.DB.Lease(ctx, name, n.holder, 2*tendEvery)
		if err != nil || !held {
			return err
		}
		return job(ctx)
	}
}

// expireChecks erases the checks whose time is over.
func (n *Node) expireChecks(ctx context.Context) error {
	_, err := n.Cases.ExpireChecks(ctx)
	return err
}

// stepDeadlines lets deadlines remind, alert, escalate and change hands.
func (n *Node) stepDeadlines(ctx context.Context) error {
	_, err := n.Cases.StepDeadlines(ctx)
	return err
}

// tellLooks tells who answers for a child that somebody looked for them.
func (n *Node) tellLooks(ctx context.Context) error {
	_, err := n.Cases.TellLooks(ctx)
	return err
}

// findPairs finds children who may have been registered twice.
func (n *Node) findPairs(ctx context.Context) error {
	_, err := n.Cases.FindPairs(ctx, func(done float64) { n.jobs.going("pairs", done) })
	return err
}

// schedule returns the life of epoch keys by the pack.
func (n *Node) schedule() keys.Schedule {
	return keys.Schedule{
		Use:         n.Pack.Clock(pack.EpochUse).Duration(),
		KeepRetired: n.Pack.Clock(pack.BackupMaxAge).Duration(),
	}
}

// turnKeys makes a new epoch key when it is time and wraps the subject keys
// under it, batch by batch. Only one instance does.
func (n *Node) turnKeys(ctx context.Context) error {
	held, err := n.DB.Lease(ctx, "keys-rotation", n.holder, 5*time.Minute)
	if err != nil || !held {
		return err
	}
	err = n.DB.Write(ctx, func(tx *store.Tx) error {
		due, err := n.Custody.RotationDue(ctx, tx, n.schedule())
		if err != nil || !due {
			return err
		}
		return n.rotate(ctx, tx)
	})
	if err != nil {
		return err
	}
	if err := n.Rewrap(ctx, nil); err != nil {
		return err
	}
	return n.destroyKeys(ctx)
}

// rotate makes a new epoch key and enters it.
func (n *Node) rotate(ctx context.Context, tx *store.Tx) error {
	if _, err := n.Custody.RotateEpoch(ctx, tx); err != nil {
		return err
	}
	return n.record(ctx, tx, journal.KeyRotate, "keys.epoch", "")
}

// RotateKeys makes a new epoch key now, and wraps everything under it.
func (n *Node) RotateKeys(ctx context.Context, progress func(done int64)) error {
	if err := n.DB.Write(ctx, func(tx *store.Tx) error { return n.rotate(ctx, tx) }); err != nil {
		return err
	}
	return n.Rewrap(ctx, progress)
}

// Rewrap wraps every subject key that an earlier epoch key still wraps, and
// seals every small value of the node anew.
func (n *Node) Rewrap(ctx context.Context, progress func(done int64)) error {
	var done int64
	for more := true; more; {
		err := n.DB.Write(ctx, func(tx *store.Tx) error {
			batch, err := n.Custody.Rewrap(ctx, tx, rewrapBatch)
			if err == nil {
				done, more = done+int64(batch.Done), batch.More
			}
			return err
		})
		if err != nil {
			return err
		}
		if progress != nil {
			progress(done)
		}
	}
	return n.reseal(ctx)
}

// reseal brings the values sealed with [keys.Custody.SealNode] under the epoch
// key of today. Such a blob begins with its epoch, so older ones sort before.
func (n *Node) reseal(ctx context.Context) error {
	var below []byte
	err := n.DB.Write(ctx, func(tx *store.Tx) error {
		epoch, err := n.Custody.CurrentEpoch(ctx, tx)
		if err != nil {
			return err
		}
		below = binary.BigEndian.AppendUint32(nil, uint32(epoch))
		_, err = n.Office.Reseal(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, room := range []func() (int, error){
		func() (int, error) { return n.Index.Reseal(ctx, n.Gate, below) },
		func() (int, error) { return n.Cases.Reseal(ctx, below) },
		func() (int, error) { return n.Captures.Reseal(ctx, below) },
		func() (int, error) { return n.Services.Reseal(ctx, below) },
		func() (int, error) { return n.Oversight.Reseal(ctx, below) },
	} {
		for {
			did, err := room()
			if err != nil {
				return err
			}
			if did == 0 {
				break
			}
		}
	}
	return nil
}

// destroyKeys destroys the epoch keys whose time has come: retired long enough,
// used by nothing, and older than a verified backup.
func (n *Node) destroyKeys(ctx context.Context) error {
	backup, err := n.newestBackup()
	if err != nil || backup.IsZero() {
		return err // without a backup nothing is destroyed
	}
	return n.DB.Write(ctx, func(tx *store.Tx) error {
		epoch, err := n.Custody.CurrentEpoch(ctx, tx)
		if err != nil {
			return err
		}
		if oldest, any, err := n.Office.OldestEpoch(ctx, tx); err != nil {
			return err
		} else if any {
			epoch = min(epoch, oldest)
		}
		_, destroyed, err := n.Custody.DestroyEpochs(ctx, tx, n.schedule(), keys.Evidence{BackupFrom: backup, OldestNodeEpoch: epoch})
		if err != nil || len(destroyed) == 0 {
			return err
		}
		return n.record(ctx, tx, journal.KeyRotate, "keys.destroyed", "")
	})
}
