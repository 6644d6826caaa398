package casework_test

import (
	"slices"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/store"
)

// stepPack is the demo's pack in which the forms of the steps ask for one day.
type stepPack struct{ *pack.Pack }

func (stepPack) Forms() []string {
	return []string{"full_assessment", "plan", "bid_review", "rapid_assessment", "visit"}
}

func (stepPack) Form(id string) []byte {
	return []byte(strings.Replace(`{
 "form": "ID", "version": 1, "source": "invented for the tests", "confidence": "house choice",
 "title": {"en": "Trial", "fr": "Essai", "ar": "تجربة"},
 "sections": [{"id": "one", "title": {"en": "Open", "fr": "Ouvert", "ar": "مفتوح"}, "fields": [
   {"id": "on", "kind": "date", "need": "save", "label": {"en": "Day", "fr": "Jour", "ar": "اليوم"}}]}]
}`, "ID", id, 1))
}

func (o *office) fillSteps(t *testing.T) {
	t.Helper()
	lib, err := forms.NewLibrary(stepPack{o.Pack})
	ok(t, err)
	ok(t, o.DB.Write(ctx, func(tx *store.Tx) error { return lib.Install(ctx, tx) }))
	o.room.Fill(forms.New(lib))
}

// finish finishes a record, a new one where none is named.
func (o *office) finish(t *testing.T, c *access.Caller, id ident.Case, form string, record ident.Record, base int64) ident.Record {
	t.Helper()
	record, err := o.room.SaveRecord(ctx, c, command(), id, casework.RecordInput{
		Form: form, Record: record, Base: base, Finish: true, Answers: forms.Answers{"on": dated("2026-03-01")},
	})
	ok(t, err)
	return record
}

// steps are the deadlines of a case but those of approvals.
func (o *office) steps(t *testing.T, id ident.Case) []string {
	t.Helper()
	return slices.DeleteFunc(o.dues(t, id), func(s string) bool { return strings.HasPrefix(s, "approval") })
}

// approveAll approves whatever waits in a case.
func (o *office) approveAll(t testing.TB, boss *access.Caller, id ident.Case) {
	t.Helper()
	for _, a := range o.approvals(t, boss, id) {
		if !a.Waits() {
			continue
		}
		if err := o.room.Decide(ctx, boss, command(), id, a.ID, casework.Answer{Approve: true}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFinishedFormsAreSteps(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.fillSteps(t)
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c)
		record := o.finish(t, c, id, "full_assessment", ident.Record{}, 0)
		want(t, o.steps(t, id), "first_contact 24h", "assessment done 168h", "plan 168h")
		o.finish(t, c, id, "plan", ident.Record{}, 0)
		want(t, o.steps(t, id), "first_contact 24h", "assessment done 168h", "plan done 168h", "review 336h")
		o.approveAll(t, o.Person(access.RoleSupervisor, o.North), id)
		// The stages are written down later: nothing is due twice.
		ok(t, o.room.ChangeStage(ctx, c, command(), id, casework.Decision{To: "assessed"}))
		ok(t, o.room.ChangeStage(ctx, c, command(), id, casework.Decision{To: "planned"}))
		want(t, o.steps(t, id), "first_contact 24h", "assessment done 168h", "plan done 168h", "review 336h")
		// A correction is no second assessment.
		o.finish(t, c, id, "full_assessment", record, 1)
		want(t, o.steps(t, id), "first_contact 24h", "assessment done 168h", "plan done 168h", "review 336h")
		// A plan made anew, and the review report, each end the review and set the next.
		o.finish(t, c, id, "plan", ident.Record{}, 0)
		o.finish(t, c, id, "bid_review", ident.Record{}, 0)
		want(t, o.steps(t, id), "first_contact 24h", "assessment done 168h", "plan done 168h", "review done 336h", "review done 336h", "review 336h")
		o.finish(t, c, id, "visit", ident.Record{}, 0)
		want(t, o.steps(t, id), "first_contact done 24h", "assessment done 168h", "next_contact 168h", "plan done 168h", "review done 336h",
			"review done 336h", "review 336h")
	})
}

func TestRapidAssessmentAfterAnEmergency(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.fillSteps(t)
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c, func(g *casework.Registration) { g.Stage = casework.StageClosed })
		o.reopenInEmergency(t, c, id)
		o.finish(t, c, id, "rapid_assessment", ident.Record{}, 0)
		want(t, o.dues(t, id), "emergency_confirm 24h", "first_contact 24h", "emergency_assessment done 72h", "assessment 168h")
	})
}
