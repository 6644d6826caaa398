package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

func member(name, undertaking, conflict string) forms.Answers {
	return forms.Answers{
		"member": written(name), "organisation": written("Court"), "undertaking": given(undertaking), "conflict": given(conflict), "agrees": given("yes"),
	}
}

// determined is a determination by a panel.
func determined(members ...forms.Answers) forms.Answers {
	option := func(name, weight string) forms.Answers {
		return forms.Answers{"option": written(name), "child_view": written("Good."), "safety_factor": written("Nobody knows the place."), "weight": given(weight)}
	}
	return forms.Answers{
		"trigger": given("durable_solution"), "act_planned": {State: forms.Given, Codes: []string{"placement"}}, "question": written("Where does she live?"),
		"urgent_case": given("no"), "assessed_on": dated("2026-02-20"), "situation": written("Short."), "safety_findings": written("Threats."),
		"child_wish": written("With my aunt."), "guardian_view": written("The same."),
		"options":     {State: forms.Given, Groups: []forms.Answers{option("The aunt", "good"), option("A home", "possible")}},
		"recommended": written("The aunt."), "recommended_why": written("She feels safe there."),
		"child_heard": given("yes"), "heard_on": dated("2026-02-21"), "heard_by": written("Hana, case worker"), "heard_alone": given("yes"), "interpreter": given("not_needed"),
		"panel_on": dated("2026-03-01"), "panel": {State: forms.Given, Groups: members},
		"decision": given("as_recommended"), "decision_text": written("She lives with her aunt."), "decision_why": written("Safe, and her wish."),
		"dissent": given("no"), "review_on": dated("2026-09-01"),
	}
}

func TestAPanelThatMayNotDecide(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		good := []forms.Answers{member("Ana Tor", "yes", "no"), member("Ben Tor", "yes", "no"), member("Cia Tor", "yes", "no")}
		for name, tt := range map[string]struct {
			members []forms.Answers
			code    string
		}{
			"two members":               {good[:2], "panel-small"},
			"one with an interest":      {[]forms.Answers{good[0], good[1], member("Dan Tor", "yes", "yes")}, "panel-small"},
			"one who promised nothing":  {append([]forms.Answers{member("Dan Tor", "no", "no")}, good...), "panel-undertaking"},
			"one who was not asked":     {append([]forms.Answers{{"member": written("Dan Tor"), "undertaking": given("yes")}}, good...), "panel-interest"},
			"nobody decides for itself": {nil, "panel-small"},
		} {
			_, err := o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{Form: casework.FormBID, Answers: determined(tt.members...), Finish: true})
			if f := fault.FieldsOf(err); len(f) == 0 || f[0].Name != "panel" || f[0].Code != tt.code {
				t.Errorf("%s: %v %+v, want %s", name, err, f, tt.code)
			}
		}
		off := determined()
		off["decision"], off["missing_needed"] = given("put_off"), written("The aunt is not heard yet.")
		o.finishForm(t, worker, id, casework.FormBID, ident.Record{}, 0, off)
		o.finishForm(t, worker, id, casework.FormBID, ident.Record{}, 0, determined(good...))
		if got := o.dueOf(t, id, "decision_review"); count(got, "open") != 1 {
			t.Errorf("reviews = %v, want the day of the panel", got)
		}
		if list := o.approvals(t, worker, id); len(list) != 2 || list[0].Code != casework.FormBID {
			t.Errorf("approvals = %+v, want the determinations", list)
		}
	})
}

func TestBestInterestsOfAChild(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		if v, err := o.room.BestInterests(ctx, worker, id); err != nil || v.Report != nil {
			t.Fatalf("before anybody looked: %+v, %v", v, err)
		}
		o.finishForm(t, worker, id, casework.FormBID, ident.Record{}, 0,
			determined(member("Ana Tor", "yes", "no"), member("Ben Tor", "yes", "no"), member("Cia Tor", "yes", "no")))
		o.finishForm(t, worker, id, casework.FormUndertaking, ident.Record{}, 0, forms.Answers{
			"member": written("ben tor "), "organisation": written("Court"), "panel_on": dated("2026-03-01"), "keeps_secret": given("yes"), "no_copies": given("yes"),
			"child_first": given("yes"), "reports_breach": given("yes"), "knows_child": given("yes"), "handled_case": given("no"), "gains": given("no"),
			"interest_details": written("Her teacher once."), "chair_says": given("no_vote"), "signed_on": dated("2026-02-28"),
		})
		v, err := o.room.BestInterests(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if v.Report == nil || len(v.Panel) != 3 || v.Undertakings != 1 {
			t.Fatalf("best interests = %+v", v)
		}
		if !v.Panel[0].Sits() || v.Panel[1].Sits() || v.Panel[1].Interest != "yes" || v.Panel[1].Chair != "no_vote" {
			t.Errorf("panel = %+v, want the second without a vote: what was signed counts", v.Panel)
		}
		if _, err := o.room.BestInterests(ctx, o.Person(access.RoleCaseWorker, o.North), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("a colleague reads: %v, want refused", err)
		}
	})
}
