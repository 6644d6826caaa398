package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// TestOneFormForMany: each case by a command of its own, those that cannot are
// named, and the form sent again changes nothing.
func TestOneFormForMany(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		var ids []ident.Case
		for range 3 {
			ids = append(ids, o.register(t, worker))
		}
		closed := o.register(t, worker)
		foreign := o.register(t, o.Person(access.RoleCaseWorker, o.South))
		all := append(append([]ident.Case{}, ids...), foreign)
		flag, cmd := casework.Flag{Reason: "court", Text: sealed.NewText("Hearing.")}, command()
		for range 2 {
			got, err := o.room.FlagMany(ctx, worker, cmd, all, flag)
			if err != nil || len(got) != 4 {
				t.Fatalf("%d results, %v", len(got), err)
			}
			for i, r := range got {
				if r.Case != all[i] || (r.Err != nil) != (r.Case == foreign) {
					t.Errorf("case %d: %v", i, r.Err)
				}
			}
		}
		rows, _, err := o.room.Chosen(ctx, worker, append(all, closed))
		if err != nil || len(rows) != 4 {
			t.Fatalf("chosen = %d, %v, want the 4 of the worker's own", len(rows), err)
		}
		for i, r := range rows {
			if r.Flagged != (i < 3) {
				t.Errorf("row %d flagged %v", i, r.Flagged)
			}
		}
		for _, id := range ids {
			if n := len(o.child(t, worker, id).Flags); n != 1 {
				t.Errorf("%d flags in a case, want 1", n)
			}
		}
		day := o.Clock.Now().AddDate(0, 0, 2).UTC().Truncate(time.Microsecond)
		got, err := o.room.ContactMany(ctx, worker, command(), all, day, sealed.Text{})
		if err != nil || got[0].Err != nil || !fault.Is(got[3].Err, fault.NotFound) {
			t.Fatalf("contacts = %v, %v", got, err)
		}
		if c := o.child(t, worker, ids[1]).Case; !c.NextContact.Equal(day) {
			t.Errorf("next contact = %v, want %v", c.NextContact, day)
		}
		list, err := o.room.List(ctx, worker, casework.Query{})
		if err != nil || len(list.Rows) != 4 {
			t.Fatalf("list = %v", err)
		}
		for name, ids := range map[string][]ident.Case{"nothing chosen": nil, "too many": make([]ident.Case, casework.MostChosen+1)} {
			if _, err := o.room.FlagMany(ctx, worker, command(), ids, flag); len(fault.FieldsOf(err)) != 1 {
				t.Errorf("%s = %v, want refused", name, err)
			}
		}
		if _, err := o.room.ContactMany(ctx, worker, command(), ids, time.Time{}, sealed.Text{}); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("without a day = %v, want refused", err)
		}
	})
}

// TestManyMoreThanAPage: a hundred are all shown.
func TestManyMoreThanAPage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		var ids []ident.Case
		for range casework.MostChosen {
			ids = append(ids, o.register(t, worker))
		}
		rows, _, err := o.room.Chosen(ctx, worker, ids)
		if err != nil || len(rows) != len(ids) {
			t.Errorf("chosen = %d, %v, want %d", len(rows), err, len(ids))
		}
	})
}
