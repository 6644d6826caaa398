package peer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// window is how many hands, or threads of what goes alone, are on their way to a peer at
// once.
const window = 8

// ahead is how much is taken out of the outbox at a time: enough that some hands are on
// their way while the next is read.
const ahead = 4 * handMost

// How often a sender looks, when nobody wakes it.
const (
	lookEvery = 2 * time.Second
	leaseFor  = 30 * time.Second
)

// Sender carries what waits to every peer and fetches what waits there: one loop for each
// peer. Made with [NewSender].
type Sender struct {
	c      SenderConfig
	client *Client
	tally  *Tally

	mu    sync.Mutex // guards loops
	loops map[identity.NodeID]*loop
}

// SenderConfig is what a sender is made of.
type SenderConfig struct {
	Clock    clock.Clock
	Log      *slog.Logger
	Partners Partners
	Post     Post // takes what is fetched
	Outbox   Outbox
	Spool    *Spool
	Refuse   Refuse
	// Notes returns what this node's recovery pair said. It is brought alone to a peer that
	// does not know the keys by which this node signs. nil: nothing is brought.
	Notes func(ctx context.Context) ([][]byte, error)
	// Alone reports whether this instance is the one that sends to a peer, for a time.
	Alone func(ctx context.Context, to identity.NodeID, lasts time.Duration) (bool, error)
}

// loop is the work for one peer.
type loop struct {
	s    *Sender
	to   identity.NodeID
	wake chan struct{}
	stop context.CancelFunc

	mu     sync.Mutex // guards the fields below
	status Status
	most   int // in the next hand
}

// Status is how sending to a peer goes.
type Status struct {
	Answered time.Time // when the peer last answered; zero: not since the start
	Failing  time.Time // since when it has not; zero: it does
	Why      string    // the code of the last failure
	Waits    time.Time // until when nothing is tried; zero: it is

	tried int
}

// NewSender returns a sender; its work is done in [Sender.Run].
func NewSender(c SenderConfig, client *Client, t *Tally) *Sender {
	return &Sender{c: c, client: client, tally: t, loops: map[identity.NodeID]*loop{}}
}

// Wake tells the sender that something waits for a peer.
func (s *Sender) Wake(to identity.NodeID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.loops[to]; l != nil {
		l.nudge()
	}
}

func (l *loop) nudge() {
	select {
	case l.wake <- struct{}{}:
	default: // it is awake
	}
}

// Asked tells the sender that a peer asked to compare: it is there, and takes what is sent
// once it has the answer, however long ago it was given up.
func (s *Sender) Asked(by identity.NodeID) {
	s.mu.Lock()
	l := s.loops[by]
	s.mu.Unlock()
	if l == nil {
		return
	}
	l.mu.Lock()
	if soon := s.c.Clock.Now().Add(time.Second); l.status.Waits.After(soon) {
		l.status.Waits, l.status.tried = soon, 0
	}
	l.mu.Unlock()
	l.nudge()
}

// Status returns how sending to a peer goes; the zero value where nothing was tried.
func (s *Sender) Status(to identity.NodeID) Status {
	s.mu.Lock()
	l := s.loops[to]
	s.mu.Unlock()
	if l == nil {
		return Status{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// Run sends and fetches until ctx ends, and waits for what is on its way.
func (s *Sender) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		if err := s.follow(ctx, &work); err != nil && ctx.Err() == nil {
			s.c.Log.ErrorContext(ctx, "partners", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// follow begins a loop for each new partner, and ends those of partners that are none.
func (s *Sender) follow(ctx context.Context, work *sync.WaitGroup) error {
	partners, err := s.c.Partners.All(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	there := map[identity.NodeID]bool{}
	for _, p := range partners {
		there[p.ID] = true
		if p.URL == "" || s.loops[p.ID] != nil {
			continue
		}
		ctx, stop := context.WithCancel(ctx)
		l := &loop{s: s, to: p.ID, wake: make(chan struct{}, 1), stop: stop, most: handFirst}
		s.loops[p.ID] = l
		work.Go(func() { l.run(ctx) })
	}
	for id, l := range s.loops {
		if !there[id] {
			l.stop()
			delete(s.loops, id)
		}
	}
	return nil
}

// run does the work for one peer until ctx ends: sending, and beside it fetching.
func (l *loop) run(ctx context.Context) {
	defer l.stop()
	var fetching sync.WaitGroup
	defer fetching.Wait()
	fetching.Go(func() { l.fetchAll(ctx) })
	for ctx.Err() == nil {
		if !l.mine(ctx) || l.waits() > 0 || !l.send(ctx) {
			l.pause(ctx, lookEvery)
		}
	}
}

// mine reports whether this instance is the one that deals with the peer.
func (l *loop) mine(ctx context.Context) bool {
	mine, err := l.s.c.Alone(ctx, l.to, leaseFor)
	if err != nil && ctx.Err() == nil {
		l.s.c.Log.ErrorContext(ctx, "lease of a sender", slog.String("peer", string(l.to)), slog.Any("err", err))
	}
	return mine && err == nil
}

// pause waits for a time, a nudge, or the end.
func (l *loop) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-l.wake:
	case <-t.C:
	}
}

// waits returns how long nothing is to be tried.
func (l *loop) waits() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.Waits.IsZero() {
		return 0
	}
	return max(0, l.status.Waits.Sub(l.s.c.Clock.Now()))
}

// sendThread sends the parcels of a thread one after another, until open ends. It stops at
// the first that the peer does not take, and reports whether others may still be sent, and
// how many are not to be tried again in this round.
func (l *loop) sendThread(ctx, open context.Context, parcels []Parcel) (tried int, goOn bool) {
	for i, p := range parcels {
		if open.Err() != nil {
			return len(parcels), true // whoever ended it knows why
		}
		began := l.s.c.Clock.Now()
		answer, err := l.sendParcel(ctx, p)
		if err == nil {
			l.s.tally.sent()
			err = l.s.c.Outbox.Answered(ctx, l.to, []Answered{{p.ID, answer}})
			if err != nil && ctx.Err() == nil {
				l.s.c.Log.ErrorContext(ctx, "keep the answer of a peer", slog.String("peer", string(l.to)), slog.Any("err", err))
				return len(parcels), true
			}
			l.heard(ctx, nil)
			continue
		}
		if l.isThere(ctx, open, err, began) {
			return i, true
		}
		return len(parcels), l.returned(ctx, p, err)
	}
	return len(parcels), true
}

// isThere reports whether nothing but this one try failed: the peer has answered others
// since it began. That is how a bad line is, and no reason to leave the peer alone; it takes
// a breath before it says so.
func (l *loop) isThere(ctx, open context.Context, err error, began time.Time) bool {
	var r *Refusal
	if errors.As(err, &r) || cx.CodeOf(err) != cx.Internal || !fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
		return false
	}
	l.mu.Lock()
	there := !l.status.Answered.Before(began)
	l.mu.Unlock()
	if !there {
		return false
	}
	l.s.tally.failed()
	select {
	case <-open.Done():
	case <-time.After(firstWait):
	}
	return true
}

// sendParcel sends the attachments of a parcel and then the parcel.
func (l *loop) sendParcel(ctx context.Context, p Parcel) ([]byte, error) {
	for _, d := range p.Blobs {
		f, err := l.s.c.Spool.OpenOut(d)
		if err == nil {
			err = l.s.client.Upload(ctx, l.to, d, f)
			_ = f.Close() // it was only read
		}
		if err != nil {
			return nil, err
		}
	}
	return l.s.client.Deliver(ctx, l.to, p.Body)
}

// returned deals with a parcel that was not taken, and reports whether others may still
// be sent to the peer.
func (l *loop) returned(ctx context.Context, p Parcel, err error) (goOn bool) {
	var r *Refusal
	code := cx.CodeOf(err)
	if !errors.As(err, &r) {
		if code == cx.Internal { // no answer
			l.heard(ctx, err)
			return false
		}
		r = &Refusal{Code: code, Where: -1} // an attachment that is not here, or not right
	}
	l.s.tally.returned(r.Code)
	l.introduce(ctx, err)
	all := false
	switch r.Code {
	case cx.Limit, cx.Busy, cx.Recovering, cx.StaleEpoch:
		l.heard(ctx, err)
		all = true // about everything that is sent, not about this parcel
	}
	if all && r.Code != cx.StaleEpoch {
		return false
	}
	var again time.Time
	if !r.Code.Final() {
		again = l.s.c.Clock.Now().Add(patience(p.Tried, 0, r.Wait))
	}
	if err := l.s.c.Outbox.Refused(ctx, l.to, p.ID, r, again); err != nil && ctx.Err() == nil {
		l.s.c.Log.ErrorContext(ctx, "keep the refusal of a peer", slog.String("peer", string(l.to)), slog.Any("err", err))
	}
	return !all
}

// heard notes how the peer answered; nil is well.
func (l *loop) heard(ctx context.Context, err error) {
	if ctx.Err() != nil && err != nil {
		return // the end, not the peer
	}
	now := l.s.c.Clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	st := &l.status
	if err == nil {
		*st = Status{Answered: now}
		return
	}
	if cx.CodeOf(err) == cx.Internal && fault.Is(err, fault.Internal) {
		l.s.c.Log.ErrorContext(ctx, "send to a peer", slog.String("peer", string(l.to)), slog.Any("err", err))
	}
	l.s.tally.failed()
	if st.Waits.After(now) {
		return // of many that were on their way together one failed first: they are one try
	}
	if st.Failing.IsZero() {
		st.Failing = now
	}
	var r *Refusal
	if errors.As(err, &r) {
		st.Why = string(r.Code)
		st.Waits = now.Add(patience(st.tried, now.Sub(st.Failing), r.Wait))
	} else {
		st.Why = fault.CodeOf(err)
		st.Waits = now.Add(patience(st.tried, now.Sub(st.Failing), 0))
	}
	st.tried++
}

// meet compares with the peer before anything is sent, once after each start, and reports
// whether it had to.
func (l *loop) meet(ctx context.Context) (met bool, err error) {
	question, err := l.s.c.Outbox.Question(ctx, l.to)
	if err != nil || question == nil {
		return false, err
	}
	answer, err := l.s.client.Sync(ctx, l.to, question)
	if err != nil && l.introduce(ctx, err) {
		if question, err = l.s.c.Outbox.Question(ctx, l.to); err == nil && question != nil {
			answer, err = l.s.client.Sync(ctx, l.to, question)
		}
	}
	if err != nil || question == nil {
		return false, err
	}
	if err := l.s.c.Outbox.Learn(ctx, l.to, question, answer); err != nil {
		return false, err
	}
	l.heard(ctx, nil)
	return true, nil
}

// introduce brings this node's keys to a peer that does not know them, and reports whether
// it took any. Nothing vouches for them but the recovery pair that signed them.
func (l *loop) introduce(ctx context.Context, why error) (some bool) {
	if code := cx.CodeOf(why); l.s.c.Notes == nil || code != cx.UnknownSender && code != cx.RevokedKey {
		return false
	}
	notes, err := l.s.c.Notes(ctx)
	for _, n := range notes {
		if _, err = l.s.client.Deliver(ctx, l.to, cx.Frame(n)); err == nil {
			some = true
		}
	}
	if err != nil && ctx.Err() == nil {
		l.s.c.Log.WarnContext(ctx, "bring keys to a peer", slog.String("peer", string(l.to)), slog.Any("err", err))
	}
	return some
}
