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

// Leave shuts an account at once, as [Office.Disable] does, and names who takes over:
// package casework gives them the open cases and tasks. Heir may be none; the cases
// then go to the supervisor.
//
// What the account itself held is handed over here. Standing in for others goes to the
// heir where the heir has the role for it, and is ended otherwise, of which the person
// away is told. Who has the leaving person as supervisor gets the heir, or the leaving
// person's own supervisor.
func (o *Office) Leave(ctx context.Context, tx *store.Tx, by By, id ident.Staff, version int64, heir ident.Staff) error {
	a, err := o.begin(ctx, tx, by, id, version)
	if err != nil {
		return err
	}
	if a.State == Disabled {
		return nil
	}
	takes, err := o.takesOver(ctx, tx, a, heir)
	if err != nil {
		return err
	}
	a.State = Disabled
	if err := o.saveAccount(ctx, tx, a); err != nil {
		return err
	}
	rows, err := o.dropCredentials(ctx, tx, id)
	if err != nil {
		return err
	}
	unlinked, err := o.unlink(ctx, tx, id)
	if err != nil {
		return err
	}
	rows = append(rows, unlinked...)
	if takes != nil {
		row := o.heirRow(id, heir, clock.Micros(tx.Now()))
		if _, err := tx.Exec(ctx, sqlInsertHeir, id, heir, clock.Micros(tx.Now()), row.MAC); err != nil {
			return fmt.Errorf("name heir: %w", err)
		}
		rows = append(rows, row)
	}
	e, err := o.journal.Append(ctx, tx, by.entry(journal.Revoke, "staff.account", append(rows, a.row())...))
	if err != nil {
		return err
	}
	if err := o.endAccess(ctx, tx, by, id, e); err != nil {
		return err
	}
	if err := o.handDeputies(ctx, tx, by, a, takes); err != nil {
		return err
	}
	if _, err := o.quit(ctx, tx, by, func(m GroupMember) bool { return m.Staff == id }); err != nil {
		return err
	}
	if err := o.handTeam(ctx, tx, by, a, takes); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

// takesOver reads the heir and checks that they can answer for what the leaving person
// answered for.
func (o *Office) takesOver(ctx context.Context, tx *store.Tx, leaving *Account, heir ident.Staff) (*Account, error) {
	if heir.IsZero() {
		return nil, nil
	}
	switch h, err := o.account(ctx, tx, sqlSelectAccount, heir); {
	case fault.Is(err, fault.NotFound):
		return nil, fault.InvalidField("heir", "unknown")
	case err != nil:
		return nil, err
	case h.ID == leaving.ID || h.State != Active || h.Role != leaving.Role && h.Role != CaseWorker && h.Role != Supervisor:
		return nil, fault.InvalidField("heir", "cannot-take-over")
	default:
		return h, nil
	}
}

// handDeputies ends every standing in for the leaving person, and hands over or ends
// those by them.
func (o *Office) handDeputies(ctx context.Context, tx *store.Tx, by By, leaving, heir *Account) error {
	all, err := o.Deputies(ctx, tx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Staff != leaving.ID && d.Deputy != leaving.ID {
			continue
		}
		if _, err := tx.Exec(ctx, sqlDeleteDeputy, d.Staff, d.Deputy, clock.Micros(d.From)); err != nil {
			return fmt.Errorf("end deputy: %w", err)
		}
		e := by.entry(journal.Revoke, "staff.deputy", gone(tableDeputy, d.key()))
		e.OnBehalf = d.Staff
		after, kind := d, NoticeDeputyLeft
		if d.Deputy == leaving.ID && heir != nil {
			away, err := o.account(ctx, tx, sqlSelectAccount, d.Staff)
			if err != nil {
				return err
			}
			after.Deputy = heir.ID
			free := !slices.ContainsFunc(all, func(x Deputy) bool { return string(x.key()) == string(after.key()) })
			if away.Role == heir.Role && away.ID != heir.ID && free {
				kind = NoticeDeputy
			}
		}
		if kind == NoticeDeputy {
			row := o.deputyRow(after)
			if _, err := tx.Exec(ctx, sqlInsertDeputy, after.Staff, after.Deputy, clock.Micros(after.From), clock.Micros(after.Until), row.MAC); err != nil {
				return fmt.Errorf("hand over deputy: %w", err)
			}
			e.Rows = append(e.Rows, row)
		}
		id, err := o.journal.Append(ctx, tx, e)
		if err != nil {
			return err
		}
		if d.Staff != leaving.ID {
			if err := o.notify(ctx, tx, d.Staff, id, kind, by); err != nil {
				return err
			}
		}
		if kind == NoticeDeputy {
			if err := o.notify(ctx, tx, heir.ID, id, NoticeStandIn, by); err != nil {
				return err
			}
		}
	}
	return nil
}

// handTeam gives those whose supervisor leaves another one.
func (o *Office) handTeam(ctx context.Context, tx *store.Tx, by By, leaving, heir *Account) error {
	boss := leaving.Supervisor
	if heir != nil && heir.Role == Supervisor {
		boss = heir.ID
	}
	rows, err := tx.Query(ctx, sqlSelectAccountsUnder, leaving.ID)
	team, err := collect(rows, err, o.scanAccount)
	if err != nil {
		return fmt.Errorf("read team: %w", err)
	}
	for _, a := range team {
		if a.Supervisor = boss; a.ID == boss {
			a.Supervisor = leaving.Supervisor
		}
		if a.ID == a.Supervisor {
			a.Supervisor = ident.Staff{}
		}
		if err := o.finishChange(ctx, tx, by, a, []string{"staff.supervisor"}); err != nil {
			return err
		}
	}
	return nil
}

const tableHeir = "staff_heir"

// heirRow names in a journal entry who takes over from somebody.
func (o *Office) heirRow(who, heir ident.Staff, at int64) journal.RowState {
	return journal.RowState{
		Table: tableHeir, Row: who[:], Version: 1, MAC: o.rowMAC(tableHeir, who[:], 1, heir[:], number(at)),
	}
}

// inheritance is one row of who takes over from whom.
type inheritance struct {
	who, heir ident.Staff
	at        int64
	mac       []byte
}

func scanHeirUnchecked(row scanner) (h inheritance, err error) {
	return h, row.Scan(&h.who, &h.heir, &h.at, &h.mac)
}

// heirs returns who takes over from whom, and checks that nobody altered it.
func (o *Office) heirs(ctx context.Context, tx *store.Tx) ([]inheritance, error) {
	rows, err := tx.Query(ctx, sqlSelectHeirs)
	all, err := collect(rows, err, func(row scanner) (inheritance, error) {
		h, err := scanHeirUnchecked(row)
		if err == nil && !equal(h.mac, o.heirRow(h.who, h.heir, h.at).MAC) {
			err = errAltered
		}
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("read heirs: %w", err)
	}
	return all, nil
}

// rebindHeirs does for heirs what Rebind does for accounts.
func (o *Office) rebindHeirs(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, sqlSelectHeirs)
	all, err := collect(rows, err, scanHeirUnchecked)
	if err != nil {
		return fmt.Errorf("read heirs: %w", err)
	}
	for _, h := range all {
		if _, err := tx.Exec(ctx, sqlRekeyHeir, h.who, o.heirRow(h.who, h.heir, h.at).MAC); err != nil {
			return fmt.Errorf("bind heir: %w", err)
		}
	}
	return nil
}
