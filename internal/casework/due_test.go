package casework_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// dues returns the deadlines of a case as a line each: kind, state unless open,
// and how long after the start of the clock they are due.
func (o *office) dues(t *testing.T, id ident.Case) (out []string) {
	t.Helper()
	var all []deadline.Deadline
	o.deadlines(t, id, func(d *deadline.Deadline) { all = append(all, *d) })
	slices.SortFunc(all, func(a, b deadline.Deadline) int { // those due together by their kind, not by identifier
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Kind, b.Kind), strings.Compare(a.State, b.State))
	})
	for _, d := range all {
		line := d.Kind
		if d.State != deadline.Open {
			line += " " + d.State
		}
		out = append(out, line+" "+strings.TrimSuffix(d.Due.Sub(accesstest.Start).String(), "0m0s"))
	}
	return out
}

func (o *office) deadlines(t *testing.T, id ident.Case, fn func(*deadline.Deadline)) {
	t.Helper()
	a := access.Act{Action: "case.update", Purpose: "case-work", Case: id}
	_, err := o.Gate.Do(ctx, o.Person(access.RoleSupervisor, o.Head), a, func(p *access.Pass) (string, error) {
		all, err := deadline.Of(ctx, p)
		for i := range all {
			fn(&all[i])
		}
		if err == nil {
			err = errUndone
		}
		return "", err
	})
	if !errors.Is(err, errUndone) {
		t.Fatal(err)
	}
}

// errUndone leaves a command without a trace.
var errUndone = errors.New("undone")

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func register(t *testing.T, o *office, c *access.Caller, change ...func(*casework.Registration)) ident.Case {
	t.Helper()
	g := girl()
	for _, fn := range change {
		fn(&g)
	}
	id, err := o.room.Register(ctx, c, command(), g)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRegistrationStartsClocks(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c)
		want(t, o.dues(t, id), "first_contact 24h", "assessment 168h")
		ok(t, o.room.AddNote(ctx, c, command(), id, casework.Note{Kind: "home_visit", Seen: sealed.NewText("calm")}))
		want(t, o.dues(t, id), "first_contact done 24h", "assessment 168h", "next_contact 168h")
		ok(t, o.room.AddNote(ctx, c, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("a letter")}))
		want(t, o.dues(t, id), "first_contact done 24h", "assessment 168h", "next_contact 168h")
		ok(t, o.room.SetContact(ctx, c, command(), id, accesstest.Start.Add(48*time.Hour), sealed.NewText("school trip")))
		want(t, o.dues(t, id), "first_contact done 24h", "next_contact 48h", "assessment 168h", "next_contact cancelled 168h")
	})
}

func TestImportedCaseWaitsForItsStage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.Person(access.RoleCaseWorker, o.North)
		at := func(stage string) ident.Case {
			return register(t, o, c, func(g *casework.Registration) { g.Stage, g.Risk = stage, "low" })
		}
		want(t, o.dues(t, at("assessed")), "first_contact 168h", "plan 336h")
		want(t, o.dues(t, at("in_services")), "first_contact 168h", "review 2160h")
		want(t, o.dues(t, at(casework.StageClosed)))
	})
}

func TestStagesEndAndStartClocks(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c)
		records := map[string]string{"assessed": "full_assessment", "best_interests": "bia_short", "planned": "plan"}
		to := func(stage string) {
			t.Helper()
			if form := records[stage]; form != "" {
				o.file(t, c, id, form)
			}
			ok(t, o.room.ChangeStage(ctx, c, command(), id, casework.Decision{To: stage}))
		}
		to("assessed")
		want(t, o.dues(t, id), "first_contact 24h", "assessment done 168h", "plan 168h")
		to("best_interests")
		to("planned")
		want(t, o.dues(t, id), "first_contact 24h", "assessment done 168h", "plan done 168h", "review 336h")
		to("assessed")
		want(t, o.dues(t, id), "first_contact 24h", "assessment done 168h", "plan done 168h", "plan 168h", "review cancelled 336h")
	})
}

func TestRiskMovesClocksNearerNeverFarther(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c, func(g *casework.Registration) { g.Risk = "medium" })
		want(t, o.dues(t, id), "first_contact 72h", "assessment 336h")
		risk := func(to string) {
			t.Helper()
			ok(t, o.room.ChangeRisk(ctx, c, command(), id, casework.Decision{To: to, Reasons: []string{"threats"}}))
		}
		risk("low")
		want(t, o.dues(t, id), "first_contact 72h", "assessment 336h")
		risk("high")
		want(t, o.dues(t, id), "first_contact 72h", "assessment 168h", "assessment cancelled 336h")
	})
}

func TestNewLeadOwnsTheClocks(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c, boss, other := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.Head), o.Person(access.RoleCaseWorker, o.South)
		id := register(t, o, c)
		ok(t, o.room.Close(ctx, c, command(), id, casework.Closing{Decision: casework.Decision{To: "error"}}))
		want(t, o.dues(t, id), "first_contact cancelled 24h", "assessment cancelled 168h")
		o.reopenInEmergency(t, c, id)
		ok(t, o.room.Assign(ctx, boss, command(), id, other.Staff(), o.South, sealed.Text{}, 0))
		n := 0
		o.deadlines(t, id, func(d *deadline.Deadline) {
			owner := other.Staff()
			if d.Kind == casework.DueEmergencyConfirm {
				owner = ident.Staff{}
			}
			if d.State == deadline.Open {
				n++
				if d.Owner != owner || d.Unit != o.South {
					t.Errorf("%s belongs to somebody else", d.Kind)
				}
			}
		})
		if n != 4 {
			t.Errorf("%d open deadlines, want 4", n)
		}
	})
}

func TestEmergencyIsConfirmedAndAssessedInTime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := register(t, o, c, func(g *casework.Registration) { g.Stage = casework.StageClosed })
		o.reopenInEmergency(t, c, id)
		want(t, o.dues(t, id), "emergency_confirm 24h", "first_contact 24h", "emergency_assessment 72h", "assessment 168h")
		ok(t, o.room.Close(ctx, c, command(), id, casework.Closing{Decision: casework.Decision{To: "error"}}))
		want(t, o.dues(t, id), "emergency_confirm 24h", "first_contact cancelled 24h", "emergency_assessment cancelled 72h",
			"assessment cancelled 168h")
		ok(t, o.room.Confirm(ctx, boss, command(), id, 0, sealed.NewText("I know of it")))
		want(t, o.dues(t, id), "emergency_confirm done 24h", "first_contact cancelled 24h", "emergency_assessment cancelled 72h",
			"assessment cancelled 168h")
	})
}

func (o *office) reopenInEmergency(t *testing.T, c *access.Caller, id ident.Case) {
	t.Helper()
	ok(t, o.room.Reopen(ctx, c, command(), id, casework.Decision{To: "other", Text: sealed.NewText("seen with the recruiter"), Emergency: true}))
}
