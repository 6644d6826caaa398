package casework_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/screening"
	"causeway/internal/sealed"

	"github.com/google/go-cmp/cmp"
)

// answered is a check in which all was answered with no but the questions named.
func (o *office) answered(place string, yes ...string) casework.Screened {
	in := casework.Screened{Age: "12-14", Place: place, Language: "fr", Answers: screening.Answers{"safe_now": screening.Yes}}
	for _, q := range o.Pack.Screening().Cards(in.Age, place) {
		in.Answers[q.Code] = screening.No
	}
	for _, q := range yes {
		in.Answers[q] = screening.Yes
	}
	return in
}

func (o *office) makeCheck(t testing.TB, c *access.Caller, in casework.Screened) ident.Case {
	t.Helper()
	id, err := o.room.MakeCheck(ctx, c, command(), in)
	if err != nil {
		t.Fatal(err, o.denials(t))
	}
	return id
}

func (o *office) responder() *access.Caller { return o.Person(access.RoleFirstResponder, o.North) }

func TestACheckHoldsNoName(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		officer := o.responder()
		id := o.makeCheck(t, officer, o.answered("workplace", "brought", "pay", "long_hours"))
		page, err := o.room.CheckResult(ctx, officer, id)
		if err != nil {
			t.Fatal(err)
		}
		if page.Said.Level != string(screening.Presumed) || page.Risk != "high" || page.AgeBand != "12-14" || page.Language != "fr" {
			t.Errorf("result = %+v, risk %s, age %s, language %s", page.Said, page.Risk, page.AgeBand, page.Language)
		}
		if why := page.Said.Why(); len(why) != 1 || why[0].Rule != screening.RulePalermo || !slices.Contains(why[0].Signs, "CTI-037") {
			t.Errorf("reasons = %v, want act and purpose with its signs", why)
		}
		if page.Lead != officer.Staff() {
			t.Error("who made the check is not responsible for it")
		}
		boss := o.Person(access.RoleSupervisor, o.North)
		child, err := o.room.Open(ctx, boss, id)
		if err != nil {
			t.Fatal(err)
		}
		if len(child.Person.Details.Names) != 0 || child.Case.Stage != casework.StageScreened || !child.Person.Details.Birth.PresumedChild {
			t.Errorf("names %d, stage %s, presumed %v", len(child.Person.Details.Names), child.Case.Stage, child.Person.Details.Birth.PresumedChild)
		}
		young, old, ok := child.Person.Details.Birth.Years(o.Clock.Now())
		if !ok || young != 12 || old != 14 {
			t.Errorf("age = %d to %d, %v, want 12 to 14", young, old, ok)
		}
		if n := len(child.Events[0].Answers); child.Events[0].Kind != casework.KindScreened || n != pack.CheckCards+1 {
			t.Errorf("event %s holds %d answers, want those of the cards and the first", child.Events[0].Kind, n)
		}
	})
}

func TestWhatACheckNeeds(t *testing.T) {
	o := open(t, accesstest.New(t))
	officer := o.responder()
	for _, c := range []struct {
		name, field string
		change      func(*casework.Screened)
	}{
		{"no age", "age_about", func(in *casework.Screened) { in.Age = "" }},
		{"an adult", "age_about", func(in *casework.Screened) { in.Age = "18+" }},
		{"no place", "place_met", func(in *casework.Screened) { in.Place = "moon" }},
		{"no language", "language", func(in *casework.Screened) { in.Language = "" }},
		{"an unknown region", "region", func(in *casework.Screened) { in.Region = "nowhere" }},
		{"a card left blank", "q_injury", func(in *casework.Screened) { delete(in.Answers, "injury") }},
		{"an answer of its own", "q_injury", func(in *casework.Screened) { in.Answers["injury"] = "perhaps" }},
	} {
		in := o.answered("street")
		c.change(&in)
		_, err := o.room.MakeCheck(ctx, officer, command(), in)
		if f := fault.FieldsOf(err); len(f) != 1 || f[0].Name != c.field {
			t.Errorf("%s: %v, want one fault at %s", c.name, err, c.field)
		}
	}
	now := casework.Screened{Age: "unknown", Place: "street", Answers: screening.Answers{"safe_now": screening.No}, HandOver: true}
	id, err := o.room.MakeCheck(ctx, officer, command(), now)
	if err != nil {
		t.Fatalf("help at once, with one answer: %v", err)
	}
	page, err := o.room.CheckResult(ctx, officer, id)
	if err != nil || !page.Check.Waits() || !slices.Equal(page.Said.Urgent, []string{"danger"}) {
		t.Errorf("page %+v, %v: want it handed over, with danger", page, err)
	}
}

// TestACheckGoesToAnotherAgency: a border guard's check waits on the duty list of the
// team named for their unit, which answers for it from then on, and on no other.
func TestACheckGoesToAnotherAgency(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, northBoss, _ := o.staffed()
		p.duty = map[ident.Unit]ident.Unit{o.South: o.North}
		guard := o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleFirstResponder, Unit: o.South, Sector: "border", Agency: ident.New[ident.Agency]()})
		worker, southBoss := o.Person(access.RoleCaseWorker, o.North), o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleSupervisor, Unit: o.South, Sector: "border", Agency: ident.New[ident.Agency]()})
		later := o.makeCheck(t, guard, o.answered("street", "set_sum"))
		if err := o.room.HandOver(ctx, guard, command(), later); err != nil {
			t.Fatal(err, o.denials(t))
		}
		in := o.answered("street", "set_sum")
		in.HandOver = true
		for _, id := range []ident.Case{later, o.makeCheck(t, guard, in)} {
			if _, err := o.room.CheckResult(ctx, guard, id); err != nil {
				t.Errorf("the guard, who is responsible still: %v", err)
			}
			if _, err := o.room.CheckResult(ctx, northBoss, id); err != nil {
				t.Errorf("the supervisor of the team: %v", err)
			}
			if _, err := o.room.CheckResult(ctx, southBoss, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("the guard's own supervisor: %v, want refused", err)
			}
		}
		if list, _, err := o.room.Duty(ctx, worker); err != nil || len(list) != 2 {
			t.Fatalf("duty list %+v, %v, want two", list, err)
		}
		if err := o.room.Accept(ctx, worker, command(), later); err != nil {
			t.Fatal(err)
		}
		receipt, err := o.room.Receipt(ctx, guard, later)
		if err != nil || receipt.TakenUnit != o.North {
			t.Errorf("receipt %+v, %v, want who took over", receipt, err)
		}
	})
}

func TestHandOverAcceptRegister(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		officer, worker := o.responder(), o.Person(access.RoleCaseWorker, o.North)
		id := o.makeCheck(t, officer, o.answered("street", "set_sum"))
		if err := o.room.HandOver(ctx, officer, command(), id); err != nil {
			t.Fatal(err)
		}
		if err := o.room.HandOver(ctx, officer, command(), id); fault.CodeOf(err) != "handed-over-already" {
			t.Errorf("handed over twice: %v", err)
		}
		due := o.Clock.Now().Add(8 * time.Hour) // the pack's clock for medium risk
		receipt, err := o.room.Receipt(ctx, officer, id)
		if err != nil || receipt.NextStep(o.Clock.Now()) != "waits" || !receipt.DueAt.Equal(due) {
			t.Fatalf("receipt %+v, %v, want it waiting until %v", receipt, err, due)
		}
		list, _, err := o.room.Duty(ctx, worker)
		if err != nil || len(list) != 1 || list[0].Check.Case != id || list[0].Late || list[0].Said.Level != string(screening.Refer) {
			t.Fatalf("duty list %+v, %v, want the check", list, err)
		}
		o.Clock.Advance(time.Hour)
		if err := o.room.Accept(ctx, worker, command(), id); err != nil {
			t.Fatal(err)
		}
		receipt, err = o.room.Receipt(ctx, officer, id)
		if err != nil || receipt.TakenUnit != o.North || receipt.TakenRole != access.RoleCaseWorker || !receipt.TakenAt.Equal(o.Clock.Now()) {
			t.Errorf("receipt %+v, %v, want who took over and when", receipt, err)
		}
		second := o.Person(access.RoleCaseWorker, o.North)
		if err := o.room.Accept(ctx, second, command(), id); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
			t.Errorf("taken a second time: %v, want refused", err)
		}
		page, err := o.room.CheckResult(ctx, worker, id)
		if err != nil || page.Lead != worker.Staff() || !page.May["check.register"] {
			t.Fatalf("page %+v, %v, want the worker to lead and register", page, err)
		}
		if err := o.room.RegisterCheck(ctx, worker, command(), id, page.Version, girl()); err != nil {
			t.Fatal(err)
		}
		child, err := o.room.Open(ctx, worker, id)
		if err != nil || child.Case.Stage != casework.StageRegistered || child.Person.Details.Called().Reveal() != "Ilara Tesh" {
			t.Errorf("child %+v, %v, want the registered child under the same identifier", child, err)
		}
		if err := o.room.RegisterCheck(ctx, worker, command(), id, child.Case.Version, girl()); !fault.Is(err, fault.NotFound) {
			t.Errorf("registered twice: %v, want refused", err)
		}
		if list, _, err := o.room.Duty(ctx, worker); err != nil || len(list) != 0 {
			t.Errorf("duty list %v, %v, want it empty", list, err)
		}
	})
}

func TestALateCheckGoesToTheUnitAboveToo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.answered("street", "set_sum")
		in.HandOver = true
		id := o.makeCheck(t, o.responder(), in)
		near, high, far := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.Head), o.Person(access.RoleCaseWorker, o.South)
		has := func(c *access.Caller) (bool, bool) {
			t.Helper()
			list, _, err := o.room.Duty(ctx, o.As(access.Signed{Staff: c.Staff(), Role: c.Role(), Unit: c.Unit()}))
			if err != nil {
				t.Fatal(err)
			}
			return len(list) == 1, len(list) == 1 && list[0].Late
		}
		if there, late := has(near); !there || late {
			t.Errorf("in time: on the unit's list %v, late %v", there, late)
		}
		if there, _ := has(high); there {
			t.Error("in time: it is on the list of the unit above already")
		}
		if err := o.room.Accept(ctx, high, command(), id); err == nil {
			t.Error("the unit above took it over before its time")
		}
		o.Clock.Advance(9 * time.Hour)
		if there, late := has(near); !there || !late {
			t.Errorf("late: on the unit's list %v, marked %v", there, late)
		}
		if there, late := has(high); !there || !late {
			t.Errorf("late: on the list of the unit above %v, marked %v", there, late)
		}
		if there, _ := has(far); there {
			t.Error("it is on the list of a unit beside")
		}
		if err := o.room.Accept(ctx, o.As(access.Signed{Staff: high.Staff(), Role: high.Role(), Unit: o.Head}), command(), id); err != nil {
			t.Errorf("the unit above takes over: %v", err)
		}
	})
}

func TestUrgentChecksComeFirst(t *testing.T) {
	o := open(t, accesstest.New(t))
	officer := o.responder()
	calm := o.answered("street", "set_sum")
	calm.HandOver = true
	first := o.makeCheck(t, officer, calm)
	o.Clock.Advance(10 * time.Minute)
	hurt := o.answered("street", "sexual_recent")
	hurt.HandOver = true
	second := o.makeCheck(t, officer, hurt)
	list, _, err := o.room.Duty(ctx, o.Person(access.RoleCaseWorker, o.North))
	if err != nil || len(list) != 2 {
		t.Fatalf("duty list %v, %v, want two", list, err)
	}
	if diff := cmp.Diff([]ident.Case{second, first}, []ident.Case{list[0].Check.Case, list[1].Check.Case}); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pep72", "ec120"}, list[0].Said.Urgent); diff != "" {
		t.Errorf("urgent reasons (-want +got):\n%s", diff)
	}
}

func TestWhatAFirstResponderMayNot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		officer, colleague := o.responder(), o.responder()
		worker := o.Person(access.RoleCaseWorker, o.North)
		mine, case_ := o.makeCheck(t, officer, o.answered("street", "set_sum")), o.register(t, worker)
		_, openErr := o.room.Open(ctx, officer, mine)
		_, otherErr := o.room.Open(ctx, officer, case_)
		_, resultErr := o.room.CheckResult(ctx, colleague, mine)
		_, receiptErr := o.room.Receipt(ctx, colleague, mine)
		_, dutyErr := listErr(o.room.Duty(ctx, officer))
		_, registerErr := o.room.Register(ctx, officer, command(), girl())
		_, _, searchErr := o.room.Search(ctx, officer, sealed.NewText("XA-77 401"))
		for what, err := range map[string]error{
			"opens the case of a check": openErr, "opens another case": otherErr, "sees a colleague's result": resultErr,
			"sees a colleague's receipt": receiptErr, "reads the duty list": dutyErr, "registers": registerErr, "searches": searchErr,
			"accepts":                   o.room.Accept(ctx, officer, command(), mine),
			"registers from a check":    o.room.RegisterCheck(ctx, officer, command(), mine, 1, girl()),
			"hands a colleague's over":  o.room.HandOver(ctx, colleague, command(), mine),
			"changes the risk":          o.room.ChangeRisk(ctx, officer, command(), mine, casework.Decision{To: "low", Reasons: []string{"other"}}),
			"writes a note in the case": o.room.AddNote(ctx, officer, command(), mine, casework.Note{Kind: "other", Seen: sealed.NewText("Calm.")}),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("a first responder %s: %v, want not found", what, err)
			}
		}
		all, err := o.room.Receipts(ctx, officer)
		if err != nil || len(all) != 1 || all[0].Case != mine {
			t.Errorf("own receipts = %v, %v, want one", all, err)
		}
		if all, err := o.room.Receipts(ctx, colleague); err != nil || len(all) != 0 {
			t.Errorf("a colleague's receipts = %v, %v, want none", all, err)
		}
	})
}

func listErr(_ []casework.Waiting, e ident.Entry, err error) (ident.Entry, error) { return e, err }

func TestWhoMayNotTakeACheck(t *testing.T) {
	o := open(t, accesstest.New(t))
	officer := o.responder()
	kept := o.makeCheck(t, officer, o.answered("street", "set_sum"))
	worker := o.Person(access.RoleCaseWorker, o.North)
	if err := o.room.Accept(ctx, worker, command(), kept); !fault.Is(err, fault.NotFound) {
		t.Errorf("a check that was not handed over is taken: %v", err)
	}
	in := o.answered("street", "set_sum")
	in.HandOver = true
	handed := o.makeCheck(t, officer, in)
	for name, c := range map[string]*access.Caller{
		"a worker of another unit": o.Person(access.RoleCaseWorker, o.South),
		"another unit's boss":      o.Person(access.RoleSupervisor, o.South),
		"the node operator":        o.Person(access.RoleNodeOperator, o.North),
		"an auditor":               o.Person(access.RoleAuditor, o.North),
	} {
		if err := o.room.Accept(ctx, c, command(), handed); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
			t.Errorf("%s takes over: %v, want refused", name, err)
		}
		if _, err := o.room.CheckResult(ctx, c, handed); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s sees the result: %v, want not found", name, err)
		}
	}
	if err := o.room.Accept(ctx, o.Person(access.RoleSupervisor, o.North), command(), handed); err != nil {
		t.Errorf("the unit's supervisor takes over: %v", err)
	}
}

func TestACheckKeepsItsStageAndNoName(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.makeCheck(t, worker, o.answered("street", "set_sum"))
	child, err := o.room.Open(ctx, worker, id)
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"moved along": o.room.ChangeStage(ctx, worker, command(), id, casework.Decision{To: "registered", Seen: child.Case.Version}),
		"closed":      o.room.Close(ctx, worker, command(), id, casework.Closing{Decision: casework.Decision{To: "error", Seen: child.Case.Version}}),
		"named":       o.room.UpdatePerson(ctx, worker, command(), id, 1, girl().Person),
	} {
		if fault.CodeOf(err) != "check-not-registered" {
			t.Errorf("a check is %s: %v, want check-not-registered", what, err)
		}
	}
	if err := o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("Calm.")}); err != nil {
		t.Errorf("a note on a check: %v", err)
	}
}

func TestAssigningEndsTheWaiting(t *testing.T) {
	o := open(t, accesstest.New(t))
	officer, boss := o.responder(), o.Person(access.RoleSupervisor, o.North)
	in := o.answered("street", "set_sum")
	in.HandOver = true
	id := o.makeCheck(t, officer, in)
	worker := ident.New[ident.Staff]()
	if err := o.room.Assign(ctx, boss, command(), id, worker, o.North, sealed.Text{}, 0); err != nil {
		t.Fatal(err)
	}
	receipt, err := o.room.Receipt(ctx, officer, id)
	if err != nil || receipt.TakenAt.IsZero() || receipt.TakenUnit != o.North {
		t.Errorf("receipt %+v, %v, want it taken", receipt, err)
	}
	if list, _, err := o.room.Duty(ctx, boss); err != nil || len(list) != 0 {
		t.Errorf("duty list = %v, %v, want it empty", list, err)
	}
}

func TestTheSameCheckTwiceIsOne(t *testing.T) {
	o := open(t, accesstest.New(t))
	officer, cmd := o.responder(), command()
	first, err1 := o.room.MakeCheck(ctx, officer, cmd, o.answered("border"))
	second, err2 := o.room.MakeCheck(ctx, officer, cmd, o.answered("border"))
	if err := errors.Join(err1, err2); err != nil || first != second {
		t.Errorf("got %v and %v, %v, want one check", first, second, err)
	}
}

// TestUrgentAnswersOpenActionsAtOnce: a deadline of whoever is responsible, which
// goes with the check and ends with what was done.
func TestUrgentAnswersOpenActionsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		officer, worker := o.responder(), o.Person(access.RoleCaseWorker, o.North)
		in := o.answered("street", "sexual_recent")
		in.Answers["safe_now"], in.HandOver = screening.No, true
		id := o.makeCheck(t, officer, in)
		made := o.Clock.Now()
		page, err := o.room.CheckResult(ctx, officer, id)
		if err != nil {
			t.Fatal(err)
		}
		want := []casework.Urgent{
			{Code: "danger", Due: made.Add(time.Hour), Open: true},
			{Code: "pep72", Due: made.Add(6 * time.Hour), Open: true},
			{Code: "ec120", Due: made.Add(12 * time.Hour), Open: true},
		}
		if diff := cmp.Diff(want, page.Urgent); diff != "" {
			t.Fatalf("what cannot wait (-want +got):\n%s", diff)
		}
		owners := func() map[string]ident.Staff {
			out := map[string]ident.Staff{}
			o.deadlines(t, id, func(d *deadline.Deadline) {
				if d.State == deadline.Open {
					out[d.Kind] = d.Owner
				}
			})
			return out
		}
		if got := owners(); got["urgent_danger"] != officer.Staff() || got["urgent_pep72"] != officer.Staff() || got["handover"] != (ident.Staff{}) || len(got) < 4 {
			t.Errorf("owners = %v, want the responder's, and the hand-over the supervisor's", got)
		}
		if err := o.room.Accept(ctx, worker, command(), id); err != nil {
			t.Fatal(err)
		}
		got := owners()
		if _, waits := got["handover"]; waits || got["urgent_danger"] != worker.Staff() || got["urgent_ec120"] != worker.Staff() {
			t.Errorf("owners after it was taken over = %v, want the worker's and no hand-over", got)
		}
		if err := o.room.SeeToUrgent(ctx, officer, command(), id, "danger", "done", sealed.Text{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("the responder says so after the hand-over: %v, want not found", err)
		}
		if err := o.room.SeeToUrgent(ctx, worker, command(), id, "danger", "child_declined", sealed.Text{}); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("not done, without a reason: %v, want a fault", err)
		}
		if err := o.room.SeeToUrgent(ctx, worker, command(), id, "danger", "done", sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.SeeToUrgent(ctx, worker, command(), id, "danger", "done", sealed.Text{}); fault.CodeOf(err) != "seen-to-already" {
			t.Errorf("said twice: %v, want seen-to-already", err)
		}
		if err := o.room.SeeToUrgent(ctx, worker, command(), id, "selfharm", "done", sealed.Text{}); fault.CodeOf(err) != "seen-to-already" {
			t.Errorf("what never was urgent: %v, want refused", err)
		}
		if err := o.room.SeeToUrgent(ctx, worker, command(), id, "ec120", "not_needed", sealed.NewText("A boy.")); err != nil {
			t.Fatal(err)
		}
		states := map[string]string{}
		o.deadlines(t, id, func(d *deadline.Deadline) { states[d.Kind] = d.State })
		if states["urgent_danger"] != deadline.Done || states["urgent_ec120"] != deadline.Cancelled || states["urgent_pep72"] != deadline.Open || states["handover"] != deadline.Done {
			t.Errorf("states = %v", states)
		}
		child, err := o.room.Open(ctx, worker, id)
		if err != nil || child.Events[0].Kind != casework.KindSeenTo || child.Events[0].To != "not_needed" || len(child.Urgent) != 3 {
			t.Errorf("child's page: %+v, %v", child.Events[0], err)
		}
	})
}

// TestAfterRegistrationWhatIsUrgentStaysUrgent: registering the child ends no
// action that nobody carried out.
func TestAfterRegistrationWhatIsUrgentStaysUrgent(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.makeCheck(t, worker, o.answered("street", "selfharm"))
	page, err := o.room.CheckResult(ctx, worker, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.room.RegisterCheck(ctx, worker, command(), id, page.Version, girl()); err != nil {
		t.Fatal(err)
	}
	child, err := o.room.Open(ctx, worker, id)
	if err != nil || len(child.Urgent) != 1 || !child.Urgent[0].Open {
		t.Fatalf("urgent = %+v, %v, want it open", child.Urgent, err)
	}
	if err := o.room.SeeToUrgent(ctx, worker, command(), id, "selfharm", "done", sealed.Text{}); err != nil {
		t.Error(err)
	}
}
