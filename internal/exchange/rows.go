package exchange

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// rows is what package delivery keeps of one peer, in tables, within one transaction.
type rows struct {
	ctx      context.Context // of the transaction
	tx       *store.Tx
	node     string
	standing delivery.Standing // as the pair has it
	resumed  time.Time         // when people last said that all is well with the peer
	open     bool              // for what passes whatever the standing is
}

// NewRows returns the rows of a peer in good standing within a transaction.
func NewRows(ctx context.Context, tx *store.Tx, node identity.NodeID) delivery.Rows {
	return &rows{ctx: ctx, tx: tx, node: string(node)}
}

// run writes, and says what was written when that fails.
func (r *rows) run(what, query string, args ...any) error {
	if _, err := r.tx.Exec(r.ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// one reads one row. Where there is none, nothing is read and there is no error.
func (r *rows) one(query string, args []any, to ...any) error {
	err := r.tx.QueryRow(r.ctx, query, args...).Scan(to...)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Peer implements delivery.Rows. An epoch that was odd keeps the peer under watch until
// people let the exchange go on.
func (r *rows) Peer() (delivery.Peer, error) {
	p := delivery.Peer{Standing: r.standing}
	var epoch, rose, seenEpoch, seenSize, odd, met int64
	var meeting string
	err := r.one(sqlSelectLine, []any{r.node}, &epoch, &rose, &seenEpoch, &seenSize, &odd, &met, &p.Hold, &meeting)
	p.Meeting, p.Epoch, p.Rose = delivery.Meeting(meeting), uint64(epoch), fromMicros(rose)
	p.Seen = delivery.Checkpoint{Epoch: uint64(seenEpoch), Size: uint64(seenSize)}
	if odd > 0 && odd >= micros(r.resumed) && p.Standing == delivery.Good {
		p.Standing = delivery.Watched
	}
	if r.open && p.Standing != delivery.Removed {
		p.Standing = delivery.Good
	}
	return p, err
}

// SetPeer implements delivery.Rows.
func (r *rows) SetPeer(p delivery.Peer) error {
	var odd, met int64
	if p.Standing == delivery.Watched {
		odd = r.tx.Micros()
	}
	if p.Meeting == delivery.Ready {
		met = r.tx.Micros()
	}
	return r.run("write line", sqlKeepLine, int64(p.Epoch), micros(p.Rose), int64(p.Seen.Epoch), int64(p.Seen.Size), odd, met, p.Hold,
		string(p.Meeting), r.node)
}

// Counts implements delivery.Rows.
func (r *rows) Counts() ([]delivery.Count, error) {
	found, err := r.tx.Query(r.ctx, sqlSelectLanes, r.node)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []delivery.Count
	for found.Next() {
		var c delivery.Count
		var thread, head []byte
		var stream, side string
		var n [3]int64
		if err := found.Scan(&thread, &stream, &side, &n[0], &head, &n[1], &n[2]); err != nil {
			return nil, err
		}
		c.Thread, c.Stream, c.Side = delivery.Thread(thread), delivery.Stream(stream), delivery.Side(side)
		c.Len, c.Opened, c.Held, c.Head = uint64(n[0]), uint64(n[1]), uint64(n[2]), delivery.Digest(head)
		out = append(out, c)
	}
	return out, found.Err()
}

// Count implements delivery.Rows.
func (r *rows) Count(l delivery.Lane) (delivery.Count, error) {
	c := delivery.Count{Lane: l}
	head := make([]byte, len(c.Head))
	var n [3]int64
	err := r.one(sqlSelectLane, []any{r.node, l.Thread[:], string(l.Stream), string(l.Side)}, &n[0], &head, &n[1], &n[2])
	c.Len, c.Opened, c.Held, c.Head = uint64(n[0]), uint64(n[1]), uint64(n[2]), delivery.Digest(head)
	return c, err
}

// SetCount implements delivery.Rows.
func (r *rows) SetCount(c delivery.Count) error {
	return r.run("write lane", sqlKeepLane, int64(c.Len), int64(c.Opened), int64(c.Held), r.node, c.Thread[:], string(c.Stream),
		string(c.Side), c.Head[:])
}

// items reads items.
func (r *rows) items(query string, args ...any) ([]delivery.Item, error) {
	found, err := r.tx.Query(r.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []delivery.Item
	for found.Next() {
		var it delivery.Item
		var thread, id, content, prev, stands, answers []byte
		var stream, side string
		var seq, epoch int64
		err := found.Scan(&thread, &stream, &side, &seq, &id, &content, &prev, &stands, &answers, &it.Ask, &it.Void, &epoch, &it.Held,
			&it.Answered, &it.Done, &it.Again, &it.Lost, &it.Gone, &it.Late, &it.Return)
		if err != nil {
			return nil, err
		}
		it.Lane = delivery.Lane{Side: delivery.Side(side), Thread: delivery.Thread(thread), Stream: delivery.Stream(stream)}
		it.Seq, it.Epoch, it.ID, it.Answers = uint64(seq), uint64(epoch), delivery.ID(id), delivery.ID(answers)
		it.Content, it.Prev, it.Stands = delivery.Digest(content), delivery.Digest(prev), delivery.Digest(stands)
		out = append(out, it)
	}
	return out, found.Err()
}

// first returns the first item that a query finds.
func (r *rows) first(query string, args ...any) (delivery.Item, error) {
	all, err := r.items(query, args...)
	if err != nil || len(all) == 0 {
		return delivery.Item{}, err
	}
	return all[0], nil
}

// at returns the arguments that name a lane, and a number in it.
func (r *rows) at(l delivery.Lane, seq uint64) []any {
	return []any{r.node, string(l.Side), l.Thread[:], string(l.Stream), int64(seq)}
}

// Item implements delivery.Rows.
func (r *rows) Item(l delivery.Lane, seq uint64) (delivery.Item, error) {
	return r.first(sqlSelectItem, r.at(l, seq)...)
}

// After implements delivery.Rows.
func (r *rows) After(l delivery.Lane, seq uint64) ([]delivery.Item, error) {
	return r.items(sqlSelectAfter, r.at(l, seq)...)
}

// Find implements delivery.Rows.
func (r *rows) Find(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	return r.first(sqlSelectFind, r.node, string(s), id[:])
}

// Answer implements delivery.Rows.
func (r *rows) Answer(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	return r.first(sqlSelectAnswer, r.node, string(s), id[:])
}

// SetItem implements delivery.Rows.
func (r *rows) SetItem(it delivery.Item) error {
	return r.run("write item", sqlKeepItem, r.node, it.Thread[:], string(it.Stream), string(it.Side), int64(it.Seq), it.ID[:], it.Content[:],
		it.Prev[:], it.Stands[:], it.Answers[:], it.Ask, it.Void, int64(it.Epoch), it.Held, it.Answered, it.Done, it.Again, it.Lost, it.Gone,
		it.Late, it.Return)
}

// Repeats implements delivery.Rows.
func (r *rows) Repeats() (int, error) {
	var n int64
	err := r.one(sqlRepeats, []any{r.node}, &n)
	return int(n), err
}

// Drop implements delivery.Rows.
func (r *rows) Drop(it delivery.Item) error {
	if err := r.proof(it); err != nil {
		return err
	}
	return r.run("drop item", sqlDeleteItem, r.at(it.Lane, it.Seq)...)
}

// proof keeps an item that has no place.
func (r *rows) proof(it delivery.Item) error {
	return r.run("keep proof", sqlKeepProof, r.tx.Micros(), int64(it.Seq), int64(it.Epoch), r.node, string(it.Side), it.Thread[:],
		string(it.Stream), it.ID[:], it.Content[:])
}

// Entry implements delivery.Rows.
func (r *rows) Entry(id delivery.ID) (delivery.Entry, error) {
	var e delivery.Entry
	var content []byte
	if err := r.one(sqlSelectEntry, []any{r.node, id[:]}, &content, &e.Receipt, &e.Dropped); err != nil || content == nil {
		return delivery.Entry{}, err
	}
	e.ID, e.Content = id, delivery.Digest(content)
	return e, nil
}

// SetEntry implements delivery.Rows.
func (r *rows) SetEntry(e delivery.Entry) error {
	if e.Receipt == nil {
		e.Receipt = []byte{}
	}
	return r.run("write ledger", sqlKeepEntry, r.node, e.ID[:], e.Content[:], e.Receipt, e.Dropped)
}

// Frozen implements delivery.Rows.
func (r *rows) Frozen(t delivery.Thread) (bool, error) {
	var n int64
	err := r.one(sqlSelectFrozen, []any{r.node, t[:]}, &n)
	return n > 0, err
}

// Freeze implements delivery.Rows.
func (r *rows) Freeze(t delivery.Thread, it delivery.Item) error {
	if err := r.run("freeze thread", sqlFreeze, r.tx.Micros(), r.node, t[:]); err != nil || it.Seq == 0 {
		return err
	}
	return r.proof(it)
}
