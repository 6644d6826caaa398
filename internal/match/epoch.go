package match

import (
	"context"
	"math"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/mask"
)

// endOfEpochs is the number after which there is no epoch.
const endOfEpochs = math.MaxUint32

// Times of an epoch.
const (
	ahead = 3 * 24 * time.Hour // before an epoch begins its table is prepared
	late  = 3 * 24 * time.Hour // after the epoch that follows, what is left of it is destroyed
)

// domain is what points of an epoch may be compared under.
func (r *Room) domain(a *Agreement, epoch uint32) mask.Domain {
	t := a.said(r.Partners.Own())
	return mask.Domain{Purpose: string(a.Purpose), Asker: string(t.Asker), Holder: string(t.Holder), Epoch: uint64(epoch)}
}

// secret returns the secret of an epoch. One that was destroyed is an error.
func (r *Room) secret(a *Agreement, epoch uint32) (*mask.Secret, error) {
	if a.State != Force || epoch == 0 {
		return nil, fault.New(fault.Denied, "match-not-in-force")
	}
	return r.Secrets.Secret(a.Purpose, a.ID, epoch)
}

// live reports whether something may still be made or answered in an epoch: it is the
// present one, or the next one is near.
func (a *Agreement) live(epoch uint32, now time.Time) bool {
	at := a.EpochAt(now)
	return at != 0 && (epoch == at || epoch == a.EpochAt(now.Add(ahead)))
}

// overNow is the last epoch of which nothing may be left at a time: the one after it is
// over too, and some days more. 0 for none.
func (a *Agreement) overNow(now time.Time) uint32 {
	at := a.EpochAt(now.Add(-late))
	if at < 3 {
		return 0
	}
	return at - 2
}

// destroy destroys what is left of agreements that have ended and of epochs that are over.
func (r *Room) destroy(ctx context.Context, a *Agreement, now time.Time) error {
	upTo := uint32(endOfEpochs)
	switch a.State {
	case Ended:
	case Force:
		upTo = a.overNow(now)
	default:
		return nil
	}
	if upTo == 0 {
		return nil
	}
	r.unload(a.ID, upTo)
	if err := r.Secrets.Destroy(a.Purpose, a.ID, upTo); err != nil {
		return err
	}
	left := false
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if left, err = r.anyTable(ctx, tx, a.ID, upTo); err == nil && !left {
			left, err = r.anyLetter(ctx, tx, a.ID, upTo)
		}
		return err
	})
	if err != nil || !left {
		return err
	}
	return r.job(ctx, func(p *access.Pass) error { return r.dropTables(ctx, p.Tx(), a, upTo) })
}
