package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// JobPost is the job that carries messages: it stores, places, opens and compares.
const JobPost = "carry-post"

// Most is how many messages may wait for one peer. Beyond it the person who sends is told
// so; nothing is dropped in silence.
const Most = 10_000

// step runs fn in a transaction of its own, which the journal enters: with the digest of
// everything that was signed or taken in it.
func (r *Room) step(ctx context.Context, fn func(p *access.Pass) error) error {
	if err := r.on(); err != nil {
		return err
	}
	act := access.Act{Action: "post.step", Purpose: Purpose, Command: ident.New[ident.Command]()}
	_, err := r.gate.Do(ctx, r.gate.Job(JobPost), act, func(p *access.Pass) (string, error) { return "", fn(p) })
	return err
}

// read runs fn over one snapshot.
func (r *Room) read(ctx context.Context, fn func(tx *store.Tx) error) error {
	if err := r.on(); err != nil {
		return err
	}
	return r.db.Read(ctx, fn)
}

// enters puts the digest of a note that was signed or taken into the journal's entry.
func enters(p *access.Pass, what kind, node identity.NodeID, id cx.ID, body []byte) {
	wrote(p, what, node, id, cx.DigestOf(body))
}

// wrote puts a digest into the journal's entry.
func wrote(p *access.Pass, what kind, node identity.NodeID, id cx.ID, d cx.Digest) {
	p.Wrote("exchange_paper", fmt.Appendf(nil, "%s/%s/%s", node, id, what), 1, d[:])
}

// standing is how far delivery may go with a peer.
func (p *Peer) standing(at time.Time) delivery.Standing {
	switch {
	case !p.Paired(at):
		return delivery.Removed
	case !p.Sends(at):
		return delivery.Quarantined
	}
	return delivery.Good
}

// rowsOf returns the rows of a peer.
func (r *Room) rowsOf(ctx context.Context, tx *store.Tx, p *Peer) *rows {
	out := &rows{ctx: ctx, tx: tx, node: string(p.Node), standing: p.standing(tx.Now())}
	if p.State == OK {
		out.resumed = p.StateAt
	}
	return out
}

// desk returns the dealings with a peer within a transaction.
func (r *Room) desk(ctx context.Context, tx *store.Tx, p *Peer) (*delivery.Desk, error) {
	epoch, err := r.epoch(ctx, tx)
	return &delivery.Desk{Rows: r.rowsOf(ctx, tx, p), Epoch: epoch, Now: tx.Now()}, err
}

// epoch returns the epoch of the database, 0 before its first start.
func (r *Room) epoch(ctx context.Context, tx *store.Tx) (uint64, error) {
	n, err := tx.Memo(epochSeen{}, func() (any, error) {
		var n int64
		err := tx.QueryRow(ctx, sqlSelectEpoch).Scan(&n)
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return uint64(n), err
	})
	if err != nil {
		return 0, err
	}
	return n.(uint64), nil
}

// epochSeen is the key of the epoch in a transaction.
type epochSeen struct{}

// pen signs what this node says.
type pen struct {
	node   identity.NodeID
	key    identity.KeyID
	signer note.Signer
}

// Node implements cx.Signer.
func (p *pen) Node() identity.NodeID { return p.node }

// Key implements cx.Signer.
func (p *pen) Key() identity.KeyID { return p.key }

// Sign implements cx.Signer.
func (p *pen) Sign(text string) ([]byte, error) { return note.Sign(text, p.signer) }

// pen returns who signs now.
func (r *Room) pen(ctx context.Context, tx *store.Tx) (*pen, error) {
	s, id, err := r.Signer(ctx, tx, tx.Now())
	if err == nil {
		r.publics.LoadOrStore(string(s.Pair.Public().Bytes()), s.Pair.Public()) // it recalls what it signs
	}
	return &pen{r.node, id, s}, err
}

// pairs finds the pairs by which a peer and this node sign. old: also those whose time is
// over, for notes that were signed long ago.
func (r *Room) pairs(ctx context.Context, tx *store.Tx, p *Peer, old bool) (cx.Pairs, error) {
	self, err := r.Self(ctx, tx)
	if err != nil {
		return nil, err
	}
	now := tx.Now()
	return func(node identity.NodeID, key identity.KeyID) (*note.Public, error) {
		h := p.History
		switch node {
		case r.node:
			h = self.History
		case p.Node:
		default:
			return nil, cx.UnknownSender
		}
		k, found := h.Find(key)
		if h == nil || !found || k.Role != identity.Sign {
			return nil, cx.UnknownSender
		}
		if !old && node == p.Node {
			valid := false
			for _, held := range h.Keys(identity.Sign, now) {
				valid = valid || held.ID(node) == key
			}
			if !valid {
				return nil, cx.RevokedKey
			}
		}
		return r.public(k.Public)
	}, nil
}

// public makes a key ready to verify with. Who signs is of few, and they sign often.
func (r *Room) public(raw []byte) (*note.Public, error) {
	if p, ok := r.publics.Load(string(raw)); ok {
		return p.(*note.Public), nil
	}
	p, err := note.PublicFrom(raw)
	if err == nil {
		r.publics.Store(string(raw), p)
	}
	return p, err
}

// Send lets a message wait for its number, in the transaction of the record that it is
// about. It is placed, signed and sealed when the two nodes have compared. The errors are
// NotFound for no such peer, Denied for what the pair does not permit, Invalid
// ("exchange-too-large") for more than its limits, Unavailable
// ("exchange-full") for a queue that is full, Conflict ("exchange-frozen") for a thread
// that was stopped.
func (r *Room) Send(ctx context.Context, tx *store.Tx, d *cx.Draft) (cx.ID, error) {
	var id cx.ID
	if err := r.on(); err != nil {
		return id, err
	}
	if err := d.Check(); err != nil {
		return id, fault.Wrap(fault.Invalid, "exchange-draft", err)
	}
	peer, err := r.Peer(ctx, tx, d.To)
	if err != nil {
		return id, err
	}
	if code := peer.Allows(d.Labels.Purpose, d.Type, tx.Now()); code != "" && code != cx.Quarantined { // then it waits
		return id, fault.Wrap(fault.Denied, "exchange-not-agreed", code)
	}
	if !peer.fits(d.Payload, d.Attachments) {
		return id, fault.Wrap(fault.Invalid, "exchange-too-large", cx.TooLarge)
	}
	rows := r.rowsOf(ctx, tx, peer)
	if frozen, err := rows.Frozen(delivery.Thread(d.Thread)); err != nil || frozen {
		if err == nil {
			err = fault.New(fault.Conflict, "exchange-frozen")
		}
		return id, err
	}
	waiting, err := r.waiting(ctx, tx, d.To)
	if err != nil {
		return id, err
	}
	if delivery.Full(*waiting, Most) {
		return id, fault.New(fault.Unavailable, "exchange-full")
	}
	*waiting++
	return r.queue(ctx, tx, d)
}

// waitingSeen is the key of how many messages wait for a peer in a transaction.
type waitingSeen struct{ node identity.NodeID }

// waiting counts the messages that wait for a peer: once in a transaction, whose own are
// added by who writes them.
func (r *Room) waiting(ctx context.Context, tx *store.Tx, to identity.NodeID) (*int, error) {
	n, err := tx.Memo(waitingSeen{to}, func() (any, error) {
		var n int64
		err := tx.QueryRow(ctx, sqlCountOut, string(to)).Scan(&n)
		out := int(n)
		return &out, err
	})
	if err != nil {
		return nil, err
	}
	return n.(*int), nil
}

// queue writes a draft into the outbox.
func (r *Room) queue(ctx context.Context, tx *store.Tx, d *cx.Draft) (cx.ID, error) {
	id := cx.NewID(tx.Now())
	return id, r.queueAs(ctx, tx, id, d)
}

// queueAs is queue under an id.
func (r *Room) queueAs(ctx context.Context, tx *store.Tx, id cx.ID, d *cx.Draft) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fault.New(fault.Invalid, "exchange-draft")
	}
	if err := r.keepPaper(ctx, tx, paper{d.To, delivery.Ours, id, paperDraft}, body); err != nil {
		return err
	}
	expires := d.Expires
	if expires.IsZero() {
		expires = tx.Now().Add(cx.DefaultExpiry)
	}
	o := outRow{id: id, thread: d.Thread, stream: d.Stream, kind: d.Type, expires: expires}
	if err := tx.Put(ctx, sqlQueue, append([]any{tx.Micros(), string(d.To)}, o.columns()...)...); err != nil {
		return fmt.Errorf("queue message: %w", err)
	}
	if r.wake != nil {
		tx.OnCommit(func() { r.wake(d.To) })
	}
	return nil
}

// outRow is a message in the outbox.
type outRow struct {
	id              cx.ID
	thread          cx.Thread
	stream          cx.Stream
	kind            cx.Type
	first, next     time.Time
	expires         time.Time
	tried           int64
	cover           int64 // epoch of the envelope that lies ready, 0 for none
	resend          int64
	placed, stopped bool
	code            string
	ekey            []byte
}

func (o *outRow) columns() []any {
	if o.ekey == nil {
		o.ekey = []byte{}
	}
	return []any{
		o.id[:], o.thread[:], string(o.stream), string(o.kind), micros(o.first), micros(o.next), micros(o.expires), o.tried, o.cover, o.resend,
		o.placed, o.stopped, o.code, o.ekey,
	}
}

func scanOut(scan func(...any) error) (*outRow, error) {
	var o outRow
	var id, thread []byte
	var stream, kind string
	var first, next, expires int64
	err := scan(&id, &thread, &stream, &kind, &first, &next, &expires, &o.tried, &o.cover, &o.resend, &o.placed, &o.stopped, &o.code, &o.ekey)
	if err != nil {
		return nil, err
	}
	o.id, o.thread, o.stream, o.kind = cx.ID(id), cx.Thread(thread), cx.Stream(stream), cx.Type(kind)
	o.first, o.next, o.expires = fromMicros(first), fromMicros(next), fromMicros(expires)
	return &o, nil
}

// out reads a row of the outbox, nil for none.
func (r *Room) out(ctx context.Context, tx *store.Tx, node identity.NodeID, id cx.ID) (*outRow, error) {
	o, err := scanOut(tx.QueryRow(ctx, sqlSelectOut, string(node), id[:]).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return o, err
}

// keepOut writes a row of the outbox back.
func (r *Room) keepOut(ctx context.Context, tx *store.Tx, node identity.NodeID, o *outRow) error {
	if o.ekey == nil {
		o.ekey = []byte{}
	}
	_, err := tx.Exec(ctx, sqlUpdateOut, string(node), o.id[:], micros(o.first), micros(o.next), o.tried, o.cover, o.resend, o.placed, o.stopped,
		o.code, o.ekey)
	return err
}
