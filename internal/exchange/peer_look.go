package exchange

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// PeersSeen is what the page of partners shows.
type PeersSeen struct {
	Self  *Self // nil before the first sitting
	Peers []*Peer
	Entry ident.Entry

	MayPrepare, MayConfirm, MayQuarantine, MayResume, MayRemove, MayLearn bool
}

// Look returns all peers and who we are to them, for a page.
func (r *Room) Look(ctx context.Context, c *access.Caller) (*PeersSeen, error) {
	var out PeersSeen
	err := r.gate.View(ctx, c, access.Act{Action: "peer.view", Purpose: Purpose}, func(p *access.Pass) error {
		out = PeersSeen{
			Entry: p.Entry(), MayPrepare: r.gate.May(c, "peer.prepare"), MayConfirm: r.gate.May(c, "peer.confirm"),
			MayQuarantine: r.gate.May(c, "peer.quarantine"), MayResume: r.gate.May(c, "peer.resume"), MayRemove: r.gate.May(c, "peer.remove"),
			MayLearn: r.gate.May(c, "peer.learn"),
		}
		if r.node == "" {
			return nil
		}
		return r.look(ctx, p.Tx(), &out)
	})
	return &out, err
}

func (r *Room) look(ctx context.Context, tx *store.Tx, out *PeersSeen) error {
	self, err := r.self(ctx, tx)
	if err != nil {
		return err
	}
	if self.Card != nil {
		out.Self = self
	}
	out.Peers, err = r.Peers(ctx, tx)
	return err
}
