package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"

	"causeway/internal/bench/badline"
	"causeway/internal/pack"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
)

// Line is how bad a line between two processes is made.
type Line struct {
	Loss     float64       // of 1: of all packets, in each direction
	Delay    time.Duration // of each packet, in each direction
	CutEvery time.Duration // zero: never
	CutFor   time.Duration
	Skew     time.Duration // how far the clocks of the two are apart
	Messages int           // that drain after a partition
	Each     int           // messages of each purpose that go each way beside the children
}

// course is a line with a process at each end.
type course interface {
	Becomes(badline.Quality)
	Cut(bool)
	Counts() badline.Counts
	Close() error
}

// ends are the two processes and what is between them.
type ends struct {
	course
	o    *Options
	line *Line
	a, b *farEnd
}

// layEnds starts two processes with a line between their network namespaces.
func layEnds(ctx context.Context, o *Options, line *Line) (*ends, error) {
	l, err := badline.Lay(badline.Quality{Loss: line.Loss, Delay: line.Delay}, prepareEnd(ctx, "exchange-tunnel"))
	if err != nil {
		return nil, err
	}
	orders := [2]endOrder{}
	for i := range orders {
		orders[i] = endOrder{Number: i, Listen: badline.Address(i) + ":9443"}
	}
	return (&ends{course: l, o: o, line: line}).begin(ctx, l.Ends, orders)
}

// loseEnds starts two processes with a proxy between them that loses connections.
func loseEnds(ctx context.Context, o *Options, line *Line) (*ends, error) {
	p := badline.NewProxy(line.Delay)
	e := &ends{course: p, o: o, line: line}
	orders := [2]endOrder{}
	for i := range orders {
		at, err := p.Through(func() string { return e.door(i) })
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		orders[i] = endOrder{Number: i, Listen: "127.0.0.1:0", URL: "https://" + at}
	}
	if err := p.Start(prepareEnd(ctx, "exchange-end")); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return e.begin(ctx, p.Ends, orders)
}

func prepareEnd(ctx context.Context, what string) func(int) (*exec.Cmd, error) {
	return func(int) (*exec.Cmd, error) {
		cmd, err := childCommand(ctx, what, nil)
		if err == nil {
			cmd.Stderr = new(strings.Builder) // what it says there is in its answers too
		}
		return cmd, err
	}
}

// door returns where the n-th end listens. It is asked only when both serve.
func (e *ends) door(n int) string {
	if n == 0 {
		return e.a.listens
	}
	return e.b.listens
}

// begin lets the two processes make their nodes, pair and serve.
func (e *ends) begin(ctx context.Context, at [2]*badline.End, orders [2]endOrder) (*ends, error) {
	orders[1].Ahead = e.line.Skew
	var far [2]*farEnd
	for i := range at {
		orders[i].Dir = e.o.Dir
		var err error
		if far[i], err = meets(at[i], orders[i]); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	e.a, e.b = far[0], far[1]
	var cards [2][]byte
	for i, f := range far {
		t, err := f.ask(ctx, deed{Do: "sit"})
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
		cards[i] = t.Card
	}
	for i, f := range far {
		_, err := f.ask(ctx, deed{Do: "pair", Card: cards[1-i]})
		if err == nil {
			_, err = f.ask(ctx, deed{Do: "serve"})
		}
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

// cuts cuts the line now and then until the function it returns is called.
func (e *ends) cuts(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e.line.CutEvery > 0 && wait(ctx, e.line.CutEvery) {
			e.Cut(true)
			wait(ctx, e.line.CutFor)
			e.Cut(false)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// wait waits for a time, and reports whether ctx is still good.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// exchangeLine lets two processes, whose clocks are apart, hand children over through every
// step and for every purpose, over the worst line there is; then cuts them off from each
// other for three days.
func exchangeLine(ctx context.Context, o *Options, emit func(Measure)) error {
	line := *o.Line
	e, err := layEnds(ctx, o, &line)
	if err != nil {
		return err
	}
	p, err := pack.Demo()
	if err != nil {
		return errors.Join(err, e.Close())
	}
	legs := purposes(p)
	for _, kind := range []handover.Kind{handover.Referral, handover.Transfer} {
		for _, way := range walks(kind) {
			legs = append(legs, planned(string(kind), way))
		}
	}
	err = e.lives(ctx, legs, emit)
	if err == nil {
		err = e.parts(ctx, emit)
	}
	if err == nil {
		err = e.sound(ctx, emit)
	}
	return errors.Join(err, e.Close())
}

// lives lets the legs go their way over the line, which is cut again and again.
func (e *ends) lives(ctx context.Context, legs []*leg, emit func(Measure)) error {
	e.o.say("line: %g %% of all packets are lost, %s late each way, cut for %s every %s, clocks %s apart",
		100*e.line.Loss, e.line.Delay, e.line.CutFor, e.line.CutEvery, e.line.Skew)
	start := time.Now()
	defer e.cuts(ctx)()
	s := e.script(start, len(legs))
	s.todo = legs
	trials := e.line.Each * len(cx.Purposes())
	for i, f := range []*farEnd{e.a, e.b} {
		to := []*farEnd{e.b, e.a}[i].id()
		if _, err := f.ask(ctx, deed{Do: "queue", To: to, Count: trials, Threads: len(cx.Purposes())}); err != nil {
			return err
		}
	}
	err := s.runs(ctx)
	if err == nil && slices.ContainsFunc(legs, func(l *leg) bool { return l.clock != nil }) {
		e.o.say("line: %d days pass by both clocks", lapsed/(24*time.Hour))
		err = s.lapses(ctx, lapsed)
	}
	if err != nil {
		return err
	}
	var got [2]came
	for i, f := range []*farEnd{e.a, e.b} {
		if got[i], err = f.came(ctx, trials); err != nil {
			return err
		}
	}
	e.tells(s, time.Since(start), emit)
	emit(atLeast("line: labels of purpose that came through, each way", float64(len(cx.Purposes())*(got[0].Count+got[1].Count))/float64(2*trials), "purposes", float64(len(cx.Purposes()))))
	emit(atMost("line: messages that arrived twice or out of order", float64(got[0].Doubled+got[1].Doubled+got[0].OutOfOrder+got[1].OutOfOrder), "messages", 0))
	return nil
}

// script makes the script of the two ends.
func (e *ends) script(start time.Time, legs int) *script {
	s := &script{from: e.a, to: e.b, patience: 900}
	rested, looked := 0, start
	s.settled = func(*leg) { rested++ }
	s.carries = func(ctx context.Context) error {
		if !wait(ctx, 2*time.Second) {
			return ctx.Err()
		}
		if time.Since(looked) < 20*time.Second {
			return nil
		}
		looked = time.Now()
		over := 0
		for _, l := range s.legs {
			if l.rests && len(l.left) == 0 {
				over++
			}
		}
		c := e.Counts()
		e.o.say("line: %s, %d steps settled, %d of %d threads at their end; %d packets passed, %d lost, %d connections, %d cuts",
			time.Since(start).Round(time.Second), rested, over, legs, c.Passed, c.Lost, c.Opened, c.Cuts)
		return nil
	}
	return s
}

// tells tells what became of the legs and what the line has done to them.
func (e *ends) tells(s *script, took time.Duration, emit func(Measure)) {
	taken := map[move]bool{}
	done := map[string]time.Duration{}
	wrong := 0
	for _, l := range s.legs {
		at := handover.Thread{Kind: l.should.Kind}
		for _, ev := range l.taken {
			for _, by := range []handover.Party{handover.Sender, handover.Receiver, handover.Clock} {
				if next, err := at.Step(ev, by); err == nil {
					taken[move{at.State, ev, by}] = ev != handover.Offer || taken[move{at.State, ev, by}]
					at = next
					break
				}
			}
		}
		if at != l.should || !l.rests {
			wrong++
		}
		if l.purposed && l.should.State == handover.Closed {
			done[l.purpose] = l.since.Sub(l.began)
		}
	}
	delete(taken, move{handover.None, handover.Offer, handover.Sender}) // of 39 with the offer itself
	c := e.Counts()
	emit(scale("line: packets that were lost", float64(c.Lost), "packets"))
	emit(atLeast("line: of all packets", 100*float64(c.Lost)/float64(max(1, c.Lost+c.Passed)), "%", 100*e.line.Loss-1))
	emit(scale("line: bytes that passed", float64(c.Bytes)/1e6, "MB"))
	emit(scale("line: cuts of it", float64(c.Cuts), "cuts"))
	emit(scale("line: times that a connection was begun", float64(c.Opened), "times"))
	emit(atLeast("line: clocks of the two apart", e.line.Skew.Minutes(), "min", 10))
	emit(atLeast("line: steps of the table that were taken, besides the offer", float64(len(taken)), "steps", 38))
	emit(atLeast("line: purposes of a handover that came to their end", float64(len(done)), "purposes", float64(len(least))))
	for _, name := range slices.Sorted(maps.Keys(done)) {
		emit(scale(fmt.Sprintf("line: %s, from the offer to its end", name), done[name].Seconds(), "s"))
	}
	emit(atMost("line: threads that did not come to rest, or with a step lost, doubled or out of order", float64(wrong), "threads", 0))
	emit(scale("line: all of it", took.Minutes(), "min"))
}

// parts cuts the two off from each other for three days by both clocks, while messages
// wait, and measures how they go out over a line that is late, and whole again.
func (e *ends) parts(ctx context.Context, emit func(Measure)) error {
	n := e.line.Messages
	if n == 0 {
		return nil
	}
	e.o.say("line: cut for %d hours by both clocks, %d messages wait", partitionHours, n)
	before, err := e.b.came(ctx, 0)
	if err != nil {
		return err
	}
	e.Cut(true)
	if _, err := e.a.ask(ctx, deed{Do: "queue", To: e.b.id(), Count: n, Threads: 200}); err != nil {
		return err
	}
	for range partitionHours {
		if err := errors.Join(e.a.Passes(ctx, time.Hour), e.b.Passes(ctx, time.Hour)); err != nil {
			return err
		}
	}
	early, err := e.b.came(ctx, 0)
	if err != nil {
		return err
	}
	e.Becomes(badline.Quality{Delay: e.line.Delay})
	e.Cut(false)
	start := time.Now()
	for got := early; got.Count == early.Count; {
		if err := e.a.Passes(ctx, time.Hour); err != nil { // it calls once an hour by then
			return err
		}
		if !wait(ctx, 5*time.Second) {
			return ctx.Err()
		}
		if got, err = e.b.came(ctx, 0); err != nil {
			return err
		}
	}
	after, err := e.b.came(ctx, before.Count+n)
	if err != nil {
		return err
	}
	took := time.Since(start)
	emit(scale("line: messages that waited through a partition of 72 h", float64(n), "messages"))
	emit(atMost("line: of them that arrived before its end", float64(early.Count-before.Count), "messages", 0))
	emit(atMost("line: of them that did not arrive", float64(before.Count+n-after.Count), "messages", 0))
	emit(atMost("line: of them that arrived twice or out of order", float64(after.Doubled+after.OutOfOrder), "messages", 0))
	emit(scale("line: of them a second when the line is back", float64(n)/took.Seconds(), "/s"))
	return nil
}

// sound lets both ends verify themselves.
func (e *ends) sound(ctx context.Context, emit func(Measure)) error {
	var entries, unsound, findings float64
	for _, f := range []*farEnd{e.a, e.b} {
		t, err := f.ask(ctx, deed{Do: "verify"})
		if err != nil {
			return err
		}
		entries += float64(t.Checked.Entries)
		findings += float64(t.Checked.Findings)
		if t.Checked.Unsound != "" {
			unsound++
			e.o.say("line: the journal of end %d does not verify: %s", f.number, t.Checked.Unsound)
		}
	}
	emit(scale("line: entries of both journals", entries, "entries"))
	emit(atMost("line: journals that do not verify", unsound, "journals", 0))
	emit(atMost("line: records that do not fit their entries", findings, "records", 0))
	return nil
}
