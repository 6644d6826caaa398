package referral_test

import (
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// invite takes somebody into the circle and returns their place in it.
func (o *village) invite(t testing.TB, id ident.Case, n referral.NewMember) referral.MemberID {
	t.Helper()
	if err := o.circle.Invite(ctx, o.worker, command(), id, n); err != nil {
		t.Fatal(err)
	}
	page, err := o.circle.Page(ctx, o.worker, id)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(page.Members, func(m referral.Member) bool { return m.Staff == n.Staff && m.Open() })
	if i < 0 {
		t.Fatal("invited, and not in the circle")
	}
	return page.Members[i].ID
}

func guardianOf(c *access.Caller) referral.NewMember {
	return referral.NewMember{Staff: c.Staff(), Role: "guardian", Conflict: "none", Wanted: "wanted"}
}

func TestTheCircle(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		asked := guardianOf(o.guardian)
		asked.Conflict = ""
		wants(t, "a guardian not asked", o.circle.Invite(ctx, o.worker, command(), id, asked), "circle_conflict: required")
		asked.Conflict = "declared"
		wants(t, "a conflict not told", o.circle.Invite(ctx, o.worker, command(), id, asked), "circle_against: required")
		place := o.invite(t, id, guardianOf(o.guardian))
		wants(t, "invited twice", o.circle.Invite(ctx, o.worker, command(), id, guardianOf(o.guardian)), "circle_member: in-the-circle")
		if err := o.circle.Invite(ctx, o.guardian, command(), id, guardianOf(o.police)); !fault.Is(err, fault.NotFound) {
			t.Errorf("a member invited: %v", err)
		}
		list, err := o.circle.Mine(ctx, o.guardian)
		if err != nil || len(list.Children) != 1 || list.Children[0].Case.ID != id || !slices.Equal(list.Children[0].Roles, []string{"guardian"}) {
			t.Fatalf("the guardian's children: %+v, %v", list, err)
		}
		if list, err := o.circle.Mine(ctx, o.police); err != nil || len(list.Children) != 0 {
			t.Errorf("a stranger's children: %+v, %v", list, err)
		}
		d := o.disclose(t, id, to(o.guardian, "age"))
		part, err := o.circle.Part(ctx, o.guardian, id)
		if err != nil || len(part.Disclosures) != 1 || !part.Disclosures[0].Norm.IsZero() || !part.MayReport {
			t.Fatalf("the guardian's part: %+v, %v", part, err)
		}
		wants(t, "wish", o.circle.Wish(ctx, o.worker, command(), id, place, "not_wanted", text("I do not want him.")), "")
		page, err := o.circle.Page(ctx, o.worker, id)
		if err != nil || page.Member(place).Wanted != "not_wanted" || page.Given(d) == nil {
			t.Fatalf("the page: %+v, %v", page, err)
		}
		wants(t, "remove", o.circle.Remove(ctx, o.worker, command(), id, place, text("the child does not want it")), "")
		if _, err := o.circle.Part(ctx, o.guardian, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of the circle, and sees a part: %v", err)
		}
		if _, err := o.circle.Read(ctx, o.guardian, id, d); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of the circle, and reads: %v", err)
		}
		if list, err := o.circle.Mine(ctx, o.again(o.guardian)); err != nil || len(list.Children) != 0 {
			t.Errorf("out of the circle, and lists: %+v, %v", list, err)
		}
		o.invite(t, id, guardianOf(o.guardian)) // and back
		o.reconcile(t)
	})
}

func TestAReportComesBack(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		if err := o.circle.Report(ctx, o.guardian, command(), id, text("x")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger reported: %v", err)
		}
		o.invite(t, id, guardianOf(o.guardian))
		wants(t, "nothing", o.circle.Report(ctx, o.guardian, command(), id, sealed.Text{}), "circle_report: required")
		wants(t, "report", o.circle.Report(ctx, o.guardian, command(), id, text("School starts on Monday.")), "")
		child, err := o.cases.Open(ctx, o.worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if e := child.Events[0]; e.Kind != casework.KindReportedBack || e.Author != o.guardian.Staff() || e.Text.Reveal() != "School starts on Monday." {
			t.Errorf("newest event: %s by %v", e.Kind, e.Author)
		}
		other := o.person(access.RoleLawyer, "legal_aid")
		o.invite(t, id, referral.NewMember{Staff: other.Staff(), Role: "lawyer"})
		if part, err := o.circle.Part(ctx, other, id); err != nil || len(part.Reports) != 0 {
			t.Errorf("the lawyer reads what the guardian reported: %+v, %v", part, err)
		}
		if part, err := o.circle.Part(ctx, o.guardian, id); err != nil || len(part.Reports) != 1 {
			t.Errorf("the guardian's own report: %+v, %v", part, err)
		}
	})
}

// Of a conference, somebody of the circle sees what it was about and what they do.
func TestAMemberSeesTheirPartOfAConference(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		o.invite(t, id, guardianOf(o.guardian))
		other := o.person(access.RoleLawyer, "legal_aid")
		o.invite(t, id, referral.NewMember{Staff: other.Staff(), Role: "lawyer"})
		day, err := sealed.ParseDate("2026-03-01")
		if err != nil {
			t.Fatal(err)
		}
		guardian := o.guardian.Staff()
		held := casework.Held{
			Conference: casework.Conference{
				Day: day, TookPart: "asked", View: text("MARKERVIEW"),
				Attended: []casework.Attendee{{Staff: guardian[:], Sector: "guardian"}, {Name: text("Nadia"), Sector: "health"}},
				Points: []casework.Point{
					{Topic: text("School"), Said: text("MARKERSAID"), Decision: text("Enrol on Monday")},
					{Topic: text("Safety"), Decision: text("MARKERDECIDED")},
				},
			},
			Tasks: make([]*casework.Task, 2),
		}
		lawyer := other.Staff()
		held.Agreed = []casework.Agreed{{Point: 0, Staff: lawyer[:]}}
		wants(t, "an action of somebody who was not there", o.cases.Confer(ctx, o.worker, command(), id, held), "agreed_who_0: not-asked-to-it")
		held.Agreed = []casework.Agreed{{Point: 0, Staff: guardian[:]}}
		wants(t, "confer", o.cases.Confer(ctx, o.worker, command(), id, held), "")
		part, err := o.circle.Part(ctx, o.guardian, id)
		if err != nil || len(part.Meetings) != 1 {
			t.Fatalf("the guardian's conferences: %+v, %v", part, err)
		}
		m := part.Meetings[0]
		if len(m.Topics) != 2 || len(m.Agreed) != 1 || m.Agreed[0].Reveal() != "Enrol on Monday" {
			t.Errorf("it shows %d topics and %d actions", len(m.Topics), len(m.Agreed))
		}
		if part, err := o.circle.Part(ctx, other, id); err != nil || len(part.Meetings) != 0 {
			t.Errorf("the lawyer, who was not asked to it: %+v, %v", part, err)
		}
	})
}

func question(number string) referral.Question {
	return referral.Question{Number: number, Purpose: "justice", RequestBody: referral.RequestBody{Law: text("Criminal code, article 12"), Want: text("Age, for the charge.")}}
}

func TestPoliceAskAndAreAnswered(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		child, err := o.cases.Open(ctx, o.worker, id)
		if err != nil {
			t.Fatal(err)
		}
		number := child.Case.Number.String()
		wants(t, "without a law", o.circle.Ask(ctx, o.police, command(), referral.Question{Number: number, Purpose: "justice"}), "ask_law: required")
		if err := o.circle.Ask(ctx, o.guardian, command(), question(number)); !fault.Is(err, fault.NotFound) {
			t.Errorf("the guardian asked: %v", err)
		}
		wants(t, "ask", o.circle.Ask(ctx, o.police, command(), question(number)), "")
		wants(t, "ask again", o.circle.Ask(ctx, o.police, command(), question(number)), "")
		unknown := ident.NewCaseNumber().String()
		wants(t, "ask of no case", o.circle.Ask(ctx, o.police, command(), question(unknown)), "")
		if list, err := o.circle.Mine(ctx, o.police); err != nil || len(list.Answers) != 0 {
			t.Errorf("before anybody decided: %+v, %v", list, err)
		}
		page, err := o.circle.Page(ctx, o.worker, id)
		if err != nil || len(page.Requests) != 2 || !page.Requests[0].Waits() || page.Requests[0].Law.IsZero() {
			t.Fatalf("what was asked: %+v, %v", page, err)
		}
		one, two := page.Requests[0].ID, page.Requests[1].ID
		wants(t, "refused without a reason", o.circle.Refuse(ctx, o.worker, command(), id, one, "", text("x")), "circle_refusal: required")
		if err := o.circle.Refuse(ctx, o.police, command(), id, one, "safety", text("x")); !fault.Is(err, fault.NotFound) {
			t.Errorf("the asker decided: %v", err)
		}
		wants(t, "refuse", o.circle.Refuse(ctx, o.worker, command(), id, one, "too_much", text("Age is enough.")), "")
		wants(t, "refuse again", o.circle.Refuse(ctx, o.worker, command(), id, one, "safety", text("x")), "decided-already")
		n := to(o.police, "age")
		n.Request, n.Purpose = two, "justice"
		d := o.disclose(t, id, n)
		if letter, err := o.circle.Read(ctx, o.police, id, d); err != nil || letter.Request != two {
			t.Errorf("the answer: %+v, %v", letter, err)
		}
		list, err := o.circle.Mine(ctx, o.police)
		if err != nil || len(list.Answers) != 2 || len(list.Children) != 1 {
			t.Fatalf("after both were decided: %+v, %v", list, err)
		}
		refused := slices.IndexFunc(list.Answers, func(a referral.Reply) bool { return a.Refused() })
		if refused < 0 || list.Answers[refused].Reason != "too_much" || list.Answers[refused].Number.String() != number {
			t.Errorf("the refusal: %+v", list.Answers)
		}
		o.reconcile(t)
	})
}

// A case that is withheld from who asks answers like one that is not there.
func TestAskingTellsNothing(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		child, err := o.cases.Open(ctx, o.worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.cases.Withhold(ctx, o.worker, command(), id, o.police.Staff(), text("kin of a suspect")); err != nil {
			t.Fatal(err)
		}
		wants(t, "ask", o.circle.Ask(ctx, o.police, command(), question(child.Case.Number.String())), "")
		if page, err := o.circle.Page(ctx, o.worker, id); err != nil || len(page.Requests) != 0 {
			t.Errorf("it was written down: %+v, %v", page, err)
		}
	})
}

// When a case is erased, nothing of its circle is left.
func TestTheCircleIsErasedWithTheCase(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		child, err := o.cases.Open(ctx, o.worker, id)
		if err != nil {
			t.Fatal(err)
		}
		o.invite(t, id, guardianOf(o.guardian))
		d := o.disclose(t, id, to(o.guardian, "age"))
		if err := o.circle.Recall(ctx, o.worker, command(), id, d, text("over")); err != nil {
			t.Fatal(err)
		}
		if err := o.circle.Ask(ctx, o.police, command(), question(child.Case.Number.String())); err != nil {
			t.Fatal(err)
		}
		left := map[string]string{
			"referral_disclosure": `SELECT COUNT(*) FROM referral_disclosure WHERE case_id = $1`, "referral_mark": `SELECT COUNT(*) FROM referral_mark WHERE case_id = $1`,
			"referral_member": `SELECT COUNT(*) FROM referral_member WHERE case_id = $1`, "referral_request": `SELECT COUNT(*) FROM referral_request WHERE case_id = $1`,
		}
		for _, table := range referral.CircleTables() {
			if n := o.count(t, left[table], id); n == 0 {
				t.Errorf("%s holds nothing before", table)
			}
		}
		err = o.DB.Write(ctx, func(tx *store.Tx) error { return referral.EraseCircle(ctx, tx, nil, id) })
		if err != nil {
			t.Fatal(err)
		}
		for table, query := range left {
			if n := o.count(t, query, id); n != 0 {
				t.Errorf("%s: %d rows are left", table, n)
			}
		}
	})
}

// count counts rows.
func (o *village) count(t testing.TB, query string, id ident.Case) (n int) {
	t.Helper()
	if err := o.DB.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, id).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// A group is invited one by one: who may not be is named, and the others are in.
func TestAGroupIsInvitedOneByOne(t *testing.T) {
	eachVillage(t, func(t *testing.T, o *village) {
		id := o.child(t)
		lawyer, kin, other := o.person(access.RoleLawyer, "legal_aid"), o.person(access.RoleProvider, "health"), o.person(access.RoleProvider, "school")
		if err := o.cases.Withhold(ctx, o.worker, command(), id, kin.Staff(), text("kin")); err != nil {
			t.Fatal(err)
		}
		all := []ident.Staff{lawyer.Staff(), kin.Staff(), other.Staff(), ident.New[ident.Staff]()}
		_, err := o.circle.InviteGroup(ctx, o.worker, command(), id, all, referral.NewMember{Role: "guardian"})
		wants(t, "guardians at once", err, "circle_role: one-by-one")
		if _, err := o.circle.InviteGroup(ctx, o.police, command(), id, all, referral.NewMember{Role: "lawyer"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("invited by a stranger: %v", err)
		}
		cmd := command()
		for range 2 { // the same form twice invites once
			out, err := o.circle.InviteGroup(ctx, o.worker, cmd, id, all, referral.NewMember{Role: "lawyer"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, one := range out {
				got = append(got, one.Fault)
			}
			if want := []string{"", "withheld-from", "", "required"}; !slices.Equal(got, want) {
				t.Errorf("faults = %q, want %q", got, want)
			}
		}
		page, err := o.circle.Page(ctx, o.worker, id)
		if err != nil || len(page.Members) != 2 {
			t.Errorf("in the circle: %d, %v, want 2", len(page.Members), err)
		}
		o.reconcile(t)
	})
}
