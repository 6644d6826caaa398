package casework_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// circle puts somebody into a child's circle, as the room of the circle does.
func (o *office) circle(t testing.TB, id ident.Case, who *access.Caller) {
	t.Helper()
	const end = int64(1<<63 - 1)
	err := o.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := o.Custody.Sealer(ctx, tx, ident.SubjectOf(id))
		if err != nil {
			return err
		}
		defer s.Close()
		row, from, holder := ident.New[[16]byte](), tx.Micros(), who.Staff()
		mac := s.MAC("access_reach", row[:6], 1, id[:], holder[:], access.RelationCircle, from, end)
		_, err = tx.Exec(ctx, `INSERT INTO access_reach (case_id, holder, relation, from_at, until_at, id, version, row_mac)
			VALUES ($1, $2, $3, $4, $5, $6, 1, $7)`, id, holder, access.RelationCircle, from, end, row[:6], mac)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPrivilegedNotesAreTheLawyersAlone(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		lawyer, second, guardian := o.Person(access.RoleLawyer, o.South), o.Person(access.RoleLawyer, o.South), o.Person(access.RoleGuardian, o.South)
		for _, who := range []*access.Caller{lawyer, second, guardian} {
			o.circle(t, id, who)
		}
		stranger := o.Person(access.RoleLawyer, o.South)
		const secret = "She told me who drove the car."
		if err := o.room.AddPrivileged(ctx, lawyer, command(), id, sealed.NewText(secret)); err != nil {
			t.Fatal(err)
		}
		page, err := o.room.PrivilegedNotes(ctx, lawyer, id)
		if err != nil || len(page.Notes) != 1 || page.Notes[0].Text.Reveal() != secret {
			t.Fatalf("the lawyer reads %+v, %v", page, err)
		}
		if page, err := o.room.PrivilegedNotes(ctx, second, id); err != nil || len(page.Notes) != 0 {
			t.Errorf("another lawyer of the child reads %d notes, %v", len(page.Notes), err)
		}
		others := []*access.Caller{worker, boss, guardian, stranger}
		for _, role := range []string{
			access.RoleInvestigator, access.RoleProsecutor, access.RoleJudge, access.RoleFocalPoint, access.RoleCoordinator,
			access.RoleProvider, access.RoleAuditor, access.RoleOmbudsperson, access.RoleNodeOperator,
		} {
			other := o.Person(role, o.South)
			o.circle(t, id, other)
			others = append(others, other)
		}
		for _, who := range others {
			if _, err := o.room.PrivilegedNotes(ctx, who, id); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s reads privileged notes: %v", who.Role(), err)
			}
			if err := o.room.AddPrivileged(ctx, who, command(), id, sealed.NewText("x")); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s writes one: %v", who.Role(), err)
			}
		}
		// Nothing of it stands on the timeline, or in what the team reads and prints.
		child, err := o.room.Print(ctx, boss, id)
		if err != nil {
			t.Fatal(err)
		}
		if e := child.Events[0]; e.Kind != casework.KindPrivileged || !e.Text.IsZero() || !e.Words.IsZero() {
			t.Errorf("the event of the note = %+v", e)
		}
		if book := o.book(t, boss, id).Book; len(book.Records) != 0 {
			t.Errorf("the consents have %d records", len(book.Records))
		}
	})
}

func TestGuardianOfTheCircleAnswersAndWithdraws(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		guardian := o.Person(access.RoleGuardian, o.South)
		o.circle(t, id, guardian)
		theirs := answer("justice", consent.Refused)
		theirs.Words = sealed.NewText("My guardian must not know this.")
		o.answer(t, worker, id, theirs)
		propose := consent.Record{Purpose: "abroad", Details: consent.Details{Reason: sealed.NewText("The guardian may be part of it.")}}
		if err := o.room.ProposeOverride(ctx, worker, command(), id, propose); err != nil {
			t.Fatal(err)
		}
		page := o.book(t, guardian, id)
		if page.Child != nil {
			t.Error("the guardian reads the record of the child")
		}
		if said := fmt.Sprintf("%+v", page.Book.Records); len(page.Book.Records) != 1 || strings.Contains(said, "best_interests") || !page.Book.Records[0].Words.IsZero() {
			t.Errorf("the guardian sees %s", said)
		}
		asChild := answer("services", consent.Given)
		asChild.Who = "both"
		if err := o.room.RecordAnswer(ctx, guardian, command(), id, asChild); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a guardian answers for the child: %v", err)
		}
		o.answer(t, guardian, id, answer("services", consent.Given))
		gone := withdrawal("services")
		if err := o.room.WithdrawConsent(ctx, guardian, command(), id, gone); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a guardian withdraws for the child: %v", err)
		}
		gone.Who = "guardian"
		if err := o.room.WithdrawConsent(ctx, guardian, command(), id, gone); err != nil {
			t.Fatal(err)
		}
		if got := o.inForce(t, worker, id, "services"); got != nil {
			t.Errorf("withdrawn by the guardian: %v in force", got)
		}
		court := consent.Record{Purpose: "services", Basis: "court_order", Details: consent.Details{Norm: sealed.NewText("x"), Paper: sealed.NewText("y")}}
		passed := consent.Record{Purpose: "services", Details: consent.Details{Name: sealed.NewText("x"), What: sealed.NewText("y"), On: date("2026-03-02")}}
		for name, err := range map[string]error{
			"states a lawful basis": o.room.StateBasis(ctx, guardian, command(), id, court),
			"proposes an override":  o.room.ProposeOverride(ctx, guardian, command(), id, propose),
			"notes what was passed": o.room.RecordPassed(ctx, guardian, command(), id, passed),
			"records an order":      o.room.RecordOrder(ctx, guardian, command(), id, courtOrder()),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("a guardian %s: %v", name, err)
			}
		}
		if err := o.room.RecordAnswer(ctx, guardian, command(), id, answer("justice", consent.Given)); !slices.Contains(fault.FieldsOf(err), fault.Field{Name: "consent_state", Code: "team-asks-first"}) {
			t.Errorf("a guardian consents over a refusal: %v", err)
		}
		if _, err := o.room.Open(ctx, guardian, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a guardian opens the case: %v", err)
		}
	})
}
