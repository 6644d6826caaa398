package document

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// PieceSize is how large the pieces are in which a document comes and is kept;
// only the last one is shorter.
const PieceSize = 256 << 10

type uploadKind struct{}

// Upload identifies a document on its way here.
type Upload = ident.ID[uploadKind]

const (
	uploadTable = "document_upload"
	pieceTable  = "document_piece"
)

// uploadsMost is how many unfinished uploads one person may have: each takes room
// that nobody sees.
const uploadsMost = 20

// documentsMost is how many documents a case may have, removed ones too.
const documentsMost = 500

// Begin makes room for a document of the pass's case. size is what it is announced
// to have, -1 where nobody knows. What [Brief] says was checked by the caller.
func (r *Room) Begin(ctx context.Context, p *access.Pass, b Brief, size int64) (Upload, error) {
	if err := r.fits(ctx, p, max(size, 0)); err != nil {
		return Upload{}, err
	}
	var open int64
	if err := p.Tx().QueryRow(ctx, sqlCountUploads, p.Caller().Staff(), p.Tx().Micros()).Scan(&open); err != nil {
		return Upload{}, fmt.Errorf("count uploads: %w", err)
	}
	if open >= uploadsMost {
		return Upload{}, fault.New(fault.Invalid, "document-uploads")
	}
	id := ident.New[Upload]()
	blob, err := p.SealNode(uploadTable, id[:], 1, &b)
	if err != nil {
		return Upload{}, fmt.Errorf("seal upload: %w", err)
	}
	_, err = p.Tx().Exec(ctx, sqlInsertUpload, size, p.Tx().Micros(), clock.Micros(p.Now().Add(r.limits.Keep)), id, p.Case(),
		p.Caller().Staff(), blob)
	if err != nil {
		return Upload{}, fmt.Errorf("write upload: %w", err)
	}
	return id, nil
}

// fits refuses a document that is too large, or that the case has no room for.
func (r *Room) fits(ctx context.Context, p *access.Pass, size int64) error {
	if size > r.limits.File {
		return fault.InvalidField("file", "document-too-big")
	}
	var count, taken int64
	if err := p.Tx().QueryRow(ctx, sqlTaken, p.Case()).Scan(&count, &taken); err != nil {
		return fmt.Errorf("count documents: %w", err)
	}
	if count >= documentsMost || taken+size > r.limits.Case {
		return fault.InvalidField("file", "document-case-full")
	}
	return nil
}

// upload is an unfinished upload of somebody.
type upload struct {
	id      Upload
	size    int64
	of      ident.Case
	by      ident.Staff
	expires int64
	blob    []byte
}

// find reads an upload. It exists for the person who began it, for the case it
// was begun for, until it expires.
func find(ctx context.Context, tx *store.Tx, by ident.Staff, of ident.Case, id Upload) (*upload, error) {
	u := upload{id: id}
	err := tx.QueryRow(ctx, sqlSelectUpload, id).Scan(&u.size, &u.expires, &u.of, &u.by, &u.blob)
	if fault.Is(err, fault.NotFound) || err == nil && (u.by != by || u.of != of || u.expires <= tx.Micros()) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return &u, nil
}

// pieceKey is the row of a piece or chunk.
func pieceKey(of [16]byte, n int64) []byte { return binary.BigEndian.AppendUint64(of[:], uint64(n)) }

type piece struct {
	Bytes []byte `cbor:"1,keyasint"`
}

// Put takes piece n of an upload, counted from 0. The same piece again changes
// nothing; another one in its place is a Conflict.
func (r *Room) Put(ctx context.Context, by ident.Staff, of ident.Case, id Upload, n int64, b []byte) error {
	if len(b) == 0 || len(b) > PieceSize || n < 0 {
		return fault.New(fault.Invalid, "document-piece")
	}
	if n*PieceSize+int64(len(b)) > r.limits.File {
		return fault.InvalidField("file", "document-too-big")
	}
	blob, err := r.seals.SealNode(pieceTable, pieceKey(id, n), 1, &piece{b})
	if err != nil {
		return fmt.Errorf("seal piece: %w", err)
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := find(ctx, tx, by, of, id); err != nil {
			return err
		}
		before, err := r.piece(ctx, tx, id, n)
		switch {
		case fault.Is(err, fault.NotFound):
			_, err = tx.Exec(ctx, sqlInsertPiece, n, int64(len(b)), id, blob)
		case err == nil && !bytes.Equal(before, b):
			err = fault.New(fault.Conflict, "document-piece-differs")
		}
		if err != nil {
			return fmt.Errorf("write piece: %w", err)
		}
		return nil
	})
}

// piece reads one piece of an upload.
func (r *Room) piece(ctx context.Context, tx *store.Tx, id Upload, n int64) ([]byte, error) {
	var blob []byte
	if err := tx.QueryRow(ctx, sqlSelectPiece, id, n).Scan(&blob); err != nil {
		return nil, err
	}
	var got piece
	err := r.seals.OpenNode(pieceTable, pieceKey(id, n), 1, blob, &got)
	return got.Bytes, err
}

// Have returns which pieces of an upload are here, in order: whoever lost the
// connection goes on with the others.
func (r *Room) Have(ctx context.Context, by ident.Staff, of ident.Case, id Upload) ([]int64, error) {
	have := []int64{}
	err := r.db.Read(ctx, func(tx *store.Tx) error {
		have = have[:0]
		if _, err := find(ctx, tx, by, of, id); err != nil {
			return err
		}
		return eachPiece(ctx, tx, id, func(n, _ int64) error {
			have = append(have, n)
			return nil
		})
	})
	return have, err
}

// Unfinished is an upload that somebody began and did not finish.
type Unfinished struct {
	ID      Upload
	Size    int64 // bytes it was announced to have, -1 where nobody knows
	Have    int64 // pieces that are here
	Expires time.Time
	Brief   Brief
}

// Unfinished returns the uploads that somebody began for a case and did not
// finish, newest first.
func (r *Room) Unfinished(ctx context.Context, by ident.Staff, of ident.Case) ([]Unfinished, error) {
	var out []Unfinished
	err := r.db.Read(ctx, func(tx *store.Tx) error {
		out = out[:0]
		rows, err := tx.Query(ctx, sqlMyUploads, by, of, tx.Micros())
		if err != nil {
			return fmt.Errorf("read uploads: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var u Unfinished
			var expires int64
			var blob []byte
			if err := rows.Scan(&u.Size, &expires, &u.ID, &blob); err != nil {
				return fmt.Errorf("read uploads: %w", err)
			}
			if err := r.seals.OpenNode(uploadTable, u.ID[:], 1, blob, &u.Brief); err != nil {
				return err
			}
			u.Expires = clock.FromMicros(expires)
			out = append(out, u)
		}
		return rows.Err()
	})
	for i := range out {
		have, herr := r.Have(ctx, by, of, out[i].ID)
		if fault.Is(herr, fault.NotFound) {
			continue // finished meanwhile
		}
		out[i].Have, err = int64(len(have)), errors.Join(err, herr)
	}
	return out, err
}

func eachPiece(ctx context.Context, tx *store.Tx, id Upload, fn func(n, size int64) error) error {
	rows, err := tx.Query(ctx, sqlSelectPieces, id)
	if err != nil {
		return fmt.Errorf("read pieces: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n, size int64
		if err := rows.Scan(&n, &size); err != nil {
			return fmt.Errorf("read pieces: %w", err)
		}
		if err := fn(n, size); err != nil {
			return err
		}
	}
	return rows.Err()
}

// whole returns how many pieces and bytes an upload has, and refuses one that
// lacks a piece.
func (u *upload) whole(ctx context.Context, tx *store.Tx) (pieces, size int64, err error) {
	short := false
	err = eachPiece(ctx, tx, u.id, func(n, bytes int64) error {
		if n != pieces || short {
			return errIncomplete()
		}
		pieces, size, short = pieces+1, size+bytes, bytes < PieceSize
		return nil
	})
	switch {
	case err != nil:
		return 0, 0, err
	case pieces == 0:
		return 0, 0, fault.InvalidField("file", "document-empty")
	case u.size >= 0 && u.size != size:
		return 0, 0, errIncomplete()
	}
	return pieces, size, nil
}

func errIncomplete() error { return fault.New(fault.Conflict, "document-incomplete") }

// pieces reads an upload from its beginning, one piece at a time.
type pieces struct {
	next func(n int64) ([]byte, error)
	n    int64
	most int64
	rest []byte
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.n >= p.most {
			return 0, io.EOF
		}
		var err error
		if p.rest, err = p.next(p.n); err != nil {
			return 0, fmt.Errorf("read piece: %w", err)
		}
		p.n++
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Take puts everything that r holds into an upload, piece by piece: the way of a
// plain form. It holds one piece in memory.
func (r *Room) Take(ctx context.Context, by ident.Staff, of ident.Case, id Upload, from io.Reader) error {
	buf := make([]byte, PieceSize)
	for n := int64(0); ; n++ {
		size, err := io.ReadFull(from, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if size > 0 {
			if err := r.Put(ctx, by, of, id, n, buf[:size]); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// Discard throws an unfinished upload of somebody away.
func (r *Room) Discard(ctx context.Context, by ident.Staff, of ident.Case, id Upload) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := find(ctx, tx, by, of, id); err != nil {
			return err
		}
		return drop(ctx, tx, id)
	})
}

func drop(ctx context.Context, tx *store.Tx, id Upload) error {
	for _, q := range []string{sqlDeletePieces, sqlDeleteUpload} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return fmt.Errorf("discard upload: %w", err)
		}
	}
	return nil
}

// Expire throws away the uploads that nobody finished in time.
func (r *Room) Expire(ctx context.Context) error {
	for {
		var old []Upload
		err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
			if old, err = oldUploads(ctx, tx); err != nil {
				return err
			}
			for _, id := range old {
				if err := drop(ctx, tx, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(old) == 0 {
			return err
		}
	}
}

func oldUploads(ctx context.Context, tx *store.Tx) ([]Upload, error) {
	rows, err := tx.Query(ctx, sqlOldUploads, tx.Micros())
	if err != nil {
		return nil, fmt.Errorf("read old uploads: %w", err)
	}
	defer rows.Close()
	var out []Upload
	for rows.Next() {
		var id Upload
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read old uploads: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
