package casework_test

import (
	"maps"
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/person"
)

// member is somebody on a panel who has a vote.
func member(name, sector, undertaking, conflict string) forms.Answers {
	return forms.Answers{
		"member": written(name), "organisation": written("Office"), "sector": given(sector), "undertaking": given(undertaking), "conflict": given(conflict),
		"agrees": given("yes"),
	}
}

// without returns a member who did not answer a question.
func without(m forms.Answers, question string) forms.Answers {
	m = maps.Clone(m)
	delete(m, question)
	return m
}

// undertaking is what a member signed; interest is yes or no, chair what the chair said
// of it.
func undertaking(name, promise, interest, chair string) forms.Answers {
	as := forms.Answers{
		"member": written(name), "organisation": written("Office"), "panel_on": dated("2026-03-01"), "keeps_secret": given(promise), "no_copies": given("yes"),
		"child_first": given("yes"), "reports_breach": given("yes"), "knows_child": given(interest), "handled_case": given("no"), "gains": given("no"),
		"signed_on": dated("2026-02-28"),
	}
	if interest == "yes" {
		as["interest_details"], as["chair_says"] = written("Her teacher once."), given(chair)
	}
	return as
}

// threeMembers is a panel that may decide.
func threeMembers() []forms.Answers {
	return []forms.Answers{member("Ana Tor", "child_protection", "yes", "no"), member("Ben Tor", "school", "yes", "no"), member("Cia Tor", "school", "yes", "no")}
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
		"agenda":   {State: forms.Given, Groups: []forms.Answers{{"topic": written("Where she lives"), "said": written("The aunt is near her school."), "outcome": written("The aunt.")}}},
		"decision": given("as_recommended"), "decision_text": written("She lives with her aunt."), "decision_why": written("Safe, and her wish."),
		"dissent": given("no"), "review_on": dated("2026-09-01"),
	}
}

func TestAPanelThatMayNotDecide(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		good := threeMembers()
		dan := member("Dan Tor", "health", "yes", "yes")
		oneSector := func() (out []forms.Answers) {
			for _, m := range good {
				m = maps.Clone(m)
				m["sector"] = given("school")
				out = append(out, m)
			}
			return append(out, without(dan, "agrees")) // the sector of who may not decide does not count
		}
		for name, tt := range map[string]struct {
			members []forms.Answers
			code    string
		}{
			"two members":               {good[:2], "panel-small"},
			"one with an interest":      {[]forms.Answers{good[0], good[1], without(dan, "agrees")}, "panel-small"},
			"a vote with an interest":   {append([]forms.Answers{dan}, good...), "panel-vote"},
			"one who promised nothing":  {append([]forms.Answers{member("Dan Tor", "health", "no", "no")}, good...), "panel-undertaking"},
			"one who was not asked":     {append([]forms.Answers{without(dan, "conflict")}, good...), "panel-interest"},
			"one without undertaking":   {append([]forms.Answers{without(member("Dan Tor", "health", "yes", "no"), "undertaking")}, good...), "panel-undertaking"},
			"one sector alone":          {oneSector(), "panel-sectors"},
			"sectors not told":          {[]forms.Answers{good[0], without(good[1], "sector"), without(good[2], "sector")}, "panel-sectors"},
			"nobody decides for itself": {nil, "panel-small"},
		} {
			_, err := o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{Form: casework.FormBID, Answers: determined(tt.members...), Finish: true})
			if f := fault.FieldsOf(err); len(f) == 0 || f[0].Name != "panel" || f[0].Code != tt.code {
				t.Errorf("%s: %v %+v, want %s", name, err, f, tt.code)
			}
		}
		bare := determined(good...)
		delete(bare, "agenda")
		_, err := o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{Form: casework.FormBID, Answers: bare, Finish: true})
		if f := fault.FieldsOf(err); len(f) != 1 || f[0] != (fault.Field{Name: "agenda", Code: "required"}) {
			t.Errorf("without an agenda: %v %+v, want it asked for", err, f)
		}
		_, err = o.room.BeginRecord(ctx, worker, command(), id, casework.RecordInput{Form: casework.FormBID, Answers: determined(good[:2]...), Finish: true}, &person.Details{})
		if f := fault.FieldsOf(err); len(f) == 0 || f[0].Code != "panel-small" {
			t.Errorf("written without looking: %v %+v, want panel-small", err, f)
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

// What a member signed counts more than what the worker ticked, for who may decide.
func TestWhatAPanelMemberSignedDecides(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fillPack(t, o)
		worker := o.Person(access.RoleCaseWorker, o.North)
		four := append(threeMembers(), member("Dan Tor", "health", "yes", "no"))
		for name, tt := range map[string]struct {
			signed forms.Answers
			panel  []forms.Answers
			code   string // "" where the panel may decide
		}{
			"signed an interest and voted": {undertaking("dan tor ", "yes", "yes", "no_vote"), four, "panel-vote"},
			"signed it and did not vote":   {undertaking("Dan Tor", "yes", "yes", "no_vote"), append(threeMembers(), without(four[3], "agrees")), ""},
			"the chair lets them decide":   {undertaking("Dan Tor", "yes", "yes", "takes_part"), four, ""},
			"signed no promise":            {undertaking("Dan Tor", "no", "no", ""), four, "panel-undertaking"},
			"signed without an interest":   {undertaking("Dan Tor", "yes", "no", ""), four, ""},
		} {
			id := o.register(t, worker)
			o.finishForm(t, worker, id, casework.FormUndertaking, ident.Record{}, 0, tt.signed)
			_, err := o.room.SaveRecord(ctx, worker, command(), id, casework.RecordInput{Form: casework.FormBID, Answers: determined(tt.panel...), Finish: true})
			f := fault.FieldsOf(err)
			if tt.code == "" && err != nil || tt.code != "" && (len(f) == 0 || f[0].Code != tt.code) {
				t.Errorf("%s: %v %+v, want %q", name, err, f, tt.code)
			}
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
		o.finishForm(t, worker, id, casework.FormBID, ident.Record{}, 0, determined(threeMembers()...))
		o.finishForm(t, worker, id, casework.FormUndertaking, ident.Record{}, 0, undertaking("ben tor ", "yes", "yes", "no_vote"))
		v, err := o.room.BestInterests(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if v.Report == nil || len(v.Panel) != 3 || v.Undertakings != 1 {
			t.Fatalf("best interests = %+v", v)
		}
		if !v.Panel[0].Sits() || v.Panel[1].Sits() || v.Panel[1].Interest != "yes" || v.Panel[1].Chair != "no_vote" || v.Panel[1].Sector != "school" {
			t.Errorf("panel = %+v, want the second without a vote: what was signed counts", v.Panel)
		}
		if members, sectors := casework.Sitting(v.Panel); members != 2 || sectors != 2 {
			t.Errorf("%d members of %d sectors may decide, want 2 of 2", members, sectors)
		}
		if _, err := o.room.BestInterests(ctx, o.Person(access.RoleCaseWorker, o.North), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("a colleague reads: %v, want refused", err)
		}
	})
}
