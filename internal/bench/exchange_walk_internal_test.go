package bench

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"causeway/internal/pack"
	"causeway/internal/referral"
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

// move is one legal step of the table.
type move struct {
	in handover.State
	e  handover.Event
	by handover.Party
}

// moves returns every legal step of a kind.
func moves(kind handover.Kind) (out []move) {
	for _, s := range handover.States() {
		for _, by := range []handover.Party{handover.Sender, handover.Receiver, handover.Clock} {
			for _, e := range handover.May(s, by, kind) {
				out = append(out, move{s, e, by})
			}
		}
	}
	return out
}

// walks returns ways through the table that together take every step, each as short as may
// be; those that end with a step of the clock come apart.
func walks(kind handover.Kind) (people, clocks [][]move) {
	left := map[move]bool{}
	for _, m := range moves(kind) {
		left[m] = true
	}
	seen := map[handover.State][]move{handover.None: nil}
	for todo := []handover.State{handover.None}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		for _, m := range moves(kind) {
			if m.in != at || m.by == handover.Clock {
				continue
			}
			to, _ := handover.Next(at, m.e, m.by, kind)
			if _, known := seen[to]; !known {
				seen[to] = append(slices.Clone(seen[at]), m)
				todo = append(todo, to)
			}
		}
	}
	all := moves(kind)
	slices.SortStableFunc(all, func(x, y move) int { return len(seen[y.in]) - len(seen[x.in]) }) // long ways take short ones along
	for _, m := range all {
		if !left[m] {
			continue
		}
		way := append(slices.Clone(seen[m.in]), m)
		for _, s := range way {
			delete(left, s)
		}
		if m.by == handover.Clock {
			clocks = append(clocks, way)
		} else {
			people = append(people, way)
		}
	}
	return people, clocks
}

// walk lets as many children be handed over as there are ways, a step of each at a time;
// then so much time passes that the receiver's clock takes the last step of the others.
func (c *couple) walk(kind handover.Kind, people, clocks [][]move) {
	c.t.Helper()
	var legs []*leg
	taken := map[move]bool{}
	longest := 0
	ways := slices.Concat(people, clocks)
	for _, way := range ways {
		legs = append(legs, c.sends(string(kind)))
		taken[way[0]] = true
		longest = max(longest, len(way))
	}
	c.rests(legs)
	for n := 1; n < longest; n++ {
		for i, way := range ways {
			if n < len(way) && way[n].by != handover.Clock {
				legs[i].does(way[n].e, way[n].by)
				taken[way[n]] = true
			}
		}
		c.rests(legs)
	}
	late := legs[len(people):]
	for i, way := range clocks {
		last := way[len(way)-1]
		next, err := late[i].should.Step(last.e, last.by)
		c.must("the clock", err)
		late[i].should = next
		taken[last] = true
	}
	c.clk.Advance(40 * 24 * time.Hour)
	_, err := c.b.Referrals.Expire(c.t.Context())
	c.must("the receiver's clock", err)
	c.rests(late)
	if got, want := len(taken), len(moves(kind)); len(people)+len(clocks) > 2 && got != want {
		c.t.Errorf("%s: %d of %d steps were taken", kind, got, want)
	}
	c.t.Logf("%s: %d steps in %d threads", kind, len(taken), len(ways))
}

// TestOfflineRoundTrip: two nodes that never meet on a network, between which files go
// that are lost, doubled and late, take every legal step of a referral and of a transfer;
// the sender ends up seeing what the receiver wrote, each time.
func TestOfflineRoundTrip(t *testing.T) {
	for _, kind := range []handover.Kind{handover.Referral, handover.Transfer} {
		t.Run(string(kind), func(t *testing.T) {
			c := wedded(t, true)
			c.carries = c.byCourier
			c.must("start", errors.Join(c.a.Exchange.Start(t.Context()), c.b.Exchange.Start(t.Context())))
			people, clocks := walks(kind)
			if testing.Short() {
				people, clocks = people[:1], clocks[:1]
			}
			c.walk(kind, people, clocks)
		})
	}
}

// TestEveryPurposeCompletes: each purpose that may be sent abroad goes from the protection
// check and the second person over the door of the other node to its answer and its end.
func TestEveryPurposeCompletes(t *testing.T) {
	c := wedded(t, false)
	for _, e := range []*nodeEnd{c.a, c.b} {
		c.must("serve", e.serve(t.Context()))
	}
	c.carries = func() { time.Sleep(20 * time.Millisecond) } // the nodes do it themselves
	var legs []*leg
	for _, code := range c.a.Pack.AbroadCodes() {
		about, _ := c.a.Pack.Abroad(code)
		if about.Kind == pack.AbroadReferral || about.Kind == pack.AbroadTransfer {
			legs = append(legs, c.sends(code))
		}
	}
	if len(legs) != len(least) {
		t.Fatalf("%d purposes can be sent, want %d", len(legs), len(least))
	}
	c.rests(legs)
	for _, step := range [][2]handover.Event{{handover.Accept, handover.Accept}, {handover.Start, handover.Release}, {"", handover.Assume}, {handover.Complete, handover.Complete}, {handover.Confirm, handover.Confirm}} {
		for _, l := range legs {
			e := step[0]
			if l.kind == handover.Transfer {
				e = step[1]
			}
			about, _ := c.a.Pack.Abroad(l.purpose)
			switch {
			case about.Answer == pack.AnswerReceipt && e != handover.Confirm:
				if e == handover.Accept {
					l.takesNote()
				}
			case e == handover.Release || e == handover.Confirm:
				l.does(e, handover.Sender)
			case e != "":
				l.does(e, handover.Receiver)
			}
		}
		c.rests(legs)
	}
	for _, l := range legs {
		v := l.here()
		if asked := c.b.Referrals.Replies(l.purpose); v.State != handover.Closed || (asked == "") != (v.Abroad.Reply == "") {
			t.Errorf("%s ended as %s, answered %q", l.purpose, v.State, v.Abroad.Reply)
		}
	}
}

// takesNote lets the receiver of a notice say that it was read.
func (l *leg) takesNote() {
	l.c.t.Helper()
	err := l.c.b.Referrals.MoveAbroad(l.c.t.Context(), l.c.receiver(), newCommand(), l.thereOf, l.there, referral.Answer{Event: referral.TakeNote})
	l.c.must("take note of "+l.purpose, err)
	for _, e := range []handover.Event{handover.Accept, handover.Start, handover.Complete} {
		l.should, err = l.should.Step(e, handover.Receiver)
		l.c.must("take note", err)
	}
}
