package node

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
	"causeway/internal/web"
	"causeway/protocol/identity"
)

// Exchange says who this node is to nodes of other countries, and where it is reached.
type Exchange struct {
	// ID names the node for ever, such as "ke.dcs": a country's code and an organisation.
	ID identity.NodeID `json:"id"`
	// Listen is the address of the door for other nodes, apart from the staff pages.
	Listen string `json:"listen,omitempty"`
	// URL is where other nodes reach that door. "" for a node that only calls out.
	URL string `json:"url,omitempty"`
	// Proxy is the address of a proxy that calls to other nodes go through; "" for none.
	// The environment is not asked.
	Proxy string `json:"proxy,omitempty"`
}

func (e *Exchange) check(k *fault.Check) {
	_, err := identity.ParseNodeID(string(e.ID))
	k.Require(err == nil, "exchange.id", "node-id")
	if e.URL != "" {
		u, err := url.Parse(e.URL)
		k.Require(err == nil && u.Scheme == "https" && u.Host != "", "exchange.url", "origin")
		k.Require(e.Listen != "", "exchange.listen", "required")
	}
}

// openExchange builds the post office. Without a section "exchange" it is there and says
// that the node has no partners.
func (n *Node) openExchange() (err error) {
	c := exchange.Config{DB: n.DB, Wake: n.wakeSender, Gate: n.Gate, Key: n.Ring.Derive("exchange/row"), Keys: n.Ring, Ledger: n.Journal}
	if n.Config.Exchange != nil {
		c.Node = n.Config.Exchange.ID
	}
	if n.Exchange, err = exchange.New(c); err != nil {
		return err
	}
	if err := n.openWitness(); err != nil {
		return err
	}
	return n.openPeers()
}

// BeginExchange writes into node.json who this node is to others. Once it is there it does
// not change: an id is for ever. It is refused where the node has keys already.
func (n *Node) BeginExchange(ctx context.Context, e Exchange) error {
	if had := n.Config.Exchange; had != nil && had.ID != e.ID {
		return fault.New(fault.Conflict, "exchange-there")
	}
	n.Config.Exchange = &e
	if err := n.openExchange(); err != nil {
		return err
	}
	if _, err := n.self(ctx); fault.CodeOf(err) != "exchange-keys" {
		if err == nil {
			err = fault.New(fault.Conflict, "exchange-there")
		}
		return err
	}
	return n.SaveConfig()
}

// Sitting is what is said at a sitting of the recovery pair. What is left empty stays as
// it was on the card before.
type Sitting struct {
	Names     []identity.Name
	Authority string
	Contact   string
	Lost      []identity.Role // whose keys are lost or were in other hands: they get new ones
}

// Sit has the recovery pair sign for the keys of the coming year, and a new card. The
// private keys are made first and lie in the keyring; nobody uses them before the signed
// schedule is stored.
func (n *Node) Sit(ctx context.Context, r *keys.Recovery, in Sitting) error {
	if n.Config.Exchange == nil {
		return fault.New(fault.Unavailable, "no-exchange")
	}
	self, err := n.self(ctx)
	switch {
	case fault.CodeOf(err) == "exchange-keys":
		self = nil
	case err != nil:
		return err
	case !self.Card.Recovery.Equal(r.Public()):
		return fault.New(fault.Invalid, "recovery-other")
	}
	now := n.Clock.Now().UTC().Truncate(time.Second)
	schedule := &identity.Schedule{
		Node: n.Config.Exchange.ID, Serial: 1, Issued: now, Protocols: []int64{1}, Limits: identity.StandardLimits,
	}
	if self != nil {
		schedule.Serial = self.History.Newest().Serial + 1
	}
	if n.Config.Exchange.URL != "" {
		schedule.URLs = []string{n.Config.Exchange.URL}
	}
	if schedule.Keys, err = n.Ring.MakeExchangeKeys(now, in.Lost...); err != nil {
		return err
	}
	logs, err := n.logKeys(now)
	if err != nil {
		return err
	}
	schedule.Keys = append(schedule.Keys, logs...)
	signed, err := identity.SignSchedule(schedule, r.Pair())
	if err != nil {
		return fault.Wrap(fault.Invalid, "peer-card", err)
	}
	card, err := identity.SignCard(n.card(self, r, in, now, signed), r.Pair())
	if err != nil {
		return fault.Wrap(fault.Invalid, "peer-card", err)
	}
	if n.Ring.ExchangeEpoch() == 0 {
		if _, err := n.Ring.RaiseExchangeEpoch(0); err != nil {
			return err
		}
	}
	return n.Exchange.KeepSelf(ctx, n.Gate.Job("peer-shell"), ident.New[ident.Command](), exchange.Signed{Schedule: signed, Card: card})
}

// card returns the card of a sitting, before it is signed.
func (n *Node) card(self *exchange.Self, r *keys.Recovery, in Sitting, now time.Time, schedule []byte) *identity.Card {
	id := n.Config.Exchange.ID
	out := &identity.Card{
		Node: id, Issued: now, Names: in.Names, Authority: in.Authority, Contact: in.Contact, Country: id.Country(),
		Recovery: r.Public(), Schedule: schedule,
	}
	if self == nil {
		return out
	}
	if len(out.Names) == 0 {
		out.Names = self.Card.Names
	}
	if out.Authority == "" {
		out.Authority = self.Card.Authority
	}
	if out.Contact == "" {
		out.Contact = self.Card.Contact
	}
	return out
}

// logKeys returns the verifiers of the journal and of the witness, for a year.
func (n *Node) logKeys(now time.Time) ([]identity.Key, error) {
	logs, err := n.Ring.VerifierKeys(n.Journal.Origin())
	if err != nil {
		return nil, err
	}
	witness, err := n.WitnessKey()
	if err != nil {
		return nil, err
	}
	until := now.Add(identity.LogLife)
	return []identity.Key{
		{Role: identity.Log, From: now, Until: until, Public: []byte(logs[0])},
		{Role: identity.Witness, From: now, Until: until, Public: []byte(witness.Verifier.String())},
	}, nil
}

// Revoke has the recovery pair take back keys of this node, or the node itself.
func (n *Node) Revoke(ctx context.Context, r *keys.Recovery, v identity.Revocation) ([]byte, error) {
	self, err := n.self(ctx)
	if err != nil {
		return nil, err
	}
	if !self.Card.Recovery.Equal(r.Public()) {
		return nil, fault.New(fault.Invalid, "recovery-other")
	}
	v.Node, v.Issued = self.Node, n.Clock.Now().UTC().Truncate(time.Second)
	signed, err := identity.SignRevocation(&v, r.Pair())
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "peer-card", err)
	}
	return signed, n.Exchange.KeepSelf(ctx, n.Gate.Job("peer-shell"), ident.New[ident.Command](), exchange.Signed{Revoke: signed})
}

func (n *Node) self(ctx context.Context) (s *exchange.Self, err error) {
	err = n.DB.Read(ctx, func(tx *store.Tx) error {
		s, err = n.Exchange.Self(ctx, tx)
		return err
	})
	return s, err
}

// tendExchangeKeys reads the keyring again where another process has made keys since, such
// as a sitting at the shell, and destroys private keys whose time is over.
func (n *Node) tendExchangeKeys(ctx context.Context) error {
	if n.Config.Exchange == nil {
		return nil
	}
	self, err := n.self(ctx)
	if err != nil {
		if fault.CodeOf(err) == "exchange-keys" {
			return nil
		}
		return err
	}
	for _, role := range []identity.Role{identity.Sign, identity.Receive, identity.Transport} {
		for _, k := range self.History.Keys(role, n.Clock.Now()) {
			if n.Ring.HasExchangeKey(self.Node, k) {
				continue
			}
			if err := n.Ring.Reload(); err != nil {
				return err
			}
		}
	}
	held, err := n.DB.Lease(ctx, "exchange-keys", n.holder, 2*tendEvery)
	if err != nil || !held {
		return err
	}
	_, err = n.Ring.DestroyExchangeKeys(n.Clock.Now())
	return err
}

// PartnerKeys is when the keys of a node run out. The one without a node id is this node.
type PartnerKeys struct {
	Node  identity.NodeID // "" for this node
	Ends  time.Time       // when its first role has no key any more; zero: it has none
	State exchange.State  // of a partner
	Log   bool            // of this node: the schedule names the key that signs the journal now
}

// How long before the end of keys people are told: a sitting wants a day on which two
// people and the envelope are at one table.
const (
	keysWatch = 45 * 24 * time.Hour
	keysAct   = 14 * 24 * time.Hour
)

// partnerKeys returns when keys run out: this node first, then partners that are not
// removed. A node without partners has none.
func (n *Node) partnerKeys(ctx context.Context) ([]PartnerKeys, error) {
	if n.Config.Exchange == nil {
		return nil, nil
	}
	var out []PartnerKeys
	err := n.DB.Read(ctx, func(tx *store.Tx) error {
		out = []PartnerKeys{{}}
		self, err := n.Exchange.Self(ctx, tx)
		if err == nil {
			out[0].Ends = exchange.KeysEnd(self.History)
			if out[0].Log, err = n.namesLog(self); err != nil {
				return err
			}
		} else if fault.CodeOf(err) != "exchange-keys" {
			return err
		}
		peers, err := n.Exchange.Peers(ctx, tx)
		for _, p := range peers {
			if p.State != exchange.Removed && p.State != exchange.Waiting {
				out = append(out, PartnerKeys{Node: p.Node, Ends: exchange.KeysEnd(p.History), State: p.State})
			}
		}
		return err
	})
	return out, err
}

// namesLog reports whether our schedule names the key that signs the journal now. After a
// rotation it does not, before the next sitting: partners then cannot check what we prove.
func (n *Node) namesLog(self *exchange.Self) (bool, error) {
	logs, err := n.Ring.VerifierKeys(n.Journal.Origin())
	if err != nil || len(logs) == 0 {
		return false, err
	}
	return slices.ContainsFunc(self.History.Keys(identity.Log, n.Clock.Now()), func(k identity.Key) bool { return string(k.Public) == logs[0] }), nil
}

// noKeysDays is the figure where there is nothing to renew.
const noKeysDays = 999

func (h *Health) ownKeysDays() float64 {
	if len(h.Exchange) == 0 {
		return noKeysDays
	}
	return math.Floor(h.Exchange[0].Ends.Sub(h.At).Hours() / 24)
}

func (h *Health) partnerKeysDays() float64 {
	least := float64(noKeysDays)
	for i, p := range h.Exchange {
		if i > 0 {
			least = min(least, math.Floor(p.Ends.Sub(h.At).Hours()/24))
		}
	}
	return least
}

// addPartners adds the lines of the health page about keys towards partners.
func (h *Health) addPartners(add func(c web.Check, state, advice string)) {
	if len(h.Exchange) == 0 {
		return
	}
	own := h.Exchange[0].Ends
	switch {
	case own.IsZero():
		add(web.Check{Key: "exchange-keys"}, "watch", "exchange-none")
	case own.Sub(h.At) < keysAct:
		add(web.Check{Key: "exchange-keys", At: own}, "act", "exchange-renew")
	case own.Sub(h.At) < keysWatch:
		add(web.Check{Key: "exchange-keys", At: own}, "watch", "exchange-renew")
	case !h.Exchange[0].Log:
		add(web.Check{Key: "exchange-keys", At: own}, "watch", "exchange-log")
	default:
		add(web.Check{Key: "exchange-keys", At: own}, "", "")
	}
	stopped, ending := 0, 0
	for _, p := range h.Exchange[1:] {
		if p.State != exchange.OK {
			stopped++
		}
		if p.Ends.Sub(h.At) < keysWatch {
			ending++
		}
	}
	advice := ""
	switch {
	case stopped > 0:
		advice = "partners-stopped"
	case ending > 0:
		advice = "partners-ending"
	}
	add(web.Check{Key: "partners", Value: strconv.Itoa(len(h.Exchange) - 1)}, "watch", advice)
	post := web.Check{Key: "post", Count: h.Outbox.Refused + h.Outbox.Stuck}
	switch {
	case h.Outbox.Refused > 0:
		add(post, "act", "post-refused")
	case h.Outbox.Stuck > 0:
		add(post, "watch", "post-stuck")
	default:
		add(post, "", "")
	}
}
