package exchange

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Honours reports which labels of a message this node cannot hold to, in alphabetical order.
type Honours func(*cx.Labels) []string

// HonoursBy says what asks this node whether it can hold to labels. It is called while the
// node is built; without it only what the pair agreed on is asked.
func (r *Room) HonoursBy(h Honours) { r.honours = h }

// unwanted returns the code by which an opened message is refused, "" for none, with the
// labels that this node does not hold to: a purpose that two people here did not agree on with
// the peer, and what the node's own rules cannot keep. Each node asks its own terms: the other
// side's word that they agreed is not enough. What a peer sends for a child's protection is so
// never read as something for criminal justice: it is what its label says, or it is refused.
func (r *Room) unwanted(p *Peer, m *cx.Message, at time.Time) (code cx.Code, unmet []string) {
	switch p.Allows(m.Labels.Purpose, m.Type, at) {
	case cx.LabelRefused:
		unmet = append(unmet, "purpose")
	case cx.Unsupported:
		code = cx.Unsupported
	}
	if code == "" && !p.fits(m.Payload, m.Attachments) {
		code = cx.TooLarge
	}
	if r.honours != nil && m.Type.Class() == cx.ClassCase {
		unmet = append(unmet, r.honours(&m.Labels)...)
	}
	slices.Sort(unmet)
	if unmet = slices.Compact(unmet); len(unmet) > 0 {
		code = cx.LabelRefused
	}
	return code, unmet
}

// hopeless reports whether a peer that answers so did not keep the message and never will:
// another may then stand at its place.
func hopeless(code cx.Code) bool {
	switch code {
	case cx.TooLarge, cx.Unsupported, cx.LabelRefused, cx.BadFormat, cx.BadSignature, cx.Readdressed:
		return true
	}
	return false
}

// giveUp fills the place of a message that the peer will never take, so that what comes
// after it arrives. The message stays in the outbox, stopped, until a person has seen it.
func (r *Room) giveUp(ctx context.Context, p *access.Pass, d *delivery.Desk, to identity.NodeID, id cx.ID) error {
	it, err := d.Rows.Find(delivery.Ours, delivery.ID(id))
	if err != nil || it.Seq == 0 || it.Held || it.Lost || it.Void {
		return err
	}
	draft, err := voidDraft(to, it.Lane, cx.Digest(it.Content), id)
	if err != nil {
		return err
	}
	pen, err := r.pen(ctx, p.Tx())
	if err != nil {
		return err
	}
	void := cx.NewID(p.Now())
	l, err := cx.Write(draft, cx.Place{ID: void, Seq: it.Seq, Prev: cx.Digest(it.Prev), Created: p.Now()}, pen)
	if err != nil {
		return err
	}
	if err := r.keepPaper(ctx, p.Tx(), paper{to, delivery.Ours, void, paperLetter}, l.Bytes()); err != nil {
		return err
	}
	enters(p, paperLetter, to, void, l.Note())
	return d.Replace(itemOf(it.Lane, l))
}
