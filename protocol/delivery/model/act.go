package model

import (
	"slices"
	"time"

	"causeway/protocol/delivery"
	"causeway/protocol/handover"
)

// staff lets a person, or the clerk's clock, do something in one thread.
func (n *node) staff() {
	t, opener := thread(n.w.rnd(n.w.threads))
	if len(n.book.drafts) > 3 {
		return
	}
	if frozen, _ := n.rows.Frozen(t); frozen {
		return
	}
	n.do(func(*delivery.Desk) {
		if n.w.rnd(12) == 0 {
			n.note(t, opener)
			return
		}
		if opener == n.at {
			n.ask(t)
			return
		}
		by := handover.Receiver
		if n.w.rnd(6) == 0 {
			by = handover.Clock
		}
		c, known := n.book.cases[t]
		if !known {
			return
		}
		if event := n.pick(c, by); event != "" {
			n.write(t, event, by, delivery.ID{})
		}
	})
}

// pick returns what a party does next: mostly what it may, seldom what ends all,
// sometimes anything.
func (n *node) pick(c handover.Thread, by handover.Party) handover.Event {
	events := handover.May(c.State, by, c.Kind)
	if by == handover.Sender && n.w.rnd(8) == 0 {
		events = handover.Events()
	}
	if len(events) == 0 {
		return ""
	}
	event := events[n.w.rnd(len(events))]
	for range 3 {
		if to, err := handover.Next(c.State, event, by, c.Kind); err != nil || !to.Final() || n.w.rnd(8) == 0 {
			break
		}
		event = events[n.w.rnd(len(events))]
	}
	return event
}

// ask queues a command.
func (n *node) ask(t delivery.Thread) {
	c, known := n.book.cases[t]
	if !known {
		c = handover.Thread{Kind: handover.Referral}
		if n.w.rnd(2) == 0 {
			c.Kind = handover.Transfer
		}
		n.book.cases[t] = c
	}
	if event := n.pick(c, handover.Sender); event != "" {
		wrong := n.w.spoil(40)
		if wrong == unreadable { // of a command its sender is told, and a person asks anew
			wrong = hopeless
		}
		n.draft(payload{spoiled: wrong, kind: c.Kind, event: event, by: handover.Sender, item: delivery.Item{
			Lane: delivery.Lane{Side: delivery.Ours, Thread: t, Stream: delivery.Commands}, Ask: true,
		}})
	}
}

// note queues words that move nothing.
func (n *node) note(t delivery.Thread, opener int) {
	s := delivery.Commands
	if opener != n.at {
		s = delivery.Statuses
	}
	n.draft(payload{spoiled: n.w.spoil(5), item: delivery.Item{Lane: delivery.Lane{Side: delivery.Ours, Thread: t, Stream: s}}})
}

// write moves the case at its clerk and queues the status that says so.
func (n *node) write(t delivery.Thread, event handover.Event, by handover.Party, answers delivery.ID) {
	c := n.book.cases[t]
	to, err := c.Step(event, by)
	if err == nil {
		n.w.rep.moves[move{c.State, event}] = true
		n.book.cases[t] = to
	}
	n.draft(payload{kind: c.Kind, event: event, by: by, refused: err != nil, at: to, item: delivery.Item{
		Lane: delivery.Lane{Side: delivery.Ours, Thread: t, Stream: delivery.Statuses}, Answers: answers,
	}})
}

// draft lets something wait for its number.
func (n *node) draft(p payload) {
	p.item.ID = n.w.id()
	n.book.drafts = append(n.book.drafts, p)
	n.book.done[p.item.ID] = false
	n.w.tell("%d writes %s %s %s %s answers %s, refused: %v, at: %s", n.at, p.item.Stream, name(p.item.ID), p.event, p.by, name(p.item.Answers), p.refused, p.at.State)
}

// place gives the oldest draft of each lane its number.
func (n *node) place() {
	n.do(func(d *delivery.Desk) {
		for i := 0; i < len(n.book.drafts); i++ {
			p := n.book.drafts[i]
			seq, prev, ok, err := d.Seat(p.item.Lane)
			n.w.must(err)
			if !ok {
				continue
			}
			p.item.Seq, p.item.Prev = seq, prev
			p.item.Content = n.w.sign(p)
			n.w.tell("%d places %s #%d %s", n.at, p.item.Stream, p.item.Seq, name(p.item.ID))
			n.w.must(d.Append(p.item))
			n.book.drafts = slices.Delete(n.book.drafts, i, i+1)
			i--
		}
	})
}

// send puts something due on the line.
func (n *node) send() {
	d := n.desk()
	counts, err := n.rows.Counts()
	n.w.must(err)
	var due []delivery.Item
	for _, c := range counts {
		if c.Side == delivery.Ours {
			items, err := d.Due(c.Lane)
			n.w.must(err)
			due = append(due, items...)
		}
	}
	if len(due) == 0 {
		return
	}
	slices.SortFunc(due, func(a, b delivery.Item) int { return slices.Compare(a.Content[:], b.Content[:]) })
	it := due[n.w.rnd(len(due))]
	late := it.Ask && n.w.rnd(60) == 0
	n.w.line = append(n.w.line, envelope{to: 1 - n.at, epoch: n.book.epoch, item: it, late: late})
}

// accept takes an envelope. It is not ok when the node was killed over it.
func (n *node) accept(e envelope) (a delivery.Answer, ok bool) {
	out := delivery.Envelope{
		Thread: e.item.Thread, Stream: e.item.Stream, Seq: e.item.Seq, ID: e.item.ID, Content: e.item.Content,
		Answers: e.item.Answers, Epoch: e.epoch,
	}
	if e.late {
		out.Expires = n.w.now.Add(-time.Second)
	}
	if n.w.read(e.item.Content).spoiled == hopeless {
		return delivery.Answer{Code: tooLarge}, true
	}
	if p, _ := n.rows.Peer(); n.w.flaws.noEpoch {
		out.Epoch = p.Epoch
	} else if n.w.flaws.takeWhileLost && p.Meeting != delivery.Ready {
		p.Meeting = delivery.Ready
		n.w.must(n.rows.SetPeer(p))
	}
	ok = n.do(func(d *delivery.Desk) {
		var err error
		a, err = d.Accept(out, func() ([]byte, error) {
			n.book.first[e.item.Content]++
			return []byte{n.book.first[e.item.Content]}, nil
		})
		n.w.must(err)
	})
	n.w.tell("%d is sent %s #%d %s: %s%v, %v", n.at, out.Stream, out.Seq, name(out.ID), a.Code, a.Receipt, ok)
	if ok && a.Receipt != nil && a.Receipt[0] != 1 {
		n.w.rep.Receipts++
	}
	return a, ok
}

// hear takes the answer to an envelope.
func (n *node) hear(e envelope, a delivery.Answer) {
	n.do(func(d *delivery.Desk) {
		if a.Receipt != nil {
			n.w.must(d.Stored(e.item.ID))
			n.release(e.item.ID)
			return
		}
		_, err := d.Refused(e.item.ID, a)
		n.w.must(err)
		if a.Code == tooLarge && !n.w.flaws.noReplace {
			n.replace(d, e.item.ID)
		}
	})
}

// tooLarge is a refusal that is final, and no sign of a fork.
const tooLarge delivery.Code = "too_large"

// replace fills the number of what the other never takes, and tells whoever wrote it.
func (n *node) replace(d *delivery.Desk, id delivery.ID) {
	it, err := n.rows.Find(delivery.Ours, id)
	n.w.must(err)
	if it.Seq == 0 || it.Held || it.Lost || it.Void {
		return
	}
	void := delivery.Item{Lane: it.Lane, Seq: it.Seq, Prev: it.Prev, ID: n.w.id(), Void: true, Stands: it.Content, Answers: it.ID}
	if n.w.flaws.bareVoid {
		void.Stands = delivery.Digest{}
	}
	void.Content = n.w.sign(payload{item: void})
	n.w.must(d.Replace(void))
	n.book.done[id] = true
	n.w.rep.Replaced++
}

// release is what two wrong designs do with a receipt.
func (n *node) release(id delivery.ID) {
	it, err := n.rows.Find(delivery.Ours, id)
	n.w.must(err)
	c, err := n.rows.Count(it.Lane)
	n.w.must(err)
	if it.Seq == 0 {
		return
	}
	if n.w.flaws.ackReleases || n.w.flaws.cursorReleases && it.Seq <= c.Held {
		it.Done = true
		n.w.must(n.rows.SetItem(it))
	}
}

// read opens what can be opened, in each lane the next item.
func (n *node) read() {
	for i := range n.w.threads {
		t, opener := thread(i)
		s := delivery.Commands
		if opener == n.at {
			s = delivery.Statuses
		}
		l := delivery.Lane{Side: delivery.Theirs, Thread: t, Stream: s}
		n.do(func(d *delivery.Desk) {
			it, ok, err := d.Next(l)
			n.w.must(err)
			if ok {
				n.open(d, it)
			}
		})
	}
}

// open opens one item and acts on it.
func (n *node) open(d *delivery.Desk, it delivery.Item) {
	p := n.w.read(it.Content)
	if p.spoiled == unreadable {
		if !n.w.flaws.noSkip {
			n.w.must(d.Skip(it))
			n.book.opened[it.Lane] = it.Seq
			n.w.rep.Skipped++
		}
		return
	}
	opened, err := d.Open(it, delivery.Inside{
		Prev: p.item.Prev, Stands: p.item.Stands, Answers: p.item.Answers, Ask: p.item.Ask, Void: p.item.Void,
	})
	n.w.must(err)
	n.w.tell("%d opens %s #%d %s %s, acts: %v, late: %v, forked: %v, lost: %s", n.at, it.Stream, it.Seq, name(it.ID), p.event, opened.Act, opened.Late, opened.Forked, name(opened.Lost))
	if opened.Forked {
		return
	}
	if it.Seq != n.book.opened[it.Lane]+1 {
		n.w.rep.Order++
	}
	n.book.opened[it.Lane] = it.Seq
	if n.w.flaws.shortLedger {
		n.w.must(n.rows.SetEntry(delivery.Entry{ID: it.ID, Content: delivery.Digest{}}))
	}
	if opened.Lost != (delivery.ID{}) && !n.w.flaws.noVoid {
		n.w.rep.Voids++
		n.draft(payload{item: delivery.Item{
			Lane: delivery.Lane{Side: delivery.Ours, Thread: it.Thread, Stream: delivery.Commands}, Void: true, Answers: opened.Lost,
		}})
	}
	if p.by == handover.Nobody || !opened.Act && !n.w.flaws.applyTwice {
		return
	}
	if it.Stream == delivery.Statuses {
		n.book.cases[it.Thread] = p.at
		return
	}
	if _, known := n.book.cases[it.Thread]; !known {
		n.book.cases[it.Thread] = handover.Thread{Kind: p.kind}
	}
	event := p.event
	if opened.Late {
		n.w.rep.Expired++
		event = "" // in no table: refused
	}
	n.write(it.Thread, event, handover.Sender, it.ID)
}
