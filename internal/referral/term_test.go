package referral_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// told returns every text in a value that somebody was given.
func told(v any) string {
	var b strings.Builder
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		if v.IsValid() && v.CanInterface() {
			switch x := v.Interface().(type) {
			case sealed.Text:
				b.WriteString(x.Reveal() + "\n")
				return
			case []byte:
				b.WriteString(string(x) + "\n")
				return
			case *forms.Form, time.Time:
				return
			}
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(v.MapIndex(k))
			}
		case reflect.String:
			b.WriteString(v.String() + "\n")
		}
	}
	walk(reflect.ValueOf(v))
	return b.String()
}

// sent are texts of what one country sends another, in the offer, in an answer, in news.
var sent = []string{name, "Needs a safe bed.", "I want to go.", "Her sister is called Veda.", "Bus 14 at noon"}

// everything gathers what a reader is told of a case that came on every way there is: each
// page, list, print, export and copy for others.
func (e end) everything(t *testing.T, c *access.Caller) string {
	t.Helper()
	var out strings.Builder
	add := func(v any, err error) {
		if err != nil {
			v = fmt.Sprint(err)
		}
		out.WriteString(told(v))
	}
	c = e.again(c)
	room := e.cases
	add(e.room.Thread(ctx, c, e.of, e.id))
	if _, err := room.Open(ctx, c, e.of); err != nil { // who opens no case is refused its pages, ever more slowly
		add(nil, err)
		return out.String()
	}
	add(e.room.Sent(ctx, c, e.of))
	add(e.room.Abroad(ctx, c))
	add(e.room.Inbox(ctx, c))
	add(room.Open(ctx, c, e.of))
	add(room.Print(ctx, c, e.of))
	add(room.ReadTimeline(ctx, c, e.of, casework.Slice{}))
	add(room.ReadTimeline(ctx, c, e.of, casework.Slice{Kind: casework.KindReferral}))
	add(room.People(ctx, c, e.of))
	add(room.Records(ctx, c, e.of, time.Time{}))
	add(room.Whole(ctx, c, e.of))
	add(room.Consents(ctx, c, e.of))
	add(room.Withheld(ctx, c, e.of))
	add(room.Keeping(ctx, c, e.of))
	add(room.Today(ctx, c, e.Clock.Now().AddDate(0, 0, 7)))
	add(room.List(ctx, c, casework.Query{}))
	rows, _, err := room.Search(ctx, c, sealed.NewText(name))
	add(rows, err)
	f := e.ask(handover.Referral)
	f.To, f.Parts, f.Reason = e.North, []string{"identity", "age", "language", "needs", "risk", "family"}, sealed.NewText("Ours.")
	if p, err := e.room.Preview(ctx, c, e.of, f); err == nil {
		add(p, nil)
	}
	return out.String()
}

// comes sends a child's record with a change to its labels, lets the other office ask and be
// answered, accept it and take the child on, and tells it of the journey.
func comes(t *testing.T, a, b *country, change func(*cx.Labels)) (here, there end) {
	t.Helper()
	a.change = change
	defer func() { a.change = nil }()
	here, there = offered(t, a, b, a.letterTo("referral"))
	there.does(t, b.taker, handover.AskInfo)
	err := a.post(a.room.MoveAbroad(ctx, a.again(a.amal), command(), here.of, here.id, referral.Answer{
		Event: handover.Info, Text: sealed.NewText("Her sister is called Veda."), Language: "en",
	}))
	if err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	there.does(t, b.taker, handover.Accept, handover.Start)
	err = a.post(a.room.Note(ctx, a.again(a.amal), command(), here.of, here.id, referral.Told{
		Step: payload.Travelling, At: a.Clock.Now(), Text: sealed.NewText("Bus 14 at noon"), Language: "en",
	}))
	if err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	return here, there
}

// TestNoWayTellsWhatOtherRolesMayOpen: for every role alone, and every pair of roles of an
// office, that a label lets open what was sent: whoever has another role is told none of it on
// any way, whoever has one of them reads it where it arrived.
func TestNoWayTellsWhatOtherRolesMayOpen(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		_, there := func() (end, end) { x, y := countries(t); return comes(t, x, y, nil) }()
		open := there.everything(t, there.taker)
		for _, text := range sent {
			if !strings.Contains(open, text) {
				t.Errorf("without a label %q is told nowhere", text)
			}
		}
		labels := [][]string{{"case_worker", "supervisor"}, {"focal_point", "supervisor"}, {"case_worker", "lawyer"}}
		for _, role := range access.Roles() {
			labels = append(labels, []string{role})
		}
		for _, roles := range labels {
			_, there := comes(t, a, b, func(l *cx.Labels) { l.Roles = roles })
			for _, role := range access.Roles() {
				c := b.Person(role, b.South)
				if role == access.RoleCaseWorker {
					c = b.taker
				}
				got := there.everything(t, c)
				for _, text := range sent {
					if told := strings.Contains(got, text); told && !slices.Contains(roles, role) {
						t.Errorf("for %v: a %s is told %q", roles, role, text)
					}
				}
				if slices.Contains(roles, role) && role == access.RoleCaseWorker && !strings.Contains(got, "Bus 14 at noon") {
					t.Errorf("for %v: a %s is told nothing", roles, role)
				}
			}
			if slices.Contains(roles, access.RoleCaseWorker) {
				v := there.view(t, b.taker)
				if v.Apart || reason(v.Payload) != "Needs a safe bed." {
					t.Errorf("for %v: a case worker cannot read it", roles)
				}
				child, err := b.cases.Open(ctx, b.again(b.taker), there.of)
				if err != nil || len(child.Person.Details.Names) != 0 {
					t.Errorf("for %v: it was copied into the record: %v", roles, err)
				}
			} else if v := there.view(t, b.taker); !v.Apart {
				t.Errorf("for %v: the case worker is not told that it is for others", roles)
			}
			page, err := b.cases.Withheld(ctx, b.Person(access.RoleSupervisor, b.South), there.of)
			if err == nil && len(page.Parts) != 0 {
				t.Errorf("for %v: %d withholdings of a label could be lifted here", roles, len(page.Parts))
			}
		}
		b.sound(t)
	})
}

// TestWhatCameIsNotPassedOn: the label says to whom it may go on; back to its sender it
// always may, and a notice of danger is not stopped.
func TestWhatCameIsNotPassedOn(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		third := identityOf("xb.care")
		for name, tt := range map[string]struct {
			label cx.Labels
			code  string
		}{
			"as usual":           {cx.Labels{Handling: cx.H2, Onward: cx.OnwardNone}, "abroad-onward-none"},
			"after asking":       {cx.Labels{Handling: cx.H1, Onward: cx.OnwardAsk}, "abroad-onward-ask"},
			"to another":         {cx.Labels{Handling: cx.H1, Onward: cx.OnwardList, Nodes: nodesOf("xd.care")}, "abroad-onward-ask"},
			"to this one":        {cx.Labels{Handling: cx.H1, Onward: cx.OnwardList, Nodes: nodesOf("xb.care")}, ""},
			"with special terms": {cx.Labels{Handling: cx.H3, Onward: cx.OnwardList, Nodes: nodesOf("xb.care")}, "abroad-onward-none"},
		} {
			_, there := comes(t, a, b, func(l *cx.Labels) { l.Handling, l.Onward, l.Nodes = tt.label.Handling, tt.label.Onward, tt.label.Nodes })
			b.protects(t, b.taker, there.of, "no_need", "clear")
			b.more = []referral.Partner{{Node: third, Name: "A third", Country: "XA", Unit: b.unit}}
			sends := func(to string, purpose string) error {
				f := b.letterTo(purpose)
				f.To = identityOf(to)
				p, err := b.room.PreviewAbroad(ctx, b.again(b.taker), there.of, f)
				if err != nil {
					return err
				}
				f.Seen = p.Seen
				_, err = b.room.SendAbroad(ctx, b.again(b.taker), command(), there.of, f)
				return b.post(err)
			}
			if got := fault.CodeOf(sends("xb.care", "referral")); got != tt.code {
				t.Errorf("%s: sent on: %q, want %q", name, got, tt.code)
			}
			if err := sends("xa.care", "referral"); err != nil {
				t.Errorf("%s: back to its sender: %v", name, err)
			}
			if err := sends("xb.care", "danger"); err != nil {
				t.Errorf("%s: a notice of danger: %v", name, err)
			}
			b.posted, b.more = nil, nil
		}
	})
}

// TestTimeOfWhatCame: on the day that a label names, what came says nothing any more on any
// way, the letters are gone and the sender knows; a legal hold stops it until it is lifted.
func TestTimeOfWhatCame(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		until := b.Clock.Now().Add(20 * 24 * time.Hour).Truncate(time.Second)
		here, there := comes(t, a, b, func(l *cx.Labels) { l.RetainRule, l.RetainUntil, l.OnExpiry = "", until, cx.Erase })
		wire := there.view(t, b.taker).Abroad.Wire
		expires := func(known bool) {
			t.Helper()
			got, err := b.room.ExpireSent(ctx, a.node, wire)
			if got != known || b.post(err) != nil {
				t.Fatalf("known %v, %v, want %v", got, err, known)
			}
		}
		expires(false) // its day has not come
		if got := there.everything(t, b.taker); !strings.Contains(got, "Veda") {
			t.Error("it is gone before its day")
		}
		for _, n := range []*country{a, b} {
			n.Clock.Advance(21 * 24 * time.Hour)
		}
		boss := b.Person(access.RoleSupervisor, b.South)
		if err := b.cases.HoldCase(ctx, b.again(boss), command(), there.of, "criminal", sealed.NewText("A trial.")); err != nil {
			t.Fatal(err)
		}
		expires(true)
		carry(t, a, b)
		if got := there.everything(t, b.taker); !strings.Contains(got, "Veda") || b.unsaid[wire] {
			t.Error("a legal hold did not stop it")
		}
		last := func() referral.Step {
			v := here.view(t, a.amal)
			return v.Steps[len(v.Steps)-1]
		}
		if s := last(); s.Event != referral.Kept || s.Code != "extended" || s.When == 0 || !b.until[wire].After(b.Clock.Now()) {
			t.Errorf("the sender reads %s %s", s.Event, s.Code)
		}
		page, err := b.cases.Keeping(ctx, b.again(boss), there.of)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.cases.LiftHold(ctx, b.again(boss), command(), there.of, page.Holds[0].ID, sealed.NewText("It is over.")); err != nil {
			t.Fatal(err)
		}
		for _, n := range []*country{a, b} {
			n.Clock.Advance(31 * 24 * time.Hour)
		}
		expires(true)
		expires(true) // killed before it was noted, it is done again and does nothing
		carry(t, a, b)
		got := there.everything(t, b.taker)
		for _, text := range sent {
			if strings.Contains(got, text) {
				t.Errorf("%q is told after its time", text)
			}
		}
		if s := last(); s.Event != referral.Kept || s.Code != "erased" {
			t.Errorf("the sender reads %s %s", s.Event, s.Code)
		}
		v := there.view(t, b.taker)
		if v.Term.Outcome != "erased" || v.Term.Ended.IsZero() || v.State != handover.Active {
			t.Errorf("the thread: %+v, %s", v.Term, v.State)
		}
		a.sound(t)
		b.sound(t)
	})
}

// TestEmptiedAgainAfterARestore: what had been taken out of the steps after a backup was made
// is taken out again before the node opens, and what was said since is not.
func TestEmptiedAgainAfterARestore(t *testing.T) {
	acrossEach(t, func(t *testing.T, a, b *country) {
		here, there := comes(t, a, b, func(l *cx.Labels) {
			l.RetainRule, l.RetainUntil, l.OnExpiry = "", a.Clock.Now().Add(time.Hour).Truncate(time.Second), cx.Erase
		})
		then := b.Clock.Now()
		for _, n := range []*country{a, b} {
			n.Clock.Advance(time.Hour)
		}
		err := a.post(a.room.Note(ctx, a.again(a.amal), command(), here.of, here.id, referral.Told{
			Step: payload.Meeting, At: a.Clock.Now(), Text: sealed.NewText("At the north gate"), Language: "en",
		}))
		if err != nil {
			t.Fatal(err)
		}
		carry(t, a, b)
		wire := there.view(t, b.taker).Abroad.Wire
		for range 2 { // a restore that was interrupted goes on
			err := b.DB.Write(ctx, func(tx *store.Tx) error {
				seal := func(s ident.Subject) (*keys.Sealer, error) { return b.Custody.Sealer(ctx, tx, s) }
				return referral.EmptyAgain(ctx, tx, seal, b.Journal, wire, then)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		got := there.everything(t, b.taker)
		for _, text := range sent {
			if strings.Contains(got, text) {
				t.Errorf("%q came back", text)
			}
		}
		if !strings.Contains(got, "At the north gate") {
			t.Error("what was said since is gone too")
		}
		b.sound(t)
	})
}
