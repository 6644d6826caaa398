package peer

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// A hand is what is brought in one request: envelopes and framed notes, each behind its
// length in four bytes. It is answered in its order, each answer behind its length, up to
// the first thing that is not taken.
const (
	handMost  = 32        // things in a hand
	handBytes = 512 << 10 // of a hand, as it is made here
	handLimit = handMost*4 + bodyLimit
	handFirst = 8 // things in the first hand to a peer, before it is known how good the line is
)

// Brought is what became of one thing of a hand.
type Brought struct {
	Answer []byte // the signed answer; nothing for what is answered with nothing
	Err    error  // why it was not taken; at a peer: a [*Refusal]
}

// Answered is the answer of a peer to a parcel that it took.
type Answered struct {
	ID     cx.ID
	Answer []byte
}

// behindLength writes each part behind its length.
func behindLength(parts [][]byte) []byte {
	n := 0
	for _, p := range parts {
		n += 4 + len(p)
	}
	out := make([]byte, 0, n)
	for _, p := range parts {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(p))), p...)
	}
	return out
}

// eachLength reads what [behindLength] wrote: at most most parts of at most limit bytes.
func eachLength(r io.Reader, most int, limit uint32) ([][]byte, error) {
	var out [][]byte
	for {
		var length [4]byte
		switch _, err := io.ReadFull(r, length[:]); {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, cx.Damaged
		case err != nil:
			return nil, err
		}
		n := binary.BigEndian.Uint32(length[:])
		if n > limit || len(out) == most {
			return nil, cx.TooLarge
		}
		part := make([]byte, n)
		if _, err := io.ReadFull(r, part); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = cx.Damaged
			}
			return nil, err
		}
		out = append(out, part)
	}
}

// hand takes a hand: POST /cx/1/hand. 200 says that what is answered with a receipt is
// stored for good.
func (d *Door) hand(w http.ResponseWriter, r *http.Request, p Partner) {
	if d.c.Full() {
		d.refuse(w, r, p, cx.Busy, fullWait)
		return
	}
	body, ok := d.body(w, r, p, handLimit)
	if !ok {
		return
	}
	counted := &counter{from: body}
	hand, err := eachLength(counted, handMost, bodyLimit)
	if err == nil && len(hand) == 0 {
		err = cx.BadFormat
	}
	d.note(r.Context(), p, int64(max(len(hand), 1)), counted.n)
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	var answers [][]byte
	for _, b := range d.c.Post.ReceiveHand(r.Context(), p.ID, hand) {
		if b.Err == nil {
			d.tally.received()
			answers = append(answers, b.Answer)
			continue
		}
		code := cx.CodeOf(b.Err)
		if code != cx.Internal && d.c.Refuse != nil {
			d.tally.refused(code)
			answers = append(answers, d.notes.of(r.Context(), d.c, p.ID, code))
			break
		}
		if len(answers) == 0 {
			d.fail(w, r, p, b.Err)
			return
		}
		break // it is brought again, as the first of its hand
	}
	w.Header().Set("Content-Type", MediaEnvelope)
	_, _ = w.Write(behindLength(answers)) // a peer that is gone asks again and gets the same
}

// DeliverHand sends a hand and returns the answers, which the caller verifies: fewer than
// were sent where one was not taken, which is the last then. The error is a [*Refusal]
// where the peer answered nothing else.
func (c *Client) DeliverHand(ctx context.Context, to identity.NodeID, hand [][]byte) ([]Brought, error) {
	return post(ctx, c, to, "hand", behindLength(hand), func(resp *http.Response) ([]Brought, error) {
		return c.broughtHand(to, resp, len(hand))
	})
}

// broughtHand reads the answers to a hand of so many things.
func (c *Client) broughtHand(to identity.NodeID, resp *http.Response, sent int) ([]Brought, error) {
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, c.refusal(to, resp)
	}
	notes, err := eachLength(resp.Body, sent, cx.NoteLimit)
	switch {
	case cx.CodeOf(err) == cx.TooLarge, err == nil && len(notes) == 0:
		return nil, fault.New(fault.Unavailable, "peer-answer")
	case err != nil:
		return nil, unreachable(err)
	}
	out := make([]Brought, len(notes))
	for i, note := range notes {
		out[i].Answer = note
		if cx.KindOf(note) == cx.KindError {
			r := &Refusal{Code: cx.Internal, Where: -1, Note: note}
			if c.readError != nil {
				r.Code = c.readError(to, note)
			}
			out[i] = Brought{Err: r}
			return out[:i+1], nil
		}
	}
	return out, nil
}

// hands divides threads of parcels into hands. What has attachments, or is large, goes by
// itself, thread by thread; of a thread that does not fit the rest waits.
func hands(threads [][]Parcel, most int) (together, alone [][]Parcel) {
	var hand []Parcel
	size := 0
	for _, thread := range threads {
		if unfit(thread) {
			alone = append(alone, thread)
			continue
		}
		for _, p := range thread {
			if len(hand) > 0 && (len(hand) == most || size+len(p.Body) > handBytes) {
				together, hand, size = append(together, hand), nil, 0
				if p.ID != thread[0].ID {
					break // its first ones are on their way
				}
			}
			hand, size = append(hand, p), size+len(p.Body)
		}
	}
	if len(hand) > 0 {
		together = append(together, hand)
	}
	return together, alone
}

// unfit reports whether a thread cannot go in a hand.
func unfit(thread []Parcel) bool {
	for _, p := range thread {
		if len(p.Blobs) > 0 || len(p.Body) > handBytes {
			return true
		}
	}
	return false
}

// sendHand sends a hand. It reports how many of its parcels were tried, and whether others
// may still be sent.
func (l *loop) sendHand(ctx, open context.Context, hand []Parcel) (tried int, goOn bool) {
	bodies := make([][]byte, len(hand))
	for i, p := range hand {
		bodies[i] = p.Body
	}
	began := l.s.c.Clock.Now()
	answers, err := l.s.client.DeliverHand(ctx, l.to, bodies)
	l.learn(len(hand), l.s.c.Clock.Now().Sub(began), err)
	if err != nil && l.isThere(ctx, open, err, began) {
		return 0, true
	}
	if err != nil {
		return 1, l.returned(ctx, hand[0], err)
	}
	var taken []Answered
	for i, a := range answers {
		if a.Err == nil {
			l.s.tally.sent()
			taken = append(taken, Answered{hand[i].ID, a.Answer})
		}
	}
	if len(taken) > 0 {
		err := l.s.c.Outbox.Answered(ctx, l.to, taken)
		if err != nil && ctx.Err() == nil {
			l.s.c.Log.ErrorContext(ctx, "keep the answers of a peer", slog.String("peer", string(l.to)), slog.Any("err", err))
			return len(hand), true
		}
		l.heard(ctx, nil)
	}
	if last := len(answers) - 1; answers[last].Err != nil {
		return len(answers), l.returned(ctx, hand[last], answers[last].Err)
	}
	return len(answers), true
}

// handSlow is how long a hand may take before the next is smaller.
const handSlow = 10 * time.Second

// learn sets how much goes in the next hand: more when a hand came through, less when it was
// slow, little when the line was cut, for a hand that is cut is sent again as a whole.
func (l *loop) learn(sent int, took time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var r *Refusal
	switch {
	case err == nil && took > handSlow:
		l.most = max(1, min(l.most, sent/2))
	case err == nil:
		l.most = min(max(l.most, 2*sent), handMost)
	case !errors.As(err, &r):
		l.most = max(1, sent/4)
	}
}

// mostInHand returns how much goes in the next hand: one where it is to find out whether the
// peer takes any.
func (l *loop) mostInHand(one bool) int {
	if one {
		return 1
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most
}
