package bench

import (
	"context"
	"errors"
	"testing"
	"time"

	"causeway/protocol/handover"
)

// couple is two whole nodes between which children are handed over. Nothing between them
// but what carries is a part of the test: each has its own database, journal, keyring and
// rooms.
type couple struct {
	script
	t      testing.TB
	a, b   *nodeEnd
	trips  int
	waited map[*nodeEnd][]byte // bundles that come late
}

// wedded makes the couple as o says.
func wedded(t testing.TB, o *Options) *couple {
	t.Helper()
	c := &couple{t: t, waited: map[*nodeEnd][]byte{}}
	o.Short, o.Dir = true, t.TempDir()
	var err error
	if c.a, c.b, err = exchangePair(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.a.end(), c.b.end()); err != nil {
			t.Error(err)
		}
	})
	c.from, c.to, c.patience = c.a, c.b, 400
	return c
}

// must fails the test unless err is none.
func (c *couple) must(what string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

// serves lets both ends exchange by themselves.
func (c *couple) serves() {
	c.t.Helper()
	for _, e := range []*nodeEnd{c.a, c.b} {
		c.must("serve", e.serve(c.t.Context()))
	}
	c.carries = func(context.Context) error {
		time.Sleep(20 * time.Millisecond)
		return nil
	}
}

// TestEveryPurposeCompletes: each purpose that may be sent abroad goes from the protection
// check and the second person over the door of the other node to its answer and its end.
func TestEveryPurposeCompletes(t *testing.T) {
	c := wedded(t, &Options{})
	c.serves()
	for _, l := range purposes(c.a.Pack) {
		c.must("send", c.begins(t.Context(), l))
	}
	if len(c.legs) != len(least) {
		t.Fatalf("%d purposes can be sent, want %d", len(c.legs), len(least))
	}
	c.must("every purpose", c.runs(t.Context()))
	for _, l := range c.legs {
		v, err := c.a.Look(t.Context(), handover.Sender, l.here)
		c.must("look", err)
		if asked := c.b.Referrals.Replies(l.purpose); v.Thread.State != handover.Closed || (asked == "") != (v.Reply == "") {
			t.Errorf("%s ended as %s, answered %q", l.purpose, v.Thread.State, v.Reply)
		}
	}
}
