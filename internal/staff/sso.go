package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// The strengths of a sign-in through the provider of the organisation.
const (
	BySSO       = "sso"        // the provider does not say that more than a password was given
	BySSOStrong = "sso-strong" // it does
)

const (
	kindSSO      = "sso" // sent to the provider, not back yet
	reasonSSO    = "sso"
	tableSubject = "staff_subject"
)

// Post is a role in a unit.
type Post struct {
	Role Role
	Unit ident.Unit
}

// Vouched is whom the provider vouches for, as far as this node heeds it.
type Vouched struct {
	Issuer, Subject Secret
	SignIn          Secret // the sign-in name of the account here, for the first time
	Posts           []Post // what the person's groups stand for; none: refused
	Strong          bool   // more than a password was given
	Recent          bool   // and just now: the session is fresh
}

// BeginSSO keeps what must be kept until a browser comes back from the provider, and
// returns the token that finds it again, once.
func (o *Office) BeginSSO(ctx context.Context, data []byte, src Source) (token Secret, err error) {
	err = o.db.Write(ctx, func(tx *store.Tx) (err error) {
		token, err = o.openChallenge(ctx, tx, challenge{Kind: kindSSO, Data: data}, src, challengeFor)
		return err
	})
	return token, err
}

// TakeSSO returns what was kept. A token serves once; afterwards, and after five
// minutes, it is Expired.
func (o *Office) TakeSSO(ctx context.Context, token Secret) (data []byte, err error) {
	err = o.db.Write(ctx, func(tx *store.Tx) error {
		c, err := o.take(ctx, tx, kindSSO, token)
		if err == nil {
			data = c.Data
		}
		return err
	})
	return data, err
}

// SSORefused counts a sign-in that failed at the provider, of nobody known.
func (o *Office) SSORefused(ctx context.Context, src Source) error {
	return o.db.Write(ctx, func(tx *store.Tx) error { return o.noteFailure(ctx, tx, ident.Staff{}, src, reasonSSO) })
}

// The refusals of a sign-in through the provider.
var (
	errNoRole    = fault.New(fault.Denied, "sso-no-role")    // no group of theirs stands for anything here
	errNoAccount = fault.New(fault.Denied, "sso-no-account") // nobody here, or not any more
	errOtherPost = fault.New(fault.Denied, "sso-other-post") // their groups stand for another post than the account's
)

// SSOSignIn signs in whom the provider vouches for. The account exists already,
// active or with an open invitation: single sign-on gives nobody an account, a role or a unit. The
// first time it is found by its sign-in name, and from then on by the subject alone; a
// name that is given to somebody else there opens nothing here. The person's groups must
// stand for the very post the account has.
//
// A provider that does not say that more than a password was given counts as a
// password: who needs a second factor, or has an app, gives it here.
func (o *Office) SSOSignIn(ctx context.Context, v Vouched, device string, src Source) (SignedIn, error) {
	var in SignedIn
	var refused error
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		in, refused = SignedIn{}, nil
		a, why, err := o.vouched(ctx, tx, v)
		if err != nil {
			return err
		}
		if why != nil {
			refused = why
			who := ident.Staff{}
			if a != nil {
				who = a.ID
			}
			return o.noteFailure(ctx, tx, who, src, reasonSSO)
		}
		refused, err = o.ssoAdmit(ctx, tx, &in, a, v, device, src)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// vouched finds the account, and links it the first time. why says that it is refused.
func (o *Office) vouched(ctx context.Context, tx *store.Tx, v Vouched) (a *Account, why, err error) {
	if len(v.Posts) == 0 {
		return nil, errNoRole, nil
	}
	key := digest(&o.subjectKey, []byte(v.Issuer), []byte(v.Subject))
	who, linked, err := o.linked(ctx, tx, key)
	switch {
	case err != nil:
		return nil, nil, err
	case linked:
		a, err = o.account(ctx, tx, sqlSelectAccount, who)
	case v.SignIn == "" || len(v.SignIn) > nameMost:
		return nil, errNoAccount, nil
	default:
		a, err = o.account(ctx, tx, sqlSelectAccountByName, o.nameDigest(fold(strings.TrimSpace(string(v.SignIn)))))
	}
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, errNoAccount, nil
	case err != nil:
		return nil, nil, err
	case a.State == Disabled:
		return a, errNoAccount, nil
	case !slices.Contains(v.Posts, Post{a.Role, a.Unit}):
		return a, errOtherPost, nil
	case linked:
		return a, nil, nil
	}
	return o.link(ctx, tx, key, a)
}

// linked returns whose subject it is.
func (o *Office) linked(ctx context.Context, tx *store.Tx, key []byte) (who ident.Staff, ok bool, err error) {
	var at int64
	var mac []byte
	err = tx.QueryRow(ctx, sqlSelectSubject, key).Scan(&who, &at, &mac)
	switch {
	case fault.Is(err, fault.NotFound):
		return who, false, nil
	case err != nil:
		return who, false, fmt.Errorf("read subject: %w", err)
	case !equal(mac, o.rowMAC(tableSubject, key, 1, who[:], number(at))):
		return who, false, errAltered
	}
	return who, true, nil
}

// link ties a subject to an account that has none yet; one that has another is not
// theirs.
func (o *Office) link(ctx context.Context, tx *store.Tx, key []byte, a *Account) (*Account, error, error) {
	if has, err := o.subjectRows(ctx, tx, a.ID); err != nil || len(has) > 0 {
		return a, errNoAccount, err
	}
	at := clock.Micros(tx.Now())
	if a.State == Invited { // whom to let in, their supervisor says: no open invitation, no way in
		var open int64
		if err := tx.QueryRow(ctx, sqlCountInvitations, a.ID, at).Scan(&open); err != nil {
			return nil, nil, fmt.Errorf("read invitation: %w", err)
		}
		if open == 0 {
			return a, errNoAccount, nil
		}
	}
	mac := o.rowMAC(tableSubject, key, 1, a.ID[:], number(at))
	if _, err := tx.Exec(ctx, sqlInsertSubject, key, a.ID, at, mac); err != nil {
		return nil, nil, fmt.Errorf("link subject: %w", err)
	}
	rows := []journal.RowState{{Table: tableSubject, Row: key[:16], Version: 1, MAC: mac}}
	if a.State == Invited {
		a.State = Active
		if a.activated == 0 {
			a.activated = at
		}
		if err := o.saveAccount(ctx, tx, a); err != nil {
			return nil, nil, err
		}
		rows = append(rows, a.row())
		if _, err := tx.Exec(ctx, sqlDeleteInvitations, a.ID); err != nil {
			return nil, nil, fmt.Errorf("end invitation: %w", err)
		}
		if err := o.changed(ctx, tx); err != nil {
			return nil, nil, err
		}
	}
	by := By{staff: a.ID, role: a.Role, unit: a.Unit, strength: BySSO, via: "web"}
	e, err := o.journal.Append(ctx, tx, by.entry(journal.Grant, "staff.link", rows...))
	if err != nil {
		return nil, nil, err
	}
	return a, nil, o.notify(ctx, tx, a.ID, e, NoticeLinked, By{})
}

// subjectRows returns the row of whom the provider vouches for as an account.
func (o *Office) subjectRows(ctx context.Context, tx *store.Tx, id ident.Staff) ([]journal.RowState, error) {
	rows, err := tx.Query(ctx, sqlSelectSubjectOf, id)
	all, err := collect(rows, err, func(row scanner) (r journal.RowState, err error) {
		var at int64
		if err := row.Scan(&r.Row, &at, &r.MAC); err != nil {
			return r, err
		}
		if !equal(r.MAC, o.rowMAC(tableSubject, r.Row, 1, id[:], number(at))) {
			return r, errAltered
		}
		r.Table, r.Row, r.Version = tableSubject, r.Row[:16], 1
		return r, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read subject: %w", err)
	}
	return all, nil
}

// unlink ends that the provider vouches for an account, and returns the rows for the
// entry.
func (o *Office) unlink(ctx context.Context, tx *store.Tx, id ident.Staff) ([]journal.RowState, error) {
	all, err := o.subjectRows(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i] = gone(tableSubject, all[i].Row)
	}
	if _, err := tx.Exec(ctx, sqlDeleteSubject, id); err != nil {
		return nil, fmt.Errorf("end single sign-on: %w", err)
	}
	return all, nil
}

// ssoAdmit opens the session, or asks for the second factor that the account or its
// role needs.
func (o *Office) ssoAdmit(ctx context.Context, tx *store.Tx, in *SignedIn, a *Account, v Vouched, device string, src Source) (refused, err error) {
	strength := BySSOStrong
	if !v.Strong {
		strength = BySSO
		h, err := o.held(ctx, tx, a.ID)
		switch {
		case err != nil:
			return nil, err
		case h.totp != nil:
			in.Second, err = o.openChallenge(ctx, tx, challenge{Kind: kindSecond, Staff: a.ID}, src, challengeFor)
			return nil, err
		case o.cfg.Rules[a.Role] != PasswordEnough && len(h.passkeys) > 0:
			in.Passkey = true
			return nil, nil
		case o.cfg.Rules[a.Role] != PasswordEnough:
			return errSecondMissing, o.noteFailure(ctx, tx, a.ID, src, reasonSSO)
		}
	}
	if err := o.admit(ctx, tx, in, a, strength, device, src); err != nil {
		return nil, err
	}
	s := &in.Session
	if v.Strong && v.Recent {
		return nil, nil
	}
	s.Fresh, s.Strong = clock.FromMicros(1), time.Time{} // signed in there some time ago: fresh for nothing here
	return nil, o.saveSession(ctx, tx, s)
}
