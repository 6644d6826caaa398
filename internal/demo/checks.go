package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/screening"
)

// met is a child somebody met at their work and made a check of.
type met struct {
	ago        time.Duration // before the visitor comes
	age, place string
	language   string
	yes        []string // questions answered with yes
	unsafe     bool
	taken      time.Duration // after which somebody took over; zero: nobody has
}

// encounters are one check that was taken over, one that waits and one that nobody
// took in time: each is on the page of the officer who made it.
var encounters = []met{
	{ago: 50 * time.Hour, age: "15-17", place: "border", language: "fr", yes: []string{"speaks_for", "documents"}, taken: 40 * time.Minute},
	{ago: 3 * time.Hour, age: "12-14", place: "street", language: "ar", yes: []string{"brought", "begs_for", "set_sum"}, unsafe: true},
	{ago: 40 * time.Minute, age: "5-11", place: "school", language: "en", yes: []string{"long_hours"}},
}

// checks lets the first responder meet a few children shortly before today.
func (t *teller) checks(ctx context.Context) error {
	who := slices.IndexFunc(t.staff, func(s fixture.Staff) bool { return s.Role == access.RoleFirstResponder })
	if who < 0 {
		return nil
	}
	worker := slices.IndexFunc(t.staff, func(s fixture.Staff) bool {
		return s.Role == access.RoleCaseWorker && s.Unit == t.staff[who].Unit
	})
	now := t.when.base.Now()
	for i, m := range encounters {
		t.when.set(now.Add(-m.ago))
		in := casework.Screened{Age: m.age, Place: m.place, Language: m.language, Answers: screening.Answers{}, HandOver: true}
		rules := t.n.Pack.Screening()
		for _, q := range append(rules.First(), rules.Cards(m.age, m.place)...) {
			in.Answers[q.Code] = screening.No
			if slices.Contains(m.yes, q.Code) {
				in.Answers[q.Code] = screening.Yes
			}
		}
		for _, q := range rules.First() {
			if !m.unsafe {
				in.Answers[q.Code] = screening.Yes
			}
		}
		id, err := t.n.Cases.MakeCheck(ctx, t.as(who, who), ident.New[ident.Command](), in)
		if err != nil {
			return fmt.Errorf("check %d: %w", i, err)
		}
		if m.taken == 0 || worker < 0 {
			continue
		}
		t.when.set(now.Add(m.taken - m.ago))
		if err := t.n.Cases.Accept(ctx, t.as(worker, worker), ident.New[ident.Command](), id); err != nil {
			return fmt.Errorf("take over check %d: %w", i, err)
		}
	}
	return nil
}
