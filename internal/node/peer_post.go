package node

import (
	"bytes"
	"context"
	"io"
	"slices"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/peer"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// post joins the door with the post office: what one calls the other's.
type post struct{ p *peers }

func (o post) room() *exchange.Room { return o.p.n.Exchange }

// Receive implements peer.Post. The attachments that an envelope names are there before it
// is taken, or it is not taken.
func (o post) Receive(ctx context.Context, from identity.NodeID, body io.Reader) ([]byte, error) {
	kind, whole, err := cx.Peek(body)
	if err != nil {
		return nil, err
	}
	switch kind {
	case cx.KindEnvelope:
	case cx.KindError:
		msg, err := cx.Unframe(whole)
		if err != nil {
			return nil, err
		}
		return nil, o.refusedBy(ctx, from, msg)
	default:
		return o.room().Receive(ctx, from, whole)
	}
	b, err := io.ReadAll(whole)
	if err != nil {
		return nil, err
	}
	if cx.NamesBlobs(b) {
		h, err := o.room().Outside(ctx, from, b)
		if err == nil {
			err = o.p.spool.Take(from, h.Blobs)
		}
		if err != nil {
			return nil, err
		}
	}
	receipt, err := o.room().Receive(ctx, from, bytes.NewReader(b))
	if err == nil {
		o.p.cameIn()
	}
	return receipt, err
}

// ReceiveHand implements peer.Post.
func (o post) ReceiveHand(ctx context.Context, from identity.NodeID, hand [][]byte) (out []peer.Brought) {
	for len(hand) > 0 {
		n := 0
		for n < len(hand) && plain(hand[n]) {
			n++
		}
		if n == 0 {
			answer, err := o.Receive(ctx, from, bytes.NewReader(hand[0]))
			out, n = append(out, peer.Brought{Answer: answer, Err: err}), 1
		} else {
			for _, b := range o.room().ReceiveAll(ctx, from, hand[:n]) {
				out = append(out, peer.Brought(b))
			}
			o.p.cameIn()
		}
		if out[len(out)-1].Err != nil {
			return out
		}
		hand = hand[n:]
	}
	return out
}

// plain reports whether something that is brought needs nothing but the post office: no
// attachment, and no wait for what it refuses.
func plain(body []byte) bool {
	kind, _, err := cx.Peek(bytes.NewReader(body))
	return err == nil && kind != cx.KindError && (kind != cx.KindEnvelope || !cx.NamesBlobs(body))
}

// refusedBy takes a refusal that a peer brings to a message that it fetched.
func (o post) refusedBy(ctx context.Context, from identity.NodeID, msg []byte) error {
	no, err := o.room().ReadRefusal(ctx, from, msg)
	if err != nil || no.ID.IsZero() {
		return err
	}
	var again time.Time
	if !no.Code.Final() {
		again = o.p.n.Clock.Now().Add(time.Hour) // it asks by itself long before
	}
	return o.room().Refused(ctx, from, no.ID, no.Code, again)
}

// Outside implements peer.Post.
func (o post) Outside(ctx context.Context, from identity.NodeID, envelope []byte) (*cx.Header, error) {
	return o.room().Outside(ctx, from, envelope)
}

// Sync implements peer.Post.
func (o post) Sync(ctx context.Context, from identity.NodeID, question io.Reader) ([]byte, error) {
	answer, err := o.room().Sync(ctx, from, question)
	if err == nil {
		o.p.sender.Wake(from)
	}
	return answer, err
}

// Waiting implements peer.Post.
func (o post) Waiting(ctx context.Context, to identity.NodeID, after cx.ID, most int) ([]cx.ID, error) {
	return o.room().Waiting(ctx, to, after, most)
}

// Parcel implements peer.Post.
func (o post) Parcel(ctx context.Context, to identity.NodeID, id cx.ID) (peer.Parcel, error) {
	p, err := o.room().Parcel(ctx, to, id)
	return peer.Parcel(p), err
}

// HandOut implements peer.Post.
func (o post) HandOut(ctx context.Context, to identity.NodeID, most int) ([][]byte, error) {
	return o.room().HandOut(ctx, to, most)
}

// Names implements peer.Post.
func (o post) Names(ctx context.Context, to identity.NodeID, d cx.Digest) (bool, error) {
	return o.room().Names(ctx, to, d)
}

// Placed implements peer.Post.
func (o post) Placed(ctx context.Context, leaves []cx.Digest) ([][]byte, error) {
	return o.room().Placed(ctx, leaves)
}

// Due implements peer.Outbox.
func (o post) Due(ctx context.Context, to identity.NodeID, skip map[cx.Thread]bool, most int) ([]peer.Parcel, error) {
	due, err := o.room().Due(ctx, to, skip, most)
	out := make([]peer.Parcel, len(due))
	for i, p := range due {
		out[i] = peer.Parcel(p)
	}
	return out, err
}

// Answered implements peer.Outbox.
func (o post) Answered(ctx context.Context, to identity.NodeID, answers []peer.Answered) error {
	all := make([]exchange.Answered, len(answers))
	for i, a := range answers {
		all[i] = exchange.Answered(a)
	}
	return o.room().AnsweredAll(ctx, to, all)
}

// Refused implements peer.Outbox.
func (o post) Refused(ctx context.Context, to identity.NodeID, id cx.ID, why *peer.Refusal, again time.Time) error {
	return o.room().Refused(ctx, to, id, why.Code, again)
}

// Question implements peer.Outbox.
func (o post) Question(ctx context.Context, to identity.NodeID) ([]byte, error) {
	return o.room().Question(ctx, to)
}

// Learn implements peer.Outbox.
func (o post) Learn(ctx context.Context, to identity.NodeID, question, answer []byte) error {
	return o.room().Compared(ctx, to, question, answer)
}

// receiptsAlong is how many receipts go with a bundle.
const receiptsAlong = 1000

// Along implements peer.Mail: this node's keys, what became of the peer's messages, and what it asks of both sides' streams.
// The question is kept until its answer comes back.
func (o post) Along(ctx context.Context, to identity.NodeID) ([][]byte, error) {
	var notes [][]byte
	err := o.p.n.DB.Read(ctx, func(tx *store.Tx) error {
		s, err := o.room().Self(ctx, tx)
		if err == nil {
			notes = s.Notes
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	receipts, err := o.room().HandOut(ctx, to, receiptsAlong)
	if err != nil {
		return nil, err
	}
	notes = slices.Concat(notes, receipts)
	question, err := o.room().Question(ctx, to)
	if err != nil || question == nil {
		return notes, err
	}
	question, err = o.p.spool.Asked(to, question)
	return append(notes, question), err
}

// Bring implements peer.Mail.
func (o post) Bring(ctx context.Context, from identity.NodeID, note []byte) ([]byte, error) {
	switch cx.KindOf(note) {
	case cx.KindReceipt:
		return nil, o.room().Answered(ctx, from, cx.ID{}, note)
	case cx.KindError:
		return nil, o.refusedBy(ctx, from, note)
	case cx.KindSync:
		return o.room().Sync(ctx, from, bytes.NewReader(note))
	case "schedule", "revoke":
		_, err := o.room().LearnNow(ctx, from, note)
		return nil, err
	case "":
		question, err := o.p.spool.Asked(from, nil)
		if err != nil || question == nil {
			return nil, err // an answer that came twice
		}
		if err := o.room().Compared(ctx, from, question, note); err != nil {
			return nil, err
		}
		return nil, o.p.spool.Heard(from)
	}
	return nil, cx.Unsupported
}
