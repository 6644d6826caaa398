package journal_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"causeway/internal/access/accesstest"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// outsideRows is what reconciliation does not see, each with its reason.
var outsideRows = map[string]string{
	"keys_subject change created_at": "the time is for people; key, kind, epoch and subject are bound to the wrapping",
	"keys_subject swap created_at":   "the same",
	"keys_subject insert ":           "a key for a subject that has no record opens nothing",
}

// TestEveryChangeOfARowIsFound changes, removes, adds and swaps every column of
// every row of the tables that reconciliation looks after.
func TestEveryChangeOfARowIsFound(t *testing.T) {
	o := withCases(t, accesstest.New(t))
	o.withhold(t, 0)
	o.withhold(t, 1)
	o.Entries(t)
	keyed := map[string][]string{
		"casework_case": {"id"}, "casework_event": {"case_id", "seq"}, "person_person": {"id"}, "keys_subject": {"subject"},
		"access_reach": {"case_id", "holder"}, "access_withhold": {"case_id", "holder"}, "access_permit": {"case_id", "purpose", "basis"},
	}
	for name, key := range keyed {
		keyColumns[name] = key
	}
	tables := map[string]*table{}
	err := o.DB.Dump(ctx, func(name string, columns []string, row []any) error {
		if keyed[name] == nil {
			return nil
		}
		if tables[name] == nil {
			tables[name] = &table{name: name, columns: slices.Clone(columns)}
		}
		tables[name].rows = append(tables[name].rows, slices.Clone(row))
		return nil
	})
	if err != nil || len(tables) != len(keyed) {
		t.Fatalf("tables = %d, %v", len(tables), err)
	}
	for name, tb := range tables {
		t.Run(name, func(t *testing.T) { o.mutate(t, tb) })
	}
}

func (o *office) mutate(t *testing.T, tb *table) {
	tried := 0
	for i, row := range tb.rows {
		check := func(change, column string, do func(tx *store.Tx) error) {
			rep, ok := o.after(t, do)
			if !ok {
				return
			}
			tried++
			named := strings.Contains(strings.Join(kinds(rep), "\n"), " "+tb.name)
			if _, out := outsideRows[tb.name+" "+change+" "+column]; !out && (rep.Exit != journal.Altered || !named) {
				t.Errorf("%s row %d %s %s: found %q", tb.name, i, change, column, kinds(rep))
			}
		}
		check("delete", "", func(tx *store.Tx) error { return tb.delete(tx, row) })
		other := tb.rows[(i+1)%len(tb.rows)]
		for c, column := range tb.columns {
			for _, v := range variants(row[c], i == 0 && !testing.Short()) {
				check("change", column, func(tx *store.Tx) error { return tb.update(tx, row, column, v) })
			}
			if !slices.Contains(keyColumns[tb.name], column) && fmt.Sprint(other[c]) != fmt.Sprint(row[c]) {
				check("swap", column, func(tx *store.Tx) error {
					err := tb.update(tx, row, column, between(row[c]))
					return errors.Join(err, tb.update(tx, other, column, row[c]), tb.update(tx, row, column, other[c]))
				})
			}
		}
		extra := slices.Clone(row)
		for c, column := range tb.columns {
			switch v := row[c].(type) {
			case []byte:
				if slices.Contains(keyColumns[tb.name], column) || column == "id" {
					extra[c] = bytesOf(len(v))
				}
			case string:
				if column == "number" {
					extra[c] = "34679ACDE"
				}
			}
		}
		check("insert", "", func(tx *store.Tx) error { return tb.insert(tx, extra) })
	}
	if tried < 20 {
		t.Errorf("changes tried = %d", tried)
	}
}
