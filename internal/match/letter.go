package match

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"causeway/internal/access"
	"causeway/internal/store"
	"causeway/protocol/cx"
)

// Handle acts on a message of the class "match".
func (r *Room) Handle(ctx context.Context, m *cx.Message, settle Settle) error {
	take, ok := r.takes[m.Type]
	if !ok {
		return r.refuse(ctx, settle, cx.Unsupported)
	}
	return take(ctx, m, settle)
}

// job runs what a message brought in a transaction of its own, which the journal enters.
func (r *Room) job(ctx context.Context, fn func(p *access.Pass) error) error {
	act := access.Act{Action: "match.receive", Purpose: "maintenance"}
	_, err := r.gate.Do(ctx, r.gate.Job("match"), act, func(p *access.Pass) (string, error) { return "", fn(p) })
	return err
}

// refuse settles a message that this node does not act upon.
func (r *Room) refuse(ctx context.Context, settle Settle, code cx.Code) error {
	return r.job(ctx, func(p *access.Pass) error { return settle(ctx, p.Tx(), cx.Opened{Refused: code}) })
}

// threadOf is the thread of what is said under an agreement: the same on both nodes.
func threadOf(id AgreementID, what string, epoch uint32) (t cx.Thread) {
	b := append([]byte("causeway/match/thread/1\x00"+what+"\x00"), id[:]...)
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(b, epoch))
	copy(t[:], sum[:])
	return t
}

// send lets a message under an agreement wait for its number.
func (r *Room) send(ctx context.Context, tx *store.Tx, a *Agreement, thread cx.Thread, typ cx.Type, schema string, body []byte, officer string) (cx.ID, error) {
	purpose := cx.FamilyTracing
	if a.Purpose == Selectors {
		purpose = cx.CriminalJustice
	}
	l := cx.DefaultLabels(purpose, cx.BasisLaw)
	country, _, _ := strings.Cut(string(r.Partners.Own()), ".")
	l.Jurisdiction, l.RetainRule, l.BasisRef = country, "ledger", a.Basis
	stream := cx.Cmd
	if !typ.In(stream) {
		stream = cx.Status
	}
	return r.Post.Send(ctx, tx, &cx.Draft{
		To: a.Peer, Thread: thread, Stream: stream, Type: typ, Schema: schema, Payload: body, Officer: officer, Labels: l,
	})
}
