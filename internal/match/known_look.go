package match

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Ways are a country that can be asked about a child, and what is missing before it may be.
type Way struct {
	Agreement AgreementID
	Partner   Partner
	Unmet     []string // codes; none: it may be asked
}

// Standing is a question as its page shows it.
type Standing struct {
	*Question
	Partner Partner
	Answer  *Answer // nil: nothing came, which says nothing
	Second  bool    // the reader may be the second officer
}

// Known is what a child's page shows of questions to other countries.
type Known struct {
	Ways      []Way
	Questions []Standing
	Hits      []HitView // questions of other countries that may be about this child
	May       bool      // ask
	Go        bool      // go on with an answer
	Entry     ident.Entry
}

// HitView is a child of ours who may be the one asked about.
type HitView struct {
	*Hit
	Partner Partner
	Answer  *Answer // what was answered, and what came of it; nil for none
	Decides bool    // the reader may decide
}

// partnerOf returns the partner of an agreement; one that is gone by its identifier alone.
func partnerOf(all []Partner, a *Agreement) Partner {
	for _, p := range all {
		if p.Node == a.Peer {
			return p
		}
	}
	return Partner{Node: a.Peer, Name: string(a.Peer)}
}

// stored is what is read while the entry of a look is being committed.
type stored struct {
	agreements []*Agreement
	questions  []*Question
	hits       []*Hit
	answers    []*Answer
}

func (r *Room) stored(ctx context.Context, tx *store.Tx, of ident.Case) (s stored, err error) {
	if s.agreements, err = r.agreements(ctx, tx); err != nil {
		return s, err
	}
	if s.questions, err = r.questions(ctx, tx, sqlQuestionsOf, of); err != nil {
		return s, err
	}
	if s.hits, err = r.hits(ctx, tx, sqlAskedOf, of); err != nil {
		return s, err
	}
	s.answers, err = r.answers(ctx, tx, sqlAnswersOf, of)
	return s, err
}

func (s *stored) agreement(id AgreementID) *Agreement {
	for _, a := range s.agreements {
		if a.ID == id {
			return a
		}
	}
	return &Agreement{ID: id}
}

// answer returns what was answered to a question, opened; nil for none, and where nobody
// can read it any more.
func (s *stored) answer(r *Room, id AgreementID, question [16]byte) *Answer {
	for _, x := range s.answers {
		if x.Agreement != id || x.Question != question {
			continue
		}
		if v, err := r.answerVault(s.agreement(id), x.Epoch); err != nil || x.open(v) != nil {
			return nil
		}
		return x
	}
	return nil
}

// Known returns what a child's page shows.
func (r *Room) Known(ctx context.Context, c *access.Caller, of ident.Case) (*Known, error) {
	partners, err := r.Partners.Partners(ctx)
	if err != nil {
		return nil, err
	}
	out := &Known{}
	var s stored
	act := access.Act{Action: "match.asked", Purpose: purposeCare, Case: of}
	err = r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		s, err = r.stored(ctx, p.Tx(), of)
		return err
	}, func(p *access.Pass) error {
		out.Entry = p.Entry()
		may, err := p.May(ctx, "match.ask", "match.second", "match.accept", "match.decide")
		if err != nil {
			return err
		}
		out.May, out.Go = may["match.ask"], may["match.accept"]
		for _, q := range s.questions {
			if err := questionLedger.Show(p, q.ID[:], &q.Stamp, q.blob, &q.QuestionBody, q.columns()); err != nil {
				return err
			}
			out.Questions = append(out.Questions, Standing{
				q, partnerOf(partners, s.agreement(q.Agreement)), s.answer(r, q.Agreement, q.wire),
				may["match.second"] && q.State == QAsked && q.Officer != c.Staff(),
			})
		}
		return s.show(p, r, partners, may["match.decide"], &out.Hits)
	})
	if err != nil {
		return nil, err
	}
	return out, r.ways(ctx, c, of, s.agreements, partners, out)
}

func (s *stored) show(p *access.Pass, r *Room, partners []Partner, decides bool, into *[]HitView) error {
	for _, x := range s.hits {
		if err := askedLedger.Show(p, x.ID[:], &x.Stamp, x.blob, &x.HitBody, x.columns()); err != nil {
			return err
		}
		open := x.State != AAnswered && x.State != ASilent
		*into = append(*into, HitView{x, partnerOf(partners, s.agreement(x.Agreement)), s.answer(r, x.Agreement, x.Question), decides && open})
	}
	return nil
}

// ways returns which countries may be asked about a child, and what is missing. It asks the
// gate as a question would, and writes nothing.
func (r *Room) ways(ctx context.Context, c *access.Caller, of ident.Case, all []*Agreement, partners []Partner, out *Known) error {
	if !out.May {
		return nil
	}
	for _, a := range all {
		if a.State != Force || a.Side != Asker || a.Purpose != Children {
			continue
		}
		w := Way{Agreement: a.ID, Partner: partnerOf(partners, a)}
		_, err := r.gate.Do(ctx, c, access.Act{Action: "match.ask", Purpose: purposeCare, Case: of, Command: ident.New[ident.Command]()}, func(p *access.Pass) (string, error) {
			var err error
			if w.Unmet, err = r.mayAsk(ctx, p, of, a); err != nil {
				return "", err
			}
			return "", errLooked
		})
		if err != nil && !isLooked(err) {
			return err
		}
		out.Ways = append(out.Ways, w)
	}
	return nil
}

// Hits returns what an officer sees of a child of ours who may be the one asked about, for
// somebody who need not be on the case.
func (r *Room) Hits(ctx context.Context, c *access.Caller, of ident.Case) (out []HitView, entry ident.Entry, err error) {
	partners, err := r.Partners.Partners(ctx)
	if err != nil {
		return nil, entry, err
	}
	var s stored
	act := access.Act{Action: "match.task", Purpose: purposeCare, Case: of}
	err = r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		s, err = r.stored(ctx, p.Tx(), of)
		return err
	}, func(p *access.Pass) error {
		entry, out = p.Entry(), nil
		may, err := p.May(ctx, "match.decide")
		if err != nil {
			return err
		}
		return s.show(p, r, partners, may["match.decide"], &out)
	})
	return out, entry, err
}

// Task is a question that waits for an officer of ours. It names no child.
type Task struct {
	Case    ident.Case
	ID      HitID
	At, Due time.Time
	Urgent  bool
	Partner Partner
}

// Tasks returns what waits, urgent questions first, and the months in which the two sides
// counted differently.
func (r *Room) Tasks(ctx context.Context, c *access.Caller) (out []Task, months []Month, entry ident.Entry, err error) {
	partners, err := r.Partners.Partners(ctx)
	if err != nil {
		return nil, nil, entry, err
	}
	err = r.gate.View(ctx, c, access.Act{Action: "match.tasks", Purpose: purposeOffice}, func(p *access.Pass) error {
		entry, out, months = p.Entry(), nil, nil
		all, err := r.agreements(ctx, p.Tx())
		if err != nil {
			return err
		}
		s := stored{agreements: all}
		waiting, err := r.hits(ctx, p.Tx(), sqlAskedOpen)
		if err != nil {
			return err
		}
		for _, x := range waiting {
			out = append(out, Task{x.Case, x.ID, x.At, x.Due, x.Urgent, partnerOf(partners, s.agreement(x.Agreement))})
		}
		for _, a := range all {
			some, err := r.months(ctx, p.Tx(), a)
			if err != nil {
				return err
			}
			for i := range some {
				if some[i].Differs() {
					some[i].Partner = partnerOf(partners, a)
					months = append(months, some[i])
				}
			}
		}
		return nil
	})
	return out, months, entry, err
}
