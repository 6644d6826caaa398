package casework

import (
	"context"
	"fmt"
	"math"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/person"
)

// pairBatch is how many persons, or pairs, one transaction does.
const pairBatch = 500

// changedMost is of how many persons that changed each is compared by itself; of more,
// such as after an import, a pass over the whole node is quicker.
const changedMost = 20_000

// actPairs is what the named job "pairs" does.
func actPairs() access.Act { return access.Act{Action: "job.pairs", Purpose: "maintenance"} }

// FindPairs compares the persons that changed since the last run with all others, and the
// whole node the first time or when very many changed. progress is told how much of a
// whole pass is done, from 0 to 1. A run that is cut off is made up for by the next: what
// it wrote is written again. It returns how many pairs it found.
func (r *Room) FindPairs(ctx context.Context, progress func(float64)) (int, error) {
	total := 0
	for range changedMost / pairBatch {
		mark, whole, err := r.pairing(ctx)
		if err != nil {
			return total, err
		}
		if whole == 0 {
			return r.PairAll(ctx, progress)
		}
		n, full, err := r.pairChanged(ctx, mark, whole)
		total += n
		if err != nil || !full {
			return total, err
		}
	}
	return r.PairAll(ctx, progress)
}

// pairing reads how far the last run came, and when the whole node was compared: 0 for
// never.
func (r *Room) pairing(ctx context.Context) (mark person.Mark, whole int64, err error) {
	err = r.gate.Work(ctx, r.gate.Job("pairs"), actPairs(), func(p *access.Pass) error {
		err := p.Tx().QueryRow(ctx, sqlSelectPairing).Scan(&mark.At, &mark.Last, &whole)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	return mark, whole, err
}

// pairChanged compares one page of persons that changed.
func (r *Room) pairChanged(ctx context.Context, from person.Mark, whole int64) (n int, full bool, err error) {
	job := r.gate.Job("pairs")
	var compared []ident.Case
	var found []person.Couple
	next := from
	err = r.gate.Work(ctx, job, actPairs(), func(p *access.Pass) (err error) {
		compared, found, next, err = r.index.Changed(ctx, p, from, pairBatch)
		return err
	})
	if err != nil || len(compared) == 0 {
		return 0, false, err
	}
	_, err = r.gate.Do(ctx, job, actPairs(), func(p *access.Pass) (string, error) {
		for _, id := range compared { // what a child was like before counts no more
			if _, err := p.Tx().Exec(ctx, sqlDropPairs, id); err != nil {
				return "", fmt.Errorf("drop pairs: %w", err)
			}
		}
		if err := writePairs(ctx, p, found, p.Now()); err != nil {
			return "", err
		}
		return "", markPairs(ctx, p, next, whole)
	})
	return len(found), len(compared) == pairBatch, err
}

// PairAll compares all persons of the node with each other, in an index of its own. What
// an earlier run found and this one does not is no pair any more.
func (r *Room) PairAll(ctx context.Context, progress func(float64)) (int, error) {
	job, began := r.gate.Job("pairs"), r.clk.Now()
	all, mark, err := person.Load(ctx, func(fn func(*access.Pass) error) error { return r.gate.Work(ctx, job, actPairs(), fn) })
	if err != nil {
		return 0, fmt.Errorf("load persons: %w", err)
	}
	n := 0
	var batch []person.Couple
	write := func(last func(*access.Pass) error) error {
		_, err := r.gate.Do(ctx, job, actPairs(), func(p *access.Pass) (string, error) {
			if err := writePairs(ctx, p, batch, began); err != nil {
				return "", err
			}
			return "", last(p)
		})
		n, batch = n+len(batch), batch[:0]
		return err
	}
	err = all.Pass(ctx, linkage.Scope{Progress: progress}, func(l linkage.Pair) error {
		batch = append(batch, person.Couple{A: ident.Case(l.A), B: ident.Case(l.B), Class: l.Class, Weight: l.Weight})
		if len(batch) < pairBatch {
			return nil
		}
		return write(func(*access.Pass) error { return nil })
	})
	if err != nil {
		return n, fmt.Errorf("compare all: %w", err)
	}
	return n, write(func(p *access.Pass) error {
		if _, err := p.Tx().Exec(ctx, sqlStalePairs, began.UnixMicro()); err != nil {
			return fmt.Errorf("drop pairs: %w", err)
		}
		return markPairs(ctx, p, mark, max(began.UnixMicro(), 1))
	})
}

func writePairs(ctx context.Context, p *access.Pass, found []person.Couple, at time.Time) error {
	for _, f := range found {
		a, b := f.A, f.B
		if string(a[:]) > string(b[:]) {
			a, b = b, a
		}
		if _, err := p.Tx().Exec(ctx, sqlInsertPair, a, b, f.Class.String(), int64(math.Round(100*f.Weight)), at.UnixMicro()); err != nil {
			return fmt.Errorf("write pair: %w", err)
		}
	}
	return nil
}

func markPairs(ctx context.Context, p *access.Pass, m person.Mark, whole int64) error {
	if _, err := p.Tx().Exec(ctx, sqlUpsertPairing, m.At, m.Last[:], whole); err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	return nil
}
