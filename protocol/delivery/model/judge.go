package model

import (
	"slices"
	"time"

	"causeway/protocol/delivery"
	"causeway/protocol/handover"
)

// rounds is how often the two may try to come to rest.
const rounds = 100

// look asks, after each step, what must hold at every moment.
func (w *world) look() {
	ready := true
	for _, n := range w.nodes {
		p, err := n.rows.Peer()
		w.must(err)
		ready = ready && p.Meeting == delivery.Ready
	}
	for i := range w.threads {
		t, opener := thread(i)
		if frozen := w.frozen(t); !frozen && ready {
			w.responsible(t, opener)
		}
		items, err := w.nodes[opener].rows.After(delivery.Lane{Side: delivery.Ours, Thread: t, Stream: delivery.Commands}, 0)
		w.must(err)
		for _, it := range items {
			if it.Ask && it.Done && !it.Answered {
				w.rep.Left++
			}
		}
	}
}

// frozen reports whether either end has stopped a thread.
func (w *world) frozen(t delivery.Thread) bool {
	a, err := w.nodes[0].rows.Frozen(t)
	w.must(err)
	b, err := w.nodes[1].rows.Frozen(t)
	w.must(err)
	return a || b
}

// responsible asks who answers for the child: the sender by what it holds, the
// receiver by what it wrote.
func (w *world) responsible(t delivery.Thread, opener int) {
	mirror := w.nodes[opener].book.cases[t]
	clerk := w.nodes[1-opener].book.cases[t]
	sender := mirror.Responsible() == handover.Sender
	if w.flaws.dropAtAccept && mirror.Kind == handover.Transfer && mirror.Accepted {
		sender = false
	}
	if !sender && clerk.Responsible() != handover.Receiver {
		w.rep.Nobody++
	}
}

// settle lets line, machines and people work until nothing is left to do, also after
// the two compared once more, as they do every day.
func (w *world) settle() {
	w.calm = true
	again := false
	for round := range rounds {
		w.now = w.now.Add(25 * time.Hour)
		for _, n := range w.nodes {
			n.officer()
			n.meet()
			n.giveBack()
			n.place()
			n.send()
			n.send()
			n.read()
			n.read()
		}
		for range 4 {
			w.deliver()
		}
		still := w.still()
		if still && again {
			return
		}
		if !still && round%30 != 29 {
			continue
		}
		again = still
		for _, n := range w.nodes {
			n.start()
		}
	}
	w.rep.Stuck++
}

// still reports whether nothing is left to do.
func (w *world) still() bool {
	for _, n := range w.nodes {
		p, err := n.rows.Peer()
		w.must(err)
		if p.Meeting != delivery.Ready || p.Standing != delivery.Good {
			return false
		}
		for _, d := range n.book.drafts {
			if !w.frozen(d.item.Thread) {
				return false
			}
		}
		counts, err := n.rows.Counts()
		w.must(err)
		for _, c := range counts {
			if w.frozen(c.Thread) {
				continue
			}
			items, err := n.rows.After(c.Lane, 0)
			w.must(err)
			for _, it := range items {
				if c.Side == delivery.Ours && !it.Done || c.Side == delivery.Theirs && (it.Seq > c.Opened || it.Return) {
					return false
				}
			}
		}
	}
	return true
}

// judge looks, at rest, at what became of everything.
func (w *world) judge() {
	for i := range w.threads {
		t, opener := thread(i)
		sender, clerk := w.nodes[opener], w.nodes[1-opener]
		if w.frozen(t) {
			w.rep.Forks++
			if !w.undeclare {
				w.rep.Needless++
			}
			continue
		}
		commands := w.same(sender, clerk, t, delivery.Commands)
		statuses := w.same(clerk, sender, t, delivery.Statuses)
		asked := slices.ContainsFunc(commands, func(it delivery.Item) bool { return it.Ask }) // else the clerk never heard of it
		if sender.book.cases[t] != clerk.book.cases[t] && asked {
			w.rep.Diverged++
		}
		w.replay(commands, statuses)
		for _, n := range w.nodes {
			w.kept(n, t)
		}
	}
}

// same compares a lane of both ends, item by item, and returns it.
func (w *world) same(from, to *node, t delivery.Thread, s delivery.Stream) []delivery.Item {
	sent, err := from.rows.After(delivery.Lane{Side: delivery.Ours, Thread: t, Stream: s}, 0)
	w.must(err)
	got, err := to.rows.After(delivery.Lane{Side: delivery.Theirs, Thread: t, Stream: s}, 0)
	w.must(err)
	for i, it := range sent {
		switch {
		case i >= len(got):
			w.rep.Lost++
		case got[i].Content != it.Content:
			w.rep.Unnoticed++
		}
	}
	if len(got) > len(sent) {
		w.rep.Lost++
	}
	return sent
}

// replay walks the clerk's statuses through the table of handover, and counts the
// answers of every command.
func (w *world) replay(commands, statuses []delivery.Item) {
	answers := map[delivery.ID]int{}
	var at handover.Thread
	for _, it := range statuses {
		p := w.read(it.Content)
		if p.by == handover.Nobody {
			continue
		}
		answers[it.Answers]++
		at.Kind = p.kind
		to, err := at.Step(p.event, p.by)
		if to != p.at || (err != nil) != p.refused {
			w.rep.Illegal++
		}
		at = p.at
	}
	for _, it := range commands {
		switch n := answers[it.ID]; {
		case it.Ask && n == 0:
			w.rep.Lost++
		case it.Ask && n > 1:
			w.rep.Doubled++
		}
	}
	for _, it := range commands {
		// A void excuses the answers to what is in no lane. It may name a command that is: its sender was
		// put back to where the command still waited, and it got a new number behind the void.
		delete(answers, it.ID)
		if it.Void {
			delete(answers, it.Answers)
		}
	}
	delete(answers, delivery.ID{})
	w.rep.Lost += len(answers) // answers to nothing
}

// kept asks of everything a person did whether it is in its lane, or that person was
// told.
func (w *world) kept(n *node, t delivery.Thread) {
	for id, told := range n.book.done {
		it, err := n.rows.Find(delivery.Ours, id)
		w.must(err)
		if it.Seq == 0 && !told && !n.waits(id) {
			w.rep.Lost++
		}
	}
}

// waits reports whether a draft still waits: in a frozen thread.
func (n *node) waits(id delivery.ID) bool {
	for _, p := range n.book.drafts {
		if p.item.ID == id {
			return true
		}
	}
	return false
}
