package casework_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// word takes note of what people are told.
type word struct{ told []access.Told }

func (w *word) Tell(_ context.Context, _ *store.Tx, t access.Told) error {
	w.told = append(w.told, t)
	return nil
}

func breaking(n ident.CaseNumber) casework.Breaking {
	return casework.Breaking{Number: n.String(), Reason: "danger", Why: sealed.NewText("She is at the station, alone.")}
}

func (o *office) numbered(t *testing.T, lead *access.Caller, id ident.Case) ident.CaseNumber {
	t.Helper()
	child, err := o.room.Open(ctx, lead, id)
	if err != nil {
		t.Fatal(err)
	}
	return child.Case.Number
}

// TestBreakGlass: who does not reach a case opens it by its number for four hours,
// whoever answers for it is told, and somebody else reviews it.
func TestBreakGlass(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		w := &word{}
		o.Gate.Notify(w)
		lead, boss := o.Person(access.RoleCaseWorker, o.South), o.Person(access.RoleSupervisor, o.South)
		duty, dutyBoss := o.Person(access.RoleFirstResponder, o.North), o.Person(access.RoleSupervisor, o.North)
		auditor := o.Person(access.RoleAuditor, o.Head)
		o.room.Staffed(func(context.Context) (casework.Roster, error) {
			return &people{above: map[ident.Unit][]casework.Post{
				o.South: {{Unit: o.South, Staff: []ident.Staff{boss.Staff()}}},
				o.North: {{Unit: o.North, Staff: []ident.Staff{dutyBoss.Staff()}}},
			}}, nil
		})
		id := o.register(t, lead)
		n := o.numbered(t, lead, id)
		if _, err := o.room.Open(ctx, duty, id); !fault.Is(err, fault.NotFound) {
			t.Fatalf("before: %v, want refused", err)
		}
		began := o.Clock.Now()
		got, err := o.room.BreakGlass(ctx, duty, command(), breaking(n))
		if err != nil || got != id {
			t.Fatalf("break-glass = %v, %v, want the case", got, err)
		}
		h := o.Entries(t)
		if e := h[len(h)-1]; e.Action != journal.BreakGlass || e.What != "case.breakglass" || e.Basis != "duty-worker-breaks-glass" {
			t.Errorf("entry = %s %s by %q", e.Action, e.What, e.Basis)
		}
		if len(w.told) != 1 || w.told[0].Kind != "break-glass" || !slices.Equal(w.told[0].Staff, []ident.Staff{lead.Staff(), boss.Staff()}) ||
			!slices.Equal(w.told[0].Roles, []string{access.RoleAuditor, access.RoleOmbudsperson}) || w.told[0].Entry.IsZero() {
			t.Errorf("told = %+v", w.told)
		}
		child, err := o.room.Open(ctx, duty, id)
		if err != nil || child.Person.Details.Called().Reveal() != "Ilara Tesh" {
			t.Fatalf("opened: %v", err)
		}
		if e := child.Events[0]; e.Kind != casework.KindGlass || e.To != "danger" || e.Text.Reveal() != "She is at the station, alone." {
			t.Errorf("timeline: %s %s", e.Kind, e.To)
		}
		if !child.May["case.note"] || child.May["case.risk"] || child.May["case.print"] || child.May["document.open"] || child.May["case.wholooked"] {
			t.Errorf("may = %v", child.May)
		}
		if err := o.room.AddNote(ctx, duty, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("Safe now.")}); err != nil {
			t.Errorf("a note: %v", err)
		}
		if own, err := o.room.OwnGlass(ctx, duty); err != nil || len(own) != 1 || own[0].Number != n || !own[0].Until.Equal(began.Add(4*time.Hour)) {
			t.Errorf("own = %+v, %v", own, err)
		}
		if _, err := o.room.BreakGlass(ctx, duty, command(), breaking(n)); fault.CodeOf(err) != "glass-reached" {
			t.Errorf("a second time: %v, want glass-reached", err)
		}
		o.glassOpensNoList(t, boss, n)
		o.glassIsReviewed(t, id, duty, dutyBoss, auditor, lead)

		o.Clock.Advance(4*time.Hour - time.Second)
		if _, err := o.room.Open(ctx, duty, id); err != nil {
			t.Errorf("a second before the end: %v", err)
		}
		o.Clock.Advance(2 * time.Second)
		if _, err := o.room.Open(ctx, duty, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("after four hours: %v, want refused", err)
		}
		if err := o.room.AddNote(ctx, duty, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("More.")}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a note after four hours: %v, want refused", err)
		}
		if rep := o.reconcile(t); rep.Wrong != 0 {
			t.Errorf("reconciled: %+v", rep.Findings)
		}
	})
}

// glassOpensNoList: what is open to somebody by break-glass is in no list and in no
// count of theirs.
func (o *office) glassOpensNoList(t *testing.T, lead *access.Caller, n ident.CaseNumber) {
	t.Helper()
	worker := o.Person(access.RoleCaseWorker, o.North)
	if _, err := o.room.BreakGlass(ctx, worker, command(), breaking(n)); err != nil {
		t.Fatal(err)
	}
	page, err := o.room.List(ctx, worker, casework.Query{})
	if err != nil || len(page.Rows) != 0 || page.Total != 0 {
		t.Errorf("list = %d of %d, %v, want nothing", len(page.Rows), page.Total, err)
	}
	if rows, _, err := o.room.Search(ctx, worker, sealed.NewText(n.String())); err != nil || len(rows) != 0 {
		t.Errorf("search = %d, %v, want nothing", len(rows), err)
	}
	today, err := o.room.Today(ctx, worker, o.Clock.Now())
	if err != nil || today.Total != 0 || len(today.Mine) != 0 {
		t.Errorf("today = %d, %v", today.Total, err)
	}
	if page, err = o.room.List(ctx, lead, casework.Query{}); err != nil || len(page.Rows) != 1 {
		t.Errorf("the supervisor's list = %d, %v, want the case", len(page.Rows), err)
	}
}

func (o *office) glassIsReviewed(t *testing.T, id ident.Case, duty, dutyBoss, auditor, lead *access.Caller) {
	t.Helper()
	page, err := o.room.Glass(ctx, auditor)
	if err != nil || len(page.Waiting) != 2 || len(page.Done) != 0 {
		t.Fatalf("waiting = %+v, %v, want both", page, err)
	}
	i := slices.IndexFunc(page.Waiting, func(l casework.GlassLine) bool { return l.Staff == duty.Staff() })
	l := page.Waiting[i]
	if l.Why.Reveal() != "She is at the station, alone." || !l.Mine || l.Late || l.Lead != lead.Staff() {
		t.Errorf("line = %+v", l)
	}
	if _, err := o.room.Open(ctx, auditor, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("the auditor opens the case: %v, want refused", err)
	}
	review := func(c *access.Caller) error {
		return o.room.ReviewGlass(ctx, c, command(), l.ID, "justified", sealed.NewText("Nobody else could be reached."))
	}
	head := o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleSupervisor, Unit: o.South, DeputyFor: []ident.Staff{dutyBoss.Staff()}})
	raised := o.As(access.Signed{Staff: duty.Staff(), Role: access.RoleSupervisor, Unit: o.South})
	for name, c := range map[string]*access.Caller{
		"the supervisor of whoever opened it": dutyBoss, "who stands in for that supervisor": head, "whoever opened it, promoted": raised,
		"the lead worker": lead, "a first responder": o.Person(access.RoleFirstResponder, o.South),
		"the node operator": o.Person(access.RoleNodeOperator, o.Head), "a coordinator": o.Person(access.RoleCoordinator, o.Head),
	} {
		if err := review(c); !fault.Is(err, fault.NotFound) {
			t.Errorf("reviewed by %s: %v, want refused", name, err)
		}
	}
	if err := o.room.ReviewGlass(ctx, auditor, command(), l.ID, "", sealed.Text{}); len(fault.FieldsOf(err)) != 2 {
		t.Errorf("an empty review: %v, want both fields named", err)
	}
	if err := review(auditor); err != nil {
		t.Fatal(err)
	}
	if err := review(o.Person(access.RoleOmbudsperson, o.Head)); !fault.Is(err, fault.Conflict) {
		t.Errorf("reviewed twice: %v, want a conflict", err)
	}
	page, err = o.room.Glass(ctx, auditor)
	if err != nil || len(page.Waiting) != 1 || len(page.Done) != 1 || page.Done[0].Review.Reveal() != "Nobody else could be reached." {
		t.Errorf("afterwards = %+v, %v", page, err)
	}
	child, err := o.room.Open(ctx, lead, id)
	if err != nil || child.Events[0].Kind != casework.KindGlassReviewed || child.Events[0].To != "justified" {
		t.Errorf("timeline: %v", err)
	}
	f, err := o.room.GlassFigures(ctx, auditor)
	if err != nil || f.Opened != 2 || f.Due != 1 || f.InTime != 1 || f.Waiting != 1 || f.Outcomes["justified"] != 1 {
		t.Errorf("figures = %+v, %v", f, err)
	}
	if _, err := o.room.GlassFigures(ctx, lead); !fault.Is(err, fault.NotFound) {
		t.Errorf("figures for a case worker: %v, want refused", err)
	}
}

// TestWhoMayNotBreakGlass: everything that stands in the way has the same answer,
// and is entered as a denial.
func TestWhoMayNotBreakGlass(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		lead, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, lead)
		n := o.numbered(t, lead, id)
		kept := o.Person(access.RoleCaseWorker, o.South)
		if err := o.room.Withhold(ctx, boss, command(), id, kept.Staff(), sealed.NewText("Kin.")); err != nil {
			t.Fatal(err)
		}
		check := o.makeCheck(t, lead, o.answered("street", "set_sum"))
		var checkNumber string
		if err := o.DB.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT number FROM casework_case WHERE id = $1", check).Scan(&checkNumber)
		}); err != nil {
			t.Fatal(err)
		}
		worker := o.Person(access.RoleCaseWorker, o.South)
		for name, tt := range map[string]struct {
			c      *access.Caller
			n      ident.CaseNumber
			reason string
		}{
			"withheld":        {kept, n, "floor-withheld"},
			"no such case":    {worker, ident.NewCaseNumber(), "no-such-case"},
			"a check":         {worker, ident.CaseNumber(checkNumber), "not-registered"},
			"an auditor":      {o.Person(access.RoleAuditor, o.Head), n, "floor-glass-role"},
			"an ombudsperson": {o.Person(access.RoleOmbudsperson, o.Head), n, "floor-glass-role"},
			"an investigator": {o.Person(access.RoleInvestigator, o.Head), n, "floor-glass-role"},
			"a provider":      {o.Person(access.RoleProvider, o.Head), n, "floor-glass-role"},
			"a patrol":        {o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleFirstResponder, Unit: o.South, Sector: "police"}), n, "floor-care-wall"},
			"a node operator": {o.Person(access.RoleNodeOperator, o.Head), n, "floor-operator-no-case"},
		} {
			_, err := o.room.BreakGlass(ctx, tt.c, command(), breaking(tt.n))
			if !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "no-such-page" {
				t.Errorf("%s: %v, want the one answer", name, err)
			}
			h := o.Entries(t)
			if e := h[len(h)-1]; e.Outcome != journal.Denied || e.Reason != tt.reason {
				t.Errorf("%s: entered %s %q, want a denial of %q", name, e.Outcome, e.Reason, tt.reason)
			}
		}
		if _, err := o.room.BreakGlass(ctx, lead, command(), breaking(n)); fault.CodeOf(err) != "glass-reached" {
			t.Errorf("the lead worker: %v, want glass-reached", err)
		}
		weak := o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.South, Strength: "password"})
		if _, err := o.room.BreakGlass(ctx, weak, command(), breaking(n)); fault.CodeOf(err) != "strong-check" {
			t.Errorf("by password alone: %v, want strong-check", err)
		}
		if _, err := o.room.BreakGlass(ctx, worker, command(), casework.Breaking{Number: "7KQM"}); len(fault.FieldsOf(err)) != 3 {
			t.Errorf("an empty form: %v, want three fields named", err)
		}
		// What is withheld later ends it at once.
		if _, err := o.room.BreakGlass(ctx, worker, command(), breaking(n)); err != nil {
			t.Fatal(err)
		}
		if err := o.room.Withhold(ctx, boss, command(), id, worker.Staff(), sealed.NewText("Kin.")); err != nil {
			t.Fatal(err)
		}
		if _, err := o.room.Open(ctx, worker, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("withheld afterwards: %v, want refused", err)
		}
	})
}

// TestGlassIsScarce: three times within a day, and a number tried in vain costs none.
func TestGlassIsScarce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		lead, worker := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		var numbers []ident.CaseNumber
		for range 4 {
			numbers = append(numbers, o.numbered(t, lead, o.register(t, lead)))
		}
		if _, err := o.room.BreakGlass(ctx, worker, command(), breaking(ident.NewCaseNumber())); !fault.Is(err, fault.NotFound) {
			t.Errorf("in vain: %v", err)
		}
		for _, n := range numbers[:3] {
			if _, err := o.room.BreakGlass(ctx, worker, command(), breaking(n)); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range []ident.CaseNumber{numbers[3], ident.NewCaseNumber()} {
			if _, err := o.room.BreakGlass(ctx, worker, command(), breaking(n)); fault.CodeOf(err) != "glass-quota" {
				t.Errorf("a fourth: %v, want glass-quota whether there is such a case or not", err)
			}
		}
		o.Clock.Advance(24*time.Hour + time.Second)
		if _, err := o.room.BreakGlass(ctx, o.again(worker), command(), breaking(numbers[3])); err != nil {
			t.Errorf("a day later: %v", err)
		}
	})
}

// TestGlassReviewIsLate: the clock of a review acts, and says so to who oversees.
func TestGlassReviewIsLate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		w := &word{}
		o.Gate.Notify(w)
		lead, worker := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		id := o.register(t, lead)
		if _, err := o.room.BreakGlass(ctx, worker, command(), breaking(o.numbered(t, lead, id))); err != nil {
			t.Fatal(err)
		}
		w.told = nil
		o.Clock.Advance(72*time.Hour + time.Minute)
		if _, err := o.room.StepDeadlines(ctx); err != nil {
			t.Fatal(err)
		}
		if len(w.told) == 0 || w.told[0].Kind != "break-glass-late" || !slices.Contains(w.told[0].Roles, access.RoleAuditor) {
			t.Errorf("told = %+v", w.told)
		}
		auditor := o.Person(access.RoleAuditor, o.Head)
		page, err := o.room.Glass(ctx, auditor)
		if err != nil || len(page.Waiting) != 1 || !page.Waiting[0].Late {
			t.Fatalf("page = %+v, %v", page, err)
		}
		if err := o.room.ReviewGlass(ctx, auditor, command(), page.Waiting[0].ID, "further", sealed.NewText("Ask the unit.")); err != nil {
			t.Fatal(err)
		}
		if f, err := o.room.GlassFigures(ctx, auditor); err != nil || f.Due != 1 || f.InTime != 0 {
			t.Errorf("figures = %+v, %v", f, err)
		}
		var state string
		if err := o.DB.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT state FROM deadline_due WHERE case_id = $1 AND kind = 'glass_review'", id).Scan(&state)
		}); err != nil || state != deadline.Done {
			t.Errorf("deadline = %q, %v", state, err)
		}
	})
}

// TestGlassPutInBehindTheProgram: a row slipped into the database, or made to last,
// opens nothing.
func TestGlassPutInBehindTheProgram(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		lead, worker := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		id := o.register(t, lead)
		if _, err := o.room.BreakGlass(ctx, worker, command(), breaking(o.numbered(t, lead, id))); err != nil {
			t.Fatal(err)
		}
		o.Clock.Advance(5 * time.Hour)
		sneak := func(query string, args ...any) {
			t.Helper()
			if err := o.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, query, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		sneak("UPDATE access_glass SET until_at = $2 WHERE case_id = $1", id, o.Clock.Now().Add(time.Hour).UnixMicro())
		if _, err := o.room.Open(ctx, o.again(worker), id); fault.CodeOf(err) != "record-altered" {
			t.Errorf("made to last: %v, want record-altered", err)
		}
		stranger := o.Person(access.RoleCaseWorker, o.South)
		sneak("UPDATE access_glass SET staff = $2 WHERE case_id = $1", id, stranger.Staff())
		if _, err := o.room.Open(ctx, stranger, id); fault.CodeOf(err) != "record-altered" {
			t.Errorf("given to somebody else: %v, want record-altered", err)
		}
		child, err := o.room.Open(ctx, lead, id)
		if err != nil || !slices.ContainsFunc(child.People, func(r access.Reached) bool { return r.Altered }) {
			t.Errorf("the lead worker's page: %v, want the row marked", err)
		}
		if rep := o.reconcile(t); rep.Wrong != 1 {
			t.Errorf("reconciled: %+v, want the row found", rep.Findings)
		}
	})
}
