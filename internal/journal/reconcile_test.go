package journal_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// office is an office with cases, all of whose rows the journal vouches for.
type office struct {
	*accesstest.Office
	room   *casework.Room
	worker *access.Caller
	cases  []ident.Case
}

func withCases(t testing.TB, o *accesstest.Office) *office {
	t.Helper()
	index := person.NewIndex(o.Ring.Derive("person/identifier"))
	room, err := casework.New(o.Gate, person.New(o.Pack, index), index, o.Pack, o.Clock, o.Ring.Derive("casework/cursor"))
	if err != nil {
		t.Fatal(err)
	}
	out := &office{Office: o, room: room, worker: o.Person(access.RoleCaseWorker, o.North)}
	for i := range 3 {
		out.cases = append(out.cases, out.register(t, fmt.Sprint("Invented ", i)))
		if i == 1 {
			o.Entries(t) // sequences; what follows waits for its place
		}
	}
	out.note(t, 0)
	out.note(t, 1)
	return out
}

func (o *office) register(t testing.TB, name string) ident.Case {
	t.Helper()
	id, err := o.room.Register(ctx, o.worker, ident.New[ident.Command](), casework.Registration{
		Person: person.Details{Names: []person.Name{{Text: sealed.NewText(name), Kind: "known_as"}}},
		Risk:   "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// note writes down a contact, which sets the next.
func (o *office) note(t testing.TB, i int) { o.write(t, i, "conversation") }

func (o *office) write(t testing.TB, i int, kind string) {
	t.Helper()
	o.Clock.Advance(time.Minute)
	err := o.room.AddNote(ctx, o.worker, ident.New[ident.Command](), o.cases[i], casework.Note{Kind: kind, Seen: sealed.NewText("Calm.")})
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) options() journal.ReconcileOptions {
	return journal.ReconcileOptions{Keys: o.Custody, Rooms: []journal.Rows{casework.Reconciled{}, deadline.Reconciled{}, access.Reconciled{}}, Clock: o.Clock}
}

// reconcile compares the database as it is.
func (o *office) reconcile(t testing.TB) *journal.Reconciliation {
	t.Helper()
	var rep *journal.Reconciliation
	err := o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		rep, err = journal.Reconcile(ctx, tx, o.options())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// after compares the database after a change that is then undone. ok is false
// when the schema refused the change.
func (o *office) after(t testing.TB, change func(tx *store.Tx) error) (rep *journal.Reconciliation, ok bool) {
	t.Helper()
	err := o.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Savepoint(ctx, func() error { return change(tx) }); err != nil {
			return errUndo
		}
		ok = true
		var err error
		if rep, err = journal.Reconcile(ctx, tx, o.options()); err != nil {
			t.Errorf("reconcile: %v", err)
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	return rep, ok
}

func (o *office) exec(t testing.TB, q string, args ...any) {
	t.Helper()
	err := o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kinds returns what was found, as "kind table".
func kinds(rep *journal.Reconciliation) []string {
	var out []string
	for _, f := range rep.Findings {
		out = append(out, f.Kind+" "+f.Table)
	}
	slices.Sort(out)
	return out
}

func TestReconcileSound(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, ao *accesstest.Office) {
		o := withCases(t, ao)
		rep := o.reconcile(t)
		// A case, its person, the registration, two deadlines; a lead, two units, a
		// permit. Two notes of contacts, each of which sets the next.
		if rep.Exit != journal.Sound || rep.Subjects != 3 || rep.Rows != 3*(5+4)+2+2 {
			t.Errorf("reconciled = %+v, want 31 rows of 3 subjects, sound", rep)
		}
		o.Entries(t)
		if rep := o.reconcile(t); rep.Exit != journal.Sound {
			t.Errorf("after sequencing = %+v", rep)
		}
	})
}

// ofOneCase is what is found of a case whose key cannot be used.
var ofOneCase = []string{
	"edited access_permit", "edited access_reach", "edited access_reach", "edited access_reach",
	"edited casework_case", "edited casework_event", "edited casework_event", "edited casework_event",
	"edited deadline_due", "edited deadline_due", "edited deadline_due", "edited deadline_due", "edited person_person",
}

func TestReconcileNames(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, ao *accesstest.Office) {
		o := withCases(t, ao)
		a, b := o.cases[0], o.cases[2]
		before := rowOf(t, o.DB, "casework_case", a)
		o.note(t, 0)
		tests := []struct {
			name   string
			change func(tx *store.Tx) error
			want   []string
		}{
			{"case edited", sqlChange(`UPDATE casework_case SET risk = 'low' WHERE id = $1`, a), []string{"edited casework_case"}},
			{"older case put back", putBack("casework_case", a, before), []string{"older casework_case"}},
			{"version raised", sqlChange(`UPDATE casework_case SET version = version + 1 WHERE id = $1`, a), []string{"edited casework_case"}},
			{"case taken away", sqlChange(`DELETE FROM casework_case WHERE id = $1`, a), []string{"missing casework_case", "unreached person_person"}},
			{"note taken away", sqlChange(`DELETE FROM casework_event WHERE case_id = $1 AND seq = 2`, a), []string{"missing casework_event"}},
			{"notes in another order", func(tx *store.Tx) error {
				return errors.Join(sqlChange(`UPDATE casework_event SET seq = seq + 100 WHERE case_id = $1 AND seq > 1`, a)(tx),
					sqlChange(`UPDATE casework_event SET seq = 105 - seq WHERE case_id = $1 AND seq > 100`, a)(tx))
			}, []string{"edited casework_event", "edited casework_event"}},
			{"note moved to another child", sqlChange(`UPDATE casework_event SET case_id = $2, seq = 9 WHERE case_id = $1 AND seq = 2`, a, b), []string{"moved casework_event"}},
			{"note slipped in", sqlChange(`INSERT INTO casework_event (case_id, seq, id, at, kind, author, sealed, row_mac)
				SELECT case_id, 77, $2, at, kind, author, sealed, row_mac FROM casework_event WHERE case_id = $1 AND seq = 1`, a, bytesOf(16)), []string{"extra casework_event"}},
			{"child exchanged", func(tx *store.Tx) error {
				var id ident.Person
				if err := tx.QueryRow(ctx, `SELECT person_id FROM casework_case WHERE id = $1`, b).Scan(&id); err != nil {
					return err
				}
				return sqlChange(`UPDATE casework_case SET person_id = $2 WHERE id = $1`, a, id)(tx)
			}, []string{"edited casework_case", "extra person_person", "unreached person_person"}},
			{"child moved", sqlChange(`UPDATE person_person SET subject = $2 WHERE subject = $1`, a, b), []string{"moved person_person"}},
			{"child slipped in", sqlChange(`INSERT INTO person_person (id, subject, version, updated_at, sealed, row_mac)
				SELECT $2, subject, version, updated_at, sealed, row_mac FROM person_person WHERE subject = $1`, a, bytesOf(16)), []string{"extra person_person"}},
			{"case nobody registered", sqlChange(`INSERT INTO casework_event (case_id, seq, id, at, kind, sealed, row_mac)
				SELECT $2, seq, $3, at, kind, sealed, row_mac FROM casework_event WHERE case_id = $1 AND seq = 1`, a, bytesOf(16), bytesOf(16)), []string{"extra casework_event"}},
			{
				"key taken away", sqlChange(`DELETE FROM keys_subject WHERE subject = $1`, a),
				append(slices.Clone(ofOneCase), "missing keys_subject"),
			},
			{"keys exchanged", func(tx *store.Tx) error {
				var blob []byte
				if err := tx.QueryRow(ctx, `SELECT wrapped FROM keys_subject WHERE subject = $1`, b).Scan(&blob); err != nil {
					return err
				}
				return sqlChange(`UPDATE keys_subject SET wrapped = $2 WHERE subject = $1`, a, blob)(tx)
			}, append(slices.Clone(ofOneCase), "key-altered keys_subject")},
		}
		for _, tt := range tests {
			rep, ok := o.after(t, tt.change)
			if !ok {
				t.Errorf("%s: the schema refused it", tt.name)
				continue
			}
			slices.Sort(tt.want)
			if got := kinds(rep); !slices.Equal(got, tt.want) || rep.Exit != journal.Altered || rep.Wrong != int64(len(tt.want)) {
				t.Errorf("%s: found %q, want %q", tt.name, got, tt.want)
			}
		}
		if rep := o.reconcile(t); rep.Exit != journal.Sound {
			t.Errorf("after all was undone: %+v", rep.Findings)
		}
	})
}

func sqlChange(q string, args ...any) func(tx *store.Tx) error {
	return func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, q, args...)
		if err == nil && n == 0 {
			err = errors.New("nothing changed")
		}
		return err
	}
}

// cell reports whether a column of a dumped row holds b.
func cell(columns []string, row []any, name string, b []byte) bool {
	held, ok := row[slices.Index(columns, name)].([]byte)
	return ok && string(held) == string(b)
}

// rowOf returns the row of a case in a table whose key it is.
func rowOf(t testing.TB, db *store.DB, name string, id ident.Case) dumped {
	t.Helper()
	var out dumped
	err := db.Dump(ctx, func(table string, columns []string, row []any) error {
		if table == name && cell(columns, row, "id", id[:]) {
			out = dumped{table, slices.Clone(columns), slices.Clone(row)}
		}
		return nil
	})
	if err != nil || out.row == nil {
		t.Fatalf("no row of %s: %v", name, err)
	}
	return out
}

func putBack(name string, id ident.Case, old dumped) func(tx *store.Tx) error {
	return func(tx *store.Tx) error {
		tb := &table{name: name, columns: old.columns}
		if _, err := tx.Exec(ctx, "DELETE FROM "+name+" WHERE id = $1", id); err != nil {
			return err
		}
		return tb.insert(tx, old.row)
	}
}

// TestReconcileAnotherHistory: a row that was right once, in a history that the
// journal does not know, with the same version.
func TestReconcileAnotherHistory(t *testing.T) {
	o := withCases(t, accesstest.New(t))
	o.Entries(t)
	id := o.cases[2]
	first := rowOf(t, o.DB, "casework_case", id)
	chain := query[[]byte](t, o.DB, `SELECT head FROM journal_chain WHERE subject = $1`, id)[0]
	o.write(t, 2, "other")
	other := rowOf(t, o.DB, "casework_case", id)
	// The journal is made to forget the note.
	o.exec(t, `DELETE FROM journal_pending`)
	o.exec(t, `UPDATE journal_chain SET head = $2, length = length - 1 WHERE subject = $1`, id, chain)
	o.exec(t, `DELETE FROM casework_event WHERE case_id = $1 AND seq = 2`, id)
	if err := o.DB.Write(ctx, putBack("casework_case", id, first)); err != nil {
		t.Fatal(err)
	}
	o.write(t, 2, "other")
	if rep := o.reconcile(t); rep.Exit != journal.Sound {
		t.Fatalf("the second history: %+v", rep.Findings)
	}
	rep, _ := o.after(t, putBack("casework_case", id, other))
	if got := kinds(rep); !slices.Equal(got, []string{"unknown casework_case"}) {
		t.Errorf("found %q, want the case of the first history unknown", got)
	}
}

// TestReconcileErasure: rows of an erased child must be gone, and the key.
func TestReconcileErasure(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, ao *accesstest.Office) {
		o := withCases(t, ao)
		s := ident.SubjectOf(o.cases[0])
		tombstone := func(tx *store.Tx) error {
			_, err := o.Journal.Append(ctx, tx, journal.Entry{Via: "job", Action: journal.Erase, Subjects: []ident.Subject{s}, Outcome: journal.OK})
			return err
		}
		rep, _ := o.after(t, tombstone)
		want := []string{
			"key-not-erased keys_subject", "not-erased access_permit", "not-erased access_reach", "not-erased access_reach",
			"not-erased access_reach", "not-erased casework_case", "not-erased casework_event", "not-erased casework_event",
			"not-erased deadline_due", "not-erased deadline_due", "not-erased deadline_due", "not-erased person_person",
		}
		if got := kinds(rep); !slices.Equal(got, want) {
			t.Errorf("found %q, want %q", got, want)
		}
		err := o.DB.Write(ctx, func(tx *store.Tx) error {
			if _, err := o.Custody.Destroy(ctx, tx, s); err != nil {
				return err
			}
			return errors.Join(tombstone(tx), sqlChange(`DELETE FROM person_person WHERE subject = $1`, s)(tx),
				sqlChange(`DELETE FROM deadline_due WHERE case_id = $1`, s)(tx),
				sqlChange(`DELETE FROM casework_event WHERE case_id = $1`, s)(tx), sqlChange(`DELETE FROM casework_case WHERE id = $1`, s)(tx),
				sqlChange(`DELETE FROM access_reach WHERE case_id = $1`, s)(tx), sqlChange(`DELETE FROM access_permit WHERE case_id = $1`, s)(tx))
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // waiting for its place, and then in it
			if rep := o.reconcile(t); rep.Exit != journal.Sound {
				t.Errorf("after the erasure: %+v", rep.Findings)
			}
			o.Entries(t)
		}
	})
}

// TestReconcileDeletedRow: a row that a command deleted stays away.
func TestReconcileDeletedRow(t *testing.T) {
	o := withCases(t, accesstest.New(t))
	id := o.cases[0]
	event := query[[]byte](t, o.DB, `SELECT id FROM casework_event WHERE case_id = $1 AND seq = 2`, id)[0]
	err := o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := o.Journal.Append(ctx, tx, journal.Entry{
			Via: "web", Action: journal.Update, Subjects: []ident.Subject{ident.SubjectOf(id)}, Outcome: journal.OK,
			Rows: []journal.RowState{{Table: "casework_event", Row: event, Version: 2}},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := kinds(o.reconcile(t)); !slices.Equal(got, []string{"put-back casework_event"}) {
		t.Errorf("found %q, want the row put back", got)
	}
	rep, _ := o.after(t, sqlChange(`DELETE FROM casework_event WHERE id = $1`, event))
	if rep.Exit != journal.Sound {
		t.Errorf("without it: %+v", rep.Findings)
	}
}
