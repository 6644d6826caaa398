package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// StrandTracing is a search for a child's family, or by a relative for a child. Code is
// how far it has come: one of the search states below. No search begins without
// consent, nobody is found before somebody has verified that they are who they say,
// and no child is reunified with somebody who was not found.
const StrandTracing = "tracing"

// How far a search has come.
const (
	SearchOpen      = "open"
	SearchMatched   = "matched" // a question that only the family can answer was answered
	SearchFound     = "found"
	SearchReunified = "reunified"
)

// The events of a search.
const (
	KindTracingAsked = "tracing-asked"
	KindTracingStep  = "tracing-step"
	KindTracingEnded = "tracing-ended"
)

// The steps of a search.
const (
	StepAction    = "action"
	StepQuestion  = "question"
	StepResult    = "result"
	StepReunified = "reunified"
	StepFollowUp  = "followup"
	StepStop      = "stop"
)

// TracingSteps returns the steps that can be taken in a search that has come so far.
func TracingSteps(state string) []string {
	out := []string{StepAction, StepQuestion, StepResult}
	switch state {
	case SearchFound:
		out = append(out, StepReunified)
	case SearchReunified:
		out = []string{StepFollowUp}
	}
	return append(out, StepStop)
}

// stepList names the code list that says what a step was; "" for none.
var stepList = map[string]string{StepAction: "tracing_action", StepResult: "tracing_result", StepStop: "tracing_stop"}

// Sought is the request that a search begins with.
type Sought struct {
	By        string      `cbor:"1,keyasint"`          // who asks: one of [SoughtBy]
	Who       sealed.Text `cbor:"2,keyasint"`          // whom the search is for, or who asks
	Relation  string      `cbor:"3,keyasint"`          // code list relation
	Last      sealed.Text `cbor:"4,keyasint,omitzero"` // what is known: last place, contact
	ConsentBy sealed.Text `cbor:"5,keyasint"`          // who agreed to the search
	ConsentOn sealed.Date `cbor:"6,keyasint"`
	Fears     string      `cbor:"7,keyasint"`          // whether the child fears somebody there: one of [FearAnswers]
	Safety    sealed.Text `cbor:"8,keyasint,omitzero"` // why the search is safe all the same
}

// SoughtBy are those who can ask for a search.
func SoughtBy() []string { return []string{"child", "relative"} }

// FearAnswers are the answers of a child who was asked whether they fear somebody
// where the search leads. That nobody asked is none of them.
func FearAnswers() []string { return []string{"no", "yes", "unknown", "refused"} }

// TracingStep is one step of a search.
type TracingStep struct {
	Kind     string      `cbor:"1,keyasint"`
	What     string      `cbor:"2,keyasint,omitempty"` // code, by kind
	On       sealed.Date `cbor:"3,keyasint,omitzero"`
	Expected sealed.Text `cbor:"4,keyasint,omitzero"`  // of a question: what the child says
	Said     sealed.Text `cbor:"5,keyasint,omitzero"`  // and what the other answered
	Match    string      `cbor:"6,keyasint,omitempty"` // whether that fits: one of [MatchAnswers]
	Sought   *Sought     `cbor:"7,keyasint,omitempty"` // of the first step

	Question sealed.Text `cbor:"-"` // of a question; kept with the event
	Outcome  sealed.Text `cbor:"-"` // what came of it; kept with the event
}

// MatchAnswers are the answers to whether an answer fits.
func MatchAnswers() []string { return []string{"yes", "no", "unknown"} }

// Search is one search as a case's page shows it.
type Search struct {
	Strand
	Sought Sought
	Words  sealed.Text // what the child says of it
	Steps  []Event     // newest first, the request last
}

// Searches returns the searches of a case, latest first.
func (c *Child) Searches() []Search {
	var out []Search
	for _, s := range slices.Backward(c.Strands) {
		if s.Kind != StrandTracing {
			continue
		}
		found := Search{Strand: s}
		for _, e := range c.Events {
			if string(e.Strand) != string(s.ID[:]) {
				continue
			}
			found.Steps = append(found.Steps, e)
			if e.Tracing != nil && e.Tracing.Sought != nil {
				found.Sought, found.Words = *e.Tracing.Sought, e.Words
			}
		}
		out = append(out, found)
	}
	return out
}

// StartTracing begins a search. It needs the consent to search, the child's own words
// about it and an answer to whether the child fears somebody there; where they do,
// somebody says why the search is safe all the same.
func (r *Room) StartTracing(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, s Sought, words sealed.Text, agreed bool) error {
	var chk fault.Check
	chk.Require(slices.Contains(SoughtBy(), s.By), "sought_by", "required")
	chk.Require(!s.Who.IsZero(), "sought_who", "required")
	chk.Require(r.codes.Valid("relation", s.Relation), "relation_to", "required")
	chk.Require(agreed, "consent", "consent-needed")
	chk.Require(!s.ConsentBy.IsZero(), "consent_by", "required")
	wholeDay(&chk, "consent_on", s.ConsentOn, r.clk.Now(), true)
	chk.Require(!words.IsZero(), "sought_words", "required")
	chk.Require(slices.Contains(FearAnswers(), s.Fears), "fears", "required")
	chk.Require(s.Fears != "yes" || !s.Safety.IsZero(), "search_safety", "required")
	text(&chk, "sought_who", s.Who, mostShort)
	text(&chk, "sought_last", s.Last, mostReason)
	text(&chk, "consent_by", s.ConsentBy, mostShort)
	text(&chk, "sought_words", words, mostText)
	text(&chk, "search_safety", s.Safety, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.tracing", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		strand := Strand{Kind: StrandTracing, Code: SearchOpen}
		return strand.begin(ctx, p, &Event{Kind: KindTracingAsked, Content: Content{Words: words, Tracing: &TracingStep{Kind: KindTracingAsked, Sought: &s}}})
	})
}

func (t *TracingStep) check(codes Codes, now time.Time) error {
	var c fault.Check
	list, coded := stepList[t.Kind]
	c.Require(!coded || codes.Valid(list, t.What), "step_what", "required")
	wholeDay(&c, "step_on", t.On, now, true)
	if t.Kind == StepQuestion {
		c.Require(!t.Question.IsZero(), "step_question", "required")
		c.Require(!t.Expected.IsZero(), "step_expected", "required")
		c.Require(slices.Contains(MatchAnswers(), t.Match), "step_match", "required")
		c.Require(t.Match == "unknown" || !t.Said.IsZero(), "step_said", "required")
	} else {
		c.Require(!t.Outcome.IsZero(), "step_outcome", "required")
	}
	text(&c, "step_question", t.Question, mostReason)
	text(&c, "step_expected", t.Expected, mostReason)
	text(&c, "step_said", t.Said, mostReason)
	text(&c, "step_outcome", t.Outcome, mostText)
	return c.Err()
}

// AddTracingStep writes the next step of a search: an action with its outcome, a
// question by which somebody is verified, the result, the reunification, a visit after
// it, or the end.
func (r *Room) AddTracingStep(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, search ident.Strand, t TracingStep) error {
	if err := t.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	return r.onStrand(ctx, c, cmd, id, "case.tracing", StrandTracing, search, 0, func(p *access.Pass, row *Case, s *Strand) (*Event, error) {
		if row.Closed() && t.Kind != StepStop {
			return nil, errClosed()
		}
		e := &Event{Kind: KindTracingStep, Content: Content{To: t.What, Question: t.Question, Text: t.Outcome, Tracing: &t}}
		if err := t.advance(s); err != nil {
			return nil, err
		}
		if t.Kind == StepStop {
			e.Kind, s.EndedAt = KindTracingEnded, p.Now()
		}
		return e, nil
	})
}

// advance moves a search on, or says what must come first.
func (t *TracingStep) advance(s *Strand) error {
	if !slices.Contains(TracingSteps(s.Code), t.Kind) {
		switch {
		case s.Code == SearchReunified:
			return fault.New(fault.Invalid, "reunified-already")
		case t.Kind == StepReunified:
			return fault.New(fault.Invalid, "find-first")
		}
		return fault.New(fault.Invalid, "reunify-first")
	}
	switch {
	case t.Kind == StepQuestion && t.Match == "yes" && s.Code == SearchOpen:
		s.Code = SearchMatched
	case t.Kind == StepResult && t.What == "found":
		if s.Code == SearchOpen {
			return fault.New(fault.Invalid, "verify-first")
		}
		s.Code = SearchFound
	case t.Kind == StepResult:
		s.Code = SearchOpen // whoever was verified was not the one, or is lost again
	case t.Kind == StepReunified:
		s.Code = SearchReunified
	}
	return nil
}
