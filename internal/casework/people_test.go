package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// uncle is an invented person.
func uncle() casework.Other {
	return casework.Other{
		Name: sealed.NewText("Oru Tesh"), Relation: "aunt_uncle", Safe: "no", Why: sealed.NewText("He asked where she sleeps."),
		Suspected: true, Phone: sealed.NewText("+999 55 1234"), Note: sealed.NewText("Drives a grey van."),
	}
}

func (o *office) people(t *testing.T, c *access.Caller, id ident.Case) *casework.PeoplePage {
	t.Helper()
	page, err := o.room.People(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// number returns the number of a case as its worker would type it.
func (o *office) number(t *testing.T, c *access.Caller, id ident.Case) sealed.Text {
	t.Helper()
	return sealed.NewText(o.people(t, c, id).Case.Number.String())
}

func TestAPersonIsAddedChangedAndEndedWithHistory(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		cmd := command()
		for range 2 { // the same form twice is one person
			if err := o.room.AddOther(ctx, worker, cmd, id, uncle()); err != nil {
				t.Fatal(err)
			}
		}
		page := o.people(t, worker, id)
		if len(page.Others) != 1 || !page.Others[0].Suspected || page.Others[0].Phone.Reveal() != "+999 55 1234" {
			t.Fatalf("people = %+v, want the uncle once", page.Others)
		}
		who := page.Others[0]
		changed := who.Other
		changed.Safe, changed.Why = "unknown", sealed.Text{}
		if err := o.room.ChangeOther(ctx, worker, command(), id, who.ID, who.Version, changed); err != nil {
			t.Fatal(err)
		}
		if err := o.room.ChangeOther(ctx, worker, command(), id, who.ID, who.Version, changed); !fault.Is(err, fault.Conflict) {
			t.Errorf("a change made from an older page: %v, want a conflict", err)
		}
		if err := o.room.EndOther(ctx, worker, command(), id, who.ID, sealed.Text{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("ended without a reason: %v", err)
		}
		if err := o.room.EndOther(ctx, worker, command(), id, who.ID, sealed.NewText("Somebody else with this name.")); err != nil {
			t.Fatal(err)
		}
		if err := o.room.ChangeOther(ctx, worker, command(), id, who.ID, 0, changed); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed after the end: %v, want a conflict", err)
		}
		k := o.people(t, worker, id).Others[0]
		if !k.Ended() || len(k.History) != 3 || k.History[2].Other.Safe != "no" || k.Safe != "unknown" {
			t.Errorf("history = %d entries, now %q; want 3, the first not safe", len(k.History), k.Safe)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestWhatAPersonNeeds(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	for name, spoil := range map[string]func(*casework.Other){
		"other_name":   func(p *casework.Other) { p.Name = sealed.Text{} },
		"relation_to":  func(p *casework.Other) { p.Relation = "owner" },
		"safe_contact": func(p *casework.Other) { p.Safe = "" },
		"safe_why":     func(p *casework.Other) { p.Why = sealed.Text{} },
		"language":     func(p *casework.Other) { p.Language = "??" },
	} {
		p := uncle()
		spoil(&p)
		err := o.room.AddOther(ctx, worker, command(), id, p)
		if f := fault.FieldsOf(err); len(f) != 1 || f[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPaperTellsNothingOfASuspectedPerson(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	aunt := casework.Other{Name: sealed.NewText("Mira Tesh"), Relation: "aunt_uncle", Safe: "yes"}
	for _, p := range []casework.Other{uncle(), aunt} {
		if err := o.room.AddOther(ctx, worker, command(), id, p); err != nil {
			t.Fatal(err)
		}
	}
	child, err := o.room.Print(ctx, worker, id)
	if err != nil {
		t.Fatal(err)
	}
	child.Paper()
	if others := child.Others(); len(others) != 1 || others[0].Name.Reveal() != "Mira Tesh" {
		t.Errorf("paper shows %d people, want the aunt alone", len(others))
	}
	for _, e := range child.Events {
		if e.Other != nil && e.Other.Suspected {
			t.Error("the timeline on paper tells of a suspected person")
		}
	}
}

// brothers registers two children, the second with another worker who leads it; both
// are reached by the first, who helps.
func (o *office) brothers(t *testing.T, worker *access.Caller) (a, b ident.Case) {
	t.Helper()
	return o.register(t, worker), o.register(t, worker)
}

// assign gives a case to a worker who is out of the first one's reach.
func (o *office) assign(t *testing.T, id ident.Case, unit ident.Unit) *access.Caller {
	t.Helper()
	boss, other := o.Person(access.RoleSupervisor, o.Head), o.Person(access.RoleCaseWorker, unit)
	if err := o.room.Assign(ctx, boss, command(), id, other.Staff(), unit, sealed.NewText("moved"), 0); err != nil {
		t.Fatal(err)
	}
	return other
}

func TestALinkedCaseOutOfReachShowsNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		a, b := o.brothers(t, worker)
		if err := o.room.LinkCase(ctx, worker, command(), a, o.number(t, worker, b), "brother_sister", false); err != nil {
			t.Fatal(err)
		}
		for _, id := range []ident.Case{a, b} {
			k := o.people(t, worker, id).Others
			if len(k) != 1 || k[0].Own == nil || k[0].Elsewhere || k[0].Own.Person.Details.Called().Reveal() != "Ilara Tesh" {
				t.Fatalf("link = %+v, want the other child, shown", k)
			}
		}
		if x, y := o.people(t, worker, a).Others[0], o.people(t, worker, b).Others[0]; x.Reverse == y.Reverse {
			t.Error("both sides of a link point the same way")
		}
		linked := o.people(t, worker, a).Others[0]
		unsafe := casework.Other{Name: sealed.NewText("Somebody"), Relation: "cousin", Safe: "no", Why: sealed.NewText("He tells their uncle.")}
		if err := o.room.ChangeOther(ctx, worker, command(), a, linked.ID, linked.Version, unsafe); err != nil {
			t.Fatal(err)
		}
		if k := o.people(t, worker, a).Others[0]; k.Own == nil || k.Relation != "cousin" || k.Safe != "no" || !k.Name.IsZero() {
			t.Errorf("a changed link = %+v, want the same child and no name", k.Other)
		}
		// What is withheld from a reader and what is out of reach look alike.
		reader, helper := o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.Head)
		if err := o.room.Withhold(ctx, helper, command(), b, reader.Staff(), sealed.NewText("kin")); err != nil {
			t.Fatal(err)
		}
		if k := o.people(t, reader, a).Others; k[0].Own != nil || !k[0].Elsewhere {
			t.Errorf("a case withheld from the reader = %+v, want that there is another case and no more", k[0])
		}
		other := o.assign(t, b, o.South)
		k := o.people(t, worker, a).Others
		if len(k) != 1 || k[0].Own != nil || !k[0].Elsewhere || !k[0].Name.IsZero() {
			t.Errorf("link to a case out of reach = %+v, want that there is another case and no more", k[0])
		}
		if k := o.people(t, other, b).Others; len(k) != 1 || k[0].Own != nil || !k[0].Elsewhere {
			t.Errorf("the other way: %+v", k)
		}
	})
}

func TestWhomToLinkMustBeReached(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, other := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		mine, theirs := o.register(t, worker), o.register(t, other)
		hidden := o.number(t, other, theirs)
		link := func(n sealed.Text) error {
			return o.room.LinkCase(ctx, worker, command(), mine, n, "brother_sister", false)
		}
		unknown := link(sealed.NewText(ident.NewCaseNumber().String()))
		if err := link(hidden); err == nil || err.Error() != unknown.Error() {
			t.Errorf("a hidden case = %v, an unknown one = %v; want the same", err, unknown)
		}
		if f := fault.FieldsOf(unknown); len(f) != 1 || f[0].Name != "number" {
			t.Errorf("unknown number: %v", unknown)
		}
		if n := len(o.people(t, other, theirs).Others); n != 0 {
			t.Errorf("%d people in the hidden case, want none", n)
		}
		if err := o.room.AddOther(ctx, worker, command(), theirs, uncle()); !fault.Is(err, fault.NotFound) {
			t.Errorf("a person added out of reach: %v", err)
		}
		for name, c := range map[string]*access.Caller{
			"operator": o.Person(access.RoleNodeOperator, o.Head), "auditor": o.Person(access.RoleAuditor, o.Head),
			"responder": o.Person(access.RoleFirstResponder, o.North), "nobody": nil,
		} {
			if err := o.room.AddOther(ctx, c, command(), mine, uncle()); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s adds a person: %v", name, err)
			}
			if err := o.room.JoinGroup(ctx, c, command(), mine, "siblings", []ident.Case{theirs}, sealed.Text{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s makes a group: %v", name, err)
			}
		}
	})
}

func TestOnePersonInTwoCasesSurvivesTheErasureOfOne(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		a, b := o.brothers(t, worker)
		if err := o.room.AddOther(ctx, worker, command(), a, uncle()); err != nil {
			t.Fatal(err)
		}
		who := o.people(t, worker, a).Others[0]
		cmd := command()
		if err := o.room.ShareOther(ctx, worker, cmd, a, who.ID, o.number(t, worker, b), "carer", false); err != nil {
			t.Fatal(err)
		}
		if err := o.room.ShareOther(ctx, worker, command(), a, who.ID, o.number(t, worker, b), "carer", false); !fault.Is(err, fault.Invalid) {
			t.Errorf("shared twice: %v", err)
		}
		if err := o.room.JoinGroup(ctx, worker, command(), a, "siblings", []ident.Case{b}, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		k := o.people(t, worker, b).Others
		if len(k) != 1 || k[0].Relation != "carer" || k[0].Name.Reveal() != "Oru Tesh" || !k[0].Note.IsZero() || len(k[0].In) != 1 || k[0].In[0].Case.ID != a {
			t.Fatalf("in the other case: %+v, want the uncle without the note, and that he is in the first", k)
		}
		o.eraseRows(t, a)
		for _, table := range []string{"casework_strand", "casework_event", "casework_case", "person_person"} {
			if n := o.count(t, left[table], a); n != 0 {
				t.Errorf("%s: %d rows of the erased case", table, n)
			}
		}
		page := o.people(t, worker, b)
		if len(page.Others) != 1 || page.Others[0].Name.Reveal() != "Oru Tesh" || len(page.Others[0].In) != 0 || page.Others[0].Elsewhere {
			t.Errorf("after the erasure: %+v, want the uncle, in this case alone", page.Others)
		}
		if page.Group == nil || len(page.Group.Members) != 0 || page.Group.Elsewhere {
			t.Errorf("group = %+v, want nobody else in it", page.Group)
		}
	})
}

// eraseRows erases the rows of a case in every room.
func (o *office) eraseRows(t *testing.T, id ident.Case) {
	t.Helper()
	err := o.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := o.Custody.Sealer(ctx, tx, ident.SubjectOf(id))
		if err != nil {
			return err
		}
		defer s.Close()
		return casework.EraseRows(ctx, tx, s, id)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAChangedStrandIsFound(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		if err := o.room.AddOther(ctx, worker, command(), id, uncle()); err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{
			`UPDATE casework_strand SET ended_at = 1 WHERE case_id = $1`,
			`DELETE FROM casework_strand WHERE case_id = $1`,
		} {
			err := o.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, query, id); return err })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := o.room.People(ctx, worker, id); fault.CodeOf(err) != "record-altered" {
				t.Errorf("%s: %v, want record-altered", query, err)
			}
			if r := o.reconcile(t); r.Wrong == 0 {
				t.Errorf("%s: the reconciliation finds nothing", query)
			}
		}
	})
}

// BenchmarkPeoplePage opens the page of a child with ten people, of whom one stands in
// nineteen other cases, and a group of twenty.
func BenchmarkPeoplePage(b *testing.B) {
	o := open(b, accesstest.New(b))
	worker := o.Person(access.RoleCaseWorker, o.North)
	first := o.register(b, worker)
	for range 10 {
		if err := o.room.AddOther(ctx, worker, command(), first, uncle()); err != nil {
			b.Fatal(err)
		}
	}
	page, err := o.room.People(ctx, worker, first)
	if err != nil {
		b.Fatal(err)
	}
	for range 19 {
		id := o.register(b, worker)
		child, err := o.room.Open(ctx, worker, id)
		if err != nil {
			b.Fatal(err)
		}
		number := sealed.NewText(child.Case.Number.String())
		if err := o.room.ShareOther(ctx, worker, command(), first, page.Others[0].ID, number, "carer", false); err != nil {
			b.Fatal(err)
		}
		if err := o.room.JoinGroup(ctx, worker, command(), first, "siblings", []ident.Case{id}, sealed.Text{}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := o.room.People(ctx, worker, first); err != nil {
			b.Fatal(err)
		}
	}
}
