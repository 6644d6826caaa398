package exchange

import (
	"context"
	"math"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Parcel is an envelope that may be sent to a peer now.
type Parcel struct {
	ID     cx.ID
	Thread cx.Thread
	Tried  int // how often the peer did not take it
	Body   []byte
	Blobs  []cx.Digest // its attachments, which go first
}

// dueMost is how many places are looked at to fill a hand of parcels.
const dueMost = 512

// Due places what waits for a number and returns what may be sent to a peer now, at most
// most, in the order of each lane; nothing of the threads in skip, and nothing of a lane
// whose first parcel waits for its next try.
func (r *Room) Due(ctx context.Context, to identity.NodeID, skip map[cx.Thread]bool, most int) ([]Parcel, error) {
	if err := r.Place(ctx, to); err != nil {
		return nil, err
	}
	out, bare, err := r.dueNow(ctx, to, skip, most)
	if err == nil && len(bare) > 0 { // written before a restore, or sealed to a key that is over
		if err = r.coverAll(ctx, to, bare); err == nil {
			out, _, err = r.dueNow(ctx, to, skip, most)
		}
	}
	return out, err
}

// dueNow reads what may be sent now. What is in bare is to be sealed first; what is not
// there any more was erased, and is sent to nobody.
func (r *Room) dueNow(ctx context.Context, to identity.NodeID, skip map[cx.Thread]bool, most int) (out []Parcel, bare []cx.ID, err error) {
	err = r.read(ctx, func(tx *store.Tx) error {
		out, bare = nil, nil
		ids, err := r.dueIn(ctx, tx, to, skip, most, false)
		if err != nil {
			return err
		}
		for _, id := range ids {
			p, fresh, err := r.parcel(ctx, tx, to, id)
			switch {
			case cx.CodeOf(err) == cx.Conflict: // erased, and lost by the peer: nobody has it any more
			case err != nil:
				return err
			case !fresh:
				bare = append(bare, id)
			default:
				out = append(out, p)
			}
		}
		receipts, err := r.receiptsIn(ctx, tx, to, skip, most-len(out))
		out = append(out, receipts...)
		return err
	})
	return out, bare, err
}

// Waiting returns the messages that wait for a peer and come after one, in the order in
// which they may be fetched. The zero id begins at the first.
func (r *Room) Waiting(ctx context.Context, to identity.NodeID, after cx.ID, most int) ([]cx.ID, error) {
	if err := r.Place(ctx, to); err != nil {
		return nil, err
	}
	ids, err := r.due(ctx, to, dueMost)
	if err != nil {
		return nil, err
	}
	if i := slices.Index(ids, after); i >= 0 {
		ids = ids[i+1:]
	}
	return ids[:min(len(ids), most)], nil
}

// place of a message that is to be with the peer and is not.
type duePlace struct {
	lane  delivery.Lane
	id    cx.ID
	again bool
	held  bool // it is there, and waits for its answer

	stopped bool
	next    time.Time // when it is tried again; zero: now
}

// due returns the ids of what a peer that asks for it may have.
func (r *Room) due(ctx context.Context, to identity.NodeID, most int) (out []cx.ID, err error) {
	err = r.read(ctx, func(tx *store.Tx) (err error) {
		out, err = r.dueIn(ctx, tx, to, nil, most, true)
		return err
	})
	return out, err
}

// dueIn returns the ids of what may be sent now. asked: the peer asks for it, so that no
// time of a next try holds it back.
func (r *Room) dueIn(ctx context.Context, tx *store.Tx, to identity.NodeID, skip map[cx.Thread]bool, most int, asked bool) ([]cx.ID, error) {
	var out []cx.ID
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return nil, err
	}
	line, err := r.rowsOf(ctx, tx, peer).Peer()
	if err != nil || line.Meeting != delivery.Ready || line.Standing == delivery.Removed {
		return nil, err
	}
	keys := delivery.Thread(keysThread(r.node, to))
	tries := tx.Micros()
	if asked {
		tries = math.MaxInt64
	}
	places, err := r.places(ctx, tx, to, tries)
	if err != nil {
		return nil, err
	}
	inLane := map[delivery.Lane]int{}
	shut := map[delivery.Lane]bool{}
	for _, pl := range places {
		if line.Standing != delivery.Good && pl.lane.Thread != keys {
			continue
		}
		if len(out) == most || shut[pl.lane] || skip[cx.Thread(pl.lane.Thread)] || pl.again && line.Hold || inLane[pl.lane] == delivery.Window {
			continue
		}
		if pl.stopped || !asked && pl.next.After(tx.Now()) {
			shut[pl.lane] = !pl.held
			continue
		}
		inLane[pl.lane]++
		out = append(out, pl.id)
	}
	return out, nil
}

// places returns what is to be with a peer and is not, in the order of each lane. What only
// waits for its answer is there when it is tried again at a time.
func (r *Room) places(ctx context.Context, tx *store.Tx, to identity.NodeID, tries int64) ([]duePlace, error) {
	found, err := tx.Query(ctx, sqlDue, string(to), int64(dueMost), tries)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []duePlace
	for found.Next() {
		var id, thread []byte
		var stream string
		var p duePlace
		var next int64
		if err := found.Scan(&id, &thread, &stream, &p.again, &p.held, &p.stopped, &next); err != nil {
			return nil, err
		}
		p.id, p.next = cx.ID(id), fromMicros(next)
		p.lane = delivery.Lane{Side: delivery.Ours, Thread: delivery.Thread(thread), Stream: delivery.Stream(stream)}
		out = append(out, p)
	}
	return out, found.Err()
}

// Parcel returns an envelope that waits for a peer, sealed to the peer's present key and
// in our present epoch. Its content is the same however often it is sealed.
func (r *Room) Parcel(ctx context.Context, to identity.NodeID, id cx.ID) (Parcel, error) {
	var out Parcel
	fresh := false
	look := func(tx *store.Tx) (err error) {
		out, fresh, err = r.parcel(ctx, tx, to, id)
		return err
	}
	if err := r.read(ctx, look); err != nil || fresh {
		return out, err
	}
	err := r.step(ctx, func(p *access.Pass) (err error) {
		out.Body, err = r.cover(ctx, p, to, id)
		return err
	})
	return out, err
}

// parcel reads an envelope that waits for a peer. It is not fresh where it must be sealed
// anew. What was erased is sent to nobody: [cx.Conflict].
func (r *Room) parcel(ctx context.Context, tx *store.Tx, to identity.NodeID, id cx.ID) (out Parcel, fresh bool, err error) {
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return out, false, err
	}
	epoch, err := r.epoch(ctx, tx)
	if err != nil {
		return out, false, err
	}
	key, ok := peer.Recipient(tx.Now())
	if !ok {
		return out, false, cx.UnknownEKey
	}
	o, err := r.out(ctx, tx, to, id)
	if err != nil {
		return out, false, err
	}
	out.ID = id
	if o != nil {
		out.Thread, out.Tried = o.thread, int(o.tried)
		fresh = o.covered(epoch, key.ID(to))
	}
	if fresh {
		if out.Body, err = r.readPaper(ctx, tx, paper{to, delivery.Ours, id, paperEnvelope}); err != nil {
			return out, false, err
		}
		if fresh = out.Body != nil; fresh && !cx.NamesBlobs(out.Body) {
			return out, true, nil
		}
	}
	l, err := r.letter(ctx, tx, to, delivery.Ours, id)
	if err != nil || l == nil {
		return out, false, cx.Conflict
	}
	for _, a := range l.Content.Attachments {
		out.Blobs = append(out.Blobs, a.Cipher)
	}
	return out, fresh, nil
}

// Envelope returns the bytes of an envelope that waits for a peer.
func (r *Room) Envelope(ctx context.Context, to identity.NodeID, id cx.ID) ([]byte, error) {
	p, err := r.Parcel(ctx, to, id)
	return p.Body, err
}

// Names reports whether a message to a peer that still waits names an attachment.
func (r *Room) Names(ctx context.Context, to identity.NodeID, d cx.Digest) (bool, error) {
	ids, err := r.due(ctx, to, dueMost)
	if err != nil {
		return false, err
	}
	found := false
	err = r.read(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			l, err := r.letter(ctx, tx, to, delivery.Ours, id)
			if err != nil {
				return err
			}
			found = found || l != nil && slices.ContainsFunc(l.Content.Attachments, func(a cx.Attachment) bool { return a.Cipher == d })
		}
		return nil
	})
	return found, err
}

// heard notes in the outbox what a receipt says. What the peer holds and will not act on is
// stopped: a person is told, and what comes after it goes on.
func (r *Room) heard(ctx context.Context, tx *store.Tx, to identity.NodeID, receipt *cx.Receipt) error {
	o, err := r.out(ctx, tx, to, receipt.ID)
	if err != nil || o == nil {
		return err
	}
	o.tried++
	o.code = string(receipt.Code)
	o.stopped = o.stopped || receipt.Stage == cx.Unreadable || receipt.Stage == cx.Refused
	o.next = tx.Now().Add(delivery.Retry(int(o.tried), 24*time.Hour, 1)) // it is there: no hurry
	return r.keepOut(ctx, tx, to, o)
}

// tidy takes a message out of the outbox when it is done. Its letter stays.
func (r *Room) tidy(ctx context.Context, tx *store.Tx, d *delivery.Desk, to identity.NodeID, id cx.ID) (done bool, err error) {
	it, err := d.Rows.Find(delivery.Ours, delivery.ID(id))
	if err != nil || !it.Done {
		return false, err
	}
	if err := tx.Put(ctx, sqlDeleteOut, string(to), id[:]); err != nil {
		return true, err
	}
	return true, r.dropPaper(ctx, tx, paper{to, delivery.Ours, id, paperEnvelope})
}

// Refused takes the answer of a peer that did not take a parcel. again is when it is
// tried next: the zero time says that it is of no use, and a person is told.
func (r *Room) Refused(ctx context.Context, to identity.NodeID, id cx.ID, code cx.Code, again time.Time) error {
	return r.step(ctx, func(p *access.Pass) error {
		tx := p.Tx()
		if done, err := r.receiptRefused(ctx, tx, to, id, code, again); done || err != nil {
			return err
		}
		peer, err := r.Peer(ctx, tx, to)
		if err != nil {
			return err
		}
		d, err := r.desk(ctx, tx, peer)
		if err != nil {
			return err
		}
		final, err := d.Refused(delivery.ID(id), delivery.Answer{Code: delivery.Code(code)})
		if err != nil {
			return err
		}
		if hopeless(code) {
			if err := r.giveUp(ctx, p, d, to, id); err != nil {
				return err
			}
		}
		o, err := r.out(ctx, tx, to, id)
		if err != nil || o == nil {
			return err
		}
		o.tried++
		o.code, o.next, o.stopped = string(code), again, final || code.Final() || again.IsZero()
		if code.Renew() {
			o.cover = 0 // under the present keys, in the present epoch
		}
		return r.keepOut(ctx, tx, to, o)
	})
}
