package exchange_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

var ctx = context.Background()

const day = 24 * time.Hour

// country is an invented node abroad: its keyring and its recovery page.
type country struct {
	t        testing.TB
	node     identity.NodeID
	ring     *keys.Ring
	recovery *keys.Recovery
	serial   int64
	log      string // name of its journal, "" for none
}

func abroad(t testing.TB, o *accesstest.Office, node identity.NodeID) *country {
	t.Helper()
	ring, err := keys.CreateRing([]string{filepath.Join(t.TempDir(), "keyring")}, keys.PlainFile(), o.Clock, "XB-far")
	ok(t, err)
	t.Cleanup(ring.Close)
	r, _ := keys.NewRecovery()
	return &country{t: t, node: node, ring: ring, recovery: r}
}

// sits signs the next schedule at a time.
func (c *country) sits(at time.Time, lost ...identity.Role) []byte {
	c.t.Helper()
	all, err := c.ring.MakeExchangeKeys(at, lost...)
	ok(c.t, err)
	if c.log != "" {
		logs, err := c.ring.VerifierKeys(witness.Origin(c.log, 1))
		ok(c.t, err)
		from := at.UTC().Truncate(time.Second)
		all = append(all, identity.Key{Role: identity.Log, From: from, Until: from.Add(identity.LogLife), Public: []byte(logs[0])})
	}
	c.serial++
	signed, err := identity.SignSchedule(&identity.Schedule{
		Node: c.node, Serial: c.serial, Issued: at.UTC().Truncate(time.Second), Protocols: []int64{1}, URLs: []string{"https://cx.xb.example"},
		Limits: identity.StandardLimits, Keys: all,
	}, c.recovery.Pair())
	ok(c.t, err)
	return signed
}

// card signs a card with a schedule.
func (c *country) card(at time.Time, schedule []byte) []byte {
	c.t.Helper()
	signed, err := identity.SignCard(&identity.Card{
		Node: c.node, Issued: at.UTC().Truncate(time.Second), Names: []identity.Name{{Language: "en", Text: "Far away"}}, Authority: "Ministry of the River",
		Country: c.node.Country(), Contact: "+999 55 0202", Recovery: c.recovery.Public(), Schedule: schedule,
	}, c.recovery.Pair())
	ok(c.t, err)
	return signed
}

// revokes signs a revocation.
func (c *country) revokes(v identity.Revocation) []byte {
	c.t.Helper()
	v.Node, v.Issued = c.node, v.Issued.UTC().Truncate(time.Second)
	signed, err := identity.SignRevocation(&v, c.recovery.Pair())
	ok(c.t, err)
	return signed
}

func (c *country) digits() string {
	return identity.FingerprintOf(c.recovery.Public()).String()
}

// office is a node with its post office.
type office struct {
	*accesstest.Office
	t        *testing.T
	room     *exchange.Room
	operator *access.Caller
	head     *access.Caller
	far      *country
}

func each(t *testing.T, body func(t *testing.T, o *office)) {
	t.Helper()
	accesstest.Each(t, func(t *testing.T, a *accesstest.Office) {
		room, err := exchange.New(exchange.Config{Gate: a.Gate, Key: a.Ring.Derive("exchange/row"), Keys: a.Ring, Node: "xa.dcs"})
		ok(t, err)
		o := &office{Office: a, t: t, room: room, far: abroad(t, a, "xb.moi")}
		o.people()
		body(t, o)
	})
}

// people signs everybody in anew: a check of who they are is not fresh for long.
func (o *office) people() {
	o.operator, o.head = o.Person(access.RoleNodeOperator, o.Head), o.Person(access.RoleSupervisor, o.Head)
}

func command() ident.Command { return ident.New[ident.Command]() }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// is fails unless err is a fault of a kind.
func is(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: got %v, want %v", what, err, kind)
	}
}

// coded fails unless err is a fault with a code.
func coded(t *testing.T, what string, err error, code string) {
	t.Helper()
	got := fault.CodeOf(err)
	for _, f := range fault.FieldsOf(err) {
		got = f.Code
	}
	if got != code {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, code)
	}
}

// terms are what may pass in these tests.
func (o *office) terms() exchange.Terms {
	return exchange.Terms{
		Purposes: []cx.Purpose{cx.Protection, cx.FamilyTracing}, Types: []cx.Type{cx.ReferralOffer, cx.TransferOffer}, Limits: identity.StandardLimits,
		Emergency: "night desk, +999 55 0303", Called: "+999 55 0202, from the consulate’s list", From: o.Clock.Now(), Until: o.Clock.Now().Add(700 * day),
	}
}

// prepares has the operator add the far country.
func (o *office) prepares() {
	o.t.Helper()
	_, err := o.room.Prepare(ctx, o.operator, command(), o.far.card(o.Clock.Now(), o.far.sits(o.Clock.Now())), o.terms())
	ok(o.t, err)
}

// pairs has two officers pair with the far country.
func (o *office) pairs() {
	o.t.Helper()
	o.prepares()
	ok(o.t, o.room.Confirm(ctx, o.head, command(), o.far.node, o.far.digits(), o.peer().Version))
}

func (o *office) peer() *exchange.Peer {
	o.t.Helper()
	var p *exchange.Peer
	ok(o.t, o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = o.room.Peer(ctx, tx, o.far.node)
		return err
	}))
	return p
}

// pasted is a card after a browser and a mail program had it.
func pasted(signed []byte) []byte {
	return []byte("\r\n" + strings.ReplaceAll(string(signed), "\n", "\r\n") + "\r\n\r\n")
}

func oneStaff(c *access.Caller) []ident.Staff { return []ident.Staff{c.Staff()} }
