package staff

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Tend writes the entries of failed sign-ins whose window is over, and removes
// what has ended: sessions past their limits, ceremonies, invitations, old
// failures. One instance of a node calls it every minute.
func (o *Office) Tend(ctx context.Context) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		if err := o.sumFailures(ctx, tx, 200); err != nil {
			return err
		}
		now := tx.Now()
		for _, purge := range []struct {
			query string
			args  []any
		}{
			{sqlPurgeChallenges, []any{clock.Micros(now)}},
			{sqlPurgeInvitations, []any{clock.Micros(now)}},
			{sqlPurgeThrottle, []any{clock.Micros(now.Add(-forgetFailure))}},
			{sqlPurgeOutbox, nil},
			{sqlPurgeMail, nil},
			{sqlPurgeSessions, []any{clock.Micros(now.Add(-o.cfg.Idle)), clock.Micros(now.Add(-o.cfg.Absolute))}},
		} {
			if _, err := tx.Exec(ctx, purge.query, purge.args...); err != nil {
				return fmt.Errorf("tend accounts: %w", err)
			}
		}
		return nil
	})
}

// Void ends every session, ceremony and invitation, and forgets who must wait:
// after a restore, whoever held one may have lost it since.
func (o *Office) Void(ctx context.Context, tx *store.Tx) error {
	n, err := tx.Exec(ctx, sqlVoidSessions)
	if err != nil {
		return fmt.Errorf("void sessions: %w", err)
	}
	for _, query := range []string{sqlVoidChallenges, sqlVoidInvitations, sqlVoidThrottle, sqlVoidOutbox} {
		if _, err := tx.Exec(ctx, query); err != nil {
			return fmt.Errorf("void access: %w", err)
		}
	}
	tx.OnCommit(o.sessions.clear)
	e := Shell().entry(journal.Revoke, "staff.void")
	e.Count = n
	_, err = o.journal.Append(ctx, tx, e)
	return err
}

// Rebind makes the keyed digests of names and rows anew, from the sealed blobs,
// after a restore under another keyring. It trusts the rows as they are: the
// backup was verified before.
func (o *Office) Rebind(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, sqlSelectAccounts)
	all, err := collect(rows, err, o.scanUnchecked)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	for _, a := range all {
		a.key = o.nameDigest(a.signIn)
		blob, err := o.sealAccount(a)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlRekeyAccount, a.ID, a.Version, a.key, blob, a.mac); err != nil {
			return fmt.Errorf("bind account: %w", err)
		}
	}
	if err := o.rebindUnits(ctx, tx); err != nil {
		return err
	}
	if err := o.rebindHeirs(ctx, tx); err != nil {
		return err
	}
	if err := o.rebindSignatures(ctx, tx); err != nil {
		return err
	}
	if err := o.rebindGroups(ctx, tx); err != nil {
		return err
	}
	if err := o.rebindProfiles(ctx, tx); err != nil {
		return err
	}
	// A subject is not kept, only its digest: who comes through the provider is found
	// by their sign-in name again.
	if _, err := tx.Exec(ctx, sqlVoidSubjects); err != nil {
		return fmt.Errorf("void subjects: %w", err)
	}
	if err := o.recordRows(ctx, tx); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

// recordRows writes entries that name every row with its new digest, some per
// entry: reconciling counts from these.
func (o *Office) recordRows(ctx context.Context, tx *store.Tx) error {
	const most = 200
	var all []journal.RowState
	if err := o.Rows(ctx, tx, func(row journal.RowState) error {
		all = append(all, row)
		return nil
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(all, most) {
		if _, err := o.journal.Append(ctx, tx, Shell().entry(journal.Restore, "staff.rebind", part...)); err != nil {
			return err
		}
	}
	return nil
}

// rebindUnits does for agencies, units and deputies what Rebind does for accounts.
func (o *Office) rebindUnits(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, sqlSelectAgencies)
	agencies, err := collect(rows, err, func(row scanner) (Agency, error) {
		a, _, err := scanAgencyUnchecked(row)
		return a, err
	})
	if err != nil {
		return fmt.Errorf("read agencies: %w", err)
	}
	for i := range agencies {
		if _, err := tx.Exec(ctx, sqlRekeyAgency, agencies[i].ID, o.agencyRow(&agencies[i]).MAC); err != nil {
			return fmt.Errorf("bind agency: %w", err)
		}
	}
	rows, err = tx.Query(ctx, sqlSelectUnits)
	units, err := collect(rows, err, func(row scanner) (Unit, error) {
		u, _, err := scanUnitUnchecked(row)
		return u, err
	})
	if err != nil {
		return fmt.Errorf("read units: %w", err)
	}
	for _, u := range units {
		if _, err := tx.Exec(ctx, sqlRekeyUnit, u.ID, o.macUnit(u)); err != nil {
			return fmt.Errorf("bind unit: %w", err)
		}
	}
	rows, err = tx.Query(ctx, sqlSelectDeputies, int64(0))
	deputies, err := collect(rows, err, func(row scanner) (d Deputy, err error) {
		var from, until int64
		var mac []byte
		err = row.Scan(&d.Staff, &d.Deputy, &from, &until, &mac)
		d.From, d.Until = clock.FromMicros(from), clock.FromMicros(until)
		return d, err
	})
	if err != nil {
		return fmt.Errorf("read deputies: %w", err)
	}
	for _, d := range deputies {
		if _, err := tx.Exec(ctx, sqlRekeyDeputy, d.Staff, d.Deputy, clock.Micros(d.From), o.deputyRow(d).MAC); err != nil {
			return fmt.Errorf("bind deputy: %w", err)
		}
	}
	return nil
}

// Reseal seals every blob of this package anew, under the node's key of today,
// and returns how many there were. It is part of the rotation of keys; the rows
// keep their versions, because nothing in them changes.
func (o *Office) Reseal(ctx context.Context, tx *store.Tx) (int, error) {
	rows, err := tx.Query(ctx, sqlSelectAccounts)
	accounts, err := collect(rows, err, o.scanAccount)
	if err != nil {
		return 0, fmt.Errorf("read accounts: %w", err)
	}
	count := 0
	for _, a := range accounts {
		blob, err := o.sealAccount(a)
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, sqlRekeyAccount, a.ID, a.Version, a.key, blob, a.mac); err != nil {
			return 0, fmt.Errorf("reseal account: %w", err)
		}
		n, err := o.resealCredentials(ctx, tx, a.ID)
		if err != nil {
			return 0, err
		}
		count += 1 + n
	}
	n, err := o.resealMail(ctx, tx)
	return count + n, err
}

// resealCredentials does for one person's credentials what Reseal does for all.
func (o *Office) resealCredentials(ctx context.Context, tx *store.Tx, id ident.Staff) (int, error) {
	h, err := o.held(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	count := 0
	put := func(query string, key any, version int64, blob []byte, err error) error {
		if err != nil {
			return fmt.Errorf("reseal credential: %w", err)
		}
		count++
		_, err = tx.Exec(ctx, query, key, version, blob)
		return err
	}
	if p := h.password; p != nil {
		blob, err := o.seals.SealNode(tablePassword, p.id[:], p.version, passwordRecord{id, p.hash})
		if err := put(sqlResealPassword, id, p.version, blob, err); err != nil {
			return 0, err
		}
	}
	if t := h.totp; t != nil {
		blob, err := o.seals.SealNode(tableTOTP, t.id[:], t.version, totpKey{id, t.secret})
		if err := put(sqlResealTOTP, id, t.version, blob, err); err != nil {
			return 0, err
		}
	}
	for i := range h.passkeys {
		p := &h.passkeys[i]
		blob, err := o.sealPasskey(p)
		if err := put(sqlResealPasskey, p.id, p.version, blob, err); err != nil {
			return 0, err
		}
	}
	return count, nil
}

// OldestEpoch returns the oldest epoch whose key a blob of this package is
// under, false when there are no blobs. The epoch's number stands in front of a
// blob, so that the least in byte order is the oldest.
func (o *Office) OldestEpoch(ctx context.Context, tx *store.Tx) (oldest int64, any bool, err error) {
	for _, query := range []string{sqlLeastAccount, sqlLeastPassword, sqlLeastPasskey, sqlLeastTOTP, sqlLeastChallenge, sqlLeastMail} {
		var blob []byte
		err := tx.QueryRow(ctx, query).Scan(&blob)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return 0, false, fmt.Errorf("find oldest blob: %w", err)
		}
		epoch, err := keys.EpochOf(blob)
		if err != nil {
			return 0, false, err
		}
		if !any || epoch < oldest {
			oldest, any = epoch, true
		}
	}
	return oldest, any, nil
}
