package journal_test

import (
	"bytes"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// TestNothingOfAChildIsInTheJournal looks for everything that was typed about an
// invented child in every table of the journal and in a pack.
func TestNothingOfAChildIsInTheJournal(t *testing.T) {
	o := withCases(t, accesstest.New(t))
	marks := []string{"Quillon", "Farstreet", "XY-99 1234", "whispered", "1999"}
	birth, err := sealed.ParseDate("1999-05-06")
	if err != nil {
		t.Fatal(err)
	}
	id, err := o.room.Register(ctx, o.worker, ident.New[ident.Command](), casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText(marks[0]), Kind: "known_as"}},
			Birth:       person.Birth{Earliest: birth, Latest: birth},
			Identifiers: []person.Identifier{{Kind: "other", Value: sealed.NewText(marks[2])}},
		},
		Place: sealed.NewText(marks[1]), Risk: "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.room.AddNote(ctx, o.worker, ident.New[ident.Command](), id, casework.Note{Kind: "conversation", Words: sealed.NewText(marks[3])}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*access.Caller{o.worker, o.Person(access.RoleCaseWorker, o.South)} {
		_, _ = o.room.Open(ctx, c, id) // once seen, once refused
		_, _, _ = o.room.Search(ctx, c, sealed.NewText(marks[2]))
	}
	if _, err := o.Journal.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	o.Entries(t)
	err = o.DB.Dump(ctx, func(table string, columns []string, row []any) error {
		for i, v := range row {
			var b []byte
			switch v := v.(type) {
			case string:
				b = []byte(v)
			case []byte:
				b = v
			}
			for _, m := range marks {
				if bytes.Contains(b, []byte(m)) {
					t.Errorf("%q is in %s.%s", m, table, columns[i])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := o.Ring.VerifierKeys(o.Journal.Origin())
	if err != nil {
		t.Fatal(err)
	}
	var pack bytes.Buffer
	if err := journal.WritePack(ctx, o.DB, &pack, journal.PackOptions{Node: "XA-test", Keys: keys, Now: o.Clock.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, m := range marks {
		if bytes.Contains(pack.Bytes(), []byte(m)) {
			t.Errorf("%q is in the pack", m)
		}
	}
}
