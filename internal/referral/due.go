package referral

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// Kept is that the other node says what became of what it was sent, because the time for
// which it keeps it is over: erased, anonymised, reviewed or extended.
const Kept handover.Event = "kept"

// KeptHere is that this node did so.
const KeptHere handover.Event = "kept_here"

// offices are the messages that post offices write about what was sent. Their payloads are
// those of package cx.
var offices = map[cx.Type]string{cx.RetentionDue: cx.SchemaRetentionDue, cx.LabelUpdate: cx.SchemaLabelUpdate}

// read reads what a room of the other node says; nil is what its post office says.
func read(m *cx.Message) (*payload.Payload, error) {
	if offices[m.Type] != "" {
		return nil, nil
	}
	return payload.Decode(m.Schema, m.Payload)
}

// sentFrom reports whether a message answers what this side sent: the clerk's words travel
// as statuses; what tells of an erasure travels in the other stream.
func sentFrom(m *cx.Message) bool {
	switch m.Type {
	case cx.Recall:
		return false
	case cx.RetentionDue:
		return true
	}
	return m.Type == cx.StatusReport || m.Stream == cx.Status
}

// officeCame acts on a message of the other post office.
func (r *Room) officeCame(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *cx.Message) (*casework.Event, error) {
	switch {
	case m.Schema != offices[m.Type]:
		return nil, errUnfit
	case m.Type == cx.LabelUpdate:
		return r.tightenCame(ctx, p, t, a, m)
	}
	return r.dueCame(ctx, p, t, m)
}

// dueCame notes in the thread what the other node did with what it was sent.
func (r *Room) dueCame(ctx context.Context, p *access.Pass, t *Thread, m *cx.Message) (*casework.Event, error) {
	body, err := cx.DecodeBody[cx.RetentionDueBody](m.Payload)
	if err != nil || !t.Sent() {
		return nil, errUnfit
	}
	s := Step{Event: Kept, Code: body.Done}
	e := t.event(Kept, sealed.Text{})
	e.Reasons = []string{body.Done}
	if body.Reason != "" {
		e.Reasons = append(e.Reasons, body.Reason)
	}
	if until, err := time.Parse(time.RFC3339, body.Until); err == nil {
		s.When, e.Due = until.UnixMicro(), until.UnixMicro()
	}
	return e, s.write(ctx, p, t)
}
