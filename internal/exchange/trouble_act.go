package exchange

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Post is what a person who looks after the exchange sees of one peer.
type Post struct {
	Troubles []Trouble // with this peer; of the first 100 also what they are for
	Waiting  int       // of ours that wait for it, in all

	MayHelp, MayCarry, MayProve bool
}

// Post returns what does not go well with one peer, for its page.
func (r *Room) Post(ctx context.Context, c *access.Caller, with identity.NodeID) (*Post, error) {
	out := &Post{MayHelp: r.gate.May(c, "peer.help"), MayCarry: r.gate.May(c, "peer.carry"), MayProve: r.gate.May(c, "peer.prove")}
	err := r.gate.View(ctx, c, access.Act{Action: "peer.view", Purpose: Purpose}, func(p *access.Pass) error {
		out.Troubles = nil
		if r.node == "" {
			return nil
		}
		all, err := r.troubles(ctx, p.Tx())
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].Peer != with {
				continue
			}
			if len(out.Troubles) < troubleRead {
				if err := r.tellPurpose(ctx, p.Tx(), &all[i]); err != nil {
					return err
				}
			}
			out.Troubles = append(out.Troubles, all[i])
		}
		var n int64
		err = p.Tx().QueryRow(ctx, sqlWaitingFor, string(with)).Scan(&n)
		out.Waiting = int(n)
		return err
	})
	return out, err
}

// Message names one of ours or of a peer's.
type Message struct {
	Side delivery.Side
	ID   cx.ID
}

// mostHelped is how many messages one command is about.
const mostHelped = troubleMost

// TryAgain lets messages of ours be tried at once that wait for their next try, or that
// are not tried any more although the peer might take them now. It returns how many: one
// for which nothing can be done is left as it is, and none at all is a Conflict.
func (r *Room) TryAgain(ctx context.Context, c *access.Caller, cmd ident.Command, with identity.NodeID, all []Message) error {
	return r.help(ctx, c, cmd, with, all, func(p *access.Pass, m Message) (bool, error) {
		if m.Side != delivery.Ours {
			return false, nil
		}
		o, err := r.out(ctx, p.Tx(), with, m.ID)
		if err != nil || o == nil {
			return false, err
		}
		t := Trouble{Side: m.Side, What: Unsent, Code: cx.Code(o.code)}
		denied, err := r.unaccepted(ctx, p.Tx(), with, m.ID)
		if err != nil || denied || !t.Again() || o.stopped && o.code == "" { // "": erased
			return false, err
		}
		o.next, o.stopped, o.cover = p.Now(), false, 0
		if r.wake != nil {
			p.Tx().OnCommit(func() { r.wake(with) })
		}
		return true, r.keepOut(ctx, p.Tx(), with, o)
	})
}

// unaccepted reports whether a peer has a message of ours and said that it is of no use.
func (r *Room) unaccepted(ctx context.Context, tx *store.Tx, with identity.NodeID, id cx.ID) (bool, error) {
	var n int64
	err := tx.QueryRow(ctx, sqlUnaccepted, string(with), id[:]).Scan(&n)
	return n > 0, err
}

// Seen notes that somebody has seen to messages to which nothing more happens: they are not
// shown any more. What goes on by itself cannot be put aside.
func (r *Room) Seen(ctx context.Context, c *access.Caller, cmd ident.Command, with identity.NodeID, all []Message) error {
	return r.help(ctx, c, cmd, with, all, func(p *access.Pass, m Message) (bool, error) {
		over, err := r.isOver(ctx, p.Tx(), with, m)
		if err != nil || !over {
			return false, err
		}
		who := p.Caller().Staff()
		return true, p.Tx().Put(ctx, sqlKeepSeen, p.Tx().Micros(), who[:], string(with), string(m.Side), m.ID[:])
	})
}

// isOver reports whether nothing more happens to a message.
func (r *Room) isOver(ctx context.Context, tx *store.Tx, with identity.NodeID, m Message) (bool, error) {
	if m.Side == delivery.Theirs {
		var state string
		err := tx.QueryRow(ctx, sqlFindIn, string(with), m.ID[:]).Scan(&state)
		if fault.Is(err, fault.NotFound) {
			return false, nil
		}
		return state == "refused" || state == "unreadable", err
	}
	o, err := r.out(ctx, tx, with, m.ID)
	if err != nil || o != nil && o.stopped {
		return err == nil, err
	}
	return r.unaccepted(ctx, tx, with, m.ID)
}

// help runs do for each message of a command.
func (r *Room) help(ctx context.Context, c *access.Caller, cmd ident.Command, with identity.NodeID, all []Message, do func(*access.Pass, Message) (bool, error)) error {
	if err := r.on(); err != nil {
		return err
	}
	_, err := r.gate.Do(ctx, c, access.Act{Action: "peer.help", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		some := false
		for _, m := range slices.Compact(all[:min(len(all), mostHelped)]) {
			did, err := do(p, m)
			if err != nil {
				return "", err
			}
			if did {
				d := cx.DigestOf(m.ID[:])
				p.Wrote("exchange_seen", []byte(string(with)+"/"+m.ID.String()), 1, d[:])
			}
			some = some || did
		}
		if !some {
			return "", fault.New(fault.Conflict, "exchange-no-help")
		}
		return "", nil
	})
	return err
}
