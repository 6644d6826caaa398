package match

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/matching"
)

// The hours, UTC, from which the letters of a day go: at the same time whatever is in them.
const (
	questionHour = 18
	answerHour   = 6
)

// The ways of letters.
const (
	wayQuestion = "question"
	wayUrgent   = "urgent"
	wayAnswer   = "answer"
)

// tendLetters does what is due under an agreement in force: the letters of the day, what
// came and waits to be looked up, and the counts of the month.
func (r *Room) tendLetters(ctx context.Context, a *Agreement, now time.Time) error {
	if a.State != Force || a.EpochAt(now) == 0 {
		return nil
	}
	var failed []error
	for part := range letters(a) {
		switch {
		case a.Side == Asker && now.Hour() >= questionHour:
			failed = append(failed, r.sendDay(ctx, a, now, part))
		case a.Side == Holder && now.Hour() >= answerHour:
			failed = append(failed, r.sendAnswers(ctx, a, now, part))
		}
	}
	if a.Side == Holder {
		failed = append(failed, r.lookUpAll(ctx, a))
	}
	return errors.Join(append(failed, r.sendCount(ctx, a, now))...)
}

// letters is how many letters a day has: as many as the questions of a day need.
func letters(a *Agreement) int { return (a.PerDay + matching.DaySlots - 1) / matching.DaySlots }

func (r *Room) hasLetter(ctx context.Context, tx *store.Tx, a *Agreement, way string, day int64, part int) (bool, error) {
	var n int64
	err := tx.QueryRow(ctx, sqlHasLetter, a.ID[:], way, day, part).Scan(&n)
	return n > 0, err
}

// sendDay sends a letter of the day with what was approved, and fillers; also when nothing
// was asked. All of it, and that each question left, stands or falls in one commit.
func (r *Room) sendDay(ctx context.Context, a *Agreement, now time.Time, part int) error {
	there := false
	var due []*Question
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if there, err = r.hasLetter(ctx, tx, a, wayQuestion, dayOf(now), part); err == nil && !there {
			due, err = r.questions(ctx, tx, sqlApproved, a.ID[:])
		}
		return err
	})
	if err != nil || there {
		return err
	}
	var go50 []*Question
	for _, q := range due {
		leaves, err := r.stopUnlessMay(ctx, a, q)
		if err != nil {
			return err
		}
		if leaves {
			go50 = append(go50, q)
		}
	}
	return r.gate.Group(ctx, func(g *access.Gate) error {
		var slots []matching.Slot
		for _, q := range go50 {
			s, err := r.leave(ctx, g, a, q)
			if err != nil {
				return err
			}
			slots = append(slots, s)
		}
		_, err := g.Do(ctx, g.Job("match"), access.Act{Action: "match.receive", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
			return "", r.sendLetter(ctx, p, a, dayOf(now), part, slots)
		})
		return err
	})
}

// sendLetter fills a letter up and sends it, once.
func (r *Room) sendLetter(ctx context.Context, p *access.Pass, a *Agreement, day int64, part int, slots []matching.Slot) error {
	if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
		return err
	}
	for len(slots) < matching.DaySlots {
		s, err := matching.Filler(rand.Reader)
		if err != nil {
			return err
		}
		slots = append(slots, s)
	}
	slices.SortFunc(slots, func(x, y matching.Slot) int { return slices.Compare(x.ID[:], y.ID[:]) })
	epoch := a.EpochAt(p.Now())
	body, err := (&matching.Question{Agreement: hexOf(a.ID), Epoch: epoch, Day: day, Part: part}).Encode(slots)
	if err != nil {
		return err
	}
	return r.letter(ctx, p, a, wayQuestion, day, part, epoch, 0, body)
}

// letter notes that a letter goes, and sends it. One that went before is a Conflict.
func (r *Room) letter(ctx context.Context, p *access.Pass, a *Agreement, way string, day int64, part int, epoch uint32, answers int, body []byte) error {
	if _, err := p.Tx().Exec(ctx, sqlInsertLetter, day, part, p.Now().UnixMicro(), epoch, answers, way, a.ID[:], []byte{}); err != nil {
		return fmt.Errorf("note letter: %w", err)
	}
	typ, schema := cx.MatchQuestion, matching.SchemaQuestion
	if way == wayAnswer {
		typ, schema = cx.MatchAnswer, matching.SchemaAnswer
	}
	_, err := r.send(ctx, p.Tx(), a, threadOf(a.ID, way, epoch), typ, schema, body, officerOfJobs)
	return err
}

func hexOf(id AgreementID) string { return hex.EncodeToString(id[:]) }

// sendUrgent sends one question at once.
func (r *Room) sendUrgent(ctx context.Context, p *access.Pass, a *Agreement, q *Question, slot matching.Slot) error {
	day := dayOf(p.Now())
	part := 0
	for {
		there, err := r.hasLetter(ctx, p.Tx(), a, wayUrgent, day, part)
		if err != nil {
			return err
		}
		if !there {
			break
		}
		part++
	}
	if part >= a.UrgentPerDay {
		return fault.New(fault.Invalid, "match-urgent-full")
	}
	body, err := (&matching.Question{Agreement: hexOf(a.ID), Epoch: q.Epoch, Day: day, Part: part, Urgent: true}).Encode([]matching.Slot{slot})
	if err != nil {
		return err
	}
	return r.letter(ctx, p, a, wayUrgent, day, part, q.Epoch, 0, body)
}

// leaving is the act of a question that leaves.
func leaving(of ident.Case) access.Act {
	return access.Act{Action: "match.leave", Purpose: "maintenance", Case: of}
}

// stopUnlessMay looks again whether a question may leave, and ends one that may not.
func (r *Room) stopUnlessMay(ctx context.Context, a *Agreement, q *Question) (leaves bool, err error) {
	_, err = r.gate.Do(ctx, r.gate.Job("match"), leaving(q.Case), func(p *access.Pass) (string, error) {
		unmet, err := r.mayAsk(ctx, p, q.Case, a)
		if err != nil {
			return "", err
		}
		if leaves = len(unmet) == 0; leaves {
			return "", errLooked
		}
		now, err := r.question(ctx, p.Tx(), q.Case, q.ID)
		if err != nil {
			return "", err
		}
		if err := now.checked(ctx, p); err != nil {
			return "", err
		}
		return "", r.giveBack(ctx, p, now, QStopped, KindStopped)
	})
	if errors.Is(err, errLooked) || gone(err) {
		err = nil
	}
	return leaves, err
}

// leave marks a question as sent and returns how it is.
func (r *Room) leave(ctx context.Context, g *access.Gate, a *Agreement, was *Question) (s matching.Slot, err error) {
	_, err = g.Do(ctx, g.Job("match"), leaving(was.Case), func(p *access.Pass) (string, error) {
		unmet, err := r.mayAsk(ctx, p, was.Case, a)
		if err != nil {
			return "", err
		}
		q, err := r.question(ctx, p.Tx(), was.Case, was.ID)
		if err != nil {
			return "", err
		}
		if len(unmet) > 0 || q.State != QApproved {
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		}
		if err := q.checked(ctx, p); err != nil {
			return "", err
		}
		if s, err = r.slot(ctx, p, a, q); err != nil {
			return "", err
		}
		return "", r.Cases.Tell(ctx, p, KindSent, q.ID, func() error { return q.write(ctx, p) })
	})
	return s, err
}
