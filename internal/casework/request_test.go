package casework_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// asks writes down a request and returns it.
func (o *office) asks(t testing.TB, c *access.Caller, id ident.Case, kind, by, identity string) ident.Request {
	t.Helper()
	err := o.room.ReceiveRequest(ctx, c, command(), id, casework.Asked{Kind: kind, By: by, How: "in_person", Identity: identity, Words: sealed.NewText("What is written about me?")})
	if err != nil {
		t.Fatal(err, fault.FieldsOf(err))
	}
	return o.requests(t, c, id).Requests[0].ID
}

func (o *office) requests(t testing.TB, c *access.Caller, id ident.Case) *casework.RequestPage {
	t.Helper()
	page, err := o.room.Requests(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// TestARequestIsAnsweredInTime: received with its clock, decided by a supervisor once it
// is known who asks, with an answer; nobody else decides.
func TestARequestIsAnsweredInTime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		request := o.asks(t, worker, id, "copy", "guardian", "not_yet")
		q := o.requests(t, worker, id).Requests[0]
		if !q.Due.Equal(o.Clock.Now().AddDate(0, 1, 0)) || q.Words.Reveal() != "What is written about me?" || !q.Waits() {
			t.Errorf("request = %+v, want one month", q)
		}
		desk := func(c *access.Caller) int {
			list, err := o.room.RequestDesk(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if a, b, c := desk(worker), desk(boss), desk(o.Person(access.RoleSupervisor, o.South)); a != 1 || b != 1 || c != 0 {
			t.Errorf("waiting: %d for the worker, %d for the supervisor, %d elsewhere", a, b, c)
		}
		yes := casework.Granted{State: casework.RequestPartly, Identity: "mandate", Refusal: "others_rights", Answer: sealed.NewText("Here it is.")}
		for name, c := range map[string]*access.Caller{
			"the worker": worker, "another unit": o.Person(access.RoleSupervisor, o.South), "an auditor": o.Person(access.RoleAuditor, o.Head),
			"an ombudsperson": o.Person(access.RoleOmbudsperson, o.Head), "the node operator": o.Person(access.RoleNodeOperator, o.Head), "nobody": nil,
		} {
			for what, err := range map[string]error{
				"decides": o.room.AnswerRequest(ctx, c, command(), id, request, yes),
				"copies":  func() error { _, _, err := o.room.CopyOf(ctx, c, id, request); return err }(),
			} {
				if !fault.Is(err, fault.NotFound) {
					t.Errorf("%s %s: %v, want refused", name, what, err)
				}
			}
		}
		if _, _, err := o.room.CopyOf(ctx, boss, id, request); !fault.Is(err, fault.NotFound) {
			t.Errorf("a copy before the answer: %v", err)
		}
		unknown := yes
		unknown.Identity = "failed"
		code(t, "to nobody known", o.room.AnswerRequest(ctx, boss, command(), id, request, unknown), "identity_checked identity-first")
		silent := yes
		silent.Answer = sealed.Text{}
		code(t, "without an answer", o.room.AnswerRequest(ctx, boss, command(), id, request, silent), "rights_answer required")
		none(t, "answer", o.room.AnswerRequest(ctx, boss, command(), id, request, yes))
		code(t, "twice", o.room.AnswerRequest(ctx, boss, command(), id, request, yes), "request-over")
		if q := o.requests(t, worker, id).Requests[0]; q.State != "partly" || q.Answer.Reveal() != "Here it is." || q.Decider != boss.Staff() {
			t.Errorf("answered = %+v", q)
		}
		if desk(boss) != 0 {
			t.Error("it still waits")
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

// TestACopyLeavesOutWhatOthersHaveRightsTo: who is around the child, and, for anybody
// but the child and the lawyer, where the child lives.
func TestACopyLeavesOutWhatOthersHaveRightsTo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		none(t, "note", o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "conversation", Words: sealed.NewText("I want to go to school.")}))
		none(t, "withhold", o.room.Withhold(ctx, worker, command(), id, ident.New[ident.Staff](), sealed.NewText("kin")))
		for by, own := range map[string]bool{"child": true, "lawyer": true, "guardian": false, "parent": false} {
			o.Clock.Advance(time.Second) // the newest request stands first
			request := o.asks(t, worker, id, "copy", by, "known")
			none(t, "answer", o.room.AnswerRequest(ctx, boss, command(), id, request, casework.Granted{State: "granted", Identity: "known", Answer: sealed.NewText("Yes.")}))
			child, without, err := o.room.CopyOf(ctx, boss, id, request)
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, e := range child.Events {
				kinds = append(kinds, e.Kind)
			}
			if slices.Contains(kinds, casework.KindWithheld) || !slices.Contains(kinds, casework.KindNote) || child.People != nil || child.Tasks != nil {
				t.Errorf("the copy for the %s holds %v", by, kinds)
			}
			if slices.Contains(without, casework.LeftHome) == own || !slices.Contains(without, casework.LeftPeople) {
				t.Errorf("the copy for the %s is without %v", by, without)
			}
		}
		entries := o.Entries(t)
		if last := entries[len(entries)-1]; last.What != "rights.copy" || last.Action != "PRINT" || last.Purpose != casework.PurposeChild {
			t.Errorf("the copy is entered as %s %s for %s", last.Action, last.What, last.Purpose)
		}
	})
}

// TestACorrectionNamesWhatCorrects: it is made first, after it was asked for.
func TestACorrectionNamesWhatCorrects(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		none(t, "note", o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "conversation", Words: sealed.NewText("I am twelve.")}))
		note := o.open(t, worker, id).Events[0]
		correct := func() error {
			return o.room.CorrectNote(ctx, worker, command(), id, note.ID, casework.Note{Words: sealed.NewText("I am eleven.")}, sealed.NewText("Misheard."))
		}
		none(t, "corrected before", correct())
		before := o.open(t, worker, id).Events[0]
		o.Clock.Advance(time.Hour)
		worker, boss = o.again(worker), o.again(boss)
		request := o.asks(t, worker, id, "correction", "child", "known")
		g := casework.Granted{State: "granted", Identity: "known", Answer: sealed.NewText("It is corrected.")}
		code(t, "nothing corrects", o.room.AnswerRequest(ctx, boss, command(), id, request, g), "correcting_event required")
		g.Event = before.Seq
		code(t, "corrected before it was asked", o.room.AnswerRequest(ctx, boss, command(), id, request, g), "correcting_event required")
		none(t, "corrected", correct())
		page := o.requests(t, boss, id)
		found := page.Correcting(page.Requests[0])
		if len(found) != 1 || found[0].Kind != casework.KindCorrected {
			t.Fatalf("what can correct = %+v", found)
		}
		g.Event = found[0].Seq
		none(t, "answer", o.room.AnswerRequest(ctx, boss, command(), id, request, g))
		if q := o.requests(t, boss, id).Requests[0]; q.Event != found[0].Seq {
			t.Errorf("the request names event %d, want %d", q.Event, found[0].Seq)
		}
	})
}
