package delivery

import (
	"errors"
	"time"
)

// Window is how many items of a lane may be on their way at once.
const Window = 16

// ErrPlace is the answer to an item that does not stand at the next number of its
// lane: the caller took another's seat.
var ErrPlace = errors.New("delivery: not the next place of the lane")

// Seat returns the next number of a lane of ours and what the item there must name
// as the one before. It is not ok while the two nodes have not compared, while the
// peer is not in good standing, and in a frozen thread: what waits for a number
// keeps waiting.
func (d *Desk) Seat(l Lane) (seq uint64, prev Digest, ok bool, err error) {
	ok, err = d.open(l.Thread)
	if err != nil || !ok {
		return 0, prev, false, err
	}
	c, err := d.Rows.Count(l)
	if err != nil {
		return 0, prev, false, err
	}
	prev, err = d.link(l, c.Len)
	return c.Len + 1, prev, true, err
}

// open reports whether anything may be said or opened in a thread.
func (d *Desk) open(t Thread) (bool, error) {
	p, err := d.Rows.Peer()
	if err != nil || p.Meeting != Ready || p.Standing != Good {
		return false, err
	}
	frozen, err := d.Rows.Frozen(t)
	return !frozen, err
}

// link returns what the item after this number must name as the one before.
func (d *Desk) link(l Lane, seq uint64) (Digest, error) {
	if seq == 0 {
		return Digest{}, nil
	}
	it, err := d.Rows.Item(l, seq)
	return it.Link(), err
}

// Append keeps an item of ours at the seat it was made for.
func (d *Desk) Append(it Item) error {
	c, err := d.Rows.Count(it.Lane)
	if err != nil {
		return err
	}
	prev, err := d.link(it.Lane, c.Len)
	if err != nil {
		return err
	}
	if it.Side != Ours || it.Seq != c.Len+1 || it.Prev != prev {
		return ErrPlace
	}
	it.Epoch = d.Epoch
	c.Lane, c.Len, c.Head = it.Lane, it.Seq, it.Content
	if err := d.Rows.SetItem(it); err != nil {
		return err
	}
	return d.Rows.SetCount(c)
}

// Due returns the items of a lane that should be with the peer and may be sent
// now, in their order, at most [Window].
func (d *Desk) Due(l Lane) ([]Item, error) {
	ok, err := d.open(l.Thread)
	if err != nil || !ok {
		return nil, err
	}
	p, err := d.Rows.Peer()
	if err != nil {
		return nil, err
	}
	items, err := d.Rows.After(l, 0)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, it := range items {
		if !it.Done && !it.Lost && !(it.Again && p.Hold) && len(out) < Window {
			out = append(out, it)
		}
	}
	return out, nil
}

// Stored notes the peer's receipt for an item of ours. It releases no command: the
// peer may be put back from a backup before it acts. A receipt for an item that we
// do not know shows that we were put back ourselves: the two compare again.
func (d *Desk) Stored(id ID) error {
	it, err := d.Rows.Find(Ours, id)
	if err != nil {
		return err
	}
	if it.Seq == 0 {
		return d.meet(Starting)
	}
	it.Held = true
	if err := d.keep(it); err != nil {
		return err
	}
	return d.advance(it.Lane)
}

// keep stores an item of ours and works out whether it is done.
func (d *Desk) keep(it Item) error {
	if it.Ask {
		it.Done = it.Held && it.Answered
	}
	return d.Rows.SetItem(it)
}

// advance moves the peer's cursor in a lane of ours over all that it holds without
// a gap.
func (d *Desk) advance(l Lane) error {
	c, err := d.Rows.Count(l)
	if err != nil {
		return err
	}
	for c.Held < c.Len {
		it, err := d.Rows.Item(l, c.Held+1)
		if err != nil {
			return err
		}
		if !it.Held {
			break
		}
		c.Held++
		if !it.Ask && !it.Done {
			it.Done = true
			if err := d.Rows.SetItem(it); err != nil {
				return err
			}
		}
	}
	return d.Rows.SetCount(c)
}

// Refused notes that the peer did not take an item of ours. It reports whether
// trying again is of no use: then a person is told.
func (d *Desk) Refused(id ID, a Answer) (final bool, err error) {
	it, err := d.Rows.Find(Ours, id)
	if err != nil || it.Seq == 0 {
		return false, err
	}
	switch a.Code {
	case StaleEpoch: // one of us must have been put back
		return false, d.meet(Starting)
	case InRecovery:
		// It has not compared with us since it started, and asks by itself. To begin anew here
		// too would refuse what it sends as soon as it has compared, and so on for ever.
		return false, nil
	case Gap:
		if a.Want > 0 && a.Want <= it.Seq {
			_, err = d.rewind(it.Lane, a.Want-1)
			return false, err
		}
	case Conflict, Quarantine:
		return true, d.Rows.Freeze(it.Thread, Item{})
	case NotPaired:
		return true, nil
	}
	return false, nil
}

// Replace puts a void at the place of an item that the peer will never take, so that what
// comes after it can be taken. The void stands for its digest, which the next item names.
func (d *Desk) Replace(void Item) error {
	it, err := d.Rows.Item(void.Lane, void.Seq)
	if err != nil {
		return err
	}
	if it.Side != Ours || it.Seq == 0 || it.Held || it.Lost || it.Void {
		return ErrPlace
	}
	if err := d.Rows.Drop(it); err != nil {
		return err
	}
	void.Stands, void.Answers = it.Content, it.ID
	return d.fill(void)
}

// fill stores a void, which needs no answer.
func (d *Desk) fill(void Item) error {
	void.Void, void.Ask, void.Epoch = true, false, d.Epoch
	c, err := d.Rows.Count(void.Lane)
	if err != nil {
		return err
	}
	if c.Len <= void.Seq {
		c.Lane, c.Len, c.Head = void.Lane, void.Seq, void.Content
		if err := d.Rows.SetCount(c); err != nil {
			return err
		}
	}
	return d.Rows.SetItem(void)
}

// meet sets how far the two nodes have come.
func (d *Desk) meet(m Meeting) error {
	p, err := d.Rows.Peer()
	if err != nil {
		return err
	}
	p.Meeting = m
	return d.Rows.SetPeer(p)
}

// retry steps.
const (
	firstWait = 5 * time.Second
	mostWait  = 15 * time.Minute
	quickFor  = 24 * time.Hour
	slowWait  = time.Hour
)

// Retry returns how long to wait after the n-th attempt (from 1) of an item that
// was first sent so long ago: 5 seconds, doubling to 15 minutes, for a day; then an
// hour. The caller gives the jitter, from 0 to 1: the wait is between nothing and
// the whole, so that two nodes do not knock in step.
func Retry(n int, age time.Duration, jitter float64) time.Duration {
	wait := slowWait
	if age < quickFor {
		wait = mostWait
		if n = max(n, 1); n < 9 {
			wait = min(firstWait<<(n-1), mostWait)
		}
	}
	return time.Duration(float64(wait) * min(max(jitter, 0), 1))
}

// Full reports whether a peer's queue has no place for another item, so that the
// person who wants to send is told so and nothing is dropped in silence.
func Full(waiting, most int) bool { return waiting >= most }
