package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The events of a plan. The sealed part of each names the record of the plan and its
// revision; of a step or a goal its key (From) and what became of it (To).
const (
	KindPlanAgreed = "plan-agreed"
	KindPlanStep   = "plan-step"
	KindPlanGoal   = "plan-goal"
)

// StepStates are what can become of a step of a plan.
func StepStates() []string { return []string{"begun", "done", "impossible"} }

// GoalViews are what a child can think of a goal. None of them is a default.
func GoalViews() []string { return []string{"wants", "partly", "against", "not_asked"} }

// Agreements are the child's answers to a plan.
func Agreements() []string { return []string{"yes", "partly", "no"} }

// Agreement is the child's answer to a plan, which the author of the event signs.
type Agreement struct {
	Record   ident.Record
	Revision int64  // that was shown to the child
	Answer   string // one of [Agreements]
	Words    sealed.Text
	Language string
	Alone    string // whether the child was seen alone: one of [AloneAnswers]
	Copy     string // whether the child got a copy: "yes" or "no"
	Note     sealed.Text
}

// AgreePlan records what the child says of a finished plan, with the name of the
// worker who asked. It belongs to the plan as it was then: changed later, the plan is
// to be agreed anew. A child who says no is heard, not overruled: the answer stands.
func (r *Room) AgreePlan(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, a Agreement) error {
	var chk fault.Check
	chk.Require(slices.Contains(Agreements(), a.Answer), "plan_agreed", "required")
	chk.Require(slices.Contains(AloneAnswers(), a.Alone), "seen_alone", "required")
	chk.Require(a.Answer == "yes" || !a.Words.IsZero(), "plan_words", "required")
	chk.Require(a.Language == "" || r.codes.Valid("language", a.Language), "language", "not-in-list")
	chk.Require(a.Copy == "yes" || a.Copy == "no", "plan_copy", "required")
	text(&chk, "plan_words", a.Words, mostText)
	text(&chk, "plan_note", a.Note, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onPlan(ctx, c, cmd, id, a.Record, func(view *PlanView) (*Event, error) {
		switch {
		case view.Plan.Number != a.Revision:
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		case !view.Plan.Finished:
			return nil, fault.New(fault.Invalid, "plan-unfinished")
		case view.Approval != nil && view.Approval.State == ApprovalReturned:
			return nil, fault.New(fault.Invalid, "plan-returned")
		}
		return &Event{Kind: KindPlanAgreed, Content: Content{
			To: a.Answer, Words: a.Words, Language: a.Language, Alone: a.Alone, Text: a.Note, Reasons: []string{a.Copy},
		}}, nil
	})
}

// Progress is what became of a step of a plan.
type Progress struct {
	Record ident.Record
	Key    string // of the step
	State  string // one of [StepStates]
	Words  sealed.Text
	Note   sealed.Text // needed when it is not possible
}

// StepProgress records what became of a step of the plan. The plan itself is not
// changed: what was agreed stays what was agreed.
func (r *Room) StepProgress(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, g Progress) error {
	var chk fault.Check
	chk.Require(slices.Contains(StepStates(), g.State), "step_state", "required")
	chk.Require(g.State != "impossible" || !g.Note.IsZero(), "plan_note", "required")
	text(&chk, "plan_words", g.Words, mostText)
	text(&chk, "plan_note", g.Note, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onPlan(ctx, c, cmd, id, g.Record, func(view *PlanView) (*Event, error) {
		i := slices.IndexFunc(view.Steps, func(s PlanStep) bool { return s.Key == g.Key })
		if i < 0 {
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		}
		return &Event{Kind: KindPlanStep, Content: Content{From: g.Key, To: g.State, Words: g.Words, Text: g.Note, Whom: view.Steps[i].What}}, nil
	})
}

// Opinion is what the child thinks of a goal of the plan.
type Opinion struct {
	Record ident.Record
	Key    string // of the goal
	View   string // one of [GoalViews]
	Words  sealed.Text
	Alone  string
}

// GoalOpinion records what the child thinks of a goal of the plan.
func (r *Room) GoalOpinion(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, o Opinion) error {
	var chk fault.Check
	chk.Require(slices.Contains(GoalViews(), o.View), "goal_view", "required")
	chk.Require(o.Alone == "" || slices.Contains(AloneAnswers(), o.Alone), "seen_alone", "not-in-list")
	text(&chk, "plan_words", o.Words, mostText)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onPlan(ctx, c, cmd, id, o.Record, func(view *PlanView) (*Event, error) {
		i := slices.IndexFunc(view.Goals, func(g PlanGoal) bool { return g.Key == o.Key })
		if i < 0 {
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		}
		return &Event{Kind: KindPlanGoal, Content: Content{From: o.Key, To: o.View, Words: o.Words, Alone: o.Alone, Whom: view.Goals[i].What}}, nil
	})
}

// onPlan is the frame of the commands on a plan: what the plan says now is read under
// an entry of its own, because a command can seal and never open. The plan is compared
// again by what the event names: an event about an older revision says so.
func (r *Room) onPlan(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, record ident.Record,
	about func(*PlanView) (*Event, error),
) error {
	view, err := r.Plan(ctx, c, id)
	if err != nil {
		return err
	}
	var e *Event
	var refused error = fault.New(fault.Conflict, "changed-meanwhile")
	if view.Plan != nil && view.Plan.Record == record {
		e, refused = about(view)
	}
	return r.act(ctx, c, cmd, id, "case.plan", PurposeCare, 0, func(_ *access.Pass, row *Case) (*Event, error) {
		switch {
		case refused != nil:
			return nil, refused // unless the command was carried out before
		case row.Closed():
			return nil, errClosed()
		}
		out := *e // a retried transaction writes it anew
		out.Record, out.Form, out.Revision = record[:], FormPlan, view.Plan.Number
		return &out, nil
	})
}
