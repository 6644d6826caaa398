package node_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/node"
	"causeway/protocol/identity"

	"golang.org/x/mod/sumdb/note"
)

// TestLogOfAPartner: a partner's log is found by the name of its node, with the keys that
// its schedule names now; a later partner cannot take it over.
func TestLogOfAPartner(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	vkey := func(name string, n byte) (string, ed25519.PublicKey) {
		public := ed25519.NewKeyFromSeed(append(make([]byte, 31), n)).Public().(ed25519.PublicKey)
		text, err := note.NewEd25519VerifierKey(name, public)
		if err != nil {
			t.Fatal(err)
		}
		return text, public
	}
	peer := func(id identity.NodeID, confirmed time.Time, keys ...string) *exchange.Peer {
		s := &identity.Schedule{Node: id, Serial: 1, Issued: at.Add(-day)}
		for _, k := range keys {
			s.Keys = append(s.Keys, identity.Key{Role: identity.Log, From: at.Add(-day), Until: at.Add(day), Public: []byte(k)})
		}
		return &exchange.Peer{
			Node: id, History: &identity.History{Node: id, Schedules: []*identity.Schedule{s}}, State: exchange.OK,
			Terms: &exchange.Terms{From: at.Add(-day), Until: at.Add(2 * day)}, ConfirmedAt: confirmed,
		}
	}
	own, key := vkey("causeway/XB-ministry/2", 1)
	taken, _ := vkey("causeway/XB-ministry/1", 2)
	other, otherKey := vkey("causeway/XC-police/1", 3)
	first := peer("xb.moi", at.Add(-time.Hour), own)
	thief := peer("xa.dcs", at.Add(-time.Minute), taken, other)
	for name, peers := range map[string][]*exchange.Peer{"first in the list": {first, thief}, "last in the list": {thief, first}} {
		if got := node.LogOf(peers, "XB-ministry", at); len(got.Keys) != 1 || !got.Keys[0].Equal(key) || !got.Since.Equal(first.ConfirmedAt) {
			t.Errorf("%s: %+v", name, got)
		}
		if got := node.LogOf(peers, "XC-police", at); len(got.Keys) != 1 || !got.Keys[0].Equal(otherKey) {
			t.Errorf("%s: another log: %+v", name, got)
		}
	}
	if got := node.LogOf([]*exchange.Peer{first, thief}, "XB", at); got.Keys != nil {
		t.Errorf("a part of a name: %+v", got)
	}
	if got := node.LogOf([]*exchange.Peer{first}, "XB-ministry", at.Add(3*day)); got.Keys != nil {
		t.Errorf("after the pair has ended: %+v", got)
	}
	first.State = exchange.Removed
	if got := node.LogOf([]*exchange.Peer{first}, "XB-ministry", at); got.Keys != nil {
		t.Errorf("of a partner that was removed: %+v", got)
	}
}
