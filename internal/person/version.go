package person

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// VersionTable is the name the journal knows the rows of earlier versions by.
const VersionTable = "person_former"

type versionKind struct{}

// versionRow is an earlier version of a person, sealed as it was: under the label
// of the person's row.
type versionRow struct {
	id  ident.ID[versionKind]
	row row
}

func (v *versionRow) columns() []any {
	return []any{v.row.subject[:], v.row.id[:], v.row.version, v.row.updatedAt, v.row.blob}
}

func (v *versionRow) scan(scan func(...any) error) error {
	return scan(&v.row.updatedAt, &v.row.version, &v.row.id, &v.id, &v.row.subject, &v.row.blob, &v.row.mac)
}

// open checks and opens the version with the opener of its case.
func (v *versionRow) open(p *access.Pass, in ident.Case) (*Record, error) {
	if v.row.subject != in {
		return nil, fault.New(fault.Internal, "row-moved")
	}
	o, err := p.Opener(in)
	if err != nil {
		return nil, err
	}
	if err := o.CheckMAC(v.row.mac, VersionTable, v.id[:], 1, v.columns()...); err != nil {
		return nil, err
	}
	return v.row.details(o)
}

// keep copies the version that is about to be replaced.
func keep(ctx context.Context, p *access.Pass, s *keys.Sealer, id ident.Person, version int64) error {
	v := versionRow{id: ident.New[ident.ID[versionKind]]()}
	if err := v.row.scan(p.Tx().QueryRow(ctx, sqlSelectPerson, id).Scan); err != nil {
		return fmt.Errorf("keep person: %w", err)
	}
	if v.row.version != version {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err := s.CheckMAC(v.row.mac, table, id[:], version, v.row.subject[:], v.row.updatedAt, v.row.blob); err != nil {
		return err
	}
	mac := s.MAC(VersionTable, v.id[:], 1, v.columns()...)
	if err := p.Tx().Put(ctx, sqlInsertVersion, v.row.updatedAt, version, id, v.id, v.row.subject, v.row.blob, mac); err != nil {
		return fmt.Errorf("keep person: %w", err)
	}
	p.Wrote(VersionTable, v.id[:], 1, mac)
	return nil
}

// Version is what was known of a person from a time on.
type Version struct {
	Record
	At time.Time // when it was written
}

// History is the versions of a person as they are stored: sealed, newest first.
type History struct {
	now  row
	kept []versionRow
}

// mostVersions is how far back a history goes.
const mostVersions = 200

// FetchHistory reads the versions of a person while the entry of the look is
// being committed.
func (r *Room) FetchHistory(ctx context.Context, p *access.Pass, id ident.Person) (*History, error) {
	var h History
	if err := h.now.scan(p.Tx().QueryRow(ctx, sqlSelectPerson, id).Scan); err != nil {
		return nil, fmt.Errorf("read person: %w", err)
	}
	rows, err := p.Tx().Query(ctx, sqlVersions, id, mostVersions)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var v versionRow
		if err := v.scan(rows.Scan); err != nil {
			return nil, err
		}
		h.kept = append(h.kept, v)
	}
	return &h, rows.Err()
}

// Open opens the versions as those of a case's child, newest first. One that is
// missing between two others was taken away: record-altered.
func (h *History) Open(p *access.Pass, in ident.Case) ([]Version, error) {
	rec, err := h.now.open(p, in)
	if err != nil {
		return nil, err
	}
	out := []Version{{*rec, clock.FromMicros(h.now.updatedAt)}}
	for i := range h.kept {
		v := &h.kept[i]
		if v.row.version != out[len(out)-1].Version-1 {
			return nil, fault.New(fault.Unavailable, "record-altered")
		}
		if rec, err = v.open(p, in); err != nil {
			return nil, err
		}
		out = append(out, Version{*rec, clock.FromMicros(v.row.updatedAt)})
	}
	if last := out[len(out)-1].Version; last != 1 && len(h.kept) < mostVersions {
		return nil, fault.New(fault.Unavailable, "record-altered")
	}
	return out, nil
}

// EachVersion gives fn the earlier versions of a person as they are stored, for
// reconciliation.
func EachVersion(ctx context.Context, tx *store.Tx, id ident.Person,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	rows, err := tx.Query(ctx, sqlVersions, id, 1<<31-1)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at, version int64
		var who, id, subject, blob, mac []byte
		if err := rows.Scan(&at, &version, &who, &id, &subject, &blob, &mac); err != nil {
			return err
		}
		// In the order of versionRow.columns.
		if err := fn(VersionTable, id, 1, mac, []any{subject, who, version, at, blob}); err != nil {
			return err
		}
	}
	return rows.Err()
}
