package identity_test

import (
	"errors"
	"testing"
	"time"

	"causeway/protocol/identity"
)

func TestOnlyTheRecoveryPairBringsKeys(t *testing.T) {
	h := history(t)
	next := schedule(t)
	next.Serial = 2
	for name, by := range map[string]byte{"the present S": 11, "a stranger": 9} {
		if _, err := h.Accept(signed(t, next, pair(t, by)), start); !errors.Is(err, identity.ErrNotRecovery) {
			t.Errorf("signed by %s: %v, want %v", name, err, identity.ErrNotRecovery)
		}
	}
	if len(h.Schedules) != 1 {
		t.Errorf("%d schedules, want 1", len(h.Schedules))
	}
}

func TestSerialsOnlyGoUp(t *testing.T) {
	h := history(t)
	for _, tt := range []struct {
		serial int64
		issued time.Time
		want   error
	}{
		{1, start, identity.ErrRollback},
		{1, start.Add(day), identity.ErrRollback},
		{2, start.Add(-day), identity.ErrRollback}, // a higher number on an older one
		{2, start.Add(3 * day), identity.ErrFuture},
		{4, start.Add(day), nil},
		{3, start.Add(day), identity.ErrRollback},
		{5, start.Add(day), nil},
	} {
		s := schedule(t)
		s.Serial, s.Issued = tt.serial, tt.issued
		if _, err := h.Accept(signed(t, s, pair(t, 1)), start.Add(day)); !errors.Is(err, tt.want) {
			t.Errorf("serial %d issued %v: %v, want %v", tt.serial, tt.issued, err, tt.want)
		}
	}
}

func TestKeysHoldByTheScheduleOfTheirTime(t *testing.T) {
	h := history(t)
	next := schedule(t)
	next.Serial, next.Issued = 2, start.Add(100*day)
	lost := next.Keys[0]
	next.Keys[0] = signKey(t, 12, next.Issued, next.Issued.Add(365*day))
	if _, err := h.Accept(signed(t, next, pair(t, 1)), next.Issued); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		role identity.Role
		at   time.Time
		want []string // public keys, the newest first
	}{
		{identity.Sign, start, []string{hexOf(lost.Public)}},
		{identity.Sign, start.Add(-time.Hour), []string{hexOf(lost.Public)}}, // its clock is ahead of ours
		{identity.Sign, start.Add(-2 * day), nil},
		{identity.Sign, next.Issued.Add(-time.Second), []string{hexOf(lost.Public)}},
		{identity.Sign, next.Issued, []string{hexOf(next.Keys[0].Public)}}, // the lost one ends with its schedule
		{identity.Sign, start.Add(465 * day), nil},
		{identity.Receive, start.Add(151 * day), []string{hexOf(recipient(t, 1))}},
		{identity.Receive, start.Add(152 * day), []string{hexOf(recipient(t, 2)), hexOf(recipient(t, 1))}},
		{identity.Receive, start.Add(182 * day), []string{hexOf(recipient(t, 2))}},
		{identity.Transport, start.Add(90 * day), []string{hexOf(transportKey(2, start).Public)}},
		{identity.Witness, start, nil},
	} {
		got := h.Keys(tt.role, tt.at)
		ok := len(got) == len(tt.want)
		for i := range got {
			ok = ok && hexOf(got[i].Public) == tt.want[i]
		}
		if !ok {
			t.Errorf("%s at %v: %d keys, want %d, or others", tt.role, tt.at, len(got), len(tt.want))
		}
	}
	if _, ok := h.Find(lost.ID("xa.dcs")); !ok {
		t.Error("a key of the past cannot be found any more")
	}
	if !h.IsTransport(transportKey(1, start).Public, start) || h.IsTransport(transportKey(1, start).Public, start.Add(90*day)) {
		t.Error("a transport key does not hold from its first day to its last")
	}
	if n := len(h.Everyone().Pairs); n != 2 {
		t.Errorf("%d pairs ever signed, want 2", n)
	}
}

func TestCompromisedSince(t *testing.T) {
	h := history(t)
	old := h.Newest().Of(identity.Sign)[0]
	since, told := start.Add(50*day), start.Add(60*day)
	v := &identity.Revocation{Node: "xa.dcs", Issued: told, Reason: identity.Compromised, Since: since, Keys: []identity.KeyID{old.ID("xa.dcs")}}
	if _, err := h.Revoke(revoked(t, v, pair(t, 11)), told); !errors.Is(err, identity.ErrNotRecovery) {
		t.Errorf("revoked by S itself: %v", err)
	}
	for range 2 { // told twice is told once
		if _, err := h.Revoke(revoked(t, v, pair(t, 1)), told); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.Revocations) != 1 {
		t.Errorf("%d revocations, want 1", len(h.Revocations))
	}
	if len(h.Keys(identity.Sign, since.Add(-time.Second))) != 1 || len(h.Keys(identity.Sign, since)) != 0 {
		t.Error("the key does not end when it came into other hands")
	}
	if h.Doubted(old.ID("xa.dcs"), since.Add(-time.Second)) || !h.Doubted(old.ID("xa.dcs"), since) {
		t.Error("what came before is doubted, or what came after is not")
	}
	if h.Doubted(h.Newest().Of(identity.Receive)[0].ID("xa.dcs"), told) {
		t.Error("another key is doubted")
	}
}

func TestEveryKeyCompromisedThenNewOnes(t *testing.T) {
	h := history(t)
	told := start.Add(60 * day)
	v := &identity.Revocation{Node: "xa.dcs", Issued: told, Reason: identity.Compromised, Since: start.Add(50 * day)}
	if _, err := h.Revoke(revoked(t, v, pair(t, 1)), told); err != nil {
		t.Fatal(err)
	}
	if len(h.Keys(identity.Sign, told)) != 0 {
		t.Error("a key of a node whose keys are all compromised holds")
	}
	next := schedule(t)
	next.Serial, next.Issued = 2, told.Add(time.Hour)
	next.Keys[0] = signKey(t, 12, next.Issued, next.Issued.Add(365*day))
	if _, err := h.Accept(signed(t, next, pair(t, 1)), next.Issued); err != nil {
		t.Fatal(err)
	}
	if got := h.Keys(identity.Sign, next.Issued); len(got) != 1 || hexOf(got[0].Public) != hexOf(pair(t, 12).Public().Bytes()) {
		t.Errorf("%d keys after the node was given new ones, want the new one", len(got))
	}
	if got := h.Keys(identity.Transport, next.Issued.Add(30*day)); len(got) != 0 {
		t.Error("a key that was compromised holds again because a schedule repeats it")
	}
}

func TestStanding(t *testing.T) {
	h := history(t)
	at := start.Add(10 * day)
	if _, err := h.Revoke(revoked(t, &identity.Revocation{Node: "xa.dcs", Issued: at, Reason: identity.Suspended}, pair(t, 1)), at); err != nil {
		t.Fatal(err)
	}
	if got := h.Standing(); got != identity.IsSuspended {
		t.Errorf("standing %s, want suspended", got)
	}
	next := schedule(t)
	next.Serial, next.Issued = 2, at.Add(day)
	if _, err := h.Accept(signed(t, next, pair(t, 1)), next.Issued); err != nil || h.Standing() != identity.Open {
		t.Errorf("after the next schedule: %s, %v", h.Standing(), err)
	}
	at = next.Issued.Add(day)
	if _, err := h.Revoke(revoked(t, &identity.Revocation{Node: "xa.dcs", Issued: at, Reason: identity.Closed}, pair(t, 1)), at); err != nil {
		t.Fatal(err)
	}
	next.Serial, next.Issued = 3, at.Add(time.Hour)
	if _, err := h.Accept(signed(t, next, pair(t, 1)), at.Add(day)); !errors.Is(err, identity.ErrClosed) || h.Standing() != identity.IsClosed {
		t.Errorf("a schedule of a closed node: %v, %s", err, h.Standing())
	}
	if len(h.Keys(identity.Sign, at)) != 0 {
		t.Error("a key of a closed node holds")
	}
}

func TestPlanCoversASitting(t *testing.T) {
	for _, role := range []identity.Role{identity.Sign, identity.Receive, identity.Transport, identity.Log} {
		var last time.Time
		for _, now := range []time.Time{start, start.Add(340 * day), start.Add(5000 * day)} { // the first, in time, far too late
			periods := identity.Plan(role, now, last)
			covered := last
			if covered.Before(now) {
				covered = now
			}
			for _, p := range periods {
				if p.From.After(covered) || p.Until.Sub(p.From) != identity.Life(role) {
					t.Errorf("%s: a gap before %v, or a life of %v", role, p.From, p.Until.Sub(p.From))
				}
				if p.From.Before(now) {
					t.Errorf("%s: a key begins before it was signed", role)
				}
				covered = p.Until
			}
			if covered.Before(now.Add(identity.Sitting)) {
				t.Errorf("%s signed on %v ends on %v", role, now, covered)
			}
			last = covered
		}
	}
}
