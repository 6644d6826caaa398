package oversight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

const tableRecommendation = "oversight_recommendation"

// The states of a recommendation.
const (
	Asked    = "asked"
	Accepted = "accepted"
	Done     = "done"
	Refused  = "refused"
)

// tellRecommendation is what those who lead a unit are told (a code that package staff
// knows).
const tellRecommendation = "recommendation"

// Recommendation is what the oversight asks a unit to change, and what becomes of it.
type Recommendation struct {
	ID         ident.Recommendation
	Inquiry    ident.Inquiry
	Unit       ident.Unit
	Asked      time.Time
	Due        time.Time
	State      string
	Answered   time.Time   // zero: not yet
	AnsweredBy ident.Staff // none until then
	Words      []Words     // what was recommended, and the replies

	version int64
	mac     []byte
}

// Late reports whether an answer is owed and its day is over, or what was accepted is not
// done by then.
func (m *Recommendation) Late(now time.Time) bool {
	return (m.State == Asked || m.State == Accepted) && now.After(m.Due)
}

func (m *Recommendation) columns() []any {
	return []any{
		m.ID, m.version, m.Asked.UnixMicro(), m.Due.UnixMicro(), micros(m.Answered), m.Inquiry, m.Unit, m.AnsweredBy, m.State,
	}
}

func (m *Recommendation) scan(scan func(...any) error) error {
	var at [3]int64
	err := scan(&m.ID, &m.version, &at[0], &at[1], &at[2], &m.Inquiry, &m.Unit, &m.AnsweredBy, &m.State, &m.mac)
	m.Asked, m.Due, m.Answered = fromMicros(at[0]), fromMicros(at[1]), fromMicros(at[2])
	return err
}

// recommendations reads rows of a query over [recommendationColumns], with what was
// written about them.
func (r *Room) recommendations(ctx context.Context, p *access.Pass, query string, args ...any) ([]*Recommendation, error) {
	out, err := r.recommendationRows(ctx, p, query, args...)
	if err != nil {
		return nil, err
	}
	for _, m := range out {
		if m.Words, _, _, err = r.said(ctx, p, [16]byte(m.ID)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Room) recommendationRows(ctx context.Context, p *access.Pass, query string, args ...any) ([]*Recommendation, error) {
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read recommendations: %w", err)
	}
	defer rows.Close()
	var out []*Recommendation
	for rows.Next() {
		m := new(Recommendation)
		if err := m.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read recommendations: %w", err)
		}
		if err := r.key.Check(m.mac, tableRecommendation, m.columns()...); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Recommend asks a unit to change something by a day. Whoever leads it is told, and sees
// the recommendation, not the inquiry.
func (r *Room) Recommend(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Inquiry, unit ident.Unit, due time.Time, words sealed.Text) error {
	var chk fault.Check
	all, err := r.staffing.Colleagues(ctx)
	if err != nil {
		return err
	}
	var heads []ident.Staff
	for _, one := range all {
		if one.Unit == unit && one.Role == access.RoleSupervisor {
			heads = append(heads, one.Staff)
		}
	}
	chk.Require(len(heads) > 0, "change_unit", "nobody-leads-it")
	chk.Require(!due.IsZero(), "change_by", "required")
	required(&chk, "recommendation", words)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.work(ctx, c, cmd, id, "inquiry.recommend", func(p *access.Pass, q *Inquiry, about ident.Case) error {
		if !due.After(p.Now()) {
			return fault.InvalidField("change_by", "in-the-past")
		}
		m := &Recommendation{ID: ident.New[ident.Recommendation](), Inquiry: id, Unit: unit, Asked: p.Now(), Due: due, State: Asked, version: 1}
		m.mac = r.key.Digest(tableRecommendation, m.columns()...)
		if err := p.Tx().Put(ctx, sqlInsertRecommendation, append(m.columns(), m.mac)...); err != nil {
			return fmt.Errorf("write recommendation: %w", err)
		}
		p.Wrote(tableRecommendation, m.ID[:], m.version, m.mac)
		p.Tell(tellRecommendation, heads)
		return r.write(ctx, p, [16]byte(m.ID), about, WordsRecommendation, content{Text: words})
	})
}

// Recommended returns what was recommended to the units that the caller leads.
func (r *Room) Recommended(ctx context.Context, c *access.Caller) (out []*Recommendation, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "inquiry.asked", Purpose: Purpose}, func(p *access.Pass) error {
		out = nil
		for _, unit := range c.Supervises() {
			all, err := r.recommendations(ctx, p, sqlSelectAsked, unit, listMost)
			if err != nil {
				return err
			}
			out = append(out, all...)
		}
		return nil
	})
	return out, err
}

// Reply says what becomes of a recommendation: accepted, done, or refused with a reason.
// What was accepted can still be done.
func (r *Room) Reply(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Recommendation, state string, words sealed.Text) error {
	var chk fault.Check
	chk.Require(state == Accepted || state == Done || state == Refused, "reply_state", "required")
	chk.Require(state != Refused || !words.IsZero(), "reply_words", "required")
	optional(&chk, "reply_words", words)
	if err := chk.Err(); err != nil {
		return err
	}
	act := access.Act{Action: "inquiry.reply", Purpose: Purpose, Command: cmd, Barred: "no-such-recommendation"}
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		all, err := r.recommendationRows(ctx, p, sqlSelectRecommendation, id)
		if len(all) == 1 && slices.Contains(c.Supervises(), all[0].Unit) {
			act.Barred = ""
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		all, err := r.recommendationRows(ctx, p, sqlSelectRecommendation, id)
		switch {
		case err != nil:
			return "", err
		case len(all) != 1:
			return "", fault.New(fault.NotFound, "no-such-page")
		case all[0].State != Asked && all[0].State != Accepted || all[0].State == state:
			return "", notNow()
		}
		m := all[0]
		before := m.version
		m.version, m.State, m.Answered, m.AnsweredBy = before+1, state, p.Now(), p.Caller().Staff()
		m.mac = r.key.Digest(tableRecommendation, m.columns()...)
		n, err := p.Tx().Exec(ctx, sqlUpdateRecommendation, m.ID, m.version, m.Answered.UnixMicro(), m.AnsweredBy, m.State, m.mac, before)
		if err == nil && n != 1 {
			err = notNow()
		}
		if err != nil {
			return "", fmt.Errorf("write reply: %w", err)
		}
		p.Wrote(tableRecommendation, m.ID[:], m.version, m.mac)
		about, err := caseOf(ctx, p, [16]byte(id))
		if err != nil {
			return "", err
		}
		return "", r.write(ctx, p, [16]byte(id), about, WordsReply, content{Text: words, Code: state})
	})
	return err
}
