package casework

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// The forms of a durable solution and of what follows it.
const (
	FormSolution = "durable_solution"
	FormFollowup = "reintegration_followup"
)

// The deadlines after a solution: the visits, and the look after a warning sign.
const (
	DueFollowup = "followup"
	DueWarning  = "warning"
)

// warningSigns are the questions of a follow-up of which one yes is enough: the child
// may be trafficked again.
var warningSigns = []string{
	"been_missing", "contact_trafficker", "fear_money", "owes_journey", "family_took_part", "expects_collection",
}

// WarningSigns returns the signs that a follow-up found.
func WarningSigns(answers forms.Answers) (out []string) {
	for _, sign := range warningSigns {
		if answers[sign].Code == forms.Yes {
			out = append(out, sign)
		}
	}
	return out
}

// afterSolution keeps the deadlines that follow from a solution that was chosen, and
// from a follow-up.
func (r *Room) afterSolution(ctx context.Context, p *access.Pass, row *Case, form string, record ident.Record, answers forms.Answers) error {
	if row.Closed() {
		return nil
	}
	switch form {
	case FormSolution:
		return r.scheduleFollowups(ctx, p, row, record, answers)
	case FormFollowup:
		if err := r.followedUp(ctx, p, row, record, answers); err != nil {
			return err
		}
		if len(WarningSigns(answers)) == 0 {
			return r.cancelDueOf(ctx, p, DueWarning, [16]byte(record)) // corrected: it was none
		}
		return r.setDue(ctx, p, row, DueWarning, [16]byte(record), r.codes.Clock(pack.FollowupWarning).After(p.Now()))
	}
	return nil
}

// scheduleFollowups sets the visits after a solution that was chosen. A solution that
// is chosen anew, or corrected, has a schedule of its own.
func (r *Room) scheduleFollowups(ctx context.Context, p *access.Pass, row *Case, record ident.Record, answers forms.Answers) error {
	chosen := answers["chosen"].Code
	if chosen == "" || chosen == "none_yet" {
		return nil
	}
	if err := r.cancelDue(ctx, p, DueFollowup); err != nil {
		return err
	}
	begins := p.Now()
	for _, field := range []string{"moves_on", "decided_on"} {
		if day := dueOnDay(answers[field].Date); !day.IsZero() {
			begins = day
			break
		}
	}
	days := r.followups(begins, row.Risk)
	if first := dueOnDay(answers["first_followup"].Date); !first.IsZero() {
		days = append(days, first)
	}
	for _, due := range days {
		if due.Before(p.Now()) {
			continue
		}
		if err := r.setDue(ctx, p, row, DueFollowup, visitOf(record, due), due); err != nil {
			return err
		}
	}
	return nil
}

// followups returns when a child is visited after a solution began: by the pack's
// months, and more often at first where the risk is high.
func (r *Room) followups(begins time.Time, risk string) []time.Time {
	var out []time.Time
	for _, name := range pack.Followups {
		out = append(out, r.codes.Clock(name).After(begins))
	}
	if risk != "high" || len(out) < 3 {
		return out
	}
	add := func(clock pack.ClockName, from, until time.Time) {
		step := r.codes.Clock(clock)
		for at := step.After(from); at.Before(until); at = step.After(at) {
			// Not twice in one week, and always forward.
			if !slices.ContainsFunc(out, func(t time.Time) bool { return t.Sub(at).Abs() < 3*24*time.Hour }) {
				out = append(out, at)
			}
		}
	}
	first, third := out[0], out[2]
	add(pack.FollowupHighFirst, begins, first)
	add(pack.FollowupHighLater, first, third)
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// visitOf names one visit of the schedule that a record made.
func visitOf(record ident.Record, due time.Time) (about [16]byte) {
	sum := sha256.Sum256(append([]byte("causeway/followup/1"+due.UTC().Format(time.DateOnly)), record[:]...))
	copy(about[:], sum[:])
	return about
}

// early is how long before its day a visit still counts for it.
const early = 21 * 24 * time.Hour

// followedUp meets the visits that a follow-up was, and sets the next one agreed on.
// A visit ahead of its day counts for the next day only.
func (r *Room) followedUp(ctx context.Context, p *access.Pass, row *Case, record ident.Record, answers forms.Answers) error {
	on := dueOnDay(answers["followed_on"].Date)
	if on.IsZero() {
		on = p.Now()
	}
	open, err := r.dues.Opened(ctx, p, DueFollowup)
	if err != nil {
		return err
	}
	met := 0
	for _, d := range open { // earliest first
		own := d.About == [16]byte(record)
		if own || d.Due.After(on.Add(24*time.Hour)) && (met > 0 || d.Due.After(on.Add(early))) {
			continue
		}
		if err := r.meetDueOf(ctx, p, DueFollowup, d.About); err != nil {
			return err
		}
		met++
	}
	if next := dueOnDay(answers["next_on"].Date); next.After(p.Now()) {
		return r.setDue(ctx, p, row, DueFollowup, [16]byte(record), next)
	}
	return r.cancelDueOf(ctx, p, DueFollowup, [16]byte(record))
}
