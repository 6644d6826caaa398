package exchange

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"filippo.io/age"

	"causeway/internal/access"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// copiesMost is how many lost messages go back in one answer: the asker asks again.
const copiesMost = 64

// copies appends what a peer lost of its own: the letters that it signed itself, each
// sealed to its present E key, which only its recovery pair can have named.
func (r *Room) copies(ctx context.Context, p *access.Pass, d *delivery.Desk, peer *Peer, out []byte) ([]byte, error) {
	key, ok := peer.Recipient(p.Now())
	if !ok {
		return out, nil
	}
	to, err := age.ParseHybridRecipient(string(key.Public))
	if err != nil {
		return out, nil
	}
	counts, err := d.Rows.Counts()
	if err != nil {
		return nil, err
	}
	sent := 0
	for _, c := range counts {
		if c.Side != delivery.Theirs {
			continue
		}
		back, err := d.Returns(c.Lane)
		if err != nil {
			return nil, err
		}
		for _, it := range back {
			if sent == copiesMost {
				return out, nil
			}
			l, err := r.theirs(ctx, p.Tx(), peer, cx.ID(it.ID))
			if err != nil {
				return nil, err
			}
			said, proof := it.ID[:], it.Content[:] // erased here: only its place goes back
			if l != nil {
				said, proof = l.Bytes(), l.Note()
			}
			sealed, err := sealTo(to, said)
			if err != nil {
				return nil, err
			}
			out = append(out, cx.Frame(sealed)...)
			enters(p, paperLetter, peer.Node, cx.ID(it.ID), proof) // a disclosure
			sent++
		}
	}
	return out, nil
}

// sealTo seals bytes to a key.
func sealTo(to age.Recipient, plain []byte) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// theirs returns a letter of a peer, opened before or opened now for this.
func (r *Room) theirs(ctx context.Context, tx *store.Tx, peer *Peer, id cx.ID) (*cx.Letter, error) {
	l, err := r.letter(ctx, tx, peer.Node, delivery.Theirs, id)
	if err != nil || l != nil {
		return l, err
	}
	body, err := r.readPaper(ctx, tx, paper{peer.Node, delivery.Theirs, id, paperEnvelope})
	if err != nil {
		return nil, err
	}
	pairs, err := r.pairs(ctx, tx, peer, true)
	if err != nil {
		return nil, err
	}
	openers, err := r.Openers()
	if err != nil {
		return nil, err
	}
	_, l, err = r.unseal(body, pairs, openers)
	if cx.CodeOf(err) == cx.Internal {
		return nil, err
	}
	return l, nil
}

// takeBack takes our own letters back that a restore took from us. Each is proven by its
// digest, which stands in the list that the answer proved.
func (r *Room) takeBack(ctx context.Context, from identity.NodeID, rest []byte) error {
	openers, err := r.Openers()
	if err != nil {
		return err
	}
	for in := bytes.NewReader(rest); in.Len() > 0; {
		var size [4]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return cx.Damaged
		}
		body := io.LimitReader(in, int64(binary.BigEndian.Uint32(size[:])))
		opened, err := age.Decrypt(body, openers...)
		if err != nil {
			return cx.UnknownEKey
		}
		plain, err := io.ReadAll(opened)
		if err != nil {
			return cx.Damaged
		}
		untold := false
		err = r.step(ctx, func(p *access.Pass) (err error) {
			untold, err = r.regain(ctx, p, from, plain)
			return err
		})
		if err == nil && untold {
			err = r.WatchNow(ctx, from, Watch, WhyReturned)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// regain puts one of our letters back at its place, and notes that its room is to be told. Untold says that no
// room was there to be told: then people have to compare their records with the peer's.
func (r *Room) regain(ctx context.Context, p *access.Pass, from identity.NodeID, plain []byte) (untold bool, err error) {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, from)
	if err != nil {
		return false, err
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return false, err
	}
	back, err := r.putBack(ctx, tx, d, from, plain)
	if err != nil || len(back) == 0 {
		return false, err
	}
	lane := back[0].Lane
	waiting, err := r.laneQueue(ctx, tx, from, lane)
	if err != nil {
		return false, err
	}
	words, err := r.words(ctx, tx, from, back)
	if err != nil {
		return false, err
	}
	placed, dropped := delivery.Overtaken(lane.Stream, back, waiting, func(it delivery.Item) bool { return words[it.ID] })
	asked, err := r.askedBy(ctx, tx, from, dropped)
	if err != nil {
		return false, err
	}
	for _, id := range append(placed, dropped...) {
		if err := r.unqueue(ctx, tx, from, cx.ID(id)); err != nil {
			return false, err
		}
	}
	if r.regained != nil {
		return false, r.keepBack(ctx, tx, from, back, placed, overtaken{dropped, asked})
	}
	told := func(it delivery.Item) bool { return it.Void || slices.Contains(placed, it.ID) }
	return slices.ContainsFunc(back, func(it delivery.Item) bool { return !told(it) }), nil
}

// putBack takes a letter of ours, or the id of one whose content the peer has erased, to
// its place.
func (r *Room) putBack(ctx context.Context, tx *store.Tx, d *delivery.Desk, from identity.NodeID, plain []byte) ([]delivery.Item, error) {
	if len(plain) == len(cx.ID{}) {
		return d.Forgo(delivery.ID(plain))
	}
	l, err := cx.ReadLetter(plain)
	if err != nil {
		return nil, err
	}
	c := &l.Content
	it, err := d.Rows.Find(delivery.Ours, delivery.ID(c.ID))
	if err != nil {
		return nil, err
	}
	if !it.Lost || it.Content != delivery.Digest(l.Digest()) {
		return nil, nil // not what we lost
	}
	if err := r.keepPaper(ctx, tx, paper{from, delivery.Ours, c.ID, paperLetter}, l.Bytes()); err != nil {
		return nil, err
	}
	if err := r.termOf(ctx, tx, from, delivery.Ours, l, false); err != nil {
		return nil, err
	}
	return d.Recover(itemOf(it.Lane, l))
}

// own reads a message of ours.
func (r *Room) own(ctx context.Context, tx *store.Tx, to identity.NodeID, id cx.ID) (*cx.Message, error) {
	l, err := r.letter(ctx, tx, to, delivery.Ours, id)
	if err != nil || l == nil {
		return nil, err
	}
	c := &l.Content
	m := &cx.Message{
		From: c.From, To: c.To, ID: c.ID, Thread: c.Thread, Stream: c.Stream, Seq: c.Seq, Type: c.Type, Answers: c.Answers, Schema: c.Schema,
		Officer: c.Officer, Created: c.Created, Expires: c.Expires, Attachments: c.Attachments,
	}
	labels, err := cx.ReadLabels(l.Labels())
	if err != nil {
		return nil, err
	}
	m.Labels = *labels
	m.Payload, err = cx.ReadPayload(l.Payload())
	return m, err
}

// laneQueue returns the drafts that wait for a number in a lane.
func (r *Room) laneQueue(ctx context.Context, tx *store.Tx, to identity.NodeID, l delivery.Lane) ([]delivery.ID, error) {
	found, err := tx.Query(ctx, sqlLaneQueue, string(to), l.Thread[:], string(l.Stream))
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []delivery.ID
	for found.Next() {
		var id []byte
		if err := found.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, delivery.ID(id))
	}
	return out, found.Err()
}

// unqueue takes a draft out of the outbox.
func (r *Room) unqueue(ctx context.Context, tx *store.Tx, to identity.NodeID, id cx.ID) error {
	if _, err := tx.Exec(ctx, sqlDeleteOut, string(to), id[:]); err != nil {
		return err
	}
	return r.dropPaper(ctx, tx, paper{to, delivery.Ours, id, paperDraft})
}

// fillHoles fills the numbers of ours that neither side can fill any more.
func (r *Room) fillHoles(ctx context.Context, to identity.NodeID) error {
	for {
		var holes int
		err := r.step(ctx, func(p *access.Pass) (err error) {
			holes, err = r.fillHole(ctx, p, to)
			if err == nil && holes == 0 {
				err = errNothing
			}
			return err
		})
		if holes == 0 || err != nil {
			if errors.Is(err, errNothing) {
				err = nil
			}
			return err
		}
	}
}

func (r *Room) fillHole(ctx context.Context, p *access.Pass, to identity.NodeID) (int, error) {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return 0, err
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return 0, err
	}
	holes, err := d.Holes()
	if err != nil || len(holes) == 0 {
		return 0, err
	}
	pen, err := r.pen(ctx, tx)
	if err != nil {
		return 0, err
	}
	h := holes[0]
	id := cx.NewID(tx.Now())
	draft, err := voidDraft(to, h.Lane, cx.Digest(h.Content), cx.ID(h.ID))
	if err != nil {
		return 0, err
	}
	l, err := cx.Write(draft, cx.Place{ID: id, Seq: h.Seq, Prev: cx.Digest(h.Prev), Created: p.Now()}, pen)
	if err != nil {
		return 0, err
	}
	if err := r.keepPaper(ctx, tx, paper{to, delivery.Ours, id, paperLetter}, l.Bytes()); err != nil {
		return 0, err
	}
	enters(p, paperLetter, to, id, l.Note())
	return len(holes), d.Fill(itemOf(h.Lane, l))
}

// voidDraft says nothing, at the place of a content that nobody holds.
func voidDraft(to identity.NodeID, l delivery.Lane, content cx.Digest, answers cx.ID) (*cx.Draft, error) {
	v := &cx.VoidBody{}
	if !content.IsZero() {
		v.Stands = content.String()
	}
	body, err := cx.EncodeBody(v)
	return &cx.Draft{
		To: to, Thread: cx.Thread(l.Thread), Stream: cx.Stream(l.Stream), Type: cx.Void, Answers: answers, Schema: cx.SchemaVoid, Payload: body,
		Officer: "exchange", Labels: cx.Labels{
			Purpose: cx.Protection, Basis: cx.BasisVital, Jurisdiction: to.Country(), Handling: cx.H2, Onward: cx.OnwardNone, Court: cx.CourtAsk,
			RetainRule: "exchange", OnExpiry: cx.Erase,
		},
	}, err
}
