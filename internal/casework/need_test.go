package casework_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/facts"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"

	"github.com/google/go-cmp/cmp"
)

// need adds a need and returns its identifier.
func (o *office) need(t testing.TB, c *access.Caller, id ident.Case, service string) ident.Need {
	t.Helper()
	if err := o.room.AddNeed(ctx, c, command(), id, casework.NewNeed{Service: service, Words: sealed.NewText("I cannot sleep.")}); err != nil {
		t.Fatal(err)
	}
	list := o.needs(t, c, id)
	return list[len(list)-1].ID
}

func (o *office) needs(t testing.TB, c *access.Caller, id ident.Case) []*casework.Need {
	t.Helper()
	list, err := o.room.Needs(ctx, c, id)
	if err != nil {
		t.Fatal(err)
	}
	return list.Needs
}

// facts returns what a consumer has not read yet.
func (o *office) facts(t testing.TB) (out []facts.Row) {
	t.Helper()
	err := o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = facts.Pending(ctx, tx, "gaps", 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNeedFromAskedToOutcome(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		need := o.need(t, worker, id, "emergency_shelter")
		due := o.Clock.Now().AddDate(0, 0, 5)
		ask := casework.Request{Provider: sealed.NewText("The house by the river"), Due: due, Note: sealed.NewText("A bed for her.")}
		if err := o.room.RequestService(ctx, worker, command(), id, need, ask); err != nil {
			t.Fatal(err)
		}
		if got, want := dues(t, o, id), []string{"service open"}; !cmp.Equal(got, want) {
			t.Errorf("deadlines = %v, want %v", got, want)
		}
		o.Clock.Advance(3 * 24 * time.Hour)
		worker = o.As(access.Signed{Staff: worker.Staff(), Role: worker.Role(), Unit: o.North})
		if err := o.room.DeliverService(ctx, worker, command(), id, need, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.RequestService(ctx, worker, command(), id, need, ask); fault.CodeOf(err) != "need-over" {
			t.Errorf("asked for what is there: %v, want need-over", err)
		}
		if err := o.room.CloseNeed(ctx, worker, command(), id, need, casework.Outcome{Code: "met", Words: sealed.NewText("I sleep now.")}); err != nil {
			t.Fatal(err)
		}
		n := o.needs(t, worker, id)[0]
		if n.State != casework.NeedEnded || n.Outcome != "met" || n.Provider.Reveal() != "The house by the river" || n.Note.Reveal() != "A bed for her." {
			t.Errorf("need = %s, %s, %q, %q", n.State, n.Outcome, n.Provider.Reveal(), n.Note.Reveal())
		}
		if got, want := dues(t, o, id), []string{"service done"}; !cmp.Equal(got, want) {
			t.Errorf("deadlines = %v, want %v", got, want)
		}
		child, err := o.room.Open(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range child.Events {
			kinds = append(kinds, e.Kind)
		}
		if want := []string{"need-ended", "need-delivered", "need-requested", "need-added", "registered"}; !cmp.Equal(kinds, want) {
			t.Errorf("events = %v, want %v", kinds, want)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
		all := o.facts(t)
		if len(all) != 1 || all[0].Version != 4 || all[0].Month != o.Clock.Now().UTC().AddDate(0, 0, -3).Format("2006-01") {
			t.Fatalf("facts = %+v, want one in its fourth version", all)
		}
		want := map[string]string{"service": "emergency_shelter", "state": "ended", "outcome": "met", "sex": "female", "age": "12-14", "waited": "3"}
		if diff := cmp.Diff(want, all[0].Codes); diff != "" {
			t.Errorf("codes (-want +got):\n%s", diff)
		}
	})
}

// dues returns the deadlines of needs of a case, as "kind state".
func dues(t *testing.T, o *office, id ident.Case) (out []string) {
	t.Helper()
	for _, state := range o.dueOf(t, id, "service") {
		out = append(out, "service "+state)
	}
	return out
}

// dueOf returns the states of the deadlines of a kind, the first set first.
func (o *office) dueOf(t *testing.T, id ident.Case, kind string) (out []string) {
	t.Helper()
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, `SELECT state FROM deadline_due WHERE case_id = $1 AND kind = $2 ORDER BY set_at, id`, id, kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var state string
			if err := rows.Scan(&state); err != nil {
				return err
			}
			out = append(out, state)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUnmetNeedIsFoundAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		need := o.need(t, worker, id, "other")
		if f := fault.FieldsOf(o.room.MarkUnmet(ctx, worker, command(), id, need, "", sealed.Text{})); len(f) != 1 || f[0].Name != "unmet_reason" {
			t.Errorf("without a reason: %+v", f)
		}
		if err := o.room.MarkUnmet(ctx, worker, command(), id, need, "no_place", sealed.NewText("Full until spring.")); err != nil {
			t.Fatal(err)
		}
		if n := o.needs(t, worker, id)[0]; n.State != casework.NeedUnmet || n.Unmet != "no_place" || n.Ended.IsZero() {
			t.Errorf("need = %s, %s", n.State, n.Unmet)
		}
		if f := o.facts(t); len(f) != 1 || f[0].Codes["unmet"] != "no_place" {
			t.Errorf("facts = %+v, want a gap", f)
		}
		ask := casework.Request{Staff: worker.Staff(), Due: o.Clock.Now().AddDate(0, 0, 1)}
		if err := o.room.RequestService(ctx, worker, command(), id, need, ask); err != nil {
			t.Fatal(err)
		}
		if n := o.needs(t, worker, id)[0]; n.State != casework.NeedRequested || n.Unmet != "" || !n.Ended.IsZero() || n.Staff != worker.Staff() {
			t.Errorf("need = %+v, want it requested", n)
		}
		if f := o.facts(t); len(f) != 1 || f[0].Codes["unmet"] != "" || f[0].Codes["state"] != "requested" {
			t.Errorf("facts = %+v, want no gap", f)
		}
	})
}

func TestWhoMayNotTouchNeeds(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		need := o.need(t, worker, id, "other")
		elsewhere := o.register(t, worker)
		for name, c := range map[string]*access.Caller{
			"a colleague":          o.Person(access.RoleCaseWorker, o.North),
			"another supervisor":   o.Person(access.RoleSupervisor, o.South),
			"the node's operator":  o.Person(access.RoleNodeOperator, o.Head),
			"an auditor":           o.Person(access.RoleAuditor, o.Head),
			"somebody who left":    nil,
			"a first responder":    o.Person(access.RoleFirstResponder, o.North),
			"a job for other work": o.Gate.Job("rewrap"),
		} {
			if err := o.room.MarkUnmet(ctx, c, command(), id, need, "no_place", sealed.Text{}); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v, want refused", name, err)
			}
			if _, err := o.room.Needs(ctx, c, id); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s reads: %v, want refused", name, err)
			}
		}
		if err := o.room.MarkUnmet(ctx, worker, command(), elsewhere, need, "no_place", sealed.Text{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a need of another case: %v, want not found", err)
		}
		if err := o.room.MarkUnmet(ctx, o.Person(access.RoleSupervisor, o.North), command(), id, need, "no_place", sealed.Text{}); err != nil {
			t.Errorf("the supervisor: %v", err)
		}
	})
}

func TestAnAlteredNeedIsNotShown(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.register(t, worker)
	need := o.need(t, worker, id, "other")
	err := o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE casework_need SET service = 'helpline' WHERE case_id = $1`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.room.Needs(ctx, worker, id); fault.CodeOf(err) != "record-altered" {
		t.Errorf("read: %v, want record-altered", err)
	}
	if err := o.room.DeliverService(ctx, worker, command(), id, need, sealed.Text{}); fault.CodeOf(err) != "record-altered" {
		t.Errorf("written over: %v, want record-altered", err)
	}
	if r := o.reconcile(t); r.Wrong == 0 {
		t.Error("the reconciliation finds nothing")
	}
}

// TestNoFactLeadsBack: two children with the same need leave facts that cannot be told
// apart, and nothing that is stored in clear stands in a fact and beside a case.
func TestNoFactLeadsBack(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		known := map[string]bool{}
		var cases []ident.Case
		for range 2 {
			id := o.register(t, worker)
			cases = append(cases, id)
			for range 2 {
				need := o.need(t, worker, id, "other")
				known[string(need[:])] = true
			}
			known[string(id[:])] = true
		}
		rows := o.facts(t)
		if len(rows) != 4 {
			t.Fatalf("facts = %d, want 4", len(rows))
		}
		for _, f := range rows {
			for k := range known {
				if strings.Contains(string(f.ID), k) || len(f.ID) < 16 {
					t.Errorf("a fact is named after what it comes from")
				}
			}
			if diff := cmp.Diff(rows[0].Codes, f.Codes); diff != "" || f.Month != rows[0].Month || f.Area != rows[0].Area {
				t.Errorf("facts of the same need differ:\n%s", diff)
			}
		}
		// No column of any other table, the journal included, holds a fact's identifier.
		tables, err := o.DB.Tables()
		if err != nil {
			t.Fatal(err)
		}
		err = o.DB.Read(ctx, func(tx *store.Tx) error {
			for _, table := range tables {
				if strings.HasPrefix(table.Name, "facts_") {
					continue
				}
				for _, c := range table.Columns {
					got, err := tx.Query(ctx, "SELECT "+c.Name+" FROM "+table.Name)
					if err != nil {
						return err
					}
					for got.Next() {
						var v any
						if err := got.Scan(&v); err != nil {
							return err
						}
						for _, f := range rows {
							if b, ok := v.([]byte); ok && strings.Contains(string(b), string(f.ID)) {
								t.Errorf("%s.%s holds a fact's identifier", table.Name, c.Name)
							}
						}
					}
					if err := got.Close(); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// With the key of one case the facts of that case are found, and no others.
		err = o.DB.Write(ctx, func(tx *store.Tx) error {
			return access.EraseAgain(ctx, tx, o.Custody, o.Journal, cases[0], casework.EraseRows)
		})
		if err != nil {
			t.Fatal(err)
		}
		gone := 0
		for _, f := range o.facts(t) {
			if f.Version == 0 && f.Kind == "" {
				gone++
			}
		}
		if gone != 2 {
			t.Errorf("erased with the case: %d facts, want its 2", gone)
		}
	})
}
