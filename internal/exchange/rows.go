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
	own      *seen             // of rows that share it with none; nil: the transaction's
}

// seen is what was read and written of a peer in one transaction, so that no row is read
// twice in it. Every rows of the transaction has the same.
type seen struct {
	line   *line
	lanes  map[delivery.Lane]delivery.Count
	places map[place]delivery.Item        // Seq 0: there is none
	found  map[name]place                 // where an id was found
	frozen map[delivery.Thread]bool       // all that are; nil: not read yet
	bare   map[delivery.ID]delivery.Entry // of the ledger, whose receipts are signed with the journal's entry
}

// line is a row of exchange_line, as far as it does not depend on who asks.
type line struct {
	peer delivery.Peer
	odd  int64
}

// place is a number in a lane.
type place struct {
	lane delivery.Lane
	seq  uint64
}

// name is an id of one side.
type name struct {
	side delivery.Side
	id   delivery.ID
}

// seenOf is the key of a peer's seen.
type seenOf string

func newSeen() *seen {
	return &seen{
		lanes: map[delivery.Lane]delivery.Count{}, places: map[place]delivery.Item{}, found: map[name]place{},
		bare: map[delivery.ID]delivery.Entry{},
	}
}

// seen returns what was seen so far. It is asked for each time: a savepoint that is undone
// begins a new one.
func (r *rows) seen() *seen {
	if r.own != nil {
		return r.own
	}
	v, _ := r.tx.Memo(seenOf(r.node), func() (any, error) { return newSeen(), nil }) // making it cannot fail
	return v.(*seen)
}

// NewRows returns the rows of a peer in good standing within a transaction.
func NewRows(ctx context.Context, tx *store.Tx, node identity.NodeID) delivery.Rows {
	return &rows{ctx: ctx, tx: tx, node: string(node), own: newSeen()}
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
	if r.seen().line == nil {
		l, err := r.readLine()
		if err != nil {
			return delivery.Peer{}, err
		}
		r.seen().line = l
	}
	p := r.seen().line.peer
	p.Standing = r.standing
	if odd := r.seen().line.odd; odd > 0 && odd >= micros(r.resumed) && p.Standing == delivery.Good {
		p.Standing = delivery.Watched
	}
	if r.open && p.Standing != delivery.Removed {
		p.Standing = delivery.Good
	}
	return p, nil
}

func (r *rows) readLine() (*line, error) {
	var l line
	var epoch, rose, seenEpoch, seenSize, met int64
	var meeting string
	err := r.one(sqlSelectLine, []any{r.node}, &epoch, &rose, &seenEpoch, &seenSize, &l.odd, &met, &l.peer.Hold, &meeting)
	l.peer.Meeting, l.peer.Epoch, l.peer.Rose = delivery.Meeting(meeting), uint64(epoch), fromMicros(rose)
	l.peer.Seen = delivery.Checkpoint{Epoch: uint64(seenEpoch), Size: uint64(seenSize)}
	return &l, err
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
	r.seen().line = nil
	return r.run("write line", sqlKeepLine, int64(p.Epoch), micros(p.Rose), int64(p.Seen.Epoch), int64(p.Seen.Size), odd, met, p.Hold,
		string(p.Meeting), r.node)
}

// Counts implements delivery.Rows.
func (r *rows) Counts() ([]delivery.Count, error) { return r.counts(sqlSelectLanes, r.node) }

// unopened returns the lanes of theirs of which something is to be opened.
func (r *rows) unopened() ([]delivery.Count, error) { return r.counts(sqlSelectUnopened, r.node) }

func (r *rows) counts(query string, args ...any) ([]delivery.Count, error) {
	found, err := r.tx.Query(r.ctx, query, args...)
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
		r.seen().lanes[c.Lane] = c
		out = append(out, c)
	}
	return out, found.Err()
}

// Count implements delivery.Rows.
func (r *rows) Count(l delivery.Lane) (delivery.Count, error) {
	if c, ok := r.seen().lanes[l]; ok {
		return c, nil
	}
	c := delivery.Count{Lane: l}
	head := make([]byte, len(c.Head))
	var n [3]int64
	err := r.one(sqlSelectLane, []any{r.node, l.Thread[:], string(l.Stream), string(l.Side)}, &n[0], &head, &n[1], &n[2])
	c.Len, c.Opened, c.Held, c.Head = uint64(n[0]), uint64(n[1]), uint64(n[2]), delivery.Digest(head)
	if err == nil {
		r.seen().lanes[l] = c
	}
	return c, err
}

// SetCount implements delivery.Rows.
func (r *rows) SetCount(c delivery.Count) error {
	if was, ok := r.seen().lanes[c.Lane]; ok && was == c && c.Len+c.Held+c.Opened > 0 { // else it may be no row
		return nil
	}
	r.seen().lanes[c.Lane] = c
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
	at := place{l, seq}
	if it, ok := r.seen().places[at]; ok {
		return it, nil
	}
	it, err := r.first(sqlSelectItem, r.at(l, seq)...)
	if err == nil {
		r.seen().places[at] = it
	}
	return it, err
}

// After implements delivery.Rows.
func (r *rows) After(l delivery.Lane, seq uint64) ([]delivery.Item, error) {
	return r.items(sqlSelectAfter, r.at(l, seq)...)
}

// Find implements delivery.Rows.
func (r *rows) Find(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	if at, ok := r.seen().found[name{s, id}]; ok {
		return r.seen().places[at], nil
	}
	it, err := r.first(sqlSelectFind, r.node, string(s), id[:])
	if err == nil && it.Seq != 0 {
		at := place{it.Lane, it.Seq}
		r.seen().places[at], r.seen().found[name{s, id}] = it, at
	}
	return it, err
}

// Answer implements delivery.Rows.
func (r *rows) Answer(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	return r.first(sqlSelectAnswer, r.node, string(s), id[:])
}

// SetItem implements delivery.Rows.
func (r *rows) SetItem(it delivery.Item) error {
	at := place{it.Lane, it.Seq}
	was, ok := r.seen().places[at]
	if ok && was == it {
		return nil
	}
	if !ok || was.ID != it.ID { // another may stand where an id was found, or before it
		clear(r.seen().found)
	}
	r.seen().places[at] = it
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
	clear(r.seen().found)
	delete(r.seen().places, place{it.Lane, it.Seq})
	return r.run("drop item", sqlDeleteItem, r.at(it.Lane, it.Seq)...)
}

// proof keeps an item that has no place.
func (r *rows) proof(it delivery.Item) error {
	return r.run("keep proof", sqlKeepProof, r.tx.Micros(), int64(it.Seq), int64(it.Epoch), r.node, string(it.Side), it.Thread[:],
		string(it.Stream), it.ID[:], it.Content[:])
}

// Entry implements delivery.Rows.
func (r *rows) Entry(id delivery.ID) (delivery.Entry, error) {
	if e, ok := r.seen().bare[id]; ok {
		return e, nil
	}
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
	if e.Receipt == nil { // it is written when it is there
		r.seen().bare[e.ID] = e
		return nil
	}
	delete(r.seen().bare, e.ID)
	return r.run("write ledger", sqlKeepEntry, r.node, e.ID[:], e.Content[:], e.Receipt, e.Dropped)
}

// Frozen implements delivery.Rows.
func (r *rows) Frozen(t delivery.Thread) (bool, error) {
	seen := r.seen()
	if seen.frozen == nil { // few are, and every thread is asked about
		all, err := r.allFrozen()
		if err != nil {
			return false, err
		}
		seen.frozen = all
	}
	return seen.frozen[t], nil
}

func (r *rows) allFrozen() (map[delivery.Thread]bool, error) {
	found, err := r.tx.Query(r.ctx, sqlSelectFrozen, r.node)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	out := map[delivery.Thread]bool{}
	for found.Next() {
		var thread []byte
		if err := found.Scan(&thread); err != nil {
			return nil, err
		}
		out[delivery.Thread(thread)] = true
	}
	return out, found.Err()
}

// Freeze implements delivery.Rows.
func (r *rows) Freeze(t delivery.Thread, it delivery.Item) error {
	r.seen().frozen = nil
	if err := r.run("freeze thread", sqlFreeze, r.tx.Micros(), r.node, t[:]); err != nil || it.Seq == 0 {
		return err
	}
	return r.proof(it)
}
