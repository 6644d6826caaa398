package staff

import (
	"context"
	"fmt"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Acceptance is what an invited person makes: a password, a passkey or both,
// and an authenticator app beside the password if they want or need one.
type Acceptance struct {
	Admission Secret
	Password  Secret
	Passkey   *NewPasskey
	TOTP      Secret // token of the [Enrolment], "" for none
	Code      Secret // first code of the app
	Device    string
	Source    Source
}

// admitted returns the invitation somebody was admitted with, and its account.
func (o *Office) admitted(ctx context.Context, tx *store.Tx, admission Secret) (*challenge, *invitation, *Account, error) {
	c, err := o.challenge(ctx, tx, kindAdmitted, admission)
	if err != nil {
		return nil, nil, nil, err
	}
	i, a, err := o.open(ctx, tx, sqlSelectInvitationByID, c.Holder)
	if err != nil {
		return nil, nil, nil, err
	}
	if a.ID != c.Staff {
		return nil, nil, nil, errInvitation
	}
	return c, i, a, nil
}

// BeginInvitedPasskey starts the making of a passkey for somebody admitted.
func (o *Office) BeginInvitedPasskey(ctx context.Context, admission Secret, src Source) (Ceremony, error) {
	var c Ceremony
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		_, i, a, err := o.admitted(ctx, tx, admission)
		if err != nil {
			return err
		}
		c, err = o.beginPasskey(ctx, tx, a, i.id[:], src)
		return err
	})
	return c, err
}

// BeginInvitedTOTP starts the setting up of an authenticator app for somebody
// admitted.
func (o *Office) BeginInvitedTOTP(ctx context.Context, admission Secret, src Source) (Enrolment, error) {
	var e Enrolment
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		_, i, a, err := o.admitted(ctx, tx, admission)
		if err != nil {
			return err
		}
		e, err = o.beginTOTP(ctx, tx, a, i.id[:], src)
		return err
	})
	return e, err
}

// Accept consumes an invitation: the account becomes active with exactly the
// credentials made here, and whatever it had before ends. The person then signs
// in with them, which shows that they work.
func (o *Office) Accept(ctx context.Context, in Acceptance) error {
	err := o.db.Read(ctx, func(tx *store.Tx) error {
		_, _, a, err := o.admitted(ctx, tx, in.Admission)
		if err != nil {
			return err
		}
		return o.checkAcceptance(a, in)
	})
	if err != nil {
		return err
	}
	hash := ""
	if in.Password != "" {
		leave, err := o.hashes.enter(ctx, in.Source)
		if err != nil {
			return err
		}
		hash = o.hashes.hash(in.Password)
		leave()
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		c, i, a, err := o.admitted(ctx, tx, in.Admission)
		if err != nil {
			return err
		}
		if err := o.checkAcceptance(a, in); err != nil {
			return err
		}
		return o.accept(ctx, tx, in, c, i, a, hash)
	})
}

// checkAcceptance says what is missing for the account's role.
func (o *Office) checkAcceptance(a *Account, in Acceptance) error {
	var c fault.Check
	if in.Password != "" {
		checkPassword(&c, in.Password, a.signIn)
	}
	hasPassword, hasPasskey, hasTOTP := in.Password != "", in.Passkey != nil, in.TOTP != ""
	c.Require(hasPassword || hasPasskey && !hasTOTP, "new_password", "required") // a code alone proves little
	if o.cfg.Rules[a.Role] != PasswordEnough {
		c.Require(hasPasskey || hasTOTP, "code", "second-factor-first")
	}
	return c.Err()
}

// accept writes what an acceptance brings, in one transaction.
func (o *Office) accept(ctx context.Context, tx *store.Tx, in Acceptance, c *challenge, i *invitation, a *Account, hash string) error {
	again := a.activated > 0
	rows, err := o.dropCredentials(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	made, strength, err := o.acceptCredentials(ctx, tx, in, i, a, hash)
	if err != nil {
		return err
	}
	rows = append(rows, made...)
	a.State = Active
	if !again {
		a.activated = clock.Micros(tx.Now())
	}
	if err := o.saveAccount(ctx, tx, a); err != nil {
		return err
	}
	by := By{staff: a.ID, role: a.Role, unit: a.Unit, strength: strength, via: "web", zone: in.Source.zone}
	e, err := o.journal.Append(ctx, tx, by.entry(journal.Grant, "staff.accept", append(rows, a.row())...))
	if err != nil {
		return err
	}
	if err := o.drop(ctx, tx, c); err != nil {
		return err
	}
	if err := o.endAccess(ctx, tx, by, a.ID, e); err != nil {
		return err
	}
	// Guesses at the old password do not slow down the new one.
	if _, err := tx.Exec(ctx, sqlForgetThrottle, a.key); err != nil {
		return fmt.Errorf("forget failures: %w", err)
	}
	if again {
		inviter := By{staff: i.inviter}
		if err := o.notify(ctx, tx, a.ID, e, NoticeReplaced, inviter); err != nil {
			return err
		}
	}
	return o.changed(ctx, tx)
}

// acceptCredentials makes the credentials and returns their rows for the entry
// and the strongest of them.
func (o *Office) acceptCredentials(ctx context.Context, tx *store.Tx, in Acceptance, i *invitation, a *Account, hash string) ([]journal.RowState, string, error) {
	var rows []journal.RowState
	strength := ByPassword
	add := func(made []journal.RowState, err error) error {
		rows = append(rows, made...)
		return err
	}
	holder := i.id[:]
	if hash != "" {
		row, err := o.savePassword(ctx, tx, a.ID, hash, true)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, row)
	}
	if in.TOTP != "" {
		strength = ByTOTP
		if err := add(o.addTOTP(ctx, tx, a.ID, holder, in.TOTP, in.Code)); err != nil {
			return nil, "", err
		}
	}
	if in.Passkey != nil {
		strength = ByPasskey
		if err := add(o.addPasskey(ctx, tx, a, holder, *in.Passkey)); err != nil {
			return nil, "", err
		}
	}
	return rows, strength, nil
}

// SetLanguage changes the language of the person behind s.
func (o *Office) SetLanguage(ctx context.Context, s Session, language string) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		a, err := o.account(ctx, tx, sqlSelectAccount, me.Staff)
		if err != nil || a.Language == language {
			return err
		}
		a.Language = language
		var c fault.Check
		if err := o.checkPost(ctx, tx, &c, a); err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		return o.finishChange(ctx, tx, me.By(), a, []string{"staff.language"})
	})
}
