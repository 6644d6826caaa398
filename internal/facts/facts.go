package facts

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"causeway/internal/fault"
	"causeway/internal/store"
)

const table = "facts_fact"

// Tagger is the sealer of a case: what it makes of a record says nothing about the
// case to whoever has not the case's key.
type Tagger interface {
	MAC(table string, row []byte, version int64, cols ...any) []byte
}

// Fact is what one record says about the work.
type Fact struct {
	Kind   string            // a key of the table of kinds, such as "need"
	Record []byte            // the record's identifier; it is not stored
	Month  time.Time         // in whose month the fact is counted; the day is not stored
	Area   string            // first-level area, "" for not known
	Codes  map[string]string // of the kind's codes; an empty one is left out
}

// kinds lists the codes that a fact of each kind may carry. Together with month and
// area they are all that a consumer learns; think of the child who is alone in a cell
// before adding one.
var kinds = map[string]map[string]bool{
	"need": {"service": true, "state": true, "outcome": true, "unmet": true, "sex": true, "age": true, "waited": true},
	// answered is after how many hours the receiver took it or did not
	"referral": {"kind": true, "service": true, "urgency": true, "state": true, "reason": true, "outcome": true, "sex": true, "age": true, "answered": true},
}

// Consumers are who reads facts. Each has marks of its own.
var Consumers = []string{"gaps", "stats"}

// shape is that of a code of a pack, a band or a number: no text of a person fits.
var shape = regexp.MustCompile(`^[A-Za-z0-9_+-]{1,40}$`)

// Put writes the fact of a record, or its next version, and marks it as pending for
// every consumer. It belongs to the transaction that writes the record.
func Put(ctx context.Context, tx *store.Tx, t Tagger, f Fact) error {
	id, err := idOf(t, f.Kind, f.Record)
	if err != nil {
		return err
	}
	codes, err := f.encode()
	if err != nil {
		return err
	}
	month := f.Month.UTC().Format("2006-01")
	var version int64
	err = tx.QueryRow(ctx, sqlVersion, id).Scan(&version)
	switch {
	case fault.Is(err, fault.NotFound):
		err = tx.Put(ctx, sqlInsert, int64(1), id, f.Kind, month, f.Area, codes)
	case err == nil:
		_, err = tx.Exec(ctx, sqlUpdate, version+1, id, month, f.Area, codes)
	}
	if err != nil {
		return fmt.Errorf("put fact: %w", err)
	}
	return mark(ctx, tx, id, version+1)
}

// Erase deletes the fact of a record, and tells every consumer, when the case is
// erased. A record without a fact is no fault.
func Erase(ctx context.Context, tx *store.Tx, t Tagger, kind string, record []byte) error {
	id, err := idOf(t, kind, record)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, sqlErase, id)
	if err != nil {
		return fmt.Errorf("erase fact: %w", err)
	}
	if n == 0 {
		return nil
	}
	return mark(ctx, tx, id, 0)
}

// idOf returns under which identifier a record's fact is kept.
func idOf(t Tagger, kind string, record []byte) ([]byte, error) {
	if kinds[kind] == nil || len(record) == 0 {
		return nil, fault.New(fault.Internal, "no-such-fact")
	}
	id := t.MAC(table, record, 1, kind)
	if id == nil {
		return nil, fault.New(fault.Denied, "no-key")
	}
	return id, nil
}

// encode writes the codes in one order, and refuses what is not a code.
func (f Fact) encode() (string, error) {
	if f.Area != "" && !shape.MatchString(f.Area) {
		return "", fault.New(fault.Internal, "no-such-fact")
	}
	kept := map[string]string{}
	for name, code := range f.Codes {
		switch {
		case code == "":
		case !kinds[f.Kind][name] || !shape.MatchString(code):
			return "", fault.New(fault.Internal, "no-such-fact")
		default:
			kept[name] = code
		}
	}
	b, err := json.Marshal(kept) // keys in order
	return string(b), err
}
