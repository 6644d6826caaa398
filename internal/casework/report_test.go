package casework_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// deed is what somebody did at night.
func (o *office) deed() casework.Done {
	return casework.Done{
		Kind: casework.ActOther, Happened: o.Clock.Now().Add(-time.Hour), Text: sealed.NewText("Brought to the hospital."),
		Why: sealed.NewText("She did not wake."), Told: sealed.NewText("Night nurse, ward 4"),
	}
}

func (o *office) report(c *access.Caller, number string) error {
	return o.room.ReportEmergency(ctx, c, command(), number, o.deed())
}

// duty returns what waits on somebody's duty list.
func (o *office) duty(t *testing.T, c *access.Caller) []casework.Waiting {
	t.Helper()
	list, _, err := o.room.Duty(ctx, c)
	ok(t, err)
	return list
}

func TestAnEmergencyIsReportedByNumber(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, boss, head := o.staffed()
		lead, elsewhere := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.South)
		id := o.register(t, lead)
		number := o.open(t, lead, id).Case.Number.String()
		reporters := []*access.Caller{o.Person(access.RoleCaseWorker, o.South), o.Person(access.RoleFirstResponder, o.South)}
		for _, c := range reporters {
			o.Clock.Advance(time.Minute)
			none(t, c.Role(), o.report(c, " "+number[:4]+number[5:]))
			if _, err := o.room.Open(ctx, c, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("a %s opens the case by it: %v", c.Role(), err)
			}
		}
		for name, c := range map[string]*access.Caller{"the lead": lead, "the supervisor": boss} {
			today, err := o.room.Today(ctx, c, o.Clock.Now().AddDate(0, 0, 7))
			ok(t, err)
			if len(today.Deeds) != len(reporters) {
				t.Fatalf("%s sees %d deeds, want %d", name, len(today.Deeds), len(reporters))
			}
			for i, d := range today.Deeds {
				if d.Case.ID != id || d.Act.Recorder != reporters[i].Staff() || d.Act.Kind != casework.ActOther || !d.Until.Equal(d.Act.Recorded.Add(24*time.Hour)) {
					t.Errorf("%s sees %+v until %v", name, d.Act, d.Until)
				}
			}
		}
		for name, c := range map[string]*access.Caller{"another unit": elsewhere, "a colleague": o.Person(access.RoleCaseWorker, o.North), "who reported": reporters[0]} {
			today, err := o.room.Today(ctx, c, o.Clock.Now().AddDate(0, 0, 7))
			ok(t, err)
			if len(today.Deeds) != 0 || today.Checks != 0 {
				t.Errorf("%s sees %d deeds and %d checks", name, len(today.Deeds), today.Checks)
			}
		}
		child := o.open(t, boss, id)
		e := child.Events[0]
		if e.Kind != casework.KindActBreach || !e.Emergency || e.Author != reporters[1].Staff() ||
			e.Text.Reveal() != "Brought to the hospital." || e.Why.Reveal() != "She did not wake." || e.Told.Reveal() != "Night nurse, ward 4" {
			t.Errorf("event = %s, emergency %v", e.Kind, e.Emergency)
		}
		for _, a := range child.Unreviewed() {
			ok(t, o.room.ReviewBreach(ctx, boss, command(), id, a.ID, "stands", sealed.NewText("Right.")))
		}
		today, err := o.room.Today(ctx, boss, o.Clock.Now().AddDate(0, 0, 7))
		ok(t, err)
		if len(today.Deeds) != 0 || len(o.duty(t, head)) != 0 {
			t.Error("what was looked at still waits, or something was kept that reached its case")
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

// A number that leads nowhere, and a case that is withheld: what was written is kept
// for whoever is on duty, and nobody who wrote it learns of that.
func TestAReportThatReachesNoCaseIsKept(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, boss, _ := o.staffed()
		lead, reporter, duty := o.Person(access.RoleCaseWorker, o.South), o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, lead)
		ok(t, o.room.Withhold(ctx, lead, command(), id, reporter.Staff(), sealed.NewText("A relative of the accused.")))
		before := o.open(t, lead, id).Case
		for what, number := range map[string]string{"a number of no case": ident.NewCaseNumber().String(), "a case withheld": before.Number.String()} {
			cmd := command()
			none(t, what, o.room.ReportEmergency(ctx, reporter, cmd, number, o.deed()))
			none(t, what+", the same form again", o.room.ReportEmergency(ctx, reporter, cmd, number, o.deed()))
			if n := len(o.duty(t, reporter)); n != 0 {
				t.Errorf("%s: who wrote it sees %d checks on the duty list", what, n)
			}
			if made, err := o.room.Receipts(ctx, reporter); err != nil || len(made) != 0 {
				t.Errorf("%s: who wrote it has %d receipts, %v", what, len(made), err)
			}
			today, err := o.room.Today(ctx, reporter, o.Clock.Now().AddDate(0, 0, 7))
			ok(t, err)
			if today.Checks != 0 || today.Total != 0 || len(today.Mine)+len(today.Waiting) != 0 {
				t.Errorf("%s: the day of who wrote it tells of it: %+v", what, today)
			}
			list := o.duty(t, duty)
			if len(list) != 1 || list[0].Said.Level != casework.LevelReport || list[0].Risk != "high" || !list[0].DueAt.Equal(o.Clock.Now().Add(time.Hour)) {
				t.Fatalf("%s: the duty list = %+v, want the report", what, list)
			}
			check := list[0].Check.Case
			if page, err := o.room.CheckResult(ctx, boss, check); err != nil || page.Lead != boss.Staff() {
				t.Errorf("%s: until somebody takes it over, responsible is %v, %v; want the supervisor", what, page, err)
			}
			if _, err := o.room.CheckResult(ctx, reporter, check); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: who wrote it opens the check: %v", what, err)
			}
			ok(t, o.room.Accept(ctx, duty, command(), check))
			page, err := o.room.CheckResult(ctx, duty, check)
			ok(t, err)
			if e := page.Report; e == nil || e.Author != reporter.Staff() || e.Reference.Reveal() != number || e.Text.Reveal() != "Brought to the hospital." || e.Why.Reveal() != "She did not wake." {
				t.Errorf("%s: report = %+v", what, e)
			}
			ok(t, o.room.RegisterCheck(ctx, duty, command(), check, page.Version, girl()))
		}
		if after := o.open(t, lead, id).Case; after.Version != before.Version {
			t.Error("a report reached a case that is withheld from its author")
		}
		if !slices.ContainsFunc(o.denials(t), func(what string) bool { return what == "case.happened floor-withheld" }) {
			t.Errorf("denials = %q, want that of the withheld case", o.denials(t))
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

// denials returns what was denied, and by which rule.
func (o *office) denials(t testing.TB) (out []string) {
	t.Helper()
	for _, e := range o.Entries(t) {
		if e.Reason != "" {
			out = append(out, e.What+" "+e.Reason)
		}
	}
	return out
}

func TestWhoMayReportAnEmergency(t *testing.T) {
	o := open(t, accesstest.New(t))
	lead := o.Person(access.RoleCaseWorker, o.North)
	number := o.open(t, lead, o.register(t, lead)).Case.Number.String()
	wrong := []byte(number)
	wrong[len(wrong)-1] ^= 'A' ^ 'C' // stays a letter or digit of some kind, and fits no more
	n := len(o.Entries(t))
	if err := o.report(lead, string(wrong)); len(fault.FieldsOf(err)) != 1 || fault.FieldsOf(err)[0].Name != "number" {
		t.Errorf("a slip of the pen: %v, want it told at the number", err)
	}
	err := o.room.ReportEmergency(ctx, lead, command(), number, casework.Done{Kind: "placement", Happened: o.Clock.Now()})
	if f := fault.FieldsOf(err); len(f) != 2 || f[0].Name != "what_happened" || f[1].Name != "why_at_once" {
		t.Errorf("nothing written: %+v", f)
	}
	if after := len(o.Entries(t)); after != n {
		t.Errorf("%d entries about a form that was not filled in", after-n)
	}
	for name, c := range map[string]*access.Caller{
		"an auditor": o.Person(access.RoleAuditor, o.North), "the operator": o.Person(access.RoleNodeOperator, o.North), "nobody": nil,
	} {
		for what, number := range map[string]string{"a case": number, "no case": ident.NewCaseNumber().String()} {
			if err := o.report(c, number); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s, %s: %v, want refused", name, what, err)
			}
		}
	}
	if list := o.duty(t, lead); len(list) != 0 {
		t.Errorf("%d reports were kept of people who may not write any", len(list))
	}
	// Where nobody else answers for it, whoever reported keeps it.
	none(t, "without anybody above", o.report(lead, ident.NewCaseNumber().String()))
	if list := o.duty(t, lead); len(list) != 1 {
		t.Errorf("%d reports wait, want the one", len(list))
	}
	code(t, "an act of no kind without an emergency", o.done(lead, o.register(t, lead), casework.ActOther), "act_kind required")
}
