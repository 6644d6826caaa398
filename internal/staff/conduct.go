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
	"causeway/internal/store"
)

// signature says that somebody signed a version of the code of conduct.
type signature struct {
	staff    ident.Staff
	version  string
	language string
	at       int64
	mac      []byte
}

const tableConduct = "staff_conduct"

// SignConduct notes that the person behind a session read the code of conduct in a
// language and promised to keep to it. A version that is not the one in force is a
// Conflict: they read another text. Signing it again changes nothing.
func (o *Office) SignConduct(ctx context.Context, s Session, version, language string) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		return o.signConduct(ctx, tx, me.By(), me.Staff, version, language)
	})
}

// SignedOnPaper notes from the server's shell that somebody signed the code of conduct
// in force outside the program.
func (o *Office) SignedOnPaper(ctx context.Context, tx *store.Tx, by By, who ident.Staff, language string) error {
	if !by.isShell() {
		return fault.New(fault.Denied, "no-actor")
	}
	return o.signConduct(ctx, tx, by, who, o.cfg.Conduct, language)
}

func (o *Office) signConduct(ctx context.Context, tx *store.Tx, by By, who ident.Staff, version, language string) error {
	switch {
	case o.cfg.Conduct == "" || version != o.cfg.Conduct:
		return fault.New(fault.Conflict, "changed-meanwhile")
	case !slices.Contains(o.cfg.Languages, language):
		return fault.InvalidField("language", "unknown")
	}
	s := signature{staff: who, version: version, language: language, at: clock.Micros(tx.Now())}
	row := o.signatureRow(&s)
	n, err := tx.Exec(ctx, sqlInsertSignature, s.staff, s.version, s.language, s.at, row.MAC)
	if err != nil {
		return fmt.Errorf("sign code of conduct: %w", err)
	}
	if n == 0 {
		return nil // signed before
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Decide, "staff.conduct", row)); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

func (s *signature) key() []byte { return append(append([]byte(nil), s.staff[:]...), s.version...) }

// signatureRow names a signature in a journal entry.
func (o *Office) signatureRow(s *signature) journal.RowState {
	return journal.RowState{
		Table: tableConduct, Row: s.key(), Version: 1,
		MAC: o.rowMAC(tableConduct, s.key(), 1, []byte(s.language), number(s.at)),
	}
}

func scanSignatureUnchecked(row scanner) (s signature, err error) {
	return s, row.Scan(&s.staff, &s.version, &s.language, &s.at, &s.mac)
}

// signatures returns who signed what, and checks that nobody altered it.
func (o *Office) signatures(ctx context.Context, tx *store.Tx) ([]signature, error) {
	rows, err := tx.Query(ctx, sqlSelectSignatures)
	all, err := collect(rows, err, func(row scanner) (signature, error) {
		s, err := scanSignatureUnchecked(row)
		if err == nil && !equal(s.mac, o.signatureRow(&s).MAC) {
			err = errAltered
		}
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read signatures: %w", err)
	}
	return all, nil
}

// rebindSignatures does for signatures what Rebind does for accounts.
func (o *Office) rebindSignatures(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, sqlSelectSignatures)
	all, err := collect(rows, err, scanSignatureUnchecked)
	if err != nil {
		return fmt.Errorf("read signatures: %w", err)
	}
	for i := range all {
		if _, err := tx.Exec(ctx, sqlRekeySignature, all[i].staff, all[i].version, o.signatureRow(&all[i]).MAC); err != nil {
			return fmt.Errorf("bind signature: %w", err)
		}
	}
	return nil
}

// Signed returns when somebody signed the code of conduct in force, false if they have
// not. Where none is in force nobody has to.
func (d Directory) Signed(id ident.Staff) (at time.Time, ok bool) {
	if !d.d.conduct {
		return time.Time{}, true
	}
	micros, ok := d.d.signed[id]
	if !ok {
		return time.Time{}, false
	}
	return clock.FromMicros(micros), true
}
