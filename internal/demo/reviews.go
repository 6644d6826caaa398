package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fixture"
	"causeway/internal/ident"
)

// reviewsAgo is when, before today, the plans of children whose stories began
// earlier were last looked at: workers who did it leave little that is late.
const reviewsAgo = 20 * 24 * time.Hour

// leftLate is one in how many children whose review was forgotten.
const leftLate = 11

// reviews makes the plans anew of children who receive services: a review of the
// plan before. What waits for a second person is approved.
func (t *teller) reviews(ctx context.Context, children []fixture.Child) error {
	var due []int
	for _, i := range slices.Sorted(maps.Keys(t.cases)) {
		c := &children[i]
		if slices.Contains([]string{"planned", "in_services", "solution", "followup"}, c.Stage) && i%leftLate != 0 && c.ClosedAt.IsZero() {
			due = append(due, i)
		}
	}
	f := t.n.Forms.Library().Form("plan", 0)
	for part := range slices.Chunk(due, access.GroupMost/4) {
		err := t.n.Gate.Group(ctx, func(g *access.Gate) error {
			room := t.n.Cases.In(g)
			for _, i := range part {
				d, err := Details(&children[i])
				if err != nil {
					return err
				}
				env := casework.RecordEnv(t.when.Now(), &d)
				in := casework.RecordInput{Form: "plan", Finish: true, Answers: filled(f, nil, env, t.n.Pack.Codes)}
				lead := t.leads[i]
				if _, err := room.BeginRecord(ctx, t.as(lead, lead), ident.Command{}, t.cases[i], in, &d); err != nil {
					return fmt.Errorf("review of child %d: %w", i, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, i := range part {
			if err := t.approveReview(ctx, t.cases[i], t.leads[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// approveReview approves what waits in a case, as the supervisor of its lead.
func (t *teller) approveReview(ctx context.Context, id ident.Case, lead int) error {
	boss := slices.IndexFunc(t.staff, func(s fixture.Staff) bool { return s.Role == access.RoleSupervisor && s.Unit == t.staff[lead].Unit })
	if boss < 0 {
		return nil
	}
	as := t.as(boss, boss)
	list, err := t.n.Cases.Approvals(ctx, as, id)
	if err != nil {
		return err
	}
	for _, a := range list.Approvals {
		if a.Decided.IsZero() {
			if err := t.n.Cases.Decide(ctx, as, newCommand(), id, a.ID, casework.Answer{Approve: true, Comment: words("Agreed.")}); err != nil {
				return err
			}
		}
	}
	return nil
}
