package match_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/match"
	"causeway/internal/match/ask"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// people makes children of an invented country, as the holder writes them and as somebody
// else would ask for them.
func people(t testing.TB, n int) (written, asked []ask.Child) {
	t.Helper()
	o, err := fixture.NewTwoOffices(7, "arabic")
	ok(t, err)
	of := func(w *fixture.Written) ask.Child {
		c := ask.Child{Given: ask.NameCodes(w.Given), Family: ask.NameCodes(w.Family), Mother: ask.NameCodes(w.Mother), Date: w.Date, Region: w.Region}
		if w.Year != 0 {
			c.Years = []int{w.Year}
		}
		return c
	}
	for range n {
		x := o.Child()
		native, latin := o.Native(&x), o.Latin(&x)
		written, asked = append(written, of(&native)), append(asked, of(&latin))
	}
	return written, asked
}

// question masks what an asker asks with, and raises it as the holder does.
func question(t testing.TB, a, b *side, id match.AgreementID, epoch uint32, c *ask.Child) []mask.Tag {
	t.Helper()
	x, y := a.the(id), b.the(id)
	mine, err := match.SecretOf(a.room, x, epoch)
	ok(t, err)
	theirs, err := match.SecretOf(b.room, y, epoch)
	ok(t, err)
	points, err := mine.HideAll(ctx, match.DomainOf(a.room, x, epoch), ask.QuestionKeys(c), nil)
	ok(t, err)
	ok(t, theirs.RaiseAll(ctx, points, nil))
	tags := make([]mask.Tag, len(points))
	for i := range points {
		tags[i] = points[i].Tag()
	}
	return tags
}

// exchanged makes a table of children and brings it there and back.
func exchanged(t testing.TB, a, b *side, children []ask.Child) (id match.AgreementID, cases []ident.Case) {
	t.Helper()
	id = agrees(t, a, b)
	for i := range children {
		cases = append(cases, b.child(children[i]))
	}
	b.tends()
	b.carry()
	return id, cases
}

// TestATableFindsAsComparingInTheClearDoes: what is found through masked keys is what would be
// found by comparing the keys themselves, with the same weights, and who is not in the
// table is not found.
func TestATableFindsAsComparingInTheClearDoes(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		written, asked := people(t, 60)
		id, cases := exchanged(t, a, b, written[:40])
		if got := tableOf(t, b, id, 1); got.State != match.Ready || got.Children != 40 || got.Back != 1 {
			t.Fatalf("the table is %+v", got)
		}
		order := slices.Clone(cases) // as the table has them
		slices.SortFunc(order, func(x, y ident.Case) int { return slices.Compare(x[:], y[:]) })
		sorted := make([]ask.Child, len(order))
		for i, of := range order {
			sorted[i] = b.children[of]
		}
		open := ask.NewTable(sorted, func(_ int, k mask.Key) mask.Tag { return openTag(k) })
		found := 0
		for i := range asked {
			got, threshold, err := match.LookUp(b.room, ctx, b.the(id), 1, question(t, a, b, id, 1, &asked[i]))
			ok(t, err)
			var tags []mask.Tag
			for _, k := range ask.QuestionKeys(&asked[i]) {
				tags = append(tags, openTag(k))
			}
			var want []match.Found
			for _, c := range open.Ask(tags) {
				if c.Weight >= threshold {
					want = append(want, match.Found{Case: order[c.Child], Weight: c.Weight, Kinds: open.Kinds(c.Child, tags)})
				}
			}
			if len(got) != len(want) {
				t.Fatalf("question %d finds %d, in the clear %d", i, len(got), len(want))
			}
			for j := range want {
				if got[j].Case != want[j].Case || got[j].Weight != want[j].Weight || !slices.Equal(got[j].Kinds, want[j].Kinds) {
					t.Errorf("question %d: got %+v, want %+v", i, got[j], want[j])
				}
			}
			if i < 40 && len(got) > 0 && got[0].Case == cases[i] {
				found++
			}
		}
		if found < 20 {
			t.Errorf("of 40 children %d are found first", found)
		}
	})
}

// openTag stands for a point that both sides raised: equal for equal keys.
func openTag(k mask.Key) mask.Tag {
	h := sha256.Sum256([]byte(k.Kind + "\x00" + k.Value))
	return mask.Tag(h[:mask.TagSize])
}

func tableOf(t testing.TB, s *side, id match.AgreementID, epoch uint32) *match.Table {
	t.Helper()
	seen, err := s.room.Look(ctx, s.focal)
	ok(t, err)
	for _, x := range seen.Tables {
		if x.Agreement == id && x.Epoch == epoch {
			return x
		}
	}
	return &match.Table{}
}

// TestNoKeyWithoutLeave: of children of whom anything is missing no key is in what leaves
// the node, whatever is missing and however the children are mixed; and a child of whom
// leave is taken later is not found from that moment.
func TestNoKeyWithoutLeave(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		written, asked := people(t, 90)
		missing := [][]string{nil, {"no-consent-for-country"}, {"protection-first"}, {"hidden-from-country"}, {"protection-first", "no-consent-for-country"}}
		id := agrees(t, a, b)
		cases := make([]ident.Case, len(written))
		for i := range written {
			cases[i] = b.child(written[i])
			b.unmet[cases[i]] = missing[i%len(missing)]
		}
		b.tends()
		left := map[mask.Point]bool{}
		for _, m := range b.tables() {
			part, err := matching.ReadPart(m.Payload)
			ok(t, err)
			for _, p := range part.All() {
				left[p] = true
			}
		}
		if len(left) != matching.Points(1_000) {
			t.Fatalf("%d points left, not %d", len(left), matching.Points(1_000))
		}
		x := b.the(id)
		secret, err := match.SecretOf(b.room, x, 1)
		ok(t, err)
		allowed := map[mask.Key]bool{}
		for i := range written {
			if missing[i%len(missing)] == nil {
				for _, k := range ask.TableKeys(&written[i]) {
					allowed[k] = true
				}
			}
		}
		in := 0
		for i := range written {
			for _, k := range ask.TableKeys(&written[i]) {
				there := left[secret.Hide(match.DomainOf(b.room, x, 1), k)]
				if there {
					in++
				}
				if there != allowed[k] {
					t.Errorf("child %d (%v): a key of it is there: %v", i, missing[i%len(missing)], there)
				}
			}
		}
		if in == 0 {
			t.Fatal("no key at all is there")
		}
		b.carry()
		for i := range written {
			got, _, err := match.LookUp(b.room, ctx, b.the(id), 1, question(t, a, b, id, 1, &asked[i]))
			ok(t, err)
			for _, f := range got {
				if len(b.unmet[f.Case]) > 0 {
					t.Errorf("a child is found of whom %v is missing", b.unmet[f.Case])
				}
				b.unmet[f.Case] = []string{"no-consent-for-country"} // from now on
			}
			again, _, err := match.LookUp(b.room, ctx, b.the(id), 1, question(t, a, b, id, 1, &asked[i]))
			ok(t, err)
			if len(again) > 0 {
				t.Errorf("question %d still finds who was taken out", i)
			}
		}
	})
}

// TestATableGoesOnWhereItWas: a node that stops between any two steps makes the same table
// as one that does not, sends every part once, and enters every child once.
func TestATableGoesOnWhereItWas(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		written, _ := people(t, 12)
		id := agrees(t, a, b)
		for i := range written {
			b.child(written[i])
		}
		for stops := 1; tableOf(t, b, id, 1).State != match.Sent; stops++ {
			if stops > 200 {
				t.Fatal("it never gets there")
			}
			c, stop := context.WithCancel(ctx)
			left := stops / 4
			b.stopAfter(left, stop)
			err := b.did(b.room.Tend(c))
			stop()
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			b.starts()
		}
		b.stopAfter(-1, nil)
		if got := tableOf(t, b, id, 1); got.Children != 12 || got.Sent != 1 {
			t.Errorf("the table is %+v", got)
		}
		if n := len(b.tables()); n != 1 {
			t.Fatalf("%d parts were sent, not 1", n)
		}
		b.tends()
		b.carry()
		b.tends()
		if len(b.posted) != 0 || tableOf(t, b, id, 1).State != match.Ready {
			t.Error("a table that is there is made again")
		}
	})
}

// TestAPartIsTakenOnceAndWhole: what is no point refuses the whole part, and so do the
// identity, a part that came before, one of another epoch, and one of nobody's table.
func TestAPartIsTakenOnceAndWhole(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		id := agrees(t, a, b)
		written, _ := people(t, 3)
		for i := range written {
			b.child(written[i])
		}
		b.tends()
		out := b.posted[0]
		b.posted = nil
		wrong := func(name string, want cx.Code, to *side, m cx.Message, change func(*matching.Part)) {
			t.Helper()
			p, err := matching.ReadPart(m.Payload)
			ok(t, err)
			p.Points = slices.Clone(p.Points)
			change(p)
			if m.Payload, err = p.Encode(); err != nil {
				t.Fatal(err)
			}
			if got := to.takes(&m); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		both := func(to *side, m cx.Message) {
			wrong("the identity", cx.BadFormat, to, m, func(p *matching.Part) { clear(p.Points[64:96]) })
			wrong("a second spelling", cx.BadFormat, to, m, func(p *matching.Part) { copy(p.Points[64:96], bytes.Repeat([]byte{0xff}, 32)) })
			wrong("no point", cx.BadFormat, to, m, func(p *matching.Part) { p.Points[64] ^= 1 })
			wrong("an epoch that is far", cx.LabelRefused, to, m, func(p *matching.Part) { p.Epoch = 9 })
			wrong("a part beyond the last", cx.LabelRefused, to, m, func(p *matching.Part) { p.Part = 1 })
			wrong("another agreement", cx.LabelRefused, to, m, func(p *matching.Part) { p.Agreement = "00" + p.Agreement[2:] })
			other := m
			other.From = "xc.care"
			wrong("another node", cx.LabelRefused, to, other, func(*matching.Part) {})
			if len(to.posted) != 0 {
				t.Fatal("something was sent back for what was refused")
			}
		}
		both(a, out)
		if got := b.takes(&out); got != cx.LabelRefused { // it comes from itself, on the wrong side
			t.Errorf("our own part: got %q", got)
		}
		if got := a.takes(&out); got != "" {
			t.Fatalf("as it is: got %q", got)
		}
		if got := a.takes(&out); got != cx.Conflict {
			t.Errorf("twice: got %q", got)
		}
		if len(a.posted) != 1 {
			t.Fatalf("%d parts went back", len(a.posted))
		}
		back := a.posted[0]
		a.posted = nil
		both(b, back)
		if tableOf(t, b, id, 1).State != match.Sent {
			t.Fatal("a refused part counts")
		}
		if got := b.takes(&back); got != "" || tableOf(t, b, id, 1).State != match.Ready {
			t.Errorf("as it is: got %q", got)
		}
		if got := b.takes(&back); got != cx.Conflict {
			t.Errorf("twice: got %q", got)
		}
	})
}

// TestATableIsOneSizeWhateverIsInIt: nobody who sees it can tell how many children there
// are; more than were agreed on are not sent.
func TestATableIsOneSizeWhateverIsInIt(t *testing.T) {
	a, b := pair(t, accesstest.New(t), accesstest.New(t))
	id := agrees(t, a, b)
	b.tends()
	if n := len(b.tables()); n != 1 {
		t.Fatalf("an empty table has %d parts", n)
	}
	empty := len(b.tables()[0].Payload)
	c, d := pair(t, accesstest.New(t), accesstest.New(t))
	agrees(t, c, d)
	written, _ := people(t, 200)
	for i := range written {
		d.child(written[i])
	}
	d.tends()
	if parts := d.tables(); len(parts) != 1 || len(parts[0].Payload) != empty {
		t.Errorf("200 children make %d parts, of %d bytes each, not %d", len(parts), len(parts[0].Payload), empty)
	}
	if x := tableOf(t, b, id, 1); x.Children != 0 || x.State != match.Sent {
		t.Errorf("the empty table is %+v", x)
	}
}

// TestALargeTableWaitsForTheNight: by day the machine is for people.
func TestALargeTableWaitsForTheNight(t *testing.T) {
	a, b := pair(t, accesstest.New(t), accesstest.New(t))
	id := agrees(t, a, b, func(f *match.Proposal) { f.SizeClass = 10_000 })
	b.tends()
	if tableOf(t, b, id, 1).State != "" {
		t.Error("it is begun at nine in the morning")
	}
	b.Clock.Advance(14 * time.Hour)
	b.full = true // nothing more can be sent: it is begun, and goes on another time
	if err := b.did(b.room.Tend(ctx)); fault.CodeOf(err) != "exchange-full" {
		t.Errorf("nothing can be sent: %v", err)
	}
	if got := tableOf(t, b, id, 1); got.State != match.Sending || got.Sent != 0 {
		t.Errorf("at eleven at night it is %+v", got)
	}
}

// TestTheNextTableIsThereWhenItsEpochBegins, and what was before it ends.
func TestTheNextTableIsThereWhenItsEpochBegins(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		written, asked := people(t, 20)
		id, _ := exchanged(t, a, b, written)
		for _, s := range []*side{a, b} {
			s.Clock.Set(b.the(id).From.AddDate(0, 0, 28))
			s.renew()
		}
		b.tends()
		b.carry()
		if got := tableOf(t, b, id, 2); got.State != match.Ready {
			t.Fatalf("two days before it begins the next table is %+v", got)
		}
		if _, _, err := match.LookUp(b.room, ctx, b.the(id), 1, question(t, a, b, id, 1, &asked[0])); err != nil {
			t.Errorf("the present one is gone: %v", err)
		}
		for _, s := range []*side{a, b} {
			s.Clock.Set(b.the(id).From.AddDate(0, 0, 70))
			s.renew()
			s.tends()
		}
		if tableOf(t, b, id, 1).State != "" || !slices.Contains(b.unsaid, match.ThreadOf(id, "table", 1)) || !slices.Contains(a.unsaid, match.ThreadOf(id, "table", 1)) {
			t.Error("something of the first table is left")
		}
		for name, s := range map[string]*side{"asker": a, "holder": b} {
			_, err := match.SecretOf(s.room, s.the(id), 1)
			wantCode(t, name, err, "key-destroyed")
		}
	})
}

// TestAnErasedChildIsInNoTable: its row goes with the case, and it is not found.
func TestAnErasedChildIsInNoTable(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		written, asked := people(t, 10)
		id, cases := exchanged(t, a, b, written)
		ok(t, b.DB.Write(ctx, func(tx *store.Tx) error { return match.EraseRows(ctx, tx, nil, cases[3]) }))
		b.unmet[cases[3]] = []string{"gone"}
		b.starts()
		got, _, err := match.LookUp(b.room, ctx, b.the(id), 1, question(t, a, b, id, 1, &asked[3]))
		ok(t, err)
		for _, f := range got {
			if f.Case == cases[3] {
				t.Error("an erased child is found")
			}
		}
	})
}
