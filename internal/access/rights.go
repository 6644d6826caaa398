package access

import (
	"context"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// The tables of who may reach a case.
const (
	tableReach    = "access_reach"
	tablePermit   = "access_permit"
	tableWithhold = "access_withhold"
	tablePart     = "access_part"
)

// ended is the until of a row that a command ended: it counts at no time, so
// that a clock set back does not bring it to life again. When it was ended
// stands in the journal.
const ended = int64(0)

// rightID is how many random bytes name a right: it must differ from the few of its
// case only.
const rightID = 6

// right is one row of a case in one of access's tables. Each is evidence: the
// journal names it by its random identifier with a digest over its columns.
type right struct {
	table    string
	id       []byte // how the journal names it; says nothing about the holder
	holder   []byte // of a reach or a withholding
	relation string // of a reach; of a part, the role it is withheld from
	purpose  string // of a permit; of a part, its name
	basis    string // of a permit
	from     int64  // since when, for people to read
	until    int64
	version  int64
	mac      []byte
}

// rightKey names a right within its case by what it says.
type rightKey struct{ table, holder, purpose, basis string }

func (r *right) key() rightKey {
	k := rightKey{r.table, string(r.holder), r.purpose, r.basis}
	if r.table == tablePart {
		k.basis = r.relation
	}
	return k
}

// name is how reconciliation names the row; one that this program did not write
// has no identifier and is named by what it says.
func (r *right) name() []byte {
	switch {
	case r.id != nil:
		return r.id
	case r.table == tablePermit:
		return []byte(r.purpose + " " + r.basis)
	case r.table == tablePart:
		return []byte(r.purpose + " " + r.relation)
	}
	return r.holder
}

// columns returns what the digest covers: everything stored but identifier,
// version and digest, which the digest is bound to besides.
func (r *right) columns(of []byte) []any {
	switch r.table {
	case tablePermit:
		return []any{of, r.purpose, r.basis, r.from, r.until}
	case tableWithhold:
		return []any{of, r.holder, r.from, r.until}
	case tablePart:
		return []any{of, r.purpose, r.relation, r.holder, r.from, r.until}
	}
	return []any{of, r.holder, r.relation, r.from, r.until}
}

func (r *right) inForce(now int64) bool { return r.until > now }

// args returns the row for its table's statements.
func (r *right) args(of ident.Case) []any {
	switch r.table {
	case tablePermit:
		return []any{of, r.purpose, r.basis, r.from, r.until, r.id, r.version, r.mac}
	case tableWithhold:
		return []any{of, r.holder, r.from, r.until, r.id, r.version, r.mac}
	case tablePart:
		return []any{of, r.purpose, r.relation, r.holder, r.from, r.until, r.id, r.version, r.mac}
	}
	return []any{of, r.holder, r.relation, r.from, r.until, r.id, r.version, r.mac}
}

var (
	insertRight = map[string]string{tableReach: sqlInsertReach, tablePermit: sqlInsertPermit, tableWithhold: sqlInsertWithhold, tablePart: sqlInsertPart}
	updateRight = map[string]string{tableReach: sqlUpdateReach, tablePermit: sqlUpdatePermit, tableWithhold: sqlUpdateWithhold, tablePart: sqlUpdatePart}
)

// readRights gives fn every right of a case, ended ones too, in the order of
// their keys.
func readRights(ctx context.Context, tx *store.Tx, of []byte, fn func(r *right) error) error {
	rows, err := tx.Query(ctx, sqlSelectRights, of)
	if err != nil {
		return fmt.Errorf("read rights: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r right
		err := rows.Scan(&r.table, &r.holder, &r.relation, &r.purpose, &r.basis, &r.from, &r.until, &r.id, &r.version, &r.mac)
		if err != nil {
			return fmt.Errorf("read rights: %w", err)
		}
		if err := fn(&r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// errAltered says that a row was changed behind the program's back. It is never
// written over: it is evidence.
func errAltered() error { return fault.New(fault.Unavailable, "record-altered") }

// desk writes the rights of one case within a transaction.
type desk struct {
	tx   *store.Tx
	of   ident.Case
	seal *keys.Sealer
	rows map[rightKey]*right
	// later are new rows: nobody reads them in this transaction, so they travel
	// with its journal entry.
	later []store.Stmt
	// wrote takes note of each row written, for the journal.
	wrote func(table string, row []byte, version int64, mac []byte)
}

// load reads what the case has; a case that is being registered has nothing.
func (d *desk) load(ctx context.Context) error {
	d.rows = map[rightKey]*right{}
	return readRights(ctx, d.tx, d.of[:], func(r *right) error {
		d.rows[r.key()] = r
		return nil
	})
}

// put writes a right: anew, or as the next version of the row that is there.
func (d *desk) put(ctx context.Context, r right) error {
	before := d.rows[r.key()]
	if before == nil {
		id := ident.New[[16]byte]()
		r.id, r.version = id[:rightID], 1
	} else {
		if err := before.check(d.seal, d.of); err != nil {
			return err
		}
		r.id, r.version = before.id, before.version+1
	}
	r.mac = d.seal.MAC(r.table, r.id, r.version, r.columns(d.of[:])...)
	d.rows[r.key()] = &r
	d.wrote(r.table, r.id, r.version, r.mac)
	if before == nil {
		d.later = append(d.later, store.Stmt{SQL: insertRight[r.table], Args: r.args(d.of)})
		return nil
	}
	if err := d.flush(ctx); err != nil { // the row may be among the new ones
		return err
	}
	n, err := d.tx.Exec(ctx, updateRight[r.table], append(r.args(d.of), before.version)...)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return fmt.Errorf("change right: %w", err)
	}
	return nil
}

// flush writes the new rows now.
func (d *desk) flush(ctx context.Context) error {
	if len(d.later) == 0 {
		return nil
	}
	err := d.tx.Batch(ctx, d.later...)
	d.later = nil
	if err != nil {
		return fmt.Errorf("write rights: %w", err)
	}
	return nil
}

// checker checks digests: a sealer or an opener.
type checker interface {
	CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error
}

// check refuses a row that this program did not write as it is.
func (r *right) check(k checker, of ident.Case) error {
	return k.CheckMAC(r.mac, r.table, r.id, r.version, r.columns(of[:])...)
}

// grant lets a holder reach the case. A withholding is never lifted by it, and
// nobody of the team becomes a mere receiver.
func (d *desk) grant(ctx context.Context, holder [16]byte, relation string) error {
	r := right{table: tableReach, holder: holder[:], relation: relation, from: d.tx.Micros(), until: noEnd}
	if old := d.rows[r.key()]; old != nil && old.inForce(d.tx.Micros()) {
		outside := relation == RelationReceiver || relation == RelationCircle
		if old.relation == relation || old.relation == relationWithheld || outside && rank[old.relation] > rank[relation] {
			return old.check(d.seal, d.of)
		}
	}
	return d.put(ctx, r)
}

// permit puts a basis into force, until a time.
func (d *desk) permit(ctx context.Context, purpose, basis string, until int64) error {
	r := right{table: tablePermit, purpose: purpose, basis: basis, from: d.tx.Micros(), until: until}
	if old := d.rows[r.key()]; old != nil && old.inForce(d.tx.Micros()) && old.until == until {
		return old.check(d.seal, d.of)
	}
	return d.put(ctx, r)
}

// end ends a right.
func (d *desk) end(ctx context.Context, r right) error {
	r.until = ended
	return d.put(ctx, r)
}

// withhold keeps the case from somebody. The mirror in access_reach keeps lists
// from counting it.
func (d *desk) withhold(ctx context.Context, from [16]byte) error {
	now := d.tx.Micros()
	w := right{table: tableWithhold, holder: from[:], from: now, until: noEnd}
	mirror := right{table: tableReach, holder: from[:], relation: relationWithheld, from: now, until: noEnd}
	if old := d.rows[w.key()]; old == nil || !old.inForce(now) {
		if err := d.put(ctx, w); err != nil {
			return err
		}
	}
	if old := d.rows[mirror.key()]; old == nil || !old.inForce(now) || old.relation != relationWithheld {
		return d.put(ctx, mirror)
	}
	return nil
}
