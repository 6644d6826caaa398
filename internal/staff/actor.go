package staff

import (
	"context"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// By is who does something to an account. It is made by [Session.By] or
// [Shell]; the zero value may do nothing.
type By struct {
	staff    ident.Staff
	session  ident.Session
	strength string
	role     Role
	unit     ident.Unit
	via      string
	zone     string
}

// By returns the person behind a session as an actor.
func (s Session) By() By {
	return By{staff: s.Staff, session: s.ID, strength: s.Strength, role: s.Role, unit: s.Unit, via: "web", zone: s.Zone}
}

// Shell returns the actor who has the server's shell: the first start and the
// recovery of an account.
func Shell() By { return By{strength: "shell", via: "cli"} }

// Staff returns the acting person, none for the shell.
func (b By) Staff() ident.Staff { return b.staff }

func (b By) isShell() bool { return b.via == "cli" }

// FreshFor returns how long a sign-in or a [Office.Confirm] counts as fresh where
// credentials, rights and exports are concerned. Which acts on other people's
// accounts need it stands in one table, package access's.
func (o *Office) FreshFor() time.Duration { return o.cfg.Fresh }

// check refuses an actor who is nobody or whose session has ended meanwhile.
func (o *Office) check(ctx context.Context, tx *store.Tx, by By) error {
	if by.isShell() {
		return nil
	}
	if by.session.IsZero() {
		return fault.New(fault.Denied, "no-actor")
	}
	s, err := o.liveSession(ctx, tx, by.session)
	if err != nil {
		return err
	}
	if s.Staff != by.staff || s.Role != by.role {
		return errSessionEnded
	}
	return nil
}

var errNotFresh = fault.New(fault.Expired, "fresh-check")

// entry returns the journal entry of an actor's deed, to be completed.
func (b By) entry(action, what string, rows ...journal.RowState) journal.Entry {
	return journal.Entry{
		Actor: b.staff, Session: b.session, Strength: b.strength, Role: string(b.role), Unit: b.unit,
		Via: b.via, Zone: b.zone, Action: action, What: what, Outcome: journal.OK, Rows: rows,
	}
}
