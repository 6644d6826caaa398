package delivery

import "time"

// Buffer is how far ahead of a gap items are kept.
const Buffer = 64

// Envelope is what can be told of an item before it is opened.
type Envelope struct {
	Thread  Thread
	Stream  Stream
	Seq     uint64
	ID      ID
	Content Digest
	Answers ID
	Epoch   uint64
	Expires time.Time // zero: never
}

// Lane returns the lane of theirs that an envelope belongs to.
func (e *Envelope) Lane() Lane { return Lane{Theirs, e.Thread, e.Stream} }

// Accept keeps an envelope unopened, or says why not. The receipt is made by sign,
// once, and kept with the envelope: the same envelope gets the same bytes for ever,
// also when it comes from an old stick, late, or after its content was erased.
//
// An envelope whose time is over is kept too: its number must not stay empty, or
// nothing after it could ever be opened. It is not acted on.
//
// The caller commits whatever Accept answers: a fork is noted although the envelope
// is refused.
func (d *Desk) Accept(e Envelope, sign func() ([]byte, error)) (Answer, error) {
	entry, err := d.Rows.Entry(e.ID)
	if err != nil {
		return Answer{}, err
	}
	known := entry.ID == e.ID && !entry.Dropped
	if known && entry.Content == e.Content {
		return Answer{Receipt: entry.Receipt, Known: true}, nil
	}
	if code, err := d.refuse(&e); err != nil || code != "" {
		return Answer{Code: code}, err
	}
	if known { // after the epoch was looked at: a restored sender may sign a draft anew
		return Answer{Code: Conflict}, nil
	}
	it := Item{Lane: e.Lane(), Seq: e.Seq, ID: e.ID, Content: e.Content, Answers: e.Answers, Epoch: e.Epoch}
	it.Late = !e.Expires.IsZero() && e.Expires.Before(d.Now)
	there, err := d.Rows.Item(it.Lane, it.Seq)
	if err != nil {
		return Answer{}, err
	}
	if there.Seq != 0 { // two items at one place
		return Answer{Code: Conflict}, d.Rows.Freeze(e.Thread, it)
	}
	c, err := d.Rows.Count(it.Lane)
	if err != nil {
		return Answer{}, err
	}
	if e.Seq == 0 || e.Seq > c.Len+Buffer {
		return Answer{Code: Gap, Want: c.Len + 1}, nil
	}
	if entry.ID != e.ID || entry.Content != e.Content {
		receipt, err := sign()
		if err != nil {
			return Answer{}, err
		}
		entry = Entry{ID: e.ID, Content: e.Content, Receipt: receipt}
	}
	entry.Dropped = false
	if err := d.Rows.SetEntry(entry); err != nil {
		return Answer{}, err
	}
	return Answer{Receipt: entry.Receipt}, d.take(c, it)
}

// refuse returns why nothing of this kind can be taken now.
func (d *Desk) refuse(e *Envelope) (Code, error) {
	p, err := d.Rows.Peer()
	if err != nil {
		return "", err
	}
	switch {
	case p.Standing == Removed:
		return NotPaired, nil
	case e.Epoch < p.Epoch:
		return StaleEpoch, nil
	case e.Epoch > p.Epoch: // it was restored and met us, and we forgot
		return InRecovery, d.meet(Starting)
	case p.Meeting != Ready:
		return InRecovery, nil
	}
	frozen, err := d.Rows.Frozen(e.Thread)
	if frozen {
		return Quarantine, err
	}
	return "", err
}

// take stores an item of theirs and counts all that follows without a gap.
func (d *Desk) take(c Count, it Item) error {
	if err := d.Rows.SetItem(it); err != nil {
		return err
	}
	for c.Lane = it.Lane; ; {
		next, err := d.Rows.Item(it.Lane, c.Len+1)
		if err != nil {
			return err
		}
		if next.Seq == 0 {
			return d.Rows.SetCount(c)
		}
		c.Len, c.Head = next.Seq, next.Content
	}
}

// Next returns the item of a lane of theirs that is to be opened next; none while
// there is a gap before it, while the two have not compared, while the peer is not
// in good standing, and in a frozen thread.
func (d *Desk) Next(l Lane) (Item, bool, error) {
	ok, err := d.open(l.Thread)
	if err != nil || !ok {
		return Item{}, false, err
	}
	c, err := d.Rows.Count(l)
	if err != nil || c.Opened == c.Len {
		return Item{}, false, err
	}
	it, err := d.Rows.Item(l, c.Opened+1)
	return it, err == nil, err
}

// Inside is what only the opened content tells of an item.
type Inside struct {
	Prev    Digest
	Stands  Digest
	Answers ID
	Ask     bool
	Void    bool
}

// Opened is what follows from opening an item.
type Opened struct {
	// Act says that the item is to be acted on. It is false for a command that we
	// answered before a restore: its answer came back to us, and it must not be
	// carried out a second time.
	Act bool
	// Late says that the time of a command was over when it came. It is not acted
	// on; the caller answers that it was refused.
	Late bool
	// Forked says that the item does not follow the one before: the thread is frozen.
	Forked bool
	// Lost is the id of an item of ours that this one answers and that neither side
	// holds any more. The caller queues a void that names it.
	Lost ID
}

// Skip passes over an item whose content this node cannot read or may not: it is not acted
// on, and what comes after it in its lane is not held up. Whether it follows the item
// before cannot be told; the next one still names its digest.
func (d *Desk) Skip(it Item) error {
	c, err := d.Rows.Count(it.Lane)
	if err != nil {
		return err
	}
	if it.Side != Theirs || it.Seq != c.Opened+1 {
		return ErrPlace
	}
	if it.Prev, err = d.link(it.Lane, c.Opened); err != nil {
		return err
	}
	c.Opened++
	if err := d.Rows.SetItem(it); err != nil {
		return err
	}
	return d.Rows.SetCount(c)
}

// Open notes that an item was opened, in the transaction in which it is acted on.
func (d *Desk) Open(it Item, in Inside) (Opened, error) {
	c, err := d.Rows.Count(it.Lane)
	if err != nil {
		return Opened{}, err
	}
	prev, err := d.link(it.Lane, c.Opened)
	if err != nil {
		return Opened{}, err
	}
	if it.Side != Theirs || it.Seq != c.Opened+1 {
		return Opened{}, ErrPlace
	}
	if in.Prev != prev {
		return Opened{Forked: true}, d.Rows.Freeze(it.Thread, it)
	}
	it.Prev, it.Stands, it.Answers, it.Ask, it.Void = in.Prev, in.Stands, in.Answers, in.Ask, in.Void
	c.Opened++
	if err := d.Rows.SetItem(it); err != nil {
		return Opened{}, err
	}
	if err := d.Rows.SetCount(c); err != nil {
		return Opened{}, err
	}
	out := Opened{Act: !it.Void}
	if it.Ask {
		ours, err := d.Rows.Answer(Ours, it.ID)
		out.Act = ours.Seq == 0
		out.Late = out.Act && it.Late
		return out, err
	}
	if it.Answers == (ID{}) || it.Void {
		return out, nil
	}
	out.Lost, err = d.answered(it.Answers)
	return out, err
}

// answered notes that a command of ours was answered: now it may leave the outbox,
// with the receipt. The answer alone does not show that the peer holds the command
// still: it may have been put back meanwhile, and have this answer from us. It
// returns the id back if we do not know such a command.
func (d *Desk) answered(id ID) (lost ID, err error) {
	it, err := d.Rows.Find(Ours, id)
	if err != nil {
		return lost, err
	}
	if it.Seq == 0 {
		void, err := d.Rows.Answer(Ours, id)
		if err != nil || void.Seq != 0 {
			return lost, err
		}
		return id, nil
	}
	it.Answered = true
	if err := d.keep(it); err != nil {
		return lost, err
	}
	return lost, d.advance(it.Lane)
}
