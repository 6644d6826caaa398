package referral_test

import (
	"context"
	"slices"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// The whole of a backup and a restore is tested with two nodes, in internal/bench. Here is
// what those do not meet.

// regains gives a node back what it said.
func (n *country) regains(t testing.TB, m *cx.Message, overtaken bool, left ...cx.ID) {
	t.Helper()
	m.From, m.To, m.Created = n.node, n.other.node, n.Clock.Now()
	if m.ID.IsZero() {
		m.ID = cx.NewID(n.Clock.Now())
	}
	told := 0
	err := n.room.Regained(ctx, m, overtaken, left, func(context.Context, *store.Tx) error { told++; return nil })
	if n.post(err) != nil || told != 1 {
		t.Fatalf("%s, told %d times: %v", m.Type, told, err)
	}
}

// status is a message of a clerk.
func status(t testing.TB, wire cx.Thread, st payload.Status) *cx.Message {
	t.Helper()
	said := payload.New()
	st.Contact = "focal-point"
	said.Status = &st
	body, err := payload.Encode(payload.SchemaStatus, said)
	if err != nil {
		t.Fatal(err)
	}
	return &cx.Message{Thread: wire, Stream: cx.Status, Type: cx.StatusReport, Schema: payload.SchemaStatus, Payload: body}
}

// TestNothingIsLeftButWhereItStands: a child whom this node had taken on, and of whom the
// other node holds nothing any more, is on the list of the unit that answers it, and on
// nobody else's, until somebody there has dealt with it.
func TestNothingIsLeftButWhereItStands(t *testing.T) {
	_, b := countries(t)
	wire := cx.NewThread()
	b.regains(t, status(t, wire, payload.Status{Revision: 3, State: "active", Accepted: true, Assumed: true, Cause: "assume"}), false)
	b.regains(t, status(t, wire, payload.Status{Revision: 4, State: "completed", Accepted: true, Assumed: true, Cause: "complete"}), false)
	over := cx.NewThread()
	b.regains(t, status(t, over, payload.Status{Revision: 2, State: "declined", Cause: "decline"}), false)
	b.regains(t, &cx.Message{Thread: cx.NewThread(), Stream: cx.Status}, false) // nobody can read it

	list, err := b.room.Missing(ctx, b.again(b.taker))
	if err != nil || len(list) != 2 {
		t.Fatalf("%d are missing, %v; want the one that was taken on and the one of which nothing is known", len(list), err)
	}
	i := slices.IndexFunc(list, func(x referral.Back) bool { return x.Wire == wire })
	if i < 0 || !list[i].Taken || list[i].State != handover.Completed || list[i].Revision != 4 {
		t.Errorf("missing: %+v", list)
	}
	if list, err := b.room.Missing(ctx, b.again(b.amal)); err != nil || len(list) != 0 {
		t.Errorf("somebody of another unit sees %d, %v", len(list), err)
	}
	if err := b.room.Found(ctx, b.again(b.amal), command(), referral.Back{Peer: "xa.care", Wire: wire}); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody of another unit deals with it: %v", err)
	}
	if err := b.room.Found(ctx, b.again(b.taker), command(), referral.Back{Peer: "xa.care", Wire: cx.NewThread()}); !fault.Is(err, fault.NotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	if err := b.room.Found(ctx, b.again(b.taker), command(), referral.Back{Peer: "xa.care", Wire: wire}); err != nil {
		t.Fatal(err)
	}
	if list, err := b.room.Missing(ctx, b.again(b.taker)); err != nil || len(list) != 1 {
		t.Errorf("afterwards %d are missing, %v", len(list), err)
	}
}

// TestWhatWasDeclinedStaysAway: an offer that this node had declined comes again after a
// restore. No case is made of it, and a late command has its answer.
func TestWhatWasDeclinedStaysAway(t *testing.T) {
	a, b := countries(t)
	of := a.child(t)
	a.checked(t, of)
	id, err := a.sends(of, a.letterTo("referral"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.agrees(of, id); err != nil {
		t.Fatal(err)
	}
	offer := a.posted[0]
	a.posted = nil
	b.regains(t, status(t, offer.d.Thread, payload.Status{Revision: 1, State: "offered", Cause: "offer"}), false)
	b.regains(t, status(t, offer.d.Thread, payload.Status{Revision: 2, State: "declined", Cause: "decline", Code: "no_place"}), false)
	m := &cx.Message{
		From: a.node, ID: offer.id, Thread: offer.d.Thread, Stream: offer.d.Stream, Type: offer.d.Type, Labels: offer.d.Labels,
		Schema: offer.d.Schema, Payload: offer.d.Payload, Created: a.Clock.Now(), Answered: true,
	}
	settle := func(context.Context, *store.Tx, cx.Opened) error { return nil }
	if err := b.post(b.room.Handle(ctx, m, settle)); err != nil {
		t.Fatal(err)
	}
	if len(b.posted) != 0 {
		t.Error("what was answered before the restore was answered again")
	}
	if n := b.number(t, `SELECT COUNT(*) FROM referral_thread`); n != 0 {
		t.Errorf("%d threads were made of what had been declined", n)
	}
	if n := b.number(t, `SELECT COUNT(*) FROM referral_over WHERE revision = 2`); n != 1 {
		t.Error("how it ended is not known")
	}
	b.sound(t)
}

// TestOwnWordsComeBack: the commands of a sender stand in its thread again, and it waits for
// their answers; what overtook what people did, or cannot be read, is looked at by whoever
// answers for the case.
func TestOwnWordsComeBack(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	there.does(t, b.taker, handover.AskInfo)
	wire := here.view(t, a.amal).Abroad.Wire

	words := payload.New()
	words.Words = &payload.Words{Text: &payload.Text{Text: "She reads a little.", Language: "en"}}
	body, err := payload.Encode(payload.SchemaWords, words)
	if err != nil {
		t.Fatal(err)
	}
	info := &cx.Message{ID: cx.NewID(a.Clock.Now()), Thread: wire, Stream: cx.Cmd, Type: cx.Info, Schema: payload.SchemaWords, Payload: body}
	a.regains(t, info, false)
	v := here.view(t, a.amal)
	last := v.Steps[len(v.Steps)-1]
	if v.Abroad.Asked != "info" || last.Event != referral.CameBack || last.Code != "info" || last.Text.Reveal() != "She reads a little." {
		t.Errorf("the thread says %s %s, asked %q", last.Event, last.Code, v.Abroad.Asked)
	}
	if v.Back != nil {
		t.Error("somebody has to look at what is whole again")
	}
	if _, err := a.cases.Open(ctx, a.again(a.amal), here.of); err != nil {
		t.Fatal(err)
	}
	answer := status(t, wire, payload.Status{Revision: v.Abroad.Revision + 1, State: "offered", Cause: "info"})
	m := *answer
	m.From, m.ID, m.Answers, m.Created = b.node, cx.NewID(b.Clock.Now()), info.ID, b.Clock.Now()
	if err := a.room.Handle(ctx, &m, func(context.Context, *store.Tx, cx.Opened) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if v := here.view(t, a.amal); v.Abroad.Asked != "" || v.State != handover.Offered {
		t.Errorf("after its answer: asked %q, %s", v.Abroad.Asked, v.State)
	}

	a.regains(t, &cx.Message{Thread: wire, Stream: cx.Cmd}, true)
	if v := here.view(t, a.amal); v.Back == nil || v.Back.Taken || !slices.Contains(v.May, referral.TakeUp) {
		t.Fatalf("what cannot be read is looked at by nobody: %+v, %v", v.Back, v.May)
	}
	if v := there.view(t, b.taker); slices.Contains(v.May, referral.TakeUp) {
		t.Error("the other side was asked to look")
	}
	if err := a.post(a.room.MoveAbroad(ctx, a.again(a.amal), command(), here.of, here.id, referral.Answer{Event: referral.TakeUp})); err != nil {
		t.Fatal(err)
	}
	if v := here.view(t, a.amal); v.Back != nil || v.Responsible() != handover.Sender {
		t.Errorf("after somebody looked: %+v", v.Back)
	}
	if len(a.posted) != 0 {
		t.Error("looking sent something")
	}
	a.sound(t)
}

// TestOwnRecallAndNoteComeBack: what the receiver told of the child's way, and what became of
// a recall, stand in its thread again; a recall that it had answered is not answered twice.
func TestOwnRecallAndNoteComeBack(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	there.does(t, b.taker, handover.Accept)
	wire := here.view(t, a.amal).Abroad.Wire
	said := payload.New()
	said.Journey = &payload.Journey{Step: payload.Arrived, Text: &payload.Text{Text: "Elle est là.", Language: "fr"}}
	note, err := payload.Encode(payload.SchemaNote, said)
	if err != nil {
		t.Fatal(err)
	}
	b.regains(t, &cx.Message{Thread: wire, Stream: cx.Status, Type: cx.Note, Schema: payload.SchemaNote, Payload: note}, false)
	out := payload.New()
	out.Outcome = &payload.Outcome{Code: "retained", Text: &payload.Text{Text: "The court decided on it.", Language: "en"}}
	outcome, err := payload.Encode(payload.SchemaOutcome, out)
	if err != nil {
		t.Fatal(err)
	}
	b.regains(t, &cx.Message{Thread: wire, Stream: cx.Status, Type: cx.RecallOutcome, Schema: payload.SchemaOutcome, Payload: outcome}, false)
	rec := payload.New()
	rec.Recall = &payload.Recall{Reason: "safety", Scope: "thread"}
	recall, err := payload.Encode(payload.SchemaRecall, rec)
	if err != nil {
		t.Fatal(err)
	}
	m := &cx.Message{
		From: a.node, ID: cx.NewID(a.Clock.Now()), Thread: wire, Stream: cx.Cmd, Type: cx.Recall, Schema: payload.SchemaRecall, Payload: recall,
		Created: a.Clock.Now(), Answered: true,
	}
	if err := b.post(b.room.Handle(ctx, m, func(context.Context, *store.Tx, cx.Opened) error { return nil })); err != nil {
		t.Fatal(err)
	}
	v := there.view(t, b.taker)
	if v.Abroad.Arrived.IsZero() || v.Abroad.Outcome != "retained" || v.Abroad.Recall != "safety" || slices.Contains(v.May, referral.Recalled) {
		t.Errorf("the receiver's thread: %+v, may %v", v.Abroad, v.May)
	}
	if len(b.posted) != 0 {
		t.Error("an answered recall was answered again")
	}
	b.sound(t)
}

// TestLeftCommandsAreRefusedAnew: a command that this node acted on, and whose answer was
// overtaken by a status that came back, is refused with where the thread stands: in a thread
// with a case, in one of which nothing is here, and in one that is over.
func TestLeftCommandsAreRefusedAnew(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	there.does(t, b.taker, handover.Accept)
	wire, asked := here.view(t, a.amal).Abroad.Wire, cx.NewID(a.Clock.Now())
	refused := func(wire cx.Thread, state string, revision int) {
		t.Helper()
		if len(b.posted) != 1 {
			t.Fatalf("%d messages, want one answer", len(b.posted))
		}
		l := b.posted[0]
		b.posted = nil
		said, err := payload.Decode(l.d.Schema, l.d.Payload)
		if err != nil {
			t.Fatal(err)
		}
		st := said.Status
		if l.d.Answers != asked || l.d.Thread != wire || l.d.Stream != cx.Status || !st.Refused || st.State != state || st.Revision != revision {
			t.Errorf("answered %s with %+v", l.d.Answers, st)
		}
	}
	b.regains(t, status(t, wire, payload.Status{Revision: 2, State: "needs_info", Cause: "ask_info"}), true, asked)
	refused(wire, "needs_info", 3)
	if v := there.view(t, b.taker); v.State != handover.NeedsInfo || v.Back == nil {
		t.Errorf("the thread stands at %s, looked at by %+v", v.State, v.Back)
	}
	b.regains(t, status(t, wire, payload.Status{Revision: 3, State: "offered", Cause: "refused", Refused: true}), true)
	if v := there.view(t, b.taker); v.State != handover.Offered || len(b.posted) != 0 {
		t.Errorf("a refusal that came back lets the thread stand at %s", v.State)
	}

	wire = cx.NewThread()
	b.regains(t, status(t, wire, payload.Status{Revision: 3, State: "active", Accepted: true, Cause: "start"}), true, asked)
	refused(wire, "active", 4)
	if n := b.number(t, `SELECT revision FROM referral_back WHERE state = 'active'`); n != 4 {
		t.Errorf("the next status would have revision %d", n+1)
	}
}
