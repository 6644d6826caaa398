package keys

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Custody keeps the subject keys: rows in the database, wrapped under epoch keys
// that only the ring holds. It is safe for concurrent use.
type Custody struct {
	ring *Ring
	clk  clock.Clock

	mu      sync.Mutex // guards the rest
	current *epochKey  // what the database last said is in use
	seen    time.Time  // when it said so
	pending int64      // an epoch made by a transaction that may not have committed
}

// currentFor is how long an instance goes on with the current epoch key before it
// asks the database again: another instance may have begun a new one.
const currentFor = time.Minute

// New returns the custody of the subject keys that ring protects.
func New(ring *Ring, clk clock.Clock) *Custody { return &Custody{ring: ring, clk: clk} }

// wrapped is a row of keys_subject.
type wrapped struct {
	subject    ident.Subject
	kind       string
	epoch      int64
	blob       []byte
	commitment []byte
}

// context is the associated data of a wrapped key.
func (w *wrapped) context() []byte {
	ad := binary.BigEndian.AppendUint64([]byte("causeway/wrap/1"), uint64(w.epoch))
	ad = append(ad, w.subject[:]...)
	return append(ad, w.kind...)
}

// wrap seals the subject's identifier and key under an epoch key. The identifier
// is inside as well as beside, so that a key swapped between two subjects is
// found even by a provider without associated data.
func (w *wrapped) wrap(k *epochKey, key []byte) {
	var plaintext [len(w.subject) + keySize]byte
	defer clear(plaintext[:])
	copy(plaintext[:], w.subject[:])
	copy(plaintext[len(w.subject):], key)
	w.epoch = k.id
	w.blob = k.wrap.Seal(nil, nil, plaintext[:], w.context())
}

var errKeyAltered = fault.New(fault.Unavailable, "key-altered")

// unwrap returns the subject key, which the caller wipes, and its expander. The
// key has been checked against its commitment: nobody can wrap a second key that
// gives another reading of the same records.
func (w *wrapped) unwrap(r *Ring) ([]byte, expander, error) {
	k, err := r.epoch(w.epoch)
	if err != nil {
		return nil, expander{}, err
	}
	plaintext, err := k.wrap.Open(nil, nil, w.blob, w.context())
	if err != nil || len(plaintext) != len(w.subject)+keySize || ident.Subject(plaintext[:len(w.subject)]) != w.subject {
		clear(plaintext)
		return nil, expander{}, errKeyAltered
	}
	key := plaintext[len(w.subject):]
	ex := newExpander(key)
	if subtle.ConstantTimeCompare(ex.expand(nil, labelCommit), w.commitment) != 1 {
		clear(plaintext)
		return nil, expander{}, errKeyAltered
	}
	return key, ex, nil
}

// open returns the usable key.
func (w *wrapped) open(r *Ring) (*material, error) {
	key, ex, err := w.unwrap(r)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return newMaterial(w.subject, ex, w.commitment), nil
}

// Create makes the key of a new subject, writes it wrapped in tx and returns its
// sealer. A subject has one key for its life; a second is a Conflict.
func (c *Custody) Create(ctx context.Context, tx *store.Tx, s ident.Subject, kind string) (*Sealer, error) {
	if s.IsZero() || kind == "" {
		return nil, fault.New(fault.Invalid, "subject")
	}
	epoch, err := c.currentEpoch(ctx, tx)
	if err != nil {
		return nil, err
	}
	key := newKey()
	defer clear(key)
	ex := newExpander(key)
	m := newMaterial(s, ex, ex.expand(nil, labelCommit))
	w := wrapped{subject: s, kind: kind}
	w.wrap(epoch, key)
	err = tx.Put(ctx, sqlSubjectInsert, s, kind, w.epoch, w.blob, m.commitment)
	if err != nil {
		return nil, fmt.Errorf("create subject key: %w", err)
	}
	return newSealer(m), nil
}

// Sealer returns the sealer of an existing subject, for a write in tx.
func (c *Custody) Sealer(ctx context.Context, tx *store.Tx, s ident.Subject) (*Sealer, error) {
	m, err := c.load(ctx, tx, s)
	if err != nil {
		return nil, err
	}
	return newSealer(m), nil
}

// Opener returns the opener of a subject that works until a time. The caller has
// committed the journal entry for it.
//
// A subject without a key, because there never was one or because it was
// erased, is NotFound. "key-destroyed" (Denied) means that the epoch key is
// gone, "key-unknown" (Unavailable) that this keyring is not the newest or not
// of this database, "key-altered" (Unavailable) that the row was changed.
func (c *Custody) Opener(ctx context.Context, tx *store.Tx, s ident.Subject, until time.Time) (*Opener, error) {
	k, err := c.Closed(ctx, tx, s)
	if err != nil {
		return nil, err
	}
	return k.Opener(until)
}

// Closed is the key of a subject as it is stored: it opens nothing.
type Closed struct {
	custody *Custody
	wrapped wrapped
}

// Closed returns the key of a subject as it is stored, for an entry that is still
// being committed. A subject without a key is NotFound.
func (c *Custody) Closed(ctx context.Context, tx *store.Tx, s ident.Subject) (*Closed, error) {
	w, err := c.find(ctx, tx, s)
	if err != nil {
		return nil, err
	}
	return &Closed{c, w}, nil
}

// Opener is [Custody.Opener] for a key that was fetched before.
func (k *Closed) Opener(until time.Time) (*Opener, error) {
	m, err := k.wrapped.open(k.custody.ring)
	if err != nil {
		return nil, err
	}
	return newOpener(m, until, k.custody.clk), nil
}

func (c *Custody) find(ctx context.Context, tx *store.Tx, s ident.Subject) (w wrapped, err error) {
	err = tx.QueryRow(ctx, sqlSubjectGet, s).Scan(&w.subject, &w.kind, &w.epoch, &w.blob, &w.commitment)
	if err != nil {
		err = fmt.Errorf("subject key: %w", err)
	}
	return w, err
}

func (c *Custody) load(ctx context.Context, tx *store.Tx, s ident.Subject) (*material, error) {
	w, err := c.find(ctx, tx, s)
	if err != nil {
		return nil, err
	}
	return w.open(c.ring)
}

// Openers returns the openers of the subjects of a list, with one query for each
// 64 of them. A subject without a key has none in the map. One whose key cannot
// be used has an opener that says why when it is asked, so that one damaged row
// does not hide the others.
func (c *Custody) Openers(ctx context.Context, tx *store.Tx, subjects []ident.Subject, until time.Time) (map[ident.Subject]*Opener, error) {
	out := make(map[ident.Subject]*Opener, len(subjects))
	for len(subjects) > 0 {
		n := min(len(subjects), subjectsAtOnce)
		found, err := listWrapped(ctx, tx, sqlSubjectList, padded(subjects[:n])...)
		if err != nil {
			return nil, fmt.Errorf("subject keys: %w", err)
		}
		subjects = subjects[n:]
		for i := range found {
			m, err := found[i].open(c.ring)
			if err != nil {
				out[found[i].subject] = &Opener{subject: found[i].subject, err: err}
				continue
			}
			out[m.subject] = newOpener(m, until, c.clk)
		}
	}
	return out, nil
}

// padded returns the subjects as arguments of sqlSubjectList.
func padded(subjects []ident.Subject) []any {
	args := make([]any, subjectsAtOnce)
	for i := range args {
		args[i] = subjects[min(i, len(subjects)-1)][:]
	}
	return args
}

func listWrapped(ctx context.Context, tx *store.Tx, query string, args ...any) ([]wrapped, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []wrapped
	for rows.Next() {
		var w wrapped
		if err := rows.Scan(&w.subject, &w.kind, &w.epoch, &w.blob, &w.commitment); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

// Destroy deletes the key of a subject: nothing sealed with it can be read here
// again. It returns the SHA-256 digest of the wrapped key for the tombstone in
// the journal. Backups made before hold the wrapped key still, until the epoch
// key is destroyed too.
func (c *Custody) Destroy(ctx context.Context, tx *store.Tx, s ident.Subject) (wrappedDigest []byte, err error) {
	var w wrapped
	err = tx.QueryRow(ctx, sqlSubjectGet, s).Scan(&w.subject, &w.kind, &w.epoch, &w.blob, &w.commitment)
	if err != nil {
		return nil, fmt.Errorf("destroy subject key: %w", err)
	}
	n, err := tx.Exec(ctx, sqlSubjectDelete, s)
	if err != nil {
		return nil, fmt.Errorf("destroy subject key: %w", err)
	}
	if n != 1 {
		return nil, fault.New(fault.Conflict, "changed")
	}
	digest := sha256.Sum256(w.blob)
	return digest[:], nil
}
