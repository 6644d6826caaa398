package casework

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/deadline"
	"causeway/internal/document"
	"causeway/internal/facts"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/store"
)

// erasures is the erasure list of this room and of those behind its side doors: every table with rows of a case, and
// what deletes a case's rows there, in the transaction of the tombstone. What
// access and the keepers below it hold is deleted by [access.Pass.Erase]. A test
// finds tables that refer to a case and do not stand here.
var erasures = []struct {
	tables []string
	erase  func(ctx context.Context, tx *store.Tx, of ident.Case) error
}{
	{[]string{"document_chunk", "document_piece", "document_document", "document_upload"}, document.Erase},
	{[]string{"deadline_step", "deadline_due"}, deadline.Erase},
	{[]string{"forms_revision"}, forms.Erase},
	{consent.ErasedTables(), consent.Erase},
	{[]string{"person_person", "person_search", "person_former"}, person.Erase},
	{[]string{statusTable, actTable, missingTable}, eraseLife},
	{[]string{eventTable, checkTable, strandTable, flagTable, taskTable, caseTable, "casework_pair"}, eraseCase},
}

// eraseCase deletes this room's rows of a case.
func eraseCase(ctx context.Context, tx *store.Tx, of ident.Case) error {
	for _, query := range []string{sqlDropPairs, sqlEraseStrands, sqlEraseEvents, sqlEraseCheck, sqlEraseFlags, sqlEraseTasks, sqlEraseCase} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase case: %w", err)
		}
	}
	return nil
}

// ErasedTables names every table of which [EraseRows] deletes a case's rows.
func ErasedTables() []string {
	var out []string
	for _, e := range erasures {
		out = append(out, e.tables...)
	}
	for _, l := range ledgers {
		out = append(out, l.Table)
	}
	return out
}

// expireMost is how many checks one run looks for at a time.
const expireMost = 100

// errKept leaves the transaction of a check that is not to be erased after all.
var errKept = errors.New("kept")

// ExpireChecks erases the checks that were kept long enough and from which nobody
// registered a child, and returns how many it erased. One that still waits for
// somebody to take it over is kept: nobody has looked at that child yet. It is the
// work of the named job "expire-checks".
func (r *Room) ExpireChecks(ctx context.Context) (int, error) {
	job := r.gate.Job("expire-checks")
	done := 0
	for {
		var due []ident.Case
		err := r.gate.Work(ctx, job, access.Act{Action: "check.due", Purpose: "maintenance"}, func(p *access.Pass) (err error) {
			due, err = readCaseIDs(ctx, p.Tx(), sqlSelectExpired, r.keptSince(p), expireMost)
			return err
		})
		if err != nil {
			return done, fmt.Errorf("find expired checks: %w", err)
		}
		before := done
		for _, id := range due {
			erased, err := r.expire(ctx, job, id)
			if err != nil {
				return done, fmt.Errorf("expire check: %w", err)
			}
			if erased {
				done++
			}
		}
		if len(due) < expireMost || done == before {
			return done, nil
		}
	}
}

// keptSince returns since when a check must have been left alone to expire.
func (r *Room) keptSince(p *access.Pass) int64 {
	keep := r.codes.Clock(pack.CheckKeep)
	return p.Now().Add(-keep.After(p.Now()).Sub(p.Now())).UnixMicro()
}

// expire erases one check if it is still to be erased; its entry is the tombstone.
func (r *Room) expire(ctx context.Context, job *access.Caller, id ident.Case) (bool, error) {
	act := access.Act{Action: "check.expire", Purpose: "maintenance", Case: id}
	_, err := r.gate.Do(ctx, job, act, func(p *access.Pass) (string, error) {
		row, err := readCase(ctx, p.Tx(), id)
		if err != nil {
			return "", err
		}
		k, err := readCheck(ctx, p.Tx(), id)
		if err != nil {
			return "", err
		}
		since := r.keptSince(p)
		if !k.RegisteredAt.IsZero() || k.Waits() || k.MadeAt.UnixMicro() >= since || row.UpdatedAt.UnixMicro() >= since {
			return "", errKept
		}
		return "", p.Erase(ctx)
	})
	if errors.Is(err, errKept) || fault.Is(err, fault.NotFound) { // somebody was quicker
		return false, nil
	}
	return err == nil, err
}

// EraseRows is the [access.Eraser] of this room and of those behind its side doors: it
// deletes every row of a case there, and notes that it was erased. The facts of a case
// are found only with its key. Without one (nil, because its epoch
// key is gone) they stay, and nothing leads from them to anybody.
func EraseRows(ctx context.Context, tx *store.Tx, s *keys.Sealer, of ident.Case) error {
	if err := eraseFacts(ctx, tx, s, of); err != nil {
		return err
	}
	for _, e := range erasures {
		if err := e.erase(ctx, tx, of); err != nil {
			return err
		}
	}
	for _, l := range ledgers {
		if _, err := tx.Exec(ctx, l.eraseSQL, of); err != nil {
			return fmt.Errorf("erase %s: %w", l.Table, err)
		}
	}
	if err := tx.Put(ctx, sqlInsertTombstone, tx.Micros(), of); err != nil {
		return fmt.Errorf("write tombstone: %w", err)
	}
	return nil
}

// factSources are the records that leave facts: of what kind, and which there are in a
// case.
var factSources = []struct{ kind, query string }{
	{factNeed, sqlNeedIDs},
}

// eraseFacts deletes the facts of a case, while its records are still there to find
// them by.
func eraseFacts(ctx context.Context, tx *store.Tx, s *keys.Sealer, of ident.Case) error {
	if s == nil {
		return nil
	}
	for _, source := range factSources {
		var ids [][]byte
		err := eachRow(ctx, tx, func(scan func(...any) error) error {
			var id []byte
			err := scan(&id)
			ids = append(ids, id)
			return err
		}, source.query, of)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := facts.Erase(ctx, tx, s, source.kind, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tombstones returns the cases that were erased, for the restrictions file: random
// identifiers, nothing else.
func (r *Room) Tombstones(ctx context.Context, db *store.DB) ([]ident.Case, error) {
	var out []ident.Case
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = readCaseIDs(ctx, tx, sqlTombstones)
		return err
	})
	return out, err
}
