package model

import (
	"encoding/binary"
	"io"
	"time"

	"causeway/protocol/delivery"
	"causeway/protocol/handover"
)

// runSteps is how long one run is shaken before it may come to rest.
const runSteps = 60

// flaws are mistakes of a design, for the tests that show that the check finds them.
type flaws struct {
	noResync       bool // after a start nothing is compared
	noEpoch        bool // the epoch of an envelope is not looked at
	dropAtAccept   bool // the sender lets go when the receiver accepts
	applyTwice     bool // a command that was answered before a restore is carried out again
	cursorReleases bool // a command leaves when the peer's cursor passes it
	ackReleases    bool // a command leaves with its receipt
	shortLedger    bool // the ledger forgets what was opened
	noFreeze       bool // the second item of a place is thrown away
	noRecall       bool // a restored clerk does not read its own statuses
	keepDrafts     bool // what people did before the compare is sent all the same
	noVoid         bool // a number that was answered is used again
	takeWhileLost  bool // envelopes are taken before the compare
	spoils         bool // no mistake: some items cannot be read, or are never taken
	noSkip         bool // what cannot be read holds up what comes after it
	noReplace      bool // the number of what is never taken stays empty
	bareVoid       bool // what fills it does not say for what it stands
	noNewAnswer    bool // a command is not answered anew when its answer was taken out
	lostStands     bool // what neither side holds keeps its number against what filled it
	wordsOvertake  bool // words that came back take out what people did
}

// payload is what the content of an item says.
type payload struct {
	item    delivery.Item
	kind    handover.Kind
	event   handover.Event // "" for a note
	by      handover.Party
	refused bool
	at      handover.Thread // of a status: after it
	spoiled spoiled
}

// spoiled is what is wrong with an item.
type spoiled int

// What can be wrong: the receiver stores it and cannot read it, or does not take it at its
// door, now or ever.
const (
	unreadable spoiled = 1 + iota
	hopeless
)

// spoil spoils two of n items.
func (w *world) spoil(n int) spoiled {
	if !w.flaws.spoils {
		return 0
	}
	if s := spoiled(w.rnd(n)); s <= hopeless {
		return s
	}
	return 0
}

// envelope is an item on the line.
type envelope struct {
	to    int
	epoch uint64
	item  delivery.Item
	late  bool // its time is over
}

// world is two nodes, the line between them, and a witness.
type world struct {
	rnd   func(int) int
	flaws flaws
	rep   *Report

	nodes [2]*node
	line  []envelope
	now   time.Time

	said   []payload // by content, from 1
	ids    uint64
	shown  [2]delivery.Checkpoint // what the witness saw
	before [2]delivery.Checkpoint // the backup of the witness

	calm      bool // nothing is lost and nobody is killed
	restores  bool // of both ends
	secretly  bool // also undeclared
	undeclare bool // one happened
	threads   int
	err       error
	trace     io.Writer // nil for none
}

func newWorld(seed uint64, f flaws, rep *Report, open func(int) Store) *world {
	w := &world{rnd: walk(seed), flaws: f, rep: rep, now: time.Unix(1_900_000_000, 0)}
	mode := w.rnd(8)
	w.restores, w.secretly = mode > 0, mode > 2
	w.threads = 1 + w.rnd(5)/4
	for i := range w.nodes {
		n := &node{w: w, at: i, epoch: 1}
		n.rows = open(i)
		if f.noFreeze {
			n.rows = blind{n.rows}
		}
		n.book = newBook()
		w.nodes[i] = n
		n.backup()
	}
	return w
}

// blind is a wrong design: it throws the second item of a place away.
type blind struct{ Store }

// Freeze freezes nothing.
func (blind) Freeze(delivery.Thread, delivery.Item) error { return nil }

// walk returns a source of numbers that are hard to foresee and easy to repeat
// (splitmix64).
func walk(seed uint64) func(int) int {
	seed = (seed ^ seed>>32) * 0xd6e8feb86659fd93
	return func(n int) int {
		seed += 0x9e3779b97f4a7c15
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return int((z ^ z>>31) >> 33 % uint64(n))
	}
}

// chance is true once in n times, and never while it is calm.
func (w *world) chance(n int) bool { return !w.calm && w.rnd(n) == 0 }

// must keeps the first error of the rows, which the maps never have.
func (w *world) must(err error) {
	if err != nil && w.err == nil {
		w.err = err
	}
}

// id returns a new id.
func (w *world) id() (id delivery.ID) {
	w.ids++
	binary.LittleEndian.PutUint64(id[:], w.ids)
	return id
}

// sign makes the content of an item: from now on everybody who holds the item can
// read it.
func (w *world) sign(p payload) delivery.Digest {
	w.said = append(w.said, p)
	var d delivery.Digest
	binary.LittleEndian.PutUint64(d[:], uint64(len(w.said)))
	return d
}

// read returns what a content says.
func (w *world) read(d delivery.Digest) payload { return w.said[binary.LittleEndian.Uint64(d[:])-1] }

// thread returns the name of a thread and which node offers in it.
func thread(i int) (t delivery.Thread, opener int) {
	t[0] = byte(i + 1)
	return t, i % 2
}

// warm takes the two some way into a hand-over, as fast as they can.
func (w *world) warm() {
	w.calm = true
	for range w.rnd(9) {
		for _, n := range w.nodes {
			n.meet()
			n.staff()
			n.place()
			n.send()
		}
		w.deliver()
		w.deliver()
		for _, n := range w.nodes {
			n.read()
		}
	}
	w.calm = false
}

// step does one thing at random.
func (w *world) step() {
	w.rep.Steps++
	n := w.nodes[w.rnd(2)]
	switch k := w.rnd(64); {
	case k < 12:
		n.staff()
	case k < 20:
		n.place()
	case k < 28:
		n.send()
	case k < 38:
		w.deliver()
	case k < 48:
		n.read()
	case k < 54:
		n.meet()
	case k < 58:
		n.giveBack()
	case k < 59:
		n.officer()
	case k < 60:
		w.now = w.now.Add(time.Duration(w.rnd(20)) * time.Hour)
	case k < 61:
		n.crash()
	case k < 62:
		n.backup()
	case k < 63:
		w.witness()
	default:
		if w.restores {
			n.restore()
		}
	}
}

// deliver brings one envelope from the line: any of them, or twice, or never. Its
// answer may be lost on the way back.
func (w *world) deliver() {
	if len(w.line) == 0 {
		return
	}
	i := w.rnd(len(w.line))
	e := w.line[i]
	if !w.chance(3) {
		w.line[i] = w.line[len(w.line)-1]
		w.line = w.line[:len(w.line)-1]
	}
	if w.chance(4) {
		return
	}
	answer, ok := w.nodes[e.to].accept(e)
	if ok && !w.chance(3) {
		w.nodes[1-e.to].hear(e, answer)
	}
}

// witness sees how far a journal has come, or is put back itself.
func (w *world) witness() {
	switch w.rnd(8) {
	case 0:
		w.before = w.shown
	case 1:
		if w.restores {
			w.shown = w.before
			w.rep.Witness++
		}
	default:
		n := w.nodes[w.rnd(2)]
		seen, own := w.shown[n.at], delivery.Checkpoint{Epoch: n.book.epoch, Size: n.book.log}
		if n.book.epoch < seen.Epoch || n.book.epoch == seen.Epoch && n.book.log < seen.Size {
			n.raise(max(n.book.epoch, seen.Epoch) + 1)
			return
		}
		w.shown[n.at] = own
	}
}
