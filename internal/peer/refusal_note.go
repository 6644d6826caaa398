package peer

import (
	"context"
	"sync"
	"time"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// noteKeep is how long one signed refusal answers for all of its kind.
const noteKeep = 30 * time.Second

// notes keeps the newest refusal of each kind for each peer: a signature costs more than
// the question that it answers, and a peer that floods us must not make us sign for it.
type notes struct {
	mu   sync.Mutex // guards kept
	kept map[noteKind]keptNote
}

type noteKind struct {
	to   identity.NodeID
	code cx.Code
}

type keptNote struct {
	at   time.Time
	note []byte
}

func newNotes() *notes { return &notes{kept: map[noteKind]keptNote{}} }

// of returns a signed refusal with a code for a peer. Both come from short lists, so the
// map does not grow.
func (n *notes) of(ctx context.Context, c Config, to identity.NodeID, code cx.Code) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	now, kind := c.Clock.Now(), noteKind{to, code}
	if k, ok := n.kept[kind]; ok && now.Sub(k.at).Abs() < noteKeep {
		return k.note
	}
	k := keptNote{now, c.Refuse(ctx, to, cx.ID{}, code)}
	n.kept[kind] = k
	return k.note
}
