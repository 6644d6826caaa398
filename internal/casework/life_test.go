package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// status records a status as somebody, from now.
func (o *office) status(c *access.Caller, id ident.Case, state string, change ...func(*casework.Status)) error {
	t := casework.Status{State: state, From: o.Clock.Now(), StatusDetails: casework.StatusDetails{
		Body: sealed.NewText("Youth court of Port Sele"), Grounds: sealed.NewText("Heard on the day."),
		Reference: sealed.NewText("File 12/26"), Method: "interview", Doubt: "no",
	}}
	for _, f := range change {
		f(&t)
	}
	return o.room.RecordStatus(ctx, c, command(), id, t)
}

// file records that a form was finished on paper.
func (o *office) file(t testing.TB, c *access.Caller, id ident.Case, form string) {
	t.Helper()
	if err := o.status(c, id, form); err != nil {
		t.Fatalf("file %s: %v", form, err)
	}
}

func (o *office) open(t testing.TB, c *access.Caller, id ident.Case) *casework.Child {
	t.Helper()
	child, err := o.room.Open(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return child
}

// code fails unless an error has a code; with a field, the code of that field.
func code(t testing.TB, what string, err error, want string) {
	t.Helper()
	got := fault.CodeOf(err)
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		got = fields[0].Name + " " + fields[0].Code
	}
	if got != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func none(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func TestAStageNeedsItsRecord(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		to := func(stage string) error {
			return o.room.ChangeStage(ctx, worker, command(), id, casework.Decision{To: stage})
		}
		code(t, "a stage far ahead", to("followup"), "stage stage-not-next")
		code(t, "missing is no stage to choose", to("missing"), "stage not-in-list")
		code(t, "without an assessment", to("assessed"), "gate-needs")
		child := o.open(t, worker, id)
		if w := child.Ways; len(w) != 2 || w[1].To != "assessed" || w[1].Open() || len(w[1].Needs) != 2 {
			t.Errorf("ways = %+v, want identified open and assessed with two records to choose from", w)
		}
		o.file(t, worker, id, "rapid_assessment")
		none(t, "with an assessment", to("assessed"))
		if s := o.open(t, worker, id).Standing.Has("rapid_assessment"); s == nil || s.Author != worker.Staff() || s.Reference.Reveal() != "File 12/26" {
			t.Errorf("standing = %+v, want the assessment with its paper", s)
		}
	})
}

func TestStatusesInForce(t *testing.T) {
	start := accesstest.Start
	at := func(days int) time.Time { return start.AddDate(0, 0, days) }
	all := []casework.Status{
		{Seq: 6, Kind: "filed", State: "bid", From: at(3)},
		{Seq: 5, Kind: "residence", State: "residence_asked", From: at(1)}, // written down late
		{Seq: 4, Kind: "residence", State: "residence_granted", From: at(5)},
		{Seq: 3, Kind: "reflection", State: "reflection_granted", From: at(0), Until: at(30)},
		{Seq: 2, Kind: "decision", State: "return", From: at(2)},
		{Seq: 1, Kind: "decision", State: "placement", From: at(2)},
	}
	for _, c := range []struct {
		day       int
		residence string
		reflects  bool
		decided   bool
	}{{0, "", true, false}, {2, "residence_asked", true, true}, {29, "residence_granted", true, true}, {30, "residence_granted", false, true}} {
		s := casework.StandingAt(all, at(c.day))
		got := ""
		if r := s.Of("residence"); r != nil {
			got = r.State
		}
		if got != c.residence || (s.Has("reflection_granted") != nil) != c.reflects || (s.Decided("return") != nil) != c.decided || s.Has("return") != nil {
			t.Errorf("day %d: residence %q, reflection %v, decided %v; want %q, %v, %v", c.day, got, s.Has("reflection_granted") != nil,
				s.Decided("return") != nil, c.residence, c.reflects, c.decided)
		}
	}
}

func TestWhatAStatusNeeds(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	blank := func(s *casework.Status) { s.StatusDetails = casework.StatusDetails{} }
	for what, c := range map[string]struct {
		state, want string
		change      func(*casework.Status)
	}{
		"no state":                  {"", "status_state required", nil},
		"an unknown state":          {"not_a_victim", "status_state required", nil},
		"a decision without a body": {"placement", "body required", blank},
		"a decision of tomorrow":    {"return", "status_from in-the-future", func(s *casework.Status) { s.From = o.Clock.Now().Add(time.Hour) }},
		"an end before it begins":   {"return", "status_until date-order", func(s *casework.Status) { s.Until = s.From.Add(-time.Hour) }},
		"an age without a method":   {"age_child", "age_method required", func(s *casework.Status) { s.Method = "" }},
		"doubt means a child":       {"age_adult", "age_doubt doubt-means-child", func(s *casework.Status) { s.Doubt = "yes" }},
		"doubt not known":           {"age_adult", "age_doubt doubt-means-child", func(s *casework.Status) { s.Doubt = "unknown" }},
		"a paper nobody can find":   {"plan", "paper required", blank},
		"too short a reflection":    {"reflection_granted", "status_until too-short-by-law", func(s *casework.Status) { s.Until = s.From.AddDate(0, 0, 29) }},
		"grown up in an open case":  {"minority_ended", "appeal-open", nil},
		"consent before 18":         {"transition_consent", "not-of-age", nil},
		"no plan for the passage":   {"transition_done", "transition-plan-first", nil},
	} {
		if c.change == nil {
			c.change = func(*casework.Status) {}
		}
		code(t, what, o.status(worker, id, c.state, c.change), c.want)
	}
	if n := len(o.open(t, worker, id).Statuses); n != 0 {
		t.Errorf("%d statuses were written", n)
	}
}

func TestAgeIsDecidedInTheChildsFavour(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		none(t, "presumed", o.status(worker, id, "minority_presumed"))
		none(t, "assessed", o.status(worker, id, "age_adult", func(s *casework.Status) { s.Appeal = s.From.AddDate(0, 0, 14) }))
		child := o.open(t, worker, id)
		if !child.ChildRules || !child.Standing.Presumed() {
			t.Error("an assessment that can be appealed ends the rules for children")
		}
		code(t, "ended before the appeal is over", o.status(worker, id, "minority_ended"), "appeal-open")
		none(t, "appealed", o.status(worker, id, "age_appealed"))
		o.Clock.Advance(20 * 24 * time.Hour)
		code(t, "ended while an appeal is open", o.status(worker, id, "minority_ended"), "appeal-open")
		none(t, "assessed again", o.status(worker, id, "age_adult"))
		none(t, "ended", o.status(worker, id, "minority_ended"))
		worker = o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.North})
		if o.open(t, worker, id).ChildRules {
			t.Error("a decision that cannot be appealed does not end them")
		}
	})
}

func TestCourtsGoOnDecidingAfterACaseIsClosed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		none(t, "an appeal", o.status(worker, id, "residence_appealed"))
		none(t, "closed", o.room.Close(ctx, worker, command(), id, casework.Closing{Decision: casework.Decision{To: "error"}}))
		none(t, "the appeal is decided", o.status(worker, id, "residence_granted"))
		none(t, "a guardian is asked for", o.status(worker, id, "guardian_asked"))
		if s := o.open(t, worker, id).Standing.Of("residence"); s == nil || s.State != "residence_granted" {
			t.Errorf("standing = %+v, want what was decided", s)
		}
		o.deadlines(t, id, func(d *deadline.Deadline) {
			if d.State == deadline.Open {
				t.Errorf("%s is due in a closed case", d.Kind)
			}
		})
	})
}

func TestChildRulesGoOnPastEighteen(t *testing.T) {
	open, closed := &casework.Case{}, &casework.Case{ClosedAt: accesstest.Start}
	done := casework.Standing{{Kind: "transition", State: "transition_done"}}
	appeal := append(casework.Standing{{Kind: "residence", State: "residence_appealed"}}, done...)
	for what, c := range map[string]struct {
		s     casework.Standing
		row   *casework.Case
		grown bool
		want  bool
	}{
		"a child":                        {nil, closed, false, true},
		"grown up, open":                 {done, open, true, true},
		"grown up, closed, no passage":   {nil, closed, true, true},
		"grown up, closed, appeal open":  {appeal, closed, true, true},
		"grown up, closed, passage done": {done, closed, true, false},
	} {
		if got := casework.ChildRules(c.s, c.row, c.grown); got != c.want {
			t.Errorf("%s: child rules = %v, want %v", what, got, c.want)
		}
	}
}
