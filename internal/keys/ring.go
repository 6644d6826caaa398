package keys

import (
	"cmp"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"filippo.io/age"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// Ring is the open keyring of a node. It is safe for concurrent use.
//
// The file is kept in two places. A change is made in both before it is used;
// so of two copies that differ, the older one lacks nothing that any row needs,
// and a damaged copy may always be replaced by the other.
type Ring struct {
	paths    []string
	provider Provider // guarded by mu

	mu      sync.Mutex // held while the file is changed
	written uint64     // guarded by mu: highest generation that we may have put somewhere
	notices []Notice   // guarded by mu

	// state is replaced as a whole by a change. An atomic pointer also keeps fmt
	// out: it prints as an address, whatever the verb.
	state atomic.Pointer[ringState]
}

// Notice is something about the copies of the file that an operator must see.
type Notice struct {
	Path     string
	Found    string // "keyring-missing", "keyring-damaged", "keyring-older", "keyring-unreadable"
	Repaired bool   // the copy has been written again from the good one
}

// ringState is the content of one generation, with what is computed from it.
type ringState struct {
	content  content
	envelope Info
	stanza   string
	fileKey  []byte
	epochs   map[int64]*epochKey
	signer   ed25519.PrivateKey

	// Of the exchange, made ready when they are first used: they end with this state.
	pairs   sync.Map // exchangePair -> *note.Secret
	openers atomic.Pointer[[]age.Identity]
}

// epochKey is an epoch key ready for use.
type epochKey struct {
	id         int64
	wrap       cipher.AEAD      // wraps subject keys
	node       cipher.AEAD      // seals small values of the node
	capture    *ecdh.PrivateKey // opens what phones sealed to the node
	commitment []byte
}

// content is what the file protects, as CBOR.
type content struct {
	Node       string         `cbor:"1,keyasint"`
	Generation uint64         `cbor:"2,keyasint"`
	Created    int64          `cbor:"3,keyasint"`
	Root       []byte         `cbor:"4,keyasint"`
	Epochs     []epochRecord  `cbor:"5,keyasint"`
	Signers    []signerRecord `cbor:"6,keyasint"`

	// Seed of the key that cosigns the journals of others: see witness.go. Files from
	// before have none.
	Witness []byte `cbor:"9,keyasint,omitempty"`
	// Towards other nodes: see exchange.go. Files from before have neither.
	Exchange      []exchangeRecord `cbor:"7,keyasint,omitempty"`
	ExchangeEpoch uint64           `cbor:"8,keyasint,omitempty"`
	// What is compared with other nodes is masked by these: see match.go.
	Match     []matchRecord `cbor:"10,keyasint,omitempty"`
	Selectors []matchRecord `cbor:"11,keyasint,omitempty"`
}

// epochRecord is an epoch key. A destroyed one keeps its line, without the key,
// so that "destroyed" and "not in this keyring" stay two answers.
type epochRecord struct {
	ID        int64  `cbor:"1,keyasint"`
	Key       []byte `cbor:"2,keyasint"`
	Created   int64  `cbor:"3,keyasint"`
	Retired   int64  `cbor:"4,keyasint"` // when its successor was made, 0 while there is none
	Destroyed int64  `cbor:"5,keyasint"`
}

// signerRecord is a journal signing key; an earlier one keeps its public half.
type signerRecord struct {
	Seed    []byte `cbor:"1,keyasint"`
	Public  []byte `cbor:"2,keyasint"`
	Created int64  `cbor:"3,keyasint"`
	Retired int64  `cbor:"4,keyasint"`
}

// CreateRing makes the keyring of a new node and writes it to all paths, of which
// there should be two, on different disks. It refuses when one of them exists.
func CreateRing(paths []string, p Provider, clk clock.Clock, nodeName string) (*Ring, error) {
	if !validNode(nodeName) {
		return nil, fault.InvalidField("node", "node-name")
	}
	r, err := newRing(paths, p)
	if err != nil {
		return nil, err
	}
	for _, path := range r.paths {
		if err := makeRoom(path); err != nil {
			return nil, err
		}
	}
	now := clock.Micros(clk.Now())
	c := content{
		Node: nodeName, Created: now, Root: newKey(),
		Epochs:  []epochRecord{{ID: 1, Key: newKey(), Created: now}},
		Signers: []signerRecord{newSignerRecord(now)},
	}
	fileKey := newKey()
	stanza, err := wrapFileKey(p, fileKey, nodeName)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.write(c, p, fileKey, stanza); err != nil {
		return nil, err
	}
	return r, nil
}

// newRing checks the places and returns a ring without content.
func newRing(paths []string, p Provider) (*Ring, error) {
	if len(paths) == 0 || p == nil {
		return nil, fault.New(fault.Invalid, "keyring-paths")
	}
	r := &Ring{provider: p}
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if path == "" || err != nil || slices.Contains(r.paths, abs) {
			return nil, fault.New(fault.Invalid, "keyring-paths")
		}
		r.paths = append(r.paths, abs)
	}
	return r, nil
}

// NodeName returns the name the node was created with.
func (r *Ring) NodeName() string { return r.state.Load().content.Node }

// Info returns what the header of the file says, now proven.
func (r *Ring) Info() Info { return r.state.Load().envelope }

// Notices returns what was found about the copies when the ring was opened.
func (r *Ring) Notices() []Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.notices)
}

// Format shows the node's name and nothing else, for every verb of fmt.
func (r *Ring) Format(s fmt.State, _ rune) {
	_, _ = s.Write([]byte("[keyring]")) // fmt keeps its own error
}

// Derive returns the 32-byte key for a long-lived purpose, such as "store file".
// The same label gives the same key for the life of the node.
func (r *Ring) Derive(label string) [32]byte {
	s, err := r.live()
	if err != nil {
		panic("keys: keyring used after Close") // never a key that others can compute
	}
	key, err := hkdf.Key(sha256.New, s.content.Root, nil, "causeway/derive/1 "+label, keySize)
	if err != nil {
		panic("keys: " + err.Error()) // only for an output longer than HKDF can give
	}
	defer clear(key)
	return [32]byte(key)
}

// Fingerprint returns five groups that identify this keyring, for people to
// compare with the recovery kit. It reveals no key and never changes.
func (r *Ring) Fingerprint() string {
	full := r.Derive("fingerprint")
	return groups(full[:10])
}

// Epoch is one epoch key as an operator may see it.
type Epoch struct {
	ID        int64
	Created   time.Time
	Retired   time.Time // when its successor was made; zero for the newest
	Destroyed time.Time // zero while the key exists
}

// Epochs returns the epoch keys, oldest first.
func (r *Ring) Epochs() []Epoch {
	var out []Epoch
	for _, e := range r.state.Load().content.Epochs {
		out = append(out, Epoch{e.ID, instant(e.Created), instant(e.Retired), instant(e.Destroyed)})
	}
	return out
}

// instant returns the time of stored microseconds, 0 as no time.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

// live returns the state of a ring that is open.
func (r *Ring) live() (*ringState, error) {
	s := r.state.Load()
	if s == nil || len(s.content.Root) == 0 {
		return nil, fault.New(fault.Unavailable, "keyring-closed")
	}
	return s, nil
}

// newest returns the epoch key made last.
func (r *Ring) newest() (*epochKey, error) {
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	return s.epochs[s.content.Epochs[len(s.content.Epochs)-1].ID], nil
}

// epoch returns an epoch key, or says why there is none: "key-destroyed" when it
// was destroyed on purpose, "key-unknown" when this keyring never had it, which
// means that the keyring is older than the database or of another node.
//
// A number beyond the newest one known here was made by another process since:
// the file is read again, once.
func (r *Ring) epoch(id int64) (*epochKey, error) {
	k, err := r.heldEpoch(id)
	if fault.CodeOf(err) != "key-unknown" {
		return k, err
	}
	newest, nerr := r.newest()
	if nerr != nil || id <= newest.id || r.Reload() != nil {
		return nil, err
	}
	return r.heldEpoch(id)
}

// heldEpoch is epoch without a look at the file.
func (r *Ring) heldEpoch(id int64) (*epochKey, error) {
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	if k, ok := s.epochs[id]; ok {
		return k, nil
	}
	if i, ok := s.content.find(id); ok && s.content.Epochs[i].Destroyed != 0 {
		return nil, fault.New(fault.Denied, "key-destroyed")
	}
	return nil, fault.New(fault.Unavailable, "key-unknown")
}

// find returns the place of an epoch.
func (c *content) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(c.Epochs, id, func(e epochRecord, id int64) int { return cmp.Compare(e.ID, id) })
}

// addEpoch makes a new epoch key, numbered above least, and returns its number
// once it is durable in every place.
func (r *Ring) addEpoch(least int64, now time.Time) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var id int64
	err := r.change(func(c *content) {
		last := &c.Epochs[len(c.Epochs)-1]
		last.Retired = clock.Micros(now)
		id = max(last.ID, least) + 1
		c.Epochs = append(c.Epochs, epochRecord{ID: id, Key: newKey(), Created: clock.Micros(now)})
	})
	return id, err
}

// destroyEpochs removes epoch keys from every place. It never removes the newest.
func (r *Ring) destroyEpochs(ids []int64, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var gone [][]byte
	err := r.change(func(c *content) {
		for _, id := range ids {
			i, ok := c.find(id)
			if !ok || i == len(c.Epochs)-1 || c.Epochs[i].Destroyed != 0 {
				continue
			}
			gone = append(gone, c.Epochs[i].Key)
			c.Epochs[i].Key, c.Epochs[i].Destroyed = nil, clock.Micros(now)
		}
	})
	if err != nil {
		return err
	}
	for _, key := range gone {
		clear(key)
	}
	return nil
}

// Close wipes the keys. Handles already given out keep working until they are
// closed; nothing else of the ring may be used afterwards.
func (r *Ring) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.state.Swap(&ringState{}); s != nil {
		s.wipe()
	}
}

// wipe overwrites what the state holds in clear.
func (s *ringState) wipe() {
	clear(s.fileKey)
	clear(s.content.Root)
	clear(s.signer)
	for _, e := range s.content.Epochs {
		clear(e.Key)
	}
	for _, k := range s.content.Signers {
		clear(k.Seed)
	}
	clear(s.content.Witness)
	for _, e := range s.content.Exchange {
		clear(e.Secret)
	}
	for _, m := range slices.Concat(s.content.Match, s.content.Selectors) {
		for _, k := range m.Secrets {
			clear(k.Secret)
		}
	}
}
