package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Wrong guesses slow down one name from one source and nobody else: an attacker
// cannot shut a case worker out by guessing from elsewhere. A name that does not
// exist is slowed just the same, so that slowness tells nothing. The counters
// are in the database, because several instances share them.
const (
	firstDelay    = 5 * time.Second
	forgetFailure = 12 * time.Hour
)

// Wait is the cause of a fault with code "slow-down": so long this name must
// wait at this source.
type Wait struct{ For time.Duration }

// Error returns a text without a number, which belongs in a header.
func (Wait) Error() string { return "must wait" }

// WaitOf returns how long the caller must wait, false for other errors.
func WaitOf(err error) (time.Duration, bool) {
	var w Wait
	ok := errors.As(err, &w)
	return w.For, ok
}

func slowDown(wait time.Duration) error {
	return fault.Wrap(fault.Unavailable, "slow-down", Wait{wait})
}

// delay returns how long to wait after so many failures. Some are free: mistyping
// is human.
func (o *Office) delay(failures int64) time.Duration {
	n := failures - int64(o.cfg.Tries) - 1
	switch {
	case n < 0:
		return 0
	case n > 20:
		return o.cfg.LongWait
	}
	return min(firstDelay<<n, o.cfg.LongWait)
}

// mustWait reports how long name must still wait at src, without counting.
func (o *Office) mustWait(ctx context.Context, tx *store.Tx, name []byte, src Source) (failures int64, err error) {
	var next, last int64
	err = tx.QueryRow(ctx, sqlSelectThrottle, name, src.key[:]).Scan(&failures, &next, &last)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read throttle: %w", err)
	}
	now := tx.Now()
	if wait := clock.FromMicros(next).Sub(now); wait > 0 {
		return failures, slowDown(min(wait, o.cfg.LongWait))
	}
	return failures, nil
}

// charge counts a try as failed before it is looked at, so that many tries at
// once cannot slip through while the first is being hashed; success takes it
// back with forgive.
func (o *Office) charge(ctx context.Context, tx *store.Tx, name []byte, src Source) error {
	failures, err := o.mustWait(ctx, tx, name, src)
	if err != nil {
		return err
	}
	now := tx.Now()
	next := clock.Micros(now.Add(o.delay(failures + 1)))
	var n int64
	if failures == 0 {
		n, err = tx.Exec(ctx, sqlInsertThrottle, name, src.key[:], next, clock.Micros(now))
	} else {
		n, err = tx.Exec(ctx, sqlUpdateThrottle, name, src.key[:], failures, failures+1, next, clock.Micros(now))
	}
	if err != nil {
		return fmt.Errorf("count try: %w", err)
	}
	if n == 0 { // somebody else tries the same name from the same source at this moment
		return slowDown(time.Second)
	}
	return nil
}

// forgive forgets the failures of a name at one source.
func (o *Office) forgive(ctx context.Context, tx *store.Tx, name []byte, src Source) error {
	_, err := tx.Exec(ctx, sqlDeleteThrottle, name, src.key[:])
	return err
}

// Why a sign-in failed, as the journal has it. Outside they look the same.
const (
	reasonCredentials = "credentials"
	reasonSecond      = "second-factor"  // the password was right
	reasonSeconds     = "second-factors" // and so it was several times: the person is told
	reasonPasskey     = "passkey"
	reasonConfirm     = "confirm"
)

// Failures are summed before they are journaled, one entry per account, source
// and window, so that guessing cannot fill the disk. Beyond some sources per
// account and window, the rest is summed as one.
const (
	failureWindow  = 10 * time.Minute
	failureSources = 20
)

// noteFailure counts a failed sign-in of an account, none for a name that does
// not exist. Both take the same way.
func (o *Office) noteFailure(ctx context.Context, tx *store.Tx, account ident.Staff, src Source, reason string) error {
	window := clock.Micros(tx.Now().Truncate(failureWindow))
	if err := o.sumFailures(ctx, tx, 10); err != nil {
		return err
	}
	failures, was, err := o.countFailure(ctx, tx, account, window, &src, reason)
	if err != nil || reason != reasonSecond || was == reasonSeconds {
		return err
	}
	if failures >= secondTries {
		reason = reasonSeconds
		if err := o.tellWrongCodes(ctx, tx, account, src, failures); err != nil {
			return err
		}
	}
	if reason == was {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlWorsenFailure, account[:], window, src.key[:], reason); err != nil {
		return fmt.Errorf("count failure: %w", err)
	}
	return nil
}

// countFailure adds one to the sum of an account, source and window, and returns
// it with the reason noted so far. Beyond the bound on sources it changes src to
// the one that stands for the rest.
func (o *Office) countFailure(ctx context.Context, tx *store.Tx, account ident.Staff, window int64, src *Source, reason string) (failures int64, was string, err error) {
	add := func() (found bool, err error) {
		n, err := tx.Exec(ctx, sqlUpdateFailure, account[:], window, src.key[:])
		if err != nil || n == 0 {
			return false, err
		}
		return true, tx.QueryRow(ctx, sqlSelectFailure, account[:], window, src.key[:]).Scan(&failures, &was)
	}
	found, err := add()
	if err != nil || found {
		return failures, was, err
	}
	var sources int64
	if err := tx.QueryRow(ctx, sqlCountFailures, account[:], window).Scan(&sources); err != nil {
		return 0, "", fmt.Errorf("count failures: %w", err)
	}
	if sources >= failureSources {
		*src = Source{zone: "many"}
		if found, err := add(); err != nil || found {
			return failures, was, err
		}
	}
	_, err = tx.Exec(ctx, sqlInsertFailure, account[:], window, src.key[:], src.zone, reason)
	return 1, reason, err
}

// tellWrongCodes leaves word for a person whose password somebody has, but not
// their second factor.
func (o *Office) tellWrongCodes(ctx context.Context, tx *store.Tx, account ident.Staff, src Source, failures int64) error {
	e, err := o.journal.Append(ctx, tx, journal.Entry{
		Actor: account, Via: "web", Zone: src.zone, Action: journal.Login, What: "staff.second-step",
		Outcome: journal.Denied, Reason: reasonSeconds, Count: failures,
	})
	if err != nil {
		return err
	}
	return o.notify(ctx, tx, account, e, NoticeWrongCodes, By{})
}

type failure struct {
	account  ident.Staff
	window   int64
	source   []byte
	zone     string
	reason   string
	failures int64
}

// sumFailures writes the entries of windows that are over, at most so many.
func (o *Office) sumFailures(ctx context.Context, tx *store.Tx, most int) error {
	window := clock.Micros(tx.Now().Truncate(failureWindow))
	rows, err := tx.Query(ctx, sqlSelectPastFailure, window, most)
	past, err := collect(rows, err, func(row scanner) (f failure, err error) {
		return f, row.Scan(&f.account, &f.window, &f.source, &f.zone, &f.reason, &f.failures)
	})
	if err != nil {
		return fmt.Errorf("read failures: %w", err)
	}
	for _, f := range past {
		// The actor is the account that was claimed, none if there is no such name.
		if _, err := o.journal.Append(ctx, tx, journal.Entry{
			Actor: f.account, Via: "web", Zone: f.zone, Action: journal.Login, What: "staff.sign-in",
			Outcome: journal.Denied, Reason: f.reason, Count: f.failures,
		}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlDeleteFailure, f.account[:], f.window, f.source); err != nil {
			return fmt.Errorf("sum failures: %w", err)
		}
	}
	return nil
}
