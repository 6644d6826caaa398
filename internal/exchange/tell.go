package exchange

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// keysThread is the thread in which a node tells another what its recovery pair said. It
// is the same for the two for ever, and is open in quarantine too.
func keysThread(from, to identity.NodeID) cx.Thread {
	d := sha256.Sum256([]byte("causeway/exchange/keys\n" + string(from) + "\n" + string(to)))
	return cx.Thread(d[:16])
}

// telling is a note of our recovery pair that a peer is to have.
type telling struct {
	id   cx.ID // the same for this note and this peer, so that it is told once
	kind cx.Type
	note []byte
}

// tellings returns what our recovery pair said and a peer was not told yet: the newest
// schedule, then what was taken back.
func (r *Room) tellings(ctx context.Context, tx *store.Tx, to identity.NodeID) ([]telling, error) {
	peer, err := r.Peer(ctx, tx, to)
	if err != nil || !peer.Paired(tx.Now()) {
		return nil, err
	}
	self, err := r.Self(ctx, tx)
	if fault.CodeOf(err) == "exchange-keys" { // before the first sitting
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows := r.rowsOf(ctx, tx, peer)
	var out []telling
	for i, note := range self.Notes {
		t, at := telling{kind: cx.ScheduleNote, note: note}, time.Time{}
		if i == 0 {
			at = self.History.Newest().Issued
		} else {
			t.kind, at = cx.RevokeNote, self.History.Revocations[i-1].Issued
		}
		t.id = cx.IDOf(at, cx.DigestOf(append([]byte(to+"\n"), note...)))
		o, err := r.out(ctx, tx, to, t.id)
		if err != nil {
			return nil, err
		}
		placed, err := rows.Find(delivery.Ours, delivery.ID(t.id))
		if err != nil {
			return nil, err
		}
		if o == nil && placed.Seq == 0 {
			out = append(out, t)
		}
	}
	return out, nil
}

// tell queues what a peer was not told yet.
func (r *Room) tell(ctx context.Context, tx *store.Tx, to identity.NodeID) error {
	all, err := r.tellings(ctx, tx, to)
	if err != nil {
		return err
	}
	for _, t := range all {
		body, err := cx.EncodeBody(&cx.SignedNoteBody{Note: string(t.note)})
		if err != nil {
			return err
		}
		d := &cx.Draft{
			To: to, Thread: keysThread(r.node, to), Stream: cx.Cmd, Type: t.kind, Schema: cx.SchemaSignedNote, Payload: body, Officer: "exchange",
			Labels: cx.OfficeLabels(officeLaw(r.node)),
		}
		if err := r.queueAs(ctx, tx, t.id, d); err != nil {
			return err
		}
	}
	return nil
}

// officeLaw is the jurisdiction of what the post office itself says.
func officeLaw(node identity.NodeID) string {
	if c := node.Country(); c != "" {
		return c
	}
	return "int" // an organisation of many States
}

// Notes returns what our recovery pair said, for a peer that does not know the keys by
// which we sign any more: each note travels alone, and needs no signature but its own.
func (r *Room) Notes(ctx context.Context) ([][]byte, error) {
	var out [][]byte
	err := r.read(ctx, func(tx *store.Tx) error {
		s, err := r.Self(ctx, tx)
		if err == nil {
			out = s.Notes
		}
		return err
	})
	return out, err
}

// takeNote takes a note of a peer's recovery pair that was brought alone.
func (r *Room) takeNote(ctx context.Context, from identity.NodeID, signed []byte) error {
	_, err := r.LearnNow(ctx, from, signed)
	code, err := verdictOn(err)
	if err == nil && code != "" {
		err = code
	}
	return err
}

// takeKeys takes a message that carries such a note. It is settled in the transaction in
// which the keys are kept.
func (r *Room) takeKeys(ctx context.Context, m *cx.Message, settle Settle) error {
	body, bad := cx.DecodeBody[cx.SignedNoteBody](m.Payload)
	act := access.Act{Action: "peer.learn", Purpose: Purpose, Command: ident.New[ident.Command]()}
	_, err := r.gate.Do(ctx, r.gate.Job(JobKeys), act, func(p *access.Pass) (string, error) {
		if bad != nil {
			return "", settle(ctx, p.Tx(), cx.Opened{Refused: cx.BadFormat})
		}
		kind, err := r.learnNote(ctx, p, m.From, []byte(body.Note))
		code, err := verdictOn(err)
		if err != nil {
			return "", err
		}
		return kind, settle(ctx, p.Tx(), cx.Opened{Refused: code})
	})
	return err
}

// verdictOn turns what a history refuses into the code that a peer is answered with. An
// older schedule is no fault of who sent it: a newer one came another way.
func verdictOn(err error) (cx.Code, error) {
	switch fault.CodeOf(err) {
	case "peer-rollback", "peer-closed":
		return "", nil
	case "peer-not-recovery":
		return cx.BadSignature, nil
	case "peer-future":
		return cx.Held, nil
	case "peer-card":
		return cx.BadFormat, nil
	}
	return "", err
}

// passes reports whether a message may be opened whatever stands between the two nodes.
func passes(t cx.Type) bool { return slices.Contains(quarantineTypes, t) }

// keysDesk is the desk for what passes even in quarantine.
func (r *Room) keysDesk(ctx context.Context, tx *store.Tx, p *Peer) (*delivery.Desk, error) {
	d, err := r.desk(ctx, tx, p)
	if err == nil {
		d.Rows.(*rows).open = true
	}
	return d, err
}

// deskFor is the desk for a thread.
func (r *Room) deskFor(ctx context.Context, tx *store.Tx, p *Peer, t cx.Thread) (*delivery.Desk, error) {
	if t == keysThread(r.node, p.Node) || t == keysThread(p.Node, r.node) {
		return r.keysDesk(ctx, tx, p)
	}
	return r.desk(ctx, tx, p)
}

// oldPen returns who signs what tells of our keys: of the keys that hold, the one that
// began first, because a peer knows it from the schedule before.
func (r *Room) oldPen(ctx context.Context, tx *store.Tx) (*pen, error) {
	s, err := r.Self(ctx, tx)
	if err != nil {
		return nil, err
	}
	held := s.History.Keys(identity.Sign, tx.Now())
	for i := len(held) - 1; i >= 0; i-- {
		id := held[i].ID(r.node)
		if signer, err := r.keys.ExchangeSigner(r.node, id); err == nil {
			return &pen{r.node, id, signer}, nil
		}
	}
	return r.pen(ctx, tx)
}

// penFor returns who signs a message of a type.
func (r *Room) penFor(ctx context.Context, tx *store.Tx, t cx.Type) (*pen, error) {
	if passes(t) {
		return r.oldPen(ctx, tx)
	}
	return r.pen(ctx, tx)
}
