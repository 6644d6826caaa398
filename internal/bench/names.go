package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/names"
	"causeway/internal/names/agreement"
)

// namesArea measures whether names agree across scripts, on pairs that no table
// was learned from, and how fast names are compared, by processor time of one
// core.
func namesArea(ctx context.Context, o *Options, emit func(Measure)) error {
	results, err := agreement.All()
	if err != nil {
		return fmt.Errorf("read the pairs: %w", err)
	}
	for _, r := range results {
		emit(atLeast(r.Set+": pairs that share a code", r.Figures.Agree, "", r.Goal.Agree))
		emit(atMost(r.Set+": different names that share one", r.Figures.False, "", r.Goal.False))
	}
	o.say("names are scored and coded")
	pairs, err := agreement.Sample("arabic")
	if err != nil {
		return fmt.Errorf("read the pairs: %w", err)
	}
	prepared := make([]names.Prepared, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		prepared = append(prepared, names.Prepare(pairs[i].Latin+" "+pairs[i+1].Latin))
	}
	n, like := pick(o, 4_000_000, 400_000), 0.0
	took := processor(func() {
		for i := range n {
			like += prepared[i%len(prepared)].Similar(&prepared[(i*7+1)%len(prepared)])
		}
	})
	emit(atLeast("names of two words scored, one core", float64(n)/took.Seconds(), "/s", 3_000_000))
	n = pick(o, 400_000, 60_000)
	took = processor(func() {
		for i := range n {
			p := pairs[i%len(pairs)]
			if i&1 == 0 {
				like += float64(len(names.Codes(p.Latin)))
			} else {
				like += float64(len(names.Codes(p.Native)))
			}
		}
	})
	emit(atLeast("words coded, one core", float64(n)/took.Seconds(), "/s", 100_000))
	if like == 0 {
		return errors.New("nothing was like anything")
	}
	return ctx.Err()
}

// processor returns the processor time that do takes, or the time where the
// machine does not tell.
func processor(do func()) time.Duration {
	before, start := cpuTime(), time.Now()
	do()
	return cmp.Or(cpuTime()-before, time.Since(start))
}
