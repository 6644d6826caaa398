package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// aunt is the request of an invented child.
func auntSought() casework.Sought {
	return casework.Sought{
		By: "child", Who: sealed.NewText("Mira Tesh"), Relation: "aunt_uncle", Last: sealed.NewText("Sold bread by the old gate."),
		ConsentBy: sealed.NewText("Ilara, and her guardian"), ConsentOn: date("2026-03-01"), Fears: "no",
	}
}

var herWords = sealed.NewText("I want to know if she is well.")

func step(kind, what string) casework.TracingStep {
	return casework.TracingStep{Kind: kind, What: what, On: date("2026-03-01"), Outcome: sealed.NewText("Written down.")}
}

func question(match string) casework.TracingStep {
	return casework.TracingStep{
		Kind: casework.StepQuestion, On: date("2026-03-01"), Question: sealed.NewText("What was the goat called?"),
		Expected: sealed.NewText("Button"), Said: sealed.NewText("Button, after my coat."), Match: match,
	}
}

func (o *office) search(t *testing.T, c *access.Caller, id ident.Case) casework.Search {
	t.Helper()
	child, err := o.room.Open(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	all := child.Searches()
	if len(all) != 1 {
		t.Fatalf("searches = %d, want 1", len(all))
	}
	return all[0]
}

func TestASearchGoesStepByStep(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		cmd := command()
		for range 2 {
			if err := o.room.StartTracing(ctx, worker, cmd, id, auntSought(), herWords, true); err != nil {
				t.Fatal(err)
			}
		}
		at := o.search(t, worker, id)
		for _, s := range []struct {
			step  casework.TracingStep
			fault string // what must come first
			state string
		}{
			{step("action", "visit_address"), "", "open"},
			{step("result", "found"), "verify-first", "open"},
			{question("no"), "", "open"},
			{step("result", "found"), "verify-first", "open"},
			{question("yes"), "", "matched"},
			{step("reunified", ""), "find-first", "matched"},
			{step("followup", ""), "reunify-first", "matched"},
			{step("result", "not_family"), "", "open"},
			{question("yes"), "", "matched"},
			{step("result", "found"), "", "found"},
			{step("reunified", ""), "", "reunified"},
			{step("action", "partner"), "reunified-already", "reunified"},
			{step("result", "not_found"), "reunified-already", "reunified"},
			{step("followup", ""), "", "reunified"},
			{step("stop", "done"), "", "reunified"},
			{step("followup", ""), "ended-already", "reunified"},
		} {
			err := o.room.AddTracingStep(ctx, worker, command(), id, at.ID, s.step)
			if fault.CodeOf(err) != s.fault && (s.fault != "" || err != nil) {
				t.Errorf("%s %s %s: %v, want %q", s.step.Kind, s.step.What, s.step.Match, err, s.fault)
			}
			if got := o.search(t, worker, id).Code; got != s.state {
				t.Errorf("after %s %s: %s, want %s", s.step.Kind, s.step.What, got, s.state)
			}
		}
		end := o.search(t, worker, id)
		if !end.Ended() || end.Words.Reveal() != herWords.Reveal() || end.Sought.Who.Reveal() != "Mira Tesh" || len(end.Steps) != 10 {
			t.Errorf("the search = %d steps, ended %v; want 10, with the request", len(end.Steps), end.Ended())
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestNoSearchWithoutConsent(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	if f := fault.FieldsOf(o.room.StartTracing(ctx, worker, command(), id, auntSought(), herWords, false)); len(f) != 1 || f[0].Code != "consent-needed" {
		t.Errorf("without consent: %v", f)
	}
	if f := fault.FieldsOf(o.room.StartTracing(ctx, worker, command(), id, auntSought(), sealed.Text{}, true)); len(f) != 1 || f[0].Name != "sought_words" {
		t.Errorf("without the child's words: %v", f)
	}
	for field, spoil := range map[string]func(*casework.Sought){
		"sought_by":     func(s *casework.Sought) { s.By = "neighbour" },
		"sought_who":    func(s *casework.Sought) { s.Who = sealed.Text{} },
		"relation_to":   func(s *casework.Sought) { s.Relation = "" },
		"consent_by":    func(s *casework.Sought) { s.ConsentBy = sealed.Text{} },
		"consent_on":    func(s *casework.Sought) { s.ConsentOn = date("2027-01-01") },
		"fears":         func(s *casework.Sought) { s.Fears = "" },
		"search_safety": func(s *casework.Sought) { s.Fears = "yes" },
	} {
		s := auntSought()
		spoil(&s)
		if f := fault.FieldsOf(o.room.StartTracing(ctx, worker, command(), id, s, herWords, true)); len(f) != 1 || f[0].Name != field {
			t.Errorf("%s: %v", field, f)
		}
	}
}

func TestWhoMaySearch(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		for name, c := range map[string]*access.Caller{
			"a colleague": o.Person(access.RoleCaseWorker, o.North), "responder": o.Person(access.RoleFirstResponder, o.North),
			"another unit": o.Person(access.RoleSupervisor, o.South), "auditor": o.Person(access.RoleAuditor, o.Head),
			"operator": o.Person(access.RoleNodeOperator, o.Head), "nobody": nil,
		} {
			if err := o.room.StartTracing(ctx, c, command(), id, auntSought(), herWords, true); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s begins a search: %v", name, err)
			}
		}
		if err := o.room.StartTracing(ctx, o.Person(access.RoleSupervisor, o.North), command(), id, auntSought(), herWords, true); err != nil {
			t.Errorf("the supervisor: %v", err)
		}
		at := o.search(t, worker, id)
		if err := o.room.AddTracingStep(ctx, o.Person(access.RoleCaseWorker, o.North), command(), id, at.ID, step("action", "partner")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a colleague writes a step: %v", err)
		}
		other := o.register(t, worker)
		if err := o.room.AddTracingStep(ctx, worker, command(), other, at.ID, step("action", "partner")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a step in another case: %v", err)
		}
	})
}
