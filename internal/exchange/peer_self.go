package exchange

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

const tableSelf = "exchange_self"

// Self is what this node's recovery pair signed: who the node is to others.
type Self struct {
	Node    identity.NodeID
	Card    *identity.Card // nil before the first sitting
	Note    []byte         // the card as others import it
	History *identity.History
	Notes   [][]byte // the newest schedule and every revocation, to be told to peers
}

// Signed is what one sitting of the recovery pair brought.
type Signed struct {
	Schedule []byte
	Card     []byte
	Revoke   []byte // none: empty
}

// Self returns who this node is to others. Before the first sitting it is
// "exchange-keys" (Unavailable); where the node does not exchange, "no-exchange".
func (r *Room) Self(ctx context.Context, tx *store.Tx) (*Self, error) {
	s, err := tx.Memo(selfSeen{}, func() (any, error) { return r.verifiedSelf(ctx, tx) })
	if err != nil {
		return nil, err
	}
	return s.(*Self), nil
}

// selfSeen is the key of who this node is in a transaction.
type selfSeen struct{}

func (r *Room) verifiedSelf(ctx context.Context, tx *store.Tx) (*Self, error) {
	if err := r.on(); err != nil {
		return nil, err
	}
	rows, err := r.selfRows(ctx, tx)
	if err != nil {
		return nil, err
	}
	// Every message is signed by a key of the schedule, and to verify what the recovery
	// pair signed costs more than the message: what was verified once is kept for as long
	// as the rows are the same.
	kept := r.selfKept.Load()
	if kept == nil || !slices.EqualFunc(kept.rows, rows, selfRow.equal) {
		s, err := r.readSelf(rows)
		if err != nil {
			return nil, err
		}
		kept = &keptSelf{rows, s}
		r.selfKept.Store(kept)
	}
	if kept.self.Card == nil {
		return nil, fault.New(fault.Unavailable, "exchange-keys")
	}
	return kept.self, nil
}

// keptSelf is what these rows say. Nobody changes it.
type keptSelf struct {
	rows []selfRow
	self *Self
}

// selfRow is something that the recovery pair signed of this node.
type selfRow struct {
	kind       string
	serial, at int64
	body, mac  []byte
}

func (s selfRow) equal(o selfRow) bool {
	return s.kind == o.kind && s.serial == o.serial && s.at == o.at && bytes.Equal(s.body, o.body) && bytes.Equal(s.mac, o.mac)
}

// self is Self that may be empty, and that its caller may change.
func (r *Room) self(ctx context.Context, tx *store.Tx) (*Self, error) {
	rows, err := r.selfRows(ctx, tx)
	if err != nil {
		return nil, err
	}
	return r.readSelf(rows)
}

// selfRows reads what is stored of this node.
func (r *Room) selfRows(ctx context.Context, tx *store.Tx) ([]selfRow, error) {
	rows, err := tx.Query(ctx, sqlSelectSelf)
	if err != nil {
		return nil, fmt.Errorf("read own keys: %w", err)
	}
	defer rows.Close()
	var out []selfRow
	for rows.Next() {
		var s selfRow
		if err := rows.Scan(&s.kind, &s.serial, &s.at, &s.body, &s.mac); err != nil {
			return nil, fmt.Errorf("read own keys: %w", err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read own keys: %w", err)
	}
	return out, nil
}

// readSelf checks that nobody altered what is stored, and verifies it.
func (r *Room) readSelf(rows []selfRow) (_ *Self, err error) {
	out := &Self{Node: r.node}
	of := map[string][]selfRow{}
	for _, s := range rows {
		if err := r.key.Check(s.mac, tableSelf, s.kind, s.serial, s.at, hex.EncodeToString(s.body)); err != nil {
			return nil, err
		}
		of[s.kind] = append(of[s.kind], s)
	}
	cards := of[kindCard]
	if len(cards) == 0 {
		return out, nil
	}
	out.Note = cards[len(cards)-1].body
	if out.Card, _, err = identity.OpenCard(out.Note); err != nil {
		return nil, fault.Wrap(fault.Internal, "record-altered", err)
	}
	out.History = &identity.History{Node: r.node, Recovery: out.Card.Recovery}
	for _, kind := range []string{kindSchedule, kindRevoke} {
		for _, s := range of[kind] {
			if err := take(out.History, kind, s.body, fromMicros(s.at)); err != nil {
				return nil, fault.Wrap(fault.Internal, "record-altered", err)
			}
		}
	}
	schedules := of[kindSchedule]
	out.Notes = [][]byte{schedules[len(schedules)-1].body}
	for _, s := range of[kindRevoke] {
		out.Notes = append(out.Notes, s.body)
	}
	return out, nil
}

// KeepSelf stores what the recovery pair signed at one sitting. It is refused as the peers
// would refuse it: by another recovery pair than before, with a serial that is not higher.
func (r *Room) KeepSelf(ctx context.Context, c *access.Caller, cmd ident.Command, in Signed) error {
	if err := r.on(); err != nil {
		return err
	}
	_, err := r.gate.Do(ctx, c, access.Act{Action: "peer.keys", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		s, err := r.self(ctx, p.Tx())
		if err != nil {
			return "", err
		}
		if len(in.Revoke) > 0 {
			if err := r.keepRevoke(ctx, p, s, in.Revoke); err != nil {
				return "", err
			}
		}
		if len(in.Card) == 0 {
			return "", nil
		}
		return "", r.keepCard(ctx, p, s, in)
	})
	return err
}

func (r *Room) keepRevoke(ctx context.Context, p *access.Pass, s *Self, body []byte) error {
	if s.Card == nil {
		return fault.New(fault.Unavailable, "exchange-keys")
	}
	before := len(s.History.Revocations)
	if _, err := s.History.Revoke(body, p.Now()); err != nil {
		return refusal(err)
	}
	if len(s.History.Revocations) == before {
		return nil
	}
	return r.keepOwn(ctx, p, kindRevoke, int64(before)+1, body)
}

func (r *Room) keepCard(ctx context.Context, p *access.Pass, s *Self, in Signed) error {
	card, schedule, err := identity.OpenCard(in.Card)
	switch {
	case err != nil:
		return refusal(err)
	case card.Node != r.node || string(card.Schedule) != string(in.Schedule):
		return fault.New(fault.Invalid, "peer-card")
	case s.Card != nil && !s.Card.Recovery.Equal(card.Recovery):
		return fault.New(fault.Invalid, "recovery-other")
	}
	h := s.History
	if h == nil {
		h = &identity.History{Node: r.node, Recovery: card.Recovery}
	}
	if _, err := h.Accept(in.Schedule, p.Now()); err != nil {
		return refusal(err)
	}
	if err := r.keepOwn(ctx, p, kindSchedule, schedule.Serial, in.Schedule); err != nil {
		return err
	}
	return r.keepOwn(ctx, p, kindCard, schedule.Serial, in.Card)
}

func (r *Room) keepOwn(ctx context.Context, p *access.Pass, kind string, serial int64, body []byte) error {
	at := micros(p.Now())
	mac := r.key.Digest(tableSelf, kind, serial, at, hex.EncodeToString(body))
	p.Tx().Forget(selfSeen{})
	if err := p.Tx().Put(ctx, sqlInsertSelf, kind, serial, at, body, mac); err != nil {
		return fmt.Errorf("write own keys: %w", err)
	}
	p.Wrote(tableSelf, fmt.Appendf(nil, "%s/%d", kind, serial), 1, mac)
	return nil
}

// Signer returns who signs notes for this node at a time, and the id of the key.
func (r *Room) Signer(ctx context.Context, tx *store.Tx, at time.Time) (note.Signer, identity.KeyID, error) {
	id, err := r.ownKey(ctx, tx, identity.Sign, at)
	if err != nil {
		return note.Signer{}, id, err
	}
	s, err := r.keys.ExchangeSigner(r.node, id)
	return s, id, err
}

// Certificate returns the certificate by which this node proves at a time who it is.
func (r *Room) Certificate(ctx context.Context, tx *store.Tx, at time.Time) (tls.Certificate, error) {
	id, err := r.ownKey(ctx, tx, identity.Transport, at)
	if err != nil {
		return tls.Certificate{}, err
	}
	return r.keys.ExchangeCertificate(r.node, id)
}

// Openers returns what opens messages to this node.
func (r *Room) Openers() ([]age.Identity, error) {
	if err := r.on(); err != nil {
		return nil, err
	}
	return r.keys.ExchangeOpeners()
}

// ownKey returns the id of the key of this node that is used at a time: of those that the
// schedule names and that hold, the one that began last.
func (r *Room) ownKey(ctx context.Context, tx *store.Tx, role identity.Role, at time.Time) (identity.KeyID, error) {
	s, err := r.Self(ctx, tx)
	if err != nil {
		return identity.KeyID{}, err
	}
	held := s.History.Keys(role, at)
	if len(held) == 0 {
		return identity.KeyID{}, fault.New(fault.Unavailable, "exchange-keys")
	}
	return held[0].ID(r.node), nil
}
