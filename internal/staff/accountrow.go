package staff

import (
	"context"
	"database/sql"
	"fmt"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// errAltered is a row that this program did not write as it stands: somebody
// edited the database, or moved or put back a row.
var errAltered = fault.New(fault.Internal, "staff-row-altered")

// scanner is a row to scan: of one query or of many rows.
type scanner interface{ Scan(dest ...any) error }

// account reads one account and checks that nobody altered it.
func (o *Office) account(ctx context.Context, tx *store.Tx, query string, arg any) (*Account, error) {
	a, err := o.scanAccount(tx.QueryRow(ctx, query, arg))
	if err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

func (o *Office) scanAccount(row scanner) (*Account, error) {
	a, err := o.scanUnchecked(row)
	if err != nil {
		return nil, err
	}
	if !equal(a.mac, o.macAccount(a)) {
		return nil, errAltered
	}
	return a, nil
}

// scanUnchecked reads an account without comparing its digest; only the making
// of new digests may use it by itself.
func (o *Office) scanUnchecked(row scanner) (*Account, error) {
	var a Account
	var blob []byte
	if err := row.Scan(&a.ID, &a.key, &a.Unit, (*string)(&a.Role), &a.Language, &a.Supervisor, (*string)(&a.State),
		&a.Version, &a.created, &a.activated, &a.signedIn, &blob, &a.mac); err != nil {
		return nil, err
	}
	var n names
	if err := o.seals.OpenNode(tableAccount, a.ID[:], a.Version, blob, &n); err != nil {
		return nil, fmt.Errorf("open account: %w", err)
	}
	a.signIn, a.SignIn, a.Name = n.SignIn, sealed.NewText(n.SignIn), n.Name
	if a.signedIn > 0 {
		a.SignedInAt = clock.FromMicros(a.signedIn)
	}
	return &a, nil
}

func (o *Office) macAccount(a *Account) []byte {
	return o.rowMAC(tableAccount, a.ID[:], a.Version, a.key, a.Unit[:], []byte(a.Role), []byte(a.Language),
		a.Supervisor[:], []byte(a.State), number(a.created), number(a.activated))
}

// sealAccount makes the sealed blob and the digest of an account at its version.
func (o *Office) sealAccount(a *Account) ([]byte, error) {
	blob, err := o.seals.SealNode(tableAccount, a.ID[:], a.Version, names{a.signIn, a.Name})
	if err != nil {
		return nil, fmt.Errorf("seal account: %w", err)
	}
	a.mac = o.macAccount(a)
	return blob, nil
}

// saveAccount writes a changed account as its next version.
func (o *Office) saveAccount(ctx context.Context, tx *store.Tx, a *Account) error {
	a.Version++
	blob, err := o.sealAccount(a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, sqlUpdateAccount, a.ID, a.Version-1, a.key, a.Unit, string(a.Role), a.Language, a.Supervisor,
		string(a.State), a.Version, a.activated, blob, a.mac)
	if err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	return nil
}

// row names the account in a journal entry: whom it was about.
func (a *Account) row() journal.RowState {
	return journal.RowState{Table: tableAccount, Row: a.ID[:], Version: a.Version, MAC: a.mac}
}

// collect reads all rows of a query with scan and closes them.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// scanPair reads rows of two columns.
func scanPair[A, B any](row scanner) (p struct {
	A A
	B B
}, err error,
) {
	err = row.Scan(&p.A, &p.B)
	return p, err
}
