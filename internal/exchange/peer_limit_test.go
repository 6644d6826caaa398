package exchange_test

import (
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

func TestLimitsAsTyped(t *testing.T) {
	for _, tt := range []struct {
		payload, blob, envelope string
		field, code             string
	}{
		{"", "", "", "", ""},
		{"0.25", " 20 ", "40,5", "", ""},
		{"1", "0", "1", "", ""},
		{"0", "", "", "peer_payload", "out-of-range"},
		{"1.1", "", "", "peer_payload", "out-of-range"},
		{"NaN", "", "", "peer_payload", "not-a-number"},
		{"", "-1", "", "peer_blob", "out-of-range"},
		{"", "2049", "", "peer_blob", "out-of-range"},
		{"", "1e9999", "", "peer_blob", "not-a-number"},
		{"", "", "ten", "peer_envelope", "not-a-number"},
		{"", "", "10241", "peer_envelope", "out-of-range"},
		{"", "30", "20", "peer_envelope", "limit-whole"},
	} {
		l, err := exchange.ReadLimits(tt.payload, tt.blob, tt.envelope)
		fields := fault.FieldsOf(err)
		switch {
		case tt.field == "" && err != nil:
			t.Errorf("%+v: %v", tt, err)
		case tt.field != "" && (len(fields) != 1 || fields[0].Name != tt.field || fields[0].Code != tt.code):
			t.Errorf("%+v: got %v", tt, fields)
		case err == nil && l != l.Least(identity.StandardLimits):
			t.Errorf("%+v: more than CX/1 takes", tt)
		}
	}
	if l, _ := exchange.ReadLimits("0.25", "20", "40,5"); l != (identity.Limits{Payload: 256 << 10, Blob: 20 << 20, Envelope: 81 << 19}) {
		t.Errorf("got %+v", l)
	}
	if got := exchange.MiB(256 << 10); got != "0.25" {
		t.Errorf("a quarter is written %s", got)
	}
}

// TestNothingAboveTheLimits: more than the pair permits is not sent.
func TestNothingAboveTheLimits(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		terms := o.terms()
		terms.Limits = identity.Limits{Payload: 100, Blob: 0, Envelope: 100}
		_, err := o.room.Prepare(ctx, o.operator, command(), o.far.card(o.Clock.Now(), o.far.sits(o.Clock.Now())), terms)
		ok(t, err)
		ok(t, o.room.Confirm(ctx, o.head, command(), o.far.node, o.far.digits(), o.peer().Version))
		send := func(size int) error {
			return o.DB.Write(ctx, func(tx *store.Tx) error {
				d := draft(o.far.node, cx.NewThread(), cx.ReferralOffer, cx.ID{})
				d.Payload = []byte(`{"n":"` + strings.Repeat("x", size-8) + `"}`)
				_, err := o.room.Send(ctx, tx, d)
				return err
			})
		}
		ok(t, send(100))
		coded(t, "one byte more", send(101), "exchange-too-large")
	})
}

// TestEachNodeAsksItsOwnTerms: what the sender's terms permit and the receiver's do not is
// given to no room there.
func TestEachNodeAsksItsOwnTerms(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		rests(a, b)
		if b.asked != 1 {
			t.Fatalf("what both permit was handed over %d times, want once", b.asked)
		}
		for what, lower := range map[string]func(*exchange.Terms){
			"another type":    func(t *exchange.Terms) { t.Types = []cx.Type{cx.TransferOffer} },
			"another purpose": func(t *exchange.Terms) { t.Purposes = []cx.Purpose{cx.Health} },
			"a lower limit":   func(t *exchange.Terms) { t.Limits.Payload = 3 },
		} {
			b.permits(a, lower)
			a.says(b, cx.NewThread(), cx.ReferralOffer)
			rests(a, b)
			if b.asked != 1 {
				t.Errorf("%s: what the receiver does not permit was handed over", what)
			}
		}
		b.permits(a, func(*exchange.Terms) {})
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		rests(a, b)
		if b.asked != 2 {
			t.Error("permitted again, and not handed over")
		}
	})
}

// permits puts the usual terms with the other in force, but for a change.
func (e *end) permits(o *end, change func(*exchange.Terms)) {
	e.t.Helper()
	terms := exchange.Terms{
		Purposes: []cx.Purpose{cx.Protection}, Types: []cx.Type{cx.ReferralOffer, cx.TransferOffer}, Limits: identity.StandardLimits,
		Emergency: "night desk, +999 55 0303", Called: "+999 55 0202", From: e.Clock.Now(), Until: e.Clock.Now().Add(700 * day),
	}
	change(&terms)
	operator, head := e.Person(access.RoleNodeOperator, e.Head), e.Person(access.RoleSupervisor, e.Head)
	_, err := e.room.Prepare(ctx, operator, command(), o.country.card(e.Clock.Now(), o.schedule), terms)
	ok(e.t, err)
	var p *exchange.Peer
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = e.room.Peer(ctx, tx, o.country.node)
		return err
	}))
	ok(e.t, e.room.Confirm(ctx, head, command(), o.country.node, o.country.digits(), p.Version))
}
