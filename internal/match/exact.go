package match

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match/ask"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// The kinds of exact values that are compared, and how many points each has.
var exactKinds = []struct {
	kind string
	of   func(*ask.Child) []string
	most int
}{
	{"date", func(c *ask.Child) []string { return one(c.Date) }, 1},
	{"mother", func(c *ask.Child) []string { return c.Mother }, 3},
	{"region", func(c *ask.Child) []string { return one(c.Region) }, 1},
	{"family", func(c *ask.Child) []string { return c.Family }, 3},
}

func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// exactly sets the comparison of exact values apart from that of tables.
const exactly = "exact"

// exactDomain is what exact values may be compared under.
func (r *Room) exactDomain(a *Agreement, epoch uint32) mask.Domain {
	d := r.domain(a, epoch)
	d.Purpose = exactly
	return d
}

// exactPoints masks exact values of a child, for one answer alone: its token is part of
// every key. What is not known is a random point, which agrees with nothing.
func exactPoints(s *mask.Secret, d mask.Domain, token []byte, c *ask.Child) (out []mask.Point, err error) {
	for _, k := range exactKinds {
		values := k.of(c)
		for i := range k.most {
			if i < len(values) {
				out = append(out, s.Hide(d, mask.Key{Kind: k.kind + "/" + hex.EncodeToString(token), Value: values[i]}))
				continue
			}
			p, err := mask.Filler(rand.Reader)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// exactAgree returns the kinds of which a value is the same on both sides; the points are
// raised by both.
func exactAgree(x, y []mask.Point) (kinds []string) {
	at := 0
	for _, k := range exactKinds {
		for _, p := range x[at : at+k.most] {
			if slices.Contains(y[at:at+k.most], p) && !slices.Contains(kinds, k.kind) {
				kinds = append(kinds, k.kind)
			}
		}
		at += k.most
	}
	return kinds
}

func raiseAll(s *mask.Secret, points []mask.Point) ([]mask.Point, error) {
	out := make([]mask.Point, len(points))
	for i, p := range points {
		var err error
		if out[i], err = s.Raise(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Accept is the second word of the asker: an officer goes on with an answer, or does not.
// Going on, both sides learn which exact values agree, before any name is told. Of not
// going on the other node hears nothing.
func (r *Room) Accept(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id QuestionID, yes bool) error {
	act := access.Act{Action: "match.accept", Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		q, err := r.question(ctx, p.Tx(), of, id)
		if err != nil {
			return "", err
		}
		if err := q.checked(ctx, p); err != nil {
			return "", err
		}
		x, err := r.answer(ctx, p.Tx(), q.Agreement, q.wire)
		if err != nil {
			return "", err
		}
		if x.State != CCame {
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		}
		return "", r.Cases.Tell(ctx, p, KindAccepted, q.ID, func() error {
			if err := r.Cases.Met(ctx, p, q.ID); err != nil {
				return err
			}
			if !yes {
				return x.become(ctx, p.Tx(), CDeclined)
			}
			return r.accepts(ctx, p, q, x)
		})
	})
	return err
}

func (r *Room) accepts(ctx context.Context, p *access.Pass, q *Question, x *Answer) error {
	a, err := r.askable(ctx, p, q.Case, q.Agreement)
	if err != nil {
		return err
	}
	s, v, err := r.openAnswer(a, x)
	if err != nil {
		return err
	}
	child, err := r.codes(ctx, p, q.Case)
	if err != nil {
		return err
	}
	points, err := exactPoints(s, r.exactDomain(a, x.Epoch), x.token[:], &child)
	if err != nil {
		return err
	}
	x.seal(v)
	if err := x.become(ctx, p.Tx(), CAccepted); err != nil {
		return err
	}
	return r.compare(ctx, p, a, x, &matching.Compare{Step: matching.CompareAsk, Once: matching.Flat(points)}, r.Partners.Officer(p.Caller().Staff()))
}

func (r *Room) openAnswer(a *Agreement, x *Answer) (*mask.Secret, *vault, error) {
	s, err := r.secret(a, x.Epoch)
	if err != nil {
		return nil, nil, err
	}
	v, err := newVault(s, a.ID, x.Epoch)
	if err != nil {
		return nil, nil, err
	}
	return s, v, x.open(v)
}

// compare sends a step of the comparison of exact values.
func (r *Room) compare(ctx context.Context, p *access.Pass, a *Agreement, x *Answer, step *matching.Compare, officer string) error {
	step.Agreement, step.Question, step.Token = hexOf(a.ID), hex.EncodeToString(x.Question[:]), x.token[:]
	body, err := step.Encode()
	if err != nil {
		return err
	}
	_, err = r.send(ctx, p.Tx(), a, threadOf(a.ID, "answer", x.Epoch), cx.MatchAccept, matching.SchemaAccept, body, officer)
	return err
}

// compareCame takes a step of the comparison. Each is taken once, and only with the token
// of the answer.
func (r *Room) compareCame(ctx context.Context, m *cx.Message, settle Settle) error {
	said, err := matching.ReadCompare(m.Payload)
	if err != nil || m.Schema != matching.SchemaAccept {
		return r.refuse(ctx, settle, cx.BadFormat)
	}
	side := Holder
	if said.Step == matching.CompareBack {
		side = Asker
	}
	a, code, err := r.under(ctx, m, said.Agreement, side)
	if err != nil {
		return err
	}
	var x *Answer
	if code == "" {
		x, code, err = r.answerOf(ctx, a, said)
		if err != nil {
			return err
		}
	}
	if code != "" {
		return r.refuse(ctx, settle, code)
	}
	act := access.Act{Action: "match.found", Purpose: "maintenance", Case: x.Case}
	return r.gate.Group(ctx, func(g *access.Gate) error {
		_, err := g.Do(ctx, g.Job("match"), act, func(p *access.Pass) (string, error) { return "", r.compared(ctx, p, a, said) })
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, g.Job("match"), access.Act{Action: "match.receive", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
			return "", settle(ctx, p.Tx(), cx.Opened{})
		})
		return err
	})
}

// answerOf returns the answer that a step is about, or the code by which it is refused.
func (r *Room) answerOf(ctx context.Context, a *Agreement, said *matching.Compare) (x *Answer, code cx.Code, err error) {
	question, err := hex.DecodeString(said.Question)
	if err != nil {
		return nil, cx.BadFormat, nil
	}
	err = r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		x, err = r.answer(ctx, tx, a.ID, [16]byte(question))
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return nil, cx.LabelRefused, nil
	}
	if err != nil {
		return nil, "", err
	}
	if _, _, err := r.openAnswer(a, x); gone(err) {
		return nil, cx.LabelRefused, nil
	} else if err != nil {
		return nil, "", err
	}
	want := map[string]string{matching.CompareAsk: given, matching.CompareBack: CAccepted, matching.CompareDone: CAccepted}[said.Step]
	switch {
	case subtle.ConstantTimeCompare(x.token[:], said.Token) != 1, x.Day == 0:
		return nil, cx.LabelRefused, nil
	case x.State != want:
		return nil, cx.Conflict, nil
	}
	return x, "", nil
}

// compared acts on a step, in the file of the child.
func (r *Room) compared(ctx context.Context, p *access.Pass, a *Agreement, said *matching.Compare) error {
	question, err := hex.DecodeString(said.Question)
	if err != nil {
		return err
	}
	x, err := r.answer(ctx, p.Tx(), a.ID, [16]byte(question))
	if err != nil {
		return err
	}
	s, v, err := r.openAnswer(a, x)
	if err != nil {
		return err
	}
	theirs, raised := matching.Unflat(said.Once), matching.Unflat(said.Raised)
	switch said.Step {
	case matching.CompareAsk:
		return r.comparedFirst(ctx, p, a, x, s, v, theirs)
	case matching.CompareBack:
		both, err := raiseAll(s, theirs)
		if err != nil {
			return err
		}
		x.Agreed = exactAgree(raised, both)
		return r.Cases.Tell(ctx, p, KindCompared, x.Question, func() error {
			return errors.Join(x.become(ctx, p.Tx(), CComparedIt),
				r.compare(ctx, p, a, x, &matching.Compare{Step: matching.CompareDone, Raised: matching.Flat(both)}, officerOfJobs))
		})
	default:
		x.Agreed = exactAgree(matching.Unflat(x.ours), raised)
		return r.Cases.Tell(ctx, p, KindCompared, x.Question, func() error { return x.become(ctx, p.Tx(), CComparedIt) })
	}
}

// comparedFirst answers the asker's points with ours, and keeps theirs as both raised them.
func (r *Room) comparedFirst(ctx context.Context, p *access.Pass, a *Agreement, x *Answer, s *mask.Secret, v *vault, theirs []mask.Point) error {
	unmet, err := r.mayAsk(ctx, p, x.Case, a)
	if err != nil {
		return err
	}
	child, err := r.codes(ctx, p, x.Case)
	if err != nil {
		return err
	}
	if len(unmet) > 0 { // it was taken back meanwhile: nothing of the child agrees
		child = ask.Child{}
	}
	mine, err := exactPoints(s, r.exactDomain(a, x.Epoch), x.token[:], &child)
	if err != nil {
		return err
	}
	both, err := raiseAll(s, theirs)
	if err != nil {
		return err
	}
	x.ours = matching.Flat(both)
	x.seal(v)
	return r.Cases.Tell(ctx, p, KindAccepted, x.Question, func() error {
		return errors.Join(x.become(ctx, p.Tx(), CAccepted),
			r.compare(ctx, p, a, x, &matching.Compare{Step: matching.CompareBack, Once: matching.Flat(mine), Raised: matching.Flat(both)}, officerOfJobs))
	})
}
