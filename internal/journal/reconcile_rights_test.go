package journal_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// withhold keeps a case from somebody.
func (o *office) withhold(t testing.TB, i int) ident.Staff {
	t.Helper()
	from := ident.New[ident.Staff]()
	boss := o.Person(access.RoleSupervisor, o.North)
	err := o.room.Withhold(ctx, boss, ident.New[ident.Command](), o.cases[i], from, sealed.NewText("Of the family."))
	if err != nil {
		t.Fatal(err)
	}
	return from
}

// assign gives a case to another worker of the unit.
func (o *office) assign(t testing.TB, i int) ident.Staff {
	t.Helper()
	o.Clock.Advance(time.Minute)
	worker := ident.New[ident.Staff]()
	boss := o.Person(access.RoleSupervisor, o.North)
	err := o.room.Assign(ctx, boss, ident.New[ident.Command](), o.cases[i], worker, o.North, sealed.Text{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return worker
}

// rightOf returns a row of one of access's tables by its case and its holder.
func rightOf(t testing.TB, db *store.DB, name string, id ident.Case, holder []byte) dumped {
	t.Helper()
	var out dumped
	err := db.Dump(ctx, func(table string, columns []string, row []any) error {
		if table == name && cell(columns, row, "case_id", id[:]) && cell(columns, row, "holder", holder) {
			out = dumped{table, slices.Clone(columns), slices.Clone(row)}
		}
		return nil
	})
	if err != nil || out.row == nil {
		t.Fatalf("no row of %s: %v", name, err)
	}
	return out
}

// TestReconcileReach: nobody is given reach, kept from it, or freed of a
// withholding behind the program's back.
func TestReconcileReach(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, ao *accesstest.Office) {
		o := withCases(t, ao)
		id, other := o.cases[0], o.cases[1]
		lead, from := o.worker.Staff(), o.withhold(t, 0)
		old := rightOf(t, o.DB, "access_reach", id, lead[:])
		next := o.assign(t, 0)
		stranger := bytesOf(16)
		tests := []struct {
			name   string
			change func(tx *store.Tx) error
			want   []string
		}{
			{"reach slipped in", sqlChange(`INSERT INTO access_reach (case_id, holder, relation, from_at, until_at)
				VALUES ($1, $2, 'lead', 0, $3)`, id, stranger, int64(1)<<62), []string{"extra access_reach"}},
			{"reach copied for somebody else", sqlChange(`INSERT INTO access_reach (case_id, holder, relation, from_at, until_at, id, version, row_mac)
				SELECT case_id, $2, relation, from_at, until_at, $3, version, row_mac FROM access_reach WHERE case_id = $1 AND holder = $4`,
				id, stranger, bytesOf(16), next[:]), []string{"extra access_reach"}},
			{"reach given to somebody else", sqlChange(`UPDATE access_reach SET holder = $2 WHERE case_id = $1 AND holder = $3`,
				id, stranger, next[:]), []string{"edited access_reach"}},
			{"ended reach made good", sqlChange(`UPDATE access_reach SET until_at = $2 WHERE case_id = $1 AND holder = $3`,
				id, int64(1)<<62, lead[:]), []string{"edited access_reach"}},
			{"ended reach put back as it was", func(tx *store.Tx) error {
				tb := &table{name: "access_reach", columns: old.columns}
				return errors.Join(sqlChange(`DELETE FROM access_reach WHERE case_id = $1 AND holder = $2`, id, lead[:])(tx), tb.insert(tx, old.row))
			}, []string{"older access_reach"}},
			{"reach taken away", sqlChange(`DELETE FROM access_reach WHERE case_id = $1 AND holder = $2`, id, next[:]), []string{"missing access_reach"}},
			{"reach moved to another child", sqlChange(`UPDATE access_reach SET case_id = $2 WHERE case_id = $1 AND holder = $3`,
				id, other, next[:]), []string{"moved access_reach"}},
			{"a helper made lead", sqlChange(`UPDATE access_reach SET relation = 'helper' WHERE case_id = $1 AND holder = $2`,
				id, next[:]), []string{"edited access_reach"}},
			{"reach to a case nobody registered", sqlChange(`INSERT INTO access_reach (case_id, holder, relation, from_at, until_at)
				VALUES ($1, $2, 'lead', 0, $3)`, bytesOf(16), stranger, int64(1)<<62), []string{"extra access_reach"}},
			{"withholding ended", sqlChange(`UPDATE access_withhold SET until_at = 0 WHERE case_id = $1 AND holder = $2`,
				id, from[:]), []string{"edited access_withhold"}},
			{"withholding taken away, with its mirror", func(tx *store.Tx) error {
				return errors.Join(sqlChange(`DELETE FROM access_withhold WHERE case_id = $1`, id)(tx),
					sqlChange(`DELETE FROM access_reach WHERE case_id = $1 AND relation = 'withheld'`, id)(tx))
			}, []string{"missing access_reach", "missing access_withhold"}},
			{"withholding slipped in", sqlChange(`INSERT INTO access_withhold (case_id, holder, from_at, until_at)
				VALUES ($1, $2, 0, $3)`, id, stranger, int64(1)<<62), []string{"extra access_withhold"}},
			{"basis changed", sqlChange(`UPDATE access_permit SET basis = 'consent' WHERE case_id = $1`, id), []string{"edited access_permit"}},
			{"basis slipped in", sqlChange(`INSERT INTO access_permit (case_id, purpose, basis, from_at, until_at)
				VALUES ($1, 'sharing', 'consent', 0, $2)`, id, int64(1)<<62), []string{"extra access_permit"}},
			{"basis taken away", sqlChange(`DELETE FROM access_permit WHERE case_id = $1`, id), []string{"missing access_permit"}},
		}
		for _, sequenced := range []bool{false, true} {
			if rep := o.reconcile(t); rep.Exit != journal.Sound {
				t.Fatalf("untouched: %+v", rep.Findings)
			}
			for _, tt := range tests {
				rep, ok := o.after(t, tt.change)
				if !ok {
					t.Errorf("%s: the schema refused it", tt.name)
					continue
				}
				if got := kinds(rep); !slices.Equal(got, tt.want) || rep.Exit != journal.Altered {
					t.Errorf("sequenced %v, %s: found %q, want %q", sequenced, tt.name, got, tt.want)
				}
			}
			o.Entries(t)
		}
	})
}

// TestReconcileRestoredWithholding: what a restore puts into force again is
// entered, stands beside the case's chain, and is missed when it goes.
func TestReconcileRestoredWithholding(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, ao *accesstest.Office) {
		o := withCases(t, ao)
		from := ident.New[ident.Staff]()
		again := func() {
			t.Helper()
			err := o.DB.Write(ctx, func(tx *store.Tx) error {
				return access.WithholdAgain(ctx, tx, o.Custody, o.Journal, o.cases[2], from)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		before := len(o.Entries(t))
		again()
		again() // nothing to do
		for range 2 {
			if rep := o.reconcile(t); rep.Exit != journal.Sound {
				t.Errorf("restored: %+v", rep.Findings)
			}
			rep, _ := o.after(t, sqlChange(`DELETE FROM access_withhold WHERE case_id = $1`, o.cases[2]))
			if got := kinds(rep); !slices.Equal(got, []string{"missing access_withhold"}) {
				t.Errorf("taken away: found %q", got)
			}
			if n := len(o.Entries(t)) - before; n != 1 {
				t.Errorf("entries = %d, want one", n)
			}
		}
		if _, err := o.Journal.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		report, err := journal.Verify(ctx, journal.FromDatabase(o.DB), journal.Options{Keys: verifierKeys(t, o), Now: o.Clock.Now()}, nil)
		if err != nil || report.Exit != journal.Sound {
			t.Errorf("the journal: %+v, %v", report, err)
		}
		if _, err := o.room.Open(ctx, o.worker, o.cases[2]); err != nil {
			t.Errorf("the case opens no more: %v", err)
		}
	})
}

func verifierKeys(t testing.TB, o *office) []string {
	t.Helper()
	public, err := o.Ring.VerifierKeys(o.Journal.Origin())
	if err != nil {
		t.Fatal(err)
	}
	return public
}
