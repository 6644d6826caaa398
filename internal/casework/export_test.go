package casework_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
)

// sink collects what an export reads.
type sink struct {
	export *casework.Export
	entry  ident.Entry
	rows   []casework.Row
	events []casework.Event
}

func (s *sink) Begin(e *casework.Export, entry ident.Entry) error {
	if s.export != nil {
		return fmt.Errorf("begun twice")
	}
	s.export, s.entry = e, entry
	return nil
}

func (s *sink) Row(r *casework.Row, events []casework.Event) error {
	if s.export == nil {
		return fmt.Errorf("a row before the beginning")
	}
	s.rows, s.events = append(s.rows, *r), append(s.events, events...)
	return nil
}

var exportFields = []string{"number", "name"}

func order() casework.Order {
	return casework.Order{
		Fields: exportFields, Format: "csv", Reason: sealed.NewText("For the judge."), Pass: sealed.NewText("a long passphrase"),
	}
}

func (o *office) export(t *testing.T, c *access.Caller, x casework.Order) *sink {
	t.Helper()
	id, err := o.room.OrderExport(ctx, c, command(), x, exportFields)
	if err != nil {
		t.Fatal(err)
	}
	var s sink
	if err := o.room.FetchExport(ctx, c, id, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// TestAListIsExportedPageByPage: every child once, each a subject of an entry, and
// never more than the exporter may see.
func TestAListIsExportedPageByPage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		want := map[ident.Case]bool{}
		for range casework.PageRows + 7 {
			want[o.register(t, worker)] = true
		}
		o.register(t, o.Person(access.RoleCaseWorker, o.South)) // of another unit
		kept := o.register(t, worker)
		if err := o.room.Withhold(ctx, worker, command(), kept, boss.Staff(), sealed.NewText("Her aunt.")); err != nil {
			t.Fatal(err)
		}
		got := o.export(t, boss, order())
		seen := map[ident.Case]bool{}
		for _, r := range got.rows {
			if !want[r.Case.ID] || seen[r.Case.ID] {
				t.Errorf("case %s is there twice, or is not the exporter's", r.Case.ID.Short())
			}
			seen[r.Case.ID] = true
		}
		if len(seen) != len(want) || got.export.Cases != int64(len(want)) {
			t.Errorf("exported %d, counted %d, want %d", len(seen), got.export.Cases, len(want))
		}
		named, first := map[ident.Subject]bool{}, false
		for _, h := range o.Entries(t) {
			if h.What != "case.export" {
				continue
			}
			if h.Action != journal.Export {
				t.Errorf("entry %s of an export is %s", h.EntryID().Short(), h.Action)
			}
			first = first || h.EntryID() == got.entry
			for _, s := range h.Subjects {
				named[ident.Subject(s)] = true
			}
		}
		for id := range want {
			if !named[ident.SubjectOf(id)] {
				t.Errorf("no entry names case %s", id.Short())
			}
		}
		if named[ident.SubjectOf(kept)] || !first {
			t.Error("the withheld case is named, or the code in the file is no entry of the export")
		}
		some := order()
		for id := range want {
			some.Chosen = append(some.Chosen, id)
			if len(some.Chosen) == 3 {
				break
			}
		}
		some.Chosen = append(some.Chosen, kept, ident.New[ident.Case]()) // asked for, not given
		if got := o.export(t, boss, some); len(got.rows) != 3 {
			t.Errorf("of 3 chosen and 2 hidden %d were exported", len(got.rows))
		}
		high := order()
		high.Query.Risk = "low"
		if got := o.export(t, boss, high); len(got.rows) != 0 || got.export == nil {
			t.Errorf("an empty list: %d rows, begun %v", len(got.rows), got.export != nil)
		}
	})
}

func TestOneCaseSaysThatItWasExported(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		x := order()
		x.Case, x.Events = id, true
		got := o.export(t, worker, x)
		if len(got.rows) != 1 || len(got.events) != 2 || got.events[1].Kind != casework.KindRegistered {
			t.Fatalf("rows %d, events %d", len(got.rows), len(got.events))
		}
		if e := got.events[0]; e.Kind != casework.KindExported || e.Text.Reveal() != "For the judge." || e.To != "csv" || e.Author != worker.Staff() {
			t.Errorf("newest event = %+v", e)
		}
		own, err := o.room.Exports(ctx, worker)
		if err != nil || len(own) != 1 || !own[0].Order.Reason.IsZero() || !own[0].Order.Pass.IsZero() || own[0].Fetched.IsZero() {
			t.Errorf("own exports = %+v, %v: the reason of one case stands in the case only, the passphrase nowhere", own, err)
		}
		if r := o.reconcile(t); r.Exit != journal.Sound {
			t.Errorf("reconciliation = %+v", r)
		}
	})
}

func TestWhoMayNotExport(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		one, list := order(), order()
		one.Case = id
		plain := one
		plain.Plain, plain.Pass = true, sealed.Text{}
		stale := o.As(access.Signed{Staff: worker.Staff(), Role: access.RoleCaseWorker, Unit: o.North, FreshAt: o.Clock.Now().Add(-time.Hour)})
		for name, tt := range map[string]struct {
			c *access.Caller
			o casework.Order
		}{
			"a list by a worker":                {worker, list},
			"one case, not encrypted, a worker": {worker, plain},
			"a colleague":                       {o.Person(access.RoleCaseWorker, o.North), one},
			"another unit":                      {o.Person(access.RoleSupervisor, o.South), one},
			"the auditor":                       {o.Person(access.RoleAuditor, o.Head), one},
			"the auditor, a list":               {o.Person(access.RoleAuditor, o.Head), list},
			"the operator":                      {o.Person(access.RoleNodeOperator, o.Head), list},
			"nobody":                            {nil, list},
		} {
			if _, err := o.room.OrderExport(ctx, tt.c, command(), tt.o, exportFields); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s = %v, want not found", name, err)
			}
		}
		if _, err := o.room.OrderExport(ctx, stale, command(), one, exportFields); fault.CodeOf(err) != "fresh-check" {
			t.Errorf("an old sign-in = %v, want a fresh check", err)
		}
		boss := o.Person(access.RoleSupervisor, o.North)
		if _, err := o.room.OrderExport(ctx, boss, command(), plain, exportFields); err != nil {
			t.Errorf("a supervisor, not encrypted: %v", err)
		}
		if h := o.Entries(t); h[len(h)-1].What != "case.exportplain" {
			t.Errorf("the entry says %s, want that it was not encrypted", h[len(h)-1].What)
		}
	})
}

func TestWhatAnOrderNeeds(t *testing.T) {
	o := open(t, accesstest.New(t))
	boss := o.Person(access.RoleSupervisor, o.North)
	for name, tt := range map[string]struct {
		change func(*casework.Order)
		want   string
	}{
		"no reason":              {func(x *casework.Order) { x.Reason = sealed.Text{} }, "export_reason required"},
		"no field":               {func(x *casework.Order) { x.Fields = nil }, "export_field required"},
		"a field there is not":   {func(x *casework.Order) { x.Fields = []string{"secret"} }, "export_field not-in-list"},
		"no format":              {func(x *casework.Order) { x.Format = "doc" }, "export_format required"},
		"no protection":          {func(x *casework.Order) { x.Pass = sealed.Text{} }, "export_protect required"},
		"paper that is sealed":   {func(x *casework.Order) { x.Format = "paper" }, "export_protect paper-is-plain"},
		"plain and sealed":       {func(x *casework.Order) { x.Plain = true }, "export_protect choose-one"},
		"the timeline of a list": {func(x *casework.Order) { x.Events = true }, "export_field not-in-list"},
		"too many chosen":        {func(x *casework.Order) { x.Chosen = make([]ident.Case, casework.MostChosen+1) }, "case too-many"},
	} {
		x := order()
		tt.change(&x)
		_, err := o.room.OrderExport(ctx, boss, command(), x, exportFields)
		f := fault.FieldsOf(err)
		if !slices.ContainsFunc(f, func(f fault.Field) bool { return f.Name+" "+f.Code == tt.want }) {
			t.Errorf("%s = %v, want %s", name, f, tt.want)
		}
	}
	if n := len(o.Entries(t)); n != 0 {
		t.Errorf("%d entries, want none", n)
	}
}

// TestAFileIsFetchedOnce, by who ordered it, in time.
func TestAFileIsFetchedOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.North)
		cmd := command()
		id, err := o.room.OrderExport(ctx, boss, cmd, order(), exportFields)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := o.room.OrderExport(ctx, boss, cmd, order(), exportFields); err != nil || again != id {
			t.Errorf("the same form twice = %v, %v, want the same export", again, err)
		}
		if err := o.room.FetchExport(ctx, o.Person(access.RoleSupervisor, o.North), id, &sink{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("fetched by a colleague = %v, want not found", err)
		}
		if err := o.room.FetchExport(ctx, boss, id, &sink{}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.FetchExport(ctx, boss, id, &sink{}); fault.CodeOf(err) != "export-over" {
			t.Errorf("fetched twice = %v, want over", err)
		}
		if id, err = o.room.OrderExport(ctx, boss, command(), order(), exportFields); err != nil {
			t.Fatal(err)
		}
		o.Clock.Advance(16 * time.Minute)
		if err := o.room.FetchExport(ctx, boss, id, &sink{}); fault.CodeOf(err) != "export-over" {
			t.Errorf("fetched late = %v, want over", err)
		}
	})
}
