package match

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// officerOfJobs stands where a message names who sends it and nobody does: the job.
const officerOfJobs = "match"

// row names a part within its table.
func row(part int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(part)) }

// wrote puts the digest of what is sent into the journal's entry.
func (r *Room) wrote(p *access.Pass, a *Agreement, epoch uint32, part int, body []byte) {
	sum := sha256.Sum256(body)
	p.Wrote("match_part", append(append(append([]byte{}, a.ID[:]...), row(int(epoch))...), row(part)...), 1, sum[:])
}

func orMeanwhile(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "changed-meanwhile")
}

// partCame reads a part that a node sent on one of the two ways.
func (r *Room) partCame(ctx context.Context, m *cx.Message, side Side) (*Agreement, *matching.Part, cx.Code, error) {
	part, err := matching.ReadPart(m.Payload)
	if err != nil || m.Schema != matching.SchemaPart {
		return nil, nil, cx.BadFormat, nil
	}
	id, err := hex.DecodeString(part.Agreement)
	if err != nil || len(id) != len(AgreementID{}) {
		return nil, nil, cx.BadFormat, nil
	}
	var a *Agreement
	err = r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = r.inForce(ctx, tx, AgreementID(id))
		return err
	})
	switch {
	case fault.Is(err, fault.NotFound), fault.CodeOf(err) == "match-not-in-force":
		return nil, nil, cx.LabelRefused, nil
	case err != nil:
		return nil, nil, "", err
	case a.Peer != m.From, a.Side != side, !a.live(part.Epoch, r.Clock.Now()), part.Part >= matching.Parts(a.SizeClass):
		return nil, nil, cx.LabelRefused, nil
	}
	return a, part, "", nil
}

// tableCame raises a part of the other node's table and sends it back: each part once.
// What is no point refuses the whole part.
func (r *Room) tableCame(ctx context.Context, m *cx.Message, settle Settle) error {
	a, part, code, err := r.partCame(ctx, m, Asker)
	if err != nil {
		return err
	}
	if code != "" {
		return r.refuse(ctx, settle, code)
	}
	s, err := r.secret(a, part.Epoch)
	if err != nil {
		return err
	}
	points := part.All()
	if err := s.RaiseAll(ctx, points, nil); errors.Is(err, mask.ErrPoint) {
		return r.refuse(ctx, settle, cx.BadFormat)
	} else if err != nil {
		return err
	}
	body, err := matching.NewPart(part.Agreement, part.Epoch, part.Part, points).Encode()
	if err != nil {
		return err
	}
	twice := false
	err = r.job(ctx, func(p *access.Pass) error {
		if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
			return err
		}
		if twice, err = r.hasPart(ctx, p.Tx(), a, part); err != nil || twice {
			return errors.Join(err, settleIf(ctx, p, settle, twice))
		}
		if err := p.Tx().Put(ctx, sqlInsertPart, a.ID[:], part.Epoch, part.Part, p.Now().UnixMicro(), []byte{}, []byte{}); err != nil {
			return fmt.Errorf("note part: %w", err)
		}
		r.wrote(p, a, part.Epoch, part.Part, body)
		if _, err := r.send(ctx, p.Tx(), a, threadOf(a.ID, "table", part.Epoch), cx.MatchBack, matching.SchemaPart, body, officerOfJobs); err != nil {
			return err
		}
		return settle(ctx, p.Tx(), cx.Opened{})
	})
	if fault.CodeOf(err) == "match-not-in-force" { // it ended meanwhile
		return r.refuse(ctx, settle, cx.LabelRefused)
	}
	return err
}

// settleIf refuses a part that came before.
func settleIf(ctx context.Context, p *access.Pass, settle Settle, twice bool) error {
	if !twice {
		return nil
	}
	return settle(ctx, p.Tx(), cx.Opened{Refused: cx.Conflict})
}

func (r *Room) hasPart(ctx context.Context, tx *store.Tx, a *Agreement, part *matching.Part) (bool, error) {
	var n int64
	err := tx.QueryRow(ctx, sqlHasPart, a.ID[:], part.Epoch, part.Part).Scan(&n)
	return n > 0, err
}

// backCame keeps by which tags the keys of a part of our table are found. What is no point
// refuses the whole part; each part is taken once.
func (r *Room) backCame(ctx context.Context, m *cx.Message, settle Settle) error {
	a, part, code, err := r.partCame(ctx, m, Holder)
	if err != nil {
		return err
	}
	var points []mask.Point
	if code == "" {
		if points = part.All(); matching.CheckPoints(points) != nil {
			code = cx.BadFormat
		}
	}
	if code != "" {
		return r.refuse(ctx, settle, code)
	}
	s, err := r.secret(a, part.Epoch)
	if err != nil {
		return err
	}
	v, err := newVault(s, a.ID, part.Epoch)
	if err != nil {
		return err
	}
	tags := make([]byte, 0, len(points)*mask.TagSize)
	for i := range points {
		tag := points[i].Tag()
		tags = append(tags, tag[:]...)
	}
	blob := v.seal("tags", row(part.Part), tags)
	err = r.job(ctx, func(p *access.Pass) error {
		if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
			return err
		}
		n, err := p.Tx().Exec(ctx, sqlPartBack, a.ID[:], part.Epoch, part.Part, p.Now().UnixMicro(), blob)
		if err != nil {
			return err
		}
		if n != 1 { // it was never sent, or came before
			return settle(ctx, p.Tx(), cx.Opened{Refused: cx.Conflict})
		}
		if _, err := p.Tx().Exec(ctx, sqlTableBack, a.ID[:], part.Epoch, p.Now().UnixMicro()); err != nil {
			return err
		}
		return settle(ctx, p.Tx(), cx.Opened{})
	})
	if fault.CodeOf(err) == "match-not-in-force" {
		return r.refuse(ctx, settle, cx.LabelRefused)
	}
	return err
}
