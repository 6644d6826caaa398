package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"time"

	"filippo.io/age"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// The keys of a node towards other nodes: S signs, E opens, T proves who is at the other
// end. They are made for the periods that the recovery pair signs at one sitting, and
// used by the key id that the signed schedule names: a key that no schedule names is
// used for nothing.

// exchangeRecord is one of these keys. A destroyed one keeps its line without the secret.
type exchangeRecord struct {
	Role      string `cbor:"1,keyasint"`
	From      int64  `cbor:"2,keyasint"`
	Until     int64  `cbor:"3,keyasint"`
	Secret    []byte `cbor:"4,keyasint"` // seeds; the text of an age identity for E
	Public    []byte `cbor:"5,keyasint"` // as package identity spells it
	Destroyed int64  `cbor:"6,keyasint"`
}

// key returns the public half.
func (e *exchangeRecord) key() identity.Key {
	return identity.Key{Role: identity.Role(e.Role), From: instant(e.From), Until: instant(e.Until), Public: e.Public}
}

// exchangeRoles are the roles whose private keys this file makes and holds.
var exchangeRoles = []identity.Role{identity.Sign, identity.Receive, identity.Transport}

// checkExchange reports whether the records are what was written.
func (c *content) checkExchange() bool {
	for i := range c.Exchange {
		e := &c.Exchange[i]
		if e.key().Check() != nil || (len(e.Secret) == 0) != (e.Destroyed != 0) || !slices.Contains(exchangeRoles, identity.Role(e.Role)) {
			return false
		}
	}
	return true
}

// newExchangeRecord makes a key of a role.
func newExchangeRecord(role identity.Role, p identity.Period) (exchangeRecord, error) {
	e := exchangeRecord{Role: string(role), From: clock.Micros(p.From), Until: clock.Micros(p.Until)}
	switch role {
	case identity.Sign:
		pair := note.NewSecret()
		e.Secret, e.Public = pair.Seeds(), pair.Public().Bytes()
	case identity.Receive:
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return e, fault.Wrap(fault.Internal, "keyring", err)
		}
		e.Secret, e.Public = []byte(id.String()), []byte(id.Recipient().String())
	default:
		e.Secret = newKey()
		e.Public = append([]byte(nil), ed25519.NewKeyFromSeed(e.Secret).Public().(ed25519.PublicKey)...)
	}
	return e, nil
}

// MakeExchangeKeys makes the S, E and T keys that are missing for a sitting at now, and
// returns the public halves of all that hold then or later. A role in lost gets new keys
// from now on, and those it had are not among what is returned: the private half may be
// gone, or in other hands. Where nothing is missing or lost, nothing changes.
func (r *Ring) MakeExchangeKeys(now time.Time, lost ...identity.Role) ([]identity.Key, error) {
	now = now.UTC().Truncate(time.Second)
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	var made []exchangeRecord
	for _, role := range exchangeRoles {
		var last time.Time
		for i := range s.content.Exchange {
			e := &s.content.Exchange[i]
			if identity.Role(e.Role) == role && e.Destroyed == 0 && !slices.Contains(lost, role) && instant(e.Until).After(last) {
				last = instant(e.Until)
			}
		}
		for _, p := range identity.Plan(role, now, last) {
			e, err := newExchangeRecord(role, p)
			if err != nil {
				return nil, err
			}
			made = append(made, e)
		}
	}
	if len(made) > 0 || len(lost) > 0 {
		err = r.change(func(c *content) {
			for i := range c.Exchange {
				if e := &c.Exchange[i]; slices.Contains(lost, identity.Role(e.Role)) && instant(e.Until).After(now) {
					e.end(now)
				}
			}
			c.Exchange = append(c.Exchange, made...)
		})
	}
	if err != nil {
		return nil, err
	}
	return r.exchangeKeys(now), nil
}

// end ends a lost key at a time. One that had not begun yet is destroyed.
func (e *exchangeRecord) end(now time.Time) {
	if !instant(e.From).Before(now) {
		e.Secret, e.Destroyed = nil, clock.Micros(now)
		return
	}
	e.Until = clock.Micros(now)
}

// ExchangeKeysNow returns the public keys that hold at now or later, oldest first.
func (r *Ring) ExchangeKeysNow(now time.Time) []identity.Key { return r.exchangeKeys(now) }

// exchangeKeys returns the public keys that hold at now or later, oldest first.
func (r *Ring) exchangeKeys(now time.Time) []identity.Key {
	var out []identity.Key
	for _, e := range r.state.Load().content.Exchange {
		if e.Destroyed == 0 && instant(e.Until).After(now) {
			out = append(out, e.key())
		}
	}
	return out
}

// exchangeSecret returns the record of a key of a node. One that is not known here was
// made by another process since: the file is read again, once.
func (r *Ring) exchangeSecret(node identity.NodeID, role identity.Role, id identity.KeyID) (*exchangeRecord, error) {
	e, err := r.heldExchange(node, role, id)
	if fault.CodeOf(err) != "key-unknown" || r.Reload() != nil {
		return e, err
	}
	return r.heldExchange(node, role, id)
}

// HasExchangeKey reports whether this keyring has the private half of a key of a node, as
// far as this process knows.
func (r *Ring) HasExchangeKey(node identity.NodeID, k identity.Key) bool {
	_, err := r.heldExchange(node, k.Role, k.ID(node))
	return err == nil
}

// heldExchange is exchangeSecret without a look at the file.
func (r *Ring) heldExchange(node identity.NodeID, role identity.Role, id identity.KeyID) (*exchangeRecord, error) {
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	for i := range s.content.Exchange {
		e := &s.content.Exchange[i]
		if identity.Role(e.Role) != role || identity.KeyIDOf(role, node, e.Public) != id {
			continue
		}
		if e.Destroyed != 0 {
			return nil, fault.New(fault.Denied, "key-destroyed")
		}
		return e, nil
	}
	return nil, fault.New(fault.Unavailable, "key-unknown")
}

// ExchangeSigner returns who signs notes for the node with an S key. A key that was
// destroyed is "key-destroyed" (Denied), one that this keyring never had "key-unknown"
// (Unavailable).
func (r *Ring) ExchangeSigner(node identity.NodeID, id identity.KeyID) (note.Signer, error) {
	s, err := r.live()
	if err != nil {
		return note.Signer{}, err
	}
	out := note.Signer{Name: string(node)}
	which := exchangePair{node, id}
	if pair, ok := s.pairs.Load(which); ok {
		out.Pair = pair.(*note.Secret)
		return out, nil
	}
	e, err := r.exchangeSecret(node, identity.Sign, id)
	if err != nil {
		return note.Signer{}, err
	}
	if out.Pair, err = note.SecretFrom(e.Secret); err != nil {
		return note.Signer{}, damaged()
	}
	if r.state.Load() == s { // the record is of this state, not of one that was read meanwhile
		s.pairs.Store(which, out.Pair)
	}
	return out, nil
}

// exchangePair names a pair that was made ready for signing.
type exchangePair struct {
	node identity.NodeID
	id   identity.KeyID
}

// ExchangeOpeners returns what opens messages to the node: every E key that is not
// destroyed, the newest first. What none of them opens was sealed to a key that is gone.
func (r *Ring) ExchangeOpeners() ([]age.Identity, error) {
	s, err := r.live()
	if err != nil {
		return nil, err
	}
	if ready := s.openers.Load(); ready != nil {
		return slices.Clone(*ready), nil
	}
	var out []age.Identity
	for i := len(s.content.Exchange) - 1; i >= 0; i-- {
		e := &s.content.Exchange[i]
		if identity.Role(e.Role) != identity.Receive || e.Destroyed != 0 {
			continue
		}
		id, err := age.ParseHybridIdentity(string(e.Secret))
		if err != nil {
			return nil, damaged()
		}
		out = append(out, id)
	}
	ready := slices.Clone(out)
	s.openers.Store(&ready)
	return out, nil
}

// ExchangeCertificate returns the certificate of a T key: self-signed, and only its key
// counts.
func (r *Ring) ExchangeCertificate(node identity.NodeID, id identity.KeyID) (tls.Certificate, error) {
	e, err := r.exchangeSecret(node, identity.Transport, id)
	if err != nil {
		return tls.Certificate{}, err
	}
	private := ed25519.NewKeyFromSeed(e.Secret)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: string(node)}, DNSNames: []string{string(node)},
		NotBefore: instant(e.From), NotAfter: instant(e.Until), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return tls.Certificate{}, fault.Wrap(fault.Internal, "keyring", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// DestroyExchangeKeys removes private keys whose time is over: S and T keys at their end,
// E keys [identity.Straggler] after it. What was sealed to them opens nowhere any more. It
// returns how many there were.
func (r *Ring) DestroyExchangeKeys(now time.Time) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.live()
	if err != nil {
		return 0, err
	}
	over := func(e *exchangeRecord) bool {
		end := instant(e.Until)
		if identity.Role(e.Role) == identity.Receive {
			end = end.Add(identity.Straggler)
		}
		return e.Destroyed == 0 && !now.Before(end)
	}
	var gone [][]byte
	for i := range s.content.Exchange {
		if e := &s.content.Exchange[i]; over(e) {
			gone = append(gone, e.Secret)
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	err = r.change(func(c *content) {
		for i := range c.Exchange {
			if e := &c.Exchange[i]; over(e) {
				e.Secret, e.Destroyed = nil, clock.Micros(now)
			}
		}
	})
	if err != nil {
		return 0, err
	}
	for _, secret := range gone {
		clear(secret)
	}
	return len(gone), nil
}

// ExchangeEpoch returns the node's epoch towards others: 0 before it had one. It lies
// here because a backup of the database must not bring it back.
func (r *Ring) ExchangeEpoch() uint64 { return r.state.Load().content.ExchangeEpoch }

// RaiseExchangeEpoch raises the epoch by exactly one, from the one the caller knows. Where
// another one did so meanwhile it is "exchange-epoch" (Conflict).
func (r *Ring) RaiseExchangeEpoch(from uint64) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.live()
	if err != nil {
		return 0, err
	}
	if s.content.ExchangeEpoch != from {
		return s.content.ExchangeEpoch, fault.New(fault.Conflict, "exchange-epoch")
	}
	if err := r.change(func(c *content) { c.ExchangeEpoch = from + 1 }); err != nil {
		return from, err
	}
	return from + 1, nil
}
