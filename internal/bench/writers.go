package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// crowd is how many writers write at once.
const crowd = 16

// writers compares many writers with one, and both with the same work without
// decision and journal, in turns of a few seconds.
func writers(ctx context.Context, o *Options, p *pairs, emit func(Measure)) error {
	on := string(p.DB.Engine()) + ": "
	stop := p.sequence(ctx)
	var lag lagWatch
	var one, many, plainOne, plainMany rate
	for range 3 {
		err := errors.Join(
			one.run(sustained(o), 1, audited(ctx, p)),
			plainOne.run(sustained(o), 1, unaudited(ctx, p)),
			lag.during(ctx, p.scratch, func() error { return many.run(sustained(o), crowd, audited(ctx, p)) }),
			plainMany.run(sustained(o), crowd, unaudited(ctx, p)),
		)
		if err != nil {
			return errors.Join(fmt.Errorf("writers: %w", err), stop())
		}
	}
	if err := stop(); err != nil {
		return err
	}
	emit(scale(on+"1 writer, audited", one.perSecond(), "/s"))
	emit(scale(on+"1 writer, same work without journal", plainOne.perSecond(), "/s"))
	emit(scale(on+"16 writers, audited", many.perSecond(), "/s"))
	emit(scale(on+"16 writers, same work without journal", plainMany.perSecond(), "/s"))
	emit(atLeast(on+"16 writers, audited / without journal", 100*many.perSecond()/plainMany.perSecond(), "%", 60))
	emit(atLeast(on+"16 writers / 1 writer, audited", many.perSecond()/one.perSecond(), "x", 2.2))
	emit(atMost(on+"sequencer behind, at most, with 16 writers", lag.most.Seconds(), "s", 1))
	emit(scale(on+"entries waiting, at most, with 16 writers", float64(lag.waiting), "entries"))
	return nil
}

// audited returns a maker of writers who save views, each under their own name.
func audited(ctx context.Context, p *pairs) func() func() error {
	return func() func() error {
		var c *access.Caller
		n := 0
		return func() error {
			if n%viewsEach == 0 {
				c = p.caller(access.RoleCaseWorker)
			}
			n++
			return saveView(ctx, p.scratch, c)
		}
	}
}

// unaudited is [audited] without decision and journal.
func unaudited(ctx context.Context, p *pairs) func() func() error {
	return func() func() error {
		var staff ident.Staff
		n := 0
		return func() error {
			if n%viewsEach == 0 {
				staff = ident.New[ident.Staff]()
			}
			n++
			return p.plain.view(ctx, staff)
		}
	}
}

// rate counts acts over stretches of time.
type rate struct {
	acts int
	took time.Duration
}

func (r *rate) perSecond() float64 { return float64(r.acts) / r.took.Seconds() }

// run lets n writers work for d, each with an act of its own from make.
func (r *rate) run(d time.Duration, n int, make func() func() error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex // guards acts and failed
	var acts int
	var failed error
	var acting []func() error
	for range n {
		acting = append(acting, make())
	}
	start := time.Now()
	for _, act := range acting {
		wg.Go(func() {
			done := 0
			var err error
			for err == nil && time.Since(start) < d {
				if err = act(); err == nil {
					done++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			acts += done
			failed = errors.Join(failed, err)
		})
	}
	wg.Wait()
	if failed == nil && acts == 0 {
		failed = errNothing
	}
	r.acts, r.took = r.acts+acts, r.took+time.Since(start)
	return failed
}

// lagWatch keeps how far the sequencer fell behind.
type lagWatch struct {
	most    time.Duration
	waiting int64
}

// during watches while work runs.
func (l *lagWatch) during(ctx context.Context, s *scratch, work func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- l.watch(ctx, s) }()
	err := work()
	cancel()
	return errors.Join(err, <-done)
}

func (l *lagWatch) watch(ctx context.Context, s *scratch) error {
	t := time.NewTicker(20 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		waiting, age, err := s.Journal.Lag(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		l.most, l.waiting = max(l.most, age), max(l.waiting, waiting)
	}
}
