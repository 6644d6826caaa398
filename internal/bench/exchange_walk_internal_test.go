package bench

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"causeway/protocol/handover"
)

// bundle writes what waits at a node into one file.
func (c *couple) bundle(from, to *nodeEnd) []byte {
	c.t.Helper()
	var s stick
	_, err := from.ExportBundle(c.t.Context(), to.id, func(int, int) (io.WriteCloser, error) { return &s, nil })
	c.must("export", err)
	return s.Bytes()
}

// take lets a node take a bundle in.
func (c *couple) take(at *nodeEnd, bundle []byte) {
	c.t.Helper()
	got, err := at.ImportBundle(c.t.Context(), bytes.NewReader(bundle))
	c.must("import", err)
	if got.Damaged != 0 {
		c.t.Errorf("%d items of a bundle were damaged", got.Damaged)
	}
}

// byCourier is the only way between the two: bundles, of which some are lost, some are
// taken in twice, and some after those that were written later.
func (c *couple) byCourier() {
	c.t.Helper()
	for _, way := range [][2]*nodeEnd{{c.a, c.b}, {c.b, c.a}} {
		from, to := way[0], way[1]
		b := c.bundle(from, to)
		c.trips++
		switch late := c.waited[to]; c.trips % 7 {
		case 2: // lost
		case 4:
			c.waited[to] = b
		case 6:
			c.take(to, b)
			c.take(to, b)
		default:
			c.take(to, b)
			if late != nil {
				delete(c.waited, to)
				c.take(to, late)
			}
		}
	}
}

// TestOfflineRoundTrip: two nodes that never meet on a network, between which files go
// that are lost, doubled and late, take every legal step of a referral and of a transfer;
// the sender ends up seeing what the receiver wrote, each time.
func TestOfflineRoundTrip(t *testing.T) {
	for _, kind := range []handover.Kind{handover.Referral, handover.Transfer} {
		t.Run(string(kind), func(t *testing.T) {
			c := wedded(t, &Options{clock: &still{at: time.Now()}, far: &still{at: time.Now()}})
			c.carries = func(context.Context) error {
				c.byCourier()
				return nil
			}
			c.must("start", errors.Join(c.a.Exchange.Start(t.Context()), c.b.Exchange.Start(t.Context())))
			ways, taken := walks(kind), map[move]bool{}
			if testing.Short() {
				ways = [][]move{ways[0], ways[len(ways)-1]}
			}
			for _, way := range ways {
				c.must("send", c.begins(t.Context(), planned(string(kind), way)))
				for _, m := range way {
					taken[m] = true
				}
			}
			c.must("walk", c.runs(t.Context()))
			c.must("the receiver's clock", c.lapses(t.Context(), lapsed))
			if got, want := len(taken), len(moves(kind)); !testing.Short() && got != want {
				t.Errorf("%d of %d steps were taken", got, want)
			}
			t.Logf("%d steps in %d threads", len(taken), len(ways))
		})
	}
}

// still is a clock that stands still but for what passes.
type still struct {
	mu sync.Mutex // guards at
	at time.Time
}

// Now implements clock.Clock.
func (s *still) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *still) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}
