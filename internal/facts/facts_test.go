package facts_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"causeway/internal/facts"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// tagger stands for the key of a case.
type tagger string

func (k tagger) MAC(table string, row []byte, version int64, cols ...any) []byte {
	m := hmac.New(sha256.New, []byte(k))
	fmt.Fprint(m, table, row, version, cols)
	return m.Sum(nil)
}

var month = time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)

func gap(record string) facts.Fact {
	return facts.Fact{Kind: "need", Record: []byte(record), Month: month, Area: "XA-01", Codes: map[string]string{
		"service": "helpline", "state": "unmet", "unmet": "no_place", "outcome": "",
	}}
}

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func pending(t *testing.T, db *store.DB, consumer string) (out []facts.Row) {
	t.Helper()
	write(t, db, func(tx *store.Tx) (err error) {
		out, err = facts.Pending(t.Context(), tx, consumer, 10)
		return err
	})
	return out
}

func TestAFactIsReadOncePerVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		put := func(key, record string) {
			write(t, db, func(tx *store.Tx) error { return facts.Put(ctx, tx, tagger(key), gap(record)) })
		}
		put("one", "r")
		first := pending(t, db, "gaps")
		if len(first) != 1 || first[0].Version != 1 || first[0].Month != "2026-11" || first[0].Area != "XA-01" {
			t.Fatalf("facts = %+v", first)
		}
		want := map[string]string{"service": "helpline", "state": "unmet", "unmet": "no_place"}
		if diff := cmp.Diff(want, first[0].Codes); diff != "" {
			t.Errorf("codes (-want +got):\n%s", diff)
		}
		put("one", "r") // written again before the consumer is done
		write(t, db, func(tx *store.Tx) error { return facts.Done(ctx, tx, "gaps", first[0]) })
		again := pending(t, db, "gaps")
		if len(again) != 1 || again[0].Version != 2 {
			t.Fatalf("what was written meanwhile is lost: %+v", again)
		}
		write(t, db, func(tx *store.Tx) error { return facts.Done(ctx, tx, "gaps", again[0]) })
		if left := pending(t, db, "gaps"); len(left) != 0 {
			t.Errorf("read again: %+v", left)
		}
		if other := pending(t, db, "stats"); len(other) != 1 {
			t.Errorf("the other consumer has %d facts, want 1", len(other))
		}
		put("two", "r") // the same record's bytes under another key are another fact
		write(t, db, func(tx *store.Tx) error { return facts.Erase(ctx, tx, tagger("one"), "need", []byte("r")) })
		var erased, kept int
		for _, f := range pending(t, db, "gaps") {
			if f.Version == 0 {
				erased++
			} else {
				kept++
			}
		}
		if erased != 1 || kept != 1 {
			t.Errorf("erased %d, kept %d, want one of each", erased, kept)
		}
		write(t, db, func(tx *store.Tx) error { return facts.Erase(ctx, tx, tagger("three"), "need", []byte("r")) })
	})
}

func TestOnlyCodesEnter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, change := range map[string]func(*facts.Fact){
			"a text":           func(f *facts.Fact) { f.Codes["service"] = "She sleeps in the street" },
			"a name":           func(f *facts.Fact) { f.Codes["service"] = "Ilara Tesh" },
			"letters of names": func(f *facts.Fact) { f.Codes["service"] = "Zoë" },
			"another code":     func(f *facts.Fact) { f.Codes["worker"] = "x1" },
			"another kind":     func(f *facts.Fact) { f.Kind = "child" },
			"a place":          func(f *facts.Fact) { f.Area = "Harbour street 4" },
			"no record":        func(f *facts.Fact) { f.Record = nil },
		} {
			f := gap("r")
			change(&f)
			err := db.Write(t.Context(), func(tx *store.Tx) error { return facts.Put(t.Context(), tx, tagger("k"), f) })
			if !fault.Is(err, fault.Internal) {
				t.Errorf("%s: %v, want refused", name, err)
			}
		}
		if left := pending(t, db, "gaps"); len(left) != 0 {
			t.Errorf("facts = %+v, want none", left)
		}
	})
}
