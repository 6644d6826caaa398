package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// Marks let a corrected file be brought in again: rows that an earlier import of
// the same person registered are passed over. What is stored of a row is 8 bytes
// of an HMAC under a random key that stands in the sealed part of the import, and
// both are deleted when the import expires: nothing about a person stays that
// could be tried out.

// shortMark returns what is stored of a row's mark.
func shortMark(key []byte, m Mark) uint64 {
	h := hmac.New(sha256.New, key)
	h.Write(m[:])
	return binary.BigEndian.Uint64(h.Sum(nil))
}

func packMarks(key []byte, rows []*Row) []byte {
	b := make([]byte, 0, 8*len(rows))
	for _, r := range rows {
		b = binary.BigEndian.AppendUint64(b, shortMark(key, r.Mark))
	}
	return b
}

// known is the marks of one earlier import, sorted.
type known struct {
	key   []byte
	marks []uint64
}

// earlier returns a function that recognises rows of the caller's other imports,
// nil when there are none.
func (s *Imports) earlier(ctx context.Context, c *access.Caller, but ident.Import) (func(Mark) bool, error) {
	var sets []known
	err := s.Gate.Own(ctx, c, func(p *access.Pass) error {
		sets = nil
		list, err := s.all(ctx, p)
		if err != nil {
			return err
		}
		for _, im := range list {
			if im.ID == but || im.Registered == 0 {
				continue
			}
			k := known{key: im.secret.Marks.Reveal()}
			if k.marks, err = readMarks(ctx, p, im.ID); err != nil {
				return err
			}
			sets = append(sets, k)
		}
		return nil
	})
	if err != nil || len(sets) == 0 {
		return nil, err
	}
	return func(m Mark) bool {
		for _, k := range sets {
			if _, found := slices.BinarySearch(k.marks, shortMark(k.key, m)); found {
				return true
			}
		}
		return false
	}, nil
}

func readMarks(ctx context.Context, p *access.Pass, id ident.Import) ([]uint64, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectMarks, id)
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	defer rows.Close()
	var list []uint64
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		for ; len(b) >= 8; b = b[8:] {
			list = append(list, binary.BigEndian.Uint64(b))
		}
	}
	slices.Sort(list)
	return list, rows.Err()
}
