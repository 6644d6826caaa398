package consent

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

type privilegedKind struct{}

// PrivilegedID names one privileged note.
type PrivilegedID = ident.ID[privilegedKind]

const privilegedTable = "consent_privileged"

// Privileged is a note of a child's lawyer. Nobody reads it but who wrote it: no role of
// the State, not the guardian, and no other lawyer; it stands on no page of the case and
// in no print or export.
type Privileged struct {
	ID     PrivilegedID
	Seq    int64
	At     time.Time
	Author ident.Staff
	Text   sealed.Text

	blob, mac []byte
}

type privilegedContent struct {
	Text sealed.Text `cbor:"1,keyasint"`
}

func (n *Privileged) columns(in ident.Case) []any {
	return []any{n.At.UnixMicro(), n.Seq, in[:], n.Author[:], n.blob}
}

// WritePrivileged stores a note of the pass's caller under the number of its event.
func WritePrivileged(ctx context.Context, p *access.Pass, seq int64, text sealed.Text) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	n := Privileged{ID: ident.New[PrivilegedID](), Seq: seq, At: p.Now(), Author: p.Caller().Staff()}
	if n.blob, err = s.Seal(privilegedTable, n.ID[:], 1, &privilegedContent{text}); err != nil {
		return fmt.Errorf("seal privileged note: %w", err)
	}
	n.mac = s.MAC(privilegedTable, n.ID[:], 1, n.columns(p.Case())...)
	if err := p.Tx().Put(ctx, sqlInsertPrivileged, n.At.UnixMicro(), n.Seq, p.Case(), n.ID, n.Author, n.blob, n.mac); err != nil {
		return fmt.Errorf("write privileged note: %w", err)
	}
	p.Wrote(privilegedTable, n.ID[:], 1, n.mac)
	return nil
}

// FetchPrivileged reads the notes that the caller of a look wrote about its case, sealed,
// newest first. Those of others are not even read.
func FetchPrivileged(ctx context.Context, p *access.Pass) ([]Privileged, error) {
	rows, err := p.Tx().Query(ctx, sqlOwnPrivileged, p.Case(), p.Caller().Staff())
	if err != nil {
		return nil, fmt.Errorf("read privileged notes: %w", err)
	}
	defer rows.Close()
	var out []Privileged
	for rows.Next() {
		var n Privileged
		var at int64
		if err := rows.Scan(&at, &n.Seq, &n.ID, &n.Author, &n.blob, &n.mac); err != nil {
			return nil, err
		}
		n.At = clock.FromMicros(at)
		out = append(out, n)
	}
	return out, rows.Err()
}

// OpenPrivileged checks and opens what [FetchPrivileged] read. A note that names another
// author than it was written by does not fit, and is refused.
func OpenPrivileged(p *access.Pass, list []Privileged) error {
	o, err := p.Opener(p.Case())
	if err != nil {
		return err
	}
	for i := range list {
		n := &list[i]
		if err := o.CheckMAC(n.mac, privilegedTable, n.ID[:], 1, n.columns(p.Case())...); err != nil {
			return err
		}
		var c privilegedContent
		if err := o.Open(privilegedTable, n.ID[:], 1, n.blob, &c); err != nil {
			return err
		}
		n.Text = c.Text
	}
	return nil
}
