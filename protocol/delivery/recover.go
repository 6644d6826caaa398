package delivery

import "slices"

// want notes what the peer holds of ours that we lost. What was lost before and is
// not in the list is gone for good.
func (d *Desk) want(list []Beyond) (int, error) {
	held := map[ID]bool{}
	for _, b := range list {
		held[b.ID] = true
		it := Item{
			Lane: Lane{Ours, b.Thread, b.Stream}, Seq: b.Seq, ID: b.ID, Content: b.Content,
			Epoch: b.Epoch, Held: true, Lost: true,
		}
		there, err := d.Rows.Item(it.Lane, it.Seq)
		if err != nil {
			return 0, err
		}
		other := there.Seq != 0 && (there.ID != b.ID || there.Content != b.Content)
		switch {
		case other && there.Lost:
			// Neither side holds what stood there: we filled the number, in a life that a second restore
			// took. What we filled it with is what comes back.
			if err := d.Rows.Drop(there); err != nil {
				return 0, err
			}
		case other:
			if err := d.Rows.Freeze(b.Thread, it); err != nil {
				return 0, err
			}
			continue
		}
		if there.Seq != 0 && !there.Lost { // it is here, behind another that is not
			continue
		}
		c, err := d.Rows.Count(it.Lane)
		if err != nil {
			return 0, err
		}
		if err := d.Rows.SetCount(c); err != nil { // the lane may be unknown here
			return 0, err
		}
		if err := d.Rows.SetItem(it); err != nil {
			return 0, err
		}
	}
	lost, err := d.lost()
	for _, it := range lost {
		if !held[it.ID] && !it.Gone {
			it.Gone = true
			if err := d.Rows.SetItem(it); err != nil {
				return 0, err
			}
		}
	}
	return len(list), err
}

// lost returns the items of ours that a restore took away.
func (d *Desk) lost() ([]Item, error) {
	counts, err := d.Rows.Counts()
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, c := range counts {
		if c.Side != Ours {
			continue
		}
		items, err := d.Rows.After(c.Lane, c.Len)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it.Lost {
				out = append(out, it)
			}
		}
	}
	return out, nil
}

// Recover takes back an item of ours that the peer returns. The caller has checked
// our own signature on it. Recover returns the items that stand in their lane again
// because of it, in order: the caller makes the record tell what they say, and sends
// nothing.
func (d *Desk) Recover(copied Item) ([]Item, error) {
	it, err := d.Rows.Find(Ours, copied.ID)
	if err != nil || !it.Lost || it.Content != copied.Content {
		return nil, err
	}
	theirs, err := d.Rows.Answer(Theirs, it.ID)
	if err != nil {
		return nil, err
	}
	it.Prev, it.Stands, it.Answers, it.Ask, it.Void = copied.Prev, copied.Stands, copied.Answers, copied.Ask, copied.Void
	it.Lost, it.Gone, it.Held = false, false, true
	it.Answered, err = d.opened(theirs)
	if err != nil {
		return nil, err
	}
	if err := d.keep(it); err != nil {
		return nil, err
	}
	back, err := d.regain(it.Lane)
	if err != nil {
		return nil, err
	}
	return back, d.settle()
}

// Forgo takes back the place of an item of ours whose content the peer has erased: its
// number and digest stand, and nobody can read it any more. It returns what [Desk.Recover]
// does.
func (d *Desk) Forgo(id ID) ([]Item, error) {
	it, err := d.Rows.Find(Ours, id)
	if err != nil || !it.Lost {
		return nil, err
	}
	it.Lost, it.Gone, it.Held, it.Done = false, false, true, true
	if err := d.Rows.SetItem(it); err != nil {
		return nil, err
	}
	back, err := d.regain(it.Lane)
	if err != nil {
		return nil, err
	}
	return back, d.settle()
}

// opened reports whether an item of theirs was opened.
func (d *Desk) opened(it Item) (bool, error) {
	if it.Seq == 0 {
		return false, nil
	}
	c, err := d.Rows.Count(it.Lane)
	return it.Seq <= c.Opened, err
}

// regain counts what follows the lane without a gap and is here again.
func (d *Desk) regain(l Lane) ([]Item, error) {
	c, err := d.Rows.Count(l)
	if err != nil {
		return nil, err
	}
	var back []Item
	for {
		it, err := d.Rows.Item(l, c.Len+1)
		if err != nil {
			return nil, err
		}
		if it.Seq == 0 || it.Lost {
			break
		}
		prev, err := d.link(l, c.Len)
		if err != nil {
			return nil, err
		}
		if it.Prev == (Digest{}) && it.Seq > 1 { // only its place came back
			it.Prev = prev
			if err := d.Rows.SetItem(it); err != nil {
				return nil, err
			}
		}
		if it.Prev != prev {
			if err := d.Rows.Freeze(it.Thread, it); err != nil {
				return nil, err
			}
		}
		c.Lane, c.Len, c.Head = l, it.Seq, it.Content
		back = append(back, it)
	}
	if err := d.Rows.SetCount(c); err != nil {
		return nil, err
	}
	return back, d.advance(l)
}

// Holes returns the next numbers of ours that neither side can fill any more. The
// caller signs a void for each, with [Item.Lane], Seq and Prev as given here and
// the given content as what it stands for, and hands it to [Desk.Fill]; then it
// asks again, until there is none.
func (d *Desk) Holes() ([]Item, error) {
	lost, err := d.lost()
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, it := range lost {
		c, err := d.Rows.Count(it.Lane)
		if err != nil {
			return nil, err
		}
		if it.Gone && it.Seq == c.Len+1 {
			prev, err := d.link(it.Lane, c.Len)
			if err != nil {
				return nil, err
			}
			it.Prev = prev
			out = append(out, it)
		}
	}
	return out, nil
}

// Fill puts a void where [Desk.Holes] found a hole. A number is never used for
// anything else.
func (d *Desk) Fill(void Item) error {
	it, err := d.Rows.Item(void.Lane, void.Seq)
	if err != nil {
		return err
	}
	if !it.Gone {
		return ErrPlace
	}
	if err := d.Rows.Drop(it); err != nil {
		return err
	}
	void.Stands, void.Answers = it.Content, it.ID
	if err := d.fill(void); err != nil {
		return err
	}
	if _, err := d.regain(void.Lane); err != nil {
		return err
	}
	return d.settle()
}

// settle says whether all that was lost is back.
func (d *Desk) settle() error {
	lost, err := d.lost()
	if err != nil {
		return err
	}
	for _, it := range lost {
		frozen, err := d.Rows.Frozen(it.Thread)
		if err != nil {
			return err
		}
		if !frozen {
			return d.meet(Recovering)
		}
	}
	return d.meet(Ready)
}

// Returned notes that a peer has back what it lost.
func (d *Desk) Returned(id ID) error {
	it, err := d.Rows.Find(Theirs, id)
	if err != nil || !it.Return {
		return err
	}
	it.Return = false
	return d.Rows.SetItem(it)
}

// Returns lists what the peer lost and may have back now: not while it stands under
// watch, and not while an officer has to release it.
func (d *Desk) Returns(l Lane) ([]Item, error) {
	p, err := d.Rows.Peer()
	if err != nil || p.Hold || p.Standing != Good {
		return nil, err
	}
	items, err := d.Rows.After(l, 0)
	return slices.DeleteFunc(slices.Clone(items), func(it Item) bool { return !it.Return }), err
}

// Release lets what is asked for a second time go out: an officer called the peer
// back.
func (d *Desk) Release() error {
	p, err := d.Rows.Peer()
	if err != nil {
		return err
	}
	p.Hold = false
	return d.Rows.SetPeer(p)
}

// Overtaken returns which of the drafts that waited for a number in a lane are
// settled by what came back. A draft that is among it has its number already. If
// something came back that no draft waited for, then the drafts were made by people
// who did not know of it; in the lane of a clerk, statuses, they must not be sent
// any more: the record says what came back, whoever made them is told, and the commands that
// only they answered are answered anew ([Desk.Unanswered]). Words says of an item that it only
// tells something and leaves the record where it is: that overtakes nothing, or else the record
// would say what no status ever said.
func Overtaken(s Stream, back []Item, drafts []ID, words func(Item) bool) (placed, dropped []ID) {
	stranger := false
	for _, it := range back {
		if slices.Contains(drafts, it.ID) {
			placed = append(placed, it.ID)
		} else if !it.Void && !words(it) {
			stranger = true
		}
	}
	if s == Statuses && stranger {
		for _, id := range drafts {
			if !slices.Contains(placed, id) {
				dropped = append(dropped, id)
			}
		}
	}
	return placed, dropped
}

// Unanswered returns the commands of theirs that were opened and acted on, and that nothing in
// our lanes answers, of those that dropped drafts answered. The peer waits for an answer to
// each: whoever drops the drafts answers it anew, by what the record says now, and the draft of
// that answer waits for its number like any other.
func (d *Desk) Unanswered(commands []ID) (left []ID, err error) {
	for _, id := range commands {
		it, err := d.Rows.Answer(Ours, id)
		if err != nil {
			return nil, err
		}
		if it.Seq == 0 && id != (ID{}) && !slices.Contains(left, id) {
			left = append(left, id)
		}
	}
	return left, nil
}
