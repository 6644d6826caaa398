package referral_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// TestNothingLeavesUnchecked: of every purpose and every kind of message nothing goes to a
// country from which the child may come before the protection check passes, and nothing
// but a taking back, in codes, after one that does not.
func TestNothingLeavesUnchecked(t *testing.T) {
	a, b := countries(t)
	of := a.child(t)
	a.decided(t, of)
	kinds := 0
	try := func(what string, asylum, office string) {
		t.Helper()
		for _, purpose := range a.Pack.AbroadCodes() {
			f := a.letterTo(purpose)
			if _, err := a.sends(of, f); err == nil {
				t.Errorf("%s: %s left", what, purpose)
			}
			kinds++
		}
		if len(a.posted) > 0 {
			t.Fatalf("%s: %d messages left", what, len(a.posted))
		}
		if asylum != "" {
			a.protects(t, a.boss, of, asylum, office)
		}
	}
	try("no check", "need", "clear")
	try("a need of protection", "no_need", "implicated")
	try("an office that is involved", "no_need", "unknown")
	try("an office of which nothing is known", "", "")
	if kinds != 4*14 {
		t.Errorf("%d kinds were tried", kinds)
	}

	a.protects(t, a.boss, of, "no_need", "clear")
	id, err := a.sends(of, a.letterTo("referral"))
	if err != nil {
		t.Fatal(err)
	}
	a.protects(t, a.boss, of, "no_need", "implicated") // found out between the two
	if err := a.agrees(of, id); fault.CodeOf(err) != "protection-first" || len(a.posted) > 0 {
		t.Fatalf("a second person lifted the check: %v", err)
	}
	a.protects(t, a.boss, of, "no_need", "clear")
	if err := a.agrees(of, id); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	there := b.came(t)
	there.does(t, b.taker, handover.AskInfo)
	a.protects(t, a.boss, of, "need", "clear")
	words := referral.Told{Step: payload.Travelling, Text: sealed.NewText("On the night train."), Language: "en"}
	for what, err := range map[string]error{
		"an answer":             a.steps(a.amal, of, id, handover.Info),
		"a withdrawal in words": a.steps(a.amal, of, id, handover.Withdraw),
		"a note":                a.post(a.room.Note(ctx, a.again(a.amal), command(), of, id, words)),
	} {
		if err == nil || len(a.posted) > 0 {
			t.Errorf("%s left after the check failed: %v", what, err)
		}
	}
	if err := a.post(a.room.CallBack(ctx, a.again(a.amal), command(), of, id, "safety")); err != nil {
		t.Errorf("what was sent could not be called back: %v", err)
	}
	carry(t, a, b)
	if v := a.thread(t, of, id); v.Abroad.Outcome != "erased" {
		t.Errorf("called back: %q", v.Abroad.Outcome)
	}
}

// TestWhoChecks: police, border, migration and courts do not say that it is safe to tell a
// country, whatever their role and whatever reaches the case.
func TestWhoChecks(t *testing.T) {
	a, _ := countries(t)
	of := a.child(t)
	x := referral.Protection{Country: "XC", Asylum: "no_need", Office: "clear", View: "agrees"}
	for _, sector := range []string{"police", "border", "migration", "prosecution", "court", "labour_inspection", "health"} {
		c := a.As(access.Signed{Staff: a.boss.Staff(), Role: access.RoleSupervisor, Unit: a.North, Sector: sector, Agency: a.Agency})
		refused(t, "a supervisor of "+sector, a.room.Protect(ctx, c, command(), of, x))
	}
	for _, role := range []string{access.RoleFirstResponder, access.RoleFocalPoint, access.RoleProvider, access.RoleInvestigator, access.RoleJudge, access.RoleNodeOperator, access.RoleAuditor} {
		c := a.As(access.Signed{Staff: a.amal.Staff(), Role: role, Unit: a.North})
		refused(t, "the role "+role, a.room.Protect(ctx, c, command(), of, x))
	}
	if staff.OwnSector != "child_protection" {
		t.Error("the policy names the sector of child protection")
	}
	x.View = "objects"
	wrong(t, "a child who objects, without a reason", a.room.Protect(ctx, a.again(a.boss), command(), of, x), "protection_why", "required")
}

// TestSecondPerson: the first message to an office waits for somebody else than who sends
// it; later ones do not; a transfer always does.
func TestSecondPerson(t *testing.T) {
	a, b := countries(t)
	of := a.child(t)
	a.checked(t, of)
	id, err := a.sends(of, a.letterTo("referral"))
	if err != nil || len(a.posted) > 0 {
		t.Fatalf("the first message left at once: %v", err)
	}
	self := a.As(access.Signed{Staff: a.amal.Staff(), Role: access.RoleSupervisor, Unit: a.North})
	refused(t, "who sends agreeing with themselves", a.room.SecondLook(ctx, self, command(), of, id, referral.Second{Agrees: true}))
	refused(t, "a case worker agreeing", a.room.SecondLook(ctx, a.again(a.Person(access.RoleCaseWorker, a.North)), command(), of, id, referral.Second{Agrees: true}))
	before := a.thread(t, of, id).Steps[0].Wire
	if err := a.agrees(of, id); err != nil || len(a.posted) != 1 {
		t.Fatalf("%d messages left: %v", len(a.posted), err)
	}
	if got := a.posted[0].d; string(got.Payload) != string(before) || got.Labels.Check() != nil {
		t.Error("what left is not, byte for byte, what the second person saw")
	}
	carry(t, a, b)
	if _, err := a.sends(of, a.letterTo("information")); err != nil || len(a.posted) != 1 {
		t.Errorf("the second message waits: %v", err)
	}
	carry(t, a, b)
	a.decided(t, of)
	id, err = a.sends(of, a.letterTo("transfer"))
	if err != nil || len(a.posted) != 0 {
		t.Fatalf("a transfer left at once: %v", err)
	}
	no := referral.Second{Comment: sealed.NewText("Her aunt was not heard.")}
	if err := a.post(a.room.SecondLook(ctx, a.again(a.boss), command(), of, id, no)); err != nil || len(a.posted) > 0 {
		t.Fatal(err)
	}
	if v := a.thread(t, of, id); v.State != handover.Withdrawn || !v.Abroad.SentAt.IsZero() {
		t.Errorf("what was not agreed with is %s", v.State)
	}
	a.sound(t)
}

// TestNotices: one duty officer tells of a missing child or of danger at once, and a second
// one confirms within two hours; there it is read in one step.
func TestNotices(t *testing.T) {
	for _, purpose := range []string{"missing", "danger"} {
		a, b := countries(t)
		here, there := offered(t, a, b, a.letterTo(purpose))
		v := here.view(t, a.amal)
		if v.Abroad.ConfirmBy.Sub(v.Abroad.SentAt) != 2*time.Hour {
			t.Errorf("%s: to be confirmed within %s", purpose, v.Abroad.ConfirmBy.Sub(v.Abroad.SentAt))
		}
		if n := a.number(t, `SELECT COUNT(*) FROM deadline_due WHERE case_id = $1 AND kind = 'approval' AND state = 'open'`, here.of); n != 1 {
			t.Errorf("%s: nobody is asked to confirm it", purpose)
		}
		if err := a.agrees(here.of, here.id); err != nil {
			t.Fatal(err)
		}
		if n := a.number(t, `SELECT COUNT(*) FROM deadline_due WHERE case_id = $1 AND kind = 'approval' AND state = 'open'`, here.of); n != 0 {
			t.Errorf("%s: it was confirmed and is still asked for", purpose)
		}
		there.does(t, b.taker, referral.TakeNote)
		if v := here.view(t, a.amal); v.State != handover.Completed || !v.Accepted {
			t.Errorf("%s: after it was read there: %s", purpose, v.State)
		}
		a.sound(t)
		b.sound(t)
	}
}

// TestPlacementWaits: a child is not placed in a contracting State before that State agreed
// (Hague 1996, article 33).
func TestPlacementWaits(t *testing.T) {
	a, b := countries(t)
	a.code, b.code = "XC", "XA" // XA is bound by the treaty
	of := a.child(t)
	a.decided(t, of)
	a.checked(t, of)
	move := a.letterTo("transfer")
	move.Care = "foster"
	if _, err := a.sends(of, move); fault.CodeOf(err) != "consult-first" {
		t.Fatalf("placed without asking: %v", err)
	}
	asked := a.letterTo("placement")
	asked.Care = "foster"
	id, err := a.sends(of, asked)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.agrees(of, id); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	there := b.came(t)
	there.does(t, b.taker, handover.Accept, handover.Start)
	b.protects(t, b.taker, there.of, "no_need", "clear")
	reply := func(code string) error {
		return b.post(b.room.MoveAbroad(ctx, b.again(b.taker), command(), there.of, there.id, referral.Answer{
			Event: handover.Complete, Outcome: "met", Reply: code, Text: sealed.NewText("The family is ready."), Language: "en",
		}))
	}
	wrong(t, "no answer", reply("maybe"), "abroad_agreed", "required")
	if err := reply("refused"); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if _, err := a.sends(of, move); fault.CodeOf(err) != "consult-first" {
		t.Errorf("placed against the other State: %v", err)
	}
	if err := a.steps(a.amal, of, id, handover.Dispute); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if err := reply("agreed"); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if _, err := a.sends(of, move); err != nil {
		t.Errorf("placed with consent: %v", err)
	}
	if v := a.thread(t, of, id); v.Abroad.Reply != "agreed" {
		t.Errorf("the answer is %q", v.Abroad.Reply)
	}
}

// TestConsentNamesCountry: where consent is the basis it names the country, and the child is
// asked again when it has seen what leaves.
func TestConsentNamesCountry(t *testing.T) {
	a, _ := countries(t)
	of := a.child(t)
	a.checked(t, of)
	f := a.letterTo("referral")
	f.Basis, f.Norm = "consent", sealed.Text{}
	_, err := a.sends(of, f)
	wrong(t, "without asking again", err, "child_again", "required")
	f.Again = true
	_, err = a.sends(of, f)
	wrong(t, "without consent", err, "legal_basis", "no-consent-for-country")
	a.consents(t, of, consent.Recipient{})
	_, err = a.sends(of, f)
	wrong(t, "with a consent that names nobody", err, "legal_basis", "no-consent-for-country")
	a.consents(t, of, consent.Land("XB"))
	_, err = a.sends(of, f)
	wrong(t, "with a consent for another country", err, "legal_basis", "no-consent-for-country")
	a.consents(t, of, consent.Land("XC"))
	if _, err = a.sends(of, f); err != nil {
		t.Errorf("with a consent that names the country: %v", err)
	}
}

func (n *country) consents(t testing.TB, of [16]byte, to consent.Recipient) {
	t.Helper()
	day, _ := sealed.ParseDate("2026-03-01")
	err := n.cases.RecordAnswer(ctx, n.again(n.amal), command(), of, consent.Record{
		Purpose: "abroad", State: consent.Given, Recipient: to,
		Details: consent.Details{
			Who: "child", Version: sealed.NewText("1"), Language: "en", On: day, ExplainedBy: sealed.NewText("Amal"), Interpreter: "not_needed",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMisfits: what cannot be acted on is refused with a code, and never dropped.
func TestMisfits(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	v := here.view(t, a.amal)
	handle := func(typ cx.Type, stream cx.Stream, wire cx.Thread, schema, body string) cx.Code {
		t.Helper()
		m := &cx.Message{From: a.node, ID: cx.NewID(a.Clock.Now()), Thread: wire, Stream: stream, Type: typ, Schema: schema, Payload: []byte(body)}
		var got cx.Code = "not settled"
		err := b.post(b.room.Handle(ctx, m, func(_ context.Context, _ *store.Tx, o cx.Opened) error { got = o.Refused; return nil }))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	const salt = `"v":1,"salt":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"`
	card := func(purpose string) string {
		return `{` + salt + `,"card":{"purpose":"` + purpose + `","urgency":"whenever","basis":"magic","age_band":"teen"}}`
	}
	for name, tt := range map[string]struct {
		got, want cx.Code
	}{
		"no payload":          {handle(cx.ReferralOffer, cx.Cmd, cx.NewThread(), payload.SchemaOffer, `{}`), cx.BadFormat},
		"a critical field":    {handle(cx.ReferralOffer, cx.Cmd, cx.NewThread(), payload.SchemaOffer, `{`+salt+`,"card":{"purpose":"referral","urgency":"soon","basis":"x"},"crit":["y"],"y":1}`), cx.Unsupported},
		"a match query":       {handle(cx.Request, cx.Cmd, cx.NewThread(), payload.SchemaOffer, card("match")), cx.Unsupported},
		"a purpose as notice": {handle(cx.Notice, cx.Cmd, cx.NewThread(), payload.SchemaOffer, card("referral")), cx.Unsupported},
		"a thread twice":      {handle(cx.ReferralOffer, cx.Cmd, v.Abroad.Wire, payload.SchemaOffer, card("referral")), cx.Conflict},
		"an unknown thread":   {handle(cx.Withdraw, cx.Cmd, cx.NewThread(), payload.SchemaWords, `{`+salt+`,"words":{}}`), cx.Unsupported},
		"no step":             {handle(cx.Release, cx.Cmd, v.Abroad.Wire, payload.SchemaWords, `{`+salt+`,"words":{}}`), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
	carry(t, a, b)
	if v := here.view(t, a.amal); v.State != handover.Offered || v.Steps[len(v.Steps)-1].Event != referral.Refused {
		t.Errorf("a step that is none: %s, %s", v.State, v.Steps[len(v.Steps)-1].Event)
	}

	// Codes that are in no list here are kept and flagged.
	if code := handle(cx.ReferralOffer, cx.Cmd, cx.NewThread(), payload.SchemaOffer, card("referral")); code != "" {
		t.Fatalf("unknown codes: %q", code)
	}
	in, err := b.room.Inbox(ctx, b.again(b.taker))
	if err != nil {
		t.Fatal(err)
	}
	flagged := 0
	for _, l := range in.Lines {
		if l.ID != there.id {
			flagged = len(end{b, l.Case, l.ID}.view(t, b.taker).Unknown)
		}
	}
	if flagged != 3 {
		t.Errorf("%d codes are flagged, want 3", flagged)
	}
}

// TestNotJoined: a node that has no partners says so.
func TestNotJoined(t *testing.T) {
	a, _ := countries(t)
	of := a.child(t)
	a.room.Joins(nil, nil, nil)
	_, err := a.room.PreviewAbroad(ctx, a.again(a.amal), of, a.letterTo("referral"))
	if fault.CodeOf(err) != "abroad-not-joined" {
		t.Errorf("a node without partners: %v", err)
	}
	if n, err := a.room.Offices(ctx); len(n) != 0 || err != nil {
		t.Errorf("offices: %v, %v", n, err)
	}
}

// TestAbroadDenied: each thing that is done with other countries is refused to whoever may
// not do it.
func TestAbroadDenied(t *testing.T) {
	a, b := countries(t)
	here, there := offered(t, a, b, a.letterTo("referral"))
	for _, c := range []*access.Caller{
		a.Person(access.RoleCaseWorker, a.North), a.Person(access.RoleProvider, a.South), a.Person(access.RoleNodeOperator, a.North),
		a.Person(access.RoleAuditor, a.North), a.Person(access.RoleCoordinator, a.North), a.Person(access.RoleInvestigator, a.North),
	} {
		f := a.letterTo("referral")
		f.Seen = 1
		_, err := a.room.SendAbroad(ctx, c, command(), here.of, f)
		refused(t, c.Role()+" sending", err)
		refused(t, c.Role()+" recalling", a.room.CallBack(ctx, c, command(), here.of, here.id, "safety"))
		refused(t, c.Role()+" telling", a.room.Note(ctx, c, command(), here.of, here.id, referral.Told{Step: payload.Travelling}))
		refused(t, c.Role()+" agreeing", a.room.SecondLook(ctx, c, command(), here.of, here.id, referral.Second{Agrees: true}))
	}
	for _, c := range []*access.Caller{b.Person(access.RoleCaseWorker, b.North), b.Person(access.RoleNodeOperator, b.South), b.Person(access.RoleAuditor, b.South)} {
		_, err := b.room.Thread(ctx, c, there.of, there.id)
		refused(t, c.Role()+" reading the card", err)
		refused(t, c.Role()+" accepting", b.room.MoveAbroad(ctx, c, command(), there.of, there.id, referral.Answer{Event: handover.Accept}))
		refused(t, c.Role()+" answering a recall", b.room.AnswerRecall(ctx, c, command(), there.of, there.id, "erased", sealed.Text{}, ""))
	}
	there.does(t, b.taker, handover.Accept)
	refused(t, "a provider taking a child on", b.steps(b.shelter, there.of, there.id, handover.Start))
}
