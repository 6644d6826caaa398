package referral_test

import (
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// TestReferralAbroad: a card of codes until it is accepted, then what was sent, then an
// ordinary case, and everything on both timelines.
func TestReferralAbroad(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))

	card := there.view(t, b.taker)
	if card.Payload == nil || card.Payload.Package != nil || card.Show != nil || card.Payload.Card.AgeBand != "12-14" && card.Payload.Card.AgeBand != "15-17" {
		t.Fatalf("the card shows %+v", card.Payload)
	}
	if _, err := b.cases.Open(ctx, b.again(b.taker), there.of); err == nil {
		t.Error("the case was opened before anybody accepted")
	}
	if v := here.view(t, a.amal); v.State != handover.Offered || v.Abroad.Asked != "" || v.Steps[len(v.Steps)-1].Event != referral.Stored {
		t.Errorf("the sender does not see that it arrived: %+v", v.Abroad)
	}

	there.does(t, b.taker, handover.AskInfo)
	if v := here.view(t, a.amal); v.State != handover.NeedsInfo || v.Steps[len(v.Steps)-1].Language != "fr" {
		t.Errorf("a question: %s", v.State)
	}
	here.does(t, a.amal, handover.Info)
	there.does(t, b.taker, handover.Accept)
	open := there.view(t, b.taker)
	if reason(open.Payload) != "Needs a safe bed." || open.Show == nil || open.Payload.Package.View.Words.Text != "I want to go." {
		t.Fatalf("after acceptance: %+v", open.Payload)
	}
	there.does(t, b.taker, handover.Start)
	child, err := b.cases.Open(ctx, b.again(b.taker), there.of)
	if err != nil {
		t.Fatal(err)
	}
	if got := child.Person.Details.Names[0].Text.Reveal(); got != name || child.Case.Stage != "registered" {
		t.Errorf("the child is called %q at stage %s", got, child.Case.Stage)
	}
	// Nobody knows where she comes from: what this side found out goes nowhere unchecked.
	if err := b.steps(b.taker, there.of, there.id, handover.Complete); fault.CodeOf(err) != "protection-first" {
		t.Errorf("words about a child whom this side knows left without a check: %v", err)
	}
	b.protects(t, b.taker, there.of, "no_need", "clear")
	there.does(t, b.taker, handover.Complete)
	here.does(t, a.amal, handover.Confirm)
	if v := here.view(t, a.amal); v.State != handover.Closed || v.Outcome != "met" {
		t.Errorf("it ended as %s %s", v.State, v.Outcome)
	}
	for _, side := range []*country{a, b} {
		side.sound(t)
	}
	if n := b.number(t, `SELECT COUNT(*) FROM casework_event WHERE case_id = $1 AND kind = 'referral'`, there.of); n < 6 {
		t.Errorf("the receiver's timeline has %d steps", n)
	}
}

// TestTransferAbroad: the sender answers for the child until it holds the status that says
// that the receiver assumed.
func TestTransferAbroad(t *testing.T) {
	a, b := countries(t)
	of := a.child(t)
	a.checked(t, of)
	_, err := a.sends(of, a.letterTo("transfer"))
	if fault.CodeOf(err) != "gate-needs" {
		t.Fatalf("a transfer without a basis: %v", err)
	}
	a.decided(t, of)
	id, err := a.sends(of, a.letterTo("transfer"))
	if err != nil {
		t.Fatal(err)
	}
	if len(a.posted) != 0 {
		t.Fatal("a transfer left before the second person")
	}
	if err := a.agrees(of, id); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	here, there := end{a, of, id}, b.came(t)
	there.does(t, b.taker, handover.Accept)
	here.does(t, a.amal, handover.Release)
	if err := a.post(a.room.Note(ctx, a.again(a.amal), command(), of, id, referral.Told{Step: payload.Travelling, At: a.Clock.Now()})); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)

	// The receiver assumed; the sender has not heard of it.
	if err := b.post(b.room.Note(ctx, b.again(b.taker), command(), there.of, there.id, referral.Told{Step: payload.Arrived})); err != nil {
		t.Fatal(err)
	}
	if err := b.steps(b.taker, there.of, there.id, handover.Assume); err != nil {
		t.Fatal(err)
	}
	if v := here.view(t, a.amal); v.Responsible() != handover.Sender {
		t.Error("the sender stopped answering for the child before it knew that somebody else does")
	}
	if v := there.view(t, b.taker); v.Responsible() != handover.Receiver {
		t.Error("the receiver does not answer for a child it assumed")
	}
	carry(t, a, b)
	v := here.view(t, a.amal)
	if v.Responsible() != handover.Receiver || v.Abroad.Arrived.IsZero() {
		t.Errorf("after the status the sender: %s, arrived %s", v.Responsible(), v.Abroad.Arrived)
	}
	if _, err := b.cases.Open(ctx, b.again(b.taker), there.of); err != nil {
		t.Errorf("the case at the receiver: %v", err)
	}
	for _, month := range []int{1, 3, 6} {
		n := referral.Told{Month: month, Code: "well", Text: sealed.NewText("Elle va à l’école."), Language: "fr"}
		b.protects(t, b.taker, there.of, "no_need", "clear")
		if err := b.post(b.room.Note(ctx, b.again(b.taker), command(), there.of, there.id, n)); err != nil {
			t.Fatal(err)
		}
	}
	carry(t, a, b)
	reports := 0
	for _, s := range here.view(t, a.amal).Steps {
		if s.Event == referral.Reported && s.Language == "fr" {
			reports++
		}
	}
	if reports != 3 {
		t.Errorf("the sender holds %d reports of how the child is", reports)
	}
	a.sound(t)
	b.sound(t)
}

// TestNobodyAssumesWhatWasNotReleased: an office that says it took a child over whom the
// sender has not released is not believed; the sender goes on answering for the child.
func TestNobodyAssumesWhatWasNotReleased(t *testing.T) {
	a, b := countries(t)
	of := a.child(t)
	a.checked(t, of)
	a.decided(t, of)
	id, err := a.sends(of, a.letterTo("transfer"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.agrees(of, id); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	here, there := end{a, of, id}, b.came(t)
	there.does(t, b.taker, handover.Accept)
	v := here.view(t, a.amal)
	said := payload.New()
	said.Status = &payload.Status{
		Revision: v.Abroad.Revision + 1, State: string(handover.Active), Cause: string(handover.Assume), Accepted: true, Assumed: true, Contact: "focal-point",
	}
	wire, err := payload.Encode(payload.SchemaStatus, said)
	if err != nil {
		t.Fatal(err)
	}
	forged := letter{cx.NewID(b.Clock.Now()), cx.Draft{
		To: a.node, Thread: v.Abroad.Wire, Stream: cx.Status, Type: cx.StatusReport, Schema: payload.SchemaStatus, Payload: wire,
	}}
	if err := a.got(b, forged); err != nil {
		t.Fatal(err)
	}
	after := here.view(t, a.amal)
	if after.State != handover.Accepted || after.Responsible() != handover.Sender || a.opened[len(a.opened)-1].Refused != cx.Unsupported {
		t.Errorf("the sender shows %s, for the child answers the %s, settled as %+v", after.State, after.Responsible(), a.opened[len(a.opened)-1])
	}
	here.does(t, a.amal, handover.Release) // and the honest way is still open
	there.does(t, b.taker, handover.Assume)
	if v := here.view(t, a.amal); v.Responsible() != handover.Receiver {
		t.Errorf("after release and assumption the %s answers", v.Responsible())
	}
	a.sound(t)
}

// TestDeclinedAbroad: what nobody takes on is destroyed, and a late command still has its
// answer. No reason is given where that could endanger anybody.
func TestDeclinedAbroad(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	err := b.post(b.room.MoveAbroad(ctx, b.again(b.taker), command(), there.of, there.id, referral.Answer{
		Event: handover.Decline, Reason: "endanger", Text: sealed.NewText("Her uncle works here."), Language: "en",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if n := b.number(t, `SELECT COUNT(*) FROM keys_subject WHERE subject = $1`, there.of); n != 0 {
		t.Error("the key of a declined case is still there")
	}
	if n := b.number(t, `SELECT COUNT(*) FROM referral_over`); n != 1 {
		t.Errorf("%d threads are known to be over", n)
	}
	// A recall that crosses the refusal is answered by a node that knows nothing any more.
	if err := a.post(a.room.CallBack(ctx, a.again(a.amal), command(), here.of, here.id, "safety")); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	v := here.view(t, a.amal)
	if v.State != handover.Declined || v.Reason != "endanger" || v.Abroad.Outcome != "erased" {
		t.Errorf("the sender sees %s %s, recalled %s", v.State, v.Reason, v.Abroad.Outcome)
	}
	for _, s := range v.Steps {
		if s.Event == handover.Decline && !s.Text.IsZero() {
			t.Error("a refusal without a reason gave one")
		}
	}
}

// TestRecallAbroad: before acceptance it locks by itself; afterwards a person says what
// became of it.
func TestRecallAbroad(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	recall := func(e end) {
		t.Helper()
		if err := a.post(a.room.CallBack(ctx, a.again(a.amal), command(), e.of, e.id, "consent_withdrawn")); err != nil {
			t.Fatal(err)
		}
		carry(t, a, b)
	}
	recall(here)
	if n := b.number(t, `SELECT COUNT(*) FROM keys_subject WHERE subject = $1`, there.of); n != 0 {
		t.Error("what was recalled before anybody accepted is still there")
	}
	if v := here.view(t, a.amal); v.Abroad.Outcome != "erased" {
		t.Errorf("outcome %q", v.Abroad.Outcome)
	}

	here, there = offered(t, a, b, a.letterTo("referral"))
	there.does(t, b.taker, handover.Accept)
	recall(here)
	err := b.post(b.room.AnswerRecall(ctx, b.again(b.taker), command(), there.of, there.id, "erased", sealed.Text{}, ""))
	if err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if v := here.view(t, a.amal); v.Abroad.Outcome != "erased" || v.State != handover.Withdrawn {
		t.Errorf("erased by an officer: %q, %s", v.Abroad.Outcome, v.State)
	}
	if n := b.number(t, `SELECT COUNT(*) FROM keys_subject WHERE subject = $1`, there.of); n != 0 {
		t.Error("what an officer erased is still there")
	}

	here, there = offered(t, a, b, a.letterTo("referral"))
	there.does(t, b.taker, handover.Accept, handover.Start)
	recall(here)
	answer := func(code string) error {
		return b.post(b.room.AnswerRecall(ctx, b.again(b.taker), command(), there.of, there.id, code, sealed.NewText("The court decided on it."), "en"))
	}
	wrong(t, "a case that is worked on said to be erased", answer("erased"), "abroad_recalled", "erase-the-case")
	b.protects(t, b.taker, there.of, "no_need", "clear")
	if err := answer("retained"); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if v := here.view(t, a.amal); v.Abroad.Outcome != "retained" {
		t.Errorf("outcome %q", v.Abroad.Outcome)
	}
}

// TestSilenceAbroad: the receiver's clock alone ends an offer; a day after the last moment
// people are told, and the thread stays as it is.
func TestSilenceAbroad(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	due := here.view(t, a.amal).RespondBy
	if want := there.view(t, b.taker).RespondBy; !due.Equal(want) {
		t.Errorf("the sender waits until %s, the receiver answers until %s", due, want)
	}
	a.Clock.Set(due.Add(23 * time.Hour))
	if _, err := a.room.Expire(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := a.room.TendAbroad(ctx); n != 0 || err != nil {
		t.Errorf("escalated too early: %d, %v", n, err)
	}
	a.Clock.Set(due.Add(25 * time.Hour))
	if n, err := a.room.TendAbroad(ctx); n != 1 || err != nil {
		t.Errorf("escalated %d, %v", n, err)
	}
	if v := here.view(t, a.amal); v.State != handover.Offered || v.Abroad.LateAt.IsZero() {
		t.Errorf("silence made the thread %s", v.State)
	}
	b.Clock.Set(due.Add(time.Minute))
	_, err := b.room.Expire(ctx)
	if b.post(err) != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if v := here.view(t, a.amal); v.State != handover.Expired {
		t.Errorf("after the receiver's clock the thread is %s", v.State)
	}
	if _, err := b.room.TendAbroad(ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.number(t, `SELECT COUNT(*) FROM keys_subject WHERE subject = $1`, there.of); n != 0 {
		t.Error("the key of an expired case is still there")
	}
}
