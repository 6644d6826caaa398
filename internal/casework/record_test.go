package casework_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"

	"github.com/google/go-cmp/cmp"
)

// trialForm is a form of the tests: a part for everybody and one that only
// supervisors read.
const trialForm = `{
 "form": "trial", "version": 1, "source": "invented for the tests", "confidence": "house choice",
 "title": {"en": "Trial", "fr": "Essai", "ar": "تجربة"},
 "sections": [
  {"id": "open_part", "title": {"en": "Open", "fr": "Ouvert", "ar": "مفتوح"}, "fields": [
   {"id": "on", "kind": "date", "need": "save", "label": {"en": "Day", "fr": "Jour", "ar": "اليوم"}},
   {"id": "safe_now", "kind": "answer", "need": "finish", "urgent": {"no": "danger"}, "label": {"en": "Safe?", "fr": "Sûr ?", "ar": "آمن؟"}},
   {"id": "why", "kind": "words", "show": "safe_now == \"no\"", "need": "finish", "label": {"en": "Why?", "fr": "Pourquoi ?", "ar": "لماذا؟"}},
   {"id": "wishes", "kind": "words", "label": {"en": "Wishes", "fr": "Souhaits", "ar": "الرغبات"}},
   {"id": "teen", "kind": "calculated", "value": "age >= 12", "label": {"en": "Teenager", "fr": "Adolescent", "ar": "مراهق"}}
  ]},
  {"id": "closed_part", "read": ["supervisor"], "title": {"en": "Closed", "fr": "Fermé", "ar": "مغلق"}, "fields": [
   {"id": "opinion", "kind": "text", "label": {"en": "Opinion", "fr": "Avis", "ar": "الرأي"}}
  ]}
 ]
}`

// trialPack is the demo's pack with the form of the tests.
type trialPack struct {
	*pack.Pack
	form string
}

func (p trialPack) Forms() []string { return []string{"trial"} }

func (p trialPack) Form(string) []byte { return []byte(p.form) }

// fill gives a room the form of the tests.
func fill(t testing.TB, o *accesstest.Office, room *casework.Room, form string) {
	t.Helper()
	lib, err := forms.NewLibrary(trialPack{o.Pack, form})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DB.Write(ctx, func(tx *store.Tx) error { return lib.Install(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
	room.Fill(forms.New(lib))
}

func given(code string) forms.Answer { return forms.Answer{State: forms.Given, Code: code} }
func written(s string) forms.Answer  { return forms.Answer{State: forms.Given, Text: sealed.NewText(s)} }
func dated(s string) forms.Answer    { return forms.Answer{State: forms.Given, Date: date(s)} }

// begun is a saved record with the day only.
func (o *office) begun(t testing.TB, c *access.Caller, id ident.Case) ident.Record {
	t.Helper()
	record, err := o.room.SaveRecord(ctx, c, command(), id, casework.RecordInput{
		Form: "trial", Answers: forms.Answers{"on": dated("2026-03-01")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// save saves a record on its base.
func (o *office) save(c *access.Caller, id ident.Case, record ident.Record, base int64, as forms.Answers) error {
	_, err := o.room.SaveRecord(ctx, c, command(), id, casework.RecordInput{Form: "trial", Record: record, Base: base, Answers: as})
	return err
}

func (o *office) opened(t testing.TB, c *access.Caller, id ident.Case, record ident.Record) *casework.RecordPage {
	t.Helper()
	page, err := o.room.OpenRecord(ctx, c, id, record)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func (o *office) newest(t testing.TB, c *access.Caller, id ident.Case, record ident.Record) forms.Revision {
	t.Helper()
	all := o.opened(t, c, id, record).Revisions
	return all[len(all)-1]
}

func TestSaveAndFinishARecord(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		o.Clock.Advance(time.Hour)
		err := o.save(worker, id, record, 1, forms.Answers{"safe_now": given("no")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{Form: "trial", Record: record, Base: 2, Finish: true})
		if diff := cmp.Diff([]fault.Field{{Name: "why", Code: "required"}}, fault.FieldsOf(err)); diff != "" {
			t.Errorf("finish without an answer that is needed (-want +got):\n%s", diff)
		}
		_, err = o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{
			Form: "trial", Record: record, Base: 2, Finish: true, Answers: forms.Answers{"why": written("He waits outside.")},
		})
		if err != nil {
			t.Fatal(err)
		}
		page := o.opened(t, worker, id, record)
		last := page.Revisions[2]
		if len(page.Revisions) != 3 || !last.Finished || page.Revisions[1].Finished || last.Author != worker.Staff() {
			t.Errorf("revisions = %+v", page.Revisions)
		}
		if got := last.Answers["why"].Text.Reveal(); got != "He waits outside." {
			t.Errorf("why = %q", got)
		}
		if last.Answers["teen"].Code != forms.Yes && last.Answers["teen"].State != forms.Blank {
			t.Errorf("calculated = %+v", last.Answers["teen"])
		}
		var kinds []string
		for _, e := range page.Events[:3] {
			kinds = append(kinds, e.Kind)
			if e.Form != "trial" || ident.Record(e.Record) != record {
				t.Errorf("event %s names %q, %x", e.Kind, e.Form, e.Record)
			}
		}
		if diff := cmp.Diff([]string{casework.KindRecordFinished, casework.KindRecordSaved, casework.KindRecordSaved}, kinds); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if u := page.Events[1].Urgent; len(u) != 1 || u[0] != "danger" || len(page.Events[0].Urgent) != 0 {
			t.Errorf("urgent = %v, then %v: an action is opened once", u, page.Events[0].Urgent)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestAFinishedRecordStaysFinished(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record, err := o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{
			Form: "trial", Finish: true, Answers: forms.Answers{"on": dated("2026-03-01"), "safe_now": given("yes"), "why": written("left over")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, kept := o.newest(t, worker, id, record).Answers["why"]; kept {
			t.Error("a finished record keeps an answer to a question that is not shown")
		}
		err = o.save(worker, id, record, 1, forms.Answers{"safe_now": {}})
		if diff := cmp.Diff([]fault.Field{{Name: "safe_now", Code: "required"}}, fault.FieldsOf(err)); diff != "" {
			t.Errorf("taking a needed answer out (-want +got):\n%s", diff)
		}
		if err := o.save(worker, id, record, 1, forms.Answers{"wishes": written("School")}); err != nil {
			t.Fatal(err)
		}
		if page := o.opened(t, worker, id, record); !page.Revisions[1].Finished || page.Events[0].Kind != casework.KindRecordFinished {
			t.Error("a correction is not a finished revision")
		}
	})
}

func TestWhoMayNotFillForms(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		for name, c := range map[string]*access.Caller{
			"a colleague of the unit": o.Person(access.RoleCaseWorker, o.North),
			"a supervisor of another": o.Person(access.RoleSupervisor, o.South),
			"a first responder":       o.Person(access.RoleFirstResponder, o.North),
			"the node operator":       o.Person(access.RoleNodeOperator, o.Head),
			"the auditor":             o.Person(access.RoleAuditor, o.Head),
			"nobody":                  nil,
		} {
			for _, finish := range []bool{false, true} {
				_, err := o.room.SaveRecord(ctx, c, command(), id, casework.RecordInput{
					Form: "trial", Finish: finish, Answers: forms.Answers{"on": dated("2026-03-01"), "safe_now": given("yes")},
				})
				if !fault.Is(err, fault.NotFound) {
					t.Errorf("%s saves (finish: %v) = %v, want not found", name, finish, err)
				}
			}
			if _, err := o.room.Records(ctx, c, id, time.Time{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s lists = %v, want not found", name, err)
			}
			if _, err := o.room.OpenRecord(ctx, c, id, record); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s opens = %v, want not found", name, err)
			}
		}
		other := o.register(t, worker)
		if _, err := o.room.OpenRecord(ctx, worker, other, record); !fault.Is(err, fault.NotFound) {
			t.Errorf("a record under another case = %v, want not found", err)
		}
		if err := o.save(worker, other, record, 1, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("saving a record under another case = %v, want refused", err)
		}
	})
}

func TestSectionsAreReadAndWrittenByRole(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		if err := o.save(boss, id, record, 1, forms.Answers{"opinion": written("Strong case.")}); err != nil {
			t.Fatal(err)
		}
		if err := o.save(worker, id, record, 2, forms.Answers{"wishes": written("School")}); err != nil {
			t.Fatal(err)
		}
		if got := o.newest(t, boss, id, record).Answers["opinion"].Text.Reveal(); got != "Strong case." {
			t.Errorf("the part that the worker may not see = %q after the worker saved, want it as it was", got)
		}
		for _, rev := range o.opened(t, worker, id, record).Revisions {
			if _, seen := rev.Answers["opinion"]; seen {
				t.Error("the worker gets an answer of a part that the role may not read")
			}
		}
		list, err := o.room.Records(ctx, worker, id, time.Time{})
		if err != nil || len(list.Records) != 1 {
			t.Fatalf("records = %d, %v", len(list.Records), err)
		}
		if _, seen := list.Records[0].Answers["opinion"]; seen {
			t.Error("the list gives the worker an answer of a part that the role may not read")
		}
		err = o.save(worker, id, record, 3, forms.Answers{"opinion": written("Weak.")})
		unknown := o.save(worker, id, record, 3, forms.Answers{"no_such": written("x")})
		if !fault.Is(err, fault.Invalid) || err.Error() != unknown.Error() {
			t.Errorf("writing a hidden part = %v, an unknown question = %v, want the same refusal", err, unknown)
		}
	})
}

func TestTwoPeopleSaveOneRecord(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		err := o.save(boss, id, record, 1, forms.Answers{"safe_now": given("yes"), "wishes": written("theirs"), "opinion": written("secret")})
		if err != nil {
			t.Fatal(err)
		}
		err = o.save(worker, id, record, 1, forms.Answers{"on": dated("2026-03-02"), "safe_now": {}, "wishes": written("mine")})
		var clash *forms.Clash
		if !fault.Is(err, fault.Conflict) || !errors.As(err, &clash) {
			t.Fatalf("changed on both sides = %v, want a clash", err)
		}
		if diff := cmp.Diff([]string{"wishes"}, clash.Fields); diff != "" {
			t.Errorf("fields (-want +got):\n%s", diff)
		}
		if clash.Mine["wishes"].Text.Reveal() != "mine" || clash.Theirs.Answers["wishes"].Text.Reveal() != "theirs" ||
			clash.Mine["safe_now"].Code != forms.Yes || clash.Mine["on"].Date.Reveal() != "2026-03-02" || clash.Theirs.Number != 2 {
			t.Error("a clash carries both versions, and joins what one side changed")
		}
		if _, seen := clash.Theirs.Answers["opinion"]; seen {
			t.Error("a clash shows what the role may not read")
		}
		if n := len(o.opened(t, worker, id, record).Revisions); n != 2 {
			t.Errorf("%d revisions, want none of the clash", n)
		}
		for i, take := range [][]string{{"wishes"}, nil} {
			if _, err := o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{
				Form: "trial", Record: record, Base: int64(2 + i), Answers: clash.Mine, Take: take,
			}); err != nil {
				t.Fatal(err)
			}
			want := []string{"theirs", "mine"}[i]
			if got := o.newest(t, worker, id, record).Answers["wishes"].Text.Reveal(); got != want {
				t.Errorf("after the choice = %q, want %q", got, want)
			}
		}
	})
}

func TestOneSidedChangesAreJoined(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		if err := o.save(boss, id, record, 1, forms.Answers{"on": dated("2026-03-01"), "safe_now": given("yes"), "wishes": {}}); err != nil {
			t.Fatal(err)
		}
		if err := o.save(worker, id, record, 1, forms.Answers{"on": dated("2026-03-01"), "safe_now": {}, "wishes": written("School")}); err != nil {
			t.Fatal(err)
		}
		last := o.newest(t, worker, id, record)
		if last.Number != 3 || last.Answers["safe_now"].Code != forms.Yes || last.Answers["wishes"].Text.Reveal() != "School" {
			t.Errorf("revision %d lost what one of the two wrote", last.Number)
		}
	})
}

func TestSameRecordFormTwiceIsSavedOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id, cmd := o.register(t, worker), command()
		in := casework.RecordInput{Form: "trial", Answers: forms.Answers{"on": dated("2026-03-01")}}
		first, err := o.room.SaveRecord(ctx, worker, cmd, id, in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := o.room.SaveRecord(ctx, worker, cmd, id, in)
		if err != nil || again != first {
			t.Errorf("again = %v, %v, want the first record", again, err)
		}
		if err := o.save(worker, id, first, 1, forms.Answers{"wishes": written("a")}); err != nil {
			t.Fatal(err)
		}
		in.Record, in.Base, in.Answers = first, 1, forms.Answers{"wishes": written("b")}
		cmd = command()
		if _, err := o.room.SaveRecord(ctx, worker, cmd, id, in); fault.CodeOf(err) != "record-clash" {
			t.Fatalf("clash = %v", err)
		}
		in.Base = 2
		if _, err := o.room.SaveRecord(ctx, worker, cmd, id, in); err != nil {
			t.Fatal(err)
		}
		in.Base = 1
		if _, err := o.room.SaveRecord(ctx, worker, cmd, id, in); err != nil {
			t.Errorf("the command again, after others could have saved = %v, want its first result", err)
		}
	})
}

func TestWhatWeKnewOnThatDay(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		then := o.Clock.Now()
		o.Clock.Advance(48 * time.Hour)
		if err := o.save(worker, id, record, 1, forms.Answers{"wishes": written("later")}); err != nil {
			t.Fatal(err)
		}
		o.begun(t, worker, id)
		list, err := o.room.Records(ctx, worker, id, then)
		if err != nil || len(list.Records) != 1 || list.Records[0].Number != 1 {
			t.Fatalf("then = %+v, %v, want the first revision of one record", list.Records, err)
		}
		if list, err = o.room.Records(ctx, worker, id, time.Time{}); err != nil || len(list.Records) != 2 {
			t.Errorf("now = %d records, %v, want 2", len(list.Records), err)
		}
		if list, err = o.room.Records(ctx, worker, id, then.Add(-time.Hour)); err != nil || len(list.Records) != 0 {
			t.Errorf("before = %d records, %v, want none", len(list.Records), err)
		}
	})
}

func TestAnswersStayUnderTheirVersion(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		second := replaceOnce(t, trialForm, `"version": 1`, `"version": 2`)
		fill(t, o.Office, o.room, replaceOnce(t, second, `{"id": "wishes"`, `{"id": "hopes"`))
		if err := o.save(worker, id, record, 1, forms.Answers{"wishes": written("School")}); err != nil {
			t.Fatal(err)
		}
		if last := o.newest(t, worker, id, record); last.Form.Version != 1 || last.Answers["wishes"].Text.IsZero() {
			t.Errorf("version %d, want the one it was begun under", last.Form.Version)
		}
		if last := o.newest(t, worker, id, o.begun(t, worker, id)); last.Form.Version != 2 {
			t.Errorf("a new record is under version %d, want 2", last.Form.Version)
		}
		_, err := o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{
			Form: "trial", Version: 1, Answers: forms.Answers{"on": dated("2026-03-01"), "wishes": written("School")},
		})
		if err != nil {
			t.Errorf("a page of the version before = %v, want it taken", err)
		}
	})
}

// TestARevisionPutBackIsMissed takes the newest revision out of the database.
func TestARevisionPutBackIsMissed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		if err := o.save(worker, id, record, 1, forms.Answers{"safe_now": given("no")}); err != nil {
			t.Fatal(err)
		}
		o.exec(t, `DELETE FROM forms_revision WHERE record_id = $1 AND revision = 2`, record)
		altered := func(what string, err error) {
			if fault.CodeOf(err) != "record-altered" {
				t.Errorf("%s = %v, want altered", what, err)
			}
		}
		_, err := o.room.OpenRecord(ctx, worker, id, record)
		altered("open", err)
		_, err = o.room.Records(ctx, worker, id, time.Time{})
		altered("list", err)
		altered("save", o.save(worker, id, record, 1, forms.Answers{"safe_now": given("yes")}))
		if r := o.reconcile(t); r.Wrong == 0 {
			t.Error("the reconciliation misses nothing")
		}
	})
}

func TestAnEditedRevisionIsFound(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		record := o.begun(t, worker, id)
		o.exec(t, `UPDATE forms_revision SET state = 'finished' WHERE record_id = $1`, record)
		if _, err := o.room.OpenRecord(ctx, worker, id, record); !fault.Is(err, fault.Unavailable) {
			t.Errorf("open = %v, want refused", err)
		}
		if r := o.reconcile(t); r.Wrong == 0 {
			t.Error("the reconciliation finds nothing")
		}
	})
}

func replaceOnce(t *testing.T, s, before, after string) string {
	t.Helper()
	if strings.Count(s, before) != 1 {
		t.Fatalf("%q does not stand there once", before)
	}
	return strings.Replace(s, before, after, 1)
}
