package staff

import (
	"context"
	"errors"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Attempt is somebody signing in with a password.
type Attempt struct {
	Name     Secret
	Password Secret
	Code     Secret // of the authenticator app; may be left for [Office.SecondStep]
	Device   string // what the browser calls itself, such as "Chrome on Android"
	Source   Source
}

// SignedIn is the answer to a sign-in that was not refused.
type SignedIn struct {
	// Token is for the cookie; it is empty while a second step is needed.
	Token   Secret
	Session Session
	// Second continues with the code of the authenticator app, where the
	// person has one.
	Second Secret
	// Passkey says that the person must use a passkey instead: see
	// [Office.BeginPasskeySignIn].
	Passkey bool
	Notices []Notice
}

const nameMost = 400 // bytes of a sign-in name that are looked at

// SignIn checks a name and a password. A name that does not exist and a wrong
// password are the same from outside: Denied "sign-in-refused" after one hash
// and the same writes. "slow-down" (see [WaitOf]) and "busy" are Unavailable.
func (o *Office) SignIn(ctx context.Context, at Attempt) (SignedIn, error) {
	name := string(at.Name)
	if len(name) > nameMost {
		name = name[:nameMost]
	}
	key := o.nameDigest(fold(strings.TrimSpace(name)))

	// A name that must wait does not get as far as the queue.
	err := o.db.Read(ctx, func(tx *store.Tx) error {
		_, err := o.mustWait(ctx, tx, key, at.Source)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	leave, err := o.hashes.enter(ctx, at.Source)
	if err != nil {
		return SignedIn{}, err
	}
	who, stored, version, err := o.look(ctx, key, at.Source)
	if err != nil {
		leave()
		return SignedIn{}, err
	}
	ok, renew := o.hashes.verify(at.Password, stored)
	rehashed := ""
	if ok && renew {
		rehashed = o.hashes.hash(at.Password)
	}
	leave()
	if !ok {
		return SignedIn{}, o.refuse(ctx, who, at.Source, reasonCredentials)
	}
	return o.passwordRight(ctx, at, who, version, rehashed)
}

// look counts the try and returns the account of a name and its password hash,
// nothing where there is none or the account cannot sign in.
func (o *Office) look(ctx context.Context, key []byte, src Source) (who ident.Staff, hash string, version int64, err error) {
	err = o.db.Write(ctx, func(tx *store.Tx) error {
		who, hash, version = ident.Staff{}, "", 0
		if err := o.charge(ctx, tx, key, src); err != nil {
			return err
		}
		a, err := o.account(ctx, tx, sqlSelectAccountByName, key)
		switch {
		case fault.Is(err, fault.NotFound): // look as long for the password of nobody
			_, err = o.password(ctx, tx, ident.Staff{})
			return err
		case err != nil:
			return err
		}
		who = a.ID
		if a.State != Active {
			_, err = o.password(ctx, tx, ident.Staff{})
			return err
		}
		p, err := o.password(ctx, tx, a.ID)
		if err == nil && p != nil {
			hash, version = p.hash, p.version
		}
		return err
	})
	return who, hash, version, err
}

// refuse notes a failed sign-in and returns what the outside sees of it.
func (o *Office) refuse(ctx context.Context, who ident.Staff, src Source, reason string) error {
	err := o.db.Write(ctx, func(tx *store.Tx) error { return o.noteFailure(ctx, tx, who, src, reason) })
	if err != nil {
		return err
	}
	return errRefused
}

// passwordRight goes on after a right password: to the session, or to the
// second step that the account or its role needs.
func (o *Office) passwordRight(ctx context.Context, at Attempt, who ident.Staff, version int64, rehashed string) (SignedIn, error) {
	var in SignedIn
	var refused error
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		in, refused = SignedIn{}, nil
		a, h, err := o.asHashed(ctx, tx, who, version)
		if err != nil {
			return err
		}
		strength := ByPassword
		switch {
		case h.totp != nil && at.Code == "":
			in.Second, err = o.openChallenge(ctx, tx, challenge{Kind: kindSecond, Staff: who}, at.Source, challengeFor)
			return err
		case h.totp != nil:
			ok, err := o.useCode(ctx, tx, who, h.totp, at.Code)
			if err != nil {
				return err
			}
			if !ok {
				refused = errCodeRefused
				return o.noteFailure(ctx, tx, who, at.Source, reasonSecond)
			}
			strength = ByTOTP
		case o.cfg.Rules[a.Role] != PasswordEnough && len(h.passkeys) > 0:
			in.Passkey = true
			return nil
		case o.cfg.Rules[a.Role] != PasswordEnough:
			refused = errSecondMissing
			return o.noteFailure(ctx, tx, who, at.Source, reasonSecond)
		}
		var rows []journal.RowState
		if rehashed != "" {
			row, err := o.savePassword(ctx, tx, who, rehashed, false)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return o.admit(ctx, tx, &in, a, strength, at.Device, at.Source, rows...)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

var (
	errCodeRefused   = fault.New(fault.Denied, "code-refused")
	errSecondMissing = fault.New(fault.Denied, "second-factor-missing")
)

// asHashed reads the account again after its password was hashed outside a
// transaction; what changed meanwhile counts.
func (o *Office) asHashed(ctx context.Context, tx *store.Tx, who ident.Staff, version int64) (*Account, held, error) {
	a, err := o.account(ctx, tx, sqlSelectAccount, who)
	if err != nil {
		return nil, held{}, err
	}
	h, err := o.held(ctx, tx, who)
	if err != nil {
		return nil, held{}, err
	}
	if a.State != Active || h.password == nil || h.password.version != version {
		return nil, held{}, errRefused
	}
	return a, h, nil
}

// admit opens the session and forgets this source's failures.
func (o *Office) admit(ctx context.Context, tx *store.Tx, in *SignedIn, a *Account, strength, device string, src Source, rows ...journal.RowState) (err error) {
	if err := o.forgive(ctx, tx, a.key, src); err != nil {
		return err
	}
	if in.Token, in.Session, err = o.openSession(ctx, tx, a, strength, device, src, rows...); err != nil {
		return err
	}
	in.Notices, err = o.notices(ctx, tx, a.ID)
	return err
}

// SecondStep finishes a sign-in with the code of the authenticator app. After
// five wrong codes it is over. Whose password was right and code wrong five
// times is told at their next sign-in: somebody may have their password.
func (o *Office) SecondStep(ctx context.Context, second, code Secret, device string, src Source) (SignedIn, error) {
	var in SignedIn
	var refused error
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		in, refused = SignedIn{}, nil
		c, err := o.challenge(ctx, tx, kindSecond, second)
		if err != nil {
			return err
		}
		who, err := o.ownerOf(ctx, tx, c.Staff)
		if err != nil {
			return err
		}
		if err := o.charge(ctx, tx, who.account.key, src); err != nil {
			return err
		}
		t, err := o.totp(ctx, tx, c.Staff)
		if err != nil {
			return err
		}
		if t == nil { // taken away meanwhile
			return errCeremony
		}
		ok, err := o.useCode(ctx, tx, c.Staff, t, code)
		if err != nil {
			return err
		}
		if !ok {
			refused = errCodeRefused
			return o.codeWrong(ctx, tx, c, src)
		}
		if err := o.drop(ctx, tx, c); err != nil {
			return err
		}
		return o.admit(ctx, tx, &in, who.account, ByTOTP, device, src)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// codeWrong counts a wrong code against its ceremony, which ends with the fifth.
func (o *Office) codeWrong(ctx context.Context, tx *store.Tx, c *challenge, src Source) error {
	if err := o.noteFailure(ctx, tx, c.Staff, src, reasonSecond); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, sqlTryChallenge, c.hash, int64(secondTries-1))
	if err != nil || n == 1 {
		return err
	}
	return o.drop(ctx, tx, c)
}

// BeginPasskeySignIn starts a sign-in with a passkey, of somebody not yet known.
func (o *Office) BeginPasskeySignIn(ctx context.Context, src Source) (Ceremony, error) {
	if o.web == nil {
		return Ceremony{}, errNoPasskeys
	}
	options, session, err := o.web.BeginDiscoverableLogin()
	if err != nil {
		return Ceremony{}, fault.Wrap(fault.Internal, "passkey", err)
	}
	var c Ceremony
	err = o.db.Write(ctx, func(tx *store.Tx) error {
		c, err = o.ceremony(ctx, tx, challenge{Kind: kindSignIn}, session, options, src)
		return err
	})
	return c, err
}

// PasskeySignIn finishes what [Office.BeginPasskeySignIn] began. It is not
// slowed down: a signature cannot be guessed.
func (o *Office) PasskeySignIn(ctx context.Context, token Secret, response []byte, device string, src Source) (SignedIn, error) {
	var in SignedIn
	var refused error
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		in, refused = SignedIn{}, nil
		c, err := o.take(ctx, tx, kindSignIn, token)
		if err != nil {
			return err
		}
		a, row, err := o.assert(ctx, tx, c, response)
		if errors.Is(err, errRefused) {
			refused = err
			who := ident.Staff{}
			if a != nil {
				who = a.ID
			}
			return o.noteFailure(ctx, tx, who, src, reasonPasskey)
		}
		if err != nil {
			return err
		}
		return o.admit(ctx, tx, &in, a, ByPasskey, device, src, row)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}
