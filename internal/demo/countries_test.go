package demo_test

import (
	"net"
	"testing"

	"causeway/internal/demo"
	"causeway/internal/exchange"
	"causeway/internal/store"
)

// TestThreeCountriesArePaired: each node of the demo knows the two others, confirmed by
// a second officer, and can be opened again as it was left.
func TestThreeCountriesArePaired(t *testing.T) {
	dir := t.TempDir() + "/node"
	for _, again := range []bool{false, true} {
		lns := make([]net.Listener, demo.Nodes)
		for i := range lns {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			lns[i] = ln
		}
		sites, err := demo.StartAll(t.Context(), dir, lns, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sites {
			if len(s.Logins) == 0 {
				t.Errorf("%s (again %v): nobody can sign in", s.Node.Config.Name, again)
			}
			err := s.Node.DB.Read(t.Context(), func(tx *store.Tx) error {
				peers, err := s.Node.Exchange.Peers(t.Context(), tx)
				for _, p := range peers {
					if p.State != exchange.OK || !p.Sends(s.Node.Clock.Now()) || p.AddedBy == p.ConfirmedBy {
						t.Errorf("%s: %s is %s", s.Node.Config.Name, p.Node, p.State)
					}
				}
				if len(peers) != demo.Nodes-1 {
					t.Errorf("%s has %d partners, want %d", s.Node.Config.Name, len(peers), demo.Nodes-1)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if err := s.Node.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
