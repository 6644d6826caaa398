package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
)

// lorry is an invented event with a number of children.
func lorry(n int) casework.GroupIntake {
	return casework.GroupIntake{
		Label: sealed.NewText("Blue"), Count: n, Place: sealed.NewText("Lorry park by the bridge"), On: date("2026-03-01"),
		Hour: sealed.NewText("04:30"), FoundBy: sealed.NewText("Harbour patrol"), Risk: "high", Basis: "vital_interest",
	}
}

func (o *office) intake(t testing.TB, c *access.Caller, tie ident.Tie) *casework.IntakePage {
	t.Helper()
	page, err := o.room.IntakePage(ctx, c, tie)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestThirtyChildrenAreThirtyCasesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		cmd := command()
		var tie ident.Tie
		for range 2 { // the form is sent twice
			var err error
			if tie, err = o.room.Intake(ctx, worker, cmd, lorry(30)); err != nil {
				t.Fatal(err)
			}
		}
		page := o.intake(t, worker, tie)
		if len(page.Children) != 30 {
			t.Fatalf("children = %d, want 30", len(page.Children))
		}
		numbers := map[ident.CaseNumber]bool{}
		for i, a := range page.Children {
			numbers[a.Case.Number] = true
			if a.Arrival.Order != int64(i+1) || a.Named() || a.Case.Worker != worker.Staff() || a.Case.Risk != "high" || a.Case.NextContact.IsZero() {
				t.Errorf("child %d = %+v", i, a.Case)
			}
		}
		if len(numbers) != 30 || page.Children[6].Person.Details.Called().Reveal() != "Blue 7" {
			t.Errorf("%d numbers, the seventh child is %q", len(numbers), page.Children[6].Person.Details.Called().Reveal())
		}
		keys := 0
		for _, h := range o.Entries(t) {
			if h.What == "case.register" && h.Outcome == journal.OK {
				keys++
			}
		}
		if keys != 30 {
			t.Errorf("registrations in the journal = %d, want one for each child", keys)
		}
		child, err := o.room.Open(ctx, worker, page.Children[6].Case.ID)
		if err != nil || child.Intake() != tie || child.Events[0].Arrival.FoundBy.Reveal() != "Harbour patrol" {
			t.Errorf("the case of the seventh child: %v", err)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestTheTableIsFilledInAsThingsBecomeKnown(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		tie, err := o.room.Intake(ctx, worker, command(), lorry(4))
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]casework.ArrivalRow, 4)
		for i, a := range o.intake(t, worker, tie).Children {
			rows[i] = casework.ArrivalRow{At: i, Case: a.Case.ID, Seen: a.Person.Version}
		}
		rows[0].Name, rows[0].Age, rows[0].Sex, rows[0].Language = sealed.NewText("Selma"), "12", "female", "fr"
		rows[0].Family, rows[2].Family = "A", "A"
		rows[1].Urgent, rows[1].Bed = sealed.NewText("Insulin"), sealed.NewText("Room 4, Lantern house")
		cmd := command()
		for i, want := range []int{3, 0} { // the second time nothing is new
			if n, err := o.room.SaveArrivals(ctx, worker, cmd, tie, rows); err != nil || n != want {
				t.Fatalf("time %d: written %d, %v, want %d", i, n, err, want)
			}
		}
		got := o.intake(t, worker, tie).Children
		first := got[0].Person.Details
		if !got[0].Named() || first.Called().Reveal() != "Selma" || len(first.Names) != 2 || got[0].Case.AgeBand != "12-14" || first.Languages[0] != "fr" {
			t.Errorf("first = %+v", got[0].Case)
		}
		if got[1].Arrival.Urgent.Reveal() != "Insulin" || got[1].Arrival.Bed.Reveal() == "" || got[1].Named() {
			t.Errorf("second = %+v", got[1].Arrival)
		}
		if got[3].Case.Version != 1 {
			t.Errorf("of the fourth nothing is new, but the case is at version %d", got[3].Case.Version)
		}
		if g := o.people(t, worker, got[0].Case.ID).Group; g == nil || len(g.Members) != 1 || g.Members[0].Case.ID != got[2].Case.ID {
			t.Errorf("group = %+v, want first and third", g)
		}
		// An older page does not win, and nothing of the form is kept.
		rows[0].Name, rows[3].Name = sealed.NewText("Salma"), sealed.NewText("Idris")
		if _, err := o.room.SaveArrivals(ctx, worker, command(), tie, rows); !fault.Is(err, fault.Conflict) {
			t.Errorf("saved from an older page: %v", err)
		}
		if o.intake(t, worker, tie).Children[3].Named() {
			t.Error("half of a refused form was kept")
		}
		rows[0] = casework.ArrivalRow{At: 0, Case: rows[0].Case, Seen: 2, Family: "B"}
		if _, err := o.room.SaveArrivals(ctx, worker, command(), tie, rows[:1]); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("moved to another family by the table: %v", err)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestChildrenOfAnIntakeAreGivenToWorkers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		tie, err := o.room.Intake(ctx, worker, command(), lorry(7))
		if err != nil {
			t.Fatal(err)
		}
		var rows []casework.ArrivalRow
		for i, a := range o.intake(t, worker, tie).Children[:3] {
			rows = append(rows, casework.ArrivalRow{At: i, Case: a.Case.ID, Seen: 1, Family: "A"})
		}
		if _, err := o.room.SaveArrivals(ctx, worker, command(), tie, rows); err != nil {
			t.Fatal(err)
		}
		to := []casework.AllocateTo{{ident.New[ident.Staff](), o.North}, {ident.New[ident.Staff](), o.North}}
		if _, err := o.room.Allocate(ctx, worker, command(), tie, to); !fault.Is(err, fault.NotFound) {
			t.Errorf("a case worker gives children away: %v", err)
		}
		if n, err := o.room.Allocate(ctx, boss, command(), tie, to); err != nil || n != 7 {
			t.Fatalf("given %d, %v, want 7", n, err)
		}
		has := map[ident.Staff]int{}
		family := map[ident.Staff]bool{}
		for _, a := range o.intake(t, boss, tie).Children {
			has[a.Case.Worker]++
			if a.Arrival.Family == "A" {
				family[a.Case.Worker] = true
			}
		}
		if len(has) != 2 || has[to[0].Worker] < 3 || has[to[1].Worker] < 3 || len(family) != 1 {
			t.Errorf("children of each = %v, the family has %d workers; want 3 and 4, and one", has, len(family))
		}
		if _, err := o.room.IntakePage(ctx, worker, tie); !fault.Is(err, fault.NotFound) {
			t.Errorf("who gave all children away still sees the table: %v", err)
		}
	})
}

func TestWhoMayTakeAGroupIn(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	tie, err := o.room.Intake(ctx, worker, command(), lorry(2))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*access.Caller{
		"responder": o.Person(access.RoleFirstResponder, o.North), "operator": o.Person(access.RoleNodeOperator, o.Head),
		"auditor": o.Person(access.RoleAuditor, o.Head), "nobody": nil,
	} {
		if _, err := o.room.Intake(ctx, c, command(), lorry(2)); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s takes a group in: %v", name, err)
		}
	}
	for name, c := range map[string]*access.Caller{
		"a colleague": o.Person(access.RoleCaseWorker, o.North), "another unit": o.Person(access.RoleSupervisor, o.South),
	} {
		if _, err := o.room.IntakePage(ctx, c, tie); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s sees the table: %v", name, err)
		}
		if _, err := o.room.SaveArrivals(ctx, c, command(), tie, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s fills the table in: %v", name, err)
		}
	}
	for field, spoil := range map[string]func(*casework.GroupIntake){
		"intake_count": func(in *casework.GroupIntake) { in.Count = casework.ArrivalsMost + 1 },
		"intake_label": func(in *casework.GroupIntake) { in.Label = sealed.Text{} },
		"intake_place": func(in *casework.GroupIntake) { in.Place = sealed.Text{} },
		"intake_on":    func(in *casework.GroupIntake) { in.On = date("2027-01-01") },
		"risk":         func(in *casework.GroupIntake) { in.Risk = "" },
		"basis":        func(in *casework.GroupIntake) { in.Basis = "because" },
	} {
		in := lorry(2)
		spoil(&in)
		if _, err := o.room.Intake(ctx, worker, command(), in); len(fault.FieldsOf(err)) != 1 || fault.FieldsOf(err)[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestErasingOneChildOfAnIntakeLeavesTheOthers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		tie, err := o.room.Intake(ctx, worker, command(), lorry(3))
		if err != nil {
			t.Fatal(err)
		}
		gone := o.intake(t, worker, tie).Children[1].Case.ID
		o.eraseRows(t, gone)
		if got := o.intake(t, worker, tie).Children; len(got) != 2 || got[1].Person.Details.Called().Reveal() != "Blue 3" || got[1].Arrival.Place.Reveal() == "" {
			t.Errorf("children = %d, want the two others whole", len(got))
		}
	})
}

func BenchmarkIntakeOfThirty(b *testing.B) {
	o := open(b, accesstest.New(b))
	worker := o.Person(access.RoleCaseWorker, o.North)
	for b.Loop() {
		if _, err := o.room.Intake(ctx, worker, command(), lorry(30)); err != nil {
			b.Fatal(err)
		}
	}
}
