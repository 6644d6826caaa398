package referral_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/protocol/handover"
)

// posts is a roster in which each of some units has one supervisor and nothing below it.
type posts map[ident.Unit]ident.Staff

func (posts) Works(ident.Staff) bool                     { return true }
func (posts) Gone() []ident.Staff                        { return nil }
func (posts) Deputy(ident.Staff) (ident.Staff, bool)     { return ident.Staff{}, false }
func (posts) Heir(ident.Staff) (ident.Staff, bool)       { return ident.Staff{}, false }
func (posts) Supervisor(ident.Staff) (ident.Staff, bool) { return ident.Staff{}, false }
func (b posts) Above(u ident.Unit) []casework.Post {
	return []casework.Post{{Unit: u, Staff: []ident.Staff{b[u]}}}
}

func (p posts) Duty(u ident.Unit) ident.Unit { return u }
func (b posts) Team(units ...ident.Unit) []casework.Post {
	var out []casework.Post
	for _, u := range units {
		out = append(out, casework.Post{Unit: u})
	}
	return out
}

// telling keeps whom commands told of what.
type telling struct{ told []access.Told }

func (l *telling) Tell(_ context.Context, _ *store.Tx, t access.Told) error {
	l.told = append(l.told, t)
	return nil
}

// TestWaits: each supervisor sees whose turn it is among their own people and whom these
// asked; a case is named only where they reach it, and both are told of what nobody
// answered.
func TestWaits(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		south := o.Person(access.RoleSupervisor, o.South)
		o.cases.Staffed(func(context.Context) (casework.Roster, error) {
			return posts{o.North: o.boss.Staff(), o.South: south.Staff()}, nil
		})
		var told telling
		o.Gate.Notify(&told)
		of, other := o.child(t), o.child(t)
		accepted := o.offers(t, of, o.ask(handover.Referral))
		o.must(t, o.shelter, of, accepted, handover.Accept)
		open := o.ask(handover.Referral)
		open.Service = "food"
		o.offers(t, of, open)
		o.offers(t, other, o.ask(handover.Referral))

		o.Clock.Advance(time.Hour)
		w, err := o.room.Waits(ctx, o.again(south))
		if err != nil || len(w.Own) != 2 || len(w.Asked) != 0 || len(w.Lines) != 0 {
			t.Fatalf("the receiver's side: %+v, %v", w, err)
		}
		nobody := slices.IndexFunc(w.Own, func(w referral.Wait) bool { return w.Staff.IsZero() })
		if nobody < 0 || w.Own[nobody].Waiting != 2 || w.Own[1-nobody].Staff != o.shelter.Staff() || w.Own[1-nobody].Waiting != 1 {
			t.Errorf("by whose turn: %+v", w.Own)
		}
		o.Clock.Advance(24 * time.Hour)
		if w, err = o.room.Waits(ctx, o.again(o.boss)); err != nil || len(w.Asked) != 1 || w.Asked[0].Late != 2 || len(w.Lines) != 2 || w.Lines[0].Number == "" {
			t.Errorf("the sender's side: %+v, %v", w, err)
		}
		if n, err := o.room.Expire(ctx); n != 2 || err != nil {
			t.Fatalf("%d ended, %v, want 2", n, err)
		}
		for _, one := range told.told {
			if one.Kind != "referral-unanswered" || !slices.Equal(one.Staff, []ident.Staff{o.boss.Staff(), south.Staff()}) {
				t.Errorf("told: %+v, want both supervisors", one)
			}
		}
		if len(told.told) != 2 {
			t.Errorf("told %d times, want twice", len(told.told))
		}
		if w, err = o.room.Waits(ctx, o.again(o.boss)); err != nil || w.Asked[0].Missed != 2 || len(w.Own) != 1 || w.Own[0].Staff != o.amal.Staff() || w.Own[0].Waiting != 2 {
			t.Errorf("after the clock: %+v, %v", w, err)
		}
		if w, err = o.room.Waits(ctx, o.again(south)); err != nil || len(w.Lines) != 0 || w.Own[len(w.Own)-1].Missed+w.Own[0].Missed != 2 {
			t.Errorf("after the clock, the receiver: %+v, %v", w, err)
		}
		for role, unit := range map[string]ident.Unit{access.RoleCaseWorker: o.North, access.RoleProvider: o.South, access.RoleCoordinator: o.Head, access.RoleNodeOperator: o.Head} {
			if _, err := o.room.Waits(ctx, o.Person(role, unit)); err == nil {
				t.Errorf("%s sees what waits for a team", role)
			}
		}
		o.sound(t)
	})
}
