package referral_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
)

func (e end) tightens(c *access.Caller, s referral.Stricter) error {
	return e.post(e.room.Tighten(ctx, e.again(c), command(), e.of, e.id, s))
}

// TestTighten: the sender makes conditions stricter, which holds on both sides and stands on
// both timelines; looser they become on neither, whoever asks.
func TestTighten(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		until := a.Clock.Now().Add(40 * 24 * time.Hour).Truncate(time.Second)
		here, there := comes(t, a, b, func(l *cx.Labels) {
			l.RetainRule, l.RetainUntil, l.Handling, l.Court, l.Onward, l.Nodes = "", until, cx.H1, cx.CourtYes, cx.OnwardList, nodesOf("xb.care")
		})
		first := referral.Stricter{Handling: cx.H3, Court: cx.CourtNo, Flags: []cx.Flag{cx.LocationSecret}}
		for name, c := range map[string]*access.Caller{
			"the receiver": b.taker, "a provider": a.shelter, "another unit": a.taker, "the operator": a.Person(access.RoleNodeOperator, a.Head),
		} {
			e := here
			if c == b.taker {
				e = there
			}
			if err := e.tightens(c, first); err == nil {
				t.Errorf("%s makes them stricter", name)
			}
		}
		if err := here.tightens(a.amal, first); err != nil {
			t.Fatal(err)
		}
		carry(t, a, b)
		for side, v := range map[string]*referral.View{"here": here.view(t, a.amal), "there": there.view(t, b.taker)} {
			last := v.Steps[len(v.Steps)-1]
			if last.Event != referral.Tightened || v.Term.Handling != cx.H3 || v.Term.Court != cx.CourtNo || !slices.Contains(v.Term.Flags, cx.LocationSecret) {
				t.Errorf("%s: %s, %+v", side, last.Event, v.Term)
			}
		}
		for _, e := range []end{here, there} {
			c := a.amal
			if e.country == b {
				c = b.taker
			}
			child, err := e.cases.Open(ctx, e.again(c), e.of)
			if err != nil || !slices.ContainsFunc(child.Events, func(ev casework.Event) bool { return ev.To == string(referral.Tightened) }) {
				t.Errorf("the timeline at %s does not say it: %v", e.code, err)
			}
		}
		if got := fault.CodeOf(here.tightens(a.amal, referral.Stricter{Handling: cx.H1})); got != "label-looser" {
			t.Errorf("looser: %q", got)
		}
		if got := fault.CodeOf(here.tightens(a.amal, referral.Stricter{Handling: cx.H3})); got != "label-same" {
			t.Errorf("nothing new: %q", got)
		}
		if got := fault.CodeOf(here.tightens(a.amal, referral.Stricter{Until: until})); got != "label-looser" {
			t.Errorf("a day where there is a rule: %q", got)
		}

		// A node that was changed asks for something looser, or about another message.
		wire := there.view(t, b.taker).Abroad.Wire
		began, _ := a.Began(ctx, nil, b.node, wire, true)
		sends := func(u cx.LabelUpdateBody) cx.Opened {
			t.Helper()
			body, err := cx.EncodeBody(&u)
			if err != nil {
				t.Fatal(err)
			}
			l := cx.DefaultLabels(cx.Protection, cx.BasisLaw)
			l.Jurisdiction, l.RetainRule = "xa", "ledger"
			_, err = a.Send(ctx, (*store.Tx)(nil), &cx.Draft{
				To: b.node, Thread: wire, Stream: cx.Cmd, Type: cx.LabelUpdate, Schema: cx.SchemaLabelUpdate, Payload: body, Officer: "o", Labels: l,
			})
			if err = a.post(err); err != nil {
				t.Fatal(err)
			}
			carry(t, a, b)
			return b.opened[len(b.opened)-1]
		}
		before := *there.view(t, b.taker).Term
		if o := sends(cx.LabelUpdateBody{ID: began.String(), Handling: cx.H1}); o.Refused != cx.LabelRefused {
			t.Errorf("looser came, and was %q", o.Refused)
		}
		if o := sends(cx.LabelUpdateBody{ID: began.String(), Until: until.Add(time.Hour).Format(time.RFC3339)}); o.Refused != cx.LabelRefused {
			t.Errorf("a later day came, and was %q", o.Refused)
		}
		if o := sends(cx.LabelUpdateBody{ID: cx.NewID(a.Clock.Now()).String(), Court: cx.CourtNo}); o.Refused != cx.Unsupported {
			t.Errorf("about another message, and was %q", o.Refused)
		}
		after := *there.view(t, b.taker).Term
		if after.Version != before.Version {
			t.Errorf("the conditions were changed: %+v", after)
		}
		sooner := until.Add(-30 * 24 * time.Hour)
		if o := sends(cx.LabelUpdateBody{ID: began.String(), Until: sooner.Format(time.RFC3339)}); o.Refused != "" || !b.until[wire].Equal(sooner) {
			t.Errorf("an earlier day: %q, %s", o.Refused, b.until[wire])
		}
		a.sound(t)
		b.sound(t)
	})
}

// TestTightenAndRecallCross: whichever of the two comes first, before and after anybody
// accepted: both are done, the record is gone where it must go, and nothing waits.
func TestTightenAndRecallCross(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		for _, accepted := range []bool{false, true} {
			for _, recallFirst := range []bool{true, false} {
				here, there := offered(t, a, b, a.letterTo("referral"))
				if accepted {
					there.does(t, b.taker, handover.Accept)
				}
				steps := []func() error{
					func() error {
						return a.post(a.room.CallBack(ctx, a.again(a.amal), command(), here.of, here.id, "safety"))
					},
					func() error { return here.tightens(a.amal, referral.Stricter{Handling: cx.H3}) },
				}
				for _, step := range steps { // both leave before either arrives
					if err := step(); err != nil {
						t.Fatal(err)
					}
				}
				if !recallFirst {
					slices.Reverse(a.posted)
				}
				carry(t, a, b)
				v := here.view(t, a.amal)
				want := ""
				if !accepted {
					want = "erased"
				}
				if v.Abroad.Outcome != want || v.Term.Handling != cx.H3 {
					t.Errorf("accepted %v, recall first %v: outcome %q, %s", accepted, recallFirst, v.Abroad.Outcome, v.Term.Handling)
				}
				if last := b.opened[len(b.opened)-1]; last.Refused != "" {
					t.Errorf("accepted %v, recall first %v: refused as %s", accepted, recallFirst, last.Refused)
				}
				gone := b.number(t, `SELECT COUNT(*) FROM referral_term WHERE case_id = $1`, there.of) == 0
				if gone == accepted {
					t.Errorf("accepted %v, recall first %v: gone %v", accepted, recallFirst, gone)
				}
				if accepted {
					if w := there.view(t, b.taker); w.Term.Handling != cx.H3 || w.Abroad.Recalled.IsZero() {
						t.Errorf("recall first %v: %+v", recallFirst, w.Term)
					}
				}
			}
		}
		a.sound(t)
		b.sound(t)
	})
}
