package staff

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// SignOut ends the session of a token. A token of no session is no error: the
// person is signed out.
func (o *Office) SignOut(ctx context.Context, token Secret) error {
	hash := tokenHash(token)
	if hash == nil {
		return nil
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		s, err := o.scanSession(tx.QueryRow(ctx, sqlSelectSession, hash))
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read session: %w", err)
		}
		if err := o.endSession(ctx, tx, s); err != nil {
			return err
		}
		_, err = o.journal.Append(ctx, tx, s.By().entry(journal.Logout, "staff.sign-out"))
		return err
	})
}

// Lock makes a session useless until [Office.Confirm].
func (o *Office) Lock(ctx context.Context, token Secret) error {
	hash := tokenHash(token)
	if hash == nil {
		return errSessionEnded
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		s, err := o.scanSession(tx.QueryRow(ctx, sqlSelectSession, hash))
		if fault.Is(err, fault.NotFound) {
			return errSessionEnded
		}
		if err != nil {
			return fmt.Errorf("read session: %w", err)
		}
		if s.Locked {
			return nil
		}
		s.Locked = true
		return o.saveSession(ctx, tx, &s)
	})
}

// saveSession writes what may change about a session.
func (o *Office) saveSession(ctx context.Context, tx *store.Tx, s *Session) error {
	n, err := tx.Exec(ctx, sqlUpdateSession, s.ID, s.Strength, clock.Micros(s.Fresh), s.strongMicros(), s.Locked,
		clock.Micros(s.Seen), o.macSession(s))
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	if n != 1 {
		return errSessionEnded
	}
	tx.OnCommit(o.sessions.clear)
	return nil
}

// Sessions returns the live sessions of the person behind s, newest first.
func (o *Office) Sessions(ctx context.Context, s Session) ([]Session, error) {
	var all []Session
	err := o.db.Read(ctx, func(tx *store.Tx) (err error) {
		if _, err := o.liveSession(ctx, tx, s.ID); err != nil {
			return err
		}
		all, err = o.sessionsOf(ctx, tx, s.Staff)
		return err
	})
	return all, err
}

func (o *Office) sessionsOf(ctx context.Context, tx *store.Tx, id ident.Staff) ([]Session, error) {
	rows, err := tx.Query(ctx, sqlSelectSessionsOf, id)
	all, err := collect(rows, err, o.scanSession)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return slices.DeleteFunc(all, func(s Session) bool { return !o.live(&s, tx.Now()) }), nil
}

// End ends another session of the person behind s. One that is not theirs is
// NotFound.
func (o *Office) End(ctx context.Context, s Session, other ident.Session) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		mine, err := o.sessionsOf(ctx, tx, me.Staff)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(mine, func(x Session) bool { return x.ID == other })
		if i < 0 {
			return fault.New(fault.NotFound, "no-such-page")
		}
		if err := o.endSession(ctx, tx, mine[i]); err != nil {
			return err
		}
		e := me.By().entry(journal.Logout, "staff.end-session", gone(tableSession, other[:]))
		_, err = o.journal.Append(ctx, tx, e)
		return err
	})
}

// EndOthers ends every session of the person behind s but this one, and returns
// how many there were.
func (o *Office) EndOthers(ctx context.Context, s Session) (int, error) {
	ended := 0
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		ended, err = o.endSessions(ctx, tx, me.By(), me.Staff, me.ID, ident.Entry{})
		return err
	})
	return ended, err
}

// endSessions ends every session of a person but one (or none), with one entry
// for all of them.
func (o *Office) endSessions(ctx context.Context, tx *store.Tx, by By, id ident.Staff, but ident.Session, cause ident.Entry) (int, error) {
	rows, err := tx.Query(ctx, sqlSelectSessionsOf, id)
	all, err := collect(rows, err, o.scanSession)
	if err != nil {
		return 0, fmt.Errorf("read sessions: %w", err)
	}
	all = slices.DeleteFunc(all, func(s Session) bool { return s.ID == but })
	if len(all) == 0 {
		return 0, nil
	}
	e := by.entry(journal.Logout, "staff.end-session")
	for _, s := range all {
		if err := o.endSession(ctx, tx, s); err != nil {
			return 0, err
		}
		e.Rows = append(e.Rows, gone(tableSession, s.ID[:]))
	}
	e.Cause, e.Count = cause, int64(len(all))
	_, err = o.journal.Append(ctx, tx, e)
	return len(all), err
}

// endSession removes one session and tells this process.
func (o *Office) endSession(ctx context.Context, tx *store.Tx, s Session) error {
	if _, err := tx.Exec(ctx, sqlDeleteSession, s.ID, s.Staff); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	tx.OnCommit(func() {
		o.sessions.clear()
		o.endMu.Lock()
		hooks := slices.Clone(o.onEnd)
		o.endMu.Unlock()
		for _, fn := range hooks {
			fn(s.ID)
		}
	})
	return nil
}

// endAccess ends sessions, ceremonies and invitations of a person whose account
// changed under them.
func (o *Office) endAccess(ctx context.Context, tx *store.Tx, by By, id ident.Staff, cause ident.Entry) error {
	if _, err := o.endSessions(ctx, tx, by, id, ident.Session{}, cause); err != nil {
		return err
	}
	for _, query := range []string{sqlDeleteChallenges, sqlDeleteInvitations} {
		if _, err := tx.Exec(ctx, query, id); err != nil {
			return fmt.Errorf("end access: %w", err)
		}
	}
	return nil
}
