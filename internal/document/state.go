package document

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// change is the frame of the commands on one document: it checks the row, lets
// apply change it and writes the next version. from lists the states it may be in.
func (r *Room) change(ctx context.Context, p *access.Pass, id ident.Document, from []string, apply func(*row, *keys.Sealer) error) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	w, err := read(ctx, p, id)
	if err != nil {
		return err
	}
	if err := s.CheckMAC(w.mac, table, w.ID[:], w.Version, w.columns()...); err != nil {
		return err
	}
	if !slices.Contains(from, w.State) {
		return fault.New(fault.Conflict, "document-state")
	}
	if err := apply(w, s); err != nil {
		return err
	}
	return w.write(ctx, p, s)
}

// Lock shuts a document that may show abuse, for everybody and at once. There is
// no way back: it goes to the competent unit and is destroyed.
func (r *Room) Lock(ctx context.Context, p *access.Pass, id ident.Document) error {
	return r.change(ctx, p, id, []string{Kept, Quarantined}, func(w *row, _ *keys.Sealer) error {
		w.State = Locked
		return nil
	})
}

// Remove deletes the bytes of a document; its head stays. What is locked is
// evidence and is destroyed by two people only.
func (r *Room) Remove(ctx context.Context, p *access.Pass, id ident.Document) error {
	return r.change(ctx, p, id, []string{Kept, Quarantined}, func(w *row, _ *keys.Sealer) error {
		w.State = Removed
		return w.deleteChunks(ctx, p)
	})
}

// Ask asks for the destruction of a locked document and keeps the reference of
// the competent unit. Another person carries it out.
func (r *Room) Ask(ctx context.Context, p *access.Pass, id ident.Document, c Closing) error {
	return r.change(ctx, p, id, []string{Locked}, func(w *row, s *keys.Sealer) (err error) {
		w.Asked = p.Caller().Staff()
		if w.closing, err = s.Seal(closingTable, w.ID[:], 1, &c); err != nil {
			return fmt.Errorf("seal closing: %w", err)
		}
		return nil
	})
}

// Asker returns who asked to destroy a document, none where nobody did: the gate
// then refuses that person as the second.
func (r *Room) Asker(ctx context.Context, of ident.Case, id ident.Document) (who ident.Staff, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, sqlAsked, id, of).Scan(&who)
		if fault.Is(err, fault.NotFound) {
			return nil // the act takes the way of an unknown one
		}
		return err
	})
	return who, err
}

// Destroy deletes the bytes of a locked document on the word of a second person.
// asked is who the first was when the gate decided.
func (r *Room) Destroy(ctx context.Context, p *access.Pass, id ident.Document, asked ident.Staff) error {
	return r.change(ctx, p, id, []string{Locked}, func(w *row, _ *keys.Sealer) error {
		if w.Asked.IsZero() || w.Asked != asked {
			return fault.New(fault.Conflict, "document-state")
		}
		if w.Asked == p.Caller().Staff() {
			return fault.New(fault.Denied, "document-second") // the floor has said so already
		}
		w.State = Destroyed
		return w.deleteChunks(ctx, p)
	})
}

// deleteChunks deletes the bytes. The chunks' digest stays: it vouches for what
// was there.
func (w *row) deleteChunks(ctx context.Context, p *access.Pass) error {
	n, err := p.Tx().Exec(ctx, sqlDeleteChunks, w.ID)
	if err != nil {
		return fmt.Errorf("delete chunks: %w", err)
	}
	if n != w.Chunks {
		return fault.New(fault.Unavailable, "record-altered")
	}
	return nil
}
