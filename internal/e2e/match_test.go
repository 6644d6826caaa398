package e2e_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match"
	"causeway/internal/node"
	"causeway/internal/staff"
)

// officers returns the supervisor of the head office and somebody else who may decide, of a
// node of the demo, as people who have just shown who they are.
func officers(t *testing.T, n *node.Node) (first, second *access.Caller) {
	t.Helper()
	dir, err := n.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []*access.Caller
	for _, a := range dir.People() {
		if a.State != staff.Active || a.Role != staff.FocalPoint && a.Role != staff.Supervisor {
			continue
		}
		now := n.Clock.Now()
		all = append(all, n.Gate.Person(access.Signed{
			Staff: a.ID, Session: ident.New[ident.Session](), Role: string(a.Role), Unit: a.Unit, Sector: staff.OwnSector, Strength: "passkey",
			FreshAt: now, StrongAt: now, FreshFor: time.Hour,
		}, "web", "inside"))
	}
	if len(all) < 2 {
		t.Fatalf("%d officers", len(all))
	}
	return all[0], all[1]
}

// TestTwoNodesAgreeAndExchangeATable: two officers on each side agree, the holder's table goes
// there and back over TLS, and when one side ends it the secrets of both are destroyed.
func TestTwoNodesAgreeAndExchangeATable(t *testing.T) {
	if testing.Short() {
		t.Skip("three nodes take a while")
	}
	w := countries(t)
	asker, holder := w.sites[0].Node, w.sites[1].Node
	a1, a2 := officers(t, asker)
	h1, h2 := officers(t, holder)
	command := ident.New[ident.Command]

	f := match.Usual()
	f.Peer, f.Basis = holder.Exchange.Node(), "Treaty of the River, article 4"
	id, err := asker.Match.Prepare(t.Context(), a1, command(), f)
	must(t, err)
	must(t, asker.Match.Agree(t.Context(), a2, command(), id, 1))
	there := arrives(t, holder, h1, id, match.Asked)
	must(t, holder.Match.Agree(t.Context(), h1, command(), id, there.Version))
	must(t, holder.Match.Agree(t.Context(), h2, command(), id, there.Version+1))
	here, there := arrives(t, asker, a1, id, match.Force), arrives(t, holder, h1, id, match.Force)
	if ours, theirs := here.Terms(); !bytes.Equal(ours, theirs) || !here.From.Equal(there.From) {
		t.Error("the two nodes agreed on something else")
	}

	must(t, holder.Match.Tend(t.Context()))
	soon(t, "the table comes back", func() bool {
		seen, err := holder.Match.Look(t.Context(), h1)
		must(t, err)
		return len(seen.Tables) == 1 && seen.Tables[0].State == match.Ready
	})
	must(t, holder.Match.Load(t.Context()))

	must(t, asker.Match.End(t.Context(), a1, command(), id))
	arrives(t, holder, h1, id, match.Ended)
	for name, n := range map[string]*node.Node{"asker": asker, "holder": holder} {
		soon(t, "the secret of the "+name+" goes", func() bool {
			_, err := n.Ring.MatchSecret(0, id, 1, func() ([]byte, error) { return nil, fault.New(fault.Internal, "made-anew") })
			return fault.CodeOf(err) == "key-destroyed"
		})
	}
	seen, err := holder.Match.Look(t.Context(), h1)
	must(t, err)
	if len(seen.Tables) != 0 {
		t.Error("a table is left")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// arrives waits until an agreement has come so far on a node.
func arrives(t *testing.T, n *node.Node, c *access.Caller, id match.AgreementID, state string) (out *match.Agreement) {
	t.Helper()
	soon(t, "the agreement is "+state, func() bool {
		seen, err := n.Match.Look(context.Background(), c)
		must(t, err)
		for _, a := range seen.Agreements {
			if a.ID == id && a.State == state {
				out = a
			}
		}
		return out != nil
	})
	return out
}

// soon waits for what comes over the line.
func soon(t *testing.T, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if there() {
			return
		}
	}
	t.Fatalf("%s: it never does", what)
}
