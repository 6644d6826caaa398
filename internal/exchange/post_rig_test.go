package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"causeway/internal/access/accesstest"
	"causeway/internal/exchange"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// end is one of two nodes that exchange.
type end struct {
	*accesstest.Office
	t        testing.TB
	room     *exchange.Room
	country  *country
	schedule []byte
	mu       sync.Mutex    // guards got and asked while messages are opened
	got      []*cx.Message // acted on, in order
	witness  *journal.Witness
	ledger   exchange.Ledger // in place of its journal, nil for that
	asked    int             // how often the room was handed something
	fail     error           // what the room's handler fails with
	refuse   cx.Code         // as what it settles
}

// newEnd returns a node with its keys.
func newEnd(t testing.TB, o *accesstest.Office, node identity.NodeID) *end {
	t.Helper()
	e := &end{Office: o, t: t}
	e.room = e.open(node)
	r := abroad(t, o, node)
	r.ring, r.log = o.Ring, "XA-test"
	e.country = r
	e.schedule = r.sits(o.Clock.Now())
	ok(t, e.room.KeepSelf(ctx, o.Gate.Job("peer-shell"), command(), exchange.Signed{Schedule: e.schedule, Card: r.card(o.Clock.Now(), e.schedule)}))
	ok(t, e.room.Start(ctx))
	return e
}

// open returns the room of the node, as a start makes it.
func (e *end) open(node identity.NodeID) *exchange.Room {
	e.t.Helper()
	ledger := e.ledger
	if ledger == nil {
		ledger = e.Journal
	}
	room, err := exchange.New(exchange.Config{DB: e.DB, Gate: e.Gate, Key: e.Ring.Derive("exchange/row"), Keys: e.Ring, Node: node, Ledger: ledger})
	ok(e.t, err)
	room.Handles(cx.ClassCase, e)
	key, err := e.Ring.Witness("causeway/XA-test/witness")
	ok(e.t, err)
	e.witness = journal.NewWitness(e.DB, e.Clock, key, peerLogs{e.DB, room}, nil)
	room.Watches(e.witness)
	return room
}

// starts starts the node anew.
func (e *end) starts() {
	e.t.Helper()
	e.room = e.open(e.room.Node())
	ok(e.t, e.room.Start(ctx))
}

// knows pairs with the other.
func (e *end) knows(o *end) {
	e.t.Helper()
	e.permits(o, func(*exchange.Terms) {})
}

// Handle implements exchange.Handler: it answers every command with a status.
func (e *end) Handle(ctx context.Context, m *cx.Message, settle exchange.Settle) error {
	e.mu.Lock()
	e.asked++
	e.mu.Unlock()
	if e.fail != nil {
		return e.fail
	}
	err := e.DB.Write(ctx, func(tx *store.Tx) error {
		if m.Type.Asks() && !m.Answered {
			if _, err := e.room.Send(ctx, tx, draft(m.From, m.Thread, cx.StatusReport, m.ID)); err != nil {
				return err
			}
		}
		return settle(ctx, tx, cx.Opened{Refused: e.refuse})
	})
	if err == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.got = append(e.got, m)
	}
	return err
}

// draft is a message that says nothing of anybody.
func draft(to identity.NodeID, thread cx.Thread, what cx.Type, answers cx.ID) *cx.Draft {
	stream := cx.Cmd
	if what == cx.StatusReport {
		stream = cx.Status
	}
	return &cx.Draft{
		To: to, Thread: thread, Stream: stream, Type: what, Answers: answers, Schema: "test/1", Payload: []byte(`{"n":1}`), Officer: "o-7",
		Labels: cx.Labels{
			Purpose: cx.Protection, Basis: cx.BasisVital, Jurisdiction: "XA", Handling: cx.H2, Onward: cx.OnwardNone, Court: cx.CourtAsk,
			RetainRule: "case", OnExpiry: cx.Erase,
		},
	}
}

// says queues a message to the other.
func (e *end) says(o *end, thread cx.Thread, what cx.Type) cx.ID {
	e.t.Helper()
	var id cx.ID
	ok(e.t, e.DB.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = e.room.Send(ctx, tx, draft(o.country.node, thread, what, cx.ID{}))
		return err
	}))
	return id
}

// meets compares with the other until nothing is missing.
func (e *end) meets(o *end) {
	e.t.Helper()
	for range 8 {
		q, err := e.room.Question(ctx, o.country.node)
		ok(e.t, err)
		if q == nil {
			return
		}
		a, err := o.room.Sync(ctx, e.country.node, bytes.NewReader(q))
		ok(e.t, err)
		ok(e.t, e.room.Compared(ctx, o.country.node, q, a))
	}
	e.t.Fatal("the two never come to an end")
}

// due returns what the node would send to the other now.
func (e *end) due(o *end) []exchange.Parcel {
	e.t.Helper()
	out, err := e.room.Due(ctx, o.country.node, nil, 64)
	ok(e.t, err)
	return out
}

// carries brings everything that is due to the other, and its receipts back; then both
// open what came. It reports whether anything moved.
func (e *end) carries(o *end) bool {
	e.t.Helper()
	moved := false
	for _, p := range e.due(o) {
		receipt, err := o.room.Receive(ctx, e.country.node, bytes.NewReader(p.Body))
		var code cx.Code
		if errors.As(err, &code) {
			ok(e.t, e.room.Refused(ctx, o.country.node, p.ID, code, e.Clock.Now().Add(time.Minute)))
			continue
		}
		ok(e.t, err)
		ok(e.t, e.room.Answered(ctx, o.country.node, p.ID, receipt))
		moved = true
	}
	if _, err := o.room.Work(ctx); err != nil && o.fail == nil {
		e.t.Fatal(err)
	}
	return moved
}

// rests carries both ways until nothing moves.
func rests(a, b *end) {
	a.t.Helper()
	for range 32 {
		a.meets(b)
		b.meets(a)
		moved := a.carries(b)
		if !b.carries(a) && !moved {
			return
		}
	}
	a.t.Fatal("the two never come to rest")
}

// ends returns two nodes that are paired and have compared: one on each engine at hand,
// the other on SQLite.
func ends(t *testing.T, body func(t *testing.T, a, b *end)) {
	t.Helper()
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		o.Clock.Advance(123_456 * time.Microsecond) // no clock stands at whole seconds
		far := accesstest.New(t)
		far.Clock.Advance(o.Clock.Now().Sub(far.Clock.Now()))
		a, b := newEnd(t, o, "xa.dcs"), newEnd(t, far, "xb.moi")
		a.knows(b)
		b.knows(a)
		rests(a, b) // they compare, and tell each other their keys
		body(t, a, b)
	})
}
