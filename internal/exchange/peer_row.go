package exchange

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/identity"
)

const (
	tablePeer = "exchange_peer"
	tableSaid = "exchange_said"
)

// The kinds of what a recovery pair signs.
const (
	kindSchedule = "schedule"
	kindCard     = "card"
	kindRevoke   = "revoke"
)

// lineMost is the length of a line that people write, in characters.
const lineMost = 200

// isLine reports whether text is one line that somebody wrote.
func isLine(text string) bool {
	return text != "" && strings.TrimSpace(text) == text && utf8.RuneCountInString(text) <= lineMost && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, unicode.IsControl)
}

// micros stores a time, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the reverse of micros.
func fromMicros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return clock.FromMicros(at)
}

// columns returns what the row stores, in the order of peerColumns.
func (p *Peer) columns() []any {
	return []any{
		string(p.Node), p.Version, micros(p.AddedAt), micros(p.ConfirmedAt), micros(p.StateAt), p.AddedBy, p.ConfirmedBy, p.StateBy,
		p.Country, string(p.State), p.Why, p.card, p.terms, p.proposed, p.Pair,
	}
}

// rowColumns are the columns as the digest covers them: blobs in hexadecimal digits.
func (p *Peer) rowColumns() []any {
	cols := p.columns()
	for i, c := range cols {
		if b, ok := c.([]byte); ok {
			cols[i] = hex.EncodeToString(b)
		}
	}
	return cols
}

// scanPeer reads a row and checks that nobody altered it.
func (r *Room) scanPeer(scan func(...any) error) (*Peer, error) {
	var p Peer
	var node, state string
	var added, confirmed, stated int64
	err := scan(&node, &p.Version, &added, &confirmed, &stated, &p.AddedBy, &p.ConfirmedBy, &p.StateBy, &p.Country, &state, &p.Why,
		&p.card, &p.terms, &p.proposed, &p.Pair, &p.mac)
	if err != nil {
		return nil, err
	}
	p.Node, p.State = identity.NodeID(node), State(state)
	p.AddedAt, p.ConfirmedAt, p.StateAt = fromMicros(added), fromMicros(confirmed), fromMicros(stated)
	r.mu.Lock()
	held := r.peers[p.Node]
	r.mu.Unlock()
	if held != nil && held.sameRow(&p) { // it was checked then
		return held, nil
	}
	return &p, r.key.Check(p.mac, tablePeer, p.rowColumns()...)
}

// sameRow reports whether two peers were read from rows that are the same in every column.
func (p *Peer) sameRow(o *Peer) bool {
	if !bytes.Equal(p.mac, o.mac) {
		return false
	}
	other := o.columns()
	for i, c := range p.columns() {
		b, ok := c.([]byte)
		if ok && !bytes.Equal(b, other[i].([]byte)) || !ok && c != other[i] {
			return false
		}
	}
	return true
}

// fill reads what is in the blobs of a row, and what the peer's recovery pair said.
func (r *Room) fill(ctx context.Context, tx *store.Tx, p *Peer) error {
	var err error
	var first *identity.Schedule
	if p.Card, first, err = identity.OpenCard(p.card); err != nil {
		return fault.Wrap(fault.Internal, "record-altered", err)
	}
	p.History = &identity.History{Node: p.Node, Recovery: p.Card.Recovery, Schedules: []*identity.Schedule{first}}
	if p.Terms, err = readTerms(p.terms); err == nil {
		p.Proposed, err = readTerms(p.proposed)
	}
	if err != nil {
		return fault.Wrap(fault.Internal, "record-altered", err)
	}
	of := p.Fingerprint()
	rows, err := tx.Query(ctx, sqlSelectSaid, string(p.Node), of[:])
	if err != nil {
		return fmt.Errorf("read peer: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var seq, at int64
		var kind string
		var body, mac []byte
		if err := rows.Scan(&seq, &at, &kind, &body, &mac); err != nil {
			return fmt.Errorf("read peer: %w", err)
		}
		if err := r.key.Check(mac, tableSaid, string(p.Node), of.Hex(), seq, at, kind, hex.EncodeToString(body)); err != nil {
			return err
		}
		if err := take(p.History, kind, body, fromMicros(at)); err != nil {
			return fault.Wrap(fault.Internal, "record-altered", err)
		}
	}
	return rows.Err()
}

// take adds what a recovery pair said to a history.
func take(h *identity.History, kind string, body []byte, at time.Time) error {
	var err error
	if kind == kindSchedule {
		_, err = h.Accept(body, at)
	} else {
		_, err = h.Revoke(body, at)
	}
	return err
}

// noPeer is the answer where there is no such peer.
func noPeer() error { return fault.New(fault.NotFound, "no-such-page") }

// Peer returns a peer, whatever its state; one that nobody added is NotFound. It is read
// once for each version of its row, and its row once in a transaction.
func (r *Room) Peer(ctx context.Context, tx *store.Tx, node identity.NodeID) (*Peer, error) {
	p, err := tx.Memo(peerSeen{node}, func() (any, error) { return r.readPeer(ctx, tx, node) })
	if err != nil {
		return nil, err
	}
	return p.(*Peer), nil
}

// peerSeen is the key of a peer in a transaction.
type peerSeen struct{ node identity.NodeID }

func (r *Room) readPeer(ctx context.Context, tx *store.Tx, node identity.NodeID) (*Peer, error) {
	r.mu.Lock()
	held := r.peers[node]
	r.mu.Unlock()
	if held != nil {
		// A card is long, and every message asks. What was checked once is what the row says
		// as long as its digest is the same, and what people change by hand is compared.
		var p Peer
		var state string
		err := tx.QueryRow(ctx, sqlGlancePeer, string(node)).Scan(&p.Version, &state, &p.Why, &p.mac)
		if err == nil && bytes.Equal(p.mac, held.mac) && p.Version == held.Version && State(state) == held.State && p.Why == held.Why {
			return held, nil
		}
	}
	p, err := r.scanPeer(tx.QueryRow(ctx, sqlSelectPeer, string(node)).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, noPeer()
	}
	if err != nil {
		return nil, fmt.Errorf("read peer: %w", err)
	}
	return r.whole(ctx, tx, p)
}

// whole returns the peer of a row with all that is known of it.
func (r *Room) whole(ctx context.Context, tx *store.Tx, row *Peer) (*Peer, error) {
	r.mu.Lock()
	held := r.peers[row.Node]
	r.mu.Unlock()
	if held == row || held != nil && bytes.Equal(held.mac, row.mac) {
		return held, nil
	}
	if err := r.fill(ctx, tx, row); err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.peers[row.Node] = row
	r.mu.Unlock()
	return row, nil
}

// Peers returns all peers, in the order of their countries and ids.
func (r *Room) Peers(ctx context.Context, tx *store.Tx) ([]*Peer, error) {
	rows, err := tx.Query(ctx, sqlSelectPeers)
	if err != nil {
		return nil, fmt.Errorf("read peers: %w", err)
	}
	defer rows.Close()
	var found []*Peer
	for rows.Next() {
		p, err := r.scanPeer(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read peers: %w", err)
		}
		found = append(found, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read peers: %w", err)
	}
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("read peers: %w", err)
	}
	for i := range found {
		if found[i], err = r.whole(ctx, tx, found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// PeerOfTransport returns the peer whose T key is at the other end of a connection.
// Nobody's, and one of a removed or waiting peer, is NotFound.
func (r *Room) PeerOfTransport(ctx context.Context, tx *store.Tx, public []byte, at time.Time) (*Peer, error) {
	all, err := r.Peers(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.Paired(at) && p.IsTransport(public, at) {
			return p, nil
		}
	}
	return nil, noPeer()
}

// changed returns a copy of a peer, to be changed and kept.
func (p *Peer) changed() *Peer {
	out := *p
	h := *p.History
	h.Schedules, h.Revocations = slices.Clone(h.Schedules), slices.Clone(h.Revocations)
	out.History = &h
	return &out
}

// keepPeer writes the next version of a peer.
func (r *Room) keepPeer(ctx context.Context, pass *access.Pass, p *Peer) error {
	pass.Tx().Forget(peerSeen{p.Node})
	before := p.Version
	p.Version++
	var err error
	if p.terms, err = p.Terms.body(); err == nil {
		p.proposed, err = p.Proposed.body()
	}
	if err != nil {
		return fmt.Errorf("write peer: %w", err)
	}
	if p.Pair == nil {
		p.Pair = []byte{}
	}
	p.mac = r.key.Digest(tablePeer, p.rowColumns()...)
	args := append(p.columns(), p.mac)
	if before == 0 {
		err = pass.Tx().Put(ctx, sqlInsertPeer, args...)
	} else {
		var n int64
		if n, err = pass.Tx().Exec(ctx, sqlUpdatePeer, append(args, before)...); err == nil && n != 1 {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	if err != nil {
		return fmt.Errorf("write peer: %w", err)
	}
	pass.Wrote(tablePeer, []byte(p.Node), p.Version, p.mac)
	return nil
}

// keepSaid writes what a peer's recovery pair said after its card.
func (r *Room) keepSaid(ctx context.Context, pass *access.Pass, p *Peer, kind string, body []byte) error {
	pass.Tx().Forget(peerSeen{p.Node})
	seq := int64(len(p.History.Schedules) + len(p.History.Revocations) - 1) // the card's own schedule is none of them
	at := micros(pass.Now())
	of := p.Fingerprint()
	mac := r.key.Digest(tableSaid, string(p.Node), of.Hex(), seq, at, kind, hex.EncodeToString(body))
	if err := pass.Tx().Put(ctx, sqlInsertSaid, string(p.Node), of[:], seq, at, kind, body, mac); err != nil {
		return fmt.Errorf("write what a peer said: %w", err)
	}
	pass.Wrote(tableSaid, fmt.Appendf(nil, "%s/%s/%d", p.Node, of.Hex()[:8], seq), 1, mac)
	return nil
}
