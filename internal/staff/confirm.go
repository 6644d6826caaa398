package staff

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Proof is what somebody gives to show that it is still them.
type Proof struct {
	Password Secret
	Code     Secret // where the person has an authenticator app
	Source   Source
}

// Confirm checks that whoever holds a session is still its person: it unlocks a
// locked session and makes it fresh. It asks for as much as a sign-in does, and
// wrong guesses slow down in the same way. Denied "passkey-needed" says that a
// password is not enough for this role.
func (o *Office) Confirm(ctx context.Context, token Secret, proof Proof) (Session, error) {
	leave, err := o.hashes.enter(ctx, proof.Source)
	if err != nil {
		return Session{}, err
	}
	who, stored, version, err := o.lookHolder(ctx, token, proof.Source)
	if err != nil {
		leave()
		return Session{}, err
	}
	ok, _ := o.hashes.verify(proof.Password, stored)
	leave()
	if !ok {
		return Session{}, o.refuse(ctx, who, proof.Source, reasonConfirm)
	}
	var s Session
	var refused error
	err = o.db.Write(ctx, func(tx *store.Tx) (err error) {
		s, refused, err = o.confirm(ctx, tx, token, version, proof)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return Session{}, err
	}
	return s, nil
}

// lookHolder counts the try and returns the person of a session and their
// password hash.
func (o *Office) lookHolder(ctx context.Context, token Secret, src Source) (who ident.Staff, hash string, version int64, err error) {
	err = o.db.Write(ctx, func(tx *store.Tx) error {
		hash, version = "", 0
		_, a, err := o.holder(ctx, tx, token)
		if err != nil {
			return err
		}
		who = a.ID
		if err := o.charge(ctx, tx, a.key, src); err != nil {
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

// confirm goes on after a right password. A refusal is committed with its count,
// so it is not the transaction's error.
func (o *Office) confirm(ctx context.Context, tx *store.Tx, token Secret, version int64, proof Proof) (s Session, refused, err error) {
	s, a, err := o.holder(ctx, tx, token)
	if err != nil {
		return s, nil, err
	}
	a, h, err := o.asHashed(ctx, tx, a.ID, version)
	if err != nil {
		return s, nil, err
	}
	strength := ByPassword
	switch {
	case h.totp != nil:
		ok, err := o.useCode(ctx, tx, a.ID, h.totp, proof.Code)
		if err != nil {
			return s, nil, err
		}
		if !ok {
			return s, errCodeRefused, o.noteFailure(ctx, tx, a.ID, proof.Source, reasonSecond)
		}
		strength = ByTOTP
	case o.cfg.Rules[a.Role] != PasswordEnough:
		return s, errPasskeyNeeded, nil
	}
	if err := o.forgive(ctx, tx, a.key, proof.Source); err != nil {
		return s, nil, err
	}
	err = o.confirmed(ctx, tx, &s, strength)
	return s, nil, err
}

var errPasskeyNeeded = fault.New(fault.Denied, "passkey-needed")

// holder returns the session of a token, locked or not, and its account.
func (o *Office) holder(ctx context.Context, tx *store.Tx, token Secret) (Session, *Account, error) {
	hash := tokenHash(token)
	if hash == nil {
		return Session{}, nil, errSessionEnded
	}
	s, err := o.scanSession(tx.QueryRow(ctx, sqlSelectSession, hash))
	switch {
	case fault.Is(err, fault.NotFound):
		return Session{}, nil, errSessionEnded
	case err != nil:
		return Session{}, nil, fmt.Errorf("read session: %w", err)
	case !o.live(&s, tx.Now()):
		return Session{}, nil, errSessionEnded
	}
	a, err := o.account(ctx, tx, sqlSelectAccount, s.Staff)
	return s, a, err
}

// confirmed makes a session fresh and unlocked. It keeps the strongest proof
// its person gave; the entry says which was given now.
func (o *Office) confirmed(ctx context.Context, tx *store.Tx, s *Session, strength string, rows ...journal.RowState) error {
	rank := map[string]int{BySSO: 1, ByPassword: 1, ByTOTP: 2, BySSOStrong: 2, ByPasskey: 3}
	if rank[strength] > rank[s.Strength] {
		s.Strength = strength
	}
	s.Locked, s.Fresh, s.Seen = false, tx.Now(), tx.Now()
	if strong(strength) {
		s.Strong = tx.Now()
	}
	if err := o.saveSession(ctx, tx, s); err != nil {
		return err
	}
	e := s.By().entry(journal.Login, "staff.confirm", rows...)
	e.Strength = strength
	_, err := o.journal.Append(ctx, tx, e)
	return err
}

// BeginPasskeyConfirm starts a [Office.Confirm] by passkey.
func (o *Office) BeginPasskeyConfirm(ctx context.Context, token Secret, src Source) (Ceremony, error) {
	if o.web == nil {
		return Ceremony{}, errNoPasskeys
	}
	var c Ceremony
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		s, a, err := o.holder(ctx, tx, token)
		if err != nil {
			return err
		}
		keys, err := o.passkeys(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			return fault.New(fault.Invalid, "no-passkey")
		}
		options, session, err := o.web.BeginLogin(&owner{a, keys})
		if err != nil {
			return fault.Wrap(fault.Internal, "passkey", err)
		}
		c, err = o.ceremony(ctx, tx, challenge{Kind: kindConfirm, Staff: a.ID, Holder: s.ID[:]}, session, options, src)
		return err
	})
	return c, err
}

// PasskeyConfirm finishes what [Office.BeginPasskeyConfirm] began.
func (o *Office) PasskeyConfirm(ctx context.Context, token, ceremony Secret, response []byte, src Source) (Session, error) {
	var s Session
	var refused error
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		refused = nil
		var a *Account
		var err error
		if s, a, err = o.holder(ctx, tx, token); err != nil {
			return err
		}
		c, err := o.take(ctx, tx, kindConfirm, ceremony)
		if err != nil {
			return err
		}
		if c.Staff != a.ID || ident.Session(c.Holder) != s.ID {
			return errCeremony
		}
		_, row, err := o.assert(ctx, tx, c, response)
		if errors.Is(err, errRefused) {
			refused = err
			return o.noteFailure(ctx, tx, a.ID, src, reasonPasskey)
		}
		if err != nil {
			return err
		}
		return o.confirmed(ctx, tx, &s, ByPasskey, row)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return Session{}, err
	}
	return s, nil
}
