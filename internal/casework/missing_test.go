package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

func (o *office) lose(t testing.TB, c *access.Caller, id ident.Case, told string) {
	t.Helper()
	r := casework.Report{Since: o.Clock.Now().Add(-time.Hour), Text: sealed.NewText("Bed empty at seven.")}
	if told != "" {
		r.Told, r.Reference = sealed.NewText(told), sealed.NewText("M-41")
	}
	if err := o.room.ReportMissing(ctx, c, command(), id, r); err != nil {
		t.Fatal(err)
	}
}

// searching returns when the open deadlines of the missing child are due, from now.
func (o *office) searching(t *testing.T, id ident.Case) map[string]time.Duration {
	t.Helper()
	out := map[string]time.Duration{}
	o.deadlines(t, id, func(d *deadline.Deadline) {
		if d.State == deadline.Open && (d.Kind == "missing_report" || d.Kind == "missing_review" || d.Kind == "return_talk") {
			out[d.Kind] = d.Due.Sub(o.Clock.Now())
		}
	})
	return out
}

func TestAMissingChildIsReportedAndSearchedFor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		o.file(t, worker, id, "rapid_assessment")
		none(t, "assessed", o.room.ChangeStage(ctx, worker, command(), id, casework.Decision{To: "assessed"}))
		o.lose(t, worker, id, "")
		if due := o.searching(t, id); due["missing_report"] != time.Hour || due["missing_review"] < 27*24*time.Hour {
			t.Errorf("deadlines = %v, want the report in an hour and the search in a month", due)
		}
		code(t, "missing twice", o.room.ReportMissing(ctx, worker, command(), id, casework.Report{Since: o.Clock.Now(), Text: sealed.NewText("x")}), "missing-already")
		code(t, "moved along", o.room.ChangeStage(ctx, worker, command(), id, casework.Decision{To: "planned"}), "missing-found-first")
		none(t, "told", o.room.TellOfMissing(ctx, worker, command(), id, casework.Report{Told: sealed.NewText("Police, desk 4"), Reference: sealed.NewText("M-41")}))
		if _, waits := o.searching(t, id)["missing_report"]; waits {
			t.Error("the report is still due after somebody was told")
		}
		// Monthly in the first six months, then quarterly, and never no more.
		reviews := []int{}
		for range 9 {
			o.Clock.Advance(o.searching(t, id)["missing_review"])
			worker = o.again(worker)
			none(t, "search", o.room.ReviewSearch(ctx, worker, command(), id, sealed.NewText("Asked at the station.")))
			reviews = append(reviews, int(o.searching(t, id)["missing_review"]/(24*time.Hour)))
		}
		for i, days := range reviews {
			if monthly := i < 5; monthly != (days < 32) || days < 28 || days > 93 {
				t.Errorf("review %d: the next is in %d days; all %v", i+1, days, reviews)
			}
		}
		for _, reason := range o.Pack.Codes("close_reason") {
			d := casework.Closing{Decision: casework.Decision{To: reason}, Declined: "child", LastWord: sealed.NewText("x"), Continues: sealed.NewText("x")}
			if err := o.room.Close(ctx, worker, command(), id, d); err == nil {
				t.Fatalf("a missing child's case was closed: %s", reason)
			}
		}
		none(t, "found", o.room.FoundMissing(ctx, worker, command(), id, casework.Return{Found: o.Clock.Now(), Text: sealed.NewText("By the aunt.")}))
		child := o.open(t, worker, id)
		if due := o.searching(t, id); child.Case.Stage != "assessed" || len(due) != 1 || due["return_talk"] != 72*time.Hour || !child.TalkDue() {
			t.Errorf("found: stage %s, deadlines %v, talk due %v", child.Case.Stage, due, child.TalkDue())
		}
		none(t, "talk", o.room.ReturnTalk(ctx, worker, command(), id, casework.Talk{Words: sealed.NewText("I wanted to see my brother."), Alone: "yes"}))
		child = o.open(t, worker, id)
		if due := o.searching(t, id); len(due) != 0 || child.TalkDue() || child.Events[0].Words.Reveal() != "I wanted to see my brother." {
			t.Errorf("afterwards: %v, talk due %v", due, child.TalkDue())
		}
		code(t, "a second talk of the same return", o.room.ReturnTalk(ctx, worker, command(), id, casework.Talk{Words: sealed.NewText("x")}), "no-return")
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestAReportThatWasMadeAtOnce(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	code(t, "told of no missing child", o.room.TellOfMissing(ctx, worker, command(), id, casework.Report{Told: sealed.NewText("Police")}), "not-missing")
	code(t, "searched for no missing child", o.room.ReviewSearch(ctx, worker, command(), id, sealed.NewText("x")), "not-missing")
	code(t, "found and never lost", o.room.FoundMissing(ctx, worker, command(), id, casework.Return{Found: o.Clock.Now(), Text: sealed.NewText("x")}), "not-missing")
	o.lose(t, worker, id, "Police, night desk")
	if _, due := o.searching(t, id)["missing_report"]; due {
		t.Error("a report is due although the police know already")
	}
	code(t, "back before it was gone", o.room.FoundMissing(ctx, worker, command(), id,
		casework.Return{Found: o.Clock.Now().Add(-2 * time.Hour), Text: sealed.NewText("x")}), "found_at date-order")
}

func TestClosingAsksWhatItsReasonNeeds(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		closing := func(reason string, change ...func(*casework.Closing)) error {
			d := casework.Closing{Decision: casework.Decision{To: reason}, Continues: sealed.NewText("School.")}
			for _, f := range change {
				f(&d)
			}
			return o.room.Close(ctx, worker, command(), id, d)
		}
		by := func(who string) func(*casework.Closing) {
			return func(d *casework.Closing) { d.Declined, d.LastWord = who, sealed.NewText("I can go on alone.") }
		}
		risk := func(to string) {
			t.Helper()
			none(t, to, o.room.ChangeRisk(ctx, worker, command(), id, casework.Decision{To: to, Text: sealed.NewText("Looked at again.")}))
		}
		code(t, "at high risk", closing("goals_met"), "risk-not-low")
		risk("medium")
		code(t, "at medium risk", closing("goals_met"), "risk-not-low")
		risk("low")
		code(t, "nothing goes on", closing("goals_met", func(d *casework.Closing) { d.Continues = sealed.Text{} }), "continues required")
		code(t, "grown up without a plan", closing("turned_18"), "transition-plan-first")
		code(t, "declined by nobody", closing("declined"), "declined_by required")
		code(t, "declined by a carer", closing("declined", by("carer")), "declined_by carer-alone")
		code(t, "declined without a word", closing("declined", by("child"), func(d *casework.Closing) { d.LastWord = sealed.Text{} }), "last_word required")
		code(t, "not reached for a day", closing("unreachable"), "contact-too-recent")
		o.Clock.Advance(92 * 24 * time.Hour)
		worker = o.again(worker)
		none(t, "presumed to be trafficked", o.status(worker, id, "identification_presumed"))
		code(t, "a child who may be in the hands of others", closing("unreachable"), "search-not-close")
		none(t, "declined by the child with the carer", closing("declined", by("child_and_carer")))
		child := o.open(t, worker, id)
		if e := child.Events[0]; e.Kind != casework.KindClosed || e.Declined != "child_and_carer" || e.Continues.Reveal() != "School." {
			t.Errorf("event = %s, %q", e.Kind, e.Declined)
		}
	})
}

func TestNotReachedForMonths(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	none(t, "low", o.room.ChangeRisk(ctx, worker, command(), id, casework.Decision{To: "low", Text: sealed.NewText("Settled.")}))
	unreachable := func() error {
		return o.room.Close(ctx, worker, command(), id, casework.Closing{Decision: casework.Decision{To: "unreachable"}, Continues: sealed.NewText("The door stays open.")})
	}
	o.Clock.Advance(60 * 24 * time.Hour)
	worker = o.again(worker)
	none(t, "a call", o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "phone_call", Seen: sealed.NewText("Spoke for a minute.")}))
	o.Clock.Advance(60 * 24 * time.Hour)
	worker = o.again(worker)
	none(t, "a note that is no contact", o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("No answer.")}))
	code(t, "two months after the last contact", unreachable(), "contact-too-recent")
	o.Clock.Advance(33 * 24 * time.Hour)
	worker = o.again(worker)
	none(t, "three months after it", unreachable())
}

// TestAStatusTakenOutOfTheDatabaseOpensNoGate removes what stands against a return
// behind the program's back.
func TestAStatusTakenOutOfTheDatabaseOpensNoGate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		o.basis(t, worker, id, "return")
		none(t, "reflection", o.status(worker, id, "reflection_granted"))
		o.exec(t, "DELETE FROM casework_status WHERE case_id = $1 AND state = 'reflection_granted'", id)
		code(t, "return", o.planAct(worker, id, "return"), "record-altered")
		if _, err := o.room.Open(ctx, worker, id); err == nil {
			t.Error("the page does not say that the record was altered")
		}
		if r := o.reconcile(t); r.Wrong == 0 {
			t.Error("the reconciliation finds nothing")
		}
	})
}
