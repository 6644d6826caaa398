package mask

import (
	"context"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// piece is how many points are raised between two looks at the context: some 35 ms.
const piece = 512

// HideAll hides every key, on all processors, and calls done with how many were just
// finished (from several goroutines at once; nil: nobody asks). It stops with the context.
func (s *Secret) HideAll(ctx context.Context, d Domain, keys []Key, done func(int)) ([]Point, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	out, tag := make([]Point, len(keys)), d.tag()
	err := inPieces(ctx, len(keys), done, func(i int) error {
		out[i] = s.hide(keys[i].text(), tag)
		return nil
	})
	return out, err
}

// RaiseAll raises every point in place, as [Secret.HideAll] hides. When one of them is no
// point, some of the others have been raised: nothing of the batch may be used.
func (s *Secret) RaiseAll(ctx context.Context, points []Point, done func(int)) error {
	return inPieces(ctx, len(points), done, func(i int) error {
		p, err := s.Raise(points[i])
		points[i] = p
		return err
	})
}

// inPieces calls one for every index below n, on all processors.
func inPieces(ctx context.Context, n int, done func(int), one func(int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), n/piece+1) {
		group.Go(func() error {
			for {
				to := int(next.Add(piece))
				from := to - piece
				if from >= n {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				to = min(to, n)
				for i := from; i < to; i++ {
					if err := one(i); err != nil {
						return err
					}
				}
				if done != nil {
					done(to - from)
				}
			}
		})
	}
	return group.Wait()
}
