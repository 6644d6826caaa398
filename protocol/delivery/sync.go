package delivery

import (
	"cmp"
	"slices"
	"time"
)

// Quiet is how long a peer's epoch must stand before it may rise again unremarked.
const Quiet = 24 * time.Hour

// MostAgain is how many threads may be asked for a second time before an officer
// has to release them, after a call-back.
const MostAgain = 10

// Stand is how far one lane has come in the eyes of whoever says it.
type Stand struct {
	Lane Lane // ours and theirs as the speaker sees them
	Len  uint64
	Head Digest
}

// Beyond is an item that the speaker holds and the other says nothing of. It
// carries no content.
type Beyond struct {
	Thread  Thread
	Stream  Stream
	Seq     uint64
	ID      ID
	Content Digest
	Epoch   uint64 // in which it came
}

// Sync is one half of a comparison: a question, or the reply to one. Both carry
// numbers and digests only.
//
// A caller believes a Beyond and a Seen only with the proof for it, a header or a
// checkpoint that we signed ourselves: else a peer could make us enter new epochs
// as often as it likes.
type Sync struct {
	Epoch  uint64     // the speaker's
	Known  uint64     // the other's epoch, as the speaker knows it
	Log    Checkpoint // the speaker's journal
	Seen   Checkpoint // the other's journal, as far as the speaker saw it
	Stands []Stand
	Beyond []Beyond // in a reply
}

// Begin forgets, at every start and when a new epoch is entered, that this node has
// compared with the peer.
func (d *Desk) Begin() error { return d.meet(Starting) }

// Question asks a peer to compare.
func (d *Desk) Question() (Sync, error) {
	p, err := d.Rows.Peer()
	if err != nil {
		return Sync{}, err
	}
	counts, err := d.Rows.Counts()
	s := Sync{Epoch: d.Epoch, Known: p.Epoch, Log: Checkpoint{d.Epoch, d.Log}, Seen: p.Seen}
	for _, c := range counts {
		s.Stands = append(s.Stands, Stand{c.Lane, c.Len, c.Head})
	}
	slices.SortFunc(s.Stands, func(a, b Stand) int {
		return cmp.Or(slices.Compare(a.Lane.Thread[:], b.Lane.Thread[:]),
			cmp.Compare(a.Lane.Stream, b.Lane.Stream), cmp.Compare(a.Lane.Side, b.Lane.Side))
	})
	return s, err
}

// Reply answers a question. A question of an older epoch moves nothing here, but
// its sender hears of the newer one.
func (d *Desk) Reply(q Sync) (Sync, error) {
	p, err := d.Rows.Peer()
	if err != nil {
		return Sync{}, err
	}
	if q.Epoch < p.Epoch {
		return Sync{Epoch: d.Epoch, Known: p.Epoch, Seen: p.Seen}, nil
	}
	if err := d.hear(&q); err != nil {
		return Sync{}, err
	}
	ahead, err := d.ahead(&q)
	if err != nil {
		return Sync{}, err
	}
	if ahead { // we ask in our turn, and get the proof
		if err := d.meet(Starting); err != nil {
			return Sync{}, err
		}
	}
	beyond, err := d.beyond(&q)
	if err != nil {
		return Sync{}, err
	}
	if err := d.compare(&q); err != nil {
		return Sync{}, err
	}
	a, err := d.Question()
	a.Beyond = beyond
	return a, err
}

// Lesson is what a node learns from a reply.
type Lesson struct {
	// Raise is the epoch to enter, 0 for none. The peer proved that we were put
	// back from a backup. The caller writes the epoch where no backup brings it
	// back, then begins anew with every peer.
	Raise uint64
	// Wanted is how many items of ours are on their way back.
	Wanted int
}

// Learn takes the reply to our question. The caller has checked that it is the
// reply to the question it asked last, and the proofs.
func (d *Desk) Learn(a Sync) (Lesson, error) {
	if err := d.forget(&a); err != nil {
		return Lesson{}, err
	}
	if raise := d.behind(&a); raise != 0 {
		return Lesson{Raise: raise}, nil
	}
	if a.Known < d.Epoch { // it did not take our question
		return Lesson{}, nil
	}
	if err := d.hear(&a); err != nil {
		return Lesson{}, err
	}
	if err := d.compare(&a); err != nil {
		return Lesson{}, err
	}
	wanted, err := d.want(a.Beyond)
	if err != nil {
		return Lesson{}, err
	}
	return Lesson{Wanted: wanted}, d.settle()
}

// forget takes out of a reply what we sent while it was on its way.
func (d *Desk) forget(a *Sync) (err error) {
	a.Beyond = slices.DeleteFunc(a.Beyond, func(b Beyond) bool {
		it, e := d.Rows.Find(Ours, b.ID)
		err = cmp.Or(err, e)
		return it.Seq == b.Seq && !it.Lost
	})
	return err
}

// ahead reports whether the asker says that it holds more of ours than we do.
func (d *Desk) ahead(q *Sync) (bool, error) {
	for _, st := range q.Stands {
		if st.Lane.Side != Theirs {
			continue
		}
		c, err := d.Rows.Count(Lane{Ours, st.Lane.Thread, st.Lane.Stream})
		if err != nil || st.Len > c.Len {
			return true, err
		}
	}
	return d.behind(q) != 0, nil
}

// behind returns the epoch to enter if the peer shows that it knows more of us, of
// our present epoch or a later one, than we do.
func (d *Desk) behind(s *Sync) uint64 {
	restored := s.Known > d.Epoch || s.Seen.Epoch > d.Epoch || s.Seen.Epoch == d.Epoch && s.Seen.Size > d.Log
	for _, b := range s.Beyond {
		restored = restored || b.Epoch >= d.Epoch
	}
	if !restored {
		return 0
	}
	return max(d.Epoch, s.Known, s.Seen.Epoch) + 1
}

// hear notes the peer's epoch and how far its journal has come. An epoch that jumps,
// or rises twice within a day, puts the peer under watch: a person calls.
func (d *Desk) hear(s *Sync) error {
	p, err := d.Rows.Peer()
	if err != nil {
		return err
	}
	if s.Epoch > p.Epoch {
		odd := s.Epoch > p.Epoch+1 || !p.Rose.IsZero() && d.Now.Sub(p.Rose) < Quiet
		if p.Epoch != 0 {
			p.Rose = d.Now
			if odd && p.Standing == Good {
				p.Standing = Watched
			}
		}
		p.Epoch = s.Epoch
		if err := d.unbuffer(); err != nil {
			return err
		}
	}
	if s.Log.Epoch > p.Seen.Epoch || s.Log.Epoch == p.Seen.Epoch && s.Log.Size > p.Seen.Size {
		p.Seen = s.Log
	}
	return d.Rows.SetPeer(p)
}

// unbuffer takes away, in a new epoch of the peer, what stood beyond a gap: it was
// never opened, and the peer may use its number again. If the peer still knows the
// item it sends it again, and gets the receipt that it had.
func (d *Desk) unbuffer() error {
	counts, err := d.Rows.Counts()
	if err != nil {
		return err
	}
	for _, c := range counts {
		if c.Side != Theirs {
			continue
		}
		items, err := d.Rows.After(c.Lane, c.Len)
		if err != nil {
			return err
		}
		for _, it := range items {
			e, err := d.Rows.Entry(it.ID)
			if err != nil {
				return err
			}
			e.Dropped = true
			if err := d.Rows.SetEntry(e); err != nil {
				return err
			}
			if err := d.Rows.Drop(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// beyond lists what we hold of the asker's items and it says nothing of, and marks
// what it gets back.
func (d *Desk) beyond(q *Sync) ([]Beyond, error) {
	counts, err := d.Rows.Counts()
	if err != nil {
		return nil, err
	}
	var out []Beyond
	fresh := false
	for _, c := range counts {
		if c.Side != Theirs {
			continue
		}
		items, err := d.Rows.After(c.Lane, q.len(Lane{Ours, c.Thread, c.Stream}))
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			out = append(out, Beyond{it.Thread, it.Stream, it.Seq, it.ID, it.Content, it.Epoch})
			if it.Seq > c.Len || it.Return {
				continue
			}
			it.Return, fresh = true, true
			if err := d.Rows.SetItem(it); err != nil {
				return nil, err
			}
		}
	}
	return out, d.weigh(fresh)
}

// len returns how far the speaker says a lane has come.
func (s *Sync) len(l Lane) uint64 {
	for _, st := range s.Stands {
		if st.Lane == l {
			return st.Len
		}
	}
	return 0
}

// compare holds what the peer says of every lane against what is here: what it
// lacks is sent again, what differs is a fork.
func (d *Desk) compare(s *Sync) error {
	theirs := map[Lane]Stand{}
	for _, st := range s.Stands {
		l := st.Lane
		if l.Side = Ours; st.Lane.Side == Ours {
			l.Side = Theirs
		}
		theirs[l] = st
	}
	counts, err := d.Rows.Counts()
	if err != nil {
		return err
	}
	fresh := false
	for _, c := range counts {
		st := theirs[c.Lane]
		if st.Len > 0 && st.Len <= c.Len {
			it, err := d.Rows.Item(c.Lane, st.Len)
			if err != nil {
				return err
			}
			if it.Content != st.Head {
				if err := d.Rows.Freeze(c.Thread, Item{}); err != nil {
					return err
				}
				continue
			}
		}
		if c.Side == Ours {
			again, err := d.rewind(c.Lane, st.Len)
			if err != nil {
				return err
			}
			fresh = fresh || again
		}
	}
	return d.weigh(fresh)
}

// rewind sets the peer's cursor in a lane of ours: what lies beyond is to be sent
// (again), what lies before is held. It reports whether the peer lost anything that it
// held.
func (d *Desk) rewind(l Lane, held uint64) (fresh bool, err error) {
	c, err := d.Rows.Count(l)
	if err != nil {
		return false, err
	}
	c.Held = min(held, c.Held)
	items, err := d.Rows.After(l, c.Held)
	if err != nil {
		return false, err
	}
	for _, it := range items {
		switch {
		case it.Lost:
			continue
		case it.Seq <= held:
			it.Held = true
		default:
			fresh = fresh || it.Held
			it.Again = it.Again || it.Held
			it.Held, it.Done = false, false
		}
		if err := d.keep(it); err != nil {
			return fresh, err
		}
	}
	if err := d.Rows.SetCount(c); err != nil {
		return fresh, err
	}
	return fresh, d.advance(l)
}

// weigh holds back what is asked for a second time when that is much at once. What an
// officer has let go stays so until more is asked for.
func (d *Desk) weigh(fresh bool) error {
	if !fresh {
		return nil
	}
	threads, err := d.Rows.Repeats()
	if err != nil || threads <= MostAgain {
		return err
	}
	p, err := d.Rows.Peer()
	if err != nil {
		return err
	}
	p.Hold = true
	return d.Rows.SetPeer(p)
}
