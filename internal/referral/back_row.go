package referral

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// backTable holds what a restore took from threads with other nodes and people have to
// deal with. It is one of codes and dates, and vouches for nothing: what came back is
// signed, and lies with the post office.
const backTable = "referral_back"

// Back is a thread with another node of which a restore took something that people have
// to deal with: the other node gave back where it stands.
type Back struct {
	Peer     identity.NodeID
	Wire     cx.Thread
	Side     string // which this node is
	At       time.Time
	Revision int
	State    handover.State // "" where nobody holds what was said
	Accepted bool
	Assumed  bool
	Taken    bool // a child was taken on here whose record is missing

	Case ident.Case // zero: no case here knows of the thread
	ID   ThreadID
}

// Lost reports whether a child may be on no list of this node: no case here knows of the
// thread, and it is not over, or the child was taken on.
func (b *Back) Lost() bool { return b.Case.IsZero() && (b.Taken || !b.State.Final()) }

func (b *Back) scan(scan func(...any) error) error {
	var at, revision int64
	var wire []byte
	var of, id []byte
	var peer, state string
	if err := scan(&at, &revision, &b.Accepted, &b.Assumed, &b.Taken, &wire, &of, &id, &peer, &b.Side, &state); err != nil {
		return err
	}
	copy(b.Wire[:], wire)
	copy(b.Case[:], of)
	copy(b.ID[:], id)
	b.At, b.Revision, b.Peer, b.State = clock.FromMicros(at), int(revision), identity.NodeID(peer), handover.State(state)
	return nil
}

// write keeps the row, or keeps it anew.
func (b *Back) write(ctx context.Context, tx *store.Tx) error {
	err := tx.Put(ctx, sqlKeepBack, b.At.UnixMicro(), int64(b.Revision), b.Accepted, b.Assumed, b.Taken, b.Wire[:],
		optBytes(b.Case[:], b.Case.IsZero()), optBytes(b.ID[:], b.ID.IsZero()), string(b.Peer), b.Side, string(b.State))
	if err != nil {
		return fmt.Errorf("keep what came back: %w", err)
	}
	return nil
}

// readBack returns the row of a thread of the exchange, nil where there is none.
func readBack(ctx context.Context, tx *store.Tx, peer identity.NodeID, wire cx.Thread) (*Back, error) {
	b := new(Back)
	err := b.scan(tx.QueryRow(ctx, sqlSelectBack, string(peer), wire[:]).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what came back: %w", err)
	}
	return b, nil
}

// backOf is readBack for a thread of a case.
func backOf(ctx context.Context, p *access.Pass, a *Abroad) (*Back, error) {
	if a == nil {
		return nil, nil
	}
	return readBack(ctx, p.Tx(), a.Peer, a.Wire)
}

// dropBack ends what people had to deal with.
func dropBack(ctx context.Context, tx *store.Tx, peer identity.NodeID, wire cx.Thread) error {
	_, err := tx.Exec(ctx, sqlDropBack, string(peer), wire[:])
	return err
}

// hear takes over what a status of this node says.
func (b *Back) hear(st *payload.Status) {
	b.Revision = st.Revision
	if !st.Refused {
		b.State, b.Accepted, b.Assumed = handover.State(st.State), st.Accepted, st.Assumed
	}
	b.Taken = b.Taken || takes(st)
}

// takes reports whether a status says that the child was taken on by it.
func takes(st *payload.Status) bool {
	return !st.Refused && (st.Cause == string(handover.Assume) || st.Cause == string(handover.Start))
}

// backDue names the deadline of a thread with which people have to deal, beside its others.
func backDue(id ThreadID) [16]byte {
	out := [16]byte(id)
	out[15] ^= 2
	return out
}
