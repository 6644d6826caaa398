package bench

import (
	"crypto/sha256"
	"fmt"

	"causeway/internal/fixture"
	"causeway/internal/match/ask"
	"causeway/protocol/mask"
)

// The sizes of the harsh simulation, those of the project's research: a holder of so many
// children is asked so many questions, every second about one of them.
const (
	harshHolds     = 20_000
	harshQuestions = 4_000
)

// The shares that figures are given for: children of a large holder, and true questions
// among all that are asked in practice.
const (
	perChildren = 100_000
	trueOfAll   = 0.01
)

// strict is how many false candidates by question and 100,000 children are the goal where
// a holder would rather miss a child than look at a stranger.
const strict = 0.005

// private measures whether two nodes that may not tell each other a name find the same
// child: two offices, two scripts, names that no table was learned from, harsh faults.
func (m *matchBench) private(holds, questions, seeds int) error {
	for _, language := range fixture.PairLanguages() {
		m.o.say("private match, %s", language)
		var own, low found
		for seed := range seeds {
			w, err := newHarsh(language, uint64(seed)+1, holds)
			if err != nil {
				return err
			}
			w.askAll(questions, &own, &low)
			if err := m.ctx.Err(); err != nil {
				return err
			}
		}
		on := func(what string) string { return "private match, " + language + ": " + what }
		m.emit(scale(on("questions"), own.about+own.strangers, ""))
		m.emit(atLeast(on("recall"), own.recall(), "", .72))
		m.emit(atLeast(on("precision, every second question true"), own.precision(), "", .95))
		m.emit(atMost(on("false candidates per question and 100,000"), own.falsely(holds), "", .05))
		m.emit(scale(on("predictive value at 1 true in 100"), own.predictive(), ""))
		m.emit(scale(on("strict threshold: recall"), low.recall(), ""))
		m.emit(scale(on("strict: false candidates, goal 0.005"), low.falsely(holds), ""))
		m.emit(scale(on("strict: predictive value at 1 true in 100"), low.predictive(), ""))
	}
	return nil
}

// found is what questions found at one threshold.
type found struct {
	about, strangers float64 // questions about a child of the holder, and about none
	right, wrong     float64 // finds
}

func (f *found) recall() float64    { return f.right / f.about }
func (f *found) precision() float64 { return f.right / (f.right + f.wrong) }

// each is how many false candidates a question has.
func (f *found) each() float64 { return f.wrong / (f.about + f.strangers) }

// falsely is the same for a holder of 100,000 children who kept the threshold of a holder
// of so many: false candidates grow with the children compared. A holder that large learns
// a higher one.
func (f *found) falsely(holds int) float64 { return f.each() * perChildren / float64(holds) }

// predictive is the share of true finds among all, when one question in a hundred is
// about a child of the holder.
func (f *found) predictive() float64 {
	right := trueOfAll * f.recall()
	return right / (right + f.each())
}

// harsh is a holder's children in their own script, and the truth about them.
type harsh struct {
	offices  *fixture.TwoOffices
	people   []fixture.Truth
	children []ask.Child
}

func newHarsh(language string, seed uint64, n int) (*harsh, error) {
	o, err := fixture.NewTwoOffices(seed, language)
	if err != nil {
		return nil, fmt.Errorf("invent children: %w", err)
	}
	w := &harsh{o, make([]fixture.Truth, n), make([]ask.Child, n)}
	for i := range w.people {
		w.people[i] = o.Child()
		written := o.Native(&w.people[i])
		w.children[i] = writtenDown(&written)
	}
	return w, nil
}

// writtenDown is a child as an office wrote it down, as codes.
func writtenDown(w *fixture.Written) ask.Child {
	c := ask.Child{
		Given: ask.NameCodes(w.Given), Family: ask.NameCodes(w.Family), Mother: ask.NameCodes(w.Mother),
		Date: w.Date, Region: w.Region,
	}
	if w.Year != 0 {
		c.Years = []int{w.Year}
	}
	return c
}

// question returns the keys that the other office asks with about a child of the holder,
// or about a stranger where of is negative.
func (w *harsh) question(of int) []mask.Key {
	x := w.offices.Child()
	if of >= 0 {
		x = w.people[of]
	}
	written := w.offices.Latin(&x)
	c := writtenDown(&written)
	return ask.QuestionKeys(&c)
}

// table compares in the clear. A test of package ask shows that masked points find the
// same.
func (w *harsh) table() *ask.Table {
	return ask.NewTable(w.children, func(_ int, k mask.Key) mask.Tag { return clearTag(k) })
}

// clearTag stands for a point that both sides raised: equal for equal keys.
func clearTag(k mask.Key) mask.Tag {
	h := sha256.Sum256([]byte(k.Kind + "\x00" + k.Value))
	return mask.Tag(h[:mask.TagSize])
}

func clearTags(keys []mask.Key) []mask.Tag {
	out := make([]mask.Tag, len(keys))
	for i, k := range keys {
		out[i] = clearTag(k)
	}
	return out
}

// askAll asks questions, every second about a child of the holder, and adds up what is
// found at the threshold that a holder learns from its own table, and at a strict one.
func (w *harsh) askAll(questions int, own, low *found) {
	table, holds := w.table(), len(w.children)
	thresholds := []float64{
		ask.Threshold(w.children, ask.ByChance),
		ask.Threshold(w.children, strict*float64(holds)/perChildren),
	}
	for q := range questions {
		of := -1
		if q%2 == 0 {
			of = q * 3 % holds
		}
		candidates := table.Ask(clearTags(w.question(of)))
		for i, f := range []*found{own, low} {
			f.count(candidates, thresholds[i], of)
		}
	}
}

// count adds what one question found.
func (f *found) count(candidates []ask.Candidate, threshold float64, of int) {
	if of >= 0 {
		f.about++
	} else {
		f.strangers++
	}
	for _, c := range candidates {
		switch {
		case c.Weight < threshold:
		case c.Child == of:
			f.right++
		default:
			f.wrong++
		}
	}
}
