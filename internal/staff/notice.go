package staff

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// NoticeKind is what a person must be told about their account.
type NoticeKind string

// The notices. The words are in the catalogue of messages.
const (
	NoticeReinvited    NoticeKind = "reinvited"   // a new credential was offered to somebody in your name
	NoticeRecovered    NoticeKind = "recovered"   // the same, from the server's shell
	NoticeReplaced     NoticeKind = "replaced"    // your credentials were replaced
	NoticePassword     NoticeKind = "password"    // your password was changed
	NoticePasskeyAdded NoticeKind = "passkey"     // a passkey was added
	NoticeTOTPAdded    NoticeKind = "totp"        // an authenticator app was set up
	NoticeRemoved      NoticeKind = "removed"     // a credential was removed
	NoticeRole         NoticeKind = "role"        // your role was changed
	NoticeSupervisor   NoticeKind = "supervisor"  // your supervisor was changed
	NoticeDeputy       NoticeKind = "deputy"      // somebody stands in for you
	NoticeDeputyLeft   NoticeKind = "deputy-left" // who stood in for you has left
	NoticeStandIn      NoticeKind = "stand-in"    // you stand in for somebody
	NoticeWrongCodes   NoticeKind = "wrong-codes" // somebody has your password

	NoticeLinked NoticeKind = "linked" // your account is reached through single sign-on now

	NoticeGlass     NoticeKind = "break-glass"      // a case you answer for or oversee was opened by break-glass
	NoticeGlassLate NoticeKind = "break-glass-late" // the review of one is late
	NoticeVolume    NoticeKind = "volume"           // somebody went far beyond what is usual for them

	NoticeUnanswered        NoticeKind = "referral-unanswered" // nobody answered a referral of a unit you answer for
	NoticeAbroad            NoticeKind = "abroad-second"       // something waits for you before it goes to another country
	NoticeComplaint         NoticeKind = "complaint"           // one waits for you
	NoticeComplaintDanger   NoticeKind = "complaint-danger"    // and who complains is not safe
	NoticeComplaintAnswered NoticeKind = "complaint-answered"  // yours has moved on
	NoticeRecommendation    NoticeKind = "recommendation"      // something was recommended to your unit
)

// Notice is one thing to tell a person at sign-in.
type Notice struct {
	Entry ident.Entry // the journal entry that recorded it
	Kind  NoticeKind
	Actor ident.Staff // who did it, none for the server's shell or nobody known
	At    time.Time
}

// notify leaves a notice for somebody.
func (o *Office) notify(ctx context.Context, tx *store.Tx, to ident.Staff, e ident.Entry, kind NoticeKind, by By) error {
	if _, err := tx.Exec(ctx, sqlInsertNotice, to, e, string(kind), by.staff, clock.Micros(tx.Now())); err != nil {
		return fmt.Errorf("leave notice: %w", err)
	}
	return o.TellByMail(ctx, tx, urgentNotices[kind], to)
}

// TellPeople leaves the same notice for some people by name and for everybody of
// some roles: each once, and only where they can sign in. Who did it is told nothing.
func (o *Office) TellPeople(ctx context.Context, tx *store.Tx, e ident.Entry, kind NoticeKind, by ident.Staff, people []ident.Staff, roles ...Role) error {
	rows, err := tx.Query(ctx, sqlSelectAccounts)
	all, err := collect(rows, err, o.scanAccount)
	if err != nil {
		return fmt.Errorf("whom to tell: %w", err)
	}
	for _, a := range all {
		if a.State == Disabled || a.ID == by || !slices.Contains(people, a.ID) && !slices.Contains(roles, a.Role) {
			continue
		}
		if err := o.notify(ctx, tx, a.ID, e, kind, By{staff: by}); err != nil {
			return err
		}
	}
	return nil
}

func (o *Office) notices(ctx context.Context, tx *store.Tx, id ident.Staff) ([]Notice, error) {
	rows, err := tx.Query(ctx, sqlSelectNotices, id)
	all, err := collect(rows, err, func(row scanner) (n Notice, err error) {
		var at int64
		err = row.Scan(&n.Entry, (*string)(&n.Kind), &n.Actor, &at)
		n.At = clock.FromMicros(at)
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	return all, nil
}

// Notices returns what the person behind s has not yet dismissed, oldest first.
func (o *Office) Notices(ctx context.Context, s Session) ([]Notice, error) {
	var all []Notice
	err := o.db.Read(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		all, err = o.notices(ctx, tx, me.Staff)
		return err
	})
	return all, err
}

// Waiting returns how many notices somebody has not dismissed yet, for the mark that
// stands on every page.
func (o *Office) Waiting(ctx context.Context, s Session) (n int, err error) {
	err = o.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, sqlCountNotices, s.Staff).Scan(&n) })
	return n, err
}

// Dismiss removes a notice once its person has read it. The journal keeps what
// it was about.
func (o *Office) Dismiss(ctx context.Context, s Session, e ident.Entry) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlDeleteNotice, me.Staff, e); err != nil {
			return fmt.Errorf("dismiss notice: %w", err)
		}
		return nil
	})
}
