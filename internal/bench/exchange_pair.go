package bench

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/node"
	"causeway/internal/referral"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// nodeEnd is a whole node at one end of a measured line: database, journal, keyring and
// door, with fsync on.
type nodeEnd struct {
	*scratch
	id   identity.NodeID
	ln   net.Listener
	stop func() error
	crew crew

	encloses func(of ident.Case) ([]ident.Document, error) // documents that go along; nil: none

	mu    sync.Mutex // guards came and wires
	came  []arrival
	wires map[referral.ThreadID]cx.Thread // of the threads that came
}

// arrival is a message that a node has opened and acted on.
type arrival struct {
	id     cx.ID
	thread cx.Thread
	seq    uint64
	at     time.Time
}

// door is where a node listens for others and how it is reached.
type door struct {
	ln  net.Listener
	url string
	clk clock.Clock // of the node; nil: the machine's
}

// newNodeEnd makes a node whose door answers on loopback.
func newNodeEnd(ctx context.Context, o *Options, id identity.NodeID) (*nodeEnd, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := door{ln, "https://" + ln.Addr().String(), o.clock}
	if id == receivingEnd && o.far != nil {
		d.clk = o.far
	}
	return newNodeAt(ctx, o, id, d)
}

// newNodeAt makes a node with a door.
func newNodeAt(ctx context.Context, o *Options, id identity.NodeID, d door) (*nodeEnd, error) {
	c := config(store.SQLite, "")
	c.Name = strings.ToUpper(strings.ReplaceAll(string(id), ".", "-"))
	c.Exchange = &node.Exchange{ID: id, Listen: d.ln.Addr().String(), URL: d.url}
	s, err := newScratchOf(ctx, o, c, d.clk)
	if err != nil {
		return nil, errors.Join(err, d.ln.Close())
	}
	e := &nodeEnd{scratch: s, id: id, ln: d.ln, crew: newCrew(), wires: map[referral.ThreadID]cx.Thread{}}
	s.Exchange.Handles(cx.ClassTest, e)
	return e, nil
}

// newScratchOf is newScratch with a configuration of its own.
func newScratchOf(ctx context.Context, o *Options, c node.Config, clk clock.Clock) (*scratch, error) {
	dir, err := scratchFolder(o)
	if err != nil {
		return nil, err
	}
	return scratchIn(ctx, dir, c, filepath.Join(dir, "node"), clk)
}

// Handle implements exchange.Handler: it notes that the message came.
func (e *nodeEnd) Handle(ctx context.Context, m *cx.Message, settle exchange.Settle) error {
	err := e.DB.Write(ctx, func(tx *store.Tx) error { return settle(ctx, tx, cx.Opened{}) })
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.came = append(e.came, arrival{m.ID, m.Thread, m.Seq, time.Now()})
	return nil
}

// arrived returns what came so far.
func (e *nodeEnd) arrived() []arrival {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]arrival(nil), e.came...)
}

// count returns how many messages came so far.
func (e *nodeEnd) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.came)
}

// exchangePair makes two nodes that are paired, as two officers on each side do.
func exchangePair(ctx context.Context, o *Options) (a, b *nodeEnd, err error) {
	if a, err = newNodeEnd(ctx, o, sendingEnd); err != nil {
		return nil, nil, err
	}
	if b, err = newNodeEnd(ctx, o, receivingEnd); err != nil {
		return nil, nil, errors.Join(err, a.close())
	}
	cards := map[*nodeEnd][]byte{}
	for _, e := range []*nodeEnd{a, b} {
		if cards[e], err = e.sit(ctx); err != nil {
			return nil, nil, errors.Join(err, a.close(), b.close())
		}
	}
	if err = errors.Join(a.pair(ctx, cards[b]), b.pair(ctx, cards[a])); err != nil {
		return nil, nil, errors.Join(err, a.close(), b.close())
	}
	return a, b, nil
}

// sit makes the keys of a node and returns its card.
func (e *nodeEnd) sit(ctx context.Context) (card []byte, err error) {
	recovery, _ := keys.NewRecovery()
	err = e.Sit(ctx, recovery, node.Sitting{
		Names: []identity.Name{{Language: "en", Text: "Bench"}}, Authority: "Bench", Contact: "+999 55 0101",
	})
	if err != nil {
		return nil, err
	}
	err = e.DB.Read(ctx, func(tx *store.Tx) error {
		self, err := e.Exchange.Self(ctx, tx)
		if err == nil {
			card = self.Note
		}
		return err
	})
	return card, err
}

// pair adds another node's card.
func (e *nodeEnd) pair(ctx context.Context, card []byte) error {
	read, err := e.Exchange.ReadCard(card)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	id, err := e.Exchange.Prepare(ctx, e.officer(access.RoleNodeOperator), ident.New[ident.Command](), card, exchange.Terms{
		Purposes: cx.Purposes(), Types: exchange.ChosenTypes(), Limits: identity.StandardLimits,
		Emergency: "+999 55 0202", Called: "+999 55 0202", From: now, Until: now.AddDate(1, 0, 0),
	})
	if err != nil {
		return err
	}
	var seen int64
	err = e.DB.Read(ctx, func(tx *store.Tx) error {
		p, err := e.Exchange.Peer(ctx, tx, id)
		if err == nil {
			seen = p.Version
		}
		return err
	})
	if err != nil {
		return err
	}
	return e.Exchange.Confirm(ctx, e.officer(access.RoleSupervisor), ident.New[ident.Command](), id, read.Fingerprint().String(), seen)
}

// officer is somebody who has just shown who they are.
func (e *nodeEnd) officer(role string) *access.Caller {
	return e.Gate.Person(access.Signed{
		Staff: ident.New[ident.Staff](), Session: ident.New[ident.Session](), Role: role, Unit: e.unit, Sector: staff.OwnSector,
		Strength: "passkey", FreshAt: e.Clock.Now(), StrongAt: e.Clock.Now(), FreshFor: 5 * time.Minute,
	}, "web", "loopback")
}

// serve opens the door, begins to send, and sequences the journal, until it is stopped.
func (e *nodeEnd) serve(ctx context.Context) error {
	if e.ln == nil {
		ln, err := net.Listen("tcp", e.Config.Exchange.Listen)
		if err != nil {
			return err
		}
		e.ln = ln
	}
	ctx, cancel := context.WithCancel(ctx)
	sequenced := e.sequence(ctx)
	done := make(chan error, 1)
	ln := e.ln
	go func() { done <- e.RunPeers(ctx, ln) }()
	e.stop = func() error {
		cancel()
		e.ln, e.stop = nil, nil
		return errors.Join(<-done, sequenced())
	}
	return nil
}

// deaf lets the node be reached by nobody until it is served.
func (e *nodeEnd) deaf() error {
	err := e.ln.Close()
	e.ln = nil
	return err
}

// end stops and removes the node.
func (e *nodeEnd) end() error {
	var err error
	if e.stop != nil {
		err = e.stop()
	}
	return errors.Join(err, e.close())
}

// queue lets n messages of size bytes wait for the other end, in so many threads, and
// returns their ids with the time at which each was committed. Those of a thread have one
// purpose: the next of the list, protection without a list.
func (e *nodeEnd) queue(ctx context.Context, to identity.NodeID, n int, threads []cx.Thread, size int, purposes ...cx.Purpose) (map[cx.ID]time.Time, error) {
	if len(purposes) == 0 {
		purposes = []cx.Purpose{cx.Protection}
	}
	payload := []byte(`{"trial":"` + strings.Repeat("x", size-len(`{"trial":""}`)) + `"}`)
	out := make(map[cx.ID]time.Time, n)
	const batch = 50
	for done := 0; done < n; done += batch {
		var ids []cx.ID
		err := e.DB.Write(ctx, func(tx *store.Tx) error {
			ids = ids[:0]
			for i := done; i < min(done+batch, n); i++ {
				id, err := e.Exchange.Send(ctx, tx, trialDraft(to, threads[i%len(threads)], purposes[i%len(threads)%len(purposes)], payload))
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out[id] = time.Now()
		}
	}
	return out, nil
}

// trialDraft is a message that reaches no record.
func trialDraft(to identity.NodeID, thread cx.Thread, purpose cx.Purpose, payload []byte) *cx.Draft {
	l := cx.DefaultLabels(purpose, cx.BasisVital)
	l.Jurisdiction, l.RetainRule = "XA", "case"
	return &cx.Draft{
		To: to, Thread: thread, Stream: cx.Status, Type: cx.Trial, Schema: "trial/1", Payload: payload, Officer: "o-bench", Labels: l,
	}
}

func newThreads(n int) []cx.Thread {
	out := make([]cx.Thread, n)
	for i := range out {
		out[i] = cx.NewThread()
	}
	return out
}

// awaitArrivals waits until so many messages have come.
func awaitArrivals(ctx context.Context, e *nodeEnd, n int) error {
	last, still := 0, time.Now()
	for {
		got := e.count()
		if got >= n {
			return nil
		}
		if got != last {
			last, still = got, time.Now()
		}
		if time.Since(still) > time.Minute {
			return errors.New("nothing comes any more")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// outOfOrder counts messages that came before one of their thread that was sent first.
func outOfOrder(came []arrival) float64 {
	next := map[cx.Thread]uint64{}
	wrong := 0.0
	for _, a := range came {
		if a.seq != next[a.thread]+1 {
			wrong++
		}
		next[a.thread] = max(next[a.thread], a.seq)
	}
	return wrong
}
