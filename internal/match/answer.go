package match

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/matching"
)

// The states of an answer.
const (
	given       = "given"
	CCame       = "came"     // an officer of ours decides whether to go on
	CDeclined   = "declined" // we do not; the other node is not told
	CAccepted   = "accepted" // we do: exact values are compared
	CComparedIt = "compared"
)

// Answer is what an officer of the holder answered, on both sides.
type Answer struct {
	At        time.Time
	Day       int64
	Epoch     uint32
	Agreement AgreementID
	Question  [16]byte
	Case      ident.Case
	State     string
	Agreed    []string // kinds of exact values that agree, once they were compared
	Contact   string

	token  [matching.TokenSize]byte
	ours   []byte // points of ours that both raised, of the exact values
	sealed []byte
}

func (r *Room) answerVault(a *Agreement, epoch uint32) (*vault, error) {
	s, err := r.secret(a, epoch)
	if err != nil {
		return nil, err
	}
	return newVault(s, a.ID, epoch)
}

// seal puts what is said into the answer's sealed part: token, our points, contact point.
func (x *Answer) seal(v *vault) {
	b := append([]byte{}, x.token[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(x.ours)))
	b = append(append(b, x.ours...), x.Contact...)
	x.sealed = v.seal("answer", x.Question[:], b)
}

func (x *Answer) open(v *vault) error {
	b, err := v.open("answer", x.Question[:], x.sealed)
	if err != nil || len(b) < matching.TokenSize+2 {
		return fault.New(fault.Internal, "record-altered")
	}
	n := int(binary.BigEndian.Uint16(b[matching.TokenSize:]))
	rest := b[matching.TokenSize+2:]
	if n > len(rest) {
		return fault.New(fault.Internal, "record-altered")
	}
	copy(x.token[:], b)
	x.ours, x.Contact = slices.Clone(rest[:n]), string(rest[n:])
	return nil
}

func (x *Answer) scan(scan func(...any) error) error {
	var at int64
	var question []byte
	var agreed string
	err := scan(&at, &x.Day, &x.Epoch, &x.Agreement, &question, &x.Case, &x.State, &agreed, &x.sealed)
	x.At = fromMicros(at)
	copy(x.Question[:], question)
	if agreed != "" {
		x.Agreed = strings.Split(agreed, " ")
	}
	return err
}

func (r *Room) answers(ctx context.Context, tx *store.Tx, query string, args ...any) (out []*Answer, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		x := &Answer{}
		if err := x.scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

func (r *Room) answer(ctx context.Context, tx *store.Tx, id AgreementID, question [16]byte) (*Answer, error) {
	x := &Answer{}
	return x, x.scan(tx.QueryRow(ctx, sqlSelectAnswer, id[:], question[:]).Scan)
}

func (x *Answer) insert(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, sqlInsertAnswer, micros(x.At), x.Day, int64(x.Epoch), x.Agreement[:], x.Question[:], x.Case[:], x.State,
		strings.Join(x.Agreed, " "), x.sealed)
	return err
}

// become writes the next state of an answer; where it is not as it was, it is a Conflict.
func (x *Answer) become(ctx context.Context, tx *store.Tx, state string) error {
	n, err := tx.Exec(ctx, sqlAnswerState, x.Agreement[:], x.Question[:], state, strings.Join(x.Agreed, " "), x.sealed, x.State)
	if err != nil || n != 1 {
		return orMeanwhile(err)
	}
	x.State = state
	return nil
}

// Deciding is what an officer fills in about a child of ours who was found.
type Deciding struct {
	Choice  string // one of [Choices]
	Contact string // of an answer: whom they turn to
}

func (f *Deciding) check() error {
	var c fault.Check
	c.Require(slices.Contains(Choices(), f.Choice), "match_choice", "required")
	if f.Choice == AAnswered {
		c.Require(f.Contact != "", "match_contact", "required")
		c.Require(f.Contact == "" || matching.IsContact(f.Contact), "match_contact", "too-long")
	}
	return c.Err()
}

// Decide is the officer of the holder: an answer goes with a letter of another day; to say
// nothing is told to nobody. What was handed on can be decided later.
func (r *Room) Decide(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id HitID, f Deciding) error {
	f.Contact = strings.TrimSpace(f.Contact)
	if err := f.check(); err != nil {
		return err
	}
	act := access.Act{Action: "match.decide", Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		x, err := r.oneHit(ctx, p.Tx(), of, id)
		if err != nil {
			return "", err
		}
		s, err := p.Sealer(ctx)
		if err != nil {
			return "", err
		}
		if err := askedLedger.Check(s, x.ID[:], &x.Stamp, x.columns()); err != nil {
			return "", err
		}
		if x.State == AAnswered || x.State == ASilent {
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		}
		x.State, x.Decided, x.Decider = f.Choice, p.Now(), c.Staff()
		return "", r.Cases.Tell(ctx, p, KindReplied, x.ID, func() error {
			err := errors.Join(x.write(ctx, p), r.Cases.Met(ctx, p, x.ID))
			if err == nil && f.Choice == AAnswered {
				err = r.give(ctx, p, x, f.Contact)
			}
			return err
		})
	})
	return err
}

// give keeps an answer for the letter of another day. Of several children who were found,
// one is answered.
func (r *Room) give(ctx context.Context, p *access.Pass, asked *Hit, contact string) error {
	a, err := r.inForce(ctx, p.Tx(), asked.Agreement)
	if err != nil {
		return err
	}
	unmet, err := r.mayAsk(ctx, p, asked.Case, a)
	if err != nil {
		return err
	}
	if len(unmet) > 0 {
		return fault.New(fault.Invalid, unmet[0])
	}
	v, err := r.answerVault(a, asked.Epoch)
	if err != nil {
		return err
	}
	x := &Answer{At: p.Now(), Epoch: asked.Epoch, Agreement: a.ID, Question: asked.Question, Case: asked.Case, State: given, Contact: contact}
	if _, err := io.ReadFull(rand.Reader, x.token[:]); err != nil {
		return err
	}
	x.seal(v)
	if err := x.insert(ctx, p.Tx()); err != nil {
		if errorsExists(err) {
			return fault.New(fault.Invalid, "match-answered-already")
		}
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}

func (r *Room) oneHit(ctx context.Context, tx *store.Tx, of ident.Case, id HitID) (*Hit, error) {
	all, err := r.hits(ctx, tx, sqlAskedOf, of)
	for _, x := range all {
		if x.ID == id {
			return x, nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return nil, err
}

func (r *Room) hits(ctx context.Context, tx *store.Tx, query string, args ...any) (out []*Hit, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		x := &Hit{}
		if err := x.scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// sendAnswers sends a letter of the day: what was answered before this day, and otherwise
// nothing; it goes every day, and is as long whatever is in it. An answer about a child of
// whom nothing may go there any more stays here.
func (r *Room) sendAnswers(ctx context.Context, a *Agreement, now time.Time, part int) error {
	day := dayOf(now)
	midnight := time.Unix(day*24*3600, 0)
	there := false
	var due []*Answer
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if there, err = r.hasLetter(ctx, tx, a, wayAnswer, day, part); err == nil && !there {
			due, err = r.answers(ctx, tx, sqlAnswersGiven, a.ID[:], midnight.UnixMicro())
		}
		return err
	})
	if err != nil || there {
		return err
	}
	leaves := map[ident.Case]bool{}
	for _, x := range due {
		if leaves[x.Case], err = r.stays(ctx, x.Case, a); err != nil {
			return err
		}
	}
	return r.job(ctx, func(p *access.Pass) error {
		if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
			return err
		}
		all, err := r.answers(ctx, p.Tx(), sqlAnswersGiven, a.ID[:], midnight.UnixMicro())
		if err != nil {
			return err
		}
		var replies []matching.Reply
		for _, x := range all {
			if !leaves[x.Case] {
				continue
			}
			v, err := r.answerVault(a, x.Epoch)
			if gone(err) {
				continue // its epoch is over
			}
			if err == nil {
				err = x.open(v)
			}
			if err != nil {
				return err
			}
			replies = append(replies, matching.Reply{Question: x.Question, Token: x.token, Contact: x.Contact})
			if _, err := p.Tx().Exec(ctx, sqlAnswerSent, a.ID[:], x.Question[:], day); err != nil {
				return err
			}
		}
		body, err := (&matching.Answer{Agreement: hexOf(a.ID), Day: day, Part: part}).Encode(replies)
		if err != nil {
			return err
		}
		return r.letter(ctx, p, a, wayAnswer, day, part, a.EpochAt(p.Now()), len(replies), body)
	})
}

// answerCame notes the answers of a letter, each in the file of the child who was asked
// about, all of them in one commit. What answers no question of ours is left out.
func (r *Room) answerCame(ctx context.Context, m *cx.Message, settle Settle) error {
	said, replies, err := matching.ReadAnswer(m.Payload)
	if err != nil || m.Schema != matching.SchemaAnswer {
		return r.refuse(ctx, settle, cx.BadFormat)
	}
	a, code, err := r.under(ctx, m, said.Agreement, Asker)
	if err != nil {
		return err
	}
	if code == "" && (said.Part >= letters(a) || !near(said.Day, r.Clock.Now())) {
		code = cx.LabelRefused
	}
	if code != "" {
		return r.refuse(ctx, settle, code)
	}
	there := false
	var mine []*Question
	err = r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if there, err = r.hasLetter(ctx, tx, a, wayAnswer, said.Day, said.Part); err != nil || there {
			return err
		}
		mine, err = r.answered(ctx, tx, a, replies)
		return err
	})
	if err != nil {
		return err
	}
	if there {
		return r.refuse(ctx, settle, cx.Conflict)
	}
	return r.gate.Group(ctx, func(g *access.Gate) error {
		for i, q := range mine {
			if q == nil {
				continue
			}
			if err := r.cameFor(ctx, g, a, q, said.Day, &replies[i]); err != nil {
				return err
			}
		}
		_, err := g.Do(ctx, g.Job("match"), access.Act{Action: "match.receive", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
			_, err := p.Tx().Exec(ctx, sqlInsertLetter, said.Day, said.Part, p.Now().UnixMicro(), a.EpochAt(p.Now()), len(replies), wayAnswer, a.ID[:], []byte{})
			if err != nil {
				return "", err
			}
			return "", settle(ctx, p.Tx(), cx.Opened{})
		})
		return err
	})
}

// answered returns the questions that replies answer; nil for one that was never asked, or
// answered before.
func (r *Room) answered(ctx context.Context, tx *store.Tx, a *Agreement, replies []matching.Reply) ([]*Question, error) {
	out := make([]*Question, len(replies))
	for i := range replies {
		qs, err := r.questions(ctx, tx, sqlQuestionOfWire, a.ID[:], replies[i].Question[:])
		if err != nil {
			return nil, err
		}
		if _, err := r.answer(ctx, tx, a.ID, replies[i].Question); err == nil || len(qs) == 0 {
			continue
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		out[i] = qs[0]
	}
	return out, nil
}

func (r *Room) cameFor(ctx context.Context, g *access.Gate, a *Agreement, q *Question, day int64, reply *matching.Reply) error {
	v, err := r.answerVault(a, q.Epoch)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	act := access.Act{Action: "match.found", Purpose: "maintenance", Case: q.Case}
	_, err = g.Do(ctx, g.Job("match"), act, func(p *access.Pass) (string, error) {
		x := &Answer{
			At: p.Now(), Day: day, Epoch: q.Epoch, Agreement: a.ID, Question: reply.Question, Case: q.Case, State: CCame, Contact: reply.Contact,
			token: reply.Token,
		}
		x.seal(v)
		return "", r.Cases.Tell(ctx, p, KindAnswered, q.ID, func() error {
			return errors.Join(x.insert(ctx, p.Tx()), r.Cases.Due(ctx, p, q.ID, p.Now().Add(decideFor)))
		})
	})
	return err
}
