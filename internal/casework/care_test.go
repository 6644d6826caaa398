package casework_test

import (
	"fmt"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"

	"github.com/google/go-cmp/cmp"
)

func lives(kind, from, until string) casework.Care {
	a := casework.Care{Kind: kind, From: date(from), Where: sealed.NewText("Lantern Street"), Decided: sealed.NewText("The duty officer")}
	if until != "" {
		a.Until = date(until)
	}
	return a
}

// story writes the history of a child in one line each.
func (o *office) story(t *testing.T, c *access.Caller, id ident.Case) (out []string) {
	t.Helper()
	child, err := o.room.Open(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range child.Lived() {
		if l.Gap() {
			out = append(out, fmt.Sprintf("gap %s to %s", l.GapFrom.Reveal(), l.GapUntil.Reveal()))
			continue
		}
		line := fmt.Sprintf("%s %s to %s", l.Care.Kind, l.From.Reveal(), l.Until.Reveal())
		if l.Now() {
			line += " now"
		}
		out = append(out, line)
	}
	return out
}

func TestWhereAChildLivedIsAHistoryWithItsGaps(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		add := func(a casework.Care) {
			t.Helper()
			cmd := command()
			for range 2 { // each form is sent twice
				if err := o.room.AddCare(ctx, worker, cmd, id, a); err != nil {
					t.Fatal(err)
				}
			}
		}
		want := func(lines ...string) {
			t.Helper()
			if diff := cmp.Diff(o.story(t, worker, id), lines); diff != "" {
				t.Errorf("story (-got +want):\n%s", diff)
			}
		}
		add(lives("street", "2026-01-05", ""))
		want("street 2026-01-05 to  now")
		add(lives("police_cell", "2026-02-01", ""))
		want("police_cell 2026-02-01 to  now", "street 2026-01-05 to 2026-02-01")
		add(lives("kinship", "2025-06-01", "2025-11-30"))
		want("police_cell 2026-02-01 to  now", "street 2026-01-05 to 2026-02-01", "gap 2025-11-30 to 2026-01-05", "kinship 2025-06-01 to 2025-11-30")

		child, err := o.room.Open(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		now := child.LivesAt()
		if err := o.room.ChangeCare(ctx, worker, command(), id, now.Strand.ID, now.Strand.Version, lives("police_cell", "2026-02-01", "2026-02-20")); err != nil {
			t.Fatal(err)
		}
		if err := o.room.ChangeCare(ctx, worker, command(), id, now.Strand.ID, now.Strand.Version, lives("shelter", "2026-02-01", "")); !fault.Is(err, fault.Conflict) {
			t.Errorf("corrected from an older page: %v", err)
		}
		want("gap 2026-02-20 to ", "police_cell 2026-02-01 to 2026-02-20", "street 2026-01-05 to 2026-02-01", "gap 2025-11-30 to 2026-01-05", "kinship 2025-06-01 to 2025-11-30")
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestWhatAPlaceNeeds(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	if err := o.room.AddCare(ctx, worker, command(), id, lives("shelter", "2026-02-01", "")); err != nil {
		t.Fatal(err)
	}
	for field, a := range map[string]casework.Care{
		"care_kind":  lives("castle", "2026-02-02", ""),
		"care_from":  lives("shelter", "2027-02-02", ""),
		"care_until": lives("shelter", "2026-02-02", "2026-01-01"),
	} {
		if f := fault.FieldsOf(o.room.AddCare(ctx, worker, command(), id, a)); len(f) == 0 || f[0].Name != field {
			t.Errorf("%s: %v", field, f)
		}
	}
	// An older place without a last day would be the newest one.
	if f := fault.FieldsOf(o.room.AddCare(ctx, worker, command(), id, lives("street", "2026-01-01", ""))); len(f) != 1 || f[0].Code != "before-current" {
		t.Errorf("an older place without an end: %v", f)
	}
	for name, c := range map[string]*access.Caller{
		"a colleague": o.Person(access.RoleCaseWorker, o.North), "operator": o.Person(access.RoleNodeOperator, o.Head),
		"auditor": o.Person(access.RoleAuditor, o.Head), "another unit": o.Person(access.RoleSupervisor, o.South),
	} {
		if err := o.room.AddCare(ctx, c, command(), id, lives("street", "2026-02-10", "2026-02-11")); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnUnsafePlaceStaysOnTheWorkersPage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		shown := func(c *access.Caller) int {
			t.Helper()
			today, err := o.room.Today(ctx, c, o.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range today.Unsafe {
				if u.Kind != "police_cell" || u.Person.Details.Called().Reveal() != "Ilara Tesh" {
					t.Errorf("unsafe = %+v", u)
				}
			}
			return len(today.Unsafe)
		}
		if err := o.room.AddCare(ctx, worker, command(), id, lives("police_cell", "2026-03-01", "")); err != nil {
			t.Fatal(err)
		}
		if n := shown(worker); n != 1 {
			t.Errorf("children in unsafe places = %d, want 1", n)
		}
		if n := shown(o.Person(access.RoleCaseWorker, o.North)); n != 0 {
			t.Errorf("a colleague sees %d, want none", n)
		}
		if err := o.room.AddCare(ctx, worker, command(), id, lives("shelter", "2026-03-02", "")); err != nil {
			t.Fatal(err)
		}
		if n := shown(worker); n != 0 {
			t.Errorf("after the move %d, want none", n)
		}
	})
}
