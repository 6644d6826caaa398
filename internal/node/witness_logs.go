package node

import (
	"context"
	"time"

	"causeway/internal/clock"
	"causeway/internal/exchange"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// partnerLogs are the journals of the partners: this node witnesses each of them. It
// implements journal.Logs.
type partnerLogs struct {
	db   *store.DB
	room *exchange.Room
	clk  clock.Clock
}

// Log implements journal.Logs. A log belongs to the partner that named it first: a later
// one that names the same adds no key.
func (l partnerLogs) Log(ctx context.Context, node string) (journal.LogKeys, error) {
	var peers []*exchange.Peer
	err := l.db.Read(ctx, func(tx *store.Tx) (err error) {
		peers, err = l.room.Peers(ctx, tx)
		return err
	})
	if err != nil {
		return journal.LogKeys{}, err
	}
	return logOf(peers, node, l.clk.Now()), nil
}

// logOf returns the keys of a partner's log.
func logOf(peers []*exchange.Peer, node string, at time.Time) journal.LogKeys {
	var found journal.LogKeys
	for _, p := range peers {
		if !p.Paired(at) || found.Keys != nil && !p.ConfirmedAt.Before(found.Since) {
			continue
		}
		var mine journal.LogKeys
		for _, k := range p.History.Keys(identity.Log, at) {
			name, key, err := witness.ParseLogKey(string(k.Public))
			if err != nil {
				continue
			}
			if named, _, ok := witness.SplitOrigin(name); ok && named == node {
				mine.Keys = append(mine.Keys, key)
			}
		}
		if mine.Keys != nil {
			mine.Since = p.ConfirmedAt
			found = mine
		}
	}
	return found
}

// openWitness makes this node the witness of its partners' journals.
func (n *Node) openWitness() error {
	if n.Config.Exchange == nil {
		return nil
	}
	key, err := n.WitnessKey()
	if err != nil {
		return err
	}
	n.Witness = journal.NewWitness(n.DB, n.Clock, key, partnerLogs{n.DB, n.Exchange, n.Clock}, n.Log)
	n.Exchange.Watches(n.Witness)
	return nil
}
