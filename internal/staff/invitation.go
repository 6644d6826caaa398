package staff

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// voiceTries is how many wrong codes an invitation survives.
const voiceTries = 5

// errInvitation is the one answer to a token that opens nothing: never made,
// used, too old, too many wrong codes, or for a role the account has no more.
var errInvitation = fault.New(fault.Expired, "invitation-ended")

// Invitation is shown once to whoever made it: the token goes into a link, the
// code is told by voice, so that neither alone is enough.
type Invitation struct {
	ID    ident.Invitation
	Token Secret
	Voice Secret
	Until time.Time
	Again bool // the person has signed in before
}

// Invite makes an invitation to an account's first credential, or to new ones
// in place of what the person has lost. The latter only that person's
// supervisor may do, or who stands in for them; the person is told, and until
// it is accepted everything stays as it was. It replaces an open invitation.
func (o *Office) Invite(ctx context.Context, tx *store.Tx, by By, id ident.Staff) (Invitation, error) {
	if err := o.check(ctx, tx, by); err != nil {
		return Invitation{}, err
	}
	a, err := o.invitee(ctx, tx, by, id)
	if err != nil {
		return Invitation{}, err
	}
	behalf := ident.Staff{}
	if a.activated > 0 {
		if behalf, err = o.supervises(ctx, tx, by, a); err != nil {
			return Invitation{}, err
		}
	}
	return o.invite(ctx, tx, by, a, "staff.invitation", NoticeReinvited, behalf)
}

// Recover makes an invitation from the server's shell, for a person whose
// supervisor cannot: the entry and the notice say so.
func (o *Office) Recover(ctx context.Context, tx *store.Tx, by By, id ident.Staff) (Invitation, error) {
	if !by.isShell() {
		return Invitation{}, fault.New(fault.Denied, "shell-only")
	}
	a, err := o.invitee(ctx, tx, by, id)
	if err != nil {
		return Invitation{}, err
	}
	return o.invite(ctx, tx, by, a, "staff.recover", NoticeRecovered, ident.Staff{})
}

func (o *Office) invitee(ctx context.Context, tx *store.Tx, by By, id ident.Staff) (*Account, error) {
	if id == by.staff {
		return nil, fault.New(fault.Denied, "own-account")
	}
	a, err := o.account(ctx, tx, sqlSelectAccount, id)
	if err != nil {
		return nil, err
	}
	if a.State == Disabled {
		return nil, fault.New(fault.Denied, "account-disabled")
	}
	return a, nil
}

// supervises refuses everybody but the person's supervisor and who stands in
// for the supervisor, and returns the latter's principal.
func (o *Office) supervises(ctx context.Context, tx *store.Tx, by By, a *Account) (behalf ident.Staff, err error) {
	denied := fault.New(fault.Denied, "not-the-supervisor")
	if by.isShell() || a.Supervisor.IsZero() {
		return ident.Staff{}, denied
	}
	if by.staff == a.Supervisor {
		return ident.Staff{}, nil
	}
	absent, err := o.ActsFor(ctx, tx, by.staff)
	if err != nil {
		return ident.Staff{}, err
	}
	if !slices.Contains(absent, a.Supervisor) {
		return ident.Staff{}, denied
	}
	return a.Supervisor, nil
}

func (o *Office) invite(ctx context.Context, tx *store.Tx, by By, a *Account, what string, kind NoticeKind, behalf ident.Staff) (Invitation, error) {
	if err := o.withdraw(ctx, tx, a.ID); err != nil {
		return Invitation{}, err
	}
	now := tx.Now()
	in := Invitation{ID: ident.New[ident.Invitation](), Voice: newVoiceCode(), Until: now.Add(o.cfg.Invited), Again: a.activated > 0}
	token, hash := newToken()
	in.Token = token
	voice := o.voiceDigest(&invitation{id: in.ID, staff: a.ID, role: a.Role, until: clock.Micros(in.Until)}, in.Voice)
	if _, err := tx.Exec(ctx, sqlInsertInvitation, in.ID, a.ID, string(a.Role), by.staff, hash, voice,
		clock.Micros(now), clock.Micros(in.Until)); err != nil {
		return Invitation{}, fmt.Errorf("make invitation: %w", err)
	}
	e := by.entry(journal.Grant, what, a.row())
	e.OnBehalf = behalf
	id, err := o.journal.Append(ctx, tx, e)
	if err != nil {
		return Invitation{}, err
	}
	if !in.Again && what == "staff.invitation" { // nobody to tell yet
		return in, nil
	}
	return in, o.notify(ctx, tx, a.ID, id, kind, by)
}

// withdraw removes a person's open invitations and who was admitted by them.
func (o *Office) withdraw(ctx context.Context, tx *store.Tx, id ident.Staff) error {
	if _, err := tx.Exec(ctx, sqlDeleteInvitations, id); err != nil {
		return fmt.Errorf("withdraw invitations: %w", err)
	}
	return nil
}

// Withdraw takes back a person's open invitation: its link and code open nothing
// any more. Where there is none it is NotFound.
func (o *Office) Withdraw(ctx context.Context, tx *store.Tx, by By, id ident.Staff) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	if id == by.staff {
		return fault.New(fault.Denied, "own-account")
	}
	a, err := o.account(ctx, tx, sqlSelectAccount, id)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, sqlDeleteInvitations, id)
	if err != nil {
		return fmt.Errorf("withdraw invitation: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "no-such-page")
	}
	_, err = o.journal.Append(ctx, tx, by.entry(journal.Revoke, "staff.invitation", a.row()))
	return err
}

// invitation is an open invitation as read.
type invitation struct {
	id      ident.Invitation
	staff   ident.Staff
	role    Role
	inviter ident.Staff
	voice   []byte
	tries   int64
	until   int64
}

// open reads an invitation and its account, and refuses one that has ended.
func (o *Office) open(ctx context.Context, tx *store.Tx, query string, arg any) (*invitation, *Account, error) {
	var i invitation
	err := tx.QueryRow(ctx, query, arg).Scan(&i.id, &i.staff, (*string)(&i.role), &i.inviter, &i.voice, &i.tries, &i.until)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, errInvitation
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read invitation: %w", err)
	}
	a, err := o.account(ctx, tx, sqlSelectAccount, i.staff)
	if err != nil {
		return nil, nil, err
	}
	if i.until <= clock.Micros(tx.Now()) || i.tries >= voiceTries || a.Role != i.role || a.State == Disabled {
		return nil, nil, errInvitation
	}
	return &i, a, nil
}

// Guest is what somebody with an invitation is shown.
type Guest struct {
	Name   sealed.Text
	SignIn sealed.Text
	Role   Role
	Unit   ident.Unit
	Rule   Rule // what they will need to make
	Again  bool
	Until  time.Time
}

func (o *Office) guest(i *invitation, a *Account) Guest {
	return Guest{
		Name: a.Name, SignIn: a.SignIn, Role: a.Role, Unit: a.Unit, Rule: o.cfg.Rules[a.Role],
		Again: a.activated > 0, Until: clock.FromMicros(i.until),
	}
}

// Peek shows whose invitation a token is. It changes nothing: mail programs
// open links before people do.
func (o *Office) Peek(ctx context.Context, token Secret) (Guest, error) {
	hash := tokenHash(token)
	if hash == nil {
		return Guest{}, errInvitation
	}
	var in Guest
	err := o.db.Read(ctx, func(tx *store.Tx) error {
		i, a, err := o.open(ctx, tx, sqlSelectInvitation, hash)
		if err != nil {
			return err
		}
		in = o.guest(i, a)
		return nil
	})
	return in, err
}

// Admit checks the code told by voice. The admission it returns serves half an
// hour to make credentials and to [Office.Accept]; the invitation is not
// consumed. After five wrong codes the invitation has ended.
func (o *Office) Admit(ctx context.Context, token, voice Secret, src Source) (admission Secret, in Guest, err error) {
	hash := tokenHash(token)
	if hash == nil {
		return "", Guest{}, errInvitation
	}
	var refused error
	err = o.db.Write(ctx, func(tx *store.Tx) error {
		admission, in, refused = "", Guest{}, nil
		i, a, err := o.open(ctx, tx, sqlSelectInvitation, hash)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, sqlTryInvitation, i.id, int64(voiceTries))
		if err != nil {
			return fmt.Errorf("count try: %w", err)
		}
		if n != 1 {
			return errInvitation
		}
		if !equal(i.voice, o.voiceDigest(i, voice)) {
			refused = fault.InvalidField("voice_code", "voice-code-wrong")
			_, err := o.journal.Append(ctx, tx, journal.Entry{
				Actor: a.ID, Via: "web", Zone: src.zone,
				Action: journal.Login, What: "staff.admit", Outcome: journal.Denied, Reason: "voice-code",
			})
			return err
		}
		if _, err := tx.Exec(ctx, sqlClearTries, i.id); err != nil {
			return fmt.Errorf("clear tries: %w", err)
		}
		in = o.guest(i, a)
		admission, err = o.openChallenge(ctx, tx, challenge{Kind: kindAdmitted, Staff: a.ID, Holder: i.id[:]}, src, admissionFor)
		return err
	})
	if err == nil {
		err = refused
	}
	return admission, in, err
}
