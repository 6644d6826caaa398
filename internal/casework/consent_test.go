package casework_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// answer is an answer of an invented guardian, with the child's assent.
func answer(purpose, state string) consent.Record {
	return consent.Record{Purpose: purpose, State: state, Details: consent.Details{
		Who: "guardian", Guardian: sealed.NewText("Sana Odeh"), Unsafe: "no", Assent: "assented", Words: sealed.NewText("Yes, tell them."),
		Version: sealed.NewText("Leaflet 3"), Language: "en", ExplainedBy: sealed.NewText("Lidya G."), On: date("2026-03-02"),
	}}
}

// withdrawal of the same person.
func withdrawal(purpose string) consent.Record {
	return consent.Record{Purpose: purpose, Details: consent.Details{Who: "both", On: date("2026-03-02")}}
}

func (o *office) answer(t testing.TB, c *access.Caller, id ident.Case, rec consent.Record) {
	t.Helper()
	if err := o.room.RecordAnswer(ctx, c, command(), id, rec); err != nil {
		t.Fatal(err)
	}
}

func (o *office) book(t testing.TB, c *access.Caller, id ident.Case) *casework.ConsentPage {
	t.Helper()
	page, err := o.room.Consents(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// inForce returns what is permitted for a purpose, "basis" or "basis to".
func (o *office) inForce(t testing.TB, c *access.Caller, id ident.Case, purpose string) (out []string) {
	t.Helper()
	for _, one := range o.book(t, c, id).Book.InForce(purpose) {
		basis := one.Basis
		if one.Purpose != purpose {
			basis += " to one"
		}
		out = append(out, basis)
	}
	return out
}

func TestWithdrawnConsentEndsAtOnceAndOnlyConsent(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		// A policy that lets providers do something on a consent to tell them.
		policies, err := access.ParsePolicies("trial", []byte(`@id("trial") @says("On consent.") @basis("a test")
permit (principal is Staff, action == Action::"case.wholooked", resource is Case)
when { principal.active && principal.role == "provider" && !resource.withheld && resource.permits.contains("justice") };`), o.Pack.Codes("purpose"))
		if err != nil {
			t.Fatal(err)
		}
		gate, err := access.NewGate(o.DB, o.Clock, o.Journal, o.Custody, policies, o)
		if err != nil {
			t.Fatal(err)
		}
		police := o.Person(access.RoleProvider, o.South)
		asks := func() error {
			act := access.Act{Action: "case.wholooked", Purpose: "case-work", Case: id}
			return gate.View(ctx, police, act, func(*access.Pass) error { return nil })
		}
		if err := asks(); fault.KindOf(err) != fault.NotFound {
			t.Fatalf("before anybody was asked: %v, want not found", err)
		}
		o.answer(t, worker, id, answer("justice", consent.Given))
		if err := asks(); err != nil {
			t.Fatalf("with consent: %v", err)
		}
		court := consent.Record{Purpose: "services", Basis: "court_order", Details: consent.Details{Norm: sealed.NewText("Act 12, section 4"), Paper: sealed.NewText("File 88")}}
		if err := o.room.StateBasis(ctx, worker, command(), id, court); err != nil {
			t.Fatal(err)
		}
		o.answer(t, worker, id, answer("services", consent.Given))
		for _, purpose := range []string{"justice", "services"} {
			if err := o.room.WithdrawConsent(ctx, worker, command(), id, withdrawal(purpose)); err != nil {
				t.Fatal(err)
			}
		}
		if err := asks(); fault.KindOf(err) != fault.NotFound {
			t.Errorf("after the withdrawal: %v, want not found", err)
		}
		if got := o.inForce(t, worker, id, "services"); !slices.Equal(got, []string{"court_order"}) {
			t.Errorf("services rest on %v, want the court order", got)
		}
		if got := o.inForce(t, worker, id, "justice"); got != nil {
			t.Errorf("justice rests on %v, want nothing", got)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestConsentIsNotTakenFrom(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	tests := []struct {
		name, field, code string
		change            func(*consent.Record)
	}{
		{"a guardian who may be the trafficker", "guardian_unsafe", "guardian-unsafe", func(r *consent.Record) { r.Unsafe = "yes" }},
		{"a guardian nobody looked at", "guardian_unsafe", "required", func(r *consent.Record) { r.Unsafe = "" }},
		{"a guardian without a name", "consent_guardian", "required", func(r *consent.Record) { r.Guardian = sealed.Text{} }},
		{"a guardian against the child", "assent", "child-refuses", func(r *consent.Record) { r.Assent = "refused" }},
		{"a child nobody asked", "assent", "required", func(r *consent.Record) { r.Assent = "" }},
		{"a child nobody asked, without a reason", "assent_why", "required", func(r *consent.Record) { r.Assent = "not_asked" }},
		{"nobody in particular", "consent_who", "required", func(r *consent.Record) { r.Who = "" }},
		{"a text that nobody knows", "consent_text", "required", func(r *consent.Record) { r.Version = sealed.Text{} }},
		{"no language", "consent_language", "required", func(r *consent.Record) { r.Language = "xx" }},
		{"nobody who explained", "explained_by", "required", func(r *consent.Record) { r.ExplainedBy = sealed.Text{} }},
		{"tomorrow", "explained_on", "in-the-future", func(r *consent.Record) { r.On = date("2026-03-09") }},
		{"until yesterday", "consent_until", "in-the-past", func(r *consent.Record) { r.Until = accesstest.Start.Add(-time.Hour) }},
		{"no purpose", "consent_purpose", "required", func(r *consent.Record) { r.Purpose = "" }},
		{"an interpreter without a name", "interpreter_name", "required", func(r *consent.Record) { r.Interpreter = "trained_here" }},
		{"a state that is none", "consent_state", "required", func(r *consent.Record) { r.State = consent.Withdrawn }},
		{"nobody asked, and no reason", "reason", "required", func(r *consent.Record) { r.State = consent.NotAsked }},
	}
	for _, tt := range tests {
		rec := answer("services", consent.Given)
		tt.change(&rec)
		err := o.room.RecordAnswer(ctx, worker, command(), id, rec)
		if !slices.Contains(fault.FieldsOf(err), fault.Field{Name: tt.field, Code: tt.code}) {
			t.Errorf("%s: %v, want %s at %s", tt.name, fault.FieldsOf(err), tt.code, tt.field)
		}
	}
	if got := o.inForce(t, worker, id, "services"); got != nil {
		t.Errorf("in force: %v, want nothing", got)
	}
}

func TestConsentToOneIsNotConsentToAll(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		one := answer("services", consent.Given)
		one.Name = sealed.NewText("The clinic by the river")
		o.answer(t, worker, id, one)
		clinic := o.book(t, worker, id).Book.Answers("services")[0].Recipient
		permitted := func(to consent.Recipient) (ok bool) {
			t.Helper()
			act := access.Act{Action: "case.note", Purpose: "case-work", Case: id}
			_, err := o.Gate.Do(ctx, worker, act, func(p *access.Pass) (_ string, err error) {
				_, ok, err = consent.Permitted(ctx, p, "services", to)
				if err == nil {
					err = errLeave // nothing is written
				}
				return "", err
			})
			if !errors.Is(err, errLeave) {
				t.Fatal(err)
			}
			return ok
		}
		if !permitted(clinic) || permitted(consent.Recipient{}) || permitted(ident.New[consent.Recipient]()) {
			t.Error("a consent that names the clinic must permit the clinic and nobody else")
		}
		o.answer(t, worker, id, answer("services", consent.Given))
		no := withdrawal("services")
		no.Recipient = clinic
		if err := o.room.WithdrawConsent(ctx, worker, command(), id, no); err != nil {
			t.Fatal(err)
		}
		if permitted(clinic) || !permitted(consent.Recipient{}) {
			t.Error("withdrawn for the clinic: it must not receive what others may")
		}
		if err := o.room.WithdrawConsent(ctx, worker, command(), id, withdrawal("services")); err != nil {
			t.Fatal(err)
		}
		if permitted(clinic) || permitted(consent.Recipient{}) {
			t.Error("withdrawn for all: somebody may still receive it")
		}
	})
}

func TestConsentEndsByItself(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		rec := answer("research", consent.Given)
		rec.Until = o.Clock.Now().Add(48 * time.Hour)
		o.answer(t, worker, id, rec)
		if got := o.inForce(t, worker, id, "research"); !slices.Equal(got, []string{"consent"}) {
			t.Fatalf("in force: %v", got)
		}
		o.Clock.Advance(48 * time.Hour)
		page := o.book(t, worker, id)
		if got := page.Book.InForce("research"); got != nil || !page.Book.Expired(&page.Book.Records[0]) {
			t.Errorf("two days later: %v in force, expired %v", got, page.Book.Expired(&page.Book.Records[0]))
		}
	})
}

func TestEverybodyWhoReceivedItIsTold(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		passed := consent.Record{Purpose: "services", Details: consent.Details{
			Name: sealed.NewText("The clinic by the river"), What: sealed.NewText("Her age and what hurts."), On: date("2026-03-02"),
		}}
		if err := o.room.RecordPassed(ctx, worker, command(), id, passed); len(fault.FieldsOf(err)) != 1 || fault.FieldsOf(err)[0].Code != "not-permitted" {
			t.Errorf("passed on without a basis: %v, want not-permitted", err)
		}
		o.answer(t, worker, id, answer("services", consent.Given))
		if err := o.room.RecordPassed(ctx, worker, command(), id, passed); err != nil {
			t.Fatal(err)
		}
		if got := o.book(t, worker, id).Book.ToTell("services"); got != nil {
			t.Errorf("nobody need be told of anything yet: %v", got)
		}
		if err := o.room.WithdrawConsent(ctx, worker, command(), id, withdrawal("services")); err != nil {
			t.Fatal(err)
		}
		list := o.book(t, worker, id).Book.ToTell("services")
		if len(list) != 1 || list[0].Told != nil {
			t.Fatalf("to tell = %+v, want the clinic", list)
		}
		if err := o.room.RecordTold(ctx, worker, command(), id, "services", list[0].ID, sealed.NewText("By telephone.")); err != nil {
			t.Fatal(err)
		}
		page := o.book(t, worker, id)
		if list = page.Book.ToTell("services"); len(list) != 1 || list[0].Told == nil || list[0].Told.Reason.Reveal() != "By telephone." {
			t.Errorf("told = %+v", list)
		}
		if name, ok := page.Book.NameOf(list[0].To); !ok || name.Name.Reveal() != "The clinic by the river" {
			t.Error("the recipient has no name")
		}
	})
}

func TestOverrideTakesTwo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		rec := consent.Record{Purpose: "services", Details: consent.Details{Reason: sealed.NewText("Her uncle may have sold her.")}}
		for _, who := range []*access.Caller{worker, boss} {
			if err := o.room.ProposeOverride(ctx, who, command(), id, rec); err != nil {
				t.Fatal(err)
			}
		}
		if got := o.inForce(t, worker, id, "services"); got != nil {
			t.Errorf("proposed only: %v in force", got)
		}
		waiting := o.book(t, worker, id).Book.Waiting() // the supervisor's first
		if len(waiting) != 2 {
			t.Fatalf("%d wait, want 2", len(waiting))
		}
		if err := o.room.DecideOverride(ctx, boss, command(), id, waiting[0].ID, true, sealed.Text{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a supervisor approves what they proposed: %v", err)
		}
		if err := o.room.DecideOverride(ctx, worker, command(), id, waiting[0].ID, true, sealed.Text{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a case worker approves: %v", err)
		}
		if err := o.room.DecideOverride(ctx, boss, command(), id, waiting[1].ID, true, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.DecideOverride(ctx, boss, command(), id, waiting[1].ID, false, sealed.NewText("No.")); fault.KindOf(err) != fault.Conflict {
			t.Errorf("decided twice: %v, want a conflict", err)
		}
		if err := o.room.WithdrawConsent(ctx, worker, command(), id, withdrawal("services")); err != nil {
			t.Fatal(err)
		}
		if got := o.inForce(t, worker, id, "services"); !slices.Equal(got, []string{"best_interests"}) {
			t.Errorf("in force: %v, want the override", got)
		}
		given := o.book(t, worker, id).Book.Bases("services")[0]
		if err := o.room.EndBasis(ctx, worker, command(), id, given.ID, sealed.NewText("A guardian was named.")); err != nil {
			t.Fatal(err)
		}
		if got := o.inForce(t, worker, id, "services"); got != nil {
			t.Errorf("ended: %v in force", got)
		}
	})
}

func TestConsentsDeny(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	for _, role := range []string{access.RoleCaseWorker, access.RoleGuardian, access.RoleLawyer, access.RoleInvestigator, access.RoleProvider, access.RoleAuditor, access.RoleNodeOperator, access.RoleCoordinator} {
		other := o.Person(role, o.North)
		if _, err := o.room.Consents(ctx, other, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s reads consents: %v", role, err)
		}
		if err := o.room.RecordAnswer(ctx, other, command(), id, answer("services", consent.Given)); err == nil {
			t.Errorf("%s records consent", role)
		}
		if err := o.room.WithdrawConsent(ctx, other, command(), id, withdrawal("services")); err == nil {
			t.Errorf("%s withdraws consent", role)
		}
	}
}

func TestAlteredConsentsAreFound(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		for name, query := range map[string]string{
			"a refusal taken away":  "DELETE FROM consent_record WHERE case_id = $1 AND state = 'refused'",
			"a refusal made a yes":  "UPDATE consent_record SET state = 'given' WHERE case_id = $1 AND state = 'refused'",
			"another end of a yes":  "UPDATE consent_record SET until_at = NULL WHERE case_id = $1 AND state = 'given'",
			"a yes for other ears":  "UPDATE consent_record SET purpose = 'consulate' WHERE case_id = $1 AND state = 'given'",
			"a yes of other people": "UPDATE consent_record SET recipient = id WHERE case_id = $1 AND state = 'given'",
		} {
			id := o.register(t, worker)
			o.answer(t, worker, id, answer("justice", consent.Refused))
			yes := answer("services", consent.Given)
			yes.Until = o.Clock.Now().AddDate(1, 0, 0)
			o.answer(t, worker, id, yes)
			o.exec(t, query, id)
			if _, err := o.room.Consents(ctx, worker, id); fault.CodeOf(err) != "record-altered" {
				t.Errorf("%s: %v, want record-altered", name, err)
			}
		}
		id := o.register(t, worker)
		o.exec(t, "INSERT INTO access_permit (case_id, purpose, basis, from_at, until_at) VALUES ($1, 'justice', 'consent', 0, 9000000000000000000)", id)
		if got := o.inForce(t, worker, id, "justice"); got != nil {
			t.Errorf("a permit put in by hand counts: %v", got)
		}
	})
}

func TestRestoredBackupDoesNotReviveConsent(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		note := &withdrawn{}
		o.Gate.Restrict(note)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		o.answer(t, worker, id, answer("justice", consent.Given))
		if err := o.room.WithdrawConsent(ctx, worker, command(), id, withdrawal("justice")); err != nil {
			t.Fatal(err)
		}
		all, err := o.Gate.AllWithdrawn(ctx, consent.Withdrawable()...)
		if err != nil || len(note.permits) != 1 || len(all) != 1 || all[0].Pack() != note.permits[0] {
			t.Fatalf("noted %v, in the database %v, %v", note.permits, all, err)
		}
		again := func() {
			t.Helper()
			err := o.DB.Write(ctx, func(tx *store.Tx) error {
				return access.WithdrawAgain(ctx, tx, o.Custody, o.Journal, id, note.permits[0])
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		// Given anew since: that stays.
		o.answer(t, worker, id, answer("justice", consent.Given))
		again()
		if got := o.inForce(t, worker, id, "justice"); !slices.Equal(got, []string{"consent"}) {
			t.Fatalf("given anew: %v, want consent", got)
		}
		// The backup knew the first consent only.
		older := note.permits[0]
		older[15] += 2 // as if the one in force were the one that was withdrawn
		note.permits[0] = older
		again()
		if got := o.inForce(t, worker, id, "justice"); got != nil {
			t.Errorf("after the restore: %v in force", got)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

// withdrawn keeps what it is told of permits.
type withdrawn struct {
	destroyed
	permits [][16]byte
}

func (w *withdrawn) Withdrawn(_ ident.Case, permit [16]byte) { w.permits = append(w.permits, permit) }

// errLeave leaves a transaction that only looked.
var errLeave = errors.New("only looked")
