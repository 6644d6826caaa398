package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// Somebody looks for a child whom they may not see. They see nothing, and whoever
// answers for the child is told that somebody looked, and who: the two can talk, and
// nobody learns from a search where a child is.

// FlagLookedFor is the reason of the flag that tells it (code list flag_reason).
const FlagLookedFor = "looked_for"

// mostHidden bounds of how many children one search leaves word.
const mostHidden = 5

const lookTable = "casework_look"

type lookKind struct{}

// look is the word that a search leaves: who looked, and for whom it may have been. It
// has one size whatever it says.
type look struct {
	_     struct{} `cbor:",toarray"`
	Who   [16]byte
	Cases [mostHidden][16]byte
}

// striking reports whether a child is so like the one asked for that it is told: that
// both have a common name is not enough.
func striking(l person.Like) bool {
	agree := 0
	for _, e := range l.Evidence {
		if e.Level <= linkage.Code && e.Weight > 0 && e.Field != linkage.FieldOrder && e.Field != linkage.FieldSex {
			agree++
		}
	}
	return l.Class >= linkage.PossiblySame && agree >= 2
}

// leaveWord writes what a search did not show. A search that hid nothing writes as much,
// so that nobody can tell the two by the time they take.
func leaveWord(p *access.Pass, hidden []ident.Case) error {
	w := look{Who: [16]byte(p.Caller().Staff())}
	for i, id := range hidden[:min(len(hidden), mostHidden)] {
		w.Cases[i] = [16]byte(id)
	}
	id, at := ident.New[ident.ID[lookKind]](), p.Now().UnixMicro()
	blob, err := p.SealNode(lookTable, id[:], 1, &w)
	if err != nil {
		return fmt.Errorf("seal look: %w", err)
	}
	p.Leave(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Put(ctx, sqlInsertLook, at, id, blob); err != nil {
			return fmt.Errorf("write look: %w", err)
		}
		return nil
	})
	return nil
}

// lookBatch is of how many searches one run tells.
const lookBatch = 500

// leftWord is one word that was left and not passed on yet.
type leftWord struct {
	at   time.Time
	id   ident.ID[lookKind]
	said look
}

// TellLooks passes on the word that searches left, and returns for how many children it
// did. It is the work of the named job "looks". A child of whom it was told and nobody
// has answered yet is not told of again.
func (r *Room) TellLooks(ctx context.Context) (int, error) {
	job := r.gate.Job("looks")
	var left []leftWord
	err := r.gate.Work(ctx, job, access.Act{Action: "job.looks", Purpose: "maintenance"}, func(p *access.Pass) (err error) {
		left, err = readLooks(ctx, p)
		return err
	})
	if err != nil || len(left) == 0 {
		return 0, err
	}
	told := 0
	var failed error
	left = slices.DeleteFunc(left, func(w leftWord) bool { // what could not be told waits for the next run
		n, err := r.tellLooked(ctx, job, &w)
		told += n
		failed = errors.Join(failed, err)
		return err != nil
	})
	_, err = r.gate.Do(ctx, job, access.Act{Action: "job.looks", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
		for i := range left {
			if _, err := p.Tx().Exec(ctx, sqlDeleteLook, left[i].id); err != nil {
				return "", fmt.Errorf("delete look: %w", err)
			}
		}
		return "", nil
	})
	return told, errors.Join(failed, err)
}

// tellLooked passes on the word of one search. A child whom it cannot tell of does not
// hold up the others.
func (r *Room) tellLooked(ctx context.Context, job *access.Caller, w *leftWord) (told int, failed error) {
	for _, of := range w.said.Cases {
		if of == [16]byte{} {
			continue
		}
		err := r.tellLook(ctx, job, ident.Case(of), w)
		switch {
		case err == nil:
			told++
		case errors.Is(err, errNothingDue), fault.Is(err, fault.NotFound): // told already; erased since
		default:
			failed = errors.Join(failed, err)
		}
	}
	return told, failed
}

func readLooks(ctx context.Context, p *access.Pass) (out []leftWord, err error) {
	rows, err := p.Tx().Query(ctx, sqlSelectLook, lookBatch)
	if err != nil {
		return nil, fmt.Errorf("read looks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w leftWord
		var at int64
		var blob []byte
		if err := rows.Scan(&at, &w.id, &blob); err != nil {
			return nil, err
		}
		if err := p.OpenNode(lookTable, w.id[:], 1, blob, &w.said); err != nil {
			return nil, err
		}
		w.at = clock.FromMicros(at)
		out = append(out, w)
	}
	return out, rows.Err()
}

// tellLook flags one child's case: somebody looked for a child who may be this one.
func (r *Room) tellLook(ctx context.Context, job *access.Caller, of ident.Case, w *leftWord) error {
	return r.act(ctx, job, ident.Command{}, of, "case.lookedfor", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		flags, err := fetchItems(ctx, p, flagTable)
		if err != nil {
			return nil, err
		}
		told := func(i Item) bool { return i.Open() && i.Kind == FlagLookedFor }
		if row.Closed() || slices.ContainsFunc(flags, told) {
			return nil, errNothingDue
		}
		i := &Item{table: flagTable, Kind: FlagLookedFor, Owner: row.Worker, Author: ident.Staff(w.said.Who), Due: r.codes.Clock(pack.LookedFor).After(p.Now())}
		if err := i.add(ctx, p, sealed.Text{}); err != nil {
			return nil, err
		}
		if err := r.itemDue(ctx, p, row, i, dueFlag); err != nil {
			return nil, err
		}
		return &Event{Kind: KindFlagged, Content: Content{To: FlagLookedFor, Of: i.ID[:], Due: micros(i.Due), Who: w.said.Who[:], Since: w.at.UnixMicro()}}, nil
	})
}
