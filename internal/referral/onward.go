package referral

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/pack"
	"causeway/protocol/cx"
)

// onward refuses to offer a child to a node while what another node sent of the same child may
// not be passed on to it. What goes back to the node that sent it does not go on. A notice of
// danger, on the basis of the child's vital interest, is never stopped: a life comes first.
func onward(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, purpose *pack.Abroad) error {
	if purpose.Second == pack.SecondAfter && t.Basis == vitalInterest {
		return nil
	}
	all, err := abroadOf(ctx, p)
	if err != nil {
		return err
	}
	for _, came := range all {
		if came.Side != sideReceived || came.Peer == a.Peer {
			continue
		}
		m, err := checkedTerm(ctx, p, &Thread{ID: came.ID, Case: came.Case})
		if err != nil {
			return err
		}
		if code := m.passes(a); code != "" {
			return fault.New(fault.Invalid, code)
		}
	}
	return nil
}

// vitalInterest is a basis of code list legal_basis.
const vitalInterest = "vital_interest"

// passes returns why what came under these conditions may not go on to the node of a, "" where
// it may. Special terms (H3) are words of a person: no machine can tell that they permit it.
func (m *Term) passes(a *Abroad) string {
	switch {
	case m == nil: // it came before conditions were kept
		return ""
	case m.Handling == cx.H3, m.Onward == cx.OnwardNone:
		return "abroad-onward-none"
	case m.Onward == cx.OnwardAsk, !slices.Contains(m.Nodes, a.Peer):
		return "abroad-onward-ask"
	}
	return ""
}
