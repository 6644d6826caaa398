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
	"causeway/internal/journal"
	"causeway/internal/sealed"
)

// wish writes down a wish and returns it.
func (o *office) wish(t testing.TB, c *access.Caller, id ident.Case, ground string) ident.Erasure {
	t.Helper()
	err := o.room.AskErasure(ctx, c, command(), id, casework.Wish{Ground: ground, By: "child", Why: sealed.NewText("She asks for it.")})
	if err != nil {
		t.Fatal(err)
	}
	return o.keeping(t, c, id).Erasures[0].ID
}

func (o *office) keeping(t testing.TB, c *access.Caller, id ident.Case) *casework.KeepingPage {
	t.Helper()
	page, err := o.room.Keeping(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func (o *office) closeError(t testing.TB, c *access.Caller, id ident.Case) {
	t.Helper()
	if err := o.room.Close(ctx, c, command(), id, casework.Closing{Decision: casework.Decision{To: "error"}}); err != nil {
		t.Fatal(err)
	}
}

// TestErasureTakesTwoOtherPeople walks the whole way, and at each step refuses everybody
// who may not take it.
func TestErasureTakesTwoOtherPeople(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		note := &destroyed{}
		o.Gate.Restrict(note)
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		auditor, ombuds := o.Person(access.RoleAuditor, o.Head), o.Person(access.RoleOmbudsperson, o.Head)
		id := o.register(t, worker)
		other := o.register(t, worker)
		o.closeError(t, worker, id)
		wish := o.wish(t, worker, id, "error")
		refused := func(what string, err error) {
			t.Helper()
			if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v, want refused", what, err)
			}
		}
		for name, c := range map[string]*access.Caller{
			"who asked": worker, "a colleague": o.Person(access.RoleCaseWorker, o.North), "another unit's supervisor": o.Person(access.RoleSupervisor, o.South),
			"an auditor": auditor, "an ombudsperson": ombuds, "the node operator": o.Person(access.RoleNodeOperator, o.Head), "nobody": nil,
		} {
			refused(name+" agrees", o.room.AgreeErasure(ctx, c, command(), id, wish, sealed.Text{}))
		}
		code(t, "confirmed before anybody agreed", o.room.ConfirmErasure(ctx, auditor, command(), id, wish), "erasure-over")
		none(t, "agree", o.room.AgreeErasure(ctx, boss, command(), id, wish, sealed.NewText("Registered twice.")))
		code(t, "agreed twice", o.room.AgreeErasure(ctx, o.Person(access.RoleSupervisor, o.North), command(), id, wish, sealed.Text{}), "erasure-over")
		first := o.As(access.Signed{Staff: boss.Staff(), Role: access.RoleAuditor, Unit: o.Head})
		asker := o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleOmbudsperson, Unit: o.Head})
		stale := o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleAuditor, Unit: o.Head, FreshAt: o.Clock.Now().Add(-time.Hour)})
		for name, c := range map[string]*access.Caller{
			"who asked": worker, "who agreed": boss, "who agreed, since an auditor": first, "who asked, since an ombudsperson": asker,
			"another supervisor": o.Person(access.RoleSupervisor, o.Head), "the node operator": o.Person(access.RoleNodeOperator, o.Head), "nobody": nil,
		} {
			refused(name+" confirms", o.room.ConfirmErasure(ctx, c, command(), id, wish))
		}
		code(t, "without a fresh check", o.room.ConfirmErasure(ctx, stale, command(), id, wish), "fresh-check")
		refused("the oversight opens the case", func() error { _, err := o.room.Open(ctx, ombuds, id); return err }())

		desk, err := o.room.Erasures(ctx, ombuds)
		if err != nil || len(desk.Waiting) != 1 || desk.Waiting[0].State != casework.ErasureAgreed || desk.Waiting[0].Class != "short" {
			t.Fatalf("desk = %+v, %v, want the wish with the class of its file", desk, err)
		}
		none(t, "confirm", o.room.ConfirmErasure(ctx, ombuds, command(), id, wish))
		for table, query := range left {
			if n := o.count(t, query, id); n != 0 {
				t.Errorf("%s: %d rows are left", table, n)
			}
		}
		if n := o.count(t, left["casework_case"], other); n != 1 {
			t.Error("another case is gone too")
		}
		refused("the erased case is opened", func() error { _, err := o.room.Open(ctx, worker, id); return err }())
		if found := o.index.Find("XA-77 401"); slices.Contains(found, id) {
			t.Error("the index of identifiers still finds the case")
		}
		if len(note.subjects) != 1 || note.subjects[0] != ident.SubjectOf(id) {
			t.Errorf("the restrictions took note of %v", note.subjects)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
		report, err := journal.Verify(ctx, journal.FromDatabase(o.DB), journal.Options{}, nil)
		if err != nil || report.Erased != 1 {
			t.Errorf("verify: %+v, %v", report, err)
		}
		// Whoever asked learns until when a backup may hold the file; others do not.
		mine, err := o.room.Erasures(ctx, worker)
		if err != nil || len(mine.Erased) != 1 || !mine.Erased[0].Gone.Equal(o.Clock.Now().AddDate(0, 0, 35)) || len(mine.Waiting) != 0 {
			t.Errorf("the worker's desk = %+v, %v", mine, err)
		}
		theirs, err := o.room.Erasures(ctx, o.Person(access.RoleCaseWorker, o.North))
		if err != nil || len(theirs.Erased) != 0 {
			t.Errorf("a colleague's desk = %+v, %v", theirs, err)
		}
	})
}

// TestWhatStandsAgainstErasure: each ground for refusing is found, named and recorded.
func TestWhatStandsAgainstErasure(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss, auditor := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleAuditor, o.Head)
		id := o.register(t, worker)
		wish := o.wish(t, worker, id, "retention_over")
		agree := func() error { return o.room.AgreeErasure(ctx, boss, command(), id, wish, sealed.Text{}) }
		code(t, "an open case", agree(), "erasure-case_open")
		none(t, "an appeal", o.status(worker, id, "age_adult", func(s *casework.Status) { s.Appeal = s.From.AddDate(0, 0, 14) }))
		none(t, "an appeal", o.status(worker, id, "age_appealed"))
		o.closeError(t, worker, id)
		none(t, "hold", o.room.HoldCase(ctx, boss, command(), id, "criminal", sealed.NewText("Trial in May.")))
		if got := o.keeping(t, boss, id).Against["retention_over"]; !slices.Equal(got, []string{"retention", "legal_hold", "open_proceedings"}) {
			t.Errorf("against = %v", got)
		}
		if got := o.keeping(t, boss, id).Against["error"]; !slices.Equal(got, []string{"legal_hold"}) {
			t.Errorf("against erasing what was opened in error = %v", got)
		}
		code(t, "not kept for its time", agree(), "erasure-retention")
		o.Clock.Advance(366 * 24 * time.Hour) // one year: the class of what was opened in error
		worker, boss, auditor = o.again(worker), o.again(boss), o.again(auditor)
		code(t, "a hold", agree(), "erasure-legal_hold")
		hold := o.keeping(t, boss, id).Holds[0]
		none(t, "lift", o.room.LiftHold(ctx, boss, command(), id, hold.ID, sealed.NewText("The verdict is final.")))
		code(t, "lifted twice", o.room.LiftHold(ctx, boss, command(), id, hold.ID, sealed.NewText("Again.")), "hold-over")
		code(t, "an appeal", agree(), "erasure-open_proceedings")
		none(t, "the appeal is over", o.status(worker, id, "age_child"))
		none(t, "agree", agree())
		none(t, "hold again", o.room.HoldCase(ctx, boss, command(), id, "claim", sealed.NewText("She claims compensation.")))
		code(t, "a hold since the first agreed", o.room.ConfirmErasure(ctx, auditor, command(), id, wish), "erasure-legal_hold")
		refused := casework.Refused{Ground: "legal_hold", Answer: sealed.NewText("Kept until the claim is decided.")}
		none(t, "refuse", o.room.RefuseErasure(ctx, auditor, command(), id, wish, refused))
		page := o.keeping(t, worker, id)
		if e := page.Erasures[0]; e.State != casework.ErasureRefused || e.Refusal != "legal_hold" || e.Answer.Reveal() != "Kept until the claim is decided." || e.Refuser != auditor.Staff() {
			t.Errorf("refused = %+v, answer %q", e, e.Answer.Reveal())
		}
		if h := page.Holds[1]; h.InForce() || h.LiftedWhy.Reveal() != "The verdict is final." || h.Why.Reveal() != "Trial in May." {
			t.Errorf("hold = %+v", h)
		}
		code(t, "refused twice", o.room.RefuseErasure(ctx, auditor, command(), id, wish, refused), "erasure-over")
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

// TestRetention: a class at closing, a day of looking, and nothing erased by itself.
func TestRetention(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		kept := casework.Keeping{Class: "long", Why: sealed.NewText("She may claim compensation.")}
		code(t, "while it is open", o.room.SetRetention(ctx, boss, command(), id, kept), "close-first")
		o.closeError(t, worker, id)
		closed := o.Clock.Now()
		if p := o.keeping(t, worker, id); p.Retention == nil || p.Retention.Class != "short" || !p.Kept.Equal(closed.AddDate(1, 0, 0)) {
			t.Fatalf("kept = %+v until %v, want the pack's class for one year", p.Retention, p.Kept)
		}
		for name, c := range map[string]*access.Caller{
			"the worker": worker, "another unit's supervisor": o.Person(access.RoleSupervisor, o.South), "an auditor": o.Person(access.RoleAuditor, o.Head),
			"an ombudsperson": o.Person(access.RoleOmbudsperson, o.Head), "the node operator": o.Person(access.RoleNodeOperator, o.Head),
		} {
			for what, err := range map[string]error{
				"sets a class": o.room.SetRetention(ctx, c, command(), id, kept),
				"sets a hold":  o.room.HoldCase(ctx, c, command(), id, "claim", sealed.NewText("No.")),
			} {
				if !fault.Is(err, fault.NotFound) {
					t.Errorf("%s %s: %v, want refused", name, what, err)
				}
			}
		}
		over := func() int {
			desk, err := o.room.Erasures(ctx, o.again(boss))
			if err != nil {
				t.Fatal(err)
			}
			return len(desk.Over)
		}
		if n := over(); n != 0 {
			t.Errorf("%d files are over at once", n)
		}
		o.Clock.Advance(367 * 24 * time.Hour)
		if n := over(); n != 1 {
			t.Errorf("%d files are over after a year, want the one", n)
		}
		if desk, err := o.room.Erasures(ctx, o.Person(access.RoleSupervisor, o.South)); err != nil || len(desk.Over) != 0 {
			t.Errorf("another unit sees %+v, %v", desk, err)
		}
		if n := o.count(t, left["casework_case"], id); n != 1 {
			t.Fatal("the file was erased by itself")
		}
		boss, worker = o.again(boss), o.again(worker)
		code(t, "a day that is past", o.room.SetRetention(ctx, boss, command(), id, casework.Keeping{Class: "short", Why: sealed.NewText("Why not.")}), "kept_until in-the-past")
		none(t, "keep it longer", o.room.SetRetention(ctx, boss, command(), id, kept))
		if n := over(); n != 0 {
			t.Error("the file is still over")
		}
		if p := o.keeping(t, worker, id); !p.Kept.Equal(closed.AddDate(25, 0, 0)) || p.Retention.Setter != boss.Staff() {
			t.Errorf("kept = %+v until %v", p.Retention, p.Kept)
		}
		none(t, "reopen", o.room.Reopen(ctx, boss, command(), id, casework.Decision{To: "other", Text: sealed.NewText("Back.")}))
		if p := o.keeping(t, worker, id); !p.Kept.IsZero() || !p.Retention.Review.IsZero() {
			t.Errorf("an open case is looked at on %v", p.Kept)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

// TestNothingIsErasedWithoutItsRooms: a gate that nobody told what to delete refuses.
func TestNothingIsErasedWithoutItsRooms(t *testing.T) {
	o := open(t, accesstest.New(t))
	o.Gate.EraseWith()
	worker, boss, auditor := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleAuditor, o.Head)
	id := o.register(t, worker)
	o.closeError(t, worker, id)
	wish := o.wish(t, worker, id, "error")
	none(t, "agree", o.room.AgreeErasure(ctx, boss, command(), id, wish, sealed.Text{}))
	if err := o.room.ConfirmErasure(ctx, auditor, command(), id, wish); !fault.Is(err, fault.Internal) {
		t.Errorf("confirm: %v, want refused", err)
	}
	if n := o.count(t, left["keys_subject"], id); n != 1 {
		t.Error("the key is gone")
	}
}
