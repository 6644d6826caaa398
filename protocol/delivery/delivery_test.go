package delivery_test

import (
	"testing"
	"time"

	"causeway/protocol/delivery"
	"causeway/protocol/delivery/model"
)

var (
	now    = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	thread = delivery.Thread{7}
	cmd    = delivery.Lane{Side: delivery.Ours, Thread: thread, Stream: delivery.Commands}
)

// desk returns a desk that has compared with a peer of epoch 1.
func desk(t *testing.T) *delivery.Desk {
	t.Helper()
	d := &delivery.Desk{Rows: model.NewMemory(), Epoch: 1, Now: now}
	must(t, d.Rows.SetPeer(delivery.Peer{Meeting: delivery.Ready, Epoch: 1}))
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// say puts an item of ours at the next place of a lane.
func say(t *testing.T, d *delivery.Desk, l delivery.Lane, n byte, ask bool) delivery.Item {
	t.Helper()
	seq, prev, ok, err := d.Seat(l)
	must(t, err)
	if !ok {
		t.Fatal("no seat")
	}
	it := delivery.Item{Lane: l, Seq: seq, Prev: prev, ID: delivery.ID{n}, Content: delivery.Digest{n}, Ask: ask}
	must(t, d.Append(it))
	return it
}

// carry is an item as an envelope, in an epoch of its sender.
func carry(it delivery.Item, epoch uint64) delivery.Envelope {
	return delivery.Envelope{Thread: it.Thread, Stream: it.Stream, Seq: it.Seq, ID: it.ID, Content: it.Content, Epoch: epoch}
}

// accept gives an envelope to a desk. Its receipt is what sign says.
func accept(t *testing.T, d *delivery.Desk, e delivery.Envelope, receipt string) delivery.Answer {
	t.Helper()
	a, err := d.Accept(e, func() ([]byte, error) { return []byte(receipt), nil })
	must(t, err)
	return a
}

func TestSameEnvelopeSameReceipt(t *testing.T) {
	d := desk(t)
	it := delivery.Item{Lane: cmd, Seq: 1, ID: delivery.ID{1}, Content: delivery.Digest{1}}
	if a := accept(t, d, carry(it, 1), "first"); string(a.Receipt) != "first" || a.Known {
		t.Errorf("the first time: %+v", a)
	}
	late := carry(it, 1)
	late.Expires = now.Add(-time.Hour)
	for _, e := range []delivery.Envelope{carry(it, 1), late, carry(it, 0)} {
		if a := accept(t, d, e, "second"); string(a.Receipt) != "first" || !a.Known {
			t.Errorf("again: %+v, want the first receipt", a)
		}
	}
	other := carry(it, 1)
	other.Content = delivery.Digest{9}
	if a := accept(t, d, other, "third"); a.Code != delivery.Conflict {
		t.Errorf("other content: %+v, want a conflict", a)
	}
}

func TestGap(t *testing.T) {
	d := desk(t)
	far := delivery.Item{Lane: cmd, Seq: delivery.Buffer + 1, ID: delivery.ID{1}, Content: delivery.Digest{1}}
	if a := accept(t, d, carry(far, 1), ""); a.Code != delivery.Gap || a.Want != 1 {
		t.Errorf("too far ahead: %+v, want a gap that wants 1", a)
	}
	far.Seq--
	if a := accept(t, d, carry(far, 1), "r"); a.Code != "" {
		t.Errorf("at the end of the buffer: %+v, want it kept", a)
	}
	theirs := delivery.Lane{Side: delivery.Theirs, Thread: thread, Stream: delivery.Commands}
	if _, ok, err := d.Next(theirs); ok || err != nil {
		t.Errorf("what is behind a gap is to be opened: %v", err)
	}
}

func TestForkFreezes(t *testing.T) {
	d := desk(t)
	it := delivery.Item{Lane: cmd, Seq: 1, ID: delivery.ID{1}, Content: delivery.Digest{1}}
	accept(t, d, carry(it, 1), "r")
	it.ID, it.Content = delivery.ID{2}, delivery.Digest{2}
	if a := accept(t, d, carry(it, 1), "r"); a.Code != delivery.Conflict {
		t.Errorf("a second item at a place: %+v", a)
	}
	if frozen, _ := d.Rows.Frozen(thread); !frozen {
		t.Error("the thread goes on")
	}
	if _, _, ok, _ := d.Seat(cmd); ok {
		t.Error("a frozen thread has a seat")
	}
}

func TestReleaseNeedsTheAnswer(t *testing.T) {
	d := desk(t)
	asked := say(t, d, cmd, 1, true)
	told := say(t, d, cmd, 2, false)
	must(t, d.Stored(told.ID))
	if due, _ := d.Due(cmd); len(due) != 2 {
		t.Errorf("%d due after a receipt behind a gap, want 2", len(due))
	}
	must(t, d.Stored(asked.ID))
	if due, _ := d.Due(cmd); len(due) != 1 || due[0].ID != asked.ID {
		t.Errorf("due after the receipts: %v, want the command", due)
	}
	status := delivery.Item{
		Lane: delivery.Lane{Side: delivery.Ours, Thread: thread, Stream: delivery.Statuses}, Seq: 1, ID: delivery.ID{3},
		Content: delivery.Digest{3},
	}
	accept(t, d, carry(status, 1), "r")
	status.Side = delivery.Theirs
	it, ok, err := d.Next(status.Lane)
	must(t, err)
	if !ok {
		t.Fatal("nothing to open")
	}
	if o, err := d.Open(it, delivery.Inside{Answers: asked.ID}); err != nil || !o.Act {
		t.Fatalf("open: %+v, %v", o, err)
	}
	if due, _ := d.Due(cmd); len(due) != 0 {
		t.Errorf("due after the answer: %v", due)
	}
}

func TestEpoch(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rose  time.Time
		epoch uint64
		watch bool
	}{
		{"by one", time.Time{}, 2, false},
		{"by one, long after", now.Add(-25 * time.Hour), 2, false},
		{"by two", time.Time{}, 3, true},
		{"twice in a day", now.Add(-23 * time.Hour), 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := desk(t)
			must(t, d.Rows.SetPeer(delivery.Peer{Meeting: delivery.Ready, Epoch: 1, Rose: tt.rose}))
			_, err := d.Reply(delivery.Sync{Epoch: tt.epoch, Known: 1})
			must(t, err)
			p, _ := d.Rows.Peer()
			if p.Epoch != tt.epoch || (p.Standing == delivery.Watched) != tt.watch {
				t.Errorf("peer %+v, want epoch %d, watched %v", p, tt.epoch, tt.watch)
			}
			old := delivery.Item{Lane: cmd, Seq: 1, ID: delivery.ID{1}}
			if a := accept(t, d, carry(old, 1), ""); a.Code != delivery.StaleEpoch {
				t.Errorf("an envelope of the epoch before: %+v", a)
			}
		})
	}
}

// TestNothingBeforeTheCompare: a node that has just started says nothing and takes
// nothing.
func TestNothingBeforeTheCompare(t *testing.T) {
	d := desk(t)
	say(t, d, cmd, 1, true)
	must(t, d.Begin())
	if due, _ := d.Due(cmd); len(due) != 0 {
		t.Errorf("due before the compare: %v", due)
	}
	it := delivery.Item{Lane: cmd, Seq: 1, ID: delivery.ID{5}}
	if a := accept(t, d, carry(it, 1), ""); a.Code != delivery.InRecovery {
		t.Errorf("an envelope before the compare: %+v", a)
	}
}

// TestManyAgain: when a peer asks for much a second time, an officer releases it.
func TestManyAgain(t *testing.T) {
	d := desk(t)
	for n := range byte(delivery.MostAgain + 1) {
		l := delivery.Lane{Side: delivery.Ours, Thread: delivery.Thread{n + 1}, Stream: delivery.Commands}
		must(t, d.Stored(say(t, d, l, n+1, true).ID))
	}
	_, err := d.Reply(delivery.Sync{Epoch: 2, Known: 1})
	must(t, err)
	l := delivery.Lane{Side: delivery.Ours, Thread: delivery.Thread{1}, Stream: delivery.Commands}
	if due, _ := d.Due(l); len(due) != 0 {
		t.Errorf("due before the release: %v", due)
	}
	must(t, d.Release())
	if due, _ := d.Due(l); len(due) != 1 {
		t.Errorf("due after the release: %v", due)
	}
}

func TestRetry(t *testing.T) {
	for _, tt := range []struct {
		n    int
		age  time.Duration
		want time.Duration
	}{
		{1, 0, 5 * time.Second},
		{2, time.Minute, 10 * time.Second},
		{8, time.Hour, 640 * time.Second},
		{9, time.Hour, 15 * time.Minute},
		{90, 23 * time.Hour, 15 * time.Minute},
		{100, 24 * time.Hour, time.Hour},
	} {
		if got := delivery.Retry(tt.n, tt.age, 1); got != tt.want {
			t.Errorf("attempt %d after %v: %v, want %v", tt.n, tt.age, got, tt.want)
		}
		if got := delivery.Retry(tt.n, tt.age, 0.5); got != tt.want/2 {
			t.Errorf("half the jitter: %v, want %v", got, tt.want/2)
		}
	}
}

func TestOvertaken(t *testing.T) {
	item := func(n byte) delivery.Item { return delivery.Item{ID: delivery.ID{n}} }
	drafts := []delivery.ID{{1}, {2}, {3}}
	says := func(delivery.Item) bool { return false }
	placed, dropped := delivery.Overtaken(delivery.Statuses, []delivery.Item{item(1), item(2)}, drafts, says)
	if len(placed) != 2 || len(dropped) != 0 {
		t.Errorf("only drafts came back: %v placed, %v dropped", placed, dropped)
	}
	placed, dropped = delivery.Overtaken(delivery.Statuses, []delivery.Item{item(1), item(9)}, drafts, says)
	if len(placed) != 1 || len(dropped) != 2 {
		t.Errorf("a stranger came back: %v placed, %v dropped", placed, dropped)
	}
	if _, dropped = delivery.Overtaken(delivery.Commands, []delivery.Item{item(9)}, drafts, says); len(dropped) != 0 {
		t.Errorf("commands dropped: %v; the clerk answers them", dropped)
	}
	words := func(it delivery.Item) bool { return it.ID == delivery.ID{9} }
	if _, dropped = delivery.Overtaken(delivery.Statuses, []delivery.Item{item(9)}, drafts, words); len(dropped) != 0 {
		t.Errorf("words took out %v", dropped)
	}
}

// TestFilledInALostLife: a number that we lost and filled, and whose filling a second restore
// took, comes back as the peer holds it; a number that we hold something else at is a fork.
func TestFilledInALostLife(t *testing.T) {
	d := desk(t)
	beyond := func(n byte) delivery.Sync {
		return delivery.Sync{Epoch: 1, Known: 1, Beyond: []delivery.Beyond{{
			Thread: thread, Stream: delivery.Commands, Seq: 1, ID: delivery.ID{n}, Content: delivery.Digest{n},
		}}}
	}
	for n := byte(1); n <= 2; n++ {
		lesson, err := d.Learn(beyond(n))
		must(t, err)
		it, err := d.Rows.Item(cmd, 1)
		must(t, err)
		frozen, err := d.Rows.Frozen(thread)
		must(t, err)
		if lesson.Wanted != 1 || it.ID != (delivery.ID{n}) || !it.Lost || frozen {
			t.Errorf("%d: wanted %d, %+v, frozen: %v", n, lesson.Wanted, it, frozen)
		}
	}
	d = desk(t)
	say(t, d, cmd, 1, true)
	_, err := d.Learn(beyond(2))
	must(t, err)
	if frozen, err := d.Rows.Frozen(thread); err != nil || !frozen {
		t.Errorf("what we hold ourselves gave way: %v", err)
	}
}

// TestUnanswered: each command is named once, where nothing of ours answers it.
func TestUnanswered(t *testing.T) {
	d := desk(t)
	l := delivery.Lane{Side: delivery.Ours, Thread: thread, Stream: delivery.Statuses}
	must(t, d.Append(delivery.Item{Lane: l, Seq: 1, ID: delivery.ID{9}, Content: delivery.Digest{9}, Answers: delivery.ID{1}}))
	left, err := d.Unanswered([]delivery.ID{{1}, {}, {2}, {2}})
	must(t, err)
	if len(left) != 1 || left[0] != (delivery.ID{2}) {
		t.Errorf("left are %v", left)
	}
}
