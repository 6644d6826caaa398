package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
)

// hands is one end of a line as a script uses it: a node of this process, or of another.
type hands interface {
	Sends(ctx context.Context, to identity.NodeID, country, purpose string) (place, error)
	Inbox(ctx context.Context) ([]place, error)
	Look(ctx context.Context, by handover.Party, at place) (standing, error)
	Moves(ctx context.Context, by handover.Party, at place, purpose string, event handover.Event) error
	Protects(ctx context.Context, by handover.Party, of ident.Case, country string) error
	Expires(ctx context.Context) error
	Passes(ctx context.Context, d time.Duration) error
}

// The countries of the two ends.
const (
	sendingCountry   = "XA"
	receivingCountry = "XB"
)

// lapsed is longer than anybody is waited for.
const lapsed = 40 * 24 * time.Hour

// script is a number of children who are handed over from one end to the other.
type script struct {
	from, to hands
	carries  func(context.Context) error // brings some of what waits nearer to its end
	patience int                         // how often that may move nothing
	legs     []*leg                      // that were sent
	todo     []*leg                      // that are sent when there is room for them
	restored bool                        // an end was put back from a backup, and its books with it
	settled  func(*leg)                  // is told of each thread that came to rest; nil: nobody is
}

// leg is one child's thread, as both nodes know it.
type leg struct {
	purpose string
	here    place
	there   place
	should  handover.Thread // where it has to stand
	taken   []handover.Event
	left    []move    // steps that people still take
	clock   *move     // the step that the receiver's clock takes at last; nil: none
	checked bool      // at the receiver
	rests   bool      // both ends have seen all that was done
	since   time.Time // when they had

	purposed bool      // it is there for its purpose, not for a step of the table
	began    time.Time // when it was offered
}

// kindOf returns the kind of handover that a purpose is.
func kindOf(purpose string) handover.Kind {
	if purpose == string(handover.Transfer) {
		return handover.Transfer
	}
	return handover.Referral
}

// planned returns a leg that takes the steps of a way, the first of which is the offer.
func planned(purpose string, way []move) *leg {
	l := &leg{purpose: purpose, should: handover.Thread{Kind: kindOf(purpose)}, left: slices.Clone(way)}
	if n := len(l.left) - 1; n >= 0 && l.left[n].by == handover.Clock {
		l.clock, l.left = &l.left[n], l.left[:n]
	}
	return l
}

// openMost is how many threads are open at once: with those that wait for a clock they fit
// on one page of the receiver's.
const openMost = 36

// fills sends cases until as many are open as may be.
func (s *script) fills(ctx context.Context) error {
	open := 0
	for _, l := range s.legs {
		if !l.rests || len(l.left) > 0 {
			open++
		}
	}
	for ; open < openMost && len(s.todo) > 0; open++ {
		if err := s.begins(ctx, s.todo[0]); err != nil {
			return err
		}
		s.todo = s.todo[1:]
	}
	return nil
}

// begins sends the child's case.
func (s *script) begins(ctx context.Context, l *leg) (err error) {
	if l.here, err = s.from.Sends(ctx, receivingEnd, receivingCountry, l.purpose); err != nil {
		return err
	}
	s.legs, l.began = append(s.legs, l), time.Now()
	return l.steps(handover.Offer, handover.Sender)
}

// steps writes down what a step has to lead to.
func (l *leg) steps(e handover.Event, by handover.Party) error {
	all := []handover.Event{e}
	if e == referral.TakeNote { // one act of the receiver, three steps of the thread
		all = []handover.Event{handover.Accept, handover.Start, handover.Complete}
	}
	for _, e := range all {
		next, err := l.should.Step(e, by)
		if err != nil {
			return fmt.Errorf("%s: %s in %s: %w", l.purpose, e, l.should.State, err)
		}
		l.should = next
		l.taken = append(l.taken, e)
	}
	l.rests = false
	if len(l.left) > 0 && l.left[0].e == e {
		l.left = l.left[1:]
	}
	return nil
}

// does lets the party whose step it is take it, at its own node.
func (s *script) does(ctx context.Context, l *leg, e handover.Event, by handover.Party) error {
	before := l.should.State
	if err := l.steps(e, by); err != nil {
		return err
	}
	end, at := s.from, l.here
	if by == handover.Receiver {
		end, at = s.to, l.there
	}
	if err := end.Moves(ctx, by, at, l.purpose, e); err != nil {
		return fmt.Errorf("%s: %s in %s: %w", l.purpose, e, before, err)
	}
	if !l.checked && (e == handover.Start || e == handover.Assume) { // from now on this side knows more than it was told
		l.checked = true
		return s.to.Protects(ctx, by, l.there.Case, sendingCountry)
	}
	return nil
}

// looks finds out whether both nodes have a thread where it has to stand, and no command
// waits for an answer.
func (s *script) looks(ctx context.Context, l *leg) error {
	if l.rests {
		return nil
	}
	here, err := s.from.Look(ctx, handover.Sender, l.here)
	if err != nil {
		return fmt.Errorf("look at the sender: %w", err)
	}
	if here.Thread != l.should || here.Asked != "" {
		return nil
	}
	over := l.should.State.Final() && !l.checked // what it declined, or never took on, it has forgotten
	if err := s.finds(ctx, l); err != nil && !over {
		return err
	}
	there, err := s.to.Look(ctx, handover.Receiver, l.there)
	switch {
	case err != nil && over:
	case err != nil:
		return fmt.Errorf("look at the receiver: %w", err)
	case there.Thread != l.should:
		return fmt.Errorf("%s: the receiver has %+v, want %+v", l.purpose, there.Thread, l.should)
	case l.checked && !s.restored && !slices.Equal(there.Events, l.taken): // the clerk's book: each command once, in order
		return fmt.Errorf("%s: the receiver has the steps %v, want %v", l.purpose, there.Events, l.taken)
	}
	l.rests, l.since = true, time.Now()
	if s.settled != nil {
		s.settled(l)
	}
	return nil
}

// finds finds the thread at the receiver.
func (s *script) finds(ctx context.Context, l *leg) error {
	if l.there.Wire == l.here.Wire {
		return nil
	}
	in, err := s.to.Inbox(ctx)
	if err != nil {
		return err
	}
	for _, at := range in {
		if at.Wire == l.here.Wire {
			l.there = at
			return nil
		}
	}
	return fmt.Errorf("%s: the receiver does not know the thread", l.purpose)
}

// runs lets every leg go its way, each at its own pace, until all rest with nothing left.
func (s *script) runs(ctx context.Context) error {
	still := 0
	for {
		if err := s.fills(ctx); err != nil {
			return err
		}
		waiting, moved := len(s.todo), false
		for _, l := range s.legs {
			before := l.rests
			if err := s.looks(ctx, l); err != nil {
				return err
			}
			moved = moved || l.rests != before
			if l.rests && len(l.left) > 0 {
				if err := s.does(ctx, l, l.left[0].e, l.left[0].by); err != nil {
					return err
				}
				moved = true
			}
			if !l.rests {
				waiting++
			}
		}
		if waiting == 0 {
			return nil
		}
		if still++; moved {
			still = 0
		}
		if still > s.patience {
			return s.stuck(ctx)
		}
		if err := s.carries(ctx); err != nil {
			return err
		}
	}
}

// stuck says which threads do not move any more.
func (s *script) stuck(ctx context.Context) error {
	var out error
	for _, l := range s.legs {
		if l.rests {
			continue
		}
		v, err := s.from.Look(ctx, handover.Sender, l.here)
		out = errors.Join(out, err, fmt.Errorf("%s: the sender has %+v, want %+v, asked %q", l.purpose, v.Thread, l.should, v.Asked))
	}
	return out
}

// lapses lets so much time pass at both ends that the receiver's clock takes the last step
// of the legs that wait for one.
func (s *script) lapses(ctx context.Context, d time.Duration) error {
	for _, l := range s.legs {
		if l.clock != nil {
			if err := l.steps(l.clock.e, l.clock.by); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(s.from.Passes(ctx, d), s.to.Passes(ctx, d), s.to.Expires(ctx)); err != nil {
		return err
	}
	return s.runs(ctx)
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
// be; those that end with a step of the clock come last.
func walks(kind handover.Kind) (ways [][]move) {
	all := moves(kind)
	left := map[move]bool{}
	for _, m := range all {
		left[m] = true
	}
	seen := map[handover.State][]move{handover.None: nil}
	for todo := []handover.State{handover.None}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		for _, m := range all {
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
	slices.SortStableFunc(all, func(x, y move) int { return len(seen[y.in]) - len(seen[x.in]) }) // long ways take short ones along
	var clocks [][]move
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
			ways = append(ways, way)
		}
	}
	return append(ways, clocks...)
}

// whole is the way of a purpose from its offer to its end; of a notice, to its receipt.
func whole(purpose string, notice bool) []move {
	s, r := handover.Sender, handover.Receiver
	switch {
	case notice:
		return []move{{e: handover.Offer, by: s}, {e: referral.TakeNote, by: r}, {e: handover.Confirm, by: s}}
	case kindOf(purpose) == handover.Transfer:
		return []move{{e: handover.Offer, by: s}, {e: handover.Accept, by: r}, {e: handover.Release, by: s}, {e: handover.Assume, by: r}, {e: handover.Complete, by: r}, {e: handover.Confirm, by: s}}
	}
	return []move{{e: handover.Offer, by: s}, {e: handover.Accept, by: r}, {e: handover.Start, by: r}, {e: handover.Complete, by: r}, {e: handover.Confirm, by: s}}
}

// purposes returns a leg for each purpose that can be sent abroad.
func purposes(p *pack.Pack) (out []*leg) {
	for _, code := range p.AbroadCodes() {
		about, _ := p.Abroad(code)
		if about.Kind == pack.AbroadReferral || about.Kind == pack.AbroadTransfer {
			l := planned(code, whole(code, about.Answer == pack.AnswerReceipt))
			l.purposed = true
			out = append(out, l)
		}
	}
	return out
}
