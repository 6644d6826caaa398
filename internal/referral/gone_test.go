package referral_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// acrossEach runs a test with one of the two countries on each engine at hand.
func acrossEach(t *testing.T, body func(t *testing.T, a, b *country)) {
	t.Helper()
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		a, b := across(t, o, accesstest.New(t))
		body(t, a, b)
	})
}

// erases closes a case as a mistake and erases it, with the two people that it takes.
func (n *country) erases(t *testing.T, worker *access.Caller, of ident.Case) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	boss, auditor := n.Person(access.RoleSupervisor, worker.Unit()), n.Person(access.RoleAuditor, n.Head)
	must(n.cases.Close(ctx, n.again(worker), command(), of, casework.Closing{Decision: casework.Decision{To: "error"}}))
	must(n.cases.AskErasure(ctx, n.again(worker), command(), of, casework.Wish{Ground: "error", By: "child", Why: sealed.NewText("Twice.")}))
	page, err := n.cases.Keeping(ctx, n.again(worker), of)
	must(err)
	wish := page.Erasures[0].ID
	must(n.cases.AgreeErasure(ctx, n.again(boss), command(), of, wish, sealed.Text{}))
	must(n.post(n.cases.ConfirmErasure(ctx, n.again(auditor), command(), of, wish)))
}

func (n *country) told(t *testing.T) []referral.Gone {
	t.Helper()
	out, err := n.room.Gone(ctx, n.Person(access.RoleAuditor, n.Head))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestErasureIsToldAcrossTheBorder: whoever got a child's record is asked to destroy it when
// the case is erased, and its answer is shown where no case is left.
func TestErasureIsToldAcrossTheBorder(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		here, there := offered(t, a, b, a.letterTo("referral"))
		there.does(t, b.taker, handover.Accept, handover.Start)
		b.protects(t, b.taker, there.of, "no_need", "clear")
		there.does(t, b.taker, handover.Complete)
		here.does(t, a.amal, handover.Confirm)
		a.erases(t, a.amal, here.of)
		if got := a.told(t); len(got) != 1 || !got[0].Asked || got[0].Untold || got[0].Outcome != "" || got[0].Name != "Office of XC" {
			t.Fatalf("after the erasure: %+v", got)
		}
		carry(t, a, b)
		v := there.view(t, b.taker)
		if v.Abroad.Recall != "retention" || v.Abroad.Outcome != "" {
			t.Fatalf("the other office is asked: %+v", v.Abroad)
		}
		err := b.post(b.room.AnswerRecall(ctx, b.again(b.taker), command(), there.of, there.id, "retained", sealed.NewText("A court asks for it."), "en"))
		if err != nil {
			t.Fatal(err)
		}
		carry(t, a, b)
		got := a.told(t)
		if len(got) != 1 || got[0].Outcome != "retained" || got[0].Answered.IsZero() {
			t.Errorf("its answer: %+v", got)
		}
		if last := a.opened[len(a.opened)-1]; last.Refused != "" {
			t.Errorf("its answer was refused as %s", last.Refused)
		}

		// The other side erases it too: there is nobody to tell it to, and no harm in trying.
		b.erases(t, b.taker, there.of)
		carry(t, a, b)
		if got := b.told(t); len(got) != 1 || got[0].Asked || got[0].Outcome != "" {
			t.Errorf("the receiver's erasure: %+v", got)
		}
		for _, n := range []*country{a, b} {
			for _, c := range []string{access.RoleProvider, access.RoleNodeOperator} {
				if _, err := n.room.Gone(ctx, n.Person(c, n.Head)); err == nil {
					t.Errorf("a %s reads whom an erasure was told", c)
				}
			}
		}
	})
}

// TestReceiverTellsOfItsErasure: who sent a child's record learns that it is destroyed, on
// the child's timeline; a command that comes later has its answer.
func TestReceiverTellsOfItsErasure(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		here, there := offered(t, a, b, a.letterTo("referral"))
		there.does(t, b.taker, handover.Accept, handover.Start)
		b.erases(t, b.taker, there.of)
		carry(t, a, b)
		v := here.view(t, a.amal)
		last := v.Steps[len(v.Steps)-1]
		if last.Event != referral.Kept || last.Code != "erased" {
			t.Errorf("the sender reads %s %s", last.Event, last.Code)
		}
		here.does(t, a.amal, handover.Withdraw)
		if v := here.view(t, a.amal); v.Abroad.Asked != "" {
			t.Error("a command that came later was not answered")
		}
		a.sound(t)
	})
}
