package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// inside lets a verification look into a transaction that is rolled back.
type inside struct{ tx *store.Tx }

func (i inside) Scan(_ context.Context, fn func(*store.Tx) error) error { return fn(i.tx) }

var errUndo = errors.New("undo")

// while runs change in a transaction, verifies what it left, and undoes it. ok is
// false when the schema refused the change.
func (r *rig) while(t testing.TB, o journal.Options, change func(tx *store.Tx) error) (rep *journal.Report, ok bool) {
	t.Helper()
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Savepoint(ctx, func() error { return change(tx) }); err != nil {
			return errUndo
		}
		ok = true
		var err error
		rep, err = journal.Verify(ctx, journal.FromDatabase(inside{tx}), o, nil)
		if err != nil {
			t.Errorf("verify: %v", err)
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	return rep, ok
}

// keyColumns are the primary keys of the journal's tables.
var keyColumns = map[string][]string{
	"journal_pending": {"entry_id"}, "journal_entry": {"idx"}, "journal_subject": {"subject", "idx"},
	"journal_chain": {"subject"}, "journal_tile": {"level", "n"}, "journal_head": {"log"},
	"journal_checkpoint": {"epoch", "size"}, "journal_epoch": {"epoch"},
}

// table is everything a table holds.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

func (t *table) column(name string) int { return slices.Index(t.columns, name) }

// where returns the condition that picks a row by its key, with its arguments.
func (t *table) where(row []any, first int) (string, []any) {
	var terms []string
	var args []any
	for i, k := range keyColumns[t.name] {
		terms = append(terms, fmt.Sprintf("%s = $%d", k, first+i))
		args = append(args, row[t.column(k)])
	}
	return strings.Join(terms, " AND "), args
}

func (t *table) update(tx *store.Tx, row []any, column string, value any) error {
	where, args := t.where(row, 2)
	n, err := tx.Exec(ctx, "UPDATE "+t.name+" SET "+column+" = $1 WHERE "+where, append([]any{value}, args...)...)
	if err == nil && n != 1 {
		err = fmt.Errorf("%d rows changed", n)
	}
	return err
}

func (t *table) delete(tx *store.Tx, row []any) error {
	where, args := t.where(row, 1)
	_, err := tx.Exec(ctx, "DELETE FROM "+t.name+" WHERE "+where, args...)
	return err
}

func (t *table) insert(tx *store.Tx, row []any) error {
	marks := make([]string, len(row))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	_, err := tx.Exec(ctx, "INSERT INTO "+t.name+" ("+strings.Join(t.columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", slices.Clone(row)...)
	return err
}

// tables reads every table of the journal.
func (r *rig) tables(t testing.TB) map[string]*table {
	t.Helper()
	out := map[string]*table{}
	err := r.db.Dump(ctx, func(name string, columns []string, row []any) error {
		if !strings.HasPrefix(name, "journal_") {
			return nil
		}
		if out[name] == nil {
			out[name] = &table{name: name, columns: slices.Clone(columns)}
		}
		out[name].rows = append(out[name].rows, slices.Clone(row))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// variants returns other values for a column: a byte changed at several places,
// one cut off, one added, nothing at all.
func variants(v any, every bool) []any {
	switch v := v.(type) {
	case int64:
		return []any{v + 1, v - 1, v ^ 1<<40, -v - 1}
	case string:
		var out []any
		for _, b := range variants([]byte(v), every) {
			if b, ok := b.([]byte); ok {
				out = append(out, string(b))
			}
		}
		return out
	case []byte:
		out := []any{nil, append(bytes.Clone(v), 0)}
		if len(v) == 0 {
			return out
		}
		out = append(out, bytes.Clone(v[:len(v)-1]))
		places := []int{0, len(v) / 3, len(v) / 2, len(v) - 1}
		if every {
			places = places[:0]
			for i := 0; i < len(v); i += 1 + len(v)/500 {
				places = append(places, i)
			}
		}
		for _, i := range places {
			b := bytes.Clone(v)
			b[i] ^= 1
			out = append(out, b)
		}
		return out
	case nil:
		return []any{[]byte{}, []byte{0}}
	}
	return nil
}

// small is a log with a bit of everything: two epochs, three checkpoints, more
// than one tile, payloads, an erased subject, entries that wait.
type small struct {
	*rig
	erased  ident.Subject
	waiting map[string]bool // identifiers of waiting entries that write
}

func newSmall(t testing.TB) *small {
	t.Helper()
	s := &small{rig: onSQLite(t), erased: ident.New[ident.Subject](), waiting: map[string]bool{}}
	payload := func(subject ident.Subject, version int64) journal.Entry {
		e := write(subject, version)
		e.Payload = bytesOf(80)
		return e
	}
	s.fill(t, 120)
	kept := ident.New[ident.Subject]()
	s.append(t, payload(kept, 1), payload(s.erased, 1), payload(s.erased, 2))
	s.checkpoint(t)
	s.fill(t, 60)
	s.sequence(t)
	if _, err := journal.OpenEpoch(ctx, s.db, s.clk, s.ring, nodeName, "moved to another machine"); err != nil {
		t.Fatal(err)
	}
	s.j = s.open(t)
	s.fill(t, 70)
	s.checkpoint(t)
	s.append(t, journal.Entry{Via: "job", Strength: "job", Action: journal.Erase, What: "case.erase", Subjects: []ident.Subject{s.erased}, Outcome: journal.OK})
	s.exec(t, `UPDATE journal_entry SET sealed = NULL WHERE idx IN (121, 122)`)
	s.fill(t, 40)
	s.checkpoint(t)
	s.fill(t, 5)
	s.sequence(t) // a tail that is not signed yet
	ids := s.append(t, payload(kept, 2), read(kept), payload(kept, 3))
	s.waiting[string(ids[0][:])], s.waiting[string(ids[2][:])] = true, true
	s.append(t, read(kept))
	return s
}

// options: an auditor with the node's key and the newest anchor.
func (s *small) options(t testing.TB) journal.Options {
	t.Helper()
	return journal.Options{Keys: s.keys(t), Anchors: s.anchors(t), Now: s.clk.Now()}
}

// outside says why a change is not found, "" for one that must be. This is the
// whole list of what the journal does not commit to.
func (s *small) outside(change string, tb *table, row []any, column string) string {
	switch {
	case tb.name == "journal_checkpoint" && column == "at":
		return "the time in the row is for people; no signature covers it"
	case tb.name == "journal_checkpoint" && change == "delete" && row[tb.column("size")] != tb.rows[len(tb.rows)-1][tb.column("size")]:
		return "a later checkpoint vouches for more, and nobody kept this one"
	case tb.name == "journal_pending" && !s.waiting[string(row[0].([]byte))]:
		return "a reading entry that has no place yet is in no chain"
	case tb.name == "journal_pending" && change == "insert":
		return "an entry that has no place yet vouches for nothing"
	}
	return ""
}

// blamed says which tables the first bad place may be in: an entry without a
// place and the chain that vouches for it cannot be told apart.
func blamed(name string) []string {
	if name == "journal_pending" || name == "journal_chain" {
		return []string{"journal_pending", "journal_chain"}
	}
	return []string{name}
}

// judge fails unless the change was found and its table named.
func (s *small) judge(t *testing.T, what, change string, tb *table, row []any, column string, rep *journal.Report) {
	t.Helper()
	if why := s.outside(change, tb, row, column); why != "" {
		return
	}
	first := rep.First()
	switch {
	case rep.Exit == journal.Sound || first == nil:
		t.Errorf("%s: not found", what)
	case rep.Exit != journal.Altered:
		t.Errorf("%s: %s, want altered: %+v", what, rep.Says, rep.Findings)
	case !slices.Contains(blamed(tb.name), first.Table):
		t.Errorf("%s: blamed on %s %s (%s), want %s; all: %+v", what, first.Table, first.Place, first.What, tb.name, rep.Findings)
	}
}

// TestEveryChangeIsFound changes, removes, adds, swaps and cuts what is stored,
// row by row, and wants verification to name the table.
func TestEveryChangeIsFound(t *testing.T) {
	s := newSmall(t)
	o := s.options(t)
	rep, _ := s.while(t, o, func(*store.Tx) error { return nil })
	if rep.Exit != journal.Sound || rep.Erased != 1 || rep.ErasedPayloads != 2 || rep.Pending != 4 || rep.Unsigned != 5 {
		t.Fatalf("before any change: %+v", rep)
	}
	tables := s.tables(t)
	if got, want := len(tables), len(keyColumns); got != want {
		t.Fatalf("tables with rows = %d, want all %d", got, want)
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t.Run(name, func(t *testing.T) { s.mutate(t, o, tables[name]) })
	}
}

func (s *small) mutate(t *testing.T, o journal.Options, tb *table) {
	step := 1
	if len(tb.rows) > 60 {
		step = 9 // columns of every ninth row; rows as a whole all
	}
	tried := 0
	for i, row := range tb.rows {
		check := func(change, column string, do func(tx *store.Tx) error) {
			rep, ok := s.while(t, o, do)
			if ok {
				tried++
				s.judge(t, fmt.Sprintf("%s row %d %s %s", tb.name, i, change, column), change, tb, row, column, rep)
			}
		}
		if !testing.Short() || i%7 == 0 {
			check("delete", "", func(tx *store.Tx) error { return tb.delete(tx, row) })
		}
		if i%step != 0 && i != len(tb.rows)-1 {
			continue
		}
		for c, column := range tb.columns {
			for _, v := range variants(row[c], i == step && !testing.Short()) {
				check("change", column, func(tx *store.Tx) error { return tb.update(tx, row, column, v) })
			}
			if other := tb.rows[(i+3)%len(tb.rows)]; i+3 < len(tb.rows) && !slices.Contains(keyColumns[tb.name], column) && fmt.Sprint(other[c]) != fmt.Sprint(row[c]) {
				check("swap", column, func(tx *store.Tx) error {
					// A column that is unique needs a value in between.
					if err := errors.Join(tb.update(tx, row, column, between(row[c]))); err != nil {
						return err
					}
					return errors.Join(tb.update(tx, other, column, row[c]), tb.update(tx, row, column, other[c]))
				})
			}
		}
		check("insert", "", func(tx *store.Tx) error { return tb.insert(tx, s.another(tb, row)) })
	}
	if tried < 3 {
		t.Errorf("changes tried = %d", tried)
	}
}

// between is a value that stands nowhere else.
func between(v any) any {
	switch v.(type) {
	case int64:
		return int64(-77)
	case string:
		return "between"
	}
	return bytesOf(16)
}

// another makes a row that looks like the given one, under a key of its own.
func (s *small) another(tb *table, row []any) []any {
	out := slices.Clone(row)
	for _, k := range keyColumns[tb.name] {
		switch v := out[tb.column(k)].(type) {
		case int64:
			out[tb.column(k)] = v + 100_000
		case string:
			out[tb.column(k)] = v + "x"
		case []byte:
			out[tb.column(k)] = bytesOf(len(v))
		}
	}
	if tb.name == "journal_entry" {
		id := ident.NewEntry(s.clk.Now().Add(time.Hour))
		out[tb.column("entry_id")] = id[:]
	}
	return out
}

// TestEverySwapOfEntries: two entries change places.
func TestEntriesChangePlaces(t *testing.T) {
	s := newSmall(t)
	o := s.options(t)
	for _, pair := range [][2]int64{{0, 1}, {5, 250}, {255, 256}, {290, 297}} {
		rep, ok := s.while(t, o, func(tx *store.Tx) error {
			for _, q := range []struct{ from, to int64 }{{pair[0], 1 << 40}, {pair[1], pair[0]}, {1 << 40, pair[1]}} {
				if _, err := tx.Exec(ctx, `UPDATE journal_entry SET idx = $1 WHERE idx = $2`, q.to, q.from); err != nil {
					return err
				}
			}
			return nil
		})
		first := rep.First()
		if !ok || rep.Exit != journal.Altered || first.Table != "journal_entry" || first.Index != pair[0] {
			t.Errorf("%v: %s, %+v", pair, rep.Says, rep.Findings)
		}
	}
}

// TestLogCutAtTheEnd takes away the newest entries, with everything that tells of
// them but the signed checkpoint.
func TestLogCutAtTheEnd(t *testing.T) {
	s := newSmall(t)
	o := s.options(t)
	for _, last := range []int64{298, 290, 200, 100, 0} {
		rep, _ := s.while(t, o, func(tx *store.Tx) error {
			for _, q := range []string{`DELETE FROM journal_entry WHERE idx >= $1`, `DELETE FROM journal_subject WHERE idx >= $1`} {
				if _, err := tx.Exec(ctx, q, last); err != nil {
					return err
				}
			}
			return nil
		})
		if first := rep.First(); rep.Exit != journal.Altered || first.Table != "journal_entry" || first.Index != last {
			t.Errorf("cut at %d: %s, %+v", last, rep.Says, rep.First())
		}
	}
}
