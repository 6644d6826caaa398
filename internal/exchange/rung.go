package exchange

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Rung is how far a message of ours has come: sent, then stored at the peer, then opened
// there, or not, then answered.
type Rung struct {
	ID       cx.ID
	Stream   cx.Stream
	Seq      uint64
	Stored   bool // its receipt is here
	Answered bool // the peer's answer is here
	Done     bool
	Void     bool      // its place was filled: it was never taken, or was lost
	Stage    cx.Stage  // opened, unreadable or refused; "": the peer has not said
	At       time.Time // when the peer's word came; zero: it has not
	Code     cx.Code   // of a denial: why
	Unmet    []string  // labels that the peer does not honour
}

// Denial is a message of ours that a peer stored and then could not read or did not
// accept.
type Denial struct {
	Peer  identity.NodeID
	ID    cx.ID
	At    time.Time
	Stage cx.Stage
	Code  cx.Code
	Unmet []string
}

// keepOpened notes what a peer says became of a message of ours.
func (r *Room) keepOpened(ctx context.Context, tx *store.Tx, receipt *cx.Receipt) error {
	switch receipt.Stage {
	case cx.OpenedStage, cx.Unreadable, cx.Refused:
		return tx.Put(ctx, sqlKeepOpened, tx.Micros(), string(receipt.From), receipt.ID[:], string(receipt.Stage), string(receipt.Code),
			strings.Join(receipt.Unmet, " "))
	}
	return nil
}

// Rungs returns how far each message of ours in a thread with a peer has come, in the order
// of its stream.
func (r *Room) Rungs(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) ([]Rung, error) {
	found, err := tx.Query(ctx, sqlSelectRungs, string(with), thread[:])
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []Rung
	for found.Next() {
		var g Rung
		var id []byte
		var stream string
		var seq int64
		var at sql.NullInt64
		var stage, code, unmet sql.NullString
		if err := found.Scan(&id, &stream, &seq, &g.Stored, &g.Answered, &g.Done, &g.Void, &at, &stage, &code, &unmet); err != nil {
			return nil, err
		}
		g.ID, g.Stream, g.Seq, g.At = cx.ID(id), cx.Stream(stream), uint64(seq), fromMicros(at.Int64)
		g.Stage, g.Code, g.Unmet = cx.Stage(stage.String), cx.Code(code.String), strings.Fields(unmet.String)
		out = append(out, g)
	}
	return out, found.Err()
}

// Denied returns what peers denied since a time, newest first, at most 500.
func (r *Room) Denied(ctx context.Context, since time.Time) ([]Denial, error) {
	var out []Denial
	err := r.read(ctx, func(tx *store.Tx) error {
		out = nil
		found, err := tx.Query(ctx, sqlDenied, micros(since))
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var node, stage, code, unmet string
			var id []byte
			var at int64
			if err := found.Scan(&node, &id, &at, &stage, &code, &unmet); err != nil {
				return err
			}
			out = append(out, Denial{identity.NodeID(node), cx.ID(id), fromMicros(at), cx.Stage(stage), cx.Code(code), strings.Fields(unmet)})
		}
		return found.Err()
	})
	return out, err
}
