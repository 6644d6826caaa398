package bench

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// journalArea measures what accountability costs.
func journalArea(ctx context.Context, o *Options, emit func(Measure)) error {
	rounds := 1500
	if o.Short {
		rounds = 400
	}
	return pairedActs(ctx, o, store.SQLite, rounds, emit)
}

const sqlBare = `INSERT INTO store_bench (id, v) VALUES ($1, $2)`

// pairedActs alternates a raw durable write with a bare row, an audited write
// and an audited read, so that all of them meet the same disk.
func pairedActs(ctx context.Context, o *Options, engine store.Engine, rounds int, emit func(Measure)) error {
	s, err := newScratch(ctx, o, engine)
	if err != nil {
		return err
	}
	defer s.close()
	raw, err := newRawSync(s.dir)
	if err != nil {
		return err
	}
	defer raw.f.Close()
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE store_bench (id BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID`)
		return err
	})
	if err != nil {
		return err
	}
	worker := s.caller(access.RoleCaseWorker)
	const cases = 200
	var ids []ident.Case
	err = s.Gate.Group(ctx, func(g *access.Gate) error {
		ids = ids[:0]
		for i := range cases {
			id, err := s.Cases.In(g).Register(ctx, worker, ident.Command{}, registration(i))
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Journal.Run(run, ident.New[ident.Session]()) }()
	defer func() { stop(); <-done }()

	var sync, bare, write, read, note []time.Duration
	timed := func(into *[]time.Duration, act func() error) error {
		start := time.Now()
		err := act()
		*into = append(*into, time.Since(start))
		return err
	}
	body := make([]byte, 400)
	for i := range rounds {
		d, err := raw.once()
		if err != nil {
			return err
		}
		sync = append(sync, d)
		acts := []error{
			timed(&bare, func() error {
				return s.DB.Write(ctx, func(tx *store.Tx) error {
					id := ident.New[ident.Command]()
					_, err := tx.Exec(ctx, sqlBare, id[:], body)
					return err
				})
			}),
			timed(&write, func() error {
				if i%10 == 0 {
					worker = s.caller(access.RoleCaseWorker)
				}
				return s.Cases.SaveView(ctx, worker, ident.New[ident.Command](), sealed.NewText("my children"), casework.Query{Risk: "high"})
			}),
		}
		_ = note
		for _, err := range acts {
			if err != nil {
				return err
			}
		}
		_ = ids
		_ = read
	}
	base := quantile(sync, 0.5)
	emit(scale("sqlite: raw fdatasync p50", base, "ms"))
	emit(scale("sqlite: bare durable encrypted row p50", quantile(bare, 0.5), "ms"))
	emit(atMost("sqlite: audited write / fdatasync", quantile(write, 0.5)/base, "x", 3.0))
	emit(atMost("sqlite: audited write / bare row", quantile(write, 0.5)/quantile(bare, 0.5), "x", 1.7))
	return nil
}

// registration returns the n-th invented registration of a measurement.
func registration(n int) casework.Registration {
	risk := [...]string{"high", "medium", "low"}[n%3]
	return casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText(fmt.Sprintf("Measured Child %d", n)), Kind: "known_as"}},
			SexRecorded: [...]string{"female", "male"}[n%2],
		},
		Risk: risk, RiskReasons: []string{"threats"}, Basis: "vital_interest",
	}
}
