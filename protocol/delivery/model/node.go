package model

import (
	"maps"
	"slices"

	"causeway/protocol/delivery"
	"causeway/protocol/handover"
)

// node is one end: a machine with a database, and an epoch that no backup brings
// back.
type node struct {
	w     *world
	at    int
	epoch uint64
	rows  Store
	book  *book
	old   []copyOf
}

// copyOf is a backup.
type copyOf struct {
	rows  any
	book  *book
	epoch uint64
}

// book is what a node's rooms keep, in the same database as the rows.
type book struct {
	epoch  uint64 // that of the rows
	log    uint64
	cases  map[delivery.Thread]handover.Thread // as the clerk wrote it, or as the sender holds it
	drafts []payload                           // waiting for a number, oldest first
	done   map[delivery.ID]bool                // what people did, and what became of it: told or not
	first  map[delivery.Digest]byte            // how often a receipt was signed for an envelope
	opened map[delivery.Lane]uint64
}

func newBook() *book {
	return &book{
		epoch: 1, cases: map[delivery.Thread]handover.Thread{}, done: map[delivery.ID]bool{},
		first: map[delivery.Digest]byte{}, opened: map[delivery.Lane]uint64{},
	}
}

func (b *book) clone() *book {
	c := *b
	c.cases, c.done, c.first, c.opened = maps.Clone(b.cases), maps.Clone(b.done), maps.Clone(b.first), maps.Clone(b.opened)
	c.drafts = slices.Clone(b.drafts)
	return &c
}

// desk returns the node's dealings with the other, for one transaction.
func (n *node) desk() *delivery.Desk {
	return &delivery.Desk{Rows: n.rows, Epoch: n.book.epoch, Log: n.book.log, Now: n.w.now}
}

// do runs a transaction. Now and then the node is killed: before the commit, and
// nothing of it happened; or after it, and nobody heard of it. Then ok is false.
func (n *node) do(f func(d *delivery.Desk)) (ok bool) {
	killed := 2
	if !n.w.calm {
		killed = n.w.rnd(200)
	}
	if killed == 0 {
		c := n.save()
		f(n.desk())
		n.load(c)
	} else {
		f(n.desk())
		n.book.log++
	}
	if killed > 1 {
		return true
	}
	n.w.rep.Crashes++
	n.w.tell("%d killed, committed: %v", n.at, killed == 1)
	n.start()
	return false
}

func (n *node) save() copyOf {
	rows, err := n.rows.Save()
	n.w.must(err)
	return copyOf{rows, n.book.clone(), n.epoch}
}

func (n *node) load(c copyOf) {
	n.w.must(n.rows.Load(c.rows))
	n.book = c.book.clone()
}

// start is what every start does.
func (n *node) start() {
	if n.w.flaws.noResync {
		p, err := n.rows.Peer()
		n.w.must(err)
		p.Meeting, p.Epoch = delivery.Ready, max(p.Epoch, 1)
		n.w.must(n.rows.SetPeer(p))
		return
	}
	n.w.must(n.desk().Begin())
	if n.book.epoch < n.epoch { // older than the epoch: a restore that nobody declared
		n.raise(n.epoch + 1)
	}
}

// raise enters a new epoch: first where no backup brings it back, then in the rows.
func (n *node) raise(to uint64) {
	n.w.rep.Rises++
	n.epoch = max(n.epoch+1, to)
	if n.w.chance(20) { // killed in between
		n.w.rep.Crashes++
		n.epoch++
	}
	n.book.epoch = n.epoch
	n.book.log++
	n.w.must(n.desk().Begin())
	n.w.tell("%d enters epoch %d", n.at, n.epoch)
}

func (n *node) crash() {
	n.w.tell("%d killed", n.at)
	n.w.rep.Crashes++
	n.start()
}

func (n *node) backup() {
	n.w.tell("%d backup %d", n.at, len(n.old))
	n.old = append(n.old, n.save())
}

// restore puts back a random older backup.
func (n *node) restore() {
	n.w.rep.Restores++
	i := n.w.rnd(len(n.old))
	c := n.old[i]
	n.load(c)
	secret := n.w.secretly && n.w.rnd(2) == 0
	n.w.tell("%d put back from %d, secretly: %v", n.at, i, secret)
	if !secret {
		n.old = n.old[:i+1] // what was saved later belongs to a life that did not happen
		n.raise(n.epoch + 1)
		return
	}
	n.w.rep.Undeclared++
	n.w.undeclare = true
	if n.w.rnd(4) == 0 { // the whole machine, with the place where the epoch lies
		n.epoch = c.epoch
	}
	n.start()
}

// meet lets the node compare with the other, if it has not; every part of it may be
// lost.
func (n *node) meet() {
	p, err := n.rows.Peer()
	n.w.must(err)
	if p.Meeting == delivery.Ready && (n.w.calm || n.w.rnd(8) > 0) {
		return
	}
	other := n.w.nodes[1-n.at]
	q, err := n.desk().Question()
	n.w.must(err)
	if n.w.chance(6) {
		return
	}
	var a delivery.Sync
	if !other.do(func(d *delivery.Desk) { a, err = d.Reply(q); n.w.must(err) }) || n.w.chance(6) {
		return
	}
	n.clash(a)
	var lesson delivery.Lesson
	if !n.do(func(d *delivery.Desk) { lesson, err = d.Learn(a); n.w.must(err) }) {
		return
	}
	if lesson.Raise > 0 {
		n.raise(lesson.Raise)
		return
	}
	n.w.tell("%d compared, %d wanted", n.at, lesson.Wanted)
	n.holes()
}

// clash is what one wrong design does with a number that it lost, and that the peer holds filled.
func (n *node) clash(a delivery.Sync) {
	for _, b := range a.Beyond {
		there, err := n.rows.Item(delivery.Lane{Side: delivery.Ours, Thread: b.Thread, Stream: b.Stream}, b.Seq)
		n.w.must(err)
		if n.w.flaws.lostStands && there.Lost && there.ID != b.ID {
			n.w.must(n.rows.Freeze(b.Thread, there))
		}
	}
}

// holes fills the numbers that neither side can fill.
func (n *node) holes() {
	n.do(func(d *delivery.Desk) {
		for {
			holes, err := d.Holes()
			n.w.must(err)
			if len(holes) == 0 {
				return
			}
			n.w.rep.Voids++
			h := holes[0]
			void := delivery.Item{Lane: h.Lane, Seq: h.Seq, Prev: h.Prev, ID: n.w.id(), Void: true, Stands: h.Content, Answers: h.ID}
			void.Content = n.w.sign(payload{item: void})
			n.w.tell("%d fills %s #%d for %s with %s", n.at, h.Stream, h.Seq, name(h.ID), name(void.ID))
			n.w.must(d.Fill(void))
		}
	})
}

// giveBack returns to the other what it lost of its own, one item.
func (n *node) giveBack() {
	for i := range n.w.threads {
		t, _ := thread(i)
		for _, s := range []delivery.Stream{delivery.Commands, delivery.Statuses} {
			items, err := n.desk().Returns(delivery.Lane{Side: delivery.Theirs, Thread: t, Stream: s})
			n.w.must(err)
			for _, it := range items {
				if n.w.chance(4) || !n.w.nodes[1-n.at].takeBack(it) {
					return
				}
				n.do(func(d *delivery.Desk) { n.w.must(d.Returned(it.ID)) })
			}
		}
	}
}

// takeBack takes one item of its own from the other, and lets the record say what
// it says.
func (n *node) takeBack(it delivery.Item) bool {
	ok := n.do(func(d *delivery.Desk) {
		own := n.w.read(it.Content).item
		own.Content = it.Content
		back, err := d.Recover(own)
		n.w.must(err)
		n.regained(back)
	})
	if ok {
		n.holes()
	}
	return ok
}

// regained brings the record to what came back.
func (n *node) regained(back []delivery.Item) {
	if len(back) == 0 {
		return
	}
	n.w.rep.Returned += len(back)
	for _, it := range back {
		n.w.tell("%d back %s #%d %s", n.at, it.Stream, it.Seq, name(it.ID))
	}
	l := back[0].Lane
	var waiting []delivery.ID
	for _, p := range n.book.drafts {
		if p.item.Lane == l {
			waiting = append(waiting, p.item.ID)
		}
	}
	placed, dropped := delivery.Overtaken(l.Stream, back, waiting, n.w.words)
	if n.w.flaws.keepDrafts {
		dropped = nil
	}
	var asked []delivery.ID
	for _, p := range n.book.drafts {
		if slices.Contains(dropped, p.item.ID) {
			asked = append(asked, p.item.Answers)
		}
	}
	n.book.drafts = slices.DeleteFunc(n.book.drafts, func(p payload) bool {
		return slices.Contains(placed, p.item.ID) || slices.Contains(dropped, p.item.ID)
	})
	for _, id := range dropped {
		n.book.done[id] = true
		n.w.tell("%d drops %s", n.at, name(id))
		n.w.rep.Overtaken++
	}
	known := func(it delivery.Item) bool { return slices.Contains(placed, it.ID) || it.Void || n.w.words(it) }
	if l.Stream != delivery.Statuses || !slices.ContainsFunc(back, func(it delivery.Item) bool { return !known(it) }) || n.w.flaws.noRecall {
		return // the record tells it already
	}
	all, err := n.rows.After(l, 0)
	n.w.must(err)
	for _, it := range all {
		if p := n.w.read(it.Content); !it.Lost && p.by != handover.Nobody {
			n.book.cases[l.Thread] = p.at
		}
	}
	n.answerAnew(l.Thread, asked)
}

// answerAnew refuses the commands whose answers were taken out, where nothing in the lane
// answers them: whoever asked sees what the record says now, and may ask again.
func (n *node) answerAnew(t delivery.Thread, asked []delivery.ID) {
	if n.w.flaws.noNewAnswer {
		return
	}
	left, err := n.desk().Unanswered(asked)
	n.w.must(err)
	for _, id := range left {
		n.write(t, "", handover.Sender, id)
	}
}

// words reports whether an item of ours only tells something.
func (w *world) words(it delivery.Item) bool {
	return w.read(it.Content).by == handover.Nobody && !w.flaws.wordsOvertake
}

// officer looks at what waits for a person.
func (n *node) officer() {
	p, err := n.rows.Peer()
	n.w.must(err)
	if p.Standing == delivery.Watched {
		n.w.rep.Watched++
		p.Standing = delivery.Good
		n.w.must(n.rows.SetPeer(p))
	}
	n.w.must(n.desk().Release())
}
