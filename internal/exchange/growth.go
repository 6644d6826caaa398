package exchange

import (
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"causeway/internal/access"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// Watcher remembers how far the journals of other nodes were seen. It is the node's
// witness: what a comparison learns and what is cosigned stand in one place, and cannot
// say different things.
type Watcher interface {
	Known(ctx context.Context, tx *store.Tx, log string) (journal.Known, error)
	Observe(ctx context.Context, log string, from journal.Known, growth []*witness.Request) (journal.Verdict, error)
	// Contradicted returns when a log first contradicted what was seen of it, zero for never.
	Contradicted(ctx context.Context, log string) (time.Time, error)
}

// Watches says who remembers the journals of peers. It is called while the node is built;
// without it they are not compared.
func (r *Room) Watches(w Watcher) { r.watcher = w }

// cause stands in the statement of a restore that nobody had declared.
const cause = "found in a comparison with another node: the database had been put back"

// logName returns the name of a peer's journal, as its newest schedule that names one says;
// "" for none.
func (p *Peer) logName() string {
	all := p.History.Schedules
	for i := len(all) - 1; i >= 0; i-- {
		for _, k := range all[i].Of(identity.Log) {
			named, _, err := witness.ParseLogKey(string(k.Public))
			if err != nil {
				continue
			}
			if node, _, ok := witness.SplitOrigin(named); ok {
				return node
			}
		}
	}
	return ""
}

// seen returns how far a peer's journal was seen here.
func (r *Room) seen(ctx context.Context, tx *store.Tx, p *Peer) (journal.Known, error) {
	name := p.logName()
	if r.watcher == nil || name == "" {
		return journal.Known{}, nil
	}
	return r.watcher.Known(ctx, tx, name)
}

// pointOf writes how far a journal was seen as the protocol does.
func pointOf(k journal.Known) cx.Checkpoint {
	if k.Size == 0 {
		return cx.Checkpoint{}
	}
	return cx.Checkpoint{Epoch: uint64(k.Epoch), Size: uint64(k.Size), Root: cx.Digest(k.Root)}
}

// knownOf is the reverse of pointOf.
func knownOf(c cx.Checkpoint, signed []byte) journal.Known {
	return journal.Known{Epoch: int64(c.Epoch), Size: int64(c.Size), Root: tlog.Hash(c.Root), Note: string(signed)}
}

// says adds to a comparison how far the two journals are known.
func (r *Room) says(ctx context.Context, tx *store.Tx, p *Peer, s *cx.Sync) (seen journal.Known, err error) {
	if s.Log, err = r.logged(ctx, tx); err != nil {
		return seen, err
	}
	seen, err = r.seen(ctx, tx, p)
	s.Seen = pointOf(seen)
	return seen, err
}

// behind tells delivery that our own journal was seen further than it has come: it is the
// same as an item of ours that we do not know.
func (r *Room) behind(ctx context.Context, tx *store.Tx, d *delivery.Desk, in *delivery.Sync, seen journal.Known) error {
	if r.ledger == nil || seen.Size == 0 {
		return nil
	}
	lost, err := r.ledger.Behind(ctx, tx, seen)
	if errors.Is(err, journal.ErrNotOurs) {
		return cx.Conflict
	}
	if lost {
		in.Seen = delivery.Checkpoint{Epoch: d.Epoch, Size: d.Log + 1}
	}
	return err
}

// grown returns what proves to the asker of a question how our journal has grown since it
// saw it.
func (r *Room) grown(ctx context.Context, from identity.NodeID, question []byte) ([]*witness.Request, error) {
	if r.ledger == nil {
		return nil, nil
	}
	var s *cx.Sync
	err := r.read(ctx, func(tx *store.Tx) error {
		_, pairs, err := r.known(ctx, tx, from)
		if err != nil {
			return err
		}
		s, err = cx.OpenSync(question, r.node, pairs)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.ledger.Growth(ctx, knownOf(s.Seen, nil))
}

// tells puts the growth of our journal into an answer.
func tells(a *cx.SyncAnswer, growth []*witness.Request) error {
	a.Log, a.Growth = cx.Checkpoint{}, nil
	if len(growth) == 0 {
		return nil
	}
	var err error
	if a.Log, err = checkpointOf(growth[len(growth)-1].Note); err != nil {
		return err
	}
	for _, g := range growth {
		a.Growth = append(a.Growth, g.Bytes())
	}
	return nil
}

// checkpointOf reads the point that a signed checkpoint names. Nothing is verified.
func checkpointOf(signed string) (cx.Checkpoint, error) {
	c, err := witness.ParseCheckpoint(witness.NoteText(signed))
	_, epoch, ok := witness.SplitOrigin(c.Origin)
	if err != nil || !ok {
		return cx.Checkpoint{}, cx.BadFormat
	}
	return cx.Checkpoint{Epoch: uint64(epoch), Size: uint64(c.Size), Root: cx.Digest(c.Root)}, nil
}

// watched compares what an answer proves of a peer's journal with what was seen of it,
// before anything else of the answer counts. A journal that contradicts it puts the peer
// under watch; nothing is sent, and people are told. One that is shorter was put back: the
// peer hears from our answer to its own question that it has to enter a new epoch, and
// until then nothing is sent either.
func (r *Room) watched(ctx context.Context, to identity.NodeID, q *cx.Sync, a *cx.SyncAnswer) error {
	if r.watcher == nil {
		return nil
	}
	var growth []*witness.Request
	for _, part := range a.Growth {
		g, err := witness.ParseRequest(part)
		if err != nil {
			return cx.BadFormat
		}
		growth = append(growth, g)
	}
	if n := len(growth); n > 0 {
		if at, err := checkpointOf(growth[n-1].Note); err != nil || at != a.Log {
			return cx.Conflict
		}
	}
	var peer *Peer
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		peer, err = r.Peer(ctx, tx, to)
		return err
	})
	if err != nil || peer.logName() == "" {
		return err
	}
	verdict, err := r.watcher.Observe(ctx, peer.logName(), knownOf(q.Seen, nil), growth)
	switch {
	case err != nil:
		return err
	case verdict == journal.LogShorter, verdict == journal.LogAnew:
		return r.apart(ctx, to, false)
	case verdict == journal.LogOther:
		since, err := r.watcher.Contradicted(ctx, peer.logName())
		if err != nil {
			return err
		}
		if peer.State == OK && peer.Why == WhyByHand && !peer.StateAt.Before(since) {
			return nil // people know it, and let the exchange go on
		}
		return r.apart(ctx, to, true)
	}
	return nil
}

// apart makes the comparison with a peer one that is still to be made.
func (r *Room) apart(ctx context.Context, to identity.NodeID, contradicts bool) error {
	err := r.step(ctx, func(p *access.Pass) error {
		peer, err := r.Peer(ctx, p.Tx(), to)
		if err != nil {
			return err
		}
		rows := r.rowsOf(ctx, p.Tx(), peer)
		line, err := rows.Peer()
		if err != nil {
			return err
		}
		line.Meeting = delivery.Starting
		if contradicts && line.Standing == delivery.Good {
			line.Standing = delivery.Watched
		}
		return rows.SetPeer(line)
	})
	if err == nil && contradicts {
		err = r.WatchNow(ctx, to, Watch, WhyJournal)
	}
	if err != nil {
		return err
	}
	if contradicts {
		return cx.Quarantined
	}
	return cx.Recovering
}
