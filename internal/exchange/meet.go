package exchange

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// Start is called once when the node starts, before anything is sent or taken. It looks
// whether the database is older than the epoch in the keyring, enters a new one if so,
// and forgets that it has compared with anybody.
func (r *Room) Start(ctx context.Context) error {
	if r.node == "" {
		return nil
	}
	if entered, err := r.Beside(ctx); err != nil || entered {
		return err
	}
	return r.step(ctx, func(p *access.Pass) error { return forget(ctx, p) })
}

// Beside is what of [Room.Start] a command needs that works beside a node, or before it was
// ever started: it enters a new epoch where the database and the keyring do not have the
// same, and reports whether it did. What was compared stays so otherwise.
func (r *Room) Beside(ctx context.Context) (entered bool, err error) {
	var have uint64
	err = r.read(ctx, func(tx *store.Tx) (err error) {
		have, err = r.epoch(ctx, tx)
		return err
	})
	if err != nil {
		return false, err
	}
	at := r.keys.ExchangeEpoch()
	if have > 0 && have < at { // the database was put back, and nobody said so
		var log int64
		if r.ledger != nil {
			log = r.ledger.Epoch()
		}
		return true, r.wasPutBack(ctx, at+1, log, log)
	}
	if at == 0 || have != at { // the first start, or a declared restore
		return true, r.enter(ctx, max(have, at)+1)
	}
	return false, nil
}

// Restored enters a new epoch: a person put the database back from a backup and says so.
func (r *Room) Restored(ctx context.Context) error {
	if r.node == "" {
		return nil
	}
	return r.enter(ctx, r.keys.ExchangeEpoch()+1)
}

// Declare notes in a database that was just put back from a backup that it was: it says no
// epoch any more, so that its first start enters a new one, exactly one higher than the
// keyring's, however often the restore itself was begun.
func Declare(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, sqlForgetEpoch)
	return err
}

// enter raises the epoch, first where no backup brings it back.
func (r *Room) enter(ctx context.Context, to uint64) error {
	for at := r.keys.ExchangeEpoch(); at < to; {
		next, err := r.keys.RaiseExchangeEpoch(at)
		if err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
		at = next
	}
	return r.step(ctx, func(p *access.Pass) error {
		p.Tx().Forget(epochSeen{})
		if _, err := p.Tx().Exec(ctx, sqlKeepEpoch, int64(to)); err != nil {
			return err
		}
		return forget(ctx, p)
	})
}

// forget makes every comparison one that is still to be made.
func forget(ctx context.Context, p *access.Pass) error {
	_, err := p.Tx().Exec(ctx, sqlForgetMeetings)
	return err
}

// compareEvery is how often two nodes compare when nothing asks for it.
const compareEvery = 24 * time.Hour

// Question returns what a peer is asked before anything is sent to it, nil when the two
// have compared since this node started, and within a day.
func (r *Room) Question(ctx context.Context, to identity.NodeID) ([]byte, error) {
	var out []byte
	err := r.read(ctx, func(tx *store.Tx) error {
		peer, err := r.Peer(ctx, tx, to)
		if err != nil {
			return err
		}
		d, err := r.desk(ctx, tx, peer)
		if err != nil {
			return err
		}
		line, err := d.Rows.Peer()
		if err != nil {
			return err
		}
		var met int64
		err = tx.QueryRow(ctx, sqlSelectMet, string(to)).Scan(&met)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if line.Meeting == delivery.Ready && tx.Now().Sub(fromMicros(met)) < compareEvery {
			return nil
		}
		q, err := d.Question()
		if err != nil {
			return err
		}
		pen, err := r.pen(ctx, tx)
		if err != nil {
			return err
		}
		s := r.spell(tx, &q, to)
		if _, err := r.says(ctx, tx, peer, s); err != nil {
			return err
		}
		out, err = s.Sign(pen)
		return err
	})
	return out, err
}

// spell writes a comparison as the protocol does.
func (r *Room) spell(tx *store.Tx, q *delivery.Sync, to identity.NodeID) *cx.Sync {
	s := &cx.Sync{From: r.node, To: to, At: tx.Now().UTC().Truncate(time.Second), Epoch: q.Epoch, Known: q.Known}
	for _, st := range q.Stands {
		s.Stands = append(s.Stands, cx.Stand{
			Thread: cx.Thread(st.Lane.Thread), Stream: cx.Stream(st.Lane.Stream), Ours: st.Lane.Side == delivery.Ours, Len: st.Len, Head: cx.Digest(st.Head),
		})
	}
	return s
}

// heard reads one as delivery does.
func heardSync(s *cx.Sync) delivery.Sync {
	q := delivery.Sync{Epoch: s.Epoch, Known: s.Known}
	for _, st := range s.Stands {
		side := delivery.Theirs
		if st.Ours {
			side = delivery.Ours
		}
		q.Stands = append(q.Stands, delivery.Stand{
			Lane: delivery.Lane{Side: side, Thread: delivery.Thread(st.Thread), Stream: delivery.Stream(st.Stream)}, Len: st.Len, Head: delivery.Digest(st.Head),
		})
	}
	return q
}

// Sync answers the question of a peer: numbers and digests; and behind them, sealed to a
// key that its recovery pair signed, what it lost of its own, as far as that may go out.
func (r *Room) Sync(ctx context.Context, from identity.NodeID, question io.Reader) ([]byte, error) {
	msg, err := io.ReadAll(io.LimitReader(question, cx.SyncNoteLimit+1))
	if err != nil {
		return nil, cx.Damaged
	}
	growth, err := r.grown(ctx, from, msg)
	if err != nil {
		return nil, err
	}
	var out []byte
	odd := false
	err = r.step(ctx, func(p *access.Pass) (err error) {
		out, odd, err = r.reply(ctx, p, from, msg, growth)
		return err
	})
	if err == nil && odd {
		err = r.WatchNow(ctx, from, Watch, WhyEpoch)
	}
	return out, err
}

func (r *Room) reply(ctx context.Context, p *access.Pass, from identity.NodeID, msg []byte, growth []*witness.Request) (out []byte, odd bool, err error) {
	tx := p.Tx()
	peer, pairs, err := r.known(ctx, tx, from)
	if err != nil {
		return nil, false, err
	}
	s, err := cx.OpenSync(msg, r.node, pairs)
	if err != nil {
		return nil, false, err
	}
	if s.From != from {
		return nil, false, cx.UnknownSender
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return nil, false, err
	}
	answer, beyond, err := r.answerTo(ctx, tx, d, peer, s)
	if err == nil {
		answer.Question = cx.DigestOf(msg)
		err = tells(answer, growth)
	}
	if err != nil {
		return nil, false, err
	}
	if _, err := tx.Exec(ctx, sqlHurry, string(from)); err != nil {
		return nil, false, err
	}
	proofs := map[cx.ID][]byte{}
	for _, b := range beyond {
		id := cx.ID(b.ID)
		header, err := r.readPaper(ctx, tx, paper{from, delivery.Theirs, id, paperHeader})
		if err != nil {
			return nil, false, err
		}
		proofs[id] = header
		answer.Beyond = append(answer.Beyond, cx.Beyond{
			Thread: cx.Thread(b.Thread), Stream: cx.Stream(b.Stream), Seq: b.Seq, ID: id, Content: cx.Digest(b.Content), Epoch: b.Epoch,
		})
	}
	pen, err := r.pen(ctx, tx)
	if err != nil {
		return nil, false, err
	}
	signed, err := answer.Sign(pen, proofs)
	if err != nil {
		return nil, false, err
	}
	line, err := d.Rows.Peer()
	if err != nil {
		return nil, false, err
	}
	out = binary.BigEndian.AppendUint32(nil, uint32(len(signed)))
	out, err = r.copies(ctx, p, d, peer, append(out, signed...))
	return out, line.Standing == delivery.Watched, err
}

// answerTo holds what a question says against what is here, and begins the answer.
func (r *Room) answerTo(ctx context.Context, tx *store.Tx, d *delivery.Desk, peer *Peer, s *cx.Sync) (*cx.SyncAnswer, []delivery.Beyond, error) {
	before, err := d.Rows.Peer()
	if err != nil || before.Standing == delivery.Removed {
		return nil, nil, cx.NotPaired
	}
	in := heardSync(s)
	if err := r.behind(ctx, tx, d, &in, knownOf(s.Seen, nil)); err != nil {
		return nil, nil, err
	}
	a, err := d.Reply(in)
	if err != nil {
		return nil, nil, err
	}
	answer := &cx.SyncAnswer{Sync: *r.spell(tx, &a, peer.Node)}
	seen, err := r.says(ctx, tx, peer, &answer.Sync)
	if answer.SeenBy = []byte(seen.Note); seen.Note == "" {
		answer.Seen, answer.SeenBy = cx.Checkpoint{}, nil // only a statement said so: it proves nothing
	}
	if err == nil && before.Epoch != 0 && s.Epoch > before.Epoch {
		err = d.Begin() // it was put back: we ask in our turn, and its journal is proven
	}
	return answer, a.Beyond, err
}

// Compared takes the answer to a question, with what comes back of ours.
func (r *Room) Compared(ctx context.Context, to identity.NodeID, question, answer []byte) error {
	if len(answer) < 4 {
		return cx.BadFormat
	}
	n := binary.BigEndian.Uint32(answer)
	if uint64(n) > uint64(len(answer)-4) {
		return cx.BadFormat
	}
	signed, rest := answer[4:4+n], answer[4+n:]
	q, a, err := r.answered(ctx, to, question, signed)
	if err != nil {
		return err
	}
	if err := r.watched(ctx, to, q, a); err != nil {
		return err
	}
	var log int64
	if r.ledger != nil {
		log = r.ledger.Epoch()
	}
	var lesson delivery.Lesson
	err = r.step(ctx, func(p *access.Pass) (err error) {
		lesson, err = r.learn(ctx, p, to, a)
		return err
	})
	if err != nil {
		return err
	}
	if lesson.Raise > 0 {
		return r.wasPutBack(ctx, lesson.Raise, log, int64(a.Seen.Epoch))
	}
	if err := r.takeBack(ctx, to, rest); err != nil {
		return err
	}
	return r.fillHoles(ctx, to)
}

// answered reads the answer to a question of ours, and the question.
func (r *Room) answered(ctx context.Context, to identity.NodeID, question, signed []byte) (q *cx.Sync, a *cx.SyncAnswer, err error) {
	err = r.read(ctx, func(tx *store.Tx) error {
		peer, err := r.Peer(ctx, tx, to)
		if err != nil {
			return err
		}
		pairs, err := r.pairs(ctx, tx, peer, true)
		if err != nil {
			return err
		}
		if q, err = cx.OpenSync(question, to, pairs); err != nil {
			return err
		}
		a, err = cx.ReadSyncAnswer(bytes.NewReader(signed), cx.DigestOf(question), r.node, pairs)
		if err == nil && a.From != to {
			err = cx.UnknownSender
		}
		return err
	})
	return q, a, err
}

// wasPutBack enters a new epoch because a peer proved that this node was put back from a
// backup. The journal lies in the same database: it begins a new epoch too.
func (r *Room) wasPutBack(ctx context.Context, to uint64, log, above int64) error {
	if err := r.enter(ctx, to); err != nil || r.ledger == nil {
		return err
	}
	return r.ledger.Cut(ctx, log, above, cause)
}

func (r *Room) learn(ctx context.Context, p *access.Pass, to identity.NodeID, a *cx.SyncAnswer) (delivery.Lesson, error) {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return delivery.Lesson{}, err
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return delivery.Lesson{}, err
	}
	in := heardSync(&a.Sync)
	for _, b := range a.Beyond {
		in.Beyond = append(in.Beyond, delivery.Beyond{
			Thread: delivery.Thread(b.Thread), Stream: delivery.Stream(b.Stream), Seq: b.Seq, ID: delivery.ID(b.ID), Content: delivery.Digest(b.Content),
			Epoch: b.Epoch,
		})
	}
	if err := r.behind(ctx, tx, d, &in, knownOf(a.Seen, a.SeenBy)); err != nil {
		return delivery.Lesson{}, err
	}
	lesson, err := d.Learn(in)
	if err != nil {
		return lesson, err
	}
	_, err = tx.Exec(ctx, sqlHurry, string(to))
	return lesson, err
}
