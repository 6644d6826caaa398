package exchange

import (
	"context"
	"errors"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// JobKeys is the job that takes in what the recovery pairs of peers say, and marks a peer
// that must be looked at.
const JobKeys = "peer-keys"

// Why a peer came to its state, as codes.
const (
	WhyPaired      = "paired"
	WhyByHand      = "by-hand"
	WhyCompromised = "compromised" // its recovery pair said that keys were in other hands
	WhySuspended   = "suspended"   // it said that it does not exchange
	WhyClosed      = "closed"      // it said that it is no more
	WhyEpoch       = "epoch"       // its epoch jumped, or rose twice in a day
	WhyFork        = "fork"        // two different items under one number
	WhyJournal     = "journal"     // its journal contradicts what was seen of it
	WhyReturned    = "returned"    // what a restore took from us came back, and no record was told
)

// refusal turns what a format refuses into a fault.
func refusal(err error) error {
	code := "peer-card"
	for kind, c := range map[error]string{
		identity.ErrNotRecovery: "peer-not-recovery", identity.ErrRollback: "peer-rollback", identity.ErrFuture: "peer-future",
		identity.ErrClosed: "peer-closed",
	} {
		if errors.Is(err, kind) {
			code = c
		}
	}
	return fault.Wrap(fault.Invalid, code, err)
}

// LearnNow is [Room.Learn] by the program itself, as one act of its own.
func (r *Room) LearnNow(ctx context.Context, node identity.NodeID, signed []byte) (changed bool, err error) {
	return r.Learn(ctx, r.gate.Job(JobKeys), ident.New[ident.Command](), node, signed)
}

// Learn takes in a schedule or a revocation of a peer. However it came, only the recovery
// pair of the peer brings keys, and only a higher serial passes. What is known already
// changes nothing. A revocation acts at once: compromised or suspended puts the peer in
// quarantine, closed removes it.
func (r *Room) Learn(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID, signed []byte) (changed bool, err error) {
	if err := r.on(); err != nil {
		return false, err
	}
	done, err := r.gate.Do(ctx, c, access.Act{Action: "peer.learn", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		return r.learnNote(ctx, p, node, signed)
	})
	return done != "", err
}

// learnNote is Learn within an act. It returns the kind of the note, "" where it was known.
func (r *Room) learnNote(ctx context.Context, p *access.Pass, node identity.NodeID, signed []byte) (string, error) {
	peer, err := r.Peer(ctx, p.Tx(), node)
	if err != nil {
		return "", err
	}
	next := peer.changed()
	kind, err := hear(next.History, signed, p)
	if err != nil || kind == "" {
		return "", err
	}
	if err := r.keepSaid(ctx, p, next, kind, signed); err != nil {
		return "", err
	}
	if kind == kindRevoke {
		obey(p, next)
	}
	return kind, r.keepPeer(ctx, p, next)
}

// hear adds a note to a history and returns its kind, "" where it was known already.
func hear(h *identity.History, signed []byte, p *access.Pass) (string, error) {
	text := note.Text(signed, identity.ScheduleLimit)
	if strings.HasPrefix(text, "causeway/revoke/") {
		before := len(h.Revocations)
		if _, err := h.Revoke(signed, p.Now()); err != nil {
			return "", refusal(err)
		}
		if len(h.Revocations) == before {
			return "", nil
		}
		return kindRevoke, nil
	}
	if newest := h.Newest(); newest != nil && newest.Text() == text {
		return "", nil
	}
	if _, err := h.Accept(signed, p.Now()); err != nil {
		return "", refusal(err)
	}
	return kindSchedule, nil
}

// obey does what the newest revocation of a peer asks for.
func obey(p *access.Pass, peer *Peer) {
	if peer.State == Waiting || peer.State == Removed {
		return
	}
	all := peer.History.Revocations
	switch all[len(all)-1].Reason {
	case identity.Compromised:
		peer.to(p, Quarantined, WhyCompromised)
	case identity.Suspended:
		peer.to(p, Quarantined, WhySuspended)
	case identity.Closed:
		peer.to(p, Removed, WhyClosed)
	}
}

// to moves a peer to a state.
func (p *Peer) to(pass *access.Pass, state State, why string) {
	p.State, p.Why, p.StateAt, p.StateBy = state, why, pass.Now(), pass.Caller().Staff()
}

// WatchNow puts a peer that is well under watch, or one of any state that is not removed
// into quarantine, by the program itself; why is a code.
func (r *Room) WatchNow(ctx context.Context, node identity.NodeID, state State, why string) error {
	if state != Watch && state != Quarantined {
		return fault.New(fault.Invalid, "peer-state")
	}
	act := access.Act{Action: "peer.learn", Purpose: Purpose, Command: ident.New[ident.Command]()}
	_, err := r.gate.Do(ctx, r.gate.Job(JobKeys), act, func(p *access.Pass) (string, error) {
		peer, err := r.Peer(ctx, p.Tx(), node)
		if err != nil {
			return "", err
		}
		if peer.State == state || peer.State == Removed || peer.State == Waiting || state == Watch && peer.State == Quarantined {
			return "", nil
		}
		next := peer.changed()
		next.to(p, state, why)
		return "", r.keepPeer(ctx, p, next)
	})
	return err
}
