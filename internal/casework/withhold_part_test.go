package casework_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// partsForm has a section and a question that belong to parts of the record.
const partsForm = `{
	"form": "trial", "version": 3, "for": "case", "source": "A test", "confidence": "house choice",
	"title": {"en": "Kept", "fr": "Gardé", "ar": "محفوظ"},
	"sections": [
		{"id": "body", "part": "health", "title": {"en": "Body", "fr": "Corps", "ar": "الجسم"}, "fields": [
			{"id": "hurts", "kind": "text", "label": {"en": "Hurts", "fr": "Mal", "ar": "ألم"}}
		]},
		{"id": "more", "title": {"en": "More", "fr": "Plus", "ar": "المزيد"}, "fields": [
			{"id": "street", "part": "whereabouts", "kind": "text", "label": {"en": "Street", "fr": "Rue", "ar": "الشارع"}},
			{"id": "likes", "kind": "text", "label": {"en": "Likes", "fr": "Aime", "ar": "يحب"}}
		]}
	]
}`

// told returns every text in a value that somebody was given.
func told(v any) string {
	var b strings.Builder
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		if v.IsValid() && v.CanInterface() {
			switch x := v.Interface().(type) {
			case sealed.Text:
				b.WriteString(x.Reveal() + "\n")
				return
			case *forms.Form, time.Time:
				return
			}
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(v.MapIndex(k))
			}
		case reflect.String:
			b.WriteString(v.String() + "\n")
		}
	}
	walk(reflect.ValueOf(v))
	return b.String()
}

// marks are texts that stand in one part of the record each, wherever it is written.
var marks = map[string][]string{
	access.RecordPart(casework.PartWhereabouts): {"Lantern Street", "Mill Lane", "with_exploiter", casework.KindCareAdded},
	access.RecordPart(casework.PartFamily):      {"Oru Tesh", "grey van", "Sold bread", "other-added"},
	access.RecordPart(casework.PartHealth):      {"Her arm hurts"},
	access.RecordPart(pack.PartCareNotes):       {"I do not sleep", "She looked down", "Not the first time"},
	access.RecordPart(access.AllDocuments):      {"door.wav", "window.wav"},
}

// everything gathers what a reader is told of a case on every way there is: each page,
// list, print, export, copy for others, and error.
func (a *archive) everything(t *testing.T, c *access.Caller, record ident.Record, docs []ident.Document) string {
	t.Helper()
	var out strings.Builder
	add := func(v any, err error) {
		if err != nil {
			v = fmt.Sprint(err)
		}
		out.WriteString(told(v))
	}
	room := a.room
	add(room.Open(ctx, c, a.id))
	add(room.Print(ctx, c, a.id))
	for _, kind := range []string{"", casework.KindNote, casework.KindCareAdded, casework.KindOtherAdded} {
		add(room.ReadTimeline(ctx, c, a.id, casework.Slice{Kind: kind}))
	}
	add(room.People(ctx, c, a.id))
	child, err := room.Open(ctx, c, a.id)
	ok(t, err)
	add(child.Lived(), nil)
	add(child.LivesAt(), nil)
	add(child.Others(), nil)
	add(child.Searches(), nil)
	add(room.ListDocuments(ctx, c, a.id))
	for _, d := range docs {
		add(room.OpenDocument(ctx, c, a.id, d))
		_, err := a.read(c, d)
		add(nil, err)
	}
	add(room.Records(ctx, c, a.id, time.Time{}))
	add(room.OpenRecord(ctx, c, a.id, record))
	add(room.RecordToBegin(ctx, c, a.id))
	add(room.Whole(ctx, c, a.id))
	add(room.Consents(ctx, c, a.id))
	add(room.Withheld(ctx, c, a.id))
	add(room.Today(ctx, c, a.Clock.Now().AddDate(0, 0, 7)))
	add(room.List(ctx, c, casework.Query{}))
	x := order()
	x.Case, x.Events = a.id, true
	s := a.export(t, c, x)
	add(s.rows, nil)
	add(s.events, nil)
	act := access.Act{Action: "circle.preview", Purpose: "services", Case: a.id}
	nothing := func(string, string, string) bool { return false }
	err = a.Gate.View(ctx, c, act, func(p *access.Pass) error {
		_, parts, err := room.Parts(ctx, p, a.Pack.Codes(pack.DisclosureParts), nothing)
		add(parts, err)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestNoWayTellsAPartThatIsWithheld withholds every set of parts from a reader and asks
// on every way: what is withheld stands in no answer, and everything else does.
func TestNoWayTellsAPartThatIsWithheld(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		fill(t, a.Office, a.room, partsForm)
		ok(t, a.room.AddCare(ctx, a.worker, command(), a.id, lives("with_exploiter", "2026-02-01", "")))
		ok(t, a.room.AddOther(ctx, a.worker, command(), a.id, uncle()))
		ok(t, a.room.StartTracing(ctx, a.worker, command(), a.id, auntSought(), herWords, true))
		ok(t, a.room.AddNote(ctx, a.worker, command(), a.id, casework.Note{
			Kind: "conversation", On: date("2026-03-01"), Alone: "yes", Words: sealed.NewText("I do not sleep"), Language: "en",
			Seen: sealed.NewText("She looked down"), Thought: sealed.NewText("Not the first time"), Interpreter: "not_needed",
		}))
		record, err := a.room.SaveRecord(ctx, a.worker, command(), a.id, casework.RecordInput{Form: "trial", Answers: forms.Answers{
			"hurts": written("Her arm hurts"), "street": written("Mill Lane 4"), "likes": written("Football"),
		}})
		ok(t, err)
		docs := []ident.Document{a.add(t, "door.wav", sound(900)).ID, a.add(t, "window.wav", sound(700)).ID}
		all := a.everything(t, a.boss, record, docs)
		for part, texts := range marks {
			for _, text := range texts {
				if !strings.Contains(all, text) {
					t.Errorf("nothing is withheld, and %q of %s is told nowhere", text, part)
				}
			}
		}
		names := slices.Sorted(func(yield func(string) bool) {
			for part := range marks {
				if !yield(part) {
					return
				}
			}
		})
		for set := 1; set < 1<<len(names); set++ {
			reader := a.Person(access.RoleSupervisor, a.North)
			var hidden []string
			why := because(reader.Staff(), "")
			why.Why = sealed.NewText("He is the cousin of " + reader.Staff().String())
			for i, part := range names {
				if set&(1<<i) != 0 {
					hidden = append(hidden, part)
					ok(t, a.room.WithholdPart(ctx, a.worker, command(), a.id, part, why))
				}
			}
			got := a.everything(t, reader, record, docs)
			if !strings.Contains(got, "Football") {
				t.Fatalf("%v withheld: what is not withheld is not told either", hidden)
			}
			for part, texts := range marks {
				for _, text := range texts {
					if strings.Contains(got, text) == slices.Contains(hidden, part) {
						t.Errorf("%v withheld: %q of %s told: %v", hidden, text, part, strings.Contains(got, text))
					}
				}
			}
			if strings.Contains(got, why.Why.Reveal()) {
				t.Errorf("%v withheld: the reader is told why", hidden)
			}
		}
		if r := a.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

// TestOneDocumentIsWithheld: the others stay, and of this one no way tells.
func TestOneDocumentIsWithheld(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		kept, open := a.add(t, "door.wav", sound(900)).ID, a.add(t, "window.wav", sound(700)).ID
		ok(t, a.room.WithholdPart(ctx, a.worker, command(), a.id, access.DocumentPart(kept), because(a.boss.Staff(), "")))
		list, err := a.room.ListDocuments(ctx, a.boss, a.id)
		if err != nil || len(list.Documents) != 1 || list.Documents[0].ID != open {
			t.Fatalf("documents = %v, %v, want the other one", list, err)
		}
		_, unknown := a.room.OpenDocument(ctx, a.boss, a.id, ident.New[ident.Document]())
		_, hidden := a.room.OpenDocument(ctx, a.boss, a.id, kept)
		if fault.KindOf(hidden) != fault.NotFound || fault.CodeOf(hidden) != fault.CodeOf(unknown) {
			t.Errorf("a document that is withheld: %v; one that is not there: %v", hidden, unknown)
		}
		if _, err := a.read(a.boss, kept); fault.KindOf(err) != fault.NotFound {
			t.Errorf("its bytes: %v, want not found", err)
		}
		if err := a.room.RemoveDocument(ctx, a.boss, command(), a.id, kept, sealed.NewText("Not hers.")); fault.KindOf(err) != fault.NotFound {
			t.Errorf("removed by whom it is withheld from: %v", err)
		}
		if _, err := a.read(a.worker, kept); err != nil {
			t.Errorf("the worker: %v", err)
		}
	})
}

// TestWhoDoesNotSeeAPartDoesNotChangeIt: the buttons are not there, and the acts refuse.
func TestWhoDoesNotSeeAPartDoesNotChangeIt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		ok(t, o.room.WithholdPart(ctx, worker, command(), id, access.RecordPart(casework.PartWhereabouts), because(ident.Staff{}, access.RoleSupervisor)))
		child := o.open(t, boss, id)
		if child.May["case.care"] || !child.May["case.people"] || !child.Withholds(casework.PartWhereabouts) || child.Withholds(casework.PartFamily) {
			t.Errorf("the supervisor may %v, withheld %v", child.May["case.care"], child.Withholds(casework.PartWhereabouts))
		}
		if err := o.room.AddCare(ctx, boss, command(), id, lives("street", "2026-02-01", "")); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the supervisor records where the child lives: %v, want not found", err)
		}
		if !o.open(t, worker, id).May["case.care"] {
			t.Error("the worker may not record where the child lives")
		}
	})
}

// TestAPersonOfACaseWhosePeopleAreWithheld: another case that shares the person does not
// tell that they stand in this one.
func TestAPersonOfACaseWhosePeopleAreWithheld(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		kept, other := o.register(t, worker), o.register(t, worker)
		ok(t, o.room.AddOther(ctx, worker, command(), kept, uncle()))
		who := o.people(t, worker, kept).Others[0].ID
		ok(t, o.room.ShareOther(ctx, worker, command(), kept, who, o.number(t, worker, other), "aunt_uncle", false))
		if k := o.people(t, boss, other).Others[0]; len(k.In) != 1 {
			t.Fatalf("before, the supervisor sees him in %d other cases, want 1", len(k.In))
		}
		ok(t, o.room.WithholdPart(ctx, worker, command(), kept, access.RecordPart(casework.PartFamily), because(boss.Staff(), "")))
		if k := o.people(t, boss, other).Others[0]; len(k.In) != 0 || k.Elsewhere {
			t.Errorf("then: in %d cases, elsewhere %v, want nothing told", len(k.In), k.Elsewhere)
		}
		if k := o.people(t, worker, other).Others[0]; len(k.In) != 1 {
			t.Error("the worker no longer sees it")
		}
	})
}
