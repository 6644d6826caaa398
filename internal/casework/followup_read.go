package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
)

// scored are the seven sides of a life that a follow-up looks at, each from 1 to 5: by
// the worker ("work_") and by the child ("child_").
var scored = []string{"safety", "care", "health", "learning", "wellbeing", "inclusion", "status"}

// Scored returns the sides of a life that a follow-up looks at.
func Scored() []string { return slices.Clone(scored) }

// Followup is one finished follow-up.
type Followup struct {
	Record ident.Record
	At     time.Time // when it was finished
	By     ident.Staff
	Form   *forms.Form
	Answer forms.Answers
	Work   []float64 // by [Scored]; 0: not scored
	Child  []float64
	Signs  []string // see [WarningSigns]
}

// Mean is the mean of the scores that were given, 0 for none.
func Mean(scores []float64) float64 {
	sum, n := 0.0, 0
	for _, s := range scores {
		if s > 0 {
			sum += s
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// Reintegration is what follows a solution.
type Reintegration struct {
	Child
	Solution  *forms.Revision // the newest, finished; nil for none
	Followups []Followup      // oldest first
	Visits    []deadline.Deadline
	Warnings  []deadline.Deadline // open ones
}

// Reintegration returns the solution of a case and what followed it.
func (r *Room) Reintegration(ctx context.Context, c *access.Caller, id ident.Case) (*Reintegration, error) {
	var view Reintegration
	var dues []deadline.Deadline
	look := r.recordsBeside(FormSolution, FormFollowup)
	child, err := r.besides(ctx, c, id, "case.open", func(p *access.Pass) (err error) {
		if dues, err = deadline.Of(ctx, p); err != nil {
			return err
		}
		return look.fetch(ctx, p)
	}, func(p *access.Pass, o *keys.Opener, child *Child) error {
		for i := range dues {
			if err := dues[i].Check(o); err != nil {
				return err
			}
		}
		return look.open(p, child)
	})
	if err != nil {
		return nil, err
	}
	view.Child = *child
	for i := range look.records { // newest first
		v := &look.records[i]
		switch {
		case !v.Finished:
		case v.Form.ID == FormSolution && view.Solution == nil:
			view.Solution = v
		case v.Form.ID == FormFollowup:
			view.Followups = append(view.Followups, followupOf(v))
		}
	}
	slices.SortStableFunc(view.Followups, func(a, b Followup) int {
		return dueOnDay(a.Answer["followed_on"].Date).Compare(dueOnDay(b.Answer["followed_on"].Date))
	})
	for _, d := range dues {
		switch {
		case d.Kind == DueFollowup && d.State == deadline.Open:
			view.Visits = append(view.Visits, d)
		case d.Kind == DueWarning && d.State == deadline.Open:
			view.Warnings = append(view.Warnings, d)
		}
	}
	return &view, nil
}

func followupOf(v *forms.Revision) Followup {
	f := Followup{Record: v.Record, At: v.At, By: v.Author, Form: v.Form, Answer: v.Answers, Signs: WarningSigns(v.Answers)}
	for _, side := range scored {
		f.Work = append(f.Work, v.Answers["work_"+side].Number)
		f.Child = append(f.Child, v.Answers["child_"+side].Number)
	}
	return f
}
