package referral_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// What was previewed is what is read, no more: and only by whoever it was made to.
func TestADisclosureIsReadAsItWasPreviewed(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		n := to(o.guardian, "identity", "age", "risk")
		preview, err := o.circle.Preview(ctx, o.worker, id, n)
		if err != nil {
			t.Fatal(err)
		}
		d := o.disclose(t, id, n)
		letter, err := o.circle.Read(ctx, o.guardian, id, d)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := spoken(letter.Package), spoken(preview.Package); got != want {
			t.Errorf("read:\n%s\nwant as previewed:\n%s", got, want)
		}
		if got := spoken(letter.Package); !strings.Contains(got, childName) || strings.Contains(got, "MARKERNOTE") {
			t.Errorf("it holds %q", got)
		}
		if letter.Number != 1 || letter.Norm.Reveal() == "" || len(letter.Digest) != 32 {
			t.Errorf("number %d, digest of %d bytes", letter.Number, len(letter.Digest))
		}
		// The journal names the digest.
		named := false
		for _, h := range o.Entries(t) {
			named = named || h.What == "circle.disclose" && slices.ContainsFunc(h.Rows, func(r journal.RowState) bool { return string(r.Row) == string(letter.Digest) })
		}
		if !named {
			t.Error("the journal does not name the digest of what was given")
		}
		other := o.person(access.RoleLawyer, "legal_aid")
		o.disclose(t, id, to(other, "age"))
		_, err = o.circle.Read(ctx, other, id, d)
		if !fault.Is(err, fault.NotFound) || o.denial(t) != "not-recipient" {
			t.Errorf("somebody else's: %v, reason %q", err, o.denial(t))
		}
		if _, err = o.circle.Read(ctx, o.police, id, d); !fault.Is(err, fault.NotFound) {
			t.Errorf("read by a stranger: %v", err)
		}
		// Nobody opens the live case by it.
		if _, err := o.cases.Open(ctx, o.guardian, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("the guardian opened the case: %v", err)
		}
		o.reconcile(t)
	})
}

func TestEachLookAtADisclosureIsEntered(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		one, two := o.disclose(t, id, to(o.guardian, "age")), o.disclose(t, id, to(o.guardian, "risk"))
		for _, d := range []referral.DisclosureID{one, one, two} {
			if _, err := o.circle.Read(ctx, o.guardian, id, d); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.circle.Print(ctx, o.guardian, id, one); err != nil {
			t.Fatal(err)
		}
		var about []ident.Command
		for _, h := range o.Entries(t) {
			if h.What == "circle.read" || h.What == "circle.print" {
				about = append(about, ident.Command(h.Command))
			}
		}
		if want := []ident.Command{ident.Command(one), ident.Command(two), ident.Command(one)}; !slices.Equal(about, want) {
			t.Errorf("entries name %v, want one of each look and one of the print: %v", about, want)
		}
	})
}

func TestADisclosureIsRefusedWithout(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		helper := o.person(access.RoleCaseWorker, "child_protection")
		for _, tt := range []struct {
			name, want string
			change     func(*referral.NewDisclosure)
		}{
			{"a recipient", "share_to: required", func(n *referral.NewDisclosure) { n.To = [16]byte{1} }},
			{"a purpose", "share_purpose: required", func(n *referral.NewDisclosure) { n.Purpose = "" }},
			{"a basis", "share_basis: required", func(n *referral.NewDisclosure) { n.Basis = "" }},
			{"the norm of the law", "share_norm: required", func(n *referral.NewDisclosure) { n.Norm = referral.NewDisclosure{}.Norm }},
			{"consent that is there", "share_basis: no-consent", func(n *referral.NewDisclosure) { n.Basis = "consent" }},
			{"parts", "disclosure_part: required", func(n *referral.NewDisclosure) { n.Parts = nil }},
			{"parts there are", "disclosure_part: not-in-list", func(n *referral.NewDisclosure) { n.Parts = []string{"soul"} }},
			{"why the child is told late", "untold: required", func(n *referral.NewDisclosure) { n.Told, n.TellBy = false, o.cases.TellBy().Add(time.Hour) }},
			{"a preview", "not-previewed", func(n *referral.NewDisclosure) { n.Seen = 0 }},
			{"the preview of now", "changed-meanwhile", func(n *referral.NewDisclosure) { n.Seen-- }},
			{"somebody who does not know it", "share_to: on-the-team", func(n *referral.NewDisclosure) { n.To = [16]byte(o.worker.Staff()) }},
		} {
			n := to(o.guardian, "age")
			seen, err := o.circle.Preview(ctx, o.worker, id, n)
			if err != nil {
				t.Fatal(err)
			}
			n.Seen = seen.Seen
			tt.change(&n)
			_, err = o.circle.Disclose(ctx, o.worker, command(), id, n)
			wants(t, "without "+tt.name, err, tt.want)
		}
		if err := o.cases.Withhold(ctx, o.worker, command(), id, helper.Staff(), text("kin")); err != nil {
			t.Fatal(err)
		}
		n := to(helper, "age")
		seen, err := o.circle.Preview(ctx, o.worker, id, n)
		if err != nil {
			t.Fatal(err)
		}
		n.Seen = seen.Seen
		_, err = o.circle.Disclose(ctx, o.worker, command(), id, n)
		wants(t, "to whom the case is withheld from", err, "share_to: withheld-from")
		stale := o.As(access.Signed{Staff: o.worker.Staff(), Role: o.worker.Role(), Unit: o.North, FreshAt: o.Clock.Now().Add(-time.Hour)})
		if _, err := o.circle.Disclose(ctx, stale, command(), id, n); fault.CodeOf(err) != "fresh-check" {
			t.Errorf("not signed by a fresh check: %v", err)
		}
	})
}

// The wall around care notes: composing refuses, and so does the floor.
func TestCareNotesStayBehindTheirWall(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		for role, sector := range map[string]string{
			access.RoleInvestigator: "police", access.RoleProsecutor: "justice", access.RoleJudge: "", access.RoleFirstResponder: "border",
			access.RoleProvider: "migration", access.RoleFocalPoint: "labour_inspection",
		} {
			_, err := o.circle.Preview(ctx, o.worker, id, to(o.person(role, sector), "age", "care_notes"))
			wants(t, "care notes to "+role+" of "+sector, err, "disclosure_part: care-notes-wall")
		}
		unit := referral.NewDisclosure{To: [16]byte(o.South), Unit: true, Purpose: "services", Basis: "public_task", Norm: text("Act 7"), Parts: []string{"care_notes"}, Told: true}
		o.known[unit.To] = referral.Known{Active: true}
		_, err := o.circle.Preview(ctx, o.worker, id, unit)
		wants(t, "care notes to a unit of no sector", err, "disclosure_part: care-notes-wall")
		// Somebody who was given them, and is with the police since.
		d := o.disclose(t, id, to(o.guardian, "care_notes"))
		letter, err := o.circle.Read(ctx, o.guardian, id, d)
		if err != nil || !strings.Contains(spoken(letter.Package), "MARKERNOTE") {
			t.Fatalf("the guardian reads care notes: %v", err)
		}
		for _, s := range []access.Signed{{Role: access.RoleInvestigator}, {Role: access.RoleGuardian, Sector: "police"}, {Role: access.RoleProvider, Sector: "migration"}} {
			s.Staff, s.Unit = o.guardian.Staff(), o.North
			if _, err := o.circle.Read(ctx, o.As(s), id, d); !fault.Is(err, fault.NotFound) || o.denial(t) != "floor-care-wall" {
				t.Errorf("read as %s of %q: %v, reason %q", s.Role, s.Sector, err, o.denial(t))
			}
		}
	})
}

// Consent that is withdrawn closes at once what rests on it alone.
func TestWithdrawnConsentClosesAtOnce(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		o.permit(t, id, "services", true)
		consented := to(o.guardian, "age")
		consented.Basis, consented.Norm = "consent", referral.NewDisclosure{}.Norm
		d, lawful := o.disclose(t, id, consented), o.disclose(t, id, to(o.guardian, "risk"))
		if _, err := o.circle.Read(ctx, o.guardian, id, d); err != nil {
			t.Fatal(err)
		}
		o.permit(t, id, "services", false)
		if _, err := o.circle.Read(ctx, o.guardian, id, d); !fault.Is(err, fault.NotFound) || o.denial(t) != "consent-withdrawn" {
			t.Errorf("read after the withdrawal: %v, reason %q", err, o.denial(t))
		}
		if _, err := o.circle.Print(ctx, o.guardian, id, d); !fault.Is(err, fault.NotFound) {
			t.Errorf("printed after the withdrawal: %v", err)
		}
		if _, err := o.circle.Read(ctx, o.guardian, id, lawful); err != nil {
			t.Errorf("what rests on the law: %v", err)
		}
		part, err := o.circle.Part(ctx, o.guardian, id)
		if err != nil || !part.Closed[d] || part.Closed[lawful] {
			t.Errorf("the guardian's page: %+v, %v", part, err)
		}
		err = o.Gate.View(ctx, o.worker, access.Act{Action: "case.open", Purpose: "case-work", Case: id}, func(p *access.Pass) error {
			told, err := o.circle.Told(ctx, p, id, "services")
			if err == nil && (len(told) != 2 || told[0].ID != consent.ID(d) || told[0].To != consent.Recipient(o.guardian.Staff()) || told[0].Basis != "consent") {
				t.Errorf("to be told: %+v, want the guardian", told)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestARecalledDisclosureIsClosed(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		one, two := o.disclose(t, id, to(o.guardian, "age")), o.disclose(t, id, to(o.guardian, "risk"))
		recall := func(c *access.Caller, d referral.DisclosureID) error {
			return o.circle.Recall(ctx, c, command(), id, d, text("not needed any more"))
		}
		if err := recall(o.guardian, one); !fault.Is(err, fault.NotFound) {
			t.Errorf("the recipient ended it: %v", err)
		}
		wants(t, "recall", recall(o.worker, one), "")
		wants(t, "recall again", recall(o.worker, one), "disclosure-over")
		if _, err := o.circle.Read(ctx, o.guardian, id, one); !fault.Is(err, fault.NotFound) || o.denial(t) != "disclosure-ended" {
			t.Errorf("read when ended: %v, reason %q", err, o.denial(t))
		}
		if _, err := o.circle.Read(ctx, o.guardian, id, two); err != nil {
			t.Errorf("the other one: %v", err)
		}
		wants(t, "recall the last", recall(o.worker, two), "")
		if _, err := o.circle.Part(ctx, o.guardian, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("nothing is left, and the page is there: %v", err)
		}
		o.reconcile(t)
	})
}

func TestTheChildIsTold(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		later := to(o.police, "age")
		later.Told, later.Untold, later.TellBy = false, text("danger until Friday"), o.Clock.Now().AddDate(0, 0, 5)
		d := o.disclose(t, id, later)
		page, err := o.circle.Page(ctx, o.worker, id)
		if err != nil || len(page.ToTell()) != 1 || page.ToTell()[0].ID != d {
			t.Fatalf("to tell: %v, %v", page, err)
		}
		how := text("Alone, with the interpreter.")
		wants(t, "told, nobody says how", o.circle.ToldChild(ctx, o.worker, command(), id, d, sealed.Text{}, sealed.Text{}), "told_how: required")
		if got := o.toTell(t, id); len(got) != 1 || !got[0].Due.Equal(later.TellBy) || got[0].About != [16]byte(d) {
			t.Errorf("the clock: %+v", got)
		}
		day := o.Clock.Now().AddDate(0, 0, 9)
		postpone := func(c *access.Caller, until time.Time, why sealed.Text) error {
			return o.circle.PostponeTelling(ctx, c, command(), id, d, until, why)
		}
		wants(t, "later, without a reason", postpone(o.worker, day, sealed.Text{}), "reason: required")
		wants(t, "later, in the past", postpone(o.worker, o.Clock.Now().Add(-time.Hour), text("no")), "tell_by: out-of-range")
		if err := postpone(o.police, day, text("the search goes on")); !fault.Is(err, fault.NotFound) {
			t.Errorf("postponed by whoever was told: %v", err)
		}
		wants(t, "later", postpone(o.worker, day, text("the search goes on")), "")
		if got := o.toTell(t, id); len(got) != 1 || !got[0].Due.Equal(day) {
			t.Errorf("the clock was not moved: %+v", got)
		}
		if page, err = o.circle.Page(ctx, o.worker, id); err != nil || !page.ToTell()[0].TellBy.Equal(day) || page.ToTell()[0].Body.Untold.Reveal() != "the search goes on" {
			t.Errorf("the page says %+v, %v", page.ToTell(), err)
		}
		if u := page.DataUse(nil); len(u.Disclosed) != 1 || !u.Disclosed[0].TellBy.Equal(day) || u.ToTell() != 1 {
			t.Errorf("the child's page says %+v", u)
		}
		wants(t, "told", o.circle.ToldChild(ctx, o.worker, command(), id, d, how, text("I want to know more.")), "")
		wants(t, "told again", o.circle.ToldChild(ctx, o.worker, command(), id, d, how, text("")), "told-already")
		wants(t, "later, and was told", postpone(o.worker, day, text("no")), "told-already")
		if got := o.toTell(t, id); len(got) != 0 {
			t.Errorf("the clock goes on: %+v", got)
		}
		if page, err = o.circle.Page(ctx, o.worker, id); err != nil || len(page.ToTell()) != 0 {
			t.Errorf("still to tell: %v, %v", page.ToTell(), err)
		}
		if u := page.DataUse(nil); len(u.Disclosed) != 1 || u.ToTell() != 0 {
			t.Errorf("then the child's page says %+v", u)
		}
		// Where nobody says when, the pack's clock does; later needs a reason.
		soon := to(o.guardian, "age")
		soon.Told = false
		o.disclose(t, id, soon)
		if got := o.toTell(t, id); len(got) != 1 || !got[0].Due.Equal(o.cases.TellBy()) {
			t.Errorf("by the pack's clock: %+v", got)
		}
		soon.TellBy = o.cases.TellBy().Add(time.Hour)
		_, err = o.circle.Preview(ctx, o.worker, id, soon)
		wants(t, "later than the clock, without a reason", err, "untold: required")
	})
}

// A row somebody changed in the database is not shown.
func TestAnAlteredDisclosureIsNotRead(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		d := o.disclose(t, id, to(o.guardian, "age"))
		err := o.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE referral_disclosure SET purpose = 'justice' WHERE case_id = $1`, id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.circle.Read(ctx, o.guardian, id, d); fault.CodeOf(err) != "record-altered" {
			t.Errorf("read: %v, want record-altered", err)
		}
	})
}

// What is withheld later is not read any more, and not copied again.
func TestAPartWithheldLaterIsReadNoMore(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		n := to(o.guardian, "identity", "care_notes")
		d := o.disclose(t, id, n)
		read := func() string {
			letter, err := o.circle.Read(ctx, o.again(o.guardian), id, d)
			if err != nil {
				t.Fatal(err)
			}
			return spoken(letter.Package)
		}
		if !strings.Contains(read(), careNote) {
			t.Fatal("the guardian does not read what was disclosed")
		}
		w := casework.Withholding{Role: access.RoleGuardian, Decided: text("The child"), Why: text("She asked for it.")}
		if err := o.cases.WithholdPart(ctx, o.worker, command(), id, access.RecordPart("care_notes"), w); err != nil {
			t.Fatal(err)
		}
		if got := read(); strings.Contains(got, careNote) || !strings.Contains(got, childName) {
			t.Errorf("then the guardian reads %q", got)
		}
		preview, err := o.circle.Preview(ctx, o.worker, id, n)
		if err != nil || strings.Contains(spoken(preview.Package), careNote) {
			t.Errorf("it would be copied again: %v", err)
		}
	})
}
