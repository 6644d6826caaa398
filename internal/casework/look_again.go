package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The deadlines of what is looked at again on a day that was agreed.
const (
	duePlanReview     = "plan_review"
	dueDecisionReview = "decision_review"
)

// lookAgain names, by form, the field with the day on which what it says is looked at
// again. A form of the same kind that is finished later is that look.
var lookAgain = map[string]struct{ kind, field string }{
	FormPlan:   {duePlanReview, "plan_review_on"},
	FormBIA:    {dueDecisionReview, "look_again_on"},
	FormBID:    {dueDecisionReview, "review_on"},
	FormReview: {dueDecisionReview, "next_review_on"},
}

// lookAgainDue keeps the deadlines of reviews when a form is finished, or corrected
// after that.
func (r *Room) lookAgainDue(ctx context.Context, p *access.Pass, row *Case, form string, record ident.Record, answers forms.Answers) error {
	of, ok := lookAgain[form]
	if !ok || row.Closed() {
		return nil
	}
	open, err := r.dues.Opened(ctx, p, of.kind)
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.About != [16]byte(record) { // this is the look that was due
			if err := r.meetDueOf(ctx, p, of.kind, d.About); err != nil {
				return err
			}
		}
	}
	due := dueOnDay(answers[of.field].Date)
	if due.IsZero() {
		return r.cancelDueOf(ctx, p, of.kind, [16]byte(record))
	}
	return r.setDue(ctx, p, row, of.kind, [16]byte(record), due)
}

// dueAt is the hour of a day, in UTC, at which what a form wants on that day is due.
const dueAt = 15

// dueOnDay returns when something is due on a day, zero where the day is open.
func dueOnDay(d sealed.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	year, month, dom := d.RevealParts()
	if dom == 0 {
		return time.Time{}
	}
	return time.Date(year, time.Month(month), dom, dueAt, 0, 0, 0, time.UTC)
}
