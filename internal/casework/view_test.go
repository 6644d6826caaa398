package casework_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// keeps has somebody keep a view and returns it as they see it.
func (o *office) keeps(t *testing.T, c *access.Caller, label string, q casework.Query) ident.View {
	t.Helper()
	ok(t, o.room.SaveView(ctx, c, command(), sealed.NewText(label), q))
	own := o.views(t, c).Own
	o.Clock.Advance(time.Second)
	return own[len(own)-1].ID
}

// shares is keeps, and the view is shared.
func (o *office) shares(t *testing.T, c *access.Caller, label string, q casework.Query) ident.View {
	t.Helper()
	id := o.keeps(t, c, label, q)
	ok(t, o.room.ShareView(ctx, c, command(), id))
	return id
}

func (o *office) views(t *testing.T, c *access.Caller) *casework.Views {
	t.Helper()
	v, err := o.room.Views(ctx, c)
	ok(t, err)
	return v
}

func labels(list []casework.SavedView) (out []string) {
	for _, v := range list {
		out = append(out, v.Label.Reveal())
	}
	return out
}

// missing fails unless err is what something that does not exist gives.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("%s = %v, want not found", what, err)
	}
}

func TestAViewIsRenamedRefilteredAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c, other := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.North)
		id := o.keeps(t, c, "Girls", casework.Query{Sex: "female"})
		o.keeps(t, c, "Boys", casework.Query{Sex: "male"})
		form := command()
		for range 2 { // the same form twice
			ok(t, o.room.RenameView(ctx, c, form, id, sealed.NewText("Girls at risk")))
		}
		ok(t, o.room.RefilterView(ctx, c, command(), id, casework.Query{Sex: "female", Risk: "high", Cursor: "x"}))
		v := o.views(t, c)
		want(t, labels(v.Own), "Girls at risk", "Boys")
		if q := v.Own[0].Query; q != (casework.Query{Sex: "female", Risk: "high"}) || v.Own[0].Shared() || v.Own[0].Keeper != c.Staff() {
			t.Errorf("the view is %+v", v.Own[0])
		}
		missing(t, "renaming somebody else's", o.room.RenameView(ctx, other, command(), id, sealed.NewText("Mine")))
		missing(t, "changing somebody else's", o.room.RefilterView(ctx, other, command(), id, casework.Query{}))
		missing(t, "removing somebody else's", o.room.DeleteView(ctx, other, command(), id))
		missing(t, "opening with somebody else's", o.room.OpenWith(ctx, other, command(), casework.Opening{View: id}))
		missing(t, "renaming an unknown one", o.room.RenameView(ctx, c, command(), ident.New[ident.View](), sealed.NewText("x")))
		for what, err := range map[string]error{
			"no name":     o.room.RenameView(ctx, c, command(), id, sealed.Text{}),
			"long name":   o.room.RenameView(ctx, c, command(), id, sealed.NewText(fmt.Sprintf("%061d", 1))),
			"forged code": o.room.RefilterView(ctx, c, command(), id, casework.Query{Risk: "'; DROP"}),
		} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s = %v, want invalid", what, err)
			}
		}
		ok(t, o.room.DeleteView(ctx, c, command(), id))
		want(t, labels(o.views(t, c).Own), "Boys")
	})
}

func TestASharedViewIsUsedBelow(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, head := o.staffed()
		worker, south := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		o.shares(t, head, "For all", casework.Query{Risk: "high"})
		id := o.shares(t, north, "For North", casework.Query{Risk: "low"})
		o.keeps(t, north, "Not shared", casework.Query{})
		want(t, labels(o.views(t, worker).Shared), "For all", "For North")
		want(t, labels(o.views(t, south).Shared), "For all")
		want(t, labels(o.views(t, north).Shared), "For all")
		want(t, labels(o.views(t, head).Shared))
		got := o.views(t, worker).Shared[1]
		if got.Keeper != north.Staff() || got.Unit != o.North || got.MayEnd || got.Gone || got.Query.Risk != "low" {
			t.Errorf("the reader sees %+v", got)
		}
		below, more, err := o.room.ViewsBelow(ctx, head)
		ok(t, err)
		if want(t, labels(below), "For North"); more || !below[0].MayEnd {
			t.Errorf("more %v, may end %v", more, below[0].MayEnd)
		}
		if below, _, err := o.room.ViewsBelow(ctx, worker); err != nil || len(below) != 0 {
			t.Errorf("a worker answers for %d views, %v", len(below), err)
		}
		// Others use it and change nothing.
		missing(t, "renaming", o.room.RenameView(ctx, worker, command(), id, sealed.NewText("Ours")))
		missing(t, "changing", o.room.RefilterView(ctx, head, command(), id, casework.Query{}))
		missing(t, "removing", o.room.DeleteView(ctx, head, command(), id))
		missing(t, "ending as a reader", o.room.UnshareView(ctx, worker, command(), id))
		missing(t, "ending from another unit", o.room.UnshareView(ctx, o.Person(access.RoleSupervisor, o.South), command(), id))
		// Who stands in for a supervisor uses what that unit uses.
		deputy := o.As(access.Signed{
			Staff: ident.New[ident.Staff](), Role: access.RoleSupervisor, Unit: o.South,
			DeputyFor: []ident.Staff{north.Staff()}, DeputyUnits: []ident.Unit{o.North},
		})
		want(t, labels(o.views(t, deputy).Shared), "For all", "For North")
		// Its keeper changes it for everybody.
		ok(t, o.room.RenameView(ctx, north, command(), id, sealed.NewText("For the North")))
		ok(t, o.room.RefilterView(ctx, north, command(), id, casework.Query{Risk: "medium"}))
		if got := o.views(t, worker).Shared[1]; got.Label.Reveal() != "For the North" || got.Query.Risk != "medium" {
			t.Errorf("after the change the reader sees %+v", got)
		}
		if err := o.room.DeleteView(ctx, north, command(), id); fault.CodeOf(err) != "view-shared" {
			t.Errorf("removing a shared view = %v, want refused", err)
		}
		ok(t, o.room.UnshareView(ctx, north, command(), id))
		want(t, labels(o.views(t, worker).Shared), "For all")
		ok(t, o.room.DeleteView(ctx, north, command(), id))
		whats := map[string]int{}
		for _, h := range o.Entries(t) {
			whats[string(h.Action)+" "+h.What]++
		}
		// Sharing two, and changing one of them twice.
		if whats["CONFIG view.share"] != 4 || whats["CONFIG view.unshare"] != 1 || whats["READ view.list"] == 0 {
			t.Errorf("entries: %v", whats)
		}
	})
}

func TestWhoMayShareAView(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, _ := o.staffed()
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.keeps(t, worker, "Mine", casework.Query{})
		missing(t, "sharing by a case worker", o.room.ShareView(ctx, worker, command(), id))
		missing(t, "sharing what somebody else keeps", o.room.ShareView(ctx, north, command(), id))
		o.shares(t, north, "For North", casework.Query{})
		for _, role := range []string{access.RoleFirstResponder, access.RoleNodeOperator, access.RoleAuditor} {
			c := o.Person(role, o.North)
			missing(t, "keeping by "+role, o.room.SaveView(ctx, c, command(), sealed.NewText("x"), casework.Query{}))
			missing(t, "sharing by "+role, o.room.ShareView(ctx, c, command(), id))
			missing(t, "ending by "+role, o.room.UnshareView(ctx, c, command(), id))
			if v := o.views(t, c); len(v.Shared) != 0 {
				t.Errorf("a %s sees %q", role, labels(v.Shared))
			}
		}
		if _, err := o.room.Views(ctx, nil); err == nil {
			t.Error("nobody reads views")
		}
	})
}

// TestASharedViewShowsNobodyMore: the filter of a view is asked under the reach of
// whoever uses it, also where it names a unit or a person out of that reach.
func TestASharedViewShowsNobodyMore(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, head := o.staffed()
		mine, there := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		own := register(t, o, mine)
		register(t, o, there)
		register(t, o, o.Person(access.RoleCaseWorker, o.North))
		o.shares(t, head, "All", casework.Query{})
		o.shares(t, head, "South", casework.Query{Unit: o.South})
		o.shares(t, head, "Somebody in South", casework.Query{Worker: there.Staff()})
		for c, want := range map[*access.Caller][3]int{mine: {1, 0, 0}, north: {2, 0, 0}, there: {1, 1, 1}} {
			for i, v := range o.views(t, c).Shared {
				page, err := o.room.List(ctx, c, v.Query)
				ok(t, err)
				if len(page.Rows) != want[i] || page.Total != want[i] {
					t.Errorf("%q shows %d of %d, want %d", v.Label.Reveal(), len(page.Rows), page.Total, want[i])
				}
				if c == mine && want[i] == 1 && page.Rows[0].Case.ID != own {
					t.Error("a worker sees a case that is not theirs")
				}
			}
		}
	})
}

func TestWhatAListOpensWith(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, _ := o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		own, shared := o.keeps(t, c, "Girls", casework.Query{Sex: "female"}), o.shares(t, north, "High", casework.Query{Risk: "high"})
		opens := func(want casework.Opening) {
			t.Helper()
			again := o.As(access.Signed{Staff: c.Staff(), Role: access.RoleCaseWorker, Unit: o.North}) // signed in anew
			if got := o.views(t, again).Opening; got != want {
				t.Errorf("opens with %+v, want %+v", got, want)
			}
		}
		opens(casework.Opening{BuiltIn: "all"})
		for _, x := range []casework.Opening{{BuiltIn: "closed"}, {View: own}, {View: shared}} {
			ok(t, o.room.OpenWith(ctx, c, command(), x))
			opens(x)
		}
		if err := o.room.OpenWith(ctx, c, command(), casework.Opening{BuiltIn: "forged"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a forged code = %v, want invalid", err)
		}
		missing(t, "a shared view of another unit", o.room.OpenWith(ctx, o.Person(access.RoleCaseWorker, o.South), command(), casework.Opening{View: shared}))
		missing(t, "a role without views", o.room.OpenWith(ctx, o.Person(access.RoleAuditor, o.North), command(), casework.Opening{BuiltIn: "all"}))
		// What is taken away is said, and comes back if it does.
		ok(t, o.room.UnshareView(ctx, north, command(), shared))
		opens(casework.Opening{View: shared, Gone: true})
		ok(t, o.room.ShareView(ctx, north, command(), shared))
		opens(casework.Opening{View: shared})
		// A code that the pack no longer has does not lock anybody out of the list.
		o.run(t, `UPDATE casework_view SET filter = '{"Risk":"retired"}'`)
		opens(casework.Opening{View: shared, Gone: true})
		ok(t, o.room.UnshareView(ctx, north, command(), shared))
		// Whoever removes their own view did not lose it.
		ok(t, o.room.OpenWith(ctx, c, command(), casework.Opening{View: own}))
		ok(t, o.room.DeleteView(ctx, c, command(), own))
		opens(casework.Opening{BuiltIn: "all"})
	})
}

func TestViewsHaveALimitAndAnOrder(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, _ := o.staffed()
		var want []string
		for i := range casework.MostViews {
			want = append(want, fmt.Sprintf("View %02d", casework.MostViews-i))
			ok(t, o.room.SaveView(ctx, north, command(), sealed.NewText(want[i]), casework.Query{}))
			o.Clock.Advance(time.Second)
		}
		err := o.room.SaveView(ctx, north, command(), sealed.NewText("One more"), casework.Query{})
		if f := fault.FieldsOf(err); len(f) != 1 || f[0] != (fault.Field{Name: "view_name", Code: "too-many-views"}) {
			t.Errorf("one more = %v, want refused", err)
		}
		for _, v := range o.views(t, north).Own {
			ok(t, o.room.ShareView(ctx, north, command(), v.ID))
		}
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		for _, got := range [][]string{labels(o.views(t, north).Own), labels(o.views(t, worker).Shared)} {
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("order = %q", got)
			}
		}
		id := o.keeps(t, boss, "Another", casework.Query{})
		if err := o.room.ShareView(ctx, boss, command(), id); fault.CodeOf(err) != "too-many-shared" {
			t.Errorf("sharing one more = %v, want refused", err)
		}
	})
}

// TestASharedViewStaysWhenItsKeeperGoes: nothing vanishes by itself; who supervises
// the unit ends it.
func TestASharedViewStaysWhenItsKeeperGoes(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, north, head := o.staffed()
		worker := o.Person(access.RoleCaseWorker, o.North)
		keeper := o.Person(access.RoleSupervisor, o.North)
		first, second := o.shares(t, keeper, "First", casework.Query{}), o.shares(t, keeper, "Second", casework.Query{})
		third := o.shares(t, keeper, "Third", casework.Query{})

		// The keeper goes to another unit.
		moved := o.As(access.Signed{Staff: keeper.Staff(), Role: access.RoleSupervisor, Unit: o.South})
		want(t, labels(o.views(t, worker).Shared), "First", "Second", "Third")
		if v := o.views(t, moved).Own[0]; !v.Fixed || !v.MayEnd {
			t.Errorf("the keeper who moved may change it: %+v", v)
		}
		for what, err := range map[string]error{
			"rename": o.room.RenameView(ctx, moved, command(), first, sealed.NewText("x")),
			"change": o.room.RefilterView(ctx, moved, command(), first, casework.Query{}),
			"share":  o.room.ShareView(ctx, moved, command(), first),
		} {
			if fault.CodeOf(err) != "view-of-another-unit" {
				t.Errorf("%s of what is shared with the unit before = %v, want refused", what, err)
			}
		}
		ok(t, o.room.UnshareView(ctx, moved, command(), first))
		ok(t, o.room.ShareView(ctx, moved, command(), first)) // with the new unit
		want(t, labels(o.views(t, worker).Shared), "Second", "Third")

		// They supervise no more: what is shared they can take back, and nothing else.
		plain := o.As(access.Signed{Staff: keeper.Staff(), Role: access.RoleCaseWorker, Unit: o.North})
		if v := o.views(t, plain).Own[1]; !v.Fixed {
			t.Error("a case worker may change what is shared")
		}
		missing(t, "a case worker's change", o.room.RenameView(ctx, plain, command(), second, sealed.NewText("x")))
		ok(t, o.room.UnshareView(ctx, plain, command(), second))
		ok(t, o.room.RenameView(ctx, plain, command(), second, sealed.NewText("Second, mine")))
		ok(t, o.room.ShareView(ctx, keeper, command(), second))

		// A supervisor of the unit gives one back while its keeper works here.
		ok(t, o.room.UnshareView(ctx, north, command(), second))
		want(t, labels(o.views(t, keeper).Own), "First", "Second, mine", "Third")

		// The account ends: the view stays, says so, and goes when a supervisor ends it.
		ok(t, o.room.OpenWith(ctx, worker, command(), casework.Opening{View: third}))
		p.gone = []ident.Staff{keeper.Staff()}
		if v := o.views(t, worker).Shared; len(v) != 1 || !v[0].Gone || v[0].MayEnd {
			t.Fatalf("the readers see %+v", v)
		}
		if v := o.views(t, north).Shared; len(v) != 1 || !v[0].MayEnd {
			t.Errorf("the supervisor of the unit cannot end it: %+v", v)
		}
		form := command()
		for range 2 { // the same form twice
			ok(t, o.room.UnshareView(ctx, head, form, third))
		}
		if v := o.views(t, worker); len(v.Shared) != 0 || !v.Opening.Gone {
			t.Errorf("after the end: %+v", v)
		}
		want(t, labels(o.views(t, keeper).Own), "First", "Second, mine")
		if rows := o.reconcile(t); len(rows.Findings) != 0 {
			t.Errorf("findings: %+v", rows.Findings)
		}
	})
}

// TestViewsAreSealedAnew: a label that was changed, and one that is shared, come under
// the key of today.
func TestViewsAreSealedAnew(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, _ := o.staffed()
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.shares(t, north, "Shared", casework.Query{Risk: "high"})
		ok(t, o.room.RenameView(ctx, north, command(), id, sealed.NewText("Renamed")))
		o.keeps(t, worker, "Private", casework.Query{})
		var epoch int64
		ok(t, o.DB.Write(ctx, func(tx *store.Tx) (err error) {
			epoch, err = o.Custody.RotateEpoch(ctx, tx)
			return err
		}))
		below := binary.BigEndian.AppendUint32(nil, uint32(epoch))
		if n, err := o.room.Reseal(ctx, below); n != 2 || err != nil {
			t.Errorf("%d sealed anew, %v, want 2", n, err)
		}
		if n, err := o.room.Reseal(ctx, below); n != 0 || err != nil {
			t.Errorf("%d sealed anew again, %v", n, err)
		}
		ok(t, o.room.RefilterView(ctx, north, command(), id, casework.Query{Risk: "low"}))
		v := o.views(t, worker)
		want(t, labels(v.Own), "Private")
		want(t, labels(v.Shared), "Renamed")
	})
}

// run changes what is stored behind the program's back.
func (o *office) run(t *testing.T, query string) {
	t.Helper()
	ok(t, o.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, query); return err }))
}
