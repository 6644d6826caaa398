package referral_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/handover"
)

// named reports whether a package names the child.
func named(p *referral.Package) bool {
	if p == nil {
		return false
	}
	for _, part := range p.Parts {
		for _, s := range part.Shown {
			if s.Text.Reveal() == name {
				return true
			}
		}
	}
	return false
}

// TestReferral is the life of a referral that is delivered.
func TestReferral(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.offers(t, of, o.ask(handover.Referral))
		if answer, turn := o.dues(t, of); answer != 1 || turn != 0 {
			t.Errorf("after the offer %d answers and %d turns are waited for, want 1 and 0", answer, turn)
		}
		in, err := o.room.Inbox(ctx, o.again(o.shelter))
		if err != nil || len(in.Lines) != 1 || in.Lines[0].ID != id || in.Lines[0].Number != "" || in.Lines[0].AgeBand != "12-14" {
			t.Fatalf("inbox: %+v, %v", in, err)
		}
		if n, err := o.room.Waiting(ctx, o.shelter); n != 1 || err != nil {
			t.Errorf("%d wait, %v, want 1", n, err)
		}
		card := o.view(t, o.shelter, of, id)
		if card.Show != nil || card.Number != "" || !reflect.DeepEqual(card.Steps[0].Said, referral.Said{}) || !card.Receives() || card.Sends() {
			t.Errorf("the card shows more than codes: %+v", card)
		}
		if !slices.Equal(card.May, []handover.Event{handover.Accept, handover.AskInfo, handover.Decline}) {
			t.Errorf("on the card: %v", card.May)
		}
		o.must(t, o.shelter, of, id, handover.AskInfo)
		if _, turn := o.dues(t, of); turn != 1 {
			t.Errorf("a question waits for %d answers, want 1", turn)
		}
		o.must(t, o.amal, of, id, handover.Info)
		if card = o.view(t, o.shelter, of, id); card.Steps[2].Text.IsZero() || !card.Steps[0].Text.IsZero() || card.Show != nil {
			t.Errorf("before acceptance the receiver reads the answer and no more: %+v", card)
		}
		o.must(t, o.shelter, of, id, handover.Accept)
		got := o.view(t, o.shelter, of, id)
		if !named(got.Show) || got.Steps[0].Text.IsZero() || got.Number != "" {
			t.Errorf("after acceptance: %+v", got)
		}
		o.must(t, o.shelter, of, id, handover.Start, handover.Hold, handover.Resume, handover.Complete)
		if sent := o.view(t, o.amal, of, id); !sent.Sends() || sent.Outcome != "met" || sent.Number == "" ||
			!slices.Equal(sent.May, []handover.Event{handover.Confirm, handover.Dispute}) {
			t.Errorf("what the sender sees: %+v", sent)
		}
		out, err := o.room.Outbox(ctx, o.again(o.amal))
		if err != nil || len(out.Lines) != 1 || out.Lines[0].Number == "" {
			t.Errorf("outbox: %+v, %v", out, err)
		}
		o.must(t, o.amal, of, id, handover.Confirm)
		_, err = o.room.Thread(ctx, o.again(o.shelter), of, id)
		refused(t, "the receiver after the end", err)
		if answer, turn := o.dues(t, of); answer+turn != 0 {
			t.Errorf("after the end %d and %d are waited for", answer, turn)
		}
		if in, err := o.room.Inbox(ctx, o.again(o.shelter)); err != nil || len(in.Lines) != 0 {
			t.Errorf("inbox after the end: %+v, %v", in, err)
		}
		sent, err := o.room.Sent(ctx, o.again(o.amal), of)
		if err != nil || len(sent.Threads) != 1 || sent.Threads[0].State != handover.Closed || !sent.May["referral.offer"] {
			t.Errorf("sent: %+v, %v", sent, err)
		}
		o.sound(t)
	})
}

// TestWhoIsKeptOut: a referral opens nothing but itself, to its receiver and the team.
func TestWhoIsKeptOut(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.offers(t, of, o.ask(handover.Referral))
		o.must(t, o.shelter, of, id, handover.Accept)
		_, err := o.cases.Open(ctx, o.again(o.shelter), of)
		refused(t, "the receiver opening the case", err)
		_, err = o.cases.Open(ctx, o.again(o.taker), of)
		refused(t, "a case worker of the receiver opening the case", err)
		if list, err := o.cases.List(ctx, o.again(o.taker), casework.Query{}); err != nil || list.Total != 0 {
			t.Errorf("the receiver's list counts %d, %v", list.Total, err)
		}
		for who, c := range map[string]*access.Caller{
			"a colleague of the worker": o.Person(access.RoleCaseWorker, o.North),
			"a provider of elsewhere":   o.Person(access.RoleProvider, o.Head),
			"an operator":               o.Person(access.RoleNodeOperator, o.South),
			"an auditor":                o.Person(access.RoleAuditor, o.South),
			"a coordinator":             o.Person(access.RoleCoordinator, o.South),
			"nobody":                    nil,
		} {
			_, err := o.room.Thread(ctx, c, of, id)
			refused(t, who+" looking", err)
			_, err = o.room.Sent(ctx, c, of)
			refused(t, who+" looking at the case's", err)
			refused(t, who+" starting", o.room.Move(ctx, c, command(), of, id, said(handover.Start)))
			refused(t, who+" withdrawing", o.room.Move(ctx, c, command(), of, id, said(handover.Withdraw)))
			_, err = o.room.Offer(ctx, c, command(), of, o.seen(o.ask(handover.Referral)))
			refused(t, who+" offering", err)
			o.Clock.Advance(11 * time.Minute)
		}
		refused(t, "the receiver withdrawing", o.does(o.shelter, of, id, handover.Withdraw))
		refused(t, "the receiver confirming", o.does(o.shelter, of, id, handover.Confirm))
		refused(t, "the sender starting", o.does(o.amal, of, id, handover.Start))
		_, err = o.room.Sent(ctx, o.again(o.shelter), of)
		refused(t, "the receiver looking at the case's", err)
		_, err = o.room.Thread(ctx, o.again(o.shelter), of, ident.New[referral.ThreadID]())
		refused(t, "one that does not exist", err)
	})
}

// seen gives an offer the version of some preview.
func (o *town) seen(f referral.Offer) referral.Offer {
	f.Seen = 1
	return f
}

// TestAnOfferNeedsItsGrounds: a basis that holds, a receiver who may know of the
// child, and a preview that was seen.
func TestAnOfferNeedsItsGrounds(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		try := func(change func(*referral.Offer)) error {
			f := o.ask(handover.Referral)
			change(&f)
			p, err := o.room.Preview(ctx, o.again(o.amal), of, f)
			if err != nil {
				return err
			}
			f.Seen = p.Seen
			_, err = o.room.Offer(ctx, o.again(o.amal), command(), of, f)
			return err
		}
		for _, tt := range []struct {
			field, code string
			change      func(*referral.Offer)
		}{
			{"legal_basis", "no-consent", func(f *referral.Offer) { f.Basis, f.Norm = "consent", sealed.Text{} }},
			{"norm", "required", func(f *referral.Offer) { f.Norm = sealed.Text{} }},
			{"reason", "required", func(f *referral.Offer) { f.Reason = sealed.Text{} }},
			{"disclosure_part", "required", func(f *referral.Offer) { f.Parts = nil }},
			{"disclosure_part", "not-in-list", func(f *referral.Offer) { f.Parts = []string{"identity", "identity"} }},
			{"disclosure_part", "care-notes-wall", func(f *referral.Offer) { f.Parts = []string{"care_notes"} }},
			{"referral_unit", "required", func(f *referral.Offer) { f.To = ident.New[ident.Unit]() }},
			{"referral_unit", "has-it-already", func(f *referral.Offer) { f.To = o.North }},
			{"referral_unit", "has-it-already", func(f *referral.Offer) { f.To = o.Head }},
			{"referral_kind", "required", func(f *referral.Offer) { f.Kind = "gift" }},
			{"service", "required", func(f *referral.Offer) { f.Service = "" }},
		} {
			wrong(t, tt.field, try(tt.change), tt.field, tt.code)
		}
		err := o.cases.AddNote(ctx, o.again(o.amal), command(), of, casework.Note{Kind: "other", Seen: sealed.NewText("Calm.")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.room.Offer(ctx, o.again(o.amal), command(), of, o.ask(handover.Referral)); fault.CodeOf(err) != "not-previewed" {
			t.Errorf("without a preview: %v", err)
		}
		if _, err := o.room.Offer(ctx, o.again(o.amal), command(), of, o.seen(o.ask(handover.Referral))); !fault.Is(err, fault.Conflict) {
			t.Errorf("with an old preview: %v", err)
		}
		if n := o.number(t, `SELECT COUNT(*) FROM referral_thread`); n != 0 {
			t.Fatalf("%d referrals were made", n)
		}
		_, err = o.Gate.Do(ctx, o.again(o.amal), access.Act{Action: "case.update", Purpose: "case-work", Case: of}, func(p *access.Pass) (string, error) {
			return "", o.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
				return &casework.Event{Kind: casework.KindPerson}, p.Permit(ctx, "services", "consent")
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := try(func(f *referral.Offer) { f.Basis = "consent" }); err != nil {
			t.Errorf("with consent: %v", err)
		}
		wrong(t, "the same again", try(func(*referral.Offer) {}), "referral_unit", "offered-already")
		_, err = o.Gate.Do(ctx, o.again(o.amal), access.Act{Action: "case.withhold", Purpose: "case-work", Case: of}, func(p *access.Pass) (string, error) {
			return "", o.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
				return &casework.Event{Kind: casework.KindWithheld}, p.Withhold(ctx, [16]byte(o.South))
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		wrong(t, "to whom it is withheld from", try(func(f *referral.Offer) { f.Service = "food" }), "referral_unit", "withheld-from")
	})
}

// TestIllegalSteps: what is not a party's turn is refused and changes nothing.
// permit gives or ends the consent that a case's referrals may rest on.
func (o *town) permit(t testing.TB, of ident.Case, purpose string, holds bool) {
	t.Helper()
	act := access.Act{Action: "case.note", Purpose: casework.PurposeCare, Case: of}
	_, err := o.Gate.Do(ctx, o.again(o.amal), act, func(p *access.Pass) (string, error) {
		return "", o.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			e := &casework.Event{Kind: casework.KindContact, Content: casework.Content{Due: o.Clock.Now().Add(time.Hour).UnixMicro()}}
			if holds {
				return e, p.Permit(ctx, purpose, "consent")
			}
			return e, p.EndPermit(ctx, purpose)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWithdrawnConsentClosesAReferral: what was shown on a consent is closed to the
// receiver from their next request on; they can still say what becomes of it, and stand
// among those to be told.
func TestWithdrawnConsentClosesAReferral(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		o.permit(t, of, "services", true)
		f := o.ask(handover.Referral)
		f.Basis, f.Norm = "consent", sealed.Text{}
		id := o.offers(t, of, f)
		f.Service = "psychosocial"
		unanswered := o.offers(t, of, f)
		o.must(t, o.shelter, of, id, handover.AskInfo)
		o.must(t, o.amal, of, id, handover.Info)
		o.must(t, o.shelter, of, id, handover.Accept)
		if v := o.view(t, o.shelter, of, id); !named(v.Show) || v.Closed {
			t.Fatalf("with the consent: %+v", v)
		}
		o.permit(t, of, "services", false)
		v := o.view(t, o.shelter, of, id)
		said := slices.ContainsFunc(v.Steps, func(s referral.Step) bool { return !s.Text.IsZero() || s.Show != nil })
		if v.Show != nil || !v.Closed || said {
			t.Errorf("after the withdrawal: %+v", v)
		}
		if v := o.view(t, o.amal, of, id); v.Closed || !named(v.Show) {
			t.Errorf("the sender's own: %+v", v)
		}
		if err := o.does(o.shelter, of, unanswered, handover.Accept); fault.CodeOf(err) != "consent-withdrawn" {
			t.Errorf("accepted without the consent: %v", err)
		}
		o.must(t, o.shelter, of, id, handover.Start)
		err := o.Gate.View(ctx, o.again(o.amal), access.Act{Action: "case.open", Purpose: "case-work", Case: of}, func(p *access.Pass) error {
			told, err := o.room.Told(ctx, p, of, "services")
			if err == nil && (len(told) != 1 || told[0].To != consent.Recipient(o.South) || told[0].Basis != "consent") {
				t.Errorf("to be told: %+v, want the shelter", told)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestIllegalSteps(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.offers(t, of, o.ask(handover.Referral))
		who := map[handover.Party]*access.Caller{handover.Sender: o.amal, handover.Receiver: o.taker}
		try := func(state string) {
			t.Helper()
			before := o.view(t, o.amal, of, id)
			for _, by := range []handover.Party{handover.Sender, handover.Receiver} {
				may := handover.May(before.State, by, handover.Referral)
				for _, e := range handover.Events() {
					if slices.Contains(may, e) || e == handover.Offer {
						continue
					}
					if err := o.does(who[by], of, id, e); err == nil {
						t.Errorf("%s: %s by %s was done", state, e, by)
					}
					o.Clock.Advance(time.Second)
				}
			}
			if after := o.view(t, o.amal, of, id); after.State != before.State || len(after.Steps) != len(before.Steps) {
				t.Errorf("%s: refused steps left %s", state, after.State)
			}
		}
		try("offered")
		o.must(t, o.shelter, of, id, handover.Accept)
		try("accepted")
		o.must(t, o.shelter, of, id, handover.Start)
		try("active")
		o.must(t, o.amal, of, id, handover.Withdraw)
		try("stopping")
		o.must(t, o.shelter, of, id, handover.HandBack)
		try("handed back")
		for what, a := range map[string]referral.Answer{
			"decline": {Event: handover.Decline}, "complete": {Event: handover.Complete, Text: sealed.NewText("x")}, "hold": {Event: handover.Hold},
		} {
			if err := o.room.Move(ctx, o.again(o.shelter), command(), of, id, a); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s without what it needs: %v", what, err)
			}
		}
	})
}

// TestTheClockOfReferrals: what nobody answers expires, and the sender looks elsewhere;
// what was reported counts as confirmed after its time.
func TestTheClockOfReferrals(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.offers(t, of, o.ask(handover.Referral))
		run := func(want int) {
			t.Helper()
			if n, err := o.room.Expire(ctx); n != want || err != nil {
				t.Fatalf("the clock moved %d, %v, want %d", n, err, want)
			}
		}
		run(0)
		o.Clock.Advance(25 * time.Hour)
		run(1)
		run(0)
		v := o.view(t, o.amal, of, id)
		if v.State != handover.Expired || !slices.Equal(v.May, []handover.Event{referral.Noted}) {
			t.Errorf("after its time: %s, %v", v.State, v.May)
		}
		_, err := o.room.Thread(ctx, o.again(o.shelter), of, id)
		refused(t, "the receiver after its time", err)
		if answer, turn := o.dues(t, of); answer != 0 || turn != 1 {
			t.Errorf("%d answers and %d turns are waited for, want the sender to look elsewhere", answer, turn)
		}
		o.must(t, o.amal, of, id, referral.Noted)
		if out, err := o.room.Outbox(ctx, o.again(o.amal)); err != nil || len(out.Lines) != 0 {
			t.Errorf("outbox after taking note: %+v, %v", out, err)
		}
		f := o.ask(handover.Referral)
		f.Parallel = id
		id = o.offers(t, of, f)
		o.must(t, o.shelter, of, id, handover.Accept, handover.Start, handover.Fail)
		o.Clock.Advance(29 * 24 * time.Hour)
		run(0)
		o.Clock.Advance(2 * 24 * time.Hour)
		run(1)
		if v := o.view(t, o.amal, of, id); v.State != handover.Closed || v.Reason != "unsafe" {
			t.Errorf("a failure nobody disputed: %+v", v.Thread)
		}
		o.sound(t)
	})
}

// TestDeclineAndRetract end what the receiver reaches, at once.
func TestDeclineAndRetract(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		for _, end := range []struct {
			by    *access.Caller
			event handover.Event
		}{{o.shelter, handover.Decline}, {o.amal, handover.Retract}, {o.boss, handover.Withdraw}} {
			id := o.offers(t, of, o.ask(handover.Referral))
			o.must(t, end.by, of, id, end.event)
			_, err := o.room.Thread(ctx, o.again(o.shelter), of, id)
			refused(t, "the receiver after "+string(end.event), err)
			if n := o.number(t, `SELECT COUNT(*) FROM access_reach WHERE relation = 'receiver' AND until_at > 0`); n != 0 {
				t.Errorf("after %s %d receivers are left", end.event, n)
			}
			o.Clock.Advance(time.Minute)
		}
		first, f := o.offers(t, of, o.ask(handover.Referral)), o.ask(handover.Referral)
		f.Service = "food"
		second := o.offers(t, of, f)
		o.must(t, o.shelter, of, first, handover.Decline)
		if v := o.view(t, o.shelter, of, second); v.State != handover.Offered {
			t.Errorf("another offer to the same: %s", v.State)
		}
	})
}

// TestErasedReferrals leaves nothing of a case in this room, and no fact.
func TestErasedReferrals(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.offers(t, of, o.ask(handover.Referral))
		o.must(t, o.shelter, of, id, handover.Accept)
		if n := o.number(t, `SELECT COUNT(*) FROM facts_fact WHERE kind = 'referral'`); n != 1 {
			t.Errorf("%d facts, want one", n)
		}
		err := o.DB.Write(ctx, func(tx *store.Tx) error {
			return access.EraseAgain(ctx, tx, o.Custody, o.Journal, of, referral.EraseRows, casework.EraseRows)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := referral.ErasedTables(); !slices.Contains(got, "referral_step") || !slices.Contains(got, "referral_thread") {
			t.Errorf("erased tables: %v", referral.ErasedTables())
		}
		for _, query := range []string{
			`SELECT COUNT(*) FROM referral_step`, `SELECT COUNT(*) FROM referral_thread`,
			`SELECT COUNT(*) FROM facts_fact WHERE kind = 'referral'`,
		} {
			if n := o.number(t, query); n != 0 {
				t.Errorf("%s: %d rows are left", query, n)
			}
		}
	})
}
