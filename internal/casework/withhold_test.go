package casework_test

import (
	"slices"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// withheldForm has a question, one that is decided by it, and one beside them.
const withheldForm = `{
	"form": "trial", "version": 2, "for": "case", "source": "A test", "confidence": "house choice",
	"title": {"en": "Kept", "fr": "Gardé", "ar": "محفوظ"},
	"sections": [
		{"id": "home", "title": {"en": "Home", "fr": "Maison", "ar": "البيت"}, "fields": [
			{"id": "street", "kind": "text", "label": {"en": "Street", "fr": "Rue", "ar": "الشارع"}},
			{"id": "fear", "kind": "answer", "label": {"en": "Fear", "fr": "Peur", "ar": "الخوف"}}
		]},
		{"id": "more", "title": {"en": "More", "fr": "Plus", "ar": "المزيد"}, "fields": [
			{"id": "why", "kind": "text", "show": "fear == \"yes\"", "label": {"en": "Why", "fr": "Pourquoi", "ar": "لماذا"}},
			{"id": "likes", "kind": "text", "label": {"en": "Likes", "fr": "Aime", "ar": "يحب"}}
		]}
	]
}`

func because(from ident.Staff, role string) casework.Withholding {
	return casework.Withholding{From: from, Role: role, Decided: sealed.NewText("The child"), Why: sealed.NewText("He is her cousin.")}
}

// keptRecord saves a record of the form above.
func (o *office) keptRecord(t testing.TB, c *access.Caller, id ident.Case) ident.Record {
	t.Helper()
	record, err := o.room.SaveRecord(ctx, c, command(), id, casework.RecordInput{Form: "trial", Answers: forms.Answers{
		"street": written("Mill Lane 4"), "fear": given("yes"), "why": written("He found us once."), "likes": written("Football"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// seen returns which questions of a record somebody sees, and which they are asked.
func (o *office) seen(t testing.TB, c *access.Caller, id ident.Case, record ident.Record) (answers, asked []string) {
	t.Helper()
	page, err := o.room.OpenRecord(ctx, c, id, record)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for q := range page.Newest().Answers {
		answers = append(answers, q)
	}
	for _, s := range page.Newest().Form.Sections {
		for _, q := range s.Fields {
			if s.MayRead(c.Role()) {
				asked = append(asked, q.ID)
			}
		}
	}
	slices.Sort(answers)
	slices.Sort(asked)
	return answers, asked
}

func TestWithheldPartIsSeenByNobodyItIsWithheldFrom(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fill(t, o.Office, o.room, withheldForm)
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		record := o.keptRecord(t, worker, id)
		if a, _ := o.seen(t, boss, id, record); len(a) != 4 {
			t.Fatalf("the supervisor sees %v before", a)
		}
		if err := o.room.WithholdPart(ctx, worker, command(), id, access.PartOf("trial", "home", "fear"), because(boss.Staff(), "")); err != nil {
			t.Fatal(err)
		}
		answers, asked := o.seen(t, boss, id, record)
		if want := []string{"likes", "street"}; !slices.Equal(answers, want) || !slices.Equal(asked, want) {
			t.Errorf("the supervisor sees %v and is asked %v, want %v: not the answer, and not what it decides", answers, asked, want)
		}
		if a, _ := o.seen(t, worker, id, record); len(a) != 4 {
			t.Errorf("the worker sees %v, want all", a)
		}
		if a, _ := o.seen(t, o.Person(access.RoleSupervisor, o.Head), id, record); len(a) != 4 {
			t.Errorf("another supervisor sees %v, want all", a)
		}
		// Whoever cannot see it cannot change it, and loses nothing by saving the rest.
		_, err := o.room.SaveRecord(ctx, boss, command(), id, casework.RecordInput{
			Form: "trial", Record: record, Base: 1, Answers: forms.Answers{"fear": given("no")},
		})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("a withheld answer is changed: %v", err)
		}
		_, err = o.room.SaveRecord(ctx, boss, command(), id, casework.RecordInput{
			Form: "trial", Record: record, Base: 1, Answers: forms.Answers{"likes": written("Drawing"), "street": written("Mill Lane 4")},
		})
		if err != nil {
			t.Fatal(err)
		}
		page, err := o.room.OpenRecord(ctx, worker, id, record)
		if err != nil || page.Newest().Answers["why"].Text.Reveal() != "He found us once." || page.Newest().Answers["likes"].Text.Reveal() != "Drawing" {
			t.Errorf("after the supervisor saved: %v, %v", page.Newest().Answers, err)
		}
		// A whole section, from a role.
		if err := o.room.WithholdPart(ctx, worker, command(), id, access.PartOf("trial", "home", ""), because(ident.Staff{}, access.RoleSupervisor)); err != nil {
			t.Fatal(err)
		}
		other := o.Person(access.RoleSupervisor, o.Head)
		if a, q := o.seen(t, other, id, record); !slices.Equal(a, []string{"likes"}) || !slices.Equal(q, []string{"likes"}) {
			t.Errorf("another supervisor sees %v, is asked %v, want likes only", a, q)
		}
		// What is on the timeline does not say why, to whom it is withheld from.
		child, err := o.room.Open(ctx, other, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range child.Events {
			if strings.Contains(e.Text.Reveal(), "cousin") || e.Kind == casework.KindPartWithheld && (e.From != "" || len(e.Who) > 0) {
				t.Errorf("event %s tells whom it is withheld from why", e.Kind)
			}
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestWhoMayWithhold(t *testing.T) {
	o := open(t, accesstest.New(t))
	fill(t, o.Office, o.room, withheldForm)
	worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
	id := o.register(t, worker)
	somebody := ident.New[ident.Staff]()
	for _, role := range []string{access.RoleCaseWorker, access.RoleGuardian, access.RoleInvestigator, access.RoleAuditor} {
		other := o.Person(role, o.North)
		if err := o.room.WithholdPart(ctx, other, command(), id, access.PartOf("trial", "home", ""), because(somebody, "")); err == nil {
			t.Errorf("%s withholds a part", role)
		}
		if err := o.room.WithholdFrom(ctx, other, command(), id, because(somebody, ""), nil); err == nil {
			t.Errorf("%s withholds a case", role)
		}
		if _, err := o.room.Withheld(ctx, other, id); err == nil {
			t.Errorf("%s sees what is withheld", role)
		}
	}
	for name, err := range map[string]error{
		"no such section":  o.room.WithholdPart(ctx, worker, command(), id, access.PartOf("trial", "attic", ""), because(somebody, "")),
		"no such form":     o.room.WithholdPart(ctx, worker, command(), id, access.PartOf("lost", "home", ""), because(somebody, "")),
		"no such role":     o.room.WithholdPart(ctx, worker, command(), id, access.PartOf("trial", "home", ""), because(ident.Staff{}, "king")),
		"from nobody":      o.room.WithholdPart(ctx, worker, command(), id, access.PartOf("trial", "home", ""), because(ident.Staff{}, "")),
		"from two":         o.room.WithholdPart(ctx, worker, command(), id, access.PartOf("trial", "home", ""), because(somebody, access.RoleSupervisor)),
		"without reason":   o.room.WithholdFrom(ctx, worker, command(), id, casework.Withholding{From: somebody}, nil),
		"no such part":     o.room.WithholdPart(ctx, worker, command(), id, access.RecordPart("mood"), because(somebody, "")),
		"no such document": o.room.WithholdPart(ctx, worker, command(), id, access.DocumentPart(ident.New[ident.Document]()), because(somebody, "")),
		"from the lead":    o.room.WithholdFrom(ctx, boss, command(), id, because(worker.Staff(), ""), nil),
	} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func TestWithheldFromAUnit(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.Head)
		id := o.register(t, worker)
		w := because(ident.Staff{}, "")
		w.Unit = o.North
		if err := o.room.WithholdFrom(ctx, boss, command(), id, w, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("from the unit of the case: %v, want invalid", err)
		}
		w.Unit = o.Head
		if err := o.room.WithholdFrom(ctx, worker, command(), id, w, []ident.Staff{boss.Staff()}); err != nil {
			t.Fatal(err)
		}
		// Also from whoever joins the unit later.
		for _, who := range []*access.Caller{boss, o.Person(access.RoleSupervisor, o.Head)} {
			if _, err := o.room.Open(ctx, who, id); fault.KindOf(err) != fault.NotFound {
				t.Errorf("somebody of the unit opens it: %v", err)
			}
		}
		page, err := o.room.Withheld(ctx, worker, id)
		if err != nil || len(page.Whole) != 2 || len(page.Events) != 1 || page.Events[0].Decided.Reveal() != "The child" {
			t.Errorf("withheld = %+v, %v", page, err)
		}
	})
}
