package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

func count(list []string, what string) (n int) {
	for _, s := range list {
		if s == what {
			n++
		}
	}
	return n
}

// chosen is a durable solution that was chosen; moved is the day of the move.
func chosen(moved string) forms.Answers {
	yes := given("yes")
	return forms.Answers{
		"view_heard": yes, "view_alone": yes, "view_words": written("Here."), "asylum_asked": yes, "asylum_need": given("no"), "office_safe": yes,
		"ways": {State: forms.Given, Groups: []forms.Answers{{
			"way": given("stay"), "family_seen": yes, "family_part": given("no"), "risk_again": given("low"), "risk_harm": given("low"), "risk_source": written("Visits."),
		}}},
		"chosen": given("stay"), "decided_on": dated("2026-03-01"), "decided_by": given("panel"), "reasons": written("Safe here."),
		"guardian_agrees": yes, "child_told": yes, "ready_papers": yes, "ready_home": yes, "safety_plan": written("Call us."),
		"received_by": {State: forms.Given, Person: &forms.Link{Name: written("Aunt").Text}}, "moves_on": dated(moved), "first_followup": dated(moved), "child_keeps": yes,
	}
}

// visited is a follow-up on a day, with a sign of danger or none.
func visited(on, next string, missing string) forms.Answers {
	no := given("no")
	as := forms.Answers{
		"followed_on": dated(on), "month": given("week"), "how_met": given("home"), "heard": no, "safe_now": given("yes"), "hurt_or_ill": no, "self_harm": no,
		"been_missing": given(missing), "contact_trafficker": no, "fear_money": no, "owes_journey": no, "family_took_part": no, "expects_collection": no,
		"no_safe_adult": no, "decision_pending": no, "turns_18": no, "next_on": dated(next), "signs_seen": written("She was away for a night."),
		"work_low": written("A quiet room."),
	}
	for i, side := range casework.Scored() {
		as["work_"+side] = forms.Answer{State: forms.Given, Number: float64(2 + i%3), HasNumber: true}
	}
	return as
}

func TestASolutionHasItsVisits(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		day := func(days int) string { return o.Clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }
		g := girl()
		g.Risk = "low"
		quiet, err := o.room.Register(ctx, worker, command(), g)
		if err != nil {
			t.Fatal(err)
		}
		o.finishForm(t, worker, quiet, casework.FormSolution, ident.Record{}, 0, chosen(day(0)))
		if n := count(o.dueOf(t, quiet, casework.DueFollowup), "open"); n != 6 && n != 7 { // the day of the move may be over
			t.Errorf("at low risk %d visits, want six", n)
		}
		id := o.register(t, worker) // high risk
		solution := o.finishForm(t, worker, id, casework.FormSolution, ident.Record{}, 0, chosen(day(1)))
		before := count(o.dueOf(t, id, casework.DueFollowup), "open")
		if before < 6+4+2 {
			t.Errorf("at high risk %d visits, want some more", before)
		}
		o.finishForm(t, worker, id, casework.FormSolution, solution, 1, forms.Answers{"reasons": written("Safe here, and school.")})
		if n := count(o.dueOf(t, id, casework.DueFollowup), "open"); n != before {
			t.Errorf("after a correction %d visits, want the same %d", n, before)
		}
		o.Clock.Advance(9 * 24 * time.Hour)
		worker = o.As(access.Signed{Staff: worker.Staff(), Role: worker.Role(), Unit: o.North})
		o.finishForm(t, worker, id, casework.FormFollowup, ident.Record{}, 0, visited(day(0), day(12), "no"))
		all := o.dueOf(t, id, casework.DueFollowup)
		if done := count(all, "done"); done != 2 {
			t.Errorf("the visit met %d of the days before it, want the first and that of the first week", done)
		}
		if n := count(o.dueOf(t, id, casework.DueWarning), "open"); n != 0 {
			t.Errorf("a warning without a sign")
		}
		view, err := o.room.Reintegration(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if view.Solution == nil || len(view.Followups) != 1 || len(view.Visits) != before-2+1 || casework.Mean(view.Followups[0].Work) == 0 ||
			casework.Mean(view.Followups[0].Child) != 0 {
			t.Errorf("reintegration: solution %v, %d follow-ups, %d visits of %d", view.Solution != nil, len(view.Followups), len(view.Visits), before)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestAWarningSignIsLookedAtAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		day := func(days int) string { return o.Clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }
		record := o.finishForm(t, worker, id, casework.FormFollowup, ident.Record{}, 0, visited(day(0), day(7), "yes"))
		view, err := o.room.Reintegration(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if len(view.Warnings) != 1 || !view.Warnings[0].Due.Equal(o.Clock.Now().Add(24*time.Hour)) || len(view.Followups[0].Signs) != 1 {
			t.Fatalf("warnings = %+v, want one by tomorrow", view.Warnings)
		}
		err = o.room.ChangeRisk(ctx, worker, command(), id, casework.Decision{To: "high", Reasons: []string{"threats"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.dueOf(t, id, casework.DueWarning); count(got, "done") != 1 || count(got, "open") != 0 {
			t.Errorf("after the risk was scored anew: %v, want it done", got)
		}
		o.finishForm(t, worker, id, casework.FormFollowup, record, 1, forms.Answers{"been_missing": given("no")})
		if got := o.dueOf(t, id, casework.DueWarning); count(got, "open") != 0 {
			t.Errorf("a sign that was none: %v", got)
		}
		if _, err := o.room.Reintegration(ctx, o.Person(access.RoleCaseWorker, o.North), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("a colleague reads: %v, want refused", err)
		}
	})
}
