package exchange

import (
	"crypto/tls"
	"errors"
	"sync"
	"sync/atomic"

	"filippo.io/age"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// Purpose is the purpose of every act of this room that is about no child.
const Purpose = access.PurposeAccounts

// Keys are the private keys of this node towards others, by the ids that its schedule
// names. The keyring implements it.
type Keys interface {
	ExchangeSigner(identity.NodeID, identity.KeyID) (note.Signer, error)
	ExchangeOpeners() ([]age.Identity, error)
	ExchangeCertificate(identity.NodeID, identity.KeyID) (tls.Certificate, error)
	ExchangeEpoch() uint64
	RaiseExchangeEpoch(from uint64) (uint64, error)
}

// Config is what the room stands on.
type Config struct {
	DB   *store.DB // for reading; needed where Node is set and messages pass
	Gate *access.Gate
	Key  [32]byte              // vouches for rows
	Keys Keys                  // nil where Node is ""
	Node identity.NodeID       // this node towards others; "" where it has no partners
	Wake func(identity.NodeID) // told when something waits for a peer; nil: nobody
	// Ledger is the journal that receipts name; nil: they name none.
	Ledger Ledger
}

// Room is the post office. It is safe for concurrent use.
type Room struct {
	gate *access.Gate
	key  store.Voucher
	keys Keys
	node identity.NodeID
	db   *store.DB

	handlers map[cx.Class]Handler // set while the node is built
	regained Regained
	honours  Honours
	unsaid   Unsaid // told what was destroyed for good
	wake     func(identity.NodeID)
	ledger   Ledger
	watcher  Watcher // set while the node is built

	selfKept atomic.Pointer[keptSelf]
	publics  sync.Map // of schedules that were verified: the bytes of a key -> *note.Public

	mu    sync.Mutex // guards peers
	peers map[identity.NodeID]*Peer
}

// New returns the room.
func New(c Config) (*Room, error) {
	if c.Gate == nil || c.Key == [32]byte{} || c.Node != "" && c.Keys == nil {
		return nil, errors.New("exchange: the room lacks a part")
	}
	return &Room{gate: c.Gate, key: c.Key, keys: c.Keys, node: c.Node, db: c.DB, wake: c.Wake, ledger: c.Ledger, peers: map[identity.NodeID]*Peer{}}, nil
}

// Node returns the id of this node towards others, "" where it has no partners.
func (r *Room) Node() identity.NodeID { return r.node }

// on refuses where this node was not set up to exchange.
func (r *Room) on() error {
	if r.node == "" {
		return fault.New(fault.Unavailable, "no-exchange")
	}
	return nil
}
