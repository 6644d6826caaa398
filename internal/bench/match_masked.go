package bench

import (
	"crypto/rand"
	"fmt"
	"strconv"

	"causeway/internal/match/ask"
	"causeway/protocol/mask"
)

// pairOfSides is the secrets of two nodes and what they compare under.
type pairOfSides struct {
	asker, holder *mask.Secret
	domain        mask.Domain
}

func newSides(purpose string) (*pairOfSides, error) {
	asker, err := mask.NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	holder, err := mask.NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &pairOfSides{asker, holder, mask.Domain{Purpose: purpose, Asker: "xa.nrm", Holder: "xb.nrm", Epoch: 1}}, nil
}

// masked measures what the private match costs in processor time, with the real points.
func (m *matchBench) masked() error {
	w, err := newHarsh("arabic", 1, perChildren)
	if err != nil {
		return err
	}
	sides, err := newSides("child")
	if err != nil {
		return err
	}
	if err := m.maskTable(w, sides); err != nil {
		return fmt.Errorf("a table: %w", err)
	}
	if err := m.maskQuestions(w, sides); err != nil {
		return fmt.Errorf("questions: %w", err)
	}
	if err := m.maskSelectors(); err != nil {
		return fmt.Errorf("selectors: %w", err)
	}
	return nil
}

// maskTable measures the table of an epoch: the holder hides every key of its children,
// the asker raises them. The short form does a part and says so.
func (m *matchBench) maskTable(w *harsh, s *pairOfSides) error {
	children, note := perChildren, ""
	if m.o.Short {
		children, note = 500, ", from 500"
	}
	m.o.say("private match, a table of %d children", children)
	var points []mask.Point
	var err error
	keys := 0
	hidden := processor(func() {
		var all []mask.Key
		for i := range w.children[:children] {
			all = append(all, ask.TableKeys(&w.children[i])...)
		}
		keys = len(all)
		points, err = s.holder.HideAll(m.ctx, s.domain, all, nil)
	})
	if err != nil {
		return err
	}
	raised := processor(func() { err = s.asker.RaiseAll(m.ctx, points, nil) })
	if err != nil {
		return err
	}
	whole := perChildren / float64(children)
	m.emit(scale("private match: keys of a child in a table", float64(keys)/float64(children), ""))
	m.emit(atMost("private match: table of 100,000, holder"+note, hidden.Seconds()*whole, "core-s", 130))
	m.emit(atMost("private match: table of 100,000, asker"+note, raised.Seconds()*whole, "core-s", 130))
	return nil
}

// maskQuestions measures a question on both sides: the asker hides all its points, the
// holder raises them and weighs what agrees with 100,000 children. Both sides' work is
// real; what is looked up are the same keys in the clear, because a table of real points
// takes minutes to make.
func (m *matchBench) maskQuestions(w *harsh, s *pairOfSides) error {
	m.o.say("private match, questions")
	table, questions := w.table(), pick(m.o, 300, 100)
	keys := make([][]mask.Key, questions)
	for q := range keys {
		keys[q] = w.question(q * 3)
	}
	var err error
	found := 0
	took := processor(func() {
		for _, k := range keys {
			tags := clearTags(k)
			for i := len(k); i < ask.QuestionPoints; i++ {
				k = append(k, mask.Key{Kind: "filler", Value: strconv.Itoa(i)})
			}
			for _, key := range k {
				if _, e := s.holder.Raise(s.asker.Hide(s.domain, key)); e != nil {
					err = e
				}
			}
			found += len(table.Ask(tags))
		}
	})
	if err != nil {
		return err
	}
	m.emit(scale("private match: children weighed for a question, of 100,000", float64(found)/float64(questions), ""))
	m.emit(atMost("private match: a question, both sides, 100,000 children", took.Seconds()*1e3/float64(questions), "core-ms", 10))
	return m.ctx.Err()
}

// maskSelectors measures 10,000 selectors of police asked of a table of 1,000,000. All but
// the last hundred of the table are stand-ins that no selector has.
func (m *matchBench) maskSelectors() error {
	const asks, holds, both = 10_000, 1_000_000, 100
	m.o.say("private match, selectors")
	s, err := newSides("selector")
	if err != nil {
		return err
	}
	keys := make([]mask.Key, asks)
	for i := range keys {
		keys[i] = mask.Key{Kind: "phone", Value: "+999" + strconv.Itoa(70_000_000+i)}
	}
	table := make(map[mask.Tag]struct{}, holds)
	for i := range holds - both {
		table[clearTag(mask.Key{Kind: "stand-in", Value: strconv.Itoa(i)})] = struct{}{}
	}
	for _, k := range keys[:both] {
		p, err := s.asker.Raise(s.holder.Hide(s.domain, k))
		if err != nil {
			return err
		}
		table[p.Tag()] = struct{}{}
	}
	found := 0
	took := processor(func() {
		var points []mask.Point
		if points, err = s.asker.HideAll(m.ctx, s.domain, keys, nil); err != nil {
			return
		}
		if err = s.holder.RaiseAll(m.ctx, points, nil); err != nil {
			return
		}
		for _, p := range points {
			if _, ok := table[p.Tag()]; ok {
				found++
			}
		}
	})
	if err != nil {
		return err
	}
	if found != both {
		return fmt.Errorf("%d selectors found, %d are there", found, both)
	}
	m.emit(atMost("selectors: 10,000 asked of 1,000,000, both sides", took.Seconds(), "core-s", 3))
	return nil
}
