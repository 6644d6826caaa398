package intake_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// primeroOffice is a register that holds the cases of the file.
type primeroOffice struct {
	*accesstest.Office
	boss *access.Caller
	room *casework.Room
}

func primeroRegister(t *testing.T, o *accesstest.Office, content []byte) *primeroOffice {
	t.Helper()
	_, rows := wholes(t, content)
	boss := o.Person(access.RoleSupervisor, o.North)
	return &primeroOffice{o, boss, register(t, o, boss, rows)}
}

// of returns the case of a child, by its name.
func (o *primeroOffice) of(t *testing.T, name string) *casework.RecordList {
	t.Helper()
	page, err := o.room.List(t.Context(), o.boss, casework.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Rows {
		if row.Person.Details.Names[0].Text.Reveal() == name {
			l, err := o.room.Whole(t.Context(), o.boss, row.Case.ID)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
	}
	t.Fatal("the case is not there")
	return nil
}

// file exports every case of the register.
func (o *primeroOffice) file(t *testing.T) ([]byte, []map[string]json.RawMessage) {
	t.Helper()
	var cases []*intake.Whole
	for _, name := range []string{"Mina Karo", "سلمى المخترعة", "Ilo Tarn"} {
		cases = append(cases, intake.WholeOf(o.of(t, name), intake.Primero))
	}
	return records(t, cases...)
}

func dated(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// The entries of sub-forms are people, needs and notes of the case, with the days on
// which things happened; nothing that has passed starts a clock.
func TestSubFormsInTheRegister(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		content, want := primeroCases(t)
		r := primeroRegister(t, o, content)
		l := r.of(t, "Mina Karo")
		var people []string
		for _, k := range l.Others() {
			people = append(people, k.Name.Reveal()+", "+k.Relation)
		}
		slices.Sort(people)
		if diff := cmp.Diff([]string{"Oda Karo, aunt_uncle", "Sela Karo, mother", "Tarn the ferryman, other"}, people); diff != "" {
			t.Errorf("people: want -, got +\n%s", diff)
		}
		var needs []string
		for _, n := range l.Needs {
			needs = append(needs, strings.Join([]string{n.Service, n.State, dated(n.Asked), dated(n.Due), dated(n.Delivered), n.Provider.Reveal()}, " | "))
		}
		slices.Sort(needs)
		if diff := cmp.Diff([]string{
			"food | requested | 2026-01-07 | 2026-01-08 |  | Harbour kitchen",
			"general_health | delivered | 2026-01-06 | 2026-01-09 | 2026-01-10 | Clinic by the Mill",
			"other | delivered | 2026-01-05 |  |  | ",
			"other | delivered | 2026-01-05 | 2026-01-31 |  | Harbour house",
			"school | requested | 2026-01-07 | 2027-05-01 |  | agency-harbour",
		}, needs); diff != "" {
			t.Errorf("needs: want -, got +\n%s", diff)
		}
		notes := map[string]string{}
		for _, e := range l.Events {
			if e.Kind == casework.KindNote {
				first, _, _ := strings.Cut(e.Seen.Reveal(), "\n")
				notes[first] = e.On.Reveal() + " " + e.NoteKind + " " + e.Origin.Form + " " + e.Origin.By.Reveal()
			}
		}
		if diff := cmp.Diff(map[string]string{
			"Came with two older girls.":         " other  ",
			"First visit":                        "2026-01-08 other notes_section worker_one",
			"Phone rang, nobody spoke.":          " other notes_section worker_two",
			"Sleeps better.":                     "2026-01-20 other followup_subform_section ",
			"followup_type: after_reunification": " other followup_subform_section ",
			"Was promised work in a kitchen.":    " safety protection_concern_detail_subform_section ",
			"approval_requested_for: case_plan":  "2026-01-12 decision approval_subforms ",
			"drawing.jpg":                        "2026-01-08 other photos ",
		}, notes); diff != "" {
			t.Errorf("notes: want -, got +\n%s", diff)
		}
		var due []string
		for _, at := range r.services(t) {
			due = append(due, dated(at))
		}
		if !slices.Equal(due, []string{"2027-05-01"}) { // of the school; the closed case has none
			t.Errorf("deadlines of services: %v", due)
		}
		if closed := r.of(t, "Ilo Tarn"); !closed.Case.Closed() || len(closed.Needs) != 1 {
			t.Errorf("the closed case: %v, %d needs", closed.Case.Closed(), len(closed.Needs))
		}
		_, got := r.file(t)
		if diff := cmp.Diff(plainCases(want), plainCases(got)); diff != "" {
			t.Errorf("out of the register: want -, got +\n%s", diff)
		}
	})
}

// services returns when services are to be there that a clock waits for.
func (o *primeroOffice) services(t *testing.T) []time.Time {
	t.Helper()
	var out []time.Time
	must(t, o.DB.Read(t.Context(), func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(t.Context(), `SELECT due FROM deadline_due WHERE kind = 'service' AND state = 'open' ORDER BY due`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at int64
			if err := rows.Scan(&at); err != nil {
				return err
			}
			out = append(out, time.UnixMicro(at))
		}
		return rows.Err()
	}))
	return out
}

// find returns the event of a case whose text begins so.
func find(t *testing.T, l *casework.RecordList, begins string) *casework.Event {
	t.Helper()
	for i := range l.Events {
		if strings.HasPrefix(l.Events[i].Seen.Reveal(), begins) {
			return &l.Events[i]
		}
	}
	t.Fatalf("no event begins with %q", begins)
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// work does on a case what people do: it corrects, goes on, and adds.
func (o *primeroOffice) work(t *testing.T, l *casework.RecordList) {
	ctx, id, cmd := t.Context(), l.Case.ID, ident.New[ident.Command]
	must(t, o.room.CorrectNote(ctx, o.boss, cmd(), id, find(t, l, "First visit").ID,
		casework.Note{Seen: sealed.NewText("First visit\nShe drew a ship.")}, sealed.NewText("a ship, not a boat")))
	for _, n := range l.Needs {
		switch n.Service {
		case "food":
			must(t, o.room.DeliverService(ctx, o.boss, cmd(), id, n.ID, sealed.NewText("Every noon.")))
		case "school":
			must(t, o.room.MarkUnmet(ctx, o.boss, cmd(), id, n.ID, "no_place", sealed.Text{}))
		}
	}
	for _, k := range l.Others() {
		if k.Name.Reveal() == "Oda Karo" {
			k.Phone = sealed.NewText("+000 555 0199")
			must(t, o.room.ChangeOther(ctx, o.boss, cmd(), id, k.ID, k.Version, k.Other))
		}
	}
	must(t, o.room.AddOther(ctx, o.boss, cmd(), id, casework.Other{Name: sealed.NewText("Nela Karo"), Relation: "mother", Safe: "yes"}))
	must(t, o.room.AddOther(ctx, o.boss, cmd(), id, casework.Other{Name: sealed.NewText("Boss Rell"), Relation: "employer", Safe: "no", Why: sealed.NewText("sold her"), Suspected: true}))
	must(t, o.room.AddOther(ctx, o.boss, cmd(), id, casework.Other{
		Name: sealed.NewText("Rusk"), Relation: "cousin", Safe: "no", Why: sealed.NewText("drinks with the boss"), Phone: sealed.NewText("+000 555 0177"),
	}))
	must(t, o.room.AddNeed(ctx, o.boss, cmd(), id, casework.NewNeed{Service: "legal_aid", Words: sealed.NewText("I want to say what happened.")}))
	must(t, o.room.AddNote(ctx, o.boss, cmd(), id, casework.Note{Kind: "conversation", Words: sealed.NewText("I like it here."), Seen: sealed.NewText("She smiled.")}))
}

// items returns the entries of a sub-form.
func items(t *testing.T, one map[string]json.RawMessage, form string) (out []map[string]any) {
	t.Helper()
	if err := json.Unmarshal(one[form], &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// What people did in the record goes out in the entries; what they did not touch
// stands as it stood.
func TestWorkOnSubFormsGoesOut(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		content, before := primeroCases(t)
		r := primeroRegister(t, o, content)
		r.work(t, r.of(t, "Mina Karo"))
		file, after := r.file(t)
		one := after[0]
		for name, raw := range before[0] {
			switch name {
			case "family_details_section", "services_section", "notes_section":
			default:
				if string(one[name]) != string(raw) {
					t.Errorf("%s: got %s, want %s", name, one[name], raw)
				}
			}
		}
		was, is := items(t, before[0], "services_section"), items(t, one, "services_section")
		was[2]["service_implemented"], was[2]["service_implemented_day_time"] = "implemented", "2026-03-02T12:00:00.000Z"
		was[2]["service_referral_notes"] = "Every noon."
		was[1]["causeway_unmet"], was[1]["causeway_ended_on"] = "no_place", "2026-03-02"
		delete(is[5], "unique_id")
		was = append(was, map[string]any{
			"service_type": "legal_assistance_service", "service_response_day_time": "2026-03-02T12:00:00.000Z",
			"service_implemented": "not_implemented", "causeway_words": "I want to say what happened.",
		})
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("services: want -, got +\n%s", diff)
		}
		was, is = items(t, before[0], "notes_section"), items(t, one, "notes_section")
		was[0]["note_text"] = "She drew a ship."
		delete(is[2], "unique_id")
		was = append(was, map[string]any{
			"note_text": "I like it here.\n\nShe smiled.", "causeway_kind": "conversation", "causeway_words": "I like it here.", "causeway_seen": "She smiled.",
		})
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("notes: want -, got +\n%s", diff)
		}
		was, is = items(t, before[0], "family_details_section"), items(t, one, "family_details_section")
		was[1]["relation_telephone"] = "+000 555 0199"
		for _, x := range is[4:] {
			delete(x, "unique_id")
		}
		was = append(was, map[string]any{"relation_name": "Nela Karo", "relation": "mother", "causeway_safe_contact": "yes"},
			map[string]any{"relation_name": "Rusk", "relation": "cousin", "causeway_safe_contact": "no", "causeway_safe_why": "drinks with the boss"})
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("family: want -, got +\n%s", diff)
		}
		r.again(t, file, after)
	})
}

// again brings a file that went out into a register of its own: nothing is doubled,
// and it goes out as it came.
func (o *primeroOffice) again(t *testing.T, file []byte, want []map[string]json.RawMessage) {
	t.Helper()
	other := primeroRegister(t, accesstest.New(t), file)
	_, got := other.file(t)
	if diff := cmp.Diff(plainCases(want), plainCases(got)); diff != "" {
		t.Errorf("a second time: want -, got +\n%s", diff)
	}
	l, first := other.of(t, "Mina Karo"), o.of(t, "Mina Karo")
	if len(l.Needs) != len(first.Needs) || len(l.Others()) != len(first.Others())-1 { // but for who is suspected
		t.Errorf("%d needs, %d people; want %d, %d", len(l.Needs), len(l.Others()), len(first.Needs), len(first.Others())-1)
	}
	if e := find(t, l, "She smiled."); e.Words.Reveal() != "I like it here." || e.NoteKind != "conversation" {
		t.Error("the texts of a note are not apart any more")
	}
	for _, n := range l.Needs {
		if n.Service == "school" && (n.State != casework.NeedUnmet || n.Unmet != "no_place") {
			t.Errorf("the school: %s, %s", n.State, n.Unmet)
		}
	}
}

// To whom the source of a case is not shown, the record is what goes out.
func TestSubFormsWithoutTheirSource(t *testing.T) {
	o := accesstest.New(t)
	content, _ := primeroCases(t)
	l := primeroRegister(t, o, content).of(t, "Mina Karo")
	for i := range l.Events {
		if src := l.Events[i].Source; src != nil {
			l.Events[i].Source = &casework.Source{Profile: src.Profile, On: src.On, Hidden: true}
		}
	}
	_, got := records(t, intake.WholeOf(l, intake.Primero))
	for form, want := range map[string]int{"family_details_section": 3, "services_section": 5, "notes_section": 7} {
		if n := len(items(t, got[0], form)); n != want {
			t.Errorf("%s: %d entries, want %d", form, n, want)
		}
	}
	if raw := string(got[0]["family_details_section"]); strings.Contains(raw, "shoe_size") {
		t.Error("what was only kept in the source goes out")
	}
}

// A case that began here goes out with the same sub-forms.
func TestACaseOfOursHasSubForms(t *testing.T) {
	o := accesstest.New(t)
	r := primeroRegister(t, o, []byte(`[{"id":"c9","name_first":"Mina","name_last":"Karo","case_id":"x","sex":"female","risk_level":"low"}]`))
	l := r.of(t, "Mina Karo")
	must(t, r.room.AddOther(t.Context(), r.boss, ident.New[ident.Command](), l.Case.ID, casework.Other{Name: sealed.NewText("Oda"), Relation: "grandparent", Safe: "unknown"}))
	must(t, r.room.AddNote(t.Context(), r.boss, ident.New[ident.Command](), l.Case.ID, casework.Note{Kind: "other", Seen: sealed.NewText("A quiet day.")}))
	c := intake.WholeOf(r.of(t, "Mina Karo"), intake.Primero)
	c.Source = nil
	_, got := records(t, c)
	if x := items(t, got[0], "notes_section"); len(x) != 1 || x[0]["note_text"] != "A quiet day." {
		t.Errorf("notes: %v", x)
	}
	if x := items(t, got[0], "family_details_section"); len(x) != 1 || x[0]["relation_name"] != "Oda" || x[0]["relation"] != "grandparent" {
		t.Errorf("family: %v", x)
	}
}

// Entries that are more, or longer, than a record takes are cut or left where they
// stood; the case comes all the same.
func TestEntriesThatAreTooMuch(t *testing.T) {
	long := strings.Repeat("ä", 25_000)
	var notes []string
	for i := range 420 {
		notes = append(notes, fmt.Sprintf(`{"note_text":"note %d"}`, i))
	}
	file := `[{"case_id":"m-1","name_first":"Mina","name_last":"Karo","sex":"female","risk_level":"low",
	 "family_details_section":[
	  {"relation_name":"` + long[:800] + `","relation":"mother","relation_telephone":"` + long[:1000] + `","relation_address_current":"` + long[:1000] + `"},
	  {"relation_name":"O\u202eda\u0007","relation":"aunt","relation_death_details":"` + long[:5000] + `","causeway_safe_contact":"no"}],
	 "services_section":[{"service_type":"food_service","service_provider":"` + long[:2000] + `","service_referral_notes":"` + long[:9000] + `",
	  "service_implemented_day_time":"2019-02-30","service_implemented":"perhaps","causeway_outcome":"met","causeway_unmet":"no_place"}],
	 "followup_subform_section":[{"followup_comments":"` + long + `","followup_date":"1970-01-01","causeway_kind":"never heard of"}],
	 "notes_section":[` + strings.Join(notes, ",") + `]}]`
	o := accesstest.New(t)
	r := primeroRegister(t, o, []byte(file))
	l := r.of(t, "Mina Karo")
	n := 0
	for _, e := range l.Events {
		if e.Kind == casework.KindNote {
			n++
		}
	}
	if len(l.Others()) != 2 || len(l.Needs) != 1 || n != 397 {
		t.Errorf("%d people, %d needs, %d notes", len(l.Others()), len(l.Needs), n)
	}
	if l.Needs[0].State != casework.NeedEnded || l.Needs[0].Outcome != "met" {
		t.Errorf("the need: %s", l.Needs[0].State)
	}
	_, rows := wholes(t, []byte(file))
	if got := told(rows[0], "entry-too-many"); len(got) != 24 {
		t.Errorf("%d entries are said not to come, want 24", len(got))
	}
	_, got := records(t, intake.WholeOf(l, intake.Primero))
	if diff := cmp.Diff(plainCases(flatCases(t, []byte(file))), plainCases(got)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}
