package oversight_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/oversight"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

var ctx = context.Background()

// office is an office with its oversight: who works there, who is above whom, and one
// case with a number.
type office struct {
	*accesstest.Office
	room   *oversight.Room
	all    []oversight.Colleague
	above  map[ident.Staff][]ident.Staff
	number ident.CaseNumber
	child  ident.Case
}

func each(t *testing.T, body func(t *testing.T, o *office)) {
	t.Helper()
	accesstest.Each(t, func(t *testing.T, of *accesstest.Office) {
		o := &office{Office: of, above: map[ident.Staff][]ident.Staff{}, number: ident.NewCaseNumber(), child: ident.New[ident.Case]()}
		o.room = oversight.New(of.Gate, of.Pack, of.Ring.Derive("oversight/row"), o, o)
		body(t, o)
	})
}

// Colleagues implements oversight.Staffing.
func (o *office) Colleagues(context.Context) ([]oversight.Colleague, error) { return o.all, nil }

// Above implements oversight.Staffing.
func (o *office) Above(_ context.Context, who ident.Staff) ([]ident.Staff, error) {
	return o.above[who], nil
}

// CaseNumbered implements oversight.Cases.
func (o *office) CaseNumbered(_ context.Context, _ *access.Pass, n ident.CaseNumber) (ident.Case, error) {
	if n == o.number {
		return o.child, nil
	}
	return ident.Case{}, nil
}

// hires gives somebody of a role an account in a unit of the office's agency.
func (o *office) hires(role string, unit ident.Unit) *access.Caller {
	c := o.Person(role, unit)
	o.all = append(o.all, oversight.Colleague{Staff: c.Staff(), Role: role, Unit: unit, Agency: o.Agency})
	return c
}

func command() ident.Command { return ident.New[ident.Command]() }

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// refused fails unless err says no more than of something that does not exist.
func refused(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("%s: got %v, want refused", what, err)
	}
}

func words(s string) sealed.Text { return sealed.NewText(s) }

func filing(about oversight.Target) oversight.Filing {
	return oversight.Filing{
		Target: about, Matter: "slow_help", By: "child", How: "phone", Language: "ar", Safe: "safe", Words: words("Nobody came for ten days."),
	}
}

func colleague(c *access.Caller) oversight.Target {
	return oversight.Target{About: oversight.AboutColleague, Staff: c.Staff()}
}

func (o *office) files(t *testing.T, c *access.Caller, f oversight.Filing) ident.Complaint {
	t.Helper()
	id, err := o.room.File(ctx, c, command(), f)
	ok(t, "file", err)
	return id
}

func (o *office) last(t *testing.T) string {
	t.Helper()
	entries := o.Entries(t)
	h := entries[len(entries)-1]
	return h.What + " " + h.Outcome + " " + h.Reason
}

// TestAComplaintFromFilingToAnswer: it is filed for a child, acknowledged, looked into,
// answered, and looked at once more.
func TestAComplaintFromFilingToAnswer(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, guardian, ombud := o.hires(access.RoleCaseWorker, o.North), o.hires(access.RoleGuardian, o.South), o.hires(access.RoleOmbudsperson, o.Head)
		f := filing(colleague(worker))
		f.Number = o.number.String()
		form := command()
		id, err := o.room.File(ctx, guardian, form, f)
		ok(t, "file", err)
		if again, err := o.room.File(ctx, guardian, form, f); err != nil || again != id {
			t.Errorf("sent twice: %v, %v, want the first", again, err)
		}
		page, err := o.room.Complaint(ctx, ombud, id)
		ok(t, "open", err)
		answerBy := o.Clock.Now().AddDate(0, 0, 30)
		if page.State != oversight.Received || page.Number != o.number.String() || page.Words[0].Text.Reveal() != "Nobody came for ten days." ||
			!page.AnswerBy.Equal(answerBy) || page.Receipt() != id.Short() {
			t.Errorf("received = %+v", page)
		}
		answer := oversight.Answer{Outcome: "partly", Words: words("You are right that it took too long."), ToldHow: "phone"}
		if err := o.room.Answer(ctx, ombud, command(), id, answer); !fault.Is(err, fault.Conflict) {
			t.Errorf("answered before it was acknowledged: %v", err)
		}
		ok(t, "acknowledge", o.room.Acknowledge(ctx, ombud, command(), id, colleague(worker), words("We have it.")))
		ok(t, "note", o.room.Note(ctx, ombud, command(), id, words("The visit was late.")))
		if mine, err := o.room.MyComplaint(ctx, guardian, id); err != nil || mine.State != oversight.LookedInto || len(mine.Words) != 2 {
			t.Errorf("what the guardian sees = %+v, %v, want no note", mine, err)
		}
		half := answer
		half.Change = words("Visits within two days.")
		if err := o.room.Answer(ctx, ombud, command(), id, half); len(fault.FieldsOf(err)) != 2 {
			t.Errorf("a change by nobody: %v", err)
		}
		half.Unit, half.By = o.North, o.Clock.Now().AddDate(0, 1, 0)
		ok(t, "answer", o.room.Answer(ctx, ombud, command(), id, half))
		mine, err := o.room.MyComplaint(ctx, guardian, id)
		ok(t, "answered", err)
		if mine.Outcome != "partly" || mine.ChangeUnit != o.North || mine.Told.IsZero() || !mine.Reopen || len(mine.Words) != 4 {
			t.Errorf("answered = %+v", mine)
		}
		refused(t, "reopened by somebody else", o.room.Reopen(ctx, worker, command(), id, words("No.")))
		ok(t, "reopen", o.room.Reopen(ctx, guardian, command(), id, words("It is still so.")))
		ok(t, "acknowledge again", o.room.Acknowledge(ctx, ombud, command(), id, colleague(worker), words("We look again.")))
		ok(t, "answer again", o.room.Answer(ctx, ombud, command(), id, oversight.Answer{Outcome: "upheld", Words: words("Yes.")}))
		if err := o.room.Reopen(ctx, guardian, command(), id, words("Again.")); !fault.Is(err, fault.Conflict) {
			t.Errorf("reopened twice: %v", err)
		}
		ok(t, "tell", o.room.Tell(ctx, ombud, command(), id, "letter"))
		if list, err := o.room.Mine(ctx, guardian); err != nil || len(list) != 1 || list[0].Told.IsZero() || list[0].Late(o.Clock.Now()) {
			t.Errorf("mine = %+v, %v", list, err)
		}
	})
}

// TestTheChainHasNoPart: neither whoever it is about, nor who stands above them, nor who
// stands in for one of those looks into a complaint, whatever their role.
func TestTheChainHasNoPart(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		one, other, boss := o.hires(access.RoleOmbudsperson, o.Head), o.hires(access.RoleOmbudsperson, o.North), o.hires(access.RoleSupervisor, o.Head)
		auditor, worker := o.hires(access.RoleAuditor, o.Head), o.hires(access.RoleCaseWorker, o.North)
		o.above[one.Staff()] = []ident.Staff{boss.Staff()}
		id := o.files(t, worker, filing(colleague(one)))
		deputy := o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleOmbudsperson, Unit: o.Head, DeputyFor: []ident.Staff{one.Staff(), other.Staff()}})
		for name, c := range map[string]*access.Caller{
			"whom it is about": one, "who is above": boss, "their deputy": deputy, "an auditor, where an ombudsperson can": auditor, "who filed it": worker,
		} {
			_, err := o.room.Complaint(ctx, c, id)
			refused(t, name, err)
			refused(t, name+" acknowledges", o.room.Acknowledge(ctx, c, command(), id, colleague(one), words("Mine.")))
			refused(t, name+" answers", o.room.Answer(ctx, c, command(), id, oversight.Answer{Outcome: "not_upheld", Words: words("No.")}))
		}
		if _, err := o.room.Complaint(ctx, one, id); err == nil || o.last(t) != "complaint.open denied floor-own-chain" {
			t.Errorf("the journal says %q", o.last(t))
		}
		if _, err := o.room.Complaint(ctx, auditor, id); err == nil || o.last(t) != "complaint.open denied not-the-handler" {
			t.Errorf("the journal says %q", o.last(t))
		}
		for name, c := range map[string]*access.Caller{"whom it is about": one, "their deputy": deputy, "an auditor": auditor} {
			if list, err := o.room.Complaints(ctx, c); err != nil || len(list) != 0 {
				t.Errorf("%s lists %d, %v", name, len(list), err)
			}
		}
		if list, err := o.room.Complaints(ctx, other); err != nil || len(list) != 1 {
			t.Errorf("the other ombudsperson lists %d, %v", len(list), err)
		}
		system := oversight.Target{About: oversight.AboutSystem}
		ok(t, "the other ombudsperson", o.room.Acknowledge(ctx, other, command(), id, system, words("We have it.")))
		if page, err := o.room.Complaint(ctx, other, id); err != nil || page.Staff != one.Staff() {
			t.Errorf("whoever was named is named no more: %+v, %v", page, err)
		}
		_, err := o.room.Complaint(ctx, one, id)
		refused(t, "whom it is about, after it was acknowledged", err)
		vague := o.files(t, worker, filing(system))
		ok(t, "the other ombudsperson", o.room.Acknowledge(ctx, other, command(), vague, colleague(other), words("It is I who am meant.")))
		_, err = o.room.Complaint(ctx, other, vague)
		refused(t, "whoever is meant", err)
	})
}

// TestNobodyOfTheAgencyWhereAnybodyElseCan: and where nobody can, the page says so.
func TestNobodyOfTheAgencyWhereAnybodyElseCan(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		inside := o.hires(access.RoleOmbudsperson, o.Head)
		worker := o.hires(access.RoleCaseWorker, o.North)
		id := o.files(t, worker, filing(oversight.Target{About: oversight.AboutAgency, Agency: o.Agency}))
		page, err := o.room.Complaint(ctx, inside, id)
		if err != nil || !page.Inside || page.Nobody {
			t.Errorf("within the agency: %+v, %v", page, err)
		}
		outside := o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: access.RoleAuditor, Unit: o.South, Agency: ident.New[ident.Agency](), Sector: "other"})
		o.all = append(o.all, oversight.Colleague{Staff: outside.Staff(), Role: access.RoleAuditor, Unit: o.South, Agency: ident.New[ident.Agency]()})
		_, err = o.room.Complaint(ctx, inside, id)
		refused(t, "within, where an auditor outside can", err)
		if page, err := o.room.Complaint(ctx, outside, id); err != nil || page.Inside {
			t.Errorf("outside: %v", err)
		}
		o.all = slices.DeleteFunc(o.all, func(c oversight.Colleague) bool { return c.Staff != worker.Staff() && c.Staff != inside.Staff() })
		alone := o.files(t, worker, filing(colleague(inside)))
		if page, err := o.room.MyComplaint(ctx, worker, alone); err != nil || !page.Nobody {
			t.Errorf("nobody is left: %+v, %v", page, err)
		}
	})
}

// TestWhoDoesNotOverseeHandlesNothing: every other role files and follows its own.
func TestWhoDoesNotOverseeHandlesNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.hires(access.RoleCaseWorker, o.North)
		o.hires(access.RoleOmbudsperson, o.Head)
		id := o.files(t, worker, filing(oversight.Target{About: oversight.AboutSystem}))
		for _, role := range access.Roles() {
			c := o.Person(role, o.South)
			o.files(t, c, filing(oversight.Target{About: oversight.AboutSystem}))
			_, err := o.room.MyComplaint(ctx, c, id)
			refused(t, role+" reads what somebody else filed", err)
			if role == access.RoleOmbudsperson || role == access.RoleAuditor {
				continue
			}
			_, err = o.room.Complaints(ctx, c)
			refused(t, role+" lists", err)
			_, err = o.room.Inquiries(ctx, c)
			refused(t, role+" lists inquiries", err)
			_, err = o.room.Begin(ctx, c, command(), oversight.Question{About: oversight.AboutAct, Act: "denials", Reason: words("Why?")})
			refused(t, role+" begins an inquiry", err)
			if role != access.RoleSupervisor {
				_, err = o.room.Recommended(ctx, c)
				refused(t, role+" reads recommendations", err)
			}
		}
		_, err := o.room.MyComplaint(ctx, worker, ident.New[ident.Complaint]())
		refused(t, "an unknown one", err)
		if o.last(t) != "complaint.mine denied no-such-complaint" {
			t.Errorf("the journal says %q", o.last(t))
		}
		_, err = o.room.File(ctx, nil, command(), filing(oversight.Target{About: oversight.AboutSystem}))
		refused(t, "nobody files", err)
	})
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, err := o.room.File(ctx, o.hires(access.RoleGuardian, o.North), command(), oversight.Filing{Target: oversight.Target{About: oversight.AboutColleague}, Number: "7KQM"})
		var fields []string
		for _, f := range fault.FieldsOf(err) {
			fields = append(fields, f.Name)
		}
		want := "complaint_staff complaint_matter complaint_by received_how complaint_language complaint_safe complaint_words number"
		if got := strings.Join(fields, " "); got != want {
			t.Errorf("refused fields = %q, want %q", got, want)
		}
	})
}

// TestLateIsSeen: first until it is acknowledged, then until it is answered.
func TestLateIsSeen(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, auditor := o.hires(access.RoleCaseWorker, o.North), o.hires(access.RoleAuditor, o.Head)
		id := o.files(t, worker, filing(oversight.Target{About: oversight.AboutSystem}))
		late := func() bool {
			t.Helper()
			list, err := o.room.Complaints(ctx, auditor)
			if err != nil || len(list) != 1 {
				t.Fatalf("list: %d, %v", len(list), err)
			}
			return list[0].Late(o.Clock.Now())
		}
		o.Clock.Advance(6 * 24 * time.Hour) // five working days take seven
		if late() {
			t.Error("late after four working days")
		}
		o.Clock.Advance(2 * 24 * time.Hour)
		if !late() {
			t.Error("not late after more than five working days")
		}
		ok(t, "acknowledge", o.room.Acknowledge(ctx, auditor, command(), id, oversight.Target{About: oversight.AboutSystem}, words("We have it.")))
		if late() {
			t.Error("late though it was acknowledged")
		}
		o.Clock.Advance(23 * 24 * time.Hour)
		if !late() {
			t.Error("not late after the time for the answer")
		}
	})
}

func (o *office) inquires(t *testing.T, c *access.Caller, q oversight.Question) ident.Inquiry {
	t.Helper()
	id, err := o.room.Begin(ctx, c, command(), q)
	ok(t, "begin", err)
	return id
}

// TestAnInquiryMarksFindsAndRecommends: a unit answers, and the inquiry changes nothing
// but itself.
func TestAnInquiryMarksFindsAndRecommends(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		auditor, boss, far := o.hires(access.RoleAuditor, o.Head), o.hires(access.RoleSupervisor, o.North), o.hires(access.RoleSupervisor, o.South)
		id := o.inquires(t, auditor, oversight.Question{About: oversight.AboutCase, Number: o.number.String(), Reason: words("Why did ten people look?")})
		entry := o.Entries(t)[0].EntryID()
		ok(t, "mark", o.room.Mark(ctx, auditor, command(), id, entry, words("At night.")))
		refused(t, "an entry that is not there", o.room.Mark(ctx, auditor, command(), id, ident.New[ident.Entry](), words("?")))
		ok(t, "find", o.room.Find(ctx, auditor, command(), id, words("Seven had no need.")))
		due := o.Clock.Now().AddDate(0, 1, 0)
		if err := o.room.Recommend(ctx, auditor, command(), id, o.Head, due, words("Look less.")); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("to a unit that nobody leads: %v", err)
		}
		ok(t, "recommend", o.room.Recommend(ctx, auditor, command(), id, o.North, due, words("Look less.")))
		if list, err := o.room.Recommended(ctx, far); err != nil || len(list) != 0 {
			t.Errorf("another unit reads %d, %v", len(list), err)
		}
		list, err := o.room.Recommended(ctx, boss)
		if err != nil || len(list) != 1 || list[0].Words[0].Text.Reveal() != "Look less." {
			t.Fatalf("the unit reads %+v, %v", list, err)
		}
		m := list[0]
		refused(t, "another unit replies", o.room.Reply(ctx, far, command(), m.ID, oversight.Done, words("Done.")))
		refused(t, "the auditor replies", o.room.Reply(ctx, auditor, command(), m.ID, oversight.Done, words("Done.")))
		if err := o.room.Reply(ctx, boss, command(), m.ID, oversight.Refused, sealed.Text{}); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("refused without a reason: %v", err)
		}
		ok(t, "accept", o.room.Reply(ctx, boss, command(), m.ID, oversight.Accepted, sealed.Text{}))
		ok(t, "close", o.room.Close(ctx, auditor, command(), id))
		if err := o.room.Find(ctx, auditor, command(), id, words("More.")); !fault.Is(err, fault.Conflict) {
			t.Errorf("written after the end: %v", err)
		}
		ok(t, "done", o.room.Reply(ctx, boss, command(), m.ID, oversight.Done, words("Everybody was told.")))
		page, err := o.room.Inquiry(ctx, auditor, id)
		ok(t, "read", err)
		if page.Case != o.child || page.Closed.IsZero() || len(page.Words) != 3 || page.Words[1].Entry == nil || page.Words[1].Entry.Header.EntryID() != entry ||
			len(page.Recommendations) != 1 || page.Recommendations[0].State != oversight.Done || len(page.Recommendations[0].Words) != 3 {
			t.Errorf("inquiry = %+v", page)
		}
		_, err = o.room.Inquiry(ctx, boss, id)
		refused(t, "the supervisor reads the inquiry", err)
	})
}

// TestWhoIsNamedDoesNotSeeTheInquiry: nor open one about themselves.
func TestWhoIsNamedDoesNotSeeTheInquiry(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		auditor, ombud := o.hires(access.RoleAuditor, o.Head), o.hires(access.RoleOmbudsperson, o.Head)
		q := oversight.Question{About: oversight.AboutStaff, Staff: auditor.Staff(), Reason: words("Many exports.")}
		id := o.inquires(t, ombud, q)
		if list, err := o.room.Inquiries(ctx, auditor); err != nil || len(list) != 0 {
			t.Errorf("who is named lists %d, %v", len(list), err)
		}
		_, err := o.room.Inquiry(ctx, auditor, id)
		refused(t, "who is named", err)
		refused(t, "who is named writes", o.room.Find(ctx, auditor, command(), id, words("Nothing.")))
		refused(t, "who is named closes", o.room.Close(ctx, auditor, command(), id))
		_, err = o.room.Begin(ctx, auditor, command(), q)
		refused(t, "about oneself", err)
	})
}

// TestWordsGoWithTheCaseAndWithTime: codes and days stay.
func TestWordsGoWithTheCaseAndWithTime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, auditor := o.hires(access.RoleCaseWorker, o.North), o.hires(access.RoleAuditor, o.Head)
		system := oversight.Target{About: oversight.AboutSystem}
		f := filing(system)
		f.Number = o.number.String()
		about, other := o.files(t, worker, f), o.files(t, worker, filing(system))
		for _, id := range []ident.Complaint{about, other} {
			ok(t, "acknowledge", o.room.Acknowledge(ctx, auditor, command(), id, system, words("We have it.")))
		}
		inquiry := o.inquires(t, auditor, oversight.Question{About: oversight.AboutCase, Number: o.number.String(), Reason: words("Why?")})
		ok(t, "find", o.room.Find(ctx, auditor, command(), inquiry, words("So.")))
		ok(t, "erase", o.DB.Write(ctx, func(tx *store.Tx) error { return oversight.EraseRows(ctx, tx, nil, o.child) }))
		page, err := o.room.Complaint(ctx, auditor, about)
		if err != nil || !page.Erased || page.Number != "" || len(page.Words) != 0 || page.Matter != "slow_help" {
			t.Errorf("about the erased case: %+v, %v", page, err)
		}
		if page, err := o.room.Inquiry(ctx, auditor, inquiry); err != nil || len(page.Words) != 0 || page.Number != "" || !page.Case.IsZero() {
			t.Errorf("inquiry about the erased case: %+v, %v", page, err)
		}
		ok(t, "answer without words of the case", o.room.Answer(ctx, auditor, command(), about, oversight.Answer{Outcome: "withdrawn", Words: words("It is gone.")}))
		ok(t, "answer", o.room.Answer(ctx, auditor, command(), other, oversight.Answer{Outcome: "upheld", Words: words("Yes.")}))
		if n, err := o.room.Expire(ctx); n != 0 || err != nil {
			t.Errorf("too early: %d, %v", n, err)
		}
		o.Clock.Set(o.Clock.Now().AddDate(3, 1, 0))
		if n, err := o.room.Expire(ctx); n != 4 || err != nil {
			t.Errorf("in time: %d, %v, want the four texts that are left", n, err)
		}
		auditor = o.As(access.Signed{Staff: auditor.Staff(), Role: access.RoleAuditor, Unit: o.Head})
		if page, err := o.room.Complaint(ctx, auditor, other); err != nil || !page.Erased || page.Outcome != "upheld" {
			t.Errorf("after its time: %+v, %v", page, err)
		}
	})
}

// TestRowsAreVouchedForAndSealedAnew: an edited row is refused; another epoch key changes
// nothing.
func TestRowsAreVouchedForAndSealedAnew(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.hires(access.RoleCaseWorker, o.North)
		o.hires(access.RoleAuditor, o.Head)
		id := o.files(t, worker, filing(oversight.Target{About: oversight.AboutSystem}))
		ok(t, "rotate", o.DB.Write(ctx, func(tx *store.Tx) error { _, err := o.Custody.RotateEpoch(ctx, tx); return err }))
		mark := []byte{0, 0, 0, 2}
		for _, want := range []int{1, 0} {
			if n, err := o.room.Reseal(ctx, mark); err != nil || n != want {
				t.Errorf("sealed anew: got %d, %v, want %d", n, err, want)
			}
		}
		_, err := o.room.MyComplaint(ctx, worker, id)
		ok(t, "after another key", err)
		ok(t, "edit", o.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE oversight_complaint SET matter = 'other' WHERE id = $1", id)
			return err
		}))
		if _, err := o.room.MyComplaint(ctx, worker, id); fault.CodeOf(err) != "record-altered" {
			t.Errorf("an edited row: %v", err)
		}
	})
}
