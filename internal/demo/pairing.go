package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// pairAll pairs the nodes that were just made with each other: each made its keys, and on
// each side one officer adds the other's card and a second one compares the fingerprint.
// The recovery pages of the demo are thrown away: its nodes live for days.
func pairAll(ctx context.Context, tellers []*teller) error {
	cards := make([][]byte, len(tellers))
	for i, t := range tellers {
		card, err := t.sit(ctx)
		if err != nil {
			return fmt.Errorf("keys of %s: %w", t.n.Config.Name, err)
		}
		cards[i] = card
	}
	for i, t := range tellers {
		for j := range tellers {
			if i == j {
				continue
			}
			if err := t.pair(ctx, cards[j]); err != nil {
				return fmt.Errorf("pair %s: %w", t.n.Config.Name, err)
			}
		}
		if err := t.n.Exchange.Start(ctx); err != nil {
			return fmt.Errorf("start %s: %w", t.n.Config.Name, err)
		}
	}
	return nil
}

// sit makes the keys of a node and returns its card.
func (t *teller) sit(ctx context.Context) ([]byte, error) {
	recovery, _ := keys.NewRecovery()
	focal := t.n.Config.Exchange.ID.Country()
	err := t.n.Sit(ctx, recovery, node.Sitting{
		Names:     []identity.Name{{Language: t.world.Units()[fixture.HeadOffice].Language, Text: t.world.Organisation()}},
		Authority: t.world.Organisation(), Contact: "+999 " + contacts[focal],
	})
	if err != nil {
		return nil, err
	}
	var card []byte
	err = t.n.DB.Read(ctx, func(tx *store.Tx) error {
		self, err := t.n.Exchange.Self(ctx, tx)
		if err == nil {
			card = self.Note
		}
		return err
	})
	return card, err
}

// contacts are the numbers of the focal points; no country has 999.
var contacts = map[string]string{"XA": "55 0101", "XB": "66 0202", "XC": "77 0303"}

// pair adds another node's card, as the node operator and the supervisor of the head
// office do.
func (t *teller) pair(ctx context.Context, card []byte) error {
	operator, head := t.officer(access.RoleNodeOperator), t.officer(access.RoleSupervisor)
	now := t.n.Clock.Now()
	read, err := t.n.Exchange.ReadCard(card)
	if err != nil {
		return err
	}
	called := "+999 " + contacts[read.Node.Country()]
	id, err := t.n.Exchange.Prepare(ctx, operator, ident.New[ident.Command](), card, exchange.Terms{
		Purposes: cx.Purposes(), Types: exchange.ChosenTypes(), Limits: identity.StandardLimits,
		Emergency: called, Called: called, From: now, Until: now.AddDate(2, 0, 0),
	})
	if err != nil {
		return err
	}
	var seen int64
	err = t.n.DB.Read(ctx, func(tx *store.Tx) error {
		p, err := t.n.Exchange.Peer(ctx, tx, id)
		if err == nil {
			seen = p.Version
		}
		return err
	})
	if err != nil {
		return err
	}
	return t.n.Exchange.Confirm(ctx, head, ident.New[ident.Command](), id, read.Fingerprint().String(), seen)
}

// officer is somebody of the head office who has just shown who they are.
func (t *teller) officer(role string) *access.Caller { return t.officerOf(role, fixture.HeadOffice) }

// officerOf is the same of another unit.
func (t *teller) officerOf(role string, unit int) *access.Caller {
	i := slices.IndexFunc(t.staff, func(s fixture.Staff) bool { return s.Role == role && s.Unit == unit })
	return t.n.Gate.Person(access.Signed{
		Staff: t.ids[i], Session: t.sessions[i], Role: role, Unit: t.units[unit], Sector: staff.OwnSector, Strength: "passkey",
		FreshAt: t.n.Clock.Now(), StrongAt: t.n.Clock.Now(), FreshFor: 5 * time.Minute,
	}, "demo", "loopback")
}
